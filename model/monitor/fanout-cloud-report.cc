/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-cloud-report.h"

namespace ns3
{

void
FanoutReportCloud(FanoutReport& report, const FanoutCloudChannel& cloud)
{
    const auto& counters = cloud.GetCounters();
    report.Begin("cloud");
    report.SetNumber("cloudGridUs", cloud.GetGrid().GetNanoSeconds() / 1e3, "us");
    report.SetCount("cloudFramesSent", counters.sent);
    report.SetCount("cloudFramesArrived", counters.arrived);
    report.SetCount("cloudFramesWaited", counters.waited);
    report.SetCount("cloudFramesAgain", counters.again);
    report.SetCount("cloudFramesGivenUp", counters.givenUp);
    report.SetCount("cloudFramesUnheard", counters.unheard);
    report.SetCount("cloudQueueDrops", counters.queueDrops);
    report.SetCount("cloudWakeups", counters.wakes);
    report.SetCount("cloudSlots", counters.slots);
}

} // namespace ns3
