/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CLOUD_REPORT_H
#define FANOUT_CLOUD_REPORT_H

#include "fanout-report.h"

#include "ns3/fanout-cloud-channel.h"

namespace ns3
{

/// @param report gets the group cloud: what became of native frames @param cloud whose
/// @ingroup fanout-tree
void FanoutReportCloud(FanoutReport& report, const FanoutCloudChannel& cloud);

} // namespace ns3

#endif // FANOUT_CLOUD_REPORT_H
