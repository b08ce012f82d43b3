/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-token-bucket.h"

#include <limits>

namespace ns3::fanout
{

TokenBucket::TokenBucket(double bytesPerSecond, double burstBytes)
    : m_rate(bytesPerSecond <= 0
                 ? 0
                 : static_cast<std::int64_t>(std::min(bytesPerSecond, 4e12) * 1e3 + 1e-6)),
      m_burst(ToUnits(burstBytes)),
      m_level(m_burst)
{
}

TokenBucket
TokenBucket::Unlimited()
{
    TokenBucket bucket(0, 0);
    bucket.m_rate = UNLIMITED;
    return bucket;
}

std::int64_t
TokenBucket::LevelAt(Micros now) const
{
    std::int64_t gained = 0;
    if (now <= m_time || m_level >= m_burst)
    {
        return m_level;
    }
    return __builtin_mul_overflow(now - m_time, m_rate, &gained) || gained > m_burst - m_level
               ? m_burst
               : m_level + gained;
}

void
TokenBucket::Refill(Micros now)
{
    m_level = LevelAt(now);
    m_time = std::max(m_time, now);
}

bool
TokenBucket::TakeLeaving(Micros now, double bytes, double reserve)
{
    if (IsUnlimited())
    {
        return true;
    }
    Refill(now);
    const std::int64_t cost = ToUnits(bytes);
    if (m_level < std::min(cost + ToUnits(reserve), m_burst) || (m_rate == 0 && m_burst == 0))
    {
        return cost == 0;
    }
    m_level -= cost;
    return true;
}

void
TokenBucket::Charge(Micros now, double bytes)
{
    if (!IsUnlimited())
    {
        Refill(now);
        m_level = std::max(m_level - ToUnits(bytes), -LARGEST);
    }
}

void
TokenBucket::Return(double bytes)
{
    m_level = std::min(m_level + ToUnits(bytes), m_burst);
}

double
TokenBucket::Level(Micros now) const
{
    return IsUnlimited() ? std::numeric_limits<double>::infinity()
                         : static_cast<double>(LevelAt(now)) / static_cast<double>(UNIT);
}

Micros
TokenBucket::WhenAvailable(Micros now, double bytes, double reserve) const
{
    const std::int64_t cost = ToUnits(bytes);
    if (IsUnlimited() || cost == 0)
    {
        return now;
    }
    const std::int64_t lacking = std::min(cost + ToUnits(reserve), m_burst) - LevelAt(now);
    if (m_rate == 0)
    {
        return lacking > 0 || m_burst == 0 ? NEVER : now;
    }
    const Micros wait = lacking <= 0 ? 0 : (lacking - 1) / m_rate + 1;
    return now > NEVER - wait ? NEVER : std::max(now, m_time) + wait;
}

} // namespace ns3::fanout
