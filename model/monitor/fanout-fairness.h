/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FAIRNESS_H
#define FANOUT_FAIRNESS_H

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How evenly parents spread what they cannot send over their children. A child is judged by what
 * it lost in parts of what it would have lost if all children of its time had lost the same; so
 * one that came late, or left, counts for its time only. Memory grows with the pairs of a parent
 * that lost something and a child.
 */
class FanoutFairness
{
  public:
    /// A child is judged from so many losses on that would have been its share: with fewer, chance
    /// alone is uneven.
    static constexpr uint32_t LEAST_LOSSES = 20;

    /// @param parent index of who dropped a message @param child whose copy it was
    /// @param children it has, at least that one
    void NoteLoss(uint32_t parent, uint64_t child, uint32_t children);

    /// A child came or went. @param parent index @param child which @param joined it came
    void NoteChild(uint32_t parent, uint64_t child, bool joined);

    /// @return the parents that dropped something, ascending
    std::vector<uint32_t> GetParents() const;

    /**
     * @param parent index
     * @return Jain's index of its children's losses, 1 / children to 1, even at 1; negative where
     *         less than two children can be judged (R. Jain, D. Chiu, W. Hawe, A quantitative
     *         measure of fairness and discrimination, DEC-TR-301, 1984)
     */
    double GetIndex(uint32_t parent) const;

  private:
    /// What became of one child.
    struct Share
    {
        uint32_t losses{0}; ///< messages dropped
        bool present{true}; ///< a child now
        double since{0};    ///< Parent::even when it came last; 0: it was there before any loss
        double expected{0}; ///< losses that would have been its share, of the times before
    };

    /// A parent that dropped something.
    struct Parent
    {
        double even{0};                   ///< losses of a child always there, if all were even
        uint32_t children{0};             ///< when it dropped something last
        std::map<uint64_t, Share> shares; ///< children that lost something, came or went
    };

    std::map<uint32_t, Parent> m_parents; ///< those that dropped something
};

} // namespace ns3

#endif // FANOUT_FAIRNESS_H
