/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PLACE_SET_H
#define FANOUT_PLACE_SET_H

#include "ns3/fanout-prefetch.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A set of places in a cloud: three inline, as most peers have no more, a hash table beyond.
 * Everything is O(1); 32 bytes while small.
 */
class PlaceSet
{
  public:
    /// @param place any but NONE @return whether it is there
    bool
    Has(std::uint32_t place) const
    {
        if (m_table)
        {
            return m_table[Find(place)] == place;
        }
        for (std::uint32_t i = 0; i < m_n; i++)
        {
            if (m_inline[i] == place)
            {
                return true;
            }
        }
        return false;
    }

    /// @param place any but NONE @return whether it is new
    bool Insert(std::uint32_t place);

    /// @param place any but NONE @return whether it was there
    bool Erase(std::uint32_t place);

    /// Forget all.
    void Clear();

    /// @return all of them, ascending
    std::vector<std::uint32_t> GetAll() const;

    /// Ask the processor for the table, where there is one and it is small.
    void
    Prefetch() const
    {
        if (m_table)
        {
            PrefetchRange(m_table.get(), m_table.get() + std::min(m_mask + 1, MOST_PREFETCHED));
        }
    }

    /// @return how many
    std::uint32_t
    GetN() const
    {
        return m_n;
    }

    static constexpr std::uint32_t NONE = 0xffffffff; ///< No place.

  private:
    static constexpr std::uint32_t INLINE = 3;           ///< places without a table
    static constexpr std::uint32_t MOST_PREFETCHED = 64; ///< slots of a small table

    /// @param place any @return its slot of the table, or the free one where it belongs
    std::size_t
    Find(std::uint32_t place) const
    {
        std::size_t i = Home(place);
        while (m_table[i] != place && m_table[i] != NONE)
        {
            i = (i + 1) & m_mask;
        }
        return i;
    }

    /// @param place any @return the slot where the search begins
    std::size_t
    Home(std::uint32_t place) const
    {
        return static_cast<std::size_t>(place * 0x9e3779b97f4a7c15ULL >> 32) & m_mask;
    }

    /// @param slots of the table, a power of two, more than the places
    void Rebuild(std::size_t slots);

    std::unique_ptr<std::uint32_t[]> m_table; ///< open addressing, NONE is free
    std::uint32_t m_n{0};                     ///< places
    std::uint32_t m_mask{0};                  ///< slots - 1
    std::uint32_t m_inline[INLINE]{};         ///< places, while there is no table
};

} // namespace ns3::fanout

#endif // FANOUT_PLACE_SET_H
