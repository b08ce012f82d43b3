/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CSMA_HELPER_H
#define FANOUT_CSMA_HELPER_H

#include "fanout-underlay-helper.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Ethernets of at most 20 hosts, each behind a router; the routers are joined by point-to-point
 * links into a random connected graph. Every ARP cache is filled beforehand, because ns-3's ARP
 * loses all but three packets of the first burst to a neighbour.
 *
 * Host i is host k = i mod n of Ethernet l = i / n (n hosts an Ethernet) and has the address
 * 10.0.0.0 + 32 l + 1 + k with mask /27; the router has 10.0.0.0 + 32 l + 30.
 *
 * Every packet costs an event for each device of its Ethernet: an Ethernet of 200 would cost ten
 * times as much a packet as one of 20.
 */
class FanoutCsmaHelper : public FanoutUnderlayHelper
{
  public:
    static constexpr uint32_t MAX_LAN_HOSTS = 20;                   ///< hosts of an Ethernet
    static constexpr uint32_t MAX_LANS = 5000;                      ///< square of it is stored
    static constexpr uint32_t MAX_HOSTS = MAX_LAN_HOSTS * MAX_LANS; ///< with full Ethernets

    /// @param hosts of an Ethernet, 1 to 20; 20 by default; aborts above with a clear error
    void SetLanHosts(uint32_t hosts);

    /// @param rate of an Ethernet, 100 Mbit/s by default
    void SetLanRate(DataRate rate);

    /// @param rate of a link between routers, 1 Gbit/s by default
    void SetCoreRate(DataRate rate);

    /// @param delay of a link between routers, one way; 10 ms by default
    void SetCoreDelay(Time delay);

    /// @param degree links a router has to others, 2 to 200; 4 by default
    void SetCoreDegree(uint32_t degree);

    Ipv4Address GetAddress(uint32_t host) const override;

    /// @param host index of a host @return rate of its Ethernet
    DataRate GetUplink(uint32_t host) const override;

  protected:
    void DoCreate(uint32_t hosts) override;

  private:
    class Routes;

    /// Make an Ethernet with its hosts. @param lan index @param routes the routes
    void CreateLan(uint32_t lan, const Ptr<FanoutRoutes>& routes);

    /// @param nodes of an Ethernet, each one's CSMA interface is number 1
    static void FillArpCaches(const NodeContainer& nodes);

    uint32_t m_lanHosts{MAX_LAN_HOSTS}; ///< hosts of an Ethernet
    DataRate m_lanRate{100000000};      ///< of an Ethernet
    DataRate m_coreRate{1000000000};    ///< between routers
    double m_coreDelaySeconds{0.010};   ///< between routers
    uint32_t m_coreDegree{4};           ///< links to other routers
};

} // namespace ns3

#endif // FANOUT_CSMA_HELPER_H
