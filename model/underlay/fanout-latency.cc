/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-latency.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

// Milliseconds; NA LA EU AF ME SA SE EA OC.
constexpr std::uint16_t ROUND_TRIPS[REGIONS][REGIONS] = {
    {44, 170, 117, 220, 184, 212, 183, 138, 192},
    {170, 111, 204, 271, 255, 334, 300, 251, 305},
    {117, 204, 51, 182, 99, 183, 186, 196, 269},
    {220, 271, 182, 104, 236, 317, 320, 337, 396},
    {184, 255, 99, 236, 88, 216, 225, 268, 313},
    {212, 334, 183, 317, 216, 60, 111, 126, 183},
    {183, 300, 186, 320, 225, 111, 67, 84, 154},
    {138, 251, 196, 337, 268, 126, 84, 52, 159},
    {192, 305, 269, 396, 313, 183, 154, 159, 54},
};

constexpr double HOME_DOWN_MEDIAN = 97.6e6; // bit/s
constexpr double HOME_UP_MEDIAN = 52.8e6;   // bit/s
constexpr double HOME_SIGMA = 1.2;
constexpr double HOME_CORRELATION = 0.8;
constexpr double HOME_LEAST = 1e6; // bit/s
constexpr double HOME_MOST = 1e9;  // bit/s
constexpr std::uint64_t RELAY_RATE = 1000000000;
constexpr double MIXED_RELAYS = 0.05;

std::uint64_t
HomeRate(double median, double normal)
{
    const double rate = median * std::exp(HOME_SIGMA * normal);
    return static_cast<std::uint64_t>(std::clamp(rate, HOME_LEAST, HOME_MOST));
}

} // namespace

double
RoundTripMs(Region a, Region b)
{
    return ROUND_TRIPS[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
}

const char*
NameOf(Region region)
{
    constexpr const char* NAMES[REGIONS] = {"NA", "LA", "EU", "AF", "ME", "SA", "SE", "EA", "OC"};
    return NAMES[static_cast<std::size_t>(region)];
}

RegionShares
RegionSharesFromText(std::string_view text)
{
    constexpr const char* ALLOWED = "; allowed are shares such as EU:0.5,NA:0.5, of the regions NA "
                                    "LA EU AF ME SA SE EA OC, each once, at least one above 0";
    RegionShares shares{};
    std::array<bool, REGIONS> named{};
    double sum = 0;
    for (std::string_view rest = text; !rest.empty();)
    {
        const std::string part(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        std::size_t region = 0;
        while (region < REGIONS &&
               part.compare(0, 3, std::string(NameOf(static_cast<Region>(region))) + ":") != 0)
        {
            region++;
        }
        char* end = nullptr;
        const double share = part.size() > 3 ? std::strtod(part.c_str() + 3, &end) : -1;
        if (region == REGIONS || named[region] || end != part.c_str() + part.size() ||
            !(share >= 0 && share <= 1e9))
        {
            throw std::invalid_argument("region share \"" + part + "\" is not allowed" + ALLOWED);
        }
        named[region] = true;
        shares[region] = share;
        sum += share;
    }
    if (sum <= 0)
    {
        throw std::invalid_argument("region shares \"" + std::string(text) + "\" are not allowed" +
                                    ALLOWED);
    }
    for (double& share : shares)
    {
        share /= sum;
    }
    return shares;
}

Region
DrawRegion(const RegionShares& shares, Random& random)
{
    double rest = random.Uniform();
    std::size_t last = 0;
    for (std::size_t i = 0; i < REGIONS; i++)
    {
        if (shares[i] <= 0)
        {
            continue;
        }
        last = i;
        if (rest < shares[i])
        {
            break;
        }
        rest -= shares[i];
    }
    return static_cast<Region>(last);
}

std::optional<AccessClass>
AccessClassFromText(std::string_view text)
{
    constexpr std::pair<std::string_view, AccessClass> CLASSES[] = {
        {"home", AccessClass::HOME},
        {"relay", AccessClass::RELAY},
        {"mixed", AccessClass::MIXED},
        {"uniform", AccessClass::UNIFORM},
    };
    for (const auto& [name, access] : CLASSES)
    {
        if (name == text)
        {
            return access;
        }
    }
    return std::nullopt;
}

AccessRates
DrawAccess(AccessClass access, std::uint64_t uniform, Random& random)
{
    if (access == AccessClass::UNIFORM)
    {
        return {uniform, uniform};
    }
    if (access == AccessClass::RELAY ||
        (access == AccessClass::MIXED && random.Uniform() < MIXED_RELAYS))
    {
        return {RELAY_RATE, RELAY_RATE};
    }
    const double up = DrawNormal(random);
    const double own = DrawNormal(random);
    const double down =
        HOME_CORRELATION * up + std::sqrt(1 - HOME_CORRELATION * HOME_CORRELATION) * own;
    return {HomeRate(HOME_UP_MEDIAN, up), HomeRate(HOME_DOWN_MEDIAN, down)};
}

double
DrawNormal(Random& random)
{
    constexpr double TWO_PI = 6.283185307179586;
    const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
    return radius * std::cos(TWO_PI * random.Uniform());
}

double
DrawLogNormal(double mean, double sigma, Random& random)
{
    return sigma > 0 ? mean * std::exp(sigma * DrawNormal(random) - sigma * sigma / 2) : mean;
}

} // namespace ns3::fanout
