/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-graph.h"

#include <algorithm>

namespace ns3::fanout
{

Graph
Graph::Draw(std::uint32_t vertices, std::uint32_t degree, Random& random)
{
    Graph graph;
    graph.m_neighbours.resize(vertices);
    for (std::uint32_t i = 0; i + 1 < vertices; i++)
    {
        graph.AddEdge(i, i + 1);
    }
    if (vertices > 2)
    {
        graph.AddEdge(vertices - 1, 0);
    }
    degree = std::min(degree, vertices - 1);
    std::vector<std::uint32_t> free;
    for (std::uint32_t i = 0; i < vertices; i++)
    {
        if (graph.m_neighbours[i].size() < degree)
        {
            free.push_back(i);
        }
    }
    const std::uint64_t tries = std::uint64_t{vertices} * degree * 200;
    for (std::uint64_t i = 0; i < tries && free.size() > 1; i++)
    {
        std::size_t x = random.Below(free.size());
        std::size_t y = random.Below(free.size());
        if (x == y || graph.HasEdge(free[x], free[y]))
        {
            continue;
        }
        graph.AddEdge(free[x], free[y]);
        // The later place first: removal moves the last one into it.
        for (std::size_t place : {std::max(x, y), std::min(x, y)})
        {
            if (graph.m_neighbours[free[place]].size() >= degree)
            {
                free[place] = free.back();
                free.pop_back();
            }
        }
    }
    return graph;
}

std::uint32_t
Graph::GetN() const
{
    return m_neighbours.size();
}

const std::vector<Graph::Edge>&
Graph::GetEdges() const
{
    return m_edges;
}

const std::vector<std::uint32_t>&
Graph::GetNeighbours(std::uint32_t vertex) const
{
    return m_neighbours[vertex];
}

void
Graph::FindPaths()
{
    const std::uint32_t n = GetN();
    // Port at the neighbour of the edge back to us, by vertex and port.
    std::vector<std::vector<std::uint8_t>> portBack(n);
    for (const Edge& edge : m_edges)
    {
        const auto portOfA = static_cast<std::uint8_t>(portBack[edge.a].size());
        const auto portOfB = static_cast<std::uint8_t>(portBack[edge.b].size());
        portBack[edge.a].push_back(portOfB);
        portBack[edge.b].push_back(portOfA);
    }
    constexpr std::uint8_t UNSEEN = 0xff;
    m_next.assign(static_cast<std::size_t>(n) * n, UNSEEN);
    std::vector<std::uint32_t> queue(n);
    for (std::uint32_t to = 0; to < n; to++)
    {
        std::uint8_t* next = &m_next[static_cast<std::size_t>(to) * n];
        std::size_t end = 0;
        queue[end++] = to;
        next[to] = 0;
        for (std::size_t begin = 0; begin < end; begin++)
        {
            const std::uint32_t at = queue[begin];
            for (std::size_t port = 0; port < m_neighbours[at].size(); port++)
            {
                const std::uint32_t neighbour = m_neighbours[at][port];
                if (next[neighbour] == UNSEEN)
                {
                    next[neighbour] = portBack[at][port];
                    queue[end++] = neighbour;
                }
            }
        }
    }
}

bool
Graph::HasEdge(std::uint32_t a, std::uint32_t b) const
{
    const auto& neighbours = m_neighbours[a];
    return std::find(neighbours.begin(), neighbours.end(), b) != neighbours.end();
}

void
Graph::AddEdge(std::uint32_t a, std::uint32_t b)
{
    m_edges.push_back({a, b});
    m_neighbours[a].push_back(b);
    m_neighbours[b].push_back(a);
}

} // namespace ns3::fanout
