/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-admission.h"
#include "ns3/fanout-random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace
{

using namespace ns3::fanout;

PeerId
IdOf(std::uint32_t number)
{
    PeerId id;
    id.digest[0] = static_cast<std::uint8_t>(number + 1);
    id.digest[1] = static_cast<std::uint8_t>(number >> 8);
    return id;
}

/// @return a request of peer number from the link of that number, by a peer that knows the
/// extension
Child
Asker(std::uint32_t number, std::uint32_t bid = 0, Micros now = 0)
{
    Child child;
    child.peer = IdOf(number);
    child.link = number;
    child.bid = bid;
    child.since = now;
    child.heard = now;
    child.extended = true;
    return child;
}

void
Hear(Admission& admission, LinkId link, Micros now)
{
    ASSERT_TRUE(admission.Find(link));
    admission.Heard(link, now);
}

std::vector<LinkId>
LinksOf(const std::vector<Child>& children)
{
    std::vector<LinkId> links;
    for (const auto& child : children)
    {
        links.push_back(child.link);
    }
    return links;
}

TEST(FanoutAdmission, WhoHasNoPathToTheRootAdmitsNobody)
{
    Admission admission(AdmissionLimits{4});
    const auto verdict = admission.Request(Asker(1, 100), {false, true});
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.reason, RejectReason::NOT_ATTACHED);
    EXPECT_TRUE(admission.Children().empty());
}

TEST(FanoutAdmission, CapacityZeroMeansNoChildren)
{
    Admission admission(AdmissionLimits{0});
    for (const bool allowKick : {false, true})
    {
        const auto verdict = admission.Request(Asker(1, 100), {true, allowKick});
        EXPECT_FALSE(verdict.accepted);
        EXPECT_EQ(verdict.reason, RejectReason::NO_CAPACITY);
    }
    EXPECT_EQ(admission.FreeSlots(), 0);
}

TEST(FanoutAdmission, TakesAsManyAsItHasRoomFor)
{
    Admission admission(AdmissionLimits{3});
    for (std::uint32_t i = 0; i < 3; i++)
    {
        EXPECT_EQ(admission.FreeSlots(), 3 - i);
        const auto verdict = admission.Request(Asker(i), {true, false});
        EXPECT_TRUE(verdict.accepted);
        EXPECT_TRUE(verdict.fresh);
        EXPECT_FALSE(verdict.displaced);
        EXPECT_TRUE(admission.Has(IdOf(i)));
    }
    const auto verdict = admission.Request(Asker(3, 1000), {true, false});
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.reason, RejectReason::NO_CAPACITY);
    EXPECT_EQ(LinksOf(admission.Children()), (std::vector<LinkId>{0, 1, 2}));
    EXPECT_EQ(admission.FreeSlots(), 0);
    EXPECT_EQ(admission.Capacity(), 3);
}

TEST(FanoutAdmission, AChildThatAsksAgainIsRefreshedEvenWhenFull)
{
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1, 5), {true, false});
    Child again = Asker(1, 9, SECOND);
    again.link = 77;
    const auto verdict = admission.Request(again, {true, false});
    EXPECT_TRUE(verdict.accepted);
    EXPECT_FALSE(verdict.fresh);
    ASSERT_EQ(admission.Children().size(), 1U);
    EXPECT_EQ(admission.Children()[0].bid, 9U);
    EXPECT_EQ(admission.Children()[0].heard, SECOND);
    EXPECT_TRUE(admission.Find(77));
    EXPECT_FALSE(admission.Find(1));
}

TEST(FanoutAdmission, AHigherBidDisplacesTheLowestWhenThatIsAllowed)
{
    Admission admission(AdmissionLimits{3});
    admission.Request(Asker(0, 7), {true, true});
    admission.Request(Asker(1, 5), {true, true});
    admission.Request(Asker(2, 5), {true, true});
    auto verdict = admission.Request(Asker(3, 5), {true, true});
    EXPECT_FALSE(verdict.accepted) << "an equal bid is not higher";
    EXPECT_EQ(verdict.reason, RejectReason::LOW_BID);
    EXPECT_EQ(admission.Request(Asker(3, 6), {true, false}).reason, RejectReason::NO_CAPACITY);
    verdict = admission.Request(Asker(3, 6), {true, true});
    EXPECT_TRUE(verdict.accepted);
    EXPECT_TRUE(verdict.fresh);
    ASSERT_TRUE(verdict.displaced);
    EXPECT_EQ(verdict.displaced->peer, IdOf(1)) << "of equal ones the first admitted";
    EXPECT_EQ(LinksOf(admission.Children()), (std::vector<LinkId>{0, 2, 3}));
}

TEST(FanoutAdmission, ChildrenNeverPassTheCapacityNorComeTwice)
{
    for (const std::uint16_t capacity : {1, 2, 7})
    {
        Random random(5, capacity, 0);
        Admission admission(AdmissionLimits{capacity});
        for (int i = 0; i < 1000; i++)
        {
            const auto number = static_cast<std::uint32_t>(random.Below(20));
            const auto bid = static_cast<std::uint32_t>(random.Below(10));
            const bool known = admission.Has(IdOf(number));
            const std::size_t before = admission.Children().size();
            const auto verdict =
                admission.Request(Asker(number, bid), {random.Below(10) > 0, random.Below(2) > 0});
            EXPECT_EQ(verdict.fresh, verdict.accepted && !known);
            EXPECT_EQ(admission.Children().size(),
                      before + (verdict.fresh && !verdict.displaced ? 1 : 0));
            ASSERT_LE(admission.Children().size(), capacity);
            EXPECT_EQ(admission.FreeSlots(), capacity - admission.Children().size());
            EXPECT_EQ(std::count_if(admission.Children().begin(),
                                    admission.Children().end(),
                                    [&](const Child& c) { return c.peer == IdOf(number); }),
                      verdict.accepted || known ? 1 : 0);
            if (random.Below(8) == 0)
            {
                admission.Remove(static_cast<LinkId>(random.Below(20)));
            }
        }
    }
}

TEST(FanoutAdmission, TargetsAndBidsFollowTheChildren)
{
    Random random(6, 0, 0);
    Admission admission(AdmissionLimits{5});
    for (int i = 0; i < 3000; i++)
    {
        Child child = Asker(static_cast<std::uint32_t>(random.Below(9)),
                            static_cast<std::uint32_t>(random.Below(3)));
        child.link = static_cast<LinkId>(random.Below(30));
        child.relay = random.Below(2) > 0;
        if (!admission.Find(child.link))
        {
            admission.Request(child, {true, random.Below(2) > 0});
        }
        const auto link = static_cast<LinkId>(random.Below(30));
        random.Below(2) > 0 ? admission.SetWatermark(link, 7 * link)
                            : static_cast<void>(admission.Remove(link));
        ASSERT_EQ(admission.Targets().size(), admission.Children().size());
        std::uint64_t bids = 0;
        for (std::size_t c = 0; c < admission.Children().size(); c++)
        {
            ASSERT_EQ(admission.Targets()[c].link, admission.Children()[c].link);
            ASSERT_EQ(admission.Find(admission.Targets()[c].link), &admission.Children()[c]);
            bids += admission.Children()[c].bid;
        }
        ASSERT_EQ(admission.TotalBid(), bids);
    }
    admission.RemoveAll();
    EXPECT_TRUE(admission.Targets().empty());
    EXPECT_EQ(admission.TotalBid(), 0);
}

TEST(FanoutAdmission, ALateAcceptLeavesNoPhantom)
{
    const Options options;
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1, 0, SECOND), {true, false});
    const Micros end = SECOND + options.confirmLease;
    for (const Micros flowing : {NEVER, Micros{0}, end - 1})
    {
        EXPECT_EQ(admission.NextAt(flowing, options), end);
        EXPECT_TRUE(admission.Expire(end - 1, flowing, options).empty());
    }
    EXPECT_EQ(LinksOf(admission.Expire(end, NEVER, options)), (std::vector<LinkId>{1}));
    EXPECT_EQ(admission.FreeSlots(), 1);
    EXPECT_EQ(admission.NextAt(NEVER, options), NEVER);
}

TEST(FanoutAdmission, EachAcceptHasAConfirmLeaseOfItsOwn)
{
    const Options options;
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1, 0, 0), {true, false});
    const Micros again = options.confirmLease - MILLISECOND;
    ASSERT_TRUE(admission.Request(Asker(1, 0, again), {true, false}).accepted);
    EXPECT_TRUE(admission.Expire(again + options.confirmLease - 1, NEVER, options).empty());
    EXPECT_EQ(admission.Expire(again + options.confirmLease, NEVER, options).size(), 1U);
}

TEST(FanoutAdmission, AHeardChildIsKeptByTheLeaseOfTheMoment)
{
    const Options options;
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1), {true, false});
    Hear(admission, 1, SECOND);
    EXPECT_EQ(admission.NextAt(0, options), SECOND + options.childLease);
    EXPECT_EQ(admission.NextAt(NEVER, options), SECOND + options.idleLease);
    EXPECT_TRUE(admission.Expire(SECOND + options.childLease - 1, 0, options).empty());
    Hear(admission, 1, SECOND + options.childLease - 1);
    EXPECT_TRUE(admission.Expire(SECOND + options.childLease, 0, options).empty());
    const Micros end = SECOND + 2 * options.childLease - 1;
    EXPECT_EQ(admission.Expire(end, 0, options).size(), 1U);
}

TEST(FanoutAdmission, AStreamThatSetsInGivesQuietChildrenTheirTime)
{
    const Options options;
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1), {true, false});
    Hear(admission, 1, SECOND);
    const Micros flowing = 40 * SECOND;
    EXPECT_TRUE(admission.Expire(flowing + options.childLease - 1, flowing, options).empty());
    EXPECT_EQ(admission.Expire(flowing + options.childLease, flowing, options).size(), 1U);
}

TEST(FanoutAdmission, TheQuietestChildIsProbed)
{
    const Options options;
    Admission admission(AdmissionLimits{4});
    for (const LinkId link : {1U, 2U, 3U, 4U})
    {
        admission.Request(Asker(link), {true, false});
    }
    EXPECT_EQ(admission.ProbeQuietest(10 * SECOND), NO_LINK)
        << "none is confirmed, the lease is short";
    Hear(admission, 1, 3 * SECOND);
    Hear(admission, 2, SECOND);
    Hear(admission, 3, 2 * SECOND);
    EXPECT_EQ(admission.ProbeQuietest(2 * SECOND), NO_LINK) << "all were heard just now";
    admission.Remove(4);
    EXPECT_EQ(admission.ProbeQuietest(4 * SECOND), 2U);
    EXPECT_EQ(admission.ProbeQuietest(4 * SECOND), NO_LINK) << "one is probed, two are not quiet";
    EXPECT_EQ(admission.ProbeQuietest(5 * SECOND), 3U);
    EXPECT_EQ(admission.NextAt(NEVER, options), 4 * SECOND + PROBE_TIMEOUT);
    Hear(admission, 2, 5 * SECOND);
    Hear(admission, 3, 5 * SECOND);
    EXPECT_TRUE(admission.ProbeAgain(44 * SECOND, NEVER, options).empty());
    EXPECT_TRUE(admission.Expire(44 * SECOND, NEVER, options).empty());
    EXPECT_EQ(admission.NextAt(NEVER, options), 3 * SECOND + options.idleLease);
}

/// @param now when it is probed @return a table with one child, 1, heard at 0
Admission
WithOneProbed(Micros now)
{
    Admission admission(AdmissionLimits{1});
    admission.Request(Asker(1), {true, false});
    Hear(admission, 1, 0);
    EXPECT_EQ(admission.ProbeQuietest(now), 1U);
    return admission;
}

TEST(FanoutAdmission, WhoIsProbedAndAsksForItsSlotAgainHasAnswered)
{
    const Options options;
    Admission admission = WithOneProbed(10 * SECOND);
    ASSERT_TRUE(admission.Request(Asker(1, 0, 11 * SECOND), {true, false}).accepted);
    EXPECT_EQ(admission.NextAt(NEVER, options), 11 * SECOND + options.idleLease);
}

TEST(FanoutAdmission, WhoIsProbedThreeTimesAndDoesNotAnswerIsGone)
{
    const Options options;
    const Micros first = 10 * SECOND;
    Admission admission = WithOneProbed(first);
    for (Micros turn = 1; turn <= 2; turn++)
    {
        const Micros due = first + turn * PROBE_TIMEOUT;
        EXPECT_EQ(admission.NextAt(NEVER, options), due);
        EXPECT_TRUE(admission.ProbeAgain(due - 1, NEVER, options).empty());
        EXPECT_EQ(admission.ProbeAgain(due, NEVER, options), (std::vector<LinkId>{1}));
        EXPECT_TRUE(admission.Expire(due, NEVER, options).empty());
    }
    const Micros end = first + 3 * PROBE_TIMEOUT;
    EXPECT_EQ(admission.NextAt(NEVER, options), end);
    EXPECT_TRUE(admission.ProbeAgain(end, NEVER, options).empty());
    EXPECT_EQ(LinksOf(admission.Expire(end, NEVER, options)), (std::vector<LinkId>{1}));
}

TEST(FanoutAdmission, APeerWithoutTheExtensionHasNoLease)
{
    const Options options;
    Admission admission(AdmissionLimits{1});
    Child old = Asker(1);
    old.extended = false;
    admission.Request(old, {true, false});
    EXPECT_EQ(admission.NextAt(0, options), NEVER);
    EXPECT_TRUE(admission.Expire(1000 * SECOND, 0, options).empty());
}

TEST(FanoutAdmission, OnlyThoseWhoseLeaseEndedGo)
{
    const Options options;
    Admission admission(AdmissionLimits{8});
    for (std::uint32_t i = 0; i < 6; i++)
    {
        admission.Request(Asker(i), {true, false});
        if (i % 2 == 0)
        {
            Hear(admission, i, SECOND);
        }
    }
    EXPECT_EQ(LinksOf(admission.Expire(options.confirmLease, NEVER, options)),
              (std::vector<LinkId>{1, 3, 5}));
    EXPECT_EQ(LinksOf(admission.Children()), (std::vector<LinkId>{0, 2, 4}));
}

TEST(FanoutAdmission, ALeaseEndsExactlyWhenItWasSaidTo)
{
    const Options options;
    Random random(9, 0, 0);
    Admission admission(AdmissionLimits{50});
    for (std::uint32_t i = 0; i < 50; i++)
    {
        const auto now = static_cast<Micros>(random.Below(SECOND));
        admission.Request(Asker(i, 0, now), {true, false});
        if (random.Below(8) > 0)
        {
            Hear(admission, i, now + static_cast<Micros>(random.Below(SECOND)));
        }
    }
    const Micros flowing = SECOND / 2;
    while (!admission.Children().empty())
    {
        const Micros next = admission.NextAt(flowing, options);
        ASSERT_LT(next, NEVER);
        ASSERT_TRUE(admission.Expire(next - 1, flowing, options).empty());
        ASSERT_FALSE(admission.Expire(next, flowing, options).empty());
    }
}

TEST(FanoutAdmission, WhoLeavesMakesRoom)
{
    Admission admission(AdmissionLimits{2});
    admission.Request(Asker(1), {true, false});
    admission.Request(Asker(2), {true, false});
    EXPECT_FALSE(admission.Remove(3));
    const auto gone = admission.Remove(1);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->peer, IdOf(1));
    EXPECT_FALSE(admission.Has(IdOf(1)));
    EXPECT_FALSE(admission.Remove(1));
    EXPECT_EQ(admission.FreeSlots(), 1);
    admission.Request(Asker(4), {true, false});
    EXPECT_EQ(LinksOf(admission.RemoveAll()), (std::vector<LinkId>{2, 4}));
    EXPECT_EQ(admission.FreeSlots(), 2);
}

TEST(FanoutAdmission, WhoWasNotHeardIsSentOnlySoMuch)
{
    Admission admission(AdmissionLimits{2});
    admission.Request(Asker(1), {true, false});
    EXPECT_TRUE(admission.Targets()[0].Wants(1000));
    admission.SetBound(1, 10);
    admission.SetBound(1, 20); // asking again raises nothing
    EXPECT_TRUE(admission.Targets()[0].Wants(9));
    EXPECT_FALSE(admission.Targets()[0].Wants(10));
    Hear(admission, 1, 1);
    EXPECT_TRUE(admission.Targets()[0].Wants(10));
    admission.SetBound(1, 10);
    EXPECT_TRUE(admission.Targets()[0].Wants(10)) << "it was heard";
}

TEST(FanoutAdmission, WhoAsksFromElsewhereHasToBeHeardThere)
{
    Admission admission(AdmissionLimits{2});
    admission.Request(Asker(1), {true, false});
    Hear(admission, 1, 1);
    Child moved = Asker(1, 0, 2);
    moved.link = 7;
    ASSERT_TRUE(admission.Request(moved, {true, false}).accepted);
    admission.SetBound(7, 10);
    EXPECT_FALSE(admission.Targets()[0].Wants(10));
    const Options options;
    EXPECT_FALSE(admission.Expire(2 + options.confirmLease, 0, options).empty());
}

} // namespace
