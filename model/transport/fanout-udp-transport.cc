/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-udp-transport.h"

#include "ns3/abort.h"
#include "ns3/fanout-messages.h"
#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <vector>

namespace ns3
{

using fanout::LinkId;
using fanout::Micros;
using fanout::SendResult;

NS_LOG_COMPONENT_DEFINE("FanoutUdpTransport");
NS_OBJECT_ENSURE_REGISTERED(FanoutUdpTransport);

namespace
{

constexpr uint32_t IP_BYTES = 20;               // header of each fragment
constexpr uint32_t DEFAULT_PAYLOAD = 1472;      // of a packet of 1500 bytes
constexpr Micros RATE_SPACING = fanout::SECOND; // between two looks at the rate of the access link

/// Room for one datagram. Every use ends before anything that might use it again begins.
std::array<uint8_t, FanoutUdpTransport::MAX_UDP_PAYLOAD>&
Scratch()
{
    static std::array<uint8_t, FanoutUdpTransport::MAX_UDP_PAYLOAD> bytes;
    return bytes;
}

Micros
MicrosNow()
{
    return Simulator::Now().GetMicroSeconds();
}

} // namespace

TypeId
FanoutUdpTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutUdpTransport")
            .SetParent<FanoutTransport>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutUdpTransport>()
            .AddAttribute("PacingRate",
                          "Rate at which the access link is taken to send; 0 takes the rate of "
                          "the device that has the address, looked at once a second, and paces "
                          "nothing when that is unknown.",
                          DataRateValue(DataRate(0)),
                          MakeDataRateAccessor(&FanoutUdpTransport::m_pacingRate),
                          MakeDataRateChecker())
            .AddAttribute("PacingBacklog",
                          "Bytes not yet sent by the access link beyond which frames are refused "
                          "with BUSY. At least 1.",
                          UintegerValue(64 * 1024),
                          MakeUintegerAccessor(&FanoutUdpTransport::m_pacingBacklog),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("MaxLinks",
                          "Most links at a time; more are refused. At least 1.",
                          UintegerValue(65536),
                          MakeUintegerAccessor(&FanoutUdpTransport::m_maxLinks),
                          MakeUintegerChecker<uint32_t>(1));
    return tid;
}

FanoutUdpTransport::FanoutUdpTransport()
    : m_payload(DEFAULT_PAYLOAD)
{
}

FanoutUdpTransport::~FanoutUdpTransport() = default;

uint32_t
FanoutUdpTransport::GetOverheadBytes() const
{
    return Datagram::MIN_BYTES + UDP_IP_BYTES;
}

uint32_t
FanoutUdpTransport::GetPacketBytes() const
{
    return m_payload - Datagram::MAX_BYTES;
}

uint32_t
FanoutUdpTransport::GetMaxFrameBytes() const
{
    return MAX_UDP_PAYLOAD - Datagram::MAX_BYTES;
}

fanout::Endpoint
FanoutUdpTransport::GetRemoteEndpoint(LinkId id) const
{
    fanout::Endpoint endpoint;
    if (const Link* link = m_links.Find(id))
    {
        endpoint.ip = link->ip;
        endpoint.port = link->port;
    }
    return endpoint;
}

const FanoutUdpTransport::Counters&
FanoutUdpTransport::GetCounters() const
{
    return m_counters;
}

uint32_t
FanoutUdpTransport::GetNLinks() const
{
    return m_links.GetN();
}

uint32_t
FanoutUdpTransport::GetBacklog() const
{
    return static_cast<uint32_t>(m_pacer.GetBacklog(MicrosNow()));
}

void
FanoutUdpTransport::DoStart()
{
    const Ipv4Address address(GetLocalEndpoint().ip);
    const uint16_t port = GetLocalEndpoint().port;
    Ptr<NetDevice> device = GetAccessDevice();
    NS_ABORT_MSG_IF(!device, address << " is no address of node " << GetNode()->GetId());
    NS_ABORT_MSG_IF(device->GetMtu() < 576,
                    "the device of " << address << " carries packets of " << device->GetMtu()
                                     << " bytes; at least 576 are needed");
    m_payload = device->GetMtu() - UDP_IP_BYTES;
    m_pacer.Configure(GetPacingRate(), m_pacingBacklog);
    m_rateAt = MicrosNow();
    m_epoch += static_cast<uint16_t>(MicrosNow() / fanout::MILLISECOND);
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    NS_ABORT_MSG_IF(m_socket->Bind(InetSocketAddress(address, port)) != 0,
                    "UDP port " << port << " of " << address << " is taken");
    m_socket->SetRecvCallback(MakeCallback(&FanoutUdpTransport::HandleRead, this));
}

uint64_t
FanoutUdpTransport::GetPacingRate() const
{
    return (m_pacingRate.GetBitRate() > 0 ? m_pacingRate : GetAccessRate()).GetBitRate();
}

void
FanoutUdpTransport::DoStop()
{
    m_timer.Cancel();
    m_drained.Cancel();
    m_timerAt = fanout::NEVER;
    m_links.Clear();
    m_deadlines = {};
    if (m_socket)
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket->Close();
        m_socket = nullptr;
    }
}

fanout::DialResult
FanoutUdpTransport::DoDial(const fanout::Endpoint& endpoint)
{
    if (endpoint.protocol != fanout::Endpoint::Protocol::UDP)
    {
        return {};
    }
    Link* link = m_links.FindPlace(endpoint.ip, endpoint.port);
    if (!link)
    {
        link = Open(endpoint.ip, endpoint.port);
    }
    if (!link)
    {
        return {};
    }
    link->Revive();
    link->dialled = true;
    return {link->id, fanout::DialState::OPEN};
}

void
FanoutUdpTransport::DoHangUp(LinkId id)
{
    Link* link = m_links.Find(id);
    if (link && !link->IsLingering())
    {
        link->Linger(MicrosNow());
        Arm(*link);
    }
}

SendResult
FanoutUdpTransport::DoSend(LinkId id, const fanout::FrameRef& frame)
{
    Link* link = m_links.Find(id);
    if (!link || link->IsLingering())
    {
        return SendResult::GONE;
    }
    if (frame->IsData() && IsFull())
    {
        m_counters.full++;
        return SendResult::BUSY;
    }
    if (!fanout::NeedsAcknowledge(frame->Kind()))
    {
        Transmit(*link, frame, -1);
        return SendResult::ACCEPTED;
    }
    if (!link->TakesNumber())
    {
        m_counters.full++;
        return SendResult::FULL;
    }
    Transmit(*link, frame, link->Number(frame, MicrosNow()));
    Arm(*link);
    return SendResult::ACCEPTED;
}

void
FanoutUdpTransport::DoCloseAll()
{
    std::vector<LinkId> told = m_links.GetIds();
    const auto lingering = [this](LinkId id) { return m_links.Find(id)->IsLingering(); };
    for (LinkId id : told)
    {
        TransmitClose(m_links.Find(id)->ip, m_links.Find(id)->port);
    }
    told.erase(std::remove_if(told.begin(), told.end(), lingering), told.end());
    m_links.Clear();
    m_deadlines = {};
    for (LinkId id : told)
    {
        if (GetHandler())
        {
            GetHandler()->Closed(id);
        }
    }
}

FanoutUdpTransport::Link*
FanoutUdpTransport::Open(uint32_t ip, uint16_t port)
{
    return m_links.GetN() < m_maxLinks ? m_links.Add(ip, port, ++m_epoch, MicrosNow()) : nullptr;
}

void
FanoutUdpTransport::HandleRead(Ptr<Socket> socket)
{
    Address from;
    // The handler may stop the transport, and then there is no socket any more.
    while (Ptr<Packet> packet = m_socket ? socket->RecvFrom(from) : nullptr)
    {
        m_counters.received++;
        const auto address = InetSocketAddress::ConvertFrom(from);
        if (IsSilent())
        {
            m_counters.unheard++;
            continue;
        }
        const uint32_t size = packet->CopyData(Scratch().data(), Scratch().size());
        HandleDatagram({Scratch().data(), size}, address.GetIpv4().Get(), address.GetPort());
    }
}

void
FanoutUdpTransport::HandleDatagram(fanout::ByteView bytes, uint32_t ip, uint16_t port)
{
    Datagram datagram;
    if (!Datagram::Parse(bytes, datagram))
    {
        NS_LOG_INFO("malformed datagram of " << bytes.size() << " bytes from " << Ipv4Address(ip));
        m_counters.malformed++;
    }
    else if (!IsOnline())
    {
        m_counters.unheard++;
        if (!datagram.Has(Datagram::CLOSE))
        {
            TransmitClose(ip, port);
        }
    }
    else if (datagram.Has(Datagram::CLOSE))
    {
        HandleClose(datagram, ip, port);
    }
    else
    {
        HandleContent(datagram, ip, port);
    }
}

void
FanoutUdpTransport::HandleContent(const Datagram& datagram, uint32_t ip, uint16_t port)
{
    const Micros now = MicrosNow();
    Link* link = m_links.FindPlace(ip, port);
    const bool unblocked = link && datagram.Has(Datagram::ACK) && link->Acknowledge(datagram, now);
    const LinkId id = link ? link->id : fanout::NO_LINK;
    if (datagram.Has(Datagram::FRAME))
    {
        HandleFrame(datagram, link, ip, port);
    }
    else if (!link)
    {
        m_counters.strangers++;
    }
    if (unblocked && m_links.Find(id) && GetHandler())
    {
        GetHandler()->Writable(id);
    }
}

void
FanoutUdpTransport::HandleFrame(const Datagram& datagram, Link* link, uint32_t ip, uint16_t port)
{
    const Micros now = MicrosNow();
    const bool numbered = datagram.Has(Datagram::SEQ);
    if (numbered && link && link->IsDuplicate(datagram))
    {
        m_counters.duplicates++;
        link->Note(datagram, now);
        Arm(*link);
        return;
    }
    const fanout::FrameRef frame = GetFrameStore().Intern(datagram.wire);
    if (!frame)
    {
        m_counters.malformed++;
        return;
    }
    if (!link)
    {
        link = Open(ip, port);
    }
    if (!link)
    {
        m_counters.strangers++;
        return;
    }
    link->Revive();
    link->Touch(now);
    if (numbered)
    {
        link->Note(datagram, now);
    }
    Arm(*link);
    Deliver(link->id, frame);
}

void
FanoutUdpTransport::HandleClose(const Datagram& datagram, uint32_t ip, uint16_t port)
{
    Link* link = m_links.FindPlace(ip, port);
    if (!link)
    {
        m_counters.strangers++;
        return;
    }
    if (!link->IsClosedBy(datagram))
    {
        return;
    }
    const LinkId id = link->id;
    const bool told = !link->IsLingering();
    m_links.Remove(*link);
    if (told && GetHandler())
    {
        GetHandler()->Closed(id);
    }
}

void
FanoutUdpTransport::Transmit(Link& link, const fanout::FrameRef& frame, int32_t seq)
{
    Datagram datagram;
    if (frame)
    {
        datagram.flags |= Datagram::FRAME;
        datagram.wire = frame->Wire();
    }
    if (seq >= 0)
    {
        datagram.flags |= Datagram::SEQ;
        datagram.epoch = link.Epoch();
        datagram.seq = static_cast<uint16_t>(seq);
    }
    if (link.WantsAck())
    {
        // An acknowledgement must not make two packets out of one.
        const std::size_t bare = datagram.Size();
        if (bare + Datagram::ACK_BYTES <= m_payload || bare > m_payload)
        {
            link.AddAck(datagram);
        }
    }
    link.Touch(MicrosNow());
    Emit(datagram, link.ip, link.port);
}

void
FanoutUdpTransport::TransmitClose(uint32_t ip, uint16_t port)
{
    Datagram datagram;
    datagram.flags = Datagram::CLOSE;
    datagram.epoch = m_epoch;
    Emit(datagram, ip, port);
}

void
FanoutUdpTransport::Emit(const Datagram& datagram, uint32_t ip, uint16_t port)
{
    const auto size = static_cast<uint32_t>(datagram.Write(Scratch().data()));
    const uint32_t fragments = 1 + (size - 1) / m_payload;
    const uint32_t wireBytes = size + UDP_IP_BYTES + (fragments - 1) * IP_BYTES;
    const Micros now = MicrosNow();
    if (now - m_rateAt >= RATE_SPACING)
    {
        m_rateAt = now;
        m_pacer.SetRate(now, GetPacingRate());
    }
    m_pacer.Charge(now, wireBytes);
    if (IsSilent())
    {
        m_counters.unsent++;
        return;
    }
    Ptr<Packet> packet = Create<Packet>(Scratch().data(), size);
    if (m_socket->SendTo(packet, 0, InetSocketAddress(Ipv4Address(ip), port)) < 0)
    {
        m_counters.unsent++;
        return;
    }
    m_counters.sent++;
    m_counters.sentBytes += wireBytes;
}

void
FanoutUdpTransport::Arm(Link& link)
{
    const Micros deadline = link.Deadline();
    if (deadline < link.armed)
    {
        link.armed = deadline;
        m_deadlines.emplace(deadline, link.id);
        Schedule();
    }
}

void
FanoutUdpTransport::Schedule()
{
    if (!m_deadlines.empty() && m_deadlines.top().first < m_timerAt)
    {
        m_timer.Cancel();
        m_timerAt = m_deadlines.top().first;
        m_timer = Simulator::Schedule(MicroSeconds(std::max<Micros>(0, m_timerAt - MicrosNow())),
                                      &FanoutUdpTransport::HandleTimer,
                                      this);
    }
}

void
FanoutUdpTransport::HandleTimer()
{
    const Micros now = MicrosNow();
    // Nothing is scheduled while links are looked at: the earliest deadline is not known before.
    m_timerAt = now;
    std::vector<LinkId> unblocked;
    while (!m_deadlines.empty() && m_deadlines.top().first <= now)
    {
        const auto [deadline, id] = m_deadlines.top();
        m_deadlines.pop();
        Link* link = m_links.Find(id);
        if (link && link->armed == deadline)
        {
            link->armed = fanout::NEVER;
            if (HandleDeadline(*link, now))
            {
                unblocked.push_back(id);
            }
        }
    }
    m_timerAt = fanout::NEVER;
    Schedule();
    for (LinkId id : unblocked)
    {
        if (m_links.Find(id) && GetHandler())
        {
            GetHandler()->Writable(id);
        }
    }
}

bool
FanoutUdpTransport::HandleDeadline(Link& link, Micros now)
{
    while (const auto* open = link.NextDue(now))
    {
        m_counters.retransmitted++;
        Transmit(link, open->frame, open->seq);
    }
    m_counters.givenUp += link.GiveUp(now);
    if (link.IsAckDue(now))
    {
        m_counters.acksAlone++;
        Transmit(link, fanout::FrameRef(), -1);
    }
    const bool unblocked = link.TakeUnblocked();
    if (link.IsExpired(now))
    {
        m_links.Remove(link);
        return false;
    }
    Arm(link);
    return unblocked;
}

bool
FanoutUdpTransport::IsFull()
{
    const Micros now = MicrosNow();
    const bool full = m_pacer.IsFull(now);
    if (full && m_drained.IsExpired())
    {
        m_drained = Simulator::Schedule(MicroSeconds(m_pacer.UntilHalf(now)),
                                        &FanoutUdpTransport::HandleDrained,
                                        this);
    }
    return full;
}

void
FanoutUdpTransport::HandleDrained()
{
    if (GetHandler())
    {
        GetHandler()->Writable(fanout::NO_LINK);
    }
}

} // namespace ns3
