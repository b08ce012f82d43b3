/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-contract.h"

#include "ns3/inet-socket-address.h"
#include "ns3/object-vector.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-socket-base.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::DialState;
using fanout::FrameRef;
using fanout::LinkId;
using fanout::SendResult;

namespace
{

/// Two peers dial each other at about the same time: one connection stays, the one dialled by the
/// lower peer id, and every frame arrives once on the link that each end has.
class MeetingCase : public TransportCase
{
  public:
    explicit MeetingCase(uint32_t offsetMs)
        : TransportCase("dials that meet, " + std::to_string(offsetMs) + " ms apart", Carrier::TCP),
          m_offset(offsetMs * 1e-3)
    {
    }

  private:
    static constexpr uint32_t FRAMES = 40;

    /// Ports at which a host has established connections.
    std::vector<uint16_t>
    PortsOf(uint32_t host)
    {
        ObjectVectorValue sockets;
        network().GetHosts().Get(host)->GetObject<TcpL4Protocol>()->GetAttribute("SocketList",
                                                                                 sockets);
        std::vector<uint16_t> ports;
        for (auto i = sockets.Begin(); i != sockets.End(); ++i)
        {
            const auto socket = DynamicCast<TcpSocketBase>(i->second);
            Address local;
            Address remote;
            // The peer of one that listens has port 0.
            if (socket->GetPeerName(remote) == 0 &&
                InetSocketAddress::ConvertFrom(remote).GetPort() != 0)
            {
                socket->GetSockName(local);
                ports.push_back(InetSocketAddress::ConvertFrom(local).GetPort());
            }
        }
        return ports;
    }

    /// Send a frame every 2 ms from now on.
    void
    Stream(Peer& from, LinkId link, uint32_t first)
    {
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            At(0.002 * i,
               [this, &from, link, first, i]()
               {
                   NS_TEST_ASSERT_MSG_EQ(
                       (from.Send(link, CONTROL, first + i) == SendResult::ACCEPTED),
                       true,
                       first + i);
               });
        }
    }

    /// Every number once, whatever their order.
    void
    CheckStream(const Peer& at, LinkId link, uint32_t first)
    {
        std::vector<uint32_t> numbers;
        for (const auto& [from, frame] : at.received)
        {
            NS_TEST_ASSERT_MSG_EQ(from, link, "on the link that this end dialled");
            numbers.push_back(NumberOf(frame));
        }
        std::sort(numbers.begin(), numbers.end());
        NS_TEST_ASSERT_MSG_EQ(numbers.size(), FRAMES, "");
        for (uint32_t i = 0; i < numbers.size(); i++)
        {
            NS_TEST_ASSERT_MSG_EQ(numbers[i], first + i, "");
        }
    }

    void
    Check() override
    {
        LinkId ab = 0;
        LinkId ba = 0;
        At(0, [&]() { ab = a.DialTo(b); });
        At(m_offset, [&]() { ba = b.DialTo(a); });
        // Each begins as soon as its own link is open, in the middle of the settlement.
        for (double t = 0.01; t < 0.2; t += 0.001)
        {
            At(t,
               [&]()
               {
                   if (!m_streamed[0] && (!a.opened.empty() || !a.received.empty()))
                   {
                       m_streamed[0] = true;
                       Stream(a, ab, 100);
                   }
                   if (!m_streamed[1] && (!b.opened.empty() || !b.received.empty()))
                   {
                       m_streamed[1] = true;
                       Stream(b, ba, 500);
                   }
               });
        }
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        CheckStream(b, ba, 100);
        CheckStream(a, ab, 500);
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size(), 0, "no link was closed");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetNLinks() + Tcp(b).GetNLinks(), 2, "one at each end");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetNConnections(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 1, "");
        const bool met = Tcp(a).GetCounters().dialled + Tcp(b).GetCounters().dialled == 2;
        NS_TEST_ASSERT_MSG_EQ(met, (m_offset < 0.03), "a hello takes 30 ms to the other end");
        const bool aIsLower = Tcp(b).GetRemotePeer(ba) < Tcp(a).GetRemotePeer(ab);
        const auto ports = PortsOf(met && !aIsLower ? 0 : 1);
        NS_TEST_ASSERT_MSG_EQ(ports.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(ports[0], PORT, "the lower one's dial stays");
    }

    double m_offset;
    bool m_streamed[2]{false, false};
};

/// A dial to nobody is refused at once by the host, one to a silent host after a while.
class DialCase : public TransportCase
{
  public:
    DialCase()
        : TransportCase("dials that come to nothing", Carrier::TCP)
    {
    }

  private:
    void
    Check() override
    {
        b.transport->Stop();
        c.transport->SetSilent(true);
        const LinkId toB = a.DialTo(b);
        const LinkId toC = a.DialTo(c);
        NS_TEST_ASSERT_MSG_EQ((a.Send(toB, CONTROL, 1) == SendResult::ACCEPTED), true, "waits");
        NS_TEST_ASSERT_MSG_EQ((a.Send(toB, CONTROL, 2) == SendResult::ACCEPTED), true, "waits");
        NS_TEST_ASSERT_MSG_EQ((a.Send(toB, CONTROL, 3) == SendResult::FULL), true, "two may");
        At(0.1,
           [this, toB]()
           {
               const std::vector<LinkId> expected{toB};
               NS_TEST_ASSERT_MSG_EQ((a.closed == expected), true, "a reset");
               NS_TEST_ASSERT_MSG_EQ((a.Send(toB, CONTROL, 4) == SendResult::GONE), true, "");
           });
        At(9.9, [this]() { NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 1, "still hoping"); });
        At(10.1,
           [this, toC]()
           {
               NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 2, "HelloTimeout");
               NS_TEST_ASSERT_MSG_EQ(a.closed.back(), toC, "");
               c.transport->SetSilent(false);
               NS_TEST_ASSERT_MSG_NE(a.DialTo(c), toC, "numbers are not used again");
           });
        Simulator::Stop(Seconds(40));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.opened.size(), 1, "the last one");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetCounters().failed, 2, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetNConnections(), 1, "");
    }
};

/// A peer that is silent for good: ns-3 gives up what was sent to it, or the owner hangs up.
class DeadCase : public TransportCase
{
  public:
    DeadCase()
        : TransportCase("a dead peer's connection ends", Carrier::TCP)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId ab = OpenTo(a, b);
        const LinkId cb = OpenTo(c, b);
        b.transport->SetSilent(true);
        a.Send(ab, CONTROL, 1);
        c.Send(cb, CONTROL, 2);
        At(1,
           [this, cb]()
           {
               c.transport->HangUp(cb);
               NS_TEST_ASSERT_MSG_EQ(Tcp(c).GetNLinks(), 0, "");
               NS_TEST_ASSERT_MSG_EQ(Tcp(c).GetNConnections(), 1, "to be closed");
           });
        At(11.1, [this]() { NS_TEST_ASSERT_MSG_EQ(Tcp(c).GetNConnections(), 0, "CloseTimeout"); });
        At(5, [this]() { NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 0, "TCP is still trying"); });
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        const std::vector<LinkId> expected{ab};
        NS_TEST_ASSERT_MSG_EQ((a.closed == expected), true, "DataRetries");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetCounters().lost, 1, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetNConnections(), 0, "");
        NS_TEST_ASSERT_MSG_EQ(c.closed.size(), 0, "nobody is told of the own HangUp");
    }
};

/// A slow link: the send buffer fills, two frames wait, FULL, Writable; nothing is lost or out of
/// order, and HangUp sends all that was accepted.
class PressureCase : public TransportCase
{
  public:
    PressureCase()
        : TransportCase("backpressure", Carrier::TCP)
    {
    }

  private:
    static constexpr std::size_t DATA_BYTES = 1000;

    void
    Configure(FanoutP2pHelper& network) override
    {
        network.SetDataRate(DataRate("1Mbps"));
    }

    void
    Configure(FanoutTransport& transport) override
    {
        transport.SetAttribute("SndBufSize", UintegerValue(16384));
    }

    void
    Fill()
    {
        while (a.Send(m_link, fanout::Kind::DATA, m_sent, DATA_BYTES) == SendResult::ACCEPTED)
        {
            m_sent++;
        }
    }

    void
    Check() override
    {
        m_link = OpenTo(a, b);
        a.onWritable = [this](LinkId)
        {
            if (Simulator::Now() < Seconds(10))
            {
                Fill();
            }
        };
        Fill();
        const uint32_t size = DATA_BYTES + fanout::Frame::ENVELOPE_BYTES + 2;
        NS_TEST_ASSERT_MSG_EQ(m_sent, 16384 / size + 1, "the buffer, and one waits");
        NS_TEST_ASSERT_MSG_EQ((a.Send(m_link, CONTROL, 9000) == SendResult::ACCEPTED),
                              true,
                              "a place is left for control");
        NS_TEST_ASSERT_MSG_EQ((a.Send(m_link, CONTROL, 9001) == SendResult::FULL), true, "one");
        At(10.5,
           [this]()
           {
               Fill();
               NS_TEST_ASSERT_MSG_EQ((a.Send(m_link, CONTROL, 9002) == SendResult::ACCEPTED),
                                     true,
                                     "");
               a.transport->HangUp(m_link);
           });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), m_sent + 2, "all that was accepted");
        uint32_t next = 0;
        for (const auto& [link, frame] : b.received)
        {
            NS_TEST_ASSERT_MSG_EQ((!frame->IsData() || NumberOf(frame) == next++), true, "order");
        }
        NS_TEST_ASSERT_MSG_EQ(NumberOf(b.received.back().second), 9002, "");
        NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 1, "then the end");
        NS_TEST_ASSERT_MSG_GT(m_sent * size * 8.0 / 10, 0.9e6, "the link is kept busy");
        NS_TEST_ASSERT_MSG_GT(Tcp(a).GetCounters().full, 10, "");
    }

    LinkId m_link{0};
    uint32_t m_sent{0};
};

/// A link that only the other end wanted is closed when nobody uses it, and both ends are told.
class IdleCase : public TransportCase
{
  public:
    IdleCase()
        : TransportCase("idle links", Carrier::TCP)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId ab = OpenTo(a, b);
        a.Send(ab, CONTROL, 1);
        At(60, [this]() { b.Send(b.received[0].first, CONTROL, 2); });
        At(179, [this]() { NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 0, "used at 60 s"); });
        At(181, [this]() { NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 1, "120 s later"); });
        Simulator::Stop(Seconds(200));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetCounters().idle, 1, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(a).GetNConnections() + Tcp(b).GetNConnections(), 0, "");
    }
};

/// Lengths and frames, cut anywhere.
class StreamCase : public TestCase
{
  public:
    StreamCase()
        : TestCase("a stream is cut into its frames")
    {
    }

  private:
    void
    DoRun() override
    {
        const std::vector<uint32_t> sizes{1, 127, 128, 16383, 16384, 2097151, 2097152, 15001000};
        for (uint32_t size : sizes)
        {
            uint8_t prefix[fanout::TcpStream::MAX_PREFIX_BYTES];
            const auto bytes = fanout::TcpStream::WritePrefix(size, prefix);
            NS_TEST_ASSERT_MSG_EQ(bytes, fanout::TcpStream::PrefixBytes(size), size);
        }
        fanout::Random random(1, 2, 3);
        for (uint32_t round = 0; round < 200; round++)
        {
            Cut(random);
        }
        CheckError({0}, fanout::TcpStream::Error::PREFIX);
        CheckError({0x80, 0}, fanout::TcpStream::Error::PREFIX);
        CheckError({0xe9, 0x07}, fanout::TcpStream::Error::TOO_LARGE);
        CheckError({0xff, 0xff, 0xff, 0xff}, fanout::TcpStream::Error::TOO_LARGE);
        CheckError({0xe8, 0x07}, fanout::TcpStream::Error::NONE);
    }

    /// Random frames in random pieces.
    void
    Cut(fanout::Random& random)
    {
        std::vector<fanout::Bytes> frames;
        fanout::Bytes all;
        for (uint32_t i = 0; i < 20; i++)
        {
            const auto size = static_cast<uint32_t>(1 + random.Below(i % 5 == 0 ? 1000 : 130));
            frames.emplace_back(size, static_cast<uint8_t>(i + 1));
            uint8_t prefix[fanout::TcpStream::MAX_PREFIX_BYTES];
            all.insert(all.end(), prefix, prefix + fanout::TcpStream::WritePrefix(size, prefix));
            all.insert(all.end(), frames.back().begin(), frames.back().end());
        }
        fanout::TcpStream stream(1000);
        std::size_t got = 0;
        for (std::size_t at = 0; at < all.size();)
        {
            const auto most = 1 + random.Below(random.Below(3) == 0 ? 3 : 700);
            const auto piece = std::min<std::size_t>(most, all.size() - at);
            stream.Push({all.data() + at, piece});
            for (auto frame = stream.Next(); frame; frame = stream.Next(), got++)
            {
                const bool same = std::equal(frame->begin(),
                                             frame->end(),
                                             frames[got].begin(),
                                             frames[got].end());
                NS_TEST_ASSERT_MSG_EQ(same, true, "frame " << got);
            }
            NS_TEST_ASSERT_MSG_LT(stream.GetHeldBytes(), 1003, "no more than a frame is held");
            at += piece;
        }
        NS_TEST_ASSERT_MSG_EQ(got, frames.size(), "");
        NS_TEST_ASSERT_MSG_EQ(stream.IsPartial(), false, "");
    }

    void
    CheckError(const fanout::Bytes& bytes, fanout::TcpStream::Error error)
    {
        for (bool whole : {true, false})
        {
            fanout::TcpStream stream(1000);
            for (std::size_t i = 0; i < bytes.size(); i += whole ? bytes.size() : 1)
            {
                stream.Push({bytes.data() + i, whole ? bytes.size() : 1});
                NS_TEST_ASSERT_MSG_EQ(stream.Next().has_value(), false, "");
            }
            NS_TEST_ASSERT_MSG_EQ((stream.GetError() == error), true, bytes.size());
        }
    }
};

/// The suite.
class FanoutTcpTransportTestSuite : public TestSuite
{
  public:
    FanoutTcpTransportTestSuite()
        : TestSuite("fanout-tcp-transport")
    {
        AddTestCase(new OpenCase(Carrier::TCP));
        AddTestCase(new OnlineCase(Carrier::TCP));
        AddTestCase(new SilentCase(Carrier::TCP));
        AddTestCase(new SizeCase(Carrier::TCP));
        AddTestCase(new CrashCase(Carrier::TCP));
        AddTestCase(new DataLossCase(Carrier::TCP));
        AddTestCase(new WakeCase(Carrier::TCP));
        for (uint32_t offset : {0, 1, 5, 9, 10, 11, 15, 19, 20, 21, 25, 29, 31, 50})
        {
            AddTestCase(new MeetingCase(offset));
        }
        AddTestCase(new DialCase);
        AddTestCase(new DeadCase);
        AddTestCase(new PressureCase);
        AddTestCase(new IdleCase);
        AddTestCase(new StreamCase);
    }
};

FanoutTcpTransportTestSuite g_fanoutTcpTransportTestSuite;

} // namespace
