/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

constexpr int SUB_BITS = 8;
constexpr std::uint64_t SUB_BUCKETS = 1u << SUB_BITS;
constexpr double NOT_DEFINED = std::numeric_limits<double>::quiet_NaN();

std::uint64_t
BucketOf(std::uint64_t value)
{
    if (value < SUB_BUCKETS)
    {
        return value;
    }
    const int shift = 63 - __builtin_clzll(value) - SUB_BITS;
    return static_cast<std::uint64_t>(shift) * SUB_BUCKETS + (value >> shift);
}

std::uint64_t
UpperEndOf(std::uint64_t bucket)
{
    if (bucket < 2 * SUB_BUCKETS)
    {
        return bucket;
    }
    const auto shift = bucket / SUB_BUCKETS - 1;
    return ((bucket - shift * SUB_BUCKETS + 1) << shift) - 1;
}

} // namespace

double
FanoutQuantile(const std::vector<double>& sorted, double q)
{
    if (sorted.empty())
    {
        return NOT_DEFINED;
    }
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(std::clamp(std::floor(q * last), 0.0, last))];
}

void
FanoutTimeHistogram::Add(fanout::Micros value)
{
    value = std::max<fanout::Micros>(value, 0);
    const auto bucket = BucketOf(static_cast<std::uint64_t>(value));
    if (bucket >= m_buckets.size())
    {
        m_buckets.resize(bucket + 1);
    }
    m_buckets[bucket]++;
    m_n++;
    m_sum += static_cast<double>(value);
    m_max = std::max(m_max, value);
}

double
FanoutTimeHistogram::QuantileMs(double q) const
{
    if (m_n == 0)
    {
        return NOT_DEFINED;
    }
    const auto rank = static_cast<std::uint64_t>(std::floor(q * static_cast<double>(m_n - 1)));
    std::uint64_t seen = 0;
    std::uint64_t bucket = 0;
    while (seen + m_buckets[bucket] <= rank)
    {
        seen += m_buckets[bucket++];
    }
    const auto upper = static_cast<fanout::Micros>(UpperEndOf(bucket));
    return static_cast<double>(std::min(upper, m_max)) / fanout::MILLISECOND;
}

double
FanoutTimeHistogram::MaxMs() const
{
    return m_n == 0 ? NOT_DEFINED : static_cast<double>(m_max) / fanout::MILLISECOND;
}

double
FanoutTimeHistogram::MeanMs() const
{
    return m_n == 0 ? NOT_DEFINED : m_sum / static_cast<double>(m_n) / fanout::MILLISECOND;
}

std::uint64_t
FanoutTimeHistogram::GetN() const
{
    return m_n;
}

} // namespace ns3
