/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-forwarding.h"

#include "fanout-forwarding-queues.h"

#include "ns3/fanout-prefetch.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr double CONTROL_SHARE = 0.1; // of the burst, kept for control
constexpr double REPAIR_BURST = 5;    // times its share, of the burst
constexpr double SPARE = 5;           // times what is kept for control: live messages leave it over
constexpr double SPARE_SHARE = 0.5;   // of the rate, while there is some left
constexpr double SHAPELESS = 4e12;    // bytes a second: from here on nothing is shaped

} // namespace

Forwarding::Forwarding(const ForwardingLimits& limits)
    : m_bucket(limits.rate >= SHAPELESS ? TokenBucket::Unlimited()
                                        : TokenBucket(limits.rate, limits.burst)),
      m_repair(limits.rate >= SHAPELESS
                   ? TokenBucket::Unlimited()
                   : TokenBucket(limits.rate * limits.repairShare,
                                 limits.burst * std::min(1.0, REPAIR_BURST * limits.repairShare))),
      m_reserve(CONTROL_SHARE * limits.burst),
      m_passable(limits.rate <= 0           ? -1
                 : limits.rate >= SHAPELESS ? std::numeric_limits<double>::infinity()
                                            : limits.burst - m_reserve),
      m_ageLimit(limits.ageLimit),
      m_maxQueued(static_cast<std::uint32_t>(std::clamp(
          std::min(limits.rate, SHAPELESS) * static_cast<double>(limits.ageLimit) / SECOND,
          0.0,
          4e9))),
      m_maxRepair(static_cast<std::uint32_t>(
          std::clamp(limits.burst + limits.repairShare * std::min(limits.rate, SHAPELESS) *
                                        static_cast<double>(limits.ageLimit) / SECOND,
                     0.0,
                     4e9))),
      m_overhead(limits.overhead),
      m_closed(limits.rate <= 0),
      m_dropNewest(limits.dropNewest),
      m_roundRobin(limits.roundRobin)
{
}

Forwarding::~Forwarding() = default;
Forwarding::Forwarding(Forwarding&&) noexcept = default;
Forwarding& Forwarding::operator=(Forwarding&&) noexcept = default;

Forwarding::Queues&
Forwarding::Need()
{
    if (!m_queues)
    {
        m_queues = std::make_unique<Queues>();
        m_queues->overhead = m_overhead;
        m_queues->ageLimit = m_ageLimit;
        m_queues->roundRobin = m_roundRobin;
    }
    return *m_queues;
}

bool
Forwarding::Push(Micros now, LinkId link, const FrameRef& frame, Lane lane, Micros useBy)
{
    Queues& queues = Need();
    if (m_closed)
    {
        queues.drops.push_back({link, frame, lane});
        return true;
    }
    LinkQueue& queue = queues.FindOrAdd(link);
    queues.Mark(queue, now);
    queues.DropExpired(queue, now);
    if (lane == Lane::REPAIR &&
        (queue.lanes[0].Holds(frame.Get()) || queue.lanes[1].Holds(frame.Get())))
    {
        return true;
    }
    if (lane == Lane::REPAIR && queues.repairBytes > 0 &&
        queues.repairBytes + queues.Cost(*frame) > MaxRepair(now))
    {
        return false;
    }
    queues.Add(queue, static_cast<std::size_t>(lane), {frame, now, useBy}, false);
    Trim();
    return true;
}

void
Forwarding::Trim()
{
    while (m_queues->frames > 1 && m_queues->bytes > m_maxQueued)
    {
        m_dropNewest ? m_queues->DropNewest() : m_queues->DropOldest();
    }
    m_idle = false;
}

bool
Forwarding::Pop(Micros now, Departure& out)
{
    std::size_t lane = 0;
    std::size_t index = 0;
    while (!m_idle && m_queues && m_queues->frames > 0 && Choose(now, index, lane))
    {
        Queues& queues = *m_queues;
        LinkQueue& queue = queues.links[index];
        queues.Mark(queue, now);
        if (queue.Oldest(now, lane) > m_ageLimit)
        {
            queues.DropExpired(queue, now);
            queues.Mark(queue, now);
            m_idle = queues.frames == 0 && queues.IsIdle();
            continue;
        }
        const std::uint32_t cost = queues.Cost(*queue.lanes[lane].Front().frame);
        const bool repair = static_cast<Lane>(lane) == Lane::REPAIR;
        if ((repair && RepairAt(now, cost) > now) || !m_bucket.TakeLeaving(now, cost, m_reserve))
        {
            return false;
        }
        if (repair)
        {
            m_repair.Take(now, cost);
        }
        queues.TakeTurn(index, lane, cost);
        WaitingFrame item = queues.Remove(queue, lane, true);
        out = {queue.link,
               std::move(item.frame),
               static_cast<Lane>(lane),
               now - item.since,
               item.useBy};
        queues.Mark(queue, now);
        m_idle = queues.frames == 0 && queues.IsIdle();
        return true;
    }
    return false;
}

Micros
Forwarding::RepairAt(Micros now, std::uint32_t cost) const
{
    return std::min(m_repair.WhenAvailable(now, cost),
                    m_bucket.WhenAvailable(now, cost, SPARE * m_reserve));
}

double
Forwarding::MaxRepair(Micros now) const
{
    const bool spare = m_bucket.Level(now) > SPARE * m_reserve;
    return m_maxRepair + (spare ? SPARE_SHARE * m_maxQueued : 0);
}

bool
Forwarding::Choose(Micros now, std::size_t& index, std::size_t& lane) const
{
    constexpr auto LIVE = static_cast<std::size_t>(Lane::LIVE);
    constexpr auto REPAIR = static_cast<std::size_t>(Lane::REPAIR);
    const Queues& queues = *m_queues;
    const std::size_t live = queues.NextTurn(LIVE);
    const std::size_t repair = queues.NextTurn(REPAIR);
    lane = live == NO_QUEUE ? REPAIR : LIVE;
    if (live != NO_QUEUE && repair != NO_QUEUE)
    {
        const WaitingFrame& other = queues.links[repair].lanes[REPAIR].Front();
        const bool urgent = other.useBy < queues.links[live].lanes[LIVE].Front().since + m_ageLimit;
        const std::uint32_t cost = queues.Cost(*other.frame);
        lane = urgent && m_repair.WhenAvailable(now, cost) <= now ? REPAIR : LIVE;
    }
    index = lane == LIVE ? live : repair;
    return index != NO_QUEUE;
}

void
Forwarding::PutBack(Micros now, Departure&& departure, SendResult why)
{
    Queues& queues = Need();
    const auto lane = static_cast<std::size_t>(departure.lane);
    LinkQueue& queue = queues.FindOrAdd(departure.link);
    const std::uint32_t cost = queues.Cost(*departure.frame);
    Refund(static_cast<std::uint32_t>(departure.frame->Wire().size()), departure.lane);
    (why == SendResult::BUSY ? queues.busy : queue.blocked) = true;
    queues.Add(queue, lane, {departure.frame, now - departure.waited, departure.useBy}, true);
    queue.deficit[lane] = std::min(queue.deficit[lane] + cost, queues.quantum + cost);
    departure.frame = FrameRef();
    Trim();
    queues.Mark(queue, now);
}

void
Forwarding::Writable(LinkId link)
{
    if (!m_queues)
    {
        return;
    }
    const std::size_t index = m_queues->Find(link);
    if (link == NO_LINK)
    {
        m_queues->busy = false;
    }
    else if (index != NO_QUEUE)
    {
        m_queues->links[index].blocked = false;
    }
    m_idle = m_queues->IsIdle();
}

void
Forwarding::Forget(LinkId link)
{
    const std::size_t index = m_queues ? m_queues->Find(link) : NO_QUEUE;
    if (index == NO_QUEUE)
    {
        return;
    }
    Queues& queues = *m_queues;
    LinkQueue& queue = queues.links[index];
    for (std::size_t lane = 0; lane < QUEUE_LANES; lane++)
    {
        while (!queue.lanes[lane].Empty())
        {
            queues.Remove(queue, lane, true);
        }
        queues.turn[lane] -= queues.turn[lane] > index ? 1 : 0;
    }
    queues.links.erase(queues.links.begin() + static_cast<std::ptrdiff_t>(index));
    m_idle = queues.IsIdle();
    if (queues.links.empty() && !HasNews())
    {
        m_queues.reset();
    }
}

void
Forwarding::Refund(std::uint32_t envelopeBytes, Lane lane)
{
    m_bucket.Return(envelopeBytes + m_overhead);
    if (lane == Lane::REPAIR)
    {
        m_repair.Return(envelopeBytes + m_overhead);
    }
}

Micros
Forwarding::NextAt(Micros now) const
{
    std::size_t lane = 0;
    std::size_t index = 0;
    if (m_idle || !m_queues || m_queues->frames == 0 || !Choose(now, index, lane))
    {
        return NEVER;
    }
    const WaitingFrame& item = m_queues->links[index].lanes[lane].Front();
    const std::uint32_t cost = m_queues->Cost(*item.frame);
    Micros at = m_bucket.WhenAvailable(now, cost, m_reserve);
    if (static_cast<Lane>(lane) == Lane::REPAIR)
    {
        at = std::max(at, RepairAt(now, cost));
    }
    return std::clamp(item.since + m_ageLimit + 1, now, std::max(now, at));
}

std::uint32_t
Forwarding::QueuedBytes() const
{
    return m_queues ? m_queues->bytes : 0;
}

std::uint32_t
Forwarding::QueuedBytes(LinkId link) const
{
    const std::size_t index = m_queues ? m_queues->Find(link) : NO_QUEUE;
    return index == NO_QUEUE ? 0 : m_queues->links[index].bytes;
}

Micros
Forwarding::OldestAge(Micros now, LinkId link) const
{
    const std::size_t index = m_queues ? m_queues->Find(link) : NO_QUEUE;
    return index == NO_QUEUE ? 0
                             : std::max(m_queues->links[index].Oldest(now, 0),
                                        m_queues->links[index].Oldest(now, 1));
}

std::vector<QueueDrop>
Forwarding::TakeDrops()
{
    return m_queues ? std::exchange(m_queues->drops, {}) : std::vector<QueueDrop>();
}

std::vector<QueueMark>
Forwarding::TakeMarks()
{
    return m_queues ? std::exchange(m_queues->marks, {}) : std::vector<QueueMark>();
}

void
Forwarding::Prefetch() const
{
    PrefetchObject(m_queues.get());
}

bool
Forwarding::IsMarked() const
{
    return m_queues && std::any_of(m_queues->links.begin(),
                                   m_queues->links.end(),
                                   [](const LinkQueue& queue) { return queue.marked; });
}

std::size_t
Forwarding::HeapBytes() const
{
    return m_queues ? sizeof(Queues) + m_queues->HeapBytes() : 0;
}

bool
Forwarding::HasNews() const
{
    return m_queues && !(m_queues->drops.empty() && m_queues->marks.empty());
}

} // namespace ns3::fanout
