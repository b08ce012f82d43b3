/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_INVARIANTS_MEMORY_H
#define FANOUT_INVARIANTS_MEMORY_H

#include "fanout-invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace ns3::fanout::test
{

constexpr std::uint32_t MAX_SEQ = 1u << 16; ///< seqs from here on are nobody's

/// @param list of counts @param index any @return that count; the list grows for it
inline std::uint8_t&
At(std::vector<std::uint8_t>& list, std::uint32_t index)
{
    if (list.size() <= index)
    {
        list.resize(index + 1 + index / 2);
    }
    return list[index];
}

/// What a peer with these options may send.
struct UploadLimits
{
    double rate{0};     ///< bytes a second
    double burst{0};    ///< bytes
    Micros ageLimit{0}; ///< of a queued frame
};

/// @param options of a peer @return what it may send, as algorithms 7 says
UploadLimits LimitsFor(const Options& options);

/// What is remembered of one peer in one channel.
struct Invariants::Memory
{
    /// What went to one child.
    struct ToChild
    {
        std::vector<std::uint8_t> sends; ///< by seq
        std::vector<std::uint8_t> asks;  ///< by seq
    };

    PeerId parent;                                   ///< before this input
    PositionKey feasible;                            ///< before this input
    std::vector<Admission::Target> children;         ///< before this input
    bool anchored{false};                            ///< had a key before this input
    std::vector<std::pair<Micros, Micros>> youngest; ///< when a message came that was younger
                                                     ///< than all before, and its age
    Micros bornAt{0};                                ///< joined
    Micros parentSince{0};                           ///< has this parent
    Micros heldSince{NEVER};                         ///< without a parent, with children
    std::uint32_t base{0};                           ///< of the window
    std::uint64_t delivered{0};                      ///< since it joined
    std::uint64_t joinPoint{0};                      ///< seqs before it are no matter
    bool started{false};                             ///< joinPoint is known
    std::map<std::uint32_t, ToChild> sent;           ///< by receiver
    std::set<std::uint32_t> met;                     ///< who asked to fetch
    std::vector<std::uint8_t> tries;                 ///< asks by seq, of the present parent
    std::vector<Micros> askedAt;                     ///< last one by seq
    std::vector<Micros> foundAt; ///< by seq, when it had been found missing then
    std::vector<bool> sure;      ///< by seq, whether the root vouched for it then
    PeerId asked;                ///< whose tries these are
    double tokens{0};            ///< bytes it may send at tokensAt
    Micros tokensAt{0};          ///< when
    double moves{6};             ///< moves it may make
    Micros movesAt{0};           ///< when
    Micros quietSince{0};        ///< a leaf with nothing to do since
    std::uint64_t wakesThen{0};  ///< wake-ups before

    /// @param channel now @return whether edges or keys differ from before the input
    bool
    Notice(const Channel& channel) const
    {
        const Position& position = channel.GetPosition();
        if (!(position.Parent() == parent) || !(position.Feasible() == feasible) ||
            position.Key().has_value() != anchored)
        {
            return true;
        }
        const Admission* admission = channel.GetAdmission();
        const std::size_t n = admission ? admission->Targets().size() : 0;
        return n != children.size() || (n > 0 && !std::equal(children.begin(),
                                                             children.end(),
                                                             admission->Targets().begin(),
                                                             [](const auto& a, const auto& b)
                                                             { return a.link == b.link; }));
    }

    /// @param channel as it is after the input
    void
    Keep(const Channel& channel)
    {
        const Position& position = channel.GetPosition();
        const Admission* admission = channel.GetAdmission();
        parent = position.Parent();
        feasible = position.Feasible();
        anchored = position.Key().has_value();
        if (admission)
        {
            children = admission->Targets();
        }
        base = channel.GetWindow().Base();
    }
};

/// One peer in one channel, at one moment.
struct Invariants::Seat
{
    std::uint32_t peer;     ///< who
    std::uint32_t number;   ///< of the channel
    const Channel* channel; ///< its machines, null when it is not in it
    Memory& memory;         ///< what is remembered
};

} // namespace ns3::fanout::test

#endif // FANOUT_INVARIANTS_MEMORY_H
