/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-transport.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTcpTransportSockets");

// What ns-3's sockets say. Each callback may come after the connection was given up: then it has
// none any more.

Ptr<FanoutTcpSocket>
FanoutTcpTransport::MakeSocket() const
{
    const Ptr<FanoutTcpSocket> socket = FanoutTcpSocket::Make(GetNode(), m_gate);
    const auto number = [&](const char* name, uint32_t value)
    { socket->SetAttribute(name, UintegerValue(value)); };
    number("SegmentSize", m_segment);
    number("SndBufSize", m_sndBufSize);
    number("RcvBufSize", m_rcvBufSize);
    number("DelAckCount", m_delAckCount);
    number("ConnCount", m_connCount);
    number("DataRetries", m_dataRetries);
    socket->SetAttribute("DelAckTimeout", TimeValue(m_delAckTimeout));
    socket->SetAttribute("ConnTimeout", TimeValue(m_connTimeout));
    socket->SetAttribute("MinRto", TimeValue(m_minRto));
    socket->SetAttribute("MaxSegLifetime", DoubleValue(m_maxSegLifetime.GetSeconds()));
    socket->SetAttribute("TcpNoDelay", BooleanValue(m_noDelay));
    socket->SetAttribute("Timestamp", BooleanValue(true));
    return socket;
}

Ptr<FanoutTcpTransport::Connection>
FanoutTcpTransport::Begin(const Ptr<FanoutTcpSocket>& socket, bool dialled)
{
    const auto c = Create<Connection>(m_serial++,
                                      socket,
                                      dialled,
                                      m_maxFrameBytes,
                                      Simulator::Now().GetMicroSeconds());
    socket->connection = PeekPointer(c);
    socket->SetConnectCallback(MakeCallback(&FanoutTcpTransport::HandleConnected, this),
                               MakeCallback(&FanoutTcpTransport::HandleFailed, this));
    socket->SetCloseCallbacks(MakeCallback(&FanoutTcpTransport::HandleClosed, this),
                              MakeCallback(&FanoutTcpTransport::HandleError, this));
    socket->SetRecvCallback(MakeCallback(&FanoutTcpTransport::HandleRead, this));
    socket->SetSendCallback(MakeCallback(&FanoutTcpTransport::HandleRoom, this));
    m_connections.emplace(c->serial, c);
    Arm(*c);
    return c;
}

Ptr<FanoutTcpTransport::Connection>
FanoutTcpTransport::ConnectionOf(const Ptr<Socket>& socket)
{
    return Ptr<Connection>(static_cast<FanoutTcpSocket&>(*socket).connection);
}

bool
FanoutTcpTransport::HandleRequest(Ptr<Socket>, const Address&)
{
    return true;
}

void
FanoutTcpTransport::HandleAccept(Ptr<Socket> accepted, const Address&)
{
    const auto socket = DynamicCast<FanoutTcpSocket>(accepted);
    m_counters.accepted++;
    if (!IsOnline() || m_strangers >= m_maxStrangers)
    {
        (IsOnline() ? m_counters.tooMany : m_counters.unheard)++;
        socket->Reset();
        return;
    }
    m_strangers++;
    Begin(socket, false);
    HandleConnected(accepted);
}

void
FanoutTcpTransport::HandleConnected(Ptr<Socket> socket)
{
    if (ConnectionOf(socket))
    {
        socket->Send(Create<Packet>(m_hello.data(), static_cast<uint32_t>(m_hello.size())), 0);
    }
}

void
FanoutTcpTransport::HandleFailed(Ptr<Socket> socket)
{
    if (const Ptr<Connection> c = ConnectionOf(socket))
    {
        m_counters.failed++;
        c->socket->Vanish();
        Lose(c);
    }
}

void
FanoutTcpTransport::HandleRead(Ptr<Socket> socket)
{
    const Ptr<Connection> c = ConnectionOf(socket);
    Ptr<Packet> packet = c ? socket->Recv() : nullptr;
    for (; packet && packet->GetSize() > 0; packet = socket->Recv())
    {
        if (c->state != Connection::State::GREETING && c->state != Connection::State::READY)
        {
            continue;
        }
        c->usedAt = Simulator::Now().GetMicroSeconds();
        m_read.resize(packet->GetSize());
        packet->CopyData(m_read.data(), packet->GetSize());
        c->stream.Push({m_read.data(), m_read.size()});
        for (auto frame = c->stream.Next(); frame; frame = c->stream.Next())
        {
            HandleFrame(c, *frame);
            if (c->state != Connection::State::READY)
            {
                break;
            }
        }
        if (c->state == Connection::State::GONE)
        {
            return;
        }
        if (c->stream.GetError() == fanout::TcpStream::Error::TOO_LARGE)
        {
            return Refuse(c, m_counters.tooLarge);
        }
        if (c->stream.GetError() != fanout::TcpStream::Error::NONE)
        {
            return Refuse(c, m_counters.malformed);
        }
    }
    if (c && c->state == Connection::State::READY)
    {
        Arm(*c);
    }
}

void
FanoutTcpTransport::HandleRoom(Ptr<Socket> socket, uint32_t)
{
    const Ptr<Connection> c = ConnectionOf(socket);
    if (!c || c->state == Connection::State::GREETING)
    {
        return;
    }
    if (c->IsWaiting())
    {
        c->Flush();
        if (c->state == Connection::State::CLOSING || c->leaving)
        {
            CloseIfSent(*c);
        }
    }
    if (c->state == Connection::State::READY)
    {
        TellWritable(c);
    }
}

void
FanoutTcpTransport::HandleClosed(Ptr<Socket> socket)
{
    const Ptr<Connection> c = ConnectionOf(socket);
    if (!c)
    {
        return;
    }
    if (c->state == Connection::State::CLOSING)
    {
        // What waits can still go; the deadline ends it all.
        return;
    }
    m_counters.failed += c->state == Connection::State::GREETING && c->dialled ? 1 : 0;
    c->DropWaiting();
    Close(c);
    LeaveLink(c);
}

void
FanoutTcpTransport::HandleError(Ptr<Socket> socket)
{
    const Ptr<Connection> c = ConnectionOf(socket);
    if (!c)
    {
        return;
    }
    m_counters.failed += c->state == Connection::State::GREETING && c->dialled ? 1 : 0;
    m_counters.lost += c->state == Connection::State::READY ? 1 : 0;
    Lose(c);
}

} // namespace ns3
