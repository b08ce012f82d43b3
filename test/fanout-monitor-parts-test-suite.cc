/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-fairness.h"
#include "ns3/fanout-latency-bound.h"
#include "ns3/fanout-maintenance.h"
#include "ns3/fanout-quantiles.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-report.h"
#include "ns3/fanout-tree-shape.h"
#include "ns3/fanout-tree-tally.h"
#include "ns3/test.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <stdexcept>

using namespace ns3;
using fanout::MILLISECOND;
using fanout::SECOND;

/**
 * @defgroup fanout-tree-monitor-test Tests of the monitor
 * @ingroup fanout-tree
 */

namespace
{

/// Quantiles as the reference takes them. @ingroup fanout-tree-monitor-test
class QuantilesTest : public TestCase
{
  public:
    QuantilesTest()
        : TestCase("quantiles: lower nearest rank, bounded error, nothing for nothing")
    {
    }

  private:
    void
    DoRun() override
    {
        const std::vector<double> ten{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        NS_TEST_EXPECT_MSG_EQ(FanoutQuantile(ten, 0.5), 4, "floor(0.5 * 9)");
        NS_TEST_EXPECT_MSG_EQ(FanoutQuantile(ten, 0.95), 8, "floor(0.95 * 9)");
        NS_TEST_EXPECT_MSG_EQ(FanoutQuantile(ten, 1), 9, "the largest");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(FanoutQuantile({}, 0.5)), true, "no values");

        FanoutTimeHistogram none;
        NS_TEST_EXPECT_MSG_EQ(std::isnan(none.QuantileMs(0.5)), true, "no values");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(none.MeanMs()), true, "no values");

        FanoutTimeHistogram times;
        std::vector<double> exact;
        fanout::Random random(1, 2, 3);
        for (int i = 0; i < 20000; i++)
        {
            const auto value = static_cast<fanout::Micros>(std::exp(random.Uniform() * 17));
            times.Add(value);
            exact.push_back(static_cast<double>(value) / MILLISECOND);
        }
        std::sort(exact.begin(), exact.end());
        for (const double q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.9999, 1.0})
        {
            const double truth = FanoutQuantile(exact, q);
            NS_TEST_EXPECT_MSG_EQ((times.QuantileMs(q) >= truth), true, "never too low, q " << q);
            NS_TEST_EXPECT_MSG_EQ((times.QuantileMs(q) <= truth * 1.004), true, "0.4 %, q " << q);
        }
        NS_TEST_EXPECT_MSG_EQ(times.QuantileMs(1), times.MaxMs(), "the maximum is exact");
        NS_TEST_EXPECT_MSG_EQ(times.GetN(), 20000, "all counted");
    }
};

/// Counts of small numbers that come and go. @ingroup fanout-tree-monitor-test
class CountsTest : public TestCase
{
  public:
    CountsTest()
        : TestCase("counts: as the quantiles of all values, while values come and go")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutCountHistogram counts;
        NS_TEST_EXPECT_MSG_EQ(std::isnan(counts.Quantile(0.5)), true, "no values");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(counts.Mean()), true, "no values");
        std::vector<double> all;
        fanout::Random random(5, 2, 3);
        for (int i = 0; i < 3000; i++)
        {
            if (!all.empty() && random.Below(3) == 0)
            {
                std::swap(all[random.Below(all.size())], all.back());
                counts.Remove(static_cast<uint16_t>(all.back()));
                all.pop_back();
            }
            else
            {
                const auto value = static_cast<uint16_t>(random.Below(i % 100 == 0 ? 65536 : 40));
                counts.Add(value);
                all.push_back(value);
            }
            auto sorted = all;
            std::sort(sorted.begin(), sorted.end());
            for (const double q : {0.0, 0.5, 0.95, 1.0})
            {
                const double truth = FanoutQuantile(sorted, q);
                const double took = FanoutTakeQuantile(all, q);
                NS_TEST_ASSERT_MSG_EQ((counts.Quantile(q) == truth || all.empty()), true, q);
                NS_TEST_ASSERT_MSG_EQ((took == truth || all.empty()), true, "any order, q " << q);
            }
        }
        const double sum = std::accumulate(all.begin(), all.end(), 0.0);
        NS_TEST_EXPECT_MSG_EQ(counts.Mean(), sum / static_cast<double>(all.size()), "mean");
        NS_TEST_EXPECT_MSG_EQ(counts.GetN(), all.size(), "all counted");
    }
};

/// Peer by peer or all at once. @ingroup fanout-tree-monitor-test
class TallyTest : public TestCase
{
  public:
    TallyTest()
        : TestCase("tree tally: as the shape of all peers, while they change one by one")
    {
    }

  private:
    void
    DoRun() override
    {
        fanout::Random random(6, 2, 3);
        std::vector<FanoutTreeShape::Node> nodes;
        FanoutTreeTally tally;
        NS_TEST_EXPECT_MSG_EQ(std::isnan(tally.GetLevelP95()), true, "no peers");
        for (int i = 0; i < 2000; i++)
        {
            const auto peer = static_cast<uint32_t>(random.Below(30));
            nodes.resize(std::max<std::size_t>(nodes.size(), peer + 1));
            auto& node = nodes[peer];
            node.open = random.Below(5) > 0;
            node.level = random.Below(4) == 0 ? FanoutTreeShape::NO_LEVEL
                                              : static_cast<uint16_t>(random.Below(9));
            node.capacity = static_cast<uint16_t>(random.Below(2) * 64);
            node.children = static_cast<uint16_t>(random.Below(64));
            tally.Set(peer, node);
            const auto shape = FanoutTreeShape::Measure(nodes, false);
            const auto same = [](double a, double b)
            { return a == b || (std::isnan(a) && std::isnan(b)); };
            NS_TEST_ASSERT_MSG_EQ(same(tally.GetLevelP95(), shape.levelP95), true, "level " << i);
            NS_TEST_ASSERT_MSG_EQ(same(tally.GetChildrenP95(), shape.childrenP95),
                                  true,
                                  "children " << i);
        }
    }
};

/// Losses by hand. @ingroup fanout-tree-monitor-test
class FairnessTest : public TestCase
{
  public:
    FairnessTest()
        : TestCase("fairness: Jain's index of what the children of a parent lost")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutFairness fairness;
        NS_TEST_EXPECT_MSG_EQ(fairness.GetParents().empty(), true, "nothing lost");
        const auto lose = [&](uint32_t parent, uint64_t child, uint32_t children, int times)
        {
            for (int i = 0; i < times; i++)
            {
                fairness.NoteLoss(parent, child, children);
            }
        };
        lose(7, 1, 2, 50);
        lose(7, 2, 2, 50);
        lose(3, 2, 2, 90);
        lose(3, 1, 2, 30);
        lose(9, 1, 2, 19);
        lose(9, 2, 2, 20);
        lose(4, 1, 4, 50);
        lose(4, 2, 4, 50);
        NS_TEST_EXPECT_MSG_EQ((fairness.GetParents() == std::vector<uint32_t>{3, 4, 7, 9}),
                              true,
                              "");
        NS_TEST_EXPECT_MSG_EQ_TOL(fairness.GetIndex(7), 1, 1e-12, "even");
        NS_TEST_EXPECT_MSG_EQ_TOL(fairness.GetIndex(4), 0.5, 1e-12, "two of four lost nothing");
        NS_TEST_EXPECT_MSG_EQ_TOL(fairness.GetIndex(3), 0.8, 1e-12, "120^2 / (2 * 9000)");
        NS_TEST_EXPECT_MSG_EQ(fairness.GetIndex(9), -1, "too few to tell");
        NS_TEST_EXPECT_MSG_EQ(fairness.GetIndex(1), -1, "no loss");
    }
};

/// Children that come and go count for their time. @ingroup fanout-tree-monitor-test
class FairnessOverTimeTest : public TestCase
{
  public:
    FairnessOverTimeTest()
        : TestCase("fairness: a child is judged by its time with the parent")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutFairness fairness;
        fairness.NoteChild(7, 9, true); // nothing is lost yet
        const auto lose = [&](std::vector<uint64_t> losers, int times)
        {
            const auto children = static_cast<uint32_t>(losers.size());
            for (int i = 0; i < times; i++)
            {
                for (const uint64_t child : losers)
                {
                    fairness.NoteLoss(7, child, children);
                }
            }
        };
        lose({1, 2, 3}, 30);
        fairness.NoteChild(7, 3, false);
        lose({1, 2}, 40);
        fairness.NoteChild(7, 4, true);
        lose({1, 2, 4}, 50);
        fairness.NoteChild(7, 3, true);
        lose({1, 2, 3, 4}, 20);
        NS_TEST_EXPECT_MSG_EQ_TOL(fairness.GetIndex(7), 1, 1e-12, "each lost its share");
        fairness.NoteChild(7, 5, true);
        lose({1, 2, 3, 4}, 19);
        NS_TEST_EXPECT_MSG_GT(fairness.GetIndex(7), 0.99, "the fifth is not judged yet");
        for (int i = 0; i < 40; i++)
        {
            fairness.NoteLoss(7, 1, 5);
        }
        NS_TEST_EXPECT_MSG_LT(fairness.GetIndex(7), 0.85, "it lost nothing where others did");
    }
};

/// A tree drawn by hand. @ingroup fanout-tree-monitor-test
class ShapeTest : public TestCase
{
  public:
    ShapeTest()
        : TestCase("tree shape: levels, children, orphans, distance and stretch")
    {
    }

  private:
    /// @param parent of it @param level of it @param children of it @param capacity of it
    /// @return a joined subscriber
    static FanoutTreeShape::Node
    Member(uint32_t parent, uint16_t level, uint16_t children, uint16_t capacity)
    {
        FanoutTreeShape::Node node;
        node.open = true;
        node.attached = parent != FanoutTreeShape::NO_PARENT;
        node.member = true;
        node.parent = parent;
        node.level = level;
        node.children = children;
        node.capacity = capacity;
        return node;
    }

    void
    DoRun() override
    {
        // 0 is the root, 1 a tracker, 2 below 0, 3 below 2, 4 below 3 but takes itself for 6 deep;
        // 5 lost its parent and kept its level, 6 lost both, 7 never opened the channel.
        auto nodes = std::vector<FanoutTreeShape::Node>(8);
        nodes[0] = Member(FanoutTreeShape::NO_PARENT, 0, 1, 4);
        nodes[0].root = nodes[0].attached = true;
        nodes[0].member = false;
        nodes[2] = Member(0, 1, 1, 2);
        nodes[3] = Member(2, 2, 1, 2);
        nodes[4] = Member(3, 6, 0, 0);
        nodes[5] = Member(FanoutTreeShape::NO_PARENT, 3, 0, 2);
        nodes[6] = Member(FanoutTreeShape::NO_PARENT, 0xffff, 0, 0);

        const auto shape = FanoutTreeShape::Measure(nodes);
        NS_TEST_EXPECT_MSG_EQ(shape.maxLevel, 6, "levels 0 1 2 3 6");
        NS_TEST_EXPECT_MSG_EQ(shape.levelP95, 3, "floor(0.95 * 4)");
        NS_TEST_EXPECT_MSG_EQ_TOL(shape.levelAvg, 2.4, 1e-12, "mean");
        NS_TEST_EXPECT_MSG_EQ(shape.orphans, 1, "5; 6 has no level");
        NS_TEST_EXPECT_MSG_EQ(shape.edges, 3, "2, 3, 4");
        NS_TEST_EXPECT_MSG_EQ(shape.rootChildren, 1, "of 0");
        NS_TEST_EXPECT_MSG_EQ(shape.childrenMax, 1, "of those with capacity");
        NS_TEST_EXPECT_MSG_EQ(shape.childrenP95, 1, "0 1 1 1");
        NS_TEST_EXPECT_MSG_EQ(shape.distanceMax, 3, "of 4");
        NS_TEST_EXPECT_MSG_EQ(shape.distanceP95, 2, "1 2 3");
        NS_TEST_EXPECT_MSG_EQ(shape.stretchMax, 2, "6 / 3");
        NS_TEST_EXPECT_MSG_EQ(shape.stretchP95, 1, "1 1 2");

        const auto empty = FanoutTreeShape::Measure({});
        NS_TEST_EXPECT_MSG_EQ(std::isnan(empty.levelP95), true, "no peers");
        NS_TEST_EXPECT_MSG_EQ(empty.stretchP95, 1, "1 where it is not defined");
    }
};

/// No tree beats the bound. @ingroup fanout-tree-monitor-test
class BoundTest : public TestCase
{
  public:
    BoundTest()
        : TestCase("latency bound: below every tree, met by the best of simple cases")
    {
    }

  private:
    static constexpr uint32_t N = 6; ///< peers, 0 is the root

    /// Hold every tree against the bound. @param seed of delays and capacities
    void
    CheckAllTrees(uint64_t seed)
    {
        fanout::Random random(seed, 0, 0);
        double delays[N][N];
        std::vector<uint16_t> capacities(N);
        for (uint32_t a = 0; a < N; a++)
        {
            capacities[a] = static_cast<uint16_t>(a == 0 ? 1 + random.Below(3) : random.Below(3));
            for (uint32_t b = 0; b < N; b++)
            {
                delays[a][b] = 1000 + static_cast<double>(random.Below(100000));
            }
        }
        const auto delay = [&](uint32_t a, uint32_t b) { return delays[a][b]; };
        const FanoutLatencyBound bound(delay, capacities, 0, {1, 2, 3, 4, 5});
        NS_TEST_ASSERT_MSG_EQ(bound.IsDefined(), true, "small enough");
        uint32_t trees = 0;
        for (uint32_t code = 0; code < 7776; code++)
        {
            uint32_t parents[N];
            uint32_t rest = code;
            std::vector<uint32_t> children(N);
            for (uint32_t i = 1; i < N; i++)
            {
                parents[i] = rest % N;
                rest /= N;
                children[parents[i]]++;
            }
            bool allowed = true;
            for (uint32_t i = 0; i < N; i++)
            {
                allowed = allowed && children[i] <= capacities[i];
            }
            double mean = 0;
            for (uint32_t i = 1; allowed && i < N; i++)
            {
                double latency = 0;
                uint32_t hops = 0;
                for (uint32_t at = i; at != 0 && hops <= N; at = parents[at], hops++)
                {
                    latency += delays[parents[at]][at] / 1000;
                }
                allowed = hops <= N;
                mean += latency / (N - 1);
                NS_TEST_ASSERT_MSG_EQ((!allowed || latency >= bound.GetPeersMs()[i - 1] - 1e-9),
                                      true,
                                      "peer " << i << " of tree " << code << ", seed " << seed);
            }
            if (allowed)
            {
                trees++;
                // Without enough capacity for two levels no bound of the mean is computed.
                const bool holds =
                    std::isnan(bound.GetMeanMs()) || mean >= bound.GetMeanMs() - 1e-9;
                NS_TEST_ASSERT_MSG_EQ(holds, true, "mean of tree " << code << ", seed " << seed);
            }
        }
        m_trees += trees;
    }

    void
    DoRun() override
    {
        for (uint64_t seed = 1; seed <= 60; seed++)
        {
            CheckAllTrees(seed);
        }
        NS_TEST_EXPECT_MSG_GT(m_trees, 1000, "trees were tried");

        // A star that fits: the bound is the star. One slot: peer 2 is better off behind peer 1.
        const auto delay = [](uint32_t a, uint32_t b)
        { return a == 0 ? (b == 1 ? 10000.0 : 30000.0) : 25000.0; };
        const FanoutLatencyBound star(delay, {2, 1, 0}, 0, {1, 2});
        NS_TEST_EXPECT_MSG_EQ_TOL(star.GetMeanMs(), 20, 1e-9, "10 and 30");
        const FanoutLatencyBound chain(delay, {1, 1, 0}, 0, {1, 2});
        NS_TEST_EXPECT_MSG_EQ_TOL(chain.GetMeanMs(), 22.5, 1e-9, "10 and 35");
        NS_TEST_EXPECT_MSG_EQ_TOL(chain.GetPeersMs()[1], 30, 1e-9, "alone it could be the child");
        const FanoutLatencyBound none(nullptr, {1, 1}, 0, {1});
        NS_TEST_EXPECT_MSG_EQ(none.IsDefined(), false, "no delays");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(none.GetMeanMs()), true, "no delays");
    }

    uint32_t m_trees{0}; ///< trees that fit their capacities
};

/// Samples taken by hand. @ingroup fanout-tree-monitor-test
class MaintenanceTest : public TestCase
{
  public:
    MaintenanceTest()
        : TestCase("maintenance: orphans, area, recovery, moves, drift")
    {
    }

  private:
    void
    DoRun() override
    {
        NS_TEST_EXPECT_MSG_EQ(FanoutMaintenance::PeriodFor(25), 100 * MILLISECOND, "at least");
        NS_TEST_EXPECT_MSG_EQ(FanoutMaintenance::PeriodFor(5000), 500 * MILLISECOND, "a tenth");
        NS_TEST_EXPECT_MSG_EQ(FanoutMaintenance::PeriodFor(99999), SECOND, "at most");

        FanoutMaintenance m;
        m.NoteMove(3);
        m.Begin(10 * SECOND, {0, 2, 4});
        m.Add(11 * SECOND, {2, 2, 4});
        m.Add(12 * SECOND, {1, 5, 3});
        m.NoteMove(3);
        m.NoteMove(3);
        m.NoteMove(1);
        m.Add(13 * SECOND, {0, 2, 4});
        m.Add(14 * SECOND, {3, 2, 4});
        m.Finish(16 * SECOND);
        m.NoteMove(1);
        NS_TEST_EXPECT_MSG_EQ(m.GetMaxOrphans(), 3, "of the samples");
        NS_TEST_EXPECT_MSG_EQ_TOL(m.GetOrphanArea(), 9, 1e-9, "0 + 2 + 1 + 0 + 2 * 3");
        NS_TEST_EXPECT_MSG_EQ_TOL(m.GetReparentsPerMin(), 30, 1e-9, "3 moves in 6 s");
        NS_TEST_EXPECT_MSG_EQ(m.GetFlapMax(), 2, "peer 3, those before Begin not counted");
        NS_TEST_EXPECT_MSG_EQ(m.GetLevelDrift(), 3, "2 to 5");
        NS_TEST_EXPECT_MSG_EQ(m.GetChildrenDrift(), 1, "4 to 3");
        NS_TEST_EXPECT_MSG_EQ(m.GetSamples(), 4, "samples");
        const auto recoveries = m.GetRecoveriesMs({10500 * MILLISECOND, 13 * SECOND, 14 * SECOND});
        NS_TEST_ASSERT_MSG_EQ(recoveries.size(), 3, "one a burst");
        NS_TEST_EXPECT_MSG_EQ_TOL(recoveries[0], 2000, 1e-9, "14, never whole again: to the end");
        NS_TEST_EXPECT_MSG_EQ_TOL(recoveries[1], 2500, 1e-9, "10.5 to 13");
        NS_TEST_EXPECT_MSG_EQ_TOL(recoveries[2], 3000, 1e-9, "13: the sample at 13 is too early");
    }
};

/// What a report looks like. @ingroup fanout-tree-monitor-test
class ReportTest : public TestCase
{
  public:
    ReportTest()
        : TestCase("report: flat keys, null for nothing, cost apart, errors that name the file")
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutReport report;
        report.Begin("join");
        report.SetNumber("joinedPct", 99.5, "%");
        report.SetNumber("attachP95", std::nan(""), "ms");
        report.Begin("join", FanoutReport::DETAIL);
        report.SetCount("messages", 18446744073709551615ull);
        report.Begin(FanoutReport::COST);
        report.SetNumber("cpuSeconds", 1.25, "s");
        report.Begin(FanoutReport::PARAMETERS);
        report.SetCount("messages", 7);
        report.SetText("topic", "concert \"live\"");
        report.SetFlag("repair", true);
        report.Begin("join");
        report.SetNumber("joinedPct", 98.5, "%");

        std::ostringstream text;
        report.WriteJson(text);
        const auto json = nlohmann::json::parse(text.str());
        NS_TEST_EXPECT_MSG_EQ((json["schemaVersion"] == 1), true, "version");
        NS_TEST_EXPECT_MSG_EQ((json["joinedPct"] == 98.5), true, "set again");
        NS_TEST_EXPECT_MSG_EQ(json["attachP95"].is_null(), true, "not defined");
        NS_TEST_EXPECT_MSG_EQ((json["messages"] == 18446744073709551615ull), true, "all 64 bits");
        NS_TEST_EXPECT_MSG_EQ((json["params"]["messages"] == 7), true, "apart");
        NS_TEST_EXPECT_MSG_EQ((json["params"]["topic"] == "concert \"live\""), true, "quoted");
        NS_TEST_EXPECT_MSG_EQ((json["cpuSeconds"] == 1.25), true, "cost");
        std::ostringstream stable;
        report.WriteJson(stable, true);
        NS_TEST_EXPECT_MSG_EQ(nlohmann::json::parse(stable.str()).contains("cpuSeconds"),
                              false,
                              "no cost in the stable text");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(report.Get("topic")), true, "a parameter is no figure");
        NS_TEST_EXPECT_MSG_EQ(report.Has("nothing"), false, "unknown");

        std::ostringstream table;
        report.Print(table);
        NS_TEST_EXPECT_MSG_NE(table.str().find("joinedPct"), std::string::npos, "headline");
        NS_TEST_EXPECT_MSG_EQ(table.str().find("messages"), std::string::npos, "detail");
        std::ostringstream all;
        report.Print(all, true);
        NS_TEST_EXPECT_MSG_NE(all.str().find("messages"), std::string::npos, "detail");

        std::string said;
        try
        {
            report.WriteJson(CreateTempDirFilename("no-such-folder") + "/report.json");
        }
        catch (const std::runtime_error& error)
        {
            said = error.what();
        }
        NS_TEST_EXPECT_MSG_NE(said.find("report.json: No such file"), std::string::npos, said);
    }
};

/// The suite of what the monitor computes with. @ingroup fanout-tree-monitor-test
class MonitorPartsTestSuite : public TestSuite
{
  public:
    MonitorPartsTestSuite()
        : TestSuite("fanout-monitor-parts")
    {
        AddTestCase(new QuantilesTest);
        AddTestCase(new CountsTest);
        AddTestCase(new TallyTest);
        AddTestCase(new FairnessTest);
        AddTestCase(new FairnessOverTimeTest);
        AddTestCase(new ShapeTest);
        AddTestCase(new BoundTest);
        AddTestCase(new MaintenanceTest);
        AddTestCase(new ReportTest);
    }
};

MonitorPartsTestSuite g_monitorPartsTestSuite; ///< registers the suite

} // namespace
