/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-fake-peer.h"
#include "fanout-test-tools.h"

#include "ns3/fanout-confidence.h"
#include "ns3/fanout-monitor.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-run-folder.h"
#include "ns3/fanout-run-plots.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-timeline.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::MILLISECOND;

namespace
{

/// @param path of a file @return its content
std::string
ContentOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A run made by hand. @ingroup fanout-tree-monitor-test
class HandMadeRun
{
  public:
    Ptr<FanoutMonitor> monitor;       ///< of the run
    std::vector<Ptr<FakePeer>> peers; ///< root, relay, leaf, one that never joins; 10 and on
    FanoutReport report;              ///< what came of it

    HandMadeRun()
    {
        FanoutP2pHelper network;
        network.SetDegree(2);
        const auto hosts = network.Create(4);
        const FanoutRole roles[] = {FanoutRole::ROOT,
                                    FanoutRole::RELAY,
                                    FanoutRole::LEAF,
                                    FanoutRole::LEAF};
        monitor = CreateObject<FanoutMonitor>();
        for (uint32_t i = 0; i < 4; i++)
        {
            auto peer = CreateObject<FakePeer>();
            peer->SetRole(roles[i]);
            peer->SetIndex(10 + i);
            peer->id.digest[0] = static_cast<uint8_t>(1 + i);
            hosts.Get(i)->AddApplication(peer);
            monitor->AddPeer(peer, i == 0 ? 10000 : 0);
            peers.push_back(peer);
        }
        monitor->SetHosts(3000); // a row every 300 ms
        SetStatus(0, 4, 0, 1, 2);
        monitor->BeginTimeline();
        At(100, [this] { Join(1, 0); });
        At(250, [this] { Join(2, 1); });
        At(700, [this] { Stream(); });
        At(1000, [this] { Orphan(); });
        Simulator::Stop(MilliSeconds(1250));
        Simulator::Run();
        report = monitor->GetReport();
    }

    ~HandMadeRun()
    {
        monitor->Dispose();
        monitor = nullptr;
        peers.clear();
        Simulator::Destroy();
    }

  private:
    /// @param ms when @param call what
    template <typename F>
    void
    At(int64_t ms, F call)
    {
        fanout::Schedule(MilliSeconds(ms), call);
    }

    /// @param i a peer @param parent its parent, 4 for none @param level its level
    /// @param children of it @param capacity of it
    void
    SetStatus(uint32_t i, uint32_t parent, uint16_t level, uint16_t children, uint16_t capacity)
    {
        auto& status = peers[i]->status;
        status.open = status.attached = true;
        status.parent = parent < 4 ? peers[parent]->id : fanout::PeerId();
        status.level = level;
        status.children = children;
        status.capacity = capacity;
    }

    /// @param i a peer that finds @param parent now; it has looked for 50 ms
    void
    Join(uint32_t i, uint32_t parent)
    {
        SetStatus(i, parent, static_cast<uint16_t>(parent + 1), i == 1 ? 1 : 0, i == 1 ? 2 : 0);
        fanout::JoinEvent event;
        event.self = 10 + i;
        event.time = Simulator::Now().GetMicroSeconds() - 50 * MILLISECOND;
        event.step = fanout::JoinEvent::Step::STARTED;
        monitor->NoteJoin(event);
        event.time += 50 * MILLISECOND;
        event.step = fanout::JoinEvent::Step::ATTACHED;
        monitor->NoteJoin(event);
    }

    /// @param i a peer @param seq of a message @param ms when @param level of the peer
    void
    Deliver(uint32_t i, uint32_t seq, int64_t ms, uint16_t level)
    {
        fanout::DeliverEvent event;
        event.self = 10 + i;
        event.time = ms * MILLISECOND;
        event.seq = seq;
        event.size = 100;
        event.level = level;
        monitor->NoteDeliver(event);
    }

    /// Two messages; the leaf gets one, late and twice.
    void
    Stream()
    {
        for (uint32_t seq = 0; seq < 2; seq++)
        {
            fanout::PublishEvent event;
            event.self = 10;
            event.time = 700 * MILLISECOND;
            event.seq = seq;
            event.size = 100;
            monitor->NotePublish(event);
            Deliver(1, seq, 710, 1);
        }
        Deliver(2, 1, 730, 0xffff);
        fanout::DuplicateEvent again;
        again.self = 12;
        monitor->NoteDuplicate(again);
        auto& ledger = FanoutRun::Get()->GetCommons().ledger;
        ledger.gaps = 2;
        ledger.repairFilled = 1;
        ledger.Of(fanout::Kind::DATA).wireBytes = 400;
        ledger.Of(fanout::Kind::REPAIR_REQ).wireBytes = 30;
        ledger.Of(fanout::Kind::REPAIR_REQ).sends = 1;
        ledger.Of(fanout::Kind::FETCH_REQ).sends = 1;
        peers[0]->counters.uploadBytes = 250;
        peers[0]->counters.uploadMaxInSecond = 200;
        peers[2]->counters.moves = 1;
    }

    /// The leaf loses its parent.
    void
    Orphan()
    {
        SetStatus(2, 4, 0xffff, 0, 0);
        peers[2]->status.attached = false;
        fanout::ParentEvent event;
        event.self = 12;
        event.time = 1000 * MILLISECOND;
        event.oldParent = peers[1]->id;
        event.cause = fanout::ParentEvent::Cause::CLOSED;
        monitor->NoteParent(event);
    }
};

/// Each table of a run made by hand, byte for byte. @ingroup fanout-tree-monitor-test
class TablesTest : public TestCase
{
  public:
    TablesTest()
        : TestCase("run folder: tables and tree of a run made by hand")
    {
    }

  private:
    void
    DoRun() override
    {
        const HandMadeRun run;
        std::ostringstream peers;
        run.monitor->WritePeers(peers,
                                [](uint32_t i)
                                { return i == 11 ? "a, \"b\"" : std::string("EU"); });
        const auto nodes = run.peers[0]->GetNode()->GetId();
        std::ostringstream expected;
        expected << "index,node,role,region,up,online,member,level,parent,children,capacity,"
                    "started_s,attached_s,expected,delivered,missing,duplicates,latency_mean_ms,"
                    "received,moves,uploaded_bytes,upload_max_bytes_per_s,"
                    "upload_cap_bytes_per_s\n"
                 << "10," << nodes << ",root,EU,1,1,0,0,,1,2,,,0,0,0,0,,0,0,250,200,10000\n"
                 << "11," << nodes + 1
                 << ",relay,\"a, \"\"b\"\"\",1,1,1,1,10,1,2,0.050000,0.100000,2,2,0,0,10,0,0,0,0,\n"
                 << "12," << nodes + 2
                 << ",leaf,EU,1,1,1,,,0,0,0.200000,0.250000,2,1,1,1,30,0,1,0,0,\n"
                 << "13," << nodes + 3 << ",leaf,EU,1,1,0,,,,,,,0,0,0,0,,0,0,0,0,\n";
        NS_TEST_EXPECT_MSG_EQ(peers.str(), expected.str(), "peers.csv");

        std::ostringstream latency;
        run.monitor->WriteLatency(latency);
        NS_TEST_EXPECT_MSG_EQ(latency.str(),
                              "latency_ms,all,no_level,level_1\n10.015,2,0,2\n30.015,1,1,0\n",
                              "latency.csv");

        std::ostringstream timeline;
        run.monitor->GetTimeline().WriteCsv(timeline);
        NS_TEST_EXPECT_MSG_EQ(
            timeline.str(),
            "time_s,joined,attached,orphans,published,delivered,duplicates,gaps,repair_asked,"
            "repair_filled,given_up,data_bytes,join_bytes,repair_bytes,tracker_bytes,route_bytes\n"
            "0.000000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
            "0.300000,2,2,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
            "0.600000,2,2,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
            "0.900000,2,2,0,2,3,1,2,2,1,0,400,0,30,0,0\n"
            "1.200000,2,1,1,2,3,1,2,2,1,0,400,0,30,0,0\n"
            "1.250000,2,1,1,2,3,1,2,2,1,0,400,0,30,0,0\n",
            "timeline.csv");
        ExpectTree(*run.monitor);
    }

    /// @param monitor of the run
    void
    ExpectTree(const FanoutMonitor& monitor)
    {
        std::ostringstream whole;
        monitor.WriteTree(whole);
        for (const auto* part : {"digraph tree {",
                                 "  10 -> 11;\n",
                                 "10 [shape=doublecircle, fillcolor=\"#E69F00\", label=\"10\"]",
                                 "11 [shape=box, fillcolor=\"#56B4E9\", label=\"11\"]",
                                 "the tree at 1.250000 s: 2 of 2 peers in it are drawn"})
        {
            NS_TEST_EXPECT_MSG_EQ(Contains(whole.str(), part), true, part << " in " << whole.str());
        }
        std::ostringstream cut;
        monitor.WriteTree(cut, 1);
        NS_TEST_EXPECT_MSG_EQ(Contains(cut.str(), "label=\"10 (+1)\""), true, cut.str());
        NS_TEST_EXPECT_MSG_EQ(Contains(cut.str(), "1 of 2 peers"), true, cut.str());
        NS_TEST_EXPECT_MSG_EQ(Contains(cut.str(), "->"), false, cut.str());
    }
};

/// A timeline that is full. @ingroup fanout-tree-monitor-test
class TimelineTest : public TestCase
{
  public:
    TimelineTest()
        : TestCase("run folder: a full timeline drops every second row")
    {
    }

  private:
    void
    DoRun() override
    {
        constexpr auto MOST = FanoutTimeline::MOST_ROWS;
        FanoutTimeline timeline;
        NS_TEST_EXPECT_MSG_EQ(timeline.IsDue(5), false, "not before it begins");
        timeline.Begin(0, 10);
        FanoutTimeline::Row row;
        for (fanout::Micros time = 0; row.time < static_cast<fanout::Micros>(10 * MOST); time++)
        {
            if (timeline.IsDue(time))
            {
                row.time = time;
                row.published = static_cast<uint64_t>(time);
                timeline.Add(row);
            }
        }
        const auto& rows = timeline.GetRows();
        NS_TEST_EXPECT_MSG_EQ(rows.size(), MOST / 2 + 1, "half of the rows, and the new one");
        NS_TEST_EXPECT_MSG_EQ(timeline.GetPeriod(), 20, "twice the period");
        for (std::size_t i = 0; i < rows.size(); i++)
        {
            NS_TEST_EXPECT_MSG_EQ(rows[i].time, static_cast<fanout::Micros>(20 * i), "row " << i);
        }
        row.published = 7;
        timeline.Add(row);
        NS_TEST_EXPECT_MSG_EQ(rows.size(), MOST / 2 + 1, "the same time: no row more");
        NS_TEST_EXPECT_MSG_EQ(rows.back().published, 7, "but the newer one");
    }
};

/// A folder's files are whole or not there. @ingroup fanout-tree-monitor-test
class FolderTest : public TestCase
{
  public:
    FolderTest()
        : TestCase("run folder: files, what is left out, what cannot be written")
    {
    }

  private:
    void
    DoRun() override
    {
        const std::filesystem::path path = CreateTempDirFilename("it's a run");
        const FanoutRunFolder folder(path.string());
        const HandMadeRun run;
        FanoutRunFolder::Figures figures;
        auto left = folder.WriteFigures(*run.monitor, figures);
        folder.WriteReport(run.report, true);
        NS_TEST_EXPECT_MSG_EQ(left.size(), 0, "nothing is left out");
        std::ostringstream latency;
        run.monitor->WriteLatency(latency);
        NS_TEST_EXPECT_MSG_EQ(ContentOf(path / "latency.csv"), latency.str(), "latency.csv");
        for (const auto* name : {"peers.csv", "timeline.csv", "tree.dot", "plots/levels.gp"})
        {
            NS_TEST_EXPECT_MSG_EQ(ContentOf(path / name).empty(), false, name);
        }
        ExpectPlots(folder, path);

        folder.Begin();
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(path / "report.json"), false, "begun anew");
        figures.peersMost = 3;
        left = folder.WriteFigures(*run.monitor, figures);
        NS_TEST_EXPECT_MSG_EQ(left.size(), 1, "one table is left out");
        NS_TEST_EXPECT_MSG_EQ(left.at(0), "peers.csv is left out: 4 peers are more than 3", "why");
        for (const auto* name : {"peers.csv", "plots/levels.gp", "plots/levels.png"})
        {
            NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(path / name), false, name << " is there");
        }
        ExpectErrors(folder, path);
    }

    /// @param folder with all tables @param path of it
    void
    ExpectPlots(const FanoutRunFolder& folder, const std::filesystem::path& path)
    {
        if (!FanoutRunFolder::CanPlot())
        {
            return;
        }
        const auto failed = folder.Plot();
        NS_TEST_EXPECT_MSG_EQ(failed.size(), 0, "such as " << (failed.empty() ? "" : failed[0]));
        for (const auto& plot : FanoutRunPlots())
        {
            const auto png = ContentOf(path / "plots" / (plot.name + ".png"));
            const auto svg = ContentOf(path / "plots" / (plot.name + ".svg"));
            NS_TEST_EXPECT_MSG_EQ(png.substr(1, 3), "PNG", plot.name << ".png");
            NS_TEST_EXPECT_MSG_EQ(Contains(svg, "</svg>"), true, plot.name << ".svg");
        }
    }

    /// @param folder any @param path of it
    void
    ExpectErrors(const FanoutRunFolder& folder, const std::filesystem::path& path)
    {
        const auto fails = [&]
        { folder.Write("half.csv", [](std::ostream& os) { os.setstate(std::ios::failbit); }); };
        NS_TEST_EXPECT_MSG_EQ(Contains(ErrorOf(fails), "half.csv"), true, ErrorOf(fails));
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        {
            const auto name = entry.path().filename().string();
            NS_TEST_EXPECT_MSG_EQ(Contains(name, "half") || Contains(name, ".part"), false, name);
        }
        const auto file = (path / "tree.dot").string();
        const auto inFile = ErrorOf([&] { FanoutRunFolder{file + "/sub"}; });
        NS_TEST_EXPECT_MSG_EQ(Contains(inFile, "cannot be made a folder"), true, inFile);
    }
};

/// Means and Student's t against tables. @ingroup fanout-tree-monitor-test
class ConfidenceTest : public TestCase
{
  public:
    ConfidenceTest()
        : TestCase("run folder: means with confidence intervals of known data")
    {
    }

  private:
    void
    DoRun() override
    {
        const double none = std::nan("");
        // t(4, 0.975) = 2.776445, t(1, 0.975) = 12.706205, t(4, 0.95) = 2.131847
        const auto five = FanoutConfidence::Of({1, 2, none, 3, 4, 5});
        NS_TEST_EXPECT_MSG_EQ(five.n, 5, "NaN is left out");
        NS_TEST_EXPECT_MSG_EQ_TOL(five.mean, 3, 1e-12, "mean");
        NS_TEST_EXPECT_MSG_EQ_TOL(five.deviation, 1.58113883, 1e-8, "n - 1");
        NS_TEST_EXPECT_MSG_EQ_TOL(five.halfWidth,
                                  2.776445 * 1.58113883 / std::sqrt(5.0),
                                  1e-5,
                                  "t");
        const auto ninety = FanoutConfidence::Of({1, 2, 3, 4, 5}, 0.9);
        NS_TEST_EXPECT_MSG_EQ_TOL(ninety.halfWidth, 2.131847 * std::sqrt(0.5), 1e-5, "90 %");
        const auto two = FanoutConfidence::Of({10, 12});
        NS_TEST_EXPECT_MSG_EQ_TOL(two.halfWidth, 12.706205, 1e-5, "sqrt(2) / sqrt(2)");
        const auto one = FanoutConfidence::Of({7});
        NS_TEST_EXPECT_MSG_EQ(one.mean, 7, "the value");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(one.halfWidth), true, "no interval of one value");
        NS_TEST_EXPECT_MSG_EQ(std::isnan(FanoutConfidence::Of({none}).mean), true, "no value");
    }
};

/// @ingroup fanout-tree-monitor-test
class RunFolderTestSuite : public TestSuite
{
  public:
    RunFolderTestSuite()
        : TestSuite("fanout-run-folder")
    {
        AddTestCase(new TablesTest);
        AddTestCase(new TimelineTest);
        AddTestCase(new FolderTest);
        AddTestCase(new ConfidenceTest);
    }
};

RunFolderTestSuite g_runFolderTestSuite; ///< registers itself

} // namespace
