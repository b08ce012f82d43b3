/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-mesh.h"

namespace ns3::fanout
{

namespace
{

constexpr Micros LEAST_HEARTBEAT = 2 * SECOND; ///< or four intervals
constexpr int MISSED_HEARTBEATS = 3;           ///< then a member is taken for gone

/// @param asks of a member @param hits of these @return whether that is little
bool
IsLittle(std::uint32_t asks, std::uint32_t hits)
{
    return asks >= Mesh::MANY_ASKS && hits * 4 < asks;
}

} // namespace

Mesh::Mesh(std::uint8_t members, Micros interval)
    : m_interval(interval),
      m_room(std::clamp<std::uint8_t>(members, 1, MOST))
{
}

void
Mesh::Suggest(const PeerId& peer, const Endpoint& endpoint)
{
    const auto known =
        std::find_if(m_candidates.begin(),
                     m_candidates.end(),
                     [&](const Candidate& candidate) { return candidate.peer == peer; });
    if (known != m_candidates.end())
    {
        known->endpoint = endpoint;
        return;
    }
    if (m_candidates.size() >= CANDIDATES)
    {
        m_candidates.erase(m_candidates.begin());
    }
    Candidate candidate;
    candidate.peer = peer;
    candidate.endpoint = endpoint;
    m_candidates.push_back(candidate);
}

bool
Mesh::Add(const PeerId& peer, LinkId link, Micros now)
{
    const bool shunned =
        std::any_of(m_shunned.begin(),
                    m_shunned.end(),
                    [&](const Shunned& one) { return one.peer == peer && one.until > now; });
    if (!HasRoom() || shunned || link == NO_LINK || Find(peer) || Find(link))
    {
        return false;
    }
    Member member;
    member.peer = peer;
    member.link = link;
    member.since = now;
    m_members.push_back(member);
    return true;
}

Mesh::Member*
Mesh::Find(LinkId link)
{
    const auto found = std::find_if(m_members.begin(),
                                    m_members.end(),
                                    [link](const Member& member) { return member.link == link; });
    return link == NO_LINK || found == m_members.end() ? nullptr : &*found;
}

Mesh::Member*
Mesh::Find(const PeerId& peer)
{
    const auto found = std::find_if(m_members.begin(),
                                    m_members.end(),
                                    [&](const Member& member) { return member.peer == peer; });
    return found == m_members.end() ? nullptr : &*found;
}

void
Mesh::Said(Member& member, const SeqRange& have, std::uint32_t watermark, Micros now)
{
    member.have = have;
    member.watermark = watermark;
    member.saidAt = now;
    member.since = now;
}

bool
Mesh::IsFresh(const Member& member, Micros now)
{
    return member.saidAt != NEVER && now - member.saidAt <= FRESH;
}

bool
Mesh::Covers(const Member& member, std::uint32_t seq, Micros now)
{
    const bool run = seq >= member.have.from && seq < member.have.to;
    const bool below = seq < member.watermark && member.watermark - seq <= BELIEVED;
    return IsFresh(member, now) && (run || below);
}

bool
Mesh::AnyCovers(std::uint32_t seq, Micros now) const
{
    return std::any_of(m_members.begin(),
                       m_members.end(),
                       [&](const Member& member) { return Covers(member, seq, now); });
}

void
Mesh::Asked(Member& member, std::size_t seqs)
{
    member.asks += static_cast<std::uint32_t>(seqs);
    if (member.asks > 8 * MANY_ASKS)
    {
        member.asks /= 2;
        member.hits /= 2;
    }
}

void
Mesh::Closed(LinkId link)
{
    if (const Member* member = Find(link))
    {
        m_members.erase(m_members.begin() + (member - m_members.data()));
    }
}

void
Mesh::Announced(Micros now)
{
    m_announcedAt = now;
    m_told = m_next;
}

Micros
Mesh::Heartbeat() const
{
    return std::max(4 * m_interval, LEAST_HEARTBEAT);
}

Micros
Mesh::NextAnnounceAt() const
{
    if (m_members.empty() || m_next == 0)
    {
        return NEVER;
    }
    return m_announcedAt + (m_next > m_told ? m_interval : Heartbeat());
}

Micros
Mesh::NextFillAt() const
{
    Micros next = NEVER;
    for (const auto& candidate : m_candidates)
    {
        next = HasRoom() ? std::min(next, candidate.notBefore) : next;
    }
    return next == NEVER ? NEVER : std::max(next, m_fillAt);
}

bool
Mesh::IsUseful(const Member& member, Micros now) const
{
    const Micros silence = std::max(FRESH, MISSED_HEARTBEATS * Heartbeat());
    return now - member.since <= silence && !IsLittle(member.asks, member.hits);
}

void
Mesh::Shun(const Member& member, Micros now)
{
    if (!IsLittle(member.asks, member.hits))
    {
        return;
    }
    if (m_shunned.size() >= MOST)
    {
        m_shunned.erase(m_shunned.begin());
    }
    m_shunned.push_back({member.peer, now + REST});
}

} // namespace ns3::fanout
