/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-isp-helper.h"

#include "ns3/abort.h"

namespace ns3
{

using fanout::Region;
using fanout::REGIONS;

namespace
{

constexpr uint32_t FIRST_ROUTER = 0x0a800001;    // 10.128.0.1
constexpr uint32_t FIRST_EDGE_AT_CORE = 9;       // interfaces 1 to 8 lead to other cores
constexpr double EDGE_DELAY_SECONDS = 0.0001;    // core to edge router
constexpr uint32_t ROUTER_QUEUE_BYTES = 1 << 23; // not a place to lose packets at
const DataRate CORE_RATE(400000000000);
const DataRate EDGE_RATE(100000000000);

constexpr uint64_t DELAY_PURPOSE = 1; // of a host's draws; FanoutAccessHelper has 0 and 2

/// One-way delay between a region's core router and its hosts, mean, seconds.
double
HalfSeconds(Region region)
{
    return fanout::RoundTripMs(region, region) / 4 / 1000;
}

/// One-way delay of the link between two core routers, seconds.
double
CoreSeconds(Region a, Region b)
{
    return fanout::RoundTripMs(a, b) / 2 / 1000 - HalfSeconds(a) - HalfSeconds(b);
}

/// Interface of a core router that leads to another one.
uint32_t
ChordInterface(uint32_t from, uint32_t to)
{
    return 1 + (to < from ? to : to - 1);
}

} // namespace

/// Positions: hosts, then core routers, then edge routers.
class FanoutIspHelper::Routes : public FanoutRoutes
{
  public:
    uint32_t
    AddEdge(Region region)
    {
        m_edges.push_back(
            {static_cast<uint32_t>(region), m_edgesAtCore[static_cast<size_t>(region)]++});
        return m_edges.size() - 1;
    }

    void
    AddHost(uint32_t edge, uint32_t port)
    {
        m_hosts.push_back(edge * HOSTS_PER_EDGE + port);
    }

    Hop
    Next(uint32_t position, uint32_t destination) const override
    {
        if (position < m_hosts.size())
        {
            return {1, 0};
        }
        position -= m_hosts.size();
        return {position < REGIONS ? NextOfCore(position, destination)
                                   : NextOfEdge(position - REGIONS, destination),
                0};
    }

  private:
    struct Edge
    {
        uint32_t core{0};
        uint32_t port{0};
    };

    uint32_t
    NextOfCore(uint32_t core, uint32_t destination) const
    {
        const uint32_t host = destination - FIRST_HOST;
        const uint32_t router = destination - FIRST_ROUTER;
        uint32_t edge = 0;
        if (host < m_hosts.size())
        {
            edge = m_hosts[host] / HOSTS_PER_EDGE;
        }
        else if (router < REGIONS)
        {
            return ChordInterface(core, router);
        }
        else if (router - REGIONS < m_edges.size())
        {
            edge = router - REGIONS;
        }
        else
        {
            return 0;
        }
        const Edge& to = m_edges[edge];
        return to.core == core ? FIRST_EDGE_AT_CORE + to.port : ChordInterface(core, to.core);
    }

    uint32_t
    NextOfEdge(uint32_t edge, uint32_t destination) const
    {
        const uint32_t host = destination - FIRST_HOST;
        if (host < m_hosts.size() && m_hosts[host] / HOSTS_PER_EDGE == edge)
        {
            return 2 + m_hosts[host] % HOSTS_PER_EDGE;
        }
        return 1;
    }

    std::vector<uint32_t> m_hosts; // edge router and port there
    std::vector<Edge> m_edges;
    std::array<uint32_t, REGIONS> m_edgesAtCore{};
};

void
FanoutIspHelper::SetDelaySpread(double sigma)
{
    NS_ABORT_MSG_IF(!(sigma >= 0 && sigma <= 3),
                    "a delay spread of " << sigma << "; it must lie in [0, 3]");
    m_sigma = sigma;
}

DataRate
FanoutIspHelper::GetUplink(uint32_t host) const
{
    return DataRate(m_plan.at(host).rates.up);
}

DataRate
FanoutIspHelper::GetDownlink(uint32_t host) const
{
    return DataRate(m_plan.at(host).rates.down);
}

Region
FanoutIspHelper::GetRegion(uint32_t host) const
{
    return m_plan.at(host).region;
}

uint32_t
FanoutIspHelper::GetEdge(uint32_t host) const
{
    return m_plan.at(host).edge;
}

Time
FanoutIspHelper::GetRoundTrip(uint32_t a, uint32_t b) const
{
    const Host& from = m_plan.at(a);
    const Host& to = m_plan.at(b);
    if (a == b)
    {
        return Time(0);
    }
    double oneWay = from.delaySeconds + to.delaySeconds;
    oneWay += from.edge == to.edge ? 0 : 2 * EDGE_DELAY_SECONDS;
    oneWay += from.region == to.region ? 0 : CoreSeconds(from.region, to.region);
    return NanoSeconds(static_cast<int64_t>(2e9 * oneWay));
}

void
FanoutIspHelper::Draw(uint32_t hosts)
{
    const auto places = DrawPlaces(hosts);
    m_plan.resize(hosts);
    for (uint32_t i = 0; i < hosts; i++)
    {
        Host& host = m_plan[i];
        fanout::Random delay(GetKey(), i, DELAY_PURPOSE);
        host.region = places[i].region;
        host.rates = places[i].rates;
        host.delaySeconds = static_cast<float>(
            fanout::DrawLogNormal(HalfSeconds(host.region) - EDGE_DELAY_SECONDS, m_sigma, delay));
    }
}

Ptr<FanoutIspHelper::Routes>
FanoutIspHelper::Arrange()
{
    Ptr<Routes> routes = ns3::Create<Routes>();
    std::array<uint32_t, REGIONS> edge{};
    std::array<uint32_t, REGIONS> free{};
    for (Host& host : m_plan)
    {
        const auto region = static_cast<std::size_t>(host.region);
        if (free[region] == 0)
        {
            edge[region] = routes->AddEdge(host.region);
            m_edgeRegion.push_back(host.region);
            free[region] = HOSTS_PER_EDGE;
        }
        host.edge = edge[region];
        routes->AddHost(host.edge, HOSTS_PER_EDGE - free[region]--);
    }
    return routes;
}

void
FanoutIspHelper::CreateRouters(const Ptr<Routes>& routes)
{
    const uint32_t routers = REGIONS + m_edgeRegion.size();
    const auto address = [](uint32_t router) { return Ipv4Address(FIRST_ROUTER + router); };
    m_routers.Create(routers);
    for (uint32_t i = 0; i < routers; i++)
    {
        GetStack().Install(m_routers.Get(i), routes, m_plan.size() + i, address(i), false);
    }
    Link link;
    link.queueBytes = ROUTER_QUEUE_BYTES;
    link.rateAb = CORE_RATE;
    link.rateBa = CORE_RATE;
    for (uint32_t a = 0; a < REGIONS; a++)
    {
        for (uint32_t b = a + 1; b < REGIONS; b++)
        {
            link.delaySeconds = CoreSeconds(static_cast<Region>(a), static_cast<Region>(b));
            Join(m_routers.Get(a), address(a), m_routers.Get(b), address(b), link);
        }
    }
    link.rateAb = EDGE_RATE;
    link.rateBa = EDGE_RATE;
    link.delaySeconds = EDGE_DELAY_SECONDS;
    for (uint32_t i = REGIONS; i < routers; i++)
    {
        const auto core = static_cast<uint32_t>(m_edgeRegion[i - REGIONS]);
        Join(m_routers.Get(i), address(i), m_routers.Get(core), address(core), link);
    }
}

void
FanoutIspHelper::DoCreate(uint32_t hosts)
{
    NS_ABORT_MSG_IF(hosts > MAX_HOSTS,
                    "an ISP of " << hosts << " hosts; at most " << MAX_HOSTS << " are possible");
    Draw(hosts);
    const Ptr<Routes> routes = Arrange();
    m_hosts.Create(hosts);
    CreateRouters(routes);
    for (uint32_t i = 0; i < hosts; i++)
    {
        const Host& host = m_plan[i];
        GetStack().Install(m_hosts.Get(i), routes, i, GetAddress(i), false);
        Link link;
        link.rateAb = DataRate(host.rates.up);
        link.rateBa = DataRate(host.rates.down);
        link.delaySeconds = host.delaySeconds;
        link.queueBytes = GetAccessQueueBytes();
        link.lossy = true;
        const uint32_t router = REGIONS + host.edge;
        Join(m_hosts.Get(i),
             GetAddress(i),
             m_routers.Get(router),
             Ipv4Address(FIRST_ROUTER + router),
             link);
    }
}

} // namespace ns3
