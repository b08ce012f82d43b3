/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_QUANTILES_H
#define FANOUT_QUANTILES_H

#include "ns3/fanout-time.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * The reference's quantile: lower nearest rank, no interpolation.
 * @param sorted values in ascending order @param q in [0, 1]
 * @return sorted[clamp(floor(q * (n - 1)), 0, n - 1)], NaN when empty
 */
double FanoutQuantile(const std::vector<double>& sorted, double q);

/**
 * @ingroup fanout-tree
 * Quantiles of times in memory that does not grow with their number: below 256 us exact, above in
 * 256 buckets an octave, so that a quantile is at most 0.4 % too high and never above the maximum.
 */
class FanoutTimeHistogram
{
  public:
    /// @param value a time, microseconds; negative ones count as 0
    void Add(fanout::Micros value);

    /// @param q in [0, 1] @return upper end of the bucket of that quantile (lower nearest rank) in
    /// milliseconds, NaN when empty
    double QuantileMs(double q) const;

    /// @return the largest value, milliseconds, NaN when empty
    double MaxMs() const;

    /// @return the mean, milliseconds, NaN when empty
    double MeanMs() const;

    /// @return number of values
    std::uint64_t GetN() const;

  private:
    std::vector<std::uint64_t> m_buckets; ///< counts, as many as were needed
    std::uint64_t m_n{0};                 ///< values
    double m_sum{0};                      ///< of all values, microseconds
    fanout::Micros m_max{0};              ///< largest value
};

} // namespace ns3

#endif // FANOUT_QUANTILES_H
