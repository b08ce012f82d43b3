/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_UDP_LINK_H
#define FANOUT_UDP_LINK_H

#include "fanout-udp-datagram.h"

#include "ns3/fanout-frame.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * What FanoutUdpTransport knows of one remote end: numbers sent and not acknowledged, numbers
 * received, round-trip time (the estimators of RFC 6298, samples from numbers sent once). It does
 * not send; it says what is due.
 */
class UdpLink
{
  public:
    static constexpr std::uint32_t WINDOW = 32;            ///< numbers a sender keeps open
    static constexpr std::uint32_t MAX_TRIES = 5;          ///< sendings of a frame
    static constexpr Micros ACK_DELAY = 10 * MILLISECOND;  ///< wait for something to travel with
    static constexpr Micros FIRST_RTO = 500 * MILLISECOND; ///< before the first measurement
    static constexpr Micros MIN_RTO = 100 * MILLISECOND;   ///< lower bound
    static constexpr Micros MAX_RTO = 3 * SECOND;          ///< upper bound
    static constexpr Micros MIN_SLACK = 20 * MILLISECOND;  ///< least addition to srtt
    static constexpr Micros LINGER = 5 * SECOND;           ///< a link hung up is kept
    static constexpr Micros MAX_IDLE = 120 * SECOND;       ///< a link only the other end opened

    /// A frame that waits for its acknowledgement.
    struct Open
    {
        FrameRef frame;        ///< the frame
        Micros sentAt{0};      ///< last time
        Micros due{0};         ///< next time
        std::uint16_t seq{0};  ///< its number
        std::uint8_t tries{0}; ///< times sent
    };

    /**
     * @param id number of the link @param ip remote address @param port remote port
     * @param epoch of the link at this end @param now the time
     */
    UdpLink(LinkId id, std::uint32_t ip, std::uint16_t port, std::uint16_t epoch, Micros now);

    /// @return whether another number may be opened; if not, remember that somebody wants to
    bool TakesNumber();

    /// @param frame is sent for the first time @param now the time @return its number
    std::uint16_t Number(const FrameRef& frame, Micros now);

    /**
     * @param datagram has ACK @param now the time
     * @return whether somebody who was refused a number may have one now
     */
    bool Acknowledge(const UdpDatagram& datagram, Micros now);

    /// @param datagram has SEQ @return whether the number was received before
    bool IsDuplicate(const UdpDatagram& datagram) const;

    /// Remember a number and that it wants an acknowledgement.
    /// @param datagram has SEQ @param now the time
    void Note(const UdpDatagram& datagram, Micros now);

    /// @return whether an acknowledgement waits
    bool WantsAck() const;

    /// @param now the time @return whether an acknowledgement is to go alone now
    bool IsAckDue(Micros now) const;

    /// Add the acknowledgement; it waits no more. @param datagram where to put it
    void AddAck(UdpDatagram& datagram);

    /// @param now the time @return a frame that is to be sent again, counted as sent, or null
    const Open* NextDue(Micros now);

    /// @param now the time @return frames given up
    std::uint32_t GiveUp(Micros now);

    /// @return whether somebody who was refused a number may have one now; says so once
    bool TakeUnblocked();

    /// @return when to look at this link again
    Micros Deadline() const;

    /// @param now the time @return whether it is to be forgotten
    bool IsExpired(Micros now) const;

    /// @param datagram has CLOSE @return whether it closes this link, not only an older one
    bool IsClosedBy(const UdpDatagram& datagram) const;

    /// @param now hung up then
    void Linger(Micros now);

    /// Undo Linger.
    void Revive();

    /// @return whether hung up
    bool IsLingering() const;

    /// @param now something was sent or received
    void
    Touch(Micros now)
    {
        m_usedAt = now;
    }

    /// @return wait before a frame is sent again, microseconds
    Micros Rto() const;

    /// @return epoch of the link at this end
    std::uint16_t
    Epoch() const
    {
        return m_epoch;
    }

    /// @return smoothed round-trip time, microseconds, 0 when not measured
    Micros
    Srtt() const
    {
        return m_srtt;
    }

    const LinkId id;          ///< number of the link
    const std::uint32_t ip;   ///< remote address
    const std::uint16_t port; ///< remote port
    bool dialled{false};      ///< this end asked for it
    Micros armed{NEVER};      ///< earliest deadline in the transport's queue

  private:
    /// @param sample a round trip, microseconds
    void Measure(Micros sample);

    std::vector<Open> m_open;        ///< by number
    Micros m_usedAt;                 ///< last sent or received
    Micros m_ackDue{NEVER};          ///< when an acknowledgement goes alone
    Micros m_lingerUntil{NEVER};     ///< when hung up
    std::uint32_t m_srtt{0};         ///< microseconds
    std::uint32_t m_rttvar{0};       ///< microseconds
    std::uint32_t m_remoteBitmap{0}; ///< bit i: m_remoteLatest - 1 - i received
    std::uint16_t m_epoch;           ///< of the link at this end
    std::uint16_t m_nextSeq{0};      ///< number of the next frame
    std::uint16_t m_remoteEpoch{0};  ///< of the link at the other end
    std::uint16_t m_remoteLatest{0}; ///< latest number received
    bool m_remoteKnown{false};       ///< a number was received
    bool m_blocked{false};           ///< somebody was refused a number
};

/**
 * @ingroup fanout-tree
 * Links by number and by remote address; a number is never given twice.
 */
class UdpLinkTable
{
  public:
    /// @param id number @return the link, null when there is none
    UdpLink* Find(LinkId id) const;

    /// @param ip address @param port its port @return the link to that place, null when none
    UdpLink* FindPlace(std::uint32_t ip, std::uint16_t port) const;

    /**
     * @param ip address @param port its port; there is no link to that place
     * @param epoch of the link at this end @param now the time
     * @return a new link, null when the numbers are used up
     */
    UdpLink* Add(std::uint32_t ip, std::uint16_t port, std::uint16_t epoch, Micros now);

    /// @param link is void afterwards
    void Remove(const UdpLink& link);

    /// Remove all links.
    void Clear();

    /// @return number of links
    std::size_t GetN() const;

    /// @return the numbers of all links, ascending
    std::vector<LinkId> GetIds() const;

  private:
    std::unordered_map<std::uint64_t, std::unique_ptr<UdpLink>> m_places; ///< by address and port
    std::unordered_map<LinkId, UdpLink*> m_links;                         ///< by number
    LinkId m_next{0};                                                     ///< next number
};

} // namespace ns3::fanout

#endif // FANOUT_UDP_LINK_H
