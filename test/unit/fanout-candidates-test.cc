/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-candidates.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <vector>

namespace
{

using namespace ns3::fanout;
using Source = Candidate::Source;

constexpr ScoringMode ALL_MODES[] = {
    ScoringMode::RANKED_SHUFFLE, ScoringMode::RANKED_STRICT, ScoringMode::WEIGHTED};

PeerId
IdOf(int number)
{
    PeerId id;
    id.digest[0] = static_cast<std::uint8_t>(number);
    return id;
}

int
NumberOf(const Candidate& candidate)
{
    return candidate.peer.digest[0];
}

Candidate
Make(int number, Source source, std::uint16_t level = 1, std::uint16_t slots = 0)
{
    Candidate candidate;
    candidate.peer = IdOf(number);
    candidate.endpoint = {0x0a000000U + static_cast<std::uint32_t>(number),
                          4001,
                          Endpoint::Protocol::UDP};
    candidate.source = source;
    candidate.level = level;
    candidate.freeSlots = slots;
    return candidate;
}

Options
With(ScoringMode mode, std::uint16_t topK = 8)
{
    Options options;
    options.scoring = mode;
    options.candidateShuffleTopK = topK;
    return options;
}

/// Weighted scoring in which nothing counts, for one weight to be set.
Options
Weightless()
{
    Options options = With(ScoringMode::WEIGHTED);
    options.weightLevel = 0;
    options.weightFreeSlots = 0;
    options.weightConnected = 0;
    options.weightBid = 0;
    options.weightSource = 0;
    return options;
}

std::vector<int>
Round(Candidates& candidates, const Options& options, Random random, Micros now = 0)
{
    std::vector<int> order;
    while (const auto candidate = candidates.Next(now, options, random))
    {
        order.push_back(NumberOf(*candidate));
    }
    return order;
}

/// @return candidates 0 to n - 1 named by a tracker, 0 ranked first
Candidates
Graded(int n)
{
    Candidates candidates;
    for (int i = 0; i < n; i++)
    {
        candidates.Merge(Make(i, Source::TRACKER, static_cast<std::uint16_t>(i)));
    }
    return candidates;
}

/// @return how often the first of two is drawn first
double
ShareOfFirst(const Candidate& first, const Candidate& second, const Options& options)
{
    constexpr int ROUNDS = 6000;
    int wins = 0;
    for (int i = 0; i < ROUNDS; i++)
    {
        Candidates candidates;
        candidates.Merge(first);
        candidates.Merge(second);
        Random random(7, static_cast<std::uint64_t>(i), 0);
        wins += candidates.Next(0, options, random)->peer == first.peer;
    }
    return static_cast<double>(wins) / ROUNDS;
}

TEST(FanoutCandidates, WhatIsKnownOfAPeerIsMergedById)
{
    Candidates candidates;
    candidates.Merge(Make(1, Source::TRACKER, 5, 2));
    Candidate news = Make(1, Source::TRACKER, 3, 9);
    news.bid = 4;
    news.endpoint = Endpoint();
    candidates.Merge(news);
    EXPECT_EQ(candidates.GetN(), 1U);
    Random random(1, 1, 1);
    const auto next = candidates.Next(0, Options(), random);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->level, 3);
    EXPECT_EQ(next->freeSlots, 9);
    EXPECT_EQ(next->bid, 4U);
    EXPECT_EQ(next->endpoint, Make(1, Source::TRACKER).endpoint) << "the address known stays";
}

TEST(FanoutCandidates, TheBetterSourceStays)
{
    Candidates candidates;
    Candidate leased = Make(1, Source::LEASED);
    leased.tracker = 2;
    Candidate known = Make(1, Source::KNOWN);
    known.tracker = 1;
    candidates.Merge(known);
    candidates.Merge(leased);
    candidates.Merge(known);
    Random random(1, 1, 1);
    const auto next = candidates.Next(0, Options(), random);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->source, Source::LEASED);
    EXPECT_EQ(next->tracker, 2);
}

TEST(FanoutCandidates, ATriedOneIsAskedAgainWhenItIsNamedAsWellAgain)
{
    Candidates candidates;
    Random random(1, 1, 1);
    candidates.Merge(Make(1, Source::REDIRECT));
    ASSERT_TRUE(candidates.Next(0, Options(), random));
    candidates.Merge(Make(1, Source::TRACKER));
    EXPECT_FALSE(candidates.HasNext(0)) << "a worse source says nothing new";
    for (const auto source : {Source::REDIRECT, Source::LEASED, Source::LEASED})
    {
        candidates.Merge(Make(1, source));
        EXPECT_TRUE(candidates.Next(0, Options(), random));
        EXPECT_FALSE(candidates.HasNext(0));
    }
}

TEST(FanoutCandidates, TheOldestMakesRoomWhenTheListIsFull)
{
    Candidates candidates;
    for (int i = 0; i < static_cast<int>(Candidates::LIMIT) + 1; i++)
    {
        candidates.Merge(Make(i, Source::TRACKER));
        EXPECT_LE(candidates.GetN(), Candidates::LIMIT);
    }
    EXPECT_EQ(Candidates::LIMIT, 64U);
    const auto order = Round(candidates, With(ScoringMode::RANKED_STRICT), Random(1, 1, 1));
    ASSERT_EQ(order.size(), Candidates::LIMIT);
    EXPECT_EQ(order.front(), 1);
    EXPECT_EQ(order.back(), 64);
}

TEST(FanoutCandidates, NamedOnesComeFirstInTheOrderTheyCameInEveryMode)
{
    for (const auto mode : ALL_MODES)
    {
        for (std::uint64_t seed = 0; seed < 20; seed++)
        {
            Candidates candidates;
            candidates.Merge(Make(9, Source::KNOWN, 0, 99));
            candidates.Merge(Make(8, Source::TRACKER, 0, 99));
            candidates.Merge(Make(6, Source::REDIRECT, 4));
            candidates.Merge(Make(5, Source::REDIRECT, 1, 50));
            candidates.Merge(Make(4, Source::FORMER, 9));
            candidates.Merge(Make(3, Source::LEASED, 9));
            candidates.Merge(Make(2, Source::LEASED, 0, 50));
            auto order = Round(candidates, With(mode), Random(seed, 0, 0));
            ASSERT_EQ(order.size(), 7U);
            order.resize(5);
            EXPECT_EQ(order, (std::vector<int>{3, 2, 4, 6, 5}));
        }
    }
}

TEST(FanoutCandidates, StrictModeGoesByLevelSlotsBidAndId)
{
    Candidates candidates;
    candidates.Merge(Make(1, Source::TRACKER, 3, 9));
    candidates.Merge(Make(2, Source::TRACKER, 2, 1));
    candidates.Merge(Make(3, Source::TRACKER, 2, 7));
    Candidate bidder = Make(5, Source::TRACKER, 2, 7);
    bidder.bid = 10;
    candidates.Merge(bidder);
    candidates.Merge(Make(4, Source::TRACKER, 2, 1));
    candidates.Merge(Make(6, Source::TRACKER, UNATTACHED_LEVEL, 65535));
    candidates.Merge(Make(0, Source::KNOWN, 0, 99));
    EXPECT_EQ(Round(candidates, With(ScoringMode::RANKED_STRICT), Random(1, 1, 1)),
              (std::vector<int>{5, 3, 2, 4, 1, 6, 0}));
}

TEST(FanoutCandidates, EachIsAskedOnceARoundInEveryMode)
{
    for (const auto mode : ALL_MODES)
    {
        Candidates candidates = Graded(20);
        for (int round = 0; round < 3; round++)
        {
            const auto order =
                Round(candidates, With(mode), Random(3, static_cast<std::uint64_t>(round), 0));
            EXPECT_EQ(order.size(), 20U);
            EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 20U);
            EXPECT_FALSE(candidates.HasNext(0));
            candidates.NewRound();
            EXPECT_TRUE(candidates.HasNext(0));
        }
    }
}

TEST(FanoutCandidates, TheSameDrawsGiveTheSameOrder)
{
    for (const auto mode : ALL_MODES)
    {
        std::set<std::vector<int>> orders;
        for (std::uint64_t seed = 0; seed < 20; seed++)
        {
            Candidates one = Graded(12);
            Candidates other = Graded(12);
            const auto order = Round(one, With(mode), Random(seed, 0, 0));
            EXPECT_EQ(order, Round(other, With(mode), Random(seed, 0, 0)));
            orders.insert(order);
        }
        EXPECT_EQ(orders.size(), mode == ScoringMode::RANKED_STRICT ? 1U : 20U);
    }
}

TEST(FanoutCandidates, ShuffleTakesEachOfTheBestEquallyOftenFirst)
{
    std::vector<int> firsts(10);
    for (std::uint64_t seed = 0; seed < 4000; seed++)
    {
        Candidates candidates = Graded(10);
        Random random(seed, 0, 0);
        const auto next = candidates.Next(0, With(ScoringMode::RANKED_SHUFFLE, 4), random);
        firsts[static_cast<std::size_t>(NumberOf(*next))]++;
    }
    for (std::size_t i = 0; i < firsts.size(); i++)
    {
        EXPECT_NEAR(firsts[i], i < 4 ? 1000 : 0, i < 4 ? 120 : 0) << i;
    }
}

TEST(FanoutCandidates, TheRestComesByRankBehindTheBestThatAreDrawn)
{
    for (const auto mode : {ScoringMode::RANKED_SHUFFLE, ScoringMode::WEIGHTED})
    {
        for (std::uint64_t seed = 0; seed < 20; seed++)
        {
            Candidates candidates = Graded(6);
            auto order = Round(candidates, With(mode, 3), Random(seed, 0, 0));
            ASSERT_EQ(order.size(), 6U);
            std::sort(order.begin(), order.begin() + 3);
            ASSERT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5})) << "seed " << seed;
        }
    }
}

TEST(FanoutCandidates, AHeadOfOneOrNoneIsTheRank)
{
    const std::vector<int> ranked{0, 1, 2, 3, 4};
    for (const auto mode : ALL_MODES)
    {
        for (const std::uint16_t topK : {0, 1})
        {
            Candidates candidates = Graded(5);
            EXPECT_EQ(Round(candidates, With(mode, topK), Random(1, 0, 0)), ranked);
        }
    }
}

TEST(FanoutCandidates, WeightsFollowTheirLaw)
{
    const Candidate plain = Make(1, Source::TRACKER, 0, 0);
    Options options = Weightless();
    EXPECT_NEAR(ShareOfFirst(plain, Make(2, Source::TRACKER, 9, 9), options), 0.5, 0.02);

    options.weightLevel = 1; // 1 : 1/(1 + 3)
    EXPECT_NEAR(ShareOfFirst(plain, Make(2, Source::TRACKER, 3), options), 0.8, 0.02);

    options = Weightless();
    options.weightFreeSlots = 0.25; // 1 : 1 + 0.25 x 8
    EXPECT_NEAR(ShareOfFirst(plain, Make(2, Source::TRACKER, 0, 8), options), 0.25, 0.02);

    options = Weightless();
    options.weightBid = 0.5; // 1 : 1 + 0.5 x 2
    Candidate bidder = Make(2, Source::TRACKER, 0, 0);
    bidder.bid = 2;
    EXPECT_NEAR(ShareOfFirst(plain, bidder, options), 1 / 3.0, 0.02);

    options.weightLevel = 1; // the factors multiply: 1 : 1/(1 + 1) x (1 + 0.5 x 2)
    bidder.level = 1;
    EXPECT_NEAR(ShareOfFirst(plain, bidder, options), 0.5, 0.02);

    options = Weightless();
    options.weightSource = 1;
    EXPECT_GT(ShareOfFirst(plain, Make(2, Source::KNOWN, 0, 0), options), 0.53);
}

TEST(FanoutCandidates, WeightsThatAreAllZeroKeepTheRank)
{
    Options options = Weightless();
    options.weightLevel = std::numeric_limits<double>::infinity();
    for (std::uint64_t seed = 0; seed < 10; seed++)
    {
        Candidates candidates;
        for (const int i : {3, 1, 2})
        {
            candidates.Merge(Make(i, Source::TRACKER, static_cast<std::uint16_t>(i)));
        }
        EXPECT_EQ(Round(candidates, options, Random(seed, 0, 0)), (std::vector<int>{1, 2, 3}));
    }
}

TEST(FanoutCandidates, ACoolingOneIsNotAskedBeforeItsTime)
{
    Candidates candidates = Graded(1);
    candidates.Cool(IdOf(0), 5 * SECOND, false);
    Random random(1, 1, 1);
    EXPECT_FALSE(candidates.HasNext(5 * SECOND - 1));
    EXPECT_FALSE(candidates.Next(5 * SECOND - 1, Options(), random));
    candidates.NewRound();
    EXPECT_FALSE(candidates.HasNext(5 * SECOND - 1)) << "a new round ends no cooldown";
    EXPECT_TRUE(candidates.HasNext(5 * SECOND));
    EXPECT_TRUE(candidates.Next(5 * SECOND, Options(), random));
}

TEST(FanoutCandidates, ALeaseEndsTheCooldownOfOneThatAnsweredOnly)
{
    for (const bool silent : {false, true})
    {
        Candidates candidates = Graded(1);
        candidates.Cool(IdOf(0), 5 * SECOND, silent);
        candidates.Merge(Make(0, Source::TRACKER));
        EXPECT_FALSE(candidates.HasNext(0));
        candidates.Merge(Make(0, Source::LEASED));
        EXPECT_EQ(candidates.HasNext(0), !silent);
        EXPECT_TRUE(candidates.HasNext(5 * SECOND));
    }
}

TEST(FanoutCandidates, OneThatFailedLosesItsPlaceAmongTheNamed)
{
    Candidates candidates;
    candidates.Merge(Make(1, Source::LEASED, 5));
    candidates.Merge(Make(2, Source::TRACKER, 2));
    candidates.Merge(Make(3, Source::REDIRECT, 9));
    candidates.Cool(IdOf(1), SECOND, false);
    EXPECT_EQ(Round(candidates, With(ScoringMode::RANKED_STRICT), Random(1, 1, 1), SECOND),
              (std::vector<int>{3, 2, 1}));
}

TEST(FanoutCandidates, ClearGivesTheMemoryBack)
{
    Candidates candidates = Graded(10);
    EXPECT_GE(candidates.HeapBytes(), 10 * sizeof(Candidate));
    candidates.Clear();
    EXPECT_EQ(candidates.GetN(), 0U);
    EXPECT_EQ(candidates.HeapBytes(), 0U);
    EXPECT_FALSE(candidates.HasNext(NEVER));
}

} // namespace
