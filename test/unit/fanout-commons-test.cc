/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "ns3/fanout-commons.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;

ChannelConfig
ConfigOf(const std::string& topic, std::shared_ptr<const Options> options)
{
    ChannelConfig config;
    config.root = SignatureScheme::Mock().Derive(1, 0).id;
    config.topic = topic;
    config.options = std::move(options);
    return config;
}

static_assert(EventKinds::None().Has<JoinEvent>(), "a peer's owner needs it");
static_assert(EventKinds::Usual().Has<JoinEvent>());
static_assert(EventKinds::Usual().Has<TrackerEvent>());
static_assert(!EventKinds::Usual().Has<FrameEvent>(), "one a frame is not usual");
static_assert(!EventKinds::None().Has<DeliverEvent>());

TEST(FanoutCommons, EventsAreWantedOneKindAtATime)
{
    EventKinds kinds = EventKinds::None();
    kinds.Add<DeliverEvent>().Add<TrackerEvent>();
    EXPECT_TRUE(kinds.Has<DeliverEvent>());
    EXPECT_TRUE(kinds.Has<TrackerEvent>());
    EXPECT_FALSE(kinds.Has<DuplicateEvent>());
    kinds.Remove<DeliverEvent>().Remove<JoinEvent>();
    EXPECT_FALSE(kinds.Has<DeliverEvent>());
    EXPECT_TRUE(kinds.Has<JoinEvent>());
}

TEST(FanoutCommons, WhatNobodyWantsIsNotTold)
{
    for (const bool wanted : {false, true})
    {
        World world(WorldConfig{});
        world.commons.wanted = EventKinds::None();
        if (wanted)
        {
            world.commons.wanted.Add<DeliverEvent>();
        }
        std::size_t joins = 0;
        std::size_t deliveries = 0;
        std::size_t others = 0;
        world.onEvent = [&](std::uint32_t, const Event& event)
        {
            const bool join = std::holds_alternative<JoinEvent>(event);
            const bool delivery = std::holds_alternative<DeliverEvent>(event);
            joins += join;
            deliveries += delivery;
            others += !join && !delivery;
        };
        const auto root = world.Add(MakeOptions(4));
        world.SetRoot(root);
        world.Join(root);
        const auto leaf = world.Add(MakeOptions(0));
        world.Join(leaf);
        world.RunUntil(SECOND);
        world.Publish();
        world.RunUntil(2 * SECOND);
        EXPECT_EQ(world.At(leaf).Counters().delivered, 1U);
        EXPECT_GT(joins, 0U);
        EXPECT_EQ(deliveries, wanted ? 1U : 0U);
        EXPECT_EQ(others, 0U);
    }
}

TEST(FanoutCommons, MembersOfOneRoleShareTheirTerms)
{
    Commons commons;
    const auto options = std::make_shared<const Options>();
    const auto one = commons.TermsOf(ConfigOf("a", options));
    EXPECT_EQ(one->key, ChannelKeyOf(one->config.root.ToText(), "a"));
    EXPECT_EQ(commons.TermsOf(ConfigOf("a", options)), one);
    EXPECT_NE(commons.TermsOf(ConfigOf("b", options))->key, one->key);
    const auto other = commons.TermsOf(ConfigOf("a", std::make_shared<const Options>()));
    EXPECT_NE(other, one);
    EXPECT_EQ(other->key, one->key);
    ChannelConfig placed = ConfigOf("a", options);
    placed.rootEndpoint = {1, 1, Endpoint::Protocol::UDP};
    EXPECT_NE(commons.TermsOf(placed), one);
    EXPECT_THROW(commons.TermsOf(ConfigOf("a", nullptr)), std::invalid_argument);
}

TEST(FanoutCommons, ManyRolesDoNotPileUp)
{
    Commons commons;
    std::vector<std::shared_ptr<const ChannelTerms>> held;
    for (int i = 0; i < 100; i++)
    {
        held.push_back(commons.TermsOf(ConfigOf(std::to_string(i), std::make_shared<Options>())));
    }
    EXPECT_EQ(commons.TermsOf(held.back()->config), held.back());
    EXPECT_NE(commons.TermsOf(held.front()->config), held.front()) << "looked up among the latest";
    const std::weak_ptr<const ChannelTerms> last = held.back();
    held.clear();
    EXPECT_TRUE(last.expired()) << "the members hold them, not the process";
}

} // namespace
