/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// ns-3's FlowMonitor beside FanoutMonitor, over links that lose one packet in a hundred. One counts
// packets at the IP layer, the other what the peers' transports handed to and got from their
// sockets; both must come to the same.

#include "ns3/core-module.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/flow-monitor-module.h"

#include <iomanip>
#include <iostream>

using namespace ns3;

namespace
{

bool
Row(const std::string& name, uint64_t ours, uint64_t theirs)
{
    std::cout << std::left << std::setw(22) << name << std::right << std::setw(14) << ours
              << std::setw(14) << theirs << (ours == theirs ? "" : "  differ") << std::endl;
    return ours == theirs;
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    CommandLine cmd(__FILE__);
    cmd.Parse(argc, argv);

    FanoutP2pHelper net;
    net.SetLinkErrorRate(0.01);
    NodeContainer peers = net.Create(30);
    FanoutTreeHelper tree("flows");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1));
    ApplicationContainer apps = tree.Install(peers);
    FanoutWorkload load(apps);
    load.Publish(20, 1000, 100, Seconds(3));

    Ptr<FanoutMonitor> monitor = FanoutMonitorHelper().Install(apps);
    FlowMonitorHelper flows;
    Ptr<FlowMonitor> flowMonitor = flows.InstallAll();
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();
    uint64_t received = 0;
    for (auto app = apps.Begin(); app != apps.End(); app++)
    {
        const auto transport = DynamicCast<FanoutApplication>(*app)->GetTransport();
        received += DynamicCast<FanoutUdpTransport>(transport)->GetCounters().received;
    }
    const auto sent = static_cast<uint64_t>(monitor->GetReport().Get("datagramsSent"));
    FlowMonitor::FlowStats sum{};
    flowMonitor->CheckForLostPackets(Seconds(0)); // what is under way counts as lost
    for (const auto& flow : flowMonitor->GetFlowStats())
    {
        sum.txPackets += flow.second.txPackets;
        sum.rxPackets += flow.second.rxPackets;
        sum.lostPackets += flow.second.lostPackets;
    }
    std::cout << "packets                FanoutMonitor   FlowMonitor" << std::endl;
    bool same = Row("sent", sent, sum.txPackets);
    same = Row("received", received, sum.rxPackets) && same;
    same = Row("lost", sent - received, sum.lostPackets) && same;
    std::cout << monitor->GetDelivered() << " of " << monitor->GetExpected()
              << " deliveries, by repair where packets were lost" << std::endl;
    const bool complete = monitor->GetDelivered() == 28 * 100;
    Simulator::Destroy();
    return same && sent > received && complete ? 0 : 1;
}
