/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_EXCHANGE_H
#define FANOUT_TEST_EXCHANGE_H

#include "ns3/fanout-underlay-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/udp-socket-factory.h"

#include <map>
#include <utility>
#include <vector>

namespace ns3::fanout::test
{

constexpr uint16_t PORT = 4001; ///< where every host listens

/// A socket a host that notes who sent to whom, and may send back what it gets.
class Exchange
{
  public:
    Exchange(const FanoutUnderlayHelper& network, bool echo = false)
        : m_network(network),
          m_echo(echo)
    {
        for (uint32_t i = 0; i < network.GetHosts().GetN(); i++)
        {
            Ptr<Socket> socket =
                Socket::CreateSocket(network.GetHosts().Get(i), UdpSocketFactory::GetTypeId());
            socket->Bind(InetSocketAddress(network.GetAddress(i), PORT));
            socket->SetRecvCallback(MakeCallback(&Exchange::Read, this));
            m_index[socket] = i;
            m_sockets.push_back(socket);
            m_byAddress[network.GetAddress(i)] = i;
        }
    }

    ~Exchange()
    {
        for (const auto& socket : m_sockets)
        {
            socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
            socket->Close();
        }
    }

    int
    Send(uint32_t from, uint32_t to, uint32_t bytes = 20)
    {
        return SendTo(from, InetSocketAddress(m_network.GetAddress(to), PORT), bytes);
    }

    int
    SendTo(uint32_t from, const InetSocketAddress& to, uint32_t bytes = 20)
    {
        m_sentAt = Simulator::Now();
        return m_sockets[from]->SendTo(Create<Packet>(bytes), 0, to);
    }

    const Ptr<Socket>&
    Get(uint32_t host) const
    {
        return m_sockets[host];
    }

    /// Datagrams by sender and receiver.
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> got;
    /// From the last Send to the last datagram.
    Time elapsed;

  private:
    void
    Read(Ptr<Socket> socket)
    {
        Address from;
        while (Ptr<Packet> packet = socket->RecvFrom(from))
        {
            elapsed = Simulator::Now() - m_sentAt;
            const auto address = InetSocketAddress::ConvertFrom(from);
            const auto key = std::pair(m_byAddress.at(address.GetIpv4()), m_index.at(socket));
            const bool back = got.count({key.second, key.first}) > 0;
            got[key]++;
            if (m_echo && !back)
            {
                socket->SendTo(packet, 0, from);
            }
        }
    }

    const FanoutUnderlayHelper& m_network;
    bool m_echo;
    Time m_sentAt;
    std::vector<Ptr<Socket>> m_sockets;
    std::map<Ptr<Socket>, uint32_t> m_index;
    std::map<Ipv4Address, uint32_t> m_byAddress;
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_EXCHANGE_H
