/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

#include "ns3/double.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <set>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::DialState;
using fanout::FrameRef;
using fanout::LinkId;
using fanout::SendResult;

namespace
{

/// A slow access link refuses frames beyond its backlog and takes them again at half of it.
class PacingCase : public TransportCase
{
  public:
    PacingCase()
        : TransportCase("pacing at the access rate")
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
        m_link = a.DialTo(b);
        const LinkId other = a.DialTo(c);
        Fill();
        const uint32_t size = DATA_BYTES + fanout::Frame::ENVELOPE_BYTES + 30;
        NS_TEST_ASSERT_MSG_EQ(m_sent, 65536 / size + 1, "frames accepted at once");
        NS_TEST_ASSERT_MSG_EQ(
            (a.Send(other, fanout::Kind::DATA, 0, DATA_BYTES) == SendResult::BUSY),
            true,
            "all links");
        const double half = (Udp(a).GetBacklog() - 32768) * 8 / 1e6;
        At(half - 0.001, [this]() { NS_TEST_ASSERT_MSG_EQ(a.writable.size(), 0, "not before"); });
        At(half + 0.001,
           [this]()
           {
               const std::vector<LinkId> expected{fanout::NO_LINK};
               NS_TEST_ASSERT_MSG_EQ((a.writable == expected), true, "once, for all links");
               NS_TEST_ASSERT_MSG_LT(Udp(a).GetBacklog(), 32768, "");
               a.onWritable = [this](LinkId)
               {
                   if (Simulator::Now() < Seconds(20))
                   {
                       Fill();
                   }
               };
               Fill();
           });
        At(30,
           [this, other]()
           {
               const uint32_t sent = m_sent;
               Fill();
               NS_TEST_ASSERT_MSG_GT(m_sent, sent, "the link has drained");
               NS_TEST_ASSERT_MSG_EQ((a.Send(other, CONTROL, 0) == SendResult::ACCEPTED),
                                     true,
                                     "control does not wait for data");
               m_late = m_sent - sent;
           });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), m_sent, "the device's queue lost nothing");
        const double rate = 8.0 * size * (m_sent - m_late) / 20;
        NS_TEST_ASSERT_MSG_GT(rate, 0.95e6, "the link is kept busy");
        NS_TEST_ASSERT_MSG_LT(rate, 1.05e6, "");
        NS_TEST_ASSERT_MSG_EQ(Udp(a).GetBacklog(), 0, "");
    }

    LinkId m_link{0};
    uint32_t m_sent{0};
    uint32_t m_late{0};
};

/// A link that becomes slower takes less.
class SlowerCase : public TransportCase
{
  public:
    SlowerCase()
        : TransportCase("pacing follows the access link")
    {
    }

  private:
    void
    Configure(FanoutP2pHelper& network) override
    {
        network.SetDataRate(DataRate("8Mbps"));
    }

    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        const auto fill = [this, link]()
        {
            while (a.Send(link, fanout::Kind::DATA, m_sent, 1000) == SendResult::ACCEPTED)
            {
                m_sent++;
            }
        };
        const auto stream = [this, fill](LinkId)
        {
            if (Simulator::Now() < Seconds(20))
            {
                fill();
            }
        };
        a.onWritable = stream;
        fill();
        At(10,
           [this]()
           {
               m_early = m_sent;
               for (uint32_t i = 0; i < network().GetHosts().Get(0)->GetNDevices(); i++)
               {
                   network().GetHosts().Get(0)->GetDevice(i)->SetAttributeFailSafe(
                       "DataRate",
                       DataRateValue(DataRate("1Mbps")));
               }
           });
        Simulator::Run();
        const uint32_t late = m_sent - m_early;
        NS_TEST_ASSERT_MSG_GT(late, m_early / 8 - 100, "an eighth of the rate");
        NS_TEST_ASSERT_MSG_LT(late, m_early / 8 + 1000, "and a second of the old one");
        NS_TEST_ASSERT_MSG_GT(b.received.size() + 1000, m_sent, "nothing is lost after that");
    }

    uint32_t m_sent{0};
    uint32_t m_early{0};
};

/// No more than 32 numbers are open on a link; there are no more links than allowed.
class LimitsCase : public TransportCase
{
  public:
    LimitsCase()
        : TransportCase("numbers and links are bounded")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        b.transport->SetSilent(true);
        for (uint32_t i = 0; i < 40; i++)
        {
            const auto expected = i < 32 ? SendResult::ACCEPTED : SendResult::FULL;
            NS_TEST_ASSERT_MSG_EQ((a.Send(link, CONTROL, i) == expected), true, i);
        }
        NS_TEST_ASSERT_MSG_EQ((a.Send(link, fanout::Kind::DATA, 1) == SendResult::ACCEPTED),
                              true,
                              "DATA needs no number");
        At(0.2, [this]() { b.transport->SetSilent(false); });
        Simulator::Stop(Seconds(3));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 32, "");
        NS_TEST_ASSERT_MSG_EQ(a.writable.size(), 1, "once");
        NS_TEST_ASSERT_MSG_EQ((a.Send(link, CONTROL, 40) == SendResult::ACCEPTED), true, "");
        c.transport->SetAttribute("MaxLinks", UintegerValue(1));
        a.Send(a.DialTo(c), CONTROL, 41);
        b.Send(b.DialTo(c), CONTROL, 42);
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(c.received.size(), 1, "the second one is a link too many");
        NS_TEST_ASSERT_MSG_EQ(Udp(c).GetCounters().strangers, 5, "each of five tries");
        NS_TEST_ASSERT_MSG_EQ(Udp(b).GetCounters().givenUp, 1, "");
        NS_TEST_ASSERT_MSG_EQ(
            (c.transport->Dial(b.transport->GetLocalEndpoint()).state == DialState::REFUSED),
            true,
            "");
    }
};

/// The numbers, bitmap and timeouts of one link, without a network.
class LinkStateCase : public TestCase
{
  public:
    LinkStateCase()
        : TestCase("numbers, bitmap and timeouts of a link")
    {
    }

  private:
    static fanout::UdpDatagram
    Seq(uint16_t epoch, uint16_t seq)
    {
        fanout::UdpDatagram datagram;
        datagram.flags = fanout::UdpDatagram::FRAME | fanout::UdpDatagram::SEQ;
        datagram.epoch = epoch;
        datagram.seq = seq;
        return datagram;
    }

    void
    DoRun() override
    {
        using fanout::MILLISECOND;
        fanout::UdpLink sender(0, 1, 1, 7, 0);
        fanout::UdpLink receiver(0, 2, 1, 9, 0);
        const FrameRef frame = MakeFrame(CONTROL, 1, 40);
        fanout::Random random(3, 1, 4);
        fanout::Micros now = 0;
        NS_TEST_ASSERT_MSG_EQ(sender.Rto(), 500 * MILLISECOND, "before a measurement");
        std::set<uint16_t> open;
        // Numbers pass 65,535; a third of the datagrams is lost, a tenth doubled.
        for (uint32_t i = 0; i < 250000; i++)
        {
            now += 10 * MILLISECOND;
            while (const auto* due = sender.NextDue(now))
            {
                Transfer(receiver, open, due->seq, now, random);
            }
            if (sender.TakesNumber())
            {
                const uint16_t seq = sender.Number(frame, now);
                open.insert(seq);
                Transfer(receiver, open, seq, now, random);
            }
            m_givenUp += sender.GiveUp(now);
            if (receiver.WantsAck())
            {
                fanout::UdpDatagram ack;
                receiver.AddAck(ack);
                if (random.Uniform() > 0.3)
                {
                    sender.Acknowledge(ack, now + 30 * MILLISECOND);
                }
            }
        }
        NS_TEST_ASSERT_MSG_GT(m_passed, 65536, "");
        NS_TEST_ASSERT_MSG_EQ(m_doubled, 0, "a number is new once only");
        NS_TEST_ASSERT_MSG_LT(open.size() - 0.0, m_givenUp + 33.0, "all others arrived");
        NS_TEST_ASSERT_MSG_EQ(sender.Rto(), 100 * MILLISECOND, "its lower bound");
        NS_TEST_ASSERT_MSG_EQ(receiver.IsDuplicate(Seq(8, 0)), false, "another epoch");
    }

    void
    Transfer(fanout::UdpLink& receiver,
             std::set<uint16_t>& open,
             uint16_t seq,
             fanout::Micros now,
             fanout::Random& random)
    {
        if (random.Uniform() < 0.3)
        {
            return;
        }
        for (int copy = random.Uniform() < 0.1 ? 2 : 1; copy > 0; copy--)
        {
            const auto datagram = Seq(7, seq);
            if (!receiver.IsDuplicate(datagram))
            {
                m_passed++;
                m_doubled += open.erase(seq) == 0 ? 1 : 0;
            }
            receiver.Note(datagram, now);
        }
    }

    uint32_t m_passed{0};
    uint32_t m_doubled{0};
    uint32_t m_givenUp{0};
};

/// The suite.
class FanoutTransportLimitsTestSuite : public TestSuite
{
  public:
    FanoutTransportLimitsTestSuite()
        : TestSuite("fanout-transport-limits")
    {
        AddTestCase(new PacingCase);
        AddTestCase(new SlowerCase);
        AddTestCase(new LimitsCase);
        AddTestCase(new LinkStateCase);
    }
};

FanoutTransportLimitsTestSuite g_fanoutTransportLimitsTestSuite;

} // namespace
