/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-files.h"

#include "ns3/boolean.h"
#include "ns3/fanout-cloud-helper.h"
#include "ns3/fanout-measured-latency.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/object-factory.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

constexpr int64_t MS = 1000000; ///< nanoseconds

/// Reads files into models.
class LatencyFileTestCase : public FileTestCase
{
  public:
    using FileTestCase::FileTestCase;

  protected:
    /// @param text of a file @param format of it @param unit of it @param shuffle hosts
    /// @return a model of it
    Ptr<FanoutMeasuredLatency>
    Read(const std::string& text,
         const std::string& format,
         Time unit = MilliSeconds(1),
         bool shuffle = false)
    {
        return FanoutMeasuredLatency::FromFile(Write(text), format, unit, shuffle);
    }

    /// @param text of a file @param format of it @param line of the error, 0 for none
    /// @param what the error says @param allowed what it says is allowed
    void
    Refuses(const std::string& text,
            const std::string& format,
            int line,
            const std::string& what,
            const std::string& allowed)
    {
        ExpectRefused([&] { Read(text, format); }, line, what, allowed);
    }
};

/// p2psim's topologies.
class KingTestCase : public LatencyFileTestCase
{
  public:
    KingTestCase()
        : LatencyFileTestCase("latency files: king")
    {
    }

  private:
    static constexpr const char* HEAD = "topology E2EGraph 4\nfailure_model NullFailureModel\n"
                                        "\n# nodes\nnode 1\nnode 2\nnode 3 Chord\nnode 4\n";

    void
    DoRun() override
    {
        const auto model =
            Read(std::string(HEAD) + "1,2 10\n1,3 20.5\n1,4 -1\n2,3 40m\n2,4 50000u\n3,4 0\n",
                 "king");
        NS_TEST_EXPECT_MSG_EQ(model->GetPlaces(), 4, "places");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 1), 10 * MS, "one way");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(1, 0), 10 * MS, "both ways");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 2), 20500000, "a fraction");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(1, 2), 40 * MS, "with a suffix");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(1, 3), 50 * MS, "with a suffix");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(2, 3), 1000, "never less than a microsecond");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 3), 20500000, "not measured: the median");
        NS_TEST_EXPECT_MSG_EQ(DynamicCast<FanoutMatrixLatency>(model)->GetMissing(), 1, "missing");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(5, 8), 10 * MS, "hosts go round");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 4), MS, "two at one place");
        const auto micros =
            Read(std::string(HEAD) + "1,2 10\n1,3 20\n3,4 30\n", "king", MicroSeconds(1));
        NS_TEST_EXPECT_MSG_EQ(micros->GetDelay(0, 1), 10000, "in microseconds");

        const std::string head = HEAD;
        Refuses("", "king", 0, "the file is empty", "a text file of 1 to");
        Refuses("# nothing\n", "king", 2, "this is no topology of p2psim", "topology E2EGraph N");
        Refuses("12 13\n", "king", 1, "this is no topology of p2psim", "topology E2EGraph N");
        Refuses("topology E2EGraph x\n", "king", 1, "number of nodes \"x\" is not a number", "a");
        Refuses("topology E2EGraph 8193\n", "king", 1, "number of nodes \"8193\" is out", "a n");
        Refuses(head + "1,2 fast\n", "king", 9, "delay \"fast\" is not a number", "a number");
        Refuses(head + "1,2 2000000\n", "king", 9, "delay \"2000000\" is out of range", "a num");
        Refuses(head + "1,5 3\n", "king", 9, "node \"5\" is out of range", "a number from 1 to 4");
        Refuses(head + "1,2.5 3\n", "king", 9, "node \"2.5\" is not a whole", "a whole number");
        Refuses(head + "1,1 3\n", "king", 9, "a pair of node 1 and itself", "two nodes");
        Refuses(head + "1 2 3\n", "king", 9, "this is neither a node nor a pair", "node I, or");
        Refuses(head + "node 3\n", "king", 9, "node 3 is there twice", "each once");
        Refuses("topology E2EGraph 2\nnode 1\n", "king", 3, "node 2 is missing", "2 nodes");
        Refuses(head + "1,2 10\n", "king", 10, "5 of 6 pairs were not measured", "at most half");
        Refuses(head + std::string("1,2 1\0", 6), "king", 9, "byte 0 is no text", "a text file");
        Refuses(std::string(2000000, 'x'), "king", 1, "the line is too long", "at most 1048576");
    }
};

/// Square matrices of round trips.
class MatrixTestCase : public LatencyFileTestCase
{
  public:
    MatrixTestCase()
        : LatencyFileTestCase("latency files: matrix")
    {
    }

  private:
    void
    DoRun() override
    {
        const std::string text = "0 20 -1 44\n22\t0 60 0\n-1 80 0 0\n44 10 0 7\n";
        const auto model = Read(text, "matrix");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 1), 10500000, "half, the mean of both ends");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(1, 2), 35 * MS, "half, the mean of both ends");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 3), 22 * MS, "half");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(3, 1), 5 * MS, "measured from one end");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 2), 22 * MS, "not measured: the median");
        NS_TEST_EXPECT_MSG_EQ(DynamicCast<FanoutMatrixLatency>(model)->GetMissing(), 2, "missing");
        NS_TEST_EXPECT_MSG_EQ(Read(text, "matrix", Seconds(1))->GetDelay(0, 3),
                              22000 * MS,
                              "in seconds");
        Refuses("0 1\n1\n", "matrix", 2, "row 2 has 1 numbers", "a square matrix, here 2 rows");
        Refuses("0 1\n1 0\n0 0\n", "matrix", 3, "row 3 has 2 numbers", "a square matrix");
        Refuses("0 1 2\n1 0 3\n", "matrix", 3, "the file ends behind row 2", "a square matrix");
        Refuses("0 1\n1 nan\n", "matrix", 2, "round trip \"nan\" is not a number", "a number");
        Refuses("0 1\n1 0x\n", "matrix", 2, "round trip \"0x\" is not a number", "a number");
        Refuses("7\n", "matrix", 1, "a row of 1 numbers", "2 to 8192");
        Refuses("#\n", "matrix", 2, "the file ends behind row 0", "a square matrix");
        std::string wide;
        for (int i = 0; i < 8193; i++)
        {
            wide += "1 ";
        }
        Refuses(wide, "matrix", 1, "a row of 8193 numbers", "2 to 8192");
        Refuses("0 -1\n-1 0\n", "matrix", 3, "1 of 1 pairs were not measured", "at most half");

        const auto says = [&](const std::string& error, const std::string& part)
        { NS_TEST_EXPECT_MSG_EQ(Contains(error, part), true, error); };
        const auto read = [](const std::string& path, const std::string& format) {
            return ErrorOf([&]
                           { FanoutMeasuredLatency::FromFile(path, format, Seconds(1), false); });
        };
        says(read("/nowhere/x", "king"), "/nowhere/x: there is no such file; allowed:");
        says(read("/dev", "king"), "/dev: this is not a regular file; allowed:");
        says(read("/dev", "csv"), "latency format \"csv\" is unknown; allowed: king, matrix,");
        says(ErrorOf([] { CreateObject<FanoutMatrixLatency>()->GetDelay(0, 1); }), "no file");
    }
};

/// OverSim's coordinates.
class OverSimTestCase : public LatencyFileTestCase
{
  public:
    OverSimTestCase()
        : LatencyFileTestCase("latency files: oversim")
    {
    }

  private:
    /// @param number as text @return a tag with it
    static std::string
    Coordinate(const std::string& number)
    {
        return "<coord>" + number + "</coord>";
    }

    void
    DoRun() override
    {
        const std::string head = "<?xml version=\"1.0\"?>\n<!-- comment -->\n"
                                 "<nodelist dimensions=\"2\" rootnodes=\"1\">\n";
        const std::string node = "<node isroot=\"1\"> <coord> -1.5 </coord>\n"
                                 "<coord> 2 </coord> </node>\n";
        const std::string other = "<node isroot=\"0\" ip=\"c050001\">" + Coordinate("1.5") +
                                  Coordinate("6") + "</node>\n";
        const auto model = Read(head + node + other + "</nodelist>\n", "oversim");
        NS_TEST_EXPECT_MSG_EQ(model->GetPlaces(), 2, "places");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 1), 5 * MS, "3, 4, 5");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(1, 0), 5 * MS, "both ways");
        NS_TEST_EXPECT_MSG_EQ(model->GetDelay(0, 2), MS, "two at one place");
        Refuses("<html>", "oversim", 1, "this is no list of nodes", "<nodelist dimensions=");
        Refuses("no tags", "oversim", 1, "this is no list of nodes", "<nodelist dimensions=");
        Refuses("<nodelist>", "oversim", 1, "number of dimensions \"\" is not a number", "a numb");
        Refuses("<nodelist dimensions=\"17\">", "oversim", 1, "number of dimensions \"17\" is", "");
        Refuses(head + node + other, "oversim", 7, "the file ends within the list", "</nodelist>");
        Refuses(head + node + "</nodelist>", "oversim", 6, "1 nodes", "at least 2");
        Refuses(head + "<node>" + Coordinate("1") + "</node>",
                "oversim",
                4,
                "node 1 has not 2",
                "");
        Refuses(head + "<node>" + Coordinate("far"), "oversim", 4, "coordinate \"far\" is not", "");
        Refuses(head + Coordinate("1"), "oversim", 4, "<coord> is not expected here", "<node>");
        Refuses(head + "<node><b>", "oversim", 4, "<b> is not expected here", "<node>, and in it");
        Refuses(head + "<no\x01", "oversim", 4, "byte 1 is no text", "a text file");
    }
};

/// Hosts in random order; a channel over a file.
class PlacesTestCase : public LatencyFileTestCase
{
  public:
    PlacesTestCase()
        : LatencyFileTestCase("latency files: places of hosts, and a run")
    {
    }

  private:
    /// @param stream of the draws @return places of 50 hosts
    std::vector<uint32_t>
    Places(int64_t stream)
    {
        const auto model = Read(m_text, "matrix", MilliSeconds(1), true);
        model->AssignStreams(stream);
        std::vector<uint32_t> places;
        for (uint32_t host = 0; host < 50; host++)
        {
            places.push_back(model->GetPlace(host));
            NS_TEST_EXPECT_MSG_EQ(model->GetPlace(host + 50), places.back(), "hosts go round");
        }
        return places;
    }

    void
    DoRun() override
    {
        for (int row = 0; row < 50; row++)
        {
            for (int column = 0; column < 50; column++)
            {
                m_text += std::to_string(row == column ? 0 : 40 + row + column) + " ";
            }
            m_text += "\n";
        }
        const auto places = Places(3);
        NS_TEST_EXPECT_MSG_EQ(std::set<uint32_t>(places.begin(), places.end()).size(), 50, "each");
        NS_TEST_EXPECT_MSG_EQ(std::is_sorted(places.begin(), places.end()), false, "shuffled");
        NS_TEST_EXPECT_MSG_EQ((Places(3) == places), true, "same stream");
        NS_TEST_EXPECT_MSG_EQ((Places(4) == places), false, "another stream");
        CheckRun();
    }

    void
    CheckRun()
    {
        FanoutCloudHelper cloud;
        cloud.SetLatencyModel(Read(m_text, "matrix"));
        const auto hosts = cloud.Create(60);
        NS_TEST_EXPECT_MSG_EQ(cloud.GetRoundTrip(3, 9), MilliSeconds(52), "the file's round trip");
        FanoutTreeHelper tree("concert");
        tree.SetTransport("ns3::FanoutCloudTransport");
        tree.SetAddresses([&](uint32_t i) { return cloud.GetAddress(i); });
        const auto apps = tree.Install(hosts);
        FanoutWorkload load(apps);
        load.Publish(20, 100, 40, Seconds(5));
        const auto monitor = FanoutMonitorHelper().Install(apps);
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        const auto report = monitor->GetReport();
        NS_TEST_EXPECT_MSG_EQ(report.Get("deliveredPct"), 100, "all");
        NS_TEST_EXPECT_MSG_GT(report.Get("latencyP50"), 20, "of the file");
        monitor->Dispose();
        Simulator::Destroy();
    }

    std::string m_text; ///< a matrix of 50 places
};

/// Latencies from files.
class LatencyFilesTestSuite : public TestSuite
{
  public:
    LatencyFilesTestSuite()
        : TestSuite("fanout-latency-files")
    {
        AddTestCase(new KingTestCase);
        AddTestCase(new MatrixTestCase);
        AddTestCase(new OverSimTestCase);
        AddTestCase(new PlacesTestCase);
    }
};

LatencyFilesTestSuite g_latencyFilesTestSuite; ///< registers itself

} // namespace
