/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-options.h"

#include "fanout-tree-sim-network.h"
#include "fanout-tree-sim-parameters.h"
#include "fanout-tree-sim-sessions.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace fanoutsim
{

namespace
{

/// Hosts a kind of network serves.
const std::map<std::string, std::uint32_t> HOSTS_AT_MOST{
    {"p2p", 5000}, {"csma", 100000}, {"isp", 1u << 20}, {"cloud", 1u << 23}};
constexpr std::uint32_t MOCK_FROM = 1000;

const MissingFlag*
FindMissing(const std::string& name)
{
    for (const auto& flag : MissingFlags())
    {
        const std::size_t length = std::strlen(flag.name);
        const bool open = flag.name[length - 1] == '*';
        if (open ? name.compare(0, length - 1, flag.name, length - 1) == 0 : name == flag.name)
        {
            return &flag;
        }
    }
    return nullptr;
}

std::size_t
EditDistance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); j++)
    {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); i++)
    {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); j++)
        {
            const bool same = std::tolower(a[i - 1]) == std::tolower(b[j - 1]);
            const auto step = std::min({row[j] + 1, row[j - 1] + 1, corner + (same ? 0 : 1)});
            corner = row[j];
            row[j] = step;
        }
    }
    return row[b.size()];
}

std::string
PlainNumber(double value)
{
    std::ostringstream os;
    os << std::setprecision(12) << value;
    return os.str();
}

std::string
Allowed(const Flag& flag)
{
    switch (flag.kind)
    {
    case Kind::COUNT:
        return "a whole number from " + PlainNumber(flag.min) + " to " + PlainNumber(flag.max);
    case Kind::OPTIONAL:
        return "a whole number from " + PlainNumber(flag.min) + " to " + PlainNumber(flag.max) +
               ", or -1";
    case Kind::REAL:
        return "a number from " + PlainNumber(flag.min) + " to " + PlainNumber(flag.max);
    case Kind::SWITCH:
        return "0 or 1";
    case Kind::CHOICE:
    {
        std::string words = flag.choices;
        std::replace(words.begin(), words.end(), '|', ' ');
        return "one of: " + words;
    }
    case Kind::TEXT:
        break;
    }
    return "any text";
}

[[noreturn]] void
Refuse(const Flag& flag, const std::string& value)
{
    throw UsageError("--" + std::string(flag.name) + "=" + value +
                     " is not allowed; allowed: " + Allowed(flag));
}

std::string
CheckedNumber(const Flag& flag, const std::string& text)
{
    std::size_t used = 0;
    double value = 0;
    try
    {
        value = std::stod(text, &used);
    }
    catch (const std::exception&)
    {
        Refuse(flag, text);
    }
    const bool whole = flag.kind == Kind::REAL || value == std::floor(value);
    const bool inRange =
        (value >= flag.min && value <= flag.max) || (flag.kind == Kind::OPTIONAL && value == -1);
    if (used != text.size() || !whole || !inRange)
    {
        Refuse(flag, text);
    }
    return PlainNumber(value);
}

std::string
CheckedSwitch(const Flag& flag, const std::string& text)
{
    if (text == "1" || text == "true" || text == "yes" || text == "on")
    {
        return "1";
    }
    if (text == "0" || text == "false" || text == "no" || text == "off")
    {
        return "0";
    }
    Refuse(flag, text);
}

std::string
CheckedChoice(const Flag& flag, const std::string& text)
{
    std::istringstream words(flag.choices);
    for (std::string word; std::getline(words, word, '|');)
    {
        if (word == text)
        {
            return text;
        }
    }
    Refuse(flag, text);
}

std::string
Checked(const Flag& flag, const std::string& text)
{
    switch (flag.kind)
    {
    case Kind::COUNT:
    case Kind::OPTIONAL:
    case Kind::REAL:
        return CheckedNumber(flag, text);
    case Kind::SWITCH:
        return CheckedSwitch(flag, text);
    case Kind::CHOICE:
        return CheckedChoice(flag, text);
    case Kind::TEXT:
        break;
    }
    return text;
}

std::vector<std::string>
PresetNames()
{
    std::vector<std::string> names;
    for (const auto& preset : Presets())
    {
        names.emplace_back(preset.name);
    }
    return names;
}

std::string
Joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const auto& word : words)
    {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

[[noreturn]] void
RefuseName(const std::string& name)
{
    if (const auto* missing = FindMissing(name))
    {
        throw UsageError(
            "--" + name +
            " is a flag of the reference's simulator but not of this one: " + missing->why);
    }
    std::vector<std::string> names;
    for (const auto& flag : Flags())
    {
        names.emplace_back(flag.name);
    }
    const auto nearest = Nearest(name, names, "--");
    throw UsageError("unknown flag --" + name + (nearest.empty() ? "" : "; nearest: " + nearest) +
                     "; see --help");
}

} // namespace

const Flag*
FindFlag(const std::string& name)
{
    for (const auto& flag : Flags())
    {
        if (name == flag.name)
        {
            return &flag;
        }
    }
    return nullptr;
}

std::string
Nearest(const std::string& word, const std::vector<std::string>& names, const std::string& prefix)
{
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const auto& name : names)
    {
        const auto distance = EditDistance(word, name);
        if (distance <= std::max<std::size_t>(2, std::max(word.size(), name.size()) / 3))
        {
            ranked.emplace_back(distance, prefix + name);
        }
    }
    std::stable_sort(ranked.begin(),
                     ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> best;
    for (std::size_t i = 0; i < ranked.size() && i < 3; i++)
    {
        best.push_back(ranked[i].second);
    }
    return Joined(best);
}

Options::Options()
{
    for (const auto& flag : Flags())
    {
        m_values[flag.name] = flag.value;
    }
}

void
Options::Apply(const std::string& name)
{
    for (const auto& preset : Presets())
    {
        if (name == preset.name)
        {
            m_preset = name;
            for (const auto& [flag, value] : preset.settings)
            {
                Set(flag, value, Origin::PRESET);
            }
            return;
        }
    }
    const auto nearest = Nearest(name, PresetNames(), "");
    throw UsageError("unknown preset " + name + (nearest.empty() ? "" : "; nearest: " + nearest) +
                     "; presets: " + Joined(PresetNames()));
}

void
Options::Set(const std::string& name, const std::string& value, Origin origin)
{
    const auto* flag = FindFlag(name);
    if (flag == nullptr)
    {
        RefuseName(name);
    }
    m_values[name] = Checked(*flag, value);
    m_set[name] = origin;
}

void
Options::SetPreset(const std::string& name)
{
    m_preset = name;
}

void
Options::Derive()
{
    m_written = m_values;
    const auto nodes = Count("nodes");
    const auto bootstraps = Count("bootstraps");
    if (nodes < bootstraps + 2)
    {
        throw UsageError("--nodes=" + Text("nodes") + " is not allowed; allowed: at least " +
                         std::to_string(bootstraps + 2) +
                         ", a root, the trackers (--bootstraps) and one subscriber");
    }
    const bool p2p = Text("underlay") == "p2p";
    const auto most = HOSTS_AT_MOST.at(Text("underlay"));
    if (nodes > most)
    {
        throw UsageError("--nodes=" + Text("nodes") + " is not allowed with --underlay=" +
                         Text("underlay") + "; allowed: at most " + std::to_string(most));
    }
    if (p2p && Count("degree") >= nodes)
    {
        throw UsageError("--degree=" + Text("degree") +
                         " is not allowed; allowed: less than --nodes");
    }
    const auto left = nodes - 1 - bootstraps;
    const auto wanted = Count("subscribers");
    const auto apart = Count("attackers");
    if (wanted == 0 && apart >= left)
    {
        throw UsageError("--attackers=" + Text("attackers") +
                         " is not allowed; allowed: less than " + std::to_string(left) +
                         ", the hosts besides root and trackers");
    }
    m_values["subscribers"] = std::to_string(wanted == 0 ? left - apart : std::min(wanted, left));
    if (Count("intervalMs") == 0)
    {
        m_values["intervalMs"] = PlainNumber(std::max(1.0, std::floor(1000 / Number("msgRate"))));
    }
    for (const auto* name : {"bidPerByteRelay", "bidPerByteLeaf"})
    {
        if (!IsSet(name))
        {
            m_values[name] = Text("bidPerByte");
        }
    }
    if (Number("repairMaxBackfillMessages") < 0)
    {
        m_values["repairMaxBackfillMessages"] = Text("repairWindowMessages");
    }
    if (Number("repairMaxBackfillMessages") > Number("repairWindowMessages"))
    {
        throw UsageError("--repairMaxBackfillMessages=" + Text("repairMaxBackfillMessages") +
                         " is not allowed; allowed: at most --repairWindowMessages=" +
                         Text("repairWindowMessages"));
    }
    const bool cloud = Text("underlay") == "cloud";
    if (Text("transport") == "auto")
    {
        m_values["transport"] = cloud ? "cloud" : "udp";
    }
    if ((Text("transport") == "cloud") != cloud)
    {
        throw UsageError("--transport=" + Text("transport") + " is not allowed with --underlay=" +
                         Text("underlay") + "; allowed: " + (cloud ? "cloud" : "udp tcp"));
    }
    if (Text("signing") == "auto")
    {
        m_values["signing"] = nodes >= MOCK_FROM ? "mock" : "ed25519";
    }
    if (Count("churnEveryMs") > 0 && (Count("churnDownMs") == 0 || Number("churnFraction") <= 0))
    {
        throw UsageError("--churnEveryMs=" + Text("churnEveryMs") +
                         " needs --churnDownMs and --churnFraction above 0");
    }
    CheckNetwork(*this);
    CheckSessions(*this);
}

bool
Options::On(const std::string& name) const
{
    return Text(name) == "1";
}

double
Options::Number(const std::string& name) const
{
    return std::stod(Text(name));
}

std::uint32_t
Options::Count(const std::string& name) const
{
    return static_cast<std::uint32_t>(Number(name));
}

ns3::Time
Options::Milliseconds(const std::string& name) const
{
    return ns3::MicroSeconds(std::llround(Number(name) * 1000));
}

const std::string&
Options::Text(const std::string& name) const
{
    return m_values.at(name);
}

bool
Options::IsSet(const std::string& name) const
{
    return m_set.count(name) > 0;
}

Origin
Options::GetOrigin(const std::string& name) const
{
    const auto place = m_set.find(name);
    return place == m_set.end() ? Origin::DEFAULT : place->second;
}

const std::string&
Options::Written(const std::string& name) const
{
    return m_written.at(name);
}

const std::string&
Options::GetPreset() const
{
    return m_preset;
}

Setting
SplitFlag(const std::string& word)
{
    const auto equals = word.find('=');
    const auto name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto* flag = FindFlag(name);
    if (flag != nullptr && equals == std::string::npos && flag->kind != Kind::SWITCH)
    {
        throw UsageError("--" + name + " needs a value: --" + name +
                         "=VALUE; allowed: " + Allowed(*flag));
    }
    return {name, equals == std::string::npos ? "1" : word.substr(equals + 1)};
}

Command
Parse(int argc, char** argv)
{
    Command command;
    std::vector<Setting> flags;
    std::string preset;
    std::string from;
    for (int i = 1; i < argc; i++)
    {
        const std::string word = argv[i];
        if (word == "--help" || word == "-h" || word == "--list")
        {
            (word == "--list" ? command.list : command.help) = true;
        }
        else if (word.compare(0, 2, "--") == 0)
        {
            flags.push_back(SplitFlag(word));
            from = flags.back().first == "from" ? flags.back().second : from;
        }
        else if (preset.empty())
        {
            preset = word;
        }
        else
        {
            throw UsageError("unexpected word " + word +
                             "; expected: PRESET [--flag=value ...]; see --help");
        }
    }
    if (command.help || command.list)
    {
        return command;
    }
    if (preset.empty() == from.empty())
    {
        throw UsageError(
            preset.empty()
                ? "no preset given; presets: " + Joined(PresetNames()) + "; see --list and --help"
                : "unexpected word " + preset + " with --from=" + from + ", which has its preset");
    }
    if (from.empty())
    {
        command.options.Apply(preset);
    }
    else
    {
        command.stored = std::make_shared<const StoredRun>(ReadRun(from, command.options));
    }
    for (const auto& [name, value] : flags)
    {
        command.options.Set(name, value);
    }
    command.options.Derive();
    return command;
}

void
PrintHelp()
{
    std::cout
        << "usage: fanout-tree-sim PRESET [--flag=value ...]\n"
           "       fanout-tree-sim --from=FOLDER [--flag=value ...]\n"
           "       fanout-tree-sim sweep PRESET [--flag=value ...] --seeds=A..B --out=FOLDER ...\n"
           "       fanout-tree-sim --list | --help\n\n"
           "Runs a preset, with the flags that differ from it, and prints what came of it.\n"
           "--from repeats the run of a folder that --out made, and says whether it agrees.\n"
           "sweep runs many seeds and values, and makes tables; sweep --help tells how.\n"
           "Exit codes: 0 done, 1 wrong command line or file, 2 a limit missed or a run that\n"
           "does not agree, 124 timed out, 130 stopped by the user.\n"
           "Rates named Bps are bytes a second, as the reference's.\n";
    std::string group;
    for (const auto& flag : Flags())
    {
        if (group != flag.group)
        {
            group = flag.group;
            std::cout << "\n" << group << "\n";
        }
        std::string help = flag.help;
        if (flag.kind == Kind::CHOICE)
        {
            help += std::string(" (") + flag.choices + ")";
        }
        const std::string value = flag.value;
        std::cout << "  " << std::left << std::setw(46)
                  << "--" + std::string(flag.name) + (value.empty() ? "" : "=" + value) << help
                  << "\n";
    }
}

void
PrintList()
{
    for (const auto& preset : Presets())
    {
        std::cout << std::left << std::setw(14) << preset.name << preset.help << "\n";
        std::string line = "             ";
        for (const auto& [name, value] : preset.settings)
        {
            const std::string word = std::string(" --") + name + "=" + value;
            if (line.size() + word.size() > 100)
            {
                std::cout << line << "\n";
                line = "             ";
            }
            line += word;
        }
        std::cout << line << "\n";
    }
}

} // namespace fanoutsim
