/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-ledger.h"

#include <algorithm>
#include <cmath>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t SUB_BUCKETS = 8;

std::size_t
BucketOf(std::uint64_t value)
{
    if (value < SUB_BUCKETS)
    {
        return value;
    }
    const int octave = 63 - __builtin_clzll(value);
    const auto sub = (value >> (octave - 3)) & (SUB_BUCKETS - 1);
    return static_cast<std::size_t>(octave - 2) * SUB_BUCKETS + sub;
}

std::uint64_t
UpperEndOf(std::size_t bucket)
{
    if (bucket < SUB_BUCKETS)
    {
        return bucket;
    }
    const auto octave = bucket / SUB_BUCKETS + 2;
    const auto sub = bucket % SUB_BUCKETS;
    return ((SUB_BUCKETS + sub + 1) << (octave - 3)) - 1;
}

} // namespace

void
WaitHistogram::Add(Micros wait, std::uint64_t n)
{
    const auto bucket = BucketOf(static_cast<std::uint64_t>(std::max<Micros>(wait, 0)));
    m_buckets[std::min(bucket, m_buckets.size() - 1)] += n;
    m_n += n;
}

Micros
WaitHistogram::Quantile(double q) const
{
    if (m_n == 0)
    {
        return 0;
    }
    const auto rank = static_cast<std::uint64_t>(std::floor(q * static_cast<double>(m_n - 1)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_buckets.size(); i++)
    {
        seen += m_buckets[i];
        if (seen > rank)
        {
            return static_cast<Micros>(UpperEndOf(i));
        }
    }
    return static_cast<Micros>(UpperEndOf(m_buckets.size() - 1));
}

std::uint64_t
Ledger::FrameBytesSent(FrameClass frameClass) const
{
    std::uint64_t sum = 0;
    for (std::size_t kind = 0; kind < kinds.size(); kind++)
    {
        if (ClassOf(static_cast<std::uint8_t>(kind)) == frameClass)
        {
            sum += kinds[kind].frameBytes;
        }
    }
    return sum;
}

std::uint64_t
Ledger::WireBytesSent(FrameClass frameClass) const
{
    std::uint64_t sum = 0;
    for (std::size_t kind = 0; kind < kinds.size(); kind++)
    {
        if (ClassOf(static_cast<std::uint8_t>(kind)) == frameClass)
        {
            sum += kinds[kind].wireBytes;
        }
    }
    return sum;
}

std::uint64_t
Ledger::ControlBytesSent() const
{
    std::uint64_t sum = 0;
    for (const auto& counters : kinds)
    {
        sum += counters.frameBytes;
    }
    return sum - Of(Kind::DATA).frameBytes;
}

std::uint64_t
Ledger::ControlWireBytesSent() const
{
    std::uint64_t sum = 0;
    for (const auto& counters : kinds)
    {
        sum += counters.wireBytes;
    }
    return sum - Of(Kind::DATA).wireBytes;
}

} // namespace ns3::fanout
