/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include <gtest/gtest.h>

#include <functional>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr Micros FRAME_SPACING = 20 * MILLISECOND; ///< of the stream: 50 messages a second
constexpr std::size_t MESSAGE_BYTES = 1024;        ///< 1203 on the wire
constexpr double NEED = 50 * 1203.0;               ///< bytes a second a child takes

/**
 * Two relays below the root: the first one was told of a slow stream and took eight leaves, but can
 * carry only five of them; the second one comes later and has room for all.
 */
struct Overload
{
    explicit Overload(const std::function<void(Options&)>& change = {}, std::uint16_t room = 0)
        : world(WorldConfig{})
    {
        world.SetTrackers(1);
        world.Add(MakeOptions(0));
        world.SetRoot(world.Add(MakeOptions(2)));
        world.Join(1);
        auto options = MakeOptions(8, 5.5 * NEED);
        options->messageRate = 10;
        if (change)
        {
            change(*options);
        }
        relay = Join(options);
        for (int i = 0; i < 8; i++)
        {
            Join(MakeOptions(room));
        }
        other = Join(MakeOptions(32));
        world.onFrame = [this](std::uint32_t, std::uint32_t, const FrameRef& frame)
        { sent[frame->Kind() % MAX_KINDS]++; };
    }

    std::uint32_t
    Join(const std::shared_ptr<const Options>& options)
    {
        const std::uint32_t peer = world.Add(options);
        world.Join(peer);
        world.RunUntil(world.Now() + SECOND);
        return peer;
    }

    void
    PublishFor(Micros time)
    {
        const Micros until = world.Now() + time;
        while (world.Now() < until)
        {
            world.Publish(MESSAGE_BYTES);
            world.RunUntil(world.Now() + FRAME_SPACING);
        }
    }

    std::uint32_t
    Sent(Kind kind) const
    {
        return sent[static_cast<std::size_t>(kind)];
    }

    World world;
    std::uint32_t sent[MAX_KINDS]{};
    std::uint32_t relay{0};
    std::uint32_t other{0};
};

TEST(Overload, ChildrenGoUntilTheUploadCarriesTheRest)
{
    Overload net;
    ASSERT_EQ(net.world.Status(net.relay).children, 8);
    ASSERT_TRUE(net.world.Status(net.other).attached);
    net.PublishFor(12 * SECOND);
    EXPECT_LE(net.world.Status(net.relay).children, 5);
    EXPECT_GE(net.world.Status(net.relay).children, 4);
    EXPECT_GE(net.world.Status(net.other).children, 3);
    EXPECT_EQ(net.world.Status(net.relay).children + net.world.Status(net.other).children, 8);
    EXPECT_GE(net.Sent(Kind::MOVE), 3u);
    EXPECT_EQ(net.Sent(Kind::KICK), 0u) << "a leaf can go without a gap";
    EXPECT_EQ(net.world.commons.ledger.overloadMoves, net.Sent(Kind::MOVE));
    EXPECT_EQ(net.world.Breach(), "");
    const auto drops = net.world.commons.ledger.droppedForwards;
    net.PublishFor(5 * SECOND);
    EXPECT_EQ(net.world.commons.ledger.droppedForwards, drops) << "and then nothing is dropped";
}

TEST(Overload, AsManyGoAtOnceAsAreTooMany)
{
    Overload net;
    net.PublishFor(2500 * MILLISECOND); // half a second too much, at most a second to move
    EXPECT_EQ(net.world.Status(net.relay).children, 4) << "5.5 of 8 are carried, with headroom 4.9";
    EXPECT_EQ(net.world.Status(net.other).children, 4);
    EXPECT_EQ(net.Sent(Kind::MOVE), 4u);
    net.PublishFor(SECOND); // repairs of what was dropped end
    const auto drops = net.world.commons.ledger.droppedForwards;
    net.PublishFor(5 * SECOND);
    EXPECT_EQ(net.world.commons.ledger.droppedForwards, drops);
    EXPECT_EQ(net.Sent(Kind::MOVE), 4u) << "nobody goes for what was too much before";
}

TEST(Overload, RelaysAreLetGoAndComeBackElsewhere)
{
    Overload net({}, 1);
    const auto childrenOfRelay = net.world.Status(net.relay).children;
    ASSERT_GE(childrenOfRelay, 6);
    net.PublishFor(4 * SECOND);
    EXPECT_LE(net.world.Status(net.relay).children, 5);
    EXPECT_GE(net.Sent(Kind::KICK), childrenOfRelay - 5u);
    net.world.RunUntil(net.world.Now() + 3 * SECOND);
    for (std::uint32_t peer = net.relay; peer <= net.other; peer++)
    {
        EXPECT_TRUE(net.world.Status(peer).attached) << peer;
        EXPECT_EQ(net.world.Status(peer).missing, 0u) << peer;
    }
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Overload, NobodyGoesWhenThatIsSwitchedOff)
{
    Overload net([](Options& options) { options.moveOnOverload = false; });
    net.PublishFor(6 * SECOND);
    EXPECT_EQ(net.world.Status(net.relay).children, 8);
    EXPECT_EQ(net.Sent(Kind::MOVE), 0u);
    EXPECT_GT(net.world.commons.ledger.droppedForwards, 100u);
}

TEST(Overload, NobodyNewIsTakenMeanwhile)
{
    Overload net([](Options& options) { options.moveOnOverload = false; });
    net.PublishFor(2 * SECOND);
    net.world.SetOffline(net.other, true, true);
    net.world.Leave(net.other + 0u - 1u); // one of the eight leaves
    const std::uint32_t late = net.world.Add(MakeOptions(0));
    net.world.Join(late);
    net.PublishFor(2 * SECOND);
    EXPECT_NE(net.world.IndexOf(net.world.Status(late).parent), static_cast<int>(net.relay));
    net.world.RunUntil(net.world.Now() + 4 * SECOND);
    EXPECT_TRUE(net.world.Status(late).attached) << "when the queues are empty there is room again";
}

TEST(Overload, WhenItIsOverOneMoreIsTakenEveryTenSeconds)
{
    Overload net;
    net.PublishFor(12 * SECOND);
    const int carried = net.world.Status(net.relay).children;
    ASSERT_LE(carried, 5);
    // The other relay goes; its leaves find room one by one.
    net.world.RunUntil(net.world.Now() + SECOND);
    net.world.Leave(net.other);
    net.world.RunUntil(net.world.Now() + 5 * SECOND);
    const int early = net.world.Status(net.relay).children;
    net.world.RunUntil(net.world.Now() + 35 * SECOND);
    const int late = net.world.Status(net.relay).children;
    EXPECT_LE(early, carried + 1);
    EXPECT_GT(late, early);
    EXPECT_LE(late, 8);
    EXPECT_EQ(net.world.Breach(), "");
}

} // namespace
