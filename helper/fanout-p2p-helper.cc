/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-p2p-helper.h"

#include "ns3/abort.h"
#include "ns3/fanout-graph.h"
#include "ns3/fanout-latency.h"

namespace ns3
{

namespace
{

constexpr uint32_t FIRST_HOST = 0x0a000001; // 10.0.0.1

enum Purpose : uint64_t
{
    GRAPH,
    DELAY
};

} // namespace

/// Next hops of the graph.
class FanoutP2pHelper::Routes : public FanoutRoutes
{
  public:
    explicit Routes(fanout::Graph&& graph)
        : m_graph(std::move(graph))
    {
        m_graph.FindPaths();
    }

    Hop
    Next(uint32_t position, uint32_t destination) const override
    {
        const uint32_t to = destination - FIRST_HOST;
        return {to < m_graph.GetN() ? 1u + m_graph.NextPort(position, to) : 0u, 0};
    }

    const fanout::Graph&
    GetGraph() const
    {
        return m_graph;
    }

  private:
    fanout::Graph m_graph;
};

void
FanoutP2pHelper::SetDegree(uint32_t degree)
{
    NS_ABORT_MSG_IF(degree < 2 || degree > fanout::Graph::MAX_DEGREE,
                    "a degree of " << degree << "; it must lie in [2, " << fanout::Graph::MAX_DEGREE
                                   << "]");
    m_degree = degree;
}

void
FanoutP2pHelper::SetDataRate(DataRate rate)
{
    NS_ABORT_MSG_IF(rate.GetBitRate() == 0, "a link needs a data rate above 0");
    m_rate = rate;
}

void
FanoutP2pHelper::SetDelay(Time mean, double sigma)
{
    NS_ABORT_MSG_IF(mean.IsStrictlyNegative() || !(sigma >= 0 && sigma <= 3),
                    "a delay must not be negative and its sigma lie in [0, 3]");
    m_delaySeconds = mean.GetSeconds();
    m_sigma = sigma;
}

void
FanoutP2pHelper::SetQueueBytes(uint32_t bytes)
{
    m_queueBytes = bytes;
}

Ipv4Address
FanoutP2pHelper::GetAddress(uint32_t host) const
{
    return Ipv4Address(FIRST_HOST + host);
}

DataRate
FanoutP2pHelper::GetUplink(uint32_t) const
{
    return m_rate;
}

void
FanoutP2pHelper::DoCreate(uint32_t hosts)
{
    NS_ABORT_MSG_IF(hosts < 2, "a graph of one host has no link; at least 2 hosts are needed");
    NS_ABORT_MSG_IF(hosts > MAX_HOSTS,
                    "a random graph of " << hosts << " hosts; at most " << MAX_HOSTS
                                         << " are possible, more on an ISP");
    fanout::Random graphRandom(GetKey(), 0, GRAPH);
    const auto routes = ns3::Create<Routes>(fanout::Graph::Draw(hosts, m_degree, graphRandom));
    m_hosts.Create(hosts);
    for (uint32_t i = 0; i < hosts; i++)
    {
        GetStack().Install(m_hosts.Get(i), routes, i, GetAddress(i), false);
    }
    fanout::Random delayRandom(GetKey(), 0, DELAY);
    for (const auto& edge : routes->GetGraph().GetEdges())
    {
        Link link;
        link.rateAb = m_rate;
        link.rateBa = m_rate;
        link.delaySeconds = fanout::DrawLogNormal(m_delaySeconds, m_sigma, delayRandom);
        link.queueBytes = m_queueBytes;
        link.lossy = true;
        Join(m_hosts.Get(edge.a),
             GetAddress(edge.a),
             m_hosts.Get(edge.b),
             GetAddress(edge.b),
             link);
    }
}

} // namespace ns3
