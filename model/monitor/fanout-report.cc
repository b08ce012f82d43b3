/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-report.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ns3
{

namespace
{

constexpr std::size_t COLUMNS = 2;
constexpr int KEY_WIDTH = 30;
constexpr int VALUE_WIDTH = 14;

std::string
FormatNumber(double value, bool percent)
{
    if (std::isnan(value))
    {
        return "-";
    }
    const double size = std::fabs(value);
    char text[64];
    const char* format = percent       ? "%.4f"
                         : size >= 1e5 ? "%.0f"
                         : size >= 100 ? "%.1f"
                         : size >= 1   ? "%.3f"
                                       : "%.4f";
    std::snprintf(text, sizeof text, value == std::floor(value) ? "%.0f" : format, value);
    return text;
}

std::string
FormatValue(const FanoutReport::Row& row)
{
    std::string text;
    if (const auto* number = std::get_if<double>(&row.value))
    {
        text = FormatNumber(*number, row.unit == "%");
    }
    else if (const auto* count = std::get_if<std::uint64_t>(&row.value))
    {
        text = std::to_string(*count);
    }
    else if (const auto* flag = std::get_if<bool>(&row.value))
    {
        text = *flag ? "yes" : "no";
    }
    else
    {
        text = std::get<std::string>(row.value);
    }
    return row.unit.empty() ? text : text + " " + row.unit;
}

void
PrintGroup(std::ostream& os,
           const std::string& group,
           const std::vector<const FanoutReport::Row*>& rows)
{
    os << group << "\n";
    std::size_t column = 0;
    for (const auto* row : rows)
    {
        const auto text = FormatValue(*row);
        const bool last = ++column % COLUMNS == 0 || row == rows.back();
        os << "  " << std::left << std::setw(KEY_WIDTH) << row->key;
        if (last)
        {
            os << text << "\n";
        }
        else
        {
            os << std::setw(VALUE_WIDTH) << text;
        }
    }
}

} // namespace

void
FanoutReport::Begin(const std::string& group, Detail detail)
{
    m_group = group;
    m_detail = detail;
}

void
FanoutReport::Set(const std::string& key, Value value, const std::string& unit)
{
    const bool parameter = m_group == PARAMETERS;
    for (auto& row : m_rows)
    {
        if (row.key == key && (row.group == PARAMETERS) == parameter)
        {
            row.value = std::move(value);
            row.unit = unit;
            return;
        }
    }
    m_rows.push_back({m_group, key, unit, std::move(value), m_detail});
}

void
FanoutReport::SetNumber(const std::string& key, double value, const std::string& unit)
{
    Set(key, value, unit);
}

void
FanoutReport::SetCount(const std::string& key, std::uint64_t value, const std::string& unit)
{
    Set(key, value, unit);
}

void
FanoutReport::SetFlag(const std::string& key, bool value)
{
    Set(key, value, "");
}

void
FanoutReport::SetText(const std::string& key, const std::string& value)
{
    Set(key, value, "");
}

const FanoutReport::Row*
FanoutReport::Find(const std::string& key) const
{
    for (const auto& row : m_rows)
    {
        if (row.key == key && row.group != PARAMETERS)
        {
            return &row;
        }
    }
    return nullptr;
}

bool
FanoutReport::Has(const std::string& key) const
{
    return Find(key) != nullptr;
}

double
FanoutReport::Get(const std::string& key) const
{
    const auto* row = Find(key);
    if (row != nullptr && std::holds_alternative<double>(row->value))
    {
        return std::get<double>(row->value);
    }
    if (row != nullptr && std::holds_alternative<std::uint64_t>(row->value))
    {
        return static_cast<double>(std::get<std::uint64_t>(row->value));
    }
    return std::numeric_limits<double>::quiet_NaN();
}

std::string
FanoutReport::GetUnit(const std::string& key) const
{
    const auto* row = Find(key);
    return row != nullptr ? row->unit : "";
}

const std::vector<FanoutReport::Row>&
FanoutReport::GetRows() const
{
    return m_rows;
}

void
FanoutReport::Print(std::ostream& os, bool all) const
{
    std::vector<std::string> groups;
    for (const auto& row : m_rows)
    {
        if (std::find(groups.begin(), groups.end(), row.group) == groups.end())
        {
            groups.push_back(row.group);
        }
    }
    const auto flags = os.flags();
    for (const auto& group : groups)
    {
        std::vector<const Row*> rows;
        for (const auto& row : m_rows)
        {
            if (row.group == group && (all || (row.detail == HEADLINE && group != PARAMETERS)))
            {
                rows.push_back(&row);
            }
        }
        if (!rows.empty())
        {
            PrintGroup(os, group, rows);
        }
    }
    os.flags(flags);
}

void
FanoutReport::WriteJson(std::ostream& os, bool stable) const
{
    nlohmann::ordered_json figures;
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
    figures["schemaVersion"] = SCHEMA_VERSION;
    for (const auto& row : m_rows)
    {
        if (stable && row.group == COST)
        {
            continue;
        }
        auto& object = row.group == PARAMETERS ? parameters : figures;
        std::visit([&](const auto& value) { object[row.key] = value; }, row.value);
    }
    figures["params"] = parameters;
    os << figures.dump(2) << "\n";
}

void
FanoutReport::WriteJson(const std::string& path, bool stable) const
{
    std::ofstream file(path, std::ios::trunc);
    if (file)
    {
        WriteJson(file, stable);
        file.close();
    }
    if (!file)
    {
        throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
    }
}

} // namespace ns3
