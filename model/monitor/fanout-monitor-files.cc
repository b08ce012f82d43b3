/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-csv.h"
#include "fanout-monitor.h"

#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cstdio>

namespace ns3
{

namespace
{

/// @param time microseconds, negative for never @return seconds as text, empty for never
std::string
SecondsText(fanout::Micros time)
{
    char text[32] = "";
    if (time >= 0)
    {
        std::snprintf(text, sizeof text, "%.6f", static_cast<double>(time) / fanout::SECOND);
    }
    return text;
}

/// @param value a number @param is whether there is one @return it as text, or nothing
std::string
NumberText(double value, bool is)
{
    char text[32] = "";
    if (is)
    {
        std::snprintf(text, sizeof text, "%.10g", value);
    }
    return text;
}

/// Who is whose child, by place.
class Family
{
  public:
    /// @param nodes all peers, with parents
    explicit Family(const std::vector<FanoutTreeShape::Node>& nodes)
        : m_first(nodes.size() + 1),
          m_children(nodes.size())
    {
        for (const auto& node : nodes)
        {
            if (node.parent < nodes.size())
            {
                m_first[node.parent + 1]++;
            }
        }
        for (std::size_t i = 1; i < m_first.size(); i++)
        {
            m_first[i] += m_first[i - 1];
        }
        auto next = m_first;
        for (std::uint32_t slot = 0; slot < nodes.size(); slot++)
        {
            if (nodes[slot].parent < nodes.size())
            {
                m_children[next[nodes[slot].parent]++] = slot;
            }
        }
    }

    /// @param slot a peer @return how many children it has
    std::uint32_t
    Count(std::uint32_t slot) const
    {
        return m_first[slot + 1] - m_first[slot];
    }

    /// @param slot a peer @return its children, those with children first
    std::vector<std::uint32_t>
    Of(std::uint32_t slot) const
    {
        std::vector<std::uint32_t> children(m_children.begin() + m_first[slot],
                                            m_children.begin() + m_first[slot + 1]);
        std::stable_partition(children.begin(),
                              children.end(),
                              [this](std::uint32_t child) { return Count(child) > 0; });
        return children;
    }

  private:
    std::vector<std::uint32_t> m_first;    ///< of each peer's children in m_children, and the end
    std::vector<std::uint32_t> m_children; ///< by parent, then by place
};

const char*
ShapeOf(FanoutRole role)
{
    switch (role)
    {
    case FanoutRole::ROOT:
        return "shape=doublecircle, fillcolor=\"#E69F00\"";
    case FanoutRole::RELAY:
        return "shape=box, fillcolor=\"#56B4E9\"";
    default:
        return "shape=ellipse, fillcolor=\"#FFFFFF\"";
    }
}

} // namespace

void
FanoutMonitor::WritePeers(std::ostream& os, const PlaceName& placeOf) const
{
    os << "index,node,role,region,up,online,member,level,parent,children,capacity,started_s,"
          "attached_s,expected,delivered,missing,duplicates,latency_mean_ms,received,moves,"
          "uploaded_bytes,upload_max_bytes_per_s,upload_cap_bytes_per_s\n";
    const auto nodes = Snapshot(true);
    for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
    {
        const auto& peer = m_peers[slot];
        const auto& count = m_counts[slot];
        const auto& node = nodes[slot];
        const auto& application = *peer.application;
        const auto counters = application.GetCounters();
        const auto index = application.GetIndex();
        const bool leveled = node.open && node.level != FanoutTreeShape::NO_LEVEL;
        const bool parented = node.parent < m_peers.size();
        const std::uint64_t expected = count.member ? m_published : 0;
        const double latency = count.delivered > 0 ? static_cast<double>(count.latency) /
                                                         count.delivered / fanout::MILLISECOND
                                                   : 0;
        os << index << ',' << application.GetNode()->GetId() << ',' << FanoutRoleName(peer.role)
           << ',' << (placeOf ? FanoutCsvField(placeOf(index)) : "") << ',' << application.IsUp()
           << ',' << application.IsOnline() << ',' << count.member << ','
           << NumberText(node.level, leveled) << ','
           << NumberText(parented ? m_peers[node.parent].application->GetIndex() : 0, parented)
           << ',' << NumberText(node.children, node.open) << ','
           << NumberText(node.capacity, node.open) << ',' << SecondsText(peer.startedAt) << ','
           << SecondsText(peer.attachedAt) << ',' << expected << ',' << count.delivered << ','
           << (expected > count.delivered ? expected - count.delivered : 0) << ','
           << peer.duplicates << ',' << NumberText(latency, count.delivered > 0) << ','
           << counters.delivered << ',' << counters.moves << ',' << counters.uploadBytes << ','
           << counters.uploadMaxInSecond << ',' << NumberText(peer.upload, peer.upload > 0) << '\n';
    }
}

void
FanoutMonitor::WriteLatency(std::ostream& os) const
{
    const auto all = GetLatencies().GetBuckets();
    std::vector<std::vector<FanoutTimeHistogram::Bucket>> levels;
    os << "latency_ms,all";
    for (std::size_t place = 0; place < m_latencies.size(); place++)
    {
        if (m_latencies[place].GetN() > 0)
        {
            os << ',' << (place == 0 ? "no_level" : "level_" + std::to_string(place - 1))
               << (place > DEEPEST ? "_and_deeper" : "");
            levels.push_back(m_latencies[place].GetBuckets());
        }
    }
    os << '\n';
    for (std::size_t i = 0; i < all.size(); i++)
    {
        if (all[i].count == 0)
        {
            continue;
        }
        os << NumberText(all[i].upperMs, true) << ',' << all[i].count;
        for (const auto& level : levels)
        {
            os << ',' << (i < level.size() ? level[i].count : 0);
        }
        os << '\n';
    }
}

void
FanoutMonitor::WriteTree(std::ostream& os, std::uint32_t most) const
{
    const auto nodes = Snapshot(true);
    const Family family(nodes);
    std::vector<std::uint32_t> drawn;
    std::size_t inTree = 0;
    for (std::uint32_t slot = 0; slot < nodes.size(); slot++)
    {
        inTree += nodes[slot].root || nodes[slot].parent != FanoutTreeShape::NO_PARENT ? 1 : 0;
        if (nodes[slot].root && drawn.size() < most)
        {
            drawn.push_back(slot);
        }
    }
    os << "// The children of a peer that are not drawn are a number in its label.\n"
          "digraph tree {\n"
          "  rankdir=LR; ranksep=1.2; nodesep=0.06;\n"
          "  node [style=filled, fontname=\"Sans\", fontsize=10, height=0.2,"
          " margin=\"0.06,0.02\"];\n"
          "  edge [arrowsize=0.4, color=\"#666666\"];\n";
    for (std::size_t i = 0; i < drawn.size(); i++)
    {
        const auto slot = drawn[i];
        const auto& peer = m_peers[slot];
        const auto index = peer.application->GetIndex();
        std::uint32_t left = family.Count(slot);
        for (const auto child : family.Of(slot))
        {
            if (drawn.size() >= most)
            {
                break;
            }
            drawn.push_back(child);
            left--;
            os << "  " << index << " -> " << m_peers[child].application->GetIndex() << ";\n";
        }
        os << "  " << index << " [" << ShapeOf(peer.role) << ", label=\"" << index;
        if (left > 0)
        {
            os << " (+" << left << ")";
        }
        os << "\"];\n";
    }
    os << "  labelloc=t; fontname=\"Sans\";\n  label=\"the tree at " << SecondsText(Now())
       << " s: " << drawn.size() << " of " << inTree << " peers in it are drawn\";\n}\n";
}

} // namespace ns3
