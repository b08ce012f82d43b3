/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-position.h"

#include <gtest/gtest.h>
#include <map>

namespace ns3::fanout
{
namespace
{

using Refusal = Position::Refusal;
using Applied = Position::Applied;

const PeerId&
Peer(std::uint8_t index)
{
    static std::map<std::uint8_t, PeerId> ids;
    PeerId& id = ids[index];
    id.digest[0] = index;
    id.digest[31] = 0xff;
    return id;
}

const PeerId ROOT = Peer(1);

// A parent at the given level below the root, with peers 10, 11 .. between.
ParentOffer
Offer(const PeerId& peer, std::uint16_t level, std::optional<std::uint32_t> anchor)
{
    ParentOffer offer;
    offer.peer = peer;
    offer.level = level;
    if (anchor)
    {
        offer.key = PositionKey{*anchor, level};
    }
    offer.path.push_back(ROOT);
    for (std::uint16_t i = 1; i < level; i++)
    {
        offer.path.push_back(Peer(static_cast<std::uint8_t>(9 + i)));
    }
    if (level > 0)
    {
        offer.path.push_back(peer);
    }
    return offer;
}

PositionUpdate
Update(std::uint32_t serial, const ParentOffer& offer)
{
    PositionUpdate update;
    update.serial = serial;
    update.anchor = offer.key->anchor;
    update.level = offer.level;
    for (const PeerId& hop : offer.path)
    {
        update.path.push_back(hop.Prefix());
    }
    return update;
}

TEST(FanoutPosition, BeginsNowhere)
{
    const Position position(&Peer(2));
    EXPECT_EQ(position.GetState(), Position::State::SEEKING);
    EXPECT_FALSE(position.IsAttached());
    EXPECT_FALSE(position.Key());
    EXPECT_EQ(position.Level(), UNATTACHED_LEVEL);
    EXPECT_TRUE(position.PathWithSelf().empty());
    EXPECT_FALSE(position.MayAdmit(false, std::nullopt));
}

TEST(FanoutPosition, TheRootStaysRootAndRaisesTheAnchorByOneOnly)
{
    Position position(&ROOT);
    EXPECT_FALSE(position.RaiseAnchor(1));
    position.BecomeRoot();
    EXPECT_EQ(position.Level(), 0);
    EXPECT_EQ(position.PathWithSelf(), std::vector<PeerId>{ROOT});
    EXPECT_FALSE(position.RaiseAnchor(2));
    EXPECT_FALSE(position.RaiseAnchor(0));
    EXPECT_TRUE(position.RaiseAnchor(1));
    EXPECT_FALSE(position.RaiseAnchor(1));
    EXPECT_EQ(position.Key()->anchor, 1u);
    EXPECT_NE(position.MayAdopt(Offer(Peer(3), 1, 9), ROOT, false, false), Refusal::NONE);
    position.Lose(true);
    EXPECT_EQ(position.GetState(), Position::State::ROOT);
}

TEST(FanoutPosition, AdoptingGivesTheNextLevelAndTheRoute)
{
    Position position(&Peer(2));
    const ParentOffer offer = Offer(Peer(3), 2, 5);
    ASSERT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::NONE);
    position.Adopt(offer, false);
    EXPECT_EQ(position.Level(), 3);
    EXPECT_EQ(position.Parent(), Peer(3));
    EXPECT_EQ(position.Path(), offer.path);
    EXPECT_EQ(position.PathWithSelf().back(), Peer(2));
    EXPECT_EQ(position.PrefixesWithSelf().size(), 4u);
    EXPECT_TRUE(*position.Key() == (PositionKey{5, 3}));
    EXPECT_TRUE(position.Feasible() == (PositionKey{5, 3}));
    EXPECT_TRUE(position.RouteKnown());
}

TEST(FanoutPosition, ARootNeedsNoRoute)
{
    Position position(&Peer(2));
    ParentOffer offer = Offer(ROOT, 0, std::nullopt);
    offer.path.clear();
    ASSERT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::NONE);
    position.Adopt(offer, false);
    EXPECT_EQ(position.Level(), 1);
    EXPECT_EQ(position.PathWithSelf(), (std::vector<PeerId>{ROOT, Peer(2)}));
}

TEST(FanoutPosition, RefusesWhatCannotBe)
{
    const Position position(&Peer(2));
    ParentOffer offer = Offer(Peer(3), 2, 5);
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, true), Refusal::OWN_CHILD);
    offer.path[1] = Peer(2);
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::SELF_IN_PATH);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(2), 2, 5), ROOT, false, false), Refusal::SELF_IN_PATH);
    offer = Offer(Peer(3), 2, 5);
    EXPECT_EQ(position.MayAdopt(offer, Peer(9), false, false), Refusal::BAD_ROUTE);
    offer.path.back() = Peer(8);
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::BAD_ROUTE);
    offer.path.clear();
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::BAD_ROUTE);
    offer = Offer(Peer(3), 2, 5);
    offer.key->level = 1;
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::BAD_ROUTE) << "two levels";
    offer = Offer(Peer(3), 1, 5);
    offer.level = 0;
    offer.key->level = 0;
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::BAD_ROUTE) << "no root";
    EXPECT_EQ(position.MayAdopt(Offer(Peer(3), 31, 5), ROOT, false, false), Refusal::NONE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(3), 32, 5), ROOT, false, false), Refusal::TOO_DEEP);
    offer.level = UNATTACHED_LEVEL;
    EXPECT_EQ(position.MayAdopt(offer, ROOT, false, false), Refusal::TOO_DEEP);
}

TEST(FanoutPosition, WithChildrenOnlyLargerKeysThanWhatTheyWereTold)
{
    Position position(&Peer(2));
    position.Adopt(Offer(Peer(3), 2, 5), false);
    EXPECT_TRUE(position.Tell() == (PositionKey{5, 3}));
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 3, 5), ROOT, true, false), Refusal::NOT_FEASIBLE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 2, 4), ROOT, true, false), Refusal::NOT_FEASIBLE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 2, {}), ROOT, true, false), Refusal::NOT_FEASIBLE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 3, 5), ROOT, false, false), Refusal::NONE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 2, 5), ROOT, true, false), Refusal::NONE);
    EXPECT_EQ(position.MayAdopt(Offer(Peer(4), 9, 6), ROOT, true, false), Refusal::NONE);
    position.Adopt(Offer(Peer(4), 9, 6), true);
    EXPECT_TRUE(position.Feasible() == (PositionKey{5, 3})) << "not told yet";
    EXPECT_TRUE(position.Tell() == (PositionKey{6, 10}));
    EXPECT_TRUE(position.Feasible() == (PositionKey{6, 10}));
    position.Adopt(Offer(Peer(4), 20, 6), false);
    EXPECT_TRUE(position.Feasible() == (PositionKey{6, 21})) << "afresh without children";
}

TEST(FanoutPosition, AHeldRelayKeepsWhatItToldAndTellsNothing)
{
    Position position(&Peer(2));
    position.Adopt(Offer(Peer(3), 1, 5), false);
    position.Tell();
    EXPECT_TRUE(position.MayAdmit(false, std::nullopt));
    EXPECT_TRUE(position.MayAdmit(true, PositionKey{5, 3}));
    EXPECT_FALSE(position.MayAdmit(true, PositionKey{5, 2}));
    EXPECT_FALSE(position.MayAdmit(true, std::nullopt));
    position.Lose(true);
    EXPECT_EQ(position.GetState(), Position::State::HELD);
    EXPECT_FALSE(position.Key());
    EXPECT_FALSE(position.MayAdmit(false, std::nullopt));
    EXPECT_EQ(position.Tell().level, UNATTACHED_LEVEL);
    EXPECT_TRUE(position.Feasible() == (PositionKey{5, 2}));
    EXPECT_FALSE(position.Parent());
    EXPECT_TRUE(position.Path().empty());
    position.Lose(false);
    EXPECT_EQ(position.GetState(), Position::State::SEEKING);
}

TEST(FanoutPosition, BelowAnOldPeerThereIsNoKey)
{
    Position position(&Peer(2));
    position.Adopt(Offer(Peer(3), 1, {}), false);
    EXPECT_EQ(position.Level(), 2);
    EXPECT_FALSE(position.Key());
    EXPECT_TRUE(position.MayAdmit(false, std::nullopt));
    EXPECT_FALSE(position.MayAdmit(true, PositionKey()));
    position.Tell();
    EXPECT_TRUE(position.Feasible() == PositionKey());
}

TEST(FanoutPosition, APositionOfTheParentMovesUs)
{
    Position position(&Peer(2));
    const ParentOffer offer = Offer(Peer(3), 2, 5);
    position.Adopt(offer, false);
    position.Tell();
    EXPECT_EQ(position.Apply(Peer(4), Update(1, offer), ROOT), Applied::IGNORED);
    EXPECT_EQ(position.Apply(Peer(3), Update(1, offer), ROOT), Applied::UNCHANGED);
    EXPECT_EQ(position.Apply(Peer(3), Update(1, Offer(Peer(3), 1, 5)), ROOT), Applied::IGNORED);
    EXPECT_EQ(position.Apply(Peer(3), Update(2, Offer(Peer(3), 1, 4)), ROOT), Applied::IGNORED);
    EXPECT_EQ(position.Apply(Peer(3), Update(3, Offer(Peer(3), 1, 5)), ROOT), Applied::CHANGED);
    EXPECT_EQ(position.Level(), 2);
    EXPECT_EQ(position.Path(), (std::vector<PeerId>{ROOT, Peer(3)}));
    EXPECT_TRUE(position.RouteKnown());
    EXPECT_EQ(position.Apply(Peer(3), Update(4, Offer(Peer(3), 3, 6)), ROOT), Applied::CHANGED);
    EXPECT_TRUE(*position.Key() == (PositionKey{6, 4}));
    EXPECT_EQ(position.Path().size(), 4u);
    EXPECT_EQ(position.Path()[2].Prefix(), Peer(11).Prefix());
    EXPECT_FALSE(position.RouteKnown()) << "only eight bytes of the new hops";
    PositionUpdate held = Update(5, Offer(Peer(3), 1, 9));
    held.state = PositionUpdate::State::HELD;
    EXPECT_EQ(position.Apply(Peer(3), held, ROOT), Applied::UNCHANGED);
    EXPECT_EQ(position.Apply(Peer(3), Update(5, Offer(Peer(3), 1, 9)), ROOT), Applied::IGNORED);
}

TEST(FanoutPosition, SomePositionsSayThatTheParentIsNone)
{
    const ParentOffer offer = Offer(Peer(3), 2, 5);
    const auto after = [&](const PositionUpdate& update)
    {
        Position position(&Peer(2));
        position.Adopt(offer, false);
        position.Tell();
        return position.Apply(Peer(3), update, ROOT);
    };
    PositionUpdate update = Update(1, offer);
    update.path[1] = Peer(2).Prefix();
    EXPECT_EQ(after(update), Applied::DETACH) << "we are above it";
    EXPECT_EQ(after(Update(1, Offer(Peer(3), 32, 6))), Applied::DETACH) << "too deep";
    EXPECT_EQ(after(Update(1, Offer(Peer(3), 3, 5))), Applied::DETACH) << "not above what we told";
    update = Update(1, offer);
    update.path.clear();
    EXPECT_EQ(after(update), Applied::DETACH);
    update = Update(1, offer);
    update.path.back() = Peer(9).Prefix();
    EXPECT_EQ(after(update), Applied::DETACH) << "not its path";
    update = Update(1, offer);
    update.path.front() = Peer(9).Prefix();
    EXPECT_EQ(after(update), Applied::DETACH) << "not from the root";
}

} // namespace
} // namespace ns3::fanout
