/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-options.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace
{

using namespace ns3::fanout;

using Change = std::function<void(Options&)>;

std::string
CheckAfter(const Change& change)
{
    Options options;
    change(options);
    return options.Check();
}

/// A value that is not allowed and the field that the message must name first.
struct BadValue
{
    const char* field;
    Change change;
};

TEST(FanoutOptions, DefaultsAreSound)
{
    EXPECT_EQ(Options().Check(), "");
}

TEST(FanoutOptions, CheckNamesEachBadField)
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<BadValue> values{
        {"messageRate", [](Options& o) { o.messageRate = 0; }},
        {"messageRate", [](Options& o) { o.messageRate = -1; }},
        {"messageRate", [](Options& o) { o.messageRate = 1e6 + 1; }},
        {"messageRate", [nan](Options& o) { o.messageRate = nan; }},
        {"messageSize", [](Options& o) { o.messageSize = 0; }},
        {"messageSize", [](Options& o) { o.messageSize = o.maxMessageBytes + 1; }},
        {"uploadBytesPerSecond", [](Options& o) { o.uploadBytesPerSecond = -1; }},
        {"uploadBytesPerSecond", [](Options& o) { o.uploadBytesPerSecond = 2e12; }},
        {"uploadBytesPerSecond", [nan](Options& o) { o.uploadBytesPerSecond = nan; }},
        {"uploadBurst", [](Options& o) { o.uploadBurst = -1; }},
        {"retryDelay", [](Options& o) { o.retryDelay = MILLISECOND - 1; }},
        {"retryDelayMax", [](Options& o) { o.retryDelayMax = o.retryDelay - 1; }},
        {"joinTimeout", [](Options& o) { o.joinTimeout = -1; }},
        {"joinRequestTimeout", [](Options& o) { o.joinRequestTimeout = MILLISECOND - 1; }},
        {"trackerQueryTimeout", [](Options& o) { o.trackerQueryTimeout = 0; }},
        {"joinAttemptsPerRound", [](Options& o) { o.joinAttemptsPerRound = 0; }},
        {"admissionHeadroom", [](Options& o) { o.admissionHeadroom = 0; }},
        {"admissionHeadroom", [](Options& o) { o.admissionHeadroom = 1.01; }},
        {"admissionHeadroom", [nan](Options& o) { o.admissionHeadroom = nan; }},
        {"repairShare", [](Options& o) { o.repairShare = -0.01; }},
        {"repairShare", [](Options& o) { o.repairShare = 1.01; }},
        {"queueAge", [](Options& o) { o.queueAge = MILLISECOND - 1; }},
        {"repairWindow", [](Options& o) { o.repairWindow = o.repairMaxBackfill = 0; }},
        {"repairWindow", [](Options& o) { o.repairWindow = 65537; }},
        {"repairMaxBackfill", [](Options& o) { o.repairMaxBackfill = o.repairWindow + 1; }},
        {"repairMaxPerRequest", [](Options& o) { o.repairMaxPerRequest = 0; }},
        {"repairMaxPerRequest", [](Options& o) { o.repairMaxPerRequest = 256; }},
        {"repairTries", [](Options& o) { o.repairTries = 0; }},
        {"meshPeers", [](Options& o) { o.meshPeers = 17; }},
        {"meshInterval", [](Options& o) { o.meshInterval = 50 * MILLISECOND - 1; }},
        {"meshInterval", [](Options& o) { o.meshInterval = 86400 * SECOND + 1; }},
        {"maxDataAge", [](Options& o) { o.maxDataAge = -1; }},
        {"announceTtl", [](Options& o) { o.announceTtl = SECOND - 1; }},
        {"announceTtl", [](Options& o) { o.announceTtl = 120 * SECOND + 1; }},
        {"childLease", [](Options& o) { o.childLease = 500 * MILLISECOND - 1; }},
        {"idleLease", [](Options& o) { o.idleLease = o.childLease - 1; }},
        {"aliveInterval", [](Options& o) { o.aliveInterval = 50 * MILLISECOND - 1; }},
        {"aliveInterval", [](Options& o) { o.aliveInterval = o.childLease / 2 + 1; }},
        {"aliveIdleInterval", [](Options& o) { o.aliveIdleInterval = o.aliveInterval - 1; }},
        {"aliveIdleInterval", [](Options& o) { o.aliveIdleInterval = o.idleLease / 2 + 1; }},
    };
    for (std::size_t i = 0; i < values.size(); i++)
    {
        const std::string error = CheckAfter(values[i].change);
        EXPECT_EQ(error.rfind(std::string(values[i].field) + " must ", 0), 0U)
            << "value " << i << " of " << values[i].field << " gives: " << error;
    }
}

TEST(FanoutOptions, CheckNamesANegativeWeight)
{
    double Options::*const weights[] = {&Options::weightLevel,
                                        &Options::weightFreeSlots,
                                        &Options::weightConnected,
                                        &Options::weightBid,
                                        &Options::weightSource};
    for (const auto weight : weights)
    {
        Options options;
        options.*weight = -0.1;
        EXPECT_NE(options.Check().find("weights"), std::string::npos);
        options.*weight = 0;
        EXPECT_EQ(options.Check(), "");
        options.*weight = std::nan("");
        EXPECT_NE(options.Check().find("weights"), std::string::npos);
    }
}

TEST(FanoutOptions, CheckRefusesAConfirmLeaseThatNoChildCanKeep)
{
    for (const Micros lease : {Micros{-1}, Micros{0}})
    {
        const std::string error = CheckAfter([lease](Options& o) { o.confirmLease = lease; });
        EXPECT_NE(error.find("confirmLease"), std::string::npos) << lease << " us is accepted";
    }
}

TEST(FanoutOptions, ValuesAtTheBoundsAreSound)
{
    const std::vector<Change> changes{
        [](Options& o) { o.messageRate = 1e6; },
        [](Options& o) { o.messageRate = 0.001; },
        [](Options& o) { o.messageSize = 1; },
        [](Options& o) { o.messageSize = o.maxMessageBytes; },
        [](Options& o) { o.uploadBytesPerSecond = 1e12; },
        [](Options& o) { o.retryDelay = o.retryDelayMax = MILLISECOND; },
        [](Options& o) { o.joinTimeout = 0; },
        [](Options& o) { o.joinAttemptsPerRound = 1; },
        [](Options& o) { o.trackerCandidates = 0; },
        [](Options& o) { o.admissionHeadroom = 1; },
        [](Options& o) { o.repairShare = 0; },
        [](Options& o) { o.repairShare = 1; },
        [](Options& o) { o.queueAge = MILLISECOND; },
        [](Options& o) { o.repairWindow = o.repairMaxBackfill = 1; },
        [](Options& o) { o.repairWindow = o.repairMaxBackfill = 65536; },
        [](Options& o) { o.repairMaxBackfill = 0; },
        [](Options& o) { o.repairMaxPerRequest = 1; },
        [](Options& o) { o.repairMaxPerRequest = 255; },
        [](Options& o) { o.repairTries = 1; },
        [](Options& o) { o.announceTtl = SECOND; },
        [](Options& o) { o.announceTtl = 120 * SECOND; },
        [](Options& o) { o.aliveInterval = o.childLease / 2; },
        [](Options& o) { o.aliveIdleInterval = o.aliveInterval; },
        [](Options& o) { o.aliveIdleInterval = o.idleLease / 2; },
    };
    for (std::size_t i = 0; i < changes.size(); i++)
    {
        EXPECT_EQ(CheckAfter(changes[i]), "") << "value " << i;
    }
}

TEST(FanoutOptions, AMessageCostsItsPayloadEnvelopeAndTransport)
{
    Options options;
    EXPECT_EQ(options.MessageCost(0), 1203);
    EXPECT_EQ(options.MessageCost(28), 1231);
    options.messageSize = 1;
    EXPECT_EQ(options.MessageCost(28), 208);
}

TEST(FanoutOptions, CapacityIsWhatTheUploadCarriesWithHeadroom)
{
    Options options;
    options.maxChildren = 100;
    EXPECT_EQ(options.EffectiveCapacity(28), 0) << "no upload admits nobody";
    const double child = options.messageRate * options.MessageCost(28);
    options.uploadBytesPerSecond = 10.001 * child / options.admissionHeadroom;
    EXPECT_EQ(options.EffectiveCapacity(28), 10);
    EXPECT_EQ(options.EffectiveCapacity(500), 7) << "the transport's bytes count";
    options.uploadBytesPerSecond = 9.999 * child / options.admissionHeadroom;
    EXPECT_EQ(options.EffectiveCapacity(28), 9);
    options.uploadBytesPerSecond = 0.999 * child / options.admissionHeadroom;
    EXPECT_EQ(options.EffectiveCapacity(28), 0);
}

TEST(FanoutOptions, CapacityNeverPassesMaxChildren)
{
    Options options;
    options.uploadBytesPerSecond = 1e12;
    EXPECT_EQ(options.EffectiveCapacity(28), 0) << "a leaf by default";
    options.maxChildren = 32;
    EXPECT_EQ(options.EffectiveCapacity(28), 32);
    options.maxChildren = 65535;
    EXPECT_EQ(options.EffectiveCapacity(28), 65535);
}

} // namespace
