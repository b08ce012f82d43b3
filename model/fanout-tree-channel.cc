/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-channel.h"

#include "fanout-run.h"

#include "ns3/fanout-identity.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <stdexcept>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FanoutTreeChannel);

TypeId
FanoutTreeChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutTreeChannel")
            .SetParent<Object>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutTreeChannel>()
            .AddAttribute("Topic",
                          "Name of the channel, any text. With the root's name it makes the key.",
                          StringValue("concert"),
                          MakeStringAccessor(&FanoutTreeChannel::m_topic),
                          MakeStringChecker())
            .AddAttribute("RootIndex",
                          "Index of the root; its name is derived from it unless RootId is set.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&FanoutTreeChannel::m_rootIndex),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute(
                "RootId",
                "Name of the root: padded base64 of 32 bytes, 44 characters. Empty: "
                "derived from the run's seed and RootIndex.",
                StringValue(""),
                MakeStringAccessor(&FanoutTreeChannel::SetRootId, &FanoutTreeChannel::GetRootId),
                MakeStringChecker())
            .AddAttribute("RootAddress",
                          "Where the root is, for example /ip4/10.1.2.3/udp/4001. Empty: "
                          "subscribers have to ask trackers.",
                          StringValue(""),
                          MakeStringAccessor(&FanoutTreeChannel::SetRootAddress,
                                             &FanoutTreeChannel::GetRootAddress),
                          MakeStringChecker());
    return tid;
}

FanoutTreeChannel::FanoutTreeChannel() = default;

FanoutTreeChannel::~FanoutTreeChannel() = default;

const std::string&
FanoutTreeChannel::GetTopic() const
{
    return m_topic;
}

const fanout::PeerId&
FanoutTreeChannel::GetRoot() const
{
    if (m_rootId)
    {
        return m_rootId;
    }
    const auto run = FanoutRun::Get();
    const auto signatures = run->GetCommons().signatures;
    if (!m_root || m_seed != run->GetSeed() || m_signatures != signatures)
    {
        m_seed = run->GetSeed();
        m_signatures = signatures;
        m_root = signatures->Derive(m_seed, m_rootIndex).id;
    }
    return m_root;
}

const fanout::Endpoint&
FanoutTreeChannel::GetRootEndpoint() const
{
    return m_endpoint;
}

void
FanoutTreeChannel::SetRootEndpoint(const fanout::Endpoint& endpoint)
{
    m_endpoint = endpoint;
}

void
FanoutTreeChannel::SetRootId(std::string text)
{
    const auto id = text.empty() ? fanout::PeerId() : fanout::PeerId::FromText(text);
    if (!id)
    {
        throw std::invalid_argument("FanoutTreeChannel: RootId '" + text +
                                    "' is not the padded base64 of 32 bytes");
    }
    m_rootId = *id;
}

std::string
FanoutTreeChannel::GetRootId() const
{
    return m_rootId ? m_rootId.ToText() : "";
}

void
FanoutTreeChannel::SetRootAddress(std::string text)
{
    const auto endpoint = text.empty() ? fanout::Endpoint() : fanout::Endpoint::FromText(text);
    if (!endpoint)
    {
        throw std::invalid_argument("FanoutTreeChannel: RootAddress '" + text +
                                    "' is no address; allowed are /ip4/A.B.C.D/udp/PORT and "
                                    "/ip4/A.B.C.D/tcp/PORT");
    }
    m_endpoint = *endpoint;
}

std::string
FanoutTreeChannel::GetRootAddress() const
{
    return m_endpoint ? m_endpoint.ToText() : "";
}

} // namespace ns3
