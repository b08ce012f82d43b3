/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// A few peers on one Ethernet, over TCP (or UDP), with everything they say in a pcap file. It
// prints how often each kind was sent; examples/wireshark/fanout-tree.lua shows the same in
// Wireshark:
//
//     tshark -X lua_script:examples/wireshark/fanout-tree.lua -r FILE -Y fanout

#include "ns3/core-module.h"
#include "ns3/csma-helper.h"
#include "ns3/fanout-csma-helper.h"
#include "ns3/fanout-messages.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"

#include <filesystem>
#include <iostream>
#include <map>

using namespace ns3;

namespace
{

std::map<uint8_t, uint32_t> g_sent; ///< frames by kind

void
Count(const fanout::FrameEvent& event)
{
    g_sent[event.kind]++;
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    std::string pcap = (std::filesystem::temp_directory_path() / "fanout-tcp.pcap").string();
    std::string transport = "Tcp";
    CommandLine cmd(__FILE__);
    cmd.AddValue("pcap", "File to write", pcap);
    cmd.AddValue("transport", "Tcp or Udp", transport);
    cmd.Parse(argc, argv);

    FanoutCsmaHelper lan;
    lan.SetStack(FanoutStackHelper::LEAN_TCP);
    NodeContainer peers = lan.Create(6);

    FanoutTreeHelper tree("concert");
    tree.SetTransport("ns3::Fanout" + transport + "Transport");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.5));
    tree.SetRoot("MaxChildren", UintegerValue(2));
    ApplicationContainer apps = tree.Install(peers);
    tree.AssignStreams(apps, 100);
    for (auto app = apps.Begin(); app != apps.End(); ++app)
    {
        (*app)->TraceConnectWithoutContext("FrameTx", MakeCallback(&Count));
    }

    FanoutWorkload load(apps);
    load.Publish(10, 3000, 20, Seconds(2));

    // Device 0 is the loopback. The Ethernet's frames are all seen at each of its devices.
    CsmaHelper().EnablePcap(pcap, peers.Get(0)->GetDevice(1), true, true);
    Simulator::Stop(load.End() + Seconds(2));
    Simulator::Run();
    for (const auto& [kind, times] : g_sent)
    {
        std::cout << fanout::NameOf(kind) << ' ' << times << '\n';
    }
    Simulator::Destroy();
    return 0;
}
