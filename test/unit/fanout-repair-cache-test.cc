/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-frame-runs.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-repair-cache.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

namespace
{

using namespace ns3::fanout;

constexpr Micros RTT = 60 * MILLISECOND;
constexpr std::size_t RUN = 8; // bytes that 16 messages kept cost each who keeps them
constexpr std::size_t MARKS_BYTES = 64 * 16;

FrameRuns g_runs;

FrameRef
SealMessage(std::uint32_t seq)
{
    EnvelopeFields fields;
    fields.id = DataMessageId(seq, Digest());
    const Bytes data{10, 1, 2, 3};
    static const Identity signer = SignatureScheme::Mock().Derive(1, 0);
    return Frame::Seal(SignatureScheme::Mock(), signer, fields, data);
}

void
Put(RepairCache& cache, std::uint32_t seq)
{
    cache.Put(seq, SealMessage(seq), 0, false);
}

void
PutRange(RepairCache& cache, std::uint32_t from, std::uint32_t to)
{
    for (std::uint32_t seq = from; seq < to; seq++)
    {
        Put(cache, seq);
    }
}

bool
Keeps(const RepairCache& cache, std::uint32_t from, std::uint32_t to)
{
    for (std::uint32_t seq = from; seq < to; seq++)
    {
        if (!cache.Get(seq))
        {
            return false;
        }
    }
    return true;
}

TEST(FanoutRepairCache, AnEmptyOneHasNothing)
{
    const RepairCache cache(g_runs, 1024);
    EXPECT_FALSE(cache.Get(0));
    EXPECT_EQ(cache.Have().from, 0U);
    EXPECT_EQ(cache.Have().to, 0U);
    EXPECT_EQ(cache.HeapBytes(), 0U);
}

TEST(FanoutRepairCache, ServesTheVeryFrameItWasGiven)
{
    RepairCache cache(g_runs, 1024);
    std::map<std::uint32_t, FrameRef> frames;
    for (const std::uint32_t seq : {40U, 41U, 45U, 42U})
    {
        frames[seq] = SealMessage(seq);
        cache.Put(seq, frames[seq], 0, false);
    }
    for (const auto& [seq, frame] : frames)
    {
        EXPECT_EQ(cache.Get(seq).Get(), frame.Get()) << seq;
    }
    EXPECT_FALSE(cache.Get(43));
    EXPECT_FALSE(cache.Get(40 + 16)) << "another seq of the same slot";
}

TEST(FanoutRepairCache, KeepsTheLastWindowAndNotOneMore)
{
    for (const std::uint32_t window : {1U, 3U, 16U, 32U, 100U, 1024U})
    {
        RepairCache cache(g_runs, window);
        for (std::uint32_t seq = 0; seq < 3 * window; seq++)
        {
            Put(cache, seq);
            const std::uint32_t lowest = seq + 1 > window ? seq + 1 - window : 0;
            ASSERT_TRUE(cache.Get(seq));
            ASSERT_TRUE(cache.Get(lowest)) << "window " << window << " seq " << seq;
            ASSERT_FALSE(lowest > 0 && cache.Get(lowest - 1)) << "window " << window;
            ASSERT_LE(cache.HeapBytes(), (window / 16 + 1) * RUN);
        }
        EXPECT_TRUE(Keeps(cache, 2 * window, 3 * window)) << "window " << window;
    }
}

TEST(FanoutRepairCache, GrowsWithWhatItHolds)
{
    RepairCache cache(g_runs, 1024);
    PutRange(cache, 500, 516);
    EXPECT_LE(cache.HeapBytes(), 2 * RUN);
    PutRange(cache, 516, 600);
    EXPECT_LE(cache.HeapBytes(), 8 * RUN);
    EXPECT_TRUE(Keeps(cache, 500, 600));
}

TEST(FanoutRepairCache, ALateOneFindsItsPlaceInsideTheWindow)
{
    RepairCache cache(g_runs, 32);
    PutRange(cache, 0, 10);
    PutRange(cache, 20, 30);
    PutRange(cache, 10, 20);
    EXPECT_TRUE(Keeps(cache, 0, 30));
    PutRange(cache, 30, 100);
    Put(cache, 67);
    EXPECT_FALSE(cache.Get(67)) << "one below the window";
    EXPECT_TRUE(Keeps(cache, 68, 100)) << "and it displaces nobody";
}

TEST(FanoutRepairCache, AJumpLeavesTheOldBehind)
{
    RepairCache cache(g_runs, 64);
    PutRange(cache, 0, 40);
    Put(cache, 1000000);
    EXPECT_TRUE(cache.Get(1000000));
    EXPECT_LE(cache.HeapBytes(), 5 * RUN);
    PutRange(cache, 1000001, 1000064);
    EXPECT_TRUE(Keeps(cache, 1000000, 1000064));
    EXPECT_FALSE(cache.Get(39));
}

TEST(FanoutRepairCache, GrowingNeverLosesTheNewest)
{
    RepairCache cache(g_runs, 100);
    for (const std::uint32_t seq : {30U, 80U, 130U, 94U})
    {
        Put(cache, seq);
    }
    EXPECT_TRUE(cache.Get(130));
    EXPECT_TRUE(cache.Get(94));
    EXPECT_TRUE(cache.Get(80));
    EXPECT_EQ(cache.Have().from, 130U);
}

TEST(FanoutRepairCache, GrowingKeepsTheOldestOfTheWindow)
{
    RepairCache cache(g_runs, 1024);
    for (const std::uint32_t seq : {0U, 20U, 40U, 64U})
    {
        Put(cache, seq);
    }
    for (const std::uint32_t seq : {0U, 20U, 40U, 64U})
    {
        EXPECT_TRUE(cache.Get(seq)) << seq;
    }
}

TEST(FanoutRepairCache, KeepsAllOfTheWindowWhereverTheGapsAre)
{
    for (std::uint64_t seed = 0; seed < 40; seed++)
    {
        const std::uint32_t window = seed % 2 ? 1024 : 1000;
        Random random(seed, 0, 0);
        RepairCache cache(g_runs, window);
        std::map<std::uint32_t, bool> put;
        std::uint32_t highest = 0;
        for (int i = 0; i < 150; i++)
        {
            const auto seq = random.Below(3) == 0
                                 ? highest - std::min<std::uint32_t>(
                                                 highest,
                                                 static_cast<std::uint32_t>(random.Below(window)))
                                 : highest + static_cast<std::uint32_t>(random.Below(60));
            highest = std::max(highest, seq);
            Put(cache, seq);
            put[seq] = true;
            for (auto each = put.lower_bound(highest >= window ? highest - window + 1 : 0);
                 each != put.end();
                 ++each)
            {
                ASSERT_TRUE(cache.Get(each->first))
                    << "seed " << seed << ": " << each->first << " of " << highest << " is gone";
            }
        }
    }
}

TEST(FanoutRepairCache, HaveIsTheRunThatEndsAtTheHighest)
{
    RepairCache cache(g_runs, 32);
    PutRange(cache, 0, 3);
    EXPECT_EQ(cache.Have().from, 0U);
    EXPECT_EQ(cache.Have().to, 3U);
    PutRange(cache, 5, 8);
    EXPECT_EQ(cache.Have().from, 5U);
    EXPECT_EQ(cache.Have().to, 8U);
    Put(cache, 4);
    EXPECT_EQ(cache.Have().from, 4U);
    Put(cache, 3);
    EXPECT_EQ(cache.Have().from, 0U) << "the hole is closed";
    PutRange(cache, 8, 200);
    EXPECT_EQ(cache.Have().from, 168U) << "no longer than the window";
    EXPECT_EQ(cache.Have().to, 200U);
}

TEST(FanoutRepairCache, TheOutOfTheWindowIsNotServedThoughItsRunIsKept)
{
    RepairCache cache(g_runs, 20);
    PutRange(cache, 0, 40);
    EXPECT_FALSE(cache.Get(19)) << "its run has 20 to 31, too";
    EXPECT_TRUE(Keeps(cache, 20, 40));
    EXPECT_FALSE(cache.Get(40));
}

TEST(FanoutRepairCache, TwoThatKeepTheSameShareIt)
{
    std::vector<FrameRef> frames;
    for (std::uint32_t seq = 0; seq < 64; seq++)
    {
        frames.push_back(SealMessage(seq));
    }
    FrameRuns runs;
    RepairCache one(runs, 1024);
    RepairCache late(runs, 1024);
    RepairCache other(runs, 1024);
    for (std::uint32_t seq = 0; seq < 64; seq++)
    {
        one.Put(seq, frames[seq], 0, false);
        other.Put(seq, SealMessage(seq), 0, false);
        if (seq != 5)
        {
            late.Put(seq, frames[seq], 0, false);
        }
    }
    EXPECT_EQ(runs.GetN(), 7U) << "three of one, one with a hole, three of other frames";
    late.Put(5, frames[5], 0, true);
    EXPECT_EQ(runs.GetN(), 6U);
    for (std::uint32_t seq = 0; seq < 64; seq++)
    {
        EXPECT_EQ(late.Get(seq).Get(), frames[seq].Get()) << seq;
        EXPECT_NE(other.Get(seq).Get(), frames[seq].Get()) << seq;
    }
}

TEST(FanoutFrameRuns, ARunEndsWithItsLastHolder)
{
    FrameRuns runs;
    FrameRuns::Frames frames;
    frames[3] = SealMessage(3);
    auto one = runs.Intern(0, frames);
    auto two = runs.Intern(0, frames);
    EXPECT_EQ(one.get(), two.get());
    frames[4] = SealMessage(4);
    EXPECT_NE(runs.Intern(0, frames).get(), one.get());
    EXPECT_EQ(runs.GetN(), 1U);
    one.reset();
    EXPECT_EQ(two->frames[3].Get(), frames[3].Get());
    EXPECT_FALSE(two->frames[4]);
    two.reset();
    EXPECT_EQ(runs.GetN(), 0U);
}

TEST(FanoutFrameRuns, ARunOutlivesTheTable)
{
    FrameRuns::Ref run;
    {
        FrameRuns runs;
        FrameRuns::Frames frames;
        frames[0] = SealMessage(16);
        run = runs.Intern(1, frames);
    }
    EXPECT_EQ(run->frames[0]->Seq(), 16U);
}

TEST(FanoutRepairCache, WhatIsOnItsWayAlreadyIsSkipped)
{
    RepairCache cache(g_runs, 32);
    cache.Put(5, SealMessage(5), SECOND, true);
    EXPECT_TRUE(cache.IsRecent(5, 1, 0, SECOND, RTT));
    EXPECT_TRUE(cache.IsRecent(5, 1, SECOND, SECOND + RTT - 1, RTT));
    EXPECT_FALSE(cache.IsRecent(5, 1, 0, SECOND + RTT, RTT)) << "a round trip ago";
    EXPECT_FALSE(cache.IsRecent(5, 1, SECOND + 1, SECOND + 2, RTT)) << "no child then";
    EXPECT_FALSE(cache.IsRecent(6, 1, 0, SECOND, RTT));
}

TEST(FanoutRepairCache, WhatCameInTimeIsNotSkipped)
{
    RepairCache cache(g_runs, 32);
    cache.Put(5, SealMessage(5), SECOND, false);
    EXPECT_FALSE(cache.IsRecent(5, 1, 0, SECOND, RTT));
}

TEST(FanoutRepairCache, TheSameLinkIsNotServedTwiceInHalfARoundTrip)
{
    RepairCache cache(g_runs, 32);
    cache.NoteServed(5, 1, SECOND);
    EXPECT_TRUE(cache.IsRecent(5, 1, 0, SECOND + RTT / 2 - 1, RTT));
    EXPECT_TRUE(cache.IsRecent(5, 1, SECOND + 1, SECOND + 2, RTT)) << "whenever it was admitted";
    EXPECT_FALSE(cache.IsRecent(5, 1, 0, SECOND + RTT / 2, RTT));
    EXPECT_FALSE(cache.IsRecent(5, 2, 0, SECOND, RTT)) << "another child";
    EXPECT_FALSE(cache.IsRecent(6, 1, 0, SECOND, RTT)) << "another seq";
}

TEST(FanoutRepairCache, MarksAreFewAndTheOldestGoes)
{
    RepairCache cache(g_runs, 32);
    for (std::uint32_t seq = 0; seq < 200; seq++)
    {
        cache.NoteServed(seq, 1, SECOND);
        EXPECT_TRUE(cache.IsRecent(seq, 1, 0, SECOND, RTT));
        EXPECT_LE(cache.HeapBytes(), MARKS_BYTES);
    }
    EXPECT_FALSE(cache.IsRecent(135, 1, 0, SECOND, RTT));
    EXPECT_TRUE(cache.IsRecent(136, 1, 0, SECOND, RTT));
}

} // namespace
