/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "ns3/fanout-codec.h"
#include "ns3/fanout-window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

/// A world with trackers, a root and members, ready to publish.
struct Fleet
{
    Fleet(const WorldConfig& config,
          std::uint32_t members,
          std::uint16_t rootChildren,
          std::uint16_t relayChildren,
          std::uint32_t relayEvery = 4,
          std::function<void(Options&)> change = {})
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
        root = world.Add(make(rootChildren));
        world.SetRoot(root);
        world.Join(root);
        for (std::uint32_t i = 0; i < members; i++)
        {
            const bool relay = relayEvery > 0 && i % relayEvery == 0;
            first = i == 0 ? world.Add(make(relay ? relayChildren : 0)) : first;
            const std::uint32_t peer = i == 0 ? first : world.Add(make(relay ? relayChildren : 0));
            world.Join(peer);
            last = peer;
        }
    }

    std::uint32_t
    Attached() const
    {
        std::uint32_t n = 0;
        for (std::uint32_t peer = first; peer <= last; peer++)
        {
            n += world.Status(peer).attached;
        }
        return n;
    }

    void
    PublishMany(int messages, Micros interval = 20 * MILLISECOND)
    {
        for (int i = 0; i < messages; i++)
        {
            world.Publish();
            world.RunUntil(world.Now() + interval);
        }
    }

    std::size_t
    DeliveredInAll() const
    {
        std::size_t n = 0;
        for (std::uint32_t peer = first; peer <= last; peer++)
        {
            n += world.Delivered(peer).size();
        }
        return n;
    }

    World world;
    std::uint32_t root{0};
    std::uint32_t first{0};
    std::uint32_t last{0};
};

TEST(Protocol, EveryoneJoinsAndGetsEveryMessageOnce)
{
    Fleet fleet(WorldConfig{}, 20, 64, 32);
    fleet.world.RunUntil(2 * SECOND);
    EXPECT_EQ(fleet.Attached(), 20u);
    fleet.PublishMany(50);
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.DeliveredInAll(), 20u * 50u);
    EXPECT_EQ(fleet.world.commons.ledger.duplicates, 0u);
    EXPECT_EQ(fleet.world.commons.ledger.dataPayloadBytesSent, 20u * 50u * 64u);
    EXPECT_EQ(fleet.world.Breach(), "");
    for (std::uint32_t peer = fleet.first; peer <= fleet.last; peer++)
    {
        EXPECT_TRUE(fleet.world.Status(peer).ended);
        EXPECT_EQ(fleet.world.Status(peer).end, 50u);
    }
}

TEST(Protocol, AParentKnowsHowFarItsChildrenAre)
{
    Fleet fleet(WorldConfig{}, 20, 64, 32);
    fleet.world.RunUntil(2 * SECOND);
    ASSERT_EQ(fleet.Attached(), 20u);
    float nearest = 1e9;
    float farthest = 0;
    for (std::uint32_t peer = fleet.first; peer <= fleet.last; peer++)
    {
        const Neighbour* above = fleet.world.At(peer).GetLinks().Find(fleet.root);
        const Neighbour* below = fleet.world.At(fleet.root).GetLinks().Find(peer);
        ASSERT_TRUE(above && below);
        EXPECT_NEAR(below->srtt, above->srtt, 0.1f * above->srtt + 1000) << peer;
        nearest = std::min(nearest, below->srtt);
        farthest = std::max(farthest, below->srtt);
    }
    EXPECT_GT(farthest, 2 * nearest) << "the typical one would not do";
}

TEST(Protocol, ADeepTreeFormsWhenTheRootIsSmall)
{
    Fleet fleet(WorldConfig{}, 60, 4, 4, 2);
    fleet.world.RunUntil(5 * SECOND);
    EXPECT_EQ(fleet.Attached(), 60u);
    fleet.PublishMany(20);
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.DeliveredInAll(), 60u * 20u);
    EXPECT_EQ(fleet.world.Breach(), "");
}

TEST(Protocol, LossIsRepairedWithTheRootsOwnBytes)
{
    WorldConfig config;
    config.dataLoss = 0.1;
    Fleet fleet(config, 30, 8, 4, 2);
    std::map<std::uint32_t, Bytes> originals;
    bool same = true;
    fleet.world.onFrame = [&](std::uint32_t, std::uint32_t, const FrameRef& frame)
    {
        if (frame->IsData())
        {
            const Bytes wire(frame->Wire().begin(), frame->Wire().end());
            same = same && originals.emplace(frame->Seq(), wire).first->second == wire;
        }
    };
    fleet.world.RunUntil(4 * SECOND);
    ASSERT_EQ(fleet.Attached(), 30u);
    fleet.PublishMany(200);
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 5 * SECOND);
    const Ledger& ledger = fleet.world.commons.ledger;
    EXPECT_EQ(fleet.DeliveredInAll(), 30u * 200u);
    EXPECT_TRUE(same);
    EXPECT_GT(ledger.repairFilled, 300u);
    EXPECT_EQ(ledger.givenUp, 0u);
    EXPECT_LT(ledger.dataPayloadBytesSent, 30u * 200u * 64u * 1.16);
    EXPECT_EQ(fleet.world.Breach(), "");
}

TEST(Protocol, TheLastMessageIsNotLostWithoutAnEnd)
{
    WorldConfig config;
    Fleet fleet(config, 1, 4, 0, 0);
    fleet.world.RunUntil(SECOND);
    fleet.PublishMany(10);
    fleet.world.RunUntil(fleet.world.Now() + SECOND);
    fleet.world.SetOneWayDead(fleet.root, fleet.first, true);
    fleet.world.Publish();
    fleet.world.RunUntil(fleet.world.Now() + 30 * MILLISECOND);
    fleet.world.RunUntil(fleet.world.Now() + 160 * MILLISECOND);
    fleet.world.SetOneWayDead(fleet.root, fleet.first, false);
    EXPECT_EQ(fleet.world.Delivered(fleet.first).size(), 10u);
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.world.Delivered(fleet.first).size(), 11u);
}

TEST(Protocol, ARelayThatDiesSilentlyIsLeftByItsChildren)
{
    Fleet fleet(WorldConfig{}, 12, 2, 8, 2);
    fleet.world.RunUntil(3 * SECOND);
    ASSERT_EQ(fleet.Attached(), 12u);
    const auto top = fleet.world.At(fleet.root).Children(0);
    ASSERT_FALSE(top.empty());
    fleet.PublishMany(50);
    const auto relay = static_cast<std::uint32_t>(fleet.world.IndexOf(top.front()));
    ASSERT_GT(fleet.world.Status(relay).children, 0);
    fleet.world.SetOffline(relay, true, false);
    fleet.PublishMany(150);
    for (std::uint32_t peer = fleet.first; peer <= fleet.last; peer++)
    {
        if (peer != relay)
        {
            EXPECT_TRUE(fleet.world.Status(peer).attached) << "peer " << peer;
            EXPECT_NE(fleet.world.IndexOf(fleet.world.Status(peer).parent), int(relay));
        }
    }
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 4 * SECOND);
    for (std::uint32_t peer = fleet.first; peer <= fleet.last; peer++)
    {
        if (peer != relay)
        {
            EXPECT_EQ(fleet.world.Delivered(peer).size(), 200u) << "peer " << peer;
        }
    }
    EXPECT_GT(fleet.world.commons.ledger.reparentStale, 0u);
    EXPECT_EQ(fleet.world.Breach(), "");
}

TEST(Protocol, APeerThatIsOfflineItselfKeepsItsParent)
{
    Fleet fleet(WorldConfig{}, 8, 16, 8, 2);
    fleet.world.RunUntil(2 * SECOND);
    fleet.PublishMany(50);
    fleet.world.SetOffline(fleet.last, true, false);
    fleet.PublishMany(50);
    fleet.world.SetOffline(fleet.last, false, false);
    fleet.PublishMany(50);
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.world.commons.ledger.reparentStale, 0u);
    EXPECT_EQ(fleet.world.Delivered(fleet.last).size(), 150u);
}

TEST(Protocol, NotifiedChurnEndsWithEverythingDelivered)
{
    WorldConfig config;
    config.dataLoss = 0.01;
    Fleet fleet(config, 40, 4, 8, 3);
    fleet.world.RunUntil(3 * SECOND);
    ASSERT_EQ(fleet.Attached(), 40u);
    Random random(7, 7, 7);
    for (int round = 0; round < 10; round++)
    {
        const auto victim =
            fleet.first + static_cast<std::uint32_t>(random.Below(fleet.last - fleet.first + 1));
        fleet.world.SetOffline(victim, true, true);
        fleet.PublishMany(25);
        fleet.world.SetOffline(victim, false, true);
        fleet.PublishMany(25);
    }
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 5 * SECOND);
    EXPECT_EQ(fleet.Attached(), 40u);
    EXPECT_EQ(fleet.DeliveredInAll(), 40u * 500u);
    EXPECT_EQ(fleet.world.Breach(), "");
}

TEST(Protocol, ALateJoinerIsToldTheEndAndFetchesWhatItMissed)
{
    Fleet fleet(WorldConfig{}, 4, 16, 0, 0);
    fleet.world.RunUntil(SECOND);
    fleet.PublishMany(3);
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + SECOND);
    const auto late = fleet.world.Add(MakeOptions(0));
    fleet.world.Join(late);
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.world.Status(late).end, 3u);
    EXPECT_EQ(fleet.world.Delivered(late).size(), 3u);
}

TEST(Protocol, LeavingFreesTheParentsSlot)
{
    Fleet fleet(WorldConfig{}, 3, 8, 0, 0);
    fleet.world.RunUntil(SECOND);
    EXPECT_EQ(fleet.world.Status(fleet.root).children, 3);
    fleet.world.Leave(fleet.last);
    fleet.world.RunUntil(fleet.world.Now() + SECOND);
    EXPECT_EQ(fleet.world.Status(fleet.root).children, 2);
    EXPECT_FALSE(fleet.world.Status(fleet.last).open);
}

TEST(Protocol, RedirectsLeadToARelayWithoutAnyTracker)
{
    World world(WorldConfig{});
    const auto root = world.Add(MakeOptions(1));
    world.SetRoot(root);
    world.Join(root);
    const auto relay = world.Add(MakeOptions(4));
    world.Join(relay);
    world.RunUntil(SECOND);
    const auto leaf = world.Add(MakeOptions(0));
    world.Join(leaf);
    world.RunUntil(3 * SECOND);
    EXPECT_EQ(world.IndexOf(world.Status(relay).parent), int(root));
    EXPECT_EQ(world.IndexOf(world.Status(leaf).parent), int(relay));
    EXPECT_EQ(world.Status(leaf).level, 2);
}

TEST(Protocol, AHigherBidDisplacesOnlyWhereKickingIsAllowed)
{
    for (const bool allow : {false, true})
    {
        World world(WorldConfig{});
        auto rootOptions = MakeOptions(1);
        rootOptions->allowKick = allow;
        const auto root = world.Add(rootOptions);
        world.SetRoot(root);
        world.Join(root);
        const auto poor = world.Add(MakeOptions(4));
        world.Join(poor);
        world.RunUntil(SECOND);
        auto bidder = MakeOptions(4);
        bidder->bidPerByte = 5;
        const auto rich = world.Add(bidder);
        world.Join(rich);
        world.RunUntil(6 * SECOND);
        const auto children = world.At(root).Children(0);
        ASSERT_EQ(children.size(), 1u);
        EXPECT_EQ(world.IndexOf(children[0]), int(allow ? rich : poor));
        EXPECT_TRUE(world.Status(poor).attached);
        EXPECT_TRUE(world.Status(rich).attached);
    }
}

TEST(Protocol, TheFirstJoinGivesUpAfterItsTimeout)
{
    World world(WorldConfig{});
    const auto root = world.Add(MakeOptions(1));
    world.SetRoot(root);
    auto options = MakeOptions(0);
    options->joinTimeout = 2 * SECOND;
    const auto leaf = world.Add(options);
    world.Join(leaf);
    world.RunUntil(10 * SECOND);
    EXPECT_FALSE(world.Status(leaf).attached);
    const auto frames = world.Frames();
    world.RunUntil(20 * SECOND);
    EXPECT_EQ(world.Frames(), frames);
}

TEST(Protocol, SameSeedSameTranscript)
{
    const auto run = [](std::uint64_t seed)
    {
        WorldConfig config;
        config.seed = seed;
        config.dataLoss = 0.05;
        Fleet fleet(config, 25, 4, 4, 2);
        fleet.world.keepTranscript = true;
        fleet.world.RunUntil(2 * SECOND);
        fleet.PublishMany(40);
        fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
        return fleet.world.Transcript();
    };
    const auto one = run(1);
    EXPECT_GT(one.size(), 1000u);
    EXPECT_EQ(one, run(1));
    EXPECT_NE(one, run(2));
}

TEST(Protocol, WithTheExtensionOffOnlyTheReferencesFramesAreSent)
{
    WorldConfig config;
    config.dataLoss = 0.05;
    Fleet fleet(config, 20, 4, 4, 2, [](Options& options) { options.extension = false; });
    bool plain = true;
    fleet.world.onFrame = [&](std::uint32_t, std::uint32_t, const FrameRef& frame)
    {
        const ByteView data = frame->Data();
        plain = plain && frame->Kind() <= 41;
        for (std::size_t i = 33; !frame->IsData() && i + 1 < data.size(); i++)
        {
            plain = plain && !(data[i] == 0xf7 && data[i + 1] == 0x50);
        }
    };
    fleet.world.RunUntil(5 * SECOND);
    EXPECT_EQ(fleet.Attached(), 20u);
    fleet.PublishMany(60);
    fleet.world.End();
    fleet.world.RunUntil(fleet.world.Now() + 4 * SECOND);
    EXPECT_TRUE(plain);
    EXPECT_EQ(fleet.DeliveredInAll(), 20u * 60u);
    EXPECT_EQ(fleet.world.Breach(), "");
}

TEST(Protocol, ReorderingDoesNotBringAFloodOfRepairs)
{
    WorldConfig config;
    config.jitter = 30 * MILLISECOND;
    Fleet fleet(config, 10, 16, 0, 0);
    fleet.world.RunUntil(2 * SECOND);
    fleet.PublishMany(200, 10 * MILLISECOND);
    fleet.world.RunUntil(fleet.world.Now() + 2 * SECOND);
    EXPECT_EQ(fleet.DeliveredInAll(), 10u * 200u);
    EXPECT_LT(fleet.world.commons.ledger.duplicates, 100u);
}

TEST(Protocol, AnAttachedLeafIsSmall)
{
    Fleet fleet(WorldConfig{}, 40, 16, 8);
    fleet.world.RunUntil(3 * SECOND);
    fleet.PublishMany(20);
    fleet.world.RunUntil(fleet.world.Now() + SECOND);
    const std::uint32_t leaf = fleet.first + 1;
    ASSERT_TRUE(fleet.world.Status(leaf).attached);
    EXPECT_LE(fleet.world.At(leaf).MemoryBytes(), 1016u);
}

TEST(Protocol, ARelayWithAllItsChildrenStaysBelowTwelveKilobytes)
{
    Fleet fleet(WorldConfig{}, 41, 1, 40, 41);
    fleet.world.RunUntil(3 * SECOND);
    fleet.PublishMany(20);
    ASSERT_GE(fleet.world.Status(fleet.first).children, 32u);
    EXPECT_LE(fleet.world.At(fleet.first).MemoryBytes(), 12000u);
}

TEST(Protocol, EarningsAreTheSameToldOrNot)
{
    std::vector<std::uint64_t> earned;
    for (const bool told : {true, false})
    {
        std::uint32_t bid = 0;
        Fleet fleet(WorldConfig{}, 20, 64, 32, 4, [&bid](Options& o) { o.bidPerByte = bid++ % 3; });
        if (!told)
        {
            fleet.world.commons.wanted.Remove<EarningsEvent>();
        }
        fleet.world.RunUntil(2 * SECOND);
        fleet.PublishMany(30);
        fleet.world.RunUntil(fleet.world.Now() + SECOND);
        std::uint64_t sum = 0;
        for (std::uint32_t peer = fleet.root; peer <= fleet.last; peer++)
        {
            sum += fleet.world.At(peer).Counters().earnings;
        }
        EXPECT_EQ(sum, fleet.world.commons.ledger.earnings);
        earned.push_back(sum);
    }
    EXPECT_GT(earned[0], 0u);
    EXPECT_EQ(earned[0], earned[1]);
}

TEST(Protocol, PrefetchingChangesNothing)
{
    Fleet fleet(WorldConfig{}, 2, 16, 0, 0);
    const auto prefetch = [&](std::uint32_t peer, LinkId link)
    {
        fleet.world.At(peer).Prefetch(1, link);
        fleet.world.At(peer).Prefetch(2, link);
    };
    prefetch(fleet.first, NO_LINK);
    prefetch(fleet.first, 7);
    fleet.world.RunUntil(2 * SECOND);
    for (int i = 0; i < 20; i++)
    {
        for (LinkId link = 0; link < 20; link++)
        {
            prefetch(fleet.root, link);
            prefetch(fleet.first, link);
        }
        prefetch(fleet.root, NO_LINK);
        fleet.PublishMany(1);
    }
    fleet.world.RunUntil(fleet.world.Now() + SECOND);
    EXPECT_EQ(fleet.world.Delivered(fleet.first).size(), 20u);
    EXPECT_EQ(fleet.world.Delivered(fleet.last).size(), 20u);
}

TEST(Protocol, AQuietLeafWakesAtMostFourTimesASecond)
{
    Fleet fleet(WorldConfig{}, 1, 16, 0, 0);
    fleet.world.RunUntil(2 * SECOND);
    fleet.PublishMany(100);
    const auto before = fleet.world.Wakes(fleet.first);
    fleet.PublishMany(500);
    EXPECT_LE(fleet.world.Wakes(fleet.first) - before, 40u);
    EXPECT_GT(fleet.world.Wakes(fleet.first) - before, 0u);
}

} // namespace
