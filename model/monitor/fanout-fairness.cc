/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-fairness.h"

#include <algorithm>

namespace ns3
{

void
FanoutFairness::Note(uint32_t parent, uint64_t child)
{
    m_losses[{parent, child}]++;
}

std::vector<uint32_t>
FanoutFairness::GetParents() const
{
    std::vector<uint32_t> parents;
    for (const auto& [edge, losses] : m_losses)
    {
        if (parents.empty() || parents.back() != edge.first)
        {
            parents.push_back(edge.first);
        }
    }
    return parents;
}

double
FanoutFairness::GetIndex(uint32_t parent, uint32_t children) const
{
    double sum = 0;
    double squares = 0;
    uint32_t losers = 0;
    for (auto at = m_losses.lower_bound({parent, 0});
         at != m_losses.end() && at->first.first == parent;
         ++at)
    {
        const double losses = at->second;
        sum += losses;
        squares += losses * losses;
        losers++;
    }
    const uint32_t n = std::max(losers, children);
    return n >= 2 && sum >= double{LEAST_LOSSES} * n ? sum * sum / (n * squares) : -1;
}

} // namespace ns3
