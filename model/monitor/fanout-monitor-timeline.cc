/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include "ns3/simulator.h"

namespace ns3
{

using fanout::FrameClass;
using fanout::Kind;

void
FanoutMonitor::BeginTimeline(bool events)
{
    if (m_timeline.HasBegun())
    {
        return;
    }
    m_timeline.Begin(Now(), GetSamplePeriod());
    for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
    {
        const auto& peer = m_peers[slot];
        CountAttached(slot, NodeOf(peer.application->GetStatus(), peer.role));
    }
    if (events)
    {
        RunTimeline();
    }
}

void
FanoutMonitor::NoteTime()
{
    if (m_timeline.IsDue(Now()))
    {
        AddRow();
    }
}

const FanoutTimeline&
FanoutMonitor::GetTimeline() const
{
    return m_timeline;
}

void
FanoutMonitor::RunTimeline()
{
    NoteTime();
    m_rowing = Simulator::Schedule(MicroSeconds(m_timeline.GetPeriod()),
                                   &FanoutMonitor::RunTimeline,
                                   this);
}

void
FanoutMonitor::CountAttached(std::uint32_t slot, const FanoutTreeShape::Node& node)
{
    auto& peer = m_peers[slot];
    const bool attached = node.attached && peer.IsSubscriber() && peer.application->IsUp();
    if (attached != peer.attached)
    {
        peer.attached = attached;
        attached ? m_attached++ : m_attached--;
    }
}

void
FanoutMonitor::AddRow()
{
    ReadStandings();
    const auto& ledger = GetLedger();
    FanoutTimeline::Row row;
    row.time = Now();
    row.joined = m_joined;
    row.attached = m_attached;
    row.orphans = CountOrphans();
    row.published = m_published;
    row.delivered = m_delivered;
    row.duplicates = m_duplicates;
    row.gaps = ledger.gaps;
    row.repairAsked = ledger.Of(Kind::REPAIR_REQ).sends + ledger.Of(Kind::FETCH_REQ).sends;
    row.repairFilled = ledger.repairFilled;
    row.givenUp = ledger.givenUp;
    for (std::size_t i = 0; i < FanoutTimeline::CLASSES; i++)
    {
        row.bytes[i] = ledger.WireBytesSent(static_cast<FrameClass>(i));
    }
    m_timeline.Add(row);
}

FanoutTimeHistogram
FanoutMonitor::GetLatencies() const
{
    FanoutTimeHistogram all;
    for (const auto& level : m_latencies)
    {
        all.Add(level);
    }
    return all;
}

} // namespace ns3
