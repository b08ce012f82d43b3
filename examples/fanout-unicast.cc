/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a tree is for. Once the channel is done, the root sends as many messages again by plain UDP,
// each to every subscriber by itself (fanout-unicast-star.h). A second FanoutMonitor is told of
// that by NotePublish and NoteDeliver, as it can be of any other way to send.

#include "fanout-unicast-star.h"

#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"

#include <iomanip>
#include <iostream>

using namespace ns3;

namespace
{

void
Row(const std::string& name, const FanoutReport& report, uint64_t rootBytes)
{
    std::cout << std::left << std::setw(10) << name << std::right << std::fixed
              << std::setprecision(2) << std::setw(12) << report.Get("deliveredPct")
              << std::setw(14) << report.Get("latencyP50") << std::setw(14)
              << report.Get("latencyP99") << std::setw(17) << 1e-6 * rootBytes << std::endl;
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    CommandLine cmd(__FILE__);
    cmd.Parse(argc, argv);
    const uint32_t hosts = 120; // a root, a tracker and 118 subscribers
    const uint32_t messages = 150;
    const uint32_t size = 1024;

    FanoutIspHelper isp;
    isp.SetAccess("uniform");
    isp.SetUniformRate(DataRate("20Mbps"));
    FanoutTreeHelper tree("tree");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1));
    tree.SetOption("MaxChildren", UintegerValue(12));
    ApplicationContainer apps = tree.Install(isp.Create(hosts));
    FanoutWorkload load(apps);
    load.Publish(25, size, messages, Seconds(3));
    Ptr<FanoutMonitor> monitor = FanoutMonitorHelper().Install(apps);
    FanoutUnicastStar star(apps, 9);
    const auto root = apps.Get(0)->GetNode()->GetId();
    for (uint32_t seq = 0; seq < messages; seq++)
    {
        const auto when = load.End() + Seconds(3) + seq * MilliSeconds(40);
        Simulator::ScheduleWithContext(root, when, &FanoutUnicastStar::Send, &star, seq, size);
    }
    Simulator::Stop(load.End() + Seconds(15));
    Simulator::Run();

    const auto transport = DynamicCast<FanoutApplication>(apps.Get(0))->GetTransport();
    const auto rootBytes = DynamicCast<FanoutUdpTransport>(transport)->GetCounters().sentBytes;
    const auto byTree = monitor->GetReport();
    const auto byStar = star.monitor->GetReport();
    std::cout << "          delivered %      P50 [ms]      P99 [ms]   root sent [MB]" << std::endl;
    Row("tree", byTree, rootBytes);
    Row("unicast", byStar, star.rootBytes);
    Simulator::Destroy();
    const bool sound = byTree.Get("deliveredPct") == 100 && byTree.Get("latencyP99") < 1000 &&
                       star.rootBytes == uint64_t{messages} * 118 * (size + 28) &&
                       5 * rootBytes < star.rootBytes && byStar.Get("deliveredPct") > 0;
    return sound ? 0 : 1;
}
