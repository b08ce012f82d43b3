/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_UDP_TRANSPORT_H
#define FANOUT_UDP_TRANSPORT_H

#include "fanout-event-transport.h"
#include "fanout-pacer.h"
#include "fanout-udp-link.h"

#include "ns3/event-id.h"
#include "ns3/fanout-time.h"
#include "ns3/socket.h"

#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Links over UDP, one socket a node; fanout-udp-datagram.h shows what travels. Dial answers OPEN at
 * once; the other end knows of the link with the first frame it gets. Frames of kinds for which
 * fanout::NeedsAcknowledge holds travel at least once, all others once at most.
 *
 * A frame that is not acknowledged costs 2 bytes of header. Of those that are, a sender keeps at
 * most 32 numbers open (FULL beyond). The receiver drops numbers seen before, and takes an epoch it
 * does not know for a new beginning. Acknowledgements travel with whatever goes the other way, or
 * alone after 10 ms. A number is sent again after srtt + max(20 ms, 4 rttvar), within 100 ms and
 * 3 s, 500 ms before the first measurement; the wait doubles, and after five sendings the frame is
 * given up and counted. That closes nothing: silence is for the protocol to judge.
 *
 * What the access link has not sent yet is estimated (PacingRate); beyond PacingBacklog frames are
 * refused with BUSY. Bytes of IP fragments, UDP and IP count, those of the link layer do not.
 *
 * A link hung up is kept for 5 s, so that frames on their way are still acknowledged and sent
 * again; a frame from there, or Dial, revives the same number. A link that only the other end
 * opened is forgotten after 120 s without a frame in either direction. Neither is told by Closed.
 *
 * While offline (SetOnline) a datagram that arrives is answered with CLOSE, so that a CLOSE lost on
 * the way is made good.
 */
class FanoutUdpTransport : public FanoutEventTransport
{
  public:
    /// Datagrams and what became of them.
    struct Counters
    {
        uint64_t sent{0};          ///< datagrams handed to the socket
        uint64_t sentBytes{0};     ///< bytes of these, with UDP and IP headers
        uint64_t received{0};      ///< datagrams from the socket
        uint64_t retransmitted{0}; ///< sent again, part of sent
        uint64_t acksAlone{0};     ///< datagrams with an acknowledgement only, part of sent
        uint64_t givenUp{0};       ///< frames never acknowledged
        uint64_t duplicates{0};    ///< frames received before
        uint64_t malformed{0};     ///< datagrams that do not parse
        uint64_t strangers{0};     ///< datagrams that need a link there is not: acks, or too many
        uint64_t unheard{0};       ///< datagrams arrived while offline or silent
        uint64_t unsent{0};        ///< datagrams vanished while silent or refused by the socket
        uint64_t full{0};          ///< frames answered with FULL
    };

    static constexpr uint32_t UDP_IP_BYTES = 28;       ///< UDP and IPv4 headers
    static constexpr uint32_t MAX_UDP_PAYLOAD = 65507; ///< what IPv4 allows

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutUdpTransport();
    ~FanoutUdpTransport() override;

    uint32_t GetOverheadBytes() const override;
    uint32_t GetPacketBytes() const override;
    uint32_t GetMaxFrameBytes() const override;
    fanout::Endpoint GetRemoteEndpoint(fanout::LinkId link) const override;

    /// @return datagrams and what became of them
    const Counters& GetCounters() const;

    /// @return number of links, those that linger after HangUp included
    uint32_t GetNLinks() const;

    /// @return bytes handed to the access link that it has not sent yet, as far as pacing knows
    uint32_t GetBacklog() const;

  private:
    using Link = fanout::UdpLink;                               ///< what is known of a remote end
    using Datagram = fanout::UdpDatagram;                       ///< what travels
    using Deadline = std::pair<fanout::Micros, fanout::LinkId>; ///< when to look at which link

    void DoStart() override;
    void DoStop() override;
    fanout::DialResult DoDial(const fanout::Endpoint& endpoint) override;
    void DoHangUp(fanout::LinkId link) override;
    fanout::SendResult DoSend(fanout::LinkId link, const fanout::FrameRef& frame) override;
    void DoCloseAll() override;

    /// @param ip address @param port its port @return a new link, null when there are too many
    Link* Open(uint32_t ip, uint16_t port);

    /// @param socket has something to read
    void HandleRead(Ptr<Socket> socket);

    /// @param bytes a datagram @param ip from @param port from
    void HandleDatagram(fanout::ByteView bytes, uint32_t ip, uint16_t port);

    /// @param datagram with ACK or FRAME @param ip from @param port from
    void HandleContent(const Datagram& datagram, uint32_t ip, uint16_t port);

    /// @param datagram with FRAME @param link where from, null when not known
    /// @param ip from @param port from
    void HandleFrame(const Datagram& datagram, Link* link, uint32_t ip, uint16_t port);

    /// @param datagram with CLOSE @param ip from @param port from
    void HandleClose(const Datagram& datagram, uint32_t ip, uint16_t port);

    /// Send a frame with what the link has to say besides.
    /// @param link which @param frame what, null for an acknowledgement alone
    /// @param seq its number, negative for none
    void Transmit(Link& link, const fanout::FrameRef& frame, int32_t seq);

    /// @param ip to @param port to: all links there so far are closed
    void TransmitClose(uint32_t ip, uint16_t port);

    /// @param datagram what to send @param ip to @param port to
    void Emit(const Datagram& datagram, uint32_t ip, uint16_t port);

    /// Make sure that the link is looked at. @param link which
    void Arm(Link& link);

    /// Make sure that HandleTimer runs at the earliest deadline.
    void Schedule();

    /// Look at the links whose deadline has come.
    void HandleTimer();

    /// @param link its deadline has come; void afterwards when it was forgotten
    /// @param now the time @return whether the link takes frames again
    bool HandleDeadline(Link& link, fanout::Micros now);

    /// @return bits a second that the access link is taken to send, 0 when not known
    uint64_t GetPacingRate() const;

    /// @return whether the backlog is at its limit; then HandleDrained runs once it has fallen to
    /// half of that
    bool IsFull();

    /// The backlog fell to half its limit.
    void HandleDrained();

    Ptr<Socket> m_socket;         ///< the socket
    fanout::UdpLinkTable m_links; ///< by number and by place
    fanout::Pacer m_pacer;        ///< what the access link has not sent yet
    fanout::Micros m_rateAt{0};   ///< when its rate was looked at
    std::priority_queue<Deadline, std::vector<Deadline>, std::greater<Deadline>>
        m_deadlines;                         ///< lazily kept
    EventId m_timer;                         ///< HandleTimer
    EventId m_drained;                       ///< HandleDrained
    fanout::Micros m_timerAt{fanout::NEVER}; ///< when m_timer runs
    DataRate m_pacingRate;                   ///< attribute
    uint32_t m_pacingBacklog{0};             ///< attribute
    uint32_t m_maxLinks{0};                  ///< attribute
    uint32_t m_payload;                      ///< UDP payload of one packet
    uint16_t m_epoch{0};                     ///< of the next link
    Counters m_counters;                     ///< what happened
};

} // namespace ns3

#endif // FANOUT_UDP_TRANSPORT_H
