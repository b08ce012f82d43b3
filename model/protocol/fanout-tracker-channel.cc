/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tracker-channel.h"

#include <algorithm>

namespace ns3::fanout
{

std::uint32_t
TrackerChannel::Find(const PeerId& peer) const
{
    const auto found = m_index.find(peer);
    return found == m_index.end() ? NONE : found->second;
}

std::uint32_t
TrackerChannel::Insert(const PeerId& peer)
{
    std::uint32_t index = static_cast<std::uint32_t>(m_entries.size());
    if (m_holes.empty())
    {
        m_entries.emplace_back();
    }
    else
    {
        index = m_holes.back();
        m_holes.pop_back();
    }
    m_entries[index].peer = peer;
    m_entries[index].used = true;
    m_index.emplace(peer, index);
    Place(index);
    return index;
}

void
TrackerChannel::Remove(std::uint32_t index)
{
    while (!m_entries[index].leases.empty())
    {
        End(m_entries[index].leases.back());
    }
    SetLevel(index, UNATTACHED_LEVEL, 0);
    Unlink(index);
    const PeerId peer = m_entries[index].peer;
    m_index.erase(peer);
    m_entries[index] = Entry();
    m_holes.push_back(index);
    Recount(peer);
}

void
TrackerChannel::SetLevel(std::uint32_t index, std::uint16_t level, std::uint16_t maximum)
{
    Entry& entry = m_entries[index];
    m_rootMaximum += level == 0 ? maximum : 0;
    m_rootMaximum -= entry.level == 0 ? entry.maximum : 0;
    entry.level = level;
    entry.maximum = maximum;
}

void
TrackerChannel::Unlink(std::uint32_t index)
{
    Entry& entry = m_entries[index];
    if (entry.place == NONE)
    {
        return;
    }
    m_free[entry.bucket] -= entry.counted;
    entry.counted = 0;
    auto& bucket = m_buckets[entry.bucket];
    const std::uint32_t last = bucket.back();
    bucket[entry.place] = last;
    m_entries[last].place = entry.place;
    bucket.pop_back();
    entry.place = NONE;
    if (bucket.empty() && entry.bucket < LEVELS)
    {
        m_levels &= ~(1U << entry.bucket);
    }
}

void
TrackerChannel::Place(std::uint32_t index)
{
    Entry& entry = m_entries[index];
    std::size_t bucket = UNUSABLE;
    if (entry.Free() > 0 && entry.endpoint)
    {
        bucket = entry.level < LEVELS              ? entry.level
                 : entry.level == UNATTACHED_LEVEL ? UNATTACHED
                                                   : UNUSABLE;
    }
    if (entry.place == NONE || entry.bucket != bucket)
    {
        Unlink(index);
        entry.bucket = static_cast<std::uint8_t>(bucket);
        entry.place = static_cast<std::uint32_t>(m_buckets[bucket].size());
        m_buckets[bucket].push_back(index);
        m_levels |= bucket < LEVELS ? 1U << bucket : 0;
    }
    const std::uint16_t free = bucket == UNUSABLE ? 0 : entry.Free();
    m_free[bucket] += free;
    m_free[bucket] -= entry.counted;
    entry.counted = free;
    Recount(entry.peer);
}

std::uint32_t
TrackerChannel::Promise(std::uint32_t index, const PeerId& asker, Micros now, std::uint64_t serial)
{
    auto lease = static_cast<std::uint32_t>(m_leases.size());
    if (m_leaseHoles.empty())
    {
        m_leases.emplace_back();
    }
    else
    {
        lease = m_leaseHoles.back();
        m_leaseHoles.pop_back();
    }
    m_leases[lease] = {asker, now, serial, index};
    m_leaseOf[asker] = lease;
    m_entries[index].leases.push_back(lease);
    Place(index);
    Recount(asker);
    return lease;
}

void
TrackerChannel::End(std::uint32_t lease)
{
    const PeerId asker = m_leases[lease].asker;
    const std::uint32_t index = m_leases[lease].entry;
    auto& leases = m_entries[index].leases;
    leases.erase(std::find(leases.begin(), leases.end(), lease));
    m_leaseOf.erase(asker);
    m_leases[lease] = Lease();
    m_leaseHoles.push_back(lease);
    Place(index);
    Recount(asker);
}

void
TrackerChannel::Settle(std::uint32_t lease)
{
    const Lease& settled = m_leases[lease];
    Entry& entry = m_entries[settled.entry];
    if (entry.announcedAt <= settled.since)
    {
        if (entry.announced > 0)
        {
            entry.announced--;
        }
        entry.children++;
        End(lease);
    }
}

std::uint32_t
TrackerChannel::LeaseOf(const PeerId& asker) const
{
    const auto found = m_leaseOf.find(asker);
    return found == m_leaseOf.end() ? NONE : found->second;
}

TrackerChannel::Lease
TrackerChannel::GetLease(std::uint32_t lease) const
{
    return lease < m_leases.size() ? m_leases[lease] : Lease();
}

void
TrackerChannel::Park(const Query& query)
{
    Queue& queue = m_parked[query.relay ? 0 : 1];
    m_parkedAt[query.asker] = queue.insert(queue.end(), query);
    Recount(query.asker);
}

bool
TrackerChannel::Unpark(const PeerId& asker)
{
    const auto found = m_parkedAt.find(asker);
    if (found == m_parkedAt.end())
    {
        return false;
    }
    const PeerId who = asker; // the caller's may be the one in the list
    m_parked[found->second->relay ? 0 : 1].erase(found->second);
    m_parkedAt.erase(found);
    Recount(who);
    return true;
}

LinkId
TrackerChannel::ParkedLink(const PeerId& asker) const
{
    const auto found = m_parkedAt.find(asker);
    return found == m_parkedAt.end() ? NO_LINK : found->second->link;
}

void
TrackerChannel::Recount(const PeerId& peer)
{
    const auto parked = m_parkedAt.find(peer);
    bool waits = parked != m_parkedAt.end() && parked->second->relay;
    if (const std::uint32_t index = Find(peer); index != NONE && !waits)
    {
        const Entry& entry = m_entries[index];
        waits = entry.level == UNATTACHED_LEVEL && entry.announced > 0 && LeaseOf(peer) == NONE;
    }
    if (waits)
    {
        m_waiting.insert(peer);
    }
    else
    {
        m_waiting.erase(peer);
    }
}

} // namespace ns3::fanout
