/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LINK_H
#define FANOUT_LINK_H

#include <cstdint>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A transport's handle of one remote end; meaningful to one peer only and never reused while the
 * protocol may still hold it.
 */
using LinkId = std::uint32_t;

constexpr LinkId NO_LINK = 0xffffffff; ///< No link.

/// What became of a frame handed to a link. There is no later word except Closed().
enum class SendResult : std::uint8_t
{
    ACCEPTED, ///< the link took it
    FULL,     ///< the link holds as much as it may; Writable() of it follows
    BUSY,     ///< what all links share holds as much as it may; Writable() of NO_LINK follows
    GONE      ///< there is no such link, or it is closed
};

/// State of a link just dialled.
enum class DialState : std::uint8_t
{
    OPEN,    ///< frames can be sent at once
    DIALING, ///< Opened() or Closed() follows
    REFUSED  ///< no link; the host is offline or the address is not of this transport
};

/// Answer of Environment::Dial.
struct DialResult
{
    LinkId link{NO_LINK};                ///< the handle, NO_LINK when refused
    DialState state{DialState::REFUSED}; ///< the state
};

} // namespace ns3::fanout

#endif // FANOUT_LINK_H
