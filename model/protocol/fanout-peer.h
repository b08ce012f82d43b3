/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PEER_H
#define FANOUT_PEER_H

#include "fanout-channel.h"
#include "fanout-peer-context.h"
#include "fanout-tracker.h"

#include "ns3/fanout-environment.h"

#include <memory>
#include <optional>
#include <vector>

namespace ns3::fanout
{

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
 *
 * A peer is one block of memory, arranged so that what a message touches at a leaf lies side by
 * side: behind the cold part of the context, in front of the cold part of the first channel.
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

    /// @param link takes frames again after FULL; NO_LINK: all links do after BUSY
    void Writable(LinkId link);

    /// A wake-up is due.
    void Tick();

    /**
     * Ask the processor for memory that Receive() and Tick() will touch in the first channel of a
     * relay beyond Hot() and HotServing(); changes nothing. For an owner that knows its next
     * inputs.
     * @param depth 1: what these point to; 2: what that points to, a little later
     * @param link whence a control frame comes, NO_LINK for other inputs
     */
    void
    Prefetch(std::uint32_t depth, LinkId link) const
    {
        if (link != NO_LINK)
        {
            m_context.links.Prefetch(depth, link);
        }
        if (m_first)
        {
            m_first->Prefetch(depth, link);
        }
    }

    /// @return the memory that a message touches besides in a first channel that may have children,
    /// else empty
    ByteView
    HotServing() const
    {
        return m_first ? m_first->HotServing() : ByteView();
    }

    /// @return the memory that Receive() of a message touches at a leaf; it grows when the first
    /// channel opens
    ByteView
    Hot() const
    {
        const auto begin = static_cast<const std::uint8_t*>(m_context.HotBegin());
        const auto end = static_cast<const std::uint8_t*>(HotEnd());
        return {begin, static_cast<std::size_t>(end - begin)};
    }

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

    // ---- its parts, for those who check them ----

    /// @param channel handle @return it, null when it is not open
    const Channel*
    GetChannel(std::uint32_t channel) const
    {
        return Find(channel);
    }

    /// @return the tracker role, null without it
    const Tracker*
    GetTracker() const
    {
        return m_tracker.get();
    }

    /// @return its neighbours
    const Links&
    GetLinks() const
    {
        return m_context.links;
    }

  private:
    /// @param link whence @param frame a control frame of the reference's or the extension's kinds
    void ReceiveControl(LinkId link, const FrameRef& frame);

    /// @param link whence @param frame a frame for the tracker role @param key its channel key
    void ReceiveForTracker(LinkId link, const FrameRef& frame, const Digest& key);

    /// @param link whence @param frame a JOIN_REQ of a channel not open here @param key its key
    void RejectUnknownChannel(LinkId link, const FrameRef& frame, const Digest& key);

    /// Note the time; the first step of every input.
    void BeginInput();

    /// Send what the tracker has to say.
    void FlushTracker();

    /// Name the next wake-up, once, at the end of an input.
    void Settle();

    /// The same when a message came and that was all. @param channel of it
    void SettleData(const Channel& channel);

    /// @param when something is due; the environment is told when that differs from before
    void NameWake(Micros when);

    /// @param handle of a channel @return it, or null
    Channel* Find(std::uint32_t handle);

    /// @param handle of a channel @return it, or null
    const Channel* Find(std::uint32_t handle) const;

    /// @param handle not in use @param terms of a channel @return the channel, made
    Channel& Make(std::uint32_t handle, const std::shared_ptr<const ChannelTerms>& terms);

    /// @param suffix 24 bytes of a channel key @return the open channel of that key, or null
    Channel* FindKey(ByteView suffix);

    /// @param f called with every open channel
    template <typename F>
    void ForEachChannel(F f);

    /// @return behind the first channel's hot part
    const void*
    HotEnd() const
    {
        return m_first ? m_first->HotEnd() : &m_first;
    }

    PeerContext m_context;              ///< what its machines share, hot at its end
    Micros m_wakeAt{NEVER};             ///< named last
    Channel* m_first{nullptr};          ///< channel of handle 0, null when it is not open
    std::optional<Channel> m_firstRoom; ///< its place, hot at its beginning
    std::vector<std::unique_ptr<Channel>> m_others; ///< channels of the handles 1 and up
    std::unique_ptr<Tracker> m_tracker;             ///< present on trackers
};

} // namespace ns3::fanout

#endif // FANOUT_PEER_H
