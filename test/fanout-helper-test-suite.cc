/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-application.h"
#include "fanout-test-tools.h"

#include "ns3/double.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/names.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// Roles are what was asked for, drawn from their stream.
class RolesTestCase : public TestCase
{
  public:
    RolesTestCase()
        : TestCase("roles")
    {
    }

  private:
    /// @param nodes to install on @param roles wanted @param stream of the draw
    /// @return the role of each, as one letter
    std::string
    Draw(const NodeContainer& nodes, const FanoutRoles& roles, int64_t stream = 7)
    {
        FanoutTreeHelper helper("test");
        helper.SetRoles(roles);
        helper.SetRoot("MaxChildren", UintegerValue(4));
        helper.SetRoleStream(stream);
        const auto applications = helper.Install(nodes);
        std::string letters;
        uint32_t installed = 0;
        for (uint32_t i = 0; i < nodes.GetN(); i++)
        {
            letters += FanoutRoleName(helper.GetRole(i))[0];
            if (helper.GetRole(i) == FanoutRole::IDLE)
            {
                continue;
            }
            const auto application = DynamicCast<FanoutApplication>(applications.Get(installed++));
            NS_TEST_EXPECT_MSG_EQ(application->GetNode(), nodes.Get(i), "in order of the nodes");
            NS_TEST_EXPECT_MSG_EQ((application->GetRole() == helper.GetRole(i)), true, "the role");
            NS_TEST_EXPECT_MSG_EQ(application->GetIndex(), i, "the index");
        }
        NS_TEST_EXPECT_MSG_EQ(applications.GetN(), installed, "none on idle nodes");
        return letters;
    }

    /// @param letters of roles @param letter one of them @return how many
    static long
    Count(const std::string& letters, char letter)
    {
        return std::count(letters.begin(), letters.end(), letter);
    }

    void
    DoRun() override
    {
        const auto nodes = MakeLan(40);
        const auto plain = Draw(nodes, FanoutRoles());
        NS_TEST_EXPECT_MSG_EQ(plain[0], 'r', "node 0 is the root");
        NS_TEST_EXPECT_MSG_EQ(Count(plain, 't'), 0, "no trackers by default");
        NS_TEST_EXPECT_MSG_EQ(Count(plain, 'r') - 1, 9, "a quarter of 39 relay");
        NS_TEST_EXPECT_MSG_EQ(Count(plain, 'l'), 30, "the rest are leaves");

        const auto roles = FanoutRoles().Root(5).Trackers(1, 3).RelayFraction(0.35).Subscribers(30);
        const auto some = Draw(nodes, roles);
        NS_TEST_EXPECT_MSG_EQ(some.substr(1, 3), "ttt", "trackers");
        NS_TEST_EXPECT_MSG_EQ(some[5], 'r', "the root");
        NS_TEST_EXPECT_MSG_EQ(Count(some, 'r') - 1, 10, "floor(30 * 0.35) relay");
        NS_TEST_EXPECT_MSG_EQ(Count(some, 'l'), 20, "the other subscribers");
        NS_TEST_EXPECT_MSG_EQ(Count(some, 'i'), 6, "the others are idle");
        NS_TEST_EXPECT_MSG_EQ(Draw(nodes, roles), some, "same stream, same roles");
        NS_TEST_EXPECT_MSG_NE(Draw(nodes, roles, 8), some, "another stream, other roles");

        const auto cut = Draw(nodes, FanoutRoles().Subscribers(1000).RelayFraction(1));
        NS_TEST_EXPECT_MSG_EQ(Count(cut, 'r') - 1, 39, "as many as there are");
        const auto one = Draw(nodes, FanoutRoles().Subscribers(5).RelayFraction(0));
        NS_TEST_EXPECT_MSG_EQ(Count(one, 'r') - 1, 1, "one relay when the root cannot hold all");
        const auto none = Draw(nodes, FanoutRoles().Subscribers(4).RelayFraction(0));
        NS_TEST_EXPECT_MSG_EQ(Count(none, 'r') - 1, 0, "none when it can");
        CheckErrors(nodes);
        Simulator::Destroy();
    }

    /// @param nodes 40 of them
    void
    CheckErrors(const NodeContainer& nodes)
    {
        const auto says = [&](const FanoutRoles& roles, const std::string& part)
        {
            FanoutTreeHelper helper("test");
            helper.SetRoles(roles);
            const auto error = ErrorOf([&] { helper.Install(nodes); });
            NS_TEST_EXPECT_MSG_EQ(Contains(error, part), true, "'" << error << "' lacks " << part);
        };
        says(FanoutRoles().Root(40), "the root is node 40, but 40 nodes were given; allowed are 0");
        says(FanoutRoles().Trackers(38, 3), "the trackers are nodes 38 to 40, but 40 nodes");
        says(FanoutRoles().Root(2).Trackers(1, 3), "node 2 cannot be both root and tracker");
        says(FanoutRoles().RelayFraction(1.5), "allowed are 0 to 1");

        FanoutTreeHelper helper("test");
        const auto transport = ErrorOf([&] { helper.SetTransport("ns3::UdpSocket"); });
        NS_TEST_EXPECT_MSG_EQ(Contains(transport, "'ns3::UdpSocket' is no transport"),
                              true,
                              "name");
        helper.SetRelay("RepairMaxBackfill", UintegerValue(2000));
        NS_TEST_EXPECT_MSG_EQ(Contains(ErrorOf([&] { helper.Install(nodes); }), "must not exceed"),
                              true,
                              "options are checked before the run");
        const auto bare = ErrorOf([] { FanoutTreeHelper("test").Install(CreateObject<Node>()); });
        NS_TEST_EXPECT_MSG_EQ(Contains(bare, "no IPv4 address"), true, "a node without address");
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([] { FanoutTreeHelper("test").Install("nobody"); }), "'nobody'"),
            true,
            "a node that is not there");
    }
};

/// Options, transports and addresses reach the applications.
class InstallTestCase : public TestCase
{
  public:
    InstallTestCase()
        : TestCase("install")
    {
    }

  private:
    void
    DoRun() override
    {
        const auto nodes = MakeLan(9);
        FanoutTreeHelper helper("test");
        helper.SetRoles(FanoutRoles().Root(0).Trackers(1, 2).RelayFraction(0.5));
        helper.SetTransport("ns3::FanoutUdpTransport", "DataFrameLoss", DoubleValue(0.25));
        helper.SetOption("MessageRate", DoubleValue(50), "MessageSize", UintegerValue(64));
        helper.SetRelay("MaxChildren", UintegerValue(5));
        helper.SetPort(5000);
        const auto applications = helper.Install(nodes);
        NS_TEST_EXPECT_MSG_EQ(applications.GetN(), 9, "one a node");

        std::set<const FanoutTreeOptions*> options;
        std::set<const FanoutTransport*> transports;
        for (uint32_t i = 0; i < applications.GetN(); i++)
        {
            const auto tree = DynamicCast<FanoutTreeApplication>(applications.Get(i));
            const auto& peek = tree->GetOptions()->Peek();
            options.insert(PeekPointer(tree->GetOptions()));
            transports.insert(PeekPointer(tree->GetTransport()));
            NS_TEST_EXPECT_MSG_EQ(peek.messageRate, 50, "SetOption is for all");
            NS_TEST_EXPECT_MSG_EQ(peek.messageSize, 64, "SetOption takes several pairs");
            const bool relay = tree->GetRole() == FanoutRole::RELAY;
            const bool root = tree->GetRole() == FanoutRole::ROOT;
            NS_TEST_EXPECT_MSG_EQ(peek.maxChildren, (root ? 64 : relay ? 5 : 0), "children");
            DoubleValue loss;
            tree->GetTransport()->GetAttribute("DataFrameLoss", loss);
            NS_TEST_EXPECT_MSG_EQ(loss.Get(), 0.25, "SetTransport is for all");
            NS_TEST_EXPECT_MSG_EQ(tree->GetTrackers()->size(), 2, "trackers");
            NS_TEST_EXPECT_MSG_EQ((*tree->GetTrackers())[0].ToText(),
                                  "/ip4/10.1.0.2/udp/5000",
                                  "where the first tracker is");
        }
        NS_TEST_EXPECT_MSG_EQ(options.size(), 3, "one object a role");
        NS_TEST_EXPECT_MSG_EQ(transports.size(), 9, "one a peer");
        NS_TEST_EXPECT_MSG_EQ(bool(helper.GetChannel()->GetRootEndpoint()),
                              false,
                              "subscribers ask trackers");
        NS_TEST_EXPECT_MSG_EQ(Contains(ErrorOf([&] { helper.Install(nodes); }), "called before"),
                              true,
                              "once a helper");

        NS_TEST_EXPECT_MSG_EQ(helper.AssignStreams(applications, 40), 1, "streams used");
        Simulator::Stop(MilliSeconds(1));
        Simulator::Run();
        const auto tree = DynamicCast<FanoutTreeApplication>(applications.Get(8));
        NS_TEST_EXPECT_MSG_EQ(tree->GetEndpoint().ToText(), "/ip4/10.1.0.9/udp/5000", "listens");
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { helper.SetRelay("MaxChildren", UintegerValue(6)); }),
                     "MaxChildren cannot change any more"),
            true,
            "options are frozen once the run began");
        Simulator::Destroy();
    }
};

/// Two channels on a user's own nodes, routers between them, one of them without trackers.
class OwnNodesTestCase : public TestCase
{
  public:
    OwnNodesTestCase()
        : TestCase("own nodes, two channels")
    {
    }

  private:
    void
    DoRun() override
    {
        // A chain of point-to-point links: every peer but the first has two addresses.
        Ipv4AddressGenerator::Reset();
        NodeContainer nodes(5);
        InternetStackHelper stack;
        stack.Install(nodes);
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
        Ipv4AddressHelper addresses("192.168.0.0", "255.255.255.0");
        for (uint32_t i = 0; i + 1 < nodes.GetN(); i++)
        {
            addresses.Assign(link.Install(nodes.Get(i), nodes.Get(i + 1)));
            addresses.NewNetwork();
        }
        Ipv4GlobalRoutingHelper::PopulateRoutingTables();
        Names::Add("last", nodes.Get(4));

        std::vector<FanoutTreeHelper> helpers{FanoutTreeHelper("one"), FanoutTreeHelper("two")};
        helpers[0].SetRoles(FanoutRoles().Trackers(1, 1));
        helpers[1].SetRoles(FanoutRoles().Root(4));
        helpers[1].SetPort(4002);
        helpers[1].SetFirstIndex(100);
        std::vector<ApplicationContainer> applications;
        for (auto& helper : helpers)
        {
            helper.SetSigning("mock");
            applications.push_back(helper.Install(nodes));
            FanoutWorkload load(applications.back());
            load.Publish(20, 50, 10, Seconds(3));
        }
        NS_TEST_EXPECT_MSG_EQ(bool(helpers[1].GetChannel()->GetRootEndpoint()),
                              true,
                              "without trackers the root is known");
        Simulator::Stop(Seconds(5));
        Simulator::Run();
        for (std::size_t c = 0; c < 2; c++)
        {
            uint32_t subscribers = 0;
            for (uint32_t i = 0; i < applications[c].GetN(); i++)
            {
                const auto tree = DynamicCast<FanoutTreeApplication>(applications[c].Get(i));
                if (tree->IsSubscriber())
                {
                    subscribers++;
                    NS_TEST_EXPECT_MSG_EQ(tree->GetCounters().delivered, 10, "all messages");
                    NS_TEST_EXPECT_MSG_EQ(tree->GetStatus().ended, true, "and the end");
                }
            }
            NS_TEST_EXPECT_MSG_EQ(subscribers, 3 + c, "subscribers");
        }
        Names::Clear();
        Simulator::Destroy();
    }
};

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
        NS_TEST_EXPECT_MSG_EQ(load.AssignStreams(stream), 2, "streams used");
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
            Simulator::Schedule(MilliSeconds(ms),
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

/// FanoutTreeHelper and FanoutWorkload.
class HelperTestSuite : public TestSuite
{
  public:
    HelperTestSuite()
        : TestSuite("fanout-helper")
    {
        AddTestCase(new RolesTestCase);
        AddTestCase(new InstallTestCase);
        AddTestCase(new OwnNodesTestCase);
        AddTestCase(new ScheduleTestCase);
        AddTestCase(new ChurnTestCase);
    }
};

HelperTestSuite g_helperTestSuite; ///< registers itself

} // namespace
