/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_TROUBLE_H
#define FANOUT_TREE_SIM_TROUBLE_H

#include "fanout-tree-sim-attack.h"
#include "fanout-tree-sim-options.h"

#include "ns3/application-container.h"
#include "ns3/fanout-recovery.h"
#include "ns3/fanout-report.h"
#include "ns3/fanout-trouble.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace fanoutsim
{

/// What goes wrong in a run, and what became of the peers after it.
class Trouble
{
  public:
    /// Hold the crowd back. @param options of the run @param apps its peers, not started
    /// @param spare hosts that are not in the channel @param stream first ns-3 stream of the draws
    Trouble(const Options& options,
            const ns3::ApplicationContainer& apps,
            const std::vector<SpareHost>& spare,
            std::int64_t stream);
    ~Trouble();
    Trouble(const Trouble&) = delete;
    Trouble& operator=(const Trouble&) = delete;

    /// @param options of a run @return whether anything is to go wrong in it
    static bool IsAsked(const Options& options);

    /// @param options of a run @throws UsageError when the flags of what goes wrong do not fit
    static void Check(const Options& options);

    /// @return subscribers that join later
    std::uint32_t GetCrowd() const;

    /// The first message is published now.
    void Begin();

    /// @param report gets the group recovery
    void Report(ns3::FanoutReport& report);

  private:
    using Handle = ns3::Ptr<ns3::FanoutApplication>; ///< one peer

    /// Faults of single frames, from the first message to the end.
    void BeginFrameFaults();

    /// The fault happens now, and the crowd comes.
    void Strike();

    /// @return how many the fault met
    std::uint32_t Hit();

    /// @param next of the crowd joins now
    void JoinNext(std::size_t next);

    const Options& m_options;                 ///< of the run
    ns3::FanoutTrouble m_trouble;             ///< makes things go wrong
    ns3::Ptr<ns3::FanoutRecovery> m_recovery; ///< what becomes of the peers
    std::unique_ptr<Attack> m_attack;         ///< who means harm, null for nobody
    std::vector<Handle> m_crowd;              ///< those that join later
    std::uint32_t m_hit{0};                   ///< peers or links that the fault met
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_TROUBLE_H
