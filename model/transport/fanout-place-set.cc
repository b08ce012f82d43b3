/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-place-set.h"

#include <algorithm>

namespace ns3::fanout
{

bool
PlaceSet::Insert(std::uint32_t place)
{
    if (Has(place))
    {
        return false;
    }
    if (!m_table && m_n < INLINE)
    {
        m_inline[m_n++] = place;
        return true;
    }
    if (!m_table || 4 * (m_n + 1) > 3 * (m_mask + 1))
    {
        Rebuild(m_table ? 2 * (std::size_t{m_mask} + 1) : 8);
    }
    m_table[Find(place)] = place;
    m_n++;
    return true;
}

bool
PlaceSet::Erase(std::uint32_t place)
{
    if (!Has(place))
    {
        return false;
    }
    m_n--;
    if (!m_table)
    {
        std::remove(m_inline, m_inline + m_n + 1, place);
        return true;
    }
    // What probing would no longer reach moves back into the hole.
    std::size_t hole = Find(place);
    m_table[hole] = NONE;
    for (std::size_t i = (hole + 1) & m_mask; m_table[i] != NONE; i = (i + 1) & m_mask)
    {
        if (((i - Home(m_table[i])) & m_mask) >= ((i - hole) & m_mask))
        {
            std::swap(m_table[hole], m_table[i]);
            hole = i;
        }
    }
    return true;
}

void
PlaceSet::Clear()
{
    m_table.reset();
    m_n = 0;
    m_mask = 0;
}

std::vector<std::uint32_t>
PlaceSet::GetAll() const
{
    std::vector<std::uint32_t> all;
    if (m_table)
    {
        std::copy_if(m_table.get(),
                     m_table.get() + m_mask + 1,
                     std::back_inserter(all),
                     [](std::uint32_t place) { return place != NONE; });
    }
    else
    {
        all.assign(m_inline, m_inline + m_n);
    }
    std::sort(all.begin(), all.end());
    return all;
}

void
PlaceSet::Rebuild(std::size_t slots)
{
    const auto all = GetAll();
    m_table.reset(new std::uint32_t[slots]);
    m_mask = static_cast<std::uint32_t>(slots - 1);
    std::fill_n(m_table.get(), slots, NONE);
    for (const std::uint32_t place : all)
    {
        m_table[Find(place)] = place;
    }
}

} // namespace ns3::fanout
