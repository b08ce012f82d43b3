/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Two channels over the same hosts. A host that takes part in both runs two peers: each helper
// needs a topic, a root, a port and a range of indices of its own. Host 0 publishes the one and
// listens to the other, host 1 the other way round; most others relay in both.

#include "ns3/core-module.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"

#include <iostream>

using namespace ns3;

namespace
{

const uint32_t HOSTS = 40; ///< of each channel: a root, a tracker, subscribers
const uint32_t MESSAGES = 50;

/// A channel, with its workload and its monitor.
struct Topic
{
    Topic(const std::string& topic, const NodeContainer& hosts, uint32_t root)
        : tree(topic)
    {
        tree.SetRoles(FanoutRoles().Root(root).Trackers(2, 1).RelayFraction(0.6));
        tree.SetOption("MaxChildren", UintegerValue(4));
        tree.SetPort(4001 + root);
        tree.SetFirstIndex(root * HOSTS);
        tree.SetRoleStream(10 + root); // other relays
        apps = tree.Install(hosts);
        FanoutWorkload(apps).Publish(10, 500, MESSAGES, Seconds(3 + 0.05 * root));
        monitor = FanoutMonitorHelper().Install(apps);
    }

    /// @param host position of it @return whether its peer has children
    bool
    Relays(uint32_t host) const
    {
        return !DynamicCast<FanoutApplication>(apps.Get(host))->GetChildren().empty();
    }

    FanoutTreeHelper tree;      ///< its peers' helper
    ApplicationContainer apps;  ///< its peers, one a host
    Ptr<FanoutMonitor> monitor; ///< what became of it
};

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    CommandLine(__FILE__).Parse(argc, argv);
    NodeContainer hosts = FanoutIspHelper().Create(HOSTS);
    Topic news("news", hosts, 0);
    Topic music("music", hosts, 1);
    Simulator::Stop(Seconds(10));
    Simulator::Run();

    uint32_t both = 0;
    for (uint32_t host = 2; host < HOSTS; host++)
    {
        both += news.Relays(host) && music.Relays(host) ? 1 : 0;
    }
    const auto expected = uint64_t{MESSAGES} * (HOSTS - 2);
    std::cout << "news:  " << news.monitor->GetDelivered() << " of " << expected << " deliveries\n"
              << "music: " << music.monitor->GetDelivered() << " of " << expected << " deliveries\n"
              << both << " hosts have children in both" << std::endl;
    const bool complete = news.monitor->GetDelivered() == expected &&
                          music.monitor->GetDelivered() == expected && both > 0;
    Simulator::Destroy();
    return complete ? 0 : 1;
}
