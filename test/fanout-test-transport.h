/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_TRANSPORT_H
#define FANOUT_TEST_TRANSPORT_H

#include "ns3/fanout-cloud-helper.h"
#include "ns3/fanout-cloud-transport.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-messages.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-tcp-transport.h"
#include "ns3/fanout-udp-transport.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ns3::fanout::test
{

constexpr uint16_t PORT = 4001;                  ///< where every peer listens
constexpr auto CONTROL = fanout::Kind::JOIN_REQ; ///< a kind that is acknowledged

/// A frame of a kind; frames of different numbers differ.
inline FrameRef
MakeFrame(fanout::Kind kind, uint32_t number, std::size_t size)
{
    static const fanout::Identity signer = fanout::SignatureScheme::Mock().Derive(1, 0);
    fanout::EnvelopeFields fields;
    fields.id = fanout::DataMessageId(number, fanout::Digest{});
    if (kind != fanout::Kind::DATA)
    {
        fields.id[0] = 0;
    }
    fanout::Bytes data(size, 7);
    data[0] = static_cast<uint8_t>(kind);
    return fanout::Frame::Seal(fanout::SignatureScheme::Mock(), signer, fields, data);
}

/// The number given to MakeFrame.
inline uint32_t
NumberOf(const FrameRef& frame)
{
    const fanout::ByteView id = frame->Id();
    return id[4] << 24 | id[5] << 16 | id[6] << 8 | id[7];
}

/// What carries frames in a test.
enum class Carrier
{
    UDP,
    TCP,
    CLOUD
};

/// A transport and all it says.
struct Peer : FanoutTransport::Handler
{
    Ptr<FanoutTransport> transport;
    std::vector<std::pair<LinkId, FrameRef>> received;
    std::vector<LinkId> opened;
    std::vector<LinkId> closed;
    std::vector<LinkId> writable;
    std::vector<fanout::Micros> wakes; ///< when
    std::function<void(LinkId, const FrameRef&)> onReceive;
    std::function<void(LinkId)> onWritable;

    void
    Receive(LinkId link, const FrameRef& frame) override
    {
        received.emplace_back(link, frame);
        if (onReceive)
        {
            onReceive(link, frame);
        }
    }

    void
    Opened(LinkId link) override
    {
        opened.push_back(link);
    }

    void
    Wake() override
    {
        wakes.push_back(transport->GetNow());
    }

    void
    Closed(LinkId link) override
    {
        closed.push_back(link);
    }

    void
    Writable(LinkId link) override
    {
        writable.push_back(link);
        if (onWritable)
        {
            onWritable(link);
        }
    }

    LinkId
    DialTo(const Peer& other)
    {
        return transport->Dial(other.transport->GetLocalEndpoint()).link;
    }

    SendResult
    Send(LinkId link, fanout::Kind kind, uint32_t number, std::size_t size = 100)
    {
        return transport->Send(link, MakeFrame(kind, number, size));
    }
};

/// The transport of a peer that is known to use UDP.
inline FanoutUdpTransport&
Udp(const Peer& peer)
{
    return dynamic_cast<FanoutUdpTransport&>(*peer.transport);
}

/// The transport of a peer that is known to use TCP.
inline FanoutTcpTransport&
Tcp(const Peer& peer)
{
    return dynamic_cast<FanoutTcpTransport&>(*peer.transport);
}

/// The transport of a peer that is known to use a cloud.
inline FanoutCloudTransport&
Cloud(const Peer& peer)
{
    return dynamic_cast<FanoutCloudTransport&>(*peer.transport);
}

/// Runs something at a time.
inline void
At(double seconds, std::function<void()> what)
{
    fanout::Schedule(Seconds(seconds), what);
}

/// Three peers, any two 10 ms apart on links of 100 Mbit/s: a ring of point-to-point links, or a
/// cloud.
class TransportCase : public TestCase
{
  public:
    TransportCase(const std::string& name, Carrier carrier = Carrier::UDP)
        : TestCase(name + (carrier == Carrier::UDP   ? " (UDP)"
                           : carrier == Carrier::TCP ? " (TCP)"
                                                     : " (cloud)")),
          m_carrier(carrier)
    {
    }

  protected:
    FanoutUnderlayHelper&
    network()
    {
        return *m_network;
    }

    bool
    IsUdp() const
    {
        return m_carrier == Carrier::UDP;
    }

    bool
    IsTcp() const
    {
        return m_carrier == Carrier::TCP;
    }

    /// A link that is open; with TCP that takes time.
    LinkId
    OpenTo(Peer& from, const Peer& to)
    {
        const LinkId link = from.DialTo(to);
        if (IsTcp())
        {
            Simulator::Stop(Seconds(0.5));
            Simulator::Run();
        }
        return link;
    }

    /// A transport of this kind, started on a host.
    void
    StartPeer(Peer& peer, uint32_t host)
    {
        if (IsUdp())
        {
            peer.transport = CreateObject<FanoutUdpTransport>();
        }
        else if (IsTcp())
        {
            peer.transport = CreateObject<FanoutTcpTransport>();
        }
        else
        {
            peer.transport = CreateObject<FanoutCloudTransport>();
        }
        peer.transport->SetHandler(&peer);
        peer.transport->SetRandomKey(5, host);
        peer.transport->SetIdentity(fanout::SignatureScheme::Mock(), 1, host);
        Configure(*peer.transport);
        peer.transport->Start(m_network->GetHosts().Get(host), m_network->GetAddress(host), PORT);
    }

    /// The checks; the simulation is to be run by them.
    virtual void Check() = 0;

    /// What is different in this network.
    virtual void
    Configure(FanoutP2pHelper&)
    {
    }

    /// What is different in each transport.
    virtual void
    Configure(FanoutTransport&)
    {
    }

    /// What is different in this cloud.
    virtual void
    Configure(FanoutCloudHelper&)
    {
    }

    Peer a;
    Peer b;
    Peer c;

  private:
    std::unique_ptr<FanoutUnderlayHelper>
    MakeNetwork()
    {
        if (m_carrier != Carrier::CLOUD)
        {
            auto network = std::make_unique<FanoutP2pHelper>();
            network->SetStack(IsTcp() ? FanoutStackHelper::LEAN_TCP : FanoutStackHelper::LEAN);
            Configure(*network);
            return network;
        }
        auto network = std::make_unique<FanoutCloudHelper>();
        const auto latency = CreateObject<FanoutConstantLatency>();
        latency->SetAttribute("Delay", TimeValue(MilliSeconds(10)));
        network->SetLatencyModel(latency);
        network->SetAccess("uniform");
        Configure(*network);
        return network;
    }

    void
    DoRun() override
    {
        m_network = MakeNetwork();
        m_network->AssignStreams(100);
        m_network->Create(3);
        uint32_t i = 0;
        for (Peer* peer : {&a, &b, &c})
        {
            StartPeer(*peer, i++);
        }
        Check();
        for (Peer* peer : {&a, &b, &c})
        {
            peer->transport->Dispose();
        }
        Simulator::Destroy();
    }

    Carrier m_carrier;
    std::unique_ptr<FanoutUnderlayHelper> m_network;
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_TRANSPORT_H
