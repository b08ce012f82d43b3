/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-random.h"
#include "ns3/fanout-token-bucket.h"

#include <gtest/gtest.h>

namespace ns3::fanout
{
namespace
{

TEST(FanoutTokenBucket, BeginsFullAndRefillsAtItsRate)
{
    TokenBucket bucket(1000, 500);
    EXPECT_TRUE(bucket.Take(0, 500));
    EXPECT_FALSE(bucket.Take(0, 1));
    EXPECT_FALSE(bucket.Take(999, 1));
    EXPECT_TRUE(bucket.Take(1000, 1));
    EXPECT_DOUBLE_EQ(bucket.Level(101000), 100);
    EXPECT_FALSE(bucket.Take(101000, 101)) << "all or nothing";
    EXPECT_DOUBLE_EQ(bucket.Level(101000), 100);
    EXPECT_DOUBLE_EQ(bucket.Level(100 * SECOND), 500) << "never above the burst";
}

TEST(FanoutTokenBucket, ACostAboveTheBurstPassesWhenFull)
{
    TokenBucket bucket(1000, 500);
    EXPECT_TRUE(bucket.Take(0, 1500));
    EXPECT_DOUBLE_EQ(bucket.Level(0), -1000);
    EXPECT_FALSE(bucket.Take(SECOND, 1));
    EXPECT_FALSE(bucket.Take(1500 * MILLISECOND - 1, 1500));
    EXPECT_TRUE(bucket.Take(1500 * MILLISECOND, 1500));
}

TEST(FanoutTokenBucket, ChargeMakesADebtAndReturnPaysIt)
{
    TokenBucket bucket(1000, 500);
    bucket.Charge(0, 700);
    EXPECT_DOUBLE_EQ(bucket.Level(0), -200);
    bucket.Return(100);
    EXPECT_DOUBLE_EQ(bucket.Level(0), -100);
    bucket.Return(10000);
    EXPECT_DOUBLE_EQ(bucket.Level(0), 500);
}

TEST(FanoutTokenBucket, AReserveIsLeft)
{
    TokenBucket bucket(1000, 500);
    EXPECT_TRUE(bucket.Take(0, 1));
    EXPECT_FALSE(bucket.TakeLeaving(0, 450, 50));
    EXPECT_TRUE(bucket.TakeLeaving(0, 449, 50));
    EXPECT_FALSE(bucket.TakeLeaving(0, 1, 50));
    EXPECT_TRUE(bucket.Take(0, 50));
    EXPECT_TRUE(bucket.TakeLeaving(SECOND, 460, 50)) << "unless it is full";
}

TEST(FanoutTokenBucket, NothingGivesNothing)
{
    TokenBucket bucket(0, 0);
    EXPECT_FALSE(bucket.Take(0, 1));
    EXPECT_FALSE(bucket.Take(1000 * SECOND, 0.001));
    EXPECT_TRUE(bucket.Take(0, 0));
    EXPECT_EQ(bucket.WhenAvailable(5, 1), NEVER);
    TokenBucket once(0, 10);
    EXPECT_EQ(once.WhenAvailable(5, 10), 5);
    EXPECT_TRUE(once.Take(5, 10));
    EXPECT_EQ(once.WhenAvailable(5, 1), NEVER);
}

TEST(FanoutTokenBucket, UnlimitedGivesAll)
{
    TokenBucket bucket = TokenBucket::Unlimited();
    EXPECT_TRUE(bucket.IsUnlimited());
    for (int i = 0; i < 100; i++)
    {
        EXPECT_TRUE(bucket.Take(0, 1e12));
    }
    bucket.Charge(0, 1e18);
    bucket.Return(5);
    EXPECT_EQ(bucket.WhenAvailable(7, 1e9), 7);
    EXPECT_GT(bucket.Level(0), 1e300);
}

TEST(FanoutTokenBucket, ARateBelowOneIsKept)
{
    TokenBucket moves(0.1, 6); // six, then one every ten seconds
    for (int i = 0; i < 6; i++)
    {
        EXPECT_TRUE(moves.Take(0, 1));
    }
    EXPECT_EQ(moves.WhenAvailable(0, 1), 10 * SECOND);
    EXPECT_FALSE(moves.Take(10 * SECOND - 1, 1));
    EXPECT_TRUE(moves.Take(10 * SECOND, 1));
}

TEST(FanoutTokenBucket, WhenAvailableIsExact)
{
    Random random(1, 2, 3);
    for (int i = 0; i < 20000; i++)
    {
        const double rate = 1 + static_cast<double>(random.Below(20000000));
        TokenBucket bucket(rate, static_cast<double>(random.Below(100000)));
        const auto start = static_cast<Micros>(random.Below(1000000));
        bucket.Charge(start, static_cast<double>(random.Below(200000)));
        const double cost = 1 + static_cast<double>(random.Below(3000));
        const double reserve = static_cast<double>(random.Below(2) * random.Below(1000));
        const Micros when = bucket.WhenAvailable(start, cost, reserve);
        ASSERT_GE(when, start);
        TokenBucket early = bucket;
        if (when > start)
        {
            ASSERT_FALSE(early.TakeLeaving(when - 1, cost, reserve));
        }
        ASSERT_TRUE(bucket.TakeLeaving(when, cost, reserve));
    }
}

TEST(FanoutTokenBucket, TenMillionStepsAddUpExactly)
{
    // 1,234.567 bytes/s in steps of 1 to 64 us: a float would have lost the small gains.
    TokenBucket bucket(1234.567, 1e6);
    ASSERT_TRUE(bucket.Take(0, 1e6));
    Random random(4, 5, 6);
    Micros now = 0;
    for (int i = 0; i < 10000000; i++)
    {
        now += 1 + static_cast<Micros>(random.Below(64));
        bucket.Take(now, 2e6); // never there
    }
    EXPECT_NEAR(bucket.Level(now), 1234.567e-6 * static_cast<double>(now), 1e-6);
}

TEST(FanoutTokenBucket, SurvivesLongPausesAndTimeThatStandsOrRunsBack)
{
    TokenBucket bucket(1.25e10, 1.25e9); // 100 Gbit/s
    EXPECT_TRUE(bucket.Take(0, 1.25e9));
    EXPECT_DOUBLE_EQ(bucket.Level(NEVER - 1), 1.25e9);
    EXPECT_TRUE(bucket.Take(NEVER - 1, 1.25e9));
    EXPECT_EQ(bucket.WhenAvailable(NEVER - 1, 1.25e9), NEVER);
    TokenBucket other(1000, 500);
    EXPECT_TRUE(other.Take(SECOND, 500));
    EXPECT_FALSE(other.Take(0, 1));
    EXPECT_EQ(other.WhenAvailable(0, 1), SECOND + 1000);
}

} // namespace
} // namespace ns3::fanout
