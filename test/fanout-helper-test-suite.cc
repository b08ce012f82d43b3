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

/// Addresses that the user gives, on nodes without a stack.
class AddressesTestCase : public TestCase
{
  public:
    AddressesTestCase()
        : TestCase("install with addresses")
    {
    }

  private:
    void
    DoRun() override
    {
        const NodeContainer nodes(6);
        for (const bool trackers : {true, false})
        {
            FanoutTreeHelper helper("test");
            helper.SetRoles(FanoutRoles().Root(2).Trackers(3, trackers ? 2 : 0));
            helper.SetTransport(TestTransport::GetTypeId().GetName());
            helper.SetPort(5000);
            helper.SetFirstIndex(trackers ? 0 : 100);
            helper.SetAddresses([](uint32_t position)
                                { return Ipv4Address(0x14000000 + position); });
            const auto applications = helper.Install(nodes);
            for (uint32_t i = 0; i < applications.GetN(); i++)
            {
                const auto tree = DynamicCast<FanoutTreeApplication>(applications.Get(i));
                const auto local = InetSocketAddress::ConvertFrom(tree->GetLocal());
                NS_TEST_EXPECT_MSG_EQ(local.GetIpv4(), Ipv4Address(0x14000000 + i), "its own");
                NS_TEST_EXPECT_MSG_EQ(local.GetPort(), 5000, "the port");
                NS_TEST_ASSERT_MSG_EQ(tree->GetTrackers()->size(), trackers ? 2 : 0, "trackers");
                if (trackers)
                {
                    NS_TEST_EXPECT_MSG_EQ((*tree->GetTrackers())[1].ToText(),
                                          "/ip4/20.0.0.4/udp/5000",
                                          "where the second tracker is");
                }
            }
            const auto root = helper.GetChannel()->GetRootEndpoint();
            NS_TEST_EXPECT_MSG_EQ(bool(root), !trackers, "told where there are no trackers");
            NS_TEST_EXPECT_MSG_EQ((trackers || root.ToText() == "/ip4/20.0.0.2/udp/5000"),
                                  true,
                                  "where the root is");
        }
        FanoutTreeHelper helper("test");
        helper.SetAddresses([](uint32_t) { return Ipv4Address::GetAny(); });
        NS_TEST_EXPECT_MSG_EQ(
            Contains(ErrorOf([&] { helper.Install(nodes); }), "no address at position 0"),
            true,
            "any is no address");
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

/// FanoutTreeHelper.
class HelperTestSuite : public TestSuite
{
  public:
    HelperTestSuite()
        : TestSuite("fanout-helper")
    {
        AddTestCase(new RolesTestCase);
        AddTestCase(new InstallTestCase);
        AddTestCase(new AddressesTestCase);
        AddTestCase(new OwnNodesTestCase);
    }
};

HelperTestSuite g_helperTestSuite; ///< registers itself

} // namespace
