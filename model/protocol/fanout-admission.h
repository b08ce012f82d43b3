/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ADMISSION_H
#define FANOUT_ADMISSION_H

#include "fanout-messages.h"
#include "fanout-options.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"

#include <optional>
#include <vector>

namespace ns3::fanout
{

/// A child.
struct Child
{
    PeerId peer;                ///< who
    LinkId link{NO_LINK};       ///< where
    std::uint32_t bid{0};       ///< bid per byte
    std::uint32_t watermark{0}; ///< first seq it said it lacks
    Micros since{0};            ///< admitted
    Micros heard{0};            ///< last heard, or admitted
    bool confirmed{false};      ///< heard again after it was admitted
    bool extended{false};       ///< speaks the extension: it will be heard in time
    bool relay{false};          ///< said that it can have children
    Endpoint endpoint;          ///< where it listens, if known
};

/**
 * @ingroup fanout-tree
 * Who hangs on me (protocol 5.4): the children table, capacity, bids and leases. A child is held
 * by a lease: it must be heard within Options::confirmLease of its accept, within childLease while
 * data flows to it, within idleLease otherwise. So a late accept leaves no phantom (W17).
 *
 * Relays first (W21): a full parent lets a leaf go for a relay, the lowest bidder and among equals
 * the youngest; otherwise leaves could hold every slot that a relay needs to bring new ones.
 */
class Admission
{
  public:
    /// Answer to a JOIN_REQ.
    struct Verdict
    {
        bool accepted{false};                           ///< it is a child now
        bool fresh{false};                              ///< it was none before
        RejectReason reason{RejectReason::NO_CAPACITY}; ///< why not
        std::optional<LinkId> former;                   ///< the link it had before, if another
        std::optional<Child> displaced;                 ///< who had to go for it, removed already
    };

    /// @param capacity children at most
    explicit Admission(std::uint16_t capacity)
        : m_capacity(capacity)
    {
    }

    /**
     * A peer asks to be taken.
     * @param child who and where @param attached whether this peer has a path to the root
     * @param allowKick whether a higher bid displaces the lowest @return what becomes of it
     */
    Verdict Request(const Child& child, bool attached, bool allowKick);

    /// @param link whence @return the child there or null; valid until the next change
    Child* Find(LinkId link);

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

    /// @return children at most
    std::uint16_t
    Capacity() const
    {
        return m_capacity;
    }

    /// @return room
    std::uint16_t
    FreeSlots() const
    {
        return m_children.size() >= m_capacity
                   ? 0
                   : static_cast<std::uint16_t>(m_capacity - m_children.size());
    }

  private:
    /// Take a relay in place of a leaf. @param child the relay @param verdict filled when it is
    /// taken
    /// @return whether there was a leaf
    bool DisplaceLeaf(const Child& child, Verdict& verdict);

    /// @param child who @param flowing since when @param options leases @return end of its lease
    static Micros LeaseEnd(const Child& child, Micros flowing, const Options& options);

    std::vector<Child> m_children; ///< in the order of admission
    std::uint16_t m_capacity;      ///< children at most
};

} // namespace ns3::fanout

#endif // FANOUT_ADMISSION_H
