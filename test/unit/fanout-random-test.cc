/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-random.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace
{

using namespace ns3::fanout;

std::vector<std::uint64_t>
Draws(Random random, std::size_t n)
{
    std::vector<std::uint64_t> draws;
    for (std::size_t i = 0; i < n; i++)
    {
        draws.push_back(random.Next());
    }
    return draws;
}

TEST(FanoutRandom, MixingIsThatOfSplitMix64)
{
    // The published generator's first outputs from seed 0.
    constexpr std::uint64_t STEP = 0x9e3779b97f4a7c15ULL;
    EXPECT_EQ(Mix64(0), 0xe220a8397b1dcdafULL);
    EXPECT_EQ(Mix64(STEP), 0x6e789e6aa1b965f4ULL);
    EXPECT_EQ(Mix64(2 * STEP), 0x06c45d188009454fULL);
    EXPECT_EQ(Mix64(3 * STEP), 0xf88bb8a8724c81ecULL);
}

TEST(FanoutRandom, DrawsFollowFromKeyPeerPurposeAndCountAlone)
{
    const auto draws = Draws(Random(1, 2, 3), 20);
    Random one(1, 2, 3);
    Random other(1, 3, 3);
    for (std::size_t i = 0; i < draws.size(); i++)
    {
        for (std::size_t k = 0; k < i; k++)
        {
            other.Next();
        }
        EXPECT_EQ(one.Next(), draws[i]) << "draw " << i;
    }
    EXPECT_NE(Draws(Random(2, 2, 3), 20), draws);
    EXPECT_NE(Draws(Random(1, 1, 3), 20), draws);
    EXPECT_NE(Draws(Random(1, 2, 4), 20), draws);
}

TEST(FanoutRandom, ACopyContinuesWhereItsOriginalStands)
{
    Random original(5, 6, 7);
    original.Next();
    Random copy = original;
    EXPECT_EQ(copy.Next(), original.Next());
    EXPECT_EQ(sizeof(Random), 16U);
}

TEST(FanoutRandom, NoTwoPeersOrPurposesShareADraw)
{
    std::set<std::uint64_t> seen;
    for (std::uint64_t peer = 0; peer < 100; peer++)
    {
        for (std::uint64_t purpose = 0; purpose < 10; purpose++)
        {
            for (const std::uint64_t draw : Draws(Random(42, peer, purpose), 10))
            {
                EXPECT_TRUE(seen.insert(draw).second) << "peer " << peer;
            }
        }
    }
}

TEST(FanoutRandom, UniformIsEvenOverZeroToOne)
{
    Random random(1, 0, 0);
    std::array<int, 10> tenths{};
    for (int i = 0; i < 20000; i++)
    {
        const double x = random.Uniform();
        ASSERT_GE(x, 0);
        ASSERT_LT(x, 1);
        tenths[static_cast<std::size_t>(x * 10)]++;
    }
    for (const int count : tenths)
    {
        EXPECT_NEAR(count, 2000, 200);
    }
}

TEST(FanoutRandom, BelowIsEvenAndStaysBelowItsBound)
{
    Random random(1, 0, 1);
    EXPECT_EQ(random.Below(1), 0U);
    std::array<int, 7> counts{};
    for (int i = 0; i < 14000; i++)
    {
        const auto x = random.Below(counts.size());
        ASSERT_LT(x, counts.size());
        counts[x]++;
    }
    for (const int count : counts)
    {
        EXPECT_NEAR(count, 2000, 200);
    }
    const std::uint64_t huge = ~std::uint64_t{0};
    bool upperHalf = false;
    for (int i = 0; i < 100; i++)
    {
        const auto x = random.Below(huge);
        EXPECT_LT(x, huge);
        upperHalf = upperHalf || x > huge / 2;
    }
    EXPECT_TRUE(upperHalf);
}

TEST(FanoutRandom, JitterStaysInItsSpreadAndUsesAllOfIt)
{
    Random random(1, 0, 2);
    EXPECT_EQ(random.Jitter(0), 1);
    double least = 2;
    double most = 0;
    for (int i = 0; i < 5000; i++)
    {
        const double factor = random.Jitter(0.5);
        ASSERT_GE(factor, 0.5);
        ASSERT_LT(factor, 1.5);
        least = std::min(least, factor);
        most = std::max(most, factor);
    }
    EXPECT_LT(least, 0.51);
    EXPECT_GT(most, 1.49);
}

TEST(FanoutRandom, ShuffleMovesTheFirstOnesOnly)
{
    Random random(1, 0, 3);
    std::vector<int> items{0, 1, 2, 3, 4, 5, 6, 7};
    const auto original = items;
    random.Shuffle(items.begin(), 0);
    random.Shuffle(items.begin(), 1);
    EXPECT_EQ(items, original);
    bool moved = false;
    for (int i = 0; i < 20; i++)
    {
        random.Shuffle(items.begin(), 5);
        moved = moved || items != original;
        EXPECT_TRUE(std::is_permutation(items.begin(), items.begin() + 5, original.begin()));
        EXPECT_TRUE(std::equal(items.begin() + 5, items.end(), original.begin() + 5));
    }
    EXPECT_TRUE(moved);
}

TEST(FanoutRandom, ShuffleMakesEveryOrderEquallyOften)
{
    Random random(1, 0, 4);
    std::map<std::string, int> orders;
    for (int i = 0; i < 6000; i++)
    {
        std::string items = "abc";
        random.Shuffle(items.begin(), items.size());
        orders[items]++;
    }
    ASSERT_EQ(orders.size(), 6U);
    for (const auto& [order, count] : orders)
    {
        EXPECT_NEAR(count, 1000, 150) << order;
    }
}

} // namespace
