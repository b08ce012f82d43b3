/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-tools.h"

#include "ns3/config.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/node-list.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// A channel on a LAN: node 0 is the root, node 1 a tracker, the rest subscribe.
struct Concert
{
    NodeContainer nodes;                           ///< all of them
    FanoutTreeHelper helper{"test"};               ///< with its roles
    ApplicationContainer applications;             ///< one a node
    std::vector<Ptr<FanoutTreeApplication>> trees; ///< the same

    /// @param n nodes @param rootChildren most children of the root
    explicit Concert(uint32_t n, uint32_t rootChildren = 2)
        : nodes(MakeLan(n))
    {
        helper.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.5));
        helper.SetRoot("MaxChildren", UintegerValue(rootChildren));
        helper.SetRelay("MaxChildren", UintegerValue(3));
        helper.SetSigning("mock");
        applications = helper.Install(nodes);
        helper.AssignStreams(applications, 100);
        for (uint32_t i = 0; i < applications.GetN(); i++)
        {
            trees.push_back(DynamicCast<FanoutTreeApplication>(applications.Get(i)));
        }
    }

    /// @param to simulated time at which the run ends
    void
    Run(Time to) const
    {
        Simulator::Stop(to);
        Simulator::Run();
    }
};

// ---- traces ----

/// What trace sinks got.
struct Traced
{
    std::vector<fanout::DeliverEvent> delivers;  ///< Deliver
    std::vector<std::string> contexts;           ///< of these
    std::vector<fanout::JoinEvent> joins;        ///< Join
    std::vector<fanout::ParentEvent> parents;    ///< Parent
    std::vector<fanout::ChildEvent> children;    ///< Child
    std::vector<fanout::PublishEvent> publishes; ///< Publish
    std::vector<fanout::FrameEvent> sent;        ///< FrameTx
    std::vector<fanout::FrameEvent> received;    ///< FrameRx
    std::vector<fanout::TrackerEvent> trackers;  ///< Tracker
};

Traced g_traced; ///< of the present test

void
TraceDeliver(std::string context, const fanout::DeliverEvent& event)
{
    g_traced.delivers.push_back(event);
    g_traced.contexts.push_back(context);
}

void
TraceJoin(std::string, const fanout::JoinEvent& event)
{
    g_traced.joins.push_back(event);
}

void
TraceParent(std::string, const fanout::ParentEvent& event)
{
    g_traced.parents.push_back(event);
}

void
TraceChild(std::string, const fanout::ChildEvent& event)
{
    g_traced.children.push_back(event);
}

void
TracePublish(const fanout::PublishEvent& event)
{
    g_traced.publishes.push_back(event);
}

void
TraceFrameTx(std::string, const fanout::FrameEvent& event)
{
    g_traced.sent.push_back(event);
}

void
TraceFrameRx(std::string, const fanout::FrameEvent& event)
{
    g_traced.received.push_back(event);
}

void
TraceTracker(std::string, const fanout::TrackerEvent& event)
{
    g_traced.trackers.push_back(event);
}

/// Trace sources fire and carry what their structs say.
class TracesTestCase : public TestCase
{
  public:
    TracesTestCase()
        : TestCase("trace sources by Config::Connect")
    {
    }

  private:
    static constexpr uint32_t NODES = 10;   ///< root, tracker and 8 subscribers
    static constexpr uint32_t MESSAGES = 5; ///< published

    void
    DoRun() override
    {
        g_traced = Traced();
        Concert channel(NODES);
        const std::string path = "/NodeList/*/ApplicationList/*/$ns3::FanoutApplication/";
        Config::Connect(path + "Deliver", MakeCallback(&TraceDeliver));
        Config::Connect(path + "Join", MakeCallback(&TraceJoin));
        Config::Connect(path + "Parent", MakeCallback(&TraceParent));
        Config::Connect(path + "Child", MakeCallback(&TraceChild));
        Config::Connect(path + "FrameTx", MakeCallback(&TraceFrameTx));
        Config::Connect(path + "FrameRx", MakeCallback(&TraceFrameRx));
        Config::Connect(path + "Tracker", MakeCallback(&TraceTracker));
        channel.trees[0]->TraceConnectWithoutContext("Publish", MakeCallback(&TracePublish));
        FanoutWorkload load(channel.applications);
        load.Publish(50, 200, MESSAGES, Seconds(5));
        channel.Run(Seconds(7));

        CheckData(channel);
        CheckTree(channel);
        CheckFrames();
        Simulator::Destroy();
        g_traced = Traced();
    }

    /// @param channel that ran
    void
    CheckData(const Concert& channel)
    {
        NS_TEST_ASSERT_MSG_EQ(g_traced.publishes.size(), MESSAGES, "Publish fires once a message");
        NS_TEST_EXPECT_MSG_EQ(g_traced.publishes[2].seq, 2, "numbered");
        NS_TEST_EXPECT_MSG_EQ(g_traced.publishes[2].size, 200, "payload bytes");
        NS_TEST_EXPECT_MSG_EQ(g_traced.publishes[2].time, 5040000, "microseconds");
        NS_TEST_EXPECT_MSG_EQ(g_traced.publishes[2].self, 0, "by the root");

        NS_TEST_ASSERT_MSG_EQ(g_traced.delivers.size(),
                              MESSAGES * (NODES - 2),
                              "Deliver fires once a message and subscriber");
        std::set<std::pair<uint32_t, uint32_t>> seen;
        for (std::size_t i = 0; i < g_traced.delivers.size(); i++)
        {
            const auto& event = g_traced.delivers[i];
            seen.emplace(event.self, event.seq);
            NS_TEST_EXPECT_MSG_EQ(event.node, channel.nodes.Get(event.self)->GetId(), "the node");
            NS_TEST_EXPECT_MSG_EQ(event.size, 200, "payload bytes");
            NS_TEST_EXPECT_MSG_EQ(event.level, channel.trees[event.self]->GetLevel(), "level");
            NS_TEST_EXPECT_MSG_EQ(
                Contains(g_traced.contexts[i],
                         "/NodeList/" + std::to_string(event.node) + "/ApplicationList/0/"),
                true,
                "context " << g_traced.contexts[i]);
            NS_TEST_EXPECT_MSG_EQ(FanoutApplication::MakePacket(event)->GetSize(), 200, "packet");
        }
        NS_TEST_EXPECT_MSG_EQ(seen.size(), g_traced.delivers.size(), "each once");
    }

    /// @param channel that ran
    void
    CheckTree(const Concert& channel)
    {
        std::set<uint32_t> started;
        std::set<uint32_t> attached;
        for (const auto& event : g_traced.joins)
        {
            if (event.step == fanout::JoinEvent::Step::STARTED)
            {
                started.insert(event.self);
            }
            if (event.step == fanout::JoinEvent::Step::ATTACHED && event.self != 0)
            {
                attached.insert(event.self);
                NS_TEST_EXPECT_MSG_EQ(started.count(event.self), 1, "started before attached");
                NS_TEST_EXPECT_MSG_EQ(bool(event.peer), true, "attached to somebody");
                NS_TEST_EXPECT_MSG_GT(event.elapsed, 0, "it took time");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(attached.size(), NODES - 2, "each subscriber attached");
        std::map<uint32_t, fanout::PeerId> parents;
        for (const auto& event : g_traced.parents)
        {
            parents[event.self] = event.newParent;
        }
        for (uint32_t i = 2; i < NODES; i++)
        {
            NS_TEST_EXPECT_MSG_EQ((parents[i] == channel.trees[i]->GetParent()),
                                  true,
                                  "the last Parent event names the parent");
        }
        std::map<uint32_t, uint32_t> children;
        for (const auto& event : g_traced.children)
        {
            children[event.self] = event.children;
            NS_TEST_EXPECT_MSG_EQ((event.children <= event.capacity), true, "within capacity");
        }
        NS_TEST_EXPECT_MSG_EQ(children[0], 2, "the root's children");
        for (uint32_t i = 0; i < NODES; i++)
        {
            NS_TEST_EXPECT_MSG_EQ(children[i],
                                  channel.trees[i]->GetChildren().size(),
                                  "the last Child event counts the children of " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(g_traced.trackers.empty(), false, "Tracker fires");
        for (const auto& event : g_traced.trackers)
        {
            NS_TEST_EXPECT_MSG_EQ(event.self, 1, "at the tracker");
        }
    }

    void
    CheckFrames()
    {
        uint32_t data = 0;
        for (const auto& event : g_traced.sent)
        {
            NS_TEST_EXPECT_MSG_EQ(event.sent, true, "FrameTx tells of frames sent");
            NS_TEST_EXPECT_MSG_GT(event.wireBytes, event.frameBytes, "the envelope costs");
            if (event.frameClass == fanout::FrameClass::DATA)
            {
                data++;
                NS_TEST_EXPECT_MSG_EQ(event.frameBytes, 201, "kind and payload");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(data, MESSAGES * (NODES - 2), "data frames sent");
        data = 0;
        for (const auto& event : g_traced.received)
        {
            NS_TEST_EXPECT_MSG_EQ(event.sent, false, "FrameRx tells of frames received");
            data += event.frameClass == fanout::FrameClass::DATA;
        }
        NS_TEST_EXPECT_MSG_EQ(data, MESSAGES * (NODES - 2), "data frames received");
    }
};

/// Nobody connected: no frame events, and nothing kept.
class SilentTestCase : public TestCase
{
  public:
    SilentTestCase()
        : TestCase("frames are told of only when somebody wants them")
    {
    }

  private:
    void
    DoRun() override
    {
        for (const bool wanted : {false, true})
        {
            Concert channel(4);
            if (wanted)
            {
                channel.trees[2]->TraceConnect("FrameTx", "", MakeCallback(&TraceFrameTx));
            }
            const auto& commons = FanoutRun::Get()->GetCommons();
            NS_TEST_EXPECT_MSG_EQ(commons.wanted.Has<fanout::FrameEvent>(), wanted, "frames");
            channel.Run(Seconds(1));
            NS_TEST_EXPECT_MSG_EQ(commons.outbox.size(), 0, "emptied");
            NS_TEST_EXPECT_MSG_EQ(g_traced.sent.empty(), !wanted, "told");
            Simulator::Destroy();
        }
        g_traced = Traced();
    }
};

// ---- behaviour ----

/// Takes what is delivered.
class Receiver : public FanoutSink
{
  public:
    std::function<void(const fanout::DeliverEvent&)> onDeliver; ///< called for each

    void
    NoteDeliver(const fanout::DeliverEvent& event) override
    {
        onDeliver(event);
    }
};

/// What the user published is what the users get.
class PayloadTestCase : public TestCase
{
  public:
    PayloadTestCase()
        : TestCase("user payload")
    {
    }

  private:
    void
    DoRun() override
    {
        Concert channel(6);
        const std::vector<std::string> texts{"first", std::string(3000, 'x'), "third"};
        std::map<uint32_t, std::vector<std::string>> got;
        auto sink = CreateObject<Receiver>();
        sink->onDeliver = [&](const fanout::DeliverEvent& event)
        {
            const auto packet = FanoutApplication::MakePacket(event);
            std::string text(packet->GetSize(), ' ');
            packet->CopyData(reinterpret_cast<uint8_t*>(&text[0]), packet->GetSize());
            got[event.self].push_back(text);
        };
        for (const auto& tree : channel.trees)
        {
            tree->AddSink(sink);
        }
        for (std::size_t i = 0; i < texts.size(); i++)
        {
            fanout::Schedule(Seconds(3) + MilliSeconds(100) * static_cast<int64_t>(i),
                             [&, i]
                             {
                                 const auto bytes =
                                     reinterpret_cast<const uint8_t*>(texts[i].data());
                                 const auto size = static_cast<uint32_t>(texts[i].size());
                                 const auto seq =
                                     i == 0 ? channel.trees[0]->Publish(Create<Packet>(bytes, size))
                                            : channel.trees[0]->Publish(bytes, size);
                                 NS_TEST_EXPECT_MSG_EQ(seq, i, "its number");
                             });
        }
        fanout::Schedule(
            Seconds(4),
            [&]
            {
                NS_TEST_EXPECT_MSG_EQ(ErrorOf([&] { channel.trees[0]->Publish(0); }).empty(),
                                      false,
                                      "nothing to publish");
                NS_TEST_EXPECT_MSG_EQ(
                    ErrorOf([&] { channel.trees[0]->Publish((1 << 20) + 1); }).empty(),
                    false,
                    "too large");
                channel.trees[0]->PublishEnd();
                NS_TEST_EXPECT_MSG_EQ(ErrorOf([&] { channel.trees[0]->Publish(1); }).empty(),
                                      false,
                                      "the channel has ended");
            });
        channel.Run(Seconds(5));
        NS_TEST_EXPECT_MSG_EQ(got.size(), 4, "all subscribers");
        for (const auto& [self, list] : got)
        {
            NS_TEST_EXPECT_MSG_EQ((list == texts), true, "what was published, at " << self);
            NS_TEST_EXPECT_MSG_EQ(channel.trees[self]->GetStatus().ended, true, "ended");
        }
        Simulator::Destroy();
    }
};

/// A subscriber leaves from within its own Deliver trace, and joins again later.
class LeaveInTraceTestCase : public TestCase
{
  public:
    LeaveInTraceTestCase()
        : TestCase("leave from within a trace, join again")
    {
    }

  private:
    void
    DoRun() override
    {
        Concert channel(6, 4);
        const auto quitter = channel.trees[3];
        uint32_t got = 0;
        auto sink = CreateObject<Receiver>();
        sink->onDeliver = [&](const fanout::DeliverEvent&)
        {
            if (++got == 1)
            {
                quitter->Leave();
                NS_TEST_EXPECT_MSG_EQ(quitter->IsJoined(), false, "left at once");
                NS_TEST_EXPECT_MSG_EQ(quitter->GetStatus().open, false, "closed");
            }
        };
        quitter->AddSink(sink);
        FanoutWorkload load(channel.applications);
        load.Publish(20, 100, 40, Seconds(3));
        fanout::Schedule(MilliSeconds(2900),
                         [&]
                         { NS_TEST_EXPECT_MSG_EQ(quitter->IsJoined(), true, "joined before"); });
        fanout::Schedule(MilliSeconds(3990),
                         [&]
                         {
                             NS_TEST_EXPECT_MSG_EQ(got, 1, "nothing more after Leave");
                             NS_TEST_EXPECT_MSG_EQ(quitter->HasEverJoined(), true, "it had joined");
                             NS_TEST_EXPECT_MSG_EQ(Parents(channel, quitter), 0, "a phantom child");
                             quitter->Join();
                         });
        channel.Run(Seconds(6));
        NS_TEST_EXPECT_MSG_EQ(quitter->IsJoined(), true, "joined again");
        NS_TEST_EXPECT_MSG_EQ(Parents(channel, quitter), 1, "a child again");
        NS_TEST_EXPECT_MSG_GT(got, 18, "messages again");
        Simulator::Destroy();
    }

    /// @param channel all peers @param child one of them @return how many have it as a child
    static uint32_t
    Parents(const Concert& channel, Ptr<FanoutTreeApplication> child)
    {
        uint32_t parents = 0;
        for (const auto& tree : channel.trees)
        {
            for (const auto& id : tree->GetChildren())
            {
                parents += id == child->GetId();
            }
        }
        return parents;
    }
};

/// A process that dies and comes back gets what is published from then on.
class RestartTestCase : public TestCase
{
  public:
    RestartTestCase()
        : TestCase("crash and restart of a subscriber")
    {
    }

  private:
    void
    DoRun() override
    {
        Concert channel(8);
        const auto victim = channel.trees[4];
        const auto id = victim->GetId();
        std::set<uint32_t> late;
        auto sink = CreateObject<Receiver>();
        sink->onDeliver = [&](const fanout::DeliverEvent& event)
        {
            if (event.time > 6 * fanout::SECOND)
            {
                late.insert(event.seq);
            }
        };
        victim->AddSink(sink);
        FanoutWorkload load(channel.applications);
        load.Publish(10, 100, 60, Seconds(3));
        Simulator::Schedule(Seconds(4), &FanoutApplication::Crash, victim);
        fanout::Schedule(
            MilliSeconds(4500),
            [&]
            {
                NS_TEST_EXPECT_MSG_EQ(victim->IsUp(), false, "down");
                NS_TEST_EXPECT_MSG_EQ(victim->IsJoined(), false, "not joined");
                NS_TEST_EXPECT_MSG_EQ(victim->GetCounters().delivered, 0, "state lost");
            });
        Simulator::Schedule(Seconds(5), &FanoutApplication::Restart, victim);
        channel.Run(Seconds(11));
        NS_TEST_EXPECT_MSG_EQ(victim->IsJoined(), true, "joined again");
        NS_TEST_EXPECT_MSG_EQ((victim->GetId() == id), true, "the same peer");
        for (uint32_t seq = 35; seq < 60; seq++)
        {
            NS_TEST_EXPECT_MSG_EQ(late.count(seq), 1, "lacks " << seq);
        }
        Simulator::Destroy();
    }
};

/// Two runs are the same to the byte, another run is not.
class DeterminismTestCase : public TestCase
{
  public:
    DeterminismTestCase()
        : TestCase("two runs, one transcript")
    {
    }

  private:
    /// @param run of RngSeedManager @return everything that happened
    std::string
    Play(uint64_t run)
    {
        const auto before = RngSeedManager::GetRun();
        RngSeedManager::SetRun(run);
        Concert channel(16);
        auto transcript = CreateObject<Transcript>();
        for (const auto& tree : channel.trees)
        {
            tree->AddSink(transcript);
            tree->GetTransport()->SetAttribute("DataFrameLoss", StringValue("0.02"));
        }
        FanoutWorkload load(channel.applications);
        load.JoinSpread(Seconds(1));
        load.Publish(30, 300, 90, Seconds(3));
        load.Churn(FanoutChurn::Notified, MilliSeconds(500), MilliSeconds(200), 0.1);
        load.AssignStreams(200);
        channel.Run(Seconds(8));
        NS_TEST_EXPECT_MSG_GT(transcript->counts["deliver"], 14 * 80, "most is delivered");
        NS_TEST_EXPECT_MSG_GT(load.GetChurned(), 3, "peers fail");
        Simulator::Destroy();
        RngSeedManager::SetRun(before);
        return transcript->text.str();
    }

    void
    DoRun() override
    {
        const auto first = Play(1);
        const auto second = Play(1);
        const auto other = Play(2);
        NS_TEST_EXPECT_MSG_EQ((first == second), true, "the same run differs");
        NS_TEST_EXPECT_MSG_EQ((first == other), false, "another run is the same");
    }
};

/// Mistakes in setting a peer up by hand.
class SetupTestCase : public TestCase
{
  public:
    SetupTestCase()
        : TestCase("setting up by hand")
    {
    }

  private:
    /// @param channel may be null @param role of the peer @return what starting it says
    std::string
    Start(Ptr<FanoutTreeChannel> channel, const std::string& role)
    {
        auto nodes = MakeLan(1);
        auto tree = CreateObject<FanoutTreeApplication>();
        if (channel)
        {
            tree->SetAttribute("Channel", PointerValue(channel));
        }
        tree->SetAttribute("Role", StringValue(role));
        tree->SetAttribute("Index", UintegerValue(0));
        nodes.Get(0)->AddApplication(tree);
        Simulator::Stop(MilliSeconds(1));
        const auto error = ErrorOf([] { Simulator::Run(); });
        Simulator::Destroy();
        return error;
    }

    void
    DoRun() override
    {
        auto channel = CreateObject<FanoutTreeChannel>();
        NS_TEST_EXPECT_MSG_EQ(Contains(Start(nullptr, "leaf"), "Channel is not set"), true, "none");
        NS_TEST_EXPECT_MSG_EQ(Start(channel, "root"), "", "sound");
        NS_TEST_EXPECT_MSG_EQ(Contains(Start(channel, "leaf"), "exactly the peer with RootIndex"),
                              true,
                              "the root's index, but not its role");
        channel = CreateObject<FanoutTreeChannel>();
        channel->SetAttribute("RootIndex", UintegerValue(5));
        NS_TEST_EXPECT_MSG_EQ(Contains(Start(channel, "root"), "exactly the peer with RootIndex"),
                              true,
                              "the root's role, but not its index");

        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { channel->SetAttribute("RootId", StringValue("me")); }),
                     "'me' is not the padded base64"),
            true,
            "a bad id");
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { channel->SetAttribute("RootAddress", StringValue("here")); }),
                     "'here' is no address; allowed are /ip4/"),
            true,
            "a bad address");
        auto tree = CreateObject<FanoutTreeApplication>();
        const std::string trackers = "/ip4/10.0.0.1/udp/4001,/ip4/10.0.0.2/udp/4002";
        tree->SetAttribute("Trackers", StringValue(trackers));
        StringValue back;
        tree->GetAttribute("Trackers", back);
        NS_TEST_EXPECT_MSG_EQ(back.Get(), trackers, "reads back");
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { tree->SetAttribute("Trackers", StringValue("a,b")); }),
                     "tracker 'a' is no address"),
            true,
            "a bad tracker");
        Simulator::Destroy();
    }
};

/// FanoutTreeApplication with its protocol, over UDP on a LAN.
class TreeApplicationTestSuite : public TestSuite
{
  public:
    TreeApplicationTestSuite()
        : TestSuite("fanout-tree-application")
    {
        AddTestCase(new TracesTestCase);
        AddTestCase(new SilentTestCase);
        AddTestCase(new PayloadTestCase);
        AddTestCase(new LeaveInTraceTestCase);
        AddTestCase(new RestartTestCase);
        AddTestCase(new DeterminismTestCase);
        AddTestCase(new SetupTestCase);
    }
};

TreeApplicationTestSuite g_treeApplicationTestSuite; ///< registers itself

} // namespace
