/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "fanout-invariants.h"

#include "ns3/fanout-messages.h"

#include <algorithm>

namespace ns3::fanout::test
{

namespace
{

constexpr std::uint8_t CONTROL_TRIES = 5;           // of acknowledged control
constexpr Micros CONTROL_PAUSE = 400 * MILLISECOND; // before it is said again
constexpr auto DATA = static_cast<std::uint8_t>(Kind::DATA);
constexpr Micros SWEEP = 100 * MILLISECOND; // between two looks at everybody
constexpr Micros CLOCKS = 100 * SECOND;     // of skewed clocks at the start

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
        return world.m_now + skew;
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
        if (when <= Now())
        {
            world.Fail("wake-up not in the future");
        }
        wakeAt = when - skew;
        world.m_queue.push({wakeAt, world.m_order++, index, NO_LINK, FrameRef()});
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
    std::vector<Seat> seats;
    std::uint64_t lives{0};
    Micros skew{0};
    std::uint32_t side{0};
    bool offline{false};
    bool told{false};
    bool freeRider{false};
    Micros wakeAt{NEVER};
    std::uint64_t wakes{0};
    int inputDepth{0};
    std::set<LinkId> used;
    std::map<LinkId, Micros> lastArrival;
};

World::World(const WorldConfig& config)
    : m_config(config),
      m_random(config.seed, 0, 77),
      m_channels(1)
{
    commons.signatures = &SignatureScheme::Mock();
    if (config.check)
    {
        m_invariants = std::make_unique<Invariants>(*this);
    }
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
    if (m_config.skew > 0)
    {
        const auto draw = Mix64(m_config.seed ^ Mix64(0x636c6f636bULL + index));
        node->skew = CLOCKS - m_config.skew +
                     static_cast<Micros>(draw % static_cast<std::uint64_t>(2 * m_config.skew));
    }
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
    node.seats.clear();
    node.wakeAt = NEVER;
    node.used.clear();
    if (m_invariants)
    {
        m_invariants->Restarted(peer);
    }
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
    m_channels[0] = {root, "concert", {}};
    m_channels[0].key = ChannelKeyOf(m_nodes[root]->identity.id.ToText(), m_channels[0].name);
}

std::uint32_t
World::AddChannel(std::uint32_t root)
{
    Topic topic{root, "concert " + std::to_string(m_channels.size()), {}};
    topic.key = ChannelKeyOf(m_nodes[root]->identity.id.ToText(), topic.name);
    m_channels.push_back(topic);
    return Channels() - 1;
}

World::Seat&
World::SeatOf(std::uint32_t peer, std::uint32_t channel) const
{
    auto& seats = m_nodes[peer]->seats;
    while (seats.size() <= channel)
    {
        seats.emplace_back();
        seats.back().handle = seats.size() == 1 ? 0 : ~std::uint32_t{0};
    }
    return seats[channel];
}

void
World::Join(std::uint32_t peer, std::uint32_t channel)
{
    Node& node = *m_nodes[peer];
    Seat& seat = SeatOf(peer, channel);
    ChannelConfig config;
    config.root = m_nodes[RootOf(channel)]->identity.id;
    config.topic = m_channels[channel].name;
    config.options = node.options;
    if (m_trackers == 0)
    {
        config.rootEndpoint = m_nodes[RootOf(channel)]->LocalEndpoint();
    }
    seat.delivered.clear();
    seat.seen.clear();
    Log("-- " + NameOf(peer) + " joins");
    if (m_invariants)
    {
        m_invariants->Joins(peer, channel);
    }
    seat.joined = true;
    node.inputDepth++;
    seat.handle = node.peer->Join(config);
    node.inputDepth--;
    After(peer);
}

void
World::Leave(std::uint32_t peer, std::uint32_t channel)
{
    Node& node = *m_nodes[peer];
    Seat& seat = SeatOf(peer, channel);
    Log("-- " + NameOf(peer) + " leaves");
    seat.joined = false;
    node.inputDepth++;
    node.peer->Leave(seat.handle);
    node.inputDepth--;
    seat.handle = ~std::uint32_t{0};
    if (m_invariants)
    {
        m_invariants->Left(peer, channel);
    }
    After(peer);
}

void
World::Publish(std::size_t size, std::uint32_t channel)
{
    const std::uint32_t root = RootOf(channel);
    Node& node = *m_nodes[root];
    node.inputDepth++;
    const Bytes payload(size, 0x5a);
    node.peer->Publish(SeatOf(root, channel).handle, payload);
    node.inputDepth--;
    After(root);
}

void
World::End(std::uint32_t channel)
{
    const std::uint32_t root = RootOf(channel);
    Node& node = *m_nodes[root];
    Log("-- the channel ends");
    node.inputDepth++;
    node.peer->End(SeatOf(root, channel).handle);
    node.inputDepth--;
    After(root);
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
    Mix(std::uint64_t{from} << 40 | std::uint64_t{to} << 16 | frame->Kind());
    if (onFrame)
    {
        onFrame(from, to, frame);
    }
    if (m_invariants)
    {
        m_invariants->Sent(from, to, frame);
    }
    m_nodes[from]->used.insert(to);
    const bool data = frame->IsData();
    m_data.sent += data;
    if (data && (m_random.Uniform() < m_config.dataLoss || m_nodes[from]->freeRider))
    {
        m_data.lost++;
        return SendResult::ACCEPTED;
    }
    if (m_config.kickLoss > 0 && frame->Kind() == static_cast<std::uint8_t>(Kind::KICK) &&
        m_random.Uniform() < m_config.kickLoss)
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
    Post(from, to, frame, at);
    if (m_config.duplicates > 0 && m_random.Uniform() < m_config.duplicates)
    {
        m_data.doubled += data;
        Post(from, to, frame, at + static_cast<Micros>(m_random.Below(50 * MILLISECOND)));
    }
    return SendResult::ACCEPTED;
}

void
World::Post(std::uint32_t from, std::uint32_t to, const FrameRef& frame, Micros at)
{
    m_data.inFlight += frame->Kind() == DATA;
    m_queue.push({at, m_order++, to, from, frame, ClosuresOf(from, to)});
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
    const Node& from = *m_nodes[next.link];
    const Node& to = *m_nodes[next.to];
    const bool away = to.offline || from.offline || to.side != from.side ||
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
        if (m_invariants && m_now >= m_sweptAt + SWEEP)
        {
            m_sweptAt = m_now;
            m_invariants->Sweep();
        }
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
            const bool data = next.frame->Kind() == DATA;
            m_data.inFlight -= data;
            if (!Arrives(next))
            {
                m_data.lost += data;
                continue;
            }
            m_data.received += data;
            node.used.insert(next.link);
            if (m_invariants)
            {
                m_invariants->Receives(next.to, next.link, next.frame);
            }
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
World::SetSide(std::uint32_t peer, std::uint32_t side)
{
    m_nodes[peer]->side = side;
}

void
World::SetFreeRider(std::uint32_t peer, bool rides)
{
    Log("-- " + NameOf(peer) + (rides ? " hands on nothing" : " hands on again"));
    m_nodes[peer]->freeRider = rides;
}

void
World::Inject(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    Node& node = *m_nodes[to];
    m_data.injected += frame->Kind() == DATA;
    m_data.received += frame->Kind() == DATA;
    if (m_invariants)
    {
        m_invariants->Receives(to, from, frame);
    }
    node.inputDepth++;
    node.peer->Receive(from, frame);
    node.inputDepth--;
    After(to);
}

void
World::Attack(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    Node& node = *m_nodes[to];
    node.inputDepth++;
    node.peer->Tick(); // what is due anyway is no deed of the frame
    node.inputDepth--;
    After(to);
    Log("-- " + std::string(fanout::NameOf(frame->Kind())) + " forged on the link of " +
        NameOf(from) + " to " + NameOf(to));
    const std::string before = m_invariants ? m_invariants->StateOf(to) : "";
    Inject(from, to, frame);
    const std::string after = m_invariants ? m_invariants->StateOf(to) : "";
    if (before != after)
    {
        Fail("I19: " + std::string(fanout::NameOf(frame->Kind())) + " on the link of " +
             NameOf(from) + " changed " + NameOf(to) + ": " + before + " -> " + after);
    }
}

void
World::After(std::uint32_t peer)
{
    const Outbox events = std::exchange(commons.outbox, {});
    for (const auto& event : events)
    {
        Note(peer, event);
    }
    if (m_invariants)
    {
        m_invariants->AfterInput(peer);
    }
}

void
World::Note(std::uint32_t peer, const Event& event)
{
    Mix(std::uint64_t{peer} << 8 | event.index());
    if (const auto* deliver = std::get_if<DeliverEvent>(&event))
    {
        const std::uint32_t channel = ChannelAt(deliver->frame->ChannelSuffix());
        Seat& seat = SeatOf(peer, channel);
        if (!seat.seen.insert(deliver->seq).second)
        {
            Fail("I8: seq " + std::to_string(deliver->seq) + " delivered twice to " + NameOf(peer));
        }
        seat.delivered.push_back(deliver->seq);
        if (m_invariants)
        {
            m_invariants->Delivered(peer, channel, deliver->frame);
        }
    }
    else if (const auto* drop = std::get_if<DropEvent>(&event))
    {
        const bool queued = drop->reason == DropEvent::Reason::QUEUE ||
                            drop->reason == DropEvent::Reason::REPAIR_QUEUE;
        m_data.refused += drop->kind == DATA && !queued;
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
World::Mix(std::uint64_t value)
{
    m_hash = Mix64(m_hash ^ value ^ static_cast<std::uint64_t>(m_now) << 20);
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
World::Status(std::uint32_t peer, std::uint32_t channel) const
{
    return m_nodes[peer]->peer->Status(SeatOf(peer, channel).handle);
}

const std::vector<std::uint32_t>&
World::Delivered(std::uint32_t peer, std::uint32_t channel) const
{
    return SeatOf(peer, channel).delivered;
}

const Channel*
World::ChannelOf(std::uint32_t peer, std::uint32_t channel) const
{
    const Seat& seat = SeatOf(peer, channel);
    return seat.joined ? m_nodes[peer]->peer->GetChannel(seat.handle) : nullptr;
}

bool
World::IsJoined(std::uint32_t peer, std::uint32_t channel) const
{
    return SeatOf(peer, channel).joined;
}

const Options&
World::OptionsOf(std::uint32_t peer) const
{
    return *m_nodes[peer]->options;
}

Micros
World::ClockOf(std::uint32_t peer) const
{
    return m_nodes[peer]->Now();
}

Micros
World::WakeOf(std::uint32_t peer) const
{
    const Node& node = *m_nodes[peer];
    return node.wakeAt == NEVER ? NEVER : node.wakeAt + node.skew;
}

std::uint32_t
World::ChannelAt(ByteView suffix) const
{
    std::uint32_t channel = 0;
    while (channel < Channels() &&
           !std::equal(suffix.begin(), suffix.end(), m_channels[channel].key.begin()))
    {
        channel++;
    }
    return suffix.size() == 0 ? Channels() : channel;
}

Peer&
World::At(std::uint32_t peer)
{
    return *m_nodes[peer]->peer;
}

const Peer&
World::At(std::uint32_t peer) const
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
World::Key(std::uint32_t channel) const
{
    return m_channels[channel].key;
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
