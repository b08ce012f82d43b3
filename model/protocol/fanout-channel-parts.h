/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CHANNEL_PARTS_H
#define FANOUT_CHANNEL_PARTS_H

#include "fanout-admission.h"
#include "fanout-fetching.h"
#include "fanout-forwarding.h"
#include "fanout-mesh.h"
#include "fanout-position.h"
#include "fanout-repair-cache.h"
#include "fanout-repair.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"
#include "ns3/fanout-token-bucket.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

// What a channel holds only while it needs it.

namespace ns3::fanout
{

/// @ingroup fanout-tree
/// One who asks to be a child.
struct Applicant
{
    Child child;                         ///< who and where
    std::uint32_t reqId{0};              ///< of its JOIN_REQ
    bool hasChildren{false};             ///< brings a subtree
    bool ancestor{false};                ///< stands above this peer
    std::optional<PositionKey> feasible; ///< its feasible key, when it told
};

/// @ingroup fanout-tree
/// Who needs a higher anchor.
struct Anchoring
{
    std::uint32_t asked{0};         ///< in the last ANCHOR_REQ
    Micros askedAt{-SECOND};        ///< last ANCHOR_REQ; root: last raise
    std::vector<LinkId> children;   ///< who sent ANCHOR_REQ
    std::vector<Applicant> waiting; ///< JOIN_REQs
};

/// @ingroup fanout-tree
/// One who fetches and is no child.
struct Stranger
{
    LinkId link{NO_LINK};   ///< whence
    std::uint32_t nonce{0}; ///< it must send back before it is served
    Micros at{0};           ///< last ask
    bool met{false};        ///< it has
};

/// @ingroup fanout-tree
/// What one needs who gives neighbours what they ask for.
struct Lending
{
    RepairCache cache;               ///< what can be served
    TokenBucket fetches;             ///< bytes that may be served to neighbours
    std::vector<Stranger> strangers; ///< who fetches
};

/// @ingroup fanout-tree
/// What only a peer in a mesh needs.
struct Meshing
{
    Mesh mesh;                        ///< its neighbours there
    std::unique_ptr<Lending> lending; ///< present at a leaf
};

/// @ingroup fanout-tree
/// What only a peer with room for children needs.
struct Serving
{
    /// @param room for children @param limits of forwarding @param cache of what can be served
    Serving(const AdmissionLimits& room, const ForwardingLimits& limits, RepairCache cache)
        : lending{std::move(cache),
                  TokenBucket(limits.rate * limits.repairShare, Fetching::BUDGET_BURST),
                  {}},
          admission(room),
          forwarding(limits)
    {
    }

    /// @return behind what a message touches while there are no children
    const void*
    HotEnd() const
    {
        return &admission.Targets() + 1;
    }

    Lending lending;                           ///< what neighbours and children ask for
    Micros leastLag{NEVER};                    ///< of all messages: the clocks' difference
    Admission admission;                       ///< the children
    Forwarding forwarding;                     ///< the queues to them
    Micros pushedAt{0};                        ///< last frame pushed to the children
    Micros flowingSince{NEVER};                ///< data flows to the children since
    Micros beatAt{0};                          ///< last watermark
    Micros keepAliveAt{0};                     ///< next announce in any case
    std::uint8_t beats{0};                     ///< watermarks since the last push
    bool announceDue{true};                    ///< something worth telling changed
    std::uint16_t toldLevel{UNATTACHED_LEVEL}; ///< level told
    Micros announcedAt{-SECOND};               ///< last announce
    std::vector<std::uint16_t> told;           ///< free slots told to each shard
    Micros spareToldAt{-SECOND};               ///< last announce to the spare tracker
    bool spareDue{false};                      ///< it knows less than the others
    Micros holdUntil{NEVER};                   ///< without a parent the children stay until then
    std::uint32_t serial{0};                   ///< of the last POSITION
    std::uint32_t toldSerial{0};               ///< of the last one told to all
    Micros toldAt{0};                          ///< when
    Micros overloadedSince{NEVER};             ///< a child's queue is above its mark since
    Micros relievedAt{-SECOND};                ///< a child was sent elsewhere, or one more taken
    std::uint64_t offered{0};                  ///< live bytes for children, while it is measured
    std::uint64_t carried{0};                  ///< of these, those that links took
    std::unique_ptr<Anchoring> anchoring;      ///< present once somebody needed an anchor
};

} // namespace ns3::fanout

#endif // FANOUT_CHANNEL_PARTS_H
