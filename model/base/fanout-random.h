/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_RANDOM_H
#define FANOUT_RANDOM_H

#include <cstdint>
#include <utility>

namespace ns3::fanout
{

/// @param x any value @return a well mixed value (the finaliser of SplitMix64, Steele et al. 2014)
constexpr std::uint64_t
Mix64(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/**
 * @ingroup fanout-tree
 * A counter-based generator: draw i is a function of (key, peer, purpose, i), so that no two peers
 * share draws and the order in which peers act does not matter. 16 bytes.
 */
class Random
{
  public:
    Random() = default;

    /**
     * @param key the run's key, drawn once from an ns-3 stream
     * @param peer the peer's index
     * @param purpose what the draws are for, one number a purpose
     */
    Random(std::uint64_t key, std::uint64_t peer, std::uint64_t purpose)
        : m_key(Mix64(key ^ Mix64(peer * 0x100000001b3ULL + purpose)))
    {
    }

    /// @return 64 random bits
    std::uint64_t
    Next()
    {
        return Mix64(m_key + Mix64(m_counter++));
    }

    /// @return a number in [0, 1)
    double
    Uniform()
    {
        return static_cast<double>(Next() >> 11) * 0x1.0p-53;
    }

    /// @param bound at least 1 @return an integer in [0, bound)
    std::uint64_t
    Below(std::uint64_t bound)
    {
        __extension__ typedef unsigned __int128 Wide; // no type of ISO C++, as -Wpedantic would say
        return static_cast<std::uint64_t>((static_cast<Wide>(Next()) * bound) >> 64);
    }

    /// @param spread in [0, 1] @return a factor in [1 - spread, 1 + spread)
    double
    Jitter(double spread)
    {
        return 1 - spread + 2 * spread * Uniform();
    }

    /// Shuffle the first n elements. @param first random access iterator @param n how many
    template <typename Iterator>
    void
    Shuffle(Iterator first, std::size_t n)
    {
        for (std::size_t i = n; i > 1; i--)
        {
            std::swap(first[i - 1], first[Below(i)]);
        }
    }

  private:
    std::uint64_t m_key{0};     ///< mixed key
    std::uint64_t m_counter{0}; ///< draws so far
};

} // namespace ns3::fanout

#endif // FANOUT_RANDOM_H
