/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Nodes, links and addresses of your own: two routers, each with ten hosts on access links, made
// with ns-3's helpers alone. FanoutTreeHelper takes the hosts as they are: it asks for one IPv4
// address besides loopback on each, and for routes between them.

#include "ns3/core-module.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <iostream>

using namespace ns3;

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    uint32_t hostsWanted = 20;
    CommandLine cmd(__FILE__);
    cmd.AddValue("hosts", "Number of hosts, root and tracker included", hostsWanted);
    cmd.Parse(argc, argv);

    NodeContainer routers(2);
    NodeContainer hosts(hostsWanted);
    InternetStackHelper().Install(NodeContainer(routers, hosts));

    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("20Mbps"));
    link.SetChannelAttribute("Delay", StringValue("5ms"));
    Ipv4AddressHelper addresses("10.1.0.0", "255.255.255.252");
    for (uint32_t i = 0; i < hosts.GetN(); i++)
    {
        addresses.Assign(link.Install(hosts.Get(i), routers.Get(i % 2)));
        addresses.NewNetwork();
    }
    link.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    link.SetChannelAttribute("Delay", StringValue("20ms"));
    addresses.Assign(link.Install(routers));
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    FanoutTreeHelper tree("own-network");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.4));
    tree.SetOption("MaxChildren", UintegerValue(3));
    ApplicationContainer apps = tree.Install(hosts);

    FanoutWorkload load(apps);
    load.Publish(10, 500, 50, Seconds(3));
    Ptr<FanoutMonitor> monitor = FanoutMonitorHelper().Install(apps);
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();

    for (uint32_t i = 0; i < apps.GetN(); i++)
    {
        const auto peer = DynamicCast<FanoutApplication>(apps.Get(i));
        std::cout << FanoutApplication::GetNodeAddress(peer->GetNode()) << " behind router "
                  << i % 2 << ": " << FanoutRoleName(peer->GetRole());
        if (peer->IsSubscriber())
        {
            std::cout << " on level " << peer->GetLevel();
        }
        std::cout << ", children: " << peer->GetChildren().size() << std::endl;
    }
    std::cout << monitor->GetDelivered() << " of " << monitor->GetExpected() << " deliveries, "
              << monitor->GetJoined() << " of " << monitor->GetSubscribers() << " subscribers"
              << std::endl;
    const bool complete = monitor->GetJoined() == hostsWanted - 2 &&
                          monitor->GetDelivered() == 50 * (hostsWanted - 2);
    Simulator::Destroy();
    return complete ? 0 : 1;
}
