/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_GRAPH_H
#define FANOUT_GRAPH_H

#include "ns3/fanout-random.h"

#include <cstdint>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A simple undirected graph with numbered ports and the next hops of its shortest paths.
 */
class Graph
{
  public:
    static constexpr std::uint32_t MAX_DEGREE = 200; ///< a port fits a byte

    /// Two vertices.
    struct Edge
    {
        std::uint32_t a{0}; ///< one
        std::uint32_t b{0}; ///< other
    };

    /**
     * Draw a connected graph: a ring (a path of two, nothing for one), then random pairs of
     * vertices with free degree, at most n * degree * 200 tries.
     * @param vertices at least 1
     * @param degree target, 2 to MAX_DEGREE; cut to vertices - 1
     * @param random source of the draws
     * @return the graph
     */
    static Graph Draw(std::uint32_t vertices, std::uint32_t degree, Random& random);

    /// @return number of vertices
    std::uint32_t GetN() const;

    /// @return the edges in order of creation: an edge takes the next free port at both ends
    const std::vector<Edge>& GetEdges() const;

    /// @param vertex a vertex @return its neighbours by port
    const std::vector<std::uint32_t>& GetNeighbours(std::uint32_t vertex) const;

    /// Find the shortest paths: breadth-first from every vertex, n * n bytes.
    void FindPaths();

    /// @param from a vertex @param to another one; FindPaths was called
    /// @return the port of the next hop
    std::uint8_t
    NextPort(std::uint32_t from, std::uint32_t to) const
    {
        return m_next[static_cast<std::size_t>(to) * GetN() + from];
    }

  private:
    /// @param a one vertex @param b other @return whether an edge joins them
    bool HasEdge(std::uint32_t a, std::uint32_t b) const;

    /// @param a one vertex @param b other
    void AddEdge(std::uint32_t a, std::uint32_t b);

    std::vector<Edge> m_edges;                            ///< in order of creation
    std::vector<std::vector<std::uint32_t>> m_neighbours; ///< by vertex and port
    std::vector<std::uint8_t> m_next;                     ///< by destination and vertex
};

} // namespace ns3::fanout

#endif // FANOUT_GRAPH_H
