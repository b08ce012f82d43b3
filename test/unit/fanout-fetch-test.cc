/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-ids.h"
#include "fanout-world.h"

#include "ns3/fanout-codec.h"
#include "ns3/fanout-fetching.h"

#include <gtest/gtest.h>

#include <functional>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr Micros FRAME_SPACING = 20 * MILLISECOND; ///< of the stream

Backup
BackupAt(std::uint8_t number)
{
    Backup backup;
    backup.peer = IdOf(number);
    backup.endpoint.ip = number;
    backup.endpoint.port = 4001;
    return backup;
}

/// @return each source is worth as much
double
Alike(const Fetching::Source&)
{
    return 1;
}

/// @return every link is as far
Micros
Far(LinkId)
{
    return 100 * MILLISECOND;
}

TEST(Fetching, AsksWhoGaveMoreAndWhoIsNearer)
{
    Fetching fetching(1e6);
    fetching.Offer({BackupAt(1), BackupAt(2), BackupAt(3)}, PeerId());
    const auto newOnes = [](LinkId link) { return link == NO_LINK ? 0 : 100 * MILLISECOND; };
    for (std::uint8_t i = 1; i <= 3; i++)
    {
        Fetching::Source* source = fetching.Best(i, NO_LINK, newOnes, Alike);
        ASSERT_TRUE(source);
        source->link = i;
        fetching.Asked(*source, 4, i);
        fetching.Answered(*source, i == 2 ? 4 : 0);
    }
    EXPECT_EQ(fetching.Best(10, NO_LINK, Far, Alike)->link, 2u);
    EXPECT_NE(fetching.Best(10, 2, Far, Alike)->link, 2u) << "another one, when there is one";
    const auto near = [](LinkId link) { return link == 3 ? MILLISECOND : 100 * MILLISECOND; };
    EXPECT_EQ(fetching.Best(10, NO_LINK, near, Alike)->link, 3u);
}

TEST(Fetching, OneThatKeepsSilentRestsAndItsLinkIsLetGo)
{
    Fetching fetching(1e6);
    fetching.Offer({BackupAt(1)}, PeerId());
    Fetching::Source* source = fetching.Best(SECOND, NO_LINK, Far, Alike);
    source->link = 7;
    fetching.Asked(*source, 1, SECOND);
    EXPECT_TRUE(fetching.TakeIdle(2 * SECOND).empty());
    EXPECT_EQ(fetching.TakeIdle(2 * SECOND + 1), (std::vector<LinkId>{7}));
    EXPECT_FALSE(fetching.IsUsable(2 * SECOND + 1));
    EXPECT_TRUE(fetching.IsUsable(2 * SECOND + 1 + Fetching::COOLDOWN));
    EXPECT_FALSE(fetching.HasLinks());
}

TEST(Fetching, ALinkThatIsNotUsedIsLetGoAndMayBeUsedAgain)
{
    Fetching fetching(1e6);
    fetching.Offer({BackupAt(1)}, PeerId());
    Fetching::Source* source = fetching.Best(SECOND, NO_LINK, Far, Alike);
    source->link = 7;
    fetching.Asked(*source, 1, SECOND);
    fetching.Answered(*source, 1);
    EXPECT_TRUE(fetching.TakeIdle(SECOND + Fetching::IDLE).empty());
    EXPECT_EQ(fetching.TakeIdle(SECOND + Fetching::IDLE + 1).size(), 1u);
    EXPECT_TRUE(fetching.IsUsable(SECOND + Fetching::IDLE + 1));
}

TEST(Fetching, KeepsFewSourcesOnceEachAndAsksWithinItsBudget)
{
    Fetching fetching(1e5);
    for (std::uint8_t i = 1; i < 40; i++)
    {
        fetching.Offer({BackupAt(i), BackupAt(1)}, PeerId());
    }
    EXPECT_LE(fetching.HeapBytes(), 2 * Fetching::LIMIT * sizeof(Fetching::Source));
    double taken = 0;
    while (fetching.Afford(0, 1000))
    {
        taken += 1000;
    }
    EXPECT_LE(taken, Fetching::BUDGET_BURST);
    EXPECT_FALSE(fetching.Afford(20 * MILLISECOND, 1000)) << "a tenth of the stream";
    EXPECT_TRUE(fetching.Afford(200 * MILLISECOND, 1000));
}

/// A tracker, a root, relays with leaves below.
struct Net
{
    explicit Net(const std::function<void(Options&)>& change = {}, const WorldConfig& config = {})
        : world(config)
    {
        const auto make = [&](std::uint16_t children)
        {
            auto options = MakeOptions(children);
            if (change)
            {
                change(*options);
            }
            return options;
        };
        world.SetTrackers(1);
        world.Add(make(0));
        world.SetRoot(world.Add(make(3)));
        world.Join(1);
        for (int i = 0; i < 12; i++)
        {
            world.Join(world.Add(make(i < 3 ? 3 : 0)));
            world.RunUntil(world.Now() + 700 * MILLISECOND);
        }
        world.onEvent = [this](std::uint32_t self, const Event& event)
        {
            if (const auto* deliver = std::get_if<DeliverEvent>(&event))
            {
                fetched += deliver->path == DeliveryPath::FETCH;
                latest[self] = std::max(latest[self], deliver->latency);
            }
        };
        world.onFrame = [this](std::uint32_t, std::uint32_t, const FrameRef& frame)
        { sent[frame->Kind() % MAX_KINDS]++; };
    }

    void
    PublishFor(Micros time)
    {
        const Micros until = world.Now() + time;
        while (world.Now() < until)
        {
            world.Publish();
            world.RunUntil(world.Now() + FRAME_SPACING);
            published++;
        }
    }

    std::uint32_t
    Sent(Kind kind) const
    {
        return sent[static_cast<std::size_t>(kind)];
    }

    World world;
    std::uint32_t sent[MAX_KINDS]{};
    std::map<std::uint32_t, Micros> latest;
    std::uint32_t fetched{0};
    std::uint32_t published{0};
};

TEST(Fetch, WhoHasNoParentHearsOfTheStreamFromItsNeighbours)
{
    for (const bool neighbours : {true, false})
    {
        Net net([=](Options& options) { options.neighbours = neighbours; });
        ASSERT_GT(net.world.Status(2).children, 0);
        net.PublishFor(SECOND);
        // Without it there is room for one of its three leaves.
        net.world.SetOffline(2, true, true);
        net.PublishFor(2 * SECOND);
        EXPECT_EQ(net.fetched > 0, neighbours) << net.fetched;
        EXPECT_EQ(net.Sent(Kind::FETCH_REQ) > 0, neighbours);
        EXPECT_EQ(net.world.Breach(), "");
    }
}

TEST(Fetch, WhatTheParentLacksIsHadFromANeighbour)
{
    WorldConfig config;
    config.dataLoss = 0.3;
    Net net({}, config);
    net.PublishFor(6 * SECOND);
    net.world.End();
    net.world.RunUntil(net.world.Now() + 6 * SECOND);
    EXPECT_GT(net.fetched, 5u);
    for (std::uint32_t peer = 2; peer < net.world.GetN(); peer++)
    {
        EXPECT_EQ(net.world.Delivered(peer).size(), net.published) << "peer " << peer;
    }
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Fetch, AStrangerIsServedWhenItHasAnsweredAndWithinABudget)
{
    Net net;
    net.PublishFor(SECOND);
    const std::uint32_t leaf = static_cast<std::uint32_t>(net.world.GetN() - 1);
    const int parent = net.world.IndexOf(net.world.Status(leaf).parent);
    const std::uint32_t relay = parent == 2 ? 3 : 2;
    std::uint32_t served = 0;
    std::uint32_t nonce = 0;
    net.world.onFrame = [&](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    {
        if (from != relay || to != leaf)
        {
            return;
        }
        served += frame->IsData();
        if (const auto alive = Decode<Alive>(frame->Data()))
        {
            nonce = alive->echo;
        }
    };
    FetchReq fetch;
    fetch.seqs = {1, 2, 3};
    net.world.Inject(leaf, relay, Signed(net.world, leaf, fetch));
    EXPECT_EQ(served, 0u);
    ASSERT_NE(nonce, 0u);
    Alive answer;
    answer.echo = nonce + 2;
    net.world.Inject(leaf, relay, Signed(net.world, leaf, answer));
    net.world.Inject(leaf, relay, Signed(net.world, leaf, fetch));
    EXPECT_EQ(served, 0u) << "a guess";
    answer.echo = nonce;
    net.world.Inject(leaf, relay, Signed(net.world, leaf, answer));
    net.world.Inject(leaf, relay, Signed(net.world, leaf, fetch));
    EXPECT_EQ(served, 3u);
    for (std::uint32_t i = 0; i < 600; i++)
    {
        fetch.seqs = {i % 40};
        net.world.Inject(leaf, relay, Signed(net.world, leaf, fetch));
    }
    EXPECT_LT(served, 450u);
    EXPECT_GT(net.world.commons.ledger.repairRefused, 100u);
}

TEST(Fetch, DataThatWasNotAskedForIsRefused)
{
    Net net;
    net.PublishFor(SECOND);
    const std::uint32_t leaf = static_cast<std::uint32_t>(net.world.GetN() - 1);
    const int parent = net.world.IndexOf(net.world.Status(leaf).parent);
    const std::uint32_t relay = parent == 2 ? 3 : 2;
    const auto before = net.world.Status(leaf).nextSeq;
    net.world.Publish();
    FrameRef data;
    net.world.onFrame = [&](std::uint32_t, std::uint32_t, const FrameRef& frame)
    { data = frame->IsData() ? frame : data; };
    net.world.Publish();
    ASSERT_TRUE(data);
    net.world.Inject(relay, leaf, data);
    EXPECT_EQ(net.world.Status(leaf).nextSeq, before);
    EXPECT_GT(net.world.commons.ledger.strayData, 0u);
}

} // namespace
