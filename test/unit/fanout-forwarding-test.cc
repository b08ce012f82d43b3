/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-forwarding.h"
#include "ns3/fanout-random.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <limits>
#include <map>

namespace ns3::fanout
{
namespace
{

constexpr std::uint32_t OVERHEAD = 28;

// A frame whose envelope has exactly so many bytes (at least 179).
FrameRef
FrameOf(std::size_t bytes)
{
    static const Identity signer = SignatureScheme::Mock().Derive(1, 1);
    return Frame::Seal(SignatureScheme::Mock(),
                       signer,
                       EnvelopeFields(),
                       Bytes(bytes - Frame::ENVELOPE_BYTES, 7));
}

ForwardingLimits
Limits(double rate, double burst)
{
    ForwardingLimits limits;
    limits.rate = rate;
    limits.burst = burst;
    limits.overhead = OVERHEAD;
    return limits;
}

/// A run of one peer's forwarding: what left when.
class Pump
{
  public:
    explicit Pump(const ForwardingLimits& limits)
        : forwarding(limits)
    {
    }

    // Let leave what may until the given time, waking up exactly when told.
    void
    Until(Micros end)
    {
        for (;;)
        {
            const Micros next = forwarding.NextAt(now);
            if (next > end)
            {
                break;
            }
            ASSERT_GE(next, now);
            const bool moved = next > now;
            now = next;
            const auto before = forwarding.QueuedBytes();
            Drain();
            ASSERT_TRUE(moved || forwarding.QueuedBytes() < before) << "woken for nothing";
        }
        now = end;
    }

    void
    Drain()
    {
        Departure out;
        while (forwarding.Pop(now, out))
        {
            Sent(out.link, out.frame->Wire().size());
            waited = std::max(waited, out.waited);
            lanes[static_cast<std::size_t>(out.lane)] += out.frame->Wire().size() + OVERHEAD;
        }
        for (const auto& drop : forwarding.TakeDrops())
        {
            dropped[drop.link]++;
        }
    }

    // One message to children 1..n as the channel does it.
    void
    Publish(const FrameRef& frame, std::uint32_t children)
    {
        const auto bytes = static_cast<std::uint32_t>(frame->Wire().size());
        if (forwarding.PassAll(now, bytes, children))
        {
            fast++;
            for (LinkId link = 1; link <= children; link++)
            {
                Sent(link, bytes);
            }
            return;
        }
        for (LinkId link = 1; link <= children; link++)
        {
            forwarding.Push(now, link, frame, Lane::LIVE);
        }
        Drain();
    }

    void
    Control(std::uint32_t bytes)
    {
        forwarding.ChargeControl(now, bytes);
        Sent(0, bytes);
    }

    void
    Sent(LinkId link, std::size_t bytes)
    {
        sent[link]++;
        log.emplace_back(now, static_cast<double>(bytes + OVERHEAD));
        largest = std::max(largest, log.back().second);
    }

    // I13: the largest excess of bytes in any [t1, t2] over rate (t2 - t1) + burst.
    double
    Excess(double rate, double burst) const
    {
        // The running maximum of (sum - rate t) over starts, as for the largest sum of a stretch.
        double worst = -std::numeric_limits<double>::infinity();
        double level = 0;
        Micros last = 0;
        for (const auto& [at, bytes] : log)
        {
            level = std::max(0.0, level - rate * 1e-6 * static_cast<double>(at - last)) + bytes;
            last = at;
            worst = std::max(worst, level - burst);
        }
        return worst;
    }

    Forwarding forwarding;
    Micros now{0};
    Micros waited{0};
    double largest{0};
    std::uint32_t fast{0};
    std::map<LinkId, std::uint32_t> sent;
    std::map<LinkId, std::uint32_t> dropped;
    double lanes[2]{0, 0};
    std::vector<std::pair<Micros, double>> log;
};

TEST(FanoutForwarding, TheFastPathQueuesNothing)
{
    Pump pump(Limits(1e6, 1e5));
    const FrameRef frame = FrameOf(1172);
    EXPECT_EQ(pump.forwarding.NextAt(0), NEVER);
    pump.Publish(frame, 32);
    EXPECT_EQ(pump.fast, 1u);
    EXPECT_TRUE(pump.forwarding.Idle());
    EXPECT_EQ(pump.forwarding.NextAt(0), NEVER);
    EXPECT_FALSE(pump.forwarding.PassAll(0, 1172, 48)) << "32 + 48 frames leave no tenth over";
    EXPECT_TRUE(pump.forwarding.PassAll(0, 1172, 43));
}

TEST(FanoutForwarding, RateZeroSendsNothingButControl)
{
    Forwarding forwarding(Limits(0, 0));
    EXPECT_FALSE(forwarding.PassAll(0, 200, 1));
    EXPECT_FALSE(forwarding.PassAll(0, 200, 0));
    forwarding.Push(0, 1, FrameOf(200), Lane::LIVE);
    Departure out;
    EXPECT_FALSE(forwarding.Pop(SECOND, out));
    EXPECT_TRUE(forwarding.Idle());
    EXPECT_EQ(forwarding.TakeDrops().size(), 1u);
    forwarding.ChargeControl(0, 200);
}

TEST(FanoutForwarding, AnInfiniteRateShapesNothing)
{
    Forwarding forwarding(Limits(std::numeric_limits<double>::infinity(), 0));
    for (int i = 0; i < 100; i++)
    {
        ASSERT_TRUE(forwarding.PassAll(0, 60000, 1000));
    }
    for (LinkId link = 0; link < 50; link++)
    {
        forwarding.Push(0, link, FrameOf(1000), link % 2 ? Lane::REPAIR : Lane::LIVE);
    }
    Departure out;
    int popped = 0;
    while (forwarding.Pop(0, out))
    {
        popped++;
    }
    EXPECT_EQ(popped, 50);
}

TEST(FanoutForwarding, ALinkThatIsFullWaitsAndTheOthersGoOn)
{
    Forwarding forwarding(Limits(1e6, 1e5));
    const FrameRef first = FrameOf(1000);
    const FrameRef second = FrameOf(1000);
    ASSERT_TRUE(forwarding.PassAll(0, 1000, 2));
    forwarding.PutBack(0, {7, first, Lane::LIVE, 0});
    EXPECT_EQ(forwarding.QueuedBytes(7), 1028u);
    EXPECT_FALSE(forwarding.PassAll(0, 1000, 1)) << "one link is blocked";
    EXPECT_EQ(forwarding.NextAt(0), NEVER);
    forwarding.Push(10, 7, second, Lane::LIVE);
    forwarding.Push(10, 8, second, Lane::LIVE);
    Departure out;
    ASSERT_TRUE(forwarding.Pop(10, out));
    EXPECT_EQ(out.link, 8u);
    EXPECT_FALSE(forwarding.Pop(10, out));
    EXPECT_EQ(forwarding.OldestAge(10, 7), 10);
    forwarding.Writable(7);
    EXPECT_EQ(forwarding.NextAt(10), 10);
    ASSERT_TRUE(forwarding.Pop(20, out));
    EXPECT_EQ(out.frame.Get(), first.Get()) << "put back in front";
    EXPECT_EQ(out.waited, 20);
    ASSERT_TRUE(forwarding.Pop(20, out));
    EXPECT_EQ(out.frame.Get(), second.Get());
    EXPECT_TRUE(forwarding.Idle());
    EXPECT_TRUE(forwarding.PassAll(20, 1000, 1));
}

TEST(FanoutForwarding, AfterBusyAllLinksWaitAndTheTurnIsKept)
{
    Forwarding forwarding(Limits(1e9, 1e8));
    const FrameRef frame = FrameOf(1000);
    for (LinkId link = 1; link <= 3; link++)
    {
        forwarding.Push(0, link, frame, Lane::LIVE);
        forwarding.Push(0, link, frame, Lane::LIVE);
    }
    Departure out;
    std::vector<LinkId> order;
    for (int room = 6; room > 0; room--) // for one frame at a time
    {
        ASSERT_TRUE(forwarding.Pop(0, out));
        order.push_back(out.link);
        if (forwarding.Pop(0, out))
        {
            forwarding.PutBack(0, std::move(out), SendResult::BUSY);
            EXPECT_FALSE(forwarding.Pop(0, out));
            EXPECT_EQ(forwarding.NextAt(0), NEVER);
            forwarding.Writable(2);
            EXPECT_FALSE(forwarding.Pop(0, out)) << "that link alone was not refused";
            forwarding.Writable(NO_LINK);
        }
    }
    EXPECT_EQ(order, (std::vector<LinkId>{2, 3, 1, 2, 3, 1}));
    EXPECT_TRUE(forwarding.PassAll(0, 1000, 3));
}

TEST(FanoutForwarding, TokensOfAFrameThatDidNotLeaveComeBack)
{
    Forwarding forwarding(Limits(1e5, 10280 / 0.9)); // ten frames and the tenth for control
    ASSERT_TRUE(forwarding.PassAll(0, 1000, 10));
    ASSERT_FALSE(forwarding.PassAll(0, 1000, 1));
    forwarding.Refund(1000, Lane::LIVE);
    ASSERT_TRUE(forwarding.PassAll(0, 1000, 1));
    forwarding.PutBack(0, {1, FrameOf(1000), Lane::LIVE, 0});
    forwarding.Writable(1);
    EXPECT_EQ(forwarding.NextAt(0), 0) << "its tokens are there";
    Departure out;
    EXPECT_TRUE(forwarding.Pop(0, out));
}

TEST(FanoutForwarding, ALinkThatIsGoneIsForgotten)
{
    Forwarding forwarding(Limits(1e3, 1e3));
    for (LinkId link = 1; link <= 3; link++)
    {
        forwarding.Push(0, link, FrameOf(200), Lane::LIVE);
        forwarding.Push(0, link, FrameOf(200), Lane::REPAIR);
    }
    forwarding.Forget(2);
    EXPECT_EQ(forwarding.QueuedBytes(2), 0u);
    forwarding.TakeDrops();
    forwarding.Forget(9);
    forwarding.Forget(1);
    forwarding.Forget(3);
    EXPECT_TRUE(forwarding.Idle());
    EXPECT_EQ(forwarding.NextAt(0), NEVER);
    EXPECT_TRUE(forwarding.TakeDrops().empty()) << "not reported";
    EXPECT_TRUE(forwarding.PassAll(0, 200, 1));
}

TEST(FanoutForwarding, LiveBeatsRepairAndAnUrgentRepairBeatsLive)
{
    Forwarding forwarding(Limits(1e5, 1e4));
    const FrameRef frame = FrameOf(1000);
    ASSERT_TRUE(forwarding.PassAll(0, 8900, 1)); // empty
    forwarding.Push(0, 1, frame, Lane::REPAIR);
    forwarding.Push(100, 2, frame, Lane::LIVE);
    Departure out;
    Micros now = forwarding.NextAt(100);
    EXPECT_GT(now, 100);
    ASSERT_FALSE(forwarding.Pop(now - 1, out));
    ASSERT_TRUE(forwarding.Pop(now, out));
    EXPECT_EQ(out.lane, Lane::LIVE);
    now += SECOND;
    forwarding.Pop(now, out); // the repair has waited too long
    ASSERT_TRUE(forwarding.Idle());
    ASSERT_TRUE(forwarding.PassAll(now, 8900, 1)); // empty again
    forwarding.Push(now, 2, frame, Lane::LIVE);
    forwarding.Push(now, 1, frame, Lane::REPAIR, now + 400 * MILLISECOND);
    forwarding.Push(now, 1, FrameOf(1000), Lane::REPAIR, now + 600 * MILLISECOND);
    now += 50 * MILLISECOND;
    ASSERT_TRUE(forwarding.Pop(now, out));
    EXPECT_EQ(out.frame.Get(), frame.Get());
    EXPECT_EQ(out.lane, Lane::REPAIR) << "of no use when the live one would be dropped";
    EXPECT_EQ(out.useBy, now + 350 * MILLISECOND);
    ASSERT_TRUE(forwarding.Pop(now, out));
    EXPECT_EQ(out.lane, Lane::LIVE);
}

TEST(FanoutForwarding, RepairHasAllThatIsSpare)
{
    Pump pump(Limits(1e5, 1e4));
    for (int i = 0; i < 1000; i++)
    {
        pump.Until(i * 10 * MILLISECOND);
        pump.forwarding.Push(pump.now, 1, FrameOf(972), Lane::REPAIR);
        pump.Drain();
    }
    EXPECT_GE(pump.lanes[1], 0.98e6) << "no live message wants it";
    EXPECT_LE(pump.lanes[1], 1e5 * 10 + 1e4);
}

TEST(FanoutForwarding, MuchToRepairDelaysNoLiveMessage)
{
    Pump pump(Limits(1e5, 1e4));
    for (int i = 0; i < 1000; i++)
    {
        pump.Until(i * 10 * MILLISECOND); // 80 kB/s live
        pump.Publish(FrameOf(772), 1);
        pump.forwarding.Push(pump.now, 1, FrameOf(972), Lane::REPAIR);
        pump.Drain();
        ASSERT_EQ(static_cast<int>(pump.sent[1] - pump.lanes[1] / 1000), i + 1)
            << "live leaves at once";
    }
    EXPECT_GE(pump.lanes[1], 0.15e6) << "more than its tenth";
    EXPECT_LE(pump.lanes[1], 0.21e6);
}

TEST(FanoutForwarding, RepairHasWhatLiveLeavesAndLiveLosesNothing)
{
    Pump pump(Limits(1e5, 1e4));
    for (int i = 0; i < 1000; i++)
    {
        pump.Until(i * 10 * MILLISECOND); // 96 kB/s live, 20 kB/s repair over 100 kB/s
        pump.Publish(FrameOf(932), 1);
        if (i % 5 == 0)
        {
            pump.forwarding.Push(pump.now, 1, FrameOf(972), Lane::REPAIR);
        }
    }
    EXPECT_GT(pump.lanes[1], 0.03e6);
    EXPECT_LT(pump.lanes[1], 0.06e6);
    EXPECT_GT(1000u * 960, pump.lanes[0]);
    EXPECT_GE(pump.sent[1] - pump.lanes[1] / 1000, 1000) << "live";
}

TEST(FanoutForwarding, AskingAgainForWhatWaitsChangesNothing)
{
    Forwarding forwarding(Limits(1e5, 1e4));
    const FrameRef frame = FrameOf(1000);
    ASSERT_TRUE(forwarding.PassAll(0, 8900, 1)); // empty
    forwarding.Push(0, 1, frame, Lane::REPAIR);
    forwarding.Push(1, 1, frame, Lane::REPAIR);
    EXPECT_EQ(forwarding.QueuedBytes(1), 1028u);
    forwarding.Push(2, 2, frame, Lane::LIVE);
    forwarding.Push(3, 2, frame, Lane::REPAIR);
    EXPECT_EQ(forwarding.QueuedBytes(2), 1028u);
    EXPECT_TRUE(forwarding.TakeDrops().empty());
}

TEST(FanoutForwarding, AFrameThatWaitedTooLongIsDropped)
{
    Forwarding forwarding(Limits(1e4, 3e3));
    const FrameRef frame = FrameOf(1000);
    forwarding.ChargeControl(0, 20000); // two seconds of debt
    forwarding.Push(0, 1, frame, Lane::LIVE);
    forwarding.Push(100, 2, frame, Lane::REPAIR);
    EXPECT_EQ(forwarding.NextAt(0), 500 * MILLISECOND + 1);
    Departure out;
    EXPECT_FALSE(forwarding.Pop(500 * MILLISECOND, out));
    EXPECT_TRUE(forwarding.TakeDrops().empty());
    EXPECT_FALSE(forwarding.Pop(500 * MILLISECOND + 1, out));
    const auto drops = forwarding.TakeDrops();
    ASSERT_EQ(drops.size(), 1u);
    EXPECT_EQ(drops[0].link, 1u);
    EXPECT_EQ(drops[0].frame.Get(), frame.Get());
    EXPECT_FALSE(forwarding.Pop(510 * MILLISECOND, out));
    EXPECT_EQ(forwarding.TakeDrops()[0].lane, Lane::REPAIR);
    EXPECT_TRUE(forwarding.Idle());
}

TEST(FanoutForwarding, MarksGoOnAtAQuarterAndOffAtASixteenth)
{
    Forwarding forwarding(Limits(1e6, 1e5));
    const FrameRef frame = FrameOf(1000);
    ASSERT_TRUE(forwarding.PassAll(0, 1000, 1));
    forwarding.PutBack(0, {1, frame, Lane::LIVE, 0}); // full
    forwarding.Push(124 * MILLISECOND, 1, frame, Lane::LIVE);
    EXPECT_TRUE(forwarding.TakeMarks().empty());
    forwarding.Push(126 * MILLISECOND, 1, frame, Lane::LIVE);
    auto marks = forwarding.TakeMarks();
    ASSERT_EQ(marks.size(), 1u);
    EXPECT_TRUE(marks[0].on);
    EXPECT_EQ(marks[0].link, 1u);
    EXPECT_EQ(marks[0].oldest, 126 * MILLISECOND);
    EXPECT_GE(marks[0].bytes, 2056u);
    forwarding.Push(130 * MILLISECOND, 1, frame, Lane::LIVE);
    forwarding.Writable(1);
    Departure out;
    for (int left = 3; left > 0; left--)
    {
        ASSERT_TRUE(forwarding.Pop(170 * MILLISECOND, out));
        EXPECT_TRUE(forwarding.TakeMarks().empty()) << "the oldest waits for 40 ms and more";
    }
    forwarding.Push(175 * MILLISECOND, 1, frame, Lane::LIVE);
    ASSERT_TRUE(forwarding.Pop(180 * MILLISECOND, out));
    marks = forwarding.TakeMarks();
    ASSERT_EQ(marks.size(), 1u);
    EXPECT_FALSE(marks[0].on);
}

TEST(FanoutForwarding, TheWholeIsBoundedAndTheOldestGoesFirst)
{
    for (const bool dropNewest : {false, true})
    {
        ForwardingLimits limits = Limits(1e5, 1e4); // bound: 50,000 bytes
        limits.dropNewest = dropNewest;
        Forwarding forwarding(limits);
        ASSERT_TRUE(forwarding.PassAll(0, 1000, 1));
        forwarding.PutBack(0, {1, FrameOf(1000), Lane::LIVE, 0}); // never writable
        for (Micros now = 1; now <= 200; now++)
        {
            forwarding.Push(now, 1, FrameOf(972), Lane::LIVE);
            ASSERT_LE(forwarding.QueuedBytes(), 50000u);
        }
        EXPECT_GT(forwarding.QueuedBytes(), 49000u);
        EXPECT_EQ(forwarding.OldestAge(200, 1), dropNewest ? 200 : 49);
        EXPECT_EQ(forwarding.TakeDrops().size(), dropNewest ? 152u : 151u);
    }
}

TEST(FanoutForwarding, AFrameLargerThanTheBurstPasses)
{
    Pump pump(Limits(1e4, 1e3));
    for (int i = 0; i < 5; i++)
    {
        pump.Until(i * 3 * SECOND);
        pump.Publish(FrameOf(20000), 1);
    }
    pump.Until(20 * SECOND);
    EXPECT_EQ(pump.sent[1], 5u);
    EXPECT_LE(pump.Excess(1e4, 1e3), 20028);
}

// feasibility.md section 4: 32 children, 30 messages a second, 1.10 x the need, 100 ms of burst.
TEST(FanoutForwarding, TenPercentHeadroomAndAHundredMillisecondsAreEnough)
{
    constexpr std::uint32_t CHILDREN = 32;
    const FrameRef frame = FrameOf(1205);
    const double need = 30.0 * CHILDREN * (1205 + OVERHEAD);
    Pump pump(Limits(1.10 * need, 0.1 * 1.10 * need));
    Random random(1, 1, 1);
    std::uint32_t repairs = 0;
    for (int i = 0; i < 3000; i++)
    {
        // Messages come with up to one interval of jitter; 1 % are asked for again.
        pump.Until(i * SECOND / 30 + static_cast<Micros>(random.Below(33 * MILLISECOND)));
        pump.Publish(frame, CHILDREN);
        for (LinkId link = 1; link <= CHILDREN; link++)
        {
            if (random.Below(100) == 0)
            {
                pump.forwarding.Push(pump.now, link, frame, Lane::REPAIR);
                repairs++;
            }
        }
        pump.Control(300);
    }
    pump.Until(pump.now + SECOND);
    EXPECT_TRUE(pump.dropped.empty());
    std::uint32_t sent = 0;
    for (LinkId link = 1; link <= CHILDREN; link++)
    {
        sent += pump.sent[link];
    }
    EXPECT_EQ(sent, 3000 * CHILDREN + repairs);
    EXPECT_LT(pump.waited, 150 * MILLISECOND);
    EXPECT_GT(pump.fast, 1000u);
}

// I16, and W10: over capacity the loss is everybody's, not the last child's.
TEST(FanoutForwarding, EqualChildrenShareTheLoss)
{
    constexpr std::uint32_t CHILDREN = 32;
    const FrameRef frame = FrameOf(1205);
    const double need = 30.0 * CHILDREN * (1205 + OVERHEAD);
    for (const bool dropNewest : {false, true})
    {
        ForwardingLimits limits = Limits(0.9 * need, 0.09 * need);
        limits.dropNewest = dropNewest;
        Pump pump(limits);
        for (int i = 0; i < 300; i++) // ten seconds
        {
            pump.Until(i * SECOND / 30);
            pump.Publish(frame, CHILDREN);
        }
        std::uint32_t least = 1000000;
        std::uint32_t most = 0;
        std::uint32_t sum = 0;
        for (LinkId link = 1; link <= CHILDREN; link++)
        {
            least = std::min(least, pump.dropped[link]);
            most = std::max(most, pump.dropped[link]);
            sum += pump.dropped[link];
        }
        EXPECT_GT(sum, 0u);
        EXPECT_LE(most - least, 2 + 0.05 * most) << (dropNewest ? "newest" : "oldest");
        EXPECT_LE(pump.waited, 500 * MILLISECOND);
    }
}

// The same where not the rate is the limit but a link that all children share.
TEST(FanoutForwarding, EqualChildrenShareTheLossOfALinkThatIsFull)
{
    constexpr std::uint32_t CHILDREN = 32;
    constexpr std::size_t ROOM = 16; // frames in the link's queue; it says when half are gone
    const FrameRef frame = FrameOf(1205);
    Pump pump(Limits(1e9, 1e8));
    std::size_t waiting = 0;
    std::map<LinkId, Micros> served;
    Micros longest = 0;
    const auto send = [&]()
    {
        Departure out;
        while (pump.forwarding.Pop(pump.now, out))
        {
            if (waiting == ROOM)
            {
                pump.forwarding.PutBack(pump.now, std::move(out), SendResult::BUSY);
                break;
            }
            waiting++;
            longest = std::max(longest, pump.now - served[out.link]);
            served[out.link] = pump.now;
        }
        for (const auto& drop : pump.forwarding.TakeDrops())
        {
            pump.dropped[drop.link]++;
        }
    };
    const Micros each = SECOND / (30 * CHILDREN);
    for (int i = 0; i < 300 * static_cast<int>(CHILDREN); i++) // ten seconds
    {
        pump.now = i * each;
        if (i % CHILDREN == 0)
        {
            for (LinkId link = 1; link <= CHILDREN; link++)
            {
                pump.forwarding.Push(pump.now, link, frame, Lane::LIVE);
            }
        }
        waiting -= i % 4 != 0 && waiting > 0 ? 1 : 0; // three quarters of what is needed
        if (waiting <= ROOM / 2)
        {
            pump.forwarding.Writable(NO_LINK);
        }
        send();
    }
    const auto [least, most] =
        std::minmax_element(pump.dropped.begin(),
                            pump.dropped.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    EXPECT_EQ(pump.dropped.size(), CHILDREN);
    EXPECT_GT(least->second, 50u);
    EXPECT_LE(most->second - least->second, 2 + 0.05 * most->second);
    EXPECT_LT(longest, 100 * MILLISECOND) << "nobody takes what is silent that long for dead";
}

TEST(FanoutForwarding, AChildWithoutAProblemDoesNotPayForASlowOne)
{
    Pump pump(Limits(1e6, 1e5));
    const FrameRef frame = FrameOf(1205);
    pump.forwarding.PutBack(0, {1, frame, Lane::LIVE, 0}); // link 1 takes nothing more
    for (int i = 0; i < 300; i++)
    {
        pump.Until(i * SECOND / 30);
        pump.Publish(frame, 8);
    }
    pump.Drain();
    for (LinkId link = 2; link <= 8; link++)
    {
        EXPECT_EQ(pump.sent[link], 300u);
        EXPECT_EQ(pump.dropped[link], 0u);
    }
    EXPECT_LT(pump.forwarding.QueuedBytes(1), 17u * 1233) << "half a second of it";
}

// I13 and I14 whatever happens: random frames, lanes, links, control within a tenth, full links.
TEST(FanoutForwarding, RateAgeAndBytesHoldWhateverHappens)
{
    for (std::uint64_t seed = 1; seed <= 60; seed++)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed, 0, 0);
        const double rate = 2e4 * static_cast<double>(1 + random.Below(50));
        const double burst = rate * (0.05 + 0.2 * random.Uniform());
        ForwardingLimits limits = Limits(rate, burst);
        limits.dropNewest = random.Below(2) == 0;
        limits.ageLimit = static_cast<Micros>(50 + random.Below(450)) * MILLISECOND;
        const double bound = rate * 1e-6 * static_cast<double>(limits.ageLimit);
        Pump pump(limits);
        std::vector<FrameRef> frames;
        for (int i = 0; i < 8; i++)
        {
            frames.push_back(FrameOf(200 + random.Below(i == 0 ? 20000 : 1400)));
        }
        TokenBucket control(0.1 * rate, 0.1 * burst);
        std::vector<LinkId> full;
        double most = 0;
        while (pump.now < 4 * SECOND)
        {
            pump.Until(pump.now + static_cast<Micros>(random.Below(8 * MILLISECOND)));
            const FrameRef& frame = frames[random.Below(frames.size())];
            most = std::max(most, static_cast<double>(frame->Wire().size() + OVERHEAD));
            const auto link = static_cast<LinkId>(1 + random.Below(6));
            switch (random.Below(6))
            {
            case 0:
            case 1:
                pump.Publish(frame, 6);
                break;
            case 2:
                pump.forwarding.Push(pump.now, link, frame, Lane::REPAIR);
                break;
            case 3:
                if (control.Take(pump.now, 200 + OVERHEAD))
                {
                    pump.Control(200);
                }
                break;
            case 4:
            {
                Departure out;
                if (pump.forwarding.Pop(pump.now, out))
                {
                    full.push_back(out.link);
                    pump.forwarding.PutBack(pump.now, std::move(out));
                }
                break;
            }
            default:
                for (const LinkId writable : full)
                {
                    pump.forwarding.Writable(writable);
                }
                full.clear();
                break;
            }
            ASSERT_LE(pump.forwarding.QueuedBytes(), bound + most);
        }
        // Control within its tenth makes no debt; only a frame larger than the burst does.
        const bool fits = pump.largest <= 0.9 * burst;
        EXPECT_LE(pump.Excess(rate, burst), 1 + (fits ? 0 : pump.largest)) << "I13";
        EXPECT_LE(pump.waited, limits.ageLimit) << "I14";
        EXPECT_GT(pump.log.size(), 20u);
    }
}

} // namespace
} // namespace ns3::fanout
