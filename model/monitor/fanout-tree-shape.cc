/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-shape.h"

#include "fanout-quantiles.h"

#include <numeric>

namespace ns3
{

namespace
{

constexpr std::uint32_t NOT_REACHED = std::numeric_limits<std::uint32_t>::max();

/// The edges between parents and children, each seen from both ends.
class Edges
{
  public:
    /// @param nodes all peers
    explicit Edges(const std::vector<FanoutTreeShape::Node>& nodes)
        : m_begin(nodes.size() + 1)
    {
        Each(nodes, [&](std::uint32_t from, std::uint32_t) { m_begin[from + 1]++; });
        std::partial_sum(m_begin.begin(), m_begin.end(), m_begin.begin());
        m_ends.resize(m_begin.back());
        auto next = m_begin;
        Each(nodes, [&](std::uint32_t from, std::uint32_t to) { m_ends[next[from]++] = to; });
    }

    /// @param node one @param call gets each of its neighbours
    template <typename F>
    void
    EachOf(std::uint32_t node, F call) const
    {
        for (auto i = m_begin[node]; i < m_begin[node + 1]; i++)
        {
            call(m_ends[i]);
        }
    }

  private:
    /// @param nodes all peers @param call gets both ends of each edge, in both orders
    template <typename F>
    static void
    Each(const std::vector<FanoutTreeShape::Node>& nodes, F call)
    {
        for (std::uint32_t i = 0; i < nodes.size(); i++)
        {
            const auto parent = nodes[i].parent;
            if (nodes[i].open && parent < nodes.size())
            {
                call(i, parent);
                call(parent, i);
            }
        }
    }

    std::vector<std::uint32_t> m_begin; ///< by peer: where its neighbours begin
    std::vector<std::uint32_t> m_ends;  ///< neighbours, in the order of the peers
};

/// Hops from the root over the edges between parents and children.
std::vector<std::uint32_t>
Distances(const std::vector<FanoutTreeShape::Node>& nodes)
{
    const Edges edges(nodes);
    std::vector<std::uint32_t> distances(nodes.size(), NOT_REACHED);
    std::vector<std::uint32_t> reached;
    reached.reserve(nodes.size());
    for (std::uint32_t i = 0; i < nodes.size(); i++)
    {
        if (nodes[i].open && nodes[i].root)
        {
            distances[i] = 0;
            reached.push_back(i);
        }
    }
    for (std::size_t next = 0; next < reached.size(); next++)
    {
        const auto hops = distances[reached[next]] + 1;
        edges.EachOf(reached[next],
                     [&](std::uint32_t neighbour)
                     {
                         if (distances[neighbour] == NOT_REACHED)
                         {
                             distances[neighbour] = hops;
                             reached.push_back(neighbour);
                         }
                     });
    }
    return distances;
}

void
MeasureDistances(const std::vector<FanoutTreeShape::Node>& nodes, FanoutTreeShape& shape)
{
    const auto hops = Distances(nodes);
    std::vector<double> distances;
    std::vector<double> stretches;
    distances.reserve(nodes.size());
    stretches.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); i++)
    {
        if (!nodes[i].member || hops[i] == NOT_REACHED)
        {
            continue;
        }
        distances.push_back(hops[i]);
        if (nodes[i].level != FanoutTreeShape::NO_LEVEL && hops[i] > 0)
        {
            stretches.push_back(static_cast<double>(nodes[i].level) / hops[i]);
        }
    }
    shape.distanceP95 = FanoutTakeQuantile(distances, 0.95);
    shape.distanceMax = FanoutTakeQuantile(distances, 1);
    if (!stretches.empty())
    {
        shape.stretchP95 = FanoutTakeQuantile(stretches, 0.95);
        shape.stretchMax = FanoutTakeQuantile(stretches, 1);
    }
}

} // namespace

FanoutTreeShape
FanoutTreeShape::Measure(const std::vector<Node>& nodes, bool distances)
{
    FanoutTreeShape shape;
    FanoutCountHistogram levels;
    FanoutCountHistogram children;
    for (const auto& node : nodes)
    {
        if (!node.open)
        {
            continue;
        }
        const bool hasParent = node.parent != NO_PARENT;
        shape.edges += hasParent ? 1 : 0;
        if (node.level != NO_LEVEL)
        {
            levels.Add(node.level);
            shape.orphans += node.level > 0 && !hasParent ? 1 : 0;
        }
        if (node.root)
        {
            shape.rootChildren = node.children;
        }
        if (node.capacity > 0)
        {
            children.Add(node.children);
        }
    }
    shape.levelP95 = levels.Quantile(0.95);
    shape.maxLevel = levels.Quantile(1);
    shape.levelAvg = levels.Mean();
    shape.childrenP95 = children.Quantile(0.95);
    shape.childrenMax = children.Quantile(1);
    if (distances)
    {
        MeasureDistances(nodes, shape);
    }
    return shape;
}

} // namespace ns3
