/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PAGE_POOL_H
#define FANOUT_PAGE_POOL_H

#include <array>
#include <cstddef>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Memory for objects that are touched together and made one after the other, as the parts of a
 * peer: in a large run the processor has to find a page anew for each peer, so they share one. What
 * is asked for one after the other lies so, and nothing crosses the end of a page. What is freed is
 * used again for objects of the same size. Blocks come from the usual heap, of a size that fits
 * huge pages, and go back with the pool. Under AddressSanitizer all of it is the usual heap.
 */
class PagePool
{
  public:
    static constexpr std::size_t PAGE_BYTES = 4096; ///< of the usual processors
    static constexpr std::size_t ALIGNMENT = 16;    ///< of what is returned

    /// Whether it is one, not the usual heap.
#if defined(__SANITIZE_ADDRESS__)
    static constexpr bool POOLED = false;
#elif defined(__has_feature)
    static constexpr bool POOLED = !__has_feature(address_sanitizer);
#else
    static constexpr bool POOLED = true;
#endif

    PagePool() = default;

    /// What is in use is gone.
    ~PagePool();

    PagePool(const PagePool&) = delete;
    PagePool& operator=(const PagePool&) = delete;

    /// @param bytes wanted; more than a page: from the usual heap @return the memory
    /// @throws std::bad_alloc when there is none
    void* Allocate(std::size_t bytes);

    /// @param memory from Allocate(), or null @param bytes as they were there
    void Free(void* memory, std::size_t bytes);

    /// @return bytes in use in its blocks, with what was left at the ends of pages
    std::size_t
    GetUsedBytes() const
    {
        return m_used;
    }

  private:
    /// A piece that was freed.
    struct FreePiece
    {
        FreePiece* next; ///< another one of the same size
    };

    /// Go on in a new block.
    void StartBlock();

    char* m_at{nullptr};         ///< the next piece
    std::size_t m_left{0};       ///< bytes of the block from there on
    std::size_t m_used{0};       ///< see GetUsedBytes()
    std::vector<void*> m_blocks; ///< all
    std::array<FreePiece*, PAGE_BYTES / ALIGNMENT + 1> m_free{}; ///< by size in units of ALIGNMENT
};

} // namespace ns3::fanout

#endif // FANOUT_PAGE_POOL_H
