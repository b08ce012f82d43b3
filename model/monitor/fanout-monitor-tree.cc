/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace ns3
{

/**
 * Who has which name. Nearly all parents are roots or relays, so leaves are looked at only when
 * somebody else's name is asked for.
 */
class FanoutMonitor::Names
{
  public:
    /// @param peers all of them
    explicit Names(const std::vector<Peer>& peers)
        : m_peers(peers)
    {
        Add(false);
    }

    /// @param id a name @return place of the peer that has it, or UNKNOWN
    std::uint32_t
    Find(const fanout::PeerId& id)
    {
        auto slot = Look(id);
        if (slot == FanoutTreeShape::UNKNOWN && !m_complete)
        {
            m_complete = true;
            Add(true);
            slot = Look(id);
        }
        return slot;
    }

  private:
    using Entry = std::pair<std::uint64_t, std::uint32_t>; ///< prefix of a name, place

    /// @param leaves add the leaves, or all others
    void
    Add(bool leaves)
    {
        for (std::uint32_t slot = 0; slot < m_peers.size(); slot++)
        {
            if ((m_peers[slot].role == FanoutRole::LEAF) == leaves)
            {
                m_entries.emplace_back(m_peers[slot].application->GetId().Prefix(), slot);
            }
        }
        std::sort(m_entries.begin(), m_entries.end());
    }

    /// @param id a name @return place among the present entries, or UNKNOWN
    std::uint32_t
    Look(const fanout::PeerId& id) const
    {
        const auto prefix = id.Prefix();
        auto entry = std::lower_bound(m_entries.begin(), m_entries.end(), Entry(prefix, 0));
        for (; entry != m_entries.end() && entry->first == prefix; entry++)
        {
            if (m_peers[entry->second].application->GetId() == id)
            {
                return entry->second;
            }
        }
        return FanoutTreeShape::UNKNOWN;
    }

    const std::vector<Peer>& m_peers; ///< all peers
    std::vector<Entry> m_entries;     ///< in order
    bool m_complete{false};           ///< leaves are in it
};

FanoutTreeShape::Node
FanoutMonitor::NodeOf(const fanout::ChannelStatus& status, FanoutRole role)
{
    FanoutTreeShape::Node node;
    node.open = status.open;
    node.attached = status.attached;
    node.root = role == FanoutRole::ROOT;
    node.level = status.level;
    node.children = status.children;
    node.capacity = status.capacity;
    return node;
}

std::vector<FanoutTreeShape::Node>
FanoutMonitor::Snapshot(bool edges) const
{
    std::optional<Names> names;
    if (edges)
    {
        names.emplace(m_peers);
    }
    std::vector<FanoutTreeShape::Node> nodes;
    nodes.reserve(m_peers.size());
    for (std::size_t slot = 0; slot < m_peers.size(); slot++)
    {
        const auto status = m_peers[slot].application->GetStatus();
        auto node = NodeOf(status, m_peers[slot].role);
        node.member = m_counts[slot].member;
        if (status.parent)
        {
            node.parent = edges ? names->Find(status.parent) : FanoutTreeShape::UNKNOWN;
        }
        nodes.push_back(node);
    }
    return nodes;
}

void
FanoutMonitor::BeginCounting(const std::vector<FanoutTreeShape::Node>& nodes)
{
    m_standingsRead = FanoutRun::Get()->GetStandings().size();
    m_tally.Reserve(static_cast<std::uint32_t>(nodes.size()));
    for (std::uint32_t slot = 0; slot < nodes.size(); slot++)
    {
        CountStanding(slot, nodes[slot]);
    }
}

void
FanoutMonitor::NoteStanding(std::uint32_t slot)
{
    const bool timeline = m_timeline.HasBegun();
    if (!m_formed && !timeline)
    {
        return;
    }
    const auto& peer = m_peers[slot];
    const auto node = NodeOf(peer.application->GetStatus(), peer.role);
    if (timeline)
    {
        CountAttached(slot, node);
    }
    if (m_formed)
    {
        CountStanding(slot, node);
    }
}

void
FanoutMonitor::CountStanding(std::uint32_t slot, const FanoutTreeShape::Node& node)
{
    m_tally.Set(slot, node);
    auto& peer = m_peers[slot];
    const bool joined = node.attached && peer.application->IsUp();
    if (m_counts[slot].member && !joined && !peer.listed)
    {
        peer.listed = true;
        m_orphans.push_back(slot);
    }
}

void
FanoutMonitor::ReadStandings()
{
    const auto& stood = FanoutRun::Get()->GetStandings();
    for (; m_standingsRead < stood.size(); m_standingsRead++)
    {
        const auto slot = SlotOf(stood[m_standingsRead]);
        if (slot != NOT_WATCHED)
        {
            NoteStanding(slot);
        }
    }
}

std::uint32_t
FanoutMonitor::CountOrphans()
{
    const auto joined = [this](std::uint32_t slot)
    {
        auto& peer = m_peers[slot];
        peer.listed = !peer.application->IsJoined();
        return !peer.listed;
    };
    m_orphans.erase(std::remove_if(m_orphans.begin(), m_orphans.end(), joined), m_orphans.end());
    std::uint32_t orphans = 0;
    for (const auto slot : m_orphans)
    {
        // Who has left is no orphan.
        const auto& peer = m_peers[slot].application;
        orphans += peer->IsOnline() && peer->GetStatus().open ? 1 : 0;
    }
    return orphans;
}

FanoutMaintenance::Sample
FanoutMonitor::TakeSample()
{
    ReadStandings();
    FanoutMaintenance::Sample sample;
    sample.levelP95 = m_tally.GetLevelP95();
    sample.childrenP95 = m_tally.GetChildrenP95();
    sample.orphans = CountOrphans();
    return sample;
}

void
FanoutMonitor::SampleTree()
{
    m_maintenance.Add(Now(), TakeSample());
    ScheduleSample();
}

fanout::Micros
FanoutMonitor::GetSamplePeriod() const
{
    const auto hosts = m_hosts > 0 ? m_hosts : static_cast<std::uint32_t>(m_peers.size());
    return FanoutMaintenance::PeriodFor(hosts);
}

void
FanoutMonitor::ScheduleSample()
{
    m_sampling =
        Simulator::Schedule(MicroSeconds(GetSamplePeriod()), &FanoutMonitor::SampleTree, this);
}

} // namespace ns3
