/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-application.h"
#include "fanout-test-tools.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-tree-options.h"
#include "ns3/inet-socket-address.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <functional>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// Nodes with addresses and an application each that has no protocol.
struct TestPeers
{
    NodeContainer nodes;                            ///< on one LAN
    std::vector<Ptr<TestApplication>> applications; ///< one a node
    std::vector<Ptr<TestTransport>> transports;     ///< one a node

    /// @param n how many
    explicit TestPeers(uint32_t n)
        : nodes(MakeLan(n))
    {
        for (uint32_t i = 0; i < n; i++)
        {
            transports.push_back(CreateObject<TestTransport>());
            applications.push_back(CreateObject<TestApplication>());
            applications[i]->SetTransport(transports[i]);
            applications[i]->SetRole(i == 0 ? FanoutRole::ROOT : FanoutRole::LEAF);
            nodes.Get(i)->AddApplication(applications[i]);
        }
    }
};

// ---- options ----

/// Every option is an attribute with the default of fanout::Options, a range and a freeze.
class OptionsTestCase : public TestCase
{
  public:
    OptionsTestCase()
        : TestCase("options: defaults, ranges, freezing")
    {
    }

  private:
    /// @param options get it @param name of an attribute @param value out of its range
    void
    Refuses(Ptr<FanoutTreeOptions> options, const std::string& name, const AttributeValue& value)
    {
        NS_TEST_EXPECT_MSG_EQ(options->SetAttributeFailSafe(name, value),
                              false,
                              name << " takes a value out of its range");
    }

    void
    DoRun() override
    {
        auto options = CreateObject<FanoutTreeOptions>();
        const fanout::Options plain;
        NS_TEST_EXPECT_MSG_EQ(options->Check(), "", "defaults are sound");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().messageRate, plain.messageRate, "default");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().childLease, plain.childLease, "default");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().uploadBytesPerSecond, 0, "default");

        options->SetAttribute("UploadRate", DataRateValue(DataRate("80Mbps")));
        options->SetAttribute("MaxChildren", UintegerValue(32));
        options->SetAttribute("QueueAge", StringValue("250ms"));
        options->SetAttribute("Scoring", StringValue("weighted"));
        options->SetAttribute("Repair", BooleanValue(false));
        NS_TEST_EXPECT_MSG_EQ(options->Peek().uploadBytesPerSecond, 10e6, "bytes a second");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().maxChildren, 32, "a whole number");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().queueAge, 250000, "microseconds, from text");
        NS_TEST_EXPECT_MSG_EQ((options->Peek().scoring == fanout::ScoringMode::WEIGHTED),
                              true,
                              "scoring by name");
        NS_TEST_EXPECT_MSG_EQ(options->Peek().repair, false, "a switch");
        StringValue scoring;
        options->GetAttribute("Scoring", scoring);
        NS_TEST_EXPECT_MSG_EQ(scoring.Get(), "weighted", "reads back");

        Refuses(options, "MessageRate", DoubleValue(0));
        Refuses(options, "MessageSize", UintegerValue(0));
        Refuses(options, "MaxChildren", UintegerValue(65536));
        Refuses(options, "AdmissionHeadroom", DoubleValue(1.01));
        Refuses(options, "RepairMaxPerRequest", UintegerValue(256));
        Refuses(options, "RepairWindow", UintegerValue(65537));
        Refuses(options, "AnnounceTtl", TimeValue(Seconds(121)));
        Refuses(options, "QueueAge", TimeValue(Seconds(-1)));
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { options->SetAttribute("Scoring", StringValue("best")); }),
                     "'best' is unknown; allowed are ranked-shuffle"),
            true,
            "a bad scoring mode names the good ones");

        CheckEveryAttribute();
        CheckFreezing(options);
    }

    /// Each attribute reads, writes and reads again as the same text.
    void
    CheckEveryAttribute()
    {
        auto options = CreateObject<FanoutTreeOptions>();
        const auto tid = FanoutTreeOptions::GetTypeId();
        NS_TEST_EXPECT_MSG_GT(tid.GetAttributeN(), 40, "all options are attributes");
        for (std::size_t i = 0; i < tid.GetAttributeN(); i++)
        {
            const auto info = tid.GetAttribute(i);
            StringValue before;
            StringValue after;
            options->GetAttribute(info.name, before);
            options->SetAttribute(info.name, before);
            options->GetAttribute(info.name, after);
            NS_TEST_EXPECT_MSG_EQ(before.Get(), after.Get(), info.name);
            NS_TEST_EXPECT_MSG_EQ(info.help.empty(), false, info.name << " has no help");
        }
        NS_TEST_EXPECT_MSG_EQ(options->Check(), "", "unchanged");
    }

    /// @param options are frozen
    void
    CheckFreezing(Ptr<FanoutTreeOptions> options)
    {
        auto unsound = options->Copy();
        unsound->SetAttribute("RepairMaxBackfill", UintegerValue(2000));
        NS_TEST_EXPECT_MSG_EQ(Contains(ErrorOf([&] { unsound->Get(); }),
                                       "repairMaxBackfill must not exceed repairWindow"),
                              true,
                              "values that contradict each other");
        NS_TEST_EXPECT_MSG_EQ(unsound->IsFrozen(), false, "still to be mended");

        const auto frozen = options->Get();
        NS_TEST_EXPECT_MSG_EQ(frozen->maxChildren, 32, "what was set");
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { options->SetAttribute("MaxChildren", UintegerValue(1)); }),
                     "MaxChildren cannot change any more"),
            true,
            "frozen options say so");
        auto copy = options->Copy();
        copy->SetAttribute("MaxChildren", UintegerValue(1));
        NS_TEST_EXPECT_MSG_EQ(frozen->maxChildren, 32, "a copy is a copy");
    }
};

// ---- the application without a protocol ----

/// Wake-ups come when asked for last, and no event is wasted on later ones.
class WakeTestCase : public TestCase
{
  public:
    WakeTestCase()
        : TestCase("wake-ups")
    {
    }

  private:
    void
    DoRun() override
    {
        TestPeers peers(1);
        auto app = peers.applications[0];
        auto& world = app->World();
        uint32_t context = 0xffffffff;
        app->onTick = [&] { context = Simulator::GetContext(); };

        fanout::Schedule(MilliSeconds(1),
                         [&]
                         {
                             world.WakeAt(10000);
                             world.WakeAt(5000);  // earlier: instead
                             world.WakeAt(20000); // later: instead
                         });
        fanout::Schedule(MilliSeconds(30),
                         [&]
                         {
                             world.WakeAt(40000);
                             world.WakeAt(fanout::NEVER);
                         });
        fanout::Schedule(MilliSeconds(50),
                         [&]
                         {
                             world.WakeAt(1000); // past: at once
                         });
        fanout::Schedule(MilliSeconds(60),
                         [&]
                         {
                             world.WakeAt(70000);
                             app->Crash();
                         });
        Simulator::Stop(MilliSeconds(100));
        Simulator::Run();
        const std::vector<fanout::Micros> expected{20000, 50000};
        NS_TEST_EXPECT_MSG_EQ((app->ticks == expected), true, "ticks at other times");
        NS_TEST_EXPECT_MSG_EQ(context, peers.nodes.Get(0)->GetId(), "in the node's context");
        Simulator::Destroy();
    }
};

/// A sink that calls the applications back.
class Meddler : public FanoutSink
{
  public:
    std::vector<std::string> heard;                             ///< in order
    std::function<void(const fanout::DeliverEvent&)> onDeliver; ///< called within NoteDeliver

    void
    NoteJoin(const fanout::JoinEvent& e) override
    {
        Hear("join", e);
    }

    void
    NoteParent(const fanout::ParentEvent& e) override
    {
        Hear("parent", e);
    }

    void
    NotePublish(const fanout::PublishEvent& e) override
    {
        Hear("publish", e);
    }

    void
    NoteDeliver(const fanout::DeliverEvent& e) override
    {
        Hear("deliver", e);
        if (onDeliver)
        {
            onDeliver(e);
        }
    }

    void
    NoteDuplicate(const fanout::DuplicateEvent& e) override
    {
        Hear("duplicate", e);
    }

  private:
    /// @param kind of event @param event who and when
    void
    Hear(const std::string& kind, const fanout::EventBase& event)
    {
        heard.push_back(kind + " " + std::to_string(event.self) + "@" + std::to_string(event.node) +
                        " " + std::to_string(event.time));
    }
};

/// A sink that only takes notes.
class Noter : public Meddler
{
  public:
    bool
    OnlyNotes() const override
    {
        return true;
    }
};

/// What only takes notes hears the same as others.
class NoterTestCase : public TestCase
{
  public:
    NoterTestCase()
        : TestCase("sinks that only take notes")
    {
    }

  private:
    /// @param n one more
    static void
    Count(uint32_t* n, const fanout::DeliverEvent&)
    {
        (*n)++;
    }

    /// @tparam S a sink @param traced whether a trace source is connected, too
    /// @param twice whether an input makes two events @return what the sink heard
    template <typename S>
    std::vector<std::string>
    RunOnce(bool traced, bool twice)
    {
        TestPeers peers(2);
        auto leaf = peers.applications[1];
        leaf->SetIndex(8);
        leaf->twice = twice;
        auto sink = CreateObject<S>();
        leaf->AddSink(sink);
        uint32_t traces = 0;
        if (traced)
        {
            leaf->TraceConnectWithoutContext("Deliver", MakeBoundCallback(&Count, &traces));
        }
        for (uint32_t i = 0; i < 3; i++)
        {
            fanout::Schedule(MilliSeconds(5 + i),
                             [&peers, i]
                             { peers.transports[1]->Inject(TestApplication::MakeFrame(i)); });
        }
        Simulator::Stop(MilliSeconds(10));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(traces, (traced ? 3 : 0), "traces hear it besides");
        Simulator::Destroy();
        return sink->heard;
    }

    void
    DoRun() override
    {
        for (const bool traced : {false, true})
        {
            for (const bool twice : {false, true})
            {
                const auto heard = RunOnce<Meddler>(traced, twice);
                const auto noted = RunOnce<Noter>(traced, twice);
                NS_TEST_EXPECT_MSG_EQ(heard.size(), (twice ? 7 : 4), "a join besides");
                NS_TEST_EXPECT_MSG_EQ((noted == heard), true, "the same, stamped, in order");
            }
        }
    }
};

/// Observers hear events stamped and in order, and may call anything.
class ObserverTestCase : public TestCase
{
  public:
    ObserverTestCase()
        : TestCase("observers that call back")
    {
    }

  private:
    void
    DoRun() override
    {
        TestPeers peers(2);
        auto root = peers.applications[0];
        auto leaf = peers.applications[1];
        root->SetIndex(7);
        leaf->SetIndex(8);
        auto sink = CreateObject<Meddler>();
        auto second = CreateObject<Meddler>();
        root->AddSink(sink);
        leaf->AddSink(sink);
        leaf->AddSink(second);
        sink->onDeliver = [&](const fanout::DeliverEvent&)
        {
            leaf->Leave();
            root->Publish(3);
        };
        fanout::Schedule(MilliSeconds(5),
                         [&] { peers.transports[1]->Inject(TestApplication::MakeFrame(0)); });
        Simulator::Stop(MilliSeconds(10));
        Simulator::Run();

        const auto at = [&](uint32_t i, const std::string& time) {
            return std::to_string(7 + i) + "@" + std::to_string(peers.nodes.Get(i)->GetId()) + " " +
                   time;
        };
        const std::vector<std::string> expected{"join " + at(0, "0"),
                                                "join " + at(1, "0"),
                                                "deliver " + at(1, "5000"),
                                                "duplicate " + at(1, "5000"),
                                                "parent " + at(1, "5000"),
                                                "publish " + at(0, "5000")};
        NS_TEST_EXPECT_MSG_EQ((sink->heard == expected), true, "other events or another order");
        NS_TEST_EXPECT_MSG_EQ(second->heard.size(), 4, "the leaf's events only");
        NS_TEST_EXPECT_MSG_EQ(leaf->IsJoined(), false, "left from within a sink");
        NS_TEST_EXPECT_MSG_EQ(root->published, 1, "published from within a sink");
        Simulator::Destroy();
    }
};

/// Crash and Restart, from within the transport's call too.
class CrashTestCase : public TestCase
{
  public:
    CrashTestCase()
        : TestCase("crash and restart")
    {
    }

  private:
    void
    DoRun() override
    {
        TestPeers peers(1);
        auto app = peers.applications[0];
        auto transport = peers.transports[0];
        auto sink = CreateObject<Meddler>();
        app->AddSink(sink);
        app->AssignStreams(5);
        const auto key = app->Key();
        uint32_t crashes = 0;
        sink->onDeliver = [&](const fanout::DeliverEvent&)
        {
            app->Crash();
            app->Crash();
            NS_TEST_EXPECT_MSG_EQ(app->IsUp(), false, "down at once");
            if (++crashes == 2)
            {
                app->Restart();
            }
        };
        const auto inject = [&] { transport->Inject(TestApplication::MakeFrame(0)); };
        fanout::Schedule(MilliSeconds(5), inject);
        fanout::Schedule(MilliSeconds(6), inject); // nobody is there
        Simulator::Schedule(MilliSeconds(7), &FanoutApplication::Restart, app);
        fanout::Schedule(MilliSeconds(8), inject);
        fanout::Schedule(
            MilliSeconds(9),
            [&]
            {
                NS_TEST_EXPECT_MSG_EQ(app->IsUp(), true, "restarted from within a sink");
                app->Leave();
                app->Crash();
                app->Restart();
            });
        Simulator::Stop(MilliSeconds(20));
        Simulator::Run();

        const std::vector<std::string> expected{"start",
                                                "join",
                                                "receive",
                                                "stop",
                                                "start",
                                                "join",
                                                "receive",
                                                "stop",
                                                "start",
                                                "join",
                                                "leave",
                                                "stop",
                                                "start"};
        NS_TEST_EXPECT_MSG_EQ((app->calls == expected), true, "another life");
        NS_TEST_EXPECT_MSG_EQ(transport->starts, 4, "the transport started as often");
        NS_TEST_EXPECT_MSG_EQ(transport->stops, 3, "and stopped for each crash");
        NS_TEST_EXPECT_MSG_EQ(transport->stoppedBusily, false, "stopped while on the stack");
        NS_TEST_EXPECT_MSG_NE(app->Key(), key, "a new process draws other numbers");
        Simulator::Destroy();
    }
};

/// Calls at the wrong time or with wrong values say so.
class ErrorsTestCase : public TestCase
{
  public:
    ErrorsTestCase()
        : TestCase("errors")
    {
    }

  private:
    /// @param text of an error @param part it must have
    void
    Says(const std::string& text, const std::string& part)
    {
        NS_TEST_EXPECT_MSG_EQ(Contains(text, part),
                              true,
                              "'" << text << "' lacks '" << part << "'");
    }

    void
    DoRun() override
    {
        TestPeers peers(2);
        auto root = peers.applications[0];
        auto leaf = peers.applications[1];
        Says(ErrorOf([&] { root->Publish(1); }), "has not started");
        Says(ErrorOf([&] { root->Crash(); }), "before the application has started");
        Says(ErrorOf([&] { root->Restart(); }), "before the application has started");
        Says(ErrorOf([&] { leaf->Publish(1); }), "role is leaf cannot publish; only the root can");
        Says(ErrorOf([&] { leaf->PublishEnd(); }), "only the root can");
        Says(ErrorOf([&] { root->Publish(Ptr<const Packet>()); }), "null");
        Says(ErrorOf([&] { root->AddSink(nullptr); }), "null");
        Says(ErrorOf([&] { root->SetAttribute("Role", StringValue("king")); }),
             "'king' is unknown; allowed are idle, root");
        Says(ErrorOf([&] { root->SetLocal(InetSocketAddress(Ipv4Address::GetAny(), 0)); }),
             "1 to 65535");
        Says(ErrorOf([&] { FanoutRun::Get()->SetSigning("rsa"); }), "allowed are ed25519 and mock");
        Says(ErrorOf([&] { FanoutApplication::GetNodeAddress(CreateObject<Node>()); }),
             "no IPv4 address");

        auto tracker = CreateObject<TestApplication>();
        tracker->SetRole(FanoutRole::TRACKER);
        Says(ErrorOf([&] { tracker->Join(); }), "role is tracker has no channel");

        fanout::Schedule(
            MilliSeconds(1),
            [&]
            {
                Says(ErrorOf([&] { root->SetRole(FanoutRole::LEAF); }), "once the application");
                Says(ErrorOf([&] { root->SetIndex(3); }), "once the application");
                Says(ErrorOf([&] { root->AssignStreams(3); }), "once the application");
                Says(ErrorOf([&] { FanoutRun::Get()->SetSeed(99); }), "cannot change any more");
                Says(ErrorOf([&] { FanoutRun::Get()->SetSigning("mock"); }),
                     "cannot change any more");
                auto sink = CreateObject<Meddler>();
                leaf->AddSink(sink);
                Says(ErrorOf([&] { root->Publish(TestApplication::BAD_SIZE); }), "too large");
                leaf->Leave();
                NS_TEST_EXPECT_MSG_EQ(sink->heard.size(),
                                      1,
                                      "another peer's failed input is told of");
                root->Crash();
                Says(ErrorOf([&] { root->Publish(1); }), "has crashed; call Restart() first");
                Says(ErrorOf([&] { root->Join(); }), "has crashed; call Restart() first");
            });
        Simulator::Stop(MilliSeconds(2));
        Simulator::Run();
        Simulator::Destroy();
    }
};

/// Everything of FanoutApplication that needs no protocol.
class ApplicationTestSuite : public TestSuite
{
  public:
    ApplicationTestSuite()
        : TestSuite("fanout-application")
    {
        AddTestCase(new OptionsTestCase);
        AddTestCase(new WakeTestCase);
        AddTestCase(new NoterTestCase);
        AddTestCase(new ObserverTestCase);
        AddTestCase(new CrashTestCase);
        AddTestCase(new ErrorsTestCase);
    }
};

ApplicationTestSuite g_applicationTestSuite; ///< registers itself

} // namespace
