/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-tally.h"

namespace ns3
{

namespace
{

/// Count a value in the place of another. @param none stands for no value
void
Replace(FanoutCountHistogram& histogram,
        std::uint32_t& counted,
        std::uint32_t value,
        std::uint32_t none)
{
    if (counted == value)
    {
        return;
    }
    if (counted != none)
    {
        histogram.Remove(static_cast<std::uint16_t>(counted));
    }
    if (value != none)
    {
        histogram.Add(static_cast<std::uint16_t>(value));
    }
    counted = value;
}

} // namespace

void
FanoutTreeTally::Reserve(std::uint32_t peers)
{
    m_marks.reserve(peers);
}

void
FanoutTreeTally::Set(std::uint32_t peer, const FanoutTreeShape::Node& node)
{
    if (peer >= m_marks.size())
    {
        m_marks.resize(std::size_t{peer} + 1);
    }
    auto& mark = m_marks[peer];
    const bool hasLevel = node.open && node.level != FanoutTreeShape::NO_LEVEL;
    const bool mayHaveChildren = node.open && node.capacity > 0;
    Replace(m_levels, mark.level, hasLevel ? node.level : NONE, NONE);
    Replace(m_children, mark.children, mayHaveChildren ? node.children : NONE, NONE);
}

double
FanoutTreeTally::GetLevelP95() const
{
    return m_levels.Quantile(0.95);
}

double
FanoutTreeTally::GetChildrenP95() const
{
    return m_children.Quantile(0.95);
}

} // namespace ns3
