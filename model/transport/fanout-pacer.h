/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PACER_H
#define FANOUT_PACER_H

#include "ns3/fanout-time.h"

#include <algorithm>
#include <cstdint>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Estimates what an access link has not sent yet: a fluid that flows off at the link's rate.
 */
class Pacer
{
  public:
    /// @param bitsPerSecond rate of the link, 0 for no pacing @param limit bytes from which it is
    /// full, at least 1
    void
    Configure(std::uint64_t bitsPerSecond, std::uint32_t limit)
    {
        m_bytesPerMicro = static_cast<double>(bitsPerSecond) / 8e6;
        m_limit = limit;
        m_backlog = 0;
    }

    /// The link has another rate from now on. @param now the time
    /// @param bitsPerSecond rate of the link, 0 for no pacing
    void
    SetRate(Micros now, std::uint64_t bitsPerSecond)
    {
        m_backlog = GetBacklog(now);
        m_chargedAt = now;
        m_bytesPerMicro = static_cast<double>(bitsPerSecond) / 8e6;
    }

    /// @param now the time @param bytes handed to the link
    void
    Charge(Micros now, std::uint32_t bytes)
    {
        if (m_bytesPerMicro > 0)
        {
            m_backlog = GetBacklog(now) + bytes;
            m_chargedAt = now;
        }
    }

    /// @param now the time @return bytes not yet sent
    double
    GetBacklog(Micros now) const
    {
        const auto elapsed = static_cast<double>(now - m_chargedAt);
        return std::max(0.0, m_backlog - m_bytesPerMicro * elapsed);
    }

    /// @param now the time @return whether the link is to get no more
    bool
    IsFull(Micros now) const
    {
        return m_bytesPerMicro > 0 && GetBacklog(now) >= m_limit;
    }

    /// @param now the time @return how long until half of the limit is left; pacing only
    Micros
    UntilHalf(Micros now) const
    {
        const double excess = GetBacklog(now) - m_limit / 2.0;
        return static_cast<Micros>(std::max(0.0, excess / m_bytesPerMicro)) + 1;
    }

  private:
    double m_bytesPerMicro{0}; ///< rate, 0 for no pacing
    double m_backlog{0};       ///< bytes at m_chargedAt
    Micros m_chargedAt{0};     ///< when m_backlog was right
    std::uint32_t m_limit{1};  ///< bytes
};

} // namespace ns3::fanout

#endif // FANOUT_PACER_H
