/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_POSITION_H
#define FANOUT_POSITION_H

#include "fanout-messages.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ns3::fanout
{

/// What a peer that would be our parent says of itself.
struct ParentOffer
{
    PeerId peer;                           ///< who
    std::uint16_t level{UNATTACHED_LEVEL}; ///< its level
    std::optional<PositionKey> key;        ///< its key; none from an old peer or below one
    std::vector<PeerId> path;              ///< root to it, both included
    std::optional<std::uint32_t> serial;   ///< of its last POSITION, when it told
};

/**
 * @ingroup fanout-tree
 * Where a peer stands in a tree, and whose child it may become (algorithms 3, "Parents without
 * cycles"). A value: it sends nothing and knows no time.
 *
 * Order in the tree is the key (anchor, level), see PositionKey: larger is nearer to the root. The
 * feasible key F is the largest key ever told to a child. A peer with children may adopt a parent
 * only when the parent's advertised key is larger than F; a peer without children may adopt
 * anybody and sets F afresh. Then F(parent) > F(child) on every edge that both ends believe in, and
 * there is no cycle at any instant, whatever is lost or late. This holds as long as
 * - "has children" means: admitted and not left, kicked or expired since, an accept under way
 *   counts as admitted;
 * - every key that reaches a child was taken by Tell() at the time it was sent;
 * - nobody admits while it is not attached, and nobody admits a peer that has children and whose
 *   feasible key (TLV 3) is not below its own key: a late JOIN_REQ of a peer that was removed
 *   meanwhile would make an old edge whole again. See MayAdmit().
 *
 * Below an old peer (no key) a peer is unanchored: it advertises no key and F starts from nothing,
 * so only peers without children can be put below it.
 */
class Position
{
  public:
    /// How it stands.
    enum class State : std::uint8_t
    {
        ROOT,     ///< the channel's root
        ATTACHED, ///< has a parent
        HELD,     ///< lost its parent and keeps its children
        SEEKING   ///< has neither
    };

    /// Why an offer cannot be taken.
    enum class Refusal : std::uint8_t
    {
        NONE,         ///< it can
        SELF_IN_PATH, ///< we stand in its path, or it is us
        OWN_CHILD,    ///< it is our child
        NOT_FEASIBLE, ///< its key is not larger than F and we have children; or we are the root
        TOO_DEEP,     ///< its level leaves none for us, or it is not attached
        BAD_ROUTE     ///< the path does not lead from the root to it
    };

    /// What a POSITION of the parent did.
    enum class Applied : std::uint8_t
    {
        IGNORED,   ///< not from the parent, not newer, or from an older anchor
        UNCHANGED, ///< newer, and says the same; also what a parent says that is not attached
        CHANGED,   ///< key or path are different now: tell the children
        DETACH ///< the parent is no parent any more (our child, too deep, not feasible): leave it
    };

    static constexpr std::uint16_t MAX_LEVEL = 32; ///< deepest level: a route of 32 hops above it

    /// @param self this peer; outlives the position
    explicit Position(const PeerId* self);

    /// Be the channel's root: level 0, anchor 0.
    void BecomeRoot();

    /// @return how it stands
    State
    GetState() const
    {
        return m_state;
    }

    /// @return whether it is the root or has a parent: only then it may admit
    bool
    IsAttached() const
    {
        return m_state == State::ROOT || m_state == State::ATTACHED;
    }

    /// @return the parent; zero for the root and without one
    const PeerId&
    Parent() const
    {
        return m_parent;
    }

    /// @return hops from the root, UNATTACHED_LEVEL while not attached
    std::uint16_t
    Level() const
    {
        return m_key.level;
    }

    /// @return behind the last of the members that a message touches; they come first
    const void*
    HotEnd() const
    {
        return &m_feasible;
    }

    /// @return root to parent; empty for the root, while not attached and when not kept. A POSITION
    /// names hops by eight bytes: an id not seen before stays a prefix followed by zeros, see
    /// RouteKnown()
    const std::vector<PeerId>&
    Path() const
    {
        return m_path;
    }

    /// @return whether every hop of Path() is a whole id; if not, a JOIN_ACCEPT cannot carry the
    /// route to an old peer until the parent has been asked for it
    bool
    RouteKnown() const
    {
        return m_routeKnown;
    }

    /// @return root to self: the route of a JOIN_ACCEPT; empty while not attached
    std::vector<PeerId> PathWithSelf() const;

    /// @return the first eight bytes of each of PathWithSelf(): the path of a POSITION
    std::vector<std::uint64_t> PrefixesWithSelf() const;

    /// @return the key to advertise; none when not attached or below an old peer
    std::optional<PositionKey> Key() const;

    /// @return serial of the parent's last POSITION, 0 before there was one
    std::uint32_t
    Serial() const
    {
        return m_serial.value_or(0);
    }

    /**
     * @param feasible of a joiner that has children @return the anchor that this peer must have
     *         before it may become the joiner's parent; none when a higher anchor would not help
     */
    std::optional<std::uint32_t> AnchorFor(const PositionKey& feasible) const;

    /// @return F, the largest key told to a child: what a JOIN_REQ carries (TLV 3)
    PositionKey
    Feasible() const
    {
        return m_feasible;
    }

    /**
     * @param offer what the candidate says
     * @param root the channel's root
     * @param hasChildren whether we have children, see above
     * @param offererIsMyChild whether it is one of them
     * @return whether, or why not, Adopt() may be called with it; a present parent's second accept
     *         is judged like any other
     */
    Refusal MayAdopt(const ParentOffer& offer,
                     const PeerId& root,
                     bool hasChildren,
                     bool offererIsMyChild) const;

    /**
     * As a parent: whether a joiner may become our child as far as order is concerned.
     * @param hasChildren of the joiner (TLV 4)
     * @param feasible of the joiner (TLV 3)
     * @return false while not attached, at the deepest level, or when the joiner could not adopt us
     */
    bool MayAdmit(bool hasChildren, const std::optional<PositionKey>& feasible) const;

    /// Take the offer. @param offer one that MayAdopt() lets pass @param hasChildren as there
    /// @param keepPath whether the path is remembered; who admits nobody need not tell it
    void Adopt(const ParentOffer& offer, bool hasChildren, bool keepPath = true);

    /// The parent is lost. @param hold keep the children (HELD) or not (SEEKING); the root stays
    /// root
    void Lose(bool hold);

    /// A key is about to be told to a child, by accept or POSITION. @return the key to tell; raises
    /// F to it. Below an old peer and while not attached: the lowest key, which must not be told
    PositionKey Tell();

    /// An ANCHOR_REQ has come to the root. @param need anchor wanted @return whether the anchor was
    /// raised to it: only by one, so that nobody can burn numbers
    bool RaiseAnchor(std::uint32_t need);

    /// @param from who sent it @param update the POSITION @param root of the channel: a path that
    /// does not begin there is none, and who kept it would be refused by all that it accepts
    /// @param keepPath as in Adopt() @return what it did
    Applied Apply(const PeerId& from,
                  const PositionUpdate& update,
                  const PeerId& root,
                  bool keepPath = true);

  private:
    /// @param prefixes of a POSITION @return whether the path is a different one now
    bool SetPath(const std::vector<std::uint64_t>& prefixes);

    PositionKey m_key;                     ///< own key; its anchor means nothing when unanchored
    State m_state{State::SEEKING};         ///< how it stands
    bool m_anchored{false};                ///< whether the parent told a key
    bool m_routeKnown{true};               ///< whether the path has whole ids only
    PositionKey m_feasible;                ///< F
    std::optional<std::uint32_t> m_serial; ///< of the parent's last POSITION
    std::vector<PeerId> m_path;            ///< root to parent
    const PeerId* m_self;                  ///< this peer
    PeerId m_parent;                       ///< the parent
};

} // namespace ns3::fanout

#endif // FANOUT_POSITION_H
