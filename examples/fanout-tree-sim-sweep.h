/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_SWEEP_H
#define FANOUT_TREE_SIM_SWEEP_H

#include "fanout-tree-sim-options.h"

#include <string>
#include <vector>

namespace fanoutsim
{

/// A flag and the values it shall take.
struct Varied
{
    std::string name;                ///< of the flag
    std::vector<std::string> values; ///< as written, each allowed
};

/// What a sweep is to do.
struct SweepPlan
{
    bool help{false};                 ///< print the help and stop
    std::string preset;               ///< of all runs
    std::vector<Setting> settings;    ///< flags of all runs
    std::vector<Varied> varied;       ///< all combinations are run
    std::vector<std::string> seeds;   ///< each with each combination
    std::vector<std::string> metrics; ///< keys of the report
    std::string out;                  ///< folder of the sweep
    unsigned jobs{1};                 ///< runs at a time
};

/// One run of a sweep.
struct SweepRun
{
    std::size_t combination{0};     ///< which
    std::string seed;               ///< its seed
    std::string folder;             ///< where it goes
    std::vector<std::string> words; ///< its command line
    std::string parameters;         ///< what its parameters.json has to be
};

/// Runs with the same flags.
struct Combination
{
    std::string name;                ///< "flag=value,flag=value", or the preset
    std::vector<std::string> values; ///< in the order of SweepPlan::varied
};

/// @param argc number of words @param argv the words behind "sweep" @return what to do
/// @throws UsageError
SweepPlan ParseSweep(int argc, char** argv);

/// @param plan a sweep @return all combinations of values, the last flag varied first
std::vector<Combination> Combine(const SweepPlan& plan);

/// @param plan a sweep @param combinations of it @return its runs, in order of combination and seed
/// @throws UsageError for a combination that is not allowed
std::vector<SweepRun> PlanRuns(const SweepPlan& plan, const std::vector<Combination>& combinations);

/**
 * Do what the command line asks for after the word "sweep".
 * @param argc number of words @param argv the words, the first one is "sweep"
 * @return exit code: 0 done, 2 some runs failed, 130 stopped @throws UsageError
 */
int RunSweep(int argc, char** argv);

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_SWEEP_H
