/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-exchange.h"
#include "fanout-test-tools.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fanout-cloud-helper.h"
#include "ns3/fanout-cloud-transport.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// Hosts are where the same streams put them in an ISP network, on links of the same rates.
class PlacesCase : public TestCase
{
  public:
    PlacesCase()
        : TestCase("regions and rates are those of the ISP network")
    {
    }

  private:
    static constexpr uint32_t HOSTS = 300;

    static void
    Configure(FanoutAccessHelper& network, int64_t stream)
    {
        network.AssignStreams(stream);
        network.SetAccess("mixed");
        network.SetAccess("uniform", 10, 20);
        network.SetAccess("relay", {0, 15});
        network.SetUniformRate(DataRate("5Mbps"));
    }

    void
    DoRun() override
    {
        FanoutIspHelper isp;
        Configure(isp, 4);
        isp.Create(HOSTS);
        FanoutCloudHelper cloud;
        Configure(cloud, 4);
        const auto hosts = cloud.Create(HOSTS);
        FanoutCloudHelper other;
        Configure(other, 5);
        other.Create(HOSTS);
        uint32_t elsewhere = 0;
        for (uint32_t i = 0; i < HOSTS; i++)
        {
            NS_TEST_ASSERT_MSG_EQ((cloud.GetRegion(i) == isp.GetRegion(i)), true, "region");
            // Rates are kept to seven digits.
            NS_TEST_ASSERT_MSG_EQ_TOL(cloud.GetUplink(i).GetBitRate() / 1e6,
                                      isp.GetUplink(i).GetBitRate() / 1e6,
                                      isp.GetUplink(i).GetBitRate() / 1e12,
                                      "up");
            NS_TEST_ASSERT_MSG_EQ_TOL(cloud.GetDownlink(i).GetBitRate() / 1e6,
                                      isp.GetDownlink(i).GetBitRate() / 1e6,
                                      isp.GetDownlink(i).GetBitRate() / 1e12,
                                      "down");
            NS_TEST_ASSERT_MSG_EQ(cloud.GetAddress(i), isp.GetAddress(i), "address");
            elsewhere += other.GetRegion(i) == cloud.GetRegion(i) ? 0 : 1;
            const auto device = DynamicCast<FanoutCloudNetDevice>(hosts.Get(i)->GetDevice(0));
            NS_TEST_ASSERT_MSG_EQ(device->GetUpRate(), cloud.GetUplink(i), "the device's");
            NS_TEST_ASSERT_MSG_EQ(device->GetDownRate(), cloud.GetDownlink(i), "the device's");
            NS_TEST_ASSERT_MSG_EQ(device->GetCloudAddress(), cloud.GetAddress(i), "the device's");
        }
        NS_TEST_ASSERT_MSG_GT(elsewhere, HOSTS / 4, "other streams, other regions");
        const auto model = cloud.GetCloud()->GetLatencyModel();
        NS_TEST_ASSERT_MSG_EQ(cloud.GetRoundTrip(3, 9), NanoSeconds(2 * model->GetDelay(3, 9)), "");
        NS_TEST_ASSERT_MSG_EQ(cloud.GetRoundTrip(3, 3), Time(0), "");
        const auto behind = CreateObject<FanoutRegionLatency>();
        behind->AssignStreams(6);
        for (uint32_t i = 0; i < HOSTS; i++)
        {
            behind->SetRegion(i, cloud.GetRegion(i));
            NS_TEST_ASSERT_MSG_EQ(model->GetDelay(0, i),
                                  behind->GetDelay(0, i),
                                  "the network's streams: 4, the cloud's 5, its latencies' 6");
        }
        NS_TEST_ASSERT_MSG_EQ(cloud.GetHosts().GetN(), HOSTS, "");
        NS_TEST_ASSERT_MSG_EQ(cloud.GetRouters().GetN(), 0, "");
        Simulator::Destroy();
    }
};

/// What a helper is told reaches the cloud; what makes no sense ends with a clear text.
class HelperCase : public TestCase
{
  public:
    HelperCase()
        : TestCase("settings and errors")
    {
    }

  private:
    static double
    LossRate(const FanoutCloudHelper& network)
    {
        DoubleValue loss;
        network.GetCloud()->GetAttribute("LossRate", loss);
        return loss.Get();
    }

    static bool
    TakesPackets(const FanoutCloudHelper& network)
    {
        const auto device = network.GetHosts().Get(1)->GetDevice(0);
        return DynamicCast<FanoutCloudNetDevice>(device)->IsHeard();
    }

    void
    Says(const std::string& text, const std::function<void(FanoutCloudHelper&)>& what)
    {
        FanoutCloudHelper network;
        const auto error = AbortOf([&]() { what(network); });
        NS_TEST_EXPECT_MSG_EQ(Contains(error, text), true, "'" << error << "' lacks " << text);
    }

    void
    DoRun() override
    {
        FanoutCloudHelper network;
        network.SetLinkErrorRate(0.1);
        network.SetAccessQueueBytes(1000);
        network.SetAccessQueueBytesOf(2000, 1, 2);
        network.SetAccessQueueBytesOf(3000, 2, 1);
        network.SetChannelAttribute("Grid", TimeValue(MilliSeconds(2)));
        network.Create(4);
        const auto& cloud = network.GetCloud();
        NS_TEST_EXPECT_MSG_EQ_TOL(LossRate(network), 0.19, 1e-9, "of two access links");
        NS_TEST_EXPECT_MSG_EQ(cloud->GetGrid(), MilliSeconds(2), "");
        NS_TEST_EXPECT_MSG_EQ(cloud->GetAccess(0).queueBytes, 1000, "of all");
        NS_TEST_EXPECT_MSG_EQ(cloud->GetAccess(1).queueBytes, 2000, "of some");
        NS_TEST_EXPECT_MSG_EQ(cloud->GetAccess(2).queueBytes, 3000, "later calls win");
        NS_TEST_EXPECT_MSG_EQ(cloud->GetNDevices(), 4, "");
        NS_TEST_EXPECT_MSG_EQ(TakesPackets(network), true, "unless told otherwise");
        FanoutCloudHelper frames;
        frames.SetPackets(false);
        frames.Create(2);
        NS_TEST_EXPECT_MSG_EQ(TakesPackets(frames), false, "");
        FanoutCloudHelper internet;
        internet.SetPackets(false);
        internet.SetInternet(true);
        internet.Create(2);
        NS_TEST_EXPECT_MSG_EQ(TakesPackets(internet), true, "sockets need them");
        FanoutCloudHelper lossy;
        lossy.SetChannelAttribute("LossRate", DoubleValue(0.3));
        lossy.Create(2);
        NS_TEST_EXPECT_MSG_EQ(LossRate(lossy), 0.3, "what was set stays");
        Simulator::Destroy();
        CheckErrors();
    }

    void
    CheckErrors()
    {
        Says("a network of 0 hosts", [](auto& net) { net.Create(0); });
        Says("has been created already",
             [](auto& net)
             {
                 net.Create(1);
                 net.Create(1);
             });
        Says("there is no access class \"fast\"", [](auto& net) { net.SetAccess("fast"); });
        Says("access class of 3 hosts from 2 on, but there are only 4",
             [](auto& net)
             {
                 net.SetAccess("home", 2, 3);
                 net.Create(4);
             });
        Says("access queues of 4294967295 hosts from 1 on, but there are only 4",
             [](auto& net)
             {
                 net.SetAccessQueueBytesOf(1, 1, 0xffffffff);
                 net.Create(4);
             });
        Says("there is no host 4; there are 4",
             [](auto& net)
             {
                 net.Create(4);
                 net.GetUplink(4);
             });
        Says("a cloud needs a latency model", [](auto& net) { net.SetLatencyModel(nullptr); });
        Says("leave FirstAddress alone",
             [](auto& net)
             {
                 net.SetChannelAttribute("FirstAddress", Ipv4AddressValue("11.0.0.1"));
                 net.Create(4);
             });
        Says("the grid cannot change once something was sent",
             [](auto& net)
             {
                 net.Create(2);
                 net.GetCloud()->SendFrame(0, 1, fanout::FrameRef(), 32, false);
                 net.SetChannelAttribute("Grid", TimeValue(MilliSeconds(2)));
             });
        Says("needs data rates above 0",
             [](auto& net)
             {
                 net.Create(2);
                 net.GetCloud()->SetAccess(1, {1, 0, 1});
             });
        Says("the address of a device follows from its place",
             [](auto& net) {
                 net.Create(2).Get(1)->GetDevice(0)->SetAddress(Mac48Address("02:00:00:00:00:00"));
             });
        Says("attached to a cloud already",
             [](auto& net)
             {
                 const auto device = net.Create(2).Get(1)->GetDevice(0);
                 DynamicCast<FanoutCloudNetDevice>(device)->Attach(net.GetCloud(), {1, 1, 1});
             });
    }
};

/// Notes which peer got which message, however often.
class DeliverySink : public FanoutSink
{
  public:
    std::set<std::pair<uint32_t, uint32_t>> got; ///< peer and message

    void
    NoteDeliver(const fanout::DeliverEvent& event) override
    {
        got.insert({event.self, event.seq});
    }
};

/// A tree of some peers on a cloud.
class TreeCase : public TestCase
{
  public:
    using TestCase::TestCase;

  protected:
    static constexpr uint32_t PEERS = 60;    ///< with root and trackers
    static constexpr uint32_t MESSAGES = 60; ///< 30 a second

    static constexpr uint32_t EXPECTED = (PEERS - 3) * MESSAGES; ///< root and trackers get none

    /// Make it. @param internet whether hosts get a stack
    void
    MakeTree(bool internet = false)
    {
        network = std::make_unique<FanoutCloudHelper>();
        network->AssignStreams(100);
        network->SetAccess("mixed");
        network->SetInternet(internet);
        const auto hosts = network->Create(PEERS);
        FanoutTreeHelper tree("concert");
        tree.SetTransport("ns3::FanoutCloudTransport", "DataFrameLoss", DoubleValue(0.01));
        tree.SetAddresses([this](uint32_t i) { return network->GetAddress(i); });
        tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 2).RelayFraction(0.35));
        tree.SetRoot("MaxChildren", UintegerValue(8));
        tree.SetRelay("MaxChildren", UintegerValue(8));
        tree.SetSeed(7);
        apps = tree.Install(hosts);
        tree.AssignStreams(apps, 200);
        apps.Start(Seconds(0));
        monitor = FanoutMonitorHelper().Set("Deadline", TimeValue(Seconds(2))).Install(apps);
        load = std::make_unique<FanoutWorkload>(apps);
        load->AssignStreams(300);
        load->Publish(30, 512, MESSAGES, Seconds(3));
        deliveries = CreateObject<DeliverySink>();
        for (uint32_t i = 0; i < apps.GetN(); i++)
        {
            DynamicCast<FanoutApplication>(apps.Get(i))->AddSink(deliveries);
        }
    }

    /// Run to the end of what is published and some seconds more. @return the report
    FanoutReport
    RunTree()
    {
        Simulator::Stop(load->End() + Seconds(6));
        Simulator::Run();
        return monitor->GetReport();
    }

    /// Forget all.
    void
    EndTree()
    {
        monitor->Dispose();
        monitor = nullptr;
        deliveries = nullptr;
        load.reset();
        apps = ApplicationContainer();
        network.reset();
        Simulator::Destroy();
    }

    std::unique_ptr<FanoutCloudHelper> network; ///< the network
    ApplicationContainer apps;                  ///< the peers
    Ptr<FanoutMonitor> monitor;                 ///< watches them
    Ptr<DeliverySink> deliveries;               ///< what they got
    std::unique_ptr<FanoutWorkload> load;       ///< what they do
};

/// Everything is delivered under each kind of churn, and equal runs are equal.
class ChurnCase : public TreeCase
{
  public:
    ChurnCase(const std::string& name, FanoutChurn churn)
        : TreeCase("churn of kind " + name),
          m_churn(churn)
    {
    }

  private:
    std::string
    RunOnce()
    {
        MakeTree();
        load->Churn(m_churn, MilliSeconds(500), MilliSeconds(300), 0.05);
        const auto report = RunTree();
        NS_TEST_EXPECT_MSG_EQ(report.Get("joinedPct"), 100, "all join");
        // A new process takes again what the one before had: the report counts that twice.
        NS_TEST_EXPECT_MSG_GT(report.Get("deliveredPct"), 99.999, "all is delivered");
        NS_TEST_EXPECT_MSG_EQ(deliveries->got.size(), EXPECTED, "by everybody");
        NS_TEST_EXPECT_MSG_GT(load->GetChurned(), 5, "peers were away");
        std::ostringstream text;
        report.WriteJson(text, true);
        EndTree();
        return text.str();
    }

    void
    DoRun() override
    {
        const auto once = RunOnce();
        NS_TEST_ASSERT_MSG_EQ((RunOnce() == once), true, "the same seed, the same report");
    }

    FanoutChurn m_churn;
};

/// A process that dies with wake-ups pending comes back and receives again.
class RestartCase : public TreeCase
{
  public:
    RestartCase()
        : TreeCase("crash and restart with wake-ups pending")
    {
    }

  private:
    void
    DoRun() override
    {
        MakeTree();
        // Peers wake at the latest after a fraction of a second: some wake-ups come while it is
        // down, some when the new process runs.
        const auto peer = DynamicCast<FanoutTreeApplication>(apps.Get(PEERS - 1));
        // While messages flow: before that, children of a process that died and came back unheard
        // find out with their next ALIVE only.
        const Time begin = load->Start() + MilliSeconds(300);
        for (const uint32_t after : {0, 300, 350, 900})
        {
            const Time at = begin + MilliSeconds(after);
            Simulator::Schedule(at, &FanoutApplication::Crash, peer);
            Simulator::Schedule(at + MilliSeconds(10), &FanoutApplication::Restart, peer);
        }
        Simulator::Schedule(begin + MilliSeconds(1000), &FanoutApplication::Crash, peer);
        Simulator::Schedule(begin + MilliSeconds(1300), &FanoutApplication::Restart, peer);
        const auto report = RunTree();
        NS_TEST_ASSERT_MSG_EQ(peer->IsJoined(), true, "joined again");
        NS_TEST_ASSERT_MSG_EQ(deliveries->got.size(), EXPECTED, "all is delivered");
        EndTree();
    }
};

/// A host has a FanoutTree peer and another application, and both get what is theirs.
class MixedCase : public TreeCase
{
  public:
    MixedCase()
        : TreeCase("a peer and another application on one host")
    {
    }

  private:
    void
    DoRun() override
    {
        MakeTree(true);
        {
            // The port is the peers', too: frames and datagrams do not meet.
            Exchange exchange(*network, true);
            for (uint32_t i = 1; i < PEERS; i++)
            {
                fanout::Schedule(Seconds(3) + MilliSeconds(20 * i),
                                 [&exchange, i]() { exchange.Send(i, 0, 400); });
            }
            const auto report = RunTree();
            NS_TEST_ASSERT_MSG_EQ(report.Get("deliveredPct"), 100, "the tree's");
            NS_TEST_ASSERT_MSG_EQ(exchange.got.size(), 2 * (PEERS - 1), "there and back");
            const auto& counters = network->GetCloud()->GetCounters();
            NS_TEST_ASSERT_MSG_EQ(counters.packets, 2 * (PEERS - 1), "one each");
            NS_TEST_ASSERT_MSG_EQ(counters.queueDrops, 0, "");
        }
        EndTree();
    }
};

/// The suite.
class FanoutCloudRunTestSuite : public TestSuite
{
  public:
    FanoutCloudRunTestSuite()
        : TestSuite("fanout-cloud-run")
    {
        AddTestCase(new PlacesCase);
        AddTestCase(new HelperCase);
        AddTestCase(new ChurnCase("notified", FanoutChurn::Notified));
        AddTestCase(new ChurnCase("link", FanoutChurn::Link));
        AddTestCase(new ChurnCase("process", FanoutChurn::Process));
        AddTestCase(new ChurnCase("leave", FanoutChurn::Leave));
        AddTestCase(new RestartCase);
        AddTestCase(new MixedCase);
    }
};

FanoutCloudRunTestSuite g_fanoutCloudRunTestSuite;

} // namespace
