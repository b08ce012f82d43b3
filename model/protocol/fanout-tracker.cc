/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a tracker gives to whom.

#include "fanout-tracker.h"

#include "fanout-tracker-directory.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

using Entry = TrackerChannel::Entry;

constexpr std::uint32_t NONE = TrackerChannel::NONE;
constexpr std::size_t NO_LEVEL = ~std::size_t{0};
constexpr int RELAYS_TRIED = 4; // parked relays for which all that is free may be their own
constexpr int DRAWS = 12;       // until an entry is found that nothing speaks against
constexpr int NEIGHBOURS = 2;   // levels up and down that spares are taken from

Endpoint
FirstEndpoint(const AddressList& addresses, const Endpoint& otherwise)
{
    for (const Bytes& address : addresses)
    {
        if (const auto endpoint = Endpoint::FromBytes(address); endpoint && *endpoint)
        {
            return *endpoint;
        }
    }
    return otherwise;
}

TrackerEntry
Describe(const Entry& entry, std::uint16_t free)
{
    TrackerEntry described;
    described.hash = entry.peer.ToText();
    described.level = entry.level;
    described.freeSlots = free;
    described.bidPerByte = entry.bidPerByte;
    described.addresses.push_back(entry.endpoint.ToBytes());
    return described;
}

} // namespace

void
Tracker::Directory::Announce(Micros now,
                             const PeerId& from,
                             const Digest& key,
                             const TrackerAnnounce& announce,
                             const Endpoint& seenAt)
{
    m_cost = 1;
    Channel* channel = FindChannel(key);
    if (announce.ttlMs == 0)
    {
        Withdraw(channel, from, now);
        return;
    }
    const Endpoint endpoint = FirstEndpoint(announce.addresses, seenAt);
    std::uint32_t index = channel ? channel->table.Find(from) : NONE;
    if (index == NONE)
    {
        const bool useful = announce.freeSlots > 0 && endpoint;
        channel = useful && !channel ? MakeChannel(from, key, true) : channel;
        index = useful && channel ? MakeEntry(*channel, from) : NONE;
        if (index == NONE)
        {
            return;
        }
    }
    TrackerChannel& table = channel->table;
    Entry& entry = table.At(index);
    const auto& extension = announce.extension;
    const bool counts = extension && extension->role;
    const std::uint16_t children = counts ? extension->role->children : 0;
    EndCounted(*channel, index, now, children > entry.children ? children - entry.children : 0);
    table.SetLevel(index, announce.level, std::max(announce.maxChildren, announce.freeSlots));
    entry.endpoint = endpoint;
    entry.announced = announce.freeSlots;
    entry.children = children;
    entry.bidPerByte = announce.bidPerByte;
    entry.announcedAt = now;
    entry.reporter = 0;
    entry.expires = now + std::min(Micros{announce.ttlMs} * MILLISECOND, m_limits.maxTtl);
    table.Place(index);
    Schedule(*channel, index);
    const std::uint32_t lease = table.LeaseOf(from);
    if (lease != NONE && announce.level != UNATTACHED_LEVEL)
    {
        table.Settle(lease); // it has found a parent
    }
    Tell(TrackerEvent::Step::ANNOUNCED, key, channel, now);
    Serve(*channel, now);
}

void
Tracker::Directory::EndCounted(Channel& channel,
                               std::uint32_t index,
                               Micros now,
                               std::uint32_t grown)
{
    const auto& leases = channel.table.At(index).leases;
    while (!leases.empty() && (grown > 0 || now - channel.table.GetLease(leases.front()).since >=
                                                m_limits.countedAfter))
    {
        channel.table.End(leases.front());
        grown = grown > 0 ? grown - 1 : 0;
    }
}

void
Tracker::Directory::Query(
    Micros now, const PeerId& from, LinkId link, const Digest& key, const TrackerQuery& query)
{
    m_cost = 0;
    TrackerChannel::Query asked{from, link, query.reqId, 0, false, false, now};
    asked.want = std::clamp<std::uint16_t>(query.want, 1, m_limits.maxWant);
    asked.extended = query.extension.has_value();
    if (query.want == 0)
    {
        AnswerEmpty(key, asked); // only asks whether anybody is there
        return;
    }
    asked.relay = asked.extended && query.extension->role && query.extension->role->relay &&
                  query.extension->role->capacity > 0;
    Channel* channel = FindChannel(key);
    channel = channel ? channel : MakeChannel(from, key, false);
    if (!channel)
    {
        AnswerEmpty(key, asked);
        return;
    }
    TrackerChannel& table = channel->table;
    const std::uint32_t own = table.Find(from);
    asked.relay = asked.relay || (own != NONE && table.At(own).maximum > 0);
    Unpark(*channel, from);
    if (const std::uint32_t lease = table.LeaseOf(from); lease != NONE)
    {
        table.End(lease);
    }
    if (!Answer(*channel, asked, ChooseLevel(table, asked, now), now))
    {
        if (m_parked < m_limits.maxParked)
        {
            Park(*channel, asked, now);
        }
        else
        {
            AnswerEmpty(key, asked);
        }
    }
    Serve(*channel, now);
    Tidy(*channel);
}

std::size_t
Tracker::Directory::ChooseLevel(const TrackerChannel& table,
                                const TrackerChannel::Query& query,
                                Micros now) const
{
    const auto onlyItself = [&](std::size_t level)
    {
        return table.Bucket(level).size() == 1 &&
               table.Bucket(level).front() == table.Find(query.asker);
    };
    std::size_t deepest = NO_LEVEL;
    std::size_t above = NO_LEVEL; // the next shallower one
    for (std::size_t i = 0; i < TrackerChannel::LEVELS; i++)
    {
        const bool has = (table.Levels() >> i & 1) != 0 && !onlyItself(i);
        if (has && query.relay)
        {
            return i;
        }
        above = has ? deepest : above;
        deepest = has ? i : deepest;
    }
    if (deepest == 0)
    {
        return LeafMayUseRoot(table, query, now) ? 0 : NO_LEVEL;
    }
    const bool plenty =
        above != NO_LEVEL && above > 0 && table.Free(above) > m_limits.shallowerFrom;
    return plenty ? above : deepest;
}

bool
Tracker::Directory::LeafMayUseRoot(const TrackerChannel& table,
                                   const TrackerChannel::Query& query,
                                   Micros now) const
{
    return now - query.since >= m_limits.parkForRoot ||
           table.Free(0) > table.WaitingRelays() + table.RootMaximum() / 2;
}

bool
Tracker::Directory::Answer(Channel& channel,
                           const TrackerChannel::Query& query,
                           std::size_t bucket,
                           Micros now)
{
    if (bucket == NO_LEVEL)
    {
        return false;
    }
    TrackerChannel& table = channel.table;
    std::vector<std::uint32_t> chosen{Draw(channel, bucket, query.asker)};
    AddSpares(channel, query, bucket, chosen);
    if (chosen.size() > 1 && !IsTrusted(channel, table.At(chosen.front())))
    {
        std::swap(chosen[0], chosen[1]); // spares are trusted
    }
    TrackerAnswer answer{query.link, query.asker, channel.key, {}};
    answer.reply.reqId = query.reqId;
    answer.reply.entries.reserve(chosen.size());
    for (const std::uint32_t index : chosen)
    {
        const Entry& entry = table.At(index);
        answer.reply.entries.push_back(Describe(entry, entry.Free()));
        m_named.Remember(channel.key, query.asker, entry.peer, now);
    }
    const std::uint64_t serial = ++m_serial;
    const std::uint32_t lease = table.Promise(chosen.front(), query.asker, now, serial);
    m_leasesDue.push_back({now + m_limits.lease, channel.index, lease, serial});
    answers.push_back(std::move(answer));
    Tell(TrackerEvent::Step::ANSWERED, channel.key, &channel, now);
    return true;
}

std::uint32_t
Tracker::Directory::Draw(const Channel& channel, std::size_t bucket, const PeerId& asker)
{
    const TrackerChannel& table = channel.table;
    const auto& entries = table.Bucket(bucket);
    std::uint32_t first = NONE;
    for (int i = 0; i < DRAWS; i++)
    {
        std::size_t place = m_random.Below(entries.size());
        if (table.At(entries[place]).peer == asker)
        {
            place = (place + 1) % entries.size();
        }
        m_cost++;
        if (IsTrusted(channel, table.At(entries[place])))
        {
            return entries[place];
        }
        first = first == NONE ? entries[place] : first;
    }
    return first;
}

bool
Tracker::Directory::IsTrusted(const Channel& channel, const Entry& entry)
{
    return entry.reporter == 0 && entry.announcedAt >= channel.doubtedAt;
}

void
Tracker::Directory::AddSpares(const Channel& channel,
                              const TrackerChannel::Query& query,
                              std::size_t bucket,
                              std::vector<std::uint32_t>& chosen)
{
    AddFrom(channel, query, bucket, chosen);
    for (int i = 1; i <= NEIGHBOURS && bucket < TrackerChannel::LEVELS; i++)
    {
        const std::size_t below = bucket + static_cast<std::size_t>(i);
        const std::size_t above = bucket - static_cast<std::size_t>(i);
        if (below < TrackerChannel::LEVELS)
        {
            AddFrom(channel, query, below, chosen);
        }
        if (above < bucket && (above > 0 || query.relay))
        {
            AddFrom(channel, query, above, chosen);
        }
    }
}

void
Tracker::Directory::AddFrom(const Channel& channel,
                            const TrackerChannel::Query& query,
                            std::size_t bucket,
                            std::vector<std::uint32_t>& chosen)
{
    const TrackerChannel& table = channel.table;
    const auto& entries = table.Bucket(bucket);
    const std::size_t n = entries.size();
    if (n == 0 || chosen.size() >= query.want)
    {
        return;
    }
    // Few are all looked at, from a random one on; many are drawn, which rarely meets one twice.
    const bool few = n <= 2U * query.want;
    const std::size_t first = m_random.Below(n);
    for (std::size_t i = 0; i < std::min<std::size_t>(n, 2U * query.want); i++)
    {
        const std::uint32_t index = entries[few ? (first + i) % n : m_random.Below(n)];
        m_cost++;
        if (std::find(chosen.begin(), chosen.end(), index) == chosen.end() &&
            table.At(index).peer != query.asker && IsTrusted(channel, table.At(index)))
        {
            chosen.push_back(index);
        }
        if (chosen.size() >= query.want)
        {
            return;
        }
    }
}

void
Tracker::Directory::AnswerEmpty(const Digest& key, const TrackerChannel::Query& query)
{
    TrackerAnswer answer{query.link, query.asker, key, {}};
    answer.reply.reqId = query.reqId;
    answers.push_back(std::move(answer));
}

void
Tracker::Directory::Serve(Channel& channel, Micros now)
{
    TrackerChannel& table = channel.table;
    for (const bool relay : {true, false})
    {
        int tries = relay ? RELAYS_TRIED : 1;
        auto next = table.Parked(relay).begin();
        while (tries > 0 && next != table.Parked(relay).end() && table.Levels() != 0)
        {
            const TrackerChannel::Query query = *next++;
            m_cost = 0;
            if (Answer(channel, query, ChooseLevel(table, query, now), now))
            {
                Unpark(channel, query.asker);
            }
            else
            {
                tries--;
            }
        }
    }
    SchedulePark(channel, now);
}

bool
Tracker::Directory::AnswerFull(Channel& channel, const TrackerChannel::Query& query, Micros now)
{
    const TrackerChannel& table = channel.table;
    const auto& entries = table.Bucket(TrackerChannel::UNUSABLE);
    const std::size_t looks = std::min<std::size_t>(entries.size(), m_limits.maxWant * 2);
    const std::size_t start = entries.empty() ? 0 : m_random.Below(entries.size());
    const Entry* best = nullptr;
    for (std::size_t i = 0; i < looks; i++)
    {
        const Entry& entry = table.At(entries[(start + i) % entries.size()]);
        m_cost++;
        if (entry.peer != query.asker && entry.endpoint && entry.level < TrackerChannel::LEVELS &&
            (!best || entry.level < best->level))
        {
            best = &entry;
        }
    }
    if (!best)
    {
        return false;
    }
    TrackerAnswer answer{query.link, query.asker, channel.key, {}};
    answer.reply.reqId = query.reqId;
    answer.reply.entries.push_back(Describe(*best, 0));
    answers.push_back(std::move(answer));
    Tell(TrackerEvent::Step::EXPIRED, channel.key, &channel, now);
    return true;
}

void
Tracker::Directory::ExpireParked(Channel& channel, Micros now)
{
    TrackerChannel& table = channel.table;
    for (const bool relay : {true, false})
    {
        auto& queue = table.Parked(relay);
        while (!queue.empty() && queue.front().since + m_limits.park <= now)
        {
            const TrackerChannel::Query query = queue.front();
            Unpark(channel, query.asker);
            m_cost = 0;
            const auto& unattached = table.Bucket(TrackerChannel::UNATTACHED);
            const bool others =
                unattached.size() > 1 ||
                (unattached.size() == 1 && table.At(unattached.front()).peer != query.asker);
            const bool full = relay && query.extended && AnswerFull(channel, query, now);
            if (!full && (query.extended || !others ||
                          !Answer(channel, query, TrackerChannel::UNATTACHED, now)))
            {
                AnswerEmpty(channel.key, query);
                Tell(TrackerEvent::Step::EXPIRED, channel.key, &channel, now);
            }
        }
    }
    SchedulePark(channel, now);
    Tidy(channel);
}

void
Tracker::Directory::Feedback(Micros now,
                             const PeerId& from,
                             const Digest& key,
                             const TrackerFeedback& feedback)
{
    Channel* channel = FindChannel(key);
    const auto candidate = PeerId::FromText(feedback.hash);
    if (channel && candidate && feedback.event == static_cast<std::uint8_t>(FeedbackEvent::JOINED))
    {
        Settled(*channel, from, *candidate, now);
    }
    if (!channel || !candidate || !m_named.Use(key, from, *candidate, now - m_limits.named))
    {
        return;
    }
    TrackerChannel& table = channel->table;
    const std::uint32_t index = table.Find(*candidate);
    if (index == NONE)
    {
        return;
    }
    const std::uint32_t lease = table.LeaseOf(from);
    const bool leased = lease != NONE && table.GetLease(lease).entry == index;
    switch (static_cast<FeedbackEvent>(feedback.event))
    {
    case FeedbackEvent::JOINED:
        if (leased)
        {
            table.Settle(lease);
        }
        else
        {
            Entry& entry = table.At(index);
            if (entry.Free() > 0)
            {
                entry.announced--;
                table.Place(index);
            }
        }
        break;
    case FeedbackEvent::DIAL_FAILED:
    case FeedbackEvent::JOIN_TIMEOUT:
        if (leased)
        {
            table.End(lease);
        }
        Failed(*channel, index, from, now);
        break;
    case FeedbackEvent::JOIN_REJECT:
        Rejected(*channel, index, from, feedback.reason, now);
        break;
    }
    Serve(*channel, now);
}

void
Tracker::Directory::Settled(Channel& channel, const PeerId& from, const PeerId& parent, Micros now)
{
    TrackerChannel& table = channel.table;
    Unpark(channel, from);
    const std::uint32_t lease = table.LeaseOf(from);
    if (lease != NONE && table.GetLease(lease).entry != table.Find(parent))
    {
        table.End(lease);
        Serve(channel, now);
    }
}

void
Tracker::Directory::Rejected(
    Channel& channel, std::uint32_t index, const PeerId& from, std::uint8_t reason, Micros now)
{
    TrackerChannel& table = channel.table;
    const std::uint32_t lease = table.LeaseOf(from);
    const bool leased = lease != NONE && table.GetLease(lease).entry == index;
    if (leased)
    {
        table.End(lease);
    }
    if (reason != static_cast<std::uint8_t>(RejectReason::NO_CAPACITY) &&
        reason != static_cast<std::uint8_t>(RejectReason::NOT_ATTACHED))
    {
        return;
    }
    // One word is enough about the slot promised; a spare takes two, or one query could take eight
    // relays off the list.
    if (!leased)
    {
        Failed(channel, index, from, now);
        return;
    }
    Entry& entry = table.At(index);
    entry.announced = std::min(entry.announced, static_cast<std::uint16_t>(entry.leases.size()));
    table.Place(index);
}

} // namespace ns3::fanout
