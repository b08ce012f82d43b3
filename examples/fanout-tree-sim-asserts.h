/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_ASSERTS_H
#define FANOUT_TREE_SIM_ASSERTS_H

#include "fanout-tree-sim-options.h"

#include "ns3/fanout-report.h"

#include <string>
#include <vector>

namespace fanoutsim
{

/**
 * Hold a report against the limits that were given. A limit counts when it is given, 0 too; a
 * figure that is not defined misses it.
 * @param options of the run @param report what it came to
 * @return one line a figure that missed, with its value and the limit; empty when none did
 */
std::vector<std::string> MissedLimits(const Options& options, const ns3::FanoutReport& report);

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_ASSERTS_H
