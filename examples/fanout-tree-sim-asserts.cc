/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-asserts.h"

#include <cmath>
#include <sstream>

namespace fanoutsim
{

namespace
{

constexpr double TOLERANCE = 1e-9;

struct Limit
{
    const char* flag;   // of the command line
    const char* figure; // key of the report
    bool least;         // the figure must be at least the limit, else at most
};

constexpr Limit LIMITS[] = {
    {"assertMinJoinedPct", "joinedPct", true},
    {"assertMinDeliveryPct", "deliveredPct", true},
    {"assertMinDeliveryOnlinePct", "deliveredOnlinePct", true},
    {"assertMaxDeliveryPct", "deliveredPct", false},
    {"assertMinOnlineSwing", "onlineSwing", true},
    {"assertMaxUploadFracPct", "maxUploadFracPct", false},
    {"assertMinDeadlineDeliveryPct", "deliveredWithinDeadlinePct", true},
    {"assertMaxOverheadFactor", "overheadFactorData", false},
    {"assertMaxControlBpp", "controlBpp", false},
    {"assertMaxTrackerBpp", "trackerBpp", false},
    {"assertMaxTrackerBytes", "protocolControlBytesSentTracker", false},
    {"assertMaxRepairBpp", "repairBpp", false},
    {"assertMaxWireControlBpp", "wireControlBpp", false},
    {"assertMaxDuplicatePct", "duplicatePct", false},
    {"assertAttachP95Ms", "attachP95", false},
    {"assertAttachOwnP95Ms", "attachOwnP95", false},
    {"assertMaxLatencyP99Ms", "latencyP99", false},
    {"assertMaxLatencyMs", "latencyMax", false},
    {"assertMaxQueueAgeP99Ms", "queueAgeP99", false},
    {"assertMaxTreeLevelP95", "treeLevelP95", false},
    {"assertMaxFormationScore", "formationScore", false},
    {"assertMaxOrphans", "maintMaxOrphans", false},
    {"assertMaxOrphanArea", "maintOrphanArea", false},
    {"assertRecoveryP95Ms", "maintRecoveryP95Ms", false},
    {"assertMaxReparentsPerMin", "maintReparentsPerMin", false},
    {"assertAttachedAfterMs", "attachedAfterMs", false},
    {"assertWholeAfterMs", "wholeAfterMs", false},
    {"assertWholeAfterHealMs", "wholeAfterHealMs", false},
    {"assertMinSurvivorsDisturbed", "survivorsDisturbed", true},
    {"assertMaxSurvivorsLoose", "survivorsLoose", false},
    {"assertMinSurvivorsDeliveredPct", "survivorsDeliveredPct", true},
    {"assertCrowdAttachP95Ms", "crowdAttachP95", false},
    {"assertMinCrowdAttached", "crowdAttached", true},
    {"assertMaxSinceRepairBytes", "sinceRepairBytes", false},
    {"assertMaxSinceControlBytes", "sinceControlBytes", false},
    {"assertMaxQueuedBytesPeak", "queuedBytesPeak", false},
    {"assertMaxPeerBytesPeak", "peerBytesPeak", false},
    {"assertMaxTrackerEntriesPeak", "trackerEntriesPeak", false},
    {"assertMaxTrackerLinksPeak", "trackerLinksPeak", false},
    {"assertMinFaultFrames", "faultFrames", true},
    {"assertMinAttackFrames", "attackFrames", true},
    {"assertMinRefusedSignatures", "refusedSignatures", true},
    {"assertMinRefusedMalformed", "refusedMalformed", true},
    {"assertMinLossJain", "lossJainMin", true},
    {"assertMinLossJainParents", "lossJainParents", true},
    {"assertMaxAnswerFactor", "attackAnswerFactor", false},
};

} // namespace

std::vector<std::string>
MissedLimits(const Options& options, const ns3::FanoutReport& report)
{
    std::vector<std::string> missed;
    for (const auto& limit : LIMITS)
    {
        if (!options.IsSet(limit.flag))
        {
            continue;
        }
        const double value = report.Get(limit.figure);
        const double bound = options.Number(limit.flag);
        const bool held = limit.least ? value >= bound - TOLERANCE : value <= bound + TOLERANCE;
        if (!held)
        {
            std::ostringstream line;
            line << limit.figure << " is ";
            if (std::isnan(value))
            {
                line << "not defined";
            }
            else
            {
                line << value;
            }
            line << ", allowed: at " << (limit.least ? "least " : "most ") << bound << " (--"
                 << limit.flag << ")";
            missed.push_back(line.str());
        }
    }
    return missed;
}

} // namespace fanoutsim
