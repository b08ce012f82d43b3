/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include <benchmark/benchmark.h>
#include <map>

// Whole peers: a message that comes to one of many, and all that one peer does to join.

namespace ns3::fanout::bench
{
namespace
{

// Making a million peers takes seconds: repetitions share them.
Crowd&
CrowdOf(std::size_t count, bool relays)
{
    static std::map<std::pair<std::size_t, bool>, std::unique_ptr<Crowd>> crowds;
    auto& crowd = crowds[{count, relays}];
    if (!crowd)
    {
        crowd = std::make_unique<Crowd>(count, relays);
    }
    return *crowd;
}

template <bool RELAYS>
void
DataAt(benchmark::State& state)
{
    Crowd& crowd = CrowdOf(static_cast<std::size_t>(state.range(0)), RELAYS);
    const std::uint64_t delivered = crowd.Delivered();
    const std::uint64_t sent = crowd.Sent();
    for (auto _ : state)
    {
        if (crowd.Done())
        {
            state.PauseTiming();
            crowd.Publish();
            state.ResumeTiming();
        }
        crowd.Deliver();
    }
    const auto n = static_cast<std::uint64_t>(state.iterations());
    state.SetItemsProcessed(state.iterations());
    state.counters["bytes_per_peer"] = crowd.BytesPerPeer();
    if (crowd.Delivered() - delivered != n || crowd.Sent() - sent != (RELAYS ? n * CHILDREN : 0))
    {
        state.SkipWithError("not every message was delivered and passed on");
    }
}

constexpr LinkId TRACKER_LINK = 1; // of Host's links
constexpr std::uint32_t RELAY = 2; // index of the relay that the tracker names

/// What the others say to a peer that joins: bytes, which it reads and whose signature it checks.
struct Answers
{
    Bytes tracker; ///< there is room
    Bytes relay;   ///< come in
};

Bytes
WireOf(const FrameRef& frame)
{
    return {frame->Wire().begin(), frame->Wire().end()};
}

/// A peer that joins below a relay that a tracker names.
class Joiner
{
  public:
    explicit Joiner(Scene& scene)
        : m_scene(scene),
          m_host(scene),
          m_config(MakeConfig(3)),
          m_channel(MakeChannel(MakeOptions(0)))
    {
        m_config.trackers = std::make_shared<const std::vector<Endpoint>>(
            std::vector<Endpoint>{EndpointOf(TRACKER_LINK)});
        m_channel.rootEndpoint = Endpoint();
    }

    /// @return what the others have to say; the peer draws the same numbers each time
    Answers
    Rehearse()
    {
        Answers answers;
        Peer peer(m_config, m_host, m_scene.commons);
        m_scene.keep = true;
        peer.Join(m_channel);
        TrackerReply reply;
        reply.reqId = Said<TrackerQuery>();
        TrackerEntry entry;
        entry.hash = IdentityOf(RELAY).id.ToText();
        entry.level = 1;
        entry.freeSlots = 3;
        entry.addresses = {EndpointOf(RELAY).ToBytes()};
        reply.entries = {entry};
        answers.tracker = WireOf(SealControl(IdentityOf(TRACKER_LINK), reply, 1));
        peer.Receive(TRACKER_LINK, Frame::Parse(answers.tracker));
        JoinAccept accept = MakeAccept(Said<JoinReq>());
        accept.parentLevel = 1;
        accept.extension->position = PositionKey{1, 1};
        accept.route.push_back(entry.hash);
        answers.relay = WireOf(SealControl(IdentityOf(RELAY), accept, 2));
        m_scene.keep = false;
        return answers;
    }

    /// @param answers of Rehearse() @return whether it is attached
    bool
    Run(const Answers& answers)
    {
        Peer peer(m_config, m_host, m_scene.commons);
        const std::uint32_t channel = peer.Join(m_channel);
        peer.Receive(TRACKER_LINK, Frame::Parse(answers.tracker));
        peer.Receive(RELAY, Frame::Parse(answers.relay));
        m_scene.commons.outbox.clear();
        return peer.Status(channel).attached;
    }

  private:
    /// @return the number of the request that was sent last, 0 when it was another one
    template <typename Message>
    std::uint32_t
    Said() const
    {
        const auto message = Decode<Message>(m_scene.last->Data());
        return message ? message->reqId : 0;
    }

    Scene& m_scene;          ///< where it acts
    Host m_host;             ///< its world
    PeerConfig m_config;     ///< what it is born with
    ChannelConfig m_channel; ///< what it joins
};

void
Join(benchmark::State& state)
{
    Scene scene;
    Joiner joiner(scene);
    const Answers answers = joiner.Rehearse();
    std::uint64_t attached = 0;
    for (auto _ : state)
    {
        attached += joiner.Run(answers);
    }
    if (attached != static_cast<std::uint64_t>(state.iterations()))
    {
        state.SkipWithError("the peer did not attach");
    }
}

// A visitor's frames: JOIN_REQ and LEAVE in turn, more than a peer remembers against replays.
std::vector<Bytes>
Visits()
{
    constexpr std::uint64_t VISITS = 512;
    const Identity visitor = IdentityOf(CHILDREN);
    std::vector<Bytes> frames;
    for (std::uint64_t i = 0; i < VISITS; i++)
    {
        frames.push_back(WireOf(SealControl(visitor, MakeJoinReq(false), 1000 + 2 * i)));
        frames.push_back(WireOf(SealControl(visitor, Leave(), 1001 + 2 * i)));
    }
    return frames;
}

// A root with one slot left takes a child, which then leaves again.
void
AdmitAndLeave(benchmark::State& state)
{
    Scene scene;
    Host host(scene);
    PeerConfig config;
    config.identity = Root();
    Peer root(config, host, scene.commons);
    const std::uint32_t channel = root.Join(MakeChannel(MakeOptions(CHILDREN)));
    for (std::uint32_t i = 1; i < CHILDREN; i++)
    {
        root.Receive(FIRST_CHILD_LINK + i, SealControl(IdentityOf(i), MakeJoinReq(false), i));
    }
    const auto frames = Visits();
    std::size_t next = 0;
    for (auto _ : state)
    {
        root.Receive(FIRST_CHILD_LINK, Frame::Parse(frames[next]));
        root.Receive(FIRST_CHILD_LINK, Frame::Parse(frames[next + 1]));
        scene.commons.outbox.clear();
        next = (next + 2) % frames.size();
    }
    root.Receive(FIRST_CHILD_LINK, Frame::Parse(frames[next]));
    if (root.Status(channel).children != CHILDREN)
    {
        state.SkipWithError("the child was not taken");
    }
}

BENCHMARK_TEMPLATE(DataAt, false)->Name("peer/data-at-leaf")->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK_TEMPLATE(DataAt, true)->Name("peer/data-at-relay")->Arg(1000)->Arg(100000);
BENCHMARK(Join)->Name("peer/join");
BENCHMARK(AdmitAndLeave)->Name("peer/admit-and-leave");

} // namespace
} // namespace ns3::fanout::bench
