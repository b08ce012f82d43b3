/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PEER_CONTEXT_H
#define FANOUT_PEER_CONTEXT_H

#include "fanout-codec.h"
#include "fanout-commons.h"
#include "fanout-links.h"

#include "ns3/fanout-environment.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-random.h"

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * What all machines of one peer work with: who it is, the world, its neighbours, its pen. It
 * decides nothing.
 */
class PeerContext
{
  public:
    /// @param config the peer's @param environment the world @param commons of the process
    PeerContext(const PeerConfig& config, Environment& environment, Commons& commons);

    /// An input begins: time stands still until the next one.
    void
    BeginInput()
    {
        m_now = environment.Now();
        m_authentic = false;
    }

    /// @return whether Authenticate() has found the present input's frame sound
    bool
    IsAuthentic() const
    {
        return m_authentic;
    }

    /// @return time of the present input
    Micros
    Now() const
    {
        return m_now;
    }

    /// @return the first of the members that every message touches; they are the last ones
    const void*
    HotBegin() const
    {
        return links.HotBegin();
    }

    /**
     * Write and sign a control frame.
     * @param key channel key @param message what to say @return the frame, for one or many links
     */
    template <typename Message>
    FrameRef
    Seal(const Digest& key, const Message& message)
    {
        return SealControl(Encode(key, message));
    }

    /// @param data kind, key and body @return the frame
    FrameRef SealControl(const Bytes& data);

    /// @param key channel key @param seq number @param payload user bytes @return the DATA frame
    FrameRef SealData(const Digest& key, std::uint32_t seq, ByteView payload);

    /// Hand a frame to a link and count it. @param link where to @param frame what
    /// @return whether the link took it
    SendResult Send(LinkId link, const FrameRef& frame);

    /// Count frames that links took. @param frame which @param n how many links
    void CountSent(const FrameRef& frame, std::uint32_t n);

    /// Tell of a frame that went out or came in, if that is wanted. @param frame which
    /// @param sent out or in @param neighbour the other end, may be null
    void
    TellFrame(const FrameRef& frame, bool sent, const Neighbour* neighbour)
    {
        if (Wants<FrameEvent>())
        {
            BuildFrameEvent(frame, sent, neighbour);
        }
    }

    /**
     * Is the frame what it says it is: signed by its signer, and the signer is who is bound to the
     * link. Binds an unbound neighbour.
     * @param link whence @param frame a control frame @return whether to go on
     */
    bool Authenticate(LinkId link, const FrameRef& frame);

    /// @param frame signed @param signer who must have signed it @param share use and keep the
    /// verdict that is remembered in the frame @return whether that is so
    bool VerifySigner(const FrameRef& frame, const PeerId& signer, bool share);

    /// @param frame a control frame @return whether its id was seen lately; it is from now on
    bool IsReplay(const FrameRef& frame);

    /// A frame was turned away. @param link whence @param frame which @param reason why
    void Refuse(LinkId link, const FrameRef& frame, DropEvent::Reason reason);

    /// @param endpoint where to @param peer who is expected there @return the link, held
    DialResult DialAndHold(const Endpoint& endpoint, const PeerId& peer);

    /// @param link needed no more by one holder; hung up when nobody needs it
    void Release(LinkId link);

    /// @return where to ask for parents
    const std::vector<Endpoint>& Trackers() const;

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_seen.capacity() * sizeof(std::uint64_t);
    }

    /// Tell observers, if they want it. @param event what happened
    template <typename E>
    void
    Tell(E&& event)
    {
        if (Wants<std::decay_t<E>>())
        {
            commons.outbox.emplace_back(std::forward<E>(event));
        }
    }

    /// @tparam E an event @return whether it is worth building
    template <typename E>
    bool
    Wants() const
    {
        return commons.wanted.Has<E>();
    }

  private:
    /// TellFrame(), once it is wanted. @param frame which @param sent out or in
    /// @param neighbour the other end, may be null
    void BuildFrameEvent(const FrameRef& frame, bool sent, const Neighbour* neighbour);

    std::vector<std::uint64_t> m_seen; ///< ids of control frames acted on, a ring
    std::uint64_t m_session;           ///< when it started, milliseconds

  public:
    Identity identity; ///< keys and name
    Random random;     ///< draws

  private:
    std::shared_ptr<const std::vector<Endpoint>> m_trackers; ///< where to ask for parents, or null

  public:
    Links links;              ///< neighbours, the busiest last
    Commons& commons;         ///< of the process
    Environment& environment; ///< the world

  private:
    Micros m_now;                ///< time of the present input
    bool m_authentic{false};     ///< see IsAuthentic
    std::uint32_t m_nextSeen{0}; ///< place of the next one in m_seen

  public:
    PeerCounters counters; ///< own counts, the busiest first
};

} // namespace ns3::fanout

#endif // FANOUT_PEER_CONTEXT_H
