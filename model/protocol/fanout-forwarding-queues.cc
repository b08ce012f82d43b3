/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-forwarding-queues.h"

#include <algorithm>

namespace ns3::fanout
{

std::size_t
Forwarding::Queues::Find(LinkId link) const
{
    const auto found = std::find_if(links.begin(),
                                    links.end(),
                                    [link](const LinkQueue& queue) { return queue.link == link; });
    return found == links.end() ? NO_QUEUE : static_cast<std::size_t>(found - links.begin());
}

Forwarding::LinkQueue&
Forwarding::Queues::FindOrAdd(LinkId link)
{
    const std::size_t index = Find(link);
    if (index != NO_QUEUE)
    {
        return links[index];
    }
    links.emplace_back();
    links.back().link = link;
    return links.back();
}

void
Forwarding::Queues::Add(LinkQueue& queue, std::size_t lane, WaitingFrame item, bool front)
{
    const std::uint32_t cost = Cost(*item.frame);
    quantum = std::max(quantum, cost);
    queue.bytes += cost;
    bytes += cost;
    repairBytes += lane == static_cast<std::size_t>(Lane::REPAIR) ? cost : 0;
    frames++;
    front ? queue.lanes[lane].PushFront(std::move(item))
          : queue.lanes[lane].PushBack(std::move(item));
}

WaitingFrame
Forwarding::Queues::Remove(LinkQueue& queue, std::size_t lane, bool front)
{
    WaitingFrame item = front ? queue.lanes[lane].PopFront() : queue.lanes[lane].PopBack();
    const std::uint32_t cost = Cost(*item.frame);
    queue.bytes -= cost;
    bytes -= cost;
    repairBytes -= lane == static_cast<std::size_t>(Lane::REPAIR) ? cost : 0;
    frames--;
    if (queue.lanes[lane].Empty())
    {
        queue.deficit[lane] = 0;
    }
    return item;
}

void
Forwarding::Queues::Drop(LinkQueue& queue, std::size_t lane, bool front)
{
    const LinkId link = queue.link;
    drops.push_back({link, Remove(queue, lane, front).frame, static_cast<Lane>(lane)});
}

void
Forwarding::Queues::DropExpired(LinkQueue& queue, Micros now)
{
    for (std::size_t lane = 0; lane < QUEUE_LANES; lane++)
    {
        while (queue.Oldest(now, lane) > ageLimit)
        {
            Drop(queue, lane, true);
        }
    }
}

void
Forwarding::Queues::DropOldest()
{
    LinkQueue* worst = nullptr;
    std::size_t worstLane = 0;
    for (LinkQueue& queue : links)
    {
        for (std::size_t lane = 0; lane < QUEUE_LANES; lane++)
        {
            if (queue.lanes[lane].Empty())
            {
                continue;
            }
            const Micros since = queue.lanes[lane].Front().since;
            const Micros least = worst ? worst->lanes[worstLane].Front().since : NEVER;
            if (since < least || (since == least && queue.bytes > worst->bytes))
            {
                worst = &queue;
                worstLane = lane;
            }
        }
    }
    Drop(*worst, worstLane, true);
}

void
Forwarding::Queues::DropNewest()
{
    // Of the longest queue, or those that are served last would lose every time.
    const auto longest =
        std::max_element(links.begin(),
                         links.end(),
                         [](const LinkQueue& a, const LinkQueue& b) { return a.bytes < b.bytes; });
    const auto& lanes = longest->lanes;
    const bool repair =
        lanes[0].Empty() || (!lanes[1].Empty() && lanes[1].Back().since >= lanes[0].Back().since);
    Drop(*longest, repair ? 1 : 0, false);
}

std::size_t
Forwarding::Queues::NextTurn(std::size_t lane) const
{
    const std::size_t n = busy ? 0 : links.size();
    for (std::size_t i = 0; i <= n && n > 0; i++)
    {
        const std::size_t index = ((roundRobin ? turn[lane] : 0) + i) % n;
        const LinkQueue& queue = links[index];
        const bool ready = !queue.blocked && !queue.lanes[lane].Empty();
        if (ready && !roundRobin)
        {
            return index;
        }
        // Whose turn it was keeps it while the deficit lasts; the others get a quantum on arrival.
        if (ready && (i > 0 || queue.deficit[lane] >= Cost(*queue.lanes[lane].Front().frame)))
        {
            return index;
        }
    }
    return NO_QUEUE;
}

void
Forwarding::Queues::TakeTurn(std::size_t index, std::size_t lane, std::uint32_t cost)
{
    LinkQueue& queue = links[index];
    if (index != turn[lane] || queue.deficit[lane] < cost)
    {
        turn[lane] = index;
        queue.deficit[lane] += quantum;
    }
    queue.deficit[lane] -= cost;
}

void
Forwarding::Queues::Mark(LinkQueue& queue, Micros now)
{
    const Micros oldest = queue.Oldest(now, static_cast<std::size_t>(Lane::LIVE));
    const bool on = queue.marked ? oldest > ageLimit / 16 : oldest >= ageLimit / 4;
    if (on != queue.marked && ageLimit > 0)
    {
        queue.marked = on;
        marks.push_back({queue.link, queue.bytes, oldest, on});
    }
}

std::size_t
Forwarding::Queues::HeapBytes() const
{
    std::size_t bytes = links.capacity() * sizeof(LinkQueue) +
                        drops.capacity() * sizeof(QueueDrop) + marks.capacity() * sizeof(QueueMark);
    for (const LinkQueue& queue : links)
    {
        bytes += queue.lanes[0].HeapBytes() + queue.lanes[1].HeapBytes();
    }
    return bytes;
}

bool
Forwarding::Queues::IsIdle() const
{
    return frames == 0 && !busy &&
           std::none_of(links.begin(),
                        links.end(),
                        [](const LinkQueue& queue) { return queue.blocked; });
}

} // namespace ns3::fanout
