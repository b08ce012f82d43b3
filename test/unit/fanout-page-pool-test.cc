/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-page-pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

using namespace ns3::fanout;

namespace
{

/// @param memory a piece @return its address
std::uintptr_t
AddressOf(const void* memory)
{
    return reinterpret_cast<std::uintptr_t>(memory);
}

TEST(FanoutPagePool, NothingCrossesTheEndOfAPage)
{
    PagePool pool;
    std::vector<std::pair<void*, std::size_t>> pieces;
    std::set<std::uintptr_t> pages;
    for (std::size_t i = 0; i < 30000; i++)
    {
        const std::size_t bytes = 1 + i * 769 % PagePool::PAGE_BYTES;
        void* memory = pool.Allocate(bytes);
        const auto begin = AddressOf(memory);
        ASSERT_EQ(begin % PagePool::ALIGNMENT, 0u);
        if (PagePool::POOLED)
        {
            ASSERT_EQ(begin / PagePool::PAGE_BYTES, (begin + bytes - 1) / PagePool::PAGE_BYTES);
        }
        std::memset(memory, static_cast<int>(i % 251), bytes);
        pieces.emplace_back(memory, bytes);
        pages.insert(begin / PagePool::PAGE_BYTES);
    }
    EXPECT_GT(pages.size(), 10000u);
    for (std::size_t i = 0; i < pieces.size(); i++)
    {
        const auto* bytes = static_cast<const unsigned char*>(pieces[i].first);
        ASSERT_EQ(bytes[0], i % 251) << "nobody else wrote there";
        ASSERT_EQ(bytes[pieces[i].second - 1], i % 251) << "nobody else wrote there";
        pool.Free(pieces[i].first, pieces[i].second);
    }
}

TEST(FanoutPagePool, WhatIsAskedForTogetherLiesTogether)
{
    if (!PagePool::POOLED)
    {
        GTEST_SKIP() << "the usual heap";
    }
    PagePool pool;
    for (int i = 0; i < 300; i++)
    {
        const auto small = AddressOf(pool.Allocate(168));
        const auto large = AddressOf(pool.Allocate(1160));
        EXPECT_EQ(large, small + 176);
        EXPECT_EQ(small % PagePool::PAGE_BYTES, i % 3 * 1344u) << "three of them a page, no gaps";
    }
    EXPECT_EQ(pool.GetUsedBytes(), 99 * PagePool::PAGE_BYTES + 3 * 1344);
}

TEST(FanoutPagePool, WhatWasFreedIsUsedAgainForTheSameSize)
{
    if (!PagePool::POOLED)
    {
        GTEST_SKIP() << "the usual heap";
    }
    PagePool pool;
    void* first = pool.Allocate(333);
    void* second = pool.Allocate(333);
    EXPECT_EQ(pool.GetUsedBytes(), 672u);
    pool.Free(first, 333);
    pool.Free(second, 333);
    pool.Free(nullptr, 333);
    EXPECT_EQ(pool.GetUsedBytes(), 0u);
    EXPECT_EQ(AddressOf(pool.Allocate(353)), AddressOf(second) + 336) << "another size";
    EXPECT_EQ(pool.Allocate(336), second);
    EXPECT_EQ(pool.Allocate(330), first);
    EXPECT_NE(pool.Allocate(333), first);
    EXPECT_EQ(pool.GetUsedBytes(), 3 * 336u + 368u);
}

TEST(FanoutPagePool, WhatIsLargerThanAPageIsElsewhere)
{
    PagePool pool;
    void* large = pool.Allocate(PagePool::PAGE_BYTES + 1);
    std::memset(large, 1, PagePool::PAGE_BYTES + 1);
    EXPECT_EQ(pool.GetUsedBytes(), 0u);
    pool.Free(large, PagePool::PAGE_BYTES + 1);
}

} // namespace
