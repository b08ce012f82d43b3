/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutMonitor");

NS_OBJECT_ENSURE_REGISTERED(FanoutMonitor);

using fanout::Micros;

namespace
{

constexpr std::uint32_t NOT_WATCHED = 0xffffffff;

} // namespace

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
                          "Remember who got what, a bit a delivery, to catch a message delivered "
                          "twice to one peer",
                          BooleanValue(false),
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
    m_peers.clear();
    m_slots.clear();
    m_delay = nullptr;
    FanoutSink::DoDispose();
}

void
FanoutMonitor::AddPeer(Ptr<FanoutApplication> application, double uploadBytesPerSecond)
{
    const auto index = application->GetIndex();
    NS_LOG_FUNCTION(this << index);
    if (index >= m_slots.size())
    {
        m_slots.resize(index + 1, NOT_WATCHED);
    }
    NS_ABORT_MSG_IF(m_slots[index] != NOT_WATCHED,
                    "FanoutMonitor: two peers have the index " << index << "; they must differ");
    m_slots[index] = static_cast<std::uint32_t>(m_peers.size());
    Peer peer;
    peer.application = application;
    peer.upload = uploadBytesPerSecond;
    m_peers.push_back(peer);
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
    for (auto& peer : m_peers)
    {
        peer.member = peer.application->IsSubscriber() && peer.attachedAt >= 0;
        m_members += peer.member ? 1 : 0;
    }
    m_formation = FanoutTreeShape::Measure(Snapshot(true));
    m_maintenance.Begin(Now(), TakeSample(m_formation));
    if (m_sample)
    {
        const auto hosts = m_hosts > 0 ? m_hosts : static_cast<std::uint32_t>(m_peers.size());
        m_sampling = Simulator::Schedule(MicroSeconds(FanoutMaintenance::PeriodFor(hosts)),
                                         &FanoutMonitor::SampleTree,
                                         this);
    }
}

std::uint32_t
FanoutMonitor::GetSubscribers() const
{
    std::uint32_t subscribers = 0;
    for (const auto& peer : m_peers)
    {
        subscribers += peer.application->IsSubscriber() ? 1 : 0;
    }
    return subscribers;
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

void
FanoutMonitor::NoteJoin(const fanout::JoinEvent& event)
{
    auto* peer = Find(event.self);
    if (peer == nullptr || !peer->application->IsSubscriber())
    {
        return;
    }
    if (event.step == fanout::JoinEvent::Step::STARTED && peer->startedAt < 0)
    {
        peer->startedAt = event.time;
    }
    if (event.step == fanout::JoinEvent::Step::ATTACHED && peer->attachedAt < 0)
    {
        peer->attachedAt = event.time;
        m_joined++;
    }
}

void
FanoutMonitor::NoteParent(const fanout::ParentEvent& event)
{
    using Cause = fanout::ParentEvent::Cause;
    auto* peer = Find(event.self);
    if (peer == nullptr || !peer->application->IsSubscriber())
    {
        return;
    }
    const bool forced = event.cause == Cause::CLOSED || event.cause == Cause::SILENT ||
                        event.cause == Cause::KICKED;
    if (event.oldParent && forced)
    {
        m_maintenance.NoteMove(m_slots[event.self]);
        peer->lostAt = event.time;
    }
    else if (event.cause == Cause::LEFT)
    {
        peer->lostAt = -1;
    }
    if (event.newParent && peer->lostAt >= 0)
    {
        m_reattach.Add(event.time - peer->lostAt);
        peer->lostAt = -1;
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
    m_firstPublish = m_published == 0 ? event.time : m_firstPublish;
    m_lastPublish = event.time;
    m_published++;
    m_publishedBytes += event.size;
}

void
FanoutMonitor::NoteDeliver(const fanout::DeliverEvent& event)
{
    auto* peer = Find(event.self);
    const bool known = event.seq < m_publishedAt.size() && m_publishedAt[event.seq] >= 0;
    if (peer == nullptr || !peer->member || !known)
    {
        m_strayDeliveries++;
        return;
    }
    if (m_checkTwice)
    {
        peer->got.resize(m_publishedAt.size());
        if (peer->got[event.seq])
        {
            m_deliveredTwice++;
            return;
        }
        peer->got[event.seq] = true;
    }
    const Micros latency = event.time - m_publishedAt[event.seq];
    m_latency.Add(latency);
    peer->latency += latency;
    peer->delivered++;
    m_delivered++;
    m_deliveredBytes += event.size;
    m_repaired += event.path == fanout::DeliveryPath::TREE ? 0 : 1;
    m_inTime += m_deadline.IsStrictlyPositive() && latency <= m_deadline.GetMicroSeconds() ? 1 : 0;
}

void
FanoutMonitor::NoteDuplicate(const fanout::DuplicateEvent& event)
{
    auto* peer = Find(event.self);
    if (peer != nullptr && peer->member)
    {
        peer->duplicates++;
        m_duplicates++;
    }
}

FanoutMonitor::Peer*
FanoutMonitor::Find(std::uint32_t self)
{
    const auto slot = self < m_slots.size() ? m_slots[self] : NOT_WATCHED;
    return slot == NOT_WATCHED ? nullptr : &m_peers[slot];
}

std::vector<FanoutTreeShape::Node>
FanoutMonitor::Snapshot(bool edges) const
{
    std::unordered_map<fanout::PeerId, std::uint32_t, fanout::PeerIdHash> slots;
    slots.reserve(edges ? m_peers.size() : 0);
    for (std::uint32_t i = 0; edges && i < m_peers.size(); i++)
    {
        slots.emplace(m_peers[i].application->GetId(), i);
    }
    std::vector<FanoutTreeShape::Node> nodes;
    nodes.reserve(m_peers.size());
    for (const auto& peer : m_peers)
    {
        const auto status = peer.application->GetStatus();
        FanoutTreeShape::Node node;
        node.open = status.open;
        node.attached = status.attached;
        node.root = peer.application->IsPublisher();
        node.member = peer.member;
        node.level = status.level;
        node.children = status.children;
        node.capacity = status.capacity;
        if (status.parent)
        {
            const auto parent = slots.find(status.parent);
            node.parent = parent == slots.end() ? FanoutTreeShape::UNKNOWN : parent->second;
        }
        nodes.push_back(node);
    }
    return nodes;
}

FanoutMaintenance::Sample
FanoutMonitor::TakeSample(const FanoutTreeShape& shape) const
{
    FanoutMaintenance::Sample sample;
    sample.levelP95 = shape.levelP95;
    sample.childrenP95 = shape.childrenP95;
    for (const auto& peer : m_peers)
    {
        const bool counts = peer.member && peer.application->IsOnline();
        sample.orphans += counts && !peer.application->IsJoined() ? 1 : 0;
    }
    return sample;
}

void
FanoutMonitor::SampleTree()
{
    m_maintenance.Add(Now(), TakeSample(FanoutTreeShape::Measure(Snapshot(false), false)));
    const auto hosts = m_hosts > 0 ? m_hosts : static_cast<std::uint32_t>(m_peers.size());
    m_sampling = Simulator::Schedule(MicroSeconds(FanoutMaintenance::PeriodFor(hosts)),
                                     &FanoutMonitor::SampleTree,
                                     this);
}

Micros
FanoutMonitor::Now()
{
    return Simulator::Now().GetMicroSeconds();
}

} // namespace ns3
