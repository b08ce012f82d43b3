/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-peer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

constexpr std::uint64_t PURPOSE_TRACKER = 2;     ///< of the tracker's draws
constexpr std::size_t MAX_CONTROL_BYTES = 65536; ///< largest control frame acted on
constexpr std::size_t KEY_SUFFIX_BYTES = 24;     ///< of a channel key, as much as DATA carries
constexpr Micros WAKE_SLACK = MILLISECOND;       ///< a wake-up this much early is good enough
constexpr std::uint32_t NO_HANDLE = 0xffffffff;

bool
IsForTracker(Kind kind)
{
    return kind == Kind::TRACKER_ANNOUNCE || kind == Kind::TRACKER_QUERY ||
           kind == Kind::TRACKER_FEEDBACK;
}

} // namespace

Peer::Peer(const PeerConfig& config, Environment& environment, Commons& commons)
    : m_context(config, environment, commons)
{
    if (config.tracker)
    {
        Tracker::Limits limits;
        limits.lease = config.slotLease;
        m_tracker =
            std::make_unique<Tracker>(limits,
                                      Random(config.randomKey, config.index, PURPOSE_TRACKER));
    }
}

Peer::~Peer() = default;

const Channel*
Peer::Find(std::uint32_t handle) const
{
    if (handle == 0)
    {
        return m_first;
    }
    return handle <= m_others.size() ? m_others[handle - 1].get() : nullptr;
}

Channel*
Peer::Find(std::uint32_t handle)
{
    return const_cast<Channel*>(static_cast<const Peer*>(this)->Find(handle));
}

Channel*
Peer::FindKey(ByteView suffix)
{
    const auto has = [&](const Channel& channel)
    { return std::memcmp(channel.Key().data(), suffix.data(), suffix.size()) == 0; };
    if (m_first && has(*m_first))
    {
        return m_first;
    }
    for (const auto& channel : m_others)
    {
        if (channel && has(*channel))
        {
            return channel.get();
        }
    }
    return nullptr;
}

template <typename F>
void
Peer::ForEachChannel(F f)
{
    if (m_first)
    {
        f(*m_first);
    }
    for (const auto& channel : m_others)
    {
        if (channel)
        {
            f(*channel);
        }
    }
}

void
Peer::BeginInput()
{
    m_context.BeginInput();
    if (m_tracker)
    {
        m_tracker->WantEvents(m_context.Wants<TrackerEvent>());
    }
}

void
Peer::Receive(LinkId link, const FrameRef& frame)
{
    PeerContext& context = m_context;
    BeginInput();
    Ledger& ledger = context.commons.ledger;
    ledger.inputs++;
    KindCounters& counters = ledger.kinds[frame->Kind() % MAX_KINDS];
    counters.receives++;
    counters.receivedBytes += frame->Data().size();
    Neighbour* neighbour = context.links.Find(link);
    context.TellFrame(frame, false, neighbour);
    if (neighbour && !Links::Admit(*neighbour, context.Now()))
    {
        ledger.rateDropped++;
        context.Refuse(link, frame, DropEvent::Reason::RATE);
        return;
    }
    if (!frame->IsData())
    {
        ReceiveControl(link, frame);
        FlushTracker();
        Settle();
    }
    else if (Channel* channel = FindKey(frame->ChannelSuffix()))
    {
        channel->ReceiveData(link, frame);
        channel->AfterData(context.Now());
        SettleData(*channel);
    }
    else
    {
        context.Refuse(link, frame, DropEvent::Reason::UNKNOWN_KEY);
    }
}

void
Peer::ReceiveControl(LinkId link, const FrameRef& frame)
{
    PeerContext& context = m_context;
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
    if (Channel* channel = FindKey({key->data(), KEY_SUFFIX_BYTES}))
    {
        // The root's END is passed on as it is: who left and came back gets the same one again.
        if (!NeedsAcknowledge(frame->Kind()) || kind == Kind::END || !context.IsReplay(frame))
        {
            channel->ReceiveControl(link, frame);
            channel->Settle(context.Now());
        }
        return;
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
    if (data.size() < 37 || !m_context.Authenticate(link, frame))
    {
        return;
    }
    JoinReject reject;
    reject.reqId = std::uint32_t{data[33]} << 24 | std::uint32_t{data[34]} << 16 |
                   std::uint32_t{data[35]} << 8 | data[36];
    reject.reason = static_cast<std::uint8_t>(RejectReason::NOT_ATTACHED);
    m_context.Send(link, m_context.Seal(key, reject));
}

void
Peer::ReceiveForTracker(LinkId link, const FrameRef& frame, const Digest& key)
{
    PeerContext& context = m_context;
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
        m_context.Send(answer.link, m_context.Seal(answer.key, answer.reply));
    }
    for (const auto& event : m_tracker->TakeEvents())
    {
        m_context.Tell(event);
    }
}

void
Peer::Opened(LinkId link)
{
    BeginInput();
    if (Neighbour* neighbour = m_context.links.Find(link))
    {
        neighbour->open = true;
    }
    ForEachChannel(
        [&](Channel& channel)
        {
            channel.Opened(link);
            channel.Settle(m_context.Now());
        });
    Settle();
}

void
Peer::Closed(LinkId link)
{
    BeginInput();
    if (m_tracker)
    {
        const Neighbour* neighbour = m_context.links.Find(link);
        m_tracker->Gone(link, neighbour ? neighbour->peer : PeerId());
    }
    ForEachChannel([&](Channel& channel) { channel.Closed(link); });
    m_context.links.Drop(link);
    ForEachChannel([&](Channel& channel) { channel.Settle(m_context.Now()); });
    FlushTracker();
    Settle();
}

void
Peer::Writable(LinkId link)
{
    BeginInput();
    const std::size_t channels = 1 + m_others.size();
    // After BUSY the first one may take all the room there is.
    const std::size_t first = channels > 1 ? m_context.random.Below(channels) : 0;
    for (std::size_t i = 0; i < channels; i++)
    {
        const auto handle = static_cast<std::uint32_t>((first + i) % channels);
        if (Channel* channel = Find(handle))
        {
            channel->Writable(link);
        }
    }
    Settle();
}

void
Peer::Tick()
{
    BeginInput();
    m_context.commons.ledger.wakeups++;
    m_context.commons.ledger.inputs++;
    m_wakeAt = NEVER;
    if (m_tracker)
    {
        m_tracker->Tick(m_context.Now());
        FlushTracker();
    }
    ForEachChannel([&](Channel& channel) { channel.Settle(m_context.Now()); });
    Settle();
}

void
Peer::Settle()
{
    const Micros now = m_context.Now();
    Micros next = m_tracker ? m_tracker->NextAt() : NEVER;
    ForEachChannel([&](const Channel& channel) { next = std::min(next, channel.NextAt(now)); });
    NameWake(next);
}

void
Peer::SettleData(const Channel& channel)
{
    if (m_tracker || !m_others.empty())
    {
        Settle();
        return;
    }
    NameWake(channel.NextAfterData(m_context.Now()));
}

void
Peer::NameWake(Micros when)
{
    const Micros next = std::max(when, m_context.Now() + 1);
    const bool sooner = next < m_wakeAt - (m_wakeAt == NEVER ? 0 : WAKE_SLACK);
    if (sooner || (next > m_wakeAt && next != NEVER))
    {
        m_wakeAt = next;
        m_context.environment.WakeAt(next);
    }
}

std::uint32_t
Peer::Join(const ChannelConfig& config)
{
    BeginInput();
    const auto terms = m_context.commons.TermsOf(config);
    std::uint32_t free = m_first ? NO_HANDLE : 0;
    const auto end = static_cast<std::uint32_t>(1 + m_others.size());
    for (std::uint32_t handle = 0; handle < end; handle++)
    {
        const Channel* channel = Find(handle);
        if (channel && channel->Key() == terms->key)
        {
            return handle;
        }
        free = channel ? free : std::min(free, handle);
    }
    Channel& channel = Make(std::min(free, end), terms);
    channel.Open();
    channel.Settle(m_context.Now());
    Settle();
    return std::min(free, end);
}

Channel&
Peer::Make(std::uint32_t handle, const std::shared_ptr<const ChannelTerms>& terms)
{
    if (handle == 0)
    {
        m_first = &m_firstRoom.emplace(m_context, terms);
        return *m_first;
    }
    if (handle > m_others.size())
    {
        m_others.reserve(handle);
        m_others.resize(handle);
    }
    m_others[handle - 1] = std::make_unique<Channel>(m_context, terms);
    return *m_others[handle - 1];
}

std::uint32_t
Peer::Publish(std::uint32_t channel, ByteView payload)
{
    BeginInput();
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
    BeginInput();
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
    BeginInput();
    if (Channel* found = Find(channel))
    {
        found->Close();
        if (channel == 0)
        {
            m_first = nullptr;
            m_firstRoom.reset();
        }
        else
        {
            m_others[channel - 1].reset();
        }
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
    return m_context.identity.id;
}

const PeerCounters&
Peer::Counters() const
{
    return m_context.counters;
}

std::size_t
Peer::MemoryBytes() const
{
    std::size_t bytes = sizeof(Peer) + m_context.links.HeapBytes() + m_context.HeapBytes() +
                        m_others.capacity() * sizeof(void*);
    bytes += m_first ? m_first->HeapBytes() : 0;
    for (const auto& channel : m_others)
    {
        bytes += channel ? sizeof(Channel) + channel->HeapBytes() : 0;
    }
    return bytes;
}

} // namespace ns3::fanout
