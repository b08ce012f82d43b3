/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-tracker.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <set>

namespace ns3::fanout
{
namespace
{

PeerId
Peer(std::uint32_t index)
{
    PeerId id;
    for (std::size_t i = 0; i < 4; i++)
    {
        id.digest[i] = static_cast<std::uint8_t>(Mix64(index) >> (8 * i));
        id.digest[28 + i] = static_cast<std::uint8_t>((index + 1) >> (8 * i));
    }
    return id;
}

Digest
Channel(std::uint32_t index)
{
    return Peer(1000000 + index).digest;
}

/// A tracker and a shorthand for what is said to it.
class Desk
{
  public:
    explicit Desk(const TrackerLimits& limits = TrackerLimits())
        : tracker(limits, Random(1, 2, 3))
    {
    }

    void
    Announce(std::uint32_t who,
             std::uint16_t level,
             std::uint16_t free,
             std::uint16_t maximum = 0,
             std::uint32_t ttlMs = 60000,
             std::uint32_t channel = 0)
    {
        TrackerAnnounce announce;
        announce.ttlMs = ttlMs;
        announce.level = level;
        announce.freeSlots = free;
        announce.maxChildren = maximum;
        tracker.Announce(now, Peer(who), Channel(channel), announce, {0x0a000001 + who, 4001});
    }

    void
    Ask(std::uint32_t who, bool relay, std::uint16_t want = 4, std::uint32_t channel = 0)
    {
        TrackerQuery query;
        query.reqId = ++m_request;
        query.want = want;
        query.extension.emplace();
        query.extension->role.emplace();
        query.extension->role->relay = relay;
        query.extension->role->capacity = relay ? 32 : 0;
        tracker.Query(now, Peer(who), who, Channel(channel), query);
        Collect();
    }

    void
    AskOld(std::uint32_t who)
    {
        TrackerQuery query;
        query.reqId = ++m_request;
        query.want = 4;
        tracker.Query(now, Peer(who), who, Channel(0), query);
        Collect();
    }

    void
    Tell(std::uint32_t who, std::uint32_t of, FeedbackEvent event, RejectReason reason = {})
    {
        TrackerFeedback feedback;
        feedback.hash = Peer(of).ToText();
        feedback.event = static_cast<std::uint8_t>(event);
        feedback.reason = static_cast<std::uint8_t>(reason);
        tracker.Feedback(now, Peer(who), Channel(0), feedback);
        Collect();
    }

    void
    Until(Micros end)
    {
        while (tracker.NextAt() <= end)
        {
            ASSERT_GE(tracker.NextAt(), now);
            now = tracker.NextAt();
            tracker.Tick(now);
            Collect();
        }
        now = end;
    }

    void
    Collect()
    {
        for (auto& answer : tracker.TakeAnswers())
        {
            answers.push_back(std::move(answer));
        }
        for (const auto& event : tracker.TakeEvents())
        {
            cost = std::max(cost, event.cost);
            events[event.step]++;
        }
    }

    // The oldest answer not looked at: names of the peers in it.
    std::vector<std::uint32_t>
    Next()
    {
        std::vector<std::uint32_t> who;
        if (answers.empty())
        {
            ADD_FAILURE() << "no answer";
            return who;
        }
        for (const auto& entry : answers.front().reply.entries)
        {
            const auto endpoint = Endpoint::FromBytes(entry.addresses.at(0));
            who.push_back(endpoint->ip - 0x0a000001);
            EXPECT_EQ(entry.hash, Peer(who.back()).ToText());
            EXPECT_GT(entry.freeSlots, 0);
        }
        lastAsker = answers.front().link;
        answers.pop_front();
        return who;
    }

    Tracker tracker;
    Micros now{SECOND};
    std::deque<TrackerAnswer> answers;
    std::map<TrackerEvent::Step, std::uint32_t> events;
    std::uint32_t cost{0};
    LinkId lastAsker{NO_LINK};

  private:
    std::uint32_t m_request{0};
};

constexpr std::uint32_t ROOT = 0;
using Who = std::vector<std::uint32_t>;

TEST(FanoutTracker, GivesALeasedSlotFirst)
{
    Desk desk;
    desk.Announce(ROOT, 0, 2, 2);
    desk.Ask(10, true);
    EXPECT_EQ(desk.Next(), Who{ROOT});
    desk.Ask(11, true);
    EXPECT_EQ(desk.Next(), Who{ROOT});
    desk.Ask(12, true);
    EXPECT_TRUE(desk.answers.empty()) << "both slots are promised";
    EXPECT_EQ(desk.tracker.Leases(), 2u);
    EXPECT_EQ(desk.tracker.Parked(), 1u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 0u);
}

TEST(FanoutTracker, ALeaseEndsByItselfAndServesWhoWaits)
{
    TrackerLimits limits;
    limits.park = 5 * SECOND;
    Desk desk(limits);
    desk.Announce(ROOT, 0, 1, 1);
    desk.Ask(10, true);
    desk.Next();
    desk.Ask(11, true);
    desk.Until(desk.now + limits.lease - 1);
    EXPECT_TRUE(desk.answers.empty());
    desk.Until(desk.now + 1);
    EXPECT_EQ(desk.Next(), Who{ROOT});
    EXPECT_EQ(desk.lastAsker, 11u);
}

TEST(FanoutTracker, AskingAgainGivesBackTheFirstSlot)
{
    Desk desk;
    desk.Announce(ROOT, 0, 32, 32);
    for (int i = 0; i < 1000; i++)
    {
        desk.Ask(10, true);
        EXPECT_EQ(desk.Next(), Who{ROOT});
    }
    EXPECT_EQ(desk.tracker.Leases(), 1u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 31u);
}

TEST(FanoutTracker, AnAnnounceCountsOldLeasesAndNotYoungOnes)
{
    Desk desk;
    desk.Announce(ROOT, 0, 4, 4);
    desk.Ask(10, true);
    desk.now += 500 * MILLISECOND;
    desk.Ask(11, true);
    desk.now += 100 * MILLISECOND;
    desk.Announce(ROOT, 0, 3, 4); // 10 has joined; 11 is on its way
    EXPECT_EQ(desk.tracker.Leases(), 1u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 2u);
}

TEST(FanoutTracker, AnAnnounceThatTellsItsChildrenEndsTheirLeases)
{
    Desk desk;
    desk.Announce(ROOT, 0, 4, 4);
    desk.Ask(10, true);
    desk.Ask(11, true);
    TrackerAnnounce announce;
    announce.ttlMs = 60000;
    announce.level = 0;
    announce.freeSlots = 3;
    announce.maxChildren = 4;
    announce.extension.emplace();
    announce.extension->role = Extension::Role{true, 4, 1};
    desk.now += 100 * MILLISECOND;
    desk.tracker.Announce(desk.now, Peer(ROOT), Channel(0), announce, {1, 1});
    EXPECT_EQ(desk.tracker.Leases(), 1u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 2u);
}

TEST(FanoutTracker, RelaysAreServedBeforeLeavesAndOneQueryAPeerWaits)
{
    Desk desk;
    desk.Ask(20, false);
    desk.Ask(10, true);
    desk.Ask(20, false);
    desk.Ask(10, true);
    EXPECT_EQ(desk.tracker.Parked(), 2u);
    desk.Announce(1, 1, 1);
    desk.Collect();
    desk.Next();
    EXPECT_EQ(desk.lastAsker, 10u);
    EXPECT_TRUE(desk.answers.empty());
    desk.Announce(2, 1, 1);
    desk.Collect();
    ASSERT_EQ(desk.answers.size(), 1u);
    EXPECT_EQ(desk.answers[0].reply.reqId, 3u) << "the newer question of the two";
    desk.Next();
    EXPECT_EQ(desk.lastAsker, 20u);
    EXPECT_EQ(desk.tracker.Parked(), 0u);
}

TEST(FanoutTracker, ARelayIsKnownByWhatItAnnounced)
{
    Desk desk;
    desk.Ask(20, false);
    desk.Announce(10, UNATTACHED_LEVEL, 32, 32);
    desk.AskOld(10); // no extension, but it has slots
    desk.Announce(1, 1, 1);
    desk.Collect();
    EXPECT_EQ(desk.Next(), Who{1});
    EXPECT_EQ(desk.lastAsker, 10u);
}

TEST(FanoutTracker, AParkedQueryGetsAnEmptyReplyInTheEnd)
{
    Desk desk;
    const Micros start = desk.now;
    desk.Ask(10, true);
    desk.Until(start + 800 * MILLISECOND - 1);
    EXPECT_TRUE(desk.answers.empty());
    desk.Until(start + 800 * MILLISECOND);
    EXPECT_EQ(desk.Next(), Who{});
    EXPECT_EQ(desk.tracker.NextAt(), NEVER);
    EXPECT_EQ(desk.tracker.Channels(), 0u) << "nothing is kept of a key nobody announced";
    EXPECT_EQ(desk.events[TrackerEvent::Step::EXPIRED], 1u);
}

TEST(FanoutTracker, RelaysGoShallowAndLeavesDeep)
{
    Desk desk;
    desk.Announce(ROOT, 0, 8, 8);
    desk.Announce(1, 1, 8);
    desk.Announce(2, 2, 8);
    for (std::uint32_t i = 0; i < 4; i++)
    {
        desk.Ask(10 + i, true, 1);
        EXPECT_EQ(desk.Next(), Who{ROOT});
        desk.Ask(20 + i, false, 1);
        EXPECT_EQ(desk.Next(), Who{2});
    }
}

TEST(FanoutTracker, LeavesGoOneLevelUpWhereThereIsPlenty)
{
    Desk desk;
    for (std::uint32_t i = 0; i < 65; i++)
    {
        desk.Announce(100 + i, 1, 32);
    }
    desk.Announce(2, 2, 8);
    desk.Ask(10, false, 1);
    EXPECT_GE(desk.Next().at(0), 100u) << "more than 64 x 32 slots";
    desk.Announce(100, 1, 0);
    desk.Ask(11, false, 1);
    EXPECT_EQ(desk.Next(), Who{2});
}

TEST(FanoutTracker, TheRootsSlotsAreForRelays)
{
    Desk desk;
    desk.Announce(ROOT, 0, 8, 8);
    for (std::uint32_t i = 0; i < 3; i++)
    {
        desk.Announce(50 + i, UNATTACHED_LEVEL, 32, 32);
    }
    desk.Ask(20, false);
    EXPECT_EQ(desk.Next(), Who{ROOT}) << "8 free, 3 relays on their way, more than 4 remain";
    desk.Ask(21, false);
    EXPECT_TRUE(desk.answers.empty());
    desk.Ask(50, true);
    EXPECT_EQ(desk.Next(), Who{ROOT});
    desk.Announce(ROOT, 0, 8, 8); // 20 and 50 are promised: 6 free
    desk.Collect();
    EXPECT_TRUE(desk.answers.empty()) << "51 and 52 still wait";
    const Micros start = desk.now;
    desk.Until(start + 300 * MILLISECOND - 1);
    EXPECT_TRUE(desk.answers.empty());
    desk.Until(start + 300 * MILLISECOND);
    EXPECT_EQ(desk.Next(), Who{ROOT}) << "waited long enough and there is nothing else";
}

TEST(FanoutTracker, ALeafThatWaitsPrefersTheNewRelay)
{
    Desk desk;
    desk.Announce(ROOT, 0, 2, 8);
    desk.Ask(20, false);
    EXPECT_TRUE(desk.answers.empty());
    desk.now += 100 * MILLISECOND;
    desk.Announce(1, 1, 32);
    desk.Collect();
    EXPECT_EQ(desk.Next(), Who{1}) << "and the root is no spare for a leaf";
}

TEST(FanoutTracker, SparesAreDistinctFreeAndNotTheAsker)
{
    Desk desk;
    desk.Announce(ROOT, 0, 64, 64);
    for (std::uint32_t i = 1; i <= 40; i++)
    {
        desk.Announce(i, i <= 20 ? 1 : 2, i % 3 == 0 ? 0 : 4);
    }
    for (std::uint32_t i = 1; i <= 40; i++)
    {
        desk.Ask(i, i % 2 == 0, 100);
        const Who who = desk.Next();
        EXPECT_EQ(who.size(), 8u) << "capped";
        EXPECT_EQ(std::set<std::uint32_t>(who.begin(), who.end()).size(), who.size());
        EXPECT_EQ(std::count(who.begin(), who.end(), i), 0);
        for (const std::uint32_t candidate : who)
        {
            EXPECT_TRUE(candidate == ROOT || candidate % 3 != 0);
        }
    }
}

TEST(FanoutTracker, UnattachedRelaysAreForOldPeersWithoutAnythingElse)
{
    Desk desk;
    desk.Announce(1, UNATTACHED_LEVEL, 8, 8);
    desk.Ask(20, false);
    desk.AskOld(21);
    desk.AskOld(1);
    desk.Until(desk.now + SECOND);
    std::map<LinkId, Who> said;
    while (!desk.answers.empty())
    {
        const Who who = desk.Next();
        said[desk.lastAsker] = who;
    }
    EXPECT_EQ(said[20], Who{});
    EXPECT_EQ(said[21], Who{1});
    EXPECT_EQ(said[1], Who{}) << "never itself";
}

TEST(FanoutTracker, EntriesExpireAndCanBeWithdrawn)
{
    Desk desk;
    desk.Announce(1, 1, 8, 8, 1000);
    desk.Announce(2, 1, 8, 8, 600000);
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 2u);
    desk.Until(desk.now + 2 * SECOND);
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 1u);
    desk.Announce(2, 1, 8, 8, 600000);
    desk.Until(desk.now + 119 * SECOND);
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 1u);
    desk.Until(desk.now + 2 * SECOND);
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 0u) << "two minutes at most";
    desk.Announce(3, 1, 8, 8);
    desk.Announce(3, 1, 8, 8, 0);
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 0u);
    EXPECT_EQ(desk.tracker.Channels(), 0u);
    EXPECT_EQ(desk.tracker.NextAt(), NEVER);
}

TEST(FanoutTracker, AnEntryNeedsAnAddress)
{
    Desk desk;
    TrackerAnnounce announce;
    announce.ttlMs = 60000;
    announce.level = 1;
    announce.freeSlots = 4;
    announce.addresses = {Bytes{1, 2, 3}};
    desk.tracker.Announce(desk.now, Peer(1), Channel(0), announce, Endpoint());
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 0u);
    const Endpoint listed{0x0a000001 + 5, 77, Endpoint::Protocol::TCP};
    announce.addresses = {Bytes{1, 2, 3}, listed.ToBytes()};
    desk.tracker.Announce(desk.now, Peer(5), Channel(0), announce, {0x0b000000, 1});
    desk.Ask(10, true);
    EXPECT_EQ(desk.Next(), Who{5}) << "the first that parses";
}

TEST(FanoutTracker, FeedbackCountsOnlyAboutWhomItWasGiven)
{
    Desk desk;
    desk.Announce(1, 1, 8);
    desk.Tell(30, 1, FeedbackEvent::JOIN_REJECT, RejectReason::NO_CAPACITY);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "a stranger";
    desk.Ask(10, false);
    desk.now += 61 * SECOND;
    desk.Announce(1, 1, 8);
    desk.Tell(10, 1, FeedbackEvent::JOIN_REJECT, RejectReason::NO_CAPACITY);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "too late";
    desk.Ask(10, false);
    desk.Tell(10, 1, FeedbackEvent::JOIN_REJECT, RejectReason::LOW_BID);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "only the lease ends";
    desk.Tell(10, 1, FeedbackEvent::JOIN_REJECT, RejectReason::NO_CAPACITY);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "once a naming";
    desk.Ask(10, false);
    desk.Ask(11, false);
    desk.Tell(10, 1, FeedbackEvent::JOIN_REJECT, RejectReason::NO_CAPACITY);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 0u);
    EXPECT_EQ(desk.tracker.Leases(), 1u) << "11 keeps its own";
    desk.Announce(1, 1, 3);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 2u);
}

TEST(FanoutTracker, OneReportThatAPeerIsDeadIsNotEnough)
{
    Desk desk;
    desk.Announce(1, 1, 8);
    desk.Ask(10, false);
    desk.Tell(10, 1, FeedbackEvent::JOIN_TIMEOUT);
    desk.Ask(10, false);
    desk.Tell(10, 1, FeedbackEvent::DIAL_FAILED);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "the same reporter twice";
    desk.Ask(11, false);
    desk.Tell(11, 1, FeedbackEvent::DIAL_FAILED);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 0u);
    desk.Announce(1, 1, 8);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 8u) << "until it announces again";
}

TEST(FanoutTracker, AfterManyReportsWhoWasHeardSinceComesFirst)
{
    Desk desk;
    for (std::uint32_t i = 1; i <= 60; i++)
    {
        desk.Announce(i, 3, 8); // leaves go deep
    }
    desk.Until(10 * SECOND);
    for (std::uint32_t i = 0; i < 12; i++)
    {
        desk.Ask(100 + i, false);
        desk.Tell(100 + i, desk.Next().front(), FeedbackEvent::JOIN_TIMEOUT);
    }
    desk.Announce(70, 2, 8);
    for (std::uint32_t i = 0; i < 8; i++)
    {
        desk.Ask(200 + i, false);
        EXPECT_EQ(desk.Next().front(), 70u) << "ask " << i;
    }
    desk.Ask(300, false);
    EXPECT_GT(desk.Next().size(), 0u) << "those not heard are better than nobody";
}

TEST(FanoutTracker, JoinedTurnsTheLeaseIntoAChild)
{
    Desk desk;
    desk.Announce(1, 1, 8);
    desk.now += MILLISECOND;
    desk.Ask(10, false);
    desk.Tell(10, 1, FeedbackEvent::JOINED);
    EXPECT_EQ(desk.tracker.Leases(), 0u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 7u);
    desk.Ask(11, true);
    desk.Announce(11, 2, 32); // attached: it has joined, too
    EXPECT_EQ(desk.tracker.Leases(), 0u);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 6u + 32);
}

TEST(FanoutTracker, SparesTakeTwoReports)
{
    Desk desk;
    desk.Announce(1, 1, 1);
    desk.Announce(2, 1, 8);
    desk.Announce(3, 1, 8);
    desk.Ask(10, true);
    const Who first = desk.Next();
    ASSERT_EQ(first.size(), 3u);
    const std::uint32_t before = desk.tracker.FreeSlots(Channel(0));
    desk.Tell(10, first[1], FeedbackEvent::JOIN_REJECT, RejectReason::NO_CAPACITY);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), before);
}

TEST(FanoutTracker, AClosedLinksQueryIsForgotten)
{
    Desk desk;
    desk.Ask(10, true);
    desk.tracker.Gone(99, Peer(10));
    EXPECT_EQ(desk.tracker.Parked(), 1u);
    desk.tracker.Gone(10, Peer(10));
    EXPECT_EQ(desk.tracker.Parked(), 0u);
    EXPECT_EQ(desk.tracker.Channels(), 0u);
}

TEST(FanoutTracker, AFloodIsBounded)
{
    TrackerLimits limits;
    limits.maxChannels = 64;
    limits.maxEntries = 100;
    limits.maxParked = 50;
    Desk desk(limits);
    for (std::uint32_t i = 0; i < 100; i++)
    {
        desk.Announce(1, 1, 8, 8, 60000, i);
        desk.Ask(2, true, 4, 1000 + i);
    }
    EXPECT_EQ(desk.tracker.Channels(), 32u) << "16 a sender, announced or asked for";
    desk.Until(desk.now + SECOND);
    EXPECT_EQ(desk.tracker.Channels(), 16u);
    for (std::uint32_t i = 0; i < 1000; i++)
    {
        desk.Announce(100, 1, 8, 8, 60000, 0);
        desk.Announce(2000 + i, 1, 8, 8, 60000, 0);
    }
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 100u);
    for (std::uint32_t i = 0; i < 1000; i++)
    {
        desk.Announce(10000 + i, 1, 8, 8, 60000, 5000 + i);
        ASSERT_LE(desk.tracker.Channels(), 64u);
    }
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 100u) << "the smallest go first";
    for (std::uint32_t i = 0; i < 47; i++)
    {
        EXPECT_EQ(desk.tracker.Entries(Channel(5000 + i)), 1u) << "and of these the newest";
    }
    for (std::uint32_t i = 0; i < 1000; i++)
    {
        desk.Ask(30000 + i, true, 4, 5999);
    }
    EXPECT_LE(desk.tracker.Parked(), 50u);
    EXPECT_LE(desk.tracker.Leases(), 8u);
    desk.Until(desk.now + 200 * SECOND);
    EXPECT_EQ(desk.tracker.Channels(), 0u);
    EXPECT_EQ(desk.tracker.NextAt(), NEVER);
}

TEST(FanoutTracker, ARelayThatWasPromisedASlotWaitsNoLonger)
{
    Desk desk;
    for (std::uint32_t i = 0; i < 3; i++)
    {
        desk.Announce(50 + i, UNATTACHED_LEVEL, 32, 32);
    }
    desk.Announce(ROOT, 0, 9, 9);
    for (std::uint32_t i = 0; i < 3; i++)
    {
        desk.Ask(50 + i, true);
        EXPECT_EQ(desk.Next(), Who{ROOT});
    }
    desk.Ask(20, false);
    EXPECT_EQ(desk.Next(), Who{ROOT}) << "6 free, nobody waits, more than 4 remain";
}

TEST(FanoutTracker, ADroppedChannelLeavesNothingBehind)
{
    TrackerLimits limits;
    limits.maxChannels = 1;
    Desk desk(limits);
    for (std::uint32_t i = 0; i < 3; i++)
    {
        desk.Announce(i, 1, 8, 8, 60000, 1);
    }
    desk.Ask(10, true, 4, 1);
    desk.Announce(4, 1, 8, 8, 1000, 2);
    EXPECT_EQ(desk.tracker.Entries(Channel(1)), 0u);
    EXPECT_EQ(desk.tracker.Leases(), 0u);
    desk.Until(desk.now + 3 * SECOND);
    EXPECT_EQ(desk.tracker.Channels(), 0u);
    EXPECT_EQ(desk.tracker.NextAt(), NEVER);
    desk.Until(desk.now + 100 * SECOND);
}

TEST(FanoutTracker, AFullTableMakesRoomForThoseWithRoom)
{
    TrackerLimits limits;
    limits.maxEntries = 100;
    Desk desk(limits);
    for (std::uint32_t i = 1; i <= 100; i++)
    {
        desk.Announce(i, 1, 1);
    }
    desk.Announce(500, 1, 8);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 100u) << "refused";
    desk.Announce(7, 1, 0);
    desk.Announce(500, 1, 8);
    EXPECT_EQ(desk.tracker.FreeSlots(Channel(0)), 107u) << "in place of 7";
    EXPECT_EQ(desk.tracker.Entries(Channel(0)), 100u);
}

TEST(FanoutTracker, AQueryLooksAtAFewEntriesWhateverTheSize)
{
    std::uint32_t costs[2];
    for (int large = 0; large < 2; large++)
    {
        Desk desk;
        for (std::uint32_t i = 0; i < (large ? 16384u : 32u); i++)
        {
            desk.Announce(i, static_cast<std::uint16_t>(1 + i % 4), 8);
        }
        desk.cost = 0;
        for (std::uint32_t i = 0; i < 1000; i++)
        {
            desk.Ask(50000 + i, i % 4 == 0, 8);
        }
        costs[large] = desk.cost;
    }
    EXPECT_LE(costs[0], 64u);
    EXPECT_LE(costs[1], 64u);
}

// 10,000 ask at once; a quarter are relays of 32 slots, the root has 64. Whoever is given a slot
// joins after a while and, as a relay, announces: nobody is promised a slot that is not there.
TEST(FanoutTracker, TellsOnlyWhoWantsToHear)
{
    Tracker tracker(TrackerLimits(), Random(1, 2, 3));
    TrackerAnnounce announce;
    announce.ttlMs = 60000;
    announce.level = 1;
    announce.freeSlots = 4;
    for (const bool wanted : {true, false, true})
    {
        tracker.WantEvents(wanted);
        tracker.Announce(SECOND, Peer(1), Channel(0), announce, {1, 4001});
        tracker.Query(SECOND, Peer(2), 2, Channel(0), TrackerQuery{1, 4, {}});
        EXPECT_EQ(tracker.TakeEvents().size(), wanted ? 2U : 0U);
        EXPECT_EQ(tracker.TakeAnswers().size(), 1U);
    }
}

TEST(FanoutTracker, ACrowdIsSpreadWithoutOverLease)
{
    constexpr std::uint32_t PEERS = 10000;
    Desk desk;
    Random random(9, 9, 9);
    desk.Announce(ROOT, 0, 64, 64);

    struct Slot
    {
        std::uint16_t level;
        std::uint32_t children;
        std::uint32_t capacity;
    };

    std::map<std::uint32_t, Slot> relays{{ROOT, {0, 0, 64}}};
    std::multimap<Micros, std::pair<std::uint32_t, std::uint32_t>> joins; // who, below whom
    std::multimap<Micros, std::uint32_t> retries;
    std::set<std::uint32_t> attached;
    std::uint32_t rejected = 0;
    std::vector<std::uint16_t> levels;
    for (std::uint32_t i = 1; i <= PEERS; i++)
    {
        retries.emplace(desk.now + static_cast<Micros>(random.Below(50 * MILLISECOND)), i);
    }
    const auto collect = [&]
    {
        while (!desk.answers.empty())
        {
            const Who who = desk.Next();
            const Micros later = desk.now + static_cast<Micros>(50 + random.Below(200)) * 1000;
            if (who.empty())
            {
                retries.emplace(later, desk.lastAsker);
            }
            else
            {
                joins.emplace(later, std::make_pair(desk.lastAsker, who[0]));
            }
        }
    };
    while (attached.size() < PEERS && desk.now < 20 * SECOND)
    {
        const Micros join = joins.empty() ? NEVER : joins.begin()->first;
        const Micros retry = retries.empty() ? NEVER : retries.begin()->first;
        desk.Until(std::min({join, retry, desk.now + 10 * MILLISECOND}));
        collect();
        while (!retries.empty() && retries.begin()->first <= desk.now)
        {
            const std::uint32_t who = retries.begin()->second;
            retries.erase(retries.begin());
            if (who % 4 == 0)
            {
                desk.Announce(who, UNATTACHED_LEVEL, 32, 32);
            }
            desk.Ask(who, who % 4 == 0);
        }
        while (!joins.empty() && joins.begin()->first <= desk.now)
        {
            const auto [who, parent] = joins.begin()->second;
            joins.erase(joins.begin());
            Slot& slot = relays.at(parent);
            if (slot.children == slot.capacity)
            {
                rejected++;
                retries.emplace(desk.now + 100 * MILLISECOND, who);
                continue;
            }
            slot.children++;
            attached.insert(who);
            const auto level = static_cast<std::uint16_t>(slot.level + 1);
            levels.push_back(level);
            desk.Announce(parent,
                          slot.level,
                          static_cast<std::uint16_t>(slot.capacity - slot.children),
                          static_cast<std::uint16_t>(slot.capacity));
            if (who % 4 == 0)
            {
                relays[who] = {level, 0, 32};
                desk.Announce(who, level, 32, 32);
            }
        }
        desk.Collect();
        collect();
    }
    EXPECT_EQ(attached.size(), PEERS);
    EXPECT_EQ(rejected, 0u);
    std::sort(levels.begin(), levels.end());
    EXPECT_LE(levels.at(levels.size() * 95 / 100), 4u) << "3 is best";
    EXPECT_LT(desk.now, 5 * SECOND);
    EXPECT_LE(desk.cost, 64u);
    std::cout << "10,000 attached after " << (desk.now - SECOND) / 1000 << " ms, level p50 "
              << levels[levels.size() / 2] << ", p95 " << levels[levels.size() * 95 / 100]
              << ", last " << levels.back() << "\n";
}

TEST(FanoutTracker, SameCallsSameAnswers)
{
    std::string transcripts[2];
    for (auto& transcript : transcripts)
    {
        Desk desk;
        Random random(5, 5, 5);
        for (int i = 0; i < 3000; i++)
        {
            desk.Until(desk.now + static_cast<Micros>(random.Below(20 * MILLISECOND)));
            const auto who = static_cast<std::uint32_t>(random.Below(300));
            switch (random.Below(4))
            {
            case 0:
                desk.Announce(who,
                              random.Below(8) == 0 ? UNATTACHED_LEVEL
                                                   : static_cast<std::uint16_t>(random.Below(5)),
                              static_cast<std::uint16_t>(random.Below(4)),
                              8,
                              static_cast<std::uint32_t>(random.Below(5000)));
                break;
            case 1:
                desk.Tell(who,
                          static_cast<std::uint32_t>(random.Below(300)),
                          static_cast<FeedbackEvent>(1 + random.Below(4)),
                          static_cast<RejectReason>(1 + random.Below(3)));
                break;
            default:
                desk.Ask(who, random.Below(2) == 0);
                break;
            }
            desk.Collect();
        }
        for (const auto& answer : desk.answers)
        {
            transcript += std::to_string(answer.link) + ":";
            for (const auto& entry : answer.reply.entries)
            {
                transcript += entry.hash.substr(0, 6) + ",";
            }
        }
        desk.Until(desk.now + 200 * SECOND);
        EXPECT_EQ(desk.tracker.Channels(), 0u);
        EXPECT_EQ(desk.tracker.Parked(), 0u);
        EXPECT_EQ(desk.tracker.Leases(), 0u);
    }
    EXPECT_GT(transcripts[0].size(), 1000u);
    EXPECT_EQ(transcripts[0], transcripts[1]);
}

} // namespace
} // namespace ns3::fanout
