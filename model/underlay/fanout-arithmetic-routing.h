/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ARITHMETIC_ROUTING_H
#define FANOUT_ARITHMETIC_ROUTING_H

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/ipv4.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * The routes of a whole network, shared by all its nodes: the next hop is computed, not stored by
 * node. A node is known by its position, a number of the network's own.
 */
class FanoutRoutes : public SimpleRefCount<FanoutRoutes>
{
  public:
    /// A step towards a destination.
    struct Hop
    {
        uint32_t interface {
            0
        };                   ///< number of the interface, 0 when there is no way
        uint32_t gateway{0}; ///< next hop's address, host order; matters where ARP is needed
    };

    virtual ~FanoutRoutes() = default;

    /**
     * @param position the node that asks
     * @param destination address, host order, not the node's own
     * @return the next hop
     */
    virtual Hop Next(uint32_t position, uint32_t destination) const = 0;
};

/// Parameter types of a version of Ipv4RoutingProtocol::RouteInput.
template <typename Method>
struct FanoutRouteInputTypes;

/// Takes a method's type apart: the callbacks are values up to ns-3.38, references since.
template <typename Unicast, typename Multicast, typename Local, typename Error>
struct FanoutRouteInputTypes<bool (Ipv4RoutingProtocol::*)(
    Ptr<const Packet>, const Ipv4Header&, Ptr<const NetDevice>, Unicast, Multicast, Local, Error)>
{
    using UnicastCallback = Unicast;     ///< forwards to one
    using MulticastCallback = Multicast; ///< forwards to many
    using LocalCallback = Local;         ///< delivers here
    using ErrorCallback = Error;         ///< reports an error
};

/**
 * @ingroup fanout-tree
 * Routing with the next hops of a FanoutRoutes: constant time and no table. Delivers what is for
 * the node itself, and sends what goes to itself through the loopback. It does not follow changes
 * of interfaces or addresses.
 */
class FanoutArithmeticRouting : public Ipv4RoutingProtocol
{
  public:
    /// Parameter types of RouteInput in this ns-3.
    using Types = FanoutRouteInputTypes<decltype(&Ipv4RoutingProtocol::RouteInput)>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutArithmeticRouting();
    ~FanoutArithmeticRouting() override;

    /// @param routes the network's routes @param position the node's @param address the node's
    void Configure(const Ptr<const FanoutRoutes>& routes, uint32_t position, Ipv4Address address);

    // Inherited from Ipv4RoutingProtocol
    Ptr<Ipv4Route> RouteOutput(Ptr<Packet> packet,
                               const Ipv4Header& header,
                               Ptr<NetDevice> device,
                               Socket::SocketErrno& error) override;
    bool RouteInput(Ptr<const Packet> packet,
                    const Ipv4Header& header,
                    Ptr<const NetDevice> device,
                    Types::UnicastCallback unicast,
                    Types::MulticastCallback multicast,
                    Types::LocalCallback local,
                    Types::ErrorCallback error) override;
    void NotifyInterfaceUp(uint32_t interface) override;
    void NotifyInterfaceDown(uint32_t interface) override;
    void NotifyAddAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void NotifyRemoveAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void SetIpv4(Ptr<Ipv4> ipv4) override;
    void PrintRoutingTable(Ptr<OutputStreamWrapper> stream,
                           Time::Unit unit = Time::S) const override;

  protected:
    void DoDispose() override;

  private:
    /// @param destination where to @return the way there, null when there is none
    Ptr<Ipv4Route> FindRoute(Ipv4Address destination) const;

    Ptr<Ipv4> m_ipv4;                 ///< the node's IPv4
    Ptr<const FanoutRoutes> m_routes; ///< the network's routes
    Ipv4Address m_address;            ///< the node's own
    uint32_t m_position{0};           ///< the node's
};

} // namespace ns3

#endif // FANOUT_ARITHMETIC_ROUTING_H
