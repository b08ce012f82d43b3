/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include "ns3/fanout-tracker.h"

#include <benchmark/benchmark.h>
#include <numeric>

// A tracker's directory: what a call costs must not grow with the entries.

namespace ns3::fanout::bench
{
namespace
{

constexpr std::uint16_t FREE_SLOTS = 16; // of an entry
constexpr std::uint32_t ASKERS = 4096;   // peers that look for a parent
constexpr Micros BETWEEN = 20;           // two calls, so that few leases live at a time

TrackerAnnounce
AnnounceOf(std::uint16_t freeSlots)
{
    TrackerAnnounce announce;
    announce.ttlMs = 120000;
    announce.level = 2;
    announce.freeSlots = freeSlots;
    announce.maxChildren = CHILDREN;
    return announce;
}

/// A tracker with as many entries as a benchmark wants, and the peers that speak to it.
struct Desk
{
    explicit Desk(std::uint32_t entries)
        : tracker(LimitsOf(entries), Random(1, 2, 3))
    {
        for (std::uint32_t i = 0; i < entries; i++)
        {
            relays.push_back(IdentityOf(i).id);
            tracker.Announce(now, relays[i], Key(), AnnounceOf(FREE_SLOTS), EndpointOf(i));
        }
        for (std::uint32_t i = 0; i < ASKERS; i++)
        {
            askers.push_back(IdentityOf(0x200000000 + i).id);
        }
        order.resize(entries);
        std::iota(order.begin(), order.end(), 0);
        Random(1, 2, 4).Shuffle(order.begin(), order.size());
        tracker.TakeEvents();
    }

    static TrackerLimits
    LimitsOf(std::uint32_t entries)
    {
        TrackerLimits limits;
        limits.maxEntries = entries;
        limits.lease = 10 * MILLISECOND;
        return limits;
    }

    Micros now{SECOND};               ///< time
    Tracker tracker;                  ///< the tracker
    std::vector<PeerId> relays;       ///< who has room
    std::vector<PeerId> askers;       ///< who looks for it
    std::vector<std::uint32_t> order; ///< in which relays announce again
};

void
Query(benchmark::State& state)
{
    Desk desk(static_cast<std::uint32_t>(state.range(0)));
    TrackerQuery query;
    query.want = 4;
    query.extension.emplace().role.emplace();
    std::uint64_t answered = 0;
    std::uint64_t looked = 0;
    for (auto _ : state)
    {
        const std::uint32_t who = query.reqId++ % ASKERS;
        desk.now += BETWEEN;
        desk.tracker.Query(desk.now, desk.askers[who], who, Key(), query);
        for (const auto& answer : desk.tracker.TakeAnswers())
        {
            answered += answer.reply.entries.size() == query.want;
        }
        for (const auto& event : desk.tracker.TakeEvents())
        {
            looked += event.cost;
        }
    }
    state.counters["entries_looked_at"] =
        static_cast<double>(looked) / static_cast<double>(state.iterations());
    if (answered != static_cast<std::uint64_t>(state.iterations()))
    {
        state.SkipWithError("a query was not answered with all it wanted");
    }
}

void
Announce(benchmark::State& state)
{
    Desk desk(static_cast<std::uint32_t>(state.range(0)));
    std::size_t next = 0;
    std::uint16_t less = 0;
    for (auto _ : state)
    {
        const std::uint32_t who = desk.order[next++];
        desk.now += BETWEEN;
        desk.tracker.Announce(desk.now,
                              desk.relays[who],
                              Key(),
                              AnnounceOf(FREE_SLOTS - less),
                              EndpointOf(who));
        benchmark::DoNotOptimize(desk.tracker.TakeEvents());
        if (next == desk.order.size())
        {
            next = 0;
            less ^= 1;
        }
    }
    if (desk.tracker.Entries(Key()) != desk.order.size())
    {
        state.SkipWithError("an entry is gone");
    }
}

BENCHMARK(Query)->Name("tracker/query")->Arg(1000)->Arg(100000);
BENCHMARK(Announce)->Name("tracker/announce")->Arg(1000)->Arg(100000);

} // namespace
} // namespace ns3::fanout::bench
