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
    bool
    Empty() const
    {
        return m_head == m_items.size();
    }

    const WaitingFrame&
    Front() const
    {
        return m_items[m_head];
    }

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

    const WaitingFrame&
    Back() const
    {
        return m_items.back();
    }

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

    std::size_t
    HeapBytes() const
    {
        return m_items.capacity() * sizeof(WaitingFrame);
    }

    bool
    Holds(const Frame* frame) const
    {
        return std::any_of(m_items.begin() + static_cast<std::ptrdiff_t>(m_head),
                           m_items.end(),
                           [frame](const WaitingFrame& item) { return item.frame.Get() == frame; });
    }

  private:
    std::vector<WaitingFrame> m_items;
    std::size_t m_head{0};
};

/// One link's queues.
struct Forwarding::LinkQueue
{
    LinkId link{NO_LINK};
    std::uint32_t bytes{0};
    std::uint32_t deficit[QUEUE_LANES]{0, 0}; // bytes it may still send in its turn
    bool blocked{false};                      // said FULL
    bool marked{false};                       // above the high mark
    FrameFifo lanes[QUEUE_LANES];

    Micros
    Oldest(Micros now, std::size_t lane) const
    {
        return lanes[lane].Empty() ? 0 : now - lanes[lane].Front().since;
    }
};

/// All links' queues, and whose turn it is (deficit round robin, Shreedhar and Varghese 1995).
struct Forwarding::Queues
{
    std::vector<LinkQueue> links;
    std::size_t turn[QUEUE_LANES]{0, 0}; // index of the link whose turn it is
    std::uint32_t bytes{0};
    std::uint32_t repairBytes{0}; // of these, in REPAIR queues
    std::uint32_t frames{0};
    std::uint32_t overhead{0};
    std::uint32_t quantum{1500}; // bytes a turn, and no less than a frame
    Micros ageLimit{0};
    std::vector<QueueDrop> drops;
    std::vector<QueueMark> marks;

    std::uint32_t
    Cost(const Frame& frame) const
    {
        return static_cast<std::uint32_t>(frame.Wire().size()) + overhead;
    }

    std::size_t Find(LinkId link) const;
    LinkQueue& FindOrAdd(LinkId link);
    void Add(LinkQueue& queue, std::size_t lane, WaitingFrame item, bool front);
    WaitingFrame Remove(LinkQueue& queue, std::size_t lane, bool front);
    void Drop(LinkQueue& queue, std::size_t lane, bool front);
    void DropExpired(LinkQueue& queue, Micros now);
    void DropOldest();
    void DropNewest();
    std::size_t NextTurn(std::size_t lane) const;
    void TakeTurn(std::size_t index, std::size_t lane, std::uint32_t cost);
    void Mark(LinkQueue& queue, Micros now);
    bool IsIdle() const;
    std::size_t HeapBytes() const;
};

} // namespace ns3::fanout

#endif // FANOUT_FORWARDING_QUEUES_H
