/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ADMISSION_H
#define FANOUT_ADMISSION_H

#include "fanout-messages.h"
#include "fanout-options.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-time.h"

#include <optional>
#include <vector>

namespace ns3::fanout
{

/// A child.
struct Child
{
    PeerId peer;            ///< who
    Endpoint endpoint;      ///< where it listens, if known
    Micros since{0};        ///< admitted
    Micros heard{0};        ///< last heard, or admitted
    Micros answerBy{NEVER}; ///< it is probed: the next step is due then
    LinkId link{NO_LINK};   ///< where
    std::uint32_t bid{0};   ///< bid per byte
    std::uint8_t probes{0}; ///< since it was heard
    bool confirmed{false};  ///< heard again after it was admitted
    bool extended{false};   ///< speaks the extension: it will be heard in time
    bool relay{false};      ///< said that it can have children
    bool leaving{false};    ///< was told to move
};

/// How long a leaf that was told to move may stay.
constexpr Micros MOVE_TIME = SECOND;

/// How long a child that is probed has for an answer; it is probed three times.
constexpr Micros PROBE_TIMEOUT = 700 * MILLISECOND;

/// Room for children.
struct AdmissionLimits
{
    std::uint16_t capacity{0}; ///< children at most
    bool relaysFirst{true};    ///< a leaf makes room for a relay
    bool overflow{false};      ///< one more may stay: one with children that lost its parent
};

/**
 * @ingroup fanout-tree
 * Who hangs on me (protocol 5.4): the children table, capacity, bids and leases. A child is held
 * by a lease: it must be heard within Options::confirmLease of its accept, within childLease while
 * data flows to it, within idleLease otherwise. So a late accept leaves no phantom (W17). Idle
 * leases are long: where somebody else wants the slot, the child is probed.
 *
 * Relays first (W21): a full parent lets a leaf go for a relay, the lowest bidder and among equals
 * the youngest; otherwise leaves could hold every slot that a relay needs to bring new ones. The
 * leaf is told to move and has MOVE_TIME for it: one child more than capacity for so long. When
 * that slot is taken the leaf goes at once. One that brings children may stay in that slot for
 * good, where AdmissionLimits::overflow allows it.
 */
class Admission
{
  public:
    static constexpr std::uint32_t NO_BOUND = 0xffffffff; ///< see Target

    /// What matters of who asks and who is asked, besides the child itself.
    struct Asking
    {
        bool attached{true};     ///< this peer has a path to the root and may take it
        bool allowKick{false};   ///< a higher bid displaces the lowest
        bool hasChildren{false}; ///< it brings a subtree
        bool overloaded{false};  ///< nobody new is taken now
    };

    /// Answer to a JOIN_REQ.
    struct Verdict
    {
        bool accepted{false};                           ///< it is a child now
        bool fresh{false};                              ///< it was none before
        RejectReason reason{RejectReason::NO_CAPACITY}; ///< why not
        std::optional<LinkId> former;                   ///< the link it had before, if another
        std::optional<Child> displaced;                 ///< who had to go for it, removed already
        std::optional<Child> moved;                     ///< who is to go for it, still there
    };

    /// What a message needs of a child, apart from the rest: all of them are read for each one.
    struct Target
    {
        LinkId link{NO_LINK};          ///< where
        std::uint32_t watermark{0};    ///< first seq it said it lacks
        std::uint32_t bound{NO_BOUND}; ///< first seq it is not sent before it was heard again

        /// @param seq of a message @return whether it is for this child
        bool
        Wants(std::uint32_t seq) const
        {
            return watermark <= seq && seq < bound;
        }
    };

    /// @param limits of the table
    explicit Admission(const AdmissionLimits& limits)
        : m_capacity(limits.capacity),
          m_limit(limits.capacity),
          m_relaysFirst(limits.relaysFirst),
          m_overflow(limits.overflow)
    {
    }

    /// A peer asks to be taken. @param child who and where @param asking the rest
    /// @return what becomes of it
    Verdict Request(const Child& child, const Asking& asking);

    /// @param child who would ask @param hasChildren whether it brings a subtree
    /// @return whether it would be taken without a bid
    bool HasRoomFor(const Child& child, bool hasChildren) const;

    /// @param link whence @return the child there or null; valid until the next change
    const Child* Find(LinkId link) const;

    /// Ask the processor for the child that Find() or Heard() will touch. @param link whence
    void
    Prefetch(LinkId link) const
    {
        PrefetchObject(m_children.data() + IndexOf(link));
    }

    /// A child is there. @param link whence @param now time
    void Heard(LinkId link, Micros now);

    /// @param link of a child @param watermark first seq it said it lacks
    void SetWatermark(LinkId link, std::uint32_t watermark);

    /// Send a child no more than so far until it is heard: whoever asked for the slot may have
    /// written somebody else's address. @param link of a child that is not confirmed, others are
    /// ignored @param bound first seq it is not sent
    void SetBound(LinkId link, std::uint32_t bound);

    /// Somebody was turned away while nothing flows: the child that was quiet for longest may be
    /// dead. @param now time @return where to probe it, NO_LINK when all were heard just now
    LinkId ProbeQuietest(Micros now);

    /// @param now time @param flowing, options as for Expire(), which lets go of those that were
    /// probed often enough @return where children are to be probed once more
    std::vector<LinkId> ProbeAgain(Micros now, Micros flowing, const Options& options);

    /// @param peer who @return whether it is a child
    bool Has(const PeerId& peer) const;

    /// @param link whose child left @return the child, removed; none when there was none
    std::optional<Child> Remove(LinkId link);

    /// @return all children, removed
    std::vector<Child> RemoveAll();

    /**
     * @param now time @param flowing since when data has flown to the children, NEVER when idle
     * @param options leases @return children whose lease ended, removed
     */
    std::vector<Child> Expire(Micros now, Micros flowing, const Options& options);

    /// @param flowing as above @param options leases @return when the next lease can end
    Micros NextAt(Micros flowing, const Options& options) const;

    /// @return the children in the order of admission
    const std::vector<Child>&
    Children() const
    {
        return m_children;
    }

    /// @return where messages go, in the order of Children()
    const std::vector<Target>&
    Targets() const
    {
        return m_targets;
    }

    /// @return sum of what the children pay, a byte
    std::uint64_t
    TotalBid() const
    {
        return m_totalBid;
    }

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_children.capacity() * sizeof(Child) + m_targets.capacity() * sizeof(Target);
    }

    /// @param child one that Expire() returned @param now time then
    /// @return whether it was told to move and has not
    bool
    WasLeaving(const Child& child, Micros now) const
    {
        return child.leaving && now >= m_leaveBy;
    }

    /// @return children at most
    std::uint16_t
    Capacity() const
    {
        return m_capacity;
    }

    /// @return children at present, at most Capacity()
    std::uint16_t
    Limit() const
    {
        return m_limit;
    }

    /// @param limit children from now on; those that are too many stay
    void
    SetLimit(std::uint16_t limit)
    {
        m_limit = limit < m_capacity ? limit : m_capacity;
    }

    /// A child was told to move. @param link of it @param by when those told so far are let go
    void StartLeaving(LinkId link, Micros by);

    /// @return room
    std::uint16_t
    FreeSlots() const
    {
        return m_children.size() >= m_limit
                   ? 0
                   : static_cast<std::uint16_t>(m_limit - m_children.size());
    }

  private:
    /// Take a relay in place of a leaf. @param child the relay @param verdict filled when it is
    /// taken
    /// @return whether there was a leaf
    bool DisplaceLeaf(const Child& child, Verdict& verdict);

    /// Take one with a higher bid in place of the lowest. @param child who @param verdict filled
    void Outbid(const Child& child, Verdict& verdict);

    /// @param child who @return whether a leaf may have to go for it
    bool ComesFirst(const Child& child) const;

    /// @return index of the leaf that would go for a relay, or the number of children
    std::size_t LeafToGo() const;

    /// @param child is to be probed @param now time
    void Probe(Child& child, Micros now);

    /// @param child was heard @param now time
    static void NoteHeard(Child& child, Micros now);

    /// A child asks again. @param index of it @param child what it says now
    /// @param verdict filled
    void Refresh(std::size_t index, const Child& child, Verdict& verdict);

    /// @param child who @param flowing since when @param options leases @return end of its lease
    Micros LeaseEnd(const Child& child, Micros flowing, const Options& options) const;

    /// @param link a link @return index of its child, or the number of children
    std::size_t IndexOf(LinkId link) const;

    /// @param child new, the last one
    void Append(const Child& child);

    /// Take one that was none. @param child who @param verdict filled
    void Admit(const Child& child, Verdict& verdict);

    /// @param index of a child @return it, removed
    Child Take(std::size_t index);

    std::vector<Target> m_targets;   ///< as m_children
    mutable Micros m_nextAt{0};      ///< NextAt() as computed last
    mutable Micros m_nextFlowing{0}; ///< for this argument
    std::uint64_t m_totalBid{0};     ///< of all children, a byte
    mutable bool m_nextKnown{false}; ///< nothing has changed since
    std::uint16_t m_capacity;        ///< children at most
    std::uint16_t m_limit;           ///< children at present
    bool m_relaysFirst;              ///< a leaf makes room for a relay
    bool m_overflow;                 ///< one more may stay
    Micros m_leaveBy{NEVER};         ///< those told to move are let go then
    std::vector<Child> m_children;   ///< in the order of admission
};

} // namespace ns3::fanout

#endif // FANOUT_ADMISSION_H
