/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-topology-helper.h"

#include "ns3/abort.h"

#include <algorithm>
#include <stdexcept>

namespace ns3
{

namespace
{

constexpr uint32_t FIRST_ROUTER = 0x0a800001;    // 10.128.0.1
constexpr uint32_t ROUTER_QUEUE_BYTES = 1 << 23; // not a place to lose packets at
constexpr double LEAST_DELAY = 1e-6;             // of a link, seconds
constexpr uint64_t ROUTER_PURPOSE = 3;           // of a host's draws; FanoutAccessHelper has 0, 2
const DataRate LINK_RATE(100000000000);

fanout::Topology::Format
ParseFormat(const std::string& format)
{
    const auto known = fanout::Topology::FormatFromText(format);
    if (!known)
    {
        throw std::invalid_argument("topology format \"" + format +
                                    "\" is unknown; allowed: rocketfuel, inet, orbis");
    }
    return *known;
}

} // namespace

/// Positions: hosts, then routers. A router's interfaces: its links, then its hosts.
class FanoutTopologyHelper::Routes : public FanoutRoutes
{
  public:
    explicit Routes(const std::shared_ptr<const fanout::Topology>& topology)
        : m_topology(topology),
          m_targetOf(topology->GetN(), NONE),
          m_hostsAt(topology->GetN(), 0)
    {
    }

    void
    AddHost(uint32_t router)
    {
        if (m_targetOf[router] == NONE)
        {
            m_targetOf[router] = m_targets.size();
            m_targets.push_back(router);
        }
        m_hosts.push_back({router, m_hostsAt[router]++});
    }

    const std::vector<uint32_t>&
    GetTargets() const
    {
        return m_targets;
    }

    uint32_t
    GetRouter(uint32_t host) const
    {
        return m_hosts.at(host).router;
    }

    double
    GetDistance(uint32_t a, uint32_t b) const
    {
        return m_topology->GetDistance(GetRouter(a), m_targetOf[GetRouter(b)]);
    }

    Hop
    Next(uint32_t position, uint32_t destination) const override
    {
        if (position < m_hosts.size())
        {
            return {1, 0};
        }
        const uint32_t router = position - m_hosts.size();
        const uint32_t host = destination - FIRST_HOST;
        if (host >= m_hosts.size())
        {
            return {};
        }
        const auto& at = m_hosts[host];
        if (at.router == router)
        {
            return {1 + m_topology->GetDegree(router) + at.port, 0};
        }
        return {1 + m_topology->NextPort(router, m_targetOf[at.router]), 0};
    }

  private:
    static constexpr uint32_t NONE = 0xffffffff;

    struct Host
    {
        uint32_t router{0};
        uint32_t port{0};
    };

    std::shared_ptr<const fanout::Topology> m_topology;
    std::vector<Host> m_hosts;
    std::vector<uint32_t> m_targets;  // routers with hosts
    std::vector<uint32_t> m_targetOf; // by router
    std::vector<uint32_t> m_hostsAt;  // by router
};

FanoutTopologyHelper::FanoutTopologyHelper(const std::string& path, const std::string& format)
    : m_topology(
          std::make_shared<fanout::Topology>(fanout::Topology::Read(path, ParseFormat(format)))),
      m_unit(fanout::Topology::UnitSeconds(ParseFormat(format)))
{
}

FanoutTopologyHelper::~FanoutTopologyHelper() = default;

void
FanoutTopologyHelper::SetUnit(Time unit)
{
    NS_ABORT_MSG_IF(unit < NanoSeconds(1) || unit > Seconds(1),
                    "a unit of " << unit.As(Time::S) << "; it must lie in [1 ns, 1 s]");
    m_unit = unit.GetSeconds();
}

void
FanoutTopologyHelper::SetAccessDelay(Time delay)
{
    NS_ABORT_MSG_IF(delay.IsStrictlyNegative() || delay > Seconds(1),
                    "an access delay of " << delay.As(Time::S) << "; it must lie in [0, 1 s]");
    m_accessDelay = delay.GetSeconds();
}

DataRate
FanoutTopologyHelper::GetUplink(uint32_t host) const
{
    return DataRate(m_places.at(host).rates.up);
}

DataRate
FanoutTopologyHelper::GetDownlink(uint32_t host) const
{
    return DataRate(m_places.at(host).rates.down);
}

fanout::Region
FanoutTopologyHelper::GetRegion(uint32_t) const
{
    return fanout::Region::NA;
}

uint32_t
FanoutTopologyHelper::GetRouter(uint32_t host) const
{
    return m_routes->GetRouter(host);
}

const fanout::Topology&
FanoutTopologyHelper::GetTopology() const
{
    return *m_topology;
}

double
FanoutTopologyHelper::DelayOf(double length) const
{
    return std::max(LEAST_DELAY, length * m_unit);
}

Time
FanoutTopologyHelper::GetRoundTrip(uint32_t a, uint32_t b) const
{
    if (a == b)
    {
        return Time(0);
    }
    return NanoSeconds(
        static_cast<int64_t>(2e9 * (2 * m_accessDelay + m_routes->GetDistance(a, b))));
}

void
FanoutTopologyHelper::CreateRouters(const Ptr<Routes>& routes)
{
    const auto address = [](uint32_t router) { return Ipv4Address(FIRST_ROUTER + router); };
    m_routers.Create(m_topology->GetN());
    for (uint32_t i = 0; i < m_topology->GetN(); i++)
    {
        GetStack().Install(m_routers.Get(i), routes, m_places.size() + i, address(i), false);
    }
    Link link;
    link.queueBytes = ROUTER_QUEUE_BYTES;
    link.rateAb = LINK_RATE;
    link.rateBa = LINK_RATE;
    for (const auto& [a, b, length] : m_topology->GetLinks())
    {
        link.delaySeconds = length; // by now
        Join(m_routers.Get(a), address(a), m_routers.Get(b), address(b), link);
    }
}

void
FanoutTopologyHelper::DoCreate(uint32_t hosts)
{
    NS_ABORT_MSG_IF(hosts > MAX_HOSTS,
                    "a topology with " << hosts << " hosts; at most " << MAX_HOSTS
                                       << " are possible");
    m_places = DrawPlaces(hosts);
    m_topology->SetLengths([this](double length) { return DelayOf(length); });
    m_routes = ns3::Create<Routes>(m_topology);
    const auto edges = m_topology->GetEdgeRouters();
    for (uint32_t i = 0; i < hosts; i++)
    {
        fanout::Random random(GetKey(), i, ROUTER_PURPOSE);
        m_routes->AddHost(edges[random.Below(edges.size())]);
    }
    m_topology->FindPaths(m_routes->GetTargets());
    m_hosts.Create(hosts);
    CreateRouters(m_routes);
    for (uint32_t i = 0; i < hosts; i++)
    {
        GetStack().Install(m_hosts.Get(i), m_routes, i, GetAddress(i), false);
        Link link;
        link.rateAb = DataRate(m_places[i].rates.up);
        link.rateBa = DataRate(m_places[i].rates.down);
        link.delaySeconds = m_accessDelay;
        link.queueBytes = GetAccessQueueBytes();
        link.lossy = true;
        const uint32_t router = m_routes->GetRouter(i);
        Join(m_hosts.Get(i),
             GetAddress(i),
             m_routers.Get(router),
             Ipv4Address(FIRST_ROUTER + router),
             link);
    }
}

} // namespace ns3
