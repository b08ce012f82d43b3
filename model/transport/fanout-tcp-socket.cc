/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-socket.h"

#include "ns3/object-factory.h"
#include "ns3/packet.h"
#include "ns3/rtt-estimator.h"
#include "ns3/simulator.h"
#include "ns3/tcp-congestion-ops.h"
#include "ns3/tcp-header.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-recovery-ops.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FanoutTcpGate);
NS_OBJECT_ENSURE_REGISTERED(FanoutTcpSocket);

namespace
{

/// @param tcp has the attribute @param attribute a TypeId @return an object of that type
template <typename T>
Ptr<T>
CreateByAttribute(const Ptr<TcpL4Protocol>& tcp, const char* attribute)
{
    TypeIdValue type;
    tcp->GetAttribute(attribute, type);
    ObjectFactory factory;
    factory.SetTypeId(type.Get());
    return factory.Create<T>();
}

} // namespace

TypeId
FanoutTcpGate::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutTcpGate").SetParent<Object>().SetGroupName("FanoutTree");
    return tid;
}

Ptr<FanoutTcpGate>
FanoutTcpGate::Of(const Ptr<Node>& node)
{
    Ptr<FanoutTcpGate> gate = node->GetObject<FanoutTcpGate>();
    if (!gate)
    {
        gate = CreateObject<FanoutTcpGate>();
        node->AggregateObject(gate);
    }
    return gate;
}

void
FanoutTcpGate::Shut()
{
    if (m_shut++ == 0)
    {
        Ptr<TcpL4Protocol> tcp = GetObject<TcpL4Protocol>();
        m_down = tcp->GetDownTarget();
        tcp->SetDownTarget(MakeCallback(&FanoutTcpGate::Drop, this));
    }
}

void
FanoutTcpGate::Open()
{
    if (m_shut > 0 && --m_shut == 0)
    {
        GetObject<TcpL4Protocol>()->SetDownTarget(m_down);
    }
}

void
FanoutTcpGate::Drop(Ptr<Packet>, Ipv4Address, Ipv4Address, uint8_t, Ptr<Ipv4Route>)
{
}

TypeId
FanoutTcpSocket::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutTcpSocket")
                            .SetParent<TcpSocketBase>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutTcpSocket>();
    return tid;
}

FanoutTcpSocket::FanoutTcpSocket() = default;

FanoutTcpSocket::FanoutTcpSocket(const FanoutTcpSocket& other)
    : TcpSocketBase(other),
      m_gate(other.m_gate)
{
}

Ptr<FanoutTcpSocket>
FanoutTcpSocket::Make(const Ptr<Node>& node, const Ptr<FanoutTcpGate>& gate)
{
    Ptr<TcpL4Protocol> tcp = node->GetObject<TcpL4Protocol>();
    Ptr<FanoutTcpSocket> socket = CreateObject<FanoutTcpSocket>();
    socket->m_gate = gate;
    socket->SetNode(node);
    socket->SetTcp(tcp);
    socket->SetRtt(CreateByAttribute<RttEstimator>(tcp, "RttEstimatorType"));
    socket->SetCongestionControlAlgorithm(CreateByAttribute<TcpCongestionOps>(tcp, "SocketType"));
    socket->SetRecoveryAlgorithm(CreateByAttribute<TcpRecoveryOps>(tcp, "RecoveryType"));
    tcp->AddSocket(socket);
    return socket;
}

void
FanoutTcpSocket::Vanish()
{
    Silence();
    CancelAllTimers();
    DeallocateEndPoint();
}

void
FanoutTcpSocket::Reset()
{
    Silence();
    if (m_endPoint)
    {
        SendRST();
    }
}

void
FanoutTcpSocket::Silence()
{
    connection = nullptr;
    SetConnectCallback(MakeNullCallback<void, Ptr<Socket>>(),
                       MakeNullCallback<void, Ptr<Socket>>());
    SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(), MakeNullCallback<void, Ptr<Socket>>());
    SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                      MakeNullCallback<void, Ptr<Socket>, const Address&>());
    SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
    SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
    Simulator::ScheduleNow(&FanoutTcpSocket::Release, Ptr<FanoutTcpSocket>(this));
}

void
FanoutTcpSocket::Release(Ptr<FanoutTcpSocket>)
{
}

void
FanoutTcpSocket::DoForwardUp(Ptr<Packet> packet, const Address& from, const Address& to)
{
    if (m_gate->IsShut())
    {
        return;
    }
    TcpHeader header;
    if (m_state == SYN_SENT && packet->PeekHeader(header) > 0 &&
        (header.GetFlags() & TcpHeader::RST) != 0)
    {
        // ns-3 passes over a reset that also acknowledges, and sends its SYN again.
        NotifyConnectionFailed();
        return;
    }
    TcpSocketBase::DoForwardUp(packet, from, to);
}

Ptr<TcpSocketBase>
FanoutTcpSocket::Fork()
{
    return CopyObject<FanoutTcpSocket>(this);
}

} // namespace ns3
