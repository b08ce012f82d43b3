/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_STORM_H
#define FANOUT_STORM_H

#include "fanout-adversary.h"
#include "fanout-world.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3::fanout::test
{

/**
 * Peers of random roles and options under random faults and lies, all drawn from one seed: outages
 * that are told and that are not, one-way dead links, lost KICKs, partitions, crashes, leaves, late
 * and sudden joins, trackers that are down, strangers and members that lie. The invariants are
 * looked at all the while. When the last fault is over everybody must soon be attached and have
 * every message.
 */
class Storm
{
  public:
    /// @param seed of everything @param transcript whether to write down what happens
    Storm(std::uint64_t seed, bool transcript);

    /// @return what is wrong at the end, empty when nothing is
    std::string Run();

    /// @return what was drawn, in a line
    const std::string&
    About() const
    {
        return m_about;
    }

    /// @return everything that happened
    std::string
    Transcript() const
    {
        return m_about + "\n" + m_world.Transcript();
    }

    /// @return peers that want the messages
    std::size_t
    GetN() const
    {
        return m_members.size();
    }

    /// @return see World::Hash()
    std::uint64_t
    Hash() const
    {
        return m_world.Hash();
    }

  private:
    /// One that wants the messages.
    struct Member
    {
        std::uint32_t peer{0};           ///< index in the world
        std::uint32_t channels{1};       ///< how many it is in, the first ones
        std::vector<std::uint32_t> from; ///< first message published after it joined, a channel
        Micros backAt{NEVER};            ///< end of what it suffers
        bool away{false};                ///< has left or crashed, joins again at backAt
        bool offline{false};             ///< has no links until backAt
        bool liar{false};                ///< lies to its neighbours while the storm lasts
    };

    using LinkEnds = std::pair<std::uint32_t, std::uint32_t>; ///< from, to

    Micros Upto(Micros most);
    bool Chance(double share);
    WorldConfig DrawConfig(std::uint64_t seed);
    void DrawOptions();
    void DrawMesh(std::uint64_t seed);
    std::shared_ptr<Options> MakeMember(std::uint16_t children);
    void AddServers();
    void AddMembers();
    void Step(bool publish = true);
    void PublishUntil(Micros until);
    void Return(Member& member);
    void EndFaults(bool all);
    void Strike();
    void StrikeHost();
    void StrikeLink(const Member& member);
    void StrikeMember(Member& member, std::uint64_t kind);
    void StrikeMany();
    void Partition();
    void Lie();
    void SpreadTaint();
    void Calm();
    std::string Wrong();
    std::string Wrong(const Member& member, std::uint32_t channel);

    Random m_random;
    std::string m_about;
    bool m_kicksVanish{false};
    World m_world;
    Options m_common;
    bool m_bids{false};
    bool m_tight{false};
    bool m_mixed{false};
    bool m_ended{false};
    std::uint32_t m_trackers{0};
    std::uint32_t m_largest{64};
    double m_strike{0};
    double m_lies{0};
    Micros m_interval{0};
    Micros m_publishAt{0};
    Micros m_endAt{NEVER}; ///< 0: when the storm is over
    Micros m_partitionUntil{NEVER};
    std::vector<std::uint32_t> m_sumOfSlots;
    std::vector<std::uint32_t> m_atCalm; ///< first message after the storm, a channel
    std::vector<Member> m_members;
    std::vector<std::uint32_t> m_strangers;
    Adversary m_adversary;
    std::map<std::uint32_t, Micros> m_hosts; ///< tracker or root: offline until then
    std::map<LinkEnds, Micros> m_deadLinks;
};

} // namespace ns3::fanout::test

#endif // FANOUT_STORM_H
