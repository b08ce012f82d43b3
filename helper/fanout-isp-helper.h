/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ISP_HELPER_H
#define FANOUT_ISP_HELPER_H

#include "fanout-access-helper.h"

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
 */
class FanoutIspHelper : public FanoutAccessHelper
{
  public:
    static constexpr uint32_t HOSTS_PER_EDGE = 48;  ///< at most
    static constexpr uint32_t MAX_HOSTS = 1u << 20; ///< addresses would allow more

    /// @param sigma of the access delays' log-normal spread; default fanout::ACCESS_DELAY_SIGMA
    void SetDelaySpread(double sigma);

    DataRate GetUplink(uint32_t host) const override;
    DataRate GetDownlink(uint32_t host) const override;

    fanout::Region GetRegion(uint32_t host) const override;

    /// @param host index of a host @return its edge router's index
    uint32_t GetEdge(uint32_t host) const;

    Time GetRoundTrip(uint32_t a, uint32_t b) const override;

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

    /// Draw regions, delays and rates. @param hosts number of hosts
    void Draw(uint32_t hosts);

    /// Put the hosts at edge routers. @return the routes
    Ptr<Routes> Arrange();

    /// Make the core and the edge routers with their links. @param routes the routes
    void CreateRouters(const Ptr<Routes>& routes);

    std::vector<Host> m_plan;                   ///< by host
    std::vector<fanout::Region> m_edgeRegion;   ///< by edge router
    double m_sigma{fanout::ACCESS_DELAY_SIGMA}; ///< spread of access delays
};

} // namespace ns3

#endif // FANOUT_ISP_HELPER_H
