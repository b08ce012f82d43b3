/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_RUN_PLOTS_H
#define FANOUT_RUN_PLOTS_H

#include <string>
#include <vector>

namespace ns3
{

/// A plot of a run's folder, as a gnuplot script. @ingroup fanout-tree
struct FanoutRunPlot
{
    std::string name;  ///< of the script and the images, without ending
    std::string table; ///< the file it shows
    std::string body;  ///< what follows the head

    /// @return the whole script; it is run in the run's folder, and writes STEM.png and STEM.svg,
    /// or those of a variable `stem` that was set before
    std::string GetScript() const;
};

/// @ingroup fanout-tree
/// @return all plots
const std::vector<FanoutRunPlot>& FanoutRunPlots();

/// @ingroup fanout-tree
/// @param text any @return it as gnuplot writes a text, quoted
std::string FanoutGnuplotText(const std::string& text);

/**
 * @ingroup fanout-tree
 * Run gnuplot, its output thrown away.
 * @param arguments of it @return whether it was found and succeeded
 */
bool FanoutRunGnuplot(const std::vector<std::string>& arguments);

} // namespace ns3

#endif // FANOUT_RUN_PLOTS_H
