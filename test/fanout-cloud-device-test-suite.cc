/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-cloud.h"

#include "ns3/packet-socket-address.h"
#include "ns3/packet-socket-factory.h"
#include "ns3/packet-socket-helper.h"

#include <map>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

constexpr uint16_t PROTOCOL = 0x88b5; ///< an EtherType for experiments

/// Packets between two devices, by the device's own functions.
class DeviceCase : public CloudCase
{
  public:
    DeviceCase()
        : CloudCase("packets and frames share a link")
    {
    }

  private:
    bool
    Throw(uint32_t from, const Address& to, uint32_t bytes, uint16_t protocol = PROTOCOL)
    {
        return devices[from]->Send(Create<Packet>(bytes), to, protocol);
    }

    bool
    Note(Ptr<NetDevice> device, Ptr<const Packet> packet, uint16_t protocol, const Address& from)
    {
        came.push_back(Simulator::Now().GetNanoSeconds());
        const bool right = device == devices[1] && packet->GetSize() == 1000 &&
                           protocol == PROTOCOL && from == devices[0]->GetAddress();
        NS_TEST_EXPECT_MSG_EQ(right, true, "what was sent");
        return true;
    }

    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT, 9500);
        const uint32_t b = Add(8 * MBIT, 800 * MBIT);
        const Address to = devices[b]->GetAddress();
        devices[b]->SetReceiveCallback(MakeCallback(&DeviceCase::Note, this));
        CheckRefused(a, b);
        for (uint32_t i = 0; i < 5; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(Throw(a, to, 1000), true, "");
        }
        Send(a, b, 1000, 1);
        Send(a, b, 4000, 2);
        NS_TEST_ASSERT_MSG_EQ(Throw(a, to, 1000), false, "the queue is full");
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(came.size(), 5, "");
        NS_TEST_ASSERT_MSG_EQ(came[0], 11100000, "10 us down, then the next slot");
        NS_TEST_ASSERT_MSG_EQ(came[4], 15100000, "one after the other");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.at(0).at, 16100000, "behind the packets");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().packets, 5, "");
        CheckFaults(a, b);
    }

    /// What no cloud carries.
    void
    CheckRefused(uint32_t a, uint32_t b)
    {
        const Address to = devices[b]->GetAddress();
        NS_TEST_ASSERT_MSG_EQ(Throw(a, to, 1501), false, "above the MTU");
        devices[a]->SetMtu(900);
        NS_TEST_ASSERT_MSG_EQ(Throw(a, to, 901), false, "above the MTU");
        devices[a]->SetMtu(1500);
        const Address nobody = Mac48Address("02:00:00:00:00:63");
        NS_TEST_ASSERT_MSG_EQ(Throw(a, nobody, 100), false, "no such place");
        NS_TEST_ASSERT_MSG_EQ(Throw(a, Mac48Address("00:00:00:00:00:01"), 100), false, "");
        NS_TEST_ASSERT_MSG_EQ(Throw(a, Address(), 100), false, "no address");
        const Address all = devices[a]->GetBroadcast();
        NS_TEST_ASSERT_MSG_EQ(Throw(a, all, 100), false, "broadcast");
        NS_TEST_ASSERT_MSG_EQ(Throw(a, all, 3, 0x0800), false, "too short for IPv4");
        const Address group = devices[a]->GetMulticast(Ipv4Address("224.0.0.1"));
        NS_TEST_ASSERT_MSG_EQ(Throw(a, group, 100), false, "multicast");
        const auto packet = Create<Packet>(100);
        NS_TEST_ASSERT_MSG_EQ(devices[a]->SendFrom(packet, to, to, PROTOCOL), false, "");
        NS_TEST_ASSERT_MSG_EQ(CreateObject<FanoutCloudNetDevice>()->Send(packet, to, PROTOCOL),
                              false,
                              "not attached");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetPending(), 0, "nothing was sent");
    }

    /// Silence and loss take packets as they take frames.
    void
    CheckFaults(uint32_t a, uint32_t b)
    {
        const Address to = devices[b]->GetAddress();
        for (const uint32_t silent : {a, b})
        {
            came.clear();
            cloud->SetSilent(silent, true);
            NS_TEST_ASSERT_MSG_EQ(Throw(a, to, 1000), true, "nobody is told");
            Simulator::Run();
            cloud->SetSilent(silent, false);
            NS_TEST_ASSERT_MSG_EQ(came.size(), 0, "silent");
        }
        cloud->SetAttribute("LossRate", DoubleValue(1));
        Throw(a, to, 1000);
        cloud->SetAttribute("LossRate", DoubleValue(0));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(came.size(), 0, "lost");
        Throw(a, to, 1000);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(came.size(), 1, "as before");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().parcels, 5, "room is used again");
    }

    std::vector<int64_t> came; ///< when packets came, nanoseconds
};

/// Who hears of a packet: promiscuous listeners too, and nobody where nothing was set.
class HeardCase : public CloudCase
{
  public:
    HeardCase()
        : CloudCase("who hears of packets")
    {
    }

  private:
    bool
    Overhear(Ptr<NetDevice> device,
             Ptr<const Packet> packet,
             uint16_t protocol,
             const Address& from,
             const Address& to,
             NetDevice::PacketType type)
    {
        m_overheard++;
        const bool right = device == devices[1] && packet->GetSize() == 100 &&
                           protocol == PROTOCOL && from == devices[0]->GetAddress() &&
                           to == devices[1]->GetAddress() && type == NetDevice::PACKET_HOST;
        NS_TEST_EXPECT_MSG_EQ(right, true, "what was sent");
        return true;
    }

    void
    Drop(Ptr<const Packet> packet)
    {
        m_dropped += packet->GetSize();
    }

    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT, 250);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        const auto send = [&]()
        {
            devices[a]->Send(Create<Packet>(100), devices[b]->GetAddress(), PROTOCOL);
            Simulator::Run();
        };
        devices[b]->TraceConnectWithoutContext("PhyRxDrop", MakeCallback(&HeardCase::Drop, this));
        devices[b]->SetPromiscReceiveCallback(MakeCallback(&HeardCase::Overhear, this));
        send();
        NS_TEST_ASSERT_MSG_EQ(m_overheard, 1, "once");
        devices[b]->SetReceiveCallback(NetDevice::ReceiveCallback());
        send();
        NS_TEST_ASSERT_MSG_EQ(m_overheard, 2, "a promiscuous listener is enough");
        NS_TEST_ASSERT_MSG_EQ(m_dropped, 0, "");
        devices[b]->SetPromiscReceiveCallback(NetDevice::PromiscReceiveCallback());
        const auto& counters = cloud->GetCounters();
        const uint64_t arrived = counters.arrived;
        send();
        NS_TEST_ASSERT_MSG_EQ(m_dropped, 100, "nobody");
        NS_TEST_ASSERT_MSG_EQ(counters.unheard, 1, "");
        NS_TEST_ASSERT_MSG_EQ(counters.arrived, arrived, "");
        CheckFull(a, b);
        CheckMany();
    }

    /// The channel itself looks at the queue too.
    void
    CheckFull(uint32_t a, uint32_t b)
    {
        uint32_t taken = 0;
        while (taken < 10 && cloud->SendPacket(a, b, Create<Packet>(100), PROTOCOL))
        {
            taken++;
        }
        NS_TEST_ASSERT_MSG_EQ(taken, 3, "until more than 250 bytes wait");
        Simulator::Run();
    }

    /// Addresses differ beyond 65,536 devices; a copy keeps its MTU.
    void
    CheckMany()
    {
        const auto many = CreateObject<FanoutCloudChannel>();
        const auto prototype = CreateObject<FanoutCloudNetDevice>();
        prototype->SetMtu(900);
        Ptr<FanoutCloudNetDevice> last;
        for (uint32_t i = 0; i <= 1 << 16; i++)
        {
            last = CopyObject(prototype);
            last->Attach(many, {8, 8, 1});
        }
        NS_TEST_ASSERT_MSG_EQ(prototype->IsLinkUp(), false, "not attached");
        NS_TEST_ASSERT_MSG_EQ(prototype->GetCloudAddress(), Ipv4Address::GetAny(), "");
        NS_TEST_ASSERT_MSG_EQ(last->IsLinkUp(), true, "");
        NS_TEST_ASSERT_MSG_EQ(last->GetMtu(), 900, "");
        NS_TEST_ASSERT_MSG_EQ(last->GetAddress(), Mac48Address("02:00:00:01:00:00"), "");
        NS_TEST_ASSERT_MSG_EQ(last->GetCloudAddress(), Ipv4Address("10.1.0.1"), "");
        many->Dispose();
    }

    uint32_t m_overheard{0};
    uint32_t m_dropped{0};
};

/// A packet socket needs no IP.
class PacketSocketCase : public CloudCase
{
  public:
    PacketSocketCase()
        : CloudCase("packet sockets")
    {
    }

  private:
    Ptr<Socket>
    Open(uint32_t place, uint32_t peer)
    {
        const auto node = devices[place]->GetNode();
        PacketSocketHelper().Install(node);
        const auto socket = Socket::CreateSocket(node, PacketSocketFactory::GetTypeId());
        PacketSocketAddress address;
        address.SetSingleDevice(devices[place]->GetIfIndex());
        address.SetProtocol(PROTOCOL);
        socket->Bind(address);
        address.SetPhysicalAddress(devices[peer]->GetAddress());
        socket->Connect(address);
        return socket;
    }

    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        const auto one = Open(a, b);
        const auto other = Open(b, a);
        NS_TEST_ASSERT_MSG_EQ(one->Send(Create<Packet>(700)), 700, "");
        NS_TEST_ASSERT_MSG_EQ(other->Send(Create<Packet>(300)), 300, "");
        Simulator::Run();
        const auto there = other->Recv();
        const auto back = one->Recv();
        NS_TEST_ASSERT_MSG_EQ((there && there->GetSize() == 700), true, "there");
        NS_TEST_ASSERT_MSG_EQ((back && back->GetSize() == 300), true, "and back");
        NS_TEST_ASSERT_MSG_EQ(Simulator::Now(), MicroSeconds(11400), "the larger one");
        one->Close();
        other->Close();
    }
};

/// Trace sources tell of packets, cost nothing before, and can be left again.
class TracesCase : public CloudCase
{
  public:
    TracesCase()
        : CloudCase("trace sources")
    {
    }

  private:
    void
    Count(std::string name, Ptr<const Packet> packet)
    {
        m_counts[name]++;
        m_sizes[name] += packet->GetSize();
    }

    void
    CheckCounts(const std::string& names, const std::map<std::string, uint32_t>& expected)
    {
        NS_TEST_ASSERT_MSG_EQ((m_counts == expected), true, "after " << names);
        m_counts.clear();
    }

    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT, 1000);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        const std::vector<std::string> names{"MacTx",
                                             "MacTxDrop",
                                             "MacRx",
                                             "PhyRxDrop",
                                             "Sniffer",
                                             "PromiscSniffer"};
        const auto sink = MakeCallback(&TracesCase::Count, this);
        for (const auto& name : names)
        {
            NS_TEST_ASSERT_MSG_EQ(devices[a]->TraceDisconnect(name, "a" + name, sink),
                                  false,
                                  "nobody has connected");
        }
        for (const auto& name : names)
        {
            NS_TEST_ASSERT_MSG_EQ(devices[a]->TraceConnect(name, "a" + name, sink), true, name);
            NS_TEST_ASSERT_MSG_EQ(devices[b]->TraceConnect(name, "b" + name, sink), true, name);
        }
        const auto send = [&](uint32_t bytes)
        {
            const Address to = devices[b]->GetAddress();
            return devices[a]->Send(Create<Packet>(bytes), to, PROTOCOL);
        };
        send(600);
        Send(a, b, 500);
        send(700);
        send(1501);
        Simulator::Run();
        CheckCounts("a packet, one to a full queue, one too large",
                    {{"aMacTx", 1},
                     {"aMacTxDrop", 2},
                     {"aSniffer", 1},
                     {"aPromiscSniffer", 1},
                     {"bMacRx", 1},
                     {"bSniffer", 1},
                     {"bPromiscSniffer", 1}});
        NS_TEST_ASSERT_MSG_EQ(m_sizes["aMacTx"], 600, "the packet");
        NS_TEST_ASSERT_MSG_EQ(m_sizes["bMacRx"], 600, "the packet");
        NS_TEST_ASSERT_MSG_EQ(m_sizes["bSniffer"], 614, "with an Ethernet header");
        for (const uint32_t silent : {a, b})
        {
            cloud->SetSilent(silent, true);
            send(100);
            Simulator::Run();
            cloud->SetSilent(silent, false);
            CheckCounts(
                "silence",
                {{"aMacTx", 1}, {"aSniffer", 1}, {"aPromiscSniffer", 1}, {"bPhyRxDrop", 1}});
        }
        for (const auto& name : names)
        {
            devices[a]->TraceDisconnect(name, "a" + name, sink);
            devices[b]->TraceDisconnect(name, "b" + name, sink);
        }
        send(100);
        Simulator::Run();
        CheckCounts("leaving", {});
    }

    std::map<std::string, uint32_t> m_counts;
    std::map<std::string, uint32_t> m_sizes;
};

/// The suite.
class FanoutCloudDeviceTestSuite : public TestSuite
{
  public:
    FanoutCloudDeviceTestSuite()
        : TestSuite("fanout-cloud-device")
    {
        AddTestCase(new DeviceCase);
        AddTestCase(new HeardCase);
        AddTestCase(new PacketSocketCase);
        AddTestCase(new TracesCase);
    }
};

FanoutCloudDeviceTestSuite g_fanoutCloudDeviceTestSuite;

} // namespace
