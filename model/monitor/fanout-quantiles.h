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
 * The same of values in any order, in linear time.
 * @param values in any order; changes their order @param q in [0, 1] @return as FanoutQuantile
 */
double FanoutTakeQuantile(std::vector<double>& values, double q);

/**
 * @ingroup fanout-tree
 * Quantiles of times in memory that does not grow with their number: below 256 us exact, above in
 * 256 buckets an octave, so that a quantile is at most 0.4 % too high and never above the maximum.
 */
class FanoutTimeHistogram
{
  public:
    /// Values that are counted together.
    struct Bucket
    {
        double upperMs{0};      ///< the largest of them may be so large, milliseconds
        std::uint64_t count{0}; ///< how many
    };

    /// @param value a time, microseconds; negative ones count as 0
    void Add(fanout::Micros value);

    /// @param other all of its values are added
    void Add(const FanoutTimeHistogram& other);

    /// @return the buckets up to the last one in use, empty ones too: bucket i of any histogram
    /// holds the same times
    std::vector<Bucket> GetBuckets() const;

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
    fanout::Micros m_sum{0};              ///< of all values
    fanout::Micros m_max{0};              ///< largest value
};

/**
 * @ingroup fanout-tree
 * How often each small whole number occurs, such as the levels of all peers. Values come and go one
 * at a time; quantiles are exact. Memory is four bytes times the largest value ever added.
 */
class FanoutCountHistogram
{
  public:
    /// @param value one more of it
    void Add(std::uint16_t value);

    /// @param value one less of it; there must be one
    void Remove(std::uint16_t value);

    /// @param q in [0, 1] @return as FanoutQuantile over all values
    double Quantile(double q) const;

    /// @return the mean, NaN when empty
    double Mean() const;

    /// @return number of values
    std::uint64_t GetN() const;

  private:
    std::vector<std::uint32_t> m_counts; ///< by value
    std::uint64_t m_n{0};                ///< values
    std::uint64_t m_sum{0};              ///< of all values
};

} // namespace ns3

#endif // FANOUT_QUANTILES_H
