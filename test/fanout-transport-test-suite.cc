/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-contract.h"

#include "ns3/inet-socket-address.h"
#include "ns3/packet.h"
#include "ns3/udp-socket-factory.h"

#include <map>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::DialState;
using fanout::FrameRef;
using fanout::LinkId;
using fanout::SendResult;

namespace
{

/// Control arrives over a network that loses 30 of 100 packets; every frame once.
class AtLeastOnceCase : public TransportCase
{
  public:
    AtLeastOnceCase()
        : TransportCase("control survives loss, and each frame is passed on once")
    {
    }

  private:
    static constexpr uint32_t FRAMES = 2000;

    void
    Configure(FanoutP2pHelper& network) override
    {
        network.SetLinkErrorRate(0.3);
    }

    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            At(0.2 * i,
               [this, link, i]() {
                   NS_TEST_ASSERT_MSG_EQ((a.Send(link, CONTROL, i) == SendResult::ACCEPTED),
                                         true,
                                         "");
               });
        }
        Simulator::Stop(Seconds(0.2 * FRAMES + 20));
        Simulator::Run();
        std::map<uint32_t, uint32_t> times;
        for (const auto& [from, frame] : b.received)
        {
            times[NumberOf(frame)]++;
        }
        for (const auto& [number, count] : times)
        {
            NS_TEST_ASSERT_MSG_EQ(count, 1, "frame " << number);
        }
        // All of five tries are lost for 0.3^5 of the frames.
        NS_TEST_ASSERT_MSG_GT(times.size(), FRAMES * 0.99, "frames that arrived");
        const auto& sent = Udp(a).GetCounters();
        const auto& got = Udp(b).GetCounters();
        NS_TEST_ASSERT_MSG_GT(sent.retransmitted, FRAMES * 0.4, "");
        NS_TEST_ASSERT_MSG_LT(sent.retransmitted, FRAMES * 1.6, "");
        NS_TEST_ASSERT_MSG_GT(got.duplicates, FRAMES * 0.2, "acknowledgements are lost, too");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 0, "nothing is closed by giving up");
    }
};

/// Acknowledgements travel with data going the other way, else alone; they stop retransmission.
class AcknowledgeCase : public TransportCase
{
  public:
    AcknowledgeCase()
        : TransportCase("acknowledgements travel along or alone")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        b.onReceive = [this](LinkId from, const FrameRef& frame)
        {
            if (NumberOf(frame) == 1)
            {
                b.Send(from, fanout::Kind::DATA, 10);
            }
        };
        a.Send(link, CONTROL, 1);
        At(5, [this, link]() { a.Send(link, CONTROL, 2); });
        At(4,
           [this]()
           { NS_TEST_ASSERT_MSG_EQ(Udp(b).GetCounters().acksAlone, 0, "DATA carried it"); });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(Udp(b).GetCounters().acksAlone, 1, "of the second");
        NS_TEST_ASSERT_MSG_EQ(Udp(a).GetCounters().retransmitted, 0, "");
        NS_TEST_ASSERT_MSG_EQ(Udp(a).GetCounters().sent, 2, "");
    }
};

/// Whatever a stranger sends is counted, and opens no link unless it is an envelope.
class MalformedCase : public TransportCase
{
  public:
    MalformedCase()
        : TransportCase("malformed datagrams are counted and dropped")
    {
    }

  private:
    void
    Throw(const fanout::Bytes& bytes)
    {
        Ptr<Packet> packet = Create<Packet>(bytes.data(), bytes.size());
        m_socket->SendTo(packet, 0, InetSocketAddress(network().GetAddress(1), PORT));
        Simulator::Run();
    }

    void
    Check() override
    {
        m_socket = Socket::CreateSocket(network().GetHosts().Get(0), UdpSocketFactory::GetTypeId());
        m_socket->Bind();
        const FrameRef frame = MakeFrame(CONTROL, 1, 40);
        fanout::Bytes good = {0xfa, 3, 0, 1, 0, 0};
        good.insert(good.end(), frame->Wire().begin(), frame->Wire().end());
        for (const auto& bad : std::vector<fanout::Bytes>{{},
                                                          {0xfa},
                                                          {0xfb, 1, 0},
                                                          {0xfa, 0},
                                                          {0xfa, 1},
                                                          {0xfa, 2, 0, 0, 0, 0},
                                                          {0xfa, 0x11, 0},
                                                          {0xfa, 9, 0, 0, 0},
                                                          {0xfa, 8, 0},
                                                          {0xfa, 8, 0, 0, 0},
                                                          {0xfa, 4, 0, 0, 0, 0, 0, 0, 0},
                                                          {0xfa, 3, 0, 1, 0, 0},
                                                          {0xfa, 1, 1, 2, 3}})
        {
            const auto before = Udp(b).GetCounters().malformed;
            Throw(bad);
            NS_TEST_ASSERT_MSG_EQ(Udp(b).GetCounters().malformed, before + 1, bad.size());
        }
        Throw({0xfa, 4, 0, 0, 0, 0, 0, 0, 0, 0});
        Throw({0xfa, 8, 0, 0});
        NS_TEST_ASSERT_MSG_EQ(Udp(b).GetCounters().strangers, 2, "ACK and CLOSE of no link");
        fanout::Random random(1, 2, 3);
        for (uint32_t i = 0; i < 5000; i++)
        {
            fanout::Bytes bytes = good;
            bytes.resize(random.Below(bytes.size()));
            for (uint32_t j = 0; j < 4 && !bytes.empty(); j++)
            {
                bytes[random.Below(bytes.size())] ^= random.Below(256);
            }
            Throw(bytes);
        }
        NS_TEST_ASSERT_MSG_EQ(Udp(b).GetNLinks(), 0, "no state for what does not parse");
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 0, "");
        Throw(good);
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "an envelope opens a link");
        m_socket = nullptr;
    }

    Ptr<Socket> m_socket;
};

/// A link hung up lingers, is revived by either end, and is forgotten; so is an idle one.
class LingerCase : public TransportCase
{
  public:
    LingerCase()
        : TransportCase("links hung up linger, idle ones are forgotten")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId ab = a.DialTo(b);
        b.transport->SetSilent(true);
        a.Send(ab, fanout::Kind::LEAVE, 1);
        a.transport->HangUp(ab);
        NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 2) == SendResult::GONE), true, "hung up");
        At(1, [this]() { b.transport->SetSilent(false); });
        At(3,
           [this, ab]()
           {
               NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "sent again all the same");
               b.Send(b.received[0].first, CONTROL, 3);
           });
        At(4,
           [this, ab]()
           {
               NS_TEST_ASSERT_MSG_EQ(a.received.size(), 1, "");
               NS_TEST_ASSERT_MSG_EQ(a.received[0].first, ab, "the same number");
               NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 4) == SendResult::ACCEPTED), true, "");
               a.transport->HangUp(ab);
           });
        At(8,
           [this, ab]()
           {
               NS_TEST_ASSERT_MSG_EQ(a.DialTo(b), ab, "dialled within the linger");
               a.transport->HangUp(ab);
           });
        At(12.9, [this]() { NS_TEST_ASSERT_MSG_EQ(Udp(a).GetNLinks(), 1, "lingers"); });
        At(13.1,
           [this, ab]()
           {
               NS_TEST_ASSERT_MSG_EQ(Udp(a).GetNLinks(), 0, "forgotten");
               NS_TEST_ASSERT_MSG_NE(a.DialTo(b), ab, "a new number");
           });
        At(120, [this]() { NS_TEST_ASSERT_MSG_EQ(Udp(b).GetNLinks(), 1, "not yet idle"); });
        At(130,
           [this]()
           {
               NS_TEST_ASSERT_MSG_EQ(Udp(b).GetNLinks(), 0, "idle for 120 s");
               NS_TEST_ASSERT_MSG_EQ(Udp(a).GetNLinks(), 1, "kept: this end dialled");
           });
        Simulator::Stop(Seconds(400));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size(), 0, "");
    }
};

/// The suite.
class FanoutTransportTestSuite : public TestSuite
{
  public:
    FanoutTransportTestSuite()
        : TestSuite("fanout-transport")
    {
        AddTestCase(new OpenCase(Carrier::UDP));
        AddTestCase(new AtLeastOnceCase);
        AddTestCase(new AcknowledgeCase);
        AddTestCase(new OnlineCase(Carrier::UDP));
        AddTestCase(new SilentCase(Carrier::UDP));
        AddTestCase(new SizeCase(Carrier::UDP));
        AddTestCase(new MalformedCase);
        AddTestCase(new LingerCase);
        AddTestCase(new CrashCase(Carrier::UDP));
        AddTestCase(new DataLossCase(Carrier::UDP));
        AddTestCase(new WakeCase(Carrier::UDP));
    }
};

FanoutTransportTestSuite g_fanoutTransportTestSuite;

} // namespace
