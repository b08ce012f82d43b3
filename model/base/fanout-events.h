/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_EVENTS_H
#define FANOUT_EVENTS_H

#include "fanout-frame.h"
#include "fanout-peer-id.h"
#include "fanout-time.h"

#include <type_traits>
#include <variant>
#include <vector>

namespace ns3::fanout
{

/**
 * @defgroup fanout-tree-events What a peer tells its observers
 * @ingroup fanout-tree
 * Plain values. Every one begins with who saw it and when; the application fills these in.
 */

/// Who saw an event and when.
struct EventBase
{
    std::uint32_t self{0}; ///< index of the peer
    std::uint32_t node{0}; ///< ns-3 node id
    Micros time{0};        ///< microseconds since the start
};

/// A step of an attach. @ingroup fanout-tree-events
struct JoinEvent : EventBase
{
    /// The step.
    enum class Step : std::uint8_t
    {
        STARTED,    ///< began to look for a parent
        ASKED,      ///< sent a JOIN_REQ
        REDIRECTED, ///< was rejected with redirects
        REJECTED,   ///< was rejected
        TIMED_OUT,  ///< no answer
        ATTACHED    ///< has a parent
    };

    Step step{Step::STARTED}; ///< the step
    PeerId peer;              ///< the candidate, zero for STARTED
    std::uint8_t reason{0};   ///< reject code 1 to 3, else 0
    std::uint16_t level{0};   ///< own level after ATTACHED
    Micros elapsed{0};        ///< since STARTED
};

/// The parent changed. @ingroup fanout-tree-events
struct ParentEvent : EventBase
{
    /// Why.
    enum class Cause : std::uint8_t
    {
        ATTACHED, ///< found one
        CLOSED,   ///< the link to it was closed
        SILENT,   ///< it was silent and did not answer
        KICKED,   ///< it sent KICK
        LEFT,     ///< this peer left
        MOVED,    ///< went from one to another without a gap
        LEVEL     ///< the same one, which now stands elsewhere
    };

    PeerId oldParent;             ///< zero for none
    PeerId newParent;             ///< zero for none
    std::uint16_t level{0};       ///< own level, 0xffff when detached
    Cause cause{Cause::ATTACHED}; ///< why
};

/// A child came or went. @ingroup fanout-tree-events
struct ChildEvent : EventBase
{
    /// Why.
    enum class Cause : std::uint8_t
    {
        ADMITTED, ///< accepted
        LEFT,     ///< it sent LEAVE
        CLOSED,   ///< the link to it was closed
        EXPIRED,  ///< its lease ended unheard
        KICKED    ///< this peer sent KICK
    };

    PeerId peer;                  ///< the child
    Cause cause{Cause::ADMITTED}; ///< why
    std::uint16_t children{0};    ///< how many now
    std::uint16_t capacity{0};    ///< how many may be
};

/// The root numbered a message. @ingroup fanout-tree-events
struct PublishEvent : EventBase
{
    std::uint32_t seq{0};  ///< sequence number
    std::uint32_t size{0}; ///< payload bytes
};

/// Which way a message came.
enum class DeliveryPath : std::uint8_t
{
    TREE,   ///< pushed by the parent
    REPAIR, ///< asked from the parent
    FETCH   ///< asked from a neighbour
};

/// First copy of a message. @ingroup fanout-tree-events
struct DeliverEvent : EventBase
{
    std::uint32_t seq{0};                  ///< sequence number
    std::uint32_t size{0};                 ///< payload bytes
    Micros latency{0};                     ///< since the root stamped it, milliseconds' precision
    std::uint16_t level{0};                ///< own level
    DeliveryPath path{DeliveryPath::TREE}; ///< which way it came
    FrameRef frame;                        ///< the message itself
};

/// A later copy of a message. @ingroup fanout-tree-events
struct DuplicateEvent : EventBase
{
    std::uint32_t seq{0};  ///< sequence number
    std::uint32_t size{0}; ///< payload bytes
};

/// What a frame is for.
enum class FrameClass : std::uint8_t
{
    DATA,    ///< DATA
    JOIN,    ///< JOIN_*, KICK, PARENT_PROBE_*
    REPAIR,  ///< END, REPAIR_REQ, FETCH_REQ, IHAVE
    TRACKER, ///< TRACKER_*, PROVIDER_*
    ROUTE    ///< UNICAST, ROUTE_*, PUBLISH_PROXY, LEAVE and the extension's kinds
};

/// A frame went out or came in. @ingroup fanout-tree-events
struct FrameEvent : EventBase
{
    bool sent{false};                        ///< out or in
    std::uint8_t kind{0};                    ///< message kind
    FrameClass frameClass{FrameClass::DATA}; ///< what for
    PeerId peer;                             ///< the other end, zero when not known
    std::uint32_t wireBytes{0};              ///< envelope and transport
    std::uint32_t frameBytes{0};             ///< kind, key and body
};

/// A step of a repair. @ingroup fanout-tree-events
struct RepairEvent : EventBase
{
    /// The step.
    enum class Step : std::uint8_t
    {
        GAP,     ///< seqs found missing
        ASKED,   ///< asked for them
        SERVED,  ///< answered somebody's ask
        FILLED,  ///< a missing one came
        GIVEN_UP ///< will not be asked for any more
    };

    Step step{Step::GAP};  ///< the step
    std::uint32_t from{0}; ///< first seq
    std::uint32_t to{0};   ///< behind the last seq
    PeerId peer;           ///< the other end, if any
    Micros elapsed{0};     ///< since the gap was seen
};

/// A child's queue passed its mark. @ingroup fanout-tree-events
struct BackpressureEvent : EventBase
{
    PeerId peer;                  ///< the child
    std::uint32_t queuedBytes{0}; ///< bytes waiting for it
    Micros oldestAge{0};          ///< how long the oldest waits
    bool on{false};               ///< passed the high mark, or fell to the low one
};

/// A frame was not forwarded or not accepted. @ingroup fanout-tree-events
struct DropEvent : EventBase
{
    /// Why.
    enum class Reason : std::uint8_t
    {
        MALFORMED,     ///< the frame does not parse
        OVERSIZE,      ///< larger than allowed
        UNKNOWN_KIND,  ///< no such kind
        UNKNOWN_KEY,   ///< no such channel
        NOT_ALLOWED,   ///< the sender has no right to say this
        BAD_SIGNATURE, ///< signature or signer wrong
        OUT_OF_RANGE,  ///< a number outside its bounds
        RATE,          ///< more than the link's budget
        STALE,         ///< older than the age limit
        QUEUE,         ///< waited longer than the queue's age limit
        REPAIR_QUEUE,  ///< the same of a message that was asked for
        LINK,          ///< the link is full or gone
        NOT_SUPPORTED  ///< a kind this version only counts
    };

    Reason reason{Reason::MALFORMED}; ///< why
    PeerId peer;                      ///< the other end, if known
    std::uint8_t kind{0};             ///< message kind
    std::uint32_t bytes{0};           ///< envelope bytes
};

/// A forwarded message was credited. @ingroup fanout-tree-events
struct EarningsEvent : EventBase
{
    PeerId peer;            ///< the child
    std::uint32_t bytes{0}; ///< payload bytes
    std::uint32_t bid{0};   ///< its bid per byte
    std::uint64_t total{0}; ///< earned so far
};

/// A tracker's directory changed or answered. @ingroup fanout-tree-events
struct TrackerEvent : EventBase
{
    /// What it did.
    enum class Step : std::uint8_t
    {
        ANNOUNCED, ///< took an announce
        ANSWERED,  ///< sent a reply
        PARKED,    ///< keeps a query until a slot is free
        EXPIRED    ///< a parked query got what there was
    };

    Step step{Step::ANNOUNCED}; ///< what
    std::uint64_t channel{0};   ///< first eight bytes of the channel key
    std::uint32_t entries{0};   ///< entries of that channel
    std::uint32_t cost{0};      ///< entries looked at
};

/// Any event.
using Event = std::variant<JoinEvent,
                           ParentEvent,
                           ChildEvent,
                           PublishEvent,
                           DeliverEvent,
                           DuplicateEvent,
                           FrameEvent,
                           RepairEvent,
                           BackpressureEvent,
                           DropEvent,
                           EarningsEvent,
                           TrackerEvent>;

/**
 * @ingroup fanout-tree-events
 * Which kinds of events are wanted; the others are never built. JoinEvent always is: a peer's owner
 * needs it.
 */
class EventKinds
{
  public:
    /// @return all kinds but FrameEvent, of which there is one a frame
    static constexpr EventKinds
    Usual()
    {
        EventKinds kinds;
        kinds.m_bits = ~Bit<FrameEvent>();
        return kinds;
    }

    /// @return JoinEvent alone
    static constexpr EventKinds
    None()
    {
        return EventKinds();
    }

    /// @param other wanted from now on, too @return this
    constexpr EventKinds&
    Add(EventKinds other)
    {
        m_bits |= other.m_bits;
        return *this;
    }

    /// @tparam E an event @return whether it is wanted
    template <typename E>
    constexpr bool
    Has() const
    {
        return ((m_bits | Bit<JoinEvent>()) & Bit<E>()) != 0;
    }

    /// @tparam E an event that is wanted from now on @return this
    template <typename E>
    constexpr EventKinds&
    Add()
    {
        m_bits |= Bit<E>();
        return *this;
    }

    /// @tparam E an event that is not wanted any more @return this
    template <typename E>
    constexpr EventKinds&
    Remove()
    {
        m_bits &= ~Bit<E>();
        return *this;
    }

  private:
    /// @tparam E an event @return one bit, at its place in Event
    template <typename E, std::size_t I = 0>
    static constexpr std::uint32_t
    Bit()
    {
        if constexpr (std::is_same_v<E, std::variant_alternative_t<I, Event>>)
        {
            return std::uint32_t{1} << I;
        }
        else
        {
            return Bit<E, I + 1>();
        }
    }

    std::uint32_t m_bits{0}; ///< one a kind
};

/**
 * Where a peer's machines put events during an input; the owner empties it afterwards, so that an
 * observer never runs inside an input. Peers of one process share one.
 */
using Outbox = std::vector<Event>;

} // namespace ns3::fanout

#endif // FANOUT_EVENTS_H
