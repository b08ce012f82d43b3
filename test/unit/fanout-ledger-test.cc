/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-ledger.h"
#include "ns3/fanout-random.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace
{

using namespace ns3::fanout;

void
ExpectWithinBound(Micros quantile, Micros exact)
{
    EXPECT_GE(quantile, exact);
    EXPECT_LE(static_cast<double>(quantile), static_cast<double>(exact) * 1.125) << exact;
}

TEST(FanoutWaitHistogram, EmptyOneHasNoQuantile)
{
    const WaitHistogram histogram;
    EXPECT_EQ(histogram.GetN(), 0U);
    EXPECT_EQ(histogram.Quantile(0.5), 0);
}

TEST(FanoutWaitHistogram, SmallWaitsAreExact)
{
    for (Micros wait = 0; wait < 16; wait++)
    {
        WaitHistogram histogram;
        histogram.Add(wait);
        EXPECT_EQ(histogram.Quantile(0.5), wait);
    }
}

TEST(FanoutWaitHistogram, AnyWaitIsAtMostAnEighthTooHighAndNeverTooLow)
{
    for (int octave = 4; octave < 62; octave++)
    {
        const Micros power = Micros{1} << octave;
        for (const Micros wait : {power - 1, power, power + 1, power + power / 3, power * 2 - 1})
        {
            WaitHistogram histogram;
            histogram.Add(wait);
            ExpectWithinBound(histogram.Quantile(1), wait);
        }
    }
}

TEST(FanoutWaitHistogram, TheEndsOfTimeAreCountedToo)
{
    WaitHistogram histogram;
    histogram.Add(-5);
    histogram.Add(NEVER);
    EXPECT_EQ(histogram.GetN(), 2U);
    EXPECT_EQ(histogram.Quantile(0), 0);
    EXPECT_EQ(histogram.Quantile(1), NEVER);
}

TEST(FanoutWaitHistogram, QuantilesOfManyAreWithinTheBound)
{
    Random random(1, 2, 3);
    WaitHistogram histogram;
    std::vector<Micros> waits;
    for (int i = 0; i < 5000; i++)
    {
        const auto wait = static_cast<Micros>(std::exp(random.Uniform() * 18));
        waits.push_back(wait);
        histogram.Add(wait);
    }
    std::sort(waits.begin(), waits.end());
    EXPECT_EQ(histogram.GetN(), waits.size());
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0})
    {
        const auto rank = static_cast<std::size_t>(q * static_cast<double>(waits.size() - 1));
        ExpectWithinBound(histogram.Quantile(q), waits[rank]);
    }
}

TEST(FanoutLedger, CountersOfAKindAreTheirOwn)
{
    Ledger ledger;
    ledger.Of(Kind::JOIN_REQ).sends = 3;
    ledger.Of(Kind::ALIVE).sends = 5;
    const Ledger& read = ledger;
    EXPECT_EQ(read.Of(Kind::JOIN_REQ).sends, 3U);
    EXPECT_EQ(read.Of(Kind::ALIVE).sends, 5U);
    EXPECT_EQ(read.kinds[1].sends, 3U);
    EXPECT_EQ(read.kinds[53].sends, 5U);
    EXPECT_EQ(read.Of(Kind::JOIN_ACCEPT).sends, 0U);
}

TEST(FanoutLedger, BytesAddUpByClass)
{
    Ledger ledger;
    ledger.Of(Kind::DATA).frameBytes = 1000000;
    ledger.Of(Kind::JOIN_REQ).frameBytes = 1;
    ledger.Of(Kind::KICK).frameBytes = 2;
    ledger.Of(Kind::PARENT_PROBE_REPLY).frameBytes = 4;
    ledger.Of(Kind::END).frameBytes = 8;
    ledger.Of(Kind::REPAIR_REQ).frameBytes = 16;
    ledger.Of(Kind::IHAVE).frameBytes = 32;
    ledger.Of(Kind::TRACKER_QUERY).frameBytes = 64;
    ledger.Of(Kind::PROVIDER_NOTIFY).frameBytes = 128;
    ledger.Of(Kind::LEAVE).frameBytes = 256;
    ledger.Of(Kind::UNICAST).frameBytes = 512;
    ledger.Of(Kind::ALIVE).frameBytes = 1024;
    EXPECT_EQ(ledger.FrameBytesSent(FrameClass::DATA), 1000000U);
    EXPECT_EQ(ledger.FrameBytesSent(FrameClass::JOIN), 1U + 2 + 4);
    EXPECT_EQ(ledger.FrameBytesSent(FrameClass::REPAIR), 8U + 16 + 32);
    EXPECT_EQ(ledger.FrameBytesSent(FrameClass::TRACKER), 64U + 128);
    EXPECT_EQ(ledger.FrameBytesSent(FrameClass::ROUTE), 256U + 512 + 1024);
}

TEST(FanoutLedger, ControlIsEveryKindButData)
{
    Ledger ledger;
    std::uint64_t frames = 0;
    std::uint64_t wire = 0;
    for (std::size_t kind = 0; kind < MAX_KINDS; kind++)
    {
        ledger.kinds[kind].frameBytes = 1000 + kind;
        ledger.kinds[kind].wireBytes = 5000 + kind;
        frames += kind == 10 ? 0 : 1000 + kind;
        wire += kind == 10 ? 0 : 5000 + kind;
    }
    EXPECT_EQ(ledger.ControlBytesSent(), frames);
    EXPECT_EQ(ledger.ControlWireBytesSent(), wire);
    std::uint64_t byClass = 0;
    for (const auto frameClass :
         {FrameClass::JOIN, FrameClass::REPAIR, FrameClass::TRACKER, FrameClass::ROUTE})
    {
        byClass += ledger.FrameBytesSent(frameClass);
    }
    EXPECT_EQ(byClass, frames);
}

TEST(FanoutLedger, UploadIsCountedByWholeSeconds)
{
    PeerCounters counters;
    counters.NoteUpload(0, 100);
    counters.NoteUpload(SECOND - 1, 50);
    EXPECT_EQ(counters.uploadMaxInSecond, 150U);
    counters.NoteUpload(SECOND, 120);
    EXPECT_EQ(counters.uploadInSecond, 120U);
    EXPECT_EQ(counters.uploadMaxInSecond, 150U);
    counters.NoteUpload(SECOND + 1, 40);
    EXPECT_EQ(counters.uploadMaxInSecond, 160U);
    counters.NoteUpload(9 * SECOND, 1);
    EXPECT_EQ(counters.uploadInSecond, 1U);
    EXPECT_EQ(counters.uploadMaxInSecond, 160U);
    EXPECT_EQ(counters.uploadBytes, 311U);
}

} // namespace
