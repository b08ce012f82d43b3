/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The simulator's front door: runs a preset and prints what came of it.
 */
#include "fanout-tree-sim-asserts.h"
#include "fanout-tree-sim-options.h"
#include "fanout-tree-sim-progress.h"
#include "fanout-tree-sim-scenario.h"

#include "ns3/config.h"
#include "ns3/global-value.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace
{

using namespace fanoutsim;

constexpr int EXIT_DONE = 0;
constexpr int EXIT_USAGE = 1;
constexpr int EXIT_MISSED = 2;
constexpr int EXIT_TIMED_OUT = 124;
constexpr int EXIT_INTERRUPTED = 130;

/// A report on its way: written aside, then moved, so that a file is whole or not there.
class ReportFile
{
  public:
    /// @param folder made when missing @throws UsageError when nothing can be written there
    explicit ReportFile(const std::string& folder)
        : m_path(std::filesystem::path(folder) / "report.json"),
          m_part(m_path.string() + ".part")
    {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
        {
            throw UsageError("--out=" + folder + " cannot be made a folder: " + error.message());
        }
        if (!std::ofstream(m_part))
        {
            throw UsageError("--out=" + folder + " cannot be written to: " + std::strerror(errno));
        }
    }

    ~ReportFile()
    {
        std::error_code error;
        std::filesystem::remove(m_part, error);
    }

    /// @param report what to write @param stable without what differs between equal runs
    void
    Write(const ns3::FanoutReport& report, bool stable) const
    {
        report.WriteJson(m_part, stable);
        std::filesystem::rename(m_part, m_path);
    }

  private:
    std::filesystem::path m_path; ///< where it goes
    std::string m_part;           ///< where it is written
};

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
    const auto command = Parse(argc, argv);
    if (command.help || command.list)
    {
        command.help ? PrintHelp() : PrintList();
        return EXIT_DONE;
    }
    const auto& options = command.options;
    Trouble::Check(options);
    std::unique_ptr<ReportFile> file;
    if (!options.Text("out").empty())
    {
        file = std::make_unique<ReportFile>(options.Text("out"));
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
    if (file)
    {
        file->Write(report, options.On("stable"));
    }
    return ExitCode(outcome, options, report);
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
