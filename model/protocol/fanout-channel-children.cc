/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr std::uint8_t STEADY_BEATS = 10;         ///< watermarks at the stream's rhythm
constexpr std::uint8_t MOST_BEATS = 16;           ///< then silence
constexpr Micros FIRST_BEAT = 50 * MILLISECOND;   ///< at the earliest after a push
constexpr Micros BEAT = 100 * MILLISECOND;        ///< between two watermarks at the least
constexpr Micros LONGEST_BEAT = 2 * SECOND;       ///< between two watermarks at the most
constexpr Micros FLOWING = 2 * SECOND;            ///< a child says ALIVE often so long after data
constexpr Micros FLOW_ENDS = SECOND;              ///< a parent expects that so long after a push
constexpr Micros SLOW_ANNOUNCE = SECOND;          ///< any change is told so late at the latest
constexpr Micros ANNOUNCE_AGAIN = 3 * SECOND;     ///< others may have said something else since
constexpr Micros SPARE_SPACING = 5 * SECOND;      ///< between two announces to the spare tracker
constexpr Micros SPARE_PAUSE = SECOND;            ///< before one at least
constexpr Micros UNCONFIRMED = 300 * MILLISECOND; ///< of the stream, before a child is heard again
constexpr std::uint32_t LEAST_UNCONFIRMED = 4;    ///< messages of it at least
constexpr std::uint16_t NOTHING_TOLD = 0xffff;    ///< no announce yet

/// @param a slots @param b slots @return whether one of them is 0, or they differ by an octave
bool
CrossesOctave(std::uint16_t a, std::uint16_t b)
{
    const auto octave = [](std::uint16_t x) { return x == 0 ? -1 : 31 - __builtin_clz(x); };
    return octave(a) != octave(b);
}

} // namespace

SendResult
Channel::SayFrame(LinkId link, const FrameRef& frame)
{
    const SendResult result = m_context.Send(link, frame);
    if (result == SendResult::ACCEPTED && m_serving)
    {
        m_serving->forwarding.ChargeControl(m_context.Now(),
                                            static_cast<std::uint32_t>(frame->Wire().size()));
    }
    else if (result == SendResult::ACCEPTED && m_meshing)
    {
        m_meshing->lending->fetches.Charge(m_context.Now(),
                                           static_cast<double>(frame->Wire().size()) +
                                               m_context.environment.OverheadBytes());
    }
    return result;
}

void
Channel::OnJoinReq(LinkId link, const FrameRef& frame)
{
    auto request = Decode<JoinReq>(frame->Data());
    if (!request)
    {
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    if (link == m_parentLink && !(request->extension && request->extension->hasChildren))
    {
        // It has begun anew, or let its children go: it knows us no more.
        Detach(m_context.Now(), ParentEvent::Cause::KICKED);
    }
    if (!GetOptions().extension)
    {
        request->extension.reset(); // a child says nothing extended to a parent that does not
    }
    const Micros now = m_context.Now();
    const PeerId asker = frame->Signer();
    if (!m_serving)
    {
        SendReject(link,
                   request->reqId,
                   asker,
                   m_position.IsAttached() ? RejectReason::NO_CAPACITY
                                           : RejectReason::NOT_ATTACHED);
        return;
    }
    const auto& path = m_position.Path();
    Applicant applicant;
    applicant.reqId = request->reqId;
    applicant.ancestor = std::find(path.begin(), path.end(), asker) != path.end();
    applicant.hasChildren = request->extension && request->extension->hasChildren;
    if (request->extension)
    {
        applicant.feasible = request->extension->feasible;
    }
    Child& child = applicant.child;
    child.peer = asker;
    child.link = link;
    child.bid = request->bidPerByte;
    child.since = now;
    child.heard = now;
    child.extended = request->extension.has_value();
    child.relay = !child.extended || (request->extension->role && request->extension->role->relay);
    child.endpoint = m_context.environment.RemoteEndpoint(link);
    if (!AwaitsAnchor(applicant))
    {
        Consider(applicant);
    }
}

void
Channel::Consider(const Applicant& applicant)
{
    const Child& child = applicant.child;
    const LinkId link = child.link;
    const PeerId& asker = child.peer;
    Admission::Asking asking;
    asking.attached = m_position.IsAttached() && !applicant.ancestor &&
                      m_position.MayAdmit(applicant.hasChildren, applicant.feasible);
    asking.allowKick = GetOptions().allowKick;
    asking.hasChildren = applicant.hasChildren;
    asking.overloaded = m_serving->overloadedSince != NEVER;
    const auto verdict = m_serving->admission.Request(child, asking);
    if (verdict.moved)
    {
        SendMove(*verdict.moved, &child);
    }
    if (verdict.displaced)
    {
        Say(verdict.displaced->link, Kick());
        ChildGone(*verdict.displaced, ChildEvent::Cause::KICKED);
    }
    if (!verdict.accepted)
    {
        m_serving->announceDue = true;
        SendReject(link, applicant.reqId, asker, verdict.reason);
        if (asking.attached && m_serving->flowingSince == NEVER)
        {
            ProbeChild(m_serving->admission.ProbeQuietest(m_context.Now()));
        }
        return;
    }
    if (verdict.former)
    {
        m_serving->forwarding.Forget(*verdict.former);
        NoteMarks(m_context.Now());
        m_context.links.Hold(link, asker, true);
        m_context.Release(*verdict.former);
    }
    if (verdict.fresh)
    {
        Neighbour& neighbour = m_context.links.Hold(link, asker, true);
        neighbour.extended = child.extended;
        ChildEvent event;
        event.peer = asker;
        event.cause = ChildEvent::Cause::ADMITTED;
        event.children = static_cast<std::uint16_t>(ChildCount());
        event.capacity = m_serving->admission.Capacity();
        m_context.Tell(event);
    }
    if (child.extended)
    {
        const auto soon = GetOptions().messageRate * UNCONFIRMED / SECOND;
        m_serving->admission.SetBound(
            link,
            (IsRoot() ? m_nextSeq : m_window.Next()) +
                std::max(LEAST_UNCONFIRMED, static_cast<std::uint32_t>(soon)));
    }
    m_serving->announceDue = true;
    SendAccept(child, applicant.reqId);
}

void
Channel::SendAccept(const Child& child, std::uint32_t reqId)
{
    JoinAccept accept;
    accept.reqId = reqId;
    accept.parentLevel = m_position.Level();
    for (const auto& hop : m_position.PathWithSelf())
    {
        accept.route.push_back(hop.ToText());
    }
    const SeqRange have = m_serving->lending.cache.Have();
    if (have.to > 0)
    {
        accept.have = have;
    }
    if (GetOptions().extension && child.extended)
    {
        Extension& extension = accept.extension.emplace();
        extension.watermark = IsRoot() ? m_nextSeq : m_window.Base();
        if (m_position.Key())
        {
            extension.position = m_position.Tell();
            extension.backups = BackupsForChildren(BackupsFor(child));
        }
    }
    Say(child.link, accept);
    if (m_endFrame)
    {
        SayFrame(child.link, m_endFrame);
    }
}

void
Channel::ProbeChild(LinkId link)
{
    if (link != NO_LINK)
    {
        SendAlive(link, m_nextReqId++, 0xffff);
    }
}

std::size_t
Channel::BackupsFor(const Child& child) const
{
    const std::uint8_t most = GetOptions().backups;
    // A leaf of the root has nobody to turn to who stands higher, and nobody to tell.
    return child.relay ? most : IsRoot() ? 0 : std::min(most, LEAF_BACKUPS);
}

void
Channel::SendReject(LinkId link, std::uint32_t reqId, const PeerId& asker, RejectReason reason)
{
    JoinReject reject;
    reject.reqId = reqId;
    reject.reason = static_cast<std::uint8_t>(reason);
    if (m_serving && reason != RejectReason::NOT_ATTACHED)
    {
        const auto& children = m_serving->admission.Children();
        const std::size_t start = children.empty() ? 0 : m_context.random.Below(children.size());
        for (std::size_t i = 0; i < children.size(); i++)
        {
            const Child& child = children[(start + i) % children.size()];
            if (reject.redirects.size() == MAX_REDIRECTS)
            {
                break;
            }
            if (child.relay && child.endpoint && child.peer != asker)
            {
                reject.redirects.push_back({child.peer.ToText(), {child.endpoint.ToBytes()}});
            }
        }
    }
    Say(link, reject);
}

void
Channel::OnLeave(LinkId link, const FrameRef& frame)
{
    if (!m_serving || !m_serving->admission.Find(link))
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    if (const auto child = m_serving->admission.Remove(link))
    {
        ChildGone(*child, ChildEvent::Cause::LEFT);
    }
}

void
Channel::OnAlive(LinkId link, const FrameRef& frame)
{
    const auto alive = Decode<Alive>(frame->Data());
    const Child* child = m_serving ? m_serving->admission.Find(link) : nullptr;
    if (alive && !child && link != m_parentLink && IsFetchLink(link))
    {
        if (m_context.Authenticate(link, frame))
        {
            OnStrangerAlive(link, *alive);
        }
        return;
    }
    if (!alive || (!child && link != m_parentLink))
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        DisownStranger(link, frame);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    if (link == m_parentLink && Withholds(now, *alive))
    {
        Detach(now, ParentEvent::Cause::SILENT);
        return;
    }
    if (child)
    {
        const std::uint32_t known = IsRoot() ? m_nextSeq : m_window.Next();
        Neighbour* neighbour = m_context.links.Find(link);
        if (neighbour && !child->confirmed)
        {
            // It says so as soon as it is accepted; nothing else tells how far it is.
            m_context.links.Sample(*neighbour, now - child->since);
        }
        m_serving->admission.Heard(link, now);
        m_serving->admission.SetWatermark(link, std::min(alive->nextContiguous, known));
        RepeatPosition(*child, alive->serialSeen);
        const bool behind = alive->nextContiguous + alive->missing < known;
        if (behind && now - m_serving->pushedAt > FIRST_BEAT)
        {
            if (const FrameRef have = SealIHave())
            {
                SayFrame(link, have);
            }
        }
    }
    if (alive->echo != 0 && alive->echoDelayMs == 0xffff)
    {
        SendAlive(link, alive->echo, 0);
    }
}

void
Channel::DisownStranger(LinkId link, const FrameRef& frame)
{
    if (link != m_parentLink && m_context.Authenticate(link, frame))
    {
        AnswerStray(m_context.Now(), link, m_context.Seal(Key(), Kick()));
    }
}

void
Channel::SendAlive(LinkId link, std::uint32_t echo, std::uint16_t echoDelayMs)
{
    const Neighbour* neighbour = m_context.links.Find(link);
    if (!neighbour || !neighbour->extended)
    {
        return;
    }
    Alive alive;
    alive.serialSeen = link == m_parentLink ? m_position.Serial() : 0;
    alive.nextContiguous = IsRoot() ? m_nextSeq : m_window.Base();
    alive.missing =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(m_window.MissingCount(), 0xffff));
    alive.subtreeFree = m_serving ? m_serving->admission.FreeSlots() : 0;
    alive.echo = echo;
    alive.echoDelayMs = echoDelayMs;
    Say(link, alive);
}

void
Channel::ChildGone(const Child& child, ChildEvent::Cause cause)
{
    m_serving->forwarding.Forget(child.link);
    NoteMarks(m_context.Now());
    m_serving->announceDue = true;
    m_context.commons.ledger.childrenExpired += cause == ChildEvent::Cause::EXPIRED;
    m_context.Release(child.link);
    ChildEvent event;
    event.peer = child.peer;
    event.cause = cause;
    event.children = static_cast<std::uint16_t>(ChildCount());
    event.capacity = m_serving->admission.Capacity();
    m_context.Tell(event);
}

void
Channel::KickChildren()
{
    if (ChildCount() == 0)
    {
        return;
    }
    const FrameRef kick = m_context.Seal(Key(), Kick());
    for (const auto& child : m_serving->admission.RemoveAll())
    {
        SayFrame(child.link, kick);
        ChildGone(child, ChildEvent::Cause::KICKED);
    }
}

void
Channel::SettleServing(Micros now)
{
    Serving& serving = *m_serving;
    if (serving.flowingSince != NEVER && now - serving.pushedAt > FLOW_ENDS)
    {
        serving.flowingSince = NEVER;
    }
    for (const LinkId link : serving.admission.ProbeAgain(now, serving.flowingSince, GetOptions()))
    {
        ProbeChild(link);
    }
    for (const auto& child : serving.admission.Expire(now, serving.flowingSince, GetOptions()))
    {
        Say(child.link, Kick());
        ChildGone(child,
                  serving.admission.WasLeaving(child, now) ? ChildEvent::Cause::KICKED
                                                           : ChildEvent::Cause::EXPIRED);
    }
    SettleWatermarks(now);
    SettleOverload(now);
    SettleAnnounce(now);
    SettleSpare(now);
}

Micros
Channel::NextWatermarkAt() const
{
    const Serving& serving = *m_serving;
    const bool told = m_ended && (IsRoot() || m_window.Base() >= m_end);
    if (serving.admission.Children().empty() || serving.pushedAt == 0 ||
        serving.beats >= MOST_BEATS || told)
    {
        return NEVER;
    }
    const auto interval =
        IsRoot() ? static_cast<Micros>(m_publishInterval) : m_liveness.MeanInterval();
    const Micros mean =
        interval > 0 ? interval : static_cast<Micros>(SECOND / GetOptions().messageRate);
    if (serving.beats == 0)
    {
        return serving.pushedAt + std::max(mean * 5 / 2, FIRST_BEAT);
    }
    Micros step = std::max(2 * mean, BEAT);
    if (serving.beats > STEADY_BEATS)
    {
        step = std::min(step << (serving.beats - STEADY_BEATS), LONGEST_BEAT);
    }
    return serving.beatAt + step;
}

void
Channel::SettleWatermarks(Micros now)
{
    if (now < NextWatermarkAt())
    {
        return;
    }
    Serving& serving = *m_serving;
    serving.beats++;
    serving.beatAt = now;
    const FrameRef have = SealIHave();
    if (!have)
    {
        return;
    }
    for (const auto& child : serving.admission.Children())
    {
        SayFrame(child.link, have);
    }
}

std::uint16_t
Channel::FreeSlotsFor(std::size_t shard) const
{
    const Admission& admission = m_serving->admission;
    if (!m_position.IsAttached() || m_serving->overloadedSince != NEVER)
    {
        return 0;
    }
    if (!IsRoot() || Shards() < 2)
    {
        return admission.FreeSlots();
    }
    const std::size_t share =
        admission.Capacity() / Shards() + (shard < admission.Capacity() % Shards() ? 1 : 0);
    const auto& children = admission.Children();
    const auto used = static_cast<std::size_t>(
        std::count_if(children.begin(),
                      children.end(),
                      [&](const Child& child) { return ShardOf(child.peer) == shard; }));
    const std::size_t free = used >= share ? 0 : share - used;
    return static_cast<std::uint16_t>(std::min<std::size_t>(free, admission.FreeSlots()));
}

Micros
Channel::NextAnnounceAt() const
{
    const Serving& serving = *m_serving;
    if (m_context.Trackers().empty() || serving.admission.Capacity() == 0)
    {
        return NEVER;
    }
    if (!serving.announceDue)
    {
        return serving.keepAliveAt;
    }
    bool octave = m_position.Level() != serving.toldLevel;
    for (std::size_t i = 0; i < serving.told.size(); i++)
    {
        octave = octave || (serving.told[i] != NOTHING_TOLD &&
                            CrossesOctave(serving.told[i], FreeSlotsFor(i)));
    }
    return serving.announcedAt + (octave ? GetOptions().announceSpacing : SLOW_ANNOUNCE);
}

void
Channel::SettleAnnounce(Micros now)
{
    if (now < NextAnnounceAt())
    {
        return;
    }
    Serving& serving = *m_serving;
    const std::size_t own = ShardOf(m_context.identity.id);
    const bool keepAlive = now >= serving.keepAliveAt;
    const bool moved = m_position.Level() != serving.toldLevel;
    serving.told.resize(Shards(), NOTHING_TOLD);
    bool told = false;
    for (std::size_t i = 0; i < serving.told.size(); i++)
    {
        const std::uint16_t free = FreeSlotsFor(i);
        if ((!IsRoot() && i != own) || (!keepAlive && !moved && serving.told[i] == free))
        {
            continue;
        }
        if (!m_position.IsAttached() && serving.told[i] == NOTHING_TOLD)
        {
            continue;
        }
        serving.told[i] = free;
        told = true;
        SendAnnounce(GetOptions().announceTtl, i, free);
    }
    serving.announceDue = false;
    serving.toldLevel = m_position.Level();
    if (told || keepAlive)
    {
        const Micros longest = GetOptions().announceTtl / 3;
        // Without the extension old routes refuse: who was refused would be sent there again.
        const bool again = !keepAlive && GetOptions().extension;
        serving.announcedAt = now;
        serving.keepAliveAt = now + (again ? std::min(ANNOUNCE_AGAIN, longest) : longest);
        NoteSpare(now);
    }
}

void
Channel::NoteSpare(Micros now)
{
    Serving& serving = *m_serving;
    if (!serving.spareDue && HasSpare())
    {
        // What changes soon after is told with it.
        serving.spareDue = true;
        serving.spareToldAt = std::max(serving.spareToldAt, now - SPARE_SPACING + SPARE_PAUSE);
    }
}

Micros
Channel::NextSpareAt() const
{
    return m_serving->spareDue ? m_serving->spareToldAt + SPARE_SPACING : NEVER;
}

void
Channel::SettleSpare(Micros now)
{
    if (now >= NextSpareAt())
    {
        m_serving->spareDue = false;
        m_serving->spareToldAt = now;
        SendAnnounce(GetOptions().announceTtl,
                     Shards(),
                     FreeSlotsFor(ShardOf(m_context.identity.id)));
    }
}

bool
Channel::HasSpare() const
{
    return m_context.Trackers().size() > Shards() &&
           (IsRoot() || ShardOf(m_context.identity.id) + 1 == Shards());
}

void
Channel::SendAnnounce(Micros ttl, std::size_t shard, std::uint16_t freeSlots)
{
    const LinkId link = TrackerLink(TrackerAt(shard));
    if (link == NO_LINK)
    {
        return;
    }
    const Admission& admission = m_serving->admission;
    const std::size_t shares = IsRoot() ? Shards() : 1;
    TrackerAnnounce announce;
    announce.ttlMs = static_cast<std::uint32_t>(ttl / MILLISECOND);
    announce.level = m_position.Level();
    announce.maxChildren = static_cast<std::uint16_t>((admission.Capacity() + shares - 1) / shares);
    announce.freeSlots = freeSlots;
    announce.bidPerByte = GetOptions().bidPerByte;
    announce.addresses.push_back(m_context.environment.LocalEndpoint().ToBytes());
    Say(link, announce);
}

Micros
Channel::NextAliveAt() const
{
    const Neighbour* parent =
        m_parentLink == NO_LINK ? nullptr : m_context.links.Find(m_parentLink);
    if (!parent || !parent->extended)
    {
        return NEVER;
    }
    const bool flowing = m_context.Now() - m_liveness.LastData() < FLOWING && m_window.Next() > 0;
    return parent->lastSaid +
           (flowing ? GetOptions().aliveInterval : GetOptions().aliveIdleInterval);
}

void
Channel::SettleAlive(Micros now)
{
    if (now < NextAliveAt())
    {
        return;
    }
    const bool idle = now - m_liveness.LastData() > FLOWING;
    SendAlive(m_parentLink, idle ? m_nextReqId++ : 0, idle ? 0xffff : 0);
}

} // namespace ns3::fanout
