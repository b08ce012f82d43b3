/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-quantiles.h"

#include "ns3/assert.h"

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

/// @param n number of values, > 0 @return place of a quantile among them
std::uint64_t
RankOf(double q, std::uint64_t n)
{
    const auto last = static_cast<double>(n - 1);
    return static_cast<std::uint64_t>(std::clamp(std::floor(q * last), 0.0, last));
}

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

/// @param rank of a value @param counts of each bucket @return the bucket it is in
template <typename Counts>
std::size_t
BucketOfRank(std::uint64_t rank, const Counts& counts)
{
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while (seen + counts[bucket] <= rank)
    {
        seen += counts[bucket++];
    }
    return bucket;
}

} // namespace

double
FanoutQuantile(const std::vector<double>& sorted, double q)
{
    return sorted.empty() ? NOT_DEFINED : sorted[RankOf(q, sorted.size())];
}

double
FanoutTakeQuantile(std::vector<double>& values, double q)
{
    if (values.empty())
    {
        return NOT_DEFINED;
    }
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(RankOf(q, values.size()));
    std::nth_element(values.begin(), at, values.end());
    return *at;
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
    m_sum += value;
    m_max = std::max(m_max, value);
}

void
FanoutTimeHistogram::Add(const FanoutTimeHistogram& other)
{
    m_buckets.resize(std::max(m_buckets.size(), other.m_buckets.size()));
    for (std::size_t i = 0; i < other.m_buckets.size(); i++)
    {
        m_buckets[i] += other.m_buckets[i];
    }
    m_n += other.m_n;
    m_sum += other.m_sum;
    m_max = std::max(m_max, other.m_max);
}

std::vector<FanoutTimeHistogram::Bucket>
FanoutTimeHistogram::GetBuckets() const
{
    std::vector<Bucket> buckets;
    buckets.reserve(m_buckets.size());
    for (std::size_t i = 0; i < m_buckets.size(); i++)
    {
        const auto upper = static_cast<double>(UpperEndOf(i));
        buckets.push_back({upper / fanout::MILLISECOND, m_buckets[i]});
    }
    return buckets;
}

double
FanoutTimeHistogram::QuantileMs(double q) const
{
    if (m_n == 0)
    {
        return NOT_DEFINED;
    }
    const auto rank = RankOf(q, m_n);
    const auto upper = static_cast<fanout::Micros>(UpperEndOf(BucketOfRank(rank, m_buckets)));
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
    return m_n == 0 ? NOT_DEFINED
                    : static_cast<double>(m_sum) / static_cast<double>(m_n) / fanout::MILLISECOND;
}

std::uint64_t
FanoutTimeHistogram::GetN() const
{
    return m_n;
}

void
FanoutCountHistogram::Add(std::uint16_t value)
{
    if (value >= m_counts.size())
    {
        m_counts.resize(std::size_t{value} + 1);
    }
    m_counts[value]++;
    m_n++;
    m_sum += value;
}

void
FanoutCountHistogram::Remove(std::uint16_t value)
{
    NS_ASSERT(value < m_counts.size() && m_counts[value] > 0);
    m_counts[value]--;
    m_n--;
    m_sum -= value;
}

double
FanoutCountHistogram::Quantile(double q) const
{
    if (m_n == 0)
    {
        return NOT_DEFINED;
    }
    const auto rank = RankOf(q, m_n);
    return static_cast<double>(BucketOfRank(rank, m_counts));
}

double
FanoutCountHistogram::Mean() const
{
    return m_n == 0 ? NOT_DEFINED : static_cast<double>(m_sum) / static_cast<double>(m_n);
}

std::uint64_t
FanoutCountHistogram::GetN() const
{
    return m_n;
}

} // namespace ns3
