/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-storm.h"

#include "fanout-invariants.h"

#include <algorithm>
#include <iterator>

namespace ns3::fanout::test
{

namespace
{

constexpr Micros FORMING = 3 * SECOND;          // before the first fault
constexpr Micros CALM = 15 * SECOND;            // after the last fault all must be well
constexpr Micros LONG_CALM = 30 * SECOND;       // the same where KICKs get lost, or nothing flows
constexpr Micros RING_CALM = 60 * SECOND;       // the same where nothing flows, and not all speak
                                                // the extension: they make rings
constexpr Micros STILL_PUBLISHING = 5 * SECOND; // so long after the last fault
constexpr Micros STEP = 20 * MILLISECOND;       // of the storm
constexpr Micros CROWD = 50 * MILLISECOND;      // all join within
constexpr std::uint64_t PURPOSE_STORM = 99;     // of the draws
constexpr std::uint64_t PURPOSE_MESH = 98;      // of the draws of the mesh
constexpr std::uint32_t MOST_BYTES = 8192;      // of a message
constexpr double MESHES = 0.3;                  // share of storms with a mesh

} // namespace

Storm::Storm(std::uint64_t seed, bool transcript)
    : m_random(seed, 0, PURPOSE_STORM),
      m_world(DrawConfig(seed)),
      m_adversary(m_world, seed)
{
    m_world.keepTranscript = transcript;
    if (transcript)
    {
        m_world.commons.wanted.Add<FrameEvent>();
    }
    DrawOptions();
    DrawMesh(seed);
    AddServers();
    AddMembers();
    if (m_lies > 0)
    {
        m_world.onFrame = [this](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
        {
            if (!frame->IsData() || frame->Seq() % 8 == 0)
            {
                m_adversary.Overhear(from, to, frame);
            }
        };
    }
}

Micros
Storm::Upto(Micros most)
{
    return static_cast<Micros>(m_random.Below(static_cast<std::uint64_t>(most)));
}

bool
Storm::Chance(double share)
{
    return m_random.Uniform() < share;
}

WorldConfig
Storm::DrawConfig(std::uint64_t seed)
{
    WorldConfig config;
    config.seed = seed;
    config.dataLoss = Chance(0.3) ? 0 : 0.2 * m_random.Uniform();
    config.controlLoss = Chance(0.5) ? 0 : 0.1 * m_random.Uniform();
    config.jitter = Chance(0.5) ? 0 : Upto(40 * MILLISECOND);
    config.duplicates = Chance(0.7) ? 0 : 0.1 * m_random.Uniform();
    config.kickLoss = Chance(0.7) ? 0 : 0.5 * m_random.Uniform();
    m_kicksVanish = config.kickLoss > 0;
    config.skew = Chance(0.7) ? 0 : 1 + Upto(5 * SECOND);
    m_about = "loss " + std::to_string(config.dataLoss) + ", of control " +
              std::to_string(config.controlLoss) + ", of KICK " + std::to_string(config.kickLoss) +
              ", duplicates " + std::to_string(config.duplicates) + ", jitter " +
              std::to_string(config.jitter) + " us, skew " + std::to_string(config.skew) + " us";
    return config;
}

void
Storm::DrawOptions()
{
    m_trackers = static_cast<std::uint32_t>(m_random.Below(4));
    m_common.extension = Chance(0.75);
    m_mixed = m_common.extension && Chance(0.2);
    m_common.trackerShards = static_cast<std::uint8_t>(1 + m_random.Below(2));
    m_common.scoring = static_cast<ScoringMode>(m_random.Below(3));
    m_common.joinTimeout = 0;
    m_common.messageRate = 50;
    m_largest = Chance(0.6) ? 64 : 64 + static_cast<std::uint32_t>(m_random.Below(1400));
    m_common.messageSize = m_largest;
    m_common.maxMessageBytes = MOST_BYTES;
    m_common.repairWindow = Chance(0.8) ? 1024 : 128;
    m_common.repairMaxBackfill = m_common.repairWindow;
    m_common.maxDataAge = Chance(0.85) ? 0 : 2 * SECOND + Upto(3 * SECOND);
    m_common.dropNewest = Chance(0.2);
    m_bids = Chance(0.3);
    m_tight = Chance(0.2);
    m_interval = 20 * MILLISECOND + Upto(80 * MILLISECOND);
    m_strike = 0.02 + 0.2 * m_random.Uniform();
    m_lies = Chance(0.6) ? 0 : 0.5 * m_random.Uniform();
    m_endAt = Chance(0.6)                          ? NEVER
              : !m_common.extension || Chance(0.8) ? 0
                                                   : FORMING + Upto(5 * SECOND);
    m_about += std::string(", extension ") +
               (m_mixed              ? "mixed"
                : m_common.extension ? "on"
                                     : "off") +
               ", trackers " + std::to_string(m_trackers) + ", shards " +
               std::to_string(m_common.trackerShards) + ", window " +
               std::to_string(m_common.repairWindow) + (m_bids ? ", bids" : "") +
               (m_tight ? ", tight" : "") + ", every " + std::to_string(m_interval) + " us up to " +
               std::to_string(m_largest) + " bytes, age " + std::to_string(m_common.maxDataAge) +
               " us, strikes " + std::to_string(m_strike) + ", lies " + std::to_string(m_lies) +
               (m_endAt == NEVER ? "" : ", end at " + std::to_string(m_endAt));
}

void
Storm::DrawMesh(std::uint64_t seed)
{
    Random random(seed, 0, PURPOSE_MESH);
    if (random.Uniform() >= MESHES)
    {
        return;
    }
    m_common.meshPeers = static_cast<std::uint8_t>(1 + random.Below(6));
    m_common.meshInterval =
        100 * MILLISECOND + static_cast<Micros>(random.Below(800)) * MILLISECOND;
    m_about += ", mesh " + std::to_string(m_common.meshPeers) + " every " +
               std::to_string(m_common.meshInterval) + " us";
}

std::shared_ptr<Options>
Storm::MakeMember(std::uint16_t children)
{
    auto options = std::make_shared<Options>(m_common);
    options->maxChildren = children;
    options->extension = m_common.extension && !(m_mixed && Chance(0.3));
    const double need = options->messageRate * options->MessageCost(30) * children / 0.9;
    const double room = m_tight ? 2 + 2 * m_random.Uniform() : 0;
    options->uploadBytesPerSecond = children == 0 ? 0 : m_tight ? need * room : 1e7;
    options->bidPerByte = m_bids ? static_cast<std::uint32_t>(m_random.Below(4)) : 0;
    options->allowKick = m_bids && children > 0;
    return options;
}

void
Storm::AddServers()
{
    m_world.SetTrackers(m_trackers);
    for (std::uint32_t i = 0; i < m_trackers; i++)
    {
        m_world.Add(MakeMember(0));
    }
    const std::uint32_t channels = Chance(0.85) ? 1 : 2;
    for (std::uint32_t i = 0; i < channels; i++)
    {
        // Neither the members of a second channel nor those of a shard need have room enough.
        const bool roomy = i > 0 || (m_trackers > 1 && m_common.trackerShards > 1);
        const auto slots = static_cast<std::uint16_t>((roomy ? 64 : 2) + m_random.Below(15));
        const std::uint32_t root = m_world.Add(MakeMember(slots));
        i == 0 ? m_world.SetRoot(root) : void(m_world.AddChannel(root));
        m_world.Join(root, i);
        m_sumOfSlots.push_back(slots);
    }
}

/// Slots for twice as many as there are. Where some are without the extension leaves are not moved
/// for relays, so there all are relays.
void
Storm::AddMembers()
{
    const auto n = static_cast<std::uint32_t>(3 + m_random.Below(Chance(0.25) ? 58 : 22));
    const double leaves = m_common.extension && !m_mixed ? 0.7 * m_random.Uniform() : 0;
    std::vector<std::uint16_t> slots;
    std::uint32_t sum = *std::min_element(m_sumOfSlots.begin(), m_sumOfSlots.end());
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
    const bool crowd = Chance(0.2);
    // Liars leave in the end: their slots are not counted.
    std::size_t liars = m_lies > 0 && Chance(0.4) ? 1 + m_random.Below(2) : 0;
    slots.insert(slots.begin(), liars, static_cast<std::uint16_t>(2 + m_random.Below(7)));
    for (const std::uint16_t children : slots)
    {
        Member member;
        member.peer = m_world.Add(MakeMember(children));
        member.channels = 1 + static_cast<std::uint32_t>(m_random.Below(m_world.Channels()));
        member.from.resize(member.channels);
        member.away = true;
        member.backAt = Upto(crowd ? CROWD : Chance(0.8) ? SECOND : 2 * FORMING);
        member.liar = liars > 0;
        liars -= member.liar;
        m_members.push_back(member);
    }
    for (int i = 0; m_lies > 0 && i < 2; i++)
    {
        m_strangers.push_back(m_world.Add(MakeMember(0)));
    }
    m_about += ", channels " + std::to_string(m_world.Channels()) + ", peers " + std::to_string(n) +
               ", slots " + std::to_string(sum) + (crowd ? ", crowd" : "");
}

std::string
Storm::Run()
{
    const Micros storm = FORMING + 2 * SECOND + Upto(8 * SECOND);
    while (m_world.Now() < storm && m_world.Breach().empty())
    {
        if (m_world.Now() >= FORMING)
        {
            EndFaults(false);
            Strike();
        }
        Lie();
        Step();
    }
    Calm();
    const Micros over = m_world.Now();
    m_endAt = m_endAt == 0 ? over + STILL_PUBLISHING - STEP : m_endAt;
    std::string wrong = "nothing was looked at";
    // While nothing flows a crash is found out when its slot is wanted, and a ring by chance.
    const Micros idle = m_mixed ? RING_CALM : LONG_CALM;
    const Micros calm = m_ended ? idle : m_kicksVanish ? LONG_CALM : CALM;
    while (!wrong.empty() && m_world.Breach().empty() && m_world.Now() < over + calm)
    {
        Step(m_world.Now() < over + STILL_PUBLISHING);
        wrong = m_world.Now() < over + STILL_PUBLISHING ? "still publishing" : Wrong();
    }
    return m_world.Breach().empty() ? wrong : m_world.Breach();
}

void
Storm::Step(bool publish)
{
    const Micros until = m_world.Now() + STEP;
    if (publish)
    {
        PublishUntil(until);
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
Storm::PublishUntil(Micros until)
{
    while (m_publishAt < until && !m_ended)
    {
        m_world.RunUntil(std::max(m_publishAt, m_world.Now()));
        m_ended = m_endAt != 0 && m_world.Now() >= m_endAt;
        for (std::uint32_t channel = 0; channel < m_world.Channels(); channel++)
        {
            const std::size_t size = m_largest <= 64 ? 64 : 1 + m_random.Below(m_largest);
            m_ended ? m_world.End(channel) : m_world.Publish(size, channel);
        }
        m_publishAt = m_world.Now() + m_interval;
    }
}

void
Storm::Return(Member& member)
{
    if (member.offline)
    {
        m_world.SetOffline(member.peer, false, false);
        member.offline = false;
    }
    for (std::uint32_t channel = 0; member.away && channel < member.channels; channel++)
    {
        member.from[channel] = m_world.Status(m_world.RootOf(channel), channel).nextSeq;
        m_world.Join(member.peer, channel);
    }
    member.away = false;
    member.backAt = NEVER;
}

void
Storm::EndFaults(bool all)
{
    const Micros now = m_world.Now();
    for (auto& member : m_members)
    {
        if (member.backAt <= now || (all && member.backAt != NEVER))
        {
            Return(member);
        }
    }
    for (auto host = m_hosts.begin(); host != m_hosts.end();)
    {
        const bool over = all || host->second <= now;
        if (over)
        {
            m_world.SetOffline(host->first, false, false);
        }
        host = over ? m_hosts.erase(host) : std::next(host);
    }
    for (auto dead = m_deadLinks.begin(); dead != m_deadLinks.end();)
    {
        const bool over = all || dead->second <= now;
        if (over)
        {
            m_world.SetOneWayDead(dead->first.first, dead->first.second, false);
        }
        dead = over ? m_deadLinks.erase(dead) : std::next(dead);
    }
    if (m_partitionUntil != NEVER && (all || m_partitionUntil <= now))
    {
        m_world.Log("-- the network is whole again");
        for (std::uint32_t peer = 0; peer < m_world.GetN(); peer++)
        {
            m_world.SetSide(peer, 0);
        }
        m_partitionUntil = NEVER;
    }
}

void
Storm::Strike()
{
    if (!Chance(m_strike))
    {
        return;
    }
    const std::uint64_t kind = m_random.Below(60);
    Member& member = m_members[m_random.Below(m_members.size())];
    if (kind == 0)
    {
        Partition();
    }
    else if (kind == 1)
    {
        StrikeMany();
    }
    else if (kind < 5)
    {
        StrikeHost();
    }
    else if (kind < 14)
    {
        StrikeLink(member);
    }
    else
    {
        StrikeMember(member, kind % 20);
    }
}

void
Storm::StrikeHost()
{
    const std::uint32_t hosts = m_trackers + m_world.Channels();
    const auto host = static_cast<std::uint32_t>(m_random.Below(hosts));
    if (m_hosts.emplace(host, m_world.Now() + Upto(SECOND)).second)
    {
        m_world.SetOffline(host, true, false);
    }
}

void
Storm::StrikeLink(const Member& member)
{
    const auto other = static_cast<std::uint32_t>(m_random.Below(m_world.GetN()));
    const auto link = Chance(0.5) ? LinkEnds(member.peer, other) : LinkEnds(other, member.peer);
    if (m_deadLinks.emplace(link, m_world.Now() + Upto(SECOND)).second)
    {
        m_world.SetOneWayDead(link.first, link.second, true);
    }
}

void
Storm::StrikeMember(Member& member, std::uint64_t kind)
{
    if (member.backAt != NEVER)
    {
        return;
    }
    member.backAt = m_world.Now() + Upto(Chance(0.7) ? SECOND : 4 * SECOND);
    if (kind < 5)
    {
        for (std::uint32_t channel = 0; channel < member.channels; channel++)
        {
            m_world.Leave(member.peer, channel);
        }
        member.away = true;
        return;
    }
    member.offline = true;
    m_world.SetOffline(member.peer, true, kind < 12);
    if (kind > 16)
    {
        m_world.Restart(member.peer);
        member.away = true;
    }
}

void
Storm::StrikeMany()
{
    const double share = 0.3 + 0.5 * m_random.Uniform();
    const std::uint64_t kind = Chance(0.5) ? 17 : 8;
    for (auto& member : m_members)
    {
        if (Chance(share))
        {
            StrikeMember(member, kind);
        }
    }
}

void
Storm::Partition()
{
    m_world.Log("-- the network falls into two parts");
    m_partitionUntil = m_world.Now() + Upto(3 * SECOND);
    for (const auto& member : m_members)
    {
        m_world.SetSide(member.peer, Chance(0.4) ? 1 : 0);
    }
}

void
Storm::Lie()
{
    if (m_lies == 0 || !Chance(m_lies))
    {
        return;
    }
    SpreadTaint();
    const auto tracker = static_cast<std::uint32_t>(m_random.Below(std::max(m_trackers, 1u)));
    const Member& victim = m_members[m_random.Below(m_members.size())];
    const bool server = Chance(0.1);
    const auto target =
        server ? static_cast<std::uint32_t>(m_random.Below(m_trackers + 1)) : victim.peer;
    const bool reached = !m_world.ChannelOf(target, 0) || !victim.offline;
    for (std::uint64_t i = m_random.Below(4); reached && i > 0; i--)
    {
        m_adversary.Attack(m_strangers[0], target);
    }
    if (Chance(0.1))
    {
        m_adversary.Burden(m_strangers[1], victim.peer, m_trackers > 0 ? tracker : victim.peer);
    }
    for (const auto& member : m_members)
    {
        if (member.liar && !member.away && Chance(0.3))
        {
            m_adversary.Lie(member.peer, m_trackers > 0 ? tracker : member.peer);
            m_world.SetFreeRider(member.peer, Chance(0.2));
        }
    }
}

/// What hangs below a liar may believe anything.
void
Storm::SpreadTaint()
{
    std::vector<bool> liar(m_world.GetN());
    for (const auto& member : m_members)
    {
        liar[member.peer] = member.liar;
    }
    if (std::find(liar.begin(), liar.end(), true) == liar.end())
    {
        return;
    }
    for (const auto& member : m_members)
    {
        for (std::uint32_t channel = 0; channel < member.channels; channel++)
        {
            int at = static_cast<int>(member.peer);
            for (std::size_t steps = 0; at >= 0 && steps < m_world.GetN(); steps++)
            {
                if (liar[static_cast<std::size_t>(at)])
                {
                    m_world.GetInvariants()->Taint(member.peer);
                    break;
                }
                const PeerId parent =
                    m_world.Status(static_cast<std::uint32_t>(at), channel).parent;
                at = parent ? m_world.IndexOf(parent) : -1;
            }
        }
    }
}

/// Faults end, liars leave for good.
void
Storm::Calm()
{
    m_world.Log("-- the storm is over");
    SpreadTaint();
    EndFaults(true);
    for (const auto& member : m_members)
    {
        for (std::uint32_t channel = 0; member.liar && channel < member.channels; channel++)
        {
            m_world.SetFreeRider(member.peer, false);
            m_world.Leave(member.peer, channel);
        }
    }
    m_members.erase(std::remove_if(m_members.begin(),
                                   m_members.end(),
                                   [](const Member& member) { return member.liar; }),
                    m_members.end());
    for (std::uint32_t channel = 0; channel < m_world.Channels(); channel++)
    {
        m_atCalm.push_back(m_world.Status(m_world.RootOf(channel), channel).nextSeq);
    }
    m_world.GetInvariants()->Calm(m_kicksVanish);
}

std::string
Storm::Wrong()
{
    for (const auto& member : m_members)
    {
        for (std::uint32_t channel = 0; channel < member.channels; channel++)
        {
            const std::string wrong = Wrong(member, channel);
            if (!wrong.empty())
            {
                return "p" + std::to_string(member.peer) + " in channel " +
                       std::to_string(channel) + " " + wrong;
            }
        }
    }
    const std::string books = m_world.GetInvariants()->Books();
    return books.empty() && !m_ended ? m_world.GetInvariants()->OneSided() : books;
}

std::string
Storm::Wrong(const Member& member, std::uint32_t channel)
{
    const ChannelStatus status = m_world.Status(member.peer, channel);
    if (!status.attached)
    {
        return "is not attached";
    }
    const std::uint32_t end = m_world.Status(m_world.RootOf(channel), channel).nextSeq;
    if (m_ended && (!status.ended || status.end != end))
    {
        return "does not know the end";
    }
    const std::uint32_t window = m_common.repairMaxBackfill * 3 / 4; // away from its edge
    auto seqs = m_world.Delivered(member.peer, channel);
    std::sort(seqs.begin(), seqs.end());
    std::uint32_t from = std::max(member.from[channel], end - std::min(end, window));
    if (m_world.GetInvariants()->IsTainted(member.peer))
    {
        from = std::max(from, m_atCalm[channel]);
    }
    // Who hung on a KICK that never came is back too late for what is too old by then.
    if (m_kicksVanish && (m_common.maxDataAge > 0 || !m_common.extension))
    {
        return {};
    }
    if (m_tight) // with little upload twelve tries may end before all is repaired
    {
        return status.nextSeq == end && !seqs.empty() ? "" : "has not heard of all";
    }
    if (m_common.maxDataAge > 0)
    {
        from = std::max(from, seqs.empty() ? m_atCalm[channel] : seqs.front());
        from = std::max(from, m_atCalm[channel]);
    }
    for (std::uint32_t seq = from; seq < end; seq++)
    {
        if (!std::binary_search(seqs.begin(), seqs.end(), seq))
        {
            return "lacks message " + std::to_string(seq) + " of " + std::to_string(end);
        }
    }
    return {};
}

} // namespace ns3::fanout::test
