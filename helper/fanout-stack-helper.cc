/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-stack-helper.h"

#include "ns3/abort.h"
#include "ns3/arp-l3-protocol.h"
#include "ns3/icmpv4-l4-protocol.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/udp-l4-protocol.h"

namespace ns3
{

namespace
{

void
InstallLean(const Ptr<Node>& node, bool arp, bool tcp)
{
    // ICMP is not optional: a datagram to a closed port, an expired TTL and a lost fragment all
    // call it without asking whether it is there.
    if (arp)
    {
        node->AggregateObject(CreateObject<ArpL3Protocol>());
    }
    node->AggregateObject(CreateObject<Ipv4L3Protocol>());
    node->AggregateObject(CreateObject<Icmpv4L4Protocol>());
    node->AggregateObject(CreateObject<UdpL4Protocol>());
    if (tcp)
    {
        node->AggregateObject(CreateObject<TcpL4Protocol>());
    }
    Ptr<TrafficControlLayer> traffic = CreateObject<TrafficControlLayer>();
    node->AggregateObject(traffic);
    if (arp)
    {
        node->GetObject<ArpL3Protocol>()->SetTrafficControl(traffic);
    }
}

} // namespace

void
FanoutStackHelper::SetKind(Kind kind)
{
    m_kind = kind;
}

void
FanoutStackHelper::Install(Ptr<Node> node,
                           const Ptr<const FanoutRoutes>& routes,
                           uint32_t position,
                           Ipv4Address address,
                           bool arp) const
{
    NS_ABORT_MSG_IF(node->GetObject<Ipv4>(), "node " << node->GetId() << " has a stack already");
    if (m_kind == FULL)
    {
        InternetStackHelper().Install(node);
    }
    else
    {
        InstallLean(node, arp, m_kind == LEAN_TCP);
    }
    Ptr<FanoutArithmeticRouting> routing = CreateObject<FanoutArithmeticRouting>();
    routing->Configure(routes, position, address);
    node->GetObject<Ipv4>()->SetRoutingProtocol(routing);
}

uint32_t
FanoutStackHelper::AddInterface(Ptr<NetDevice> device, Ipv4Address address, Ipv4Mask mask)
{
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    NS_ABORT_MSG_IF(!ipv4, "node " << device->GetNode()->GetId() << " has no stack");
    const uint32_t interface = ipv4->AddInterface(device);
    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, mask));
    ipv4->SetUp(interface);
    return interface;
}

} // namespace ns3
