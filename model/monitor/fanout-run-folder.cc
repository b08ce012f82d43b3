/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-run-folder.h"

#include "fanout-run-plots.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace ns3
{

namespace
{

constexpr const char* REPORT = "report.json";
constexpr const char* PART = ".part";

} // namespace

FanoutRunFolder::FanoutRunFolder(const std::string& path)
    : m_path(path)
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path) / "plots", error);
    if (error)
    {
        throw std::runtime_error(path + " cannot be made a folder: " + error.message());
    }
    const auto part = PathOf(REPORT) + PART;
    if (!std::ofstream(part))
    {
        throw std::runtime_error(path + " cannot be written to: " + std::strerror(errno));
    }
    std::filesystem::remove(part, error);
}

const std::string&
FanoutRunFolder::GetPath() const
{
    return m_path;
}

std::string
FanoutRunFolder::PathOf(const std::string& name) const
{
    return (std::filesystem::path(m_path) / name).string();
}

void
FanoutRunFolder::Remove(const std::string& name) const
{
    std::error_code error;
    std::filesystem::remove(PathOf(name), error);
    if (error)
    {
        throw std::runtime_error("cannot remove " + PathOf(name) + ": " + error.message());
    }
}

void
FanoutRunFolder::Move(const std::string& from, const std::string& to) const
{
    std::error_code error;
    std::filesystem::rename(PathOf(from), PathOf(to), error);
    if (error)
    {
        throw std::runtime_error("cannot write " + PathOf(to) + ": " + error.message());
    }
}

void
FanoutRunFolder::Begin() const
{
    for (const auto* name : {REPORT, "peers.csv", "latency.csv", "timeline.csv", "tree.dot"})
    {
        Remove(name);
    }
    for (const auto& plot : FanoutRunPlots())
    {
        for (const auto* ending : {".gp", ".png", ".svg"})
        {
            Remove("plots/" + plot.name + ending);
        }
    }
}

void
FanoutRunFolder::Write(const std::string& name,
                       const std::function<void(std::ostream&)>& write) const
{
    const auto part = PathOf(name) + PART;
    std::ofstream file(part, std::ios::trunc);
    if (file)
    {
        write(file);
        file.close();
    }
    if (!file)
    {
        const std::string why = std::strerror(errno);
        std::error_code error;
        std::filesystem::remove(part, error);
        throw std::runtime_error("cannot write " + PathOf(name) + ": " + why);
    }
    Move(name + PART, name);
}

std::vector<std::string>
FanoutRunFolder::WriteFigures(const FanoutMonitor& monitor, const Figures& figures) const
{
    std::vector<std::string> left;
    std::vector<std::string> tables{"latency.csv"};
    Write("latency.csv", [&](std::ostream& os) { monitor.WriteLatency(os); });
    if (monitor.GetTimeline().HasBegun())
    {
        Write("timeline.csv", [&](std::ostream& os) { monitor.GetTimeline().WriteCsv(os); });
        tables.emplace_back("timeline.csv");
    }
    if (monitor.GetPeers() <= figures.peersMost)
    {
        Write("peers.csv", [&](std::ostream& os) { monitor.WritePeers(os, figures.placeOf); });
        tables.emplace_back("peers.csv");
    }
    else
    {
        left.push_back("peers.csv is left out: " + std::to_string(monitor.GetPeers()) +
                       " peers are more than " + std::to_string(figures.peersMost));
    }
    Write("tree.dot", [&](std::ostream& os) { monitor.WriteTree(os, figures.treeMost); });
    for (const auto& plot : FanoutRunPlots())
    {
        for (const auto& table : tables)
        {
            if (plot.table == table)
            {
                Write("plots/" + plot.name + ".gp",
                      [&](std::ostream& os) { os << plot.GetScript(); });
            }
        }
    }
    return left;
}

bool
FanoutRunFolder::CanPlot()
{
    return FanoutRunGnuplot({"--version"});
}

std::vector<std::string>
FanoutRunFolder::Plot() const
{
    std::vector<std::string> failed;
    for (const auto& plot : FanoutRunPlots())
    {
        const auto stem = "plots/" + plot.name;
        if (!std::filesystem::exists(PathOf(stem + ".gp")))
        {
            continue;
        }
        const auto part = stem + PART;
        const bool made = FanoutRunGnuplot(
            {"-e",
             "cd " + FanoutGnuplotText(m_path) + "; stem = " + FanoutGnuplotText(part),
             stem + ".gp"});
        for (const auto* ending : {".png", ".svg"})
        {
            made ? Move(part + ending, stem + ending) : Remove(part + ending);
        }
        if (!made)
        {
            failed.push_back(plot.name);
        }
    }
    return failed;
}

void
FanoutRunFolder::WriteReport(const FanoutReport& report, bool stable) const
{
    Write(REPORT, [&](std::ostream& os) { report.WriteJson(os, stable); });
}

} // namespace ns3
