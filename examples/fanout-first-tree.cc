/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The shortest whole scenario: home users join a concert, messages are published while some of them
// fail, and a report tells what became of it.

#include "ns3/core-module.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/network-module.h"

#include <iostream>

using namespace ns3;

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    uint32_t peersWanted = 200;
    uint32_t messages = 300;
    CommandLine cmd(__FILE__);
    cmd.AddValue("peers", "Number of peers, root and trackers included", peersWanted);
    cmd.AddValue("messages", "Number of messages", messages);
    cmd.Parse(argc, argv);

    FanoutIspHelper isp; // or your own NodeContainer with addresses
    isp.SetAccess("home");
    NodeContainer peers = isp.Create(peersWanted);

    FanoutTreeHelper tree("concert");
    tree.SetTransport("ns3::FanoutUdpTransport", "DataFrameLoss", DoubleValue(0.01));
    tree.SetRelay("UploadRate",
                  DataRateValue(DataRate("20Mbps")),
                  "MaxChildren",
                  UintegerValue(16));
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 3).RelayFraction(0.25));
    ApplicationContainer apps = tree.Install(peers);
    tree.AssignStreams(apps, 100);

    FanoutWorkload load(apps);
    load.JoinSpread(Seconds(1));
    load.Publish(30, 1024, messages, Seconds(10));
    load.Churn(FanoutChurn::Notified, Seconds(2), Seconds(1), 0.005);

    Ptr<FanoutMonitor> monitor = FanoutMonitorHelper().Install(apps);
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();
    monitor->SetChurn(load.GetChurnTimes(), load.GetChurned());
    monitor->GetReport().Print(std::cout);
    Simulator::Destroy();
    return 0;
}
