/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-helper.h"

#include "ns3/fanout-draw-key.h"
#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/names.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTreeHelper");

namespace
{

/**
 * Draw without putting back.
 * @param from the urn; its last elements are drawn ones afterwards
 * @param count how many, at most as many as there are
 * @param draws where from
 */
void
DrawToEnd(std::vector<uint32_t>& from, std::size_t count, UniformRandomVariable& draws)
{
    for (std::size_t i = 0; i < count; i++)
    {
        const auto last = static_cast<uint32_t>(from.size() - 1 - i);
        std::swap(from[draws.GetInteger(0, last)], from[last]);
    }
}

} // namespace

// ---- roles ----

FanoutRoles&
FanoutRoles::Root(uint32_t index)
{
    m_root = index;
    return *this;
}

FanoutRoles&
FanoutRoles::Trackers(uint32_t first, uint32_t count)
{
    m_firstTracker = first;
    m_trackers = count;
    return *this;
}

FanoutRoles&
FanoutRoles::RelayFraction(double fraction)
{
    m_relayFraction = fraction;
    return *this;
}

FanoutRoles&
FanoutRoles::Subscribers(uint32_t count)
{
    m_subscribers = count;
    return *this;
}

// ---- before Install ----

FanoutTreeHelper::FanoutTreeHelper(std::string topic)
    : m_transport("ns3::FanoutUdpTransport"),
      m_root(FanoutTreeOptions::ForRole(FanoutRole::ROOT)),
      m_relay(FanoutTreeOptions::ForRole(FanoutRole::RELAY)),
      m_leaf(FanoutTreeOptions::ForRole(FanoutRole::LEAF)),
      m_channel(CreateObject<FanoutTreeChannel>())
{
    m_channel->SetAttribute("Topic", StringValue(topic));
}

void
FanoutTreeHelper::Set(Ptr<Object>)
{
}

void
FanoutTreeHelper::SetTransportAttributes()
{
}

void
FanoutTreeHelper::SetTransportType(const std::string& typeId)
{
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(typeId, &tid) ||
        !tid.IsChildOf(FanoutTransport::GetTypeId()) || !tid.HasConstructor())
    {
        throw std::invalid_argument("FanoutTreeHelper: '" + typeId +
                                    "' is no transport; allowed are TypeIds that derive from "
                                    "ns3::FanoutTransport, such as ns3::FanoutUdpTransport");
    }
    m_transport = ObjectFactory();
    m_transport.SetTypeId(tid);
}

void
FanoutTreeHelper::SetRoles(const FanoutRoles& roles)
{
    m_roles = roles;
}

void
FanoutTreeHelper::SetRoleStream(int64_t stream)
{
    m_roleStream = stream;
}

void
FanoutTreeHelper::SetSigning(const std::string& signing)
{
    FanoutRun::Get()->SetSigning(signing);
}

void
FanoutTreeHelper::SetSeed(uint64_t seed)
{
    FanoutRun::Get()->SetSeed(seed);
}

void
FanoutTreeHelper::SetPort(uint16_t port)
{
    if (port == 0)
    {
        throw std::invalid_argument("FanoutTreeHelper: port 0; allowed are 1 to 65535");
    }
    m_port = port;
}

void
FanoutTreeHelper::SetAddresses(std::function<Ipv4Address(uint32_t position)> addresses)
{
    m_addresses = std::move(addresses);
}

void
FanoutTreeHelper::SetFirstIndex(uint32_t index)
{
    m_firstIndex = index;
}

void
FanoutTreeHelper::SetRootKnown(bool told)
{
    m_rootKnown = told;
    m_rootKnownSet = true;
}

// ---- Install ----

void
FanoutTreeHelper::CheckRoles(uint32_t n) const
{
    const auto nodes = std::to_string(n) + (n == 1 ? " node was" : " nodes were") + " given";
    if (m_roles.m_root >= n)
    {
        throw std::invalid_argument("FanoutTreeHelper: the root is node " +
                                    std::to_string(m_roles.m_root) + ", but " + nodes +
                                    (n > 0 ? "; allowed are 0 to " + std::to_string(n - 1) : ""));
    }
    const uint64_t end = static_cast<uint64_t>(m_roles.m_firstTracker) + m_roles.m_trackers;
    if (m_roles.m_trackers > 0 && end > n)
    {
        throw std::invalid_argument("FanoutTreeHelper: the trackers are nodes " +
                                    std::to_string(m_roles.m_firstTracker) + " to " +
                                    std::to_string(end - 1) + ", but " + nodes);
    }
    if (m_roles.m_root >= m_roles.m_firstTracker && m_roles.m_root < end)
    {
        throw std::invalid_argument("FanoutTreeHelper: node " + std::to_string(m_roles.m_root) +
                                    " cannot be both root and tracker");
    }
    if (!(m_roles.m_relayFraction >= 0 && m_roles.m_relayFraction <= 1))
    {
        throw std::invalid_argument("FanoutTreeHelper: the relay fraction is " +
                                    std::to_string(m_roles.m_relayFraction) +
                                    "; allowed are 0 to 1");
    }
}

void
FanoutTreeHelper::DrawRoles(uint32_t n)
{
    CheckRoles(n);
    m_drawn.assign(n, FanoutRole::IDLE);
    m_drawn[m_roles.m_root] = FanoutRole::ROOT;
    std::fill_n(m_drawn.begin() + m_roles.m_firstTracker * (m_roles.m_trackers > 0),
                m_roles.m_trackers,
                FanoutRole::TRACKER);

    std::vector<uint32_t> others;
    others.reserve(n);
    for (uint32_t i = 0; i < n; i++)
    {
        if (m_drawn[i] == FanoutRole::IDLE)
        {
            others.push_back(i);
        }
    }
    auto draws = CreateObject<UniformRandomVariable>();
    draws->SetStream(m_roleStream);
    const auto subscribers = std::min<std::size_t>(m_roles.m_subscribers, others.size());
    if (subscribers < others.size())
    {
        DrawToEnd(others, subscribers, *draws);
    }
    others.erase(others.begin(), others.end() - static_cast<std::ptrdiff_t>(subscribers));
    for (const auto i : others)
    {
        m_drawn[i] = FanoutRole::LEAF;
    }

    auto relays = static_cast<std::size_t>(
        std::floor(static_cast<double>(subscribers) * m_roles.m_relayFraction));
    if (relays == 0 && subscribers > m_root->Peek().maxChildren)
    {
        relays = 1;
    }
    DrawToEnd(others, relays, *draws);
    for (std::size_t i = 0; i < relays; i++)
    {
        m_drawn[others[subscribers - 1 - i]] = FanoutRole::RELAY;
    }
}

Ipv4Address
FanoutTreeHelper::AddressOf(const NodeContainer& nodes, uint32_t position) const
{
    if (!m_addresses)
    {
        return FanoutApplication::GetNodeAddress(nodes.Get(position));
    }
    const auto address = m_addresses(position);
    if (address == Ipv4Address::GetAny())
    {
        throw std::invalid_argument("FanoutTreeHelper: SetAddresses got a function that gives no "
                                    "address at position " +
                                    std::to_string(position));
    }
    return address;
}

void
FanoutTreeHelper::FillAddresses(const NodeContainer& nodes)
{
    const auto at = [&](uint32_t position)
    {
        fanout::Endpoint endpoint;
        endpoint.ip = AddressOf(nodes, position).Get();
        endpoint.port = m_port;
        endpoint.protocol = m_transportPrototype->GetProtocol();
        return endpoint;
    };
    std::vector<fanout::Endpoint> trackers;
    for (const auto position : GetPositions(FanoutRole::TRACKER))
    {
        trackers.push_back(at(position));
    }
    if (m_rootKnownSet ? m_rootKnown : trackers.empty())
    {
        m_channel->SetRootEndpoint(at(m_roles.m_root));
    }
    m_channel->SetAttribute("RootIndex", UintegerValue(m_firstIndex + m_roles.m_root));
    m_trackers = std::make_shared<const std::vector<fanout::Endpoint>>(std::move(trackers));
}

void
FanoutTreeHelper::MakePrototypes()
{
    // To set the attributes of a million objects takes half a minute, to copy them some seconds.
    for (const auto role :
         {FanoutRole::ROOT, FanoutRole::TRACKER, FanoutRole::RELAY, FanoutRole::LEAF})
    {
        auto application = CreateObject<FanoutTreeApplication>();
        application->SetRole(role);
        application->SetChannel(m_channel);
        application->SetOptions(role == FanoutRole::TRACKER ? m_leaf : GetOptions(role));
        application->SetTrackers(m_trackers);
        m_prototypes[static_cast<std::size_t>(role)] = application;
    }
}

Ptr<FanoutTreeApplication>
FanoutTreeHelper::InstallOne(Ptr<Node> node, uint32_t position, Ipv4Address local)
{
    auto application = CopyObject(m_prototypes[static_cast<std::size_t>(m_drawn[position])]);
    Ptr<FanoutTransport> transport = m_transportPrototype->Copy();
    application->SetIndex(m_firstIndex + position);
    application->SetTransport(transport ? transport : m_transport.Create<FanoutTransport>());
    application->SetLocal(InetSocketAddress(local, m_port));
    node->AddApplication(application);
    return application;
}

ApplicationContainer
FanoutTreeHelper::Install(const NodeContainer& nodes)
{
    NS_LOG_FUNCTION(this << nodes.GetN());
    if (std::exchange(m_installed, true))
    {
        throw std::logic_error("FanoutTreeHelper: Install was called before; a second channel "
                               "needs a helper of its own");
    }
    DrawRoles(nodes.GetN());
    for (const auto& options : {m_root, m_relay, m_leaf})
    {
        const auto wrong = options->Check();
        if (!wrong.empty())
        {
            throw std::invalid_argument("FanoutTreeHelper: " + wrong);
        }
    }
    m_transportPrototype = m_transport.Create<FanoutTransport>();
    FillAddresses(nodes);
    MakePrototypes();

    ApplicationContainer applications;
    const auto rank = Simulator::GetSystemId();
    for (uint32_t i = 0; i < nodes.GetN(); i++)
    {
        const auto node = nodes.Get(i);
        if (m_drawn[i] != FanoutRole::IDLE && node->GetSystemId() == rank)
        {
            const auto local = m_addresses ? AddressOf(nodes, i) : Ipv4Address::GetAny();
            applications.Add(InstallOne(node, i, local));
        }
    }
    return applications;
}

ApplicationContainer
FanoutTreeHelper::Install(Ptr<Node> node)
{
    return Install(NodeContainer(node));
}

ApplicationContainer
FanoutTreeHelper::Install(const std::string& nodeName)
{
    const auto node = Names::Find<Node>(nodeName);
    if (!node)
    {
        throw std::invalid_argument("FanoutTreeHelper: there is no node named '" + nodeName + "'");
    }
    return Install(node);
}

int64_t
FanoutTreeHelper::AssignStreams(const ApplicationContainer& applications, int64_t stream)
{
    const auto key = fanout::DrawKey(stream);
    for (auto i = applications.Begin(); i != applications.End(); i++)
    {
        const auto application = DynamicCast<FanoutApplication>(*i);
        if (application)
        {
            application->SetRandomKey(key);
        }
    }
    return 1;
}

// ---- after Install ----

FanoutRole
FanoutTreeHelper::GetRole(uint32_t position) const
{
    if (position >= m_drawn.size())
    {
        throw std::out_of_range("FanoutTreeHelper: there is no position " +
                                std::to_string(position) + "; Install got " +
                                std::to_string(m_drawn.size()) + " nodes");
    }
    return m_drawn[position];
}

std::vector<uint32_t>
FanoutTreeHelper::GetPositions(FanoutRole role) const
{
    std::vector<uint32_t> positions;
    for (uint32_t i = 0; i < m_drawn.size(); i++)
    {
        if (m_drawn[i] == role)
        {
            positions.push_back(i);
        }
    }
    return positions;
}

Ptr<FanoutTreeOptions>
FanoutTreeHelper::GetOptions(FanoutRole role) const
{
    switch (role)
    {
    case FanoutRole::ROOT:
        return m_root;
    case FanoutRole::RELAY:
        return m_relay;
    case FanoutRole::LEAF:
        return m_leaf;
    default:
        throw std::invalid_argument("FanoutTreeHelper: the role " + FanoutRoleName(role) +
                                    " has no options; allowed are root, relay and leaf");
    }
}

Ptr<FanoutTreeChannel>
FanoutTreeHelper::GetChannel() const
{
    return m_channel;
}

} // namespace ns3
