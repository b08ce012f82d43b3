/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "ns3/fanout-codec.h"
#include "ns3/fanout-messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr Micros FRAME_SPACING = 20 * MILLISECOND; ///< of the stream

/// A tracker, a root, relays and leaves, in that order.
struct Hold
{
    Hold(std::uint16_t rootChildren,
         std::uint32_t relays_,
         std::uint16_t relayChildren,
         std::uint32_t leaves,
         const std::function<void(Options&)>& change = {},
         const WorldConfig& config = {})
        : world(config),
          relays(relays_)
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
        world.SetRoot(world.Add(make(rootChildren)));
        world.Join(1);
        for (std::uint32_t i = 0; i < relays + leaves; i++)
        {
            world.Join(world.Add(make(i < relays ? relayChildren : 0)));
            world.RunUntil(world.Now() + 700 * MILLISECOND);
        }
        world.onEvent = [this](std::uint32_t self, const Event& event) { Note(self, event); };
        world.onFrame = [this](std::uint32_t, std::uint32_t, const FrameRef& frame)
        { sent[frame->Kind() % MAX_KINDS]++; };
    }

    void
    Note(std::uint32_t self, const Event& event)
    {
        if (const auto* parent = std::get_if<ParentEvent>(&event))
        {
            losses[self] += parent->cause == ParentEvent::Cause::CLOSED ||
                            parent->cause == ParentEvent::Cause::SILENT ||
                            parent->cause == ParentEvent::Cause::KICKED;
            moves += parent->cause == ParentEvent::Cause::MOVED;
            levels += parent->cause == ParentEvent::Cause::LEVEL;
        }
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

    /// @return index of a peer's parent
    int
    ParentOf(std::uint32_t peer)
    {
        return world.IndexOf(world.Status(peer).parent);
    }

    /// @return a relay at that level with children, or 0
    std::uint32_t
    RelayAt(std::uint16_t level)
    {
        for (std::uint32_t peer = 2; peer < 2 + relays; peer++)
        {
            const auto status = world.Status(peer);
            if (status.attached && status.level == level && status.children > 0)
            {
                return peer;
            }
        }
        return 0;
    }

    /// @param kind any @return frames of it since the tree stood
    std::uint32_t
    Sent(Kind kind) const
    {
        return sent[static_cast<std::size_t>(kind)];
    }

    World world;
    std::uint32_t relays;
    std::uint32_t sent[MAX_KINDS]{};
    std::map<std::uint32_t, std::uint32_t> losses;
    std::uint32_t moves{0};
    std::uint32_t levels{0};
    std::uint32_t published{0};
};

/// A chain root - relay - relay - leaf, and room for one more at the root.
Hold
Chain(const std::function<void(Options&)>& change = {})
{
    // One relay fills the root; the next goes below it, the leaf below that one.
    return Hold(1, 3, 1, 1, change);
}

TEST(Hold, AnOrphanedRelayKeepsItsChildrenAndComesBackWithThem)
{
    Hold net(2, 6, 2, 6);
    const std::uint32_t orphan = net.RelayAt(2);
    ASSERT_GT(orphan, 0u);
    const auto parent = static_cast<std::uint32_t>(net.ParentOf(orphan));
    const auto children = net.world.At(orphan).Children(0);
    net.PublishFor(SECOND);
    net.world.SetOffline(parent, true, true);
    net.PublishFor(3 * SECOND);
    EXPECT_EQ(net.losses[orphan], 1u);
    EXPECT_TRUE(net.world.Status(orphan).attached);
    EXPECT_NE(net.ParentOf(orphan), static_cast<int>(parent));
    for (const auto& child : children)
    {
        const auto index = static_cast<std::uint32_t>(net.world.IndexOf(child));
        EXPECT_EQ(net.losses[index], 0u) << "peer " << index << " lost its parent";
        EXPECT_EQ(net.ParentOf(index), static_cast<int>(orphan));
        EXPECT_EQ(net.world.Status(index).level, net.world.Status(orphan).level + 1);
    }
    EXPECT_GT(net.Sent(Kind::POSITION), 0u);
    net.world.End();
    net.world.RunUntil(net.world.Now() + 3 * SECOND);
    for (const auto& child : children)
    {
        const auto index = static_cast<std::uint32_t>(net.world.IndexOf(child));
        EXPECT_EQ(net.world.Delivered(index).size(), net.published);
    }
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Hold, WithoutHoldingTheChildrenAreLetGo)
{
    Hold net(2, 6, 2, 6, [](Options& options) { options.holdTime = 0; });
    const std::uint32_t orphan = net.RelayAt(2);
    ASSERT_GT(orphan, 0u);
    net.PublishFor(SECOND);
    net.world.SetOffline(static_cast<std::uint32_t>(net.ParentOf(orphan)), true, true);
    net.PublishFor(SECOND);
    EXPECT_GT(net.Sent(Kind::KICK), 0u);
    EXPECT_EQ(net.Sent(Kind::POSITION), 0u);
}

TEST(Hold, AHoldThatLeadsNowhereEndsInTime)
{
    Hold net = Chain();
    const std::uint32_t top = net.RelayAt(1);
    const std::uint32_t middle = net.RelayAt(2);
    ASSERT_GT(middle, 0u);
    const auto child =
        static_cast<std::uint32_t>(net.world.IndexOf(net.world.At(middle).Children(0).front()));
    net.PublishFor(SECOND);
    // Everybody that could take it in is away; its child is not.
    net.world.SetOffline(0, true, true);
    net.world.SetOffline(1, true, true);
    net.world.SetOffline(top, true, true);
    const Micros lost = net.world.Now();
    net.world.RunUntil(lost + 1400 * MILLISECOND);
    EXPECT_EQ(net.ParentOf(child), static_cast<int>(middle));
    EXPECT_NE(net.world.Status(middle).heldUntil, NEVER);
    net.world.RunUntil(lost + 2 * SECOND);
    EXPECT_EQ(net.world.Status(middle).children, 0);
    EXPECT_EQ(net.world.Status(middle).heldUntil, NEVER);
    EXPECT_FALSE(net.world.Status(child).attached);
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Hold, AChildLeavesAParentThatIsHeldLongerThanItSaid)
{
    Hold net = Chain();
    const std::uint32_t top = net.RelayAt(1);
    const std::uint32_t middle = net.RelayAt(2);
    ASSERT_GT(middle, 0u);
    const auto child =
        static_cast<std::uint32_t>(net.world.IndexOf(net.world.At(middle).Children(0).front()));
    net.PublishFor(SECOND);
    net.world.SetOffline(1, true, true);
    net.world.SetOffline(top, true, true);
    net.world.RunUntil(net.world.Now() + SECOND);
    net.world.SetOneWayDead(middle, child, true); // its KICK is lost
    net.world.RunUntil(net.world.Now() + 1500 * MILLISECOND);
    EXPECT_NE(net.ParentOf(child), static_cast<int>(middle));
}

TEST(Hold, BackupsDoWithoutTheTracker)
{
    for (const std::uint8_t backups : {0, 3})
    {
        Hold net(4, 4, 8, 8, [=](Options& options) { options.backups = backups; });
        const std::uint32_t relay = net.RelayAt(1);
        ASSERT_GT(relay, 0u);
        const auto children = net.world.At(relay).Children(0);
        ASSERT_FALSE(children.empty());
        net.PublishFor(SECOND);
        net.world.SetOffline(0, true, true);
        net.world.SetOffline(relay, true, true);
        net.PublishFor(1500 * MILLISECOND);
        std::size_t attached = 0;
        for (const auto& child : children)
        {
            attached +=
                net.world.Status(static_cast<std::uint32_t>(net.world.IndexOf(child))).attached;
        }
        EXPECT_EQ(attached, backups > 0 ? children.size() : 0u) << int{backups} << " backups";
    }
}

TEST(Hold, TheRootRaisesTheAnchorForASubtreeThatFitsNowhereElse)
{
    // Two relays below a full root; one of them, with a child, is let go by the root.
    Hold net(2, 2, 4, 3);
    const std::uint32_t a = 2;
    const std::uint32_t b = 3;
    ASSERT_EQ(net.world.Status(a).level, 1);
    ASSERT_EQ(net.world.Status(b).level, 1);
    const std::uint32_t orphan = net.world.Status(a).children > 0 ? a : b;
    const std::uint32_t other = orphan == a ? b : a;
    ASSERT_GT(net.world.Status(orphan).children, 0);
    const auto children = net.world.At(orphan).Children(0);
    net.PublishFor(SECOND);
    // The root is beyond its reach from now on: only the other relay is left, which stands as high
    // as it does itself.
    net.world.SetOneWayDead(1, orphan, true);
    net.world.SetOneWayDead(orphan, 1, true);
    net.PublishFor(4 * SECOND);
    EXPECT_EQ(net.ParentOf(orphan), static_cast<int>(other));
    EXPECT_EQ(net.world.Status(orphan).level, 2);
    EXPECT_GT(net.Sent(Kind::ANCHOR_REQ), 0u);
    EXPECT_GT(net.world.Status(orphan).children, 0);
    EXPECT_GT(net.levels, 0u) << "nobody below heard of the new level";
    for (const auto& child : children)
    {
        EXPECT_EQ(net.losses[static_cast<std::uint32_t>(net.world.IndexOf(child))], 0u);
    }
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Hold, ALostPositionIsSaidAgain)
{
    WorldConfig config;
    config.controlLoss = 0.5;
    Hold net(2, 6, 2, 6, {}, config);
    const std::uint32_t orphan = net.RelayAt(2);
    ASSERT_GT(orphan, 0u);
    net.PublishFor(SECOND);
    net.world.SetOffline(static_cast<std::uint32_t>(net.ParentOf(orphan)), true, true);
    // Tenths of a second that a peer has been mistaken of its level below one parent.
    std::map<std::pair<std::uint32_t, int>, int> mistaken;
    int longest = 0;
    for (int i = 0; i < 80; i++)
    {
        net.PublishFor(100 * MILLISECOND);
        for (std::uint32_t peer = 2; peer < net.world.GetN(); peer++)
        {
            const int parent = net.ParentOf(peer);
            const auto level = [&](int at)
            { return net.world.Status(static_cast<std::uint32_t>(at)).level; };
            const bool wrong = parent > 0 && level(static_cast<int>(peer)) != level(parent) + 1;
            int& since = mistaken[{peer, parent}];
            since = wrong ? since + 1 : 0;
            longest = std::max(longest, since);
        }
    }
    EXPECT_LE(longest, 40) << "half of what is said is lost";
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Hold, ALeafMovesForARelayWithoutMissingAnything)
{
    Hold net(3, 0, 0, 3);
    net.PublishFor(SECOND);
    const std::uint32_t relay = net.world.Add(MakeOptions(4));
    net.world.Join(relay);
    net.PublishFor(3 * SECOND);
    EXPECT_EQ(net.ParentOf(relay), 1);
    EXPECT_EQ(net.world.Status(relay).children, 1);
    EXPECT_EQ(net.Sent(Kind::MOVE), 1u);
    EXPECT_EQ(net.Sent(Kind::KICK), 0u);
    EXPECT_EQ(net.moves, 1u);
    net.world.RunUntil(net.world.Now() + SECOND);
    for (std::uint32_t leaf = 2; leaf < 5; leaf++)
    {
        EXPECT_EQ(net.losses[leaf], 0u);
        EXPECT_EQ(net.world.Delivered(leaf).size(), net.published) << "leaf " << leaf;
    }
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(Hold, ALeafThatCannotMoveIsLetGoInTheEnd)
{
    Hold net(3, 0, 0, 3);
    net.PublishFor(SECOND);
    const std::uint32_t relay = net.world.Add(MakeOptions(4));
    for (std::uint32_t leaf = 2; leaf < 5; leaf++)
    {
        net.world.SetOneWayDead(leaf, relay, true);
    }
    net.world.Join(relay);
    net.PublishFor(3 * SECOND);
    EXPECT_EQ(net.ParentOf(relay), 1);
    EXPECT_EQ(net.world.Status(1).children, 3);
    EXPECT_GE(net.Sent(Kind::KICK), 1u);
}

TEST(Hold, RelaysFirstCanBeSwitchedOff)
{
    Hold net(3, 0, 0, 3, [](Options& options) { options.relaysFirst = false; });
    const std::uint32_t relay = net.world.Add(MakeOptions(4));
    net.world.Join(relay);
    net.PublishFor(3 * SECOND);
    EXPECT_FALSE(net.world.Status(relay).attached);
    EXPECT_EQ(net.Sent(Kind::MOVE), 0u);
}

TEST(Hold, OnlyTheParentSaysWhereItStandsAndWhereToGo)
{
    Hold net(4, 2, 4, 4);
    const std::uint32_t leaf = net.world.GetN() - 1;
    const auto parent = static_cast<std::uint32_t>(net.ParentOf(leaf));
    const std::uint32_t stranger = parent == 2 ? 3 : 2;
    const auto before = net.world.Status(leaf);
    PositionUpdate position;
    position.serial = 1000;
    position.anchor = 5;
    position.level = 20;
    position.path = {1, 2, net.world.IdentityOf(stranger).id.Prefix()};
    net.world.Inject(stranger, leaf, Signed(net.world, stranger, position));
    net.world.Inject(parent, leaf, Signed(net.world, stranger, position));
    Move move;
    move.withinMs = 1000;
    move.targets.push_back({net.world.IdentityOf(stranger).id, 1, 0, Endpoint()});
    net.world.Inject(stranger, leaf, Signed(net.world, stranger, move));
    AnchorReq anchor;
    anchor.need = 1;
    net.world.Inject(stranger, parent, Signed(net.world, stranger, anchor));
    net.PublishFor(SECOND);
    EXPECT_EQ(net.world.Status(leaf).level, before.level);
    EXPECT_EQ(net.world.Status(leaf).parent, before.parent);
    EXPECT_EQ(net.Sent(Kind::ANCHOR_REQ), 0u);
    EXPECT_EQ(net.moves + net.levels, 0u);
}

TEST(Hold, TheAnchorRisesByOneStepAtATimeAndNotTooOften)
{
    Hold net(4, 2, 4, 4);
    const auto ask = [&](std::uint32_t need)
    {
        AnchorReq anchor;
        anchor.need = need;
        const std::uint32_t before = net.Sent(Kind::POSITION);
        FrameRef frame = Signed(net.world, 2, anchor);
        net.world.Inject(2, 1, frame);
        net.world.RunUntil(net.world.Now() + 20 * MILLISECOND);
        return net.Sent(Kind::POSITION) - before;
    };
    EXPECT_EQ(ask(7), 0u) << "a jump";
    EXPECT_EQ(ask(1), 1u);
    EXPECT_EQ(ask(1), 1u) << "an anchor that is there costs nothing";
    EXPECT_EQ(ask(2), 0u) << "too soon";
    net.world.RunUntil(net.world.Now() + 200 * MILLISECOND);
    EXPECT_EQ(ask(2), 1u);
}

} // namespace
