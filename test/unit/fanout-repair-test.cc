/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-random.h"
#include "ns3/fanout-repair.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

namespace
{

using namespace ns3::fanout;

using Seqs = std::vector<std::uint32_t>;

constexpr Micros RTO = 100 * MILLISECOND;
constexpr Micros RTT = 60 * MILLISECOND;
constexpr Micros BATCH = 5 * MILLISECOND;

Seqs
Due(Repair& repair, Micros now, Micros rto = RTO)
{
    return repair.Due(now, rto, Options());
}

/// What a peer does whenever something is due. @return when each request went out
std::vector<Micros>
AskUntilGivenUp(Repair& repair, std::uint32_t seq, Micros rto)
{
    const Options options;
    std::vector<Micros> asked;
    while (repair.GetN() > 0 && asked.size() < 1000)
    {
        const Micros now = repair.NextAt();
        repair.Exhausted(options.repairTries, now);
        for (const std::uint32_t each : repair.Due(now, rto, options))
        {
            EXPECT_EQ(each, seq);
            asked.push_back(now);
        }
    }
    return asked;
}

TEST(FanoutRepair, NothingMissingNothingDue)
{
    Repair repair;
    EXPECT_EQ(repair.NextAt(), NEVER);
    EXPECT_TRUE(Due(repair, SECOND).empty());
    EXPECT_FALSE(repair.Fill(3, SECOND));
    EXPECT_TRUE(repair.Exhausted(1, SECOND).empty());
    EXPECT_EQ(repair.HeapBytes(), 0U);
}

TEST(FanoutRepair, TheFirstMissingMessageNeedsNoHeap)
{
    Repair repair;
    repair.Note(7, 8, 0, 0);
    EXPECT_EQ(repair.HeapBytes(), 0U);
    repair.Note(9, 12, 0, 0);
    EXPECT_GT(repair.HeapBytes(), 0U);
    for (const std::uint32_t seq : {9, 7, 11})
    {
        repair.Fill(seq, 1);
    }
    EXPECT_EQ(repair.HeapBytes(), 0U);
    EXPECT_EQ(Due(repair, 1), Seqs{10});
}

TEST(FanoutRepair, AGapIsAskedForAfterItsWait)
{
    Repair repair;
    repair.Note(5, 8, SECOND, 40 * MILLISECOND);
    EXPECT_EQ(repair.GetN(), 3U);
    EXPECT_EQ(repair.NextAt(), SECOND + 40 * MILLISECOND);
    EXPECT_TRUE(Due(repair, SECOND + 40 * MILLISECOND - 1).empty());
    EXPECT_EQ(Due(repair, SECOND + 40 * MILLISECOND), (Seqs{5, 6, 7}));
}

TEST(FanoutRepair, AnEmptyRangeIsNoGap)
{
    Repair repair;
    repair.Note(5, 5, 0, 0);
    repair.Note(6, 5, 0, 0);
    EXPECT_EQ(repair.GetN(), 0U);
}

TEST(FanoutRepair, GapsNotedInAnyOrderAreKeptOnceAndAskedAscending)
{
    Repair repair;
    repair.Note(20, 22, 0, 0);
    repair.Note(5, 7, 0, 0);
    repair.Note(6, 21, 0, 0);
    Seqs all;
    for (std::uint32_t seq = 5; seq < 22; seq++)
    {
        all.push_back(seq);
    }
    EXPECT_EQ(Due(repair, 0), all);
}

TEST(FanoutRepair, WhatIsDueSoonIsAskedTogetherWithWhatIsDueNow)
{
    Repair repair;
    repair.Note(1, 2, 0, 0);
    repair.Note(2, 3, BATCH, 0);
    repair.Note(3, 4, BATCH + 1, 0);
    EXPECT_EQ(Due(repair, 0), (Seqs{1, 2}));
    EXPECT_TRUE(Due(repair, BATCH).empty()) << "nothing is due yet, so nothing goes early";
    EXPECT_EQ(Due(repair, BATCH + 1), (Seqs{3}));
}

TEST(FanoutRepair, ARequestNamesSoManySeqsAndTheOthersStayDue)
{
    Repair repair;
    repair.Note(0, 60, 0, 0);
    Options options;
    options.repairMaxPerRequest = 25;
    EXPECT_EQ(repair.Due(0, RTO, options).size(), 25U);
    EXPECT_EQ(repair.NextAt(), 0);
    const auto second = repair.Due(0, RTO, options);
    ASSERT_EQ(second.size(), 25U);
    EXPECT_EQ(second.front(), 25U);
    EXPECT_EQ(repair.Due(0, RTO, options).size(), 10U);
    EXPECT_TRUE(repair.Due(0, RTO, options).empty());
}

TEST(FanoutRepair, OneRequestASeqIsOutstanding)
{
    Random random(1, 0, 0);
    Repair repair;
    std::map<std::uint32_t, Micros> asked;
    std::uint32_t next = 0;
    for (Micros now = 0; now < 3 * SECOND; now += MILLISECOND)
    {
        if (random.Below(10) == 0)
        {
            const auto to = next + static_cast<std::uint32_t>(random.Below(4));
            repair.Note(next, to, now, static_cast<Micros>(random.Below(20)) * MILLISECOND);
            next = to;
        }
        if (next > 0 && random.Below(8) == 0)
        {
            repair.Fill(static_cast<std::uint32_t>(random.Below(next)), now);
        }
        for (const std::uint32_t seq : Due(repair, now))
        {
            if (asked.count(seq))
            {
                ASSERT_GE(now - asked[seq], RTO - BATCH) << "seq " << seq;
            }
            asked[seq] = now;
        }
    }
    EXPECT_GT(asked.size(), 100U);
}

TEST(FanoutRepair, RequestsAreRepeatedSteadilyThenMoreSlowly)
{
    Repair repair;
    repair.Note(7, 8, 0, 0);
    const auto asked = AskUntilGivenUp(repair, 7, RTO);
    ASSERT_EQ(asked.size(), 12U);
    const double waits[] = {1, 1, 1, 1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10, 10};
    for (std::size_t i = 0; i < 11; i++)
    {
        EXPECT_NEAR(static_cast<double>(asked[i + 1] - asked[i]), waits[i] * RTO, 1) << i;
    }
}

TEST(FanoutRepair, ALongTimeOutIsNeverCutShort)
{
    Repair repair;
    repair.Note(7, 8, 0, 0);
    const auto asked = AskUntilGivenUp(repair, 7, 3 * SECOND);
    ASSERT_EQ(asked.size(), 12U);
    EXPECT_EQ(asked.back() - asked.front(), 33 * SECOND);
}

TEST(FanoutRepair, AfterTwelveRequestsASeqIsLetGo)
{
    const Options options;
    Repair repair;
    repair.Note(7, 8, 0, 0);
    for (int i = 0; i < 12; i++)
    {
        EXPECT_TRUE(repair.Exhausted(options.repairTries, repair.NextAt()).empty());
        EXPECT_EQ(Due(repair, repair.NextAt()), (Seqs{7}));
    }
    const Micros end = repair.NextAt();
    EXPECT_TRUE(repair.Exhausted(options.repairTries, end - 1).empty())
        << "the last request has its time";
    repair.Note(3, 5, end, 0);
    EXPECT_EQ(repair.Exhausted(options.repairTries, end), (Seqs{7}));
    EXPECT_EQ(repair.GetN(), 2U);
    EXPECT_FALSE(repair.Fill(7, end));
}

TEST(FanoutRepair, ANewGapDoesNotMakeAThirteenthRequestGoOut)
{
    const Options options;
    Repair repair;
    repair.Note(7, 8, 0, 0);
    for (int i = 0; i < 12; i++)
    {
        Due(repair, repair.NextAt());
    }
    const Micros now = repair.NextAt() - BATCH;
    repair.Note(8, 9, now, 0);
    repair.Exhausted(options.repairTries, now);
    EXPECT_EQ(Due(repair, now), (Seqs{8}));
}

TEST(FanoutRepair, WhatTheParentLacksTooIsParked)
{
    Repair repair;
    repair.Note(5, 8, 0, 0);
    EXPECT_EQ(Due(repair, 0), (Seqs{5, 6, 7}));
    const Micros now = RTT;
    repair.ParentHas({0, 6}, 0, now, RTO, RTT);
    EXPECT_EQ(Due(repair, RTO), (Seqs{5})) << "this one it has";
    const Micros end = now + 2 * RTO + RTT;
    repair.ParentHas({0, 6}, 0, end - 10 * MILLISECOND, RTO, RTT);
    ASSERT_TRUE(repair.Fill(5, end - 10 * MILLISECOND));
    EXPECT_EQ(repair.NextAt(), end) << "saying it again changes nothing";
    EXPECT_TRUE(Due(repair, end - 1).empty());
    EXPECT_EQ(Due(repair, end), (Seqs{6, 7})) << "parked too long";
    EXPECT_EQ(repair.NextAt(), end + RTO) << "an ordinary request again";
}

TEST(FanoutRepair, WhatTheParentHasOrHadIsNotParked)
{
    Repair repair;
    repair.Note(5, 8, 0, 0);
    Due(repair, 0);
    repair.ParentHas({6, 8}, 6, RTT, RTO, RTT);
    EXPECT_EQ(Due(repair, RTO), (Seqs{5, 6, 7}));
    repair.ParentHas({0, 0}, 8, RTO + RTT / 2, RTO, RTT);
    EXPECT_EQ(Due(repair, 2 * RTO), (Seqs{5, 6, 7})) << "said before the ask came";
}

TEST(FanoutRepair, WhatTheParentHadAndNeverGivesIsParked)
{
    Repair repair;
    repair.Note(5, 8, 0, 0);
    Due(repair, 0);
    repair.ParentHas({7, 9}, 9, RTT, RTO, RTT);
    EXPECT_EQ(Due(repair, RTO), (Seqs{5, 6, 7}));
    repair.ParentHas({7, 9}, 9, RTO + RTT, RTO, RTT);
    EXPECT_EQ(Due(repair, 2 * RTO), (Seqs{7})) << "this one it has";
    EXPECT_EQ(Due(repair, RTO + RTT + 2 * (2 * RTO + RTT)), (Seqs{5, 6, 7}));
}

TEST(FanoutRepair, ManyThatTheParentKeepsNoLongerDoNotKeepTheOthersWaiting)
{
    Options options;
    options.repairMaxPerRequest = 255;
    Repair repair;
    repair.Note(0, 400, 0, 0);
    repair.Note(500, 501, 0, 0);
    Micros now = 0;
    int asked = 0;
    while (now < 5 * SECOND)
    {
        now = std::max(now, repair.NextAt());
        const auto seqs = repair.Due(now, RTO, options);
        asked += static_cast<int>(std::count(seqs.begin(), seqs.end(), 500));
        repair.ParentHas({450, 510}, 510, now + RTT, RTO, RTT);
    }
    EXPECT_GE(asked, 5);
}

TEST(FanoutRepair, WhatWasNotAskedYetIsNotParked)
{
    Repair repair;
    repair.Note(5, 6, 0, 20 * MILLISECOND);
    repair.ParentHas({0, 0}, 0, MILLISECOND, RTO, RTT);
    EXPECT_EQ(Due(repair, 20 * MILLISECOND), (Seqs{5}));
}

TEST(FanoutRepair, ASeqTheParentNeverHasIsAskedTwelveTimesAtMost)
{
    const Options options;
    Repair repair;
    repair.Note(5, 6, 0, 0);
    int requests = 0;
    while (repair.GetN() > 0 && requests < 100)
    {
        const Micros now = repair.NextAt();
        repair.Exhausted(options.repairTries, now);
        requests += static_cast<int>(Due(repair, now).size());
        repair.ParentHas({0, 5}, 5, now + RTT, RTO, RTT);
    }
    EXPECT_LE(requests, 12);
}

TEST(FanoutRepair, AnotherParentIsAskedForEverythingAtOnce)
{
    const Options options;
    Repair repair;
    repair.Note(5, 7, 0, 0);
    for (int i = 0; i < 11; i++)
    {
        Due(repair, repair.NextAt());
    }
    repair.ParentHas({0, 5}, 5, 10 * SECOND, RTO, RTT);
    repair.Note(9, 10, 10 * SECOND, SECOND);
    repair.ParentChanged(10 * SECOND);
    EXPECT_EQ(repair.NextAt(), 10 * SECOND);
    EXPECT_EQ(Due(repair, 10 * SECOND), (Seqs{5, 6, 9}));
    for (int i = 0; i < 11; i++)
    {
        EXPECT_TRUE(repair.Exhausted(options.repairTries, repair.NextAt()).empty());
        EXPECT_EQ(Due(repair, repair.NextAt()).size(), 3U);
    }
    EXPECT_EQ(repair.Exhausted(options.repairTries, repair.NextAt()), (Seqs{5, 6, 9}));
}

TEST(FanoutRepair, AsManyAreAskedAtATimeAsCome)
{
    Options options;
    options.repairMaxPerRequest = 255;
    Repair repair;
    repair.Note(0, 500, 0, 0);
    const auto first = repair.Due(0, RTO, options);
    EXPECT_EQ(first.size(), Repair::FIRST_ROOM);
    EXPECT_TRUE(repair.Due(RTO / 2, RTO, options).empty()) << "the rest waits";
    for (std::uint32_t seq = 0; seq < 32; seq++)
    {
        repair.Fill(seq, RTO / 2);
    }
    EXPECT_EQ(repair.Due(RTO / 2, RTO, options).size(), 0u) << "and is looked at again soon";
    // 32 have come, so 32 more may be asked; the others of the first ones are due again.
    const auto second = repair.Due(RTO, RTO, options);
    EXPECT_EQ(second.size(), Repair::FIRST_ROOM + 32u);
}

TEST(FanoutRepair, WhatIsAskedInVainDoesNotKeepTheOthersWaiting)
{
    Options options;
    options.repairMaxPerRequest = 255;
    options.repairTries = 200;
    Repair repair;
    repair.Note(0, 500, 0, 0);
    Micros now = 0;
    for (int i = 0; i < 40; i++)
    {
        now = std::max(now + RTO, repair.NextAt());
        repair.Due(now, RTO, options);
    }
    repair.Note(900, 902, now + RTO, 0);
    now = std::max(now + RTO, repair.NextAt());
    const auto asked = repair.Due(now, RTO, options);
    ASSERT_LT(asked.size(), 100u);
    EXPECT_EQ(std::count(asked.begin(), asked.end(), 900), 1) << "asked at once";
    EXPECT_EQ(std::count(asked.begin(), asked.end(), 901), 1);
    EXPECT_TRUE(std::is_sorted(asked.begin(), asked.end()));
}

TEST(FanoutRepair, WhatIsAskedInVainIsAskedForLessAtATime)
{
    Options options;
    options.repairMaxPerRequest = 255;
    options.repairTries = 200;
    Repair repair;
    repair.Note(0, 500, 0, 0);
    Micros now = 0;
    std::size_t most = 0;
    for (int i = 0; i < 40; i++)
    {
        now = std::max(now + RTO, repair.NextAt());
        most = repair.Due(now, RTO, options).size();
    }
    EXPECT_LE(most, Repair::FIRST_ROOM / 2);
    EXPECT_GT(repair.NextAt(), now) << "nothing is left due";
    EXPECT_EQ(repair.GetN(), 500u);
}

TEST(FanoutRepair, TriesAreNotSpentOnAParentThatIsNotHeard)
{
    const Options options;
    Repair repair;
    repair.Note(5, 6, 0, 0);
    Micros now = 0;
    std::size_t asked = 0;
    while (now < 3 * SECOND)
    {
        asked += repair.Due(now, RTO, options, -1).size();
        ASSERT_GT(repair.NextAt(), now);
        now = repair.NextAt();
    }
    EXPECT_LE(asked, 5u);
    EXPECT_EQ(repair.Due(now, RTO, options, now).size(), 1u) << "it is there again";
}

TEST(FanoutRepair, EachOfManyHasItsTurnWhateverIsLost)
{
    Options options;
    options.repairTries = 250;
    Random random(3, 0, 0);
    Repair repair;
    repair.Note(0, 300, 0, 0);
    Micros now = 0;
    for (int i = 0; i < 20000 && repair.GetN() > 0; i++)
    {
        now = repair.NextAt();
        for (const std::uint32_t seq : repair.Due(now, RTO, options, now - 2 * RTO))
        {
            if (random.Below(4) == 0)
            {
                repair.Fill(seq, now + RTT);
            }
        }
    }
    EXPECT_EQ(repair.GetN(), 0u);
    EXPECT_LT(now, 60 * SECOND);
}

TEST(FanoutRepair, ANeighbourIsAskedAfterThreeTriesOrWhenTheParentLacksItToo)
{
    const Options options;
    Repair repair;
    repair.Note(5, 6, 0, 0);
    Micros now = 0;
    for (int i = 0; i < 3; i++)
    {
        EXPECT_FALSE(repair.IsDue(now, false));
        EXPECT_TRUE(repair.DueElsewhere(now, RTO, false, options).empty());
        EXPECT_EQ(Due(repair, now), (Seqs{5}));
        now = repair.NextAt();
    }
    for (int turn = 0; turn < 3; turn++)
    {
        Seqs elsewhere = repair.DueElsewhere(now, RTO, false, options);
        EXPECT_EQ(elsewhere.size(), turn == 0 ? 0u : 1u) << "turn " << turn;
        if (turn == 0)
        {
            EXPECT_EQ(Due(repair, now), (Seqs{5})) << "the parent has its turn first";
        }
        now = repair.NextAt();
    }
    EXPECT_EQ(Due(repair, now), (Seqs{5})) << "and then again";
}

TEST(FanoutRepair, WhatTheParentLacksAndANeighbourHasIsDueThereAndThenAtTheParentAgain)
{
    Options options;
    Repair repair;
    repair.Note(5, 7, 0, 0);
    const auto said = [](std::uint32_t seq) { return seq == 6; };
    repair.Hurry(0, said);
    ASSERT_EQ(repair.Due(0, RTO, options).size(), 2u) << "the parent is asked first";
    repair.Hurry(MILLISECOND, said);
    EXPECT_FALSE(repair.IsDue(MILLISECOND, false)) << "it has not answered yet";
    repair.ParentHas({0, 5}, 0, 2 * MILLISECOND, RTO, RTO);
    repair.Hurry(2 * MILLISECOND, said);
    EXPECT_FALSE(repair.IsDue(2 * MILLISECOND, false)) << "that answers an earlier ask";
    Micros now = 20 * MILLISECOND;
    repair.Hurry(now, said);
    const auto elsewhere = repair.DueElsewhere(now, RTO, false, options);
    EXPECT_EQ(elsewhere, (std::vector<std::uint32_t>{6}));
    std::uint32_t theirs = 0;
    bool parent = false;
    for (int i = 0; i < 100 && !parent; i++)
    {
        now += 10 * MILLISECOND;
        repair.Hurry(now, said); // a word every now and then
        theirs += !repair.DueElsewhere(now, RTO, false, options).empty();
        const auto due = repair.Due(now, RTO, options);
        parent = std::count(due.begin(), due.end(), 6u) > 0;
    }
    EXPECT_TRUE(parent) << "it may have it by now";
    EXPECT_LE(theirs, 2u);
}

TEST(FanoutRepair, WithoutAParentNeighboursAreAskedAndTheTriesStay)
{
    const Options options;
    Repair repair;
    repair.Note(5, 7, 0, 0);
    EXPECT_TRUE(repair.IsDue(0, true));
    EXPECT_EQ(repair.DueElsewhere(0, RTO, true, options), (Seqs{5, 6}));
    repair.NoteElsewhere({5}, 9);
    EXPECT_TRUE(repair.WasAskedFrom(5, 9));
    EXPECT_FALSE(repair.WasAskedFrom(6, 9));
    EXPECT_FALSE(repair.WasAskedFrom(5, 8));
    EXPECT_EQ(repair.AskedElsewhere(5), 9u);
    EXPECT_EQ(repair.AwaitedFrom(9), (Seqs{5}));
    for (int i = 0; i < 30; i++)
    {
        repair.DueElsewhere(repair.NextAt(), RTO, true, options);
    }
    EXPECT_TRUE(repair.Exhausted(options.repairTries, repair.NextAt()).empty());
    EXPECT_EQ(Due(repair, repair.NextAt()), (Seqs{5, 6})) << "the parent's first";
    const auto filled = repair.Fill(5, repair.NextAt());
    ASSERT_TRUE(filled);
    EXPECT_TRUE(filled->elsewhere);
    EXPECT_EQ(filled->roundTrip, 0) << "nobody knows whose answer it was";
}

TEST(FanoutRepair, WhatANeighbourLacksIsDueAgainSoon)
{
    const Options options;
    Repair repair;
    repair.Note(5, 7, 0, 0);
    repair.DueElsewhere(0, 3 * RTO, true, options);
    repair.NoteElsewhere({5, 6}, 9);
    repair.LackedBy(8, {0, 5}, 60 * MILLISECOND);
    EXPECT_EQ(repair.NextAt(), 3 * RTO) << "somebody else's word";
    repair.LackedBy(9, {0, 6}, 110 * MILLISECOND);
    EXPECT_EQ(repair.NextAt(), 110 * MILLISECOND);
    EXPECT_EQ(repair.DueElsewhere(110 * MILLISECOND, RTO, true, options), (Seqs{6}));
}

TEST(FanoutRepair, FillTellsWhatBecameOfASeq)
{
    Repair repair;
    repair.Note(5, 8, SECOND, 0);
    repair.Note(9, 10, SECOND, SECOND);
    Due(repair, SECOND);
    const auto once = repair.Fill(5, SECOND + RTT);
    ASSERT_TRUE(once);
    EXPECT_TRUE(once->asked);
    EXPECT_EQ(once->elapsed, RTT);
    EXPECT_EQ(once->roundTrip, RTT);
    EXPECT_FALSE(repair.Fill(5, SECOND + RTT)) << "not missing any more";
    Due(repair, SECOND + RTO);
    const auto twice = repair.Fill(6, SECOND + RTO + RTT);
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->elapsed, RTO + RTT);
    EXPECT_EQ(twice->roundTrip, 0) << "nobody knows which request was answered";
    const auto late = repair.Fill(9, SECOND + 1);
    ASSERT_TRUE(late);
    EXPECT_FALSE(late->asked);
    EXPECT_EQ(late->roundTrip, 0);
    EXPECT_EQ(repair.GetN(), 1U);
    repair.Fill(7, 2 * SECOND);
    EXPECT_EQ(repair.HeapBytes(), 0U);
}

TEST(FanoutRepair, ASeqThatWasParkedGivesNoRoundTrip)
{
    Repair parked;
    parked.Note(5, 6, 0, 0);
    Due(parked, 0);
    parked.ParentHas({0, 5}, 5, RTT, RTO, RTT);
    EXPECT_EQ(parked.Fill(5, 2 * RTT)->roundTrip, 0);

    Repair askedAgain;
    askedAgain.Note(5, 6, 0, 0);
    Due(askedAgain, 0);
    askedAgain.ParentHas({0, 5}, 5, RTT, RTO, RTT);
    const Micros again = askedAgain.NextAt();
    ASSERT_EQ(Due(askedAgain, again), (Seqs{5}));
    EXPECT_EQ(askedAgain.Fill(5, again + MILLISECOND)->roundTrip, 0) << "two requests went out";
}

TEST(FanoutRepair, WhatIsBelowTheWindowIsForgotten)
{
    Repair repair;
    repair.Note(5, 10, 0, 0);
    repair.ForgetBelow(3);
    EXPECT_EQ(repair.GetN(), 5U);
    repair.ForgetBelow(8);
    EXPECT_EQ(Due(repair, 0), (Seqs{8, 9}));
    repair.ForgetBelow(100);
    EXPECT_EQ(repair.NextAt(), NEVER);
}

TEST(FanoutRepair, LateArrivalsTeachHowLongToWait)
{
    Repair repair;
    EXPECT_EQ(repair.ReorderWait(), 0);
    repair.NoteLate(16 * MILLISECOND);
    EXPECT_EQ(repair.ReorderWait(), 20 * MILLISECOND);
    repair.NoteLate(32 * MILLISECOND);
    EXPECT_EQ(repair.ReorderWait(), 40 * MILLISECOND) << "a later one counts at once";
    repair.NoteLate(0);
    EXPECT_EQ(repair.ReorderWait(), 37500) << "an earlier one by and by";
    for (int i = 0; i < 200; i++)
    {
        repair.NoteLate(8 * MILLISECOND);
    }
    EXPECT_NEAR(repair.ReorderWait(), 10 * MILLISECOND, 10);
}

} // namespace
