/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-options.h"

namespace fanoutsim
{

namespace
{

constexpr double U32 = 4294967295.0;
constexpr double DAY_MS = 86400000.0;
constexpr double RATE = 1.25e9;

constexpr const char* RUN = "who takes part";
constexpr const char* NET = "the network below";
constexpr const char* STREAM = "what is published";
constexpr const char* CAPACITY = "what peers can carry";
constexpr const char* JOIN = "how peers join";
constexpr const char* REPAIR = "repair and churn";
constexpr const char* TROUBLE = "what goes wrong while messages are published";
constexpr const char* OUTPUT = "what comes out";
constexpr const char* ASSERT = "limits: a figure that misses one ends the run with exit code 2";

Flag
Limit(const char* name, const char* help, double max = 1e18)
{
    return {name, ASSERT, Kind::REAL, "", 0, max, "", help};
}

std::vector<Flag>
MakeFlags()
{
    return {
        {"nodes", RUN, Kind::COUNT, "2000", 2, 8388608, "", "hosts, with root and trackers"},
        {"bootstraps", RUN, Kind::COUNT, "1", 1, 64, "", "trackers, hosts 1, 2, .."},
        {"subscribers", RUN, Kind::COUNT, "0", 0, 8388607, "", "0: all that are left"},
        {"relayFraction", RUN, Kind::REAL, "0.25", 0, 1, "", "share of them that relays"},
        {"topic", RUN, Kind::TEXT, "concert", 0, 0, "", "topic of the channel"},
        {"seed", RUN, Kind::COUNT, "1", 0, U32, "", "of identities and all draws"},
        {"signing",
         RUN,
         Kind::CHOICE,
         "auto",
         0,
         0,
         "ed25519|mock|auto",
         "auto: mock from 1000 hosts"},
        {"scheduler",
         RUN,
         Kind::CHOICE,
         "priority-queue",
         0,
         0,
         "map|heap|priority-queue|calendar|list",
         "keeps ns-3's events"},
        {"timeoutMs",
         RUN,
         Kind::COUNT,
         "300000",
         1,
         DAY_MS,
         "",
         "ends the run (simulated), exit 124"},
        {"wallTimeoutMs", RUN, Kind::COUNT, "0", 0, DAY_MS, "", "the same in real time; 0: never"},

        {"underlay",
         NET,
         Kind::CHOICE,
         "isp",
         0,
         0,
         "p2p|isp|csma|cloud",
         "random graph, ISP, Ethernets, or a cloud"},
        {"transport", NET, Kind::CHOICE, "auto", 0, 0, "auto|udp|cloud", "what carries frames"},
        {"gridUs", NET, Kind::COUNT, "100", 1, 10000, "", "cloud: arrivals are rounded up to it"},
        {"access",
         NET,
         Kind::CHOICE,
         "home",
         0,
         0,
         "home|relay|mixed|uniform",
         "isp, cloud: links of leaves; others have relay"},
        {"uniformBps", NET, Kind::COUNT, "12500000", 1000, RATE, "", "bytes/s of access 'uniform'"},
        {"degree", NET, Kind::COUNT, "6", 2, 200, "", "p2p: links of a host"},
        {"linkErrorRate", NET, Kind::REAL, "0", 0, 0.99, "", "packets a host's link loses"},
        {"dropDataFrameRate",
         NET,
         Kind::REAL,
         "0",
         0,
         0.99,
         "",
         "DATA frames an overlay hop loses"},

        {"messages", STREAM, Kind::COUNT, "200", 0, 1e7, "", "messages"},
        {"msgRate", STREAM, Kind::REAL, "30", 0.001, 1e5, "", "messages a second"},
        {"msgSize", STREAM, Kind::COUNT, "1024", 1, 65000, "", "payload bytes of each"},
        {"intervalMs", STREAM, Kind::COUNT, "0", 0, DAY_MS, "", "0: floor(1000 / msgRate)"},
        {"settleMs", STREAM, Kind::COUNT, "2000", 0, DAY_MS, "", "time after the last message"},
        {"deadlineMs", STREAM, Kind::COUNT, "0", 0, DAY_MS, "", "in time up to here; 0: not asked"},
        {"maxDataAgeMs", STREAM, Kind::COUNT, "0", 0, DAY_MS, "", "older is not pushed on; 0: any"},

        {"rootUploadLimitBps", CAPACITY, Kind::COUNT, "20000000", 1, RATE, "", "bytes a second"},
        {"rootMaxChildren", CAPACITY, Kind::COUNT, "64", 1, 65535, "", "children of the root"},
        {"relayUploadLimitBps", CAPACITY, Kind::COUNT, "10000000", 1, RATE, "", "bytes a second"},
        {"relayMaxChildren", CAPACITY, Kind::COUNT, "32", 1, 65535, "", "children of a relay"},
        {"allowKick", CAPACITY, Kind::SWITCH, "0", 0, 0, "", "higher bids displace lower ones"},
        {"bidPerByte", CAPACITY, Kind::COUNT, "0", 0, U32, "", "bid of all"},
        {"bidPerByteRelay",
         CAPACITY,
         Kind::COUNT,
         "0",
         0,
         U32,
         "",
         "of relays; bidPerByte if not given"},
        {"bidPerByteLeaf",
         CAPACITY,
         Kind::COUNT,
         "0",
         0,
         U32,
         "",
         "of leaves; bidPerByte if not given"},

        {"joinConcurrency", JOIN, Kind::COUNT, "0", 0, U32, "", "joins at a time; 0: all at once"},
        {"joinSpreadMs",
         JOIN,
         Kind::COUNT,
         "0",
         0,
         DAY_MS,
         "",
         "joins begin within; 0: all at once"},
        {"trackerShards",
         JOIN,
         Kind::COUNT,
         "1",
         1,
         64,
         "",
         "trackers a channel's members are split over"},
        {"joinPhases", JOIN, Kind::SWITCH, "0", 0, 0, "", "relays first, then leaves"},
        {"joinPhaseSettleMs", JOIN, Kind::COUNT, "2000", 0, DAY_MS, "", "pause between the phases"},
        {"joinReqTimeoutMs",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         1,
         DAY_MS,
         "",
         "of a request; -1: default"},
        {"joinAttemptsPerRound",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         1,
         65535,
         "",
         "candidates; -1: default"},
        {"candidateShuffleTopK",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         0,
         65535,
         "",
         "shuffled head; -1: default"},
        {"candidateScoringMode",
         JOIN,
         Kind::CHOICE,
         "ranked-shuffle",
         0,
         0,
         "ranked-shuffle|ranked-strict|weighted",
         "order of candidates"},
        {"candidateCooldownMs",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         0,
         DAY_MS,
         "",
         "after a failure; -1: default"},
        {"bootstrapMaxPeers", JOIN, Kind::COUNT, "0", 0, 64, "", "trackers a peer uses; 0: all"},
        {"moveOnOverload",
         CAPACITY,
         Kind::SWITCH,
         "1",
         0,
         0,
         "",
         "a full upload sends a child elsewhere"},
        {"relaysFirst", JOIN, Kind::SWITCH, "1", 0, 0, "", "a leaf makes room for a relay"},
        {"trackerCandidates",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         0,
         255,
         "",
         "entries asked for; -1: default"},
        {"trackerQueryTimeoutMs",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         1,
         DAY_MS,
         "",
         "said again; -1: default"},
        {"announceTtlMs",
         JOIN,
         Kind::OPTIONAL,
         "-1",
         1000,
         120000,
         "",
         "of an announce; -1: default"},

        {"repair", REPAIR, Kind::SWITCH, "1", 0, 0, "", "ask for what is missing"},
        {"neighbours", REPAIR, Kind::SWITCH, "1", 0, 0, "", "ask others than the parent too"},
        {"repairWindowMessages", REPAIR, Kind::COUNT, "1024", 1, 65536, "", "messages kept"},
        {"repairMaxBackfillMessages",
         REPAIR,
         Kind::OPTIONAL,
         "-1",
         0,
         65536,
         "",
         "oldest gap; -1: window"},
        {"repairMaxPerReq", REPAIR, Kind::COUNT, "64", 1, 255, "", "messages a request"},
        {"holdMs",
         REPAIR,
         Kind::COUNT,
         "1500",
         0,
         60000,
         "",
         "children of an orphan stay; 0: they go"},
        {"backups", REPAIR, Kind::COUNT, "3", 0, 4, "", "parents known beforehand"},
        {"churnKind",
         REPAIR,
         Kind::CHOICE,
         "notified",
         0,
         0,
         "notified|link",
         "told, or a blackout"},
        {"churnEveryMs", REPAIR, Kind::COUNT, "0", 0, DAY_MS, "", "between two bursts; 0: none"},
        {"churnDownMs", REPAIR, Kind::COUNT, "0", 0, DAY_MS, "", "how long a peer is away"},
        {"churnFraction", REPAIR, Kind::REAL, "0", 0, 1, "", "share of the joined a burst"},

        {"fault",
         TROUBLE,
         Kind::CHOICE,
         "none",
         0,
         0,
         "none|crash-relays|leave-relays|crash-trackers|partition|dead-down|dead-up|slow-relays",
         "what happens, once"},
        {"faultAtMs", TROUBLE, Kind::COUNT, "5000", 0, DAY_MS, "", "after the first message"},
        {"faultForMs",
         TROUBLE,
         Kind::COUNT,
         "0",
         0,
         DAY_MS,
         "",
         "partition, dead-*; 0: to the end"},
        {"faultFraction", TROUBLE, Kind::REAL, "0", 0, 1, "", "share of those it can meet"},
        {"slowFactor", TROUBLE, Kind::REAL, "0.1", 0.001, 1, "", "slow-relays: of their rates"},
        {"crowd",
         TROUBLE,
         Kind::COUNT,
         "0",
         0,
         8388607,
         "",
         "subscribers that join from faultAtMs on"},
        {"crowdSpreadMs", TROUBLE, Kind::COUNT, "1000", 0, DAY_MS, "", "within; 0: all at once"},
        {"loseKickRate", TROUBLE, Kind::REAL, "0", 0, 1, "", "KICK frames that vanish"},
        {"duplicateRate", TROUBLE, Kind::REAL, "0", 0, 1, "", "frames that come twice"},
        {"reorderMs", TROUBLE, Kind::COUNT, "0", 0, 60000, "", "frames come up to so much later"},

        {"out", OUTPUT, Kind::TEXT, "", 0, 0, "", "folder for report.json, tables and plots"},
        {"from", OUTPUT, Kind::TEXT, "", 0, 0, "", "folder of a run to repeat"},
        {"plots", OUTPUT, Kind::SWITCH, "1", 0, 0, "", "with --out: plots, if gnuplot is there"},
        {"peersMost", OUTPUT, Kind::COUNT, "200000", 0, U32, "", "peers.csv up to so many hosts"},
        {"treeMost", OUTPUT, Kind::COUNT, "300", 1, 100000, "", "peers drawn in tree.dot"},
        {"quiet", OUTPUT, Kind::SWITCH, "0", 0, 0, "", "no progress line, no tables"},
        {"all", OUTPUT, Kind::SWITCH, "0", 0, 0, "", "tables of all figures"},
        {"stable", OUTPUT, Kind::SWITCH, "0", 0, 0, "", "report.json without the group cost"},
        {"progressEveryMs", OUTPUT, Kind::COUNT, "5000", 100, DAY_MS, "", "without a terminal"},

        Limit("assertMinJoinedPct", "joinedPct at least", 100),
        Limit("assertMinDeliveryPct", "deliveredPct at least", 100),
        Limit("assertMaxUploadFracPct", "maxUploadFracPct at most"),
        Limit("assertMinDeadlineDeliveryPct", "deliveredWithinDeadlinePct at least", 100),
        Limit("assertMaxOverheadFactor", "overheadFactorData at most"),
        Limit("assertMaxControlBpp", "controlBpp at most"),
        Limit("assertMaxTrackerBpp", "trackerBpp at most"),
        Limit("assertMaxTrackerBytes", "protocolControlBytesSentTracker at most"),
        Limit("assertMaxRepairBpp", "repairBpp at most"),
        Limit("assertMaxWireControlBpp", "wireControlBpp at most"),
        Limit("assertMaxDuplicatePct", "duplicatePct at most"),
        Limit("assertAttachP95Ms", "attachP95 at most"),
        Limit("assertAttachOwnP95Ms", "attachOwnP95 at most"),
        Limit("assertMaxLatencyP99Ms", "latencyP99 at most"),
        Limit("assertMaxLatencyMs", "latencyMax at most"),
        Limit("assertMaxQueueAgeP99Ms", "queueAgeP99 at most"),
        Limit("assertMaxTreeLevelP95", "treeLevelP95 at most"),
        Limit("assertMaxFormationScore", "formationScore at most"),
        Limit("assertMaxOrphans", "maintMaxOrphans at most"),
        Limit("assertMaxOrphanArea", "maintOrphanArea at most"),
        Limit("assertRecoveryP95Ms", "maintRecoveryP95Ms at most"),
        Limit("assertMaxReparentsPerMin", "maintReparentsPerMin at most"),
        Limit("assertAttachedAfterMs", "attachedAfterMs at most"),
        Limit("assertWholeAfterMs", "wholeAfterMs at most"),
        Limit("assertWholeAfterHealMs", "wholeAfterHealMs at most"),
        Limit("assertMinSurvivorsDisturbed", "survivorsDisturbed at least"),
        Limit("assertMaxSurvivorsLoose", "survivorsLoose at most"),
        Limit("assertMinSurvivorsDeliveredPct", "survivorsDeliveredPct at least", 100),
        Limit("assertCrowdAttachP95Ms", "crowdAttachP95 at most"),
        Limit("assertMinCrowdAttached", "crowdAttached at least"),
        Limit("assertMaxSinceRepairBytes", "sinceRepairBytes at most"),
        Limit("assertMaxSinceControlBytes", "sinceControlBytes at most"),
        Limit("assertMaxQueuedBytesPeak", "queuedBytesPeak at most"),
        Limit("assertMaxPeerBytesPeak", "peerBytesPeak at most"),
        Limit("assertMaxTrackerEntriesPeak", "trackerEntriesPeak at most"),
        Limit("assertMaxTrackerLinksPeak", "trackerLinksPeak at most"),
        Limit("assertMinFaultFrames", "faultFrames at least"),
    };
}

std::vector<MissingFlag>
MakeMissingFlags()
{
    constexpr const char* LATER = "this version does not have it yet";
    return {
        {"preset", "the preset is the first word"},
        {"rootIndex", "the root is host 0"},
        {"secondBatch*", LATER},
        {"neighbor*", "repair from neighbours is not here yet"},
        {"parentUpgrade*", "moving to a better parent is not here yet"},
        {"parentProbe*", "moving to a better parent is not here yet"},
        {"parentShadow*", "moving to a better parent is not here yet"},
        {"lateRoot*", "moving to a better parent is not here yet"},
        {"assertMinReparentUpgradeTotal", "moving to a better parent is not here yet"},
        {"assertMinActiveShadowPromoteTotal", "moving to a better parent is not here yet"},
        {"repairIntervalMs", "there is no tick: repair follows the measured round trip"},
        {"trackerQueryIntervalMs", "there is no tick: joining is driven by events"},
        {"bootstrapEnsureIntervalMs", "there is no tick: joining is driven by events"},
        {"streamRxDelayMs", "links have real rates and delays; see --underlay"},
        {"streamHighWaterMarkBytes", "links have real queues; see --underlay"},
        {"dialDelayMs", "links have real delays; see --underlay"},
        {"maxLatencySamples", "no sampling: every latency is counted"},
        {"profile", "the report always has CPU time and memory"},
        {"progress", "progress is shown unless --quiet"},
    };
}

} // namespace

const std::vector<Flag>&
Flags()
{
    static const std::vector<Flag> flags = MakeFlags();
    return flags;
}

const char*
OutputGroup()
{
    return OUTPUT;
}

const std::vector<MissingFlag>&
MissingFlags()
{
    static const std::vector<MissingFlag> flags = MakeMissingFlags();
    return flags;
}

} // namespace fanoutsim
