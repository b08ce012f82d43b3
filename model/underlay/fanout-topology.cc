/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-topology.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>

namespace ns3::fanout
{

namespace
{

constexpr std::pair<std::string_view, Topology::Format> FORMATS[] = {
    {"rocketfuel", Topology::Format::ROCKETFUEL},
    {"inet", Topology::Format::INET},
    {"orbis", Topology::Format::ORBIS},
};

} // namespace

std::optional<Topology::Format>
Topology::FormatFromText(std::string_view text)
{
    for (const auto& [name, format] : FORMATS)
    {
        if (name == text)
        {
            return format;
        }
    }
    return std::nullopt;
}

double
Topology::UnitSeconds(Format format)
{
    switch (format)
    {
    case Format::ROCKETFUEL:
        return 1e-3;
    case Format::INET:
        return 5e-6;
    case Format::ORBIS:
        break;
    }
    return 5e-3;
}

std::uint32_t
Topology::GetN() const
{
    return static_cast<std::uint32_t>(m_ends.size());
}

const std::vector<Topology::Link>&
Topology::GetLinks() const
{
    return m_links;
}

std::uint32_t
Topology::GetDegree(std::uint32_t router) const
{
    return static_cast<std::uint32_t>(m_ends[router].size());
}

std::vector<std::uint32_t>
Topology::GetEdgeRouters() const
{
    std::vector<std::uint32_t> routers(GetN());
    std::iota(routers.begin(), routers.end(), 0U);
    std::stable_sort(routers.begin(),
                     routers.end(),
                     [this](auto a, auto b) { return GetDegree(a) < GetDegree(b); });
    routers.resize((routers.size() + 1) / 2);
    return routers;
}

void
Topology::FindPaths(const std::vector<std::uint32_t>& targets)
{
    using Step = std::pair<double, std::uint32_t>; // distance, router
    const std::size_t n = GetN();
    m_next.assign(targets.size() * n, NO_PORT);
    m_distances.assign(targets.size() * n, std::numeric_limits<double>::infinity());
    for (std::size_t target = 0; target < targets.size(); target++)
    {
        auto* next = &m_next[target * n];
        auto* distances = &m_distances[target * n];
        std::priority_queue<Step, std::vector<Step>, std::greater<>> queue;
        distances[targets[target]] = 0;
        queue.emplace(0, targets[target]);
        while (!queue.empty())
        {
            const auto [distance, router] = queue.top();
            queue.pop();
            if (distance > distances[router])
            {
                continue;
            }
            for (const auto& end : m_ends[router])
            {
                if (distance + end.length < distances[end.router])
                {
                    distances[end.router] = distance + end.length;
                    next[end.router] = static_cast<std::uint16_t>(end.port);
                    queue.emplace(distances[end.router], end.router);
                }
            }
        }
    }
}

std::uint32_t
Topology::NextPort(std::uint32_t from, std::uint32_t target) const
{
    return m_next[std::size_t{target} * GetN() + from];
}

double
Topology::GetDistance(std::uint32_t from, std::uint32_t target) const
{
    return m_distances[std::size_t{target} * GetN() + from];
}

} // namespace ns3::fanout
