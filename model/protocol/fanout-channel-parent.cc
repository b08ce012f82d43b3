/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr Micros ORPHAN_SPREAD = 50 * MILLISECOND; ///< orphans of one parent do not ask at once
constexpr Micros FORMER_LAST = 10 * SECOND;        ///< a parent just lost is asked last
constexpr Micros WITHHELD = 1500 * MILLISECOND;    ///< a parent gives nothing of what it has
constexpr std::uint32_t MANY_WITHHELD = 8;         ///< messages that it has at least
constexpr Micros SHORT_TENURE = SECOND;            ///< a parent lost sooner: the tree flaps
constexpr std::uint8_t MOST_FLAPS = 7;             ///< the pause doubles that often less one

} // namespace

void
Channel::Adopt(Micros now,
               const Attachment::Ask& ask,
               const JoinAccept& accept,
               const ParentOffer& offer)
{
    const PeerId former = m_position.Parent();
    if (m_parentLink != NO_LINK)
    {
        Say(m_parentLink, fanout::Leave());
        m_context.Release(m_parentLink);
    }
    const bool kept = ChildCount() > 0;
    m_position.Adopt(offer, kept, m_serving != nullptr);
    m_parentLink = ask.link;
    m_parentHeldUntil = NEVER;
    m_attachedAt = now;
    m_moved = former != PeerId();
    m_context.links.Prefer(ask.link);
    m_parentEndpoint = m_context.environment.RemoteEndpoint(ask.link);
    m_liveness.Reset(now);
    TellJoin(JoinEvent::Step::ATTACHED, ask.peer, 0);
    ParentEvent event;
    event.oldParent = former;
    event.newParent = ask.peer;
    event.level = m_position.Level();
    event.cause = former ? ParentEvent::Cause::MOVED : ParentEvent::Cause::ATTACHED;
    m_context.Tell(event);
    if (m_attachment->HasQueries() || ask.source != Candidate::Source::LEASED)
    {
        TellTrackerJoined(ask.peer);
    }
    SuggestToMesh();
    StopSeeking();
    if (!m_serving)
    {
        DropTrackerLinks();
    }
    Doubt();
    m_repair.ParentChanged(now);
    if (accept.have && accept.have->to > accept.have->from)
    {
        StartWindow(*accept.have, now);
    }
    m_withheldSince = NEVER;
    m_givenNext = m_window.Next();
    if (!m_window.Started() && accept.extension)
    {
        m_givenNext = accept.extension->watermark.value_or(0);
    }
    const Neighbour* neighbour = m_context.links.Find(m_parentLink);
    if (neighbour && neighbour->extended)
    {
        SendAlive(m_parentLink, 0, 0);
    }
    KeepBackups(accept.extension ? accept.extension->backups : std::vector<Backup>());
    if (m_serving)
    {
        m_serving->announceDue = true;
        m_serving->holdUntil = NEVER;
        TellPosition(PositionUpdate::State::ATTACHED);
    }
}

void
Channel::StartWindow(const SeqRange& have, Micros now)
{
    if (!GetOptions().repair)
    {
        return;
    }
    if (!m_window.Started() || have.to < m_window.Base())
    {
        std::uint32_t backfill = GetOptions().repairMaxBackfill;
        if (GetOptions().maxDataAge > 0)
        {
            const double fresh =
                GetOptions().messageRate * static_cast<double>(GetOptions().maxDataAge) / SECOND;
            backfill = std::min(backfill, static_cast<std::uint32_t>(fresh));
        }
        const std::uint32_t from = have.to > backfill ? have.to - backfill : 0;
        m_window.StartAt(from);
        if (m_window.Restart(from)) // a former parent lied about how far the channel is
        {
            m_repair.ForgetFrom(0);
        }
    }
    Expect(have.to, now);
}

void
Channel::Detach(Micros now, ParentEvent::Cause cause)
{
    Ledger& ledger = m_context.commons.ledger;
    ledger.reparentDisconnect += cause == ParentEvent::Cause::CLOSED;
    ledger.reparentStale += cause == ParentEvent::Cause::SILENT;
    ledger.reparentKicked += cause == ParentEvent::Cause::KICKED;
    m_context.counters.moves++;

    ParentEvent event;
    event.oldParent = m_position.Parent();
    event.level = UNATTACHED_LEVEL;
    event.cause = cause;
    m_context.Tell(event);

    const Attachment::Former former{m_position.Parent(),
                                    m_parentEndpoint,
                                    now + FORMER_LAST,
                                    cause == ParentEvent::Cause::SILENT ||
                                        cause == ParentEvent::Cause::CLOSED};
    if (cause == ParentEvent::Cause::SILENT)
    {
        Say(m_parentLink, fanout::Leave());
    }
    m_context.Release(m_parentLink);
    m_parentLink = NO_LINK;
    m_parentHeldUntil = NEVER;
    const bool hadChildren = ChildCount() > 0;
    const bool hold = hadChildren && HoldTime() > 0;
    m_position.Lose(hold);
    if (hold)
    {
        Hold(now);
    }
    else
    {
        KickChildren();
    }
    if (m_serving)
    {
        m_serving->announceDue = true;
    }
    m_flaps =
        now - m_attachedAt < SHORT_TENURE ? std::min<std::uint8_t>(m_flaps + 1, MOST_FLAPS) : 0;
    Micros delay = hadChildren ? 0 : static_cast<Micros>(m_context.random.Below(ORPHAN_SPREAD));
    if (m_flaps > 1)
    {
        delay += static_cast<Micros>(static_cast<double>(ORPHAN_SPREAD << (m_flaps - 2)) *
                                     m_context.random.Jitter(0.5));
    }
    Seek(now, delay, true);
    m_attachment->former = former;
    OfferBackups();
}

void
Channel::OnKick(LinkId link, const FrameRef& frame)
{
    const bool asked = m_attachment && m_attachment->HasAsk(link);
    if (link != m_parentLink && !asked)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    if (link == m_parentLink)
    {
        Detach(now, ParentEvent::Cause::KICKED);
        return;
    }
    // It has overtaken the accept, which is void.
    for (const auto& ask : m_attachment->LinkClosed(link))
    {
        m_attachment->candidates.Cool(ask.peer, now + GetOptions().retryDelay, false);
        TellJoin(JoinEvent::Step::REJECTED, ask.peer, 0);
        m_context.Release(ask.link);
    }
}

void
Channel::NoteGiven(std::uint32_t seq)
{
    m_givenNext = std::max(m_givenNext, seq + 1);
    m_withheldSince = NEVER;
}

bool
Channel::Withholds(Micros now, const Alive& alive)
{
    if (alive.nextContiguous < m_givenNext || alive.nextContiguous - m_givenNext < MANY_WITHHELD)
    {
        m_withheldSince = NEVER;
        return false;
    }
    m_withheldSince = std::min(m_withheldSince, now);
    return now - m_withheldSince >= WITHHELD;
}

void
Channel::ProbeParent(Micros now)
{
    const Neighbour* parent = m_context.links.Find(m_parentLink);
    if (parent && !parent->extended)
    {
        JoinReq refresh; // a parent without the extension answers with another accept
        refresh.reqId = m_nextReqId++;
        refresh.bidPerByte = GetOptions().bidPerByte;
        Say(m_parentLink, refresh);
    }
    SendAlive(m_parentLink, m_nextReqId++, 0xffff);
    if (m_context.Trackers().empty())
    {
        return;
    }
    const auto index = TrackerAt(ShardOf(m_context.identity.id));
    const LinkId link = TrackerLink(index);
    if (link != NO_LINK)
    {
        TrackerQuery query;
        query.reqId = m_nextReqId++;
        query.want = 0;
        Say(link, query);
    }
    (void)now;
}

} // namespace ns3::fanout
