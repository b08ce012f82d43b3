/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_BENCH_TOOLS_H
#define FANOUT_BENCH_TOOLS_H

#include "ns3/fanout-codec.h"
#include "ns3/fanout-peer.h"
#include "ns3/fanout-random.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3::fanout::bench
{

constexpr std::uint32_t OVERHEAD = 30;          ///< bytes a frame, as over UDP
constexpr Micros INTERVAL = SECOND / 30;        ///< between two messages
constexpr std::size_t PAYLOAD = 1024;           ///< bytes of a message
constexpr std::uint16_t CHILDREN = 32;          ///< of a relay
constexpr const char* TOPIC = "benchmark";      ///< of the channel
constexpr std::uint32_t FIRST_CHILD_LINK = 100; ///< link of a relay's first child

/// @param index any @return an identity that only the mock scheme can use, but cheap to make
Identity IdentityOf(std::uint64_t index);

/// @param index any @return where that peer listens
Endpoint EndpointOf(std::uint32_t index);

/// @return the root of the one channel there is
const Identity& Root();

/// @return key of that channel
const Digest& Key();

/// @param seq number of the message @param now when it was published @return the root's message
FrameRef SealMessage(std::uint32_t seq, Micros now);

/// @param signer who says it @param message what @param id of the envelope: another one each time
/// @return the frame
template <typename Message>
FrameRef
SealControl(const Identity& signer, const Message& message, std::uint64_t id)
{
    EnvelopeFields fields;
    for (std::size_t i = 0; i < fields.id.size(); i++)
    {
        fields.id[i] = static_cast<std::uint8_t>(Mix64(id * 32 + i));
    }
    return Frame::Seal(SignatureScheme::Mock(), signer, fields, Encode(Key(), message));
}

/// What the peers of one benchmark share: a clock that stands, and what they said.
struct Scene
{
    Scene();

    Commons commons;        ///< of the peers
    Micros now{SECOND};     ///< time
    std::uint64_t sends{0}; ///< frames handed to a link
    bool keep{false};       ///< whether to keep the last of these
    FrameRef last;          ///< what was sent last
};

/// The world of one peer: every link takes everything, every dial succeeds at once.
class Host : public Environment
{
  public:
    /// @param scene where it acts
    explicit Host(Scene& scene)
        : m_scene(&scene)
    {
    }

    Micros Now() const override;
    SendResult Send(LinkId link, const FrameRef& frame) override;
    DialResult Dial(const Endpoint& endpoint) override;
    void HangUp(LinkId link) override;
    void WakeAt(Micros when) override;
    std::uint32_t OverheadBytes() const override;
    Endpoint LocalEndpoint() const override;
    Endpoint RemoteEndpoint(LinkId link) const override;

    /// @return when the peer wants a Tick()
    Micros
    WakeTime() const
    {
        return m_wakeAt;
    }

  private:
    Scene* m_scene;         ///< where it acts
    Micros m_wakeAt{NEVER}; ///< named last
};

/// @param children most of them @return options of a peer that can feed so many
std::shared_ptr<const Options> MakeOptions(std::uint16_t children);

/// @param index of the peer @return what it is born with
PeerConfig MakeConfig(std::uint32_t index);

/// @param options of the peer's role @return the one channel, whose root listens at EndpointOf(0)
ChannelConfig MakeChannel(std::shared_ptr<const Options> options);

/// @param reqId of a JOIN_REQ @return the root's answer to it
JoinAccept MakeAccept(std::uint32_t reqId);

/// @param relay whether it can have children @return what a joiner says to a relay
JoinReq MakeJoinReq(bool relay);

/**
 * Peers below the root, all attached, each with CHILDREN children when they are relays. Messages
 * come to them in an order in which neighbours in memory are far apart in time.
 */
class Crowd
{
  public:
    /// @param count how many @param relays with children or without
    Crowd(std::size_t count, bool relays);

    /// The next message is out. Not part of what is measured.
    void Publish();

    /// The present message comes to the next peer.
    void
    Deliver()
    {
        m_peers[m_order[m_next++]]->Receive(ROOT_LINK, m_message);
        m_scene.commons.outbox.clear();
    }

    /// @return whether all have the present message
    bool
    Done() const
    {
        return m_next == m_order.size();
    }

    /// @return messages delivered in all
    std::uint64_t Delivered() const;

    /// @return frames sent to children in all
    std::uint64_t Sent() const;

    /// @return mean bytes that a peer held when it had had its first message
    double
    BytesPerPeer() const
    {
        return m_bytesPerPeer;
    }

  private:
    static constexpr LinkId ROOT_LINK = 0; ///< the link that Host dials first

    /// @param index the next one @param options of its role
    void Add(std::uint32_t index, const std::shared_ptr<const Options>& options);

    /// @param peer gets its children
    void AddChildren(Peer& peer);

    Scene m_scene;                              ///< what they share
    std::vector<Host> m_hosts;                  ///< their worlds
    std::vector<std::unique_ptr<Peer>> m_peers; ///< in the order in which they were made
    std::vector<FrameRef> m_requests;           ///< what the children of each ask
    std::vector<FrameRef> m_alives;             ///< what they say when they are taken
    std::vector<std::uint32_t> m_order;         ///< in which messages come
    std::size_t m_next{0};                      ///< place in that order
    std::uint32_t m_seq{0};                     ///< of the next message
    FrameRef m_message;                         ///< the present one
    double m_bytesPerPeer{0};                   ///< mean
};

} // namespace ns3::fanout::bench

#endif // FANOUT_BENCH_TOOLS_H
