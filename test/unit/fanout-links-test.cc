/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-ids.h"

#include "ns3/fanout-links.h"
#include "ns3/fanout-random.h"

#include <gtest/gtest.h>

#include <map>

namespace
{

using namespace ns3::fanout;
using ns3::fanout::test::IdOf;

int
AdmittedAtOnce(Neighbour& neighbour, Micros now, int frames)
{
    int admitted = 0;
    for (int i = 0; i < frames; i++)
    {
        admitted += Links::Admit(neighbour, now);
    }
    return admitted;
}

TEST(FanoutLinks, ALinkStaysUntilItsLastHolderReleasesIt)
{
    Links links;
    links.Hold(7, IdOf(1), true);
    links.Hold(7, IdOf(1), true);
    EXPECT_EQ(links.GetN(), 1U);
    EXPECT_FALSE(links.Release(7));
    ASSERT_TRUE(links.Find(7));
    EXPECT_TRUE(links.Release(7));
    EXPECT_FALSE(links.Find(7));
    EXPECT_EQ(links.GetN(), 0U);
}

TEST(FanoutLinks, StrangersHaveNoEntry)
{
    Links links;
    links.Hold(7, IdOf(1), true);
    EXPECT_FALSE(links.Find(6));
    EXPECT_FALSE(links.Find(8));
    EXPECT_FALSE(links.Find(NO_LINK));
    EXPECT_FALSE(links.FindPeer(IdOf(2)));
    EXPECT_FALSE(links.Release(8));
    links.Drop(8);
    EXPECT_EQ(links.GetN(), 1U);
    EXPECT_TRUE(static_cast<const Links&>(links).Find(7));
}

TEST(FanoutLinks, FindsEachOneInWhateverOrderTheyCame)
{
    Links links;
    const LinkId order[] = {50, 3, 99, 17, 4, 0, 71, 70, 12, 60, 2};
    for (const LinkId link : order)
    {
        links.Hold(link, IdOf(static_cast<std::uint8_t>(link + 1)), false);
    }
    for (const LinkId link : order)
    {
        const Neighbour* found = links.Find(link);
        ASSERT_TRUE(found) << link;
        EXPECT_EQ(found->link, link);
        EXPECT_EQ(found->peer, IdOf(static_cast<std::uint8_t>(link + 1)));
        EXPECT_EQ(links.FindPeer(found->peer), found);
    }
    EXPECT_TRUE(links.Release(17));
    EXPECT_FALSE(links.Find(17));
    EXPECT_TRUE(links.Find(12));
    EXPECT_TRUE(links.Find(50));
}

TEST(FanoutLinks, FindsEachOneWhateverChanges)
{
    Random random(1, 2, 3);
    Links links;
    std::map<LinkId, int> holds;
    for (int i = 0; i < 20000; i++)
    {
        const auto link = static_cast<LinkId>(random.Below(40));
        switch (random.Below(5))
        {
        case 0:
        case 1:
            links.Hold(link, IdOf(static_cast<std::uint8_t>(link + 1)), true);
            holds[link]++;
            break;
        case 2:
            if (holds.count(link) && --holds[link] == 0)
            {
                holds.erase(link);
            }
            links.Release(link);
            break;
        case 3:
            links.Prefer(link);
            break;
        default:
            links.Drop(link);
            holds.erase(link);
        }
        ASSERT_EQ(links.GetN(), holds.size());
        for (LinkId other = 0; other < 40; other++)
        {
            const Neighbour* found = links.Find(other);
            ASSERT_EQ(found != nullptr, holds.count(other) == 1) << i;
            ASSERT_TRUE(!found || found->link == other) << i;
        }
    }
}

TEST(FanoutLinks, TheFirstPeerNamedStaysAndAnOpenLinkStaysOpen)
{
    Links links;
    EXPECT_FALSE(links.Hold(1, PeerId(), false).peer);
    EXPECT_FALSE(links.Find(1)->open);
    EXPECT_EQ(links.Hold(1, IdOf(5), true).peer, IdOf(5));
    EXPECT_EQ(links.Hold(1, IdOf(6), false).peer, IdOf(5));
    EXPECT_EQ(links.Hold(1, PeerId(), false).peer, IdOf(5));
    EXPECT_TRUE(links.Find(1)->open);
}

TEST(FanoutLinks, DropForgetsALinkWhoeverHoldsIt)
{
    Links links;
    links.Hold(1, IdOf(1), true);
    links.Hold(1, IdOf(1), true);
    links.Hold(2, IdOf(2), true);
    links.Drop(1);
    EXPECT_FALSE(links.Find(1));
    EXPECT_FALSE(links.Release(1));
    EXPECT_TRUE(links.Find(2));
}

TEST(FanoutLinks, FirstSampleSetsTheRoundTripLaterOnesMoveIt)
{
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    links.Sample(n, 100 * MILLISECOND);
    EXPECT_FLOAT_EQ(n.srtt, 100000);
    EXPECT_FLOAT_EQ(n.rttvar, 25000);
    links.Sample(n, 200 * MILLISECOND);
    EXPECT_FLOAT_EQ(n.srtt, 112500);
    EXPECT_FLOAT_EQ(n.rttvar, 43750);
    links.Sample(n, 112500);
    EXPECT_FLOAT_EQ(n.srtt, 112500);
    EXPECT_FLOAT_EQ(n.rttvar, 32812.5);
}

TEST(FanoutLinks, TimeOutIsRoundTripPlusFourDeviationsOrTwentyMilliseconds)
{
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    EXPECT_EQ(n.Rto(), 2 * Links::TYPICAL_RTT);
    links.Sample(n, 100 * MILLISECOND);
    EXPECT_EQ(n.Rto(), 200 * MILLISECOND);
    for (int i = 0; i < 60; i++)
    {
        links.Sample(n, 100 * MILLISECOND);
    }
    EXPECT_NEAR(n.Rto(), 120 * MILLISECOND, 5);
}

TEST(FanoutLinks, ARoundTripOfZeroStillCountsAsMeasured)
{
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    links.Sample(n, 0);
    EXPECT_GT(n.srtt, 0);
    EXPECT_EQ(links.RttOf(&n), 1);
    EXPECT_NEAR(n.Rto(), 20 * MILLISECOND, 2);
}

TEST(FanoutLinks, AnUnmeasuredNeighbourIsTakenForATypicalOne)
{
    Links links;
    Neighbour& measured = links.Hold(1, IdOf(1), true);
    EXPECT_EQ(links.RttOf(nullptr), Links::TYPICAL_RTT);
    EXPECT_EQ(links.RttOf(&measured), Links::TYPICAL_RTT);
    links.Sample(measured, 50 * MILLISECOND);
    EXPECT_EQ(links.RttOf(&measured), 50 * MILLISECOND);
    EXPECT_EQ(links.RttOf(nullptr), 125 * MILLISECOND);
    const Neighbour& fresh = links.Hold(2, IdOf(2), true);
    EXPECT_EQ(links.RttOf(&fresh), 125 * MILLISECOND);
}

TEST(FanoutLinks, ANeighbourMaySendItsBurstAtOnceAndThenItsRate)
{
    const int burst = static_cast<int>(Links::INPUT_BURST);
    const int rate = static_cast<int>(Links::INPUT_PER_SECOND);
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    EXPECT_EQ(AdmittedAtOnce(n, 0, 2 * burst), burst);
    EXPECT_EQ(AdmittedAtOnce(n, SECOND / 4, 2 * burst), rate / 4);
    EXPECT_EQ(AdmittedAtOnce(n, 100 * SECOND, 3 * burst), burst);
}

TEST(FanoutLinks, ALateFirstFrameFindsOneBurstOnly)
{
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    const int burst = static_cast<int>(Links::INPUT_BURST);
    EXPECT_EQ(AdmittedAtOnce(n, 500 * SECOND, 2 * burst), burst);
}

TEST(FanoutLinks, NoStreamOfFramesPassesMoreThanBurstAndRate)
{
    Links links;
    Neighbour& n = links.Hold(1, IdOf(1), true);
    int admitted = 0;
    for (Micros now = 0; now < 2 * SECOND; now += 50)
    {
        admitted += Links::Admit(n, now);
    }
    const double most = Links::INPUT_BURST + 2 * Links::INPUT_PER_SECOND;
    EXPECT_LE(admitted, most + 1);
    EXPECT_GE(admitted, most * 0.99);
}

TEST(FanoutLinks, BudgetsAreSeparate)
{
    Links links;
    links.Hold(1, IdOf(1), true);
    links.Hold(2, IdOf(2), true);
    AdmittedAtOnce(*links.Find(1), 0, 2 * static_cast<int>(Links::INPUT_BURST));
    EXPECT_FALSE(Links::Admit(*links.Find(1), 0));
    EXPECT_TRUE(Links::Admit(*links.Find(2), 0));
}

TEST(FanoutLinks, APeerWithFewNeighboursHoldsFewBytes)
{
    Links links;
    EXPECT_EQ(links.HeapBytes(), 0U);
    links.Hold(0, IdOf(1), true);
    EXPECT_EQ(links.HeapBytes(), 0U);
    links.Hold(1, IdOf(1), true);
    links.Hold(2, IdOf(1), true);
    EXPECT_GE(links.HeapBytes(), 2 * sizeof(Neighbour));
    EXPECT_LE(links.HeapBytes(), 3 * sizeof(Neighbour));
    links.Release(0);
    links.Drop(2);
    EXPECT_EQ(links.HeapBytes(), 0U) << "the one that is left moves in";
    EXPECT_TRUE(links.Find(1));
}

TEST(FanoutLinks, APeerWithManyNeighboursHoldsAFewBytesMore)
{
    Links links;
    for (LinkId link = 0; link < 300; link++)
    {
        links.Hold(link, IdOf(1), true);
        EXPECT_LE(links.HeapBytes(),
                  (links.GetN() + links.GetN() / 8) * (sizeof(Neighbour) + sizeof(LinkId)))
            << link;
    }
}

TEST(FanoutLinks, ThePreferredOneNeedsNoHeap)
{
    Links links;
    for (const LinkId link : {5, 2, 9, 7})
    {
        links.Hold(link, IdOf(static_cast<std::uint8_t>(link)), true);
    }
    links.Find(9)->srtt = 90;
    links.Prefer(9);
    links.Prefer(4);
    for (const LinkId link : {5, 2, 9, 7})
    {
        ASSERT_TRUE(links.Find(link)) << link;
        EXPECT_EQ(links.Find(link)->peer, IdOf(static_cast<std::uint8_t>(link)));
        EXPECT_EQ(links.FindPeer(IdOf(static_cast<std::uint8_t>(link))), links.Find(link));
    }
    EXPECT_EQ(links.GetN(), 4U);
    EXPECT_EQ(links.Find(9)->srtt, 90);
    links.Drop(2);
    links.Drop(7);
    links.Drop(5);
    EXPECT_EQ(links.HeapBytes(), 0U);
    EXPECT_EQ(links.GetN(), 1U);
    EXPECT_EQ(links.Find(9)->srtt, 90);
}

} // namespace
