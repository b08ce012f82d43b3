/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-access-helper.h"

#include "ns3/abort.h"

#include <algorithm>

namespace ns3
{

using fanout::REGIONS;

namespace
{

constexpr uint64_t REGION_PURPOSE = 0; // of a host's draws
constexpr uint64_t ACCESS_PURPOSE = 2;

fanout::AccessClass
ParseAccess(const std::string& name)
{
    const auto access = fanout::AccessClassFromText(name);
    NS_ABORT_MSG_IF(!access,
                    "there is no access class \"" << name
                                                  << "\"; allowed are home, relay, mixed, uniform");
    return *access;
}

} // namespace

void
FanoutAccessHelper::SetAccess(const std::string& name)
{
    m_access = ParseAccess(name);
}

void
FanoutAccessHelper::SetAccess(const std::string& name, uint32_t first, uint32_t count)
{
    m_overrides.push_back({ParseAccess(name), first, count});
}

void
FanoutAccessHelper::SetAccess(const std::string& name, const std::vector<uint32_t>& hosts)
{
    for (uint32_t host : hosts)
    {
        SetAccess(name, host, 1);
    }
}

void
FanoutAccessHelper::SetUniformRate(DataRate rate)
{
    NS_ABORT_MSG_IF(rate.GetBitRate() == 0, "an access link needs a data rate above 0");
    m_uniformRate = rate;
}

void
FanoutAccessHelper::SetRegionShares(const std::vector<double>& shares)
{
    NS_ABORT_MSG_IF(shares.size() != REGIONS,
                    shares.size() << " region shares; " << REGIONS << " are needed");
    double sum = 0;
    for (double share : shares)
    {
        NS_ABORT_MSG_IF(!(share >= 0), "a region share of " << share << "; it must be at least 0");
        sum += share;
    }
    NS_ABORT_MSG_IF(sum <= 0, "all region shares are 0");
    for (std::size_t i = 0; i < REGIONS; i++)
    {
        m_shares[i] = shares[i] / sum;
    }
}

void
FanoutAccessHelper::SetRegions(const std::string& text)
{
    m_shares = fanout::RegionSharesFromText(text);
}

void
FanoutAccessHelper::SetAccessQueueBytes(uint32_t bytes)
{
    m_accessQueueBytes = bytes;
}

Ipv4Address
FanoutAccessHelper::GetAddress(uint32_t host) const
{
    return Ipv4Address(FIRST_HOST + host);
}

uint32_t
FanoutAccessHelper::GetAccessQueueBytes() const
{
    return m_accessQueueBytes;
}

std::vector<FanoutAccessHelper::Place>
FanoutAccessHelper::DrawPlaces(uint32_t hosts) const
{
    std::vector<fanout::AccessClass> access(hosts, m_access);
    for (const Override& some : m_overrides)
    {
        NS_ABORT_MSG_IF(some.first > hosts || some.count > hosts - some.first,
                        "access class of " << some.count << " hosts from " << some.first
                                           << " on, but there are only " << hosts);
        std::fill_n(access.begin() + some.first, some.count, some.access);
    }
    std::vector<Place> places(hosts);
    for (uint32_t i = 0; i < hosts; i++)
    {
        fanout::Random region(GetKey(), i, REGION_PURPOSE);
        fanout::Random rates(GetKey(), i, ACCESS_PURPOSE);
        places[i].region = fanout::DrawRegion(m_shares, region);
        places[i].rates = fanout::DrawAccess(access[i], m_uniformRate.GetBitRate(), rates);
    }
    return places;
}

} // namespace ns3
