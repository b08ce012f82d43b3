/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-page-pool.h"

#include <new>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t HUGE_PAGE_BYTES = std::size_t{2} << 20;
constexpr std::size_t BLOCK_BYTES = 8 * HUGE_PAGE_BYTES;

std::size_t
UnitsOf(std::size_t bytes)
{
    return (bytes + PagePool::ALIGNMENT - 1) / PagePool::ALIGNMENT;
}

} // namespace

PagePool::~PagePool()
{
    for (void* block : m_blocks)
    {
        ::operator delete(block, std::align_val_t(HUGE_PAGE_BYTES));
    }
}

void
PagePool::StartBlock()
{
    m_blocks.reserve(m_blocks.size() + 1);
    m_at = static_cast<char*>(::operator new(BLOCK_BYTES, std::align_val_t(HUGE_PAGE_BYTES)));
    m_blocks.push_back(m_at);
    m_left = BLOCK_BYTES;
}

void*
PagePool::Allocate(std::size_t bytes)
{
    if (!POOLED || bytes > PAGE_BYTES)
    {
        return ::operator new(bytes);
    }
    const std::size_t units = UnitsOf(bytes);
    if (FreePiece* piece = m_free[units])
    {
        m_free[units] = piece->next;
        m_used += units * ALIGNMENT;
        return piece;
    }
    const std::size_t leftInPage = m_left % PAGE_BYTES;
    if (units * ALIGNMENT > leftInPage)
    {
        m_at += leftInPage;
        m_left -= leftInPage;
        m_used += leftInPage;
    }
    if (m_left == 0)
    {
        StartBlock();
    }
    char* memory = m_at;
    m_at += units * ALIGNMENT;
    m_left -= units * ALIGNMENT;
    m_used += units * ALIGNMENT;
    return memory;
}

void
PagePool::Free(void* memory, std::size_t bytes)
{
    if (!POOLED || bytes > PAGE_BYTES)
    {
        ::operator delete(memory);
    }
    else if (memory)
    {
        FreePiece*& first = m_free[UnitsOf(bytes)];
        first = new (memory) FreePiece{first};
        m_used -= UnitsOf(bytes) * ALIGNMENT;
    }
}

} // namespace ns3::fanout
