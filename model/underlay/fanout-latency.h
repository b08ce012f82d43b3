/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LATENCY_H
#define FANOUT_LATENCY_H

#include "ns3/fanout-random.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ns3::fanout
{

/**
 * @defgroup fanout-tree-latency Latencies and access rates of the Internet
 * @ingroup fanout-tree
 * Round-trip times between nine regions, from 2.48e9 RIPE Atlas pings of 2025-03-29..31 and
 * 04-18..19 as folded by country in input-output-hk/ouroboros-leios, data/internet at 0200037f:
 * count-weighted medians of the country pairs' means. Within North America the value is 44 ms, the
 * mean between AWS regions (cloudping.co): addresses registered in the US but used elsewhere spoil
 * the original. Access rates: medians of the Ookla Global Index of January 2025.
 */

/// A region of the world. @ingroup fanout-tree-latency
enum class Region : std::uint8_t
{
    NA, ///< United States, Canada
    LA, ///< rest of the Americas
    EU, ///< Europe, Russia, Central Asia
    AF, ///< Africa
    ME, ///< Western Asia, Iran
    SA, ///< Southern Asia
    SE, ///< South-East Asia
    EA, ///< Eastern Asia
    OC  ///< Oceania
};

constexpr std::size_t REGIONS = 9; ///< Number of regions.

/// Shares of the regions, adding up to 1.
using RegionShares = std::array<double, REGIONS>;

/// The default: NA 0.33, EU 0.42, EA 0.12, SE 0.04, SA 0.03, LA 0.03, OC 0.02, AF and ME 0.005.
constexpr RegionShares DEFAULT_REGION_SHARES = {
    0.33, 0.03, 0.42, 0.005, 0.005, 0.03, 0.04, 0.12, 0.02};

/// Spread of round trips between pairs of hosts of two regions (log-normal sigma).
constexpr double PAIR_SIGMA = 0.2;

/// Spread of one host's access delay: two of them make PAIR_SIGMA within a region.
constexpr double ACCESS_DELAY_SIGMA = 0.2828;

/// @param a one region @param b other @return mean round-trip time, milliseconds
double RoundTripMs(Region a, Region b);

/// @param region a region @return its two letters
const char* NameOf(Region region);

/**
 * @param text shares of regions, such as "EU:0.5,NA:0.5": a region's two letters (NameOf), a colon,
 * a number of at least 0; regions that are not named have none. They need not add up to 1
 * @return the shares, adding up to 1
 * @throws std::invalid_argument for any other text, and when all are 0
 */
RegionShares RegionSharesFromText(std::string_view text);

/// @param shares of the regions, adding up to 1 @param random draws one number @return a region
Region DrawRegion(const RegionShares& shares, Random& random);

/// How a host is attached. @ingroup fanout-tree-latency
enum class AccessClass : std::uint8_t
{
    HOME,   ///< log-normal, median 97.6 down and 52.8 up, sigma 1.2, within 1 and 1000 Mbit/s
    RELAY,  ///< 1000 Mbit/s both ways
    MIXED,  ///< RELAY for 5 in 100, else HOME
    UNIFORM ///< one rate for all
};

/// @param text "home", "relay", "mixed" or "uniform" @return the class, or none
std::optional<AccessClass> AccessClassFromText(std::string_view text);

/// Rates of an access link, bits per second.
struct AccessRates
{
    std::uint64_t up{0};   ///< from the host
    std::uint64_t down{0}; ///< to the host
};

/**
 * @param access the class @param uniform rate of class UNIFORM, bits per second
 * @param random the host's own @return rates of one host; up and down are correlated (0.8)
 */
AccessRates DrawAccess(AccessClass access, std::uint64_t uniform, Random& random);

/// @param random draws two numbers @return a standard normal number (Box and Muller 1958)
double DrawNormal(Random& random);

/// @param mean of the result @param sigma of its logarithm @param random draws two numbers unless
/// sigma is 0 @return a log-normal number
double DrawLogNormal(double mean, double sigma, Random& random);

} // namespace ns3::fanout

#endif // FANOUT_LATENCY_H
