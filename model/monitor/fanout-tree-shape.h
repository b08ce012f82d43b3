/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SHAPE_H
#define FANOUT_TREE_SHAPE_H

#include <cstdint>
#include <limits>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * What a tree looks like at one instant, by the reference's formulas: over every peer that has the
 * channel open, the root included; what speaks of members, over the joined subscribers.
 *
 * Distance. The reference measures hops in the graph of open connections. Peers over UDP keep no
 * connections but those of the tree, so the graph here is that of the edges between parents and
 * children, as they stand and not as levels tell them. Stretch is level / distance of a member, and
 * 1 where no member has a distance: above 1 where a level is out of date.
 */
struct FanoutTreeShape
{
    static constexpr std::uint32_t NO_PARENT = std::numeric_limits<std::uint32_t>::max(); ///< none
    static constexpr std::uint32_t UNKNOWN = NO_PARENT - 1; ///< one that is not watched
    static constexpr std::uint16_t NO_LEVEL = 0xffff;       ///< no level

    /// One peer.
    struct Node
    {
        bool open{false};                ///< the channel is open
        bool attached{false};            ///< root, or has a parent
        bool root{false};                ///< is the root
        bool member{false};              ///< is a joined subscriber
        std::uint32_t parent{NO_PARENT}; ///< index of its parent
        std::uint16_t level{0};          ///< what it takes its level for, or NO_LEVEL
        std::uint16_t children{0};       ///< children
        std::uint16_t capacity{0};       ///< most children
    };

    std::uint32_t orphans{0};      ///< level, not 0, but no parent
    std::uint32_t edges{0};        ///< peers with a parent
    std::uint32_t rootChildren{0}; ///< children of the root
    double maxLevel{0};            ///< largest level
    double levelP95{0};            ///< quantile 0.95 of levels
    double levelAvg{0};            ///< mean of levels
    double childrenP95{0};         ///< quantile 0.95, over peers with capacity
    double childrenMax{0};         ///< largest, over peers with capacity
    double distanceP95{0};         ///< of members, hops
    double distanceMax{0};         ///< of members, hops
    double stretchP95{1};          ///< of members
    double stretchMax{1};          ///< of members

    /**
     * @param nodes all peers, by index @param distances whether to measure distance and stretch
     * @return the shape; NaN for what has no samples
     */
    static FanoutTreeShape Measure(const std::vector<Node>& nodes, bool distances = true);
};

} // namespace ns3

#endif // FANOUT_TREE_SHAPE_H
