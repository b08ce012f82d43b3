/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TRACKER_H
#define FANOUT_TRACKER_H

#include "fanout-messages.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-random.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3::fanout
{

/// A reply that a tracker wants to send.
struct TrackerAnswer
{
    LinkId link{NO_LINK}; ///< the link the query came from
    PeerId asker;         ///< who asked
    Digest key{};         ///< channel
    TrackerReply reply;   ///< what to say
};

/// What a tracker may hold and how long things last.
struct TrackerLimits
{
    Micros lease{1 * SECOND};               ///< a slot promised to a joiner is kept so long
    Micros countedAfter{600 * MILLISECOND}; ///< an announce has counted leases this old
    Micros park{800 * MILLISECOND};         ///< a query waits at most so long for a slot
    Micros parkForRoot{300 * MILLISECOND};  ///< a leaf that waited so long may use the root
    Micros named{60 * SECOND};              ///< feedback is heard so long after naming
    Micros maxTtl{120 * SECOND};            ///< longest life of an announce
    std::uint32_t maxParked{65536};         ///< parked queries, all channels
    std::uint32_t maxChannels{4096};        ///< channels
    std::uint32_t maxEntries{16384};        ///< entries a channel
    std::uint32_t maxChannelsPerSender{16}; ///< channels that one peer makes us keep
    std::uint32_t maxNamed{65536};          ///< remembered namings, a power of two
    std::uint16_t maxWant{8};               ///< entries a reply
    std::uint32_t shallowerFrom{64 * 32};   ///< free slots one level up that draw leaves there
};

/**
 * @ingroup fanout-tree
 * Rendezvous: who has room in which channel (algorithms 5, feasibility 2).
 *
 * An entry is what a relay announced of itself. Its free slots are those announced less those
 * leased: the first entry of a reply is a slot leased to the asker, so that a crowd is spread
 * exactly; the others are spares. A lease ends after its time, when the asker asks again, or when
 * an announce has counted it. A query for which there is nothing waits (relays before leaves, one
 * query a peer) until a slot comes free, at most TrackerLimits::park; a relay that waited in vain
 * is sent to a full parent, which lets a leaf go for it.
 *
 * Relays get the shallowest level, leaves the deepest (or the next one up when that has plenty).
 * The root's slots are for relays: a leaf gets one only while more than half of them would remain
 * after every waiting relay had one, or when it has waited TrackerLimits::parkForRoot.
 *
 * A query costs a constant plus the entries wanted, whatever the directory's size. What strangers
 * can make it hold is bounded; nobody announces anybody else; feedback counts only about a
 * candidate that this tracker named to the reporter lately, once a naming.
 *
 * The same calls give the same answers. Every call first does what was due at its time, so Tick()
 * is needed only when nothing else comes.
 */
class Tracker
{
  public:
    using Limits = TrackerLimits; ///< what it may hold

    /// @param limits bounds and times @param random draws candidates
    Tracker(const Limits& limits, Random random);
    ~Tracker();
    /// Move.
    Tracker(Tracker&&) noexcept;
    /// Move. @return this
    Tracker& operator=(Tracker&&) noexcept;

    /**
     * A peer says that it has room, or withdraws (ttl 0).
     * @param now time @param from who @param key channel @param announce what it says
     * @param seenAt its address when the frame lists none that parses; zero when not known either,
     *        then the entry is not named to anybody
     */
    void Announce(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerAnnounce& announce,
                  const Endpoint& seenAt);

    /// A peer looks for a parent; the answer comes now or later by TakeAnswers(). @param now time
    /// @param from who @param link where to answer @param key channel @param query what it asks
    void Query(
        Micros now, const PeerId& from, LinkId link, const Digest& key, const TrackerQuery& query);

    /// A peer tells what became of a candidate. @param now time @param from who @param key channel
    /// @param feedback what happened
    void Feedback(Micros now,
                  const PeerId& from,
                  const Digest& key,
                  const TrackerFeedback& feedback);

    /// A link was closed: a query parked from it is forgotten. @param link the link
    /// @param from the peer behind it
    void Gone(LinkId link, const PeerId& from);

    /// Do what is due. @param now time
    void Tick(Micros now);

    /// @return when to call Tick(); NEVER when nothing is pending
    Micros NextAt() const;

    /// @param wanted whether TakeEvents() will be asked for more than nothing; at first it is
    void WantEvents(bool wanted);

    /// @return answers to send, in order
    std::vector<TrackerAnswer> TakeAnswers();

    /// @return what happened since the last call; self and node are not filled in
    std::vector<TrackerEvent> TakeEvents();

    /// @param key channel @return its entries
    std::uint32_t Entries(const Digest& key) const;

    /// @param key channel @return slots free at attached entries, leases taken off
    std::uint32_t FreeSlots(const Digest& key) const;

    /// @return live leases, all channels
    std::uint32_t Leases() const;

    /// @return parked queries, all channels
    std::uint32_t Parked() const;

    /// @return channels known
    std::uint32_t Channels() const;

  private:
    class Directory;                        ///< the channels and all else
    std::unique_ptr<Directory> m_directory; ///< made with the tracker
};

} // namespace ns3::fanout

#endif // FANOUT_TRACKER_H
