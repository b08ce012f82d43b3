/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_POOLED_H
#define FANOUT_POOLED_H

#include "ns3/fanout-page-pool.h"

#include <cstddef>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Base of the classes of which a large run has an object a peer, and which a frame touches: all of
 * these objects are in one fanout::PagePool.
 */
struct FanoutPooled
{
    /// @param bytes of the object @return its memory
    static void* operator new(std::size_t bytes);

    /// @param memory of an object @param bytes of the object
    static void operator delete(void* memory, std::size_t bytes);

    /// @return the pool, of the process
    static fanout::PagePool& GetPool();
};

} // namespace ns3

#endif // FANOUT_POOLED_H
