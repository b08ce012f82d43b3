/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

using fanout::Kind;

namespace
{

constexpr double NOT_DEFINED = std::numeric_limits<double>::quiet_NaN();

double
Percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 100;
}

double
Milliseconds(fanout::Micros time)
{
    return static_cast<double>(time) / fanout::MILLISECOND;
}

void
SetQuantilesMs(FanoutReport& report, const std::string& prefix, std::vector<double>& values)
{
    report.SetNumber(prefix + "P50", FanoutTakeQuantile(values, 0.5), "ms");
    report.SetNumber(prefix + "P95", FanoutTakeQuantile(values, 0.95), "ms");
    report.SetNumber(prefix + "P99", FanoutTakeQuantile(values, 0.99), "ms");
    report.SetNumber(prefix + "Max", FanoutTakeQuantile(values, 1), "ms");
}

void
SetShape(FanoutReport& report, const std::string& prefix, const FanoutTreeShape& shape)
{
    report.SetNumber(prefix + "MaxLevel", shape.maxLevel);
    report.SetNumber(prefix + "LevelP95", shape.levelP95);
    report.SetNumber(prefix + "LevelAvg", shape.levelAvg);
    report.SetCount(prefix + "Orphans", shape.orphans);
    report.SetNumber(prefix + "ChildrenP95", shape.childrenP95);
    report.SetNumber(prefix + "ChildrenMax", shape.childrenMax);
    report.SetCount(prefix + "RootChildren", shape.rootChildren);
}

} // namespace

FanoutReport
FanoutMonitor::GetReport()
{
    NoteFormation();
    Simulator::Cancel(m_sampling);
    Simulator::Cancel(m_rowing);
    if (m_timeline.HasBegun())
    {
        AddRow();
    }
    m_maintenance.Finish(Now());
    auto totals = Collect();
    FanoutReport report;
    ReportJoin(report);
    ReportTree(report);
    ReportDelivery(report);
    ReportLatency(report);
    ReportBytes(report, totals);
    ReportUpload(report, totals);
    ReportRepair(report);
    ReportChurn(report);
    ReportDrops(report, totals);
    ReportFairness(report);
    ReportFrames(report);
    return report;
}

const fanout::Ledger&
FanoutMonitor::GetLedger()
{
    return FanoutRun::Get()->GetCommons().ledger;
}

double
FanoutMonitor::DeliveredBytes() const
{
    return static_cast<double>(m_deliveredBytes);
}

void
FanoutMonitor::ReportJoin(FanoutReport& report) const
{
    fanout::Micros stage = fanout::NEVER;
    fanout::Micros last = 0;
    std::uint32_t relays = 0;
    for (std::size_t slot = 0; slot < m_peers.size(); slot++)
    {
        const auto& peer = m_peers[slot];
        relays += peer.role == FanoutRole::RELAY ? 1 : 0;
        stage = peer.startedAt >= 0 ? std::min(stage, peer.startedAt) : stage;
        last = m_counts[slot].member ? std::max(last, peer.attachedAt) : last;
    }
    std::vector<double> times;
    times.reserve(m_members);
    const auto setQuantiles = [&](const char* prefix, auto timeOf)
    {
        times.clear();
        for (std::size_t slot = 0; slot < m_peers.size(); slot++)
        {
            if (m_counts[slot].member)
            {
                times.push_back(Milliseconds(timeOf(m_peers[slot])));
            }
        }
        SetQuantilesMs(report, prefix, times);
    };
    const auto subscribers = GetSubscribers();
    report.Begin("join");
    report.SetCount("subscriberCount", subscribers);
    report.SetCount("relayCount", relays);
    report.SetCount("joinedCount", m_members);
    report.SetNumber("joinedPct", Percent(m_members, subscribers), "%");
    report.SetCount("joinedLateCount", m_joined - m_members);
    report.SetNumber("joinMs", m_members > 0 ? Milliseconds(last - stage) : NOT_DEFINED, "ms");
    setQuantiles("attach", [&](const Peer& peer) { return peer.attachedAt - stage; });
    setQuantiles("attachOwn", [](const Peer& peer) { return peer.attachedAt - peer.startedAt; });
    report.Begin("join", FanoutReport::DETAIL);
    report.SetCount("attachSamples", m_members);
}

void
FanoutMonitor::ReportTree(FanoutReport& report) const
{
    const auto& shape = m_formation;
    const double attachP95 = report.Get("attachP95");
    const auto term = [](double value) { return std::isnan(value) ? 0 : value; };
    const double orphans = m_members > 0 ? 100.0 * shape.orphans / m_members : 0;
    report.Begin("tree");
    SetShape(report, "tree", FanoutTreeShape::Measure(Snapshot(false), false));
    report.SetNumber("formationScore",
                     term(attachP95 / 1000) + term(shape.levelP95) + orphans +
                         10 * std::max(0.0, term(shape.stretchP95) - 1));
    report.Begin("tree", FanoutReport::DETAIL);
    SetShape(report, "formationTree", shape);
    report.SetCount("formationUnderlayEdges", shape.edges);
    report.SetNumber("formationUnderlayDistP95", shape.distanceP95);
    report.SetNumber("formationUnderlayDistMax", shape.distanceMax);
    report.SetNumber("formationStretchP95", shape.stretchP95);
    report.SetNumber("formationStretchMax", shape.stretchMax);
}

void
FanoutMonitor::ReportDelivery(FanoutReport& report) const
{
    std::uint32_t incomplete = 0;
    std::uint64_t tooMany = 0;
    double worst = m_members > 0 ? 100 : NOT_DEFINED;
    for (const auto& count : m_counts)
    {
        if (count.member)
        {
            incomplete += count.delivered < m_published ? 1 : 0;
            tooMany += count.delivered > m_published ? count.delivered - m_published : 0;
            worst = std::min(worst, Percent(count.delivered, static_cast<double>(m_published)));
        }
    }
    const auto expected = static_cast<double>(GetExpected());
    const bool asked = m_deadline.IsStrictlyPositive();
    report.Begin("delivery");
    report.SetCount("published", m_published);
    report.SetCount("expected", GetExpected());
    report.SetCount("delivered", m_delivered);
    report.SetNumber("deliveredPct", Percent(static_cast<double>(m_delivered), expected), "%");
    report.SetCount("deliveredWithinDeadline", m_inTime);
    report.SetNumber("deliveredWithinDeadlinePct",
                     asked ? Percent(static_cast<double>(m_inTime), expected) : NOT_DEFINED,
                     "%");
    report.SetCount("incompletePeers", incomplete);
    report.SetNumber("worstPeerPct", worst, "%");
    report.SetCount("duplicates", m_duplicates);
    report.SetNumber("duplicatePct",
                     m_delivered > 0 ? Percent(static_cast<double>(m_duplicates),
                                               static_cast<double>(m_delivered))
                                     : 0,
                     "%");
    report.Begin("delivery", FanoutReport::DETAIL);
    report.SetNumber("publishMs", Milliseconds(m_lastPublish - m_firstPublish), "ms");
    report.SetCount("deliveredByRepair", m_repaired);
    report.SetCount("deliveredStray", m_strayDeliveries);
    report.SetCount("deliveredTooMany", tooMany + m_deliveredTwice);
    report.SetCount("deliveredLedger", GetLedger().delivered);
}

void
FanoutMonitor::ReportLatency(FanoutReport& report) const
{
    const auto& waits = GetLedger().queueWait;
    const auto latencies = GetLatencies();
    const bool sent = waits.GetN() > 0;
    const auto wait = [&](double q)
    { return sent ? Milliseconds(waits.Quantile(q)) : NOT_DEFINED; };
    report.Begin("latency");
    report.SetNumber("latencyP50", latencies.QuantileMs(0.5), "ms");
    report.SetNumber("latencyP95", latencies.QuantileMs(0.95), "ms");
    report.SetNumber("latencyP99", latencies.QuantileMs(0.99), "ms");
    report.SetNumber("latencyMax", latencies.MaxMs(), "ms");
    report.SetNumber("latencyMean", latencies.MeanMs(), "ms");
    ReportBound(report);
    report.SetNumber("queueAgeP50", wait(0.5), "ms");
    report.SetNumber("queueAgeP99", wait(0.99), "ms");
    report.SetNumber("queueAgeMax", wait(1), "ms");
    report.Begin("latency", FanoutReport::DETAIL);
    report.SetCount("latencySamples", latencies.GetN());
}

void
FanoutMonitor::ReportBound(FanoutReport& report) const
{
    std::vector<std::uint16_t> capacities;
    std::vector<std::uint32_t> members;
    std::vector<std::uint32_t> slots;
    std::uint32_t root = 0;
    for (std::uint32_t slot = 0; m_delay && slot < m_peers.size(); slot++)
    {
        const auto& peer = m_peers[slot];
        const auto index = peer.application->GetIndex();
        capacities.resize(std::max<std::size_t>(capacities.size(), std::size_t{index} + 1));
        capacities[index] = peer.application->GetStatus().capacity;
        root = peer.role == FanoutRole::ROOT ? index : root;
        if (m_counts[slot].member && m_counts[slot].delivered > 0)
        {
            members.push_back(index);
            slots.push_back(slot);
        }
    }
    const FanoutLatencyBound bound(m_delay, capacities, root, members);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < bound.GetPeersMs().size(); i++)
    {
        const auto& count = m_counts[slots[i]];
        ratios.push_back(Milliseconds(count.latency) / count.delivered / bound.GetPeersMs()[i]);
    }
    report.SetNumber("latencyBoundMean", bound.GetMeanMs(), "ms");
    report.SetNumber("latencyBoundRatioMean", report.Get("latencyMean") / bound.GetMeanMs());
    report.SetNumber("latencyBoundRatioP50", FanoutTakeQuantile(ratios, 0.5));
    report.SetNumber("latencyBoundRatioP95", FanoutTakeQuantile(ratios, 0.95));
    report.SetNumber("latencyBoundRatioMax", FanoutTakeQuantile(ratios, 1));
}

void
FanoutMonitor::ReportRepair(FanoutReport& report) const
{
    const auto& ledger = GetLedger();
    report.Begin("repair");
    report.SetCount("gaps", ledger.gaps);
    report.SetCount("repairFilled", ledger.repairFilled);
    report.SetCount("givenUp", ledger.givenUp);
    report.SetCount("protocolRepairReqSent", ledger.Of(Kind::REPAIR_REQ).sends);
    report.SetCount("protocolCacheHitsServed", ledger.cacheHitsServed);
    report.Begin("repair", FanoutReport::DETAIL);
    report.SetCount("protocolFetchReqSent", ledger.Of(Kind::FETCH_REQ).sends);
    report.SetCount("protocolIHaveSent", ledger.Of(Kind::IHAVE).sends);
    report.SetCount("protocolHoleFillsFromNeighbor", 0);
    report.SetCount("cacheMissesServed", ledger.cacheMissesServed);
    report.SetCount("repairRecentSkipped", ledger.recentSkipped);
    report.SetCount("repairRefused", ledger.repairRefused);
}

void
FanoutMonitor::ReportChurn(FanoutReport& report) const
{
    const auto& ledger = GetLedger();
    std::vector<fanout::Micros> bursts;
    for (const auto& burst : m_bursts)
    {
        bursts.push_back(burst.GetMicroSeconds());
    }
    const auto recoveries = m_maintenance.GetRecoveriesMs(bursts);
    report.Begin("churn");
    report.SetCount("churnEvents", m_bursts.size());
    report.SetCount("churnedPeersTotal", m_churned);
    report.SetCount("maintMaxOrphans", m_maintenance.GetMaxOrphans());
    report.SetNumber("maintOrphanArea", m_maintenance.GetOrphanArea(), "s");
    report.SetNumber("maintRecoveryP50Ms", FanoutQuantile(recoveries, 0.5), "ms");
    report.SetNumber("maintRecoveryP95Ms", FanoutQuantile(recoveries, 0.95), "ms");
    report.SetNumber("reattachP50", m_reattach.QuantileMs(0.5), "ms");
    report.SetNumber("reattachP95", m_reattach.QuantileMs(0.95), "ms");
    report.SetNumber("maintReparentsPerMin", m_maintenance.GetReparentsPerMin());
    report.SetCount("maintMaxReparentsPerPeer", m_maintenance.GetFlapMax());
    report.Begin("churn", FanoutReport::DETAIL);
    report.SetNumber("reattachMax", m_reattach.MaxMs(), "ms");
    report.SetNumber("maintDurationMs", m_maintenance.GetDurationMs(), "ms");
    report.SetCount("maintSamples", m_maintenance.GetSamples());
    report.SetCount("maintRecoveryCount", recoveries.size());
    report.SetNumber("maintLevelP95DriftMax", m_maintenance.GetLevelDrift());
    report.SetNumber("maintChildrenP95DriftMax", m_maintenance.GetChildrenDrift());
    report.SetCount("reparentDisconnectTotal", ledger.reparentDisconnect);
    report.SetCount("reparentStaleTotal", ledger.reparentStale);
    report.SetCount("reparentKickedTotal", ledger.reparentKicked);
    report.SetCount("reparentUpgradeTotal", ledger.reparentUpgrade);
    report.SetCount("childrenExpired", ledger.childrenExpired);
    report.SetCount("overloadMoves", ledger.overloadMoves);
    report.SetCount("lateAccepts", ledger.lateAccepts);
}

void
FanoutMonitor::ReportFrames(FanoutReport& report)
{
    const auto& ledger = GetLedger();
    const auto& data = ledger.Of(Kind::DATA);
    fanout::KindCounters control;
    std::uint64_t ignored = 0;
    for (const auto& kind : ledger.kinds)
    {
        control.sends += kind.sends;
        control.receives += kind.receives;
        control.receivedBytes += kind.receivedBytes;
        ignored += kind.ignored;
    }
    report.Begin("frames", FanoutReport::DETAIL);
    report.SetCount("protocolDataSends", data.sends);
    report.SetCount("protocolDataReceives", data.receives);
    report.SetCount("protocolControlSends", control.sends - data.sends);
    report.SetCount("protocolControlReceives", control.receives - data.receives);
    report.SetCount("protocolControlBytesReceived",
                    control.receivedBytes - data.receivedBytes,
                    "B");
    report.SetCount("protocolJoinReqSent", ledger.Of(Kind::JOIN_REQ).sends);
    report.SetCount("protocolJoinRejectSent", ledger.Of(Kind::JOIN_REJECT).sends);
    report.SetCount("protocolTrackerAnnounceSent", ledger.Of(Kind::TRACKER_ANNOUNCE).sends);
    report.SetCount("protocolTrackerQuerySent", ledger.Of(Kind::TRACKER_QUERY).sends);
    report.SetCount("protocolTrackerReplySent", ledger.Of(Kind::TRACKER_REPLY).sends);
    report.SetCount("protocolTrackerFeedbackSent", ledger.Of(Kind::TRACKER_FEEDBACK).sends);
    report.SetCount("protocolAliveSent", ledger.Of(Kind::ALIVE).sends);
    report.SetCount("protocolFramesIgnored", ignored);
    report.SetCount("protocolInputs", ledger.inputs);
    report.SetCount("protocolWakeups", ledger.wakeups);
}

} // namespace ns3
