/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_RUN_FOLDER_H
#define FANOUT_RUN_FOLDER_H

#include "fanout-monitor.h"
#include "fanout-report.h"

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A folder with what came of a run: peers.csv, latency.csv, timeline.csv, tree.dot, plots and
 * report.json. Each file is written aside and moved, so that it is whole or not there; report.json
 * comes last and says that the folder is complete. Equal runs write equal bytes, report.json's
 * group FanoutReport::COST apart.
 *
 * All calls throw std::runtime_error naming the file when something cannot be written.
 */
class FanoutRunFolder
{
  public:
    /// @param path made when missing
    explicit FanoutRunFolder(const std::string& path);

    /// @return its path
    const std::string& GetPath() const;

    /// Say that the folder is not complete: what a former run left there goes.
    void Begin() const;

    /**
     * Write one file.
     * @param name of the file @param write is given the stream
     */
    void Write(const std::string& name, const std::function<void(std::ostream&)>& write) const;

    /// What WriteFigures leaves out, and knows besides.
    struct Figures
    {
        std::uint32_t peersMost{200000};  ///< peers.csv is not written for more peers than these
        std::uint32_t treeMost{300};      ///< most peers drawn in tree.dot
        FanoutMonitor::PlaceName placeOf; ///< gives peers.csv its regions; may be null
    };

    /**
     * Write the tables and the tree, timeline.csv if there is a timeline; and a gnuplot script a
     * plot, plots/NAME.gp. After FanoutMonitor::GetReport, while the applications are still there.
     * @param monitor of the run @param figures what to leave out
     * @return what was left out and why, a line each
     */
    std::vector<std::string> WriteFigures(const FanoutMonitor& monitor,
                                          const Figures& figures) const;

    /// @return whether the program gnuplot is found
    static bool CanPlot();

    /**
     * Run the scripts that WriteFigures wrote: plots/NAME.png and plots/NAME.svg.
     * @return names of the plots that could not be made, such as those without any data
     */
    std::vector<std::string> Plot() const;

    /**
     * Write report.json. To be called last.
     * @param report the figures @param stable leave out the group COST
     */
    void WriteReport(const FanoutReport& report, bool stable) const;

  private:
    /// @param name of a file @return its path
    std::string PathOf(const std::string& name) const;

    /// @param name of a file, which is gone afterwards
    void Remove(const std::string& name) const;

    /// @param from a file @param to its new name, in its folder
    void Move(const std::string& from, const std::string& to) const;

    std::string m_path; ///< of the folder
};

} // namespace ns3

#endif // FANOUT_RUN_FOLDER_H
