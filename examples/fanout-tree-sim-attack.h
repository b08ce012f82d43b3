/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_ATTACK_H
#define FANOUT_TREE_SIM_ATTACK_H

#include "fanout-tree-sim-options.h"

#include "ns3/application-container.h"
#include "ns3/fanout-attack.h"
#include "ns3/fanout-ledger.h"
#include "ns3/fanout-recovery.h"
#include "ns3/fanout-report.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace fanoutsim
{

/// A host that is not in the channel, and its address.
using SpareHost = std::pair<ns3::Ptr<ns3::Node>, ns3::Ipv4Address>;

/// Attackers in a run: --fault is one of the kinds of FanoutAttack.
class Attack
{
  public:
    /// @param options of the run @param apps its peers @param hosts of strangers
    /// @param stream ns-3 stream of the draws
    Attack(const Options& options,
           const ns3::ApplicationContainer& apps,
           const std::vector<SpareHost>& hosts,
           std::int64_t stream);

    /// @param options of a run @return whether its fault is an attack
    static bool IsAsked(const Options& options);

    /// @param options of a run @return whether members take part in it
    static bool NeedsMembers(const Options& options);

    /// @param options of a run @throws UsageError when its flags do not fit
    static void Check(const Options& options);

    /// The attack begins now. @param recovery is told whom not to count @param length how long
    /// @return attackers
    std::uint32_t Begin(ns3::FanoutRecovery& recovery, ns3::Time length);

    /// @param report gets the group attack
    void Report(ns3::FanoutReport& report) const;

  private:
    const Options& m_options;     ///< of the run
    ns3::FanoutAttack m_attack;   ///< does it
    ns3::fanout::Ledger m_before; ///< when it began
    std::uint32_t m_attackers{0}; ///< how many
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_ATTACK_H
