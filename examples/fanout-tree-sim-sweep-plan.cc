/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-parameters.h"
#include "fanout-tree-sim-sweep.h"
#include "fanout-tree-sim-trouble.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

namespace fanoutsim
{

namespace
{

constexpr unsigned MOST_SEEDS = 10000;
constexpr std::size_t MOST_RUNS = 100000;
constexpr unsigned MOST_JOBS = 1024;

std::vector<std::string>
Split(const std::string& text)
{
    std::vector<std::string> words;
    std::istringstream stream(text + ",");
    for (std::string word; std::getline(stream, word, ',');)
    {
        words.push_back(word);
    }
    return words;
}

/// @param word a whole number @param what it is of, for the error @param most allowed
/// @return its value, at least 1
std::uint64_t
WholeNumber(const std::string& word, const std::string& what, std::uint64_t most)
{
    const bool digits = !word.empty() && word.size() <= 10 &&
                        word.find_first_not_of("0123456789") == std::string::npos;
    const auto value = digits ? std::stoull(word) : 0;
    if (value < 1 || value > most)
    {
        throw UsageError(what + " is not allowed; allowed: whole numbers from 1 to " +
                         std::to_string(most));
    }
    return value;
}

/// @param text "1..10", "1,2,7", or both @return the seeds, each once
std::vector<std::string>
ParseSeeds(const std::string& text)
{
    constexpr std::uint64_t MOST = 0xffffffff;
    std::vector<std::string> seeds;
    const auto what = "--seeds=" + text;
    for (const auto& word : Split(text))
    {
        const auto dots = word.find("..");
        const auto first = WholeNumber(word.substr(0, dots), what, MOST);
        const auto last =
            dots == std::string::npos ? first : WholeNumber(word.substr(dots + 2), what, MOST);
        if (last < first || last - first >= MOST_SEEDS)
        {
            throw UsageError(what + " is not allowed; allowed: ascending, at most " +
                             std::to_string(MOST_SEEDS) + " seeds");
        }
        for (auto seed = first; seed <= last; seed++)
        {
            const auto name = std::to_string(seed);
            if (std::find(seeds.begin(), seeds.end(), name) == seeds.end())
            {
                seeds.push_back(name);
            }
        }
    }
    return seeds;
}

/// @param name of a flag @throws UsageError when a sweep sets it itself
void
CheckFlag(const std::string& name)
{
    const auto* flag = FindFlag(name);
    if (name == "seed")
    {
        throw UsageError("--seed is not allowed in a sweep; allowed: --seeds=1..10");
    }
    if (name.compare(0, 6, "assert") == 0 && flag != nullptr)
    {
        throw UsageError("--" + name + " is not allowed in a sweep, which makes tables");
    }
    const bool kept = name == "plots" || name == "peersMost" || name == "treeMost";
    if (flag != nullptr && std::string(flag->group) == OutputGroup() && !kept)
    {
        throw UsageError("--" + name + " is not allowed in a sweep, which sets it itself");
    }
    Options().Set(name, flag != nullptr ? flag->value : "");
}

/// @param text "FLAG=a,b,c" @param plan gets it
void
AddVaried(const std::string& text, SweepPlan& plan)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
    {
        throw UsageError("--vary=" + text + " is not allowed; allowed: --vary=FLAG=a,b,c");
    }
    Varied varied{text.substr(0, equals), Split(text.substr(equals + 1))};
    CheckFlag(varied.name);
    std::set<std::string> values;
    for (const auto& value : varied.values)
    {
        Options().Set(varied.name, value);
        if (!values.insert(value).second)
        {
            throw UsageError("--vary=" + text + " has the value " + value + " twice");
        }
    }
    for (const auto& other : plan.varied)
    {
        if (other.name == varied.name)
        {
            throw UsageError("--vary=" + varied.name + "=... is given twice");
        }
    }
    plan.varied.push_back(std::move(varied));
}

/// @param setting a word of the command line @param plan gets it
void
AddSetting(const Setting& setting, SweepPlan& plan)
{
    const auto& [name, value] = setting;
    if (name == "seeds")
    {
        plan.seeds = ParseSeeds(value);
    }
    else if (name == "vary")
    {
        AddVaried(value, plan);
    }
    else if (name == "metrics")
    {
        plan.metrics = Split(value);
    }
    else if (name == "jobs")
    {
        plan.jobs = static_cast<unsigned>(WholeNumber(value, "--jobs=" + value, MOST_JOBS));
    }
    else if (name == "out")
    {
        plan.out = value;
    }
    else
    {
        CheckFlag(name);
        Options().Set(name, value);
        plan.settings.push_back(setting);
    }
}

/// @param name of a combination @return it as a folder's name
std::string
FolderName(std::string name)
{
    for (auto& c : name)
    {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '=' ||
                           c == ',' || c == '.' || c == '-' || c == '_';
        c = plain ? c : '_';
    }
    return name;
}

} // namespace

SweepPlan
ParseSweep(int argc, char** argv)
{
    SweepPlan plan;
    plan.seeds = ParseSeeds("1..5");
    plan.metrics = Split("deliveredPct,latencyP50,latencyP99,overheadFactorData,controlBpp");
    plan.jobs = std::max(1U, std::thread::hardware_concurrency());
    for (int i = 0; i < argc; i++)
    {
        const std::string word = argv[i];
        if (word == "--help" || word == "-h")
        {
            plan.help = true;
        }
        else if (word.compare(0, 2, "--") == 0)
        {
            const auto name = word.substr(2);
            const bool own = name == "seeds" || name == "vary" || name == "metrics" ||
                             name == "jobs" || name == "out";
            // The flags that only a sweep has may also stand apart from their values.
            const bool apart = own && i + 1 < argc;
            if (own && !apart)
            {
                throw UsageError(word + " needs a value: " + word + "=VALUE; see sweep --help");
            }
            AddSetting(apart ? Setting{name, argv[++i]} : SplitFlag(word), plan);
        }
        else if (plan.preset.empty())
        {
            plan.preset = word;
            Options().Apply(word);
        }
        else
        {
            throw UsageError("unexpected word " + word +
                             "; expected: sweep PRESET [--flag=value ...]; see sweep --help");
        }
    }
    if (!plan.help && (plan.preset.empty() || plan.out.empty()))
    {
        throw UsageError(std::string("sweep needs ") +
                         (plan.preset.empty() ? "a preset; see --list" : "--out=FOLDER") +
                         " and sweep --help");
    }
    return plan;
}

std::vector<Combination>
Combine(const SweepPlan& plan)
{
    std::vector<Combination> combinations{{"", {}}};
    for (const auto& varied : plan.varied)
    {
        std::vector<Combination> more;
        for (const auto& base : combinations)
        {
            for (const auto& value : varied.values)
            {
                auto next = base;
                next.name += (next.name.empty() ? "" : ",") + varied.name + "=" + value;
                next.values.push_back(value);
                more.push_back(std::move(next));
            }
        }
        combinations = std::move(more);
        if (combinations.size() * plan.seeds.size() > MOST_RUNS)
        {
            throw UsageError("the sweep has more than " + std::to_string(MOST_RUNS) + " runs");
        }
    }
    if (plan.varied.empty())
    {
        combinations.front().name = plan.preset;
    }
    return combinations;
}

std::vector<SweepRun>
PlanRuns(const SweepPlan& plan, const std::vector<Combination>& combinations)
{
    std::vector<SweepRun> runs;
    std::set<std::string> folders;
    for (std::size_t i = 0; i < combinations.size(); i++)
    {
        const auto folder = std::filesystem::path(plan.out) / FolderName(combinations[i].name);
        if (!folders.insert(folder.string()).second)
        {
            throw UsageError("two combinations of values have the folder " + folder.string());
        }
        for (const auto& seed : plan.seeds)
        {
            auto settings = plan.settings;
            for (std::size_t k = 0; k < plan.varied.size(); k++)
            {
                settings.emplace_back(plan.varied[k].name, combinations[i].values[k]);
            }
            settings.emplace_back("seed", seed);
            Options options;
            SweepRun run{i, seed, (folder / ("seed-" + seed)).string(), {plan.preset}, ""};
            options.Apply(plan.preset);
            for (const auto& [name, value] : settings)
            {
                options.Set(name, value);
                run.words.push_back("--" + name + "=" + value);
            }
            options.Derive();
            Trouble::Check(options);
            run.parameters = WriteParameters(options);
            if (!options.IsSet("plots"))
            {
                run.words.emplace_back("--plots=0");
            }
            run.words.emplace_back("--quiet");
            run.words.push_back("--out=" + run.folder);
            runs.push_back(std::move(run));
        }
    }
    return runs;
}

} // namespace fanoutsim
