/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_INLINE_VECTOR_H
#define FANOUT_INLINE_VECTOR_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A vector whose first few elements have their place inside: where it rarely holds more, nothing is
 * allocated and no memory far away is touched. It goes back inside when it has shrunk enough.
 * Otherwise as std::vector, of which it has what is needed.
 * @tparam T trivially copyable @tparam N elements inside, at least 1
 */
template <typename T, std::uint32_t N>
class InlineVector
{
    static_assert(std::is_trivially_copyable_v<T> && N > 0);

  public:
    InlineVector() = default;
    InlineVector(const InlineVector&) = delete;
    InlineVector& operator=(const InlineVector&) = delete;

    /// @return first element
    T*
    begin()
    {
        return m_heap ? m_heap.get() : m_inline;
    }

    /// @return behind the last element
    T*
    end()
    {
        return begin() + m_size;
    }

    /// @return first element
    const T*
    begin() const
    {
        return m_heap ? m_heap.get() : m_inline;
    }

    /// @return behind the last element
    const T*
    end() const
    {
        return begin() + m_size;
    }

    /// @return whether there is none
    bool
    empty() const
    {
        return m_size == 0;
    }

    /// @return how many there are
    std::size_t
    size() const
    {
        return m_size;
    }

    /// @return the first one; there is one
    const T&
    front() const
    {
        return *begin();
    }

    /// @return the last one; there is one
    const T&
    back() const
    {
        return *(end() - 1);
    }

    /// @param place of those, or end() @param value comes before it
    void
    insert(const T* place, const T& value)
    {
        const T kept = value;
        const auto index = place - begin();
        if (m_size == m_room)
        {
            MoveTo(2 * m_room);
        }
        std::move_backward(begin() + index, end(), end() + 1);
        begin()[index] = kept;
        m_size++;
    }

    /// @param value comes behind the last one
    void
    push_back(const T& value)
    {
        insert(end(), value);
    }

    /// @param first of those @param last behind the last one that goes
    void
    erase(T* first, T* last)
    {
        std::move(last, end(), first);
        m_size -= static_cast<std::uint32_t>(last - first);
        if (m_heap && m_size <= N)
        {
            MoveTo(N);
        }
    }

    /// @return bytes on the heap
    std::size_t
    HeapBytes() const
    {
        return m_heap ? m_room * sizeof(T) : 0;
    }

  private:
    /// @param room for so many, no fewer than there are; N: inside
    void
    MoveTo(std::uint32_t room)
    {
        std::unique_ptr<T[]> heap(room > N ? new T[room] : nullptr);
        std::copy(begin(), end(), heap ? heap.get() : m_inline);
        m_heap = std::move(heap);
        m_room = room;
    }

    std::unique_ptr<T[]> m_heap; ///< all of them when they are more than N
    std::uint32_t m_size{0};     ///< how many
    std::uint32_t m_room{N};     ///< places
    T m_inline[N];               ///< all of them otherwise
};

} // namespace ns3::fanout

#endif // FANOUT_INLINE_VECTOR_H
