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
        known->bid = child.bid;
        known->heard = child.heard;
        known->since = known->confirmed ? known->since : child.since;
        if (known->link != child.link)
        {
            verdict.former = known->link;
        }
        known->link = child.link;
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
        verdict.displaced = *worst;
        m_children.erase(worst);
    }
    m_children.push_back(child);
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
    verdict.displaced = *leaf;
    m_children.erase(leaf);
    m_children.push_back(child);
    verdict.accepted = true;
    verdict.fresh = true;
    return true;
}

Child*
Admission::Find(LinkId link)
{
    for (auto& child : m_children)
    {
        if (child.link == link)
        {
            return &child;
        }
    }
    return nullptr;
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
    for (auto child = m_children.begin(); child != m_children.end(); ++child)
    {
        if (child->link == link)
        {
            const Child gone = *child;
            m_children.erase(child);
            return gone;
        }
    }
    return std::nullopt;
}

std::vector<Child>
Admission::RemoveAll()
{
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
    for (auto child = m_children.begin(); child != m_children.end();)
    {
        if (now >= LeaseEnd(*child, flowing, options))
        {
            gone.push_back(*child);
            child = m_children.erase(child);
        }
        else
        {
            ++child;
        }
    }
    return gone;
}

Micros
Admission::NextAt(Micros flowing, const Options& options) const
{
    Micros next = NEVER;
    for (const auto& child : m_children)
    {
        next = std::min(next, LeaseEnd(child, flowing, options));
    }
    return next;
}

} // namespace ns3::fanout
