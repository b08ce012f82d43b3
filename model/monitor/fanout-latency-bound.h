/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LATENCY_BOUND_H
#define FANOUT_LATENCY_BOUND_H

#include <cstdint>
#include <functional>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Latencies that no tree over the same peers can beat, from the one-way delays between hosts alone
 * (no queues, no serialisation, no loss).
 *
 * Of a peer: the shortest path from the root to it whose inner peers may all have children. Any
 * tree gives it such a path.
 *
 * Of the mean: the root has at most as many children as its capacity, all others have at least one
 * peer between. A peer's second bound is its shortest path with at least one such peer between; the
 * mean is smallest when the root's children are those for whom the second bound exceeds the first
 * by most. No tree has a smaller mean, for no tree gives a peer less than the bound of its kind.
 */
class FanoutLatencyBound
{
  public:
    /// One-way delay from host a to host b, microseconds.
    using Delay = std::function<double(std::uint32_t a, std::uint32_t b)>;

    /// Delays that are asked at most; above, the bound is not computed.
    static constexpr std::uint64_t MAX_DELAYS = 20000000;

    /**
     * @param delay the delays @param capacities most children, by index; only those of peers that
     *        may stand in a path
     * @param root index of the root
     * @param members indices of the peers that are asked about
     */
    FanoutLatencyBound(const Delay& delay,
                       const std::vector<std::uint16_t>& capacities,
                       std::uint32_t root,
                       const std::vector<std::uint32_t>& members);

    /// @return whether it was computed
    bool IsDefined() const;

    /// @return bounds in milliseconds, in the order of the members
    const std::vector<double>& GetPeersMs() const;

    /// @return bound of the mean over the members, milliseconds; NaN when not defined
    double GetMeanMs() const;

  private:
    std::vector<double> m_peersMs; ///< bounds of the members
    double m_meanMs;               ///< bound of the mean
};

} // namespace ns3

#endif // FANOUT_LATENCY_BOUND_H
