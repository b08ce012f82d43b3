/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ENVIRONMENT_H
#define FANOUT_ENVIRONMENT_H

#include "fanout-frame.h"
#include "fanout-link.h"
#include "fanout-multiaddr.h"
#include "fanout-time.h"

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * All that a peer can do to the world. An implementation never calls the peer back from inside one
 * of these; what follows (Opened, Closed, Writable, Receive, Tick) comes as an input of its own.
 */
class Environment
{
  public:
    virtual ~Environment() = default;

    /// @return simulated time
    virtual Micros Now() const = 0;

    /**
     * Hand a frame to a link.
     * @param link an open link, or one being dialled, where it waits @param frame what to send
     * @return whether the link took it; there is no later word on a frame that was taken
     */
    virtual SendResult Send(LinkId link, const FrameRef& frame) = 0;

    /// @param endpoint where to @return the link to that place: the present one or a new one
    virtual DialResult Dial(const Endpoint& endpoint) = 0;

    /// @param link is not needed any more: a stream is closed, a datagram link forgotten
    virtual void HangUp(LinkId link) = 0;

    /// @param when call Tick() then, instead of at any time named before; NEVER for not at all
    virtual void WakeAt(Micros when) = 0;

    /// @return bytes a frame costs on the wire besides its envelope (prefix, header, UDP and IP)
    virtual std::uint32_t OverheadBytes() const = 0;

    /// @return where others reach this peer
    virtual Endpoint LocalEndpoint() const = 0;

    /// @param link an open link @return where its other end listens, zero when not known
    virtual Endpoint RemoteEndpoint(LinkId link) const = 0;
};

} // namespace ns3::fanout

#endif // FANOUT_ENVIRONMENT_H
