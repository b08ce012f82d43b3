/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-recovery.h"

#include "fanout-quantiles.h"

#include "ns3/fanout-cloud-transport.h"
#include "ns3/fanout-tree-application.h"
#include "ns3/fanout-udp-transport.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <limits>

namespace ns3
{

using fanout::Micros;

NS_OBJECT_ENSURE_REGISTERED(FanoutRecovery);

namespace
{

constexpr double NOT_DEFINED = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t SIZES_EVERY = 10; // samples

Micros
NowMicros()
{
    return Simulator::Now().GetMicroSeconds();
}

double
Milliseconds(Micros time)
{
    return static_cast<double>(time) / fanout::MILLISECOND;
}

std::uint32_t
CountLinks(const Ptr<FanoutTransport>& transport)
{
    if (const auto* cloud = dynamic_cast<const FanoutCloudTransport*>(PeekPointer(transport)))
    {
        return cloud->GetNLinks();
    }
    const auto* udp = dynamic_cast<const FanoutUdpTransport*>(PeekPointer(transport));
    return udp ? udp->GetNLinks() : 0;
}

} // namespace

TypeId
FanoutRecovery::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutRecovery")
                            .SetParent<FanoutSink>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutRecovery>();
    return tid;
}

FanoutRecovery::FanoutRecovery() = default;

FanoutRecovery::~FanoutRecovery() = default;

void
FanoutRecovery::DoDispose()
{
    Simulator::Cancel(m_sampling);
    m_peers.clear();
    FanoutSink::DoDispose();
}

void
FanoutRecovery::AddPeer(Ptr<FanoutApplication> application)
{
    const std::size_t index = application->GetIndex();
    m_slots.resize(std::max(m_slots.size(), index + 1), NONE);
    m_slots[index] = static_cast<std::uint32_t>(m_peers.size());
    application->AddSink(this);
    Peer peer;
    peer.application = std::move(application);
    m_peers.push_back(std::move(peer));
}

void
FanoutRecovery::Exclude(Ptr<FanoutApplication> application)
{
    const auto slot = SlotOf(application->GetIndex());
    if (slot != NONE)
    {
        m_peers[slot].excluded = true;
    }
}

std::uint32_t
FanoutRecovery::SlotOf(std::uint32_t self) const
{
    return self < m_slots.size() ? m_slots[self] : NONE;
}

void
FanoutRecovery::Begin()
{
    if (m_beganAt >= 0)
    {
        return;
    }
    m_beganAt = NowMicros();
    const auto& ledger = FanoutRun::Get()->GetCommons().ledger;
    m_controlBytes = ledger.ControlBytesSent();
    m_repairBytes = ledger.FrameBytesSent(fanout::FrameClass::REPAIR);
    for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
    {
        m_names.emplace(m_peers[slot].application->GetId().Prefix(), slot);
    }
    Sample();
}

// ---- events ----

void
FanoutRecovery::NoteJoin(const fanout::JoinEvent& event)
{
    using Step = fanout::JoinEvent::Step;
    const auto slot = SlotOf(event.self);
    if (slot == NONE)
    {
        return;
    }
    auto& peer = m_peers[slot];
    if (event.step == Step::STARTED && peer.startedAt < 0)
    {
        peer.startedAt = event.time;
    }
    if (event.step == Step::ATTACHED && peer.attachedAt < 0)
    {
        peer.attachedAt = event.time;
    }
}

void
FanoutRecovery::NotePublish(const fanout::PublishEvent& event)
{
    if (m_publishedAt.empty())
    {
        for (auto& peer : m_peers)
        {
            peer.first = peer.attachedAt >= 0 ? 0 : NONE;
        }
    }
    m_publishedAt.resize(std::max<std::size_t>(m_publishedAt.size(), event.seq + 1), event.time);
}

void
FanoutRecovery::NoteDeliver(const fanout::DeliverEvent& event)
{
    const auto slot = SlotOf(event.self);
    if (slot == NONE || event.seq >= m_publishedAt.size())
    {
        return;
    }
    auto& peer = m_peers[slot];
    const bool newcomer = peer.first != 0;
    peer.first = std::min(peer.first, event.seq);
    peer.delivered++;
    // What a newcomer is given of the past was not late.
    const auto since =
        newcomer ? std::max(m_publishedAt[event.seq], peer.attachedAt) : m_publishedAt[event.seq];
    if (event.time - since > LATE)
    {
        peer.lateAt = event.time;
    }
}

void
FanoutRecovery::NoteTracker(const fanout::TrackerEvent& event)
{
    m_entriesPeak = std::max(m_entriesPeak, event.entries);
}

// ---- samples ----

bool
FanoutRecovery::Counts(const Peer& peer)
{
    const auto& application = peer.application;
    return !peer.excluded && application->IsSubscriber() && application->IsOnline() &&
           application->GetStatus().open;
}

bool
FanoutRecovery::IsRooted(std::uint32_t slot)
{
    auto& walk = m_walk;
    walk.clear();
    Path found = Path::LOOSE;
    while (slot != NONE && m_paths[slot] == Path::UNKNOWN)
    {
        m_paths[slot] = Path::WALKED;
        walk.push_back(slot);
        const auto& peer = m_peers[slot].application;
        if (!peer->IsOnline())
        {
            break;
        }
        const auto status = peer->GetStatus();
        if (peer->IsPublisher())
        {
            found = status.attached ? Path::ROOTED : Path::LOOSE;
            break;
        }
        const auto parent = status.parent ? m_names.find(status.parent.Prefix()) : m_names.end();
        slot = parent == m_names.end() ? NONE : parent->second;
        found = slot != NONE && m_paths[slot] == Path::ROOTED ? Path::ROOTED : Path::LOOSE;
    }
    for (const auto one : walk)
    {
        m_paths[one] = found;
    }
    return walk.empty() ? m_paths[slot] == Path::ROOTED : found == Path::ROOTED;
}

void
FanoutRecovery::Sample()
{
    const auto now = NowMicros();
    m_paths.assign(m_peers.size(), Path::UNKNOWN);
    std::uint32_t loose = 0;
    for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
    {
        if (Counts(m_peers[slot]) && !IsRooted(slot))
        {
            m_peers[slot].looseAt = now;
            loose++;
        }
    }
    m_loosePeak = std::max(m_loosePeak, loose);
    if (m_samples++ % SIZES_EVERY == 0)
    {
        SampleSizes();
    }
    const bool closely = loose > 0 || now < m_beganAt + fanout::SECOND;
    m_sampling =
        Simulator::Schedule(MilliSeconds(closely ? 10 : 50), &FanoutRecovery::Sample, this);
}

void
FanoutRecovery::SampleSizes()
{
    for (const auto& peer : m_peers)
    {
        const auto& application = peer.application;
        m_queuedPeak = std::max<std::uint64_t>(m_queuedPeak, application->GetStatus().queuedBytes);
        if (const auto* tree = dynamic_cast<const FanoutTreeApplication*>(PeekPointer(application)))
        {
            m_peerPeak = std::max<std::uint64_t>(m_peerPeak, tree->GetPeerBytes());
        }
        if (application->GetRole() == FanoutRole::TRACKER)
        {
            m_linksPeak = std::max(m_linksPeak, CountLinks(application->GetTransport()));
        }
    }
}

// ---- the report ----

std::uint32_t
FanoutRecovery::CountDue() const
{
    const auto due =
        std::upper_bound(m_publishedAt.begin(), m_publishedAt.end(), NowMicros() - LATE);
    return static_cast<std::uint32_t>(due - m_publishedAt.begin());
}

void
FanoutRecovery::AddSurvivor(Outcome& outcome,
                            const Peer& peer,
                            std::uint32_t due,
                            bool rooted) const
{
    const auto first = std::min(peer.first, due);
    const auto expected = due - first;
    const auto lacking = expected - std::min(expected, peer.delivered);
    outcome.expected += expected;
    outcome.lacking += lacking;
    outcome.loose += rooted ? 0 : 1;
    outcome.incomplete += lacking > 0 ? 1 : 0;
    // A newcomer is on its way from its own beginning on.
    const bool crowd = peer.startedAt >= m_beganAt;
    const auto looseAt = std::max(peer.looseAt, crowd ? peer.attachedAt : Micros{-1});
    const auto wholeAt = std::max({looseAt, peer.lateAt, m_beganAt});
    outcome.disturbed += !crowd && wholeAt > m_beganAt ? 1 : 0;
    outcome.attachedAt = std::max(outcome.attachedAt, looseAt - m_beganAt);
    outcome.wholeMs.push_back(Milliseconds(wholeAt - m_beganAt));
    if (crowd && peer.attachedAt >= 0)
    {
        outcome.crowdMs.push_back(Milliseconds(peer.attachedAt - peer.startedAt));
    }
}

FanoutRecovery::Outcome
FanoutRecovery::Collect()
{
    Outcome outcome;
    const auto due = CountDue();
    m_paths.assign(m_peers.size(), Path::UNKNOWN);
    for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
    {
        if (Counts(m_peers[slot]))
        {
            AddSurvivor(outcome, m_peers[slot], due, IsRooted(slot));
        }
    }
    return outcome;
}

void
FanoutRecovery::Report(FanoutReport& report)
{
    Simulator::Cancel(m_sampling);
    auto outcome = Collect();
    const bool began = m_beganAt >= 0;
    const bool attached = began && outcome.loose == 0;
    const bool whole = attached && outcome.incomplete == 0;
    const auto expected = static_cast<double>(outcome.expected);
    const auto lacking = static_cast<double>(outcome.lacking);
    const auto survivors = outcome.wholeMs.size();
    const auto quantile = [](std::vector<double>& values, double q)
    { return FanoutTakeQuantile(values, q); };
    report.Begin("recovery");
    report.SetNumber("faultAtMs", began ? Milliseconds(m_beganAt) : NOT_DEFINED, "ms");
    report.SetCount("survivors", survivors);
    report.SetCount("survivorsDisturbed", outcome.disturbed);
    report.SetCount("survivorsLoose", outcome.loose);
    report.SetCount("survivorsIncomplete", outcome.incomplete);
    report.SetNumber("survivorsDeliveredPct",
                     expected > 0 ? 100 * (expected - lacking) / expected : 100,
                     "%");
    report.SetNumber("attachedAfterMs",
                     attached ? Milliseconds(outcome.attachedAt) : NOT_DEFINED,
                     "ms");
    report.SetNumber("wholeAfterMs", whole ? quantile(outcome.wholeMs, 1) : NOT_DEFINED, "ms");
    report.SetNumber("wholeAfterP95Ms",
                     began ? quantile(outcome.wholeMs, 0.95) : NOT_DEFINED,
                     "ms");
    report.SetCount("loosePeak", m_loosePeak);
    if (!outcome.crowdMs.empty())
    {
        report.SetCount("crowdAttached", outcome.crowdMs.size());
        report.SetNumber("crowdAttachP50", quantile(outcome.crowdMs, 0.5), "ms");
        report.SetNumber("crowdAttachP95", quantile(outcome.crowdMs, 0.95), "ms");
        report.SetNumber("crowdAttachMax", quantile(outcome.crowdMs, 1), "ms");
    }
    ReportCost(report);
}

void
FanoutRecovery::ReportCost(FanoutReport& report) const
{
    const auto& ledger = FanoutRun::Get()->GetCommons().ledger;
    const auto repair = ledger.FrameBytesSent(fanout::FrameClass::REPAIR);
    report.SetCount("sinceControlBytes", ledger.ControlBytesSent() - m_controlBytes, "B");
    report.SetCount("sinceRepairBytes", repair - m_repairBytes, "B");
    report.SetCount("queuedBytesPeak", m_queuedPeak, "B");
    report.SetCount("peerBytesPeak", m_peerPeak, "B");
    report.SetCount("trackerEntriesPeak", m_entriesPeak);
    report.SetCount("trackerLinksPeak", m_linksPeak);
}

} // namespace ns3
