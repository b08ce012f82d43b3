/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WHEEL_H
#define FANOUT_WHEEL_H

#include "ns3/fanout-prefetch.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A timing wheel (Varghese and Lauck 1987): what is due at a tick, in the order it was pushed. Push
 * and take cost O(1) an entry, however many are pending; memory follows the most that ever were.
 *
 * Two epochs of SLOTS ticks each lie in a ring of slots; what is due later waits in a list an epoch
 * and is spread over its slots when the epoch before it begins. The slots are more memory than a
 * processor caches, so an entry waits in a short queue while its place is fetched.
 *
 * @tparam T what is due; it is copied as bytes
 */
template <typename T>
class Wheel
{
  public:
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

    static constexpr std::uint64_t NO_TICK = ~std::uint64_t{0}; ///< Nothing is pending.
    static constexpr std::uint32_t SLOTS = 1024;                ///< Ticks of an epoch.

    Wheel()
        : m_slots(RING),
          m_used(RING / 64)
    {
    }

    Wheel(const Wheel&) = delete;
    Wheel& operator=(const Wheel&) = delete;

    /// @param tick when it is due; one that Take() has passed is moved to the next one
    /// @param entry what
    void
    Push(std::uint64_t tick, T entry)
    {
        tick = std::max(tick, m_next);
        m_size++;
        if (tick / SLOTS > m_epoch + 1)
        {
            Append(m_later[tick / SLOTS], {tick, entry});
            return;
        }
        Stage(tick, entry);
    }

    /// @return the first tick at which something may be due, NO_TICK when nothing is pending
    std::uint64_t
    NextTick() const
    {
        if (m_near > 0)
        {
            return Scan();
        }
        return m_later.empty() ? NO_TICK : m_later.begin()->first * SLOTS;
    }

    /// Ticks up to this one are over; TakeMore() gives what is due then. All that was due before
    /// has been taken. @param tick not below one passed before, nor above the first at which
    /// something is due
    void
    Begin(std::uint64_t tick)
    {
        Unstage();
        Enter(tick / SLOTS);
        m_next = tick + 1;
        m_due = std::exchange(m_slots[tick % RING], List<T>());
        m_used[tick % RING / 64] &= ~(std::uint64_t{1} << tick % 64);
    }

    /// @param due some more of what is due is appended here, in order
    /// @return false when there was no more
    bool
    TakeMore(std::vector<T>& due)
    {
        Chunk<T>* chunk = m_due.head;
        if (!chunk)
        {
            return false;
        }
        const std::size_t n = chunk == m_due.tail ? m_due.n : Chunk<T>::ROOM;
        due.insert(due.end(), chunk->entries, chunk->entries + n);
        m_near -= n;
        m_size -= n;
        m_due.head = chunk == m_due.tail ? nullptr : chunk->next;
        // A chunk was fetched when the one before the last was taken.
        if (m_due.head && m_due.head->next)
        {
            PrefetchRange(m_due.head->next, m_due.head->next + 1);
        }
        m_pool.Put(chunk);
        return true;
    }

    /// Begin(), and all that TakeMore() has. @param tick see Begin() @param due gets it
    void
    Take(std::uint64_t tick, std::vector<T>& due)
    {
        Begin(tick);
        while (TakeMore(due))
        {
        }
    }

    /// @return entries pending
    std::size_t
    Size() const
    {
        return m_size;
    }

  private:
    static constexpr std::uint32_t RING = 2 * SLOTS;  ///< slots of the ring
    static constexpr std::size_t CHUNK_BYTES = 512;   ///< about
    static constexpr std::size_t CHUNKS_AT_ONCE = 64; ///< got from the heap together
    static constexpr std::uint32_t STAGED = 64;       ///< entries that wait, a power of two

    /// Some entries, in order.
    template <typename E>
    struct Chunk
    {
        static constexpr std::size_t ROOM = (CHUNK_BYTES - 16) / sizeof(E); ///< entries at most

        Chunk* next{nullptr}; ///< the next one of a list, or of those that are free
        E entries[ROOM];      ///< in order
    };

    /// Entries in order; all chunks but the last are full.
    template <typename E>
    struct List
    {
        Chunk<E>* head{nullptr}; ///< first
        Chunk<E>* tail{nullptr}; ///< last
        std::uint32_t n{0};      ///< entries of the last
    };

    /// An entry that is not in its slot yet.
    struct Staged
    {
        std::uint64_t tick{0}; ///< when it is due
        T entry;               ///< what
    };

    /// Chunks that are not in use.
    template <typename E>
    struct Pool
    {
        std::vector<std::unique_ptr<Chunk<E>[]>> blocks; ///< all of them
        Chunk<E>* free{nullptr};                         ///< not in use

        /// @return an empty chunk
        Chunk<E>*
        Get()
        {
            if (!free)
            {
                blocks.emplace_back(new Chunk<E>[CHUNKS_AT_ONCE]);
                for (std::size_t i = CHUNKS_AT_ONCE; i-- > 0;)
                {
                    Put(&blocks.back()[i]);
                }
            }
            Chunk<E>* chunk = free;
            free = chunk->next;
            chunk->next = nullptr;
            return chunk;
        }

        /// @param chunk is not in use any more
        void
        Put(Chunk<E>* chunk)
        {
            chunk->next = free;
            free = chunk;
        }
    };

    using Later = Staged; ///< an entry of a later epoch

    /// @return where chunks of an entry type come from
    Pool<T>&
    PoolOf(const T*)
    {
        return m_pool;
    }

    /// @return where chunks of an entry type come from
    Pool<Later>&
    PoolOf(const Later*)
    {
        return m_laterPool;
    }

    /// @param list gets it @param entry one more
    template <typename E>
    void
    Append(List<E>& list, E entry)
    {
        if (!list.tail || list.n == Chunk<E>::ROOM)
        {
            Chunk<E>* chunk = PoolOf(static_cast<const E*>(nullptr)).Get();
            (list.tail ? list.tail->next : list.head) = chunk;
            list.tail = chunk;
            list.n = 0;
        }
        list.tail->entries[list.n++] = entry;
    }

    /// @param list is emptied @param f gets its entries in order
    template <typename E, typename F>
    void
    Empty(List<E>& list, F f)
    {
        for (Chunk<E>* chunk = list.head; chunk;)
        {
            std::for_each(chunk->entries,
                          chunk->entries + (chunk == list.tail ? list.n : Chunk<E>::ROOM),
                          f);
            Chunk<E>* next = chunk->next;
            PoolOf(static_cast<const E*>(nullptr)).Put(chunk);
            chunk = next;
        }
        list = List<E>();
    }

    /// @param tick of this epoch or the next @param entry what is due then
    void
    PushNear(std::uint64_t tick, T entry)
    {
        Append(m_slots[tick % RING], entry);
        Count(tick);
    }

    /// @param tick of this epoch or the next; one entry more is due then
    void
    Count(std::uint64_t tick)
    {
        m_used[tick % RING / 64] |= std::uint64_t{1} << tick % 64;
        m_near++;
    }

    /// The same as PushNear(), in the end: before anything is taken, and in the order of the calls.
    void
    Stage(std::uint64_t tick, T entry)
    {
        Prefetch(&m_slots[tick % RING]);
        Count(tick);
        if (m_stagedTo - m_stagedFrom == STAGED)
        {
            UnstageOne();
        }
        if (m_stagedTo - m_stagedFrom >= STAGED / 2)
        {
            const Staged& half = m_staged[(m_stagedTo - STAGED / 2) % STAGED];
            const List<T>& slot = m_slots[half.tick % RING];
            Prefetch(slot.tail ? &slot.tail->entries[slot.n % Chunk<T>::ROOM] : nullptr);
        }
        m_staged[m_stagedTo++ % STAGED] = {tick, entry};
    }

    /// The first one that waits goes to its slot.
    void
    UnstageOne()
    {
        const Staged& first = m_staged[m_stagedFrom++ % STAGED];
        Append(m_slots[first.tick % RING], first.entry);
    }

    /// All that wait go to their slots.
    void
    Unstage()
    {
        while (m_stagedFrom != m_stagedTo)
        {
            UnstageOne();
        }
    }

    /// @param epoch begins, or has begun
    void
    Enter(std::uint64_t epoch)
    {
        if (epoch == m_epoch)
        {
            return;
        }
        m_epoch = epoch;
        while (!m_later.empty() && m_later.begin()->first <= epoch + 1)
        {
            auto node = m_later.extract(m_later.begin());
            Empty(node.mapped(), [this](const Later& later) { PushNear(later.tick, later.entry); });
        }
    }

    /// @return the first tick of the ring that has an entry; there is one
    std::uint64_t
    Scan() const
    {
        std::uint64_t tick = m_next;
        std::uint64_t word = m_used[tick % RING / 64] >> tick % 64;
        while (word == 0)
        {
            tick = (tick / 64 + 1) * 64;
            word = m_used[tick % RING / 64];
        }
        return tick + static_cast<std::uint64_t>(__builtin_ctzll(word));
    }

    std::vector<List<T>> m_slots;                 ///< the ring
    std::vector<std::uint64_t> m_used;            ///< a bit a slot that has entries
    std::map<std::uint64_t, List<Later>> m_later; ///< by epoch
    Pool<T> m_pool;                               ///< chunks of the ring
    Pool<Later> m_laterPool;                      ///< chunks of later epochs
    List<T> m_due;                                ///< being taken
    Staged m_staged[STAGED];                      ///< a ring of what waits for its slot
    std::uint32_t m_stagedFrom{0};                ///< entries that waited and do not any more
    std::uint32_t m_stagedTo{0};                  ///< entries that ever waited
    std::uint64_t m_next{0};                      ///< first tick not taken
    std::uint64_t m_epoch{0};                     ///< of the tick taken last
    std::size_t m_near{0};                        ///< entries in the ring
    std::size_t m_size{0};                        ///< entries in all
};

} // namespace ns3::fanout

#endif // FANOUT_WHEEL_H
