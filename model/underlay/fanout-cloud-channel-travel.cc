/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What travels: links, arrivals, wake-ups and the slot that hands them on.

#include "fanout-cloud-channel.h"
#include "fanout-cloud-net-device.h"

#include "ns3/abort.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

namespace
{

// What is due is handled in groups of so many, see Step; and how many turns before its own a group
// has which step. What is fetched too early is pushed out again.
constexpr std::size_t GROUP = 8;
constexpr std::size_t FURTHER_AHEAD = 0;
constexpr std::size_t BEHIND_AHEAD = GROUP;
constexpr std::size_t LISTENER_AHEAD = 2 * GROUP;
constexpr std::size_t LINE_AHEAD = 3 * GROUP;

constexpr std::size_t LISTENER_BEFORE = 48; ///< bytes before a listener that belong to it
constexpr std::size_t LISTENER_BEHIND = 56; ///< bytes from its beginning on
constexpr uint32_t OFFERS = 5;              ///< times a frame is offered at most
constexpr int64_t PATIENCE = 50000000;      ///< nanoseconds more than a round trip

uint32_t
LowHalf(uint64_t tick)
{
    return static_cast<uint32_t>(tick);
}

} // namespace

FanoutCloudChannel::Arrival::Arrival()
    : bytes(0),
      tries(0),
      again(0),
      packet(0),
      vanishes(0)
{
}

// ---- places ----

uint32_t
FanoutCloudChannel::DeviceOf(uint32_t place) const
{
    return place < FURTHER ? place : m_further[place - FURTHER].device;
}

FanoutCloudChannel::Line&
FanoutCloudChannel::LineOf(uint32_t place)
{
    return m_lines[DeviceOf(place)];
}

const FanoutCloudChannel::Line&
FanoutCloudChannel::LineOf(uint32_t place) const
{
    return m_lines[DeviceOf(place)];
}

FanoutCloudListener*&
FanoutCloudChannel::ListenerSlot(uint32_t place)
{
    return place < FURTHER ? m_lines[place].listener : m_further[place - FURTHER].listener;
}

FanoutCloudChannel::Alarm&
FanoutCloudChannel::AlarmOf(uint32_t place)
{
    return place < FURTHER ? m_lines[place].alarm : m_further[place - FURTHER].alarm;
}

FanoutCloudListener*
FanoutCloudChannel::ListenerAt(uint32_t place) const
{
    return place < FURTHER ? m_lines[place].listener : m_further[place - FURTHER].listener;
}

// ---- native frames ----

FanoutCloudChannel::Arrival
FanoutCloudChannel::ArrivalOf(uint32_t from,
                              uint32_t to,
                              const fanout::FrameRef& frame,
                              uint32_t bytes)
{
    NS_ABORT_MSG_IF(bytes > MAX_BYTES, "a frame of " << bytes << " bytes is too large");
    Arrival arrival;
    arrival.frame = fanout::FrameRef(frame).Release();
    arrival.from = from;
    arrival.to = to;
    arrival.bytes = bytes;
    return arrival;
}

void
FanoutCloudChannel::SendFrame(
    uint32_t from, uint32_t to, const fanout::FrameRef& frame, uint32_t bytes, bool again)
{
    Arrival arrival = ArrivalOf(from, to, frame, bytes);
    arrival.again = again;
    Depart(arrival, from);
}

void
FanoutCloudChannel::SendFrameAs(
    uint32_t from, uint32_t claimed, uint32_t to, const fanout::FrameRef& frame, uint32_t bytes)
{
    Depart(ArrivalOf(claimed, to, frame, bytes), from);
}

bool
FanoutCloudChannel::IsFull(uint32_t place) const
{
    const Line& line = LineOf(place);
    const auto waiting = static_cast<float>(line.upBusy - Now());
    return waiting > static_cast<float>(line.queueBytes) * line.upPerByte;
}

uint32_t
FanoutCloudChannel::GetBacklog(uint32_t place) const
{
    const Line& line = LineOf(place);
    const int64_t waiting = std::max<int64_t>(0, line.upBusy - Now());
    return static_cast<uint32_t>(static_cast<float>(waiting) / line.upPerByte);
}

void
FanoutCloudChannel::AwaitDrained(uint32_t place)
{
    const Line& line = LineOf(place);
    const auto half =
        static_cast<int64_t>(static_cast<float>(line.queueBytes) * line.upPerByte / 2);
    PushWake(TickOf(line.upBusy - half), {place, true});
}

void
FanoutCloudChannel::WakeAt(uint32_t place, fanout::Micros when)
{
    Alarm& alarm = AlarmOf(place);
    if (when == fanout::NEVER)
    {
        alarm.due = 0;
        return;
    }
    const int64_t nanoseconds = std::min(when, fanout::NEVER / 2000) * 1000; // without overflow
    uint64_t tick = std::min(TickOf(nanoseconds), TickOf(0) + HORIZON);
    tick += LowHalf(tick) == 0;
    alarm.due = LowHalf(tick);
    Arm(place, alarm, tick);
}

void
FanoutCloudChannel::Arm(uint32_t place, Alarm& alarm, uint64_t tick)
{
    if (alarm.armed == 0 || static_cast<int32_t>(alarm.due - alarm.armed) < 0)
    {
        alarm.armed = alarm.due;
        PushWake(tick, {place, false});
    }
}

// ---- packets ----

bool
FanoutCloudChannel::SendPacket(uint32_t from, uint32_t to, Ptr<Packet> packet, uint16_t protocol)
{
    if (IsFull(from) || packet->GetSize() > MAX_BYTES)
    {
        return false;
    }
    Arrival arrival;
    arrival.to = to;
    arrival.bytes = packet->GetSize();
    arrival.packet = true;
    if (m_freeParcels.empty())
    {
        m_freeParcels.push_back(static_cast<uint32_t>(m_parcels.size()));
        m_parcels.emplace_back();
        m_counters.parcels++;
    }
    arrival.from = m_freeParcels.back();
    m_freeParcels.pop_back();
    m_parcels[arrival.from] = {packet, from, protocol};
    m_counters.packets++;
    Depart(arrival, from);
    return true;
}

// ---- on the way ----

uint64_t
FanoutCloudChannel::TickOf(int64_t when) const
{
    const int64_t soon = std::max(when, Now());
    return std::max(static_cast<uint64_t>((soon + m_grid - 1) / m_grid), m_cursor + 1);
}

bool
FanoutCloudChannel::DrawLoss()
{
    if (m_lossRate <= 0 || m_random.Uniform() >= m_lossRate)
    {
        return false;
    }
    m_counters.lost++;
    return true;
}

void
FanoutCloudChannel::Depart(const Arrival& arrival, uint32_t from)
{
    const uint32_t device = DeviceOf(from);
    Line& line = m_lines[device];
    line.upBusy = std::max(line.upBusy, Now()) +
                  static_cast<int64_t>(static_cast<float>(arrival.bytes) * line.upPerByte);
    m_counters.sent++;
    m_counters.sentBytes += arrival.bytes;
    if (arrival.to == NOWHERE || line.silent)
    {
        m_counters.unheard++;
        Again(arrival);
        return;
    }
    if (DrawLoss())
    {
        Again(arrival);
        return;
    }
    const Departure departure{arrival, device, line.upBusy};
    if (!m_running)
    {
        Travel(departure);
        return;
    }
    m_latency->Prefetch(DeviceOf(arrival.to));
    m_departures.push_back(departure);
    if (m_departures.size() == DEPARTURES)
    {
        TravelAll();
    }
}

void
FanoutCloudChannel::Travel(const Departure& departure)
{
    const uint32_t to = DeviceOf(departure.arrival.to);
    PushArrival(departure.arrival, departure.at + m_latency->GetDelay(departure.device, to));
}

void
FanoutCloudChannel::TravelAll()
{
    for (const Departure& departure : m_departures)
    {
        Travel(departure);
    }
    m_departures.clear();
}

void
FanoutCloudChannel::PushArrival(Arrival arrival, int64_t when)
{
    const uint64_t tick = TickOf(when);
    arrival.early = static_cast<uint32_t>(static_cast<int64_t>(tick) * m_grid - when);
    m_arrivals.Push(tick, arrival);
    Schedule(tick);
}

void
FanoutCloudChannel::PushWake(uint64_t tick, Wake wake)
{
    m_wakes.Push(tick, wake);
    Schedule(tick);
}

void
FanoutCloudChannel::Again(const Arrival& arrival)
{
    if (arrival.packet)
    {
        PacketDeviceOf(arrival).NoteDrop(TakeParcel(arrival).packet);
        return;
    }
    if (!arrival.again || arrival.to == NOWHERE)
    {
        Forget(arrival);
        return;
    }
    const FanoutCloudListener* sender = ListenerAt(arrival.from);
    if (arrival.tries + 1U >= OFFERS || !sender || !sender->MayRepeat())
    {
        m_counters.givenUp++;
        Forget(arrival);
        return;
    }
    const uint32_t device = DeviceOf(arrival.from);
    const int64_t latency = m_latency->GetDelay(device, DeviceOf(arrival.to));
    const int64_t pause = (2 * latency + PATIENCE) << arrival.tries;
    Line& line = m_lines[device];
    line.upBusy = std::max(line.upBusy, Now()) +
                  static_cast<int64_t>(static_cast<float>(arrival.bytes) * line.upPerByte);
    m_counters.again++;
    m_counters.sent++;
    m_counters.sentBytes += arrival.bytes;
    Arrival next = arrival;
    next.tries++;
    next.vanishes = DrawLoss();
    TravelAll();
    PushArrival(next, std::max(Now() + pause, line.upBusy) + latency);
}

void
FanoutCloudChannel::Forget(const Arrival& arrival)
{
    fanout::FrameRef::Adopt(arrival.frame);
}

void
FanoutCloudChannel::ForgetAll(fanout::Wheel<Arrival>& wheel)
{
    std::vector<Arrival> due;
    while (wheel.Size() > 0)
    {
        due.clear();
        wheel.Take(wheel.NextTick(), due);
        std::for_each(due.begin(), due.end(), Forget);
    }
}

void
FanoutCloudChannel::Schedule(uint64_t tick)
{
    if (m_running || tick >= m_eventTick)
    {
        return;
    }
    m_event.Cancel();
    m_eventTick = tick;
    m_event =
        Simulator::Schedule(NanoSeconds(static_cast<int64_t>(tick) * m_grid) - Simulator::Now(),
                            &FanoutCloudChannel::Run,
                            this);
}

void
FanoutCloudChannel::Pack(Line& line, std::size_t i, fanout::ByteView memory)
{
    constexpr std::ptrdiff_t MOST = (1 << HOT_BITS) - 1;
    constexpr std::ptrdiff_t BYTES = fanout::CACHE_LINE_BYTES;
    line.hot[i] = 0;
    if (memory.empty())
    {
        return;
    }
    const auto begin = reinterpret_cast<const char*>(memory.begin());
    const auto ahead = static_cast<std::ptrdiff_t>(reinterpret_cast<uintptr_t>(begin) % BYTES);
    m_hotBases[i] = m_hotBases[i] ? m_hotBases[i] : begin - ahead;
    const std::ptrdiff_t first = (begin - ahead - m_hotBases[i]) / BYTES;
    const auto size = static_cast<std::ptrdiff_t>(memory.size());
    if (first == static_cast<int32_t>(first))
    {
        line.hot[i] = static_cast<int32_t>(first);
        line.hotLines |= std::min((ahead + size + BYTES - 1) / BYTES, MOST) << (i * HOT_BITS);
    }
}

void
FanoutCloudChannel::SetHot(uint32_t place, const fanout::HotMemory& hot)
{
    if (place >= FURTHER)
    {
        return;
    }
    Line& line = m_lines[place];
    line.hotLines = 0;
    for (std::size_t i = 0; i < fanout::HotMemory::PIECES; i++)
    {
        Pack(line, i, hot.pieces[i]);
    }
    line.deep = hot.deep;
}

void
FanoutCloudChannel::PrefetchListener(const Line& line) const
{
    const auto listener = reinterpret_cast<const char*>(line.listener);
    fanout::PrefetchRange(listener - LISTENER_BEFORE, listener + LISTENER_BEHIND);
    unsigned lines = line.hotLines;
    for (std::size_t i = 0; i < fanout::HotMemory::PIECES; i++, lines >>= HOT_BITS)
    {
        const char* first = FirstLine(line, i);
        fanout::PrefetchRange(first, first + lines % (1 << HOT_BITS) * fanout::CACHE_LINE_BYTES);
    }
}

bool
FanoutCloudChannel::IsHandedOn(const Arrival& arrival, const Line& line) const
{
    return arrival.early == Arrival::PASSED ||
           static_cast<float>(arrival.bytes) * line.downPerByte < static_cast<float>(m_grid);
}

bool
FanoutCloudChannel::IsHandedOn(const Wake& wake, const Line& line) const
{
    return wake.drained ||
           (line.alarm.armed == LowHalf(m_cursor) && line.alarm.due == LowHalf(m_cursor));
}

template <typename T>
const FanoutCloudChannel::Line*
FanoutCloudChannel::LineDue(const T& entry) const
{
    if (entry.Place() >= FURTHER)
    {
        return nullptr;
    }
    const Line& line = m_lines[entry.Place()];
    return line.listener && IsHandedOn(entry, line) ? &line : nullptr;
}

void
FanoutCloudChannel::PrefetchPages(const Line& line) const
{
    fanout::Prefetch(line.listener);
    for (std::size_t i = 0; i < fanout::HotMemory::PIECES; i++)
    {
        fanout::Prefetch(FirstLine(line, i));
    }
}

template <FanoutCloudChannel::Step STEP, typename T>
void
FanoutCloudChannel::PrefetchFor(const T& entry, const Line& line) const
{
    if constexpr (STEP == Step::PAGES)
    {
        PrefetchPages(line);
    }
    else if constexpr (STEP == Step::LISTENER)
    {
        PrefetchListener(line);
        fanout::PrefetchObject(entry.GetFrame());
    }
    else if (line.deep)
    {
        line.listener->Prefetch(STEP == Step::BEHIND ? 1 : 2, entry.ControlFrom());
    }
}

template <FanoutCloudChannel::Step STEP, typename T>
void
FanoutCloudChannel::PrefetchGroup(const T* entries, std::size_t n, std::size_t from) const
{
    for (std::size_t at = from; at < std::min(from + GROUP, n); at++)
    {
        if constexpr (STEP == Step::LINE)
        {
            fanout::Prefetch(m_lines.data() + DeviceOf(entries[at].Place()));
        }
        else if (const Line* line = LineDue(entries[at]))
        {
            PrefetchFor<STEP>(entries[at], *line);
        }
    }
}

template <FanoutCloudChannel::Step STEP, typename T>
void
FanoutCloudChannel::PrefetchFirst(const T* entries, std::size_t n, std::size_t ahead) const
{
    for (std::size_t at = 0; at < std::min(n, ahead); at += GROUP)
    {
        PrefetchGroup<STEP>(entries, n, at);
    }
}

template <typename T, typename Handle>
std::size_t
FanoutCloudChannel::Work(fanout::Wheel<T>& wheel, std::vector<T>& due, Handle handle)
{
    due.clear();
    wheel.Begin(m_cursor);
    std::size_t n = 0;
    for (std::size_t i = 0;; i += GROUP)
    {
        if (i + LINE_AHEAD + GROUP > n)
        {
            while (i + LINE_AHEAD + GROUP > due.size() && wheel.TakeMore(due))
            {
            }
            n = due.size();
        }
        if (i >= n)
        {
            return n;
        }
        const T* entries = due.data();
        if (i == 0)
        {
            // It makes up for the turns that did not come before it.
            PrefetchFirst<Step::LINE>(entries, n, LINE_AHEAD);
            PrefetchFirst<Step::LISTENER>(entries, n, LISTENER_AHEAD);
            PrefetchFirst<Step::BEHIND>(entries, n, BEHIND_AHEAD);
            PrefetchFirst<Step::FURTHER>(entries, n, FURTHER_AHEAD);
        }
        PrefetchGroup<Step::LINE>(entries, n, i + LINE_AHEAD);
        PrefetchGroup<Step::PAGES>(entries, n, i + LISTENER_AHEAD);
        PrefetchGroup<Step::BEHIND>(entries, n, i + BEHIND_AHEAD);
        PrefetchGroup<Step::FURTHER>(entries, n, i + FURTHER_AHEAD);
        PrefetchGroup<Step::LISTENER>(entries, n, i + LISTENER_AHEAD);
        std::for_each(entries + i, entries + std::min(i + GROUP, n), handle);
    }
}

void
FanoutCloudChannel::Run()
{
    const uint64_t tick = m_eventTick;
    m_eventTick = fanout::Wheel<Wake>::NO_TICK;
    m_cursor = tick;
    m_running = true;
    // What has passed a link by now passed it before what reaches it now.
    std::size_t n = Work(m_passing, m_arriving, [this](const Arrival& arrival) { Hand(arrival); });
    const int64_t now = Now();
    n += Work(m_arrivals,
              m_arriving,
              [this, now](const Arrival& arrival) { Receive(arrival, now); });
    n += Work(m_wakes, m_waking, [this](const Wake& wake) { HandleWake(wake); });
    TravelAll();
    m_counters.slots += n > 0;
    m_running = false;
    const uint64_t next =
        std::min({m_passing.NextTick(), m_arrivals.NextTick(), m_wakes.NextTick()});
    if (next != fanout::Wheel<Wake>::NO_TICK)
    {
        Schedule(std::max(next, tick + 1));
    }
}

void
FanoutCloudChannel::Receive(const Arrival& arrival, int64_t now)
{
    if (arrival.vanishes)
    {
        Again(arrival);
        return;
    }
    Line& line = LineOf(arrival.to);
    const int64_t at = now - arrival.early;
    const int64_t start = std::max(at, line.downBusy);
    if (static_cast<float>(start - at) > static_cast<float>(line.queueBytes) * line.downPerByte)
    {
        m_counters.queueDrops++;
        Again(arrival);
        return;
    }
    m_counters.waited += start > at ? 1 : 0;
    line.downBusy =
        start + static_cast<int64_t>(static_cast<float>(arrival.bytes) * line.downPerByte);
    if (line.downBusy <= now)
    {
        Hand(arrival);
        return;
    }
    Arrival passing = arrival;
    passing.early = Arrival::PASSED;
    m_passing.Push(TickOf(line.downBusy), passing);
}

void
FanoutCloudChannel::Hand(const Arrival& arrival)
{
    if (arrival.packet)
    {
        HandPacket(arrival);
        return;
    }
    FanoutCloudListener* listener = ListenerAt(arrival.to);
    const bool repeatedInSilence = arrival.tries > 0 && LineOf(arrival.from).silent;
    if (!listener || LineOf(arrival.to).silent || repeatedInSilence)
    {
        m_counters.unheard++;
        Again(arrival);
        return;
    }
    m_counters.arrived++;
    const auto frame = fanout::FrameRef::Adopt(arrival.frame);
    if (frame)
    {
        listener->HandleFrame(arrival.from, frame);
    }
    else
    {
        listener->HandleClose(arrival.from);
    }
}

void
FanoutCloudChannel::HandPacket(const Arrival& arrival)
{
    if (LineOf(arrival.to).silent || !PacketDeviceOf(arrival).IsHeard())
    {
        m_counters.unheard++;
        Again(arrival);
        return;
    }
    m_counters.arrived++;
    const Parcel parcel = TakeParcel(arrival);
    PacketDeviceOf(arrival).Receive(parcel.packet, parcel.from, parcel.protocol);
}

FanoutCloudNetDevice&
FanoutCloudChannel::PacketDeviceOf(const Arrival& arrival) const
{
    return static_cast<FanoutCloudNetDevice&>(*m_devices[arrival.to]);
}

FanoutCloudChannel::Parcel
FanoutCloudChannel::TakeParcel(const Arrival& arrival)
{
    m_freeParcels.push_back(arrival.from);
    return std::exchange(m_parcels[arrival.from], Parcel());
}

void
FanoutCloudChannel::HandleWake(const Wake& wake)
{
    m_counters.wakes++;
    FanoutCloudListener* listener = ListenerAt(wake.place);
    if (wake.drained)
    {
        if (listener)
        {
            listener->HandleDrained();
        }
        return;
    }
    Alarm& alarm = AlarmOf(wake.place);
    const uint32_t now = LowHalf(m_cursor);
    if (alarm.armed != now)
    {
        return;
    }
    alarm.armed = 0;
    if (alarm.due == now)
    {
        alarm.due = 0;
        listener->HandleWake();
    }
    else if (alarm.due != 0)
    {
        Arm(wake.place, alarm, m_cursor + (alarm.due - now));
    }
}

} // namespace ns3
