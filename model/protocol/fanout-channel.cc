/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>
#include <utility>

namespace ns3::fanout
{

namespace
{

constexpr Micros LEAST_BURST = 100 * MILLISECOND; ///< burst in time (feasibility 4)
constexpr double BURST_MESSAGES = 3;              ///< or so many messages to all children

/// @param options of the role @param overhead bytes a frame costs besides its envelope
/// @return limits of forwarding
ForwardingLimits
LimitsOf(const Options& options, std::uint32_t overhead)
{
    ForwardingLimits limits;
    limits.rate = options.uploadBytesPerSecond;
    const Micros burst = options.uploadBurst > 0 ? options.uploadBurst : LEAST_BURST;
    limits.burst = limits.rate * static_cast<double>(burst) / SECOND;
    if (options.uploadBurst == 0)
    {
        const double messages =
            BURST_MESSAGES * options.MessageCost(overhead) * options.EffectiveCapacity(overhead);
        limits.burst = std::max(limits.burst, messages);
    }
    limits.repairShare = options.repairShare;
    limits.ageLimit = options.queueAge;
    if (options.maxDataAge > 0)
    {
        limits.ageLimit = std::min(limits.ageLimit, options.maxDataAge / 4);
    }
    limits.overhead = overhead;
    limits.dropNewest = options.dropNewest;
    limits.roundRobin = options.roundRobin;
    return limits;
}

} // namespace

Channel::Channel(PeerContext& context, std::shared_ptr<const ChannelTerms> terms)
    : m_context(context),
      m_terms(std::move(terms)),
      m_isRoot(m_terms->config.root == context.identity.id),
      m_window(GetOptions().repairWindow),
      m_position(&context.identity.id)
{
    const std::uint32_t overhead = context.environment.OverheadBytes();
    const std::uint16_t capacity = GetOptions().EffectiveCapacity(overhead);
    if (capacity > 0)
    {
        AdmissionLimits room;
        room.capacity = capacity;
        room.relaysFirst = GetOptions().relaysFirst;
        room.overflow = GetOptions().CarriesOneMore(overhead);
        m_serving = std::make_unique<Serving>(
            room,
            LimitsOf(GetOptions(), overhead),
            RepairCache(context.commons.runs, GetOptions().repair ? GetOptions().repairWindow : 1));
    }
}

Channel::~Channel() = default;

void
Channel::Open()
{
    m_open = true;
    if (IsRoot())
    {
        m_position.BecomeRoot();
        return;
    }
    StartMesh();
    Seek(m_context.Now(), 0, false);
}

void
Channel::Close()
{
    if (!m_open)
    {
        return;
    }
    m_open = false;
    KickChildren();
    if (m_serving)
    {
        for (std::size_t i = 0; i < m_serving->told.size(); i++)
        {
            if (m_serving->told[i] != 0xffff)
            {
                SendAnnounce(0, i, 0);
            }
        }
        if (HasSpare())
        {
            SendAnnounce(0, Shards(), 0);
        }
    }
    if (m_parentLink != NO_LINK)
    {
        Say(m_parentLink, fanout::Leave());
        m_context.Release(m_parentLink);
        ParentEvent event;
        event.oldParent = m_position.Parent();
        event.level = UNATTACHED_LEVEL;
        event.cause = ParentEvent::Cause::LEFT;
        m_context.Tell(event);
    }
    m_parentLink = NO_LINK;
    StopSeeking();
    StopFetching();
    StopMesh();
    m_position.Lose(false);
    SettleWaiting(m_context.Now());
    DropTrackerLinks();
}

void
Channel::ReceiveControl(LinkId link, const FrameRef& frame)
{
    const auto kind = static_cast<Kind>(frame->Kind());
    switch (kind)
    {
    case Kind::JOIN_REQ:
        OnJoinReq(link, frame);
        break;
    case Kind::JOIN_ACCEPT:
        OnJoinAccept(link, frame);
        break;
    case Kind::JOIN_REJECT:
        OnJoinReject(link, frame);
        break;
    case Kind::TRACKER_REPLY:
        OnTrackerReply(link, frame);
        break;
    case Kind::KICK:
        OnKick(link, frame);
        break;
    case Kind::END:
        OnEnd(link, frame);
        break;
    case Kind::IHAVE:
        OnIHave(link, frame);
        break;
    case Kind::REPAIR_REQ:
        OnRepairReq(link, frame);
        break;
    case Kind::FETCH_REQ:
        OnFetchReq(link, frame);
        break;
    case Kind::LEAVE:
        OnLeave(link, frame);
        break;
    case Kind::ALIVE:
        OnAlive(link, frame);
        break;
    case Kind::POSITION:
        OnPosition(link, frame);
        break;
    case Kind::ANCHOR_REQ:
        OnAnchorReq(link, frame);
        break;
    case Kind::MOVE:
        OnMove(link, frame);
        break;
    default:
        m_context.commons.ledger.kinds[frame->Kind() % MAX_KINDS].ignored++;
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_SUPPORTED);
        return;
    }
    if (!m_context.IsAuthentic())
    {
        return; // a forger's word is no sign of life
    }
    if (link == m_parentLink)
    {
        m_liveness.Heard(m_context.Now());
    }
    else
    {
        m_liveness.HeardElsewhere(m_context.Now());
    }
}

void
Channel::Opened(LinkId link)
{
    for (std::size_t i = 0; m_attachment && i < m_trackerLinks.size(); i++)
    {
        if (m_trackerLinks[i] == link)
        {
            m_attachment->TrackerOpened(static_cast<std::uint8_t>(i),
                                        m_context.Now() + GetOptions().trackerQueryTimeout);
        }
    }
    if (const auto ask = m_attachment ? m_attachment->LinkOpened(link) : std::nullopt)
    {
        SendJoinReq(m_context.Now(), *ask);
    }
}

void
Channel::Closed(LinkId link)
{
    const Micros now = m_context.Now();
    for (std::size_t i = 0; i < m_trackerLinks.size(); i++)
    {
        if (m_trackerLinks[i] == link)
        {
            m_trackerLinks[i] = NO_LINK;
            if (m_attachment)
            {
                const Neighbour* tracker = m_context.links.Find(link);
                m_attachment->TrackerClosed(static_cast<std::uint8_t>(i),
                                            !tracker || tracker->open);
            }
        }
    }
    if (m_attachment)
    {
        for (const auto& ask : m_attachment->LinkClosed(link))
        {
            m_attachment->candidates.Cool(ask.peer, now + SECOND, true);
            TellJoin(JoinEvent::Step::TIMED_OUT, ask.peer, 0);
        }
    }
    if (m_fetching)
    {
        m_fetching->Closed(link);
    }
    if (m_meshing)
    {
        m_meshing->mesh.Closed(link);
    }
    if (Lends())
    {
        ForgetStranger(link);
    }
    if (m_serving)
    {
        ForgetApplicant(link);
        if (const auto child = m_serving->admission.Remove(link))
        {
            ChildGone(*child, ChildEvent::Cause::CLOSED);
        }
    }
    if (link == m_parentLink && link != NO_LINK)
    {
        Detach(now, ParentEvent::Cause::CLOSED);
    }
}

void
Channel::Writable(LinkId link)
{
    if (m_serving)
    {
        m_serving->forwarding.Writable(link);
        Drain(m_context.Now());
    }
}

void
Channel::Settle(Micros now)
{
    if (!m_open)
    {
        return;
    }
    if (m_parentLink != NO_LINK)
    {
        const Neighbour* parent = m_context.links.Find(m_parentLink);
        const auto step = m_liveness.Next(now,
                                          IsExpecting(),
                                          parent ? parent->Rto() : SECOND,
                                          !m_context.Trackers().empty(),
                                          GetOptions());
        if (step == Liveness::Step::PROBE)
        {
            ProbeParent(now);
        }
        else if (step == Liveness::Step::LOST)
        {
            Detach(now, ParentEvent::Cause::SILENT);
        }
        else if (!m_serving && !m_attachment && !m_trackerLinks.empty() &&
                 !m_liveness.IsSuspecting())
        {
            DropTrackerLinks();
        }
    }
    SettleHold(now);
    SettleAttachment(now);
    if (m_serving)
    {
        Drain(now);
    }
    SettleRepair(now);
    if (m_serving)
    {
        SettleServing(now);
    }
    SettleAlive(now);
    SettleMesh(now);
}

void
Channel::AfterData(Micros now)
{
    if (now >= m_repair.NextAt())
    {
        SettleRepair(now);
    }
}

Micros
Channel::NextOwnAt(Micros now) const
{
    if (!m_open)
    {
        return NEVER;
    }
    Micros next = m_parentHeldUntil;
    if (IsStranded())
    {
        next = std::min(next, NextFetchAt());
    }
    else
    {
        next = std::min(next, m_repair.NextAt());
    }
    if (m_parentLink != NO_LINK)
    {
        next = std::min({next, m_liveness.NextAt(IsExpecting(), GetOptions()), NextAliveAt()});
    }
    if (m_attachment)
    {
        next = std::min({next, m_attachment->NextAt(now, GetOptions()), m_attachment->until});
    }
    if (m_meshing)
    {
        next = std::min(next, NextMeshAt());
    }
    return next;
}

Micros
Channel::NextServingAt(Micros now) const
{
    m_servingNextAt = NEVER;
    if (m_open && m_serving)
    {
        m_servingNextAt =
            std::min({NextHoldAt(),
                      m_serving->forwarding.NextAt(now),
                      m_serving->admission.NextAt(m_serving->flowingSince, GetOptions()),
                      NextWatermarkAt(),
                      NextReliefAt(),
                      NextAnnounceAt(),
                      NextSpareAt()});
    }
    return m_servingNextAt;
}

Micros
Channel::NextAt(Micros now) const
{
    return std::min(NextOwnAt(now), NextServingAt(now));
}

Micros
Channel::NextAfterData(Micros now) const
{
    const bool forwards = m_serving && !m_serving->admission.Targets().empty();
    return std::min(NextOwnAt(now), forwards ? NextServingAt(now) : m_servingNextAt);
}

void
Channel::Prefetch(std::uint32_t depth, LinkId link) const
{
    const Serving* serving = m_serving.get();
    if (!serving || serving->admission.Targets().empty())
    {
        return;
    }
    const auto& targets = serving->admission.Targets();
    if (depth == 1)
    {
        PrefetchRange(targets.data(), targets.data() + targets.size());
        PrefetchRange(serving->HotEnd(), serving + 1);
        return;
    }
    serving->forwarding.Prefetch();
    if (link != NO_LINK)
    {
        serving->admission.Prefetch(link);
    }
}

ByteView
Channel::HotServing() const
{
    const auto begin = reinterpret_cast<const std::uint8_t*>(m_serving.get());
    const auto end = m_serving ? static_cast<const std::uint8_t*>(m_serving->HotEnd()) : begin;
    return {begin, static_cast<std::size_t>(end - begin)};
}

ChannelStatus
Channel::Status() const
{
    ChannelStatus status;
    status.open = m_open;
    status.attached = m_open && m_position.IsAttached();
    status.parent = m_position.Parent();
    status.level = m_position.Level();
    status.children = static_cast<std::uint16_t>(ChildCount());
    status.capacity = m_serving ? m_serving->admission.Capacity() : 0;
    status.heldUntil = m_serving ? m_serving->holdUntil : NEVER;
    status.nextSeq = IsRoot() ? m_nextSeq : m_window.Next();
    status.missing = m_window.MissingCount();
    status.givenUp = m_window.GivenUpCount();
    status.queuedBytes = m_serving ? m_serving->forwarding.QueuedBytes() : 0;
    status.end = m_end;
    status.ended = m_ended;
    return status;
}

std::vector<PeerId>
Channel::Children() const
{
    std::vector<PeerId> children;
    if (m_serving)
    {
        for (const auto& child : m_serving->admission.Children())
        {
            children.push_back(child.peer);
        }
    }
    return children;
}

std::size_t
Channel::LendingBytes(const Lending& lending)
{
    return lending.cache.HeapBytes() + lending.strangers.capacity() * sizeof(Stranger);
}

std::size_t
Channel::HeapBytes() const
{
    std::size_t bytes =
        m_window.HeapBytes() + m_repair.HeapBytes() + m_trackerLinks.capacity() * sizeof(LinkId) +
        m_position.Path().capacity() * sizeof(PeerId) + m_backups.capacity() * sizeof(Backup);
    bytes += m_fetching ? sizeof(Fetching) + m_fetching->HeapBytes() : 0;
    if (m_meshing)
    {
        bytes += sizeof(Meshing) + m_meshing->mesh.HeapBytes();
        bytes += m_meshing->lending ? sizeof(Lending) + LendingBytes(*m_meshing->lending) : 0;
    }
    bytes += m_attachment ? sizeof(Attachment) + m_attachment->HeapBytes() : 0;
    if (m_serving)
    {
        bytes += sizeof(Serving) + LendingBytes(m_serving->lending) +
                 m_serving->admission.HeapBytes() + m_serving->forwarding.HeapBytes() +
                 m_serving->told.capacity() * sizeof(std::uint16_t);
        bytes += m_serving->anchoring ? AnchoringBytes() : 0;
    }
    return bytes;
}

} // namespace ns3::fanout
