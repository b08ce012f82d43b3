/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TRACKER_CHANNEL_H
#define FANOUT_TRACKER_CHANNEL_H

#include "fanout-messages.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-time.h"

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A tracker's table of one channel: entries in buckets by level, the slots leased of them, and the
 * queries that wait. It keeps the books; what to give whom is Tracker's. Every step costs a
 * constant, or one a lease of the entry concerned.
 */
class TrackerChannel
{
  public:
    static constexpr std::uint32_t NONE = 0xffffffff;   ///< no entry, no lease
    static constexpr std::size_t LEVELS = 32;           ///< levels that can have children
    static constexpr std::size_t UNATTACHED = LEVELS;   ///< bucket of relays without a parent
    static constexpr std::size_t UNUSABLE = LEVELS + 1; ///< bucket of those with nothing to give

    /// A peer with room.
    struct Entry
    {
        PeerId peer;                           ///< who
        Endpoint endpoint;                     ///< where
        Micros expires{0};                     ///< valid until
        Micros scheduled{NEVER};               ///< when the owner looks at it again
        Micros announcedAt{0};                 ///< last announce
        Micros reportedAt{0};                  ///< of the first report that it is not reached
        std::uint64_t reporter{0};             ///< who reported, 0 for nobody
        std::uint32_t bidPerByte{0};           ///< bid
        std::uint32_t place{NONE};             ///< index in its bucket
        std::uint16_t level{UNATTACHED_LEVEL}; ///< level
        std::uint16_t announced{0};            ///< slots it said are free, less those joined since
        std::uint16_t maximum{0};              ///< slots it has here
        std::uint16_t children{0};             ///< children it told of
        std::uint16_t counted{0};              ///< free slots its bucket counts
        std::uint8_t bucket{UNUSABLE};         ///< bucket it is in
        bool used{false};                      ///< whether this is an entry
        std::vector<std::uint32_t> leases;     ///< its leases, oldest first

        /// @return slots free, leases taken off
        std::uint16_t
        Free() const
        {
            const std::size_t leased = leases.size();
            return announced > leased ? static_cast<std::uint16_t>(announced - leased) : 0;
        }
    };

    /// A slot promised.
    struct Lease
    {
        PeerId asker;              ///< to whom
        Micros since{0};           ///< when
        std::uint64_t serial{0};   ///< its name, 0 when it has ended
        std::uint32_t entry{NONE}; ///< of whom
    };

    /// A query that waits.
    struct Query
    {
        PeerId asker;           ///< who
        LinkId link{NO_LINK};   ///< where to answer
        std::uint32_t reqId{0}; ///< names the answer
        std::uint16_t want{0};  ///< entries wanted
        bool relay{false};      ///< whether the asker can have children
        bool extended{false};   ///< whether it sent an extension block
        Micros since{0};        ///< when it came
    };

    using Queue = std::list<Query>; ///< queries, oldest first

    /// @param peer who @return its entry or NONE
    std::uint32_t Find(const PeerId& peer) const;

    /// @param peer who has no entry @return a new one, in no bucket but UNUSABLE
    std::uint32_t Insert(const PeerId& peer);

    /// @param index an entry; it and its leases end
    void Remove(std::uint32_t index);

    /// @param index an entry @return it
    Entry&
    At(std::uint32_t index)
    {
        return m_entries[index];
    }

    /// @param index an entry @return it
    const Entry&
    At(std::uint32_t index) const
    {
        return m_entries[index];
    }

    /// @return indices are smaller than this; unused ones among them
    std::uint32_t
    Places() const
    {
        return static_cast<std::uint32_t>(m_entries.size());
    }

    /// Put an entry where it belongs after it has changed. @param index an entry
    void Place(std::uint32_t index);

    /// @param index an entry @param level its level @param maximum its slots
    void SetLevel(std::uint32_t index, std::uint16_t level, std::uint16_t maximum);

    /// @param index an entry @param asker to whom @param now time @param serial a new name, not 0
    /// @return the lease
    std::uint32_t Promise(std::uint32_t index,
                          const PeerId& asker,
                          Micros now,
                          std::uint64_t serial);

    /// @param lease ends; its slot is free again
    void End(std::uint32_t lease);

    /// @param lease its asker has joined: the slot is taken, unless an announce came since, which
    ///        may have counted it; then the lease runs out by itself
    void Settle(std::uint32_t lease);

    /// @param asker who @return its lease or NONE
    std::uint32_t LeaseOf(const PeerId& asker) const;

    /// @param lease any index @return it; serial 0 when there is none
    Lease GetLease(std::uint32_t lease) const;

    /// @param query waits from now on
    void Park(const Query& query);

    /// @param asker who @return whether a query of it waited and is forgotten
    bool Unpark(const PeerId& asker);

    /// @param asker who @return the link its waiting query came from, NO_LINK without one
    LinkId ParkedLink(const PeerId& asker) const;

    /// @param relay whose queue @return the queries
    Queue&
    Parked(bool relay)
    {
        return m_parked[relay ? 0 : 1];
    }

    /// @return queries that wait
    std::size_t
    ParkedCount() const
    {
        return m_parkedAt.size();
    }

    /// @param bucket a level, UNATTACHED or UNUSABLE @return its entries
    const std::vector<std::uint32_t>&
    Bucket(std::size_t bucket) const
    {
        return m_buckets[bucket];
    }

    /// @param bucket a level or UNATTACHED @return free slots in it
    std::uint32_t
    Free(std::size_t bucket) const
    {
        return m_free[bucket];
    }

    /// @return bit i: level i has free slots
    std::uint32_t
    Levels() const
    {
        return m_levels;
    }

    /// @return slots that entries of level 0 have here
    std::uint32_t
    RootMaximum() const
    {
        return m_rootMaximum;
    }

    /// @return relays that wait for a parent: parked, or announced without one and without a lease
    std::size_t
    WaitingRelays() const
    {
        return m_waiting.size();
    }

    /// @return entries
    std::uint32_t
    Size() const
    {
        return static_cast<std::uint32_t>(m_index.size());
    }

    /// @return live leases
    std::uint32_t
    Leases() const
    {
        return static_cast<std::uint32_t>(m_leaseOf.size());
    }

  private:
    /// @param index leaves its bucket
    void Unlink(std::uint32_t index);

    /// @param peer may have begun or ceased to wait for a parent
    void Recount(const PeerId& peer);

    std::vector<Entry> m_entries;                                       ///< entries and holes
    std::vector<std::uint32_t> m_holes;                                 ///< unused entries
    std::deque<Lease> m_leases;                                         ///< leases and holes
    std::vector<std::uint32_t> m_leaseHoles;                            ///< unused leases
    std::array<std::vector<std::uint32_t>, LEVELS + 2> m_buckets;       ///< entries by bucket
    std::array<std::uint32_t, LEVELS + 2> m_free{};                     ///< free slots by bucket
    std::array<Queue, 2> m_parked;                                      ///< of relays, of leaves
    std::unordered_map<PeerId, std::uint32_t, PeerIdHash> m_index;      ///< entries by peer
    std::unordered_map<PeerId, std::uint32_t, PeerIdHash> m_leaseOf;    ///< leases by asker
    std::unordered_map<PeerId, Queue::iterator, PeerIdHash> m_parkedAt; ///< queries by asker
    std::unordered_set<PeerId, PeerIdHash> m_waiting;                   ///< relays without a parent
    std::uint32_t m_levels{0};                                          ///< levels with free slots
    std::uint32_t m_rootMaximum{0};                                     ///< slots of level 0
};

} // namespace ns3::fanout

#endif // FANOUT_TRACKER_CHANNEL_H
