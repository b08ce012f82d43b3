/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-inline-vector.h"
#include "ns3/fanout-random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

using namespace ns3::fanout;

namespace
{

using Two = InlineVector<int, 2>;

/// @param vector one @return what it holds
std::vector<int>
All(const Two& vector)
{
    return {vector.begin(), vector.end()};
}

/// @param vector one @return whether its elements have their place inside it
bool
IsInside(const Two& vector)
{
    const auto at = reinterpret_cast<const char*>(vector.begin());
    const auto self = reinterpret_cast<const char*>(&vector);
    return at >= self && at < self + sizeof(vector);
}

TEST(FanoutInlineVector, HasItsFirstElementsInside)
{
    Two vector;
    EXPECT_TRUE(vector.empty());
    EXPECT_EQ(vector.size(), 0u);
    vector.push_back(5);
    vector.push_back(6);
    EXPECT_TRUE(IsInside(vector));
    EXPECT_EQ(vector.HeapBytes(), 0u);
    EXPECT_EQ(vector.front(), 5);
    EXPECT_EQ(vector.back(), 6);
    EXPECT_FALSE(vector.empty());
}

TEST(FanoutInlineVector, MovesOutWhenItGrowsAndBackWhenItShrinks)
{
    Two vector;
    for (int i = 0; i < 9; i++)
    {
        vector.push_back(i);
        EXPECT_EQ(IsInside(vector), i < 2) << i;
    }
    EXPECT_GE(vector.HeapBytes(), 9 * sizeof(int));
    EXPECT_LE(vector.HeapBytes(), 18 * sizeof(int));
    EXPECT_EQ(All(vector), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
    vector.erase(vector.begin() + 1, vector.end() - 2);
    EXPECT_FALSE(IsInside(vector));
    EXPECT_EQ(All(vector), (std::vector<int>{0, 7, 8}));
    vector.erase(vector.begin(), vector.begin() + 1);
    EXPECT_TRUE(IsInside(vector));
    EXPECT_EQ(vector.HeapBytes(), 0u);
    EXPECT_EQ(All(vector), (std::vector<int>{7, 8}));
    vector.erase(vector.begin(), vector.begin());
    EXPECT_EQ(vector.size(), 2u);
    vector.erase(vector.begin(), vector.end());
    EXPECT_TRUE(vector.empty());
}

TEST(FanoutInlineVector, TakesOneOfItsOwn)
{
    Two vector;
    vector.push_back(1);
    vector.push_back(2);
    vector.insert(vector.begin(), vector.back());
    vector.insert(vector.begin(), vector.back());
    EXPECT_EQ(All(vector), (std::vector<int>{2, 2, 1, 2}));
}

TEST(FanoutInlineVector, DoesWhatAVectorDoes)
{
    Random random(1, 2, 3);
    Two vector;
    std::vector<int> other;
    for (int i = 0; i < 5000; i++)
    {
        const auto at = static_cast<std::ptrdiff_t>(random.Below(other.size() + 1));
        if (random.Below(9) < 5)
        {
            vector.insert(vector.begin() + at, i);
            other.insert(other.begin() + at, i);
        }
        else
        {
            const auto most = static_cast<std::uint64_t>(other.end() - other.begin() - at);
            const auto n =
                static_cast<std::ptrdiff_t>(random.Below(std::min<std::uint64_t>(most, 3) + 1));
            vector.erase(vector.begin() + at, vector.begin() + at + n);
            other.erase(other.begin() + at, other.begin() + at + n);
        }
        ASSERT_EQ(All(vector), other) << i;
    }
}

} // namespace
