/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-exchange.h"

#include "ns3/channel.h"
#include "ns3/data-rate.h"
#include "ns3/fanout-graph.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/ipv4.h"
#include "ns3/test.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace ns3;
using fanout::test::Exchange;

namespace
{

/// A random graph is simple and connected, near its degree, and a function of its key.
class GraphCase : public TestCase
{
  public:
    GraphCase()
        : TestCase("random graphs")
    {
    }

  private:
    static std::set<std::pair<uint32_t, uint32_t>>
    EdgesOf(const fanout::Graph& graph)
    {
        std::set<std::pair<uint32_t, uint32_t>> edges;
        for (const auto& edge : graph.GetEdges())
        {
            edges.emplace(std::min(edge.a, edge.b), std::max(edge.a, edge.b));
        }
        return edges;
    }

    void
    DoRun() override
    {
        for (uint32_t n : {1u, 2u, 3u, 4u, 5u, 50u, 301u})
        {
            fanout::Random random(1, n, 0);
            auto graph = fanout::Graph::Draw(n, 5, random);
            graph.FindPaths();
            const auto edges = EdgesOf(graph);
            NS_TEST_ASSERT_MSG_EQ(edges.size(), graph.GetEdges().size(), "no edge twice");
            uint32_t ends = 0;
            for (uint32_t i = 0; i < n; i++)
            {
                ends += graph.GetNeighbours(i).size();
                NS_TEST_ASSERT_MSG_LT(graph.GetNeighbours(i).size(), 6, "degree");
                NS_TEST_ASSERT_MSG_EQ(edges.count({i, i}), 0, "no loop");
                CheckPaths(graph, i);
            }
            NS_TEST_ASSERT_MSG_GT(ends + 5, n * std::min(5u, n - 1), "almost all have the degree");
        }
        fanout::Random one(1, 2, 3);
        fanout::Random same(1, 2, 3);
        fanout::Random other(4, 2, 3);
        const auto edges = EdgesOf(fanout::Graph::Draw(100, 6, one));
        NS_TEST_ASSERT_MSG_EQ((edges == EdgesOf(fanout::Graph::Draw(100, 6, same))), true, "");
        NS_TEST_ASSERT_MSG_EQ((edges == EdgesOf(fanout::Graph::Draw(100, 6, other))), false, "");
    }

    /// Each step of a path is one hop nearer, by distances found in another way.
    void
    CheckPaths(const fanout::Graph& graph, uint32_t to)
    {
        const uint32_t n = graph.GetN();
        std::vector<uint32_t> distance(n, n);
        distance[to] = 0;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (const auto& edge : graph.GetEdges())
            {
                for (const auto& [x, y] : {std::pair(edge.a, edge.b), std::pair(edge.b, edge.a)})
                {
                    if (distance[x] + 1 < distance[y])
                    {
                        distance[y] = distance[x] + 1;
                        changed = true;
                    }
                }
            }
        }
        for (uint32_t from = 0; from < n; from++)
        {
            NS_TEST_ASSERT_MSG_LT(distance[from], n, "connected");
            if (from != to)
            {
                const uint32_t next = graph.GetNeighbours(from).at(graph.NextPort(from, to));
                NS_TEST_ASSERT_MSG_EQ(distance[next] + 1, distance[from], "a shortest path");
            }
        }
    }
};

/// Round trips are those that the helper names, and their means those of the matrix.
class RoundTripCase : public TestCase
{
  public:
    RoundTripCase()
        : TestCase("round trips of the ISP")
    {
    }

  private:
    void
    DoRun() override
    {
        CheckMeans();
        CheckLinks();
    }

    void
    CheckMeans()
    {
        FanoutIspHelper isp;
        isp.AssignStreams(3);
        isp.SetRegionShares(std::vector<double>(fanout::REGIONS, 1));
        const uint32_t hosts = 2700;
        isp.Create(hosts);
        std::array<std::array<double, fanout::REGIONS>, fanout::REGIONS> sums{};
        std::array<std::array<uint32_t, fanout::REGIONS>, fanout::REGIONS> counts{};
        for (uint32_t i = 0; i < hosts; i++)
        {
            for (uint32_t j = 0; j < hosts; j++)
            {
                const auto from = static_cast<std::size_t>(isp.GetRegion(i));
                const auto to = static_cast<std::size_t>(isp.GetRegion(j));
                sums[from][to] += isp.GetRoundTrip(i, j).GetSeconds() * 1000;
                counts[from][to] += i == j ? 0 : 1;
            }
        }
        for (std::size_t i = 0; i < fanout::REGIONS; i++)
        {
            for (std::size_t j = 0; j < fanout::REGIONS; j++)
            {
                const auto from = static_cast<fanout::Region>(i);
                const auto to = static_cast<fanout::Region>(j);
                const double expected = fanout::RoundTripMs(from, to);
                NS_TEST_ASSERT_MSG_EQ_TOL(sums[i][j] / counts[i][j],
                                          expected,
                                          0.06 * expected,
                                          NameOf(from) << "-" << NameOf(to));
                NS_TEST_ASSERT_MSG_EQ(expected, fanout::RoundTripMs(to, from), "symmetric");
            }
        }
        Simulator::Destroy();
    }

    /// What a packet really takes, over 2, 4 and 5 links.
    void
    CheckLinks()
    {
        FanoutIspHelper isp;
        isp.AssignStreams(4);
        isp.SetAccess("relay");
        const uint32_t hosts = 200;
        isp.Create(hosts);
        {
            Exchange exchange(isp, true);
            std::set<uint32_t> kinds;
            for (uint32_t i = 1; i < hosts; i += 7)
            {
                const uint32_t to = (i * 13) % hosts;
                if (i == to)
                {
                    continue;
                }
                kinds.insert(isp.GetRegion(i) != isp.GetRegion(to) ? 5
                             : isp.GetEdge(i) != isp.GetEdge(to)   ? 4
                                                                   : 2);
                exchange.got.clear();
                exchange.Send(i, to);
                Simulator::Run();
                NS_TEST_ASSERT_MSG_EQ(exchange.got.size(), 2, "there and back");
                NS_TEST_ASSERT_MSG_EQ_TOL(exchange.elapsed.GetSeconds(),
                                          isp.GetRoundTrip(i, to).GetSeconds(),
                                          0.00001,
                                          i << " to " << to);
            }
            NS_TEST_ASSERT_MSG_EQ(kinds.size(), 3, "all kinds of paths");
        }
        Simulator::Destroy();
    }
};

/// Access rates have the medians of their classes, and the devices have these rates.
class AccessCase : public TestCase
{
  public:
    AccessCase()
        : TestCase("access classes and shares of the regions")
    {
    }

  private:
    static uint64_t
    Median(std::vector<uint64_t> values)
    {
        std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
        return values[values.size() / 2];
    }

    static std::vector<fanout::AccessRates>
    Draw(fanout::AccessClass access)
    {
        std::vector<fanout::AccessRates> rates;
        for (uint32_t i = 0; i < 20000; i++)
        {
            fanout::Random random(9, i, 0);
            rates.push_back(fanout::DrawAccess(access, 5000000, random));
        }
        return rates;
    }

    static uint64_t
    RateOf(const Ptr<NetDevice>& device)
    {
        DataRateValue rate;
        device->GetAttribute("DataRate", rate);
        return rate.Get().GetBitRate();
    }

    void
    DoRun() override
    {
        std::vector<uint64_t> up;
        std::vector<uint64_t> down;
        for (const auto& rates : Draw(fanout::AccessClass::HOME))
        {
            up.push_back(rates.up);
            down.push_back(rates.down);
        }
        NS_TEST_ASSERT_MSG_EQ_TOL(Median(up) / 1e6, 52.8, 2, "");
        NS_TEST_ASSERT_MSG_EQ_TOL(Median(down) / 1e6, 97.6, 4, "");
        NS_TEST_ASSERT_MSG_EQ(*std::min_element(up.begin(), up.end()), 1000000, "clipped");
        NS_TEST_ASSERT_MSG_EQ(*std::max_element(up.begin(), up.end()), 1000000000, "clipped");
        uint32_t relays = 0;
        for (const auto& rates : Draw(fanout::AccessClass::MIXED))
        {
            relays += rates.up == 1000000000 && rates.down == 1000000000 ? 1 : 0;
        }
        NS_TEST_ASSERT_MSG_EQ_TOL(relays / 20000.0, 0.05, 0.02, "");
        fanout::Random random(1, 1, 1);
        std::array<uint32_t, fanout::REGIONS> regions{};
        for (uint32_t i = 0; i < 20000; i++)
        {
            regions[static_cast<size_t>(
                fanout::DrawRegion(fanout::DEFAULT_REGION_SHARES, random))]++;
        }
        for (std::size_t i = 0; i < fanout::REGIONS; i++)
        {
            NS_TEST_ASSERT_MSG_EQ_TOL(regions[i] / 20000.0,
                                      fanout::DEFAULT_REGION_SHARES[i],
                                      0.01,
                                      "");
        }
        CheckShares();
        CheckNetwork();
    }

    void
    CheckShares()
    {
        const auto shares = fanout::RegionSharesFromText("EU:1,NA:2.5,OC:0,ME:1.5");
        const fanout::RegionShares expected{0.5, 0, 0.2, 0, 0.3, 0, 0, 0, 0};
        for (std::size_t i = 0; i < fanout::REGIONS; i++)
        {
            NS_TEST_ASSERT_MSG_EQ_TOL(shares[i], expected[i], 1e-12, i);
        }
        for (const auto* text :
             {"", "EU", "EU:", "EU:x", "eu:1", "EU:1,EU:1", "EU:0", "EU:nan", ","})
        {
            bool refused = false;
            try
            {
                fanout::RegionSharesFromText(text);
            }
            catch (const std::invalid_argument& error)
            {
                refused = std::string(error.what()).find("EU:0.5,NA:0.5") != std::string::npos;
            }
            NS_TEST_ASSERT_MSG_EQ(refused, true, text);
        }
        FanoutIspHelper isp;
        isp.AssignStreams(1);
        isp.SetRegions("SE:1,SA:1");
        isp.Create(200);
        uint32_t inSe = 0;
        for (uint32_t i = 0; i < 200; i++)
        {
            inSe += isp.GetRegion(i) == fanout::Region::SE ? 1 : 0;
            NS_TEST_ASSERT_MSG_EQ(
                (isp.GetRegion(i) == fanout::Region::SE || isp.GetRegion(i) == fanout::Region::SA),
                true,
                i);
        }
        NS_TEST_ASSERT_MSG_EQ_TOL(inSe, 100, 30, "half");
        Simulator::Destroy();
    }

    void
    CheckNetwork()
    {
        FanoutIspHelper isp;
        isp.AssignStreams(1);
        isp.SetAccess("uniform");
        isp.SetUniformRate(DataRate("5Mbps"));
        isp.SetAccess("home", 10, 10);
        isp.SetAccess("relay", {0, 15, 29});
        const NodeContainer nodes = isp.Create(30);
        for (uint32_t i = 0; i < 30; i++)
        {
            const Ptr<NetDevice> own = nodes.Get(i)->GetObject<Ipv4>()->GetNetDevice(1);
            const bool first = own->GetChannel()->GetDevice(0) == own;
            const Ptr<NetDevice> other = own->GetChannel()->GetDevice(first ? 1 : 0);
            NS_TEST_ASSERT_MSG_EQ(isp.GetUplink(i).GetBitRate(), RateOf(own), "");
            NS_TEST_ASSERT_MSG_EQ(isp.GetDownlink(i).GetBitRate(), RateOf(other), "");
            const bool relay = i == 0 || i == 15 || i == 29;
            const bool home = i >= 10 && i < 20 && !relay;
            if (!home)
            {
                NS_TEST_ASSERT_MSG_EQ(RateOf(own), (relay ? 1000000000u : 5000000u), i);
            }
            else
            {
                NS_TEST_ASSERT_MSG_NE(RateOf(own), RateOf(other), i);
            }
        }
        Simulator::Destroy();
    }
};

/// The same streams make the same network, others another one.
class DeterminismCase : public TestCase
{
  public:
    DeterminismCase()
        : TestCase("networks are functions of their streams")
    {
    }

  private:
    static std::string
    Describe(int64_t stream)
    {
        FanoutIspHelper isp;
        isp.AssignStreams(stream);
        isp.Create(100);
        std::string text;
        for (uint32_t i = 0; i < 100; i++)
        {
            text += std::to_string(isp.GetUplink(i).GetBitRate()) + " " +
                    std::to_string(isp.GetRoundTrip(i, 99 - i).GetNanoSeconds()) + " " +
                    std::to_string(isp.GetEdge(i)) + "\n";
        }
        Simulator::Destroy();
        return text;
    }

    void
    DoRun() override
    {
        const std::string once = Describe(11);
        NS_TEST_ASSERT_MSG_EQ((Describe(11) == once), true, "");
        NS_TEST_ASSERT_MSG_EQ((Describe(12) == once), false, "");
    }
};

/// The suite.
class FanoutLatencyTestSuite : public TestSuite
{
  public:
    FanoutLatencyTestSuite()
        : TestSuite("fanout-latency")
    {
        AddTestCase(new GraphCase);
        AddTestCase(new RoundTripCase);
        AddTestCase(new AccessCase);
        AddTestCase(new DeterminismCase);
    }
};

FanoutLatencyTestSuite g_fanoutLatencyTestSuite;

} // namespace
