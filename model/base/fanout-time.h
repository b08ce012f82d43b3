/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TIME_H
#define FANOUT_TIME_H

#include <cstdint>
#include <limits>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Simulated time as base and protocol see it: microseconds since the start of the simulation.
 */
using Micros = std::int64_t;

constexpr Micros MILLISECOND = 1000;                         ///< One millisecond.
constexpr Micros SECOND = 1000 * MILLISECOND;                ///< One second.
constexpr Micros NEVER = std::numeric_limits<Micros>::max(); ///< Later than any deadline.

} // namespace ns3::fanout

#endif // FANOUT_TIME_H
