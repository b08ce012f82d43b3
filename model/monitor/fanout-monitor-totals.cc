/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace ns3
{

using fanout::FrameClass;
using fanout::Kind;

namespace
{

constexpr double NOT_DEFINED = std::numeric_limits<double>::quiet_NaN();

double
PerByte(std::uint64_t bytes, double delivered)
{
    return delivered > 0 ? static_cast<double>(bytes) / delivered : 0;
}

/// @param sum grows by the datagrams of a transport
void
AddDatagrams(FanoutUdpTransport::Counters& sum, const FanoutTransport& transport)
{
    if (const auto* udp = dynamic_cast<const FanoutUdpTransport*>(&transport))
    {
        const auto& counters = udp->GetCounters();
        sum.sent += counters.sent;
        sum.sentBytes += counters.sentBytes;
        sum.retransmitted += counters.retransmitted;
        sum.acksAlone += counters.acksAlone;
        sum.givenUp += counters.givenUp;
    }
}

} // namespace

FanoutMonitor::Totals
FanoutMonitor::Collect() const
{
    Totals totals;
    totals.uploadRootPct = NOT_DEFINED;
    totals.queued.reserve(m_peers.size());
    for (std::size_t slot = 0; slot < m_peers.size(); slot++)
    {
        const auto& peer = m_peers[slot];
        const auto counters = peer.application->GetCounters();
        totals.queued.push_back(peer.application->GetStatus().queuedBytes);
        totals.uploadMost = std::max<double>(totals.uploadMost, counters.uploadMaxInSecond);
        const bool root = peer.role == FanoutRole::ROOT;
        if (peer.upload > 0 && (root || m_counts[slot].member))
        {
            const double share = 100 * counters.uploadMaxInSecond / peer.upload;
            totals.uploadMostPct = std::max(totals.uploadMostPct, share);
            totals.uploadRootPct = root ? share : totals.uploadRootPct;
            totals.earnings.push_back(static_cast<double>(counters.earnings));
        }
        if (const auto transport = peer.application->GetTransport())
        {
            AddDatagrams(totals.datagrams, *transport);
            totals.lost += transport->GetLostDataFrames();
            totals.oversize += transport->GetOversizeFrames();
        }
    }
    return totals;
}

void
FanoutMonitor::ReportBytes(FanoutReport& report, const Totals& totals) const
{
    const auto& ledger = GetLedger();
    const double delivered = DeliveredBytes();
    const double ideal = static_cast<double>(m_members) * static_cast<double>(m_publishedBytes);
    const auto sent = static_cast<double>(ledger.dataPayloadBytesSent);
    const auto control = ledger.ControlBytesSent();
    const auto wireData = ledger.Of(Kind::DATA).wireBytes;
    const auto wireTotal =
        std::max(totals.datagrams.sentBytes, wireData + ledger.ControlWireBytesSent());
    const auto wireControl = wireTotal - wireData;
    report.Begin("bytes");
    report.SetNumber("overheadFactorData", ideal > 0 ? sent / ideal : 1);
    report.SetNumber("controlBpp", PerByte(control, delivered), "B/B");
    report.SetNumber("trackerBpp",
                     PerByte(ledger.FrameBytesSent(FrameClass::TRACKER), delivered),
                     "B/B");
    report.SetNumber("repairBpp",
                     PerByte(ledger.FrameBytesSent(FrameClass::REPAIR), delivered),
                     "B/B");
    report.SetNumber("joinBpp", PerByte(ledger.FrameBytesSent(FrameClass::JOIN), delivered), "B/B");
    report.SetNumber("wireControlBpp", PerByte(wireControl, delivered), "B/B");
    report.SetNumber("wireOverheadFactor", ideal > 0 ? static_cast<double>(wireTotal) / ideal : 1);
    report.SetCount("wireBytesTotal", wireTotal, "B");
    report.Begin("bytes", FanoutReport::DETAIL);
    report.SetCount("wireBytesData", wireData, "B");
    report.SetCount("wireBytesControl", wireControl, "B");
    report.SetCount("protocolControlBytesSent", control, "B");
    report.SetCount("protocolControlBytesSentJoin", ledger.FrameBytesSent(FrameClass::JOIN), "B");
    report.SetCount("protocolControlBytesSentRepair",
                    ledger.FrameBytesSent(FrameClass::REPAIR),
                    "B");
    report.SetCount("protocolControlBytesSentTracker",
                    ledger.FrameBytesSent(FrameClass::TRACKER),
                    "B");
    report.SetCount("protocolDataPayloadBytesSent", ledger.dataPayloadBytesSent, "B");
}

void
FanoutMonitor::ReportUpload(FanoutReport& report, Totals& totals)
{
    auto& queued = totals.queued;
    report.Begin("bytes");
    report.SetNumber("maxUploadBps", totals.uploadMost, "B/s");
    report.SetNumber("maxUploadFracPct", totals.uploadMostPct, "%");
    report.SetNumber("rootUploadFracPct", totals.uploadRootPct, "%");
    report.Begin("bytes", FanoutReport::DETAIL);
    report.SetNumber("streamQueuedBytesTotal",
                     std::accumulate(queued.begin(), queued.end(), 0.0),
                     "B");
    report.SetNumber("streamQueuedBytesMax", FanoutTakeQuantile(queued, 1), "B");
    report.SetNumber("streamQueuedBytesP95", FanoutTakeQuantile(queued, 0.95), "B");
}

void
FanoutMonitor::ReportDrops(FanoutReport& report, Totals& totals)
{
    const auto& ledger = GetLedger();
    auto& earnings = totals.earnings;
    report.Begin("drops");
    report.SetCount("droppedForwardsTotal", ledger.droppedForwards);
    report.SetCount("staleForwardsDroppedTotal", ledger.staleForwardsDropped);
    report.SetCount("dataWriteDropsTotal", ledger.dataWriteDrops);
    report.SetCount("dataFramesLost", totals.lost);
    report.Begin("drops", FanoutReport::DETAIL);
    report.SetCount("strayData", ledger.strayData);
    report.SetCount("badSignatures", ledger.badSignatures);
    report.SetCount("malformed", ledger.malformed);
    report.SetCount("notAllowed", ledger.notAllowed);
    report.SetCount("rateDropped", ledger.rateDropped);
    report.SetCount("oversizeFrames", totals.oversize);
    report.SetCount("datagramsSent", totals.datagrams.sent);
    report.SetCount("datagramsRetransmitted", totals.datagrams.retransmitted);
    report.SetCount("datagramsOnlyAcknowledging", totals.datagrams.acksAlone);
    report.SetCount("controlFramesGivenUp", totals.datagrams.givenUp);
    report.Begin("earnings", FanoutReport::DETAIL);
    report.SetCount("earningsTotal", ledger.earnings);
    report.SetCount("earningsRelayCount", earnings.size());
    report.SetNumber("earningsRelayP50", FanoutTakeQuantile(earnings, 0.5));
    report.SetNumber("earningsRelayP95", FanoutTakeQuantile(earnings, 0.95));
    report.SetNumber("earningsRelayMax", FanoutTakeQuantile(earnings, 1));
}

void
FanoutMonitor::ReportFairness(FanoutReport& report) const
{
    std::vector<double> indices;
    for (const std::uint32_t parent : m_fairness.GetParents())
    {
        const double index = m_fairness.GetIndex(parent);
        if (index >= 0)
        {
            indices.push_back(index);
        }
    }
    report.Begin("drops");
    report.SetCount("lossJainParents", indices.size());
    report.SetNumber("lossJainP50", FanoutTakeQuantile(indices, 0.5));
    report.SetNumber("lossJainMin", FanoutTakeQuantile(indices, 0));
}

} // namespace ns3
