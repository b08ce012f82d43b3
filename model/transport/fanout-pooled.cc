/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-pooled.h"

namespace ns3
{

void*
FanoutPooled::operator new(std::size_t bytes)
{
    return GetPool().Allocate(bytes);
}

void
FanoutPooled::operator delete(void* memory, std::size_t bytes)
{
    GetPool().Free(memory, bytes);
}

fanout::PagePool&
FanoutPooled::GetPool()
{
    // Never destroyed: objects may live in others with static storage.
    static auto& pool = *new fanout::PagePool;
    return pool;
}

} // namespace ns3
