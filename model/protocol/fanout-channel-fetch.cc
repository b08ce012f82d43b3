/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t ROUND = 2;              ///< sources asked at a time
constexpr std::size_t MOST_STRANGERS = 16;    ///< who may fetch without being a child
constexpr Micros STRANGER_LIFE = 30 * SECOND; ///< so long after its last ask
constexpr std::uint32_t RANGE_AT_ONCE = 32;   ///< messages asked on a neighbour's word
constexpr Micros ORPHAN_ASKS = 5 * SECOND;    ///< so long after the last message

} // namespace

// ---- who asks ----

Fetching&
Channel::Fetches()
{
    if (!m_fetching)
    {
        const std::uint32_t overhead = m_context.environment.OverheadBytes();
        m_fetching = std::make_unique<Fetching>(GetOptions().messageRate *
                                                GetOptions().MessageCost(overhead));
    }
    if (m_meshing)
    {
        std::vector<Backup> members;
        for (const auto& member : m_meshing->mesh.Members())
        {
            Backup backup;
            backup.peer = member.peer;
            backup.endpoint = m_context.environment.RemoteEndpoint(member.link);
            if (backup.endpoint)
            {
                members.push_back(backup);
            }
        }
        m_fetching->Offer(members, m_position.Parent());
    }
    m_fetching->Offer(m_backups, m_position.Parent());
    return *m_fetching;
}

bool
Channel::MayFetch() const
{
    return GetOptions().neighbours && GetOptions().extension &&
           (!m_backups.empty() || (m_meshing && !m_meshing->mesh.Members().empty()));
}

void
Channel::SettleFetch(Micros now)
{
    const bool stranded = IsStranded();
    if ((m_repair.GetN() == 0 && !stranded) || !MayFetch() || !m_window.Started() || IsRoot())
    {
        ReleaseFetchLinks(now);
        return;
    }
    if (!m_repair.IsDue(now, stranded) && now < NextRangeAt())
    {
        return;
    }
    Fetching& fetching = Fetches();
    if (fetching.IsUsable(now))
    {
        Fetch(now, m_repair.DueElsewhere(now, FetchRto(), stranded, GetOptions()));
        AskRange(now);
    }
    else
    {
        fetching.rangeAskedAt = now;
        m_repair.Postpone(now, Fetching::RANGE_SPACING, stranded);
    }
}

void
Channel::Fetch(Micros now, const std::vector<std::uint32_t>& seqs)
{
    if (seqs.empty())
    {
        return;
    }
    std::vector<std::uint32_t> rest = seqs;
    const LinkId last = m_repair.AskedElsewhere(seqs.front());
    for (std::size_t i = 0; i < ROUND && !rest.empty(); i++)
    {
        Fetching::Source* source = FetchSource(now, last, rest);
        if (!source)
        {
            return;
        }
        const std::vector<std::uint32_t> asked = Share(now, *source, rest);
        if (asked.empty() || !SendFetch(now, *source, asked))
        {
            return;
        }
        m_repair.NoteElsewhere(asked, source->link);
    }
}

std::vector<std::uint32_t>
Channel::Share(Micros now, const Fetching::Source& source, std::vector<std::uint32_t>& rest)
{
    const double cost = GetOptions().MessageCost(m_context.environment.OverheadBytes());
    const bool choose =
        std::any_of(rest.begin(),
                    rest.end(),
                    [&](std::uint32_t seq) { return SaidToHave(source, seq, now); });
    std::vector<std::uint32_t> asked;
    std::vector<std::uint32_t> left;
    bool affordable = true;
    for (const std::uint32_t seq : rest)
    {
        const bool its = !choose || SaidToHave(source, seq, now);
        affordable = affordable && (!its || m_fetching->Afford(now, cost));
        (its && affordable ? asked : left).push_back(seq);
    }
    rest = std::move(left);
    return asked;
}

Fetching::Source*
Channel::FetchSource(Micros now, LinkId except, const std::vector<std::uint32_t>& seqs)
{
    Fetching::Source* source = m_fetching->Best(
        now,
        except,
        [this](LinkId link) { return m_context.links.RttOf(m_context.links.Find(link)); },
        [&](const Fetching::Source& one) { return WorthOf(one, seqs, now); });
    if (!source || source->link != NO_LINK)
    {
        return source;
    }
    if (const Mesh::Member* member = m_meshing ? m_meshing->mesh.Find(source->peer) : nullptr)
    {
        m_context.links.Hold(member->link, member->peer, true);
        source->link = member->link;
        source->usedAt = now;
        return source;
    }
    const DialResult dialled = m_context.DialAndHold(source->endpoint, source->peer);
    const Neighbour* neighbour =
        dialled.state == DialState::REFUSED ? nullptr : m_context.links.Find(dialled.link);
    if (!neighbour || neighbour->peer != source->peer)
    {
        m_context.Release(neighbour ? dialled.link : NO_LINK);
        source->coolUntil = now + Fetching::COOLDOWN;
        return nullptr;
    }
    source->link = dialled.link;
    source->usedAt = now;
    return source;
}

bool
Channel::SendFetch(Micros now, Fetching::Source& source, const std::vector<std::uint32_t>& seqs)
{
    if (!m_context.links.Find(source.link))
    {
        return false;
    }
    FetchReq request;
    request.reqId = m_nextReqId++;
    request.seqs = seqs;
    request.extension.emplace().watermark = m_window.Base();
    if (Say(source.link, request) != SendResult::ACCEPTED)
    {
        return false;
    }
    m_fetching->Asked(source, seqs.size(), now);
    if (Mesh::Member* member = MeshMember(source.link))
    {
        Mesh::Asked(*member, seqs.size());
    }
    RepairEvent event;
    event.step = RepairEvent::Step::ASKED;
    event.from = seqs.front();
    event.to = seqs.back() + 1;
    event.peer = source.peer;
    m_context.Tell(event);
    return true;
}

Micros
Channel::FetchRto() const
{
    return std::max<Micros>(m_context.links.RttOf(nullptr) + 20 * MILLISECOND, 100 * MILLISECOND);
}

Micros
Channel::NextRangeAt() const
{
    const bool complete = m_ended && m_window.Base() >= m_end;
    if (!IsStranded() || !MayFetch() || !m_window.Started() || IsRoot() || complete ||
        m_context.Now() - m_liveness.LastData() > ORPHAN_ASKS)
    {
        return NEVER;
    }
    // Most find another parent sooner than that.
    const Micros since = m_attachment ? m_attachment->StartedAt() : m_liveness.LastData();
    const Micros last = m_fetching ? m_fetching->rangeAskedAt : since;
    return std::max(last, since) + Fetching::RANGE_SPACING;
}

Micros
Channel::NextFetchAt() const
{
    if (!IsStranded() || !MayFetch() || !m_window.Started())
    {
        return NEVER;
    }
    return std::min(m_repair.NextAt(), NextRangeAt());
}

void
Channel::AskRange(Micros now)
{
    if (now < NextRangeAt())
    {
        return;
    }
    m_fetching->rangeAskedAt = now;
    if (Fetching::Source* source = FetchSource(now, m_fetching->rangeLink, {m_window.Next()}))
    {
        AskNext(now, *source);
    }
}

void
Channel::AskNext(Micros now, Fetching::Source& source)
{
    std::vector<std::uint32_t> seqs{m_window.Next()};
    const double cost = GetOptions().MessageCost(m_context.environment.OverheadBytes());
    while (seqs.size() < RANGE_AT_ONCE && SaidToHave(source, seqs.back() + 1, now) &&
           m_fetching->Afford(now, cost))
    {
        seqs.push_back(seqs.back() + 1);
    }
    m_fetching->rangeSeq = seqs.front();
    m_fetching->rangeTo = seqs.back() + 1;
    m_fetching->rangeLink = source.link;
    SendFetch(now, source, seqs);
}

bool
Channel::WasFetched(LinkId link, std::uint32_t seq)
{
    Fetching::Source* source = m_fetching ? m_fetching->Find(link) : nullptr;
    if (!source)
    {
        return false;
    }
    const bool range =
        link == m_fetching->rangeLink && seq >= m_fetching->rangeSeq && seq < m_fetching->rangeTo;
    if (!range && !m_repair.WasAskedFrom(seq, link))
    {
        return false;
    }
    m_fetching->Answered(*source, 1);
    if (Mesh::Member* member = MeshMember(link))
    {
        member->hits++;
    }
    return true;
}

void
Channel::OnNeighbourHas(LinkId link, const IHave& message)
{
    const Micros now = m_context.Now();
    m_fetching->Answered(*m_fetching->Find(link), 0);
    // A member of the mesh also says so unasked, while an answer may be on its way.
    const bool unasked = MeshMember(link) && message.extension;
    m_repair.LackedBy(link,
                      message.have,
                      now,
                      unasked ? message.extension->watermark.value_or(0) : 0);
    if (!IsStranded() || link != m_fetching->rangeLink)
    {
        return;
    }
    // It is asked for what it says it has; to expect that is up to those who can vouch for it.
    const std::uint32_t from = std::max(m_window.Next(), m_fetching->rangeTo);
    const std::uint32_t to = std::min(message.have.to, from + RANGE_AT_ONCE);
    std::vector<std::uint32_t> seqs;
    const double cost = GetOptions().MessageCost(m_context.environment.OverheadBytes());
    for (std::uint32_t seq = from; seq < to && m_fetching->Afford(now, cost); seq++)
    {
        seqs.push_back(seq);
    }
    if (!seqs.empty() && SendFetch(now, *m_fetching->Find(link), seqs))
    {
        m_fetching->rangeTo = seqs.back() + 1;
    }
}

void
Channel::ReleaseFetchLinks(Micros now)
{
    if (!m_fetching)
    {
        return;
    }
    for (const LinkId link : m_fetching->TakeIdle(now))
    {
        m_context.Release(link);
    }
    if (!m_fetching->HasLinks() && m_repair.GetN() == 0 && !IsStranded())
    {
        m_fetching.reset();
    }
}

void
Channel::StopFetching()
{
    if (m_fetching)
    {
        for (const LinkId link : m_fetching->TakeAll())
        {
            m_context.Release(link);
        }
        m_fetching.reset();
    }
}

// ---- who is asked ----

void
Channel::OnFetchReq(LinkId link, const FrameRef& frame)
{
    const auto request = Decode<FetchReq>(frame->Data());
    Lending* lending = Lends();
    if (!request || !lending)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const bool known = (m_serving && m_serving->admission.Find(link)) || link == m_parentLink;
    if (!known && !MeetStranger(link))
    {
        return;
    }
    const Micros now = m_context.Now();
    bool lacking = false;
    std::uint32_t served = 0;
    for (const std::uint32_t seq : request->seqs)
    {
        const FrameRef original = lending->cache.Get(seq);
        if (!original)
        {
            m_context.commons.ledger.cacheMissesServed++;
            lacking = true;
        }
        else if (!Lend(now, link, original))
        {
            m_context.commons.ledger.repairRefused++;
        }
        else
        {
            m_context.commons.ledger.fetchesServed++;
            served++;
        }
    }
    if (m_serving)
    {
        Drain(now);
    }
    const SeqRange have = lending->cache.Have();
    const bool more = !request->seqs.empty() && have.to > request->seqs.back() + 1;
    if (lacking || (!known && more))
    {
        if (const FrameRef ihave = SealIHave())
        {
            SayFrame(link, ihave);
        }
    }
    if (served > 0)
    {
        RepairEvent event;
        event.step = RepairEvent::Step::SERVED;
        event.from = request->seqs.front();
        event.to = request->seqs.back() + 1;
        event.peer = frame->Signer();
        m_context.Tell(event);
    }
}

bool
Channel::MeetStranger(LinkId link)
{
    auto& strangers = Lends()->strangers;
    const Micros now = m_context.Now();
    Stranger* known = FindStranger(link);
    if (known && known->met)
    {
        known->at = now;
        return true;
    }
    Stranger stranger;
    stranger.link = link;
    stranger.at = now;
    // Large answers go only where a small one was answered: who asked may be somebody else.
    stranger.nonce = static_cast<std::uint32_t>(m_context.random.Next()) | 1;
    if (known)
    {
        stranger.nonce = known->nonce;
        *known = stranger;
    }
    else if (strangers.size() < MOST_STRANGERS)
    {
        strangers.push_back(stranger);
    }
    else
    {
        const auto oldest =
            std::min_element(strangers.begin(),
                             strangers.end(),
                             [](const Stranger& a, const Stranger& b) { return a.at < b.at; });
        if (now - oldest->at < STRANGER_LIFE)
        {
            return false;
        }
        if (m_serving)
        {
            m_serving->forwarding.Forget(oldest->link);
        }
        *oldest = stranger;
    }
    Alive question;
    question.nextContiguous = IsRoot() ? m_nextSeq : m_window.Base();
    question.echo = stranger.nonce;
    question.echoDelayMs = 0xffff;
    Say(link, question);
    return false;
}

Stranger*
Channel::FindStranger(LinkId link)
{
    auto& strangers = Lends()->strangers;
    const auto found = std::find_if(strangers.begin(),
                                    strangers.end(),
                                    [link](const Stranger& s) { return s.link == link; });
    return found == strangers.end() ? nullptr : &*found;
}

void
Channel::ForgetStranger(LinkId link)
{
    if (const Stranger* gone = FindStranger(link))
    {
        auto& strangers = Lends()->strangers;
        strangers.erase(strangers.begin() + (gone - strangers.data()));
        if (m_serving)
        {
            m_serving->forwarding.Forget(link);
        }
    }
}

bool
Channel::IsFetchLink(LinkId link)
{
    return (m_fetching && m_fetching->Find(link)) || MeshMember(link) ||
           (Lends() && FindStranger(link));
}

void
Channel::OnStrangerAlive(LinkId link, const Alive& alive)
{
    const bool question = alive.echo != 0 && alive.echoDelayMs == 0xffff;
    Stranger* stranger = Lends() ? FindStranger(link) : nullptr;
    if (stranger && !question)
    {
        stranger->met = stranger->met || stranger->nonce == alive.echo;
    }
    Fetching::Source* source = m_fetching ? m_fetching->Find(link) : nullptr;
    if ((!source && !MeshMember(link)) || !question)
    {
        return;
    }
    Alive answer;
    answer.nextContiguous = m_window.Base();
    answer.echo = alive.echo;
    Say(link, answer);
    if (!source)
    {
        return;
    }
    // What was asked of it before it knew us is asked again.
    m_fetching->Answered(*source, 0);
    const auto again = m_repair.AwaitedFrom(link);
    if (!again.empty())
    {
        SendFetch(m_context.Now(), *source, again);
    }
    else if (link == m_fetching->rangeLink && IsStranded())
    {
        AskNext(m_context.Now(), *source);
    }
}

} // namespace ns3::fanout
