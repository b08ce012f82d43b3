/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What travels: links, arrivals, wake-ups and the slot that hands them on.

#include "fanout-cloud-channel.h"
#include "fanout-cloud-net-device.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

namespace
{

constexpr std::size_t LINE_BYTES = 64;      ///< of the cache
constexpr std::size_t LINES_AHEAD = 24;     ///< arrivals before which a link is fetched
constexpr std::size_t STATE_AHEAD = 10;     ///< arrivals before which a listener is fetched
constexpr std::size_t LISTENER_BEFORE = 96; ///< bytes before a listener that belong to it
constexpr uint8_t LISTENER_LINES = 4;       ///< of the cache, around a listener
constexpr uint32_t OFFERS = 5;              ///< times a frame is offered at most
constexpr int64_t PATIENCE = 50000000;      ///< nanoseconds more than a round trip

/// @param place of memory
void
Prefetch(const void* place)
{
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place);
#else
    (void)place;
#endif
}

/// @param first of a piece of memory @param lines of it
void
PrefetchLines(const void* first, uint8_t lines)
{
    for (uint8_t i = 0; i < lines; i++)
    {
        Prefetch(static_cast<const char*>(first) + i * LINE_BYTES);
    }
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
    arrival.frame = frame;
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
    Depart(std::move(arrival), from);
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
    PushWake(line.upBusy - half, {place, NO_SERIAL});
}

void
FanoutCloudChannel::WakeAt(uint32_t place, fanout::Micros when, uint32_t serial)
{
    PushWake(when * 1000, {place, serial});
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
    Depart(std::move(arrival), from);
    return true;
}

// ---- on the way ----

int64_t
FanoutCloudChannel::Now() const
{
    return m_running ? static_cast<int64_t>(m_cursor) * m_grid : Simulator::Now().GetNanoSeconds();
}

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
FanoutCloudChannel::Depart(Arrival arrival, uint32_t from)
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
    PushArrival(std::move(arrival),
                line.upBusy + m_latency->GetDelay(device, DeviceOf(arrival.to)));
}

void
FanoutCloudChannel::PushArrival(Arrival arrival, int64_t when)
{
    const uint64_t tick = TickOf(when);
    arrival.early = static_cast<uint32_t>(static_cast<int64_t>(tick) * m_grid - when);
    m_arrivals.Push(tick, std::move(arrival));
    Schedule(tick);
}

void
FanoutCloudChannel::PushWake(int64_t when, Wake wake)
{
    const uint64_t tick = TickOf(when);
    m_wakes.Push(tick, wake);
    Schedule(tick);
}

void
FanoutCloudChannel::Again(Arrival& arrival)
{
    if (arrival.packet)
    {
        PacketDeviceOf(arrival).NoteDrop(TakeParcel(arrival).packet);
        return;
    }
    if (!arrival.again || arrival.to == NOWHERE)
    {
        return;
    }
    const FanoutCloudListener* sender = ListenerAt(arrival.from);
    if (arrival.tries + 1U >= OFFERS || !sender || !sender->MayRepeat())
    {
        m_counters.givenUp++;
        return;
    }
    const uint32_t device = DeviceOf(arrival.from);
    const int64_t latency = m_latency->GetDelay(device, DeviceOf(arrival.to));
    const int64_t pause = (2 * latency + PATIENCE) << arrival.tries;
    Line& line = m_lines[device];
    line.upBusy = std::max(line.upBusy, Now()) +
                  static_cast<int64_t>(static_cast<float>(arrival.bytes) * line.upPerByte);
    arrival.tries++;
    m_counters.again++;
    m_counters.sent++;
    m_counters.sentBytes += arrival.bytes;
    arrival.vanishes = DrawLoss();
    PushArrival(std::move(arrival), std::max(Now() + pause, line.upBusy) + latency);
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

template <typename T>
void
FanoutCloudChannel::PrefetchFirst(const std::vector<T>& due) const
{
    for (std::size_t i = 0; i < std::min(LINES_AHEAD, due.size()); i++)
    {
        PrefetchLine(due[i].Place());
    }
    for (std::size_t i = 0; i < std::min(STATE_AHEAD, due.size()); i++)
    {
        PrefetchState(due[i].Place());
    }
}

template <typename T>
void
FanoutCloudChannel::PrefetchAhead(const std::vector<T>& due, std::size_t i) const
{
    if (i + LINES_AHEAD < due.size())
    {
        PrefetchLine(due[i + LINES_AHEAD].Place());
    }
    if (i + STATE_AHEAD < due.size())
    {
        PrefetchState(due[i + STATE_AHEAD].Place());
    }
}

void
FanoutCloudChannel::Run()
{
    const uint64_t tick = m_eventTick;
    m_eventTick = fanout::Wheel<Wake>::NO_TICK;
    m_cursor = tick;
    m_running = true;
    m_passed.clear();
    m_arriving.clear();
    m_waking.clear();
    m_passing.Take(tick, m_passed);
    m_arrivals.Take(tick, m_arriving);
    m_wakes.Take(tick, m_waking);
    m_counters.slots += m_passed.empty() && m_arriving.empty() && m_waking.empty() ? 0 : 1;
    // What has passed a link by now passed it before what reaches it now.
    PrefetchFirst(m_passed);
    for (std::size_t i = 0; i < m_passed.size(); i++)
    {
        PrefetchAhead(m_passed, i);
        Hand(m_passed[i]);
    }
    const int64_t now = Now();
    PrefetchFirst(m_arriving);
    for (std::size_t i = 0; i < m_arriving.size(); i++)
    {
        PrefetchAhead(m_arriving, i);
        Receive(m_arriving[i], now);
    }
    PrefetchFirst(m_waking);
    for (std::size_t i = 0; i < m_waking.size(); i++)
    {
        PrefetchAhead(m_waking, i);
        HandleWake(m_waking[i]);
    }
    m_running = false;
    const uint64_t next =
        std::min({m_passing.NextTick(), m_arrivals.NextTick(), m_wakes.NextTick()});
    if (next != fanout::Wheel<Wake>::NO_TICK)
    {
        Schedule(std::max(next, tick + 1));
    }
}

void
FanoutCloudChannel::SetHot(uint32_t place,
                           const void* first,
                           std::size_t firstBytes,
                           const void* second,
                           std::size_t secondBytes)
{
    if (place >= FURTHER)
    {
        return;
    }
    const auto lines = [](std::size_t bytes) {
        return static_cast<uint8_t>(
            std::min<std::size_t>((bytes + LINE_BYTES - 1) / LINE_BYTES, 32));
    };
    Line& line = m_lines[place];
    line.hot[0] = first;
    line.hot[1] = second;
    line.hotLines[0] = lines(firstBytes);
    line.hotLines[1] = lines(secondBytes);
}

void
FanoutCloudChannel::PrefetchLine(uint32_t place) const
{
    if (place < FURTHER)
    {
        Prefetch(&m_lines[place]);
    }
}

void
FanoutCloudChannel::PrefetchState(uint32_t place) const
{
    if (place < FURTHER)
    {
        const Line& line = m_lines[place];
        PrefetchLines(reinterpret_cast<const char*>(line.listener) - LISTENER_BEFORE,
                      LISTENER_LINES);
        PrefetchLines(line.hot[0], line.hotLines[0]);
        PrefetchLines(line.hot[1], line.hotLines[1]);
    }
}

void
FanoutCloudChannel::Receive(Arrival& arrival, int64_t now)
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
    m_passing.Push(TickOf(line.downBusy), std::move(arrival));
}

void
FanoutCloudChannel::Hand(Arrival& arrival)
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
    if (arrival.frame)
    {
        listener->HandleFrame(arrival.from, arrival.frame);
    }
    else
    {
        listener->HandleClose(arrival.from);
    }
}

void
FanoutCloudChannel::HandPacket(Arrival& arrival)
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
    if (!listener)
    {
        return;
    }
    if (wake.serial == NO_SERIAL)
    {
        listener->HandleDrained();
    }
    else
    {
        listener->HandleWake(wake.serial);
    }
}

} // namespace ns3
