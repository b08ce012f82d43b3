/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-cloud-net-device.h"

#include "fanout-lazy-trace.h"

#include "ns3/abort.h"
#include "ns3/ethernet-header.h"
#include "ns3/ipv4-header.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutCloudNetDevice");
NS_OBJECT_ENSURE_REGISTERED(FanoutCloudNetDevice);

namespace
{

constexpr uint16_t IPV4 = 0x0800;              ///< EtherType
constexpr uint8_t MAC_PREFIX[] = {0x02, 0x00}; ///< a locally administered address

} // namespace

/// The trace sources, by ns-3's names.
struct FanoutCloudNetDevice::Traces
{
    using Source = TracedCallback<Ptr<const Packet>>; ///< any of them

    Source macTx;       ///< MacTx
    Source macTxDrop;   ///< MacTxDrop
    Source macRx;       ///< MacRx
    Source phyRxDrop;   ///< PhyRxDrop
    Source sniffer;     ///< Sniffer
    Source promiscuous; ///< PromiscSniffer
};

TypeId
FanoutCloudNetDevice::GetTypeId()
{
    using fanout::MakeLazyTraceAccessor;
    constexpr auto BLOCK = &FanoutCloudNetDevice::FindTraces;
    constexpr auto CALLBACK = "ns3::Packet::TracedCallback";
    static TypeId tid =
        TypeId("ns3::FanoutCloudNetDevice")
            .SetParent<NetDevice>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutCloudNetDevice>()
            .AddAttribute(
                "Mtu",
                "Largest packet, bytes.",
                UintegerValue(1500),
                MakeUintegerAccessor(&FanoutCloudNetDevice::SetMtu, &FanoutCloudNetDevice::GetMtu),
                MakeUintegerChecker<uint16_t>())
            .AddTraceSource("MacTx",
                            "A packet was handed to the access link.",
                            MakeLazyTraceAccessor(&Traces::macTx, BLOCK),
                            CALLBACK)
            .AddTraceSource("MacTxDrop",
                            "A packet was not sent: too large, a full queue, or nobody in the "
                            "cloud has the address.",
                            MakeLazyTraceAccessor(&Traces::macTxDrop, BLOCK),
                            CALLBACK)
            .AddTraceSource("MacRx",
                            "A packet came and is handed to the node.",
                            MakeLazyTraceAccessor(&Traces::macRx, BLOCK),
                            CALLBACK)
            .AddTraceSource("PhyRxDrop",
                            "The cloud dropped a packet to this device; traced when that is "
                            "decided, for LossRate and a silent sender when it is sent.",
                            MakeLazyTraceAccessor(&Traces::phyRxDrop, BLOCK),
                            CALLBACK)
            .AddTraceSource("Sniffer",
                            "Packets sent and received, behind an Ethernet header made up from the "
                            "places of both ends.",
                            MakeLazyTraceAccessor(&Traces::sniffer, BLOCK),
                            CALLBACK)
            .AddTraceSource("PromiscSniffer",
                            "As Sniffer: a device hears of no other packets.",
                            MakeLazyTraceAccessor(&Traces::promiscuous, BLOCK),
                            CALLBACK);
    return tid;
}

FanoutCloudNetDevice::FanoutCloudNetDevice() = default;

FanoutCloudNetDevice::FanoutCloudNetDevice(const FanoutCloudNetDevice& other)
    : NetDevice(other),
      m_mtu(other.m_mtu)
{
}

FanoutCloudNetDevice::~FanoutCloudNetDevice() = default;

void
FanoutCloudNetDevice::DoDispose()
{
    m_channel = nullptr;
    m_node = nullptr;
    m_traces.reset();
    m_receive = NetDevice::ReceiveCallback();
    m_promiscuous = NetDevice::PromiscReceiveCallback();
    NetDevice::DoDispose();
}

void
FanoutCloudNetDevice::Attach(Ptr<FanoutCloudChannel> channel,
                             const FanoutCloudChannel::Access& access)
{
    NS_ABORT_MSG_IF(m_channel, "this device is attached to a cloud already");
    NS_ABORT_MSG_IF(!channel, "a device cannot be attached to no cloud");
    m_channel = channel;
    m_place = channel->Attach(this, access);
}

uint32_t
FanoutCloudNetDevice::GetPlace() const
{
    return m_place;
}

Ipv4Address
FanoutCloudNetDevice::GetCloudAddress() const
{
    return m_channel ? m_channel->GetAddress(m_place) : Ipv4Address::GetAny();
}

Ptr<FanoutCloudChannel>
FanoutCloudNetDevice::GetCloud() const
{
    return m_channel;
}

DataRate
FanoutCloudNetDevice::GetUpRate() const
{
    return DataRate(m_channel ? m_channel->GetAccess(m_place).up : 0);
}

DataRate
FanoutCloudNetDevice::GetDownRate() const
{
    return DataRate(m_channel ? m_channel->GetAccess(m_place).down : 0);
}

Mac48Address
FanoutCloudNetDevice::MacOf(uint32_t place)
{
    uint8_t bytes[6] = {MAC_PREFIX[0], MAC_PREFIX[1]};
    for (int i = 0; i < 4; i++)
    {
        bytes[2 + i] = static_cast<uint8_t>(place >> (24 - 8 * i));
    }
    Mac48Address address;
    address.CopyFrom(bytes);
    return address;
}

uint32_t
FanoutCloudNetDevice::PlaceOf(const Ptr<Packet>& packet, const Address& to, uint16_t protocol) const
{
    if (!Mac48Address::IsMatchingType(to))
    {
        return FanoutCloudChannel::NOWHERE;
    }
    const auto mac = Mac48Address::ConvertFrom(to);
    Ipv4Header header;
    if (mac.IsBroadcast() && protocol == IPV4 && packet->GetSize() >= header.GetSerializedSize())
    {
        packet->PeekHeader(header);
        return m_channel->GetPlace(header.GetDestination());
    }
    uint8_t bytes[6];
    mac.CopyTo(bytes);
    if (bytes[0] != MAC_PREFIX[0] || bytes[1] != MAC_PREFIX[1])
    {
        return FanoutCloudChannel::NOWHERE;
    }
    const uint32_t place =
        static_cast<uint32_t>(bytes[2]) << 24 | bytes[3] << 16 | bytes[4] << 8 | bytes[5];
    return place < m_channel->GetNDevices() ? place : FanoutCloudChannel::NOWHERE;
}

bool
FanoutCloudNetDevice::Send(Ptr<Packet> packet, const Address& to, uint16_t protocol)
{
    NS_LOG_FUNCTION(this << packet << to << protocol);
    if (!m_channel || packet->GetSize() > m_mtu)
    {
        return Refuse(packet);
    }
    const uint32_t place = PlaceOf(packet, to, protocol);
    if (place == FanoutCloudChannel::NOWHERE)
    {
        NS_LOG_INFO("nobody in the cloud has the address " << to);
        return Refuse(packet);
    }
    if (m_channel->IsFull(m_place))
    {
        return Refuse(packet);
    }
    if (m_traces)
    {
        m_traces->macTx(packet);
        Sniff(packet, m_place, place, protocol);
    }
    return m_channel->SendPacket(m_place, place, packet, protocol);
}

bool
FanoutCloudNetDevice::Refuse(const Ptr<Packet>& packet) const
{
    if (m_traces)
    {
        m_traces->macTxDrop(packet);
    }
    return false;
}

void
FanoutCloudNetDevice::Sniff(const Ptr<Packet>& packet,
                            uint32_t from,
                            uint32_t to,
                            uint16_t protocol) const
{
    EthernetHeader header(false);
    header.SetSource(MacOf(from));
    header.SetDestination(MacOf(to));
    header.SetLengthType(protocol);
    const Ptr<Packet> copy = packet->Copy();
    copy->AddHeader(header);
    m_traces->sniffer(copy);
    m_traces->promiscuous(copy);
}

FanoutCloudNetDevice::Traces*
FanoutCloudNetDevice::FindTraces(bool make)
{
    if (!m_traces && make)
    {
        m_traces = std::make_unique<Traces>();
    }
    return m_traces.get();
}

void
FanoutCloudNetDevice::NoteDrop(const Ptr<Packet>& packet)
{
    if (m_traces)
    {
        m_traces->phyRxDrop(packet);
    }
}

bool
FanoutCloudNetDevice::SendFrom(Ptr<Packet>, const Address&, const Address&, uint16_t)
{
    return false;
}

bool
FanoutCloudNetDevice::IsHeard() const
{
    return !m_receive.IsNull() || !m_promiscuous.IsNull();
}

void
FanoutCloudNetDevice::Receive(Ptr<Packet> packet, uint32_t from, uint16_t protocol)
{
    NS_LOG_FUNCTION(this << packet << from << protocol);
    const Address source = MacOf(from);
    if (m_traces)
    {
        m_traces->macRx(packet);
        Sniff(packet, from, m_place, protocol);
    }
    if (!m_promiscuous.IsNull())
    {
        m_promiscuous(this, packet->Copy(), protocol, source, GetAddress(), PACKET_HOST);
    }
    if (!m_receive.IsNull())
    {
        m_receive(this, packet, protocol, source);
    }
}

void
FanoutCloudNetDevice::SetIfIndex(const uint32_t index)
{
    m_ifIndex = index;
}

uint32_t
FanoutCloudNetDevice::GetIfIndex() const
{
    return m_ifIndex;
}

Ptr<Channel>
FanoutCloudNetDevice::GetChannel() const
{
    return m_channel;
}

void
FanoutCloudNetDevice::SetAddress(Address address)
{
    NS_ABORT_MSG_IF(
        address != GetAddress(),
        "the address of a device follows from its place in the cloud: " << GetAddress());
}

Address
FanoutCloudNetDevice::GetAddress() const
{
    return MacOf(m_place);
}

bool
FanoutCloudNetDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

uint16_t
FanoutCloudNetDevice::GetMtu() const
{
    return m_mtu;
}

bool
FanoutCloudNetDevice::IsLinkUp() const
{
    return m_channel != nullptr;
}

void
FanoutCloudNetDevice::AddLinkChangeCallback(Callback<void>)
{
}

bool
FanoutCloudNetDevice::IsBroadcast() const
{
    return false;
}

Address
FanoutCloudNetDevice::GetBroadcast() const
{
    return Mac48Address::GetBroadcast();
}

bool
FanoutCloudNetDevice::IsMulticast() const
{
    return false;
}

Address
FanoutCloudNetDevice::GetMulticast(Ipv4Address group) const
{
    return Mac48Address::GetMulticast(group);
}

Address
FanoutCloudNetDevice::GetMulticast(Ipv6Address group) const
{
    return Mac48Address::GetMulticast(group);
}

bool
FanoutCloudNetDevice::IsPointToPoint() const
{
    return false;
}

bool
FanoutCloudNetDevice::IsBridge() const
{
    return false;
}

Ptr<Node>
FanoutCloudNetDevice::GetNode() const
{
    return m_node;
}

void
FanoutCloudNetDevice::SetNode(Ptr<Node> node)
{
    m_node = PeekPointer(node);
}

bool
FanoutCloudNetDevice::NeedsArp() const
{
    return false;
}

void
FanoutCloudNetDevice::SetReceiveCallback(NetDevice::ReceiveCallback callback)
{
    m_receive = callback;
}

void
FanoutCloudNetDevice::SetPromiscReceiveCallback(NetDevice::PromiscReceiveCallback callback)
{
    m_promiscuous = callback;
}

bool
FanoutCloudNetDevice::SupportsSendFrom() const
{
    return false;
}

} // namespace ns3
