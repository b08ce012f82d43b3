/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-fairness.h"

#include <algorithm>

namespace ns3
{

void
FanoutFairness::NoteLoss(uint32_t parent, uint64_t child, uint32_t children)
{
    Parent& losing = m_parents[parent];
    losing.children = std::max(children, 1U);
    losing.even += 1.0 / losing.children;
    losing.shares[child].losses++;
}

void
FanoutFairness::NoteChild(uint32_t parent, uint64_t child, bool joined)
{
    const auto found = m_parents.find(parent);
    if (found == m_parents.end())
    {
        return;
    }
    Share& share = found->second.shares[child];
    const double even = found->second.even;
    share.expected += joined ? 0 : even - share.since;
    share.since = even;
    share.present = joined;
}

std::vector<uint32_t>
FanoutFairness::GetParents() const
{
    std::vector<uint32_t> parents;
    for (const auto& [parent, losing] : m_parents)
    {
        parents.push_back(parent);
    }
    return parents;
}

double
FanoutFairness::GetIndex(uint32_t parent) const
{
    const auto found = m_parents.find(parent);
    if (found == m_parents.end())
    {
        return -1;
    }
    const Parent& losing = found->second;
    double sum = 0;
    double squares = 0;
    uint32_t judged = 0;
    uint32_t present = 0;
    for (const auto& [child, share] : losing.shares)
    {
        const double expected = share.expected + (share.present ? losing.even - share.since : 0);
        present += share.present ? 1 : 0;
        if (expected >= LEAST_LOSSES)
        {
            const double loss = share.losses / expected;
            sum += loss;
            squares += loss * loss;
            judged++;
        }
    }
    // Those that were there before and lost nothing have no share.
    const bool enough = losing.even >= LEAST_LOSSES;
    judged += enough ? losing.children - std::min(present, losing.children) : 0;
    return judged >= 2 && sum > 0 ? sum * sum / (judged * squares) : -1;
}

} // namespace ns3
