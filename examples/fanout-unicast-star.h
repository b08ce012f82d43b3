/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_UNICAST_STAR_H
#define FANOUT_UNICAST_STAR_H

#include "ns3/core-module.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/internet-module.h"

namespace ns3
{

/// A root that sends each message to every subscriber itself. Keep it while the simulation runs.
struct FanoutUnicastStar
{
    Ptr<FanoutMonitor> monitor{CreateObject<FanoutMonitor>()}; ///< is told of all this
    uint64_t rootBytes{0};                                     ///< sent, with UDP and IP headers

    /// @param apps peers whose nodes and indices are used, first the root @param port to listen at
    FanoutUnicastStar(const ApplicationContainer& apps, uint16_t port)
    {
        m_root = Socket::CreateSocket(apps.Get(0)->GetNode(), UdpSocketFactory::GetTypeId());
        for (uint32_t i = 1; i < apps.GetN(); i++)
        {
            const auto peer = DynamicCast<FanoutApplication>(apps.Get(i));
            if (!peer->IsSubscriber())
            {
                continue;
            }
            auto socket = Socket::CreateSocket(peer->GetNode(), UdpSocketFactory::GetTypeId());
            socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
            socket->SetRecvCallback(MakeBoundCallback(&Receive, monitor, peer->GetIndex()));
            m_to.emplace_back(FanoutApplication::GetNodeAddress(peer->GetNode()), port);
            monitor->AddPeer(peer, 0);
            fanout::JoinEvent joined; // only who has joined is counted
            joined.self = peer->GetIndex();
            joined.step = fanout::JoinEvent::Step::ATTACHED;
            monitor->NoteJoin(joined);
        }
    }

    /// @param seq number of the message @param size payload bytes
    void
    Send(uint32_t seq, uint32_t size)
    {
        fanout::PublishEvent event;
        event.time = Simulator::Now().GetMicroSeconds();
        event.seq = seq;
        monitor->NotePublish(event);
        auto packet = Create<Packet>(reinterpret_cast<const uint8_t*>(&seq), sizeof seq);
        packet->AddPaddingAtEnd(size - sizeof seq);
        for (const auto& to : m_to)
        {
            m_root->SendTo(packet->Copy(), 0, to);
            rootBytes += size + FanoutUdpTransport::UDP_IP_BYTES;
        }
    }

    static void
    Receive(Ptr<FanoutMonitor> monitor, uint32_t self, Ptr<Socket> socket)
    {
        while (const auto packet = socket->Recv())
        {
            fanout::DeliverEvent event;
            event.self = self;
            event.time = Simulator::Now().GetMicroSeconds();
            packet->CopyData(reinterpret_cast<uint8_t*>(&event.seq), sizeof event.seq);
            monitor->NoteDeliver(event);
        }
    }

    Ptr<Socket> m_root;                  ///< sends
    std::vector<InetSocketAddress> m_to; ///< subscribers
};

} // namespace ns3

#endif // FANOUT_UNICAST_STAR_H
