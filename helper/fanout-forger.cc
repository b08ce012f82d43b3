/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-forger.h"

#include "ns3/fanout-draw-key.h"
#include "ns3/fanout-tree-application.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <stdexcept>

namespace ns3
{

using fanout::Bytes;
using fanout::Endpoint;
using fanout::FrameRef;
using fanout::Identity;

namespace
{

constexpr uint64_t PURPOSE = 0x61747461;        // of the draws
constexpr uint64_t NOBODYS = uint64_t{1} << 40; // identities of attackers begin here
constexpr uint64_t NAMES_EACH = 1 << 20;        // identities of one attacker
constexpr uint16_t PLENTY = 60000;              // slots
constexpr uint32_t OVERSIZE = 65000;            // bytes of a control frame
constexpr uint32_t OVERSIZE_RARELY = 64;        // one of so many malformed frames
constexpr int DRAWS = 8;                        // until somebody is online

} // namespace

FanoutForger::FanoutForger(const ApplicationContainer& applications)
    : m_run(FanoutRun::Get())
{
    for (auto i = applications.Begin(); i != applications.End(); i++)
    {
        const auto peer = DynamicCast<FanoutTreeApplication>(*i);
        if (!peer)
        {
            continue;
        }
        m_root = peer->GetChannel()->GetRoot();
        m_key = fanout::ChannelKeyOf(m_root.ToText(), peer->GetChannel()->GetTopic());
        m_byRole[static_cast<std::size_t>(peer->GetRole())].push_back(
            static_cast<uint32_t>(m_peers.size()));
        m_peers.push_back(peer);
    }
    SetStream(-1);
}

void
FanoutForger::SetStream(int64_t stream)
{
    m_random = fanout::Random(fanout::DrawKey(stream), 0, PURPOSE);
}

Identity
FanoutForger::MakeIdentity(uint64_t index, FanoutTransport& transport) const
{
    const auto& scheme = *m_run->GetCommons().signatures;
    const uint64_t number = NOBODYS + index * NAMES_EACH;
    transport.SetIdentity(scheme, m_run->GetSeed(), number);
    return scheme.Derive(m_run->GetSeed(), number);
}

Identity
FanoutForger::NextIdentity(Author& author)
{
    const auto name = ++author.identities % NAMES_EACH;
    return m_run->GetCommons().signatures->Derive(m_run->GetSeed() ^ author.identity.id.Prefix(),
                                                  NOBODYS + name);
}

// ---- who is there ----

void
FanoutForger::Survey()
{
    for (uint32_t i = 0; i < m_peers.size(); i++)
    {
        m_ids[m_peers[i]->GetId()] = i;
    }
}

std::vector<FanoutForger::Handle>
FanoutForger::Online(FanoutRole role) const
{
    std::vector<Handle> online;
    for (const auto place : m_byRole[static_cast<std::size_t>(role)])
    {
        if (m_peers[place]->IsOnline())
        {
            online.push_back(m_peers[place]);
        }
    }
    return online;
}

uint32_t
FanoutForger::Below(uint64_t n)
{
    return static_cast<uint32_t>(m_random.Below(n));
}

double
FanoutForger::Uniform()
{
    return m_random.Uniform();
}

FanoutForger::Handle
FanoutForger::Draw(std::initializer_list<FanoutRole> from)
{
    for (int i = 0; i < DRAWS; i++)
    {
        const auto& places =
            m_byRole[static_cast<std::size_t>(*(from.begin() + Below(from.size())))];
        const auto peer = places.empty() ? nullptr : m_peers[places[Below(places.size())]];
        if (peer && peer->IsOnline())
        {
            return peer;
        }
    }
    return nullptr;
}

FanoutForger::Handle
FanoutForger::Find(const fanout::PeerId& id) const
{
    const auto place = m_ids.find(id);
    return place == m_ids.end() ? nullptr : m_peers[place->second];
}

FanoutForger::Handle
FanoutForger::Neighbour(const Handle& peer)
{
    const auto children = peer->GetChildren();
    if (!children.empty() && (peer->IsPublisher() || Below(2) == 0))
    {
        return Find(children[Below(children.size())]);
    }
    return Find(peer->GetParent());
}

uint32_t
FanoutForger::NextOf(const Handle& peer)
{
    return peer->GetStatus().nextSeq;
}

// ---- frames ----

FrameRef
FanoutForger::Seal(const Identity& signer, const Bytes& data)
{
    const auto& commons = m_run->GetCommons();
    fanout::EnvelopeFields fields;
    std::generate(fields.id.begin(),
                  fields.id.end(),
                  [this] { return static_cast<uint8_t>(m_random.Next()); });
    fields.timestamp = commons.epochMs + static_cast<uint64_t>(Simulator::Now().GetMilliSeconds());
    fields.expires = fields.timestamp + fanout::Frame::LIFETIME_MS;
    return fanout::Frame::Seal(*commons.signatures, signer, fields, data);
}

FrameRef
FanoutForger::Data(const Identity& signer, uint32_t seq)
{
    const auto& commons = m_run->GetCommons();
    fanout::EnvelopeFields fields;
    fields.id = fanout::DataMessageId(seq, m_key);
    fields.priority = 1;
    fields.timestamp = commons.epochMs + static_cast<uint64_t>(Simulator::Now().GetMilliSeconds());
    fields.expires = fields.timestamp + fanout::Frame::LIFETIME_MS;
    fanout::Data data;
    data.payload = Bytes(100, 0x33);
    return fanout::Frame::Seal(*commons.signatures, signer, fields, Encode(m_key, data));
}

std::vector<uint32_t>
FanoutForger::LatestSeqs(uint32_t next)
{
    std::vector<uint32_t> seqs;
    for (uint32_t seq = next - std::min(next, ASKED); seq < next; seq++)
    {
        seqs.push_back(seq);
    }
    return seqs;
}

fanout::TrackerAnnounce
FanoutForger::Room(const Author& author)
{
    fanout::TrackerAnnounce announce;
    announce.ttlMs = 30000;
    announce.level = 0;
    announce.maxChildren = PLENTY;
    announce.freeSlots = PLENTY;
    announce.addresses.push_back(author.endpoint.ToBytes());
    return announce;
}

fanout::PositionUpdate
FanoutForger::Position(const Author& author)
{
    fanout::PositionUpdate update;
    update.serial = 1000000 + Below(1000);
    update.anchor = Below(1000);
    update.level = static_cast<uint16_t>(1 + Below(6));
    update.state = static_cast<fanout::PositionUpdate::State>(author.member ? 0 : Below(3));
    update.path = {m_root.Prefix(), author.identity.id.Prefix()};
    return update;
}

// ---- members ----

FanoutForger::Shot
FanoutForger::Lie(Author& author)
{
    const auto parent = Find(author.member->GetParent());
    const auto children = author.member->GetChildren();
    const auto child = children.empty() ? nullptr : Find(children[Below(children.size())]);
    const auto tracker = Draw({FanoutRole::TRACKER});
    const auto next = NextOf(author.member);
    const auto to = [](const Handle& peer) { return peer ? peer->GetEndpoint() : Endpoint(); };
    switch (Below(7))
    {
    case 0:
    {
        fanout::IHave have;
        have.have = {0, next + Below(2 * BELIEVED)};
        have.extension.emplace().watermark = have.have.to;
        return {to(child), {}, Say(author.identity, have)};
    }
    case 1:
        return {to(child), {}, Say(author.identity, Position(author))};
    case 2:
    {
        fanout::End end;
        end.lastSeqExclusive = next;
        return {to(child), {}, Say(author.identity, end)};
    }
    case 3:
    {
        fanout::AnchorReq request;
        request.need = Below(3000000000u);
        return {to(parent), {}, Say(author.identity, request)};
    }
    case 4:
    {
        fanout::RepairReq request;
        request.seqs = LatestSeqs(next);
        return {to(parent), {}, Say(author.identity, request)};
    }
    case 5:
    {
        const auto other = Draw({FanoutRole::RELAY});
        fanout::TrackerFeedback feedback;
        feedback.hash = other ? other->GetId().ToText() : std::string();
        feedback.event = static_cast<uint8_t>(1 + Below(4));
        feedback.reason = static_cast<uint8_t>(1 + Below(2));
        return {to(tracker), {}, Say(author.identity, feedback)};
    }
    default:
        return {to(tracker), {}, Say(author.identity, Room(author))};
    }
}

// ---- both ----

FanoutForger::Shot
FanoutForger::Malform(Author& author)
{
    using R = FanoutRole;
    auto victim = Draw({R::ROOT, R::TRACKER, R::RELAY, R::RELAY, R::LEAF});
    Endpoint claimed;
    if (author.member)
    {
        victim = Below(4) == 0 ? victim : Neighbour(author.member);
    }
    else if (const auto neighbour = victim ? Neighbour(victim) : nullptr; neighbour && Below(2))
    {
        claimed = neighbour->GetEndpoint();
    }
    if (!victim)
    {
        return {};
    }
    Bytes data = Encode(m_key, fanout::Kick());
    if (Below(OVERSIZE_RARELY) == 0)
    {
        data.resize(OVERSIZE, 0xff);
    }
    switch (Below(4))
    {
    case 0: // noise
        data.resize(Below(80));
        std::generate(data.begin(),
                      data.end(),
                      [this] { return static_cast<uint8_t>(m_random.Next()); });
        break;
    case 1: // a kind, and a body that is cut or runs on
        data[0] = static_cast<uint8_t>(Below(256));
        data.resize(data.size() + Below(12), 0xff);
        break;
    case 2: // a message that is changed
    {
        const auto shot = ForgeKind(author, 2 + Below(FORGERIES - 2), NextOf(victim));
        data.assign(shot->Data().begin(), shot->Data().end());
        data[Below(data.size())] ^= static_cast<uint8_t>(1 + Below(255));
        break;
    }
    default: // a message that is cut
    {
        const auto shot = ForgeKind(author, 2 + Below(FORGERIES - 2), NextOf(victim));
        data.assign(shot->Data().begin(), shot->Data().end());
        data.resize(Below(data.size()));
        break;
    }
    }
    return {victim->GetEndpoint(), claimed, Seal(author.identity, data)};
}

} // namespace ns3
