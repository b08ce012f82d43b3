/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// CSMA: three Ethernets of ten hosts behind routers. An overlay does not see which hosts share a
// cable, so a message crosses the routers more often than the twice that it must. Device traces of
// ns-3 count what the cables carry.

#include "ns3/core-module.h"
#include "ns3/fanout-csma-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/network-module.h"

#include <iostream>

using namespace ns3;

namespace
{

const uint32_t SIZE = 1000; ///< payload bytes; smaller frames are no data

void
Count(uint64_t* frames, Ptr<const Packet> packet)
{
    *frames += packet->GetSize() > SIZE ? 1 : 0;
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    uint32_t lans = 3;
    uint32_t messages = 50;
    CommandLine cmd(__FILE__);
    cmd.AddValue("lans", "Number of Ethernets", lans);
    cmd.AddValue("messages", "Number of messages", messages);
    cmd.Parse(argc, argv);

    FanoutCsmaHelper net;
    net.SetLanHosts(10);
    net.SetCoreDegree(2);
    NodeContainer hosts = net.Create(10 * lans);

    FanoutTreeHelper tree("ethernets");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.5));
    tree.SetOption("MaxChildren", UintegerValue(5));
    ApplicationContainer apps = tree.Install(hosts);
    FanoutWorkload load(apps);
    load.Publish(10, SIZE, messages, Seconds(3));
    Ptr<FanoutMonitor> monitor = FanoutMonitorHelper().Install(apps);

    uint64_t onCables = 0;
    uint64_t between = 0;
    const std::string every = "/NodeList/*/DeviceList/*/$ns3::";
    Config::ConnectWithoutContext(every + "CsmaNetDevice/PhyTxEnd",
                                  MakeBoundCallback(&Count, &onCables));
    Config::ConnectWithoutContext(every + "PointToPointNetDevice/PhyTxEnd",
                                  MakeBoundCallback(&Count, &between));
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();

    const double perMessage = 1.0 / messages;
    std::cout << monitor->GetDelivered() << " of " << monitor->GetExpected() << " deliveries\n"
              << "a message was sent " << onCables * perMessage << " times on Ethernets, "
              << between * perMessage << " times between routers (" << lans - 1 << " must be)"
              << std::endl;
    const uint64_t expected = uint64_t{messages} * (10 * lans - 2);
    const bool complete = monitor->GetDelivered() == expected && onCables >= expected &&
                          between >= uint64_t{messages} * (lans - 1);
    Simulator::Destroy();
    return complete ? 0 : 1;
}
