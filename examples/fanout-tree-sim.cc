/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The simulator's front door: runs a preset and prints what came of it.
 */
#include "fanout-tree-sim-asserts.h"
#include "fanout-tree-sim-options.h"
#include "fanout-tree-sim-parameters.h"
#include "fanout-tree-sim-progress.h"
#include "fanout-tree-sim-scenario.h"
#include "fanout-tree-sim-sweep.h"

#include "ns3/config.h"
#include "ns3/fanout-run-folder.h"
#include "ns3/global-value.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

namespace
{

using namespace fanoutsim;

constexpr int EXIT_DONE = 0;
constexpr int EXIT_USAGE = 1;
constexpr int EXIT_MISSED = 2;
constexpr int EXIT_TIMED_OUT = 124;
constexpr int EXIT_INTERRUPTED = 130;

/// @param options of a run @return the folder that it goes to, null for none @throws UsageError
std::unique_ptr<ns3::FanoutRunFolder>
MakeFolder(const Options& options)
{
    const auto& path = options.Text("out");
    if (path.empty())
    {
        return nullptr;
    }
    const auto& from = options.Text("from");
    std::error_code error;
    if (!from.empty() && std::filesystem::equivalent(path, from, error))
    {
        throw UsageError("--out=" + path + " is the folder of --from; allowed: another one");
    }
    try
    {
        return std::make_unique<ns3::FanoutRunFolder>(path);
    }
    catch (const std::runtime_error& failure)
    {
        throw UsageError("--out=" + std::string(failure.what()));
    }
}

void
MakePlots(const ns3::FanoutRunFolder& folder, Progress& progress)
{
    if (!ns3::FanoutRunFolder::CanPlot())
    {
        progress.Say(
            "no plots: gnuplot is not installed (Debian: gnuplot-nox); the scripts are in " +
            folder.GetPath() + "/plots");
        return;
    }
    for (const auto& name : folder.Plot())
    {
        progress.Say("no plot " + name + ": it has no data, or gnuplot failed on " +
                     folder.GetPath() + "/plots/" + name + ".gp");
    }
}

/// @param folder where to @param options of the run @param scenario that is over
/// @param report of it @param progress told what is left out
void
WriteFolder(const ns3::FanoutRunFolder& folder,
            const Options& options,
            const Scenario& scenario,
            const ns3::FanoutReport& report,
            Progress& progress)
{
    folder.Begin();
    folder.Write("parameters.json", [&](std::ostream& os) { os << WriteParameters(options); });
    for (const auto& line : scenario.WriteFigures(folder))
    {
        progress.Say(line + " (--peersMost)");
    }
    if (options.On("plots"))
    {
        MakePlots(folder, progress);
    }
    folder.WriteReport(report, options.On("stable"));
}

int
ExitCode(Outcome outcome, const Options& options, const ns3::FanoutReport& report)
{
    if (outcome == Outcome::INTERRUPTED)
    {
        std::cerr << "fanout-tree-sim: stopped by a signal; the report is of what was done\n";
        return EXIT_INTERRUPTED;
    }
    if (outcome == Outcome::TIMED_OUT)
    {
        std::cerr << "fanout-tree-sim: stopped at its time limit (--timeoutMs, --wallTimeoutMs); "
                     "the report is of what was done\n";
        return EXIT_TIMED_OUT;
    }
    const auto missed = MissedLimits(options, report);
    for (const auto& line : missed)
    {
        std::cerr << "fanout-tree-sim: missed: " << line << "\n";
    }
    return missed.empty() ? EXIT_DONE : EXIT_MISSED;
}

/// @param options name the one that keeps ns-3's events
void
ChooseScheduler(const Options& options)
{
    static const std::map<std::string, std::string> types{
        {"map", "ns3::MapScheduler"},
        {"heap", "ns3::HeapScheduler"},
        {"priority-queue", "ns3::PriorityQueueScheduler"},
        {"calendar", "ns3::CalendarScheduler"},
        {"list", "ns3::ListScheduler"},
    };
    ns3::GlobalValue::Bind("SchedulerType", ns3::StringValue(types.at(options.Text("scheduler"))));
}

int
Main(int argc, char** argv)
{
    if (argc > 1 && std::string(argv[1]) == "sweep")
    {
        return RunSweep(argc - 1, argv + 1);
    }
    const auto command = Parse(argc, argv);
    if (command.help || command.list)
    {
        command.help ? PrintHelp() : PrintList();
        return EXIT_DONE;
    }
    const auto& options = command.options;
    Trouble::Check(options);
    const auto folder = MakeFolder(options);
    if (command.stored)
    {
        TellChanges(*command.stored, options, std::cout);
    }
    CatchSignals();
    ChooseScheduler(options);
    Progress progress(options.On("quiet"), options.Number("progressEveryMs"));
    progress.Say("building " + options.Text("nodes") + " hosts on underlay " +
                 options.Text("underlay"));
    Scenario scenario(options, progress);
    const auto outcome = scenario.Run();
    const auto report = scenario.GetReport();
    if (!options.On("quiet"))
    {
        report.Print(std::cout, options.On("all"));
    }
    if (folder)
    {
        WriteFolder(*folder, options, scenario, report, progress);
    }
    const bool compare = command.stored && outcome != Outcome::INTERRUPTED;
    const bool agrees = !compare || TellAgreement(*command.stored, report, std::cout);
    const int code = ExitCode(outcome, options, report);
    return agrees ? code : EXIT_MISSED;
}

} // namespace

int
main(int argc, char** argv)
{
    ns3::Time::SetResolution(ns3::Time::NS);
    try
    {
        return Main(argc, argv);
    }
    catch (const std::exception& error)
    {
        std::cerr << "fanout-tree-sim: " << error.what() << "\n";
        return EXIT_USAGE;
    }
}
