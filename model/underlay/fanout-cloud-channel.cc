/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-cloud-channel.h"

#include "fanout-cloud-net-device.h"
#include "fanout-draw-key.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/pointer.h"

#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutCloudChannel");
NS_OBJECT_ENSURE_REGISTERED(FanoutCloudChannel);

namespace
{

float
NanosecondsPerByte(uint64_t bitsPerSecond)
{
    return static_cast<float>(8e9 / static_cast<double>(bitsPerSecond));
}

} // namespace

TypeId
FanoutCloudChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutCloudChannel")
            .SetParent<Channel>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutCloudChannel>()
            .AddAttribute(
                "Grid",
                "Distance of two slots of the wheel; arrivals and wake-ups are rounded "
                "up to it. 1 us to 10 ms, before anything is sent.",
                TimeValue(MicroSeconds(100)),
                MakeTimeAccessor(&FanoutCloudChannel::SetGrid, &FanoutCloudChannel::GetGrid),
                MakeTimeChecker(MicroSeconds(1), MilliSeconds(10)))
            .AddAttribute("LossRate",
                          "Probability that the cloud loses a frame or packet. In [0, 1).",
                          DoubleValue(0),
                          MakeDoubleAccessor(&FanoutCloudChannel::m_lossRate),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("LatencyModel",
                          "How long the cloud takes; null: a FanoutConstantLatency.",
                          PointerValue(),
                          MakePointerAccessor(&FanoutCloudChannel::SetLatencyModel,
                                              &FanoutCloudChannel::GetLatencyModel),
                          MakePointerChecker<FanoutLatencyModel>())
            .AddAttribute("FirstAddress",
                          "Address of device 0; those of the others follow.",
                          Ipv4AddressValue(Ipv4Address(0x0a000001)),
                          MakeIpv4AddressAccessor(&FanoutCloudChannel::SetFirstAddress,
                                                  &FanoutCloudChannel::GetFirstAddress),
                          MakeIpv4AddressChecker());
    return tid;
}

FanoutCloudChannel::FanoutCloudChannel() = default;

FanoutCloudChannel::~FanoutCloudChannel()
{
    ForgetAll(m_arrivals);
    ForgetAll(m_passing);
    for (const Departure& departure : m_departures)
    {
        Forget(departure.arrival);
    }
}

void
FanoutCloudChannel::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_event.Cancel();
    m_lines.clear();
    m_devices.clear();
    m_parcels.clear();
    m_latency = nullptr;
    Channel::DoDispose();
}

void
FanoutCloudChannel::SetGrid(Time grid)
{
    NS_ABORT_MSG_IF(m_cursor > 0 || GetPending() > 0,
                    "the grid cannot change once something was sent");
    m_grid = grid.GetNanoSeconds();
}

Time
FanoutCloudChannel::GetGrid() const
{
    return NanoSeconds(m_grid);
}

void
FanoutCloudChannel::SetFirstAddress(Ipv4Address address)
{
    m_firstAddress = address.Get();
}

Ipv4Address
FanoutCloudChannel::GetFirstAddress() const
{
    return Ipv4Address(m_firstAddress);
}

void
FanoutCloudChannel::SetLatencyModel(Ptr<FanoutLatencyModel> model)
{
    m_latency = model;
}

Ptr<FanoutLatencyModel>
FanoutCloudChannel::GetLatencyModel() const
{
    return m_latency;
}

int64_t
FanoutCloudChannel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    m_random = fanout::Random(fanout::DrawKey(stream), 0, 0);
    const int64_t next = stream < 0 ? stream : stream + 1;
    return 1 + (m_latency ? m_latency->AssignStreams(next) : 0);
}

// ---- devices ----

uint32_t
FanoutCloudChannel::Attach(Ptr<FanoutCloudNetDevice> device, const Access& access)
{
    NS_ABORT_MSG_IF(m_devices.size() == MAX_DEVICES,
                    "a cloud holds " << MAX_DEVICES << " devices at most");
    const auto place = static_cast<uint32_t>(m_devices.size());
    m_devices.push_back(device);
    m_lines.emplace_back();
    m_ports.push_back(0);
    SetAccess(place, access);
    if (!m_latency)
    {
        m_latency = CreateObject<FanoutConstantLatency>();
    }
    return place;
}

void
FanoutCloudChannel::Reserve(std::size_t devices)
{
    m_lines.reserve(devices);
    m_ports.reserve(devices);
    m_devices.reserve(devices);
}

void
FanoutCloudChannel::SetAccess(uint32_t place, const Access& access)
{
    NS_ABORT_MSG_IF(access.up == 0 || access.down == 0,
                    "the access link of device " << place << " needs data rates above 0");
    Line& line = m_lines.at(place);
    line.upPerByte = NanosecondsPerByte(access.up);
    line.downPerByte = NanosecondsPerByte(access.down);
    line.queueBytes = access.queueBytes;
}

FanoutCloudChannel::Access
FanoutCloudChannel::GetAccess(uint32_t place) const
{
    const Line& line = LineOf(place);
    const auto rate = [](float perByte)
    { return static_cast<uint64_t>(std::llround(8e9 / perByte)); };
    return {rate(line.upPerByte), rate(line.downPerByte), line.queueBytes};
}

void
FanoutCloudChannel::SetSilent(uint32_t place, bool silent)
{
    LineOf(place).silent = silent;
}

Ipv4Address
FanoutCloudChannel::GetAddress(uint32_t place) const
{
    return Ipv4Address(m_firstAddress + DeviceOf(place));
}

uint32_t
FanoutCloudChannel::GetPlace(Ipv4Address address) const
{
    const uint32_t place = address.Get() - m_firstAddress;
    return place < m_devices.size() ? place : NOWHERE;
}

std::size_t
FanoutCloudChannel::GetNDevices() const
{
    return m_devices.size();
}

Ptr<NetDevice>
FanoutCloudChannel::GetDevice(std::size_t i) const
{
    return m_devices.at(i);
}

// ---- listeners ----

uint32_t
FanoutCloudChannel::Listen(uint32_t device, uint16_t port, FanoutCloudListener* listener)
{
    fanout::Endpoint endpoint;
    endpoint.ip = GetAddress(device).Get();
    endpoint.port = port;
    uint32_t place = Resolve(endpoint);
    if (place == NOWHERE)
    {
        place = FURTHER + static_cast<uint32_t>(m_further.size());
        m_further.push_back({nullptr, device, port, {}});
        m_furtherByPort.emplace(uint64_t{device} << 16 | port, place);
    }
    FanoutCloudListener*& slot = ListenerSlot(place);
    if (slot)
    {
        return NOWHERE;
    }
    slot = listener;
    return place;
}

void
FanoutCloudChannel::Unlisten(uint32_t place)
{
    // Disposing of a simulation may end the channel before its listeners.
    if (m_lines.empty())
    {
        return;
    }
    ListenerSlot(place) = nullptr;
    AlarmOf(place).due = 0;
    if (place < FURTHER)
    {
        fanout::HotMemory unknown;
        unknown.deep = true;
        SetHot(place, unknown);
    }
}

uint32_t
FanoutCloudChannel::Resolve(const fanout::Endpoint& endpoint)
{
    const uint32_t device = GetPlace(Ipv4Address(endpoint.ip));
    if (device == NOWHERE || endpoint.port == 0)
    {
        return NOWHERE;
    }
    uint16_t& port = m_ports[device];
    if (port == 0)
    {
        port = endpoint.port;
    }
    if (port == endpoint.port)
    {
        return device;
    }
    const auto found = m_furtherByPort.find(uint64_t{device} << 16 | endpoint.port);
    return found == m_furtherByPort.end() ? NOWHERE : found->second;
}

fanout::Endpoint
FanoutCloudChannel::GetEndpoint(uint32_t place) const
{
    fanout::Endpoint endpoint;
    if (place != NOWHERE)
    {
        endpoint.ip = GetAddress(place).Get();
        endpoint.port = place < FURTHER ? m_ports[place] : m_further[place - FURTHER].port;
    }
    return endpoint;
}

// ---- what anybody may ask ----

const FanoutCloudChannel::Counters&
FanoutCloudChannel::GetCounters() const
{
    return m_counters;
}

std::size_t
FanoutCloudChannel::GetPending() const
{
    return m_arrivals.Size() + m_passing.Size() + m_wakes.Size() + m_departures.size();
}

} // namespace ns3
