/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-random.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <vector>

// What FanoutCloudChannel does with far memory, and nothing else: turns of work that touch pages at
// random, which are fetched for a group of turns at once, some turns before. The names are
// memory/fetch/PAGES/GROUP/KILOBYTES. For a large heap as examples/run has it, set
// GLIBC_TUNABLES=glibc.malloc.hugetlb=1.

namespace ns3::fanout::bench
{
namespace
{

constexpr std::size_t PAGE = 4096; // bytes
constexpr std::size_t LINES = 4;   // of a page, touched in a turn
constexpr std::size_t MOST = 6;    // pages of a turn
constexpr std::size_t AHEAD = 16;  // turns
constexpr std::size_t TURNS = 64;  // a ring of them, more than AHEAD and a group
constexpr std::uint32_t WORK = 450;

using Turn = std::array<std::uint32_t, MOST>;

std::uint64_t
Work(std::uint64_t value, std::size_t steps)
{
    for (std::size_t i = 0; i < steps; i++)
    {
        value = value * 0x9e3779b97f4a7c15ULL + 1;
        benchmark::DoNotOptimize(value);
    }
    return value;
}

void
Fetch(benchmark::State& state)
{
    const auto pages = static_cast<std::size_t>(state.range(0));
    const auto group = static_cast<std::size_t>(state.range(1));
    const auto all = static_cast<std::uint64_t>(state.range(2)) * 1000 / PAGE;
    std::vector<std::uint8_t> memory(all * PAGE, 1);
    const auto line = [&](const Turn& turn, std::size_t page, std::size_t n)
    { return memory.data() + turn[page] * PAGE + (turn[page] + n) % (PAGE / 64) * 64; };
    Random random(1, 2, 3);
    std::array<Turn, TURNS> ring{};
    std::uint64_t value = 1;
    std::size_t at = 0;
    for (auto _ : state)
    {
        if (at % group == 0)
        {
            for (std::size_t i = 0; i < group; i++)
            {
                for (auto& page : ring[(at + AHEAD + i) % TURNS])
                {
                    page = static_cast<std::uint32_t>(random.Below(all));
                }
            }
            // The first lines of all pages come first.
            for (std::size_t n = 0; n < LINES * group * pages; n++)
            {
                const Turn& turn = ring[(at + AHEAD + n / pages % group) % TURNS];
                Prefetch(line(turn, n % pages, n / pages / group));
            }
        }
        for (std::size_t page = 0; page < pages; page++)
        {
            for (std::size_t n = 0; n < LINES; n++)
            {
                value ^= *line(ring[at % TURNS], page, n);
                value = Work(value, WORK / pages / LINES);
            }
        }
        at++;
    }
    benchmark::DoNotOptimize(value);
}

BENCHMARK(Fetch)->Name("memory/fetch")->ArgsProduct({{1, 4, 6}, {1, 4, 8}, {30, 1000000}});

} // namespace
} // namespace ns3::fanout::bench
