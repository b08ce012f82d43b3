/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What storms have found, each as a small world of its own.

#include "fanout-invariants.h"
#include "fanout-world.h"

#include "ns3/fanout-codec.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

/// @param world whose channel 0 @param signer who signs @param message what @return a frame
template <typename Message>
FrameRef
Say(const World& world, std::uint32_t signer, const Message& message)
{
    static std::uint8_t draws = 0;
    EnvelopeFields fields;
    fields.id.fill(++draws);
    return Frame::Seal(SignatureScheme::Mock(),
                       world.IdentityOf(signer),
                       fields,
                       Encode(world.Key(), message));
}

/// Publish, fifty messages a second. @param world its root is peer 0 @param messages how many
void
Stream(World& world, int messages)
{
    for (int i = 0; i < messages; i++)
    {
        world.Publish();
        world.RunUntil(world.Now() + 20 * MILLISECOND);
    }
}

/// A root and a child of it, after a second. @param world empty @param root its options
/// @param child its options
void
Pair(World& world, std::shared_ptr<const Options> root, std::shared_ptr<const Options> child)
{
    world.Add(std::move(root));
    world.SetRoot(0);
    world.Join(0);
    world.Add(std::move(child));
    world.Join(1);
    world.RunUntil(SECOND);
}

/// A root, a relay below it, a leaf below that, after 4 s. @param world empty
/// @param make options for so many children
template <typename Make>
void
Chain(World& world, Make make)
{
    Pair(world, make(1), make(1));
    world.Add(make(0));
    world.Join(2);
    world.RunUntil(4 * SECOND);
    ASSERT_EQ(world.IndexOf(world.Status(2).parent), 1);
}

/// A root, two relays, and a leaf, peer 3, below one of them, after 4 s. @param world empty
/// @return the leaf's parent, 1 or 2
std::uint32_t
BelowOneOfTwo(World& world)
{
    world.Add(MakeOptions(2));
    world.SetRoot(0);
    world.Join(0);
    for (std::uint32_t relay = 1; relay <= 2; relay++)
    {
        world.Add(MakeOptions(4));
        world.Join(relay);
    }
    world.RunUntil(SECOND);
    world.Add(MakeOptions(0));
    world.Join(3);
    world.RunUntil(4 * SECOND);
    const int parent = world.IndexOf(world.Status(3).parent);
    EXPECT_GT(parent, 0);
    return static_cast<std::uint32_t>(parent);
}

TEST(FanoutStormFinds, WhoComesBackLearnsOfTheEndAgain)
{
    World world{WorldConfig{}};
    Pair(world, MakeOptions(4), MakeOptions(0));
    world.Publish();
    world.End();
    world.RunUntil(2 * SECOND);
    ASSERT_TRUE(world.Status(1).ended);
    world.Leave(1);
    world.RunUntil(3 * SECOND);
    world.Join(1);
    world.RunUntil(6 * SECOND);
    EXPECT_TRUE(world.Status(1).ended) << "the same frame says it both times";
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, AFastClockMakesNoMessageOld)
{
    for (std::uint64_t seed = 1; seed <= 5; seed++)
    {
        WorldConfig config;
        config.seed = seed;
        config.skew = 10 * SECOND;
        World world{config};
        const auto options = [](std::uint16_t children)
        {
            auto made = MakeOptions(children);
            made->maxDataAge = SECOND;
            return made;
        };
        ASSERT_NO_FATAL_FAILURE(Chain(world, options));
        Stream(world, 50);
        world.RunUntil(world.Now() + SECOND);
        EXPECT_EQ(world.commons.ledger.staleForwardsDropped, 0u) << "seed " << seed;
        EXPECT_EQ(world.Delivered(2).size(), 50u) << "seed " << seed;
        EXPECT_EQ(world.Breach(), "");
    }
}

TEST(FanoutStormFinds, AParentsLieOfMessagesToComeIsForgotten)
{
    World world{WorldConfig{}};
    ASSERT_NO_FATAL_FAILURE(Chain(world, [](std::uint16_t n) { return MakeOptions(n); }));
    world.Publish();
    world.RunUntil(5 * SECOND);
    IHave lie;
    for (std::uint32_t i = 1; i < 4; i++)
    {
        lie.have = {0, 800 * i};
        world.Inject(1, 2, Say(world, 1, lie));
    }
    EXPECT_LE(world.Status(2).nextSeq, 1025u) << "one window ahead of the last message at most";
    world.RunUntil(20 * SECOND);
    EXPECT_EQ(world.Status(2).givenUp, 0u) << "what is given up is not taken when it comes";
    world.Leave(1);
    world.RunUntil(25 * SECOND);
    ASSERT_EQ(world.IndexOf(world.Status(2).parent), 0);
    Stream(world, 50);
    world.RunUntil(world.Now() + SECOND);
    EXPECT_EQ(world.Delivered(2).size(), 51u);
}

TEST(FanoutStormFinds, AFirstParentsLieDoesNotMakeDeaf)
{
    World world{WorldConfig{}};
    ASSERT_NO_FATAL_FAILURE(Chain(world, [](std::uint16_t n) { return MakeOptions(n); }));
    IHave lie;
    lie.have = {4000, 5000};
    world.Inject(1, 2, Say(world, 1, lie));
    ASSERT_EQ(world.Status(2).nextSeq, 5000u) << "nobody knows better yet";
    Stream(world, 50);
    EXPECT_GE(world.Delivered(2).size(), 30u) << "the next word counts more";
    world.RunUntil(world.Now() + SECOND);
    EXPECT_EQ(world.Delivered(2).size(), 50u);
    EXPECT_EQ(world.Status(2).nextSeq, 50u);
}

TEST(FanoutStormFinds, WhoIsAwayForMoreThanAWindowCatchesUpWhenNothingFlows)
{
    const auto options = [](std::uint16_t children)
    {
        auto made = MakeOptions(children);
        made->repairWindow = 64;
        made->repairMaxBackfill = 64;
        return made;
    };
    World world{WorldConfig{}};
    Pair(world, options(2), options(0));
    world.Publish();
    world.RunUntil(2 * SECOND);
    world.SetOffline(1, true, true);
    for (int i = 1; i < 300; i++)
    {
        world.Publish();
        world.RunUntil(world.Now() + 10 * MILLISECOND);
    }
    world.SetOffline(1, false, true);
    world.RunUntil(world.Now() + 8 * SECOND);
    EXPECT_EQ(world.Status(1).nextSeq, 300u);
    const auto& seqs = world.Delivered(1);
    EXPECT_EQ(std::count_if(seqs.begin(), seqs.end(), [](auto seq) { return seq >= 236; }), 64);
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, WhatWasAskedForInVainOnAParentsWordIsAskedForAgainWhenItIsThere)
{
    World world{WorldConfig{}};
    const auto options = [](std::uint16_t children)
    {
        auto made = MakeOptions(children);
        made->neighbours = false;
        return made;
    };
    ASSERT_NO_FATAL_FAILURE(Chain(world, options));
    world.Publish();
    world.RunUntil(5 * SECOND);
    std::uint32_t asks = 0;
    world.onFrame = [&asks](std::uint32_t from, std::uint32_t, const FrameRef& frame)
    { asks += from == 2 && frame->Kind() == static_cast<std::uint8_t>(Kind::REPAIR_REQ); };
    IHave lie;
    lie.have = {0, 2};
    world.GetInvariants()->Taint(2);
    world.Inject(1, 2, Say(world, 1, lie));
    world.RunUntil(20 * SECOND);
    ASSERT_EQ(asks, world.OptionsOf(2).repairTries);
    ASSERT_EQ(world.Status(2).nextSeq, 1u) << "the parent's word is no longer believed";
    world.SetOneWayDead(1, 2, true);
    world.Publish();
    world.RunUntil(world.Now() + 200 * MILLISECOND);
    world.SetOneWayDead(1, 2, false);
    world.Publish();
    world.RunUntil(world.Now() + SECOND);
    EXPECT_GT(asks, world.OptionsOf(2).repairTries);
    EXPECT_EQ(world.Delivered(2).size(), 3u);
    EXPECT_EQ(world.Breach(), "");
}

/// A root that has ended its channel, and one that asks it; the answers do not get there.
class Overtaken : public ::testing::Test
{
  protected:
    void
    SetUp() override
    {
        world.Add(MakeOptions(4));
        world.SetRoot(0);
        world.Join(0);
        world.Publish();
        world.End();
        world.Add(MakeOptions(2));
        world.onFrame = [this](std::uint32_t from, std::uint32_t, const FrameRef& frame)
        {
            const auto kind = static_cast<Kind>(frame->Kind());
            accept = kind == Kind::JOIN_ACCEPT ? frame : accept;
            end = kind == Kind::END && from == 0 ? frame : end;
        };
        world.SetOneWayDead(0, 1, true);
        world.Join(1);
        while (!end && world.Now() < 2 * SECOND)
        {
            world.RunUntil(world.Now() + 10 * MILLISECOND);
        }
        ASSERT_TRUE(accept);
        ASSERT_TRUE(end);
    }

    World world{WorldConfig{}};
    FrameRef accept;
    FrameRef end;
};

TEST_F(Overtaken, AnEndInFrontOfTheAcceptCounts)
{
    world.Inject(0, 1, end);
    world.Inject(0, 1, accept);
    ASSERT_TRUE(world.Status(1).attached);
    EXPECT_TRUE(world.Status(1).ended);
}

TEST_F(Overtaken, AKickInFrontOfTheAcceptMakesItVoid)
{
    world.Inject(0, 1, Say(world, 0, Kick()));
    world.Inject(0, 1, accept);
    EXPECT_FALSE(world.Status(1).attached);
}

TEST(FanoutStormFinds, AParentThatIsLookedAfterTellsWhatThereIs)
{
    World world{WorldConfig{}};
    auto plain = MakeOptions(2);
    plain->extension = false;
    Pair(world, plain, plain);
    world.SetOneWayDead(0, 1, true);
    world.Publish();
    world.RunUntil(10 * SECOND);
    world.SetOneWayDead(0, 1, false);
    ASSERT_TRUE(world.Delivered(1).empty());
    world.RunUntil(20 * SECOND);
    EXPECT_EQ(world.Delivered(1).size(), 1u);
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, AnAcceptThatLiesTwiceDoesNotMakeDeaf)
{
    World world{WorldConfig{}};
    Pair(world, MakeOptions(2), MakeOptions(2));
    world.Publish();
    world.RunUntil(2 * SECOND);
    ASSERT_EQ(world.Delivered(1).size(), 1u);
    JoinAccept lie;
    lie.have = {0, 1230657874};
    world.Inject(0, 1, Say(world, 0, lie));
    world.Inject(0, 1, Say(world, 0, lie));
    Stream(world, 50);
    world.RunUntil(world.Now() + SECOND);
    EXPECT_EQ(world.Delivered(1).size(), 51u);
}

TEST(FanoutStormFinds, WhoIsAskedByItsParentHasNone)
{
    World world{WorldConfig{}};
    Pair(world, MakeOptions(2), MakeOptions(2));
    world.Publish();
    world.End();
    world.RunUntil(2 * SECOND);
    JoinReq request;
    world.Inject(0, 1, Say(world, 0, request));
    EXPECT_FALSE(world.Status(1).attached) << "nobody asks its own child";
    world.RunUntil(4 * SECOND);
    ASSERT_TRUE(world.Status(1).attached);
    request.extension.emplace().hasChildren = true;
    world.Inject(0, 1, Say(world, 0, request));
    EXPECT_TRUE(world.Status(1).attached) << "one with children looks for a parent for all of them";
}

TEST(FanoutStormFinds, AParentWithoutTheExtensionKeepsAQuietChild)
{
    World world{WorldConfig{}};
    auto plain = MakeOptions(2);
    plain->extension = false;
    Pair(world, plain, MakeOptions(2));
    world.Publish();
    world.End();
    world.RunUntil(40 * SECOND);
    EXPECT_EQ(world.commons.ledger.reparentKicked, 0u) << "no ALIVE is owed to it";
    EXPECT_EQ(world.IndexOf(world.Status(1).parent), 0);
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, AParentThatGivesNothingIsLeft)
{
    World world{WorldConfig{}};
    const std::uint32_t parent = BelowOneOfTwo(world);
    ASSERT_FALSE(HasFailure());
    for (std::uint32_t i = 0; i < 300; i++)
    {
        if (i == 30)
        {
            world.SetFreeRider(parent, true);
        }
        world.Publish();
        world.RunUntil(world.Now() + 33 * MILLISECOND);
    }
    world.RunUntil(world.Now() + 5 * SECOND);
    EXPECT_NE(world.IndexOf(world.Status(3).parent), static_cast<int>(parent));
    EXPECT_EQ(world.Delivered(3).size(), 300u);
    EXPECT_EQ(world.commons.ledger.reparentStale, 1u);
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, AForgersWordIsNoSignOfLife)
{
    World world{WorldConfig{}};
    const std::uint32_t parent = BelowOneOfTwo(world);
    ASSERT_FALSE(HasFailure());
    for (std::uint32_t i = 0; i < 150; i++)
    {
        if (i == 30)
        {
            world.SetOffline(parent, true, false);
        }
        world.Publish();
        world.RunUntil(world.Now() + 33 * MILLISECOND);
        world.Inject(parent, 3, Say(world, 3 - parent, Alive()));
    }
    EXPECT_NE(world.IndexOf(world.Status(3).parent), static_cast<int>(parent));
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, WhoWasTakenForDeadIsNamedAgainSoon)
{
    World world{WorldConfig{}};
    world.SetTrackers(1);
    world.Add(MakeOptions(0));
    world.Add(MakeOptions(4));
    world.SetRoot(1);
    world.Join(1);
    TrackerFeedback dead;
    dead.hash = world.IdentityOf(1).id.ToText();
    dead.event = static_cast<std::uint8_t>(FeedbackEvent::DIAL_FAILED);
    for (std::uint32_t peer = 2; peer <= 3; peer++)
    {
        world.Add(MakeOptions(0));
        world.Join(peer);
    }
    world.RunUntil(2 * SECOND);
    for (std::uint32_t peer = 2; peer <= 3; peer++)
    {
        ASSERT_TRUE(world.Status(peer).attached);
        world.Inject(peer, 0, Say(world, peer, dead));
    }
    world.Add(MakeOptions(0));
    world.Join(4);
    world.RunUntil(6 * SECOND);
    EXPECT_TRUE(world.Status(4).attached) << "the tracker has taken the word of two for it";
    EXPECT_EQ(world.Breach(), "");
}

/// A root with one child, peer 1, while nothing flows, and after 8 s one more that asks, peer 2.
/// @param world empty @param crashed whether peer 1 has crashed by then
void
OneSlotWanted(World& world, bool crashed)
{
    Pair(world, MakeOptions(1), MakeOptions(0));
    world.Publish();
    world.RunUntil(8 * SECOND);
    ASSERT_TRUE(world.Status(1).attached);
    if (crashed)
    {
        world.SetOffline(1, true, false);
    }
    world.Add(MakeOptions(0));
    world.Join(2);
}

TEST(FanoutStormFinds, ADeadChildDoesNotHoldAnIdleSlot)
{
    World world{WorldConfig{}};
    ASSERT_NO_FATAL_FAILURE(OneSlotWanted(world, true));
    world.RunUntil(world.Now() + 8 * SECOND);
    EXPECT_EQ(world.IndexOf(world.Status(2).parent), 0);
    EXPECT_EQ(world.Breach(), "");
}

TEST(FanoutStormFinds, AQuietChildThatAnswersKeepsItsSlot)
{
    for (const double loss : {0.0, 0.1})
    {
        WorldConfig config;
        config.controlLoss = loss;
        World world{config};
        ASSERT_NO_FATAL_FAILURE(OneSlotWanted(world, false));
        std::uint64_t expired = world.commons.ledger.childrenExpired;
        world.RunUntil(world.Now() + 20 * SECOND);
        EXPECT_EQ(world.commons.ledger.childrenExpired, expired) << "loss " << loss;
        EXPECT_EQ(world.IndexOf(world.Status(1).parent), 0) << "loss " << loss;
        EXPECT_FALSE(world.Status(2).attached) << "loss " << loss;
        EXPECT_EQ(world.Breach(), "");
    }
}

} // namespace
