/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-options.h"

#include <algorithm>
#include <cmath>

namespace ns3::fanout
{

namespace
{

constexpr Micros LONGEST_TIME = 86400 * SECOND; ///< of any option: sums of times stay in range

} // namespace

std::uint16_t
Options::EffectiveCapacity(std::uint32_t overhead) const
{
    if (uploadBytesPerSecond <= 0)
    {
        return 0;
    }
    const double perChild = messageRate * MessageCost(overhead);
    const double carried = std::floor(admissionHeadroom * uploadBytesPerSecond / perChild);
    return static_cast<std::uint16_t>(std::min<double>(maxChildren, carried));
}

double
Options::LendingRate(std::uint32_t overhead) const
{
    const double stream = messageRate * MessageCost(overhead);
    return uploadBytesPerSecond > 0 ? std::min(stream, uploadBytesPerSecond) : stream;
}

bool
Options::CarriesOneMore(std::uint32_t overhead) const
{
    const double children = EffectiveCapacity(overhead);
    return children > 0 &&
           (children + 1) * messageRate * MessageCost(overhead) <= uploadBytesPerSecond;
}

std::string
Options::Check() const
{
    const struct
    {
        bool wrong;
        const char* text;
    } rules[] = {
        {!(messageRate > 0 && messageRate <= 1e6), "messageRate must lie in (0, 1e6] per second"},
        {messageSize < 1, "messageSize must be at least 1 byte"},
        {messageSize > maxMessageBytes, "messageSize must not exceed maxMessageBytes"},
        {!(uploadBytesPerSecond >= 0 && uploadBytesPerSecond <= 1e12),
         "uploadBytesPerSecond must lie in [0, 1e12]"},
        {uploadBurst < 0, "uploadBurst must not be negative"},
        {retryDelay < MILLISECOND, "retryDelay must be at least 1 ms"},
        {retryDelayMax < retryDelay, "retryDelayMax must not be below retryDelay"},
        {joinTimeout < 0, "joinTimeout must not be negative"},
        {joinRequestTimeout < MILLISECOND, "joinRequestTimeout must be at least 1 ms"},
        {trackerQueryTimeout < MILLISECOND, "trackerQueryTimeout must be at least 1 ms"},
        {trackerShards < 1, "trackerShards must be at least 1"},
        {joinAttemptsPerRound < 1, "joinAttemptsPerRound must be at least 1"},
        {!(admissionHeadroom > 0 && admissionHeadroom <= 1),
         "admissionHeadroom must lie in (0, 1]"},
        {!(repairShare >= 0 && repairShare <= 1), "repairShare must lie in [0, 1]"},
        {queueAge < MILLISECOND, "queueAge must be at least 1 ms"},
        {repairWindow < 1 || repairWindow > 65536, "repairWindow must lie in [1, 65536]"},
        {repairMaxBackfill > repairWindow, "repairMaxBackfill must not exceed repairWindow"},
        {repairMaxPerRequest < 1 || repairMaxPerRequest > 255,
         "repairMaxPerRequest must lie in [1, 255]"},
        {repairTries < 1, "repairTries must be at least 1"},
        {slotLease < 0, "slotLease must not be negative"},
        {repairRetry < 0, "repairRetry must not be negative"},
        {meshPeers > 16, "meshPeers must not exceed 16"},
        {meshInterval < 50 * MILLISECOND, "meshInterval must be at least 50 ms"},
        {maxDataAge < 0, "maxDataAge must not be negative"},
        {holdTime < 0 || holdTime > 60 * SECOND, "holdTime must lie in [0, 60 s]"},
        {backups > 4, "backups must not exceed 4"},
        {announceTtl < SECOND || announceTtl > 120 * SECOND,
         "announceTtl must lie in [1 s, 120 s]"},
        {!(weightLevel >= 0 && weightFreeSlots >= 0 && weightConnected >= 0 && weightBid >= 0 &&
           weightSource >= 0),
         "scoring weights must not be negative"},
        {childLease < 500 * MILLISECOND, "childLease must be at least 500 ms"},
        {confirmLease < MILLISECOND, "confirmLease must be at least 1 ms"},
        {idleLease < childLease, "idleLease must not be below childLease"},
        {aliveInterval < 50 * MILLISECOND || aliveInterval * 2 > childLease,
         "aliveInterval must lie in [50 ms, childLease / 2]"},
        {aliveIdleInterval < aliveInterval || aliveIdleInterval * 2 > idleLease,
         "aliveIdleInterval must lie in [aliveInterval, idleLease / 2]"},
    };

    for (const auto& rule : rules)
    {
        if (rule.wrong)
        {
            return rule.text;
        }
    }

    const struct
    {
        Micros time;
        const char* name;
    } times[] = {
        {uploadBurst, "uploadBurst"},
        {joinTimeout, "joinTimeout"},
        {retryDelayMax, "retryDelayMax"},
        {joinRequestTimeout, "joinRequestTimeout"},
        {trackerQueryTimeout, "trackerQueryTimeout"},
        {trackerNextAfter, "trackerNextAfter"},
        {candidateCooldown, "candidateCooldown"},
        {announceSpacing, "announceSpacing"},
        {confirmLease, "confirmLease"},
        {idleLease, "idleLease"},
        {queueAge, "queueAge"},
        {meshInterval, "meshInterval"},
        {maxDataAge, "maxDataAge"},
        {suspectMin, "suspectMin"},
        {checkSpacing, "checkSpacing"},
        {aliveIdleInterval, "aliveIdleInterval"},
    };

    for (const auto& [time, name] : times)
    {
        if (time < 0 || time > LONGEST_TIME)
        {
            return std::string(name) + " must lie in [0 s, 86400 s]";
        }
    }
    return {};
}

} // namespace ns3::fanout
