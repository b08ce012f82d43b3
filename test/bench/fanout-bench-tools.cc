/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include <cstring>
#include <numeric>
#include <stdexcept>

namespace ns3::fanout::bench
{

Identity
IdentityOf(std::uint64_t index)
{
    Identity identity;
    for (std::size_t i = 0; i < identity.publicKey.size(); i += 8)
    {
        const std::uint64_t draw = Mix64(index * 4 + i / 8);
        std::memcpy(identity.publicKey.data() + i, &draw, 8);
    }
    identity.id = PeerIdOf(identity.publicKey);
    return identity;
}

Endpoint
EndpointOf(std::uint32_t index)
{
    return {0x0a000001 + index, 4001, Endpoint::Protocol::UDP};
}

const Identity&
Root()
{
    static const Identity root = IdentityOf(0xffffffff);
    return root;
}

const Digest&
Key()
{
    static const Digest key = ChannelKeyOf(Root().id.ToText(), TOPIC);
    return key;
}

FrameRef
SealMessage(std::uint32_t seq, Micros now)
{
    EnvelopeFields fields;
    fields.id = DataMessageId(seq, Key());
    fields.timestamp = Commons().epochMs + static_cast<std::uint64_t>(now / MILLISECOND);
    fields.priority = 1;
    Bytes data(1 + PAYLOAD, 0x5a);
    data[0] = static_cast<std::uint8_t>(Kind::DATA);
    return Frame::Seal(SignatureScheme::Mock(), Root(), fields, data);
}

Scene::Scene()
{
    commons.signatures = &SignatureScheme::Mock();
}

Micros
Host::Now() const
{
    return m_scene->now;
}

SendResult
Host::Send(LinkId, const FrameRef& frame)
{
    m_scene->sends++;
    if (m_scene->keep)
    {
        m_scene->last = frame;
    }
    return SendResult::ACCEPTED;
}

DialResult
Host::Dial(const Endpoint& endpoint)
{
    return {endpoint.ip - EndpointOf(0).ip, DialState::OPEN};
}

void
Host::HangUp(LinkId)
{
}

void
Host::WakeAt(Micros when)
{
    m_wakeAt = when;
}

std::uint32_t
Host::OverheadBytes() const
{
    return OVERHEAD;
}

Endpoint
Host::LocalEndpoint() const
{
    return EndpointOf(1);
}

Endpoint
Host::RemoteEndpoint(LinkId link) const
{
    return EndpointOf(link);
}

std::shared_ptr<const Options>
MakeOptions(std::uint16_t children)
{
    auto options = std::make_shared<Options>();
    options->maxChildren = children;
    options->uploadBytesPerSecond = children > 0 ? 1e8 : 0;
    options->messageRate = static_cast<double>(SECOND) / INTERVAL;
    options->messageSize = PAYLOAD;
    return options;
}

PeerConfig
MakeConfig(std::uint32_t index)
{
    PeerConfig config;
    config.index = index;
    config.identity = IdentityOf(index);
    config.randomKey = 1;
    return config;
}

ChannelConfig
MakeChannel(std::shared_ptr<const Options> options)
{
    ChannelConfig channel;
    channel.root = Root().id;
    channel.topic = TOPIC;
    channel.rootEndpoint = EndpointOf(0);
    channel.options = std::move(options);
    return channel;
}

JoinAccept
MakeAccept(std::uint32_t reqId)
{
    JoinAccept accept;
    accept.reqId = reqId;
    accept.parentLevel = 0;
    accept.route = {Root().id.ToText()};
    accept.have = SeqRange{0, 0};
    accept.extension.emplace().position = PositionKey{1, 0};
    accept.extension->watermark = 0;
    return accept;
}

JoinReq
MakeJoinReq(bool relay)
{
    JoinReq request;
    request.reqId = 1;
    request.extension.emplace().role.emplace();
    request.extension->role->relay = relay;
    request.extension->role->capacity = relay ? CHILDREN : 0;
    return request;
}

Crowd::Crowd(std::size_t count, bool relays)
{
    const auto options = MakeOptions(relays ? CHILDREN : 0);
    for (std::uint32_t i = 0; relays && i < CHILDREN; i++)
    {
        const auto child = IdentityOf(0x100000000 + i);
        m_requests.push_back(SealControl(child, MakeJoinReq(false), i));
        m_alives.push_back(SealControl(child, Alive(), 2 * CHILDREN + i));
    }
    m_hosts.assign(count, Host(m_scene));
    m_peers.reserve(count);
    for (std::uint32_t i = 0; i < count; i++)
    {
        Add(i, options);
    }
    m_order.resize(count);
    std::iota(m_order.begin(), m_order.end(), 0);
    Random(1, 2, 3).Shuffle(m_order.begin(), count);
    for (Publish(); !Done();)
    {
        Deliver();
    }
    double bytes = 0;
    for (const auto& peer : m_peers)
    {
        bytes += static_cast<double>(peer->MemoryBytes());
    }
    m_bytesPerPeer = bytes / static_cast<double>(count);
}

void
Crowd::Add(std::uint32_t index, const std::shared_ptr<const Options>& options)
{
    m_peers.push_back(std::make_unique<Peer>(MakeConfig(index), m_hosts[index], m_scene.commons));
    Peer& peer = *m_peers.back();
    m_scene.keep = true;
    const std::uint32_t channel = peer.Join(MakeChannel(options));
    const auto request = Decode<JoinReq>(m_scene.last->Data());
    if (!request)
    {
        throw std::logic_error("a peer that knows the root did not ask it");
    }
    peer.Receive(ROOT_LINK, SealControl(Root(), MakeAccept(request->reqId), CHILDREN + index));
    m_scene.keep = false;
    if (!m_requests.empty())
    {
        AddChildren(peer);
    }
    m_scene.commons.outbox.clear();
    const ChannelStatus status = peer.Status(channel);
    if (!status.attached || status.children != m_requests.size())
    {
        throw std::logic_error("a peer is not where it should be in the tree");
    }
}

void
Crowd::AddChildren(Peer& peer)
{
    for (std::uint32_t i = 0; i < m_requests.size(); i++)
    {
        peer.Receive(FIRST_CHILD_LINK + i, m_requests[i]);
        peer.Receive(FIRST_CHILD_LINK + i, m_alives[i]);
    }
}

void
Crowd::Publish()
{
    m_scene.now += INTERVAL;
    m_message = SealMessage(m_seq++, m_scene.now);
    m_next = 0;
}

std::uint64_t
Crowd::Delivered() const
{
    return m_scene.commons.ledger.delivered;
}

std::uint64_t
Crowd::Sent() const
{
    return m_scene.commons.ledger.kinds[static_cast<std::size_t>(Kind::DATA)].sends;
}

} // namespace ns3::fanout::bench
