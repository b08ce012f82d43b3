/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_STACK_HELPER_H
#define FANOUT_STACK_HELPER_H

#include "ns3/fanout-arithmetic-routing.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device.h"
#include "ns3/node.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Gives nodes a protocol stack. LEAN is IPv4, ICMP, UDP, traffic control (without queue discs), and
 * ARP where a device needs it: about a quarter of the memory of FULL, which is what
 * InternetStackHelper makes, with TCP and IPv6. LEAN_TCP is LEAN with TCP. In all of them the
 * routes come from FanoutRoutes.
 */
class FanoutStackHelper
{
  public:
    /// Which protocols.
    enum Kind
    {
        LEAN,     ///< IPv4, ICMP, UDP and ARP where needed
        LEAN_TCP, ///< the same and TCP
        FULL      ///< all of InternetStackHelper
    };

    /// @param kind which protocols
    void SetKind(Kind kind);

    /**
     * @param node a node without a stack
     * @param routes the network's routes
     * @param position the node's position in them
     * @param address the node's own address
     * @param arp whether a device will need ARP
     */
    void Install(Ptr<Node> node,
                 const Ptr<const FanoutRoutes>& routes,
                 uint32_t position,
                 Ipv4Address address,
                 bool arp) const;

    /**
     * Make a device an IPv4 interface that is up.
     * @param device a device of a node with a stack
     * @param address its address; a node may have one address on several point-to-point devices
     * @param mask its mask
     * @return number of the interface: 1 for the first (0 is the loopback)
     */
    static uint32_t AddInterface(Ptr<NetDevice> device, Ipv4Address address, Ipv4Mask mask);

  private:
    Kind m_kind{LEAN}; ///< which protocols
};

} // namespace ns3

#endif // FANOUT_STACK_HELPER_H
