/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ACCESS_HELPER_H
#define FANOUT_ACCESS_HELPER_H

#include "fanout-underlay-helper.h"

#include "ns3/fanout-latency.h"
#include "ns3/nstime.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A network whose hosts lie in the nine regions of fanout-latency.h, each on an access link of its
 * own. With the same streams, shares and classes every such network gives host i the same region
 * and rates.
 *
 * Host i has the address 10.0.0.1 + i.
 */
class FanoutAccessHelper : public FanoutUnderlayHelper
{
  public:
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

    /// @param text shares of the regions, such as "EU:0.5,NA:0.5" (fanout::RegionSharesFromText)
    /// @throws std::invalid_argument for text that is not allowed
    void SetRegions(const std::string& text);

    /// @param bytes size of an access link's queues, 256 KiB by default
    void SetAccessQueueBytes(uint32_t bytes);

    Ipv4Address GetAddress(uint32_t host) const override;

    /// @param host index of a host @return its region
    virtual fanout::Region GetRegion(uint32_t host) const = 0;

    /// @param a a host @param b another one @return delay from a to b and back, without queues and
    /// serialisation
    virtual Time GetRoundTrip(uint32_t a, uint32_t b) const = 0;

  protected:
    static constexpr uint32_t FIRST_HOST = 0x0a000001; ///< 10.0.0.1

    /// Where a host is and how it is attached.
    struct Place
    {
        fanout::Region region{};   ///< where
        fanout::AccessRates rates; ///< of its access link
    };

    /// @param hosts number of hosts @return where they are, in their order
    std::vector<Place> DrawPlaces(uint32_t hosts) const;

    /// @return size of an access link's queues, bytes
    uint32_t GetAccessQueueBytes() const;

  private:
    /// Access class of some hosts.
    struct Override
    {
        fanout::AccessClass access{}; ///< the class
        uint32_t first{0};            ///< first host
        uint32_t count{0};            ///< number of hosts
    };

    std::vector<Override> m_overrides;                            ///< in order of calls
    fanout::RegionShares m_shares{fanout::DEFAULT_REGION_SHARES}; ///< of the regions
    fanout::AccessClass m_access{fanout::AccessClass::HOME};      ///< without override
    DataRate m_uniformRate{100000000};                            ///< of class uniform
    uint32_t m_accessQueueBytes{256 * 1024};                      ///< access queues
};

} // namespace ns3

#endif // FANOUT_ACCESS_HELPER_H
