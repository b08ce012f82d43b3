/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <bitset>
#include <limits>
#include <numeric>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutMonitor");

NS_OBJECT_ENSURE_REGISTERED(FanoutMonitor);

using fanout::Micros;

TypeId
FanoutMonitor::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutMonitor")
            .SetParent<FanoutSink>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutMonitor>()
            .AddAttribute("Deadline",
                          "Deliveries up to this latency count as in time; 0: none is asked for",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&FanoutMonitor::m_deadline),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute(
                "Maintenance",
                "Sample the tree once it is formed, every clamp(hosts / 10, 100, 1000) ms",
                BooleanValue(true),
                MakeBooleanAccessor(&FanoutMonitor::m_sample),
                MakeBooleanChecker())
            .AddAttribute("CheckTwice",
                          "Remember who got what, so that what a peer gets again after it "
                          "crashed or left counts once",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FanoutMonitor::m_checkTwice),
                          MakeBooleanChecker());
    return tid;
}

FanoutMonitor::FanoutMonitor()
{
    NS_LOG_FUNCTION(this);
}

FanoutMonitor::~FanoutMonitor()
{
    NS_LOG_FUNCTION(this);
}

void
FanoutMonitor::DoDispose()
{
    NS_LOG_FUNCTION(this);
    Simulator::Cancel(m_sampling);
    Simulator::Cancel(m_rowing);
    m_counts.clear();
    m_peers.clear();
    m_slots.clear();
    m_delay = nullptr;
    FanoutSink::DoDispose();
}

void
FanoutMonitor::Reserve(std::uint32_t peers)
{
    m_counts.reserve(m_counts.size() + peers);
    m_peers.reserve(m_peers.size() + peers);
}

void
FanoutMonitor::AddPeer(Ptr<FanoutApplication> application, double uploadBytesPerSecond)
{
    const auto index = application->GetIndex();
    NS_LOG_FUNCTION(this << index);
    const auto slot = static_cast<std::uint32_t>(m_peers.size());
    NS_ABORT_MSG_IF(SlotOf(index) != NOT_WATCHED,
                    "FanoutMonitor: two peers have the index " << index << "; they must differ");
    m_firstIndex = slot == 0 ? index : m_firstIndex;
    if (m_slots.empty() && index - m_firstIndex != slot)
    {
        m_slots.resize(std::size_t{m_firstIndex} + slot, NOT_WATCHED);
        std::iota(m_slots.begin() + m_firstIndex, m_slots.end(), 0);
    }
    if (!m_slots.empty())
    {
        m_slots.resize(std::max<std::size_t>(m_slots.size(), std::size_t{index} + 1), NOT_WATCHED);
        m_slots[index] = slot;
    }
    Peer peer;
    peer.application = std::move(application);
    peer.upload = uploadBytesPerSecond;
    peer.role = peer.application->GetRole();
    m_subscribers += peer.IsSubscriber() ? 1 : 0;
    m_peers.push_back(std::move(peer));
    m_counts.emplace_back();
    NoteStanding(slot);
}

void
FanoutMonitor::SetHosts(std::uint32_t hosts)
{
    m_hosts = hosts;
}

void
FanoutMonitor::SetDelays(FanoutLatencyBound::Delay delay)
{
    m_delay = std::move(delay);
}

void
FanoutMonitor::SetChurn(const std::vector<Time>& bursts, std::uint64_t peers)
{
    m_bursts = bursts;
    m_churned = peers;
}

void
FanoutMonitor::NoteFormation()
{
    NS_LOG_FUNCTION(this);
    if (m_formed)
    {
        return;
    }
    m_formed = true;
    for (std::size_t slot = 0; slot < m_peers.size(); slot++)
    {
        const bool member = m_peers[slot].IsSubscriber() && m_peers[slot].attachedAt >= 0;
        m_counts[slot].member = member;
        m_members += member ? 1 : 0;
    }
    const auto nodes = Snapshot(true);
    m_formation = FanoutTreeShape::Measure(nodes);
    BeginCounting(nodes);
    m_maintenance.Begin(Now(), TakeSample());
    if (m_sample)
    {
        ScheduleSample();
    }
}

std::uint32_t
FanoutMonitor::GetPeers() const
{
    return static_cast<std::uint32_t>(m_peers.size());
}

std::uint32_t
FanoutMonitor::GetSubscribers() const
{
    return m_subscribers;
}

std::uint32_t
FanoutMonitor::GetJoined() const
{
    return m_joined;
}

std::uint64_t
FanoutMonitor::GetPublished() const
{
    return m_published;
}

std::uint64_t
FanoutMonitor::GetDelivered() const
{
    return m_delivered;
}

std::uint64_t
FanoutMonitor::GetExpected() const
{
    return m_published * m_members;
}

fanout::EventKinds
FanoutMonitor::GetWanted() const
{
    return fanout::EventKinds::None()
        .Add<fanout::JoinEvent>()
        .Add<fanout::ParentEvent>()
        .Add<fanout::ChildEvent>()
        .Add<fanout::PublishEvent>()
        .Add<fanout::DeliverEvent>()
        .Add<fanout::DuplicateEvent>()
        .Add<fanout::DropEvent>();
}

bool
FanoutMonitor::OnlyNotes() const
{
    return true;
}

fanout::ByteView
FanoutMonitor::GetHot(uint32_t self) const
{
    const auto slot = SlotOf(self);
    return slot == NOT_WATCHED
               ? fanout::ByteView()
               : fanout::ByteView(reinterpret_cast<const uint8_t*>(&m_counts[slot]), sizeof(Count));
}

void
FanoutMonitor::NoteJoin(const fanout::JoinEvent& event)
{
    using Step = fanout::JoinEvent::Step;
    const auto slot = SlotOf(event.self);
    if (slot == NOT_WATCHED || (event.step != Step::STARTED && event.step != Step::ATTACHED))
    {
        return;
    }
    NoteStanding(slot);
    auto& peer = m_peers[slot];
    if (!peer.IsSubscriber())
    {
        return;
    }
    if (event.step == Step::STARTED && peer.startedAt < 0)
    {
        peer.startedAt = event.time;
    }
    if (event.step == Step::ATTACHED && peer.attachedAt < 0)
    {
        peer.attachedAt = event.time;
        m_joined++;
    }
}

void
FanoutMonitor::NoteParent(const fanout::ParentEvent& event)
{
    using Cause = fanout::ParentEvent::Cause;
    const auto slot = SlotOf(event.self);
    if (slot == NOT_WATCHED)
    {
        return;
    }
    NoteStanding(slot);
    auto& peer = m_peers[slot];
    if (!peer.IsSubscriber())
    {
        return;
    }
    const bool forced = event.cause == Cause::CLOSED || event.cause == Cause::SILENT ||
                        event.cause == Cause::KICKED;
    if (event.oldParent && forced)
    {
        m_maintenance.NoteMove(slot);
        peer.lostAt = event.time;
    }
    else if (event.cause == Cause::LEFT)
    {
        peer.lostAt = -1;
    }
    if (event.newParent && peer.lostAt >= 0)
    {
        m_reattach.Add(event.time - peer.lostAt);
        peer.lostAt = -1;
    }
}

void
FanoutMonitor::NoteChild(const fanout::ChildEvent& event)
{
    const auto slot = SlotOf(event.self);
    if (slot != NOT_WATCHED)
    {
        NoteStanding(slot);
        const bool joined = event.cause == fanout::ChildEvent::Cause::ADMITTED;
        m_fairness.NoteChild(event.self, event.peer.Prefix(), joined);
    }
}

void
FanoutMonitor::NotePublish(const fanout::PublishEvent& event)
{
    NoteFormation();
    if (event.seq >= m_publishedAt.size())
    {
        m_publishedAt.resize(event.seq + 1, -1);
    }
    if (m_publishedAt[event.seq] >= 0)
    {
        return;
    }
    m_publishedAt[event.seq] = event.time;
    m_inTimeUpTo = m_deadline.IsStrictlyPositive() ? m_deadline.GetMicroSeconds()
                                                   : std::numeric_limits<Micros>::min();
    m_firstPublish = m_published == 0 ? event.time : m_firstPublish;
    m_lastPublish = event.time;
    m_published++;
    m_publishedBytes += event.size;
}

void
FanoutMonitor::NoteDeliver(const fanout::DeliverEvent& event)
{
    const auto slot = SlotOf(event.self);
    const Micros publishedAt =
        event.seq < m_publishedAt.size() ? m_publishedAt[event.seq] : Micros{-1};
    if (slot == NOT_WATCHED || !m_counts[slot].member || publishedAt < 0)
    {
        m_strayDeliveries++;
        return;
    }
    if (m_checkTwice && !NoteFirst(slot, event.seq))
    {
        m_deliveredTwice++;
        return;
    }
    const Micros latency = event.time - publishedAt;
    auto& count = m_counts[slot];
    count.latency += latency;
    count.delivered++;
    const auto place = event.level == FanoutTreeShape::NO_LEVEL
                           ? 0
                           : std::min<std::size_t>(event.level, DEEPEST) + 1;
    if (place >= m_latencies.size())
    {
        m_latencies.resize(place + 1);
    }
    m_latencies[place].Add(latency);
    m_delivered++;
    m_deliveredBytes += event.size;
    m_repaired += event.path == fanout::DeliveryPath::TREE ? 0 : 1;
    m_inTime += latency <= m_inTimeUpTo ? 1 : 0;
}

bool
FanoutMonitor::NoteFirst(std::uint32_t slot, std::uint32_t seq)
{
    auto& count = m_counts[slot];
    if (seq == count.next && count.delivered == count.next)
    {
        count.next++; // it has got all in order, as most have
        return true;
    }
    if (seq < count.next)
    {
        return false;
    }
    const std::uint32_t place = seq - count.next;
    if (place >= AHEAD)
    {
        return NoteFar(slot, seq);
    }
    const auto bit = std::uint64_t{1} << place;
    const bool first = (count.ahead & bit) == 0;
    count.ahead |= bit;
    while ((count.ahead & 1) != 0)
    {
        Advance(slot);
    }
    return first;
}

bool
FanoutMonitor::NoteFar(std::uint32_t slot, std::uint32_t seq)
{
    m_far.resize(std::max<std::size_t>(m_far.size(), seq + 1));
    auto& row = m_far[seq];
    row.resize(std::max(row.size(), (m_peers.size() + 63) / 64));
    const auto bit = std::uint64_t{1} << slot % 64;
    const bool first = (row[slot / 64] & bit) == 0;
    row[slot / 64] |= bit;
    return first;
}

void
FanoutMonitor::Advance(std::uint32_t slot)
{
    auto& count = m_counts[slot];
    for (; (count.ahead & 1) != 0; count.ahead >>= 1)
    {
        count.next++;
    }
    // The one that has come is not counted yet.
    if (count.delivered + 1 == count.next + std::bitset<AHEAD>(count.ahead).count())
    {
        return; // nothing lies further ahead
    }
    for (std::uint32_t i = 0; i < AHEAD && count.next + i < m_far.size(); i++)
    {
        const auto& row = m_far[count.next + i];
        const bool has = slot / 64 < row.size() && (row[slot / 64] >> slot % 64 & 1) != 0;
        count.ahead |= std::uint64_t{has} << i;
    }
}

void
FanoutMonitor::NoteDuplicate(const fanout::DuplicateEvent& event)
{
    const auto slot = SlotOf(event.self);
    if (slot != NOT_WATCHED && m_counts[slot].member)
    {
        m_peers[slot].duplicates++;
        m_duplicates++;
    }
}

void
FanoutMonitor::NoteDrop(const fanout::DropEvent& event)
{
    const auto slot = SlotOf(event.self);
    if (event.reason == fanout::DropEvent::Reason::QUEUE && slot != NOT_WATCHED)
    {
        const auto children = m_peers[slot].application->GetStatus().children;
        m_fairness.NoteLoss(event.self, event.peer.Prefix(), children);
    }
}

Micros
FanoutMonitor::Now()
{
    return Simulator::Now().GetMicroSeconds();
}

} // namespace ns3
