/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-shape.h"

#include "fanout-quantiles.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ns3
{

namespace
{

constexpr std::uint16_t NO_LEVEL = 0xffff;
constexpr std::uint32_t NOT_REACHED = std::numeric_limits<std::uint32_t>::max();

/// Hops from the root over the edges between parents and children.
std::vector<std::uint32_t>
Distances(const std::vector<FanoutTreeShape::Node>& nodes)
{
    std::vector<std::vector<std::uint32_t>> neighbours(nodes.size());
    std::vector<std::uint32_t> distances(nodes.size(), NOT_REACHED);
    std::vector<std::uint32_t> reached;
    for (std::uint32_t i = 0; i < nodes.size(); i++)
    {
        const auto parent = nodes[i].parent;
        if (nodes[i].open && parent < nodes.size())
        {
            neighbours[i].push_back(parent);
            neighbours[parent].push_back(i);
        }
        if (nodes[i].open && nodes[i].root)
        {
            distances[i] = 0;
            reached.push_back(i);
        }
    }
    for (std::size_t next = 0; next < reached.size(); next++)
    {
        for (const auto neighbour : neighbours[reached[next]])
        {
            if (distances[neighbour] == NOT_REACHED)
            {
                distances[neighbour] = distances[reached[next]] + 1;
                reached.push_back(neighbour);
            }
        }
    }
    return distances;
}

/// @return quantile 0.95 of values, which are sorted
double
P95(std::vector<double>& values)
{
    std::sort(values.begin(), values.end());
    return FanoutQuantile(values, 0.95);
}

void
MeasureDistances(const std::vector<FanoutTreeShape::Node>& nodes, FanoutTreeShape& shape)
{
    const auto hops = Distances(nodes);
    std::vector<double> distances;
    std::vector<double> stretches;
    for (std::size_t i = 0; i < nodes.size(); i++)
    {
        if (!nodes[i].member || hops[i] == NOT_REACHED)
        {
            continue;
        }
        distances.push_back(hops[i]);
        if (nodes[i].level != NO_LEVEL && hops[i] > 0)
        {
            stretches.push_back(static_cast<double>(nodes[i].level) / hops[i]);
        }
    }
    shape.distanceP95 = P95(distances);
    shape.distanceMax = FanoutQuantile(distances, 1);
    if (!stretches.empty())
    {
        shape.stretchP95 = P95(stretches);
        shape.stretchMax = FanoutQuantile(stretches, 1);
    }
}

} // namespace

FanoutTreeShape
FanoutTreeShape::Measure(const std::vector<Node>& nodes, bool distances)
{
    FanoutTreeShape shape;
    std::vector<double> levels;
    std::vector<double> children;
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
            levels.push_back(node.level);
            shape.orphans += node.level > 0 && !hasParent ? 1 : 0;
        }
        if (node.root)
        {
            shape.rootChildren = node.children;
        }
        if (node.capacity > 0)
        {
            children.push_back(node.children);
        }
    }
    shape.levelP95 = P95(levels);
    shape.maxLevel = FanoutQuantile(levels, 1);
    shape.levelAvg = levels.empty() ? shape.levelP95
                                    : std::accumulate(levels.begin(), levels.end(), 0.0) /
                                          static_cast<double>(levels.size());
    shape.childrenP95 = P95(children);
    shape.childrenMax = FanoutQuantile(children, 1);
    if (distances)
    {
        MeasureDistances(nodes, shape);
    }
    return shape;
}

} // namespace ns3
