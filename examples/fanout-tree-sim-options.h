/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_OPTIONS_H
#define FANOUT_TREE_SIM_OPTIONS_H

#include "ns3/nstime.h"

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fanoutsim
{

/// What is wrong with the command line, in one line.
class UsageError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/// What a flag takes.
enum class Kind
{
    COUNT,    ///< a whole number
    OPTIONAL, ///< a whole number, or -1 for the protocol's default
    REAL,     ///< a number
    SWITCH,   ///< 0 or 1, also true, false, yes, no, on, off, or nothing for 1
    TEXT,     ///< any text
    CHOICE    ///< one of some words
};

/// Where a flag's value comes from.
enum class Origin
{
    DEFAULT, ///< nobody set it
    PRESET,  ///< the preset
    USER     ///< the command line
};

/// A flag of the command line.
struct Flag
{
    const char* name;    ///< as the reference spells it, without "--"
    const char* group;   ///< heading in the help
    Kind kind;           ///< what it takes
    const char* value;   ///< default
    double min;          ///< smallest number
    double max;          ///< largest number
    const char* choices; ///< words of a CHOICE, separated by '|'
    const char* help;    ///< what it means, with the unit
};

/// A flag of the reference's simulator that this one does not have.
struct MissingFlag
{
    const char* name; ///< its name; a trailing '*' stands for any ending
    const char* why;  ///< the reason
};

/// A named set of flags.
struct Preset
{
    const char* name;                                          ///< its name
    const char* help;                                          ///< what it is for
    std::vector<std::pair<const char*, const char*>> settings; ///< flags and values
};

/// @return all flags, in the order of the help
const std::vector<Flag>& Flags();

/// @param name of a flag @return the flag, or null
const Flag* FindFlag(const std::string& name);

/// @return heading of the flags that do not change what a run comes to
const char* OutputGroup();

/// @return flags of the reference's that are not here
const std::vector<MissingFlag>& MissingFlags();

/// @return all presets, in the order of the list
const std::vector<Preset>& Presets();

/// @return at most 3 of the names that are nearest to a word, as text "--a, --b"; may be empty
/// @param word what was written @param names the known ones @param prefix written before each
std::string Nearest(const std::string& word,
                    const std::vector<std::string>& names,
                    const std::string& prefix);

/// The values of all flags in a run.
class Options
{
  public:
    /// All defaults.
    Options();

    /// @param name of a preset, whose values replace the present ones @throws UsageError
    void Apply(const std::string& name);

    /// @param name of a flag @param value as written @param origin who sets it @throws UsageError
    void Set(const std::string& name, const std::string& value, Origin origin = Origin::USER);

    /// @param name of the preset that the values follow, without applying it
    void SetPreset(const std::string& name);

    /// Fill in what follows from other flags and check what belongs together. @throws UsageError
    void Derive();

    /// @param name of a SWITCH @return its value
    bool On(const std::string& name) const;

    /// @param name of a number @return its value
    double Number(const std::string& name) const;

    /// @param name of a COUNT @return its value
    std::uint32_t Count(const std::string& name) const;

    /// @param name of a number of milliseconds @return that time
    ns3::Time Milliseconds(const std::string& name) const;

    /// @param name of any flag @return its value as text
    const std::string& Text(const std::string& name) const;

    /// @param name of any flag @return whether the preset or the user set it
    bool IsSet(const std::string& name) const;

    /// @param name of any flag @return who set it
    Origin GetOrigin(const std::string& name) const;

    /// @param name of any flag @return its value as Derive found it, before anything was filled in
    const std::string& Written(const std::string& name) const;

    /// @return name of the preset
    const std::string& GetPreset() const;

  private:
    std::map<std::string, std::string> m_values;  ///< by name, checked
    std::map<std::string, std::string> m_written; ///< the same before Derive
    std::map<std::string, Origin> m_set;          ///< set by preset or user
    std::string m_preset;                         ///< its name
};

struct StoredRun;

/// What the command line asks for.
struct Command
{
    bool help{false}; ///< print the help and stop
    bool list{false}; ///< print the presets and stop
    Options options;  ///< what to run

    /// The run to repeat, null for none.
    std::shared_ptr<const StoredRun> stored;
};

/// A flag and its value, as they stand on the command line.
using Setting = std::pair<std::string, std::string>;

/// @param word "--name=value", or "--name" of a SWITCH @return the two @throws UsageError
Setting SplitFlag(const std::string& word);

/// @param argc number of words @param argv the words @return what they ask for @throws UsageError
Command Parse(int argc, char** argv);

/// Print all flags by group.
void PrintHelp();

/// Print the presets.
void PrintList();

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_OPTIONS_H
