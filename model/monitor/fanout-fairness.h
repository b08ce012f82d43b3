/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FAIRNESS_H
#define FANOUT_FAIRNESS_H

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How evenly parents spread what they cannot send over their children. Memory grows with the pairs
 * of parent and child that lost something.
 */
class FanoutFairness
{
  public:
    /// A parent is judged from so many losses a child on: with fewer, chance alone is uneven.
    static constexpr uint32_t LEAST_LOSSES = 20;

    /// @param parent index of who dropped a message @param child whose copy it was
    void Note(uint32_t parent, uint64_t child);

    /// @return the parents that dropped something, ascending
    std::vector<uint32_t> GetParents() const;

    /**
     * @param parent index @param children it has now; those that lost nothing count too
     * @return Jain's index of what its children lost, 1 / children to 1, even at 1; negative where
     *         fewer than LEAST_LOSSES a child were lost, or there are less than two children
     *         (R. Jain, D. Chiu, W. Hawe, A quantitative measure of fairness and discrimination,
     *         DEC-TR-301, 1984)
     */
    double GetIndex(uint32_t parent, uint32_t children) const;

  private:
    std::map<std::pair<uint32_t, uint64_t>, uint32_t> m_losses; ///< by parent and child
};

} // namespace ns3

#endif // FANOUT_FAIRNESS_H
