/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// A tree to look at with NetAnim: hosts stand in a circle, each in the colour of its present level,
// and packets fly along the links.

#include "ns3/core-module.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/netanim-module.h"

#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>

using namespace ns3;

namespace
{

const uint8_t COLOURS[][3] = {
    {255, 0, 0}, {230, 140, 0}, {0, 150, 0}, {0, 90, 200}, {120, 120, 120}};

void
Parent(AnimationInterface* animation, const fanout::ParentEvent& event)
{
    const auto& colour = COLOURS[event.level < 4 ? event.level : 4]; // deeper, or no parent: grey
    animation->UpdateNodeColor(event.node, colour[0], colour[1], colour[2]);
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::NS);
    std::string path = "fanout-netanim.xml";
    CommandLine cmd(__FILE__);
    cmd.AddValue("xml", "File to write, for NetAnim", path);
    cmd.Parse(argc, argv);
    NodeContainer peers = FanoutP2pHelper().Create(12);
    FanoutTreeHelper tree("stage");
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.5));
    tree.SetOption("MaxChildren", UintegerValue(2));
    ApplicationContainer apps = tree.Install(peers);
    FanoutWorkload load(apps);
    load.Publish(5, 500, 10, Seconds(3));

    for (uint32_t i = 0; i < peers.GetN(); i++)
    {
        const double angle = 2 * M_PI * i / peers.GetN();
        const double x = 50 + 40 * std::sin(angle);
        AnimationInterface::SetConstantPosition(peers.Get(i), x, 50 - 40 * std::cos(angle));
    }
    auto animation = std::make_unique<AnimationInterface>(path);
    for (uint32_t i = 0; i < peers.GetN(); i++)
    {
        animation->UpdateNodeDescription(i, FanoutRoleName(tree.GetRole(i)));
    }
    Config::ConnectWithoutContext("/NodeList/*/ApplicationList/*/$ns3::FanoutApplication/Parent",
                                  MakeBoundCallback(&Parent, animation.get()));
    Simulator::Stop(load.End() + Seconds(1));
    Simulator::Run();
    Simulator::Destroy();
    animation.reset(); // ends the file
    std::ifstream file(path);
    const std::string xml(std::istreambuf_iterator<char>(file), {});
    std::cout << path << ": " << xml.size() << " bytes" << std::endl;
    const bool ended = xml.find("</anim>") != std::string::npos;
    const bool coloured = xml.find("r=\"0\" g=\"150\" b=\"0\"") != std::string::npos;
    return ended && coloured ? 0 : 1;
}
