/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-transport.h"

#include "ns3/abort.h"
#include "ns3/channel.h"
#include "ns3/double.h"
#include "ns3/ipv4.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/simulator.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTransport");
NS_OBJECT_ENSURE_REGISTERED(FanoutTransport);

namespace
{

constexpr uint64_t LOSS_PURPOSE = 0x6c6f7373; ///< draws of DataFrameLoss

} // namespace

TypeId
FanoutTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutTransport")
            .SetParent<Object>()
            .SetGroupName("FanoutTree")
            .AddAttribute("DataFrameLoss",
                          "Probability that a DATA frame is dropped on arrival, drawn once for "
                          "each overlay hop. In [0, 1].",
                          DoubleValue(0),
                          MakeDoubleAccessor(&FanoutTransport::m_dataFrameLoss),
                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

FanoutTransport::FanoutTransport() = default;

FanoutTransport::FanoutTransport(const FanoutTransport& other)
    : Object(other),
      m_dataFrameLoss(other.m_dataFrameLoss),
      m_faults(other.m_faults)
{
}

FanoutTransport::~FanoutTransport() = default;

Ptr<FanoutTransport>
FanoutTransport::Copy() const
{
    return nullptr;
}

fanout::FrameStore&
FanoutTransport::GetFrameStore()
{
    // Never destroyed: frames may live in other objects with static storage.
    static auto& store = *new fanout::FrameStore;
    return store;
}

void
FanoutTransport::SetHandler(Handler* handler)
{
    m_handler = handler;
}

void
FanoutTransport::SetRandomKey(uint64_t key, uint64_t peerIndex)
{
    m_random = fanout::Random(key, peerIndex, LOSS_PURPOSE);
    m_keyed = true;
}

void
FanoutTransport::SetIdentity(const fanout::SignatureScheme&, uint64_t, uint64_t)
{
}

fanout::Endpoint::Protocol
FanoutTransport::GetProtocol() const
{
    return fanout::Endpoint::Protocol::UDP;
}

void
FanoutTransport::Start(Ptr<Node> node, Ipv4Address address, uint16_t port)
{
    NS_LOG_FUNCTION(this << node << address << port);
    NS_ABORT_MSG_IF(m_started, "this transport has been started already");
    NS_ABORT_MSG_IF(!node, "a transport needs a node");
    NS_ABORT_MSG_IF(port == 0, "port 0 is no port to listen at; allowed are 1 to 65535");
    m_node = node;
    m_local.ip = address.Get();
    m_local.port = port;
    m_local.protocol = GetProtocol();
    if (!m_keyed)
    {
        SetRandomKey(0, m_local.ip);
    }
    m_started = true;
    DoStart();
}

void
FanoutTransport::Stop()
{
    NS_LOG_FUNCTION(this);
    if (m_started)
    {
        m_started = false;
        DoStop();
    }
}

bool
FanoutTransport::IsStarted() const
{
    return m_started;
}

fanout::DialResult
FanoutTransport::Dial(const fanout::Endpoint& endpoint)
{
    if (!m_started || !m_online || !endpoint || endpoint == m_local)
    {
        return {};
    }
    return DoDial(endpoint);
}

void
FanoutTransport::HangUp(fanout::LinkId link)
{
    DoHangUp(link);
}

fanout::SendResult
FanoutTransport::Send(fanout::LinkId link, const fanout::FrameRef& frame)
{
    if (!m_started || !m_online)
    {
        return fanout::SendResult::GONE;
    }
    const auto size = frame->Wire().size();
    if (size > GetMaxFrameBytes())
    {
        if (m_oversizeFrames++ == 0)
        {
            NS_LOG_ERROR("an envelope of " << size << " bytes is not sent; at most "
                                           << GetMaxFrameBytes() << " bytes are possible");
        }
        return fanout::SendResult::GONE;
    }
    return DoSend(link, frame);
}

void
FanoutTransport::SetOnline(bool online)
{
    NS_LOG_FUNCTION(this << online);
    if (online == m_online)
    {
        return;
    }
    m_online = online;
    if (!online && m_started)
    {
        DoCloseAll();
    }
}

void
FanoutTransport::SetSilent(bool silent)
{
    NS_LOG_FUNCTION(this << silent);
    if (silent != m_silent)
    {
        m_silent = silent;
        DoSetSilent(silent);
    }
}

bool
FanoutTransport::IsSilent() const
{
    return m_silent;
}

void
FanoutTransport::DoSetSilent(bool)
{
}

fanout::Micros
FanoutTransport::GetNow() const
{
    return Simulator::Now().GetMicroSeconds();
}

void
FanoutTransport::SetHot(const fanout::HotMemory&)
{
}

fanout::Endpoint
FanoutTransport::GetLocalEndpoint() const
{
    return m_local;
}

Ptr<NetDevice>
FanoutTransport::GetAccessDevice() const
{
    Ptr<Ipv4> ipv4 = m_node ? m_node->GetObject<Ipv4>() : nullptr;
    const int32_t interface = ipv4 ? ipv4->GetInterfaceForAddress(Ipv4Address(m_local.ip)) : -1;
    return interface < 0 ? nullptr : ipv4->GetNetDevice(interface);
}

DataRate
FanoutTransport::GetAccessRate() const
{
    DataRateValue rate(DataRate(0));
    Ptr<NetDevice> device = GetAccessDevice();
    if (device && !device->GetAttributeFailSafe("DataRate", rate) && device->GetChannel())
    {
        device->GetChannel()->GetAttributeFailSafe("DataRate", rate);
    }
    return rate.Get();
}

uint64_t
FanoutTransport::GetLostDataFrames() const
{
    return m_lostDataFrames;
}

uint64_t
FanoutTransport::GetOversizeFrames() const
{
    return m_oversizeFrames;
}

void
FanoutTransport::DoDispose()
{
    Stop();
    m_handler = nullptr;
    m_node = nullptr;
    Object::DoDispose();
}

Ptr<Node>
FanoutTransport::GetNode() const
{
    return m_node;
}

void
FanoutTransport::SetFaults(Ptr<FanoutFaults> faults)
{
    m_faults = faults;
}

Ptr<FanoutFaults>
FanoutTransport::GetFaults() const
{
    return m_faults;
}

void
FanoutTransport::DeliverFaulty(fanout::LinkId link, const fanout::FrameRef& frame)
{
    const auto fate = m_faults->Judge(GetRemoteEndpoint(link).ip, m_local.ip, frame);
    for (uint32_t i = 0; i < fate.copies; i++)
    {
        if (fate.late[i].IsStrictlyPositive())
        {
            Simulator::ScheduleWithContext(m_node->GetId(),
                                           fate.late[i],
                                           &FanoutTransport::DeliverLate,
                                           Ptr<FanoutTransport>(this),
                                           link,
                                           frame);
        }
        else
        {
            Pass(link, frame);
        }
    }
}

void
FanoutTransport::DeliverLate(fanout::LinkId link, fanout::FrameRef frame)
{
    if (m_started && m_online && !m_silent)
    {
        Pass(link, frame);
    }
}

} // namespace ns3
