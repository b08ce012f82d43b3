/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-arithmetic-routing.h"

#include "ns3/ipv4-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/output-stream-wrapper.h"
#include "ns3/simulator.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutArithmeticRouting");
NS_OBJECT_ENSURE_REGISTERED(FanoutArithmeticRouting);

TypeId
FanoutArithmeticRouting::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutArithmeticRouting")
                            .SetParent<Ipv4RoutingProtocol>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutArithmeticRouting>();
    return tid;
}

FanoutArithmeticRouting::FanoutArithmeticRouting() = default;

FanoutArithmeticRouting::~FanoutArithmeticRouting() = default;

void
FanoutArithmeticRouting::Configure(const Ptr<const FanoutRoutes>& routes,
                                   uint32_t position,
                                   Ipv4Address address)
{
    m_routes = routes;
    m_position = position;
    m_address = address;
}

Ptr<Ipv4Route>
FanoutArithmeticRouting::FindRoute(Ipv4Address destination) const
{
    FanoutRoutes::Hop hop;
    if (destination == m_address || destination.IsLocalhost())
    {
        hop.gateway = Ipv4Address::GetLoopback().Get();
    }
    else
    {
        hop = m_routes->Next(m_position, destination.Get());
        if (hop.interface == 0 || hop.interface >= m_ipv4->GetNInterfaces() ||
            !m_ipv4->IsUp(hop.interface))
        {
            return nullptr;
        }
    }
    Ptr<Ipv4Route> route = Create<Ipv4Route>();
    route->SetDestination(destination);
    route->SetGateway(Ipv4Address(hop.gateway));
    route->SetSource(m_address);
    route->SetOutputDevice(m_ipv4->GetNetDevice(hop.interface));
    return route;
}

Ptr<Ipv4Route>
FanoutArithmeticRouting::RouteOutput(Ptr<Packet> packet,
                                     const Ipv4Header& header,
                                     Ptr<NetDevice> device,
                                     Socket::SocketErrno& error)
{
    NS_LOG_FUNCTION(this << packet << header.GetDestination() << device);
    Ptr<Ipv4Route> route = FindRoute(header.GetDestination());
    if (!route || (device && device != route->GetOutputDevice()))
    {
        error = Socket::ERROR_NOROUTETOHOST;
        return nullptr;
    }
    error = Socket::ERROR_NOTERROR;
    return route;
}

bool
FanoutArithmeticRouting::RouteInput(Ptr<const Packet> packet,
                                    const Ipv4Header& header,
                                    Ptr<const NetDevice> device,
                                    Types::UnicastCallback unicast,
                                    Types::MulticastCallback,
                                    Types::LocalCallback local,
                                    Types::ErrorCallback error)
{
    NS_LOG_FUNCTION(this << packet << header.GetDestination() << device);
    const Ipv4Address destination = header.GetDestination();
    const int32_t interface = m_ipv4->GetInterfaceForDevice(device);
    if (interface < 0)
    {
        return false;
    }
    if (destination == m_address || destination.IsLocalhost())
    {
        local(packet, header, interface);
        return true;
    }
    Ptr<Ipv4Route> route =
        m_ipv4->IsForwarding(interface) ? FindRoute(destination) : Ptr<Ipv4Route>();
    if (route && !destination.IsBroadcast() && !destination.IsMulticast())
    {
        unicast(route, packet, header);
        return true;
    }
    // Off the common path: broadcast, and addresses a user has added.
    if (m_ipv4->IsDestinationAddress(destination, interface))
    {
        local(packet, header, interface);
        return true;
    }
    error(packet, header, Socket::ERROR_NOROUTETOHOST);
    return true;
}

void
FanoutArithmeticRouting::NotifyInterfaceUp(uint32_t)
{
}

void
FanoutArithmeticRouting::NotifyInterfaceDown(uint32_t)
{
}

void
FanoutArithmeticRouting::NotifyAddAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FanoutArithmeticRouting::NotifyRemoveAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FanoutArithmeticRouting::SetIpv4(Ptr<Ipv4> ipv4)
{
    m_ipv4 = ipv4;
}

void
FanoutArithmeticRouting::PrintRoutingTable(Ptr<OutputStreamWrapper> stream, Time::Unit unit) const
{
    *stream->GetStream() << "Node: " << m_ipv4->GetObject<Node>()->GetId()
                         << ", Time: " << Simulator::Now().As(unit) << ", FanoutArithmeticRouting"
                         << ", position " << m_position << ", next hops are computed\n";
}

void
FanoutArithmeticRouting::DoDispose()
{
    m_ipv4 = nullptr;
    m_routes = nullptr;
    Ipv4RoutingProtocol::DoDispose();
}

} // namespace ns3
