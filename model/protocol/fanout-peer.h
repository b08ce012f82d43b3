/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PEER_H
#define FANOUT_PEER_H

#include "fanout-ledger.h"
#include "fanout-options.h"

#include "ns3/fanout-environment.h"
#include "ns3/fanout-events.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * What the peers of one process have in common: how frames are signed, where events and counts go.
 * It carries nothing from one peer to another that a decision is taken from.
 */
struct Commons
{
    const SignatureScheme* signatures{&SignatureScheme::Ed25519()}; ///< how frames are signed
    FrameStore* frames{nullptr};          ///< told of published frames, may be null
    Outbox outbox;                        ///< emptied by the owner after each input
    Ledger ledger;                        ///< counts
    bool frameEvents{false};              ///< also tell of every frame sent and received
    std::uint64_t epochMs{1700000000000}; ///< wall-clock milliseconds at time 0
};

/// What a peer is born with.
struct PeerConfig
{
    std::uint32_t index{0};                                ///< number of the peer in the run
    Identity identity;                                     ///< keys and name
    std::uint64_t randomKey{0};                            ///< key of the run's draws
    std::shared_ptr<const std::vector<Endpoint>> trackers; ///< where to ask for parents; null or
                                                           ///< empty: redirects only
    bool tracker{false};                                   ///< serves as a tracker to others
};

/// A channel to open.
struct ChannelConfig
{
    PeerId root;                            ///< the only publisher
    std::string topic;                      ///< any text; with the root it makes the channel key
    Endpoint rootEndpoint;                  ///< where the root is, if known
    std::shared_ptr<const Options> options; ///< checked with Options::Check()
};

/// What a script may ask of a peer in a channel.
struct ChannelStatus
{
    bool open{false};                      ///< the channel is open here
    bool attached{false};                  ///< root, or has a parent
    PeerId parent;                         ///< zero when there is none
    std::uint16_t level{UNATTACHED_LEVEL}; ///< hops from the root
    std::uint16_t children{0};             ///< children
    std::uint16_t capacity{0};             ///< most children
    std::uint32_t nextSeq{0};              ///< behind the highest seq heard of
    std::uint32_t missing{0};              ///< seqs missing
    std::uint64_t givenUp{0};              ///< seqs let go
    std::uint32_t queuedBytes{0};          ///< bytes waiting in forwarding
    std::uint32_t end{0};                  ///< messages of the channel once ended, else 0
    bool ended{false};                     ///< the root has ended it
};

class Channel;
class Links;
class Tracker;
class PeerContext;

/**
 * @ingroup fanout-tree
 * A FanoutTree peer without network, clock or thread. The contract:
 *
 * - The owner feeds inputs one at a time: Receive, Opened, Closed, Writable, Tick, and the calls a
 *   user makes (Join, Publish, ...).
 * - During an input the peer calls its Environment, which never calls back, and puts events into
 *   Commons::outbox. The owner empties the outbox after the input; observers may then call in.
 * - Tick comes at the time named last by Environment::WakeAt; a call too early does no harm.
 * - Same inputs, same outputs, bit for bit.
 */
class Peer
{
  public:
    /**
     * @param config what it is born with
     * @param environment the world, outlives the peer
     * @param commons shared by the process, outlives the peer
     */
    Peer(const PeerConfig& config, Environment& environment, Commons& commons);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // ---- what the network says ----

    /// @param link where it came from @param frame a well-formed envelope
    void Receive(LinkId link, const FrameRef& frame);

    /// @param link a dialled link is open
    void Opened(LinkId link);

    /// @param link is closed and will not be used again
    void Closed(LinkId link);

    /// @param link takes frames again after FULL
    void Writable(LinkId link);

    /// A wake-up is due.
    void Tick();

    // ---- what the user says ----

    /**
     * Open a channel: as its root when config.root is this peer, else look for a parent.
     * @param config the channel
     * @return its handle; opening an open one again returns the same
     * @throws std::invalid_argument when the options are unsound
     */
    std::uint32_t Join(const ChannelConfig& config);

    /**
     * Number and send a message; root only.
     * @param channel handle @param payload user bytes, 1 to Options::maxMessageBytes
     * @return its sequence number
     * @throws std::logic_error when this peer is not the root, or the channel is closed or ended
     * @throws std::invalid_argument when the payload is too large
     */
    std::uint32_t Publish(std::uint32_t channel, ByteView payload);

    /// Say that no more messages follow; root only. @param channel handle
    void End(std::uint32_t channel);

    /// Leave a channel: LEAVE to the parent, KICK to the children. @param channel handle
    void Leave(std::uint32_t channel);

    // ---- what anybody may ask ----

    /// @param channel handle @return how the peer stands in it
    ChannelStatus Status(std::uint32_t channel) const;

    /// @param channel handle @return the children, in the order of admission
    std::vector<PeerId> Children(std::uint32_t channel) const;

    /// @return the peer's name
    const PeerId& Id() const;

    /// @return the peer's own counters
    const PeerCounters& Counters() const;

    /// @return bytes this peer holds, without the frames it shares
    std::size_t MemoryBytes() const;

  private:
    /// @param link whence @param frame a control frame of the reference's or the extension's kinds
    void ReceiveControl(LinkId link, const FrameRef& frame);

    /// @param link whence @param frame a frame for the tracker role @param key its channel key
    void ReceiveForTracker(LinkId link, const FrameRef& frame, const Digest& key);

    /// @param link whence @param frame a JOIN_REQ of a channel not open here @param key its key
    void RejectUnknownChannel(LinkId link, const FrameRef& frame, const Digest& key);

    /// Send what the tracker has to say.
    void FlushTracker();

    /// Name the next wake-up, once, at the end of an input.
    void Settle();

    /// @param handle of a channel @return it, or null
    Channel* Find(std::uint32_t handle) const;

    std::unique_ptr<PeerContext> m_context;           ///< what its machines share
    std::unique_ptr<Tracker> m_tracker;               ///< present on trackers
    std::vector<std::unique_ptr<Channel>> m_channels; ///< open channels
    Micros m_wakeAt{NEVER};                           ///< named last
};

} // namespace ns3::fanout

#endif // FANOUT_PEER_H
