/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-sweep.h"

#include "fanout-tree-sim-progress.h"
#include "fanout-tree-sim-sweep-table.h"

#include "ns3/fanout-run-folder.h"

#include <iostream>

namespace fanoutsim
{

namespace
{

constexpr int EXIT_DONE = 0;
constexpr int EXIT_FAILED = 2;
constexpr int EXIT_STOPPED = 130;

void
PrintSweepHelp()
{
    std::cout
        << "usage: fanout-tree-sim sweep PRESET [--flag=value ...] --out=FOLDER [--seeds=1..5]\n"
           "           [--vary=FLAG=a,b,c ...] [--metrics=KEY,KEY,...] [--jobs=N]\n\n"
           "Runs a preset with all combinations of the varied flags' values and all seeds, and\n"
           "makes tables of the metrics' means with 95 % confidence intervals over the seeds.\n\n"
           "  --seeds=1..10         seeds, also 1,2,7 (1..5)\n"
           "  --vary=FLAG=a,b,c     values of any flag of the simulator; may be given again\n"
           "  --metrics=KEY,KEY     keys of report.json that are numbers (deliveredPct,\n"
           "                        latencyP50,latencyP99,overheadFactorData,controlBpp)\n"
           "  --jobs=N              runs at a time (one a core)\n"
           "  --out=FOLDER          gets COMBINATION/seed-S, a run's folder each, and table.txt,\n"
           "                        table.csv, table.md\n\n"
           "A run that is complete there is not run again; one of other flags or another version\n"
           "is. Runs make no plots unless --plots=1. Exit codes: 0 done, 1 wrong command line or\n"
           "file, 2 some runs failed (named on stderr), 130 stopped: run it again to go on.\n";
}

/// @param plan of a sweep @param figures of one of its runs
/// @throws UsageError when a metric is none of the figures
void
CheckMetrics(const SweepPlan& plan, const Figures& figures)
{
    std::vector<std::string> keys;
    std::string all;
    for (const auto& [key, number] : figures.numbers)
    {
        keys.push_back(key);
        all += (all.empty() ? "" : ", ") + key;
    }
    for (const auto& metric : plan.metrics)
    {
        if (std::find(keys.begin(), keys.end(), metric) == keys.end())
        {
            const auto nearest = Nearest(metric, keys, "");
            throw UsageError("unknown metric " + metric +
                             (nearest.empty() ? "" : "; nearest: " + nearest) +
                             "; there are: " + all);
        }
    }
}

/// @param runs of a sweep @param results of them @return how many failed; each is named
std::size_t
TellFailures(const std::vector<SweepRun>& runs, const std::vector<SweepResult>& results)
{
    std::size_t failed = 0;
    for (std::size_t i = 0; i < runs.size(); i++)
    {
        if (!results[i].failed.empty())
        {
            failed++;
            std::cerr << "fanout-tree-sim: failed: " << runs[i].folder << ": " << results[i].failed
                      << "\n";
        }
    }
    return failed;
}

void
WriteTables(const SweepPlan& plan, const SweepTable& table)
{
    const ns3::FanoutRunFolder folder(plan.out);
    folder.Write("table.txt", [&](std::ostream& os) { table.WriteText(os); });
    folder.Write("table.md", [&](std::ostream& os) { table.WriteMarkdown(os); });
    folder.Write("table.csv", [&](std::ostream& os) { table.WriteCsv(os); });
    table.WriteText(std::cout);
}

} // namespace

int
RunSweep(int argc, char** argv)
{
    const auto plan = ParseSweep(argc - 1, argv + 1);
    if (plan.help)
    {
        PrintSweepHelp();
        return EXIT_DONE;
    }
    const auto combinations = Combine(plan);
    const auto runs = PlanRuns(plan, combinations);
    CatchSignals();
    SweepRunner runner(runs, plan.jobs);
    // Which figures there are, the first run that does not fail tells.
    std::size_t first = 0;
    bool known = false;
    while (!known && first < runs.size() && runner.Run(first + 1))
    {
        known = runner.GetResults()[first++].figures.whole;
    }
    if (known)
    {
        CheckMetrics(plan, runner.GetResults()[first - 1].figures);
    }
    const bool all = runner.Run(runs.size());
    if (StopAskedFor() || !all)
    {
        std::cerr << "fanout-tree-sim: stopped by a signal; the same command goes on\n";
        return EXIT_STOPPED;
    }
    const auto failed = TellFailures(runs, runner.GetResults());
    std::cerr << combinations.size() << " combinations, " << runs.size()
              << " runs: " << runner.GetFound() << " were there, "
              << runs.size() - runner.GetFound() - failed << " done, " << failed << " failed\n";
    WriteTables(plan, SweepTable(plan, combinations, runs, runner.GetResults()));
    return failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

} // namespace fanoutsim
