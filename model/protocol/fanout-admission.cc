/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-admission.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr Micros QUIET = 2 * SECOND; ///< a child heard since is not probed
constexpr std::uint8_t PROBES = 3;   ///< without an answer, then it is gone

} // namespace

Admission::Verdict
Admission::Request(const Child& child, const Asking& asking)
{
    Verdict verdict;
    if (!asking.attached)
    {
        verdict.reason = RejectReason::NOT_ATTACHED;
        return verdict;
    }
    const auto known = std::find_if(m_children.begin(),
                                    m_children.end(),
                                    [&](const Child& c) { return c.peer == child.peer; });
    if (known != m_children.end())
    {
        Refresh(static_cast<std::size_t>(known - m_children.begin()), child, verdict);
        return verdict;
    }
    if (m_capacity == 0 || asking.overloaded)
    {
        return verdict;
    }
    const bool stays = m_overflow && asking.hasChildren && m_children.size() == m_limit;
    if (m_children.size() < m_limit || stays)
    {
        Admit(child, verdict);
    }
    else if (!DisplaceLeaf(child, verdict) && asking.allowKick)
    {
        Outbid(child, verdict);
    }
    return verdict;
}

void
Admission::Admit(const Child& child, Verdict& verdict)
{
    Append(child);
    verdict.accepted = true;
    verdict.fresh = true;
}

bool
Admission::HasRoomFor(const Child& child, bool hasChildren) const
{
    const std::size_t room = std::size_t{m_limit} + (m_overflow && hasChildren ? 1 : 0);
    return Has(child.peer) || m_children.size() < room ||
           (m_capacity > 0 && ComesFirst(child) && LeafToGo() < m_children.size());
}

void
Admission::Refresh(std::size_t index, const Child& child, Verdict& verdict)
{
    Child& known = m_children[index];
    m_nextKnown = false;
    m_totalBid += std::uint64_t{child.bid} - known.bid;
    known.bid = child.bid;
    NoteHeard(known, child.heard);
    // Whoever speaks from elsewhere has to be heard there.
    known.confirmed = known.confirmed && known.link == child.link;
    known.since = known.confirmed ? known.since : child.since;
    if (known.link != child.link)
    {
        verdict.former = known.link;
    }
    known.link = child.link;
    m_targets[index].link = child.link;
    known.extended = child.extended;
    verdict.accepted = true;
}

void
Admission::Outbid(const Child& child, Verdict& verdict)
{
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
        return;
    }
    if (child.bid <= worst->bid)
    {
        verdict.reason = RejectReason::LOW_BID;
        return;
    }
    verdict.displaced = Take(static_cast<std::size_t>(worst - m_children.begin()));
    Admit(child, verdict);
}

bool
Admission::ComesFirst(const Child& child) const
{
    return m_relaysFirst && child.extended && child.relay;
}

std::size_t
Admission::LeafToGo() const
{
    auto leaf = m_children.end();
    for (auto c = m_children.begin(); c != m_children.end(); ++c)
    {
        const bool lower = leaf == m_children.end() || c->bid <= leaf->bid;
        if (c->extended && !c->relay && !c->leaving && lower)
        {
            leaf = c;
        }
    }
    return static_cast<std::size_t>(leaf - m_children.begin());
}

bool
Admission::DisplaceLeaf(const Child& child, Verdict& verdict)
{
    const std::size_t leaf = ComesFirst(child) ? LeafToGo() : m_children.size();
    if (leaf == m_children.size())
    {
        return false;
    }
    if (m_children.size() == m_limit)
    {
        StartLeaving(m_children[leaf].link, child.since + MOVE_TIME);
        verdict.moved = m_children[leaf];
    }
    else
    {
        verdict.displaced = Take(leaf);
    }
    Admit(child, verdict);
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
    m_totalBid += child.bid;
    if (m_children.size() == m_children.capacity())
    {
        const std::size_t room =
            m_children.size() + std::max<std::size_t>(8, m_children.size() / 4);
        m_children.reserve(room);
        m_targets.reserve(room);
    }
    m_children.push_back(child);
    m_targets.push_back({child.link, 0, NO_BOUND});
}

Child
Admission::Take(std::size_t index)
{
    const auto at = static_cast<std::ptrdiff_t>(index);
    const Child taken = m_children[index];
    m_nextKnown = false;
    m_totalBid -= taken.bid;
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
        // A lease that grows leaves NextAt() a lower bound.
        m_nextKnown = m_nextKnown && m_children[index].confirmed;
        NoteHeard(m_children[index], now);
        m_children[index].confirmed = true;
        m_targets[index].bound = NO_BOUND;
    }
}

void
Admission::SetBound(LinkId link, std::uint32_t bound)
{
    const std::size_t index = IndexOf(link);
    if (index < m_children.size() && !m_children[index].confirmed)
    {
        m_targets[index].bound = std::min(m_targets[index].bound, bound);
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

void
Admission::StartLeaving(LinkId link, Micros by)
{
    const std::size_t index = IndexOf(link);
    if (index < m_children.size())
    {
        m_children[index].leaving = true;
        m_leaveBy = by;
        m_nextKnown = false;
    }
}

void
Admission::Probe(Child& child, Micros now)
{
    child.probes++;
    child.answerBy = now + PROBE_TIMEOUT;
    m_nextKnown = false;
}

void
Admission::NoteHeard(Child& child, Micros now)
{
    child.heard = now;
    child.answerBy = NEVER;
    child.probes = 0;
}

LinkId
Admission::ProbeQuietest(Micros now)
{
    Child* quietest = nullptr;
    for (auto& child : m_children)
    {
        const bool mayProbe = child.extended && child.confirmed && child.probes == 0;
        if (mayProbe && now - child.heard > QUIET && (!quietest || child.heard < quietest->heard))
        {
            quietest = &child;
        }
    }
    if (!quietest)
    {
        return NO_LINK;
    }
    Probe(*quietest, now);
    return quietest->link;
}

std::vector<LinkId>
Admission::ProbeAgain(Micros now, Micros flowing, const Options& options)
{
    std::vector<LinkId> again;
    if (now < NextAt(flowing, options))
    {
        return again;
    }
    for (auto& child : m_children)
    {
        if (now >= child.answerBy && child.probes < PROBES)
        {
            Probe(child, now);
            again.push_back(child.link);
        }
    }
    return again;
}

std::vector<Child>
Admission::RemoveAll()
{
    m_nextKnown = false;
    m_totalBid = 0;
    m_targets.clear();
    return std::exchange(m_children, {});
}

Micros
Admission::LeaseEnd(const Child& child, Micros flowing, const Options& options) const
{
    if (!child.extended)
    {
        return NEVER;
    }
    const Micros leaveBy = std::min(child.answerBy, child.leaving ? m_leaveBy : NEVER);
    if (!child.confirmed)
    {
        return std::min(leaveBy, child.since + options.confirmLease);
    }
    const Micros lease = flowing == NEVER ? child.heard + options.idleLease
                                          : std::max(child.heard, flowing) + options.childLease;
    return std::min(leaveBy, lease);
}

std::vector<Child>
Admission::Expire(Micros now, Micros flowing, const Options& options)
{
    std::vector<Child> gone;
    if (now < NextAt(flowing, options))
    {
        return gone;
    }
    m_nextKnown = false;
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
