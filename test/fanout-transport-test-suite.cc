/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

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

/// A link opens with the first frame; answers come back on it; receivers share a frame.
class OpenCase : public TransportCase
{
  public:
    OpenCase()
        : TransportCase("a link opens with its first frame")
    {
    }

  private:
    void
    Check() override
    {
        const auto dialled = a.transport->Dial(b.transport->GetLocalEndpoint());
        NS_TEST_ASSERT_MSG_EQ((dialled.state == DialState::OPEN), true, "UDP opens at once");
        NS_TEST_ASSERT_MSG_EQ(a.DialTo(b), dialled.link, "the present link");
        const LinkId other = a.DialTo(c);
        NS_TEST_ASSERT_MSG_NE(other, dialled.link, "a link a place");
        fanout::Endpoint nowhere;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(nowhere).state == DialState::REFUSED), true, "");
        fanout::Endpoint tcp = b.transport->GetLocalEndpoint();
        tcp.protocol = fanout::Endpoint::Protocol::TCP;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(tcp).state == DialState::REFUSED), true, "");
        b.onReceive = [this](LinkId link, const FrameRef& frame)
        {
            if (NumberOf(frame) == 1)
            {
                b.Send(link, fanout::Kind::DATA, 2);
            }
        };
        const FrameRef data = MakeFrame(fanout::Kind::DATA, 1, 1000);
        a.transport->Send(dialled.link, data);
        a.transport->Send(other, data);
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 0, "nothing arrives inside Send");
        Simulator::Stop(Seconds(1));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(c.received.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(a.received.size(), 1, "the answer");
        NS_TEST_ASSERT_MSG_EQ(a.received[0].first, dialled.link, "on the link dialled");
        NS_TEST_ASSERT_MSG_EQ(NumberOf(a.received[0].second), 2, "");
        NS_TEST_ASSERT_MSG_EQ(b.received[0].second.Get(),
                              c.received[0].second.Get(),
                              "receivers of the same bytes share a frame");
        NS_TEST_ASSERT_MSG_EQ(b.DialTo(a), b.received[0].first, "dialling back finds the link");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetAccessRate(), DataRate("100Mbps"), "");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetOverheadBytes(), 30, "2 + 8 + 20");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetPacketBytes(), 1500 - 28 - 14, "");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetCounters().sent, 2, "DATA is not acknowledged");
    }
};

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
        const auto& sent = a.transport->GetCounters();
        const auto& got = b.transport->GetCounters();
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
           { NS_TEST_ASSERT_MSG_EQ(b.transport->GetCounters().acksAlone, 0, "DATA carried it"); });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.transport->GetCounters().acksAlone, 1, "of the second");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetCounters().retransmitted, 0, "");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetCounters().sent, 2, "");
    }
};

/// Going offline closes links at both ends, even when the word of it is lost.
class OnlineCase : public TransportCase
{
  public:
    OnlineCase()
        : TransportCase("offline closes links at both ends")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId ab = a.DialTo(b);
        const LinkId ca = c.DialTo(a);
        a.Send(ab, CONTROL, 1);
        c.Send(ca, CONTROL, 2);
        At(1,
           [this, ab]()
           {
               c.transport->SetSilent(true);
               a.transport->SetOnline(false);
               NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 2, "at once at this end");
               NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 3) == SendResult::GONE), true, "");
               const auto dialled = a.transport->Dial(b.transport->GetLocalEndpoint());
               NS_TEST_ASSERT_MSG_EQ((dialled.state == DialState::REFUSED), true, "");
           });
        At(2,
           [this, ca]()
           {
               NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 1, "the other end was told");
               NS_TEST_ASSERT_MSG_EQ(c.closed.size(), 0, "this one did not hear of it");
               c.transport->SetSilent(false);
               c.Send(ca, fanout::Kind::DATA, 4);
           });
        At(3,
           [this]()
           {
               NS_TEST_ASSERT_MSG_EQ(c.closed.size(), 1, "told when it speaks");
               NS_TEST_ASSERT_MSG_EQ(a.received.size(), 1, "nothing arrives while offline");
               a.transport->SetOnline(true);
           });
        At(4,
           [this, ab]()
           {
               const LinkId again = a.DialTo(b);
               NS_TEST_ASSERT_MSG_NE(again, ab, "numbers are not used again");
               NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 5) == SendResult::GONE), true, "void");
               NS_TEST_ASSERT_MSG_EQ((a.Send(again, CONTROL, 6) == SendResult::ACCEPTED), true, "");
           });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 2, "");
        NS_TEST_ASSERT_MSG_NE(b.received[0].first, b.received[1].first, "a new link here, too");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size() + c.closed.size(), 4, "");
    }
};

/// A blackout tells nobody and keeps state; control catches up after it.
class SilentCase : public TransportCase
{
  public:
    SilentCase()
        : TransportCase("a blackout tells nobody")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        a.Send(link, CONTROL, 1);
        At(1, [this]() { b.transport->SetSilent(true); });
        At(2,
           [this, link]()
           {
               a.Send(link, CONTROL, 2);
               a.Send(link, fanout::Kind::DATA, 3);
               b.Send(b.received[0].first, CONTROL, 4);
           });
        At(2.5,
           [this]()
           {
               NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "");
               NS_TEST_ASSERT_MSG_EQ(a.received.size(), 0, "");
               b.transport->SetSilent(false);
           });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 2, "control caught up, DATA did not");
        NS_TEST_ASSERT_MSG_EQ(NumberOf(b.received[1].second), 2, "");
        NS_TEST_ASSERT_MSG_EQ(a.received.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size(), 0, "nobody was told");
    }
};

/// Large frames fragment; too large ones are refused.
class SizeCase : public TransportCase
{
  public:
    SizeCase()
        : TransportCase("frames above the MTU fragment, above 65,493 bytes they are refused")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        const std::size_t most = a.transport->GetMaxFrameBytes() - fanout::Frame::ENVELOPE_BYTES;
        NS_TEST_ASSERT_MSG_EQ((a.Send(link, CONTROL, 1, most + 1) == SendResult::GONE), true, "");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetOversizeFrames(), 1, "");
        NS_TEST_ASSERT_MSG_EQ((a.Send(link, CONTROL, 2, most) == SendResult::ACCEPTED), true, "");
        // One more than fits a packet with all headers, and one that just fits.
        const std::size_t fits = a.transport->GetPacketBytes() - fanout::Frame::ENVELOPE_BYTES;
        At(1, [this, link, fits]() { a.Send(link, CONTROL, 3, fits); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 2, "");
        NS_TEST_ASSERT_MSG_EQ(b.received[0].second->Wire().size(),
                              a.transport->GetMaxFrameBytes(),
                              "");
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetCounters().retransmitted, 0, "");
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
            const auto before = b.transport->GetCounters().malformed;
            Throw(bad);
            NS_TEST_ASSERT_MSG_EQ(b.transport->GetCounters().malformed, before + 1, bad.size());
        }
        Throw({0xfa, 4, 0, 0, 0, 0, 0, 0, 0, 0});
        Throw({0xfa, 8, 0, 0});
        NS_TEST_ASSERT_MSG_EQ(b.transport->GetCounters().strangers, 2, "ACK and CLOSE of no link");
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
        NS_TEST_ASSERT_MSG_EQ(b.transport->GetNLinks(), 0, "no state for what does not parse");
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
        At(12.9, [this]() { NS_TEST_ASSERT_MSG_EQ(a.transport->GetNLinks(), 1, "lingers"); });
        At(13.1,
           [this, ab]()
           {
               NS_TEST_ASSERT_MSG_EQ(a.transport->GetNLinks(), 0, "forgotten");
               NS_TEST_ASSERT_MSG_NE(a.DialTo(b), ab, "a new number");
           });
        At(120, [this]() { NS_TEST_ASSERT_MSG_EQ(b.transport->GetNLinks(), 1, "not yet idle"); });
        At(130,
           [this]()
           {
               NS_TEST_ASSERT_MSG_EQ(b.transport->GetNLinks(), 0, "idle for 120 s");
               NS_TEST_ASSERT_MSG_EQ(a.transport->GetNLinks(), 1, "kept: this end dialled");
           });
        Simulator::Stop(Seconds(400));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size(), 0, "");
    }
};

/// After a crash the numbers begin anew, and the other end takes them.
class CrashCase : public TransportCase
{
  public:
    CrashCase()
        : TransportCase("a crash forgets everything and can be recovered from")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId before = a.DialTo(b);
        for (uint32_t i = 0; i < 5; i++)
        {
            a.Send(before, CONTROL, i);
        }
        At(1,
           [this]()
           {
               a.transport->Stop();
               a.transport->Start(network().GetHosts().Get(0), network().GetAddress(0), PORT);
               NS_TEST_ASSERT_MSG_EQ(a.transport->GetNLinks(), 0, "");
               const LinkId after = a.DialTo(b);
               for (uint32_t i = 10; i < 13; i++)
               {
                   a.Send(after, CONTROL, i);
               }
           });
        // The handler may stop the transport from inside.
        At(3, [this]() { a.Send(a.DialTo(b), CONTROL, 99); });
        b.onReceive = [this](LinkId, const FrameRef& frame)
        {
            if (NumberOf(frame) == 99)
            {
                b.transport->Stop();
            }
        };
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 9, "");
        NS_TEST_ASSERT_MSG_EQ(b.received[0].first, b.received[5].first, "nobody told b");
        NS_TEST_ASSERT_MSG_EQ(b.transport->GetCounters().duplicates, 0, "");
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
        AddTestCase(new OpenCase);
        AddTestCase(new AtLeastOnceCase);
        AddTestCase(new AcknowledgeCase);
        AddTestCase(new OnlineCase);
        AddTestCase(new SilentCase);
        AddTestCase(new SizeCase);
        AddTestCase(new MalformedCase);
        AddTestCase(new LingerCase);
        AddTestCase(new CrashCase);
    }
};

FanoutTransportTestSuite g_fanoutTransportTestSuite;

} // namespace
