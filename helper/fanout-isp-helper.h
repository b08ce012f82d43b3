/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ISP_HELPER_H
#define FANOUT_ISP_HELPER_H

#include "fanout-underlay-helper.h"

#include "ns3/fanout-latency.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A small Internet: nine regional core routers, each linked with each (a ring with all chords),
 * edge routers with at most 48 hosts each, hosts on access links of their own. Regions, round-trip
 * times and access rates are those of fanout-latency.h. A packet crosses 2 links between hosts of
 * one edge router, 4 within a region, 5 between regions.
 *
 * Delays: half of a region's own round trip lies on the access links, a quarter on each side of a
 * path, with a log-normal spread drawn once a host; a core link has what is left, so that the mean
 * round trip between two regions is the matrix's. Only access links can be crowded.
 *
 * Host i has the address 10.0.0.1 + i.
 */
class FanoutIspHelper : public FanoutUnderlayHelper
{
  public:
    static constexpr uint32_t HOSTS_PER_EDGE = 48;  ///< at most
    static constexpr uint32_t MAX_HOSTS = 1u << 20; ///< addresses would allow more

    /**
     * Choose the access class of all hosts that have none of their own.
     * @param name "home" (the default), "relay", "mixed" or "uniform"; aborts on others
     */
    void SetAccess(const std::string& name);

    /**
     * Choose the access class of some hosts; later calls win.
     * @param name as above @param first first host @param count number of hosts
     */
    void SetAccess(const std::string& name, uint32_t first, uint32_t count);

    /// @param name as above @param hosts which hosts
    void SetAccess(const std::string& name, const std::vector<uint32_t>& hosts);

    /// @param rate of class "uniform", both ways; 100 Mbit/s by default
    void SetUniformRate(DataRate rate);

    /// @param shares of the regions in the order of fanout::Region; they are normalised; aborts
    /// when there are not nine, one is negative or all are 0
    void SetRegionShares(const std::vector<double>& shares);

    /// @param bytes size of an access link's queues, 256 KiB by default
    void SetAccessQueueBytes(uint32_t bytes);

    /// @param sigma of the access delays' log-normal spread; default fanout::ACCESS_DELAY_SIGMA
    void SetDelaySpread(double sigma);

    Ipv4Address GetAddress(uint32_t host) const override;
    DataRate GetUplink(uint32_t host) const override;
    DataRate GetDownlink(uint32_t host) const override;

    /// @param host index of a host @return its region
    fanout::Region GetRegion(uint32_t host) const;

    /// @param host index of a host @return its edge router's index
    uint32_t GetEdge(uint32_t host) const;

    /// @param a a host @param b another one @return sum of the link delays from a to b and back,
    /// without queues and serialisation
    Time GetRoundTrip(uint32_t a, uint32_t b) const;

  protected:
    void DoCreate(uint32_t hosts) override;

  private:
    /// What is drawn for a host.
    struct Host
    {
        fanout::Region region{};   ///< where
        uint32_t edge{0};          ///< its edge router
        float delaySeconds{0};     ///< of its access link, one way
        fanout::AccessRates rates; ///< of its access link
    };

    class Routes;

    /// Access class of some hosts.
    struct Override
    {
        fanout::AccessClass access{}; ///< the class
        uint32_t first{0};            ///< first host
        uint32_t count{0};            ///< number of hosts
    };

    /// Draw regions, delays and rates. @param hosts number of hosts
    void Draw(uint32_t hosts);

    /// Put the hosts at edge routers. @return the routes
    Ptr<Routes> Arrange();

    /// Make the core and the edge routers with their links. @param routes the routes
    void CreateRouters(const Ptr<Routes>& routes);

    std::vector<Host> m_plan;                                     ///< by host
    std::vector<fanout::Region> m_edgeRegion;                     ///< by edge router
    std::vector<Override> m_overrides;                            ///< in order of calls
    fanout::RegionShares m_shares{fanout::DEFAULT_REGION_SHARES}; ///< of the regions
    fanout::AccessClass m_access{fanout::AccessClass::HOME};      ///< without override
    DataRate m_uniformRate{100000000};                            ///< of class uniform
    uint32_t m_accessQueueBytes{256 * 1024};                      ///< access queues
    double m_sigma{fanout::ACCESS_DELAY_SIGMA};                   ///< spread of access delays
};

} // namespace ns3

#endif // FANOUT_ISP_HELPER_H
