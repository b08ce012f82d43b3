/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-peer.h"

#include "fanout-channel.h"
#include "fanout-peer-context.h"
#include "fanout-tracker.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

constexpr std::uint64_t PURPOSE_TRACKER = 2;     ///< of the tracker's draws
constexpr std::size_t MAX_CONTROL_BYTES = 65536; ///< largest control frame acted on
constexpr Micros WAKE_SLACK = MILLISECOND;       ///< a wake-up this much early is good enough

bool
IsForTracker(Kind kind)
{
    return kind == Kind::TRACKER_ANNOUNCE || kind == Kind::TRACKER_QUERY ||
           kind == Kind::TRACKER_FEEDBACK;
}

} // namespace

Peer::Peer(const PeerConfig& config, Environment& environment, Commons& commons)
    : m_context(std::make_unique<PeerContext>(config, environment, commons))
{
    if (config.tracker)
    {
        m_tracker =
            std::make_unique<Tracker>(Tracker::Limits(),
                                      Random(config.randomKey, config.index, PURPOSE_TRACKER));
    }
}

Peer::~Peer() = default;

Channel*
Peer::Find(std::uint32_t handle) const
{
    return handle < m_channels.size() ? m_channels[handle].get() : nullptr;
}

void
Peer::Receive(LinkId link, const FrameRef& frame)
{
    PeerContext& context = *m_context;
    Ledger& ledger = context.commons.ledger;
    ledger.inputs++;
    const std::uint8_t kind = frame->Kind();
    KindCounters& counters = ledger.kinds[kind % MAX_KINDS];
    counters.receives++;
    counters.receivedBytes += frame->Data().size();
    Neighbour* neighbour = context.links.Find(link);
    const Micros now = context.Now();
    if (context.commons.frameEvents)
    {
        FrameEvent event;
        event.kind = kind;
        event.frameClass = ClassOf(kind);
        event.peer = neighbour ? neighbour->peer : PeerId();
        event.wireBytes =
            static_cast<std::uint32_t>(frame->Wire().size()) + context.environment.OverheadBytes();
        event.frameBytes = static_cast<std::uint32_t>(frame->Data().size());
        context.Tell(event);
    }
    if (neighbour && !Links::Admit(*neighbour, now))
    {
        ledger.rateDropped++;
        context.Refuse(link, frame, DropEvent::Reason::RATE);
        return;
    }
    if (neighbour)
    {
        neighbour->lastHeard = now;
    }
    if (frame->IsData())
    {
        const ByteView suffix = frame->ChannelSuffix();
        for (const auto& channel : m_channels)
        {
            if (channel && std::memcmp(channel->Key().data(), suffix.data(), suffix.size()) == 0)
            {
                channel->ReceiveData(link, frame);
                channel->AfterData(now);
                Settle();
                return;
            }
        }
        context.Refuse(link, frame, DropEvent::Reason::UNKNOWN_KEY);
        return;
    }
    ReceiveControl(link, frame);
    FlushTracker();
    Settle();
}

void
Peer::ReceiveControl(LinkId link, const FrameRef& frame)
{
    PeerContext& context = *m_context;
    const auto kind = static_cast<Kind>(frame->Kind());
    const auto key = KeyOf(frame->Data());
    if (!key || frame->Data().size() > MAX_CONTROL_BYTES || kind == Kind::DATA)
    {
        context.commons.ledger.malformed++;
        context.Refuse(link, frame, DropEvent::Reason::MALFORMED);
        return;
    }
    if (std::strcmp(NameOf(frame->Kind()), "UNKNOWN") == 0)
    {
        context.Refuse(link, frame, DropEvent::Reason::UNKNOWN_KIND);
        return;
    }
    if (IsForTracker(kind))
    {
        ReceiveForTracker(link, frame, *key);
        return;
    }
    for (const auto& channel : m_channels)
    {
        if (channel && std::memcmp(channel->Key().data(), key->data(), 24) == 0)
        {
            if (NeedsAcknowledge(frame->Kind()) && context.IsReplay(frame))
            {
                return;
            }
            channel->ReceiveControl(link, frame);
            channel->Settle(context.Now());
            return;
        }
    }
    if (kind == Kind::JOIN_REQ)
    {
        RejectUnknownChannel(link, frame, *key);
        return;
    }
    context.Refuse(link, frame, DropEvent::Reason::UNKNOWN_KEY);
}

void
Peer::RejectUnknownChannel(LinkId link, const FrameRef& frame, const Digest& key)
{
    const ByteView data = frame->Data();
    if (data.size() < 37 || !m_context->Authenticate(link, frame))
    {
        return;
    }
    JoinReject reject;
    reject.reqId = std::uint32_t{data[33]} << 24 | std::uint32_t{data[34]} << 16 |
                   std::uint32_t{data[35]} << 8 | data[36];
    reject.reason = static_cast<std::uint8_t>(RejectReason::NOT_ATTACHED);
    m_context->Send(link, m_context->Seal(key, reject));
}

void
Peer::ReceiveForTracker(LinkId link, const FrameRef& frame, const Digest& key)
{
    PeerContext& context = *m_context;
    if (!m_tracker)
    {
        context.Refuse(link, frame, DropEvent::Reason::NOT_SUPPORTED);
        return;
    }
    if (!context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = context.Now();
    const PeerId& from = frame->Signer();
    bool sound = false;
    if (const auto announce = Decode<TrackerAnnounce>(frame->Data()))
    {
        m_tracker->Announce(now, from, key, *announce, context.environment.RemoteEndpoint(link));
        sound = true;
    }
    else if (const auto query = Decode<TrackerQuery>(frame->Data()))
    {
        m_tracker->Query(now, from, link, key, *query);
        sound = true;
    }
    else if (const auto feedback = Decode<TrackerFeedback>(frame->Data()))
    {
        m_tracker->Feedback(now, from, key, *feedback);
        sound = true;
    }
    if (!sound)
    {
        context.commons.ledger.malformed++;
        context.Refuse(link, frame, DropEvent::Reason::MALFORMED);
    }
}

void
Peer::FlushTracker()
{
    if (!m_tracker)
    {
        return;
    }
    for (auto& answer : m_tracker->TakeAnswers())
    {
        m_context->Send(answer.link, m_context->Seal(answer.key, answer.reply));
    }
    for (const auto& event : m_tracker->TakeEvents())
    {
        m_context->Tell(event);
    }
}

void
Peer::Opened(LinkId link)
{
    if (Neighbour* neighbour = m_context->links.Find(link))
    {
        neighbour->open = true;
    }
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            channel->Opened(link);
            channel->Settle(m_context->Now());
        }
    }
    Settle();
}

void
Peer::Closed(LinkId link)
{
    if (m_tracker)
    {
        const Neighbour* neighbour = m_context->links.Find(link);
        m_tracker->Gone(link, neighbour ? neighbour->peer : PeerId());
    }
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            channel->Closed(link);
        }
    }
    m_context->links.Drop(link);
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            channel->Settle(m_context->Now());
        }
    }
    FlushTracker();
    Settle();
}

void
Peer::Writable(LinkId link)
{
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            channel->Writable(link);
        }
    }
    Settle();
}

void
Peer::Tick()
{
    const Micros now = m_context->Now();
    m_context->commons.ledger.wakeups++;
    m_context->commons.ledger.inputs++;
    m_wakeAt = NEVER;
    if (m_tracker)
    {
        m_tracker->Tick(now);
        FlushTracker();
    }
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            channel->Settle(now);
        }
    }
    Settle();
}

void
Peer::Settle()
{
    const Micros now = m_context->Now();
    Micros next = m_tracker ? m_tracker->NextAt() : NEVER;
    for (const auto& channel : m_channels)
    {
        if (channel)
        {
            next = std::min(next, channel->NextAt(now));
        }
    }
    next = std::max(next, now + 1);
    if (next < m_wakeAt - (m_wakeAt == NEVER ? 0 : WAKE_SLACK))
    {
        m_wakeAt = next;
        m_context->environment.WakeAt(next);
    }
}

std::uint32_t
Peer::Join(const ChannelConfig& config)
{
    auto channel = std::make_unique<Channel>(*m_context, config);
    for (std::uint32_t handle = 0; handle < m_channels.size(); handle++)
    {
        if (m_channels[handle] && m_channels[handle]->Key() == channel->Key())
        {
            return handle;
        }
    }
    const auto free = std::find(m_channels.begin(), m_channels.end(), nullptr);
    const auto handle = static_cast<std::uint32_t>(free - m_channels.begin());
    if (free == m_channels.end())
    {
        m_channels.reserve(m_channels.size() + 1);
        m_channels.push_back(std::move(channel));
    }
    else
    {
        *free = std::move(channel);
    }
    m_channels[handle]->Open();
    m_channels[handle]->Settle(m_context->Now());
    Settle();
    return handle;
}

std::uint32_t
Peer::Publish(std::uint32_t channel, ByteView payload)
{
    Channel* found = Find(channel);
    if (!found)
    {
        throw std::logic_error("the channel is not open: join it before publishing");
    }
    const std::uint32_t seq = found->Publish(payload);
    Settle();
    return seq;
}

void
Peer::End(std::uint32_t channel)
{
    if (Channel* found = Find(channel))
    {
        found->PublishEnd();
        Settle();
        return;
    }
    throw std::logic_error("the channel is not open: nothing to end");
}

void
Peer::Leave(std::uint32_t channel)
{
    if (Channel* found = Find(channel))
    {
        found->Close();
        m_channels[channel].reset();
        Settle();
    }
}

ChannelStatus
Peer::Status(std::uint32_t channel) const
{
    const Channel* found = Find(channel);
    return found ? found->Status() : ChannelStatus();
}

std::vector<PeerId>
Peer::Children(std::uint32_t channel) const
{
    const Channel* found = Find(channel);
    return found ? found->Children() : std::vector<PeerId>();
}

const PeerId&
Peer::Id() const
{
    return m_context->config.identity.id;
}

const PeerCounters&
Peer::Counters() const
{
    return m_context->counters;
}

std::size_t
Peer::MemoryBytes() const
{
    std::size_t bytes = sizeof(Peer) + sizeof(PeerContext) + m_context->links.HeapBytes() +
                        m_context->HeapBytes() + m_channels.capacity() * sizeof(void*);
    for (const auto& channel : m_channels)
    {
        bytes += channel ? channel->MemoryBytes() : 0;
    }
    return bytes;
}

} // namespace ns3::fanout
