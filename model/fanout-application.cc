/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-application.h"

#include "ns3/fanout-draw-key.h"
#include "ns3/fanout-random.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutApplication");

namespace
{

/// Names of the roles, in their order.
constexpr const char* ROLE_NAMES[] = {"idle", "root", "tracker", "relay", "leaf"};

} // namespace

std::string
FanoutRoleName(FanoutRole role)
{
    return ROLE_NAMES[static_cast<std::size_t>(role)];
}

FanoutRole
FanoutRoleFromName(const std::string& name)
{
    const auto found = std::find(std::begin(ROLE_NAMES), std::end(ROLE_NAMES), name);
    if (found == std::end(ROLE_NAMES))
    {
        throw std::invalid_argument("FanoutApplication: role '" + name +
                                    "' is unknown; allowed are idle, root, tracker, relay, leaf");
    }
    return static_cast<FanoutRole>(found - std::begin(ROLE_NAMES));
}

// ---- before the start ----

void
FanoutApplication::SetTransport(Ptr<FanoutTransport> transport)
{
    if (m_started)
    {
        throw std::logic_error("FanoutApplication: the transport cannot change once the "
                               "application has started");
    }
    m_transport = transport;
}

Ptr<FanoutTransport>
FanoutApplication::GetTransport() const
{
    return m_transport;
}

void
FanoutApplication::SetLocal(const Address& local)
{
    if (!InetSocketAddress::IsMatchingType(local) ||
        InetSocketAddress::ConvertFrom(local).GetPort() == 0)
    {
        throw std::invalid_argument("FanoutApplication: Local must be an InetSocketAddress with a "
                                    "port from 1 to 65535");
    }
    const auto socket = InetSocketAddress::ConvertFrom(local);
    m_localAddress = socket.GetIpv4().Get();
    m_localPort = socket.GetPort();
}

Address
FanoutApplication::GetLocal() const
{
    return InetSocketAddress(Ipv4Address(m_localAddress), m_localPort);
}

void
FanoutApplication::SetRole(FanoutRole role)
{
    if (m_started)
    {
        throw std::logic_error("FanoutApplication: the role cannot change once the application "
                               "has started");
    }
    m_role = role;
}

FanoutRole
FanoutApplication::GetRole() const
{
    return m_role;
}

void
FanoutApplication::SetRoleName(std::string name)
{
    SetRole(FanoutRoleFromName(name));
}

std::string
FanoutApplication::GetRoleName() const
{
    return FanoutRoleName(m_role);
}

void
FanoutApplication::SetIndex(uint32_t index)
{
    if (m_started)
    {
        throw std::logic_error("FanoutApplication: the index cannot change once the application "
                               "has started");
    }
    m_index = index;
}

uint32_t
FanoutApplication::GetIndex() const
{
    if (m_index != INDEX_OF_NODE)
    {
        return m_index;
    }
    const auto node = GetNode();
    return node ? node->GetId() : m_index;
}

void
FanoutApplication::SetJoinAtStart(bool join)
{
    m_joinAtStart = join;
}

void
FanoutApplication::SetRandomKey(uint64_t key)
{
    if (m_started)
    {
        throw std::logic_error("FanoutApplication: random draws cannot be assigned once the "
                               "application has started");
    }
    m_randomKey = key;
    m_hasRandomKey = true;
}

int64_t
FanoutApplication::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    SetRandomKey(fanout::DrawKey(stream));
    return 1;
}

// ---- life ----

void
FanoutApplication::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_startEvent = EventId(); // 48 bytes that would be held for good
    if (m_role == FanoutRole::IDLE)
    {
        return;
    }
    m_run = FanoutRun::Get();
    m_run->Begin();
    m_index = GetIndex();
    m_nodeId = GetNode()->GetId();
    if (!m_hasRandomKey)
    {
        m_randomKey = m_run->GetRandomKey();
    }
    if (!m_transport)
    {
        ObjectFactory factory("ns3::FanoutUdpTransport");
        m_transport = factory.Create<FanoutTransport>();
    }
    m_started = true;
    m_joining = m_joinAtStart && m_role != FanoutRole::TRACKER;
    Up();
}

void
FanoutApplication::StopApplication()
{
    NS_LOG_FUNCTION(this);
    if (!m_started)
    {
        return;
    }
    Leave();
    if (m_up)
    {
        Down();
    }
    m_started = false;
    m_restartLater = false;
}

void
FanoutApplication::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_up = false;
    m_started = false;
    if (m_transport)
    {
        m_transport->SetHandler(nullptr);
        m_transport->Dispose();
        m_transport = nullptr;
    }
    DropObservers();
    Application::DoDispose();
}

void
FanoutApplication::Up()
{
    const auto address =
        m_localAddress == 0 ? GetNodeAddress(GetNode()) : Ipv4Address(m_localAddress);
    m_transport->SetRandomKey(GetProcessKey(), GetIndex());
    m_transport->SetIdentity(*m_run->GetCommons().signatures, m_run->GetSeed(), GetIndex());
    m_transport->SetHandler(this);
    m_transport->Start(GetNode(), address, m_localPort);
    m_up = true;
    NS_LOG_INFO("peer " << GetIndex() << " (" << GetRoleName() << ") listens at "
                        << m_transport->GetLocalEndpoint().ToText());
    Input(
        [this]
        {
            DoStart();
            if (m_joining)
            {
                DoJoin();
            }
        });
    TellHot();
}

void
FanoutApplication::TellHot()
{
    // An observer may have ended the process.
    if (m_up)
    {
        const auto begin = reinterpret_cast<const uint8_t*>(static_cast<const Handler*>(this));
        const auto end = reinterpret_cast<const uint8_t*>(this + 1) + sizeof(void*);
        fanout::HotMemory hot;
        hot.pieces[0] = fanout::ByteView(begin, static_cast<std::size_t>(end - begin));
        hot.pieces[2] = m_sink ? m_sink->GetHot(m_index) : fanout::ByteView();
        DoGetHot(hot);
        m_transport->SetHot(hot);
    }
}

void
FanoutApplication::Down()
{
    m_up = false;
    DoStop();
    m_transport->WakeAt(fanout::NEVER);
    m_transport->SetHandler(nullptr);
    if (!m_inTransport)
    {
        m_transport->Stop();
        return;
    }
    // The transport is up the stack, with its tables in hand.
    m_downLater = true;
    Simulator::ScheduleWithContext(GetNode()->GetId(),
                                   Time(0),
                                   &FanoutApplication::DownLater,
                                   Ptr<FanoutApplication>(this));
}

void
FanoutApplication::DownLater()
{
    if (!m_transport || !m_downLater)
    {
        return;
    }
    m_downLater = false;
    m_transport->Stop();
    if (std::exchange(m_restartLater, false))
    {
        Up();
    }
}

// ---- what the user does ----

void
FanoutApplication::Join()
{
    NS_LOG_FUNCTION(this);
    if (m_role == FanoutRole::TRACKER || m_role == FanoutRole::IDLE)
    {
        throw std::logic_error("FanoutApplication: a peer whose role is " + GetRoleName() +
                               " has no channel to join; allowed are root, relay and leaf");
    }
    if (!m_started)
    {
        m_joinAtStart = true;
        return;
    }
    RequireUp("Join");
    m_joining = true;
    Input([this] { DoJoin(); });
    TellHot();
}

void
FanoutApplication::Leave()
{
    NS_LOG_FUNCTION(this);
    if (!m_started)
    {
        m_joinAtStart = false;
        return;
    }
    if (m_up && m_joining)
    {
        Input([this] { DoLeave(); });
    }
    m_joining = false;
}

void
FanoutApplication::Crash()
{
    NS_LOG_FUNCTION(this);
    if (!m_started)
    {
        throw std::logic_error("FanoutApplication: Crash() before the application has started or "
                               "after it has stopped");
    }
    m_restartLater = false;
    if (m_up)
    {
        m_crashes++;
        Down();
    }
}

void
FanoutApplication::Restart()
{
    NS_LOG_FUNCTION(this);
    if (!m_started)
    {
        throw std::logic_error("FanoutApplication: Restart() before the application has started "
                               "or after it has stopped");
    }
    if (m_downLater)
    {
        m_restartLater = true;
    }
    else if (!m_up)
    {
        Up();
    }
}

uint32_t
FanoutApplication::Publish(Ptr<const Packet> payload)
{
    if (!payload)
    {
        throw std::invalid_argument("FanoutApplication: Publish got null");
    }
    std::vector<uint8_t> bytes(payload->GetSize());
    payload->CopyData(bytes.data(), static_cast<uint32_t>(bytes.size()));
    return Publish(bytes.data(), static_cast<uint32_t>(bytes.size()));
}

uint32_t
FanoutApplication::Publish(uint32_t size)
{
    const std::vector<uint8_t> zeros(size);
    return Publish(zeros.data(), size);
}

uint32_t
FanoutApplication::Publish(const uint8_t* data, uint32_t size)
{
    NS_LOG_FUNCTION(this << size);
    if (m_role != FanoutRole::ROOT)
    {
        throw std::logic_error("FanoutApplication: a peer whose role is " + GetRoleName() +
                               " cannot publish; only the root can");
    }
    if (size == 0)
    {
        throw std::invalid_argument("FanoutApplication: Publish got 0 bytes; at least 1 is needed");
    }
    RequireUp("Publish");
    uint32_t seq = 0;
    Input([&] { seq = DoPublish(fanout::ByteView(data, size)); });
    return seq;
}

void
FanoutApplication::PublishEnd()
{
    NS_LOG_FUNCTION(this);
    if (m_role != FanoutRole::ROOT)
    {
        throw std::logic_error("FanoutApplication: a peer whose role is " + GetRoleName() +
                               " cannot end the channel; only the root can");
    }
    RequireUp("PublishEnd");
    Input([this] { DoPublishEnd(); });
}

Ptr<Packet>
FanoutApplication::MakePacket(const fanout::DeliverEvent& event)
{
    if (!event.frame)
    {
        return Create<Packet>(event.size);
    }
    const auto payload = event.frame->Payload();
    return Create<Packet>(payload.data(), static_cast<uint32_t>(payload.size()));
}

// ---- what anybody may ask ----

bool
FanoutApplication::IsStarted() const
{
    return m_started;
}

bool
FanoutApplication::IsUp() const
{
    return m_up;
}

bool
FanoutApplication::IsOnline() const
{
    return m_up && m_transport->IsOnline() && !m_transport->IsSilent();
}

bool
FanoutApplication::IsJoined() const
{
    return m_up && GetStatus().attached;
}

bool
FanoutApplication::HasEverJoined() const
{
    return m_everJoined;
}

bool
FanoutApplication::IsPublisher() const
{
    return m_role == FanoutRole::ROOT;
}

bool
FanoutApplication::IsSubscriber() const
{
    return m_role == FanoutRole::RELAY || m_role == FanoutRole::LEAF;
}

fanout::PeerId
FanoutApplication::GetParent() const
{
    return GetStatus().parent;
}

uint16_t
FanoutApplication::GetLevel() const
{
    return GetStatus().level;
}

fanout::Endpoint
FanoutApplication::GetEndpoint() const
{
    return m_up ? m_transport->GetLocalEndpoint() : fanout::Endpoint();
}

Ptr<FanoutRun>
FanoutApplication::GetRun() const
{
    return m_run ? m_run : FanoutRun::Get();
}

Ipv4Address
FanoutApplication::GetNodeAddress(Ptr<Node> node)
{
    const auto ipv4 = node->GetObject<Ipv4>();
    for (uint32_t i = 0; ipv4 && i < ipv4->GetNInterfaces(); i++)
    {
        for (uint32_t j = 0; j < ipv4->GetNAddresses(i); j++)
        {
            const auto address = ipv4->GetAddress(i, j).GetLocal();
            if (!address.IsLocalhost() && address != Ipv4Address::GetAny())
            {
                return address;
            }
        }
    }
    throw std::invalid_argument("FanoutApplication: node " + std::to_string(node->GetId()) +
                                " has no IPv4 address besides loopback; assign one, or set Local");
}

fanout::Environment&
FanoutApplication::GetEnvironment()
{
    return *this;
}

uint64_t
FanoutApplication::GetProcessKey() const
{
    return m_crashes == 0 ? m_randomKey : fanout::Mix64(m_randomKey ^ m_crashes);
}

void
FanoutApplication::RequireUp(const char* call) const
{
    if (!m_up)
    {
        throw std::logic_error("FanoutApplication: " + std::string(call) + "() on peer " +
                               std::to_string(GetIndex()) +
                               (m_started ? ", which has crashed; call Restart() first"
                                          : ", which has not started or has stopped"));
    }
}

} // namespace ns3
