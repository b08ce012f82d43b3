/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-liveness.h"

#include <algorithm>
#include <cmath>

namespace ns3::fanout
{

namespace
{

constexpr double LOSS_FOR_3 = 0.046415888336127774; ///< see IntervalsFor()
constexpr double LOSS_FOR_4 = 0.1;
constexpr double LOSS_FOR_5 = 0.15848931924611134;
constexpr std::uint8_t PROBES_ALONE = 4; ///< unanswered probes when there is no witness
constexpr std::uint8_t PROBES_QUIET = 3; ///< one may be lost, and nothing else would be heard
constexpr Micros QUIET = 2 * SECOND;     ///< without data nothing else is heard
constexpr Micros FIRST = 10 * SECOND;    ///< before the first message: its silence tells nothing
constexpr Micros PROBE_SPACING = 100 * MILLISECOND;
constexpr Micros PROBE_SPACING_MAX = 250 * MILLISECOND;

/// The least k in 3 to 6 for which k messages in a row are lost with a chance of at most 1e-4, or
/// 6: the bounds are 1e-4^(1/k). It is asked at every message, and logarithms would be half its
/// cost.
double
IntervalsFor(double loss)
{
    return loss <= LOSS_FOR_3 ? 3 : loss <= LOSS_FOR_4 ? 4 : loss <= LOSS_FOR_5 ? 5 : 6;
}

} // namespace

void
Liveness::Reset(Micros now)
{
    m_lastHeard = now;
    m_lastData = now;
    m_since = now;
    m_checkAt = now;
    m_probes = 0;
    m_quietTimes = 0;
    m_anyData = false;
}

void
Liveness::Heard(Micros now)
{
    m_lastHeard = now;
    if (m_probes > 0)
    {
        m_probes = 0;
        m_quietTimes = static_cast<std::uint8_t>(std::min(m_quietTimes + 1, 10));
    }
}

void
Liveness::Data(Micros now)
{
    const auto gap = static_cast<float>(now - m_lastData);
    m_quietTimes = 0;
    Heard(now);
    m_quietTimes = 0;
    if (m_anyData)
    {
        const float capped = m_mean > 0 ? std::min(gap, 8 * m_mean) : gap;
        m_deviation += (std::fabs(capped - m_mean) - m_deviation) / 8;
        m_mean = m_mean > 0 ? m_mean + (capped - m_mean) / 8 : capped;
    }
    m_lastData = now;
    m_anyData = true;
}

void
Liveness::HeardElsewhere(Micros now)
{
    m_elsewhere = now;
}

void
Liveness::NoteLoss(bool lost)
{
    m_loss += ((lost ? 1.0f : 0.0f) - m_loss) / 64;
}

Micros
Liveness::Patience(bool expecting, const Options& options) const
{
    const Micros idle = options.aliveIdleInterval + options.aliveIdleInterval / 2;
    if (!expecting)
    {
        return m_mean > 0 || m_anyData ? idle
                                       : std::min(idle, FIRST << std::min<int>(m_quietTimes, 4));
    }
    const double mean = m_mean > 0 ? m_mean : SECOND / options.messageRate;
    const auto silence = static_cast<Micros>(IntervalsFor(m_loss) * mean + 4.0 * m_deviation);
    const Micros patience = std::max(silence, options.suspectMin) << m_quietTimes;
    return std::min(patience, idle);
}

Liveness::Step
Liveness::Next(Micros now, bool expecting, Micros rto, bool witnessed, const Options& options)
{
    if (m_probes == 0)
    {
        if (now - m_lastHeard < Patience(expecting, options))
        {
            return Step::NOTHING;
        }
        m_suspectedAt = now;
        m_nextProbe = now + std::max(rto, PROBE_SPACING);
        m_probes = 1;
        return Step::PROBE;
    }
    if (now < m_nextProbe)
    {
        return Step::NOTHING;
    }
    const bool alone = !witnessed && m_probes >= PROBES_ALONE;
    const std::uint8_t enough = now - m_lastData > QUIET ? PROBES_QUIET : 1;
    if (alone || (m_elsewhere > m_suspectedAt && m_probes >= enough))
    {
        m_probes = 0;
        return Step::LOST;
    }
    m_probes = static_cast<std::uint8_t>(std::min(m_probes + 1, 250));
    m_nextProbe = now + std::max(rto, std::min(PROBE_SPACING * m_probes, PROBE_SPACING_MAX));
    return Step::PROBE;
}

Micros
Liveness::NextAt(bool expecting, const Options& options) const
{
    if (m_probes > 0)
    {
        return m_nextProbe;
    }
    const Micros spacing = std::max<Micros>(options.checkSpacing, 1);
    const Micros silent = m_lastHeard + Patience(expecting, options);
    if (m_checkAt < silent || m_checkAt - silent >= spacing)
    {
        m_checkAt = m_since + (silent - m_since + spacing - 1) / spacing * spacing;
    }
    return m_checkAt;
}

} // namespace ns3::fanout
