/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-latency-bound.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace ns3
{

namespace
{

constexpr double FAR = std::numeric_limits<double>::infinity();
constexpr double MICROS_PER_MS = 1000;

/// Shortest paths from the root to the inner peers, whose first one is the root (Dijkstra 1959).
std::vector<double>
InnerPaths(const FanoutLatencyBound::Delay& delay, const std::vector<std::uint32_t>& inner)
{
    std::vector<double> paths(inner.size(), FAR);
    std::vector<bool> done(inner.size());
    paths[0] = 0;
    for (std::size_t round = 0; round < inner.size(); round++)
    {
        std::size_t nearest = inner.size();
        for (std::size_t i = 0; i < inner.size(); i++)
        {
            if (!done[i] && (nearest == inner.size() || paths[i] < paths[nearest]))
            {
                nearest = i;
            }
        }
        done[nearest] = true;
        for (std::size_t i = 0; i < inner.size(); i++)
        {
            if (!done[i])
            {
                paths[i] = std::min(paths[i], paths[nearest] + delay(inner[nearest], inner[i]));
            }
        }
    }
    return paths;
}

} // namespace

FanoutLatencyBound::FanoutLatencyBound(const Delay& delay,
                                       const std::vector<std::uint16_t>& capacities,
                                       std::uint32_t root,
                                       const std::vector<std::uint32_t>& members)
    : m_meanMs(std::numeric_limits<double>::quiet_NaN())
{
    std::vector<std::uint32_t> inner{root};
    for (std::uint32_t i = 0; i < capacities.size(); i++)
    {
        if (i != root && capacities[i] > 0)
        {
            inner.push_back(i);
        }
    }
    if (!delay || members.empty() ||
        static_cast<std::uint64_t>(inner.size()) * (inner.size() + members.size()) > MAX_DELAYS)
    {
        return;
    }
    const auto paths = InnerPaths(delay, inner);
    std::vector<double> savings;
    double sum = 0;
    for (const auto member : members)
    {
        const double direct = delay(root, member);
        double relayed = FAR;
        for (std::size_t i = 1; i < inner.size(); i++)
        {
            if (inner[i] != member)
            {
                relayed = std::min(relayed, paths[i] + delay(inner[i], member));
            }
        }
        const double best = std::min(direct, relayed);
        m_peersMs.push_back(best / MICROS_PER_MS);
        sum += best;
        savings.push_back(relayed - best);
    }
    // Whoever is no child of the root pays what relaying costs it; the dearest ones are the root's.
    std::sort(savings.begin(), savings.end());
    const auto others = members.size() - std::min<std::size_t>(members.size(), capacities[root]);
    sum += std::accumulate(savings.begin(),
                           savings.begin() + static_cast<std::ptrdiff_t>(others),
                           0.0);
    if (sum < FAR)
    {
        m_meanMs = sum / static_cast<double>(members.size()) / MICROS_PER_MS;
    }
}

bool
FanoutLatencyBound::IsDefined() const
{
    return !m_peersMs.empty();
}

const std::vector<double>&
FanoutLatencyBound::GetPeersMs() const
{
    return m_peersMs;
}

double
FanoutLatencyBound::GetMeanMs() const
{
    return m_meanMs;
}

} // namespace ns3
