/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_SCENARIO_H
#define FANOUT_TREE_SIM_SCENARIO_H

#include "fanout-tree-sim-options.h"
#include "fanout-tree-sim-progress.h"
#include "fanout-tree-sim-trouble.h"

#include "ns3/application-container.h"
#include "ns3/fanout-access-helper.h"
#include "ns3/fanout-cloud-helper.h"
#include "ns3/fanout-monitor.h"
#include "ns3/fanout-presence.h"
#include "ns3/fanout-report.h"
#include "ns3/fanout-run-folder.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-underlay-helper.h"
#include "ns3/fanout-workload.h"

#include <memory>
#include <vector>

namespace fanoutsim
{

/// How a run ended.
enum class Outcome
{
    DONE,       ///< as planned
    TIMED_OUT,  ///< at a time limit
    INTERRUPTED ///< by a signal
};

/**
 * One run: hosts and network, a channel on them, the join stage, messages and churn, the time to
 * settle. On the ISP underlay root, trackers and relays have access links of class "relay".
 *
 * The join stage ends when all subscribers have joined, or after clamp(timeoutMs / 2, 10 s, 120 s);
 * the reference's simulator waits for the whole timeoutMs, and has none left for the messages.
 */
class Scenario
{
  public:
    /// Build all of it. @param options what to run @param progress told how far it is
    Scenario(const Options& options, Progress& progress);
    ~Scenario();
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;

    /// @return how it ended
    Outcome Run();

    /// @return what it came to, with parameters and cost
    ns3::FanoutReport GetReport();

    /// Write tables and tree, after GetReport. @param folder where to
    /// @return what was left out and why
    std::vector<std::string> WriteFigures(const ns3::FanoutRunFolder& folder) const;

  private:
    /// Set options that the user or the preset has set. @param tree gets them
    void SetOptions(ns3::FanoutTreeHelper& tree) const;

    /// @param tree knows the roles @return hosts without one
    std::vector<SpareHost> GetSpareHosts(const ns3::FanoutTreeHelper& tree) const;

    /// @param network gets access links @param tree knows who relays
    void SetAccess(ns3::FanoutAccessHelper& network, const ns3::FanoutTreeHelper& tree) const;

    /// Make hosts and network. @param tree knows who relays
    void MakeUnderlay(ns3::FanoutTreeHelper& tree);

    /// Let subscribers begin to join.
    void BeginJoining();

    /// Begin joins as far as joinConcurrency and joinPhases allow.
    void JoinMore();

    /// Publish and let peers fail.
    void BeginPublishing();

    /// Look whether the stage or the run is over, show progress, look again soon.
    void Poll();

    /// @param outcome why the run ends now
    void End(Outcome outcome);

    /// @return subscribers that the join stage waits for
    std::uint32_t CountToJoin() const;

    /// @return how far the run is
    Standing GetStanding() const;

    /// What a run has handled by some time.
    struct Handled
    {
        std::uint64_t events{0};    ///< of ns-3
        std::uint64_t inputs{0};    ///< arrivals and wake-ups; on a cloud those of its wheel
        std::uint64_t delivered{0}; ///< first copies
    };

    /// @return what the run has handled so far
    Handled GetHandled() const;

    /// @return the cloud, null on another network
    ns3::Ptr<ns3::FanoutCloudChannel> GetCloud() const;

    /// @param report gets the group run and the group cost
    void ReportRun(ns3::FanoutReport& report) const;

    /// @param report gets what one delivery took while messages were published
    void ReportEffort(ns3::FanoutReport& report) const;

    /// @param report gets the parameters
    void ReportParameters(ns3::FanoutReport& report) const;

    const Options& m_options;                              ///< what to run
    Progress& m_progress;                                  ///< told how far it is
    Meter m_meter;                                         ///< real time
    std::unique_ptr<ns3::FanoutUnderlayHelper> m_network;  ///< hosts and links
    ns3::ApplicationContainer m_apps;                      ///< the channel's peers
    ns3::Ptr<ns3::FanoutMonitor> m_monitor;                ///< what it comes to
    ns3::Ptr<ns3::FanoutPresence> m_presence;              ///< who is there, null: not asked
    std::unique_ptr<ns3::FanoutWorkload> m_arrivals;       ///< sessions, until m_load takes over
    std::unique_ptr<ns3::FanoutWorkload> m_load;           ///< messages and churn
    std::unique_ptr<Trouble> m_trouble;                    ///< what goes wrong, null for nothing
    std::vector<ns3::Ptr<ns3::FanoutApplication>> m_queue; ///< still to join, in order
    std::size_t m_begun{0};                                ///< of these, those that have begun
    std::size_t m_firstPhase{0};                           ///< of these, relays
    ns3::Time m_phaseOver{-1};                             ///< when the relays had joined
    ns3::Time m_end;                                       ///< of the run, as far as known
    std::uint32_t m_subscribers{0};                        ///< peers that join before the stream
    Handled m_formed;                                      ///< when publishing began
    double m_setupCpuSeconds{0};                           ///< to build all of it
    Outcome m_outcome{Outcome::DONE};                      ///< how it ended
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_SCENARIO_H
