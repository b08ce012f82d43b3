/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-exchange.h"

#include "ns3/fanout-csma-helper.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-schedule.h"
#include "ns3/ipv4.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/test.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using fanout::test::Exchange;
using fanout::test::PORT;

namespace
{

/// Makes a network.
using Maker = std::function<std::unique_ptr<FanoutUnderlayHelper>()>;

template <typename Helper>
std::unique_ptr<FanoutUnderlayHelper>
Make()
{
    auto helper = std::make_unique<Helper>();
    helper->AssignStreams(7);
    return helper;
}

/// Every host reaches every host and itself; addresses lie in 10.0.0.0/8 and differ.
class AllPairsCase : public TestCase
{
  public:
    AllPairsCase(const std::string& name, Maker make, uint32_t hosts)
        : TestCase("all pairs: " + name),
          m_make(std::move(make)),
          m_hosts(hosts)
    {
    }

  private:
    void
    DoRun() override
    {
        const auto network = m_make();
        const NodeContainer nodes = network->Create(m_hosts);
        NS_TEST_ASSERT_MSG_EQ(nodes.GetN(), m_hosts, "");
        std::set<Ipv4Address> addresses;
        for (uint32_t i = 0; i < m_hosts; i++)
        {
            const Ipv4Address address = network->GetAddress(i);
            addresses.insert(address);
            NS_TEST_ASSERT_MSG_EQ(address.CombineMask(Ipv4Mask("/8")), Ipv4Address("10.0.0.0"), "");
            NS_TEST_ASSERT_MSG_GT(nodes.Get(i)->GetObject<Ipv4>()->GetInterfaceForAddress(address),
                                  0,
                                  "the host has it");
            NS_TEST_ASSERT_MSG_GT(network->GetUplink(i).GetBitRate(), 0, "");
        }
        NS_TEST_ASSERT_MSG_EQ(addresses.size(), m_hosts, "");
        {
            Exchange exchange(*network);
            for (uint32_t i = 0; i < m_hosts; i++)
            {
                for (uint32_t j = 0; j < m_hosts; j++)
                {
                    fanout::Schedule(MilliSeconds(i), [&exchange, i, j]() { exchange.Send(i, j); });
                }
            }
            Simulator::Run();
            NS_TEST_ASSERT_MSG_EQ(exchange.got.size(), m_hosts * m_hosts, "");
            for (const auto& [pair, count] : exchange.got)
            {
                NS_TEST_ASSERT_MSG_EQ(count, 1, pair.first << " to " << pair.second);
            }
            exchange.Send(0, 0);
            Simulator::Run();
            NS_TEST_ASSERT_MSG_EQ(exchange.elapsed, Time(0), "to itself without a link");
            Ptr<Socket> any = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
            any->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT + 1));
            exchange.SendTo(0, InetSocketAddress(Ipv4Address::GetLoopback(), PORT + 1));
            Simulator::Run();
            NS_TEST_ASSERT_MSG_EQ(any->GetRxAvailable(), 20, "through the loopback");
        }
        Simulator::Destroy();
    }

    Maker m_make;
    uint32_t m_hosts;
};

/// Traps of the lean stack: closed port, expired TTL, lost fragments, no way. All go on living.
class TrapsCase : public TestCase
{
  public:
    /// @param name of the network @param make makes it @param far a host two hops from host 0
    TrapsCase(const std::string& name, Maker make, uint32_t far)
        : TestCase("traps of the stack: " + name),
          m_make(std::move(make)),
          m_far(far)
    {
    }

  private:
    void
    NoteIcmp(Ipv4Address, uint8_t, uint8_t type, uint8_t code, uint32_t)
    {
        m_icmp.insert({type, code});
    }

    void
    DoRun() override
    {
        const auto network = m_make();
        network->SetLinkErrorRate(0.05);
        network->Create(30);
        {
            Exchange exchange(*network);
            const Ptr<Socket>& socket = exchange.Get(0);
            socket->SetAttribute("IcmpCallback",
                                 CallbackValue(MakeCallback(&TrapsCase::NoteIcmp, this)));
            for (uint32_t i = 0; i < 20; i++)
            {
                exchange.SendTo(0, InetSocketAddress(network->GetAddress(m_far), PORT + 1));
                socket->SetIpTtl(1);
                exchange.Send(0, m_far);
                socket->SetIpTtl(64);
                exchange.SendTo(0, InetSocketAddress(Ipv4Address("192.168.0.1"), PORT));
                exchange.SendTo(0, InetSocketAddress(Ipv4Address("10.127.255.3"), PORT));
                exchange.Send(0, m_far, 30000);
            }
            // Reassembly gives up after 30 s.
            Simulator::Stop(Seconds(100));
            Simulator::Run();
            NS_TEST_ASSERT_MSG_EQ(m_icmp.count({3, 3}), 1, "port unreachable");
            NS_TEST_ASSERT_MSG_EQ(m_icmp.count({11, 0}), 1, "TTL exceeded on the way");
            NS_TEST_ASSERT_MSG_EQ(m_icmp.count({11, 1}), 1, "fragments missing");
            const auto before = exchange.got[{0, m_far}];
            NS_TEST_ASSERT_MSG_LT(before, 19, "most have lost a fragment");
            for (uint32_t i = 0; i < 20; i++)
            {
                exchange.Send(0, m_far);
            }
            Simulator::Run();
            NS_TEST_ASSERT_MSG_GT((exchange.got[{0, m_far}]), before + 10, "and life goes on");
        }
        Simulator::Destroy();
    }

    Maker m_make;
    uint32_t m_far;
    std::set<std::pair<uint8_t, uint8_t>> m_icmp;
};

/// The first burst on an Ethernet loses nothing to ARP.
class ArpCase : public TestCase
{
  public:
    ArpCase()
        : TestCase("ARP caches are filled beforehand")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutCsmaHelper csma;
        csma.SetLanHosts(10);
        csma.Create(20);
        {
            Exchange exchange(csma);
            for (uint32_t i = 0; i < 50; i++)
            {
                exchange.Send(0, 1);
                exchange.Send(0, 19);
            }
            Simulator::Run();
            NS_TEST_ASSERT_MSG_EQ((exchange.got[{0, 1}]), 50, "on the same Ethernet");
            NS_TEST_ASSERT_MSG_EQ((exchange.got[{0, 19}]), 50, "on another one");
        }
        Simulator::Destroy();
    }
};

/// Host links lose the share of packets asked for.
class ErrorRateCase : public TestCase
{
  public:
    ErrorRateCase(const std::string& name, Maker make)
        : TestCase("link error rate: " + name),
          m_make(std::move(make))
    {
    }

  private:
    void
    DoRun() override
    {
        const auto network = m_make();
        network->SetLinkErrorRate(0.1);
        network->Create(2);
        {
            Exchange exchange(*network);
            const uint32_t sent = 4000;
            for (uint32_t i = 0; i < sent; i++)
            {
                fanout::Schedule(MilliSeconds(i), [&exchange]() { exchange.Send(0, 1); });
            }
            Simulator::Run();
            const double share = (exchange.got[{0, 1}]) / static_cast<double>(sent);
            // One lossy link between them, or two.
            const double expected = share > 0.855 ? 0.9 : 0.81;
            NS_TEST_ASSERT_MSG_EQ_TOL(share, expected, 0.025, "");
        }
        Simulator::Destroy();
    }

    Maker m_make;
};

/// The whole of InternetStackHelper works as well, with TCP.
class FullStackCase : public TestCase
{
  public:
    FullStackCase()
        : TestCase("the full stack")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutIspHelper isp;
        isp.SetStack(FanoutStackHelper::FULL);
        isp.SetAccess("relay");
        const NodeContainer nodes = isp.Create(10);
        Ptr<Socket> server = Socket::CreateSocket(nodes.Get(9), TcpSocketFactory::GetTypeId());
        server->Bind(InetSocketAddress(isp.GetAddress(9), 80));
        server->Listen();
        Ptr<Socket> client = Socket::CreateSocket(nodes.Get(0), TcpSocketFactory::GetTypeId());
        bool connected = false;
        m_connected = &connected;
        client->SetConnectCallback(MakeCallback(&FullStackCase::Connected, this),
                                   MakeNullCallback<void, Ptr<Socket>>());
        client->Connect(InetSocketAddress(isp.GetAddress(9), 80));
        Simulator::Stop(Seconds(5));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(connected, true, "TCP connects");
        Simulator::Destroy();
    }

    void
    Connected(Ptr<Socket>)
    {
        *m_connected = true;
    }

    bool* m_connected{nullptr};
};

/// The suite.
class FanoutUnderlayTestSuite : public TestSuite
{
  public:
    FanoutUnderlayTestSuite()
        : TestSuite("fanout-underlay")
    {
        AddTestCase(new AllPairsCase("p2p", Make<FanoutP2pHelper>, 60));
        AddTestCase(new AllPairsCase("isp, one host", Make<FanoutIspHelper>, 1));
        AddTestCase(new AllPairsCase("p2p, two hosts", Make<FanoutP2pHelper>, 2));
        AddTestCase(new AllPairsCase("isp", Make<FanoutIspHelper>, 120));
        AddTestCase(new AllPairsCase("csma", Make<FanoutCsmaHelper>, 47));
        AddTestCase(new TrapsCase("p2p", Make<FanoutP2pHelper>, 15));
        AddTestCase(new TrapsCase("isp", Make<FanoutIspHelper>, 29));
        AddTestCase(new TrapsCase("csma", Make<FanoutCsmaHelper>, 29));
        AddTestCase(new ArpCase);
        AddTestCase(new ErrorRateCase("p2p", Make<FanoutP2pHelper>));
        AddTestCase(new ErrorRateCase("isp", Make<FanoutIspHelper>));
        AddTestCase(new ErrorRateCase("csma", Make<FanoutCsmaHelper>));
        AddTestCase(new FullStackCase);
    }
};

FanoutUnderlayTestSuite g_fanoutUnderlayTestSuite;

} // namespace
