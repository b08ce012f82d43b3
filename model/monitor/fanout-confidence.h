/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CONFIDENCE_H
#define FANOUT_CONFIDENCE_H

#include <cstddef>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * What some independent runs, such as those of several seeds, say of a figure: its mean with the
 * confidence interval of Student's t, which supposes that the values are about normal.
 */
struct FanoutConfidence
{
    std::size_t n{0};    ///< values
    double mean{0};      ///< their mean, NaN for no values
    double deviation{0}; ///< sample standard deviation (n - 1), NaN below 2 values
    double halfWidth{0}; ///< the interval is mean +- halfWidth; NaN below 2 values

    /**
     * @param values of the runs; NaN is left out
     * @param level of confidence, in ]0, 1[
     * @return what they say
     */
    static FanoutConfidence Of(const std::vector<double>& values, double level = 0.95);
};

} // namespace ns3

#endif // FANOUT_CONFIDENCE_H
