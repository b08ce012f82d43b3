/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr std::uint64_t DEFAULT_SEEDS = 150;    ///< unless FANOUT_STORM_SEEDS says otherwise
constexpr Micros FORMING = 3 * SECOND;          ///< before the first fault
constexpr Micros CALM = 15 * SECOND;            ///< after the last fault all must be well
constexpr Micros STILL_PUBLISHING = 5 * SECOND; ///< so long after the last fault
constexpr Micros STEP = 20 * MILLISECOND;       ///< of the storm
constexpr std::uint64_t PURPOSE_STORM = 99;     ///< of the draws

/// What a peer of the storm is doing.
struct Member
{
    std::uint32_t peer{0}; ///< index in the world
    std::uint32_t from{0}; ///< first message published after it joined
    Micros backAt{NEVER};  ///< end of what it suffers
    bool away{false};      ///< has left or crashed, joins again at backAt
    bool offline{false};   ///< has no links until backAt
};

/**
 * Peers of random roles and options under random faults, all drawn from one seed: outages that are
 * told and that are not, one-way dead links, crashes, leaves and late joins. When the last fault is
 * over everybody must soon be attached and have every message.
 */
class Storm
{
  public:
    Storm(std::uint64_t seed, bool transcript)
        : m_random(seed, 0, PURPOSE_STORM),
          m_world(DrawConfig(seed))
    {
        m_world.keepTranscript = transcript;
        if (transcript)
        {
            m_world.commons.wanted.Add<FrameEvent>();
        }
        DrawOptions();
        AddPeers();
    }

    /// @return what is wrong at the end, empty when nothing is
    std::string
    Run()
    {
        const Micros storm = FORMING + 2 * SECOND + Upto(8 * SECOND);
        while (m_world.Now() < storm)
        {
            if (m_world.Now() >= FORMING)
            {
                EndFaults(false);
                Strike();
            }
            Step();
        }
        m_world.Log("-- the storm is over");
        EndFaults(true);
        const Micros over = m_world.Now();
        std::string wrong = "nothing was looked at";
        while (!wrong.empty() && m_world.Breach().empty() && m_world.Now() < over + CALM)
        {
            Step(m_world.Now() < over + STILL_PUBLISHING);
            wrong = m_world.Now() < over + STILL_PUBLISHING ? "still publishing" : Wrong();
        }
        return m_world.Breach().empty() ? wrong : m_world.Breach();
    }

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

    /// @return peers that are still in the channel
    std::size_t
    GetN() const
    {
        return m_members.size();
    }

  private:
    Micros
    Upto(Micros most)
    {
        return static_cast<Micros>(m_random.Below(static_cast<std::uint64_t>(most)));
    }

    bool
    Chance(double share)
    {
        return m_random.Uniform() < share;
    }

    WorldConfig
    DrawConfig(std::uint64_t seed)
    {
        WorldConfig config;
        config.seed = seed;
        config.dataLoss = Chance(0.3) ? 0 : 0.2 * m_random.Uniform();
        config.controlLoss = Chance(0.5) ? 0 : 0.1 * m_random.Uniform();
        config.jitter = Chance(0.5) ? 0 : Upto(40 * MILLISECOND);
        m_about = "loss " + std::to_string(config.dataLoss) + ", of control " +
                  std::to_string(config.controlLoss) + ", jitter " + std::to_string(config.jitter) +
                  " us";
        return config;
    }

    void
    DrawOptions()
    {
        m_trackers = static_cast<std::uint32_t>(m_random.Below(3));
        m_common.extension = Chance(0.75);
        m_common.trackerShards = static_cast<std::uint8_t>(1 + m_random.Below(2));
        m_common.scoring = static_cast<ScoringMode>(m_random.Below(3));
        m_common.joinTimeout = 0;
        m_common.messageRate = 50;
        m_common.messageSize = 64;
        m_common.repairWindow = Chance(0.8) ? 1024 : 128;
        m_common.repairMaxBackfill = m_common.repairWindow;
        m_bids = Chance(0.3);
        m_interval = 20 * MILLISECOND + Upto(80 * MILLISECOND);
        m_strike = 0.02 + 0.2 * m_random.Uniform();
        m_about += std::string(", extension ") + (m_common.extension ? "on" : "off") +
                   ", trackers " + std::to_string(m_trackers) + ", window " +
                   std::to_string(m_common.repairWindow) + (m_bids ? ", bids" : "") + ", every " +
                   std::to_string(m_interval) + " us";
    }

    std::shared_ptr<Options>
    MakeMember(std::uint16_t children)
    {
        auto options = std::make_shared<Options>(m_common);
        options->maxChildren = children;
        options->uploadBytesPerSecond = children > 0 ? 1e7 : 0;
        options->bidPerByte = m_bids ? static_cast<std::uint32_t>(m_random.Below(4)) : 0;
        options->allowKick = m_bids && children > 0;
        return options;
    }

    /// Slots for twice as many as there are. Without the extension leaves are not moved for relays,
    /// so there all are relays.
    void
    AddPeers()
    {
        m_world.SetTrackers(m_trackers);
        for (std::uint32_t i = 0; i < m_trackers; i++)
        {
            m_world.Add(MakeMember(0));
        }
        const auto n = static_cast<std::uint32_t>(5 + m_random.Below(36));
        const auto rootSlots = static_cast<std::uint16_t>(2 + m_random.Below(15));
        m_root = m_world.Add(MakeMember(rootSlots));
        m_world.SetRoot(m_root);
        m_world.Join(m_root);
        const double leaves = m_common.extension ? 0.7 * m_random.Uniform() : 0;
        std::vector<std::uint16_t> slots;
        std::uint32_t sum = rootSlots;
        for (std::uint32_t i = 0; i < n; i++)
        {
            slots.push_back(Chance(leaves) ? 0 : static_cast<std::uint16_t>(2 + m_random.Below(7)));
            sum += slots.back();
        }
        for (std::uint32_t i = 0; sum < 2 * n; i = (i + 1) % n)
        {
            slots[i] = static_cast<std::uint16_t>(slots[i] + 2);
            sum += 2;
        }
        for (const std::uint16_t children : slots)
        {
            Member member;
            member.peer = m_world.Add(MakeMember(children));
            member.away = true;
            member.backAt = Upto(Chance(0.8) ? SECOND : 2 * FORMING);
            m_members.push_back(member);
        }
        m_about += ", peers " + std::to_string(n) + ", slots " + std::to_string(sum);
    }

    /// Publish what is due, and let time pass.
    void
    Step(bool publish = true)
    {
        const Micros until = m_world.Now() + STEP;
        while (publish && m_publishAt < until)
        {
            m_world.RunUntil(std::max(m_publishAt, m_world.Now()));
            m_world.Publish();
            m_publishAt = m_world.Now() + m_interval;
        }
        m_world.RunUntil(until);
        for (auto& member : m_members)
        {
            if (m_world.Now() < FORMING && member.away && member.backAt <= m_world.Now())
            {
                Return(member);
            }
        }
    }

    void
    Return(Member& member)
    {
        if (member.offline)
        {
            m_world.SetOffline(member.peer, false, false);
            member.offline = false;
        }
        if (member.away)
        {
            member.from = m_world.Status(m_root).nextSeq;
            m_world.Join(member.peer);
            member.away = false;
        }
        member.backAt = NEVER;
    }

    /// @param all end those too that would last longer
    void
    EndFaults(bool all)
    {
        for (auto& member : m_members)
        {
            if (member.backAt <= m_world.Now() || (all && member.backAt != NEVER))
            {
                Return(member);
            }
        }
        for (auto host = m_hosts.begin(); host != m_hosts.end();)
        {
            const bool over = all || host->second <= m_world.Now();
            if (over)
            {
                m_world.SetOffline(host->first, false, false);
            }
            host = over ? m_hosts.erase(host) : std::next(host);
        }
        for (auto dead = m_deadLinks.begin(); dead != m_deadLinks.end();)
        {
            const bool over = all || dead->second <= m_world.Now();
            if (over)
            {
                m_world.SetOneWayDead(dead->first.first, dead->first.second, false);
            }
            dead = over ? m_deadLinks.erase(dead) : std::next(dead);
        }
    }

    /// Perhaps a new fault.
    void
    Strike()
    {
        if (!Chance(m_strike))
        {
            return;
        }
        Member& member = m_members[m_random.Below(m_members.size())];
        const Micros end = m_world.Now() + Upto(Chance(0.7) ? SECOND : 4 * SECOND);
        const std::uint64_t kind = m_random.Below(20);
        if (kind == 0)
        {
            const auto host = static_cast<std::uint32_t>(m_random.Below(m_root + 1));
            if (m_hosts.emplace(host, m_world.Now() + Upto(SECOND)).second)
            {
                m_world.SetOffline(host, true, false);
            }
            return;
        }
        if (member.backAt != NEVER)
        {
            return;
        }
        if (kind < 4)
        {
            const auto other = static_cast<std::uint32_t>(m_random.Below(m_world.GetN()));
            const bool up = Chance(0.5);
            const auto link =
                up ? std::make_pair(member.peer, other) : std::make_pair(other, member.peer);
            if (m_deadLinks.emplace(link, m_world.Now() + Upto(SECOND)).second)
            {
                m_world.SetOneWayDead(link.first, link.second, true);
            }
            return;
        }
        member.backAt = end;
        if (kind < 8)
        {
            m_world.Leave(member.peer);
            member.away = true;
            return;
        }
        member.offline = true;
        m_world.SetOffline(member.peer, true, kind < 13);
        if (kind > 16)
        {
            m_world.Restart(member.peer);
            member.away = true;
        }
    }

    /// @return what is not as it should be, empty when all is well
    std::string
    Wrong() const
    {
        const std::uint32_t end = m_world.Status(m_root).nextSeq;
        const std::uint32_t window = m_common.repairMaxBackfill * 3 / 4; // away from its edge
        for (const auto& member : m_members)
        {
            const std::string name = "p" + std::to_string(member.peer);
            if (!m_world.Status(member.peer).attached)
            {
                return name + " is not attached";
            }
            auto seqs = m_world.Delivered(member.peer);
            std::sort(seqs.begin(), seqs.end());
            for (std::uint32_t seq = std::max(member.from, end - std::min(end, window)); seq < end;
                 seq++)
            {
                if (!std::binary_search(seqs.begin(), seqs.end(), seq))
                {
                    return name + " lacks message " + std::to_string(seq) + " of " +
                           std::to_string(end);
                }
            }
        }
        return {};
    }

    Random m_random;
    std::string m_about;
    World m_world;
    Options m_common;
    bool m_bids{false};
    std::uint32_t m_trackers{0};
    std::uint32_t m_root{0};
    double m_strike{0};
    Micros m_interval{0};
    Micros m_publishAt{0};
    std::vector<Member> m_members;
    std::map<std::uint32_t, Micros> m_hosts; // tracker or root: offline until then
    std::map<std::pair<std::uint32_t, std::uint32_t>, Micros> m_deadLinks;
};

/// @param name of an environment variable @param otherwise its value when it is not set
/// @return its value
std::uint64_t
FromEnvironment(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// FANOUT_STORM_SEEDS=N runs the seeds 1 to N; FANOUT_STORM_SEED=k runs k alone and writes down, in
// storm-k.txt, every event and frame.
TEST(Storm, EverybodyHasEverythingWhenItIsOver)
{
    const std::uint64_t seeds = FromEnvironment("FANOUT_STORM_SEEDS", DEFAULT_SEEDS);
    const std::uint64_t replay = FromEnvironment("FANOUT_STORM_SEED", 0);
    std::size_t peers = 0;
    for (std::uint64_t seed = replay ? replay : 1; seed <= (replay ? replay : seeds); seed++)
    {
        Storm storm(seed, replay != 0);
        const std::string wrong = storm.Run();
        peers += storm.GetN();
        EXPECT_EQ(wrong, "") << "FANOUT_STORM_SEED=" << seed << ": " << storm.About();
        if (replay)
        {
            const std::string path = "storm-" + std::to_string(seed) + ".txt";
            std::ofstream(path) << storm.Transcript();
            std::cout << "transcript in " << path << "\n";
        }
    }
    EXPECT_GE(peers, replay ? 5 : 5 * seeds);
}

} // namespace
