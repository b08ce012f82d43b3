/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-application.h"
#include "fanout-test-tools.h"

#include "ns3/application-container.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-workload.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// A root and subscribers without a protocol, for the workload.
struct Crowd
{
    NodeContainer nodes;                     ///< one each
    ApplicationContainer applications;       ///< all
    std::vector<Ptr<TestApplication>> peers; ///< all

    /// @param n how many
    explicit Crowd(uint32_t n)
        : nodes(MakeLan(n))
    {
        for (uint32_t i = 0; i < n; i++)
        {
            auto peer = CreateObject<TestApplication>();
            peer->SetTransport(CreateObject<TestTransport>());
            peer->SetRole(i == 0          ? FanoutRole::ROOT
                          : i == 1        ? FanoutRole::TRACKER
                          : i < 2 + n / 4 ? FanoutRole::RELAY
                                          : FanoutRole::LEAF);
            nodes.Get(i)->AddApplication(peer);
            applications.Add(peer);
            peers.push_back(peer);
        }
    }

    /// @param peer which @param call one of its calls @return times of these
    std::vector<fanout::Micros>
    TimesOf(uint32_t peer, const std::string& call) const
    {
        std::vector<fanout::Micros> times;
        for (std::size_t i = 0; i < peers[peer]->calls.size(); i++)
        {
            if (peers[peer]->calls[i] == call)
            {
                times.push_back(peers[peer]->callTimes[i]);
            }
        }
        return times;
    }
};

/// Joins and messages come at the times asked for.
class ScheduleTestCase : public TestCase
{
  public:
    ScheduleTestCase()
        : TestCase("workload: joins and messages")
    {
    }

  private:
    /// @param relaysFirst whether they do @param stream of the draws @return peer by time of join
    std::map<fanout::Micros, uint32_t>
    Joins(bool relaysFirst, int64_t stream)
    {
        Crowd crowd(22); // 5 relays, 15 leaves
        FanoutWorkload load(crowd.applications);
        if (relaysFirst)
        {
            load.JoinRelaysFirst(Seconds(2));
        }
        load.JoinSpread(Seconds(1), MilliSeconds(500));
        NS_TEST_EXPECT_MSG_EQ(load.AssignStreams(stream), 3, "streams used");
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        std::map<fanout::Micros, uint32_t> order;
        for (uint32_t i = 2; i < 22; i++)
        {
            const auto times = crowd.TimesOf(i, "join");
            NS_TEST_EXPECT_MSG_EQ(times.size(), 1, "each joins once");
            order.emplace(times.at(0), i);
        }
        NS_TEST_EXPECT_MSG_EQ(crowd.TimesOf(0, "join").at(0), 0, "the root opens at its start");
        NS_TEST_EXPECT_MSG_EQ(crowd.TimesOf(1, "join").empty(), true, "a tracker joins nothing");
        NS_TEST_EXPECT_MSG_EQ(order.size(), 20, "one at a time");
        Simulator::Destroy();
        return order;
    }

    void
    DoRun() override
    {
        const auto spread = Joins(false, 3);
        NS_TEST_EXPECT_MSG_EQ(spread.begin()->first, 500000, "from the start");
        NS_TEST_EXPECT_MSG_EQ(spread.rbegin()->first, 1450000, "evenly over the window");
        NS_TEST_EXPECT_MSG_EQ((Joins(false, 3) == spread), true, "same stream, same order");
        NS_TEST_EXPECT_MSG_EQ((Joins(false, 9) == spread), false, "another stream, another order");

        const auto phases = Joins(true, 3);
        uint32_t number = 0;
        for (const auto& [time, peer] : phases)
        {
            NS_TEST_EXPECT_MSG_EQ((peer < 7), (number < 5), "relays come first");
            number++;
        }
        NS_TEST_EXPECT_MSG_EQ(std::next(phases.begin(), 4)->first, 1300000, "the last relay");
        NS_TEST_EXPECT_MSG_EQ(std::next(phases.begin(), 5)->first, 3500000, "the first leaf");
        CheckMessages();
        CheckErrors();
    }

    void
    CheckMessages()
    {
        Crowd crowd(4);
        FanoutWorkload load(crowd.applications);
        NS_TEST_EXPECT_MSG_EQ(load.End(), Time(0), "nothing is published");
        load.Publish(30, 100, 4, Seconds(1));
        load.Publish(0.5, 100, 2, Seconds(2));
        NS_TEST_EXPECT_MSG_EQ(load.Start(), Seconds(1), "the first message");
        NS_TEST_EXPECT_MSG_EQ(load.FirstBatchEnd(), MilliSeconds(1100), "30 a second");
        NS_TEST_EXPECT_MSG_EQ(load.End(), Seconds(4), "the last message");
        NS_TEST_EXPECT_MSG_EQ(load.GetMessages(), 6, "messages");
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        const std::vector<fanout::Micros> times{1000000,
                                                1033333,
                                                1066666,
                                                1100000,
                                                2000000,
                                                4000000};
        NS_TEST_EXPECT_MSG_EQ((crowd.TimesOf(0, "publish") == times), true, "times of messages");
        const std::vector<fanout::Micros> ends{5000000};
        NS_TEST_EXPECT_MSG_EQ((crowd.TimesOf(0, "end") == ends), true, "one end, behind all");
        NS_TEST_EXPECT_MSG_EQ(load.GetPublished(), 6, "counted");
        Simulator::Destroy();
    }

    void
    CheckErrors()
    {
        Crowd crowd(4);
        FanoutWorkload load(crowd.applications);
        const auto says = [&](const std::string& error, const std::string& part)
        { NS_TEST_EXPECT_MSG_EQ(Contains(error, part), true, "'" << error << "' lacks " << part); };
        const Time second = Seconds(1);
        says(ErrorOf([&] { load.Churn(FanoutChurn::Link, second, second, 0.1); }), "after Publish");
        says(ErrorOf([&] { load.Publish(0, 1, 1, second); }), "more than 0");
        says(ErrorOf([&] { load.Publish(1, 0, 1, second); }), "at least 1");
        says(ErrorOf([&] { load.Publish(1, 1, 0, second); }), "at least 1");
        says(ErrorOf([&] { load.JoinSpread(Seconds(-1)); }), "not negative");
        load.Publish(1, 1, 10, second);
        says(ErrorOf([&] { load.Churn(FanoutChurn::Link, second, second, 0); }), "above 0");
        says(ErrorOf([&] { load.Churn(FanoutChurn::Link, Time(0), second, 0.1); }), "above zero");
        load.JoinSpread(second);
        says(ErrorOf([&] { load.JoinSpread(second); }), "called before");
        Simulator::Destroy();
    }
};

/// Peers fail and come back as simulators 4 says.
class ChurnTestCase : public TestCase
{
  public:
    ChurnTestCase()
        : TestCase("workload: churn of every kind")
    {
    }

  private:
    static constexpr uint32_t PEERS = 42; ///< root, tracker, 40 subscribers

    /// @param peer who @return whether it is away
    static bool
    IsAway(const Ptr<TestApplication>& peer)
    {
        return !peer->IsOnline() || !peer->IsJoined();
    }

    /// @param kind how they fail @param fraction of the joined @param down how long
    /// @param expected how many are away after a period, at most
    void
    Play(FanoutChurn kind, double fraction, Time down, uint32_t expected)
    {
        Crowd crowd(PEERS);
        const auto never = crowd.peers[9];
        never->SetJoinAtStart(false);
        FanoutWorkload load(crowd.applications);
        load.Publish(10, 10, 101, Seconds(1)); // until 11 s
        load.Churn(kind, Seconds(1), down, fraction);
        std::set<uint32_t> failed;
        std::vector<uint32_t> away;
        for (int64_t ms = 50; ms < 15000; ms += 100)
        {
            fanout::Schedule(MilliSeconds(ms),
                             [&]
                             {
                                 uint32_t now = 0;
                                 for (uint32_t i = 0; i < PEERS; i++)
                                 {
                                     if (i != 1 && i != 9 && IsAway(crowd.peers[i]))
                                     {
                                         now++;
                                         failed.insert(i);
                                     }
                                 }
                                 away.push_back(now);
                             });
        }
        Simulator::Stop(Seconds(15));
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(away[19], 0, "nobody before the first period is over");
        NS_TEST_EXPECT_MSG_EQ(away[20], expected, "then as many as asked for");
        NS_TEST_EXPECT_MSG_EQ(away.back(), 0, "in the end all are back");
        NS_TEST_EXPECT_MSG_EQ(failed.count(0), 0, "never the root");
        NS_TEST_EXPECT_MSG_EQ(never->calls.size(), 1, "never one that has not joined");
        NS_TEST_EXPECT_MSG_EQ(IsAway(crowd.peers[1]) && !crowd.peers[1]->IsUp(),
                              false,
                              "never a tracker");
        NS_TEST_EXPECT_MSG_EQ(load.GetChurnTimes().size(), 10, "2 s to 11 s");
        NS_TEST_EXPECT_MSG_EQ(load.GetChurnTimes().front(), Seconds(2), "the first period");
        NS_TEST_EXPECT_MSG_EQ(load.GetChurnTimes().back(), Seconds(11), "the last message");
        if (down < Seconds(1))
        {
            NS_TEST_EXPECT_MSG_EQ(load.GetChurned(), 10 * expected, "failures");
            NS_TEST_EXPECT_MSG_GT(failed.size(), expected, "not always the same ones");
        }
        Simulator::Destroy();
    }

    void
    DoRun() override
    {
        const auto half = MilliSeconds(500);
        Play(FanoutChurn::Notified, 0.1, half, 3); // 39 joined
        Play(FanoutChurn::Link, 0.1, half, 3);
        Play(FanoutChurn::Process, 0.1, half, 3);
        Play(FanoutChurn::Leave, 0.1, half, 3);
        Play(FanoutChurn::Link, 0.001, half, 1); // at least one
        Play(FanoutChurn::Link, 0.2, MilliSeconds(2500), 7);
    }
};

/// Who fails is drawn as simulators 4 says, whoever has joined meanwhile.
class ChurnDrawsTestCase : public TestCase
{
  public:
    ChurnDrawsTestCase()
        : TestCase("workload: who fails")
    {
    }

  private:
    static constexpr uint32_t FIRST = 2;        ///< the first subscriber
    static constexpr uint32_t SUBSCRIBERS = 60; ///< they join until 8 s
    static constexpr int64_t STREAM = 77;       ///< of joins; the next one is that of churn

    /// Draw as the workload is about to do.
    void
    Draw()
    {
        const auto& peers = m_crowd->peers;
        const auto joined = static_cast<double>(std::count_if(peers.begin() + FIRST,
                                                              peers.end(),
                                                              [](const auto& peer)
                                                              { return peer->HasEverJoined(); }));
        const auto target = static_cast<uint32_t>(std::max(1.0, std::floor(joined * 0.1)));
        m_expected.clear();
        for (uint32_t draw = 0; draw < std::max(10U, 20 * target); draw++)
        {
            const auto i = FIRST + m_draws->GetInteger(0, SUBSCRIBERS - 1);
            if (peers[i]->HasEverJoined() && peers[i]->IsOnline() && m_expected.count(i) == 0)
            {
                m_expected.insert(i);
            }
            if (m_expected.size() == target)
            {
                break;
            }
        }
        m_sizes.insert(m_expected.size());
    }

    /// Hold it against what happened.
    void
    Check()
    {
        std::set<uint32_t> away;
        for (uint32_t i = FIRST; i < m_crowd->peers.size(); i++)
        {
            if (!m_crowd->peers[i]->IsOnline())
            {
                away.insert(i);
            }
        }
        NS_TEST_EXPECT_MSG_EQ((away == m_expected), true, "at " << Simulator::Now().As(Time::S));
    }

    void
    DoRun() override
    {
        Crowd crowd(FIRST + SUBSCRIBERS);
        m_crowd = &crowd;
        m_draws = CreateObject<UniformRandomVariable>();
        m_draws->SetStream(STREAM + 1);
        FanoutWorkload load(crowd.applications);
        load.AssignStreams(STREAM);
        load.JoinSpread(Seconds(7.7), Seconds(0.35));
        load.Publish(10, 10, 121, Seconds(0));
        load.Churn(FanoutChurn::Link, Seconds(1), MilliSeconds(500), 0.1);
        for (uint32_t second = 1; second <= 12; second++)
        {
            Simulator::Schedule(Seconds(second) - MicroSeconds(1), &ChurnDrawsTestCase::Draw, this);
            Simulator::Schedule(Seconds(second) + MicroSeconds(1),
                                &ChurnDrawsTestCase::Check,
                                this);
        }
        Simulator::Stop(Seconds(13));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ((m_sizes == std::set<std::size_t>{1, 2, 3, 4, 5, 6}),
                              true,
                              "a tenth of those who have joined");
        m_draws = nullptr;
        Simulator::Destroy();
    }

    Crowd* m_crowd{nullptr};            ///< the peers
    Ptr<UniformRandomVariable> m_draws; ///< as the workload draws
    std::set<uint32_t> m_expected;      ///< who fails
    std::set<std::size_t> m_sizes;      ///< how many at a time
};

/// FanoutWorkload.
class WorkloadTestSuite : public TestSuite
{
  public:
    WorkloadTestSuite()
        : TestSuite("fanout-workload")
    {
        AddTestCase(new ScheduleTestCase);
        AddTestCase(new ChurnTestCase);
        AddTestCase(new ChurnDrawsTestCase);
    }
};

WorkloadTestSuite g_workloadTestSuite; ///< registers itself

} // namespace
