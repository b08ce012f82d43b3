/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PREFETCH_H
#define FANOUT_PREFETCH_H

#include "fanout-bytes.h"

#include <cstddef>
#include <cstdint>

namespace ns3::fanout
{

constexpr std::size_t CACHE_LINE_BYTES = 64; ///< of the usual processors; only speed depends on it

/**
 * @ingroup fanout-tree
 * Ask the processor for the cache line of an address that will be read or written soon. Nothing is
 * read or changed; a compiler that cannot say this says nothing.
 * @param place any address, valid or not
 */
inline void
Prefetch(const void* place)
{
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place);
    // GCC takes a function that does nothing else for one without effect, and drops the calls.
    asm volatile("" : : "r"(place));
#else
    static_cast<void>(place);
#endif
}

/**
 * @ingroup fanout-tree
 * The same for all cache lines of a range.
 * @param begin first byte @param end behind the last byte
 */
inline void
PrefetchRange(const void* begin, const void* end)
{
    const auto first = reinterpret_cast<std::uintptr_t>(begin) & ~(CACHE_LINE_BYTES - 1);
    for (auto at = first; at < reinterpret_cast<std::uintptr_t>(end); at += CACHE_LINE_BYTES)
    {
        Prefetch(reinterpret_cast<const void*>(at));
    }
}

/**
 * @ingroup fanout-tree
 * The same for all cache lines of an object.
 * @param object any, or null
 */
template <typename T>
void
PrefetchObject(const T* object)
{
    PrefetchRange(object, object ? object + 1 : object);
}

/// Memory that an input is going to touch. @ingroup fanout-tree
struct HotMemory
{
    static constexpr std::size_t PIECES = 4; ///< how many

    /// Any may be empty.
    ByteView pieces[PIECES];

    /// Whether there is more, which these point to.
    bool deep{false};
};

} // namespace ns3::fanout

#endif // FANOUT_PREFETCH_H
