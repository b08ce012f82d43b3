/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What strangers send.

#include "fanout-forger.h"

#include <algorithm>

namespace ns3
{

using fanout::Endpoint;
using fanout::FrameRef;
using fanout::Identity;

namespace
{

constexpr uint32_t FAR_AHEAD = 4000000000u; // messages

} // namespace

FrameRef
FanoutForger::ForgeKind(const Author& author, uint32_t kind, uint32_t next)
{
    const Identity& self = author.identity;
    switch (kind)
    {
    case 0:
        return Data(self, next + Below(8) - std::min(next, 4u));
    case 1:
        return Data(self, FAR_AHEAD);
    case 2:
        return Say(self, fanout::Kick());
    case 3:
    {
        fanout::End end;
        end.lastSeqExclusive = next;
        return Say(self, end);
    }
    case 4:
    {
        fanout::JoinAccept accept;
        accept.reqId = Below(40);
        accept.parentLevel = 1;
        accept.route = {m_root.ToText(), self.id.ToText()};
        accept.extension.emplace().position = fanout::PositionKey{Below(40), 1};
        return Say(self, accept);
    }
    case 5:
    {
        fanout::JoinReject reject;
        reject.reqId = Below(40);
        reject.reason = 1;
        return Say(self, reject);
    }
    case 6:
        return Say(self, fanout::Leave());
    case 7:
        return Say(self, Position(author));
    case 8:
    {
        fanout::Move move;
        move.reason = 1;
        move.withinMs = 100;
        move.targets.push_back({self.id, 0, 0, author.endpoint});
        return Say(self, move);
    }
    case 9:
    {
        fanout::IHave have;
        have.have = {0, Below(2) == 0 ? next + BELIEVED : FAR_AHEAD};
        return Say(self, have);
    }
    default:
    {
        fanout::Alive alive;
        alive.nextContiguous = next;
        return Say(self, alive);
    }
    }
}

FanoutForger::Shot
FanoutForger::Forge(Author& author)
{
    const auto victim =
        Draw({FanoutRole::ROOT, FanoutRole::RELAY, FanoutRole::RELAY, FanoutRole::LEAF});
    if (!victim)
    {
        return {};
    }
    const auto neighbour = Neighbour(victim);
    return {victim->GetEndpoint(),
            neighbour ? neighbour->GetEndpoint() : Endpoint(),
            ForgeKind(author, Below(FORGERIES), NextOf(victim))};
}

FanoutForger::Shot
FanoutForger::Flood(Author& author)
{
    const auto kind = Below(5);
    const auto victim =
        kind < 2 ? Draw({FanoutRole::TRACKER}) : Draw({FanoutRole::ROOT, FanoutRole::RELAY});
    if (!victim)
    {
        return {};
    }
    const auto next = NextOf(victim);
    switch (kind)
    {
    case 0:
    {
        fanout::TrackerQuery query;
        query.reqId = 1;
        query.want = static_cast<uint16_t>(Below(300));
        return {victim->GetEndpoint(), {}, Say(NextIdentity(author), query)};
    }
    case 1:
    {
        fanout::Digest nowhere;
        std::generate(nowhere.begin(),
                      nowhere.end(),
                      [this] { return static_cast<uint8_t>(m_random.Next()); });
        return {victim->GetEndpoint(),
                {},
                Seal(NextIdentity(author), Encode(nowhere, Room(author)))};
    }
    case 2:
    {
        fanout::JoinReq request;
        request.reqId = Below(100);
        request.extension.emplace().role = fanout::SenderRole{Below(2) == 0, 4, 0};
        return {victim->GetEndpoint(), {}, Say(NextIdentity(author), request)};
    }
    case 3:
    {
        fanout::FetchReq request;
        request.seqs = LatestSeqs(next);
        return {victim->GetEndpoint(), {}, Say(author.identity, request)};
    }
    default:
    {
        fanout::IHave have;
        have.have = {0, next + BELIEVED};
        return {victim->GetEndpoint(), {}, Say(author.identity, have)};
    }
    }
}

FanoutForger::Shot
FanoutForger::Invent(Author& author)
{
    const auto tracker = Draw({FanoutRole::TRACKER});
    return tracker ? Shot{tracker->GetEndpoint(), {}, Say(NextIdentity(author), Room(author))}
                   : Shot();
}

FanoutForger::Shot
FanoutForger::Reflect(Author& author, const Endpoint& victim, bool extended)
{
    const auto kind = Below(3);
    const auto mirror =
        kind == 0 ? Draw({FanoutRole::TRACKER}) : Draw({FanoutRole::ROOT, FanoutRole::RELAY});
    if (!mirror)
    {
        return {};
    }
    if (kind == 0)
    {
        fanout::TrackerQuery query;
        query.reqId = 1;
        query.want = 300;
        return {mirror->GetEndpoint(), victim, Say(author.identity, query)};
    }
    if (kind == 1)
    {
        fanout::JoinReq request;
        request.reqId = 1;
        if (extended)
        {
            request.extension.emplace().role = fanout::SenderRole{true, 4, 0};
        }
        return {mirror->GetEndpoint(), victim, Say(author.identity, request)};
    }
    const auto next = NextOf(mirror);
    fanout::FetchReq request;
    request.seqs = LatestSeqs(next);
    return {mirror->GetEndpoint(), victim, Say(author.identity, request)};
}

} // namespace ns3
