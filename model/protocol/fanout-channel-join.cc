/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>
#include <cstring>

namespace ns3::fanout
{

namespace
{

constexpr Micros LEAST_PATIENCE = 300 * MILLISECOND; ///< before another candidate is asked
constexpr std::uint32_t LATE_REPLIES = 64;     ///< a late reply to one of the last requests is used
constexpr Micros SILENT_COOLDOWN = 5 * SECOND; ///< one that did not answer

/// @param key of the channel @param tracker where it listens @return weight of the pair (rendezvous
/// hashing, Thaler and Ravishankar 1998)
std::uint64_t
RendezvousWeight(const Digest& key, const Endpoint& tracker)
{
    std::uint64_t prefix = 0;
    std::memcpy(&prefix, key.data(), sizeof(prefix));
    return Mix64(prefix ^ Mix64(std::uint64_t{tracker.ip} << 16 | tracker.port));
}

/// @param route texts of a frame @return ids, empty when one of them is no id
std::vector<PeerId>
PathOf(const Route& route)
{
    std::vector<PeerId> path;
    path.reserve(route.size());
    for (const auto& hop : route)
    {
        const auto id = PeerId::FromText(hop);
        if (!id)
        {
            return {};
        }
        path.push_back(*id);
    }
    return path;
}

/// @param addresses of a frame @return the first one this module speaks, zero when there is none
Endpoint
FirstEndpoint(const AddressList& addresses)
{
    for (const auto& address : addresses)
    {
        if (const auto endpoint = Endpoint::FromBytes(address); endpoint && *endpoint)
        {
            return *endpoint;
        }
    }
    return {};
}

} // namespace

std::size_t
Channel::Shards() const
{
    return std::min<std::size_t>(GetOptions().trackerShards, m_context.Trackers().size());
}

std::size_t
Channel::ShardOf(const PeerId& peer) const
{
    return Shards() > 1 ? Mix64(peer.Prefix()) % Shards() : 0;
}

std::uint8_t
Channel::TrackerAt(std::size_t rank) const
{
    const auto& trackers = m_context.Trackers();
    std::vector<std::pair<std::uint64_t, std::uint8_t>> order;
    for (std::uint8_t i = 0; i < trackers.size(); i++)
    {
        order.emplace_back(RendezvousWeight(Key(), trackers[i]), i);
    }
    std::sort(order.rbegin(), order.rend());
    return order[rank % order.size()].second;
}

void
Channel::TellJoin(JoinEvent::Step step, const PeerId& peer, std::uint8_t reason)
{
    JoinEvent event;
    event.step = step;
    event.peer = peer;
    event.reason = reason;
    event.level = m_position.Level();
    event.elapsed = m_context.Now() - m_attachment->StartedAt();
    m_context.Tell(event);
}

void
Channel::Seek(Micros now, Micros delay, bool lost)
{
    StopSeeking();
    m_attachment =
        std::make_unique<Attachment>(static_cast<std::uint8_t>(m_context.Trackers().size()));
    m_attachment->Seek(now, delay, lost, GetOptions());
    if (m_terms->config.rootEndpoint)
    {
        Candidate root;
        root.peer = Root();
        root.endpoint = m_terms->config.rootEndpoint;
        root.level = 0;
        root.coolUntil = m_context.Trackers().empty() ? 0 : now + SECOND;
        m_attachment->candidates.Merge(root);
    }
    TellJoin(JoinEvent::Step::STARTED, PeerId(), 0);
}

void
Channel::StopSeeking()
{
    if (m_attachment)
    {
        for (const auto& ask : m_attachment->Stop())
        {
            m_context.Release(ask.link);
        }
        m_attachment.reset();
    }
}

LinkId
Channel::TrackerLink(std::uint8_t index)
{
    const auto& trackers = m_context.Trackers();
    if (m_trackerLinks.size() < trackers.size())
    {
        m_trackerLinks.assign(trackers.size(), NO_LINK);
    }
    if (m_trackerLinks[index] == NO_LINK)
    {
        const DialResult dialled = m_context.DialAndHold(trackers[index], PeerId());
        m_trackerLinks[index] = dialled.state == DialState::REFUSED ? NO_LINK : dialled.link;
    }
    // What is said while it is being dialled waits in the transport.
    return m_context.links.Find(m_trackerLinks[index]) ? m_trackerLinks[index] : NO_LINK;
}

void
Channel::DropTrackerLinks()
{
    for (const LinkId link : m_trackerLinks)
    {
        m_context.Release(link);
    }
    std::vector<LinkId>().swap(m_trackerLinks);
}

void
Channel::SettleAttachment(Micros now)
{
    if (m_attachment && now >= m_attachment->until)
    {
        StopSeeking();
    }
    while (m_open && m_attachment)
    {
        const auto step = m_attachment->Next(now, GetOptions(), m_context.random);
        switch (step.what)
        {
        case Attachment::Step::What::NOTHING:
            return;
        case Attachment::Step::What::QUERY:
            QueryTracker(now, step.tracker);
            break;
        case Attachment::Step::What::ASK:
            AskCandidate(now, step.candidate);
            break;
        case Attachment::Step::What::OVERTAKEN:
            m_attachment->candidates.Cool(step.ask.peer, now + SECOND, true);
            SendFeedback(step.ask, FeedbackEvent::JOIN_TIMEOUT, 0);
            break;
        case Attachment::Step::What::TIMED_OUT:
            AskTimedOut(now, step.ask);
            break;
        case Attachment::Step::What::GIVE_UP:
            TellJoin(JoinEvent::Step::TIMED_OUT, PeerId(), 0);
            StopSeeking();
            DropTrackerLinks();
            return;
        }
    }
}

void
Channel::QueryTracker(Micros now, std::uint8_t tracker)
{
    const std::uint8_t index = TrackerAt(ShardOf(m_context.identity.id) + tracker);
    const bool known = index < m_trackerLinks.size() && m_trackerLinks[index] != NO_LINK;
    const LinkId link = TrackerLink(index);
    if (link == NO_LINK)
    {
        if (!known && m_trackerLinks[index] == NO_LINK)
        {
            m_attachment->Offline(now);
            if (m_attachment->former.peer)
            {
                Candidate former;
                former.peer = m_attachment->former.peer;
                former.endpoint = m_attachment->former.endpoint;
                former.source = Candidate::Source::FORMER;
                m_attachment->candidates.Merge(former);
            }
        }
        else
        {
            m_attachment->QueryFailed(now);
        }
        return;
    }
    TrackerQuery query;
    query.reqId = m_nextReqId++;
    query.want = GetOptions().trackerCandidates;
    if (GetOptions().extension)
    {
        Extension::Role role;
        role.relay = m_serving != nullptr;
        role.capacity = m_serving ? m_serving->admission.Capacity() : 0;
        query.extension.emplace().role = role;
    }
    if (Say(link, query) == SendResult::ACCEPTED)
    {
        m_attachment->Queried({query.reqId, index, now, now + GetOptions().trackerQueryTimeout});
        ReportFormer(link);
    }
    else
    {
        m_attachment->QueryFailed(now);
    }
}

void
Channel::AskCandidate(Micros now, const Candidate& candidate)
{
    Attachment::Ask ask;
    ask.peer = candidate.peer;
    ask.source = candidate.source;
    ask.tracker = candidate.tracker;
    ask.sentAt = now;
    const DialResult dialled = m_context.DialAndHold(candidate.endpoint, candidate.peer);
    ask.link = dialled.link;
    const Neighbour* neighbour =
        dialled.state == DialState::REFUSED ? nullptr : m_context.links.Find(dialled.link);
    if (!neighbour || neighbour->peer != candidate.peer)
    {
        if (neighbour)
        {
            m_context.Release(dialled.link);
        }
        else if (m_context.Trackers().empty())
        {
            m_attachment->Offline(now);
        }
        const bool offline = !neighbour && m_context.Trackers().empty();
        m_attachment->candidates.Cool(candidate.peer,
                                      now + (offline ? 0 : SILENT_COOLDOWN),
                                      !offline);
        return;
    }
    if (dialled.state == DialState::OPEN)
    {
        SendJoinReq(now, ask);
        return;
    }
    ask.overtakeAt = now + 2 * GetOptions().joinRequestTimeout;
    ask.deadline = ask.overtakeAt;
    m_attachment->Asked(ask);
}

void
Channel::SendJoinReq(Micros now, Attachment::Ask ask)
{
    JoinReq request;
    request.reqId = m_nextReqId++;
    request.bidPerByte = GetOptions().bidPerByte;
    if (GetOptions().extension)
    {
        Extension& extension = request.extension.emplace();
        Extension::Role role;
        role.relay = m_serving != nullptr;
        role.capacity = m_serving ? m_serving->admission.Capacity() : 0;
        role.children = static_cast<std::uint16_t>(ChildCount());
        extension.role = role;
        extension.hasChildren = ChildCount() > 0;
        if (extension.hasChildren)
        {
            extension.feasible = m_position.Feasible();
        }
    }
    const Micros rtt = m_context.links.RttOf(m_context.links.Find(ask.link));
    ask.reqId = request.reqId;
    ask.sent = true;
    ask.sentAt = now;
    ask.deadline = now + GetOptions().joinRequestTimeout;
    ask.overtakeAt =
        now + std::min(std::max(3 * rtt, LEAST_PATIENCE), GetOptions().joinRequestTimeout);
    if (Say(ask.link, request) != SendResult::ACCEPTED)
    {
        m_attachment->candidates.Cool(ask.peer, now + SILENT_COOLDOWN, true);
        m_context.Release(ask.link);
        return;
    }
    m_attachment->Asked(ask);
    TellJoin(JoinEvent::Step::ASKED, ask.peer, 0);
}

void
Channel::AskTimedOut(Micros now, const Attachment::Ask& ask)
{
    TellJoin(JoinEvent::Step::TIMED_OUT, ask.peer, 0);
    m_attachment->candidates.Cool(ask.peer, now + SILENT_COOLDOWN, true);
    if (!ask.overtaken)
    {
        SendFeedback(ask, FeedbackEvent::JOIN_TIMEOUT, 0);
    }
    m_context.Release(ask.link);
}

void
Channel::SendFeedback(const Attachment::Ask& ask, FeedbackEvent event, std::uint8_t reason)
{
    if (ask.tracker == Candidate::NO_TRACKER)
    {
        return;
    }
    const LinkId link = TrackerLink(ask.tracker);
    if (link != NO_LINK)
    {
        SayFeedback(link, ask.peer, event, reason);
    }
}

void
Channel::SayFeedback(LinkId link, const PeerId& peer, FeedbackEvent event, std::uint8_t reason)
{
    TrackerFeedback feedback;
    feedback.hash = peer.ToText();
    feedback.event = static_cast<std::uint8_t>(event);
    feedback.reason = reason;
    Say(link, feedback);
}

void
Channel::ReportFormer(LinkId link)
{
    // Its orphans are the first to know of a relay that died.
    Attachment::Former& former = m_attachment->former;
    if (former.peer && former.gone)
    {
        former.gone = false;
        SayFeedback(link, former.peer, FeedbackEvent::DIAL_FAILED, 0);
    }
}

void
Channel::TellTrackerJoined(const PeerId& parent)
{
    if (m_context.Trackers().empty())
    {
        return;
    }
    const LinkId link = TrackerLink(TrackerAt(ShardOf(m_context.identity.id)));
    if (link != NO_LINK)
    {
        SayFeedback(link, parent, FeedbackEvent::JOINED, 0);
    }
}

void
Channel::OnTrackerReply(LinkId link, const FrameRef& frame)
{
    const auto reply = Decode<TrackerReply>(frame->Data());
    const auto place = std::find(m_trackerLinks.begin(), m_trackerLinks.end(), link);
    if (!reply || place == m_trackerLinks.end())
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    m_liveness.HeardElsewhere(now);
    const bool issued = m_nextReqId - 1 - reply->reqId < LATE_REPLIES;
    if (!m_attachment || (!m_attachment->Replied(reply->reqId, now) && !issued))
    {
        return;
    }
    bool first = true;
    for (const auto& entry : reply->entries)
    {
        const auto id = PeerId::FromText(entry.hash);
        Candidate candidate;
        candidate.endpoint = FirstEndpoint(entry.addresses);
        if (!id || *id == m_context.identity.id || !candidate.endpoint)
        {
            continue;
        }
        candidate.peer = *id;
        candidate.level = entry.level;
        candidate.freeSlots = entry.freeSlots;
        candidate.bid = entry.bidPerByte;
        candidate.connected = m_context.links.FindPeer(*id) != nullptr;
        candidate.tracker = static_cast<std::uint8_t>(place - m_trackerLinks.begin());
        candidate.source = first ? Candidate::Source::LEASED : Candidate::Source::TRACKER;
        first = false;
        if (candidate.peer == m_attachment->former.peer && now < m_attachment->former.lastUntil)
        {
            candidate.source = Candidate::Source::KNOWN;
        }
        m_attachment->candidates.Merge(candidate);
    }
}

void
Channel::OnJoinReject(LinkId link, const FrameRef& frame)
{
    const auto reject = Decode<JoinReject>(frame->Data());
    if (!reject || !m_context.Authenticate(link, frame))
    {
        return;
    }
    const auto ask = m_attachment ? m_attachment->Answered(reject->reqId, link) : std::nullopt;
    if (!ask && link == m_parentLink)
    {
        Detach(m_context.Now(), ParentEvent::Cause::KICKED);
        return;
    }
    if (!ask || ask->peer != frame->Signer())
    {
        return;
    }
    const Micros now = m_context.Now();
    Neighbour* neighbour = m_context.links.Find(link);
    if (neighbour)
    {
        m_context.links.Sample(*neighbour, now - ask->sentAt);
    }
    for (std::size_t i = 0; i < reject->redirects.size() && i < MAX_REDIRECTS; i++)
    {
        const auto id = PeerId::FromText(reject->redirects[i].hash);
        Candidate candidate;
        candidate.endpoint = FirstEndpoint(reject->redirects[i].addresses);
        const auto& former = m_attachment->former;
        const bool lost = id && *id == former.peer && now < former.lastUntil; // it comes last
        if (id && !lost && *id != m_context.identity.id && candidate.endpoint)
        {
            candidate.peer = *id;
            candidate.source = Candidate::Source::REDIRECT;
            m_attachment->candidates.Merge(candidate);
        }
    }
    const bool lowBid = reject->reason == static_cast<std::uint8_t>(RejectReason::LOW_BID);
    m_attachment->candidates.Cool(ask->peer,
                                  now + GetOptions().candidateCooldown *
                                            (lowBid && !m_context.Trackers().empty() ? 30 : 1),
                                  false);
    TellJoin(reject->redirects.empty() ? JoinEvent::Step::REJECTED : JoinEvent::Step::REDIRECTED,
             ask->peer,
             reject->reason);
    SendFeedback(*ask, FeedbackEvent::JOIN_REJECT, reject->reason);
    m_context.Release(link);
}

void
Channel::OnJoinAccept(LinkId link, const FrameRef& frame)
{
    const auto accept = Decode<JoinAccept>(frame->Data());
    if (!accept || !m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    const auto ask = m_attachment ? m_attachment->Answered(accept->reqId, link) : std::nullopt;
    if (!ask || ask->peer != frame->Signer())
    {
        if (link != m_parentLink)
        {
            m_context.commons.ledger.lateAccepts++;
            Say(link, fanout::Leave());
        }
        else if (accept->have && accept->have->to > accept->have->from)
        {
            StartWindow(*accept->have, now); // one without the extension was only looked after
        }
        return;
    }
    Neighbour* neighbour = m_context.links.Find(link);
    if (neighbour)
    {
        neighbour->extended = accept->extension.has_value();
        m_context.links.Sample(*neighbour, now - ask->sentAt);
    }
    ParentOffer offer;
    offer.peer = ask->peer;
    offer.level = accept->parentLevel;
    offer.path = PathOf(accept->route);
    if (offer.path.empty() && offer.peer == Root())
    {
        offer.path.push_back(Root());
    }
    if (accept->extension)
    {
        offer.key = accept->extension->position;
    }
    const bool isChild = m_serving && m_serving->admission.Has(offer.peer);
    const auto refusal = m_position.MayAdopt(offer, Root(), ChildCount() > 0, isChild);
    if (refusal != Position::Refusal::NONE)
    {
        TellJoin(JoinEvent::Step::REJECTED, ask->peer, 0);
        m_attachment->candidates.Cool(ask->peer, now + GetOptions().candidateCooldown, false);
        Say(link, fanout::Leave());
        m_context.Release(link);
        return;
    }
    Adopt(now, *ask, *accept, offer);
}

} // namespace ns3::fanout
