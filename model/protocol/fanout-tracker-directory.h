/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TRACKER_DIRECTORY_H
#define FANOUT_TRACKER_DIRECTORY_H

#include "fanout-tracker-channel.h"
#include "fanout-tracker.h"

#include <cstring>
#include <deque>
#include <set>
#include <tuple>
#include <utility>

namespace ns3::fanout
{

/// Hash of a channel key.
struct TrackerKeyHash
{
    /// @param digest a key @return its hash
    std::size_t
    operator()(const Digest& digest) const
    {
        std::size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof value);
        return value;
    }
};

/// Who was named to whom: fixed size, later namings overwrite earlier ones of the same place.
class TrackerNamings
{
  public:
    /// @param size places, a power of two @param secret what hashes start from
    TrackerNamings(std::uint32_t size, std::uint64_t secret)
        : m_size(size),
          m_secret(secret)
    {
    }

    /// A candidate was named to an asker.
    void
    Remember(const Digest& key, const PeerId& asker, const PeerId& candidate, Micros now)
    {
        m_table.resize(m_size);
        const std::uint64_t hash = Hash(key, asker, candidate);
        m_table[hash & (m_size - 1)] = {hash | 1, now};
    }

    /// Each naming can be used once. @return whether it was made, not before since
    bool
    Use(const Digest& key, const PeerId& asker, const PeerId& candidate, Micros since)
    {
        const std::uint64_t hash = Hash(key, asker, candidate);
        if (m_table.empty() || m_table[hash & (m_size - 1)].tag != (hash | 1) ||
            m_table[hash & (m_size - 1)].at < since)
        {
            return false;
        }
        m_table[hash & (m_size - 1)] = Naming();
        return true;
    }

  private:
    struct Naming
    {
        std::uint64_t tag{0};
        Micros at{0};
    };

    std::uint64_t
    Hash(const Digest& key, const PeerId& asker, const PeerId& candidate) const
    {
        const std::uint64_t channel = TrackerKeyHash()(key);
        return Mix64(Mix64(m_secret ^ channel ^ asker.Prefix()) + Mix64(candidate.Prefix()));
    }

    std::uint32_t m_size;
    std::uint64_t m_secret;
    std::vector<Naming> m_table;
};

/// The channels, what is due when, and what is to be said.
class Tracker::Directory
{
  public:
    /// @param limits bounds and times @param random draws candidates
    Directory(const Limits& limits, Random random);

    /// A peer says that it has room, or withdraws.
    void Announce(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerAnnounce& announce,
                  const Endpoint& seenAt);
    /// A peer asks for candidates; what there is to say goes to answers.
    void Query(
        Micros now, const PeerId& from, LinkId link, const Digest& key, const TrackerQuery& query);
    /// A peer tells how a candidate that was named to it did.
    void Feedback(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerFeedback& feedback);
    /// A link is closed: its queries are not answered any more.
    void Gone(LinkId link, const PeerId& from);
    /// Do what is due.
    void Expire(Micros now);
    /// @return when something is due next
    Micros NextAt() const;
    /// @param key a channel @return its entries, null when it is not known
    const TrackerChannel* Find(const Digest& key) const;

    std::vector<TrackerAnswer> answers; ///< not yet sent
    std::vector<TrackerEvent> events;   ///< not yet told
    bool wantEvents{true};              ///< whether events are told at all

    /// @return queries that wait for a slot
    std::uint32_t
    Parked() const
    {
        return m_parked;
    }

    /// @return channels known
    std::uint32_t
    Channels() const
    {
        return static_cast<std::uint32_t>(m_index.size());
    }

    /// @return slots that are leased to askers now
    std::uint32_t Leases() const;

  private:
    static constexpr Micros LONG_AGO = 86400 * SECOND;

    struct Channel
    {
        Digest key{};
        PeerId creator;
        std::uint64_t serial{0};
        Micros parkDue{NEVER};
        Micros doubtedAt{-LONG_AGO};    // entries not heard since then may be dead
        Micros reportsSince{-LONG_AGO}; // when the count of reports began
        std::uint32_t reports{0};
        std::uint32_t index{0};
        TrackerChannel table;
    };

    struct LeaseDue
    {
        Micros at;
        std::uint32_t channel;
        std::uint32_t lease;
        std::uint64_t serial;
    };

    using EntryDue = std::tuple<Micros, std::uint32_t, std::uint32_t>;
    using ParkDue = std::pair<Micros, std::uint32_t>;

    Channel* FindChannel(const Digest& key) const;
    Channel* MakeChannel(const PeerId& creator, const Digest& key, bool evict);
    void DropChannel(Channel& channel);
    void DropSmallest();
    void Tidy(Channel& channel);
    std::uint32_t MakeEntry(Channel& channel, const PeerId& from);
    void Withdraw(Channel* channel, const PeerId& from, Micros now);
    bool Unpark(Channel& channel, const PeerId& asker);

    /// A relay waited in vain: name a full parent, which lets a leaf go for it.
    /// @param channel which @param query the relay's @param now time @return whether there is one
    bool AnswerFull(Channel& channel, const TrackerChannel::Query& query, Micros now);

    /// A peer has a parent: what it waits for and what was promised elsewhere is free again.
    /// @param channel which @param from who @param parent its parent @param now time
    void Settled(Channel& channel, const PeerId& from, const PeerId& parent, Micros now);
    void Park(Channel& channel, const TrackerChannel::Query& query, Micros now);
    void RemoveEntry(Channel& channel, std::uint32_t index);
    void Schedule(Channel& channel, std::uint32_t index);
    void EndCounted(Channel& channel, std::uint32_t index, Micros now, std::uint32_t grown);
    void Rejected(
        Channel& channel, std::uint32_t index, const PeerId& from, std::uint8_t reason, Micros now);
    void Failed(Channel& channel, std::uint32_t index, const PeerId& from, Micros now);

    /// Many relays are reported at once: what was not heard since may be dead as well.
    /// @param channel which @param now time
    void NoteReport(Channel& channel, Micros now);

    /// @param channel which @param entry of it @return whether nothing speaks against it
    static bool IsTrusted(const Channel& channel, const TrackerChannel::Entry& entry);

    /// @param channel which @param bucket of it @param asker not that one
    /// @return index of a random entry, a trusted one where a few draws find one
    std::uint32_t Draw(const Channel& channel, std::size_t bucket, const PeerId& asker);
    std::size_t ChooseLevel(const TrackerChannel& table,
                            const TrackerChannel::Query& query,
                            Micros now) const;
    std::size_t ChooseForRelay(const TrackerChannel& table, const PeerId& asker) const;
    bool LeafMayUseRoot(const TrackerChannel& table,
                        const TrackerChannel::Query& query,
                        Micros now) const;
    bool Answer(Channel& channel,
                const TrackerChannel::Query& query,
                std::size_t bucket,
                Micros now);
    void AddSpares(const Channel& channel,
                   const TrackerChannel::Query& query,
                   std::size_t bucket,
                   std::vector<std::uint32_t>& chosen);
    void AddFrom(const Channel& channel,
                 const TrackerChannel::Query& query,
                 std::size_t bucket,
                 std::vector<std::uint32_t>& chosen);
    void AnswerEmpty(const Digest& key, const TrackerChannel::Query& query);
    void Serve(Channel& channel, Micros now);
    void ExpireParked(Channel& channel, Micros now);
    void SchedulePark(Channel& channel, Micros now);
    void Tell(TrackerEvent::Step step, const Digest& key, const Channel* channel, Micros now);

    Limits m_limits;
    Random m_random;
    TrackerNamings m_named;
    std::vector<std::unique_ptr<Channel>> m_channels; // and holes
    std::vector<std::uint32_t> m_holes;
    std::unordered_map<Digest, std::uint32_t, TrackerKeyHash> m_index;
    std::unordered_map<PeerId, std::uint32_t, PeerIdHash> m_created; // channels by creator
    std::deque<LeaseDue> m_leasesDue;                                // all last equally long
    std::set<EntryDue> m_entriesDue;
    std::set<ParkDue> m_parksDue;
    std::uint64_t m_serial{0};
    std::uint32_t m_parked{0}; // queries, all channels
    std::uint32_t m_cost{0};   // entries looked at
};

} // namespace ns3::fanout

#endif // FANOUT_TRACKER_DIRECTORY_H
