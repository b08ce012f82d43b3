/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include "ns3/fanout-admission.h"
#include "ns3/fanout-forwarding.h"
#include "ns3/fanout-links.h"
#include "ns3/fanout-window.h"

#include <benchmark/benchmark.h>

// The machines that every message passes: window, forwarding, and the lookups of a busy relay.

namespace ns3::fanout::bench
{
namespace
{

void
WindowInOrder(benchmark::State& state)
{
    Window window(1024);
    window.StartAt(0);
    std::uint32_t seq = 0;
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(window.Test(seq));
        benchmark::DoNotOptimize(window.Mark(seq));
        seq++;
    }
    if (window.Base() != seq)
    {
        state.SkipWithError("what was marked in order is not done with");
    }
}

// Offsets of a stretch of messages in the order in which they come: one of a hundred is late.
std::vector<std::uint32_t>
LateArrivals()
{
    constexpr std::uint32_t STRETCH = 4000;
    constexpr std::uint32_t LATE = 6; // messages that overtake it
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < STRETCH; i++)
    {
        if (i % 100 != 50)
        {
            order.push_back(i);
        }
        if (i % 100 == 50 + LATE)
        {
            order.push_back(i - LATE);
        }
    }
    return order;
}

void
WindowWithLoss(benchmark::State& state)
{
    const auto order = LateArrivals();
    Window window(1024);
    window.StartAt(0);
    std::uint32_t base = 0;
    std::size_t next = 0;
    for (auto _ : state)
    {
        const std::uint32_t seq = base + order[next];
        benchmark::DoNotOptimize(window.Test(seq));
        benchmark::DoNotOptimize(window.Mark(seq));
        if (++next == order.size())
        {
            next = 0;
            base += static_cast<std::uint32_t>(order.size());
        }
    }
    if (window.GivenUpCount() > 0 || window.MissingCount() > 1)
    {
        state.SkipWithError("late messages were not filled in");
    }
}

ForwardingLimits
LimitsOf(double rate, double burst)
{
    ForwardingLimits limits;
    limits.rate = rate;
    limits.burst = burst;
    limits.overhead = OVERHEAD;
    return limits;
}

void
ForwardingPassAll(benchmark::State& state)
{
    const FrameRef frame = SealMessage(7, SECOND);
    const auto bytes = static_cast<std::uint32_t>(frame->Wire().size());
    Forwarding forwarding(LimitsOf(1e8, 1e7));
    Micros now = SECOND;
    std::uint64_t passed = 0;
    for (auto _ : state)
    {
        now += INTERVAL;
        passed += forwarding.PassAll(now, bytes, CHILDREN);
    }
    if (passed != static_cast<std::uint64_t>(state.iterations()))
    {
        state.SkipWithError("the fast path was not taken");
    }
}

// One message to every child of a relay whose upload is so narrow that each frame must wait.
void
ForwardingQueued(benchmark::State& state)
{
    const FrameRef frame = SealMessage(7, SECOND);
    const double cost = static_cast<double>(frame->Wire().size()) + OVERHEAD;
    Forwarding forwarding(LimitsOf(1.2 * cost * CHILDREN * SECOND / INTERVAL, cost));
    Micros start = SECOND;
    std::uint64_t left = 0;
    for (auto _ : state)
    {
        Micros now = start += INTERVAL;
        for (LinkId link = 0; link < CHILDREN; link++)
        {
            forwarding.Push(now, link, frame, Lane::LIVE);
        }
        Departure departure;
        while (!forwarding.Idle())
        {
            now = forwarding.NextAt(now);
            left += forwarding.Pop(now, departure);
        }
    }
    state.SetItemsProcessed(state.iterations() * CHILDREN);
    if (left != static_cast<std::uint64_t>(state.iterations()) * CHILDREN)
    {
        state.SkipWithError("not every frame left, or in no order");
    }
}

// Links of a relay's children in an order that a branch predictor does not learn.
std::vector<LinkId>
ShuffledLinks()
{
    std::vector<LinkId> links;
    for (std::uint32_t i = 0; i < 4096; i++)
    {
        links.push_back(FIRST_CHILD_LINK + i % CHILDREN);
    }
    Random(1, 2, 3).Shuffle(links.begin(), links.size());
    return links;
}

void
AdmissionFind(benchmark::State& state)
{
    const auto links = ShuffledLinks();
    Admission admission(AdmissionLimits{static_cast<std::uint16_t>(CHILDREN)});
    for (std::uint32_t i = 0; i < CHILDREN; i++)
    {
        Child child;
        child.peer = IdentityOf(i).id;
        child.link = FIRST_CHILD_LINK + i;
        admission.Request(child, Admission::Asking());
    }
    std::size_t i = 0;
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(admission.Find(links[i++ % links.size()]));
    }
    if (!admission.Find(links[0]))
    {
        state.SkipWithError("a child is not found");
    }
}

void
LinksFind(benchmark::State& state)
{
    const auto order = ShuffledLinks();
    Links links;
    for (std::uint32_t i = 0; i < CHILDREN; i++)
    {
        links.Hold(FIRST_CHILD_LINK + i, IdentityOf(i).id, true);
    }
    std::size_t i = 0;
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(links.Find(order[i++ % order.size()]));
    }
    if (!links.Find(order[0]))
    {
        state.SkipWithError("a neighbour is not found");
    }
}

BENCHMARK(WindowInOrder)->Name("window/in-order");
BENCHMARK(WindowWithLoss)->Name("window/one-percent-late");
BENCHMARK(ForwardingPassAll)->Name("forwarding/pass-all-32");
BENCHMARK(ForwardingQueued)->Name("forwarding/queued-32");
BENCHMARK(AdmissionFind)->Name("admission/find-of-32");
BENCHMARK(LinksFind)->Name("links/find-of-32");

} // namespace
} // namespace ns3::fanout::bench
