/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-contract.h"
#include "fanout-test-tools.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::DialState;
using fanout::FrameRef;
using fanout::LinkId;
using fanout::SendResult;

namespace
{

/// A case over a cloud of slow links.
class SlowCase : public TransportCase
{
  public:
    explicit SlowCase(const std::string& name)
        : TransportCase(name, Carrier::CLOUD)
    {
    }

  protected:
    static constexpr uint32_t QUEUE = 65536; ///< bytes

    void
    Configure(FanoutCloudHelper& network) override
    {
        network.SetUniformRate(DataRate("1Mbps"));
        network.SetAccessQueueBytes(QUEUE);
    }

    const FanoutCloudChannel::Counters&
    Counters() const
    {
        return Cloud(a).GetCloud()->GetCounters();
    }
};

/// A slow access link refuses DATA beyond its queue, and takes it again at half of it.
class BackpressureCase : public SlowCase
{
  public:
    BackpressureCase()
        : SlowCase("BUSY and Writable")
    {
    }

  private:
    static constexpr uint32_t SECONDS = 20;

    void
    Fill(LinkId link)
    {
        while (a.Send(link, fanout::Kind::DATA, m_sent, 1000) == SendResult::ACCEPTED)
        {
            m_sent++;
        }
    }

    void
    Check() override
    {
        const LinkId first = a.DialTo(b);
        const LinkId second = a.DialTo(c);
        Fill(first);
        const uint32_t size = 1000 + fanout::Frame::ENVELOPE_BYTES + 30;
        NS_TEST_ASSERT_MSG_EQ(m_sent, QUEUE / size + 1, "until the queue is full");
        Fill(second);
        Fill(first);
        NS_TEST_ASSERT_MSG_EQ((a.Send(second, CONTROL, 0) == SendResult::ACCEPTED),
                              true,
                              "control does not wait for data");
        // Of what waited when the first was refused.
        const double half = (m_sent * size - QUEUE / 2) * 8 / 1e6;
        At(half - 0.002, [this]() { NS_TEST_ASSERT_MSG_EQ(a.writable.size(), 0, "not before"); });
        At(half + 0.002,
           [this, first, second]()
           {
               const std::vector<LinkId> expected{fanout::NO_LINK};
               NS_TEST_ASSERT_MSG_EQ((a.writable == expected), true, "once, for all links");
               m_wakes = Counters().wakes;
               a.onWritable = [this, first, second](LinkId)
               {
                   const bool full = Cloud(a).GetCloud()->IsFull(0);
                   NS_TEST_EXPECT_MSG_EQ(full, false, "Writable of a full link");
                   if (Simulator::Now() < Seconds(SECONDS))
                   {
                       Fill(a.writable.size() % 2 == 0 ? first : second);
                   }
               };
               Fill(first);
               Fill(second);
           });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size() + c.received.size(), m_sent + 1, "nothing is lost");
        const double rate = 8.0 * m_sent * (1000 + fanout::Frame::ENVELOPE_BYTES + 30) / SECONDS;
        NS_TEST_ASSERT_MSG_EQ_TOL(rate, 1e6, 0.05e6, "the link is kept busy");
        NS_TEST_ASSERT_MSG_LT(Counters().wakes - m_wakes, 2 * a.writable.size(), "few wake-ups");
    }

    uint32_t m_sent{0};
    uint64_t m_wakes{0};
};

/// Who was refused is told though nobody was refused meanwhile, but not when all is closed.
class WaitingCase : public SlowCase
{
  public:
    WaitingCase()
        : SlowCase("who waits for Writable")
    {
    }

  private:
    void
    Check() override
    {
        const auto refused = [this](LinkId link)
        { return a.Send(link, fanout::Kind::DATA, 2, 1000) == SendResult::BUSY; };
        const auto fill = [this, refused](LinkId link)
        {
            while (!refused(link))
            {
            }
        };
        const LinkId first = a.DialTo(b);
        const LinkId second = a.DialTo(c);
        fill(first);
        NS_TEST_ASSERT_MSG_EQ(refused(second), true, "all links");
        a.transport->HangUp(first);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ((a.writable == std::vector<LinkId>{fanout::NO_LINK}), true, "");
        fill(second);
        a.transport->SetOnline(false);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(a.writable.size(), 1, "there is nothing to write to");
    }
};

/// Only what needs an answer is offered again, and nothing of a peer that went offline.
class RepeatCase : public SlowCase
{
  public:
    RepeatCase()
        : SlowCase("what is offered again")
    {
    }

  private:
    void
    Check() override
    {
        const LinkId link = a.DialTo(b);
        b.transport->SetSilent(true);
        a.Send(link, fanout::Kind::DATA, 1);
        a.Send(link, fanout::Kind::ALIVE, 2);
        a.Send(link, CONTROL, 3);
        At(0.15,
           [this]()
           {
               NS_TEST_ASSERT_MSG_EQ(Counters().again, 2, "the one that needs an answer");
               a.transport->SetOnline(false);
           });
        At(0.2, [this]() { a.transport->SetOnline(true); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_GT(Counters().again, 2, "online again before the third");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 1, "");
        const uint64_t again = Counters().again;
        a.Send(a.DialTo(b), CONTROL, 4);
        a.transport->SetOnline(false);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(Counters().again, again, "offline");
    }
};

/// Two transports on one device: each has its port; one that starts ends no blackout.
class SecondCase : public SlowCase
{
  public:
    SecondCase()
        : SlowCase("two transports on one device")
    {
    }

  private:
    void
    Check() override
    {
        Peer d;
        const auto start = [&](uint16_t port)
        {
            d.transport = CreateObject<FanoutCloudTransport>();
            d.transport->SetHandler(&d);
            d.transport->Start(network().GetHosts().Get(1), network().GetAddress(1), port);
        };
        const auto taken = AbortOf([&]() { start(PORT); });
        NS_TEST_ASSERT_MSG_EQ(Contains(taken, "port 4001 of 10.0.0.2 is taken"), true, taken);
        start(PORT + 1);
        const LinkId ad = a.DialTo(d);
        const LinkId ab = a.DialTo(b);
        NS_TEST_ASSERT_MSG_NE(ad, ab, "two links");
        NS_TEST_ASSERT_MSG_NE(d.DialTo(b), fanout::NO_LINK, "even on one device");
        a.Send(ad, CONTROL, 1);
        a.Send(ab, CONTROL, 2);
        d.Send(d.DialTo(a), CONTROL, 3);
        d.Send(d.DialTo(b), CONTROL, 4);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(NumberOf(d.received.at(0).second), 1, "");
        NS_TEST_ASSERT_MSG_EQ(NumberOf(b.received.at(0).second), 2, "");
        NS_TEST_ASSERT_MSG_EQ(a.received.at(0).first, ad, "the same link");
        NS_TEST_ASSERT_MSG_EQ(NumberOf(b.received.at(1).second), 4, "from the neighbour");
        d.transport->Stop();
        b.transport->SetSilent(true);
        d.transport->Start(network().GetHosts().Get(1), network().GetAddress(1), PORT + 1);
        a.Send(ab, fanout::Kind::DATA, 5);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 2, "silent still");
        d.transport->Dispose();
    }
};

/// A crash keeps the blackout of its host; wrong hosts and addresses are refused.
class StartCase : public SlowCase
{
  public:
    StartCase()
        : SlowCase("start and dial")
    {
    }

  private:
    void
    Check() override
    {
        fanout::Endpoint nobody = b.transport->GetLocalEndpoint();
        nobody.ip += 100;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(nobody).state == DialState::REFUSED), true, "");
        nobody = b.transport->GetLocalEndpoint();
        nobody.port++;
        NS_TEST_ASSERT_MSG_EQ((a.transport->Dial(nobody).state == DialState::REFUSED), true, "");
        b.transport->SetSilent(true);
        b.transport->Stop();
        b.transport->Start(network().GetHosts().Get(1), network().GetAddress(1), PORT);
        a.Send(a.DialTo(b), fanout::Kind::DATA, 1);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 0, "silent still");
        b.transport->Stop();
        b.transport->SetSilent(false);
        b.transport->Start(network().GetHosts().Get(1), network().GetAddress(1), PORT);
        a.Send(a.DialTo(b), fanout::Kind::DATA, 2);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "not any more");
        CheckBefore();
        CheckHungUp();
        const auto start = [](const Ptr<Node>& node, Ipv4Address address) {
            return AbortOf([=]()
                           { CreateObject<FanoutCloudTransport>()->Start(node, address, PORT); });
        };
        const auto bare = start(CreateObject<Node>(), network().GetAddress(0));
        NS_TEST_ASSERT_MSG_EQ(Contains(bare, "make the network with FanoutCloudHelper"), true, "");
        const auto other = start(network().GetHosts().Get(0), network().GetAddress(1));
        NS_TEST_ASSERT_MSG_EQ(Contains(other,
                                       "has no FanoutCloudNetDevice with the address "
                                       "10.0.0.2"),
                              true,
                              "");
    }

    /// A blackout from before the start.
    void
    CheckBefore()
    {
        Peer d;
        d.transport = CreateObject<FanoutCloudTransport>();
        d.transport->SetHandler(&d);
        d.transport->SetSilent(true);
        d.transport->Start(network().GetHosts().Get(1), network().GetAddress(1), PORT + 7);
        a.Send(a.DialTo(d), fanout::Kind::DATA, 3);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(d.received.size(), 0, "silent from the start");
        d.transport->SetSilent(false);
        a.Send(a.DialTo(d), fanout::Kind::DATA, 4);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(d.received.size(), 1, "");
        d.transport->Dispose();
    }

    /// Who hung up does not hear that the other end closes.
    void
    CheckHungUp()
    {
        const LinkId link = a.DialTo(c);
        a.Send(link, fanout::Kind::DATA, 5);
        Simulator::Run();
        a.transport->HangUp(link);
        c.transport->SetOnline(false);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(c.closed.size(), 1, "it knew of the link");
        NS_TEST_ASSERT_MSG_EQ(a.closed.size(), 0, "");
    }
};

/// Whoever owns what, a simulation ends without touching what is gone.
class EndCase : public TestCase
{
  public:
    EndCase()
        : TestCase("a cloud whose helper is gone ends in good order")
    {
    }

  private:
    void
    DoRun() override
    {
        Peer peer;
        const auto transport = CreateObject<FanoutCloudTransport>();
        peer.transport = transport;
        {
            FanoutCloudHelper network;
            network.AssignStreams(1);
            const auto hosts = network.Create(2);
            transport->SetHandler(&peer);
            transport->Start(hosts.Get(1), network.GetAddress(1), PORT);
            NS_TEST_ASSERT_MSG_EQ(transport->GetAccessRate(), network.GetUplink(1), "");
            NS_TEST_ASSERT_MSG_NE(transport->GetAccessRate(), network.GetDownlink(1), "");
        }
        transport->WakeAt(1000);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(peer.wakes.size(), 1, "");
        Simulator::Destroy();
        NS_TEST_ASSERT_MSG_EQ(transport->IsStarted(), true, "the device is gone before it");
        transport->Dispose();
        NS_TEST_ASSERT_MSG_EQ((transport->GetCloud() == nullptr), true, "");
    }
};

/// The suite.
class FanoutCloudTransportTestSuite : public TestSuite
{
  public:
    FanoutCloudTransportTestSuite()
        : TestSuite("fanout-cloud-transport")
    {
        AddTestCase(new OpenCase(Carrier::CLOUD));
        AddTestCase(new OnlineCase(Carrier::CLOUD));
        AddTestCase(new SilentCase(Carrier::CLOUD));
        AddTestCase(new SizeCase(Carrier::CLOUD));
        AddTestCase(new CrashCase(Carrier::CLOUD));
        AddTestCase(new DataLossCase(Carrier::CLOUD));
        AddTestCase(new WakeCase(Carrier::CLOUD));
        AddTestCase(new BackpressureCase);
        AddTestCase(new WaitingCase);
        AddTestCase(new RepeatCase);
        AddTestCase(new SecondCase);
        AddTestCase(new StartCase);
        AddTestCase(new EndCase);
    }
};

FanoutCloudTransportTestSuite g_fanoutCloudTransportTestSuite;

} // namespace
