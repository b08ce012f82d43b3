/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "ns3/fanout-messages.h"

#include <algorithm>

namespace ns3::fanout::test
{

namespace
{

constexpr std::uint8_t CONTROL_TRIES = 5;           // of acknowledged control
constexpr Micros CONTROL_PAUSE = 400 * MILLISECOND; // before it is said again

} // namespace

struct World::Node : Environment
{
    Node(World& world_, std::uint32_t index_)
        : world(world_),
          index(index_)
    {
    }

    Micros
    Now() const override
    {
        return world.m_now;
    }

    SendResult
    Send(LinkId link, const FrameRef& frame) override
    {
        inputDepth > 0 ? void() : world.Fail("send outside an input");
        return offline && told ? SendResult::GONE : world.Carry(index, link, frame);
    }

    DialResult
    Dial(const Endpoint& endpoint) override
    {
        const std::uint32_t to = endpoint.ip - 0x0a000001;
        const bool refused = (offline && told) || to >= world.m_nodes.size() ||
                             (world.m_nodes[to]->offline && world.m_nodes[to]->told);
        if (refused && !(offline && told))
        {
            return {to, DialState::OPEN};
        }
        return refused ? DialResult{} : DialResult{to, DialState::OPEN};
    }

    void
    HangUp(LinkId link) override
    {
        used.erase(link);
    }

    void
    WakeAt(Micros when) override
    {
        if (when <= world.m_now)
        {
            world.Fail("wake-up not in the future");
        }
        wakeAt = when;
        world.m_queue.push({when, world.m_order++, index, NO_LINK, FrameRef()});
    }

    std::uint32_t
    OverheadBytes() const override
    {
        return 30;
    }

    Endpoint
    LocalEndpoint() const override
    {
        return {0x0a000001 + index, 4001, Endpoint::Protocol::UDP};
    }

    Endpoint
    RemoteEndpoint(LinkId link) const override
    {
        return {0x0a000001 + link, 4001, Endpoint::Protocol::UDP};
    }

    World& world;
    std::uint32_t index;
    std::shared_ptr<const Options> options;
    Identity identity;
    std::unique_ptr<Peer> peer;
    std::uint32_t channel{0};
    std::uint64_t lives{0};
    bool joined{false};
    bool offline{false};
    bool told{false};
    Micros wakeAt{NEVER};
    std::uint64_t wakes{0};
    int inputDepth{0};
    std::set<LinkId> used;
    std::map<LinkId, Micros> lastArrival;
    std::vector<std::uint32_t> delivered;
    std::set<std::uint32_t> seen;
    std::uint32_t base{0};
};

World::World(const WorldConfig& config)
    : m_config(config),
      m_random(config.seed, 0, 77)
{
    commons.signatures = &SignatureScheme::Mock();
}

World::~World() = default;

void
World::SetTrackers(std::uint32_t trackers)
{
    m_trackers = trackers;
}

std::uint32_t
World::Add(std::shared_ptr<const Options> options)
{
    const auto index = static_cast<std::uint32_t>(m_nodes.size());
    auto node = std::make_unique<Node>(*this, index);
    node->options = std::move(options);
    node->identity = SignatureScheme::Ed25519().Derive(m_config.seed, index);
    m_index[node->identity.id] = index;
    m_nodes.push_back(std::move(node));
    MakePeer(index);
    return index;
}

void
World::MakePeer(std::uint32_t peer)
{
    Node& node = *m_nodes[peer];
    PeerConfig config;
    config.index = peer;
    config.identity = node.identity;
    config.randomKey = node.lives == 0 ? m_config.seed : Mix64(m_config.seed ^ node.lives);
    config.tracker = peer < m_trackers;
    std::vector<Endpoint> trackers;
    for (std::uint32_t i = 0; i < m_trackers; i++)
    {
        trackers.push_back({0x0a000001 + i, 4001, Endpoint::Protocol::UDP});
    }
    config.trackers = std::make_shared<const std::vector<Endpoint>>(trackers);
    node.peer = std::make_unique<Peer>(config, node, commons);
    node.joined = false;
    node.wakeAt = NEVER;
    node.used.clear();
}

void
World::Restart(std::uint32_t peer)
{
    Log("-- " + NameOf(peer) + " crashes and starts anew");
    m_nodes[peer]->lives++;
    MakePeer(peer);
}

void
World::SetRoot(std::uint32_t root)
{
    m_root = root;
}

void
World::Join(std::uint32_t peer)
{
    Node& node = *m_nodes[peer];
    ChannelConfig config;
    config.root = m_nodes[m_root]->identity.id;
    config.topic = "concert";
    config.options = node.options;
    if (m_trackers == 0)
    {
        config.rootEndpoint = m_nodes[m_root]->LocalEndpoint();
    }
    node.delivered.clear();
    node.seen.clear();
    Log("-- " + NameOf(peer) + " joins");
    node.inputDepth++;
    node.channel = node.peer->Join(config);
    node.inputDepth--;
    node.joined = true;
    After(peer);
}

void
World::Leave(std::uint32_t peer)
{
    Node& node = *m_nodes[peer];
    Log("-- " + NameOf(peer) + " leaves");
    node.inputDepth++;
    node.peer->Leave(node.channel);
    node.inputDepth--;
    node.joined = false;
    After(peer);
}

void
World::Publish(std::size_t size)
{
    Node& node = *m_nodes[m_root];
    node.inputDepth++;
    const Bytes payload(size, 0x5a);
    node.peer->Publish(node.channel, payload);
    node.inputDepth--;
    After(m_root);
}

void
World::End()
{
    Node& node = *m_nodes[m_root];
    node.inputDepth++;
    node.peer->End(node.channel);
    node.inputDepth--;
    After(m_root);
}

Micros
World::LatencyOf(std::uint32_t a, std::uint32_t b) const
{
    const auto low = std::min(a, b);
    const auto high = std::max(a, b);
    const auto draw = Mix64(m_config.seed ^ Mix64(std::uint64_t{low} << 32 | high));
    const auto spread = static_cast<std::uint64_t>(m_config.latencyMax - m_config.latencyMin + 1);
    return m_config.latencyMin + static_cast<Micros>(draw % spread);
}

SendResult
World::Carry(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    if (to >= m_nodes.size())
    {
        return SendResult::GONE;
    }
    m_frames++;
    if (onFrame)
    {
        onFrame(from, to, frame);
    }
    m_nodes[from]->used.insert(to);
    const bool data = frame->IsData();
    if (data && m_random.Uniform() < m_config.dataLoss)
    {
        return SendResult::ACCEPTED;
    }
    Micros at = m_now + LatencyOf(from, to);
    if (m_config.jitter > 0)
    {
        at += static_cast<Micros>(m_random.Below(static_cast<std::uint64_t>(m_config.jitter)));
    }
    if (!data && m_random.Uniform() < m_config.controlLoss)
    {
        if (!NeedsAcknowledge(frame->Kind()))
        {
            return SendResult::ACCEPTED;
        }
        at += CONTROL_PAUSE;
    }
    if (m_config.jitter == 0 && m_config.controlLoss == 0)
    {
        at = std::max(at, m_nodes[to]->lastArrival[from]);
        m_nodes[to]->lastArrival[from] = at;
    }
    m_queue.push({at, m_order++, to, from, frame, ClosuresOf(from, to)});
    return SendResult::ACCEPTED;
}

std::uint32_t
World::ClosuresOf(std::uint32_t a, std::uint32_t b) const
{
    const auto found = m_closures.find(std::minmax(a, b));
    return found == m_closures.end() ? 0 : found->second;
}

bool
World::Arrives(const Pending& next)
{
    if (next.closures != ClosuresOf(next.link, next.to))
    {
        return false;
    }
    const bool away = m_nodes[next.to]->offline || m_nodes[next.link]->offline ||
                      m_dead.count({next.link, next.to}) > 0;
    if (away && NeedsAcknowledge(next.frame->Kind()) && next.tries < CONTROL_TRIES)
    {
        Pending again = next;
        again.at += CONTROL_PAUSE << (next.tries - 1);
        again.order = m_order++;
        again.tries++;
        m_queue.push(again);
    }
    return !away;
}

void
World::RunUntil(Micros until)
{
    while (!m_queue.empty() && m_queue.top().at <= until)
    {
        const Pending next = m_queue.top();
        m_queue.pop();
        m_now = next.at;
        Node& node = *m_nodes[next.to];
        if (next.link == NO_LINK)
        {
            if (next.at != node.wakeAt)
            {
                continue;
            }
            node.wakeAt = NEVER;
            node.wakes++;
            node.inputDepth++;
            node.peer->Tick();
        }
        else
        {
            if (!Arrives(next))
            {
                continue;
            }
            node.used.insert(next.link);
            node.inputDepth++;
            node.peer->Receive(next.link, next.frame);
        }
        node.inputDepth--;
        After(next.to);
    }
    m_now = until;
}

void
World::SetOffline(std::uint32_t peer, bool offline, bool told)
{
    Node& node = *m_nodes[peer];
    Log("-- " + NameOf(peer) + (offline ? " goes offline" : " is back online") +
        (offline && !told ? ", nobody is told" : ""));
    node.offline = offline;
    node.told = told;
    if (!offline || !told)
    {
        return;
    }
    const auto links = std::exchange(node.used, {});
    for (const LinkId link : links)
    {
        m_closures[std::minmax(peer, link)]++;
        node.inputDepth++;
        node.peer->Closed(link);
        node.inputDepth--;
        After(peer);
        Node& other = *m_nodes[link];
        if (other.used.erase(peer) > 0)
        {
            other.inputDepth++;
            other.peer->Closed(peer);
            other.inputDepth--;
            After(link);
        }
    }
}

void
World::SetOneWayDead(std::uint32_t from, std::uint32_t to, bool dead)
{
    Log("-- from " + NameOf(from) + " to " + NameOf(to) + (dead ? " is dead" : " works again"));
    if (dead)
    {
        m_dead.insert({from, to});
    }
    else
    {
        m_dead.erase({from, to});
    }
}

void
World::Inject(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    Node& node = *m_nodes[to];
    node.inputDepth++;
    node.peer->Receive(from, frame);
    node.inputDepth--;
    After(to);
}

void
World::After(std::uint32_t peer)
{
    const Outbox events = std::exchange(commons.outbox, {});
    for (const auto& event : events)
    {
        Note(peer, event);
    }
    if (m_config.check)
    {
        CheckPeer(peer);
        CheckCycles();
    }
}

void
World::Note(std::uint32_t peer, const Event& event)
{
    Node& node = *m_nodes[peer];
    if (const auto* deliver = std::get_if<DeliverEvent>(&event))
    {
        if (!node.seen.insert(deliver->seq).second)
        {
            Fail("I8: seq " + std::to_string(deliver->seq) + " delivered twice to peer " +
                 std::to_string(peer));
        }
        node.delivered.push_back(deliver->seq);
        if (deliver->frame->Signer() != m_nodes[m_root]->identity.id)
        {
            Fail("I8: delivered frame is not the root's");
        }
    }
    if (onEvent)
    {
        onEvent(peer, event);
    }
    if (keepTranscript)
    {
        Log(NameOf(peer) + " " + std::visit([this](const auto& e) { return Describe(e); }, event));
    }
}

void
World::CheckPeer(std::uint32_t peer)
{
    Node& node = *m_nodes[peer];
    if (!node.joined)
    {
        return;
    }
    const ChannelStatus status = node.peer->Status(node.channel);
    // One more stays while a leaf moves, or came with children of its own.
    if (status.children > status.capacity + (status.capacity > 0 ? 1 : 0))
    {
        Fail("I5: more children than capacity at peer " + std::to_string(peer));
    }
    if (!status.attached && status.children > 0 && status.heldUntil == NEVER)
    {
        Fail("I6: children below a peer without a path, peer " + std::to_string(peer));
    }
    if (status.heldUntil != NEVER && (status.attached || m_now > status.heldUntil + MILLISECOND))
    {
        Fail("I7: a hold did not end, peer " + std::to_string(peer));
    }
    if (status.missing > node.options->repairWindow)
    {
        Fail("I9: more missing than the window, peer " + std::to_string(peer));
    }
    const bool busy = !status.attached || status.missing > 0 || status.queuedBytes > 0;
    if (busy && peer != m_root && node.wakeAt == NEVER)
    {
        Fail("I27: work to do and no wake-up, peer " + std::to_string(peer));
    }
}

void
World::CheckCycles()
{
    const auto parentOf = [this](std::uint32_t i) -> int
    {
        const Node& node = *m_nodes[i];
        if (!node.joined)
        {
            return -1;
        }
        const ChannelStatus status = node.peer->Status(node.channel);
        const int parent = status.parent ? IndexOf(status.parent) : -1;
        if (parent < 0 || !m_nodes[parent]->joined)
        {
            return -1;
        }
        const auto children = m_nodes[parent]->peer->Children(m_nodes[parent]->channel);
        const bool mutual =
            std::find(children.begin(), children.end(), node.identity.id) != children.end();
        return mutual ? parent : -1;
    };
    if (m_order % 16 != 0)
    {
        return;
    }
    for (std::uint32_t i = 0; i < m_nodes.size(); i++)
    {
        std::size_t steps = 0;
        for (int at = static_cast<int>(i); at >= 0; at = parentOf(static_cast<std::uint32_t>(at)))
        {
            if (++steps > m_nodes.size())
            {
                Fail("I1: cycle through peer " + std::to_string(i));
                return;
            }
        }
    }
}

void
World::Fail(const std::string& what)
{
    if (m_breach.empty())
    {
        m_breach = "seed " + std::to_string(m_config.seed) + " at " + std::to_string(m_now) +
                   " us: " + what;
    }
}

ChannelStatus
World::Status(std::uint32_t peer) const
{
    return m_nodes[peer]->peer->Status(m_nodes[peer]->channel);
}

const std::vector<std::uint32_t>&
World::Delivered(std::uint32_t peer) const
{
    return m_nodes[peer]->delivered;
}

Peer&
World::At(std::uint32_t peer)
{
    return *m_nodes[peer]->peer;
}

const Identity&
World::IdentityOf(std::uint32_t peer) const
{
    return m_nodes[peer]->identity;
}

int
World::IndexOf(const PeerId& id) const
{
    const auto found = m_index.find(id);
    return found == m_index.end() ? -1 : static_cast<int>(found->second);
}

Digest
World::Key() const
{
    return ChannelKeyOf(m_nodes[m_root]->identity.id.ToText(), "concert");
}

std::string
World::Transcript() const
{
    return m_transcript;
}

std::uint64_t
World::Wakes(std::uint32_t peer) const
{
    return m_nodes[peer]->wakes;
}

std::size_t
World::GetN() const
{
    return m_nodes.size();
}

std::shared_ptr<Options>
MakeOptions(std::uint16_t children, double upload)
{
    auto options = std::make_shared<Options>();
    options->maxChildren = children;
    options->uploadBytesPerSecond = children > 0 ? upload : 0;
    options->messageRate = 50;
    options->messageSize = 64;
    return options;
}

} // namespace ns3::fanout::test
