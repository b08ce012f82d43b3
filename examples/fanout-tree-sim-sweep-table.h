/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_SWEEP_TABLE_H
#define FANOUT_TREE_SIM_SWEEP_TABLE_H

#include "fanout-tree-sim-sweep-runs.h"

#include "ns3/fanout-confidence.h"

#include <ostream>
#include <string>
#include <vector>

namespace fanoutsim
{

/// A sweep's metrics by combination.
class SweepTable
{
  public:
    /// @param plan of the sweep @param combinations of it @param runs of it
    /// @param results of the runs, in their order
    SweepTable(const SweepPlan& plan,
               const std::vector<Combination>& combinations,
               const std::vector<SweepRun>& runs,
               const std::vector<SweepResult>& results);

    /// Columns for people: "mean +- half width". @param os where to
    void WriteText(std::ostream& os) const;

    /// The same for Markdown. @param os where to
    void WriteMarkdown(std::ostream& os) const;

    /// A line a combination: flags, runs, failed, and of each metric n, mean, ci95 (half width),
    /// sd.
    /// @param os where to
    void WriteCsv(std::ostream& os) const;

  private:
    /// A combination.
    struct Row
    {
        std::vector<std::string> values;            ///< of the flags
        std::size_t runs{0};                        ///< that count
        std::size_t failed{0};                      ///< that do not
        std::vector<ns3::FanoutConfidence> figures; ///< by metric
    };

    /// @return names of the columns for people, then its lines
    std::vector<std::vector<std::string>> GetCells() const;

    std::vector<std::string> m_flags;   ///< that vary
    std::vector<std::string> m_metrics; ///< their keys
    std::vector<Row> m_rows;            ///< by combination
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_SWEEP_TABLE_H
