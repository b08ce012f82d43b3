/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_CONTRACT_H
#define FANOUT_TEST_CONTRACT_H

#include "fanout-test-transport.h"

#include "ns3/double.h"

#include <cmath>
#include <set>
#include <vector>

// What every FanoutTransport promises, whatever carries its frames.

namespace ns3::fanout::test
{

/// A link opens with the first frame; answers come back on it; receivers share a frame.
class OpenCase : public TransportCase
{
  public:
    explicit OpenCase(Carrier carrier)
        : TransportCase("a link opens with its first frame", carrier)
    {
    }

  private:
    void
    Check() override
    {
        const auto dialled = a.transport->Dial(b.transport->GetLocalEndpoint());
        const auto state = IsTcp() ? DialState::DIALING : DialState::OPEN;
        NS_TEST_ASSERT_MSG_EQ((dialled.state == state), true, "TCP has to connect");
        NS_TEST_ASSERT_MSG_EQ(a.DialTo(b), dialled.link, "the present link");
        const LinkId other = OpenTo(a, c);
        NS_TEST_ASSERT_MSG_EQ(a.opened.size(), (IsTcp() ? 2 : 0), "told when it was not at once");
        NS_TEST_ASSERT_MSG_NE(other, dialled.link, "a link a place");
        fanout::Endpoint nowhere;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(nowhere).state == DialState::REFUSED), true, "");
        fanout::Endpoint wrong = b.transport->GetLocalEndpoint();
        wrong.protocol =
            IsTcp() ? fanout::Endpoint::Protocol::UDP : fanout::Endpoint::Protocol::TCP;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(wrong).state == DialState::REFUSED), true, "");
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
        const uint32_t overhead = IsTcp() ? 2 + 32 + 20 : 2 + 8 + 20;
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetOverheadBytes(), overhead, "");
        const uint32_t fits = IsUdp() ? 1500 - 28 - 14 : IsTcp() ? 1500 - 52 - 2 : 1470;
        NS_TEST_ASSERT_MSG_EQ(a.transport->GetPacketBytes(), fits, "");
        const auto back = a.transport->GetRemoteEndpoint(dialled.link);
        NS_TEST_ASSERT_MSG_EQ((back == b.transport->GetLocalEndpoint()), true, "where b listens");
        const bool unknown = bool(a.transport->GetRemoteEndpoint(dialled.link + 1000));
        NS_TEST_ASSERT_MSG_EQ(unknown, false, "no such link");
        a.transport->HangUp(dialled.link);
        NS_TEST_ASSERT_MSG_EQ((a.Send(dialled.link, CONTROL, 3) == SendResult::GONE), true, "");
        NS_TEST_ASSERT_MSG_EQ((a.Send(other, CONTROL, 4) == SendResult::ACCEPTED), true, "");
        a.transport->HangUp(dialled.link + 1000);
        if (IsUdp())
        {
            NS_TEST_ASSERT_MSG_EQ(Udp(a).GetCounters().sent, 3, "DATA is not acknowledged");
        }
    }
};

/// Going offline closes links at both ends, even when the word of it is lost.
class OnlineCase : public TransportCase
{
  public:
    explicit OnlineCase(Carrier carrier)
        : TransportCase("offline closes links at both ends", carrier)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId ab = OpenTo(a, b);
        const LinkId ca = OpenTo(c, a);
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
        const bool placed = !IsUdp() && !IsTcp();
        At(4,
           [this, ab, placed]()
           {
               NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 7) == SendResult::GONE), true, "void");
               const LinkId again = a.DialTo(b);
               NS_TEST_ASSERT_MSG_EQ((again == ab),
                                     placed,
                                     "a new number, or the one of the place");
               const auto stale = placed ? SendResult::ACCEPTED : SendResult::GONE;
               NS_TEST_ASSERT_MSG_EQ((a.Send(ab, CONTROL, 5) == stale), true, "the old number");
               NS_TEST_ASSERT_MSG_EQ((a.Send(again, CONTROL, 6) == SendResult::ACCEPTED), true, "");
           });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), (placed ? 3 : 2), "");
        NS_TEST_ASSERT_MSG_EQ((b.received[0].first == b.received[1].first), placed, "here, too");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size() + c.closed.size(), 4, "");
    }
};

/// A blackout tells nobody and keeps state; control catches up after it.
class SilentCase : public TransportCase
{
  public:
    explicit SilentCase(Carrier carrier)
        : TransportCase("a blackout tells nobody", carrier)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = OpenTo(a, b);
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
        NS_TEST_ASSERT_MSG_EQ(b.received.size(),
                              (IsTcp() ? 3 : 2),
                              "control caught up, DATA over TCP only");
        NS_TEST_ASSERT_MSG_EQ(NumberOf(b.received[1].second), 2, "");
        NS_TEST_ASSERT_MSG_EQ(a.received.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size() + b.closed.size(), 0, "nobody was told");
    }
};

/// Large frames fragment; too large ones are refused.
class SizeCase : public TransportCase
{
  public:
    explicit SizeCase(Carrier carrier)
        : TransportCase("frames above the MTU arrive, those too large are refused", carrier)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = OpenTo(a, b);
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
        if (IsUdp())
        {
            NS_TEST_ASSERT_MSG_EQ(Udp(a).GetCounters().retransmitted, 0, "");
        }
        else if (!IsTcp())
        {
            // 44 packets of 1500 bytes and less, 20 bytes of header each but the first.
            const auto& counters = Cloud(a).GetCloud()->GetCounters();
            NS_TEST_ASSERT_MSG_EQ(counters.sentBytes, 65500 + 43 * 20 + 1500, "bytes of fragments");
        }
    }
};

/// After a crash the numbers begin anew, and the other end takes them.
class CrashCase : public TransportCase
{
  public:
    explicit CrashCase(Carrier carrier)
        : TransportCase("a crash forgets everything and can be recovered from", carrier)
    {
    }

  private:
    void
    Check() override
    {
        const LinkId before = OpenTo(a, b);
        for (uint32_t i = 0; i < 5; i++)
        {
            a.Send(before, CONTROL, i);
        }
        At(1,
           [this]()
           {
               a.transport->Stop();
               a.transport->Start(network().GetHosts().Get(0), network().GetAddress(0), PORT);
               const auto links = IsUdp()   ? Udp(a).GetNLinks()
                                  : IsTcp() ? Tcp(a).GetNLinks()
                                            : Cloud(a).GetNLinks();
               NS_TEST_ASSERT_MSG_EQ(links, 0, "");
               a.DialTo(b);
           });
        At(2,
           [this]()
           {
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
        NS_TEST_ASSERT_MSG_EQ((b.received[0].first == b.received[5].first),
                              !IsTcp(),
                              "nobody told b; over TCP the new connection did");
        NS_TEST_ASSERT_MSG_EQ((IsUdp() ? Udp(b).GetCounters().duplicates : 0), 0, "");
        NS_TEST_ASSERT_MSG_EQ((IsTcp() ? Tcp(b).GetCounters().replaced : 1), 1, "");
        NS_TEST_ASSERT_MSG_EQ(b.closed.size(), (IsTcp() ? 1 : 0), "");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size(), (IsTcp() ? 1 : 0), "what stopped answers a reset");
    }
};

/// DataFrameLoss takes its share of DATA and nothing else, by the peer's own draws.
class DataLossCase : public TransportCase
{
  public:
    explicit DataLossCase(Carrier carrier)
        : TransportCase("DataFrameLoss", carrier)
    {
    }

  private:
    static constexpr uint32_t FRAMES = 4000;

    void
    Check() override
    {
        const double loss = 0.25;
        b.transport->SetAttribute("DataFrameLoss", DoubleValue(loss));
        c.transport->SetAttribute("DataFrameLoss", DoubleValue(loss));
        const LinkId ab = OpenTo(a, b);
        const LinkId ac = OpenTo(a, c);
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            At(0.01 * i,
               [this, ab, ac, i]()
               {
                   a.Send(ab, fanout::Kind::DATA, i);
                   a.Send(ac, fanout::Kind::DATA, i);
                   a.Send(ab, fanout::Kind::END, i);
               });
        }
        Simulator::Run();
        uint32_t control = 0;
        std::set<uint32_t> atB;
        std::set<uint32_t> atC;
        for (const auto& [link, frame] : b.received)
        {
            control += frame->IsData() ? 0 : 1;
            if (frame->IsData())
            {
                atB.insert(NumberOf(frame));
            }
        }
        for (const auto& [link, frame] : c.received)
        {
            atC.insert(NumberOf(frame));
        }
        NS_TEST_ASSERT_MSG_EQ(control, FRAMES, "control is not lost");
        const double sigma = std::sqrt(FRAMES * loss * (1 - loss));
        NS_TEST_ASSERT_MSG_EQ_TOL(atB.size(), FRAMES * (1 - loss), 4 * sigma, "");
        NS_TEST_ASSERT_MSG_EQ_TOL(atC.size(), FRAMES * (1 - loss), 4 * sigma, "");
        NS_TEST_ASSERT_MSG_EQ(atB.size() + b.transport->GetLostDataFrames(), FRAMES, "");
        NS_TEST_ASSERT_MSG_EQ((atB != atC), true, "peers draw for themselves");
    }
};

/// A wake-up comes once, at the time named last; that of a dead process does no harm.
class WakeCase : public TransportCase
{
  public:
    explicit WakeCase(Carrier carrier)
        : TransportCase("wake-ups", carrier)
    {
    }

  private:
    void
    Check() override
    {
        a.transport->WakeAt(3000);
        a.transport->WakeAt(2000);
        a.transport->WakeAt(1000);
        b.transport->WakeAt(1000);
        c.transport->WakeAt(1000);
        c.transport->SetHandler(nullptr);
        At(0.0015, [this]() { NameLater({5000, 4000, 9000}); });
        At(0.0095, [this]() { NameLater({12000, 11000, NEVER}); });
        At(0.02, [this]() { NameLater({1000}); });
        At(0.03, [this]() { NameLater({NEVER, 40000, 100000000}); });
        At(0.5, [this]() { a.transport->SetSilent(true); });
        At(0.6, [this]() { a.transport->SetOnline(false); });
        At(0.7, [this]() { NS_TEST_ASSERT_MSG_EQ(b.wakes.size(), 1, "its own"); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.wakes.size(), 4, "once each");
        NS_TEST_ASSERT_MSG_EQ(a.wakes[0], 1000, "a sooner one instead");
        NS_TEST_ASSERT_MSG_EQ(a.wakes[1], 9000, "a later one instead");
        NS_TEST_ASSERT_MSG_EQ_TOL(a.wakes[2], 20100, 100, "of the past: soon");
        NS_TEST_ASSERT_MSG_EQ(a.wakes[3], 100000000, "far off, silent and offline");
        NS_TEST_ASSERT_MSG_EQ(c.wakes.size(), 0, "the handler is gone");
    }

    /// @param times asked for at once, one in place of the other
    void
    NameLater(const std::vector<Micros>& times)
    {
        for (const Micros when : times)
        {
            a.transport->WakeAt(when);
        }
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_CONTRACT_H
