/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-sweep-table.h"

#include "ns3/fanout-csv.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fanoutsim
{

namespace
{

std::string
Formatted(const char* format, double value)
{
    char text[40];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

/// @return with the decimals that the interval's width asks for
std::string
MeanText(const ns3::FanoutConfidence& figure)
{
    if (figure.n == 0)
    {
        return "-";
    }
    if (std::isnan(figure.halfWidth) || figure.halfWidth == 0)
    {
        return Formatted("%.6g", figure.mean) + (figure.n > 1 ? " +- 0" : "");
    }
    const int decimals =
        std::clamp(1 - static_cast<int>(std::floor(std::log10(figure.halfWidth))), 0, 9);
    char text[80];
    std::snprintf(text,
                  sizeof text,
                  "%.*f +- %.*f",
                  decimals,
                  figure.mean,
                  decimals,
                  figure.halfWidth);
    return text;
}

/// @return as many digits as there are; nothing for what is not defined
std::string
NumberText(double value)
{
    return std::isnan(value) ? "" : Formatted("%.17g", value);
}

} // namespace

SweepTable::SweepTable(const SweepPlan& plan,
                       const std::vector<Combination>& combinations,
                       const std::vector<SweepRun>& runs,
                       const std::vector<SweepResult>& results)
    : m_metrics(plan.metrics)
{
    for (const auto& varied : plan.varied)
    {
        m_flags.push_back(varied.name);
    }
    for (std::size_t i = 0; i < combinations.size(); i++)
    {
        Row row;
        row.values = combinations[i].values;
        std::vector<std::vector<double>> values(m_metrics.size());
        for (std::size_t k = 0; k < runs.size(); k++)
        {
            if (runs[k].combination != i)
            {
                continue;
            }
            const auto& figures = results[k].figures;
            row.runs += figures.whole ? 1 : 0;
            row.failed += figures.whole ? 0 : 1;
            for (const auto& [key, number] : figures.numbers)
            {
                const auto at = std::find(m_metrics.begin(), m_metrics.end(), key);
                if (figures.whole && at != m_metrics.end())
                {
                    values[at - m_metrics.begin()].push_back(number);
                }
            }
        }
        for (const auto& of : values)
        {
            row.figures.push_back(ns3::FanoutConfidence::Of(of));
        }
        m_rows.push_back(std::move(row));
    }
}

std::vector<std::vector<std::string>>
SweepTable::GetCells() const
{
    auto head = m_flags;
    head.emplace_back("runs");
    head.insert(head.end(), m_metrics.begin(), m_metrics.end());
    std::vector<std::vector<std::string>> cells{head};
    for (const auto& row : m_rows)
    {
        auto line = row.values;
        line.push_back(std::to_string(row.runs));
        if (row.failed > 0)
        {
            line.back() += " (" + std::to_string(row.failed) + " failed)";
        }
        for (const auto& figure : row.figures)
        {
            line.push_back(MeanText(figure));
        }
        cells.push_back(std::move(line));
    }
    return cells;
}

void
SweepTable::WriteText(std::ostream& os) const
{
    const auto cells = GetCells();
    std::vector<std::size_t> widths(cells.front().size());
    for (const auto& line : cells)
    {
        for (std::size_t i = 0; i < line.size(); i++)
        {
            widths[i] = std::max(widths[i], line[i].size());
        }
    }
    for (const auto& line : cells)
    {
        for (std::size_t i = 0; i < line.size(); i++)
        {
            os << (i == 0 ? "" : "  ") << std::string(widths[i] - line[i].size(), ' ') << line[i];
        }
        os << "\n";
    }
    os << "mean +- half width of the 95 % confidence interval over seeds (Student t)\n";
}

void
SweepTable::WriteMarkdown(std::ostream& os) const
{
    bool head = true;
    for (const auto& line : GetCells())
    {
        std::string rule = "|";
        os << "|";
        for (const auto& cell : line)
        {
            os << " ";
            for (const char c : cell)
            {
                os << (c == '|' ? "\\|" : std::string(1, c));
            }
            os << " |";
            rule += " ---: |";
        }
        os << "\n" << (head ? rule + "\n" : "");
        head = false;
    }
    os << "\nMean +- half width of the 95 % confidence interval over seeds (Student t).\n";
}

void
SweepTable::WriteCsv(std::ostream& os) const
{
    for (const auto& flag : m_flags)
    {
        os << flag << ",";
    }
    os << "runs,failed";
    for (const auto& metric : m_metrics)
    {
        os << "," << metric << "_n," << metric << "_mean," << metric << "_ci95," << metric << "_sd";
    }
    os << "\n";
    for (const auto& row : m_rows)
    {
        for (const auto& value : row.values)
        {
            os << ns3::FanoutCsvField(value) << ",";
        }
        os << row.runs << "," << row.failed;
        for (const auto& figure : row.figures)
        {
            os << "," << figure.n << "," << NumberText(figure.mean) << ","
               << NumberText(figure.halfWidth) << "," << NumberText(figure.deviation);
        }
        os << "\n";
    }
}

} // namespace fanoutsim
