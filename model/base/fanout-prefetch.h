/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PREFETCH_H
#define FANOUT_PREFETCH_H

#include <cstddef>
#include <cstdint>

namespace ns3::fanout
{

constexpr std::size_t CACHE_LINE_BYTES = 64; ///< of the usual processors; only speed depends on it

/**
 * @ingroup fanout-tree
 * Ask the processor for memory that will be read and written soon. Nothing is read or changed; a
 * compiler that cannot say this says nothing.
 * @param begin first byte @param end behind the last byte
 */
inline void
PrefetchRange(const void* begin, const void* end)
{
#if defined(__GNUC__) || defined(__clang__)
    const auto first = reinterpret_cast<std::uintptr_t>(begin) & ~(CACHE_LINE_BYTES - 1);
    for (auto at = first; at < reinterpret_cast<std::uintptr_t>(end); at += CACHE_LINE_BYTES)
    {
        __builtin_prefetch(reinterpret_cast<const void*>(at), 1);
    }
#else
    static_cast<void>(begin);
    static_cast<void>(end);
#endif
}

} // namespace ns3::fanout

#endif // FANOUT_PREFETCH_H
