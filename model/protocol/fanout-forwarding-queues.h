/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FORWARDING_QUEUES_H
#define FANOUT_FORWARDING_QUEUES_H

#include "fanout-forwarding.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace ns3::fanout
{

constexpr std::size_t QUEUE_LANES = 2;                                    ///< lanes a link
constexpr std::size_t NO_QUEUE = std::numeric_limits<std::size_t>::max(); ///< no such link

/// A frame that waits.
struct WaitingFrame
{
    FrameRef frame; ///< what
    Micros since;   ///< since when
    Micros useBy;   ///< later it is of no use
};

/// First in, first out; the front moves along a vector, so that an empty one costs nothing.
class FrameFifo
{
  public:
    /// @return whether nothing waits
    bool
    Empty() const
    {
        return m_head == m_items.size();
    }

    /// @return the oldest; there must be one
    const WaitingFrame&
    Front() const
    {
        return m_items[m_head];
    }

    /// @param item waits behind all others
    void
    PushBack(WaitingFrame item)
    {
        if (m_head > 16 && m_head * 2 > m_items.size())
        {
            m_items.erase(m_items.begin(), m_items.begin() + static_cast<std::ptrdiff_t>(m_head));
            m_head = 0;
        }
        m_items.push_back(std::move(item));
    }

    /// @param item waits before all others
    void
    PushFront(WaitingFrame item)
    {
        if (m_head > 0)
        {
            m_items[--m_head] = std::move(item);
        }
        else
        {
            m_items.insert(m_items.begin(), std::move(item));
        }
    }

    /// @return the oldest, taken out; there must be one
    WaitingFrame
    PopFront()
    {
        WaitingFrame item = std::move(m_items[m_head++]);
        if (Empty())
        {
            m_items.clear();
            m_head = 0;
        }
        return item;
    }

    /// @return the newest; there must be one
    const WaitingFrame&
    Back() const
    {
        return m_items.back();
    }

    /// @return the newest, taken out; there must be one
    WaitingFrame
    PopBack()
    {
        WaitingFrame item = std::move(m_items.back());
        m_items.pop_back();
        if (Empty())
        {
            m_items.clear();
            m_head = 0;
        }
        return item;
    }

    /// @return bytes on the heap, without the frames
    std::size_t
    HeapBytes() const
    {
        return m_items.capacity() * sizeof(WaitingFrame);
    }

    /// @param frame a frame @return whether it waits here
    bool
    Holds(const Frame* frame) const
    {
        return std::any_of(m_items.begin() + static_cast<std::ptrdiff_t>(m_head),
                           m_items.end(),
                           [frame](const WaitingFrame& item) { return item.frame.Get() == frame; });
    }

  private:
    std::vector<WaitingFrame> m_items; ///< what waits, and before it what has gone
    std::size_t m_head{0};             ///< place of the oldest
};

/// One link's queues.
struct Forwarding::LinkQueue
{
    LinkId link{NO_LINK};                     ///< which
    std::uint32_t bytes{0};                   ///< that wait, of all lanes
    std::uint32_t deficit[QUEUE_LANES]{0, 0}; ///< bytes it may still send in its turn
    bool blocked{false};                      ///< said FULL
    bool marked{false};                       ///< above the high mark
    FrameFifo lanes[QUEUE_LANES];             ///< what waits

    /// @param now the time @param lane a lane @return how long its oldest frame waits
    Micros
    Oldest(Micros now, std::size_t lane) const
    {
        return lanes[lane].Empty() ? 0 : now - lanes[lane].Front().since;
    }
};

/// All links' queues, and whose turn it is (deficit round robin, Shreedhar and Varghese 1995).
struct Forwarding::Queues
{
    std::vector<LinkQueue> links;        ///< one a link
    std::size_t turn[QUEUE_LANES]{0, 0}; ///< index of the link whose turn it is
    std::uint32_t bytes{0};              ///< that wait
    std::uint32_t repairBytes{0};        ///< of these, in REPAIR queues
    std::uint32_t frames{0};             ///< that wait
    std::uint32_t overhead{0};           ///< bytes a frame costs besides its envelope
    std::uint32_t quantum{1500};         ///< bytes a turn, and no less than a frame
    bool busy{false};                    ///< what all links share said BUSY
    bool roundRobin{true};               ///< else the first link always goes first
    Micros ageLimit{0};                  ///< what waited longer is dropped
    std::vector<QueueDrop> drops;        ///< not yet told
    std::vector<QueueMark> marks;        ///< passed and not yet told

    /// @param frame a frame @return bytes it costs on the wire
    std::uint32_t
    Cost(const Frame& frame) const
    {
        return static_cast<std::uint32_t>(frame.Wire().size()) + overhead;
    }

    /// @param link a link @return its index, or NO_QUEUE
    std::size_t Find(LinkId link) const;
    /// @param link a link @return its queues
    LinkQueue& FindOrAdd(LinkId link);
    /// Let a frame wait, before all others or behind them.
    void Add(LinkQueue& queue, std::size_t lane, WaitingFrame item, bool front);
    /// Take the oldest (front) or the newest frame out. @return the frame
    WaitingFrame Remove(LinkQueue& queue, std::size_t lane, bool front);
    /// Remove a frame and note that it was dropped.
    void Drop(LinkQueue& queue, std::size_t lane, bool front);
    /// Drop what has waited too long.
    void DropExpired(LinkQueue& queue, Micros now);
    /// Drop the frame that waits longest of all links'.
    void DropOldest();
    /// Drop the newest frame of the longest queue.
    void DropNewest();
    /// @param lane a lane @return index of the link that may send next, or NO_QUEUE
    std::size_t NextTurn(std::size_t lane) const;
    /// Charge a link for a frame, and pass the turn on when its share is used up.
    void TakeTurn(std::size_t index, std::size_t lane, std::uint32_t cost);
    /// Note when a queue has passed its high mark, or fallen to the low one.
    void Mark(LinkQueue& queue, Micros now);
    /// @return whether nothing waits and no link is full
    bool IsIdle() const;
    /// @return bytes on the heap, without the frames
    std::size_t HeapBytes() const;
};

} // namespace ns3::fanout

#endif // FANOUT_FORWARDING_QUEUES_H
