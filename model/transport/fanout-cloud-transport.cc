/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-cloud-transport.h"

#include "ns3/abort.h"
#include "ns3/fanout-messages.h"
#include "ns3/log.h"

#include <utility>

namespace ns3
{

using fanout::LinkId;
using fanout::SendResult;

NS_LOG_COMPONENT_DEFINE("FanoutCloudTransport");
NS_OBJECT_ENSURE_REGISTERED(FanoutCloudTransport);

namespace
{

constexpr uint32_t PACKET_BYTES = 1500;  ///< of the access link
constexpr uint32_t FRAGMENT_HEADER = 20; ///< IPv4

/// @param frame any @return bytes of its packets
uint32_t
WireBytes(const fanout::FrameRef& frame)
{
    const auto size =
        static_cast<uint32_t>(frame->Wire().size()) + FanoutCloudTransport::HEADER_BYTES;
    return size <= PACKET_BYTES ? size : size + (size - 1) / PACKET_BYTES * FRAGMENT_HEADER;
}

} // namespace

TypeId
FanoutCloudTransport::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutCloudTransport")
                            .SetParent<FanoutTransport>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutCloudTransport>();
    return tid;
}

FanoutCloudTransport::FanoutCloudTransport() = default;

FanoutCloudTransport::FanoutCloudTransport(const FanoutCloudTransport& other)
    : FanoutTransport(other)
{
}

FanoutCloudTransport::~FanoutCloudTransport() = default;

Ptr<FanoutTransport>
FanoutCloudTransport::Copy() const
{
    return CopyObject(Ptr<const FanoutCloudTransport>(this));
}

void
FanoutCloudTransport::DoDispose()
{
    FanoutTransport::DoDispose();
    m_device = nullptr;
    m_cloud = nullptr;
}

uint32_t
FanoutCloudTransport::GetOverheadBytes() const
{
    return HEADER_BYTES;
}

uint32_t
FanoutCloudTransport::GetPacketBytes() const
{
    return PACKET_BYTES - HEADER_BYTES;
}

uint32_t
FanoutCloudTransport::GetMaxFrameBytes() const
{
    return MAX_FRAME_BYTES;
}

fanout::Endpoint
FanoutCloudTransport::GetRemoteEndpoint(LinkId link) const
{
    return m_links.Has(link) ? m_cloud->GetEndpoint(link) : fanout::Endpoint();
}

DataRate
FanoutCloudTransport::GetAccessRate() const
{
    return m_device ? m_device->GetUpRate() : DataRate(0);
}

Ptr<FanoutCloudChannel>
FanoutCloudTransport::GetCloud() const
{
    return m_device ? m_device->GetCloud() : nullptr;
}

uint32_t
FanoutCloudTransport::GetNLinks() const
{
    return m_links.GetN();
}

void
FanoutCloudTransport::DoStart()
{
    const Ptr<Node> node = GetNode();
    const Ipv4Address address(GetLocalEndpoint().ip);
    m_device = nullptr;
    for (uint32_t i = 0; i < node->GetNDevices() && !m_device; i++)
    {
        const auto device = DynamicCast<FanoutCloudNetDevice>(node->GetDevice(i));
        m_device = device && device->GetCloudAddress() == address ? device : nullptr;
    }
    NS_ABORT_MSG_IF(!m_device,
                    "node " << node->GetId() << " has no FanoutCloudNetDevice with the address "
                            << address << "; make the network with FanoutCloudHelper");
    m_cloud = m_device->GetCloud();
    m_place = m_cloud->Listen(m_device->GetPlace(), GetLocalEndpoint().port, this);
    NS_ABORT_MSG_IF(m_place == FanoutCloudChannel::NOWHERE,
                    "port " << GetLocalEndpoint().port << " of " << address << " is taken");
    if (IsSilent())
    {
        DoSetSilent(true);
    }
}

void
FanoutCloudTransport::DoStop()
{
    m_cloud->Unlisten(m_place);
    m_links.Clear();
    m_busy = false;
}

fanout::DialResult
FanoutCloudTransport::DoDial(const fanout::Endpoint& endpoint)
{
    if (endpoint.protocol != fanout::Endpoint::Protocol::UDP)
    {
        return {};
    }
    const uint32_t place = m_cloud->Resolve(endpoint);
    if (place == FanoutCloudChannel::NOWHERE)
    {
        return {};
    }
    m_links.Insert(place);
    return {place, fanout::DialState::OPEN};
}

void
FanoutCloudTransport::DoHangUp(LinkId link)
{
    m_links.Erase(link);
}

SendResult
FanoutCloudTransport::DoSend(LinkId link, const fanout::FrameRef& frame)
{
    if (!m_links.Has(link))
    {
        return SendResult::GONE;
    }
    if (frame->IsData() && m_cloud->IsFull(m_place))
    {
        if (!m_busy)
        {
            m_busy = true;
            m_cloud->AwaitDrained(m_place);
        }
        return SendResult::BUSY;
    }
    m_cloud->SendFrame(m_place,
                       link,
                       frame,
                       WireBytes(frame),
                       fanout::NeedsAcknowledge(frame->Kind()));
    return SendResult::ACCEPTED;
}

bool
FanoutCloudTransport::SendAs(const fanout::Endpoint& claimed,
                             const fanout::Endpoint& to,
                             const fanout::FrameRef& frame)
{
    if (!IsStarted() || frame->Wire().size() > MAX_FRAME_BYTES)
    {
        return false;
    }
    const uint32_t from = m_cloud->Resolve(claimed);
    const uint32_t place = m_cloud->Resolve(to);
    if (from == FanoutCloudChannel::NOWHERE || place == FanoutCloudChannel::NOWHERE)
    {
        return false;
    }
    m_cloud->SendFrameAs(m_place, from, place, frame, WireBytes(frame));
    return true;
}

void
FanoutCloudTransport::DoCloseAll()
{
    const auto links = m_links.GetAll();
    m_links.Clear();
    m_busy = false;
    for (const LinkId link : links)
    {
        m_cloud->SendFrame(m_place, link, fanout::FrameRef(), CLOSE_BYTES, false);
    }
    for (const LinkId link : links)
    {
        if (GetHandler())
        {
            GetHandler()->Closed(link);
        }
    }
}

void
FanoutCloudTransport::DoSetSilent(bool silent)
{
    if (m_cloud)
    {
        m_cloud->SetSilent(m_place, silent);
    }
}

fanout::Micros
FanoutCloudTransport::GetNow() const
{
    return m_cloud->GetNow();
}

void
FanoutCloudTransport::WakeAt(fanout::Micros when)
{
    m_cloud->WakeAt(m_place, when);
}

void
FanoutCloudTransport::SetHot(const fanout::HotMemory& hot)
{
    m_cloud->SetHot(m_place, hot);
}

// ---- what the cloud says ----

void
FanoutCloudTransport::HandleFrame(uint32_t from, const fanout::FrameRef& frame)
{
    if (!IsOnline())
    {
        m_cloud->SendFrame(m_place, from, fanout::FrameRef(), CLOSE_BYTES, false);
        return;
    }
    m_links.Insert(from);
    Deliver(from, frame);
}

void
FanoutCloudTransport::HandleClose(uint32_t from)
{
    if (m_links.Erase(from) && GetHandler())
    {
        GetHandler()->Closed(from);
    }
}

void
FanoutCloudTransport::HandleWake()
{
    if (GetHandler())
    {
        GetHandler()->Wake();
    }
}

void
FanoutCloudTransport::HandleDrained()
{
    if (std::exchange(m_busy, false) && GetHandler())
    {
        GetHandler()->Writable(fanout::NO_LINK);
    }
}

bool
FanoutCloudTransport::MayRepeat() const
{
    return IsOnline();
}

void
FanoutCloudTransport::Prefetch(uint32_t depth, uint32_t from) const
{
    if (depth == 1)
    {
        m_links.Prefetch();
    }
    if (GetHandler())
    {
        GetHandler()->Prefetch(depth, from);
    }
}

} // namespace ns3
