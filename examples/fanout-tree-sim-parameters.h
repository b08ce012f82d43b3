/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_PARAMETERS_H
#define FANOUT_TREE_SIM_PARAMETERS_H

#include "fanout-tree-sim-options.h"

#include "ns3/fanout-report.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace fanoutsim
{

/// @return names and versions of what a run's figures depend on: fanout-tree, ns-3, compiler, build
const std::vector<std::pair<std::string, std::string>>& Versions();

/// @param options of a run @return the content of its parameters.json
std::string WriteParameters(const Options& options);

/// A run that lies in a folder.
struct StoredRun
{
    std::string folder;                                          ///< where
    std::vector<std::pair<std::string, std::string>> versions;   ///< what it was made with
    std::vector<std::pair<std::string, std::string>> parameters; ///< flags, as they were written
    std::string report;                                          ///< content of its report.json
};

/**
 * Read the folder of a run.
 * @param folder where @param options gets preset and flags
 * @return the run @throws UsageError naming file and fault
 */
StoredRun ReadRun(const std::string& folder, Options& options);

/// Say what of a run is not as it was. @param stored the run @param options of its repetition
/// @param os where to
void TellChanges(const StoredRun& stored, const Options& options, std::ostream& os);

/**
 * Say whether a repetition came to the same, and in which figures not; parameters and the group
 * cost do not count.
 * @param stored the run @param report of its repetition @param os where to
 * @return whether all figures agree
 */
bool TellAgreement(const StoredRun& stored, const ns3::FanoutReport& report, std::ostream& os);

/// What a folder's report.json says.
struct Figures
{
    bool whole{false};                                   ///< the run came to its end
    std::vector<std::pair<std::string, double>> numbers; ///< NaN for those not defined
};

/// @param folder of a run @param parameters what its parameters.json has to be
/// @return what its report says; not whole where there is none, or of another run
Figures ReadFigures(const std::string& folder, const std::string& parameters);

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_PARAMETERS_H
