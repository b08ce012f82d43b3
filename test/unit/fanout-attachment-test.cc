/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-attachment.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace
{

using namespace ns3::fanout;
using What = Attachment::Step::What;

/// An attachment with its options, its draws and a clock.
class FanoutAttachment : public testing::Test
{
  protected:
    Attachment::Step
    Next()
    {
        return attachment.Next(now, options, random);
    }

    Micros
    NextAt() const
    {
        return attachment.NextAt(now, options);
    }

    void
    Seek(std::uint8_t trackers, bool lost = false, Micros delay = 0)
    {
        attachment = Attachment(trackers);
        options.scoring = ScoringMode::RANKED_STRICT;
        attachment.Seek(now, delay, lost, options);
    }

    /// Name candidates 1 to n.
    void
    Name(int n)
    {
        for (int i = 1; i <= n; i++)
        {
            Candidate candidate;
            candidate.peer.digest[0] = static_cast<std::uint8_t>(i);
            candidate.endpoint = {0x0a000001, 4001, Endpoint::Protocol::UDP};
            candidate.source = Candidate::Source::TRACKER;
            candidate.level = static_cast<std::uint16_t>(i);
            attachment.candidates.Merge(candidate);
        }
    }

    /// Do what Next says a query is.
    std::uint8_t
    Query(std::uint32_t reqId)
    {
        const auto step = Next();
        EXPECT_EQ(step.what, What::QUERY);
        attachment.Queried({reqId, step.tracker, now, now + options.trackerQueryTimeout});
        return step.tracker;
    }

    /// Do what Next says an ask is. @return the candidate's number
    int
    Ask(std::uint32_t reqId, bool sent = true)
    {
        const auto step = Next();
        EXPECT_EQ(step.what, What::ASK);
        attachment.Asked(AskOf(reqId, step.candidate.peer, sent));
        return step.candidate.peer.digest[0];
    }

    /// @return an ask on the link of that number
    Attachment::Ask
    AskOf(std::uint32_t reqId, const PeerId& peer, bool sent) const
    {
        Attachment::Ask ask;
        ask.reqId = reqId;
        ask.link = reqId;
        ask.peer = peer;
        ask.sent = sent;
        ask.sentAt = now;
        ask.overtakeAt = now + 400 * MILLISECOND;
        ask.deadline = now + options.joinRequestTimeout;
        return ask;
    }

    Attachment attachment{0};
    Options options;
    Random random{1, 2, 3};
    Micros now{10 * SECOND};
};

TEST_F(FanoutAttachment, WhoDoesNotSeekDoesNothing)
{
    Name(3);
    EXPECT_FALSE(attachment.IsSeeking());
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), NEVER);
}

TEST_F(FanoutAttachment, ATrackerIsQueriedAtOnceAndThenItsCandidatesAsked)
{
    options.trackerQueryTimeout = 700 * MILLISECOND;
    Seek(1);
    EXPECT_TRUE(attachment.IsSeeking());
    EXPECT_EQ(attachment.StartedAt(), now);
    EXPECT_EQ(Query(5), 0);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), now + options.trackerQueryTimeout);
    now += 100 * MILLISECOND;
    const auto query = attachment.Replied(5, now);
    ASSERT_TRUE(query);
    EXPECT_EQ(query->tracker, 0);
    Name(1);
    EXPECT_EQ(Ask(6), 1);
}

TEST_F(FanoutAttachment, WithoutTrackersTheCandidatesKnownAreAskedAtOnce)
{
    Seek(0);
    Name(1);
    EXPECT_EQ(Ask(1), 1);

    Seek(3);
    Name(1);
    options.trackerCandidates = 0;
    EXPECT_EQ(Ask(2), 1);
}

TEST_F(FanoutAttachment, NothingIsDoneBeforeTheFirstPauseIsOver)
{
    Seek(1, true, 30 * MILLISECOND);
    Name(1);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), now + 30 * MILLISECOND);
    now += 30 * MILLISECOND;
    EXPECT_EQ(Next().what, What::QUERY);
}

TEST_F(FanoutAttachment, TheNextTrackerIsQueriedWhenOneIsSilentOrGone)
{
    options.trackerNextAfter = 300 * MILLISECOND;
    Seek(4);
    EXPECT_EQ(Query(1), 0);
    now += options.trackerNextAfter - 1;
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), now + 1);
    now += 1;
    EXPECT_EQ(Query(2), 1) << "silent";
    EXPECT_EQ(Next().what, What::NOTHING);
    now += options.trackerNextAfter;
    EXPECT_EQ(Next().what, What::QUERY);
    attachment.QueryFailed(now);
    EXPECT_EQ(Query(4), 3) << "gone";
    EXPECT_TRUE(attachment.Replied(4, now));
    now += options.trackerNextAfter;
    EXPECT_NE(Next().what, What::QUERY) << "one has answered: the round is over";
}

TEST_F(FanoutAttachment, ATrackerThatWasReachedIsQueriedAgainOneThatWasNotIsPassedOver)
{
    Seek(2);
    const auto first = Query(1);
    attachment.TrackerClosed(first, true);
    EXPECT_EQ(Query(2), first);
    attachment.TrackerClosed(first, false);
    const auto second = Query(3);
    EXPECT_NE(second, first);
    attachment.TrackerClosed(second, false);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_GT(NextAt(), now) << "a pause, or this would spin";
}

TEST_F(FanoutAttachment, AQueryThatWaitedForItsLinkHasItsTimeFromThenOn)
{
    Seek(1);
    const auto tracker = Query(1);
    now += options.trackerQueryTimeout - 1;
    attachment.TrackerOpened(tracker, now + options.trackerQueryTimeout);
    now += options.trackerQueryTimeout - 1;
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_TRUE(attachment.Replied(1, now)) << "else it had been given up";
}

TEST_F(FanoutAttachment, TrackersUsedARoundAreLimitedAndTheNextRoundTakesTheNextOnes)
{
    options.bootstrapMaxPeers = 2;
    Seek(3);
    std::vector<int> order;
    while (order.size() < 6)
    {
        const auto step = Next();
        if (step.what == What::QUERY)
        {
            order.push_back(step.tracker);
            attachment.QueryFailed(now);
            continue;
        }
        ASSERT_EQ(step.what, What::NOTHING);
        EXPECT_EQ(order.size() % 2, 0U) << "two a round";
        ASSERT_GT(NextAt(), now);
        now = NextAt();
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 0, 1, 2}));
}

TEST_F(FanoutAttachment, TheFirstTrackerIsQueriedAgainAfterASpareOneKnewNobody)
{
    Seek(2);
    EXPECT_EQ(Query(1), 0);
    now += options.trackerNextAfter;
    EXPECT_EQ(Query(2), 1);
    now += options.trackerQueryTimeout;
    EXPECT_EQ(Next().what, What::NOTHING);
    now += options.retryDelay * 2;
    options.bootstrapMaxPeers = 1;
    EXPECT_EQ(Query(3), 0) << "none of the two has answered";
    now += options.trackerQueryTimeout;
    EXPECT_EQ(Next().what, What::NOTHING);
    now += options.retryDelay * 4;
    EXPECT_EQ(Query(4), 1);
    attachment.Replied(4, now);
    EXPECT_EQ(Next().what, What::NOTHING);
    now += options.retryDelay * 8;
    EXPECT_EQ(Query(5), 0) << "the spare one has nobody to name";
}

TEST_F(FanoutAttachment, AReplyCountsOnceAndOnlyWhenItIsAwaited)
{
    Seek(1);
    Query(5);
    EXPECT_FALSE(attachment.Replied(6, now));
    EXPECT_TRUE(attachment.Replied(5, now));
    EXPECT_FALSE(attachment.Replied(5, now));

    Seek(1);
    Query(7);
    now += options.trackerQueryTimeout;
    Next();
    EXPECT_FALSE(attachment.Replied(7, now)) << "given up";
}

TEST_F(FanoutAttachment, OneIsAskedAtATimeOnTheFirstJoinTwoAfterALoss)
{
    for (const bool lost : {false, true})
    {
        Seek(0, lost);
        Name(5);
        EXPECT_EQ(Ask(1), 1);
        if (lost)
        {
            EXPECT_EQ(Ask(2), 2);
        }
        EXPECT_EQ(Next().what, What::NOTHING);
        EXPECT_TRUE(attachment.Answered(1, 1));
        EXPECT_EQ(Ask(3), lost ? 3 : 2) << "an answer makes room";
    }
}

TEST_F(FanoutAttachment, ASlowCandidateIsOvertakenButMayStillAnswer)
{
    Seek(0);
    Name(2);
    Ask(1);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), now + 400 * MILLISECOND);
    now += 400 * MILLISECOND;
    const auto overtaken = Next();
    EXPECT_EQ(overtaken.what, What::OVERTAKEN);
    EXPECT_EQ(overtaken.ask.reqId, 1U);
    EXPECT_EQ(Ask(2), 2);
    EXPECT_EQ(Next().what, What::NOTHING) << "it is said once";
    const auto late = attachment.Answered(1, 1);
    ASSERT_TRUE(late);
    EXPECT_EQ(late->peer.digest[0], 1);
}

TEST_F(FanoutAttachment, WhereManyKeepSilentFourAreAskedAtATimeAndTheTrackerAgain)
{
    Seek(1, true);
    Name(9);
    Query(1);
    ASSERT_TRUE(attachment.Replied(1, now));
    Ask(10);
    Ask(11);
    ASSERT_EQ(Next().what, What::NOTHING) << "two at a time";
    now += 400 * MILLISECOND;
    ASSERT_EQ(Next().what, What::OVERTAKEN);
    ASSERT_EQ(Next().what, What::OVERTAKEN);
    Query(2);
    Ask(12);
    Ask(13);
    ASSERT_EQ(Next().what, What::NOTHING) << "two at a time while the tracker may know better";
    ASSERT_TRUE(attachment.Replied(2, now));
    Ask(14);
    Ask(15);
    ASSERT_EQ(Next().what, What::NOTHING) << "four at a time";
    EXPECT_TRUE(attachment.Answered(15, 15));
    Ask(16);
    EXPECT_EQ(Next().what, What::NOTHING) << "an answer is no silence: no query";
}

TEST_F(FanoutAttachment, OnAFirstJoinSilenceDoesNotMakeHaste)
{
    Seek(1);
    Name(2);
    Query(1);
    ASSERT_TRUE(attachment.Replied(1, now));
    Ask(10);
    now += 400 * MILLISECOND;
    ASSERT_EQ(Next().what, What::OVERTAKEN);
    Ask(11);
    now += 400 * MILLISECOND;
    ASSERT_EQ(Next().what, What::OVERTAKEN);
    EXPECT_EQ(Next().what, What::NOTHING);
}

TEST_F(FanoutAttachment, NobodyIsAskedTwiceAtATime)
{
    Seek(0);
    Name(1);
    Ask(1);
    now += 400 * MILLISECOND;
    EXPECT_EQ(Next().what, What::OVERTAKEN);
    // The next round begins while the first ask is open still.
    now += 400 * MILLISECOND;
    attachment.candidates.NewRound();
    for (int i = 0; i < 5; i++)
    {
        EXPECT_NE(Next().what, What::ASK);
        now += 100 * MILLISECOND;
    }
}

TEST_F(FanoutAttachment, AnAskTimesOutOnceAtItsDeadline)
{
    Seek(0);
    Name(1);
    Ask(1);
    now += options.joinRequestTimeout - 1;
    EXPECT_EQ(Next().what, What::OVERTAKEN);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), now + 1);
    now += 1;
    const auto step = Next();
    ASSERT_EQ(step.what, What::TIMED_OUT);
    EXPECT_EQ(step.ask.reqId, 1U);
    EXPECT_EQ(step.ask.peer.digest[0], 1);
    EXPECT_FALSE(attachment.Answered(1, 1)) << "a late accept is nobody's";
    EXPECT_EQ(Next().what, What::NOTHING);
}

TEST_F(FanoutAttachment, AnAnswerCountsOnceAndOnlyFromWhereItWasAsked)
{
    Seek(0);
    Name(1);
    Ask(1);
    EXPECT_FALSE(attachment.Answered(2, 1));
    EXPECT_FALSE(attachment.Answered(1, 2));
    EXPECT_TRUE(attachment.Answered(1, 1));
    EXPECT_FALSE(attachment.Answered(1, 1));
}

TEST_F(FanoutAttachment, AnAskWaitsForItsLinkAndIsCountedOnce)
{
    options.joinAttemptsPerRound = 2;
    Seek(0);
    Name(3);
    Ask(1, false);
    EXPECT_FALSE(attachment.Answered(1, 1)) << "not sent yet";
    EXPECT_FALSE(attachment.LinkOpened(9));
    const auto opened = attachment.LinkOpened(1);
    ASSERT_TRUE(opened);
    EXPECT_FALSE(attachment.LinkOpened(1));
    attachment.Asked(AskOf(1, opened->peer, true));
    EXPECT_FALSE(attachment.LinkOpened(1)) << "sent";
    EXPECT_TRUE(attachment.Answered(1, 1));
    EXPECT_EQ(Ask(2), 2) << "the first counts once";
    EXPECT_TRUE(attachment.Answered(2, 2));
    EXPECT_EQ(Next().what, What::NOTHING) << "two a round";
}

TEST_F(FanoutAttachment, AClosedLinkTakesItsAsksWithIt)
{
    Seek(0, true);
    Name(2);
    Ask(1);
    Ask(2);
    EXPECT_TRUE(attachment.LinkClosed(9).empty());
    const auto closed = attachment.LinkClosed(1);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].peer.digest[0], 1);
    EXPECT_FALSE(attachment.Answered(1, 1));
    EXPECT_TRUE(attachment.Answered(2, 2));
}

TEST_F(FanoutAttachment, SoManyAreAskedInARoundAndNoMore)
{
    options.joinAttemptsPerRound = 3;
    Seek(0);
    Name(10);
    for (std::uint32_t i = 1; i <= 3; i++)
    {
        EXPECT_EQ(Ask(i), static_cast<int>(i));
        EXPECT_TRUE(attachment.Answered(i, i));
    }
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_GT(NextAt(), now);
    now = NextAt();
    EXPECT_EQ(Ask(4), 1) << "a new round begins with the best again";
}

TEST_F(FanoutAttachment, ThePauseDoublesToItsLimitWithJitter)
{
    options.joinTimeout = 0;
    std::set<Micros> firstPauses;
    for (std::uint64_t seed = 0; seed < 50; seed++)
    {
        random = Random(seed, 0, 0);
        Seek(0);
        for (int round = 0; round < 300; round++)
        {
            EXPECT_EQ(Next().what, What::NOTHING);
            const Micros pause = NextAt() - now;
            const Micros mean =
                std::min(options.retryDelayMax, options.retryDelay << std::min(round, 20));
            ASSERT_GE(pause, mean / 2) << "round " << round;
            ASSERT_LE(pause, mean * 3 / 2) << "round " << round;
            now = NextAt();
            if (round == 0)
            {
                firstPauses.insert(pause);
            }
        }
    }
    EXPECT_GT(firstPauses.size(), 40U);
    EXPECT_LT(*firstPauses.begin(), options.retryDelay * 6 / 10);
    EXPECT_GT(*firstPauses.rbegin(), options.retryDelay * 14 / 10);
}

TEST_F(FanoutAttachment, ANewSearchBeginsWithTheShortestPause)
{
    Seek(0);
    for (int round = 0; round < 6; round++)
    {
        Next();
        now = NextAt();
    }
    attachment.Stop();
    attachment.Seek(now, 0, true, options);
    Next();
    EXPECT_LE(NextAt() - now, options.retryDelay * 3 / 2);
}

TEST_F(FanoutAttachment, AHostThatIsOfflineLooksAgainSoonAndAtEverything)
{
    Seek(2);
    Query(1);
    Name(1);
    attachment.Offline(now);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_GT(NextAt(), now);
    EXPECT_LE(NextAt(), now + 100 * MILLISECOND);
    now = NextAt();
    EXPECT_EQ(Query(2), 0) << "the first tracker again";
}

TEST_F(FanoutAttachment, AReplyWithCandidatesEndsAPause)
{
    Seek(1);
    Query(1);
    attachment.Offline(now);
    Name(1);
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_TRUE(attachment.Replied(1, now));
    EXPECT_NE(Next().what, What::NOTHING);
}

TEST_F(FanoutAttachment, TheFirstJoinIsGivenUpAfterItsTime)
{
    options.joinTimeout = 3 * SECOND;
    Seek(0);
    const Micros end = now + options.joinTimeout;
    while (now < end)
    {
        ASSERT_EQ(Next().what, What::NOTHING);
        ASSERT_LE(NextAt(), end);
        now = NextAt();
    }
    EXPECT_EQ(now, end);
    EXPECT_EQ(Next().what, What::GIVE_UP);
}

TEST_F(FanoutAttachment, ALaterSearchIsNeverGivenUp)
{
    options.joinTimeout = 3 * SECOND;
    Seek(0, true);
    now += 1000 * SECOND;
    EXPECT_EQ(Next().what, What::NOTHING);

    options.joinTimeout = 0;
    Seek(0, false);
    now += 1000 * SECOND;
    EXPECT_EQ(Next().what, What::NOTHING) << "no limit";
}

TEST_F(FanoutAttachment, StopHandsBackTheOpenAsksAndAllMemory)
{
    Seek(1, true);
    Query(9);
    Name(5);
    Ask(1);
    Ask(2);
    EXPECT_GT(attachment.HeapBytes(), 0U);
    const auto asks = attachment.Stop();
    ASSERT_EQ(asks.size(), 2U);
    EXPECT_EQ(asks[0].link, 1U);
    EXPECT_EQ(asks[1].link, 2U);
    EXPECT_FALSE(attachment.IsSeeking());
    EXPECT_EQ(attachment.HeapBytes(), 0U);
    EXPECT_FALSE(attachment.Answered(1, 1)) << "an accept that comes now is late";
    EXPECT_FALSE(attachment.Replied(9, now));
    EXPECT_EQ(Next().what, What::NOTHING);
    EXPECT_EQ(NextAt(), NEVER);
}

/// Random answers, failures and silence, to see that a search never falls asleep.
class FanoutAttachmentHistory : public FanoutAttachment
{
  protected:
    void
    Do(const Attachment::Step& step)
    {
        const auto luck = chance.Below(5);
        const std::uint32_t reqId = nextReqId++;
        if (step.what == What::QUERY && luck == 0)
        {
            attachment.Offline(now);
        }
        else if (step.what == What::QUERY && luck == 1)
        {
            attachment.QueryFailed(now);
        }
        else if (step.what == What::QUERY)
        {
            attachment.Queried({reqId, step.tracker, now, now + options.trackerQueryTimeout});
        }
        else if (step.what == What::ASK && luck == 0)
        {
            attachment.candidates.Cool(step.candidate.peer, now + 5 * SECOND, true);
        }
        else if (step.what == What::ASK)
        {
            attachment.Asked(AskOf(reqId, step.candidate.peer, luck > 1));
        }
    }

    void
    Disturb()
    {
        const auto reqId = nextReqId - 1 - static_cast<std::uint32_t>(chance.Below(4));
        switch (chance.Below(5))
        {
        case 0:
            attachment.Replied(reqId, now);
            break;
        case 1:
            if (attachment.Replied(reqId, now))
            {
                Name(static_cast<int>(chance.Below(20)));
            }
            break;
        case 2:
            attachment.Answered(reqId, reqId);
            break;
        case 3:
            attachment.LinkClosed(reqId);
            break;
        default:
            if (const auto ask = attachment.LinkOpened(reqId))
            {
                attachment.Asked(AskOf(nextReqId++, ask->peer, true));
            }
        }
    }

    Random chance;
    std::uint32_t nextReqId{100};
};

TEST_F(FanoutAttachmentHistory, WhoSeeksAlwaysHasADeadlineAheadAndNeverSpins)
{
    options.joinTimeout = 0;
    for (std::uint64_t seed = 0; seed < 60; seed++)
    {
        random = Random(seed, 0, 0);
        chance = Random(seed, 0, 1);
        Seek(static_cast<std::uint8_t>(seed % 4), seed % 3 == 0);
        Name(static_cast<int>(seed % 7));
        for (int i = 0; i < 200; i++)
        {
            int steps = 0;
            for (auto step = Next(); step.what != What::NOTHING; step = Next())
            {
                Do(step);
                ASSERT_LE(++steps, 100) << "seed " << seed;
            }
            ASSERT_GT(NextAt(), now) << "seed " << seed;
            ASSERT_LE(NextAt(), now + 10 * SECOND) << "seed " << seed;
            if (chance.Below(2) == 0)
            {
                now = NextAt();
            }
            else
            {
                now +=
                    static_cast<Micros>(chance.Below(static_cast<std::uint64_t>(NextAt() - now)));
                Disturb();
            }
        }
    }
}

} // namespace
