/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-csma-helper.h"

#include "ns3/abort.h"
#include "ns3/arp-cache.h"
#include "ns3/csma-channel.h"
#include "ns3/csma-net-device.h"
#include "ns3/drop-tail-queue.h"
#include "ns3/error-model.h"
#include "ns3/fanout-graph.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/mac48-address.h"

#include <algorithm>

namespace ns3
{

namespace
{

constexpr uint32_t NETWORK = 0x0a000000; // 10.0.0.0
constexpr uint32_t LAN_BITS = 5;
constexpr uint32_t FIRST_HOST = 1;
constexpr uint32_t ROUTER = 30;
constexpr uint32_t QUEUE_BYTES = 256 * 1024;
constexpr uint32_t CSMA_INTERFACE = 1;
constexpr uint32_t FIRST_CORE_INTERFACE = 2;
const Ipv4Mask LAN_MASK(0xffffffe0);
constexpr int64_t LAN_DELAY_NANOSECONDS = 6560;

Ipv4Address
RouterAddress(uint32_t lan)
{
    return Ipv4Address(NETWORK + (lan << LAN_BITS) + ROUTER);
}

} // namespace

/// Positions: routers, then hosts.
class FanoutCsmaHelper::Routes : public FanoutRoutes
{
  public:
    Routes(fanout::Graph&& graph, uint32_t hosts, uint32_t lanHosts)
        : m_graph(std::move(graph)),
          m_hosts(hosts),
          m_lanHosts(lanHosts)
    {
        m_graph.FindPaths();
    }

    Hop
    Next(uint32_t position, uint32_t destination) const override
    {
        const uint32_t lan = (destination - NETWORK) >> LAN_BITS;
        const uint32_t place = destination & ((1u << LAN_BITS) - 1);
        const uint32_t lans = m_graph.GetN();
        if (lan >= lans || (place != ROUTER && !HasHost(lan, place)))
        {
            return {};
        }
        const bool router = position < lans;
        const uint32_t own = router ? position : (position - lans) / m_lanHosts;
        if (lan == own)
        {
            return {CSMA_INTERFACE, destination};
        }
        return router ? Hop{FIRST_CORE_INTERFACE + m_graph.NextPort(own, lan), 0}
                      : Hop{CSMA_INTERFACE, RouterAddress(own).Get()};
    }

    const fanout::Graph&
    GetGraph() const
    {
        return m_graph;
    }

  private:
    bool
    HasHost(uint32_t lan, uint32_t place) const
    {
        return place >= FIRST_HOST && place < FIRST_HOST + m_lanHosts &&
               lan * m_lanHosts + place - FIRST_HOST < m_hosts;
    }

    fanout::Graph m_graph;
    uint32_t m_hosts;
    uint32_t m_lanHosts;
};

void
FanoutCsmaHelper::SetLanHosts(uint32_t hosts)
{
    NS_ABORT_MSG_IF(hosts < 1 || hosts > MAX_LAN_HOSTS,
                    "an Ethernet of " << hosts << " hosts; it must have 1 to " << MAX_LAN_HOSTS
                                      << ", because every packet costs an event for each of them");
    m_lanHosts = hosts;
}

void
FanoutCsmaHelper::SetLanRate(DataRate rate)
{
    NS_ABORT_MSG_IF(rate.GetBitRate() == 0, "an Ethernet needs a data rate above 0");
    m_lanRate = rate;
}

void
FanoutCsmaHelper::SetCoreRate(DataRate rate)
{
    NS_ABORT_MSG_IF(rate.GetBitRate() == 0, "a link needs a data rate above 0");
    m_coreRate = rate;
}

void
FanoutCsmaHelper::SetCoreDelay(Time delay)
{
    NS_ABORT_MSG_IF(delay.IsStrictlyNegative(), "a delay must not be negative");
    m_coreDelaySeconds = delay.GetSeconds();
}

void
FanoutCsmaHelper::SetCoreDegree(uint32_t degree)
{
    NS_ABORT_MSG_IF(degree < 2 || degree > fanout::Graph::MAX_DEGREE,
                    "a degree of " << degree << "; it must lie in [2, " << fanout::Graph::MAX_DEGREE
                                   << "]");
    m_coreDegree = degree;
}

Ipv4Address
FanoutCsmaHelper::GetAddress(uint32_t host) const
{
    const uint32_t lan = host / m_lanHosts;
    return Ipv4Address(NETWORK + (lan << LAN_BITS) + FIRST_HOST + host % m_lanHosts);
}

DataRate
FanoutCsmaHelper::GetUplink(uint32_t) const
{
    return m_lanRate;
}

void
FanoutCsmaHelper::DoCreate(uint32_t hosts)
{
    const uint32_t lans = (hosts + m_lanHosts - 1) / m_lanHosts;
    NS_ABORT_MSG_IF(lans > MAX_LANS,
                    hosts << " hosts on Ethernets of " << m_lanHosts << "; at most "
                          << MAX_LANS * m_lanHosts << " are possible");
    fanout::Random random(GetKey(), 0, 0);
    const auto routes =
        ns3::Create<Routes>(fanout::Graph::Draw(lans, m_coreDegree, random), hosts, m_lanHosts);
    m_hosts.Create(hosts);
    m_routers.Create(lans);
    for (uint32_t lan = 0; lan < lans; lan++)
    {
        CreateLan(lan, routes);
    }
    Link link;
    link.rateAb = m_coreRate;
    link.rateBa = m_coreRate;
    link.delaySeconds = m_coreDelaySeconds;
    for (const auto& edge : routes->GetGraph().GetEdges())
    {
        Join(m_routers.Get(edge.a),
             RouterAddress(edge.a),
             m_routers.Get(edge.b),
             RouterAddress(edge.b),
             link);
    }
}

void
FanoutCsmaHelper::CreateLan(uint32_t lan, const Ptr<FanoutRoutes>& routes)
{
    Ptr<CsmaChannel> channel = CreateObject<CsmaChannel>();
    channel->SetAttribute("DataRate", DataRateValue(m_lanRate));
    channel->SetAttribute("Delay", TimeValue(NanoSeconds(LAN_DELAY_NANOSECONDS)));
    NodeContainer nodes;
    const auto add = [&](const Ptr<Node>& node, uint32_t position, Ipv4Address address)
    {
        GetStack().Install(node, routes, position, address, true);
        Ptr<CsmaNetDevice> device = CreateObject<CsmaNetDevice>();
        device->SetAddress(Mac48Address::Allocate());
        node->AddDevice(device);
        Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();
        queue->SetMaxSize(QueueSize(QueueSizeUnit::BYTES, QUEUE_BYTES));
        device->SetQueue(queue);
        device->Attach(channel);
        if (GetErrorModel())
        {
            device->SetReceiveErrorModel(GetErrorModel());
        }
        FanoutStackHelper::AddInterface(device, address, LAN_MASK);
        nodes.Add(node);
    };
    add(m_routers.Get(lan), lan, RouterAddress(lan));
    const uint32_t end = std::min(m_hosts.GetN(), (lan + 1) * m_lanHosts);
    for (uint32_t i = lan * m_lanHosts; i < end; i++)
    {
        add(m_hosts.Get(i), m_routers.GetN() + i, GetAddress(i));
    }
    FillArpCaches(nodes);
}

void
FanoutCsmaHelper::FillArpCaches(const NodeContainer& nodes)
{
    std::vector<Ptr<Ipv4Interface>> interfaces;
    for (auto node = nodes.Begin(); node != nodes.End(); ++node)
    {
        interfaces.push_back((*node)->GetObject<Ipv4L3Protocol>()->GetInterface(CSMA_INTERFACE));
    }
    for (const auto& own : interfaces)
    {
        for (const auto& other : interfaces)
        {
            if (own != other)
            {
                ArpCache::Entry* entry = own->GetArpCache()->Add(other->GetAddress(0).GetLocal());
                entry->SetMacAddress(other->GetDevice()->GetAddress());
                entry->MarkPermanent();
            }
        }
    }
}

} // namespace ns3
