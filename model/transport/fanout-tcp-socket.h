/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TCP_SOCKET_H
#define FANOUT_TCP_SOCKET_H

#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-route.h"
#include "ns3/node.h"
#include "ns3/object.h"
#include "ns3/ptr.h"
#include "ns3/tcp-socket-base.h"

#include <cstdint>

namespace ns3
{

namespace fanout
{
class TcpConnection;
}

/**
 * @ingroup fanout-tree
 * Lets all TCP segments of a host vanish for a while, those it sends and those it gets; TCP itself
 * is not told and goes on trying. Aggregated to the node by the first transport that asks.
 */
class FanoutTcpGate : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @param node has TCP @return its gate, made if need be
    static Ptr<FanoutTcpGate> Of(const Ptr<Node>& node);

    /// Segments vanish until as many calls of Open have followed.
    void Shut();

    /// Undo one Shut.
    void Open();

    /// @return whether segments vanish
    bool
    IsShut() const
    {
        return m_shut > 0;
    }

  private:
    /// Where segments go while shut.
    void Drop(Ptr<Packet>, Ipv4Address, Ipv4Address, uint8_t, Ptr<Ipv4Route>);

    IpL4Protocol::DownTargetCallback m_down; ///< where they go else
    uint32_t m_shut{0};                      ///< calls of Shut not undone
};

/**
 * @ingroup fanout-tree
 * A TCP socket of ns-3 that can also vanish as its process does, and that hears nothing while the
 * host's gate is shut. Sockets that it accepts are of its kind.
 */
class FanoutTcpSocket : public TcpSocketBase
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTcpSocket();

    /// @param other is forked
    FanoutTcpSocket(const FanoutTcpSocket& other);

    /// @param node has TCP @param gate of the node @return a new socket, made as TcpL4Protocol does
    static Ptr<FanoutTcpSocket> Make(const Ptr<Node>& node, const Ptr<FanoutTcpGate>& gate);

    /// Be gone: nothing is sent, nobody is told. To what still comes the host answers with a reset.
    void Vanish();

    /// Be gone and send a reset.
    void Reset();

    /// Call nobody any more. The socket lives on until the present event has ended: ns-3 may be in
    /// it.
    void Silence();

    fanout::TcpConnection* connection{nullptr}; ///< whose it is, for the callbacks

  protected:
    void DoForwardUp(Ptr<Packet> packet, const Address& from, const Address& to) override;

  private:
    Ptr<TcpSocketBase> Fork() override;

    /// @param socket whose last reference this may be
    static void Release(Ptr<FanoutTcpSocket> socket);

    Ptr<FanoutTcpGate> m_gate; ///< of the host
};

} // namespace ns3

#endif // FANOUT_TCP_SOCKET_H
