/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-maintenance.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

using fanout::Micros;

namespace
{

double
Seconds(Micros time)
{
    return static_cast<double>(time) / fanout::SECOND;
}

/// @return the larger of a drift and a new difference; what is not defined counts for nothing
double
Drift(double drift, double now, double then)
{
    const double difference = std::fabs(now - then);
    return difference > drift ? difference : drift;
}

} // namespace

Micros
FanoutMaintenance::PeriodFor(std::uint32_t nodes)
{
    return std::clamp<Micros>(nodes / 10, 100, 1000) * fanout::MILLISECOND;
}

void
FanoutMaintenance::Begin(Micros now, const Sample& formation)
{
    m_begun = true;
    m_formation = formation;
    m_beganAt = now;
    m_lastAt = now;
    m_lastOrphans = formation.orphans;
}

bool
FanoutMaintenance::HasBegun() const
{
    return m_begun;
}

void
FanoutMaintenance::NoteMove(std::uint32_t peer)
{
    if (!m_begun || m_finished)
    {
        return;
    }
    if (peer >= m_moves.size())
    {
        m_moves.resize(peer + 1);
    }
    m_moves[peer]++;
    m_moveTotal++;
}

void
FanoutMaintenance::Integrate(Micros now)
{
    m_area += m_lastOrphans * Seconds(now - m_lastAt);
    m_lastAt = now;
}

void
FanoutMaintenance::Add(Micros now, const Sample& sample)
{
    Integrate(now);
    m_samples++;
    m_lastOrphans = sample.orphans;
    m_maxOrphans = std::max(m_maxOrphans, sample.orphans);
    m_levelDrift = Drift(m_levelDrift, sample.levelP95, m_formation.levelP95);
    m_childrenDrift = Drift(m_childrenDrift, sample.childrenP95, m_formation.childrenP95);
    if (sample.orphans <= m_formation.orphans)
    {
        m_whole.push_back(now);
    }
}

void
FanoutMaintenance::Finish(Micros now)
{
    if (!m_begun || m_finished)
    {
        return;
    }
    Integrate(now);
    m_finished = true;
}

std::vector<double>
FanoutMaintenance::GetRecoveriesMs(const std::vector<Micros>& bursts) const
{
    std::vector<double> recoveries;
    for (const auto burst : bursts)
    {
        const auto whole = std::upper_bound(m_whole.begin(), m_whole.end(), burst);
        const auto end = whole == m_whole.end() ? std::max(m_lastAt, burst) : *whole;
        recoveries.push_back(Seconds(end - burst) * 1000);
    }
    std::sort(recoveries.begin(), recoveries.end());
    return recoveries;
}

std::uint32_t
FanoutMaintenance::GetMaxOrphans() const
{
    return m_maxOrphans;
}

double
FanoutMaintenance::GetOrphanArea() const
{
    return m_area;
}

double
FanoutMaintenance::GetReparentsPerMin() const
{
    const double minutes = Seconds(m_lastAt - m_beganAt) / 60;
    return minutes > 0 ? static_cast<double>(m_moveTotal) / minutes : 0;
}

std::uint32_t
FanoutMaintenance::GetFlapMax() const
{
    return m_moves.empty() ? 0 : *std::max_element(m_moves.begin(), m_moves.end());
}

double
FanoutMaintenance::GetLevelDrift() const
{
    return m_levelDrift;
}

double
FanoutMaintenance::GetChildrenDrift() const
{
    return m_childrenDrift;
}

std::uint64_t
FanoutMaintenance::GetSamples() const
{
    return m_samples;
}

double
FanoutMaintenance::GetDurationMs() const
{
    return Seconds(m_lastAt - m_beganAt) * 1000;
}

} // namespace ns3
