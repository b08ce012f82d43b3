/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_NETWORK_H
#define FANOUT_TREE_SIM_NETWORK_H

#include "fanout-tree-sim-options.h"

#include "ns3/fanout-access-helper.h"
#include "ns3/fanout-cloud-helper.h"

#include <memory>

namespace fanoutsim
{

/// @param options whose flags of regions and files are checked @throws UsageError
void CheckNetwork(const Options& options);

/// @param options with the shares @param network whose regions are set, unless the default is asked
void SetRegions(const Options& options, ns3::FanoutAccessHelper& network);

/// @param options with a file or none @param cloud gets a model of it
/// @throws std::invalid_argument for what is wrong in the file
void SetLatencies(const Options& options, ns3::FanoutCloudHelper& cloud);

/// @param options with a file or none @return a network of the file, or the generated ISP
/// @throws std::invalid_argument for what is wrong in the file
std::unique_ptr<ns3::FanoutAccessHelper> MakeIsp(const Options& options);

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_NETWORK_H
