/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-options.h"

#include <algorithm>

namespace fanoutsim
{

namespace
{

using Settings = std::vector<std::pair<const char*, const char*>>;

Settings
With(Settings base, const Settings& more)
{
    for (const auto& setting : more)
    {
        const auto same = [&](const auto& one) { return std::string(one.first) == setting.first; };
        const auto place = std::find_if(base.begin(), base.end(), same);
        if (place == base.end())
        {
            base.push_back(setting);
        }
        else
        {
            *place = setting;
        }
    }
    return base;
}

/// @param stream a stream of messages @return it without loss and churn, with room for a fault
Settings
Undisturbed(const Settings& stream)
{
    return With(stream,
                {{"messages", "600"},
                 {"settleMs", "5000"},
                 {"deadlineMs", "10000"},
                 {"repairMaxBackfillMessages", "1024"},
                 {"dropDataFrameRate", "0"},
                 {"churnEveryMs", "0"},
                 {"faultAtMs", "5000"}});
}

/// @param base a stream without trouble @return presets in which relays die
std::vector<Preset>
MakeCrashPresets(const Settings& base)
{
    const auto crash = With(base, {{"fault", "crash-relays"}});
    return {
        {"crash-30",
         "2000 hosts, 30 % of the relays die at once, 5 s into the stream",
         With(crash, {{"faultFraction", "0.3"}})},
        {"crash-50", "the same, 50 %", With(crash, {{"faultFraction", "0.5"}})},
        {"crash-80", "the same, 80 %", With(crash, {{"faultFraction", "0.8"}})},
    };
}

/// @param base a stream without trouble @return presets in which many join at once
std::vector<Preset>
MakeCrowdPresets(const Settings& base)
{
    return {
        {"flash-crowd",
         "2000 hosts listen, then 10,000 more join within a second",
         With(base,
              {{"nodes", "12000"},
               {"crowd", "10000"},
               {"crowdSpreadMs", "1000"},
               {"messages", "300"},
               {"faultAtMs", "3000"}})},
    };
}

/// @param base a stream without trouble @return presets in which peers or links fail otherwise
std::vector<Preset>
MakeFailurePresets(const Settings& base)
{
    const Settings churn{{"churnEveryMs", "2000"},
                         {"churnDownMs", "1000"},
                         {"churnFraction", "0.005"}};
    const auto partition = With(base, {{"fault", "partition"}, {"faultForMs", "5000"}});
    const auto zombie = With(base, {{"faultFraction", "0.05"}});
    return {
        {"partition",
         "2000 hosts, 30 % of the subscribers are cut off the others for 5 s",
         With(partition, {{"faultFraction", "0.3"}})},
        {"tracker-down",
         "the busiest of three trackers dies while 1000 join within 5 s and peers churn",
         With(With(base, churn),
              {{"fault", "crash-trackers"},
               {"faultFraction", "0.3"},
               {"bootstrapMaxPeers", "0"},
               {"trackerShards", "3"},
               {"crowd", "1000"},
               {"crowdSpreadMs", "5000"}})},
        {"herding",
         "30 % of the relays die, no backups, nobody is held, one tracker for all orphans",
         With(base,
              {{"fault", "crash-relays"},
               {"faultFraction", "0.3"},
               {"bootstraps", "1"},
               {"backups", "0"},
               {"holdMs", "0"}})},
        {"slow-relays",
         "access links of 20 % of the relays fall from 1 Gbit/s to 5 Mbit/s",
         With(base, {{"fault", "slow-relays"}, {"faultFraction", "0.2"}, {"slowFactor", "0.005"}})},
        {"overload",
         "access links of all relays, one for 19 leaves, fall to 8 Mbit/s: 26 children need it",
         With(base,
              {{"relayFraction", "0.05"},
               {"fault", "slow-relays"},
               {"faultFraction", "1"},
               {"slowFactor", "0.008"}})},
        {"zombie-down",
         "5 % of the children hear nothing from their parents any more, which hear them",
         With(zombie, {{"fault", "dead-down"}})},
        {"zombie-up",
         "5 % of the children are not heard by their parents any more, but hear them",
         With(zombie, {{"fault", "dead-up"}})},
        {"lost-kick",
         "30 % of the relays leave at once, half of the KICK frames vanish",
         With(base,
              {{"fault", "leave-relays"}, {"faultFraction", "0.3"}, {"loseKickRate", "0.5"}})},
        {"shuffled",
         "5 % of the frames come twice, all up to 100 ms later",
         With(base, {{"duplicateRate", "0.05"}, {"reorderMs", "100"}})},
    };
}

/// @param base a stream without trouble @return presets in which somebody means harm
std::vector<Preset>
MakeAttackPresets(const Settings& base)
{
    const auto crowd = With(base, {{"faultForMs", "5000"}, {"crowd", "300"}});
    const auto strangers = With(base, {{"faultForMs", "5000"}, {"attackers", "20"}});
    const auto reflection = With(strangers, {{"attackRate", "10"}});
    return {
        {"free-riders",
         "20 % of the relays take children and pass no message on, to the end",
         With(base, {{"fault", "free-riders"}, {"faultFraction", "0.2"}})},
        {"liars",
         "20 % of the relays lie to children, parents and trackers for 5 s, while 300 join",
         With(crowd, {{"fault", "lies"}, {"faultFraction", "0.2"}})},
        {"forgers",
         "20 strangers send 2,000 frames a second in the name of others, for 5 s",
         With(strangers, {{"fault", "forgeries"}, {"attackRate", "100"}})},
        {"flood",
         "20 strangers ask root, relays and trackers 4,000 times a second for 5 s, while 300 join",
         With(crowd, {{"fault", "flood"}, {"attackers", "20"}, {"attackRate", "200"}})},
        {"sybils",
         "5 strangers announce room under 250 names, for 5 s, while 300 join",
         With(crowd,
              {{"fault", "sybils"},
               {"attackers", "5"},
               {"attackRate", "10"},
               {"settleMs", "30000"}})},
        {"reflection",
         "10 strangers ask 100 times a second in the name of 10 others, for 5 s",
         With(reflection, {{"fault", "reflection"}})},
        {"plain-reflection",
         "the same without the extension, as peers of the reference ask",
         With(reflection, {{"fault", "plain-reflection"}})},
        {"malformed",
         "20 strangers and 10 % of the relays send 100 unreadable frames a second each, for 5 s",
         With(strangers,
              {{"fault", "malformed"}, {"attackRate", "100"}, {"faultFraction", "0.1"}})},
    };
}

/// @param stream a stream of messages with loss @return presets in which subscribers come and go
std::vector<Preset>
MakeSessionPresets(const Settings& stream)
{
    const auto sessions = With(stream,
                               {{"settleMs", "5000"},
                                {"deadlineMs", "2000"},
                                {"repairMaxBackfillMessages", "60"},
                                {"churnEveryMs", "0"},
                                {"churnKind", "leave"},
                                {"sessions", "weibull"}});
    return {
        {"sessions",
         "2000 subscribers with sessions of a minute in the mean, as in KAD; a fifth is present",
         With(sessions, {{"sessionMeanMs", "60000"}})},
        {"diurnal",
         "sessions of 10 s, whose beginnings follow a day of a minute, eight times as many at its peak",
         With(sessions, {{"sessionMeanMs", "10000"}, {"dayMs", "60000"}, {"dayPeak", "8"}})},
    };
}

std::vector<Preset>
MakePresets()
{
    const Settings quick{{"nodes", "60"},
                         {"bootstraps", "3"},
                         {"messages", "100"},
                         {"msgRate", "20"},
                         {"msgSize", "512"},
                         {"settleMs", "1000"},
                         {"deadlineMs", "2000"},
                         {"dropDataFrameRate", "0.01"},
                         {"rootMaxChildren", "8"},
                         {"relayMaxChildren", "8"},
                         {"timeoutMs", "60000"}};
    const Settings ciSmall{{"nodes", "25"},
                           {"bootstraps", "3"},
                           {"bootstrapMaxPeers", "1"},
                           {"subscribers", "20"},
                           {"relayFraction", "0.3"},
                           {"messages", "20"},
                           {"msgRate", "50"},
                           {"msgSize", "64"},
                           {"settleMs", "500"},
                           {"deadlineMs", "2000"},
                           {"timeoutMs", "20000"}};
    const Settings ciLoss{{"nodes", "40"},
                          {"bootstraps", "3"},
                          {"bootstrapMaxPeers", "1"},
                          {"subscribers", "30"},
                          {"relayFraction", "0.35"},
                          {"messages", "40"},
                          {"msgRate", "50"},
                          {"msgSize", "64"},
                          {"settleMs", "2500"},
                          {"deadlineMs", "2000"},
                          {"timeoutMs", "40000"},
                          {"dropDataFrameRate", "0.1"},
                          {"churnEveryMs", "200"},
                          {"churnDownMs", "100"},
                          {"churnFraction", "0.05"}};
    const Settings stream{{"underlay", "cloud"},
                          {"nodes", "2000"},
                          {"bootstraps", "3"},
                          {"bootstrapMaxPeers", "1"},
                          {"messages", "1800"},
                          {"msgRate", "30"},
                          {"msgSize", "1024"},
                          {"allowKick", "1"},
                          {"bidPerByteRelay", "1"},
                          {"bidPerByteLeaf", "0"},
                          {"dropDataFrameRate", "0.01"},
                          {"churnEveryMs", "2000"},
                          {"churnDownMs", "1000"},
                          {"churnFraction", "0.005"}};
    const Settings scale{{"underlay", "cloud"},
                         {"bootstraps", "3"},
                         {"bootstrapMaxPeers", "1"},
                         {"messages", "10"},
                         {"msgRate", "30"},
                         {"msgSize", "1024"},
                         {"settleMs", "5000"},
                         {"deadlineMs", "10000"},
                         {"allowKick", "1"},
                         {"bidPerByteRelay", "1"},
                         {"bidPerByteLeaf", "0"},
                         {"repairMaxBackfillMessages", "60"},
                         {"dropDataFrameRate", "0.01"},
                         {"timeoutMs", "600000"}};
    const auto live = With(stream,
                           {{"settleMs", "2000"},
                            {"deadlineMs", "2000"},
                            {"maxDataAgeMs", "2000"},
                            {"repairMaxBackfillMessages", "60"}});
    std::vector<Preset> presets{
        {"quick", "60 hosts, 100 messages, 1 % loss: a look in seconds", quick},
        {"ci-small", "20 subscribers, 20 messages, nothing lost", ciSmall},
        {"ci-loss", "30 subscribers, 40 messages, 10 % loss, 5 % churned every 200 ms", ciLoss},
        {"ci-loss-deep",
         "ci-loss with 4 children each and 200 messages",
         With(ciLoss, {{"rootMaxChildren", "4"}, {"relayMaxChildren", "4"}, {"messages", "200"}})},
        {"live",
         "2000 hosts, 30 messages/s of 1 KiB for a minute, 1 % loss, churn; 2 s count",
         live},
        {"live-tight",
         "as live, but relays have only 1.1 times the upload that 32 children need",
         With(live, {{"relayUploadLimitBps", "1315200"}})},
        {"reliable",
         "as live, but everything counts, up to 10 s",
         With(stream,
              {{"settleMs", "10000"},
               {"deadlineMs", "10000"},
               {"repairMaxBackfillMessages", "1024"}})},
        {"scale-1k",
         "960 subscribers that join all at once, 10 messages, 1 % loss",
         With(scale, {{"nodes", "1000"}, {"subscribers", "960"}})},
        {"scale-5k", "the same, 4800", With(scale, {{"nodes", "5000"}, {"subscribers", "4800"}})},
        {"scale-10k", "the same, 9600", With(scale, {{"nodes", "10000"}, {"subscribers", "9600"}})},
        {"scale-100k",
         "the same, 100,000",
         With(scale, {{"nodes", "100004"}, {"trackerShards", "3"}})},
        {"scale-1m",
         "1,000,000 subscribers that join within 10 s, 10 messages, 1 % loss",
         With(scale, {{"nodes", "1000004"}, {"trackerShards", "3"}, {"joinSpreadMs", "10000"}})},
    };
    const auto base = Undisturbed(stream);
    for (const auto& group : {MakeCrashPresets(base),
                              MakeCrowdPresets(base),
                              MakeFailurePresets(base),
                              MakeAttackPresets(base),
                              MakeSessionPresets(stream)})
    {
        presets.insert(presets.end(), group.begin(), group.end());
    }
    return presets;
}

} // namespace

const std::vector<Preset>&
Presets()
{
    static const std::vector<Preset> presets = MakePresets();
    return presets;
}

} // namespace fanoutsim
