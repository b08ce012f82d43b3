/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-exchange.h"
#include "fanout-test-files.h"

#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-topology-helper.h"
#include "ns3/fanout-topology.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/test.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::Topology;

namespace
{

constexpr const char* ROCKETFUEL = "Bonn,+DE1 Koeln,+DE2 2\nKoeln,+DE2 Bonn,+DE1 4\n"
                                   "Koeln,+DE2 Paris,+FR3 5.5\n";
constexpr const char* INET = "4 4\n0\t10\t20\n1\t30\t40\n2\t1\t2\n3\t5\t6\n"
                             "0\t1\t2000\n1\t2\t200\n2\t3\t10\n0\t3\t1000\n";
constexpr const char* ORBIS = "7 9\n9 12\n12 7\n12 4294967295\n";

/// @param path of a file @param format of it @return what it holds
Topology
ReadFile(const std::string& path, const std::string& format)
{
    return Topology::Read(path, Topology::FormatFromText(format).value());
}

/// Files of all formats, and bad ones.
class ReadTestCase : public FileTestCase
{
  public:
    ReadTestCase()
        : FileTestCase("topology files: formats and errors")
    {
    }

  private:
    /// @param text of a file @param format of it @param line of the error, 0 for none
    /// @param what the error says @param allowed what it says is allowed
    void
    Refuses(const std::string& text,
            const std::string& format,
            int line,
            const std::string& what,
            const std::string& allowed)
    {
        ExpectRefused([&] { ReadFile(Write(text), format); }, line, what, allowed);
    }

    void
    DoRun() override
    {
        const auto isp = ReadFile(Write(ROCKETFUEL), "rocketfuel");
        NS_TEST_EXPECT_MSG_EQ(isp.GetN(), 3, "routers");
        NS_TEST_ASSERT_MSG_EQ(isp.GetLinks().size(), 2, "links");
        NS_TEST_EXPECT_MSG_EQ(isp.GetLinks()[0].length, 3, "the mean of both directions");
        NS_TEST_EXPECT_MSG_EQ(isp.GetLinks()[1].length, 5.5, "one direction");
        NS_TEST_EXPECT_MSG_EQ(isp.GetDegree(1), 2, "Koeln");
        NS_TEST_EXPECT_MSG_EQ((isp.GetEdgeRouters() == std::vector<uint32_t>{0, 2}), true, "ends");
        const auto inet = ReadFile(Write(INET), "inet");
        NS_TEST_EXPECT_MSG_EQ(inet.GetN(), 4, "routers");
        NS_TEST_EXPECT_MSG_EQ(inet.GetLinks().at(3).length, 1000, "distance");
        const auto orbis = ReadFile(Write(ORBIS), "orbis");
        NS_TEST_EXPECT_MSG_EQ(orbis.GetN(), 4, "routers");
        NS_TEST_EXPECT_MSG_EQ(orbis.GetLinks().size(), 4, "links");
        NS_TEST_EXPECT_MSG_EQ(orbis.GetLinks().at(0).length, 1, "no lengths");
        CheckErrors();
        CheckLimits();
    }

    void
    CheckErrors()
    {
        Refuses("", "rocketfuel", 0, "the file is empty", "a text file");
        Refuses("#\n", "rocketfuel", 2, "the file has no links", "at least 1");
        Refuses("a b\n", "rocketfuel", 1, "the line has 2 words", "FROM TO WEIGHT");
        Refuses("a b 1\nb c", "rocketfuel", 2, "the line has 2 words", "FROM TO WEIGHT");
        Refuses("a b x\n", "rocketfuel", 1, "weight \"x\" is not a number", "a number from 0");
        Refuses("a b -1\n", "rocketfuel", 1, "weight \"-1\" is out of range", "a number from 0");
        Refuses("a b inf\n", "rocketfuel", 1, "weight \"inf\" is out of range", "a number from 0");
        Refuses("a a 1\n", "rocketfuel", 1, "a link from a router to itself", "links between two");
        Refuses("a b 1\nc d 1\n",
                "rocketfuel",
                3,
                "the first router has a way to 1 of the 3 others only",
                "one connected network");
        Refuses(std::string("a b 1\n\x7f"
                            "ELF\0",
                            11),
                "rocketfuel",
                2,
                "byte 127 is no",
                "a text");
        Refuses(std::string(201, 'n') + " b 1\n",
                "rocketfuel",
                1,
                "a name of 201 bytes",
                "at most");

        Refuses("#\n", "inet", 2, "the file has no lines", "ROUTERS LINKS in the first line");
        Refuses("0 1 2\n", "inet", 1, "the line has 3 words", "ROUTERS LINKS in the first");
        Refuses("5001 1\n", "inet", 1, "number of routers \"5001\" is out of", "a number from 2");
        Refuses("2 0\n", "inet", 1, "number of links \"0\" is out of range", "a number from 1 to");
        Refuses("2 1\n0 1 1\n", "inet", 3, "the file ends behind 1 routers", "2 of them");
        Refuses("2 1\n0 1 1\n1 1 1\n", "inet", 4, "the file ends behind 0 links", "1 of them");
        Refuses("2 1\n0 1 1\n0 1 1\n", "inet", 3, "router 0 is there twice", "each once");
        Refuses("2 1\n0 1 y\n", "inet", 2, "coordinate \"y\" is not a number", "a number");
        Refuses("2 1\n0 1 1\n1 1 1\n0 2 1\n",
                "inet",
                4,
                "router \"2\" is out of range",
                "a number");
        Refuses("2 1\n0 1 1\n1 1 1\n0 1 -1\n", "inet", 4, "length \"-1\" is out of range", "a n");
        Refuses("2 1\n0 1 1\n1 1 1\n0 1 1\n0 1 1\n", "inet", 5, "the file goes on", "1 links");
        Refuses("3 1\n0 1 1\n1 1 1\n2 1 1\n0 1 1\n",
                "inet",
                6,
                "the first router has a way to 1",
                "");

        Refuses("1 2 3\n", "orbis", 1, "the line has 3 words", "ID ID of each link");
        Refuses("1 two\n", "orbis", 1, "router \"two\" is not a number", "a number");
        Refuses("1 2.5\n", "orbis", 1, "router \"2.5\" is not a whole number", "a whole number");
        Refuses("1 -2\n", "orbis", 1, "router \"-2\" is out of range", "a number from 0");
        const auto unknown = ErrorOf([&] { FanoutTopologyHelper(Write(ORBIS), "brite"); });
        NS_TEST_EXPECT_MSG_EQ(Contains(unknown, "allowed: rocketfuel, inet, orbis"), true, unknown);
    }

    void
    CheckLimits()
    {
        std::string line = "0 1\n";
        for (int i = 1; i < 5000; i++)
        {
            line += std::to_string(i) + " " + std::to_string(i + 1) + "\n";
        }
        Refuses(line, "orbis", 5000, "too many routers", "at most 5000");
        std::string mesh;
        for (int i = 0; i < 500; i++)
        {
            for (int j = 0; j < i; j++)
            {
                mesh += std::to_string(i) + " " + std::to_string(j) + "\n";
            }
        }
        Refuses(mesh, "orbis", 100001, "too many links", "at most 100000");
    }
};

/// Ways are shortest, found in another way.
class PathsTestCase : public FileTestCase
{
  public:
    PathsTestCase()
        : FileTestCase("topology files: shortest ways")
    {
    }

  private:
    void
    DoRun() override
    {
        constexpr uint32_t N = 60;
        fanout::Random random(1, 2, 3);
        std::string text;
        for (uint32_t i = 1; i < N; i++)
        {
            for (int k = 0; k < 2; k++)
            {
                text += std::to_string(i) + " " + std::to_string(random.Below(i)) + " " +
                        std::to_string(random.Below(20)) + ".5\n";
            }
        }
        auto topology = ReadFile(Write(text), "rocketfuel");
        std::vector<uint32_t> targets{3, 0, 59, 17};
        topology.FindPaths(targets);
        for (uint32_t target = 0; target < targets.size(); target++)
        {
            std::vector<double> distances(N, 1e9);
            distances[targets[target]] = 0;
            for (uint32_t round = 0; round < N; round++)
            {
                for (const auto& [a, b, length] : topology.GetLinks())
                {
                    distances[a] = std::min(distances[a], distances[b] + length);
                    distances[b] = std::min(distances[b], distances[a] + length);
                }
            }
            for (uint32_t i = 0; i < N; i++)
            {
                NS_TEST_EXPECT_MSG_EQ_TOL(topology.GetDistance(i, target),
                                          distances[i],
                                          1e-9,
                                          i << " to " << targets[target]);
                NS_TEST_EXPECT_MSG_EQ((topology.NextPort(i, target) == Topology::NO_PORT),
                                      (i == targets[target]),
                                      "a next hop");
            }
        }
    }
};

/// Packets take what the helper says, and a channel runs, over each format.
class NetworkTestCase : public FileTestCase
{
  public:
    NetworkTestCase()
        : FileTestCase("topology files: networks")
    {
    }

  private:
    /// @param text of a file @param format of it @param unit of lengths, zero for the default
    /// @return a network, not created
    std::unique_ptr<FanoutTopologyHelper>
    Make(const std::string& text, const std::string& format, Time unit)
    {
        auto network = std::make_unique<FanoutTopologyHelper>(Write(text), format);
        network->AssignStreams(5);
        network->SetAccess("relay");
        if (unit.IsStrictlyPositive())
        {
            network->SetUnit(unit);
        }
        return network;
    }

    /// @param text of a file @param format of it @param unit as above @param least delay of a link
    void
    CheckPackets(const std::string& text, const std::string& format, Time unit, Time least)
    {
        constexpr uint32_t HOSTS = 12;
        const auto network = Make(text, format, unit);
        network->Create(HOSTS);
        std::set<uint32_t> routers;
        {
            Exchange exchange(*network, true);
            for (uint32_t i = 0; i < HOSTS; i++)
            {
                routers.insert(network->GetRouter(i));
                for (uint32_t j = 0; j < HOSTS; j++)
                {
                    if (i == j)
                    {
                        continue;
                    }
                    exchange.got.clear();
                    exchange.Send(i, j);
                    Simulator::Run();
                    NS_TEST_ASSERT_MSG_EQ(exchange.got.size(), 2, i << " to " << j << " and back");
                    const auto trip = network->GetRoundTrip(i, j);
                    NS_TEST_EXPECT_MSG_EQ_TOL(exchange.elapsed.GetSeconds(),
                                              trip.GetSeconds(),
                                              0.00001,
                                              i << " to " << j);
                    const bool same = network->GetRouter(i) == network->GetRouter(j);
                    const auto links = trip - MilliSeconds(8);
                    NS_TEST_EXPECT_MSG_EQ((links + MicroSeconds(1) > (same ? Time(0) : 2 * least)),
                                          true,
                                          "as long as the file says");
                }
            }
        }
        NS_TEST_EXPECT_MSG_EQ(routers.size(), 2, "at all edge routers");
        NS_TEST_EXPECT_MSG_EQ(network->GetRoundTrip(2, 2), Time(0), "to itself");
        Simulator::Destroy();
    }

    /// @param text of a file @param format of it
    void
    CheckRun(const std::string& text, const std::string& format)
    {
        const auto network = Make(text, format, Time(0));
        const auto hosts = network->Create(30);
        FanoutTreeHelper tree("concert");
        const auto apps = tree.Install(hosts);
        FanoutWorkload load(apps);
        load.Publish(20, 100, 40, Seconds(5));
        const auto monitor = FanoutMonitorHelper().Install(apps);
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(monitor->GetReport().Get("deliveredPct"), 100, format);
        monitor->Dispose();
        Simulator::Destroy();
    }

    void
    DoRun() override
    {
        CheckPackets(ROCKETFUEL, "rocketfuel", Time(0), MicroSeconds(8500)); // 3 and 5.5
        CheckPackets(ROCKETFUEL, "rocketfuel", MicroSeconds(10), MicroSeconds(85));
        CheckPackets(INET, "inet", Time(0), MicroSeconds(6050)); // by 3 and 2
        CheckPackets(ORBIS, "orbis", Time(0), MilliSeconds(10));
        CheckRun(ROCKETFUEL, "rocketfuel");
        CheckRun(INET, "inet");
        CheckRun(ORBIS, "orbis");
    }
};

/// Networks from files.
class TopologyTestSuite : public TestSuite
{
  public:
    TopologyTestSuite()
        : TestSuite("fanout-topology")
    {
        AddTestCase(new ReadTestCase);
        AddTestCase(new PathsTestCase);
        AddTestCase(new NetworkTestCase);
    }
};

TopologyTestSuite g_topologyTestSuite; ///< registers itself

} // namespace
