/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-tools.h"

#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/simulator.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/**
 * @ingroup fanout-tree-monitor-test
 * A sample that follows events is what a walk over all peers sees.
 */
class SamplesTest : public TestCase
{
  protected:
    /// @param name of the test @param subscribers in it
    SamplesTest(const std::string& name, uint32_t subscribers)
        : TestCase("samples follow events: " + name),
          m_subscribers(subscribers)
    {
    }

    std::vector<Ptr<FanoutTreeApplication>> m_peers; ///< by position
    ApplicationContainer m_applications;             ///< the same

  private:
    static constexpr int64_t FORMED = 3000;                     ///< when sampling begins, ms
    static constexpr int64_t END = 8000;                        ///< ms
    static constexpr int64_t PERIOD = 37;                       ///< of the comparison, ms
    static constexpr uint32_t CHECKS = (END - FORMED) / PERIOD; ///< comparisons

    /// Have peers fail between FORMED and END.
    virtual void Fail() = 0;

    /// @return what a walk over all peers sees
    FanoutMaintenance::Sample
    Walk() const
    {
        FanoutMaintenance::Sample sample;
        std::vector<FanoutTreeShape::Node> nodes;
        for (const auto& peer : m_peers)
        {
            const auto status = peer->GetStatus();
            FanoutTreeShape::Node node;
            node.open = status.open;
            node.level = status.level;
            node.children = status.children;
            node.capacity = status.capacity;
            nodes.push_back(node);
            const bool counts =
                m_members.count(peer->GetIndex()) > 0 && peer->IsOnline() && status.open;
            sample.orphans += counts && !peer->IsJoined() ? 1 : 0;
        }
        const auto shape = FanoutTreeShape::Measure(nodes, false);
        sample.levelP95 = shape.levelP95;
        sample.childrenP95 = shape.childrenP95;
        return sample;
    }

    /// The tree is formed: all that have a parent are members.
    void
    Form()
    {
        for (const auto& peer : m_peers)
        {
            if (peer->IsSubscriber() && peer->HasEverJoined())
            {
                m_members.insert(peer->GetIndex());
            }
        }
        m_monitor->NoteFormation();
    }

    /// Compare the two.
    void
    Compare()
    {
        const auto walked = Walk();
        const auto followed = m_monitor->TakeSample();
        const auto same = [](double a, double b)
        { return a == b || (std::isnan(a) && std::isnan(b)); };
        const auto when = Simulator::Now().As(Time::MS);
        NS_TEST_EXPECT_MSG_EQ(followed.orphans, walked.orphans, "orphans at " << when);
        NS_TEST_EXPECT_MSG_EQ(same(followed.levelP95, walked.levelP95),
                              true,
                              followed.levelP95 << " for " << walked.levelP95 << " at " << when);
        NS_TEST_EXPECT_MSG_EQ(same(followed.childrenP95, walked.childrenP95),
                              true,
                              followed.childrenP95 << " for " << walked.childrenP95 << " at "
                                                   << when);
        m_orphans.insert(walked.orphans);
        m_children.insert(walked.childrenP95);
    }

    void
    DoRun() override
    {
        const auto nodes = MakeLan(m_subscribers + 4);
        FanoutTreeHelper helper("test");
        helper.SetSigning("mock");
        helper.SetRoles(FanoutRoles().Trackers(1, 1).RelayFraction(0.6).Subscribers(m_subscribers));
        helper.SetRoot("MaxChildren", UintegerValue(3));
        helper.SetRelay("MaxChildren", UintegerValue(7));
        m_applications = helper.Install(nodes);
        helper.AssignStreams(m_applications, 4000);
        for (uint32_t i = 0; i < m_applications.GetN(); i++)
        {
            m_peers.push_back(DynamicCast<FanoutTreeApplication>(m_applications.Get(i)));
        }
        m_peers.back()->SetStartTime(MilliSeconds(FORMED + 500)); // no member
        m_monitor = FanoutMonitorHelper().Install(m_applications);
        Simulator::Schedule(MilliSeconds(FORMED), &SamplesTest::Form, this);
        for (uint32_t i = 1; i <= CHECKS; i++)
        {
            Simulator::Schedule(MilliSeconds(FORMED + i * PERIOD), &SamplesTest::Compare, this);
        }
        Fail();
        Simulator::Stop(MilliSeconds(END));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(m_members.size(),
                              m_subscribers - 1,
                              "all but the one that came late");
        NS_TEST_EXPECT_MSG_GT(m_orphans.size(), 1, "orphans come and go");
        NS_TEST_EXPECT_MSG_GT(m_children.size(), 1, "children come and go");
        m_monitor->Dispose();
        m_monitor = nullptr;
        m_peers.clear();
        m_applications = ApplicationContainer();
        Simulator::Destroy();
    }

    uint32_t m_subscribers;       ///< of the channel
    Ptr<FanoutMonitor> m_monitor; ///< under test
    std::set<uint32_t> m_members; ///< indices
    std::set<uint32_t> m_orphans; ///< counts seen
    std::set<double> m_children;  ///< quantiles seen
};

/// By churn of one kind. @ingroup fanout-tree-monitor-test
class ChurnSamplesTest : public SamplesTest
{
  public:
    /// @param name of the kind @param kind of churn
    ChurnSamplesTest(const std::string& name, FanoutChurn kind)
        : SamplesTest("churn of kind " + name, 36),
          m_kind(kind)
    {
    }

  private:
    void
    Fail() override
    {
        FanoutWorkload load(m_applications);
        load.AssignStreams(4100);
        load.Publish(20, 64, 90, Seconds(3.2));
        load.Churn(m_kind, MilliSeconds(250), MilliSeconds(900), 0.15);
    }

    FanoutChurn m_kind; ///< of churn
};

/// By calls in any order, on the root too. @ingroup fanout-tree-monitor-test
class StormSamplesTest : public SamplesTest
{
  public:
    /// @param seed of the calls
    explicit StormSamplesTest(uint64_t seed)
        : SamplesTest("any calls, seed " + std::to_string(seed), 12),
          m_random(seed, 0, 0)
    {
    }

  private:
    void
    Fail() override
    {
        for (int64_t ms = 3010; ms < 8000; ms += 25)
        {
            Simulator::Schedule(MilliSeconds(ms), &StormSamplesTest::Call, this);
        }
    }

    /// One call on one peer, on the root once in a while.
    void
    Call()
    {
        const auto& peer = m_peers[m_random.Below(m_peers.size())];
        if (peer->GetRole() == FanoutRole::TRACKER ||
            (peer->IsPublisher() && m_random.Below(4) > 0))
        {
            return;
        }
        const bool started = peer->GetTransport() && peer->GetTransport()->IsStarted();
        switch (m_random.Below(6))
        {
        case 0:
            started ? peer->Crash() : (void)0;
            break;
        case 1:
            peer->Leave();
            break;
        case 2:
            peer->GetTransport()->SetOnline(!peer->GetTransport()->IsOnline());
            break;
        case 3:
            peer->GetTransport()->SetSilent(!peer->GetTransport()->IsSilent());
            break;
        default:
            Mend(peer);
        }
    }

    /// @param peer comes back
    static void
    Mend(const Ptr<FanoutTreeApplication>& peer)
    {
        peer->GetTransport()->SetOnline(true);
        peer->GetTransport()->SetSilent(false);
        if (Simulator::Now() > Seconds(4))
        {
            peer->Restart();
            peer->Join();
        }
    }

    fanout::Random m_random; ///< who and what
};

/// The suite. @ingroup fanout-tree-monitor-test
class MonitorSamplesTestSuite : public TestSuite
{
  public:
    MonitorSamplesTestSuite()
        : TestSuite("fanout-monitor-samples")
    {
        AddTestCase(new ChurnSamplesTest("notified", FanoutChurn::Notified));
        AddTestCase(new ChurnSamplesTest("link", FanoutChurn::Link));
        AddTestCase(new ChurnSamplesTest("process", FanoutChurn::Process));
        AddTestCase(new ChurnSamplesTest("leave", FanoutChurn::Leave));
        for (uint64_t seed = 1; seed <= 4; seed++)
        {
            AddTestCase(new StormSamplesTest(seed));
        }
    }
};

MonitorSamplesTestSuite g_monitorSamplesTestSuite; ///< registers the suite

} // namespace
