/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TCP_LINK_H
#define FANOUT_TCP_LINK_H

#include "fanout-tcp-socket.h"
#include "fanout-tcp-stream.h"

#include "ns3/fanout-frame.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-peer-id.h"
#include "ns3/fanout-time.h"
#include "ns3/simple-ref-count.h"

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * One TCP connection of FanoutTcpTransport: its socket, the frames that the socket has no room for,
 * and what it reads.
 */
class TcpConnection : public SimpleRefCount<TcpConnection>
{
  public:
    /// How far it is.
    enum class State : std::uint8_t
    {
        GREETING, ///< the other end's hello has not come yet
        READY,    ///< both hellos have come
        CLOSING,  ///< to be closed once what waits is sent; nothing is read any more
        GONE      ///< no connection any more
    };

    static constexpr std::uint32_t MAX_WAITING = 2; ///< frames the socket had no room for

    /**
     * @param serial number of the connection @param socket its socket
     * @param dialled whether this end opened it @param maxFrameBytes largest frame to read
     * @param now the time
     */
    TcpConnection(std::uint64_t serial,
                  const Ptr<FanoutTcpSocket>& socket,
                  bool dialled,
                  std::uint32_t maxFrameBytes,
                  Micros now);

    /// @param data whether DATA is to be sent, which leaves one place to control
    /// @return whether nothing more may be handed over now
    bool
    IsFull(bool data) const
    {
        return m_waiting >= MAX_WAITING - (data ? 1 : 0);
    }

    /// @return whether a frame waits for room
    bool
    IsWaiting() const
    {
        return m_waiting > 0;
    }

    /// @param frame to send once the connection is ready; it must not be full
    void Send(const FrameRef& frame);

    /// Give the socket as much of what waits as it has room for; ready or closing ones only.
    void Flush();

    /// @param other gets the frames that wait here, none of which has begun
    void MoveWaiting(TcpConnection& other);

    /// Forget the frames that wait.
    void DropWaiting();

    /// @return bytes handed to the socket so far, with prefixes, without hellos
    std::uint64_t
    GetSentBytes() const
    {
        return m_sentBytes;
    }

    const std::uint64_t serial;   ///< its number
    Ptr<FanoutTcpSocket> socket;  ///< of ns-3
    TcpStream stream;             ///< what it reads
    LinkId link{NO_LINK};         ///< whose it is, none before the hello of an accepted one
    Micros since;                 ///< when the present state began
    Micros usedAt;                ///< a frame or a part of one came or went
    Micros armed{NEVER};          ///< earliest deadline in the transport's queue
    State state{State::GREETING}; ///< how far it is
    const bool dialled;           ///< this end opened it
    bool leaving{false};          ///< nothing more is sent, but what comes still counts

  private:
    std::array<FrameRef, MAX_WAITING> m_frames; ///< those that wait
    std::uint64_t m_sentBytes{0};               ///< handed to the socket
    std::uint32_t m_waiting{0};                 ///< how many wait
    std::uint32_t m_begun{0};                   ///< bytes of the first one that are sent
};

/// What FanoutTcpTransport knows of one remote end. @ingroup fanout-tree
struct TcpLink
{
    LinkId id{NO_LINK};       ///< number of the link
    std::uint32_t ip{0};      ///< where it listens
    std::uint16_t port{0};    ///< where it listens
    bool open{false};         ///< frames can be sent
    bool blocked{false};      ///< somebody was refused with FULL
    PeerId peer;              ///< who, zero before its hello
    Ptr<TcpConnection> main;  ///< what is sent on
    Ptr<TcpConnection> other; ///< a second one until two dials that met are settled, or null

    /// @param connection of this link, or null @return what else the link has, or null
    Ptr<TcpConnection> Beside(const Ptr<TcpConnection>& connection) const;
};

/// Links by number and by the place where the other end listens; a number is never given twice.
/// @ingroup fanout-tree
class TcpLinkTable
{
  public:
    /// @param id number @return the link, null when there is none
    TcpLink* Find(LinkId id);

    /// @param id number @return the link, null when there is none
    const TcpLink* Find(LinkId id) const;

    /// @param ip address @param port its port @return the link to that place, null when none
    TcpLink* FindPlace(std::uint32_t ip, std::uint16_t port);

    /// @param ip address @param port its port; there is no link to that place
    /// @return a new link, null when the numbers are used up
    TcpLink* Add(std::uint32_t ip, std::uint16_t port);

    /// @param id of a link that is void afterwards
    void Remove(LinkId id);

    /// Remove all links.
    void Clear();

    /// @return number of links
    std::size_t GetN() const;

    /// @return the numbers of all links, ascending
    std::vector<LinkId> GetIds() const;

  private:
    std::unordered_map<LinkId, std::unique_ptr<TcpLink>> m_links; ///< by number
    std::unordered_map<std::uint64_t, TcpLink*> m_places;         ///< by address and port
    LinkId m_next{0};                                             ///< next number
};

} // namespace ns3::fanout

#endif // FANOUT_TCP_LINK_H
