/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Trace sources to a CSV file: every attach, change of parent and delivery of all peers becomes a
// line. The structs that the sinks get are described in fanout-events.h.

#include "ns3/core-module.h"
#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"

#include <fstream>
#include <iostream>

using namespace ns3;

namespace
{

std::ofstream g_csv;      ///< the file
uint32_t g_attached = 0;  ///< lines "attached"
uint32_t g_delivered = 0; ///< lines "delivered"

void
Join(std::string, const fanout::JoinEvent& event)
{
    const bool attached = event.step == fanout::JoinEvent::Step::ATTACHED;
    g_attached += attached ? 1 : 0;
    g_csv << event.time << ',' << event.self << ',' << (attached ? "attached" : "joining") << ','
          << event.level << ",," << event.elapsed << '\n';
}

void
Parent(std::string, const fanout::ParentEvent& event)
{
    g_csv << event.time << ',' << event.self << ",parent," << event.level << ",,\n";
}

void
Deliver(std::string, const fanout::DeliverEvent& event)
{
    g_delivered++;
    g_csv << event.time << ',' << event.self << ",delivered," << event.level << ',' << event.seq
          << ',' << event.latency << '\n';
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    std::string path = "fanout-csv.csv";
    CommandLine cmd(__FILE__);
    cmd.AddValue("csv", "File to write", path);
    cmd.Parse(argc, argv);
    g_csv.open(path);
    g_csv << "microseconds,peer,event,level,seq,took\n";

    NodeContainer peers = FanoutIspHelper().Create(32);
    FanoutTreeHelper tree("csv");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1));
    ApplicationContainer apps = tree.Install(peers);
    FanoutWorkload load(apps);
    load.Publish(10, 500, 20, Seconds(3));

    const std::string every = "/NodeList/*/ApplicationList/*/$ns3::FanoutApplication/";
    Config::Connect(every + "Join", MakeCallback(&Join));
    Config::Connect(every + "Parent", MakeCallback(&Parent));
    Config::Connect(every + "Deliver", MakeCallback(&Deliver));
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();
    Simulator::Destroy();
    g_csv.close();
    std::cout << path << ": " << g_attached << " attached, " << g_delivered << " delivered"
              << std::endl;
    return g_csv && g_attached >= 30 && g_delivered == 30 * 20 ? 0 : 1;
}
