/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-admission.h"

#include <algorithm>

namespace ns3::fanout
{

Admission::Verdict
Admission::Request(const Child& child, bool attached, bool allowKick)
{
    Verdict verdict;
    if (!attached)
    {
        verdict.reason = RejectReason::NOT_ATTACHED;
        return verdict;
    }
    const auto known = std::find_if(m_children.begin(),
                                    m_children.end(),
                                    [&](const Child& c) { return c.peer == child.peer; });
    if (known != m_children.end())
    {
        m_nextKnown = false;
        m_bidders += (child.bid > 0) - (known->bid > 0);
        known->bid = child.bid;
        known->heard = child.heard;
        known->since = known->confirmed ? known->since : child.since;
        if (known->link != child.link)
        {
            verdict.former = known->link;
        }
        known->link = child.link;
        m_targets[static_cast<std::size_t>(known - m_children.begin())].link = child.link;
        known->extended = child.extended;
        verdict.accepted = true;
        return verdict;
    }
    if (m_capacity == 0)
    {
        return verdict;
    }
    if (m_children.size() >= m_capacity)
    {
        if (DisplaceLeaf(child, verdict))
        {
            return verdict;
        }
        if (!allowKick)
        {
            return verdict;
        }
        // Relays come first: were a leaf's bid to displace one, the two would do so in turn.
        const bool leaf = child.extended && !child.relay;
        auto worst = m_children.end();
        for (auto c = m_children.begin(); c != m_children.end(); ++c)
        {
            const bool spared = leaf && c->relay;
            if (!spared && (worst == m_children.end() || c->bid < worst->bid))
            {
                worst = c;
            }
        }
        if (worst == m_children.end())
        {
            return verdict;
        }
        if (child.bid <= worst->bid)
        {
            verdict.reason = RejectReason::LOW_BID;
            return verdict;
        }
        verdict.displaced = Take(static_cast<std::size_t>(worst - m_children.begin()));
    }
    Append(child);
    verdict.accepted = true;
    verdict.fresh = true;
    return verdict;
}

bool
Admission::DisplaceLeaf(const Child& child, Verdict& verdict)
{
    if (!child.extended || !child.relay)
    {
        return false;
    }
    auto leaf = m_children.end();
    for (auto c = m_children.begin(); c != m_children.end(); ++c)
    {
        if (c->extended && !c->relay && (leaf == m_children.end() || c->bid <= leaf->bid))
        {
            leaf = c;
        }
    }
    if (leaf == m_children.end())
    {
        return false;
    }
    verdict.displaced = Take(static_cast<std::size_t>(leaf - m_children.begin()));
    Append(child);
    verdict.accepted = true;
    verdict.fresh = true;
    return true;
}

std::size_t
Admission::IndexOf(LinkId link) const
{
    std::size_t index = 0;
    while (index < m_targets.size() && m_targets[index].link != link)
    {
        index++;
    }
    return index;
}

void
Admission::Append(const Child& child)
{
    m_nextKnown = false;
    m_bidders += child.bid > 0;
    m_children.push_back(child);
    m_targets.push_back({child.link, 0});
}

Child
Admission::Take(std::size_t index)
{
    const auto at = static_cast<std::ptrdiff_t>(index);
    const Child taken = m_children[index];
    m_nextKnown = false;
    m_bidders -= taken.bid > 0;
    m_children.erase(m_children.begin() + at);
    m_targets.erase(m_targets.begin() + at);
    return taken;
}

const Child*
Admission::Find(LinkId link) const
{
    const std::size_t index = IndexOf(link);
    return index < m_children.size() ? &m_children[index] : nullptr;
}

void
Admission::Heard(LinkId link, Micros now)
{
    const std::size_t index = IndexOf(link);
    if (index < m_children.size())
    {
        m_nextKnown = false;
        m_children[index].heard = now;
        m_children[index].confirmed = true;
    }
}

void
Admission::SetWatermark(LinkId link, std::uint32_t watermark)
{
    const std::size_t index = IndexOf(link);
    if (index < m_targets.size())
    {
        m_targets[index].watermark = watermark;
    }
}

bool
Admission::Has(const PeerId& peer) const
{
    return std::any_of(m_children.begin(),
                       m_children.end(),
                       [&](const Child& c) { return c.peer == peer; });
}

std::optional<Child>
Admission::Remove(LinkId link)
{
    const std::size_t index = IndexOf(link);
    return index < m_children.size() ? std::optional(Take(index)) : std::nullopt;
}

std::vector<Child>
Admission::RemoveAll()
{
    m_nextKnown = false;
    m_bidders = 0;
    m_targets.clear();
    return std::exchange(m_children, {});
}

Micros
Admission::LeaseEnd(const Child& child, Micros flowing, const Options& options)
{
    if (!child.extended)
    {
        return NEVER;
    }
    if (!child.confirmed)
    {
        return child.since + options.confirmLease;
    }
    return flowing == NEVER ? child.heard + options.idleLease
                            : std::max(child.heard, flowing) + options.childLease;
}

std::vector<Child>
Admission::Expire(Micros now, Micros flowing, const Options& options)
{
    std::vector<Child> gone;
    if (now < NextAt(flowing, options))
    {
        return gone;
    }
    for (std::size_t i = 0; i < m_children.size();)
    {
        if (now >= LeaseEnd(m_children[i], flowing, options))
        {
            gone.push_back(Take(i));
        }
        else
        {
            i++;
        }
    }
    return gone;
}

Micros
Admission::NextAt(Micros flowing, const Options& options) const
{
    if (m_nextKnown && flowing == m_nextFlowing)
    {
        return m_nextAt;
    }
    m_nextAt = NEVER;
    for (const auto& child : m_children)
    {
        m_nextAt = std::min(m_nextAt, LeaseEnd(child, flowing, options));
    }
    m_nextFlowing = flowing;
    m_nextKnown = true;
    return m_nextAt;
}

} // namespace ns3::fanout
