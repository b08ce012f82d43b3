/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The books of a tracker: channels, entries, and what is due when.

#include "fanout-tracker-directory.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr std::uint32_t NONE = TrackerChannel::NONE;
constexpr int EVICTION_TRIES = 4;
constexpr Micros STORM_TIME = SECOND;     // so many relays reported within it are a storm
constexpr std::uint32_t STORM_LEAST = 8;  // relays at least
constexpr std::uint32_t STORM_SHARE = 20; // and one in so many of all

std::uint32_t
PowerOfTwo(std::uint32_t atMost)
{
    std::uint32_t size = 1;
    while (size <= atMost / 2)
    {
        size *= 2;
    }
    return size;
}

} // namespace

Tracker::Directory::Directory(const Limits& limits, Random random)
    : m_limits(limits),
      m_random(random),
      m_named(PowerOfTwo(limits.maxNamed), m_random.Next())
{
}

const TrackerChannel*
Tracker::Directory::Find(const Digest& key) const
{
    const Channel* channel = FindChannel(key);
    return channel ? &channel->table : nullptr;
}

std::uint32_t
Tracker::Directory::Leases() const
{
    std::uint32_t sum = 0;
    for (const auto& channel : m_channels)
    {
        sum += channel ? channel->table.Leases() : 0;
    }
    return sum;
}

Tracker::Directory::Channel*
Tracker::Directory::FindChannel(const Digest& key) const
{
    const auto found = m_index.find(key);
    return found == m_index.end() ? nullptr : m_channels[found->second].get();
}

Tracker::Directory::Channel*
Tracker::Directory::MakeChannel(const PeerId& creator, const Digest& key, bool evict)
{
    const auto made = m_created.find(creator);
    if (made != m_created.end() && made->second >= m_limits.maxChannelsPerSender)
    {
        return nullptr;
    }
    if (m_index.size() >= m_limits.maxChannels)
    {
        if (!evict)
        {
            return nullptr;
        }
        DropSmallest();
    }
    auto index = static_cast<std::uint32_t>(m_channels.size());
    if (m_holes.empty())
    {
        m_channels.emplace_back();
    }
    else
    {
        index = m_holes.back();
        m_holes.pop_back();
    }
    m_channels[index] = std::make_unique<Channel>();
    Channel& channel = *m_channels[index];
    channel.key = key;
    channel.creator = creator;
    channel.serial = ++m_serial;
    channel.index = index;
    m_index.emplace(key, index);
    m_created[creator]++;
    return &channel;
}

void
Tracker::Directory::DropSmallest()
{
    // Smallest, and of these the newest: who floods with keys drives out himself first.
    Channel* smallest = nullptr;
    for (const auto& channel : m_channels)
    {
        if (channel && (!smallest || channel->table.Size() < smallest->table.Size() ||
                        (channel->table.Size() == smallest->table.Size() &&
                         channel->serial > smallest->serial)))
        {
            smallest = channel.get();
        }
    }
    DropChannel(*smallest);
}

void
Tracker::Directory::DropChannel(Channel& channel)
{
    for (const bool relay : {true, false})
    {
        while (!channel.table.Parked(relay).empty())
        {
            const TrackerChannel::Query query = channel.table.Parked(relay).front();
            Unpark(channel, query.asker);
            AnswerEmpty(channel.key, query);
        }
    }
    for (std::uint32_t i = 0; i < channel.table.Places(); i++)
    {
        m_entriesDue.erase({channel.table.At(i).scheduled, channel.index, i});
    }
    m_parksDue.erase({channel.parkDue, channel.index});
    const auto made = m_created.find(channel.creator);
    if (--made->second == 0)
    {
        m_created.erase(made);
    }
    m_index.erase(channel.key);
    m_holes.push_back(channel.index);
    m_channels[channel.index].reset();
}

void
Tracker::Directory::Tidy(Channel& channel)
{
    if (channel.table.Size() == 0 && channel.table.ParkedCount() == 0)
    {
        DropChannel(channel);
    }
}

std::uint32_t
Tracker::Directory::MakeEntry(Channel& channel, const PeerId& from)
{
    TrackerChannel& table = channel.table;
    if (table.Size() < m_limits.maxEntries)
    {
        return table.Insert(from);
    }
    const auto& useless = table.Bucket(TrackerChannel::UNUSABLE);
    for (int i = 0; i < EVICTION_TRIES && !useless.empty(); i++)
    {
        const std::uint32_t index = useless[m_random.Below(useless.size())];
        m_cost++;
        if (table.At(index).leases.empty())
        {
            RemoveEntry(channel, index);
            return table.Insert(from);
        }
    }
    return NONE;
}

void
Tracker::Directory::RemoveEntry(Channel& channel, std::uint32_t index)
{
    m_entriesDue.erase({channel.table.At(index).scheduled, channel.index, index});
    channel.table.Remove(index);
}

void
Tracker::Directory::Schedule(Channel& channel, std::uint32_t index)
{
    TrackerChannel::Entry& entry = channel.table.At(index);
    if (entry.expires < entry.scheduled)
    {
        m_entriesDue.erase({entry.scheduled, channel.index, index});
        entry.scheduled = entry.expires;
        m_entriesDue.insert({entry.scheduled, channel.index, index});
    }
}

void
Tracker::Directory::Withdraw(Channel* channel, const PeerId& from, Micros now)
{
    const std::uint32_t index = channel ? channel->table.Find(from) : NONE;
    if (index != NONE)
    {
        RemoveEntry(*channel, index);
        Serve(*channel, now);
        Tidy(*channel);
    }
}

void
Tracker::Directory::Park(Channel& channel, const TrackerChannel::Query& query, Micros now)
{
    channel.table.Park(query);
    m_parked++;
    Tell(TrackerEvent::Step::PARKED, channel.key, &channel, now);
}

bool
Tracker::Directory::Unpark(Channel& channel, const PeerId& asker)
{
    const bool found = channel.table.Unpark(asker);
    m_parked -= found ? 1 : 0;
    return found;
}

void
Tracker::Directory::Gone(LinkId link, const PeerId& from)
{
    for (std::size_t i = 0; i < m_channels.size() && m_parked > 0; i++)
    {
        if (m_channels[i] && m_channels[i]->table.ParkedLink(from) == link)
        {
            Unpark(*m_channels[i], from);
            Tidy(*m_channels[i]);
        }
    }
}

void
Tracker::Directory::Expire(Micros now)
{
    while (!m_leasesDue.empty() && m_leasesDue.front().at <= now)
    {
        const LeaseDue due = m_leasesDue.front();
        m_leasesDue.pop_front();
        Channel* channel = m_channels[due.channel].get();
        if (channel && channel->table.GetLease(due.lease).serial == due.serial)
        {
            channel->table.End(due.lease);
            Serve(*channel, now);
        }
    }
    while (!m_entriesDue.empty() && std::get<0>(*m_entriesDue.begin()) <= now)
    {
        const auto [at, number, index] = *m_entriesDue.begin();
        m_entriesDue.erase(m_entriesDue.begin());
        Channel& channel = *m_channels[number];
        TrackerChannel::Entry& entry = channel.table.At(index);
        entry.scheduled = NEVER;
        if (entry.expires > now)
        {
            Schedule(channel, index);
            continue;
        }
        channel.table.Remove(index);
        Tidy(channel);
    }
    while (!m_parksDue.empty() && m_parksDue.begin()->first <= now)
    {
        Channel& channel = *m_channels[m_parksDue.begin()->second];
        Serve(channel, now);
        ExpireParked(channel, now);
    }
}

void
Tracker::Directory::SchedulePark(Channel& channel, Micros now)
{
    TrackerChannel& table = channel.table;
    Micros due = NEVER;
    for (const bool relay : {true, false})
    {
        if (!table.Parked(relay).empty())
        {
            due = std::min(due, table.Parked(relay).front().since + m_limits.park);
        }
    }
    if (!table.Parked(false).empty() && table.Free(0) > 0)
    {
        const Micros mayUseRoot = table.Parked(false).front().since + m_limits.parkForRoot;
        due = mayUseRoot > now ? std::min(due, mayUseRoot) : due;
    }
    if (due != channel.parkDue)
    {
        m_parksDue.erase({channel.parkDue, channel.index});
        channel.parkDue = due;
        if (due != NEVER)
        {
            m_parksDue.insert({due, channel.index});
        }
    }
}

Micros
Tracker::Directory::NextAt() const
{
    // A lease matters to those who wait; that an entry is old need not be seen to the millisecond.
    Micros at = m_parksDue.empty() ? NEVER : m_parksDue.begin()->first;
    if (m_parked > 0 && !m_leasesDue.empty())
    {
        at = std::min(at, m_leasesDue.front().at);
    }
    if (!m_entriesDue.empty())
    {
        at = std::min(at, (std::get<0>(*m_entriesDue.begin()) / SECOND + 1) * SECOND);
    }
    return at;
}

void
Tracker::Directory::Failed(Channel& channel, std::uint32_t index, const PeerId& from, Micros now)
{
    TrackerChannel::Entry& entry = channel.table.At(index);
    const bool second = entry.reporter != 0 && entry.reporter != from.Prefix() &&
                        now - entry.reportedAt <= m_limits.named;
    if (entry.reporter == 0)
    {
        NoteReport(channel, now);
    }
    if (second || entry.announcedAt < channel.doubtedAt)
    {
        entry.announced = 0;
        channel.table.Place(index);
    }
    if (!second)
    {
        entry.reporter = from.Prefix();
        entry.reportedAt = now;
    }
}

void
Tracker::Directory::NoteReport(Channel& channel, Micros now)
{
    if (now - channel.reportsSince > STORM_TIME)
    {
        channel.reportsSince = now;
        channel.reports = 0;
    }
    channel.reports++;
    const std::uint32_t many = std::max(STORM_LEAST, channel.table.Size() / STORM_SHARE);
    if (channel.reports == many)
    {
        channel.doubtedAt = channel.reportsSince - STORM_TIME;
    }
}

void
Tracker::Directory::Tell(TrackerEvent::Step step,
                         const Digest& key,
                         const Channel* channel,
                         Micros now)
{
    if (!wantEvents)
    {
        return;
    }
    TrackerEvent event;
    event.time = now;
    event.step = step;
    event.channel = PeerId{key}.Prefix();
    event.entries = channel ? channel->table.Size() : 0;
    event.cost = m_cost;
    events.push_back(event);
}

Tracker::Tracker(const Limits& limits, Random random)
    : m_directory(std::make_unique<Directory>(limits, random))
{
}

Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

void
Tracker::Announce(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerAnnounce& announce,
                  const Endpoint& seenAt)
{
    m_directory->Expire(now);
    m_directory->Announce(now, from, key, announce, seenAt);
}

void
Tracker::Query(
    Micros now, const PeerId& from, LinkId link, const Digest& key, const TrackerQuery& query)
{
    m_directory->Expire(now);
    m_directory->Query(now, from, link, key, query);
}

void
Tracker::Feedback(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerFeedback& feedback)
{
    m_directory->Expire(now);
    m_directory->Feedback(now, from, key, feedback);
}

void
Tracker::Gone(LinkId link, const PeerId& from)
{
    m_directory->Gone(link, from);
}

void
Tracker::Tick(Micros now)
{
    m_directory->Expire(now);
}

Micros
Tracker::NextAt() const
{
    return m_directory->NextAt();
}

void
Tracker::WantEvents(bool wanted)
{
    m_directory->wantEvents = wanted;
}

std::vector<TrackerAnswer>
Tracker::TakeAnswers()
{
    return std::exchange(m_directory->answers, {});
}

std::vector<TrackerEvent>
Tracker::TakeEvents()
{
    return std::exchange(m_directory->events, {});
}

std::uint32_t
Tracker::Entries(const Digest& key) const
{
    const TrackerChannel* table = m_directory->Find(key);
    return table ? table->Size() : 0;
}

std::uint32_t
Tracker::FreeSlots(const Digest& key) const
{
    const TrackerChannel* table = m_directory->Find(key);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; table && i < TrackerChannel::LEVELS; i++)
    {
        sum += table->Free(i);
    }
    return sum;
}

std::uint32_t
Tracker::Leases() const
{
    return m_directory->Leases();
}

std::uint32_t
Tracker::Parked() const
{
    return m_directory->Parked();
}

std::uint32_t
Tracker::Channels() const
{
    return m_directory->Channels();
}

} // namespace ns3::fanout
