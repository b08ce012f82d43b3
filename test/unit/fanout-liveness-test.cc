/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-liveness.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace
{

using namespace ns3::fanout;
using Step = Liveness::Step;

constexpr Micros RTO = 50 * MILLISECOND;

/// Messages at a fixed rhythm. @return when the last came
Micros
Stream(Liveness& liveness, Micros from, Micros interval, int messages)
{
    Micros now = from;
    for (int i = 0; i < messages; i++)
    {
        now += interval;
        liveness.Data(now);
    }
    return now;
}

/// A parent whose rhythm is known so well that nothing deviates. @return when the last message came
Micros
Steady(Liveness& liveness, Micros interval)
{
    liveness.Reset(0);
    return Stream(liveness, 0, interval, 200);
}

Step
Ask(Liveness& liveness, Micros now, bool witnessed = true, Micros rto = RTO)
{
    return liveness.Next(now, true, rto, witnessed, Options());
}

/// Say nothing until the parent is suspected. @return when that was
Micros
Suspect(Liveness& liveness)
{
    const Micros at = liveness.NextAt(true, Options());
    EXPECT_EQ(Ask(liveness, at), Step::PROBE);
    EXPECT_TRUE(liveness.IsSuspecting());
    return at;
}

TEST(FanoutLiveness, TheRhythmIsTheMeanTimeBetweenMessages)
{
    Liveness liveness;
    liveness.Reset(5 * SECOND);
    EXPECT_EQ(liveness.MeanInterval(), 0);
    liveness.Data(9 * SECOND);
    EXPECT_EQ(liveness.MeanInterval(), 0) << "one message is no rhythm";
    EXPECT_EQ(liveness.LastData(), 9 * SECOND);
    Stream(liveness, 9 * SECOND, 33333, 1);
    EXPECT_EQ(liveness.MeanInterval(), 33333);
    Stream(liveness, liveness.LastData(), 33333, 50);
    EXPECT_EQ(liveness.MeanInterval(), 33333);
}

TEST(FanoutLiveness, TheTimeWithoutAParentIsNoPartOfTheRhythm)
{
    Liveness liveness;
    Micros now = Steady(liveness, 33333);
    liveness.Reset(now + 30 * SECOND);
    liveness.Data(now + 60 * SECOND);
    EXPECT_EQ(liveness.MeanInterval(), 33333);
}

TEST(FanoutLiveness, OneLongGapDoesNotSpoilTheRhythm)
{
    Liveness liveness;
    const Micros now = Steady(liveness, 40 * MILLISECOND);
    liveness.Data(now + 60 * SECOND);
    EXPECT_LE(liveness.MeanInterval(), 75 * MILLISECOND + 1);
    Stream(liveness, now + 60 * SECOND, 40 * MILLISECOND, 50);
    EXPECT_NEAR(liveness.MeanInterval(), 40 * MILLISECOND, MILLISECOND);
}

TEST(FanoutLiveness, SuspicionTakesThreeToSixIntervalsByLoss)
{
    // k = clamp(ceil(ln 1e-4 / ln p), 3, 6), p = 0.05 before anything is known.
    const struct
    {
        int lost;
        int came;
        int k;
    } cases[] = {
        {0, 0, 4},    // p = 0.050: 3.07
        {0, 4, 4},    // p = 0.0470: 3.01
        {0, 5, 3},    // p = 0.0462: 2.995
        {0, 5000, 3}, // never below 3
        {3, 0, 4},    // p = 0.094: 3.89
        {4, 0, 5},    // p = 0.108: 4.14
        {7, 0, 5},    // p = 0.149: 4.84
        {8, 0, 6},    // p = 0.162: 5.07
        {5000, 0, 6}, // never above 6
    };

    for (const auto& c : cases)
    {
        Liveness liveness;
        Steady(liveness, 200 * MILLISECOND);
        for (int i = 0; i < c.lost; i++)
        {
            liveness.NoteLoss(true);
        }
        for (int i = 0; i < c.came; i++)
        {
            liveness.NoteLoss(false);
        }
        EXPECT_NEAR(liveness.Patience(true, Options()), c.k * 200 * MILLISECOND, 20)
            << c.lost << " lost, " << c.came << " came";
    }
}

TEST(FanoutLiveness, AnUnevenRhythmIsGivenFourDeviationsMore)
{
    Liveness liveness;
    liveness.Reset(0);
    Micros now = 0;
    for (int i = 0; i < 200; i++)
    {
        now += (i % 2 ? 150 : 250) * MILLISECOND;
        liveness.Data(now);
    }
    EXPECT_NEAR(liveness.Patience(true, Options()), 1000 * MILLISECOND, 20 * MILLISECOND);
}

TEST(FanoutLiveness, AFastStreamIsNotSuspectedBeforeTheLeastSilence)
{
    Liveness liveness;
    Steady(liveness, 5 * MILLISECOND);
    Options options;
    EXPECT_EQ(liveness.Patience(true, options), options.suspectMin);
    options.suspectMin = 10 * MILLISECOND;
    EXPECT_NEAR(liveness.Patience(true, options), 20 * MILLISECOND, 20);
}

TEST(FanoutLiveness, WithoutExpectationTheLeaseCounts)
{
    const Options options;
    const Micros idle = options.aliveIdleInterval * 3 / 2;
    Liveness liveness;
    liveness.Reset(0);
    EXPECT_NEAR(liveness.Patience(true, options), 4 * SECOND / options.messageRate, 1)
        << "no rhythm yet: the planned rate";
    Steady(liveness, 33333);
    EXPECT_LT(liveness.Patience(true, options), idle);
    EXPECT_EQ(liveness.Patience(false, options), idle);
    Steady(liveness, 10 * SECOND);
    EXPECT_EQ(liveness.Patience(true, options), idle) << "never longer";
}

TEST(FanoutLiveness, AParentIsProbedWhenItsTimeIsOverAndNotBefore)
{
    Liveness liveness;
    const Micros last = Steady(liveness, 100 * MILLISECOND);
    const Micros end = last + liveness.Patience(true, Options());
    EXPECT_GE(liveness.NextAt(true, Options()), end);
    EXPECT_LT(liveness.NextAt(true, Options()), end + Options().checkSpacing);
    EXPECT_EQ(liveness.NextAt(true, Options()) % Options().checkSpacing, 0) << "from Reset(0) on";
    Liveness early = liveness;
    EXPECT_EQ(Ask(early, end - 1), Step::NOTHING);
    EXPECT_FALSE(early.IsSuspecting());
    EXPECT_EQ(Ask(liveness, end), Step::PROBE);
    EXPECT_TRUE(liveness.IsSuspecting());
}

TEST(FanoutLiveness, AnyFrameOfTheParentIsASignOfLife)
{
    Liveness liveness;
    const Micros last = Steady(liveness, 100 * MILLISECOND);
    const Micros patience = liveness.Patience(true, Options());
    liveness.Heard(last + patience - 1);
    EXPECT_EQ(Ask(liveness, last + patience), Step::NOTHING);
    EXPECT_EQ(liveness.Patience(true, Options()), patience);
    EXPECT_EQ(liveness.LastData(), last);
    liveness.HeardElsewhere(last + 2 * patience - 1);
    EXPECT_EQ(Ask(liveness, last + 2 * patience - 1), Step::PROBE) << "others are not the parent";
}

TEST(FanoutLiveness, SilenceIsLookedAtFourTimesASecondAtMost)
{
    constexpr Micros INTERVAL = 33333;
    Liveness liveness;
    const Micros start = Steady(liveness, INTERVAL);
    Micros wake = liveness.NextAt(true, Options());
    int looks = 0;
    for (Micros now = start; now < start + 10 * SECOND; now += INTERVAL)
    {
        while (wake <= now)
        {
            EXPECT_EQ(Ask(liveness, wake), Step::NOTHING);
            looks++;
            const Micros next = liveness.NextAt(true, Options());
            ASSERT_GT(next, wake);
            wake = next;
        }
        liveness.Data(now);
    }
    EXPECT_LE(looks, 40);
    EXPECT_GE(looks, 30);
}

TEST(FanoutLiveness, TheNextLookFollowsTheRhythmBothWays)
{
    const Options options;
    Liveness liveness;
    Micros last = Steady(liveness, 33333);
    EXPECT_LT(liveness.NextAt(true, options), last + SECOND);
    EXPECT_GE(liveness.NextAt(false, options), last + options.aliveIdleInterval) << "nothing due";
    EXPECT_LT(liveness.NextAt(true, options), last + SECOND) << "a message is due again";
    last = Stream(liveness, last, SECOND, 200);
    EXPECT_GE(liveness.NextAt(true, options), last + 2 * SECOND);
    liveness.Reset(last);
    Stream(liveness, last, 33333, 200);
    EXPECT_LT(liveness.NextAt(true, options), last + 8 * SECOND);
}

TEST(FanoutLiveness, ProbesAreRepeatedMoreSlowlyAndNeverWithinARoundTrip)
{
    Liveness liveness;
    Steady(liveness, 33333);
    Micros at = Suspect(liveness);
    for (const Micros wait : {100, 200, 250, 250, 250})
    {
        at += wait * MILLISECOND;
        EXPECT_EQ(liveness.NextAt(true, Options()), at);
        EXPECT_EQ(Ask(liveness, at - 1), Step::NOTHING);
        EXPECT_EQ(Ask(liveness, at), Step::PROBE);
    }

    Liveness far;
    Steady(far, 33333);
    at = far.NextAt(true, Options());
    for (int i = 0; i < 4; i++, at += 400 * MILLISECOND)
    {
        EXPECT_EQ(far.NextAt(true, Options()), at);
        EXPECT_EQ(Ask(far, at, true, 400 * MILLISECOND), Step::PROBE);
    }
}

TEST(FanoutLiveness, LostWhenTheWitnessAnswersAndTheParentDoesNot)
{
    Liveness liveness;
    Steady(liveness, 33333);
    const Micros at = Suspect(liveness);
    liveness.HeardElsewhere(at + 60 * MILLISECOND);
    EXPECT_EQ(Ask(liveness, at + 100 * MILLISECOND - 1), Step::NOTHING) << "the parent has its RTO";
    EXPECT_EQ(Ask(liveness, at + 100 * MILLISECOND), Step::LOST);
    EXPECT_FALSE(liveness.IsSuspecting());
}

TEST(FanoutLiveness, AnAnswerFromBeforeTheQuestionIsNoWitness)
{
    Liveness liveness;
    Steady(liveness, 33333);
    liveness.HeardElsewhere(liveness.NextAt(true, Options()) - 1);
    const Micros at = Suspect(liveness);
    EXPECT_EQ(Ask(liveness, at + 100 * MILLISECOND), Step::PROBE);
}

TEST(FanoutLiveness, WhenNobodyAnswersThisPeerIsOffline)
{
    Liveness liveness;
    Steady(liveness, 33333);
    const Micros start = Suspect(liveness);
    int probes = 0;
    Micros now = liveness.NextAt(true, Options());
    while (now < start + 100 * SECOND)
    {
        ASSERT_EQ(Ask(liveness, now), Step::PROBE);
        probes++;
        ASSERT_GT(liveness.NextAt(true, Options()), now);
        now = liveness.NextAt(true, Options());
    }
    EXPECT_LE(probes, 402);
    liveness.HeardElsewhere(now - 1);
    EXPECT_EQ(Ask(liveness, now), Step::LOST) << "back, and the parent is still silent";
}

TEST(FanoutLiveness, WithoutAWitnessFourProbesDecide)
{
    Liveness liveness;
    Steady(liveness, 33333);
    int probes = 0;
    Step step = Step::NOTHING;
    while (step != Step::LOST)
    {
        step = Ask(liveness, liveness.NextAt(true, Options()), false);
        probes += step == Step::PROBE;
        ASSERT_LE(probes, 4);
    }
    EXPECT_EQ(probes, 4);
}

TEST(FanoutLiveness, AParentThatAnswersWithoutNewsIsAskedMoreAndMoreRarely)
{
    const Options options;
    Liveness liveness;
    Steady(liveness, 50 * MILLISECOND);
    const Micros first = liveness.Patience(true, options);
    Micros expected = first;
    for (int i = 0; i < 12; i++)
    {
        EXPECT_EQ(liveness.Patience(true, options), expected);
        const Micros at = Suspect(liveness);
        liveness.Heard(at + 10 * MILLISECOND);
        EXPECT_FALSE(liveness.IsSuspecting());
        expected = std::min(2 * expected, options.aliveIdleInterval * 3 / 2);
    }
    EXPECT_EQ(expected, options.aliveIdleInterval * 3 / 2);
    liveness.Data(liveness.NextAt(true, options));
    Stream(liveness, liveness.LastData(), 50 * MILLISECOND, 200);
    EXPECT_NEAR(liveness.Patience(true, options), first, 20) << "a message ends that";
}

TEST(FanoutLiveness, AMessageAsAnswerIsNews)
{
    Liveness liveness;
    Steady(liveness, 50 * MILLISECOND);
    liveness.Heard(Suspect(liveness) + 1);
    const Micros at = Suspect(liveness);
    liveness.Data(at + 10 * MILLISECOND);
    EXPECT_FALSE(liveness.IsSuspecting());
    Stream(liveness, liveness.LastData(), 50 * MILLISECOND, 200);
    EXPECT_NEAR(liveness.Patience(true, Options()), 200 * MILLISECOND, 20);
}

TEST(FanoutLiveness, ANewParentStartsAfresh)
{
    Liveness liveness;
    Steady(liveness, 50 * MILLISECOND);
    const Micros patience = liveness.Patience(true, Options());
    liveness.Heard(Suspect(liveness) + 1);
    const Micros now = Suspect(liveness) + SECOND;
    liveness.HeardElsewhere(now - 1);
    liveness.Reset(now);
    EXPECT_FALSE(liveness.IsSuspecting());
    EXPECT_EQ(liveness.LastData(), now);
    EXPECT_EQ(liveness.Patience(true, Options()), patience) << "the stream's rhythm is known";
    const Micros wait = liveness.NextAt(true, Options()) - now;
    EXPECT_GE(wait, patience);
    EXPECT_LT(wait, patience + Options().checkSpacing);
    EXPECT_EQ(wait % Options().checkSpacing, 0) << "looks are counted from here";
    EXPECT_EQ(Ask(liveness, now + patience - 1), Step::NOTHING);
}

} // namespace
