/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-trouble.h"

#include "ns3/fanout-cloud-net-device.h"
#include "ns3/fanout-messages.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTrouble");

namespace
{

void
CheckFraction(double fraction)
{
    if (!(fraction >= 0 && fraction <= 1))
    {
        throw std::invalid_argument("FanoutTrouble: a fraction of " + std::to_string(fraction) +
                                    "; allowed are 0 to 1");
    }
}

} // namespace

FanoutTrouble::FanoutTrouble(const ApplicationContainer& applications)
    : m_draws(CreateObject<UniformRandomVariable>())
{
    for (auto i = applications.Begin(); i != applications.End(); i++)
    {
        if (const auto peer = DynamicCast<FanoutApplication>(*i))
        {
            m_peers.push_back(peer);
        }
    }
}

int64_t
FanoutTrouble::AssignStreams(int64_t stream)
{
    m_draws->SetStream(stream);
    m_faultStream = stream + 1;
    if (m_faults)
    {
        m_faults->AssignStreams(m_faultStream);
    }
    return 2;
}

FanoutTrouble::Peers
FanoutTrouble::Online(FanoutRole role) const
{
    Peers online;
    std::copy_if(m_peers.begin(),
                 m_peers.end(),
                 std::back_inserter(online),
                 [role](const auto& peer) { return peer->GetRole() == role && peer->IsOnline(); });
    return online;
}

FanoutTrouble::Peers
FanoutTrouble::OnlineSubscribers() const
{
    Peers online;
    std::copy_if(m_peers.begin(),
                 m_peers.end(),
                 std::back_inserter(online),
                 [](const auto& peer) { return peer->IsSubscriber() && peer->IsOnline(); });
    return online;
}

FanoutTrouble::Peers
FanoutTrouble::Draw(Peers all, double fraction)
{
    CheckFraction(fraction);
    const auto count =
        static_cast<std::size_t>(std::llround(fraction * static_cast<double>(all.size())));
    for (std::size_t i = 0; i < count; i++)
    {
        const auto last = static_cast<uint32_t>(all.size() - 1);
        std::swap(all[i], all[m_draws->GetInteger(static_cast<uint32_t>(i), last)]);
    }
    all.resize(count);
    return all;
}

uint32_t
FanoutTrouble::Crash(FanoutRole role, double fraction)
{
    const auto met = Draw(Online(role), fraction);
    for (const auto& peer : met)
    {
        NS_LOG_INFO("peer " << peer->GetIndex() << " dies");
        peer->Crash();
    }
    return static_cast<uint32_t>(met.size());
}

uint32_t
FanoutTrouble::Leave(FanoutRole role, double fraction)
{
    const auto met = Draw(Online(role), fraction);
    for (const auto& peer : met)
    {
        peer->Leave();
    }
    return static_cast<uint32_t>(met.size());
}

uint32_t
FanoutTrouble::CrashTrackers(double fraction)
{
    CheckFraction(fraction);
    auto trackers = Online(FanoutRole::TRACKER);
    std::stable_sort(trackers.begin(),
                     trackers.end(),
                     [](const auto& a, const auto& b)
                     { return a->GetCounters().uploadBytes > b->GetCounters().uploadBytes; });
    trackers.resize(
        static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(trackers.size()))));
    for (const auto& tracker : trackers)
    {
        tracker->Crash();
    }
    return static_cast<uint32_t>(trackers.size());
}

uint32_t
FanoutTrouble::Partition(double fraction, Time length)
{
    const auto met = Draw(OnlineSubscribers(), fraction);
    const auto side = std::make_shared<std::set<uint32_t>>();
    for (const auto& peer : met)
    {
        side->insert(peer->GetEndpoint().ip);
    }
    FanoutFaults::Rule rule;
    rule.between = [side](uint32_t from, uint32_t to)
    { return side->count(from) != side->count(to); };
    rule.end = Simulator::Now() + length;
    rule.lose = 1;
    GetFaults()->Add(rule);
    return static_cast<uint32_t>(met.size());
}

uint32_t
FanoutTrouble::DeadenLinks(double fraction, bool upwards, Time length)
{
    std::map<fanout::PeerId, uint32_t> hosts;
    for (const auto& peer : m_peers)
    {
        hosts.emplace(peer->GetId(), peer->GetEndpoint().ip);
    }
    auto children = OnlineSubscribers();
    children.erase(std::remove_if(children.begin(),
                                  children.end(),
                                  [&](const auto& peer)
                                  { return hosts.count(peer->GetParent()) == 0; }),
                   children.end());
    const auto dead = std::make_shared<std::set<std::pair<uint32_t, uint32_t>>>();
    for (const auto& child : Draw(std::move(children), fraction))
    {
        const auto down = std::make_pair(hosts.at(child->GetParent()), child->GetEndpoint().ip);
        dead->insert(upwards ? std::make_pair(down.second, down.first) : down);
    }
    FanoutFaults::Rule rule;
    rule.between = [dead](uint32_t from, uint32_t to) { return dead->count({from, to}) > 0; };
    rule.end = Simulator::Now() + length;
    rule.lose = 1;
    GetFaults()->Add(rule);
    return static_cast<uint32_t>(dead->size());
}

uint32_t
FanoutTrouble::FreeRide(double fraction, Time length)
{
    const auto riders = std::make_shared<std::set<uint32_t>>();
    for (const auto& relay : Draw(Online(FanoutRole::RELAY), fraction))
    {
        riders->insert(relay->GetEndpoint().ip);
    }
    FanoutFaults::Rule rule;
    rule.between = [riders](uint32_t from, uint32_t) { return riders->count(from) > 0; };
    rule.kinds.set(static_cast<std::size_t>(fanout::Kind::DATA));
    rule.end = Simulator::Now() + length;
    rule.lose = 1;
    GetFaults()->Add(rule);
    return static_cast<uint32_t>(riders->size());
}

void
FanoutTrouble::ScaleAccess(const Ptr<FanoutApplication>& peer, double factor)
{
    const auto scaled = [factor](uint64_t rate)
    { return std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(rate) * factor)); };
    const auto node = peer->GetNode();
    for (uint32_t i = 0; i < node->GetNDevices(); i++)
    {
        const auto device = node->GetDevice(i);
        DataRateValue rate;
        if (const auto link = DynamicCast<FanoutCloudNetDevice>(device))
        {
            auto access = link->GetCloud()->GetAccess(link->GetPlace());
            access.up = scaled(access.up);
            access.down = scaled(access.down);
            link->GetCloud()->SetAccess(link->GetPlace(), access);
        }
        else if (device->GetAttributeFailSafe("DataRate", rate))
        {
            device->SetAttribute("DataRate", DataRateValue(scaled(rate.Get().GetBitRate())));
        }
    }
}

uint32_t
FanoutTrouble::SlowRelays(double fraction, double factor)
{
    if (!(factor > 0))
    {
        throw std::invalid_argument("FanoutTrouble: a factor of rates must be above 0");
    }
    const auto met = Draw(Online(FanoutRole::RELAY), fraction);
    for (const auto& peer : met)
    {
        ScaleAccess(peer, factor);
    }
    return static_cast<uint32_t>(met.size());
}

Ptr<FanoutFaults>
FanoutTrouble::GetFaults()
{
    if (!m_faults)
    {
        m_faults = Create<FanoutFaults>();
        if (m_faultStream >= 0)
        {
            m_faults->AssignStreams(m_faultStream);
        }
        for (const auto& peer : m_peers)
        {
            if (const auto transport = peer->GetTransport())
            {
                transport->SetFaults(m_faults);
            }
        }
    }
    return m_faults;
}

} // namespace ns3
