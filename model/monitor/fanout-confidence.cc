/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-confidence.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace ns3
{

FanoutConfidence
FanoutConfidence::Of(const std::vector<double>& values, double level)
{
    FanoutConfidence result;
    double sum = 0;
    for (const double value : values)
    {
        result.n += std::isnan(value) ? 0 : 1;
        sum += std::isnan(value) ? 0 : value;
    }
    const auto n = static_cast<double>(result.n);
    const double none = std::numeric_limits<double>::quiet_NaN();
    result.mean = result.n > 0 ? sum / n : none;
    result.deviation = result.halfWidth = none;
    if (result.n < 2)
    {
        return result;
    }
    double squares = 0;
    for (const double value : values)
    {
        squares += std::isnan(value) ? 0 : (value - result.mean) * (value - result.mean);
    }
    result.deviation = std::sqrt(squares / (n - 1));
    const boost::math::students_t student(n - 1);
    const double t = boost::math::quantile(student, (1 + level) / 2);
    result.halfWidth = t * result.deviation / std::sqrt(n);
    return result;
}

} // namespace ns3
