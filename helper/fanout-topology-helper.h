/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TOPOLOGY_HELPER_H
#define FANOUT_TOPOLOGY_HELPER_H

#include "fanout-access-helper.h"

#include "ns3/fanout-topology.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Hosts on access links at the edge routers of a topology file. Routers and their links are the
 * file's; packets go the way of least delay. Edge routers are the half of the routers with fewest
 * links; which one a host is at is drawn. Only access links can be crowded.
 *
 * Access classes are those of FanoutAccessHelper; regions are not, the file knows none.
 */
class FanoutTopologyHelper : public FanoutAccessHelper
{
  public:
    static constexpr uint32_t MAX_HOSTS = 1u << 20; ///< addresses would allow more

    /**
     * @param path of the file
     * @param format "rocketfuel", "inet" or "orbis", see fanout::Topology
     * @throws std::invalid_argument for another format, and with file and line for what is wrong in
     * the file
     */
    FanoutTopologyHelper(const std::string& path, const std::string& format);
    ~FanoutTopologyHelper() override;

    /// @param unit one-way delay of a link of length 1, from 1 ns to 1 s; default:
    /// fanout::Topology::UnitSeconds. No link has less than 1 us
    void SetUnit(Time unit);

    /// @param delay of an access link, one way, from 0 to 1 s; 2 ms by default
    void SetAccessDelay(Time delay);

    DataRate GetUplink(uint32_t host) const override;
    DataRate GetDownlink(uint32_t host) const override;
    fanout::Region GetRegion(uint32_t host) const override;
    Time GetRoundTrip(uint32_t a, uint32_t b) const override;

    /// @param host index of a host @return the router it is at, in the file's order from 0
    uint32_t GetRouter(uint32_t host) const;

    /// @return the file's routers and links
    const fanout::Topology& GetTopology() const;

  protected:
    void DoCreate(uint32_t hosts) override;

  private:
    class Routes;

    /// @param length of a link @return its one-way delay, seconds
    double DelayOf(double length) const;

    /// Join the routers as the file says. @param routes of the network
    void CreateRouters(const Ptr<Routes>& routes);

    std::shared_ptr<fanout::Topology> m_topology; ///< of the file
    std::vector<Place> m_places;                  ///< by host
    Ptr<Routes> m_routes;                         ///< once created
    double m_unit;                                ///< seconds
    double m_accessDelay{0.002};                  ///< seconds
};

} // namespace ns3

#endif // FANOUT_TOPOLOGY_HELPER_H
