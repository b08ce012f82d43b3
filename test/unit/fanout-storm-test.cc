/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-storm.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr std::uint64_t DEFAULT_SEEDS = 100; ///< unless FANOUT_STORM_SEEDS says otherwise
constexpr std::uint64_t TWICE_EVERY = 50;    ///< such seeds run twice and must do the same

/// @param name of an environment variable @param otherwise its value when it is not set
/// @return its value
std::uint64_t
FromEnvironment(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// FANOUT_STORM_SEEDS=N runs N seeds from FANOUT_STORM_FIRST (1) on; FANOUT_STORM_SEED=k runs k
// alone and writes down, in storm-k.txt, every event and frame.
TEST(Storm, EverybodyHasEverythingWhenItIsOver)
{
    const std::uint64_t replay = FromEnvironment("FANOUT_STORM_SEED", 0);
    const std::uint64_t first = replay ? replay : FromEnvironment("FANOUT_STORM_FIRST", 1);
    const std::uint64_t seeds = replay ? 1 : FromEnvironment("FANOUT_STORM_SEEDS", DEFAULT_SEEDS);
    std::size_t peers = 0;
    for (std::uint64_t seed = first; seed < first + seeds; seed++)
    {
        Storm storm(seed, replay != 0);
        const std::string wrong = storm.Run();
        peers += storm.GetN();
        EXPECT_EQ(wrong, "") << "replay: ./test/run --seed=" << seed << "\n" << storm.About();
        if (seed % TWICE_EVERY == 0)
        {
            Storm again(seed, false);
            again.Run();
            EXPECT_EQ(again.Hash(), storm.Hash()) << "I26: seed " << seed << " runs differ";
        }
        if (replay)
        {
            const std::string path = "storm-" + std::to_string(seed) + ".txt";
            std::ofstream(path) << storm.Transcript();
            std::cout << "transcript in " << path << "\n";
        }
    }
    EXPECT_GE(peers, seeds);
}

} // namespace
