/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_SWEEP_RUNS_H
#define FANOUT_TREE_SIM_SWEEP_RUNS_H

#include "fanout-tree-sim-parameters.h"
#include "fanout-tree-sim-sweep.h"

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fanoutsim
{

/// What became of a run.
struct SweepResult
{
    Figures figures;    ///< whole where it came to its end
    std::string failed; ///< why it did not, empty if it did
};

/**
 * Runs a sweep's runs, each a process of this program whose words on stderr go to run.log in its
 * folder. What is there already is not run again.
 */
class SweepRunner
{
  public:
    /// @param runs to run @param jobs at a time
    SweepRunner(const std::vector<SweepRun>& runs, unsigned jobs);

    /// Run the first ones. @param count how many of them
    /// @return whether all of these have a result; not after a signal asked to stop
    bool Run(std::size_t count);

    /// @return results of the runs, in their order
    const std::vector<SweepResult>& GetResults() const;

    /// @return runs that were there already
    std::size_t GetFound() const;

  private:
    /// Take what is there, or begin the next run.
    void Next();

    /// Begin a run. @param i which
    void Begin(std::size_t i);

    /// Wait a moment, take what ended; tell runs to stop when a signal asked for it.
    void Wait();

    /// A run has ended. @param i which @param status as of waitpid
    void Finish(std::size_t i, int status);

    const std::vector<SweepRun>& m_runs;    ///< what to run
    std::vector<SweepResult> m_results;     ///< of the same
    std::map<pid_t, std::size_t> m_running; ///< which process runs which
    std::size_t m_next{0};                  ///< to begin
    std::size_t m_found{0};                 ///< were there already
    std::size_t m_done{0};                  ///< have a result
    unsigned m_jobs;                        ///< at a time
    bool m_stopped{false};                  ///< the running ones were told to stop
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_SWEEP_RUNS_H
