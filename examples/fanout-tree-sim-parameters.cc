/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-parameters.h"

#include "ns3/fanout-version.h"
#include "ns3/rng-seed-manager.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#ifndef FANOUT_NS3_VERSION
#define FANOUT_NS3_VERSION "unknown"
#endif
#ifndef FANOUT_BUILD_TYPE
#define FANOUT_BUILD_TYPE "unknown"
#endif

namespace fanoutsim
{

namespace
{

using Json = nlohmann::ordered_json;

constexpr unsigned SCHEMA_VERSION = 1;
constexpr std::uintmax_t MOST_BYTES = 1 << 24; // of a file that is read
constexpr const char* ORIGINS[] = {"default", "preset", "user"};

#if defined(__clang__)
constexpr const char* COMPILER = "Clang " __clang_version__;
#else
constexpr const char* COMPILER = "GCC " __VERSION__;
#endif

/// @return whether a flag says only where results go
bool
IsOutput(const Flag& flag)
{
    return std::string(flag.group) == OutputGroup();
}

std::string
ReadText(const std::filesystem::path& path)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || size > MOST_BYTES)
    {
        throw UsageError(path.string() + " cannot be read: " +
                         (error ? error.message() : "it is larger than 16 MiB"));
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file)
    {
        throw UsageError(path.string() + " cannot be read: " + std::strerror(errno));
    }
    return text;
}

Json
ReadObject(const std::filesystem::path& path, const std::string& text)
{
    auto json = Json::parse(text, nullptr, false);
    if (!json.is_object())
    {
        throw UsageError(path.string() + " is no JSON object");
    }
    return json;
}

/// @param path of a file @param json an object of it @param key of a text in it @return the text
std::string
TextOf(const std::filesystem::path& path, const Json& json, const char* key)
{
    const auto place = json.find(key);
    if (place == json.end() || !place->is_string())
    {
        throw UsageError(path.string() + " has no text \"" + key + "\"");
    }
    return place->get<std::string>();
}

/// @param path of a file @param json an object of it @param key of an object in it
/// @return that object
const Json&
ObjectOf(const std::filesystem::path& path, const Json& json, const char* key)
{
    const auto place = json.find(key);
    if (place == json.end() || !place->is_object())
    {
        throw UsageError(path.string() + " has no object \"" + key + "\"");
    }
    return *place;
}

/// Set a flag that a file has. @param path of the file @param name of the flag
/// @param json what the file says of it @param options gets it @return its value
std::string
RecallFlag(const std::filesystem::path& path,
           const std::string& name,
           const Json& json,
           Options& options)
{
    const auto* flag = FindFlag(name);
    if (flag == nullptr || IsOutput(*flag) || !json.is_object())
    {
        throw UsageError(path.string() + ": " + (json.is_object() ? "" : "no object: ") +
                         "this program has no parameter " + name);
    }
    const auto value = TextOf(path, json, "value");
    const auto from = TextOf(path, json, "setBy");
    for (int i = 0; i < 3; i++)
    {
        if (from == ORIGINS[i])
        {
            try
            {
                if (i > 0)
                {
                    options.Set(name, value, static_cast<Origin>(i));
                }
                else if (value != options.Text(name))
                {
                    options.Set(name, value, Origin::PRESET);
                }
            }
            catch (const UsageError& error)
            {
                throw UsageError(path.string() + ": " + error.what());
            }
            return value;
        }
    }
    throw UsageError(path.string() + ": \"setBy\" of " + name + " is " + from +
                     "; allowed: default, preset, user");
}

/// @param report any @return keys of its group cost
std::set<std::string>
CostKeys(const ns3::FanoutReport& report)
{
    std::set<std::string> keys;
    for (const auto& row : report.GetRows())
    {
        if (row.group == ns3::FanoutReport::COST)
        {
            keys.insert(row.key);
        }
    }
    return keys;
}

/// @param json an object @param key in it @return its value as text, "-" for none
std::string
Shown(const Json& json, const std::string& key)
{
    const auto place = json.find(key);
    return place == json.end() ? "-" : place->dump();
}

} // namespace

const std::vector<std::pair<std::string, std::string>>&
Versions()
{
    static const std::vector<std::pair<std::string, std::string>> versions{
        {"fanout-tree", ns3::FANOUT_TREE_VERSION},
        {"ns-3", FANOUT_NS3_VERSION},
        {"compiler", COMPILER},
        {"build", FANOUT_BUILD_TYPE},
    };
    return versions;
}

std::string
WriteParameters(const Options& options)
{
    Json json;
    json["schemaVersion"] = SCHEMA_VERSION;
    json["preset"] = options.GetPreset();
    json["rngSeed"] = ns3::RngSeedManager::GetSeed();
    json["rngRun"] = static_cast<std::uint64_t>(options.Number("seed"));
    auto& versions = json["versions"];
    for (const auto& [name, version] : Versions())
    {
        versions[name] = version;
    }
    auto& flags = json["flags"];
    for (const auto& flag : Flags())
    {
        const auto& written = options.Written(flag.name);
        const bool asked = flag.kind == Kind::TEXT || !written.empty();
        if (IsOutput(flag))
        {
            continue;
        }
        auto& entry = flags[flag.name];
        if (!asked)
        {
            entry = nullptr;
            continue;
        }
        entry["value"] = written;
        entry["setBy"] = ORIGINS[static_cast<int>(options.GetOrigin(flag.name))];
        if (options.Text(flag.name) != written)
        {
            entry["used"] = options.Text(flag.name);
        }
    }
    return json.dump(2) + "\n";
}

StoredRun
ReadRun(const std::string& folder, Options& options)
{
    StoredRun run;
    run.folder = folder;
    if (!std::filesystem::is_directory(folder))
    {
        throw UsageError("--from=" + folder + " is no folder; allowed: one that --out made");
    }
    const auto path = std::filesystem::path(folder) / "parameters.json";
    const auto json = ReadObject(path, ReadText(path));
    const auto schema = json.find("schemaVersion");
    if (schema == json.end() || *schema != SCHEMA_VERSION)
    {
        throw UsageError(path.string() +
                         " has not \"schemaVersion\": " + std::to_string(SCHEMA_VERSION));
    }
    options.SetPreset(TextOf(path, json, "preset"));
    for (const auto& [name, version] : ObjectOf(path, json, "versions").items())
    {
        run.versions.emplace_back(name, version.is_string() ? version.get<std::string>() : "?");
    }
    for (const auto& [name, entry] : ObjectOf(path, json, "flags").items())
    {
        if (!entry.is_null())
        {
            run.parameters.emplace_back(name, RecallFlag(path, name, entry, options));
        }
    }
    const auto report = std::filesystem::path(folder) / "report.json";
    run.report = ReadText(report);
    ReadObject(report, run.report);
    return run;
}

void
TellChanges(const StoredRun& stored, const Options& options, std::ostream& os)
{
    os << "repeats " << stored.folder << ": preset " << options.GetPreset() << ", seed "
       << options.Text("seed") << "\n";
    for (const auto& [name, version] : Versions())
    {
        for (const auto& [there, old] : stored.versions)
        {
            if (there == name && old != version)
            {
                os << "  " << name << " is " << version << " here, " << old << " there\n";
            }
        }
    }
    for (const auto& flag : Flags())
    {
        if (IsOutput(flag))
        {
            continue;
        }
        std::string old = flag.kind == Kind::TEXT ? "" : "not asked";
        for (const auto& [name, value] : stored.parameters)
        {
            old = name == flag.name ? value : old;
        }
        const auto& written = options.Written(flag.name);
        const auto now = written.empty() && flag.kind != Kind::TEXT ? "not asked" : written;
        if (now != old)
        {
            os << "  --" << flag.name << " is " << now << " here, " << old << " there\n";
        }
    }
}

bool
TellAgreement(const StoredRun& stored, const ns3::FanoutReport& report, std::ostream& os)
{
    std::ostringstream text;
    report.WriteJson(text, true);
    const auto here = Json::parse(text.str());
    const auto there = Json::parse(stored.report);
    const auto cost = CostKeys(report);
    std::vector<std::string> keys;
    for (const auto& item : here.items())
    {
        keys.push_back(item.key());
    }
    for (const auto& item : there.items())
    {
        if (!here.contains(item.key()) && cost.count(item.key()) == 0)
        {
            keys.push_back(item.key());
        }
    }
    std::ostringstream lines;
    std::size_t figures = 0;
    std::size_t differing = 0;
    for (const auto& key : keys)
    {
        if (key == "params")
        {
            continue;
        }
        figures++;
        const auto now = Shown(here, key);
        const auto old = Shown(there, key);
        if (now != old)
        {
            differing++;
            lines << "  " << std::left << std::setw(30) << key << now << " here, " << old
                  << " there\n";
        }
    }
    if (differing == 0)
    {
        os << "agrees: all " << figures << " figures are those of " << stored.folder << "\n";
        return true;
    }
    os << "differs: " << differing << " of " << figures << " figures are not those of "
       << stored.folder << "\n"
       << lines.str();
    return false;
}

Figures
ReadFigures(const std::string& folder, const std::string& parameters)
{
    Figures figures;
    const std::filesystem::path path(folder);
    if (!std::filesystem::exists(path / "report.json") ||
        !std::filesystem::exists(path / "parameters.json") ||
        ReadText(path / "parameters.json") != parameters)
    {
        return figures;
    }
    const auto json = ReadObject(path / "report.json", ReadText(path / "report.json"));
    figures.whole =
        json.value("interrupted", Json()) == false && json.value("timedOut", Json()) == false;
    for (const auto& [key, value] : json.items())
    {
        if ((value.is_number() || value.is_null()) && key != "schemaVersion")
        {
            figures.numbers.emplace_back(key,
                                         value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                                         : value.get<double>());
        }
    }
    return figures;
}

} // namespace fanoutsim
