/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-transport.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/simulator.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

using fanout::LinkId;
using fanout::Micros;
using fanout::SendResult;
using fanout::TcpHello;

NS_LOG_COMPONENT_DEFINE("FanoutTcpTransport");
NS_OBJECT_ENSURE_REGISTERED(FanoutTcpTransport);

namespace
{

Micros
MicrosNow()
{
    return Simulator::Now().GetMicroSeconds();
}

Ptr<const AttributeChecker>
Within(Time least, Time most)
{
    return MakeTimeChecker(least, most);
}

} // namespace

TypeId
FanoutTcpTransport::GetTypeId()
{
    static TypeId tid = AddSocketAttributes(
        TypeId("ns3::FanoutTcpTransport")
            .SetParent<FanoutTransport>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutTcpTransport>()
            .AddAttribute("MaxFrameBytes",
                          "Largest envelope sent or taken, bytes. In [1024, 15001000].",
                          UintegerValue(1 << 20),
                          MakeUintegerAccessor(&FanoutTcpTransport::m_maxFrameBytes),
                          MakeUintegerChecker<uint32_t>(1024, fanout::TcpStream::MAX_FRAME_BYTES))
            .AddAttribute("MaxLinks",
                          "Most links at a time; more are refused. At least 1.",
                          UintegerValue(65536),
                          MakeUintegerAccessor(&FanoutTcpTransport::m_maxLinks),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("MaxStrangers",
                          "Most connections at a time that others opened and that have sent no "
                          "hello yet; more are reset. At least 1.",
                          UintegerValue(4096),
                          MakeUintegerAccessor(&FanoutTcpTransport::m_maxStrangers),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("HelloTimeout",
                          "A connection without the other end's hello is given up after that. In "
                          "[100 ms, 10 min].",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&FanoutTcpTransport::m_helloTimeout),
                          Within(MilliSeconds(100), Minutes(10)))
            .AddAttribute("StallTimeout",
                          "A connection whose frame stopped half way is reset after that. In [100 "
                          "ms, 10 min].",
                          TimeValue(Seconds(30)),
                          MakeTimeAccessor(&FanoutTcpTransport::m_stallTimeout),
                          Within(MilliSeconds(100), Minutes(10)))
            .AddAttribute("IdleTimeout",
                          "A link that the other end opened is closed after that without a frame "
                          "in either direction. In [1 s, 1 day].",
                          TimeValue(Seconds(120)),
                          MakeTimeAccessor(&FanoutTcpTransport::m_idleTimeout),
                          Within(Seconds(1), Days(1)))
            .AddAttribute("CloseTimeout",
                          "What waits and the end of a connection are sent within that, else it "
                          "vanishes. In [100 ms, 10 min].",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&FanoutTcpTransport::m_closeTimeout),
                          Within(MilliSeconds(100), Minutes(10))));
    return tid;
}

TypeId
FanoutTcpTransport::AddSocketAttributes(TypeId tid)
{
    return tid
        .AddAttribute("SegmentSize",
                      "Payload of a TCP segment, bytes; cut to what the device carries. In [500, "
                      "65000].",
                      UintegerValue(1448),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_segmentSize),
                      MakeUintegerChecker<uint32_t>(500, 65000))
        .AddAttribute("SndBufSize",
                      "Send buffer of a connection, bytes: the queue that the protocol does not "
                      "see. In [4096, 2^24].",
                      UintegerValue(65536),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_sndBufSize),
                      MakeUintegerChecker<uint32_t>(4096, 1 << 24))
        .AddAttribute("RcvBufSize",
                      "Receive buffer of a connection, bytes; what has arrived in order does not "
                      "stay in it. In [4096, 2^24].",
                      UintegerValue(131072),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_rcvBufSize),
                      MakeUintegerChecker<uint32_t>(4096, 1 << 24))
        .AddAttribute("DelAckCount",
                      "Segments that one acknowledgement answers. In [1, 16].",
                      UintegerValue(2),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_delAckCount),
                      MakeUintegerChecker<uint32_t>(1, 16))
        .AddAttribute("DelAckTimeout",
                      "Longest delay of an acknowledgement. In [1 ms, 1 s].",
                      TimeValue(MilliSeconds(40)),
                      MakeTimeAccessor(&FanoutTcpTransport::m_delAckTimeout),
                      Within(MilliSeconds(1), Seconds(1)))
        .AddAttribute("ConnTimeout",
                      "Wait before a SYN is sent again; doubles. In [100 ms, 1 min].",
                      TimeValue(Seconds(1)),
                      MakeTimeAccessor(&FanoutTcpTransport::m_connTimeout),
                      Within(MilliSeconds(100), Minutes(1)))
        .AddAttribute("ConnCount",
                      "Times a SYN is sent. In [1, 10].",
                      UintegerValue(4),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_connCount),
                      MakeUintegerChecker<uint32_t>(1, 10))
        .AddAttribute("DataRetries",
                      "Times a segment is sent again before the connection is given up. In [1, "
                      "20].",
                      UintegerValue(6),
                      MakeUintegerAccessor(&FanoutTcpTransport::m_dataRetries),
                      MakeUintegerChecker<uint32_t>(1, 20))
        .AddAttribute("MinRto",
                      "Least wait before a segment is sent again. In [10 ms, 1 min].",
                      TimeValue(MilliSeconds(200)),
                      MakeTimeAccessor(&FanoutTcpTransport::m_minRto),
                      Within(MilliSeconds(10), Minutes(1)))
        .AddAttribute("MaxSegLifetime",
                      "Half of the time that a closed connection keeps its port. In [1 ms, 10 "
                      "min].",
                      TimeValue(Seconds(1)),
                      MakeTimeAccessor(&FanoutTcpTransport::m_maxSegLifetime),
                      Within(MilliSeconds(1), Minutes(10)))
        .AddAttribute("TcpNoDelay",
                      "Whether small segments are sent at once; without, they wait for an "
                      "acknowledgement (Nagle).",
                      BooleanValue(true),
                      MakeBooleanAccessor(&FanoutTcpTransport::m_noDelay),
                      MakeBooleanChecker());
}

FanoutTcpTransport::FanoutTcpTransport() = default;

FanoutTcpTransport::~FanoutTcpTransport() = default;

void
FanoutTcpTransport::DoDispose()
{
    FanoutTransport::DoDispose();
    m_gate = nullptr;
}

void
FanoutTcpTransport::SetIdentity(const fanout::SignatureScheme& scheme,
                                uint64_t seed,
                                uint64_t index)
{
    m_scheme = &scheme;
    m_seed = seed;
    m_index = index;
}

fanout::Endpoint::Protocol
FanoutTcpTransport::GetProtocol() const
{
    return fanout::Endpoint::Protocol::TCP;
}

uint32_t
FanoutTcpTransport::GetOverheadBytes() const
{
    return 2 + TCP_IP_BYTES;
}

uint32_t
FanoutTcpTransport::GetPacketBytes() const
{
    const uint32_t segment = m_segment > 0 ? m_segment : m_segmentSize;
    return segment - static_cast<uint32_t>(fanout::TcpStream::PrefixBytes(segment));
}

uint32_t
FanoutTcpTransport::GetMaxFrameBytes() const
{
    return m_maxFrameBytes;
}

fanout::Endpoint
FanoutTcpTransport::GetRemoteEndpoint(LinkId id) const
{
    fanout::Endpoint endpoint;
    if (const Link* link = m_links.Find(id))
    {
        endpoint.ip = link->ip;
        endpoint.port = link->port;
        endpoint.protocol = fanout::Endpoint::Protocol::TCP;
    }
    return endpoint;
}

const FanoutTcpTransport::Counters&
FanoutTcpTransport::GetCounters() const
{
    return m_counters;
}

uint32_t
FanoutTcpTransport::GetNLinks() const
{
    return static_cast<uint32_t>(m_links.GetN());
}

uint32_t
FanoutTcpTransport::GetNConnections() const
{
    return static_cast<uint32_t>(m_connections.size());
}

fanout::PeerId
FanoutTcpTransport::GetRemotePeer(LinkId id) const
{
    const Link* link = m_links.Find(id);
    return link ? link->peer : fanout::PeerId();
}

// ---- what the owner asks for ----

void
FanoutTcpTransport::DoStart()
{
    const Ptr<Node> node = GetNode();
    const Ipv4Address address(GetLocalEndpoint().ip);
    const Ptr<NetDevice> device = GetAccessDevice();
    NS_ABORT_MSG_IF(!device, address << " is no address of node " << node->GetId());
    NS_ABORT_MSG_IF(!node->GetObject<TcpL4Protocol>(),
                    "node " << node->GetId()
                            << " has no TCP; make the network with "
                               "SetStack(FanoutStackHelper::LEAN_TCP), or use InternetStackHelper");
    NS_ABORT_MSG_IF(device->GetMtu() < 576,
                    "the device of " << address << " carries packets of " << device->GetMtu()
                                     << " bytes; at least 576 are needed");
    NS_ABORT_MSG_IF(!m_scheme, "FanoutTcpTransport: SetIdentity must be called before Start");
    m_segment = std::min<uint32_t>(m_segmentSize, device->GetMtu() - TCP_IP_BYTES);
    const fanout::Identity identity = m_scheme->Derive(m_seed, m_index);
    m_self = identity.id;
    m_hello = TcpHello::Write(*m_scheme, identity, GetLocalEndpoint());
    const uint8_t prefix[] = {static_cast<uint8_t>(m_hello.size())};
    m_hello.insert(m_hello.begin(), std::begin(prefix), std::end(prefix));
    m_gate = FanoutTcpGate::Of(node);
    m_listener = MakeSocket();
    NS_ABORT_MSG_IF(m_listener->Bind(InetSocketAddress(address, GetLocalEndpoint().port)) != 0,
                    "TCP port " << GetLocalEndpoint().port << " of " << address << " is taken");
    m_listener->SetAcceptCallback(MakeCallback(&FanoutTcpTransport::HandleRequest, this),
                                  MakeCallback(&FanoutTcpTransport::HandleAccept, this));
    m_listener->Listen();
    if (IsSilent())
    {
        DoSetSilent(true);
    }
}

void
FanoutTcpTransport::DoStop()
{
    m_timer.Cancel();
    m_timerAt = fanout::NEVER;
    m_deadlines = {};
    m_links.Clear();
    for (const auto& entry : m_connections)
    {
        entry.second->state = Connection::State::GONE;
        entry.second->socket->Vanish();
    }
    m_connections.clear();
    m_strangers = 0;
    if (m_listener)
    {
        m_listener->Vanish();
        m_listener = nullptr;
    }
    DoSetSilent(false);
}

void
FanoutTcpTransport::DoSetSilent(bool silent)
{
    if (!m_gate || silent == m_shut || (silent && !IsStarted()))
    {
        return;
    }
    m_shut = silent;
    if (silent)
    {
        m_gate->Shut();
    }
    else
    {
        m_gate->Open();
    }
}

fanout::DialResult
FanoutTcpTransport::DoDial(const fanout::Endpoint& endpoint)
{
    if (endpoint.protocol != fanout::Endpoint::Protocol::TCP)
    {
        return {};
    }
    Link* link = m_links.FindPlace(endpoint.ip, endpoint.port);
    if (link)
    {
        return {link->id, link->open ? fanout::DialState::OPEN : fanout::DialState::DIALING};
    }
    if (m_links.GetN() >= m_maxLinks)
    {
        return {};
    }
    const Ptr<FanoutTcpSocket> socket = MakeSocket();
    const Ipv4Address local(GetLocalEndpoint().ip);
    const Ipv4Address remote(endpoint.ip);
    socket->Bind(InetSocketAddress(local, 0));
    if (socket->Connect(InetSocketAddress(remote, endpoint.port)) != 0)
    {
        socket->Vanish();
        return {};
    }
    Address from;
    socket->GetSockName(from);
    NS_ABORT_MSG_IF(InetSocketAddress::ConvertFrom(from).GetIpv4() != local,
                    "packets to " << remote << " leave with the source "
                                  << InetSocketAddress::ConvertFrom(from).GetIpv4()
                                  << ", but the peer listens at " << local
                                  << "; others would refuse its hello: give it one address on all "
                                     "interfaces, or set Local to that source");
    link = m_links.Add(endpoint.ip, endpoint.port);
    if (!link)
    {
        socket->Vanish();
        return {};
    }
    link->main = Begin(socket, true);
    link->main->link = link->id;
    m_counters.dialled++;
    return {link->id, fanout::DialState::DIALING};
}

void
FanoutTcpTransport::DoHangUp(LinkId id)
{
    const Link* link = m_links.Find(id);
    if (!link)
    {
        return;
    }
    const Ptr<Connection> main = link->main;
    const Ptr<Connection> other = link->other;
    m_links.Remove(id);
    for (const auto& c : {main, other})
    {
        if (c)
        {
            Close(c);
        }
    }
}

SendResult
FanoutTcpTransport::DoSend(LinkId id, const fanout::FrameRef& frame)
{
    Link* link = m_links.Find(id);
    if (!link)
    {
        return SendResult::GONE;
    }
    if (link->main->IsFull(frame->IsData()))
    {
        link->blocked = true;
        m_counters.full++;
        return SendResult::FULL;
    }
    link->main->usedAt = MicrosNow();
    link->main->Send(frame);
    return SendResult::ACCEPTED;
}

void
FanoutTcpTransport::DoCloseAll()
{
    const std::vector<LinkId> told = m_links.GetIds();
    m_links.Clear();
    std::vector<Ptr<Connection>> all;
    for (const auto& entry : m_connections)
    {
        all.push_back(entry.second);
    }
    std::sort(all.begin(),
              all.end(),
              [](const auto& a, const auto& b) { return a->serial < b->serial; });
    for (const auto& c : all)
    {
        if (c->link == fanout::NO_LINK)
        {
            Refuse(c, m_counters.unheard);
        }
        else if (c->state != Connection::State::CLOSING)
        {
            Close(c);
        }
    }
    for (LinkId id : told)
    {
        if (GetHandler())
        {
            GetHandler()->Closed(id);
        }
    }
}

} // namespace ns3
