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
 * A timing wheel with levels (Varghese and Lauck 1987): what is due at a tick, in the order it was
 * pushed. Push and take cost O(1) an entry, however many are pending; memory follows the most that
 * ever were.
 *
 * SLOTS ticks are an epoch, and EPOCHS of these an era. Two epochs lie in a ring of slots, a tick
 * each, and two eras in a ring of lists, an epoch each; what is due later waits in a list an era. A
 * list is spread over the ring below it before its time comes. So there are few places where
 * entries are put, and they stay in the processor's caches; what is far from there is written and
 * read one after the other.
 *
 * @tparam T what is due; it is copied as bytes
 */
template <typename T>
class Wheel
{
  public:
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

    static constexpr std::uint64_t NO_TICK = ~std::uint64_t{0}; ///< Nothing is pending.
    static constexpr std::uint32_t SLOTS = 64;                  ///< Ticks of an epoch.
    static constexpr std::uint32_t EPOCHS = 64;                 ///< Epochs of an era.

    Wheel()
        : m_slots(RING),
          m_epochs(2 * EPOCHS)
    {
    }

    Wheel(const Wheel&) = delete;
    Wheel& operator=(const Wheel&) = delete;

    /// @param tick when it is due; one that Take() has passed is moved to the next one
    /// @param entry what
    void
    Push(std::uint64_t tick, const T& entry)
    {
        tick = std::max(tick, m_next);
        m_size++;
        const std::uint64_t epoch = tick / SLOTS;
        if (epoch <= m_epoch + 1)
        {
            PushNear(tick, entry);
            return;
        }
        const std::uint64_t era = tick / ERA;
        Append(era <= m_epoch / EPOCHS + 1 ? EpochOf(tick) : m_later[era], tick, entry);
    }

    /// @return the first tick at which something is due, NO_TICK when nothing is pending
    std::uint64_t
    NextTick() const
    {
        if (m_near > 0)
        {
            return Scan();
        }
        const std::uint64_t era = m_epoch / EPOCHS;
        for (std::uint64_t epoch = m_epoch + 2; epoch < (era + 2) * EPOCHS; epoch++)
        {
            if (const List& list = m_epochs[epoch % m_epochs.size()]; list.head)
            {
                return epoch / EPOCHS * ERA + list.least;
            }
        }
        const auto later = m_later.begin();
        return later == m_later.end() ? NO_TICK : later->first * ERA + later->second.least;
    }

    /// Ticks up to this one are over; TakeMore() gives what is due then. All that was due before
    /// has been taken. @param tick not below one passed before, nor above the first at which
    /// something is due
    void
    Begin(std::uint64_t tick)
    {
        Enter(tick / SLOTS);
        m_next = tick + 1;
        m_due = std::exchange(m_slots[tick % RING], List());
        m_used[tick % RING / 64] &= ~(std::uint64_t{1} << tick % 64);
    }

    /// @param due some more of what is due is appended here, in order
    /// @return false when there was no more
    bool
    TakeMore(std::vector<T>& due)
    {
        const Chunk* chunk = m_due.head;
        if (!chunk)
        {
            return false;
        }
        const std::size_t n = RoomUsed(m_due, chunk);
        due.insert(due.end(), chunk->entries, chunk->entries + n);
        m_near -= n;
        m_size -= n;
        TakeChunk(m_due);
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
    static constexpr std::uint32_t RING = 2 * SLOTS;     ///< slots of the ring
    static constexpr std::uint32_t ERA = SLOTS * EPOCHS; ///< ticks of an era
    static constexpr std::size_t CHUNK_BYTES = 512;      ///< about
    static constexpr std::size_t CHUNKS_AT_ONCE = 64;    ///< got from the heap together

    static_assert(ERA <= 65536, "a tick's place in its era is two bytes");

    /// Some entries, in order.
    struct Chunk
    {
        static constexpr std::size_t ROOM = (CHUNK_BYTES - 8) / (sizeof(T) + 2); ///< at most

        Chunk* next{nullptr};        ///< the next one of a list, or of those that are free
        T entries[ROOM];             ///< in order
        std::uint16_t offsets[ROOM]; ///< their ticks' places in the era
    };

    /// Entries in order; all chunks but the last are full.
    struct List
    {
        Chunk* head{nullptr};       ///< first
        Chunk* tail{nullptr};       ///< last
        std::uint32_t n{0};         ///< entries of the last
        std::uint16_t least{65535}; ///< of the offsets
    };

    /// @param list one @param chunk of it @return entries of that
    static std::size_t
    RoomUsed(const List& list, const Chunk* chunk)
    {
        return chunk == list.tail ? list.n : Chunk::ROOM;
    }

    /// @param list loses its first chunk, which is not in use any more
    void
    TakeChunk(List& list)
    {
        Chunk* chunk = list.head;
        list.head = chunk == list.tail ? nullptr : chunk->next;
        // A chunk was fetched when the one before the last was taken.
        if (list.head)
        {
            PrefetchObject(list.head->next);
        }
        chunk->next = m_free;
        m_free = chunk;
    }

    /// @return an empty chunk
    Chunk*
    NewChunk()
    {
        if (!m_free)
        {
            m_blocks.emplace_back(new Chunk[CHUNKS_AT_ONCE]);
            for (std::size_t i = CHUNKS_AT_ONCE; i-- > 0;)
            {
                m_blocks.back()[i].next = m_free;
                m_free = &m_blocks.back()[i];
            }
        }
        Chunk* chunk = m_free;
        m_free = chunk->next;
        chunk->next = nullptr;
        return chunk;
    }

    /// @param list gets it @param tick when it is due @param entry one more
    void
    Append(List& list, std::uint64_t tick, const T& entry)
    {
        if (!list.tail || list.n == Chunk::ROOM)
        {
            Chunk* chunk = NewChunk();
            (list.tail ? list.tail->next : list.head) = chunk;
            list.tail = chunk;
            list.n = 0;
        }
        const auto offset = static_cast<std::uint16_t>(tick % ERA);
        list.least = std::min(list.least, offset);
        list.tail->entries[list.n] = entry;
        list.tail->offsets[list.n++] = offset;
    }

    /// @param tick of this epoch or the next @param entry what is due then
    void
    PushNear(std::uint64_t tick, const T& entry)
    {
        Append(m_slots[tick % RING], tick, entry);
        m_used[tick % RING / 64] |= std::uint64_t{1} << tick % 64;
        m_near++;
    }

    /// @param tick of this era or the next @return the list of its epoch
    List&
    EpochOf(std::uint64_t tick)
    {
        return m_epochs[tick / SLOTS % m_epochs.size()];
    }

    /// @param list is emptied @param era of its ticks @param put called with each tick and entry
    template <typename F>
    void
    Spread(List list, std::uint64_t era, F put)
    {
        while (const Chunk* chunk = list.head)
        {
            for (std::size_t i = 0; i < RoomUsed(list, chunk); i++)
            {
                put(era * ERA + chunk->offsets[i], chunk->entries[i]);
            }
            TakeChunk(list);
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
        const std::uint64_t first = std::max(epoch, m_epoch + 2);
        m_epoch = epoch;
        while (!m_later.empty() && m_later.begin()->first <= epoch / EPOCHS + 1)
        {
            const auto node = m_later.extract(m_later.begin());
            Spread(node.mapped(),
                   node.key(),
                   [this](std::uint64_t tick, const T& entry)
                   { Append(EpochOf(tick), tick, entry); });
        }
        for (std::uint64_t e = first; e <= epoch + 1; e++)
        {
            Spread(std::exchange(EpochOf(e * SLOTS), List()),
                   e / EPOCHS,
                   [this](std::uint64_t tick, const T& entry) { PushNear(tick, entry); });
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

    std::vector<List> m_slots;                      ///< the ring
    std::uint64_t m_used[RING / 64]{};              ///< a bit a slot that has entries
    std::vector<List> m_epochs;                     ///< what is due later, a ring
    std::map<std::uint64_t, List> m_later;          ///< still later, by epoch
    std::vector<std::unique_ptr<Chunk[]>> m_blocks; ///< all chunks
    Chunk* m_free{nullptr};                         ///< of these, not in use
    List m_due;                                     ///< being taken
    std::uint64_t m_next{0};                        ///< first tick not taken
    std::uint64_t m_epoch{0};                       ///< of the tick taken last
    std::size_t m_near{0};                          ///< entries in the ring
    std::size_t m_size{0};                          ///< entries in all
};

} // namespace ns3::fanout

#endif // FANOUT_WHEEL_H
