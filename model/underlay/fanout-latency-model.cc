/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-latency-model.h"

#include "fanout-draw-key.h"

#include "ns3/double.h"
#include "ns3/fanout-random.h"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>

namespace ns3
{

using fanout::Region;
using fanout::REGIONS;

NS_OBJECT_ENSURE_REGISTERED(FanoutLatencyModel);
NS_OBJECT_ENSURE_REGISTERED(FanoutConstantLatency);
NS_OBJECT_ENSURE_REGISTERED(FanoutRegionLatency);

namespace
{

constexpr std::size_t FACTORS = 4096; ///< a power of two
constexpr unsigned BITS = 4;          ///< of a region
constexpr unsigned MASK = (1U << BITS) - 1;
static_assert(REGIONS <= MASK + 1, "two regions lie in a byte");
static_assert(Region() == Region::NA, "what nobody has set");

} // namespace

TypeId
FanoutLatencyModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutLatencyModel").SetParent<Object>().SetGroupName("FanoutTree");
    return tid;
}

FanoutLatencyModel::~FanoutLatencyModel() = default;

int64_t
FanoutLatencyModel::AssignStreams(int64_t)
{
    return 0;
}

TypeId
FanoutConstantLatency::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutConstantLatency")
                            .SetParent<FanoutLatencyModel>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutConstantLatency>()
                            .AddAttribute("Delay",
                                          "One-way delay between any two hosts. At least 0.",
                                          TimeValue(MilliSeconds(50)),
                                          MakeTimeAccessor(&FanoutConstantLatency::m_delay),
                                          MakeTimeChecker(Seconds(0)));
    return tid;
}

int64_t
FanoutConstantLatency::GetDelay(uint32_t, uint32_t) const
{
    return m_delay.GetNanoSeconds();
}

TypeId
FanoutRegionLatency::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutRegionLatency")
                            .SetParent<FanoutLatencyModel>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutRegionLatency>()
                            .AddAttribute("Sigma",
                                          "Spread between pairs of hosts of the same two regions: "
                                          "sigma of the logarithm of the delay. In [0, 3].",
                                          DoubleValue(fanout::PAIR_SIGMA),
                                          MakeDoubleAccessor(&FanoutRegionLatency::SetSigma,
                                                             &FanoutRegionLatency::GetSigma),
                                          MakeDoubleChecker<double>(0, 3));
    return tid;
}

FanoutRegionLatency::FanoutRegionLatency()
{
    for (std::size_t a = 0; a < REGIONS; a++)
    {
        for (std::size_t b = 0; b < REGIONS; b++)
        {
            const double ms = fanout::RoundTripMs(static_cast<Region>(a), static_cast<Region>(b));
            m_oneWay[a][b] = ms / 2 * 1e6;
        }
    }
}

void
FanoutRegionLatency::SetSigma(double sigma)
{
    m_sigma = sigma;
    m_factors.resize(FACTORS);
    const boost::math::normal_distribution<double> normal;
    for (std::size_t i = 0; i < FACTORS; i++)
    {
        const double z = boost::math::quantile(normal, (static_cast<double>(i) + 0.5) / FACTORS);
        m_factors[i] = static_cast<float>(std::exp(sigma * z - sigma * sigma / 2));
    }
}

double
FanoutRegionLatency::GetSigma() const
{
    return m_sigma;
}

void
FanoutRegionLatency::SetRegion(uint32_t host, Region region)
{
    if (host / 2 >= m_regions.size())
    {
        m_regions.resize(host / 2 + 1);
    }
    auto& both = m_regions[host / 2];
    const unsigned shift = host % 2 * BITS;
    both = static_cast<uint8_t>((both & ~(MASK << shift)) | static_cast<unsigned>(region) << shift);
}

Region
FanoutRegionLatency::GetRegion(uint32_t host) const
{
    return host / 2 < m_regions.size()
               ? static_cast<Region>(m_regions[host / 2] >> host % 2 * BITS & MASK)
               : Region();
}

int64_t
FanoutRegionLatency::GetDelay(uint32_t from, uint32_t to) const
{
    const auto a = static_cast<std::size_t>(GetRegion(from));
    const auto b = static_cast<std::size_t>(GetRegion(to));
    const auto pair = static_cast<uint64_t>(std::min(from, to)) << 32 | std::max(from, to);
    const float factor = m_factors[fanout::Mix64(m_key ^ pair) % FACTORS];
    return static_cast<int64_t>(m_oneWay[a][b] * factor);
}

int64_t
FanoutRegionLatency::AssignStreams(int64_t stream)
{
    m_key = fanout::DrawKey(stream);
    return 1;
}

} // namespace ns3
