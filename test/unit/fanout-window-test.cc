/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-random.h"
#include "ns3/fanout-window.h"

#include <gtest/gtest.h>
#include <map>

namespace ns3::fanout
{
namespace
{

using Verdict = Window::Verdict;
using Seqs = std::vector<std::uint32_t>;

TEST(FanoutWindow, NothingIsWantedBeforeTheStart)
{
    Window window(64);
    EXPECT_FALSE(window.Started());
    EXPECT_EQ(window.Test(0), Verdict::TOO_OLD);
    EXPECT_EQ(window.Mark(0), 0u);
    EXPECT_EQ(window.Expect(10), 0u);
    EXPECT_EQ(window.GiveUpBelow(10), 0u);
    window.StartAt(5);
    window.StartAt(50);
    EXPECT_EQ(window.Base(), 5u);
    EXPECT_EQ(window.Next(), 5u);
    EXPECT_EQ(window.Test(4), Verdict::TOO_OLD);
    EXPECT_EQ(window.Test(5), Verdict::NEW);
    EXPECT_EQ(window.Test(68), Verdict::NEW);
    EXPECT_EQ(window.Test(69), Verdict::TOO_FAR);
}

TEST(FanoutWindow, InOrderNeedsNoBitmap)
{
    Window window(64);
    window.StartAt(0);
    for (std::uint32_t seq = 0; seq < 1000; seq++)
    {
        ASSERT_EQ(window.Test(seq), Verdict::NEW);
        window.Mark(seq);
        ASSERT_EQ(window.Test(seq), Verdict::DUPLICATE);
        ASSERT_EQ(window.Base(), seq + 1);
    }
    EXPECT_EQ(window.MissingCount(), 0u);
    EXPECT_TRUE(window.Has(0));
    EXPECT_FALSE(window.Has(1000));
}

TEST(FanoutWindow, AHoleIsMissingUntilItComes)
{
    Window window(64);
    window.StartAt(10);
    window.Mark(12);
    EXPECT_EQ(window.Base(), 10u);
    EXPECT_EQ(window.Next(), 13u);
    EXPECT_EQ(window.Missing(9), (Seqs{10, 11}));
    EXPECT_EQ(window.Missing(1), (Seqs{10}));
    EXPECT_EQ(window.Expect(15), 2u);
    EXPECT_EQ(window.Expect(15), 0u);
    EXPECT_EQ(window.Missing(9), (Seqs{10, 11, 13, 14}));
    window.Mark(10);
    EXPECT_EQ(window.Base(), 11u);
    window.Mark(11);
    EXPECT_EQ(window.Base(), 13u);
    EXPECT_TRUE(window.Has(12));
    EXPECT_FALSE(window.Has(13));
    EXPECT_TRUE(window.IsMissing(13));
    EXPECT_FALSE(window.IsMissing(15));
}

TEST(FanoutWindow, GivenUpThatArrivesIsNewWhileTheBitmapCoversIt)
{
    Window window(64);
    window.StartAt(0);
    window.Expect(4);
    EXPECT_EQ(window.GiveUp(2), 1u);
    EXPECT_EQ(window.GiveUp(2), 0u);
    EXPECT_EQ(window.GiveUp(9), 0u);
    EXPECT_EQ(window.Test(2), Verdict::NEW);
    EXPECT_EQ(window.GivenUpCount(), 1u);
    window.Mark(2);
    EXPECT_EQ(window.GivenUpCount(), 0u);
    EXPECT_EQ(window.Test(2), Verdict::DUPLICATE);
    EXPECT_EQ(window.GiveUpBelow(2), 2u);
    EXPECT_EQ(window.Base(), 3u) << "0 and 1 given up, 2 delivered";
    EXPECT_EQ(window.Test(1), Verdict::TOO_OLD);
    EXPECT_EQ(window.Test(2), Verdict::DUPLICATE) << "delivered after the last one given up";
    window.Mark(3);
    EXPECT_EQ(window.GivenUpCount(), 2u);
}

TEST(FanoutWindow, OnlyAVerifiedMessageJumps)
{
    Window window(100);
    window.StartAt(0);
    window.Mark(0);
    EXPECT_EQ(window.Expect(0xffffffff), 100u) << "a watermark is believed one span ahead";
    EXPECT_EQ(window.Next(), 101u);
    EXPECT_EQ(window.GiveUpBelow(0xffffffff), 100u) << "and so is the start of a range";
    EXPECT_EQ(window.Base(), 101u);
    EXPECT_EQ(window.Test(1000), Verdict::TOO_FAR);
    EXPECT_EQ(window.Mark(1000), 1000u - 99 - 101);
    EXPECT_EQ(window.Base(), 901u);
    EXPECT_EQ(window.MissingCount(), 99u);
    EXPECT_EQ(window.Next(), 1001u);
    EXPECT_EQ(window.GivenUpCount(), 900u);
}

TEST(FanoutWindow, TheHeapIsUsedOnlyWhileTheHoleIsWide)
{
    Window window(1024);
    window.StartAt(0);
    window.Mark(63);
    EXPECT_EQ(window.HeapBytes(), 0u);
    window.Mark(64);
    EXPECT_EQ(window.HeapBytes(), 32u);
    window.Mark(1000);
    EXPECT_EQ(window.HeapBytes(), 256u);
    for (std::uint32_t seq = 0; seq < 1000; seq++)
    {
        window.Mark(seq);
    }
    EXPECT_EQ(window.HeapBytes(), 0u);
    EXPECT_EQ(window.Base(), 1001u);
    EXPECT_EQ(window.GivenUpCount(), 0u);
}

TEST(FanoutWindow, TheLastNumbersDoNotWrap)
{
    Window window(128);
    window.StartAt(0xfffffff0);
    EXPECT_EQ(window.Test(0xffffffff), Verdict::TOO_FAR) << "has no exclusive end";
    EXPECT_EQ(window.Mark(0xffffffff), 0u);
    EXPECT_EQ(window.Next(), 0xfffffff0u);
    EXPECT_EQ(window.Test(3), Verdict::TOO_OLD);
    window.Mark(0xfffffffe);
    EXPECT_EQ(window.Next(), 0xffffffffu);
    EXPECT_EQ(window.MissingCount(), 14u);
    EXPECT_EQ(window.Expect(0xffffffff), 0u);
    EXPECT_EQ(window.GiveUpBelow(0xffffffff), 14u);
    EXPECT_EQ(window.Base(), 0xffffffffu);
    EXPECT_EQ(window.Mark(0xffffffff), 0u);
    EXPECT_EQ(window.Base(), 0xffffffffu);
}

TEST(FanoutWindow, ASpanOfOneWorks)
{
    Window window(1);
    window.StartAt(7);
    EXPECT_EQ(window.Test(8), Verdict::TOO_FAR);
    EXPECT_EQ(window.Mark(8), 1u);
    EXPECT_EQ(window.Base(), 9u);
    EXPECT_EQ(window.Mark(9), 0u);
}

/// The same in the plainest way: a state for every seq.
class Model
{
  public:
    enum class State
    {
        MISSING,
        DELIVERED,
        GIVEN_UP
    };

    Model(std::uint32_t joinPoint, std::uint32_t span)
        : next(joinPoint),
          base(joinPoint),
          m_span(span)
    {
    }

    void
    Extend(std::uint32_t to)
    {
        for (; next < to; next++)
        {
            states[next] = State::MISSING;
        }
    }

    void
    Mark(std::uint32_t seq)
    {
        Extend(seq + 1);
        states[seq] = State::DELIVERED;
        if (seq - base >= m_span)
        {
            GiveUpBelow(seq - m_span + 1);
        }
        Settle();
    }

    void
    GiveUpBelow(std::uint32_t to)
    {
        for (std::uint32_t seq = base; seq < std::min(to, next); seq++)
        {
            if (states[seq] == State::MISSING)
            {
                states[seq] = State::GIVEN_UP;
            }
        }
        base = std::max(base, std::min(to, next));
        Settle();
    }

    void
    Settle()
    {
        while (base < next && states[base] != State::MISSING)
        {
            base++;
        }
    }

    std::uint64_t
    Count(State state) const
    {
        std::uint64_t n = 0;
        for (const auto& [seq, is] : states)
        {
            n += is == state;
        }
        return n;
    }

    std::map<std::uint32_t, State> states;
    std::uint32_t next;
    std::uint32_t base;

  private:
    std::uint32_t m_span;
};

void
ExpectSame(const Window& window, Model& model, std::uint32_t span)
{
    ASSERT_EQ(window.Base(), model.base);
    ASSERT_EQ(window.Next(), model.next);
    ASSERT_EQ(window.GivenUpCount(), model.Count(Model::State::GIVEN_UP));
    ASSERT_EQ(window.MissingCount(), model.Count(Model::State::MISSING));
    ASSERT_LE(window.MissingCount(), span);
    Seqs missing;
    window.ForEachMissing([&](std::uint32_t seq) { missing.push_back(seq); });
    ASSERT_EQ(missing, window.Missing(1u << 20));
    Seqs expected;
    for (const auto& [seq, is] : model.states)
    {
        const bool delivered = is == Model::State::DELIVERED;
        const Verdict verdict = window.Test(seq);
        if (is == Model::State::MISSING)
        {
            expected.push_back(seq);
        }
        if (seq >= model.base)
        {
            ASSERT_EQ(window.Has(seq), delivered) << seq;
            ASSERT_EQ(verdict, delivered ? Verdict::DUPLICATE : Verdict::NEW) << seq;
        }
        else
        {
            ASSERT_TRUE(verdict == Verdict::TOO_OLD || (verdict == Verdict::DUPLICATE && delivered))
                << seq;
        }
    }
    ASSERT_EQ(missing, expected);
}

TEST(FanoutWindow, BehavesAsTheModelWhateverHappens)
{
    for (std::uint64_t seed = 1; seed <= 80; seed++)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed, 0, 0);
        const auto span = static_cast<std::uint32_t>(1 + random.Below(300));
        const auto start = static_cast<std::uint32_t>(
            random.Below(2) == 0 ? random.Below(1000) : 0xffffffff - 2000 - random.Below(1000));
        Window window(span);
        window.StartAt(start);
        Model model(start, span);
        for (int i = 0; i < 150; i++)
        {
            const auto near = static_cast<std::uint32_t>(
                model.base + random.Below(random.Below(10) == 0 ? 3 * span : 20));
            const std::uint32_t before = window.Base();
            switch (random.Below(8))
            {
            case 0:
                window.Expect(near);
                model.Extend(static_cast<std::uint32_t>(
                    std::min<std::uint64_t>(near, std::uint64_t{model.base} + span)));
                break;
            case 1:
                if (window.GiveUp(near) > 0)
                {
                    ASSERT_EQ(model.states[near], Model::State::MISSING);
                    model.states[near] = Model::State::GIVEN_UP;
                    model.Settle();
                }
                else
                {
                    const auto known = model.states.find(near);
                    ASSERT_TRUE(known == model.states.end() ||
                                known->second != Model::State::MISSING);
                }
                break;
            case 2:
                window.GiveUpBelow(near);
                model.GiveUpBelow(near);
                break;
            default:
                if (window.Test(near) == Verdict::NEW || window.Test(near) == Verdict::TOO_FAR)
                {
                    window.Mark(near);
                    model.Mark(near);
                }
                break;
            }
            ASSERT_GE(window.Base(), before);
            ASSERT_NO_FATAL_FAILURE(ExpectSame(window, model, span));
        }
    }
}

} // namespace

TEST(FanoutWindow, BeginsAgainOnlyWhereNothingCame)
{
    Window window(128);
    EXPECT_FALSE(window.Restart(3)) << "not begun";
    window.StartAt(100);
    window.Expect(180);
    EXPECT_FALSE(window.Restart(100)) << "not before the base";
    EXPECT_TRUE(window.Restart(40));
    EXPECT_EQ(window.Base(), 40u);
    EXPECT_EQ(window.Next(), 40u);
    EXPECT_EQ(window.MissingCount(), 0u);
    window.Mark(40);
    EXPECT_FALSE(window.Restart(20)) << "one was delivered";
    Window behind(128);
    behind.StartAt(100);
    behind.Mark(101);
    EXPECT_FALSE(behind.Restart(20)) << "one was delivered behind a gap";
    Window given(128);
    given.StartAt(100);
    given.Expect(101);
    given.GiveUp(100);
    EXPECT_FALSE(given.Restart(20)) << "one was given up";
}

} // namespace ns3::fanout
