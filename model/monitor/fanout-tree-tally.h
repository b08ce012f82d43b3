/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_TALLY_H
#define FANOUT_TREE_TALLY_H

#include "fanout-quantiles.h"
#include "fanout-tree-shape.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Levels and children of a tree, kept up to date peer by peer: FanoutTreeShape's levelP95 and
 * childrenP95 without a walk over all peers. Eight bytes a peer.
 */
class FanoutTreeTally
{
  public:
    /// Make room. @param peers number of peers
    void Reserve(std::uint32_t peers);

    /// A peer stands differently, or may do so. @param peer which @param node how it stands now
    void Set(std::uint32_t peer, const FanoutTreeShape::Node& node);

    /// @return as in FanoutTreeShape
    double GetLevelP95() const;

    /// @return as in FanoutTreeShape
    double GetChildrenP95() const;

  private:
    /// What a peer is counted with.
    struct Mark
    {
        std::uint32_t level{NONE};    ///< its level
        std::uint32_t children{NONE}; ///< its children
    };

    static constexpr std::uint32_t NONE = 0xffffffff; ///< not counted

    std::vector<Mark> m_marks;       ///< by peer
    FanoutCountHistogram m_levels;   ///< of peers that have one
    FanoutCountHistogram m_children; ///< of peers with capacity
};

} // namespace ns3

#endif // FANOUT_TREE_TALLY_H
