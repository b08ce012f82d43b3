/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-adversary.h"

#include "ns3/fanout-codec.h"

#include <algorithm>

namespace ns3::fanout::test
{

namespace
{

constexpr std::size_t HEARD = 64;       // frames remembered
constexpr std::uint64_t PURPOSE = 98;   // of the draws
constexpr std::uint64_t FORGERIES = 20; // kinds of forged frames
constexpr std::size_t OVERSIZE = 70000; // bytes of a control frame
constexpr std::uint32_t BELIEVED = 900; // messages ahead that a window lets pass
constexpr std::uint32_t FAR_AHEAD = 4000000000u;

} // namespace

Adversary::Adversary(World& world, std::uint64_t seed)
    : m_world(world),
      m_random(seed, 0, PURPOSE)
{
}

void
Adversary::Overhear(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    if (m_heard.size() < HEARD)
    {
        m_heard.push_back({from, to, frame});
        return;
    }
    m_heard[m_nextHeard] = {from, to, frame};
    m_nextHeard = (m_nextHeard + 1) % HEARD;
}

FrameRef
Adversary::Control(std::uint32_t signer, const Bytes& data)
{
    EnvelopeFields fields;
    for (auto& byte : fields.id)
    {
        byte = static_cast<std::uint8_t>(m_random.Next());
    }
    fields.timestamp = m_world.commons.epochMs;
    return Frame::Seal(SignatureScheme::Mock(), m_world.IdentityOf(signer), fields, data);
}

template <typename Message>
FrameRef
Adversary::Say(std::uint32_t signer, const Message& message)
{
    const auto channel = static_cast<std::uint32_t>(m_random.Below(m_world.Channels()));
    return Control(signer, Encode(m_world.Key(channel), message));
}

FrameRef
Adversary::DataFrame(std::uint32_t signer, std::uint32_t seq, std::size_t size)
{
    const auto channel = static_cast<std::uint32_t>(m_random.Below(m_world.Channels()));
    EnvelopeFields fields;
    fields.id = DataMessageId(seq, m_world.Key(channel));
    fields.priority = 1;
    fields.timestamp = m_world.commons.epochMs;
    Data data;
    data.payload = Bytes(size, 0x33);
    return Frame::Seal(SignatureScheme::Mock(),
                       m_world.IdentityOf(signer),
                       fields,
                       Encode(m_world.Key(channel), data));
}

FrameRef
Adversary::Spoil(const FrameRef& frame)
{
    Bytes wire(frame->Wire().begin(), frame->Wire().end());
    const std::size_t at = 40 + m_random.Below(wire.size() - 40);
    wire[at] = static_cast<std::uint8_t>(wire[at] ^ (1u << m_random.Below(8)));
    return Frame::Parse(wire);
}

std::uint32_t
Adversary::LinkOfNeighbour(std::uint32_t stranger, std::uint32_t victim)
{
    const Channel* channel = m_world.ChannelOf(victim, 0);
    const std::uint64_t draw = m_random.Below(3);
    if (channel && draw == 0)
    {
        const int parent = m_world.IndexOf(channel->GetPosition().Parent());
        return parent < 0 ? stranger : static_cast<std::uint32_t>(parent);
    }
    if (channel && draw == 1 && channel->GetAdmission() &&
        !channel->GetAdmission()->Targets().empty())
    {
        const auto& targets = channel->GetAdmission()->Targets();
        return targets[m_random.Below(targets.size())].link;
    }
    return stranger;
}

std::uint32_t
Adversary::NearSeq(std::uint32_t victim)
{
    const std::uint32_t next = m_world.Status(victim).nextSeq;
    return next + static_cast<std::uint32_t>(m_random.Below(8)) - std::min(next, 4u);
}

FrameRef
Adversary::Forge(std::uint32_t stranger, std::uint32_t victim, std::uint64_t kind)
{
    const auto any = static_cast<std::uint32_t>(m_random.Below(40));
    switch (kind)
    {
    case 0:
        return DataFrame(stranger, NearSeq(victim), 10);
    case 1:
        return DataFrame(stranger, FAR_AHEAD, 10);
    case 2:
        return Say(stranger, Kick());
    case 3:
    {
        End end;
        end.lastSeqExclusive = any;
        return Say(stranger, end);
    }
    case 4:
    {
        JoinAccept accept;
        accept.reqId = any;
        accept.parentLevel = 1;
        accept.route = {m_world.IdentityOf(m_world.RootOf(0)).id.ToText(),
                        m_world.IdentityOf(stranger).id.ToText()};
        accept.extension.emplace().position = PositionKey{any, 1};
        return Say(stranger, accept);
    }
    case 5:
    {
        JoinReject reject;
        reject.reqId = any;
        reject.reason = 1;
        return Say(stranger, reject);
    }
    case 6:
    {
        TrackerReply reply;
        reply.reqId = any;
        TrackerEntry entry;
        entry.hash = m_world.IdentityOf(stranger).id.ToText();
        entry.level = 0;
        entry.freeSlots = 1000;
        entry.addresses = {
            Endpoint{0x0a000001 + stranger, 4001, Endpoint::Protocol::UDP}.ToBytes()};
        reply.entries.push_back(entry);
        return Say(stranger, reply);
    }
    case 7:
    case 8:
    {
        IHave have;
        have.have = {0, kind == 7 ? NearSeq(victim) + 3 : FAR_AHEAD};
        return Say(stranger, have);
    }
    case 9:
    {
        RepairReq request;
        request.seqs = {0, 1, NearSeq(victim)};
        return Say(stranger, request);
    }
    case 10:
    {
        FetchReq request;
        request.seqs = {0, 1, NearSeq(victim)};
        return Say(stranger, request);
    }
    case 11:
    {
        TrackerFeedback feedback;
        feedback.hash =
            m_world.IdentityOf(static_cast<std::uint32_t>(m_random.Below(m_world.GetN())))
                .id.ToText();
        feedback.event = static_cast<std::uint8_t>(1 + m_random.Below(4));
        return Say(stranger, feedback);
    }
    case 12:
        return Control(stranger, Bytes(OVERSIZE, static_cast<std::uint8_t>(1 + any)));
    case 13:
    {
        Bytes noise(m_random.Below(60));
        std::generate(noise.begin(),
                      noise.end(),
                      [this] { return static_cast<std::uint8_t>(m_random.Next()); });
        // What anybody may say is no forgery.
        const std::uint8_t first = noise.empty() ? 0 : noise[0];
        const bool open = first == static_cast<std::uint8_t>(Kind::JOIN_REQ) ||
                          first == static_cast<std::uint8_t>(Kind::TRACKER_ANNOUNCE) ||
                          first == static_cast<std::uint8_t>(Kind::TRACKER_QUERY);
        return open ? FrameRef() : Control(stranger, noise);
    }
    case 14:
    {
        Bytes cut = Encode(m_world.Key(0), RepairReq());
        cut[0] = static_cast<std::uint8_t>(1 + m_random.Below(53));
        cut.resize(cut.size() - m_random.Below(4));
        const bool mayAct = cut[0] == static_cast<std::uint8_t>(Kind::JOIN_REQ) ||
                            cut[0] == static_cast<std::uint8_t>(Kind::TRACKER_ANNOUNCE) ||
                            cut[0] == static_cast<std::uint8_t>(Kind::TRACKER_QUERY);
        return mayAct ? FrameRef() : Control(stranger, cut);
    }
    case 15:
        return Say(stranger, Leave());
    case 16:
    {
        PositionUpdate update;
        update.serial = 1000 + any;
        update.anchor = any;
        update.level = 1;
        update.state = static_cast<PositionUpdate::State>(m_random.Below(3));
        update.path = {m_world.IdentityOf(m_world.RootOf(0)).id.Prefix(),
                       m_world.IdentityOf(stranger).id.Prefix()};
        return Say(stranger, update);
    }
    case 17:
    {
        AnchorReq request;
        request.need = any;
        return Say(stranger, request);
    }
    case 18:
    {
        Move move;
        move.reason = 1;
        move.withinMs = 100;
        move.targets.push_back({m_world.IdentityOf(stranger).id,
                                0,
                                0,
                                {0x0a000001 + stranger, 4001, Endpoint::Protocol::UDP}});
        return Say(stranger, move);
    }
    default:
    {
        Alive alive;
        alive.nextContiguous = NearSeq(victim);
        return Say(stranger, alive);
    }
    }
}

void
Adversary::Attack(std::uint32_t stranger, std::uint32_t victim)
{
    const std::uint64_t what = m_random.Below(FORGERIES + 8);
    if (what < FORGERIES)
    {
        if (const FrameRef frame = Forge(stranger, victim, what))
        {
            m_world.Attack(LinkOfNeighbour(stranger, victim), victim, frame);
        }
        return;
    }
    if (m_heard.empty())
    {
        return;
    }
    const Heard heard = m_heard[m_random.Below(m_heard.size())];
    if (what < FORGERIES + 3)
    {
        if (const FrameRef spoiled = Spoil(heard.frame))
        {
            m_world.Attack(heard.from, heard.to, spoiled);
        }
        return;
    }
    // Played again from elsewhere. What anybody may say, the speaker may say from anywhere.
    const auto kind = static_cast<Kind>(heard.frame->Kind());
    const bool open = kind == Kind::JOIN_REQ || kind == Kind::TRACKER_ANNOUNCE ||
                      kind == Kind::TRACKER_QUERY || kind == Kind::TRACKER_FEEDBACK;
    if (!open && heard.from != victim)
    {
        m_world.Attack(stranger, heard.frame->IsData() ? heard.to : victim, heard.frame);
    }
}

void
Adversary::Burden(std::uint32_t stranger, std::uint32_t victim, std::uint32_t tracker)
{
    switch (m_random.Below(3))
    {
    case 0:
    {
        JoinReq request;
        request.reqId = static_cast<std::uint32_t>(m_random.Below(100));
        request.extension.emplace().role = SenderRole{m_random.Below(2) == 0, 4, 0};
        m_world.Inject(stranger, victim, Say(stranger, request));
        break;
    }
    case 1:
    {
        TrackerQuery query;
        query.reqId = 1;
        query.want = static_cast<std::uint16_t>(m_random.Below(300));
        m_world.Inject(stranger, tracker, Say(stranger, query));
        break;
    }
    default:
    {
        TrackerAnnounce announce;
        announce.ttlMs = 1 + static_cast<std::uint32_t>(m_random.Below(3000));
        announce.level = static_cast<std::uint16_t>(m_random.Below(4));
        announce.maxChildren = 100;
        announce.freeSlots = 100;
        announce.addresses = {
            Endpoint{0x0a000001 + stranger, 4001, Endpoint::Protocol::UDP}.ToBytes()};
        m_world.Inject(stranger, tracker, Say(stranger, announce));
        break;
    }
    }
}

FrameRef
Adversary::TellChild(std::uint32_t liar)
{
    switch (m_random.Below(5))
    {
    case 0:
        return DataFrame(liar, NearSeq(liar), 10);
    case 1:
    {
        IHave have;
        have.have = {0, NearSeq(liar) + static_cast<std::uint32_t>(m_random.Below(2 * BELIEVED))};
        have.extension.emplace().watermark = have.have.to;
        return Say(liar, have);
    }
    case 2:
    {
        End end;
        end.lastSeqExclusive = NearSeq(liar) + static_cast<std::uint32_t>(m_random.Below(BELIEVED));
        return Say(liar, end);
    }
    case 3:
    {
        PositionUpdate update;
        update.serial = static_cast<std::uint32_t>(m_random.Below(100));
        update.anchor = static_cast<std::uint32_t>(m_random.Below(5));
        update.level = static_cast<std::uint16_t>(m_random.Below(6));
        update.path = {m_world.IdentityOf(m_world.RootOf(0)).id.Prefix(),
                       m_world.IdentityOf(liar).id.Prefix()};
        return Say(liar, update);
    }
    default:
        return Say(liar, Kick());
    }
}

void
Adversary::Lie(std::uint32_t liar, std::uint32_t tracker)
{
    const Channel* channel = m_world.ChannelOf(liar, 0);
    if (!channel)
    {
        return;
    }
    const int parent = m_world.IndexOf(channel->GetPosition().Parent());
    const Admission* admission = channel->GetAdmission();
    const std::uint64_t what = m_random.Below(8);
    if (what < 4 && admission && !admission->Targets().empty())
    {
        const auto& targets = admission->Targets();
        m_world.Inject(liar, targets[m_random.Below(targets.size())].link, TellChild(liar));
    }
    else if (what == 4 && parent >= 0)
    {
        RepairReq request;
        for (std::uint32_t seq = 0; seq < 40; seq++)
        {
            request.seqs.push_back(static_cast<std::uint32_t>(m_random.Below(100)));
        }
        m_world.Inject(liar, static_cast<std::uint32_t>(parent), Say(liar, request));
    }
    else if (what == 5 && parent >= 0)
    {
        Alive alive;
        alive.nextContiguous = FAR_AHEAD;
        alive.echo = 1;
        alive.echoDelayMs = 0xffff;
        m_world.Inject(liar, static_cast<std::uint32_t>(parent), Say(liar, alive));
    }
    else if (what == 6 && parent >= 0)
    {
        AnchorReq request;
        request.need = static_cast<std::uint32_t>(m_random.Below(3000000000u));
        m_world.Inject(liar, static_cast<std::uint32_t>(parent), Say(liar, request));
    }
    else if (what == 7 && tracker != liar)
    {
        TrackerAnnounce announce;
        announce.ttlMs = 2000;
        announce.level = 0;
        announce.maxChildren = 60000;
        announce.freeSlots = 60000;
        announce.addresses = {Endpoint{0x0a000001 + liar, 4001, Endpoint::Protocol::UDP}.ToBytes()};
        m_world.Inject(liar, tracker, Say(liar, announce));
    }
}

} // namespace ns3::fanout::test
