/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// A user's own nodes on a LAN, a user's own bytes: the root publishes lines of text, trace sinks
// print who became whose child and what was received. One peer leaves after two lines, from within
// its own trace sink.

#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

#include <iostream>
#include <string>

using namespace ns3;

namespace
{

const std::string LINES[] = {"good evening", "this is the second line", "good night"};

/// @param event who and when @return both for a line of output
std::string
Stamp(const fanout::EventBase& event)
{
    return std::to_string(event.time / 1000) + " ms, peer " + std::to_string(event.self) + ": ";
}

void
Child(std::string, const fanout::ChildEvent& event)
{
    const bool came = event.cause == fanout::ChildEvent::Cause::ADMITTED;
    std::cout << Stamp(event) << (came ? "a child came" : "a child is gone") << ", has "
              << event.children << " of " << event.capacity << std::endl;
}

void
Deliver(std::string, const fanout::DeliverEvent& event)
{
    const Ptr<Packet> packet = FanoutApplication::MakePacket(event);
    std::string text(packet->GetSize(), ' ');
    packet->CopyData(reinterpret_cast<uint8_t*>(&text[0]), packet->GetSize());
    std::cout << Stamp(event) << '"' << text << "\", " << event.level << " hops from the root"
              << std::endl;
}

void
LeaveAfterTwo(Ptr<FanoutApplication> peer, const fanout::DeliverEvent& event)
{
    if (event.seq == 1)
    {
        std::cout << Stamp(event) << "that will do, leaves" << std::endl;
        peer->Leave();
    }
}

void
Say(Ptr<FanoutApplication> root, std::string text)
{
    root->Publish(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    CommandLine cmd(__FILE__);
    cmd.Parse(argc, argv);

    NodeContainer nodes(7);
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("100Mbps"));
    csma.SetChannelAttribute("Delay", StringValue("100us"));
    InternetStackHelper().Install(nodes);
    Ipv4AddressHelper("192.168.1.0", "255.255.255.0").Assign(csma.Install(nodes));

    FanoutTreeHelper tree("village");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.4));
    tree.SetRoot("MaxChildren", UintegerValue(2));
    tree.SetRelay("MaxChildren", UintegerValue(2));
    ApplicationContainer apps = tree.Install(nodes);

    const std::string every = "/NodeList/*/ApplicationList/*/$ns3::FanoutApplication/";
    Config::Connect(every + "Child", MakeCallback(&Child));
    Config::Connect(every + "Deliver", MakeCallback(&Deliver));
    auto root = DynamicCast<FanoutApplication>(apps.Get(0));
    auto last = DynamicCast<FanoutApplication>(apps.Get(6));
    last->TraceConnectWithoutContext("Deliver", MakeBoundCallback(&LeaveAfterTwo, last));

    Time when = Seconds(2);
    for (const auto& line : LINES)
    {
        Simulator::ScheduleWithContext(root->GetNode()->GetId(), when, &Say, root, line);
        when += Seconds(1);
    }
    Simulator::Stop(when);
    Simulator::Run();
    Simulator::Destroy();
    return 0;
}
