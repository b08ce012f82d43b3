/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_SESSIONS_H
#define FANOUT_TREE_SIM_SESSIONS_H

#include "fanout-tree-sim-options.h"

#include "ns3/application-container.h"
#include "ns3/fanout-presence.h"
#include "ns3/fanout-workload.h"

#include <cstdint>
#include <memory>

namespace fanoutsim
{

/// @param options whose flags of sessions and days are checked @throws UsageError
void CheckSessions(const Options& options);

/// @param options of a run @return how peers go away
ns3::FanoutChurn GetChurnKind(const Options& options);

/// @param options with a day or none @param load follows it
void SetDay(const Options& options, ns3::FanoutWorkload& load);

/// @param options of a run @param apps its peers @param stream first ns-3 stream of the draws
/// @return sessions, begun; null when none are asked for
std::unique_ptr<ns3::FanoutWorkload> BeginSessions(const Options& options,
                                                   const ns3::ApplicationContainer& apps,
                                                   std::int64_t stream);

/// @param options of a run @param apps its peers @return who watches them; null where nobody
/// leaves the channel or has sessions
ns3::Ptr<ns3::FanoutPresence> MakePresence(const Options& options,
                                           const ns3::ApplicationContainer& apps);

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_SESSIONS_H
