/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TCP_TRANSPORT_H
#define FANOUT_TCP_TRANSPORT_H

#include "fanout-event-transport.h"
#include "fanout-tcp-hello.h"
#include "fanout-tcp-link.h"

#include "ns3/event-id.h"
#include "ns3/fanout-time.h"
#include "ns3/nstime.h"

#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Links over TCP, one connection a pair of peers. Each side begins with a hello
 * (fanout-tcp-hello.h), then frames follow, each behind its length (fanout-tcp-stream.h). The node
 * needs TCP: FanoutStackHelper::LEAN_TCP, or InternetStackHelper.
 *
 * Dial answers DIALING; Opened follows when the other end's hello has come, after two round trips,
 * or Closed. What is sent meanwhile waits. A hello is taken when its signature is good, the
 * connection comes from the address it names, and no other key is known at that place; SetIdentity
 * says what the own one carries. When two peers dial each other, the link of each end opens with
 * the first connection that is ready; once both are, the one dialled by the lower peer id stays,
 * and its counterpart is closed by who dialled it, after what was sent on it. A peer that dials
 * again while it has a connection here has forgotten that one: the old link is closed, a new one
 * begins.
 *
 * Nothing is lost on an open link, whatever the kind of frame. A link takes frames while the
 * socket's send buffer has room; two more wait here, one of them at most DATA, then FULL follows.
 *
 * HangUp sends what waits, then closes: the other end hears Closed, as it does when ns-3 gives up
 * to send again (DataRetries). Whatever a stranger does costs one connection for bounded time and
 * memory: it is reset when its hello is wrong or does not come (HelloTimeout), when a length is
 * beyond MaxFrameBytes, a frame is malformed or stops half way (StallTimeout), and when there are
 * too many (MaxStrangers, MaxLinks). Counters tells how often.
 *
 * While offline connections are reset as they come. SetSilent lets all TCP segments of the host
 * vanish, also those of other sockets; TCP goes on trying, so after a short blackout DATA arrives
 * too. Stop leaves no connection and tells nobody; a segment that comes later is answered with a
 * reset by the host, which closes the other end.
 *
 * Every packet costs ns-3 a walk over all TCP sockets of a host; here everything is O(1), or
 * O(log n) for deadlines.
 */
class FanoutTcpTransport : public FanoutEventTransport
{
  public:
    /// Connections and what became of them.
    struct Counters
    {
        uint64_t dialled{0};        ///< connections begun here
        uint64_t accepted{0};       ///< connections begun by others
        uint64_t ready{0};          ///< of both, those whose hello was good
        uint64_t failed{0};         ///< dials that came to nothing
        uint64_t lost{0};           ///< ready ones that ended by a reset or unanswered segments
        uint64_t settled{0};        ///< dials that met and were settled
        uint64_t replaced{0};       ///< connections whose other end came again
        uint64_t badHellos{0};      ///< malformed, badly signed, from another place
        uint64_t wrongKeys{0};      ///< hellos with a key not expected there
        uint64_t helloTimeouts{0};  ///< connections without a hello in time
        uint64_t tooMany{0};        ///< connections reset because there are enough
        uint64_t tooLarge{0};       ///< lengths beyond MaxFrameBytes
        uint64_t malformed{0};      ///< lengths or frames that do not parse
        uint64_t stalled{0};        ///< frames that stopped half way
        uint64_t idle{0};           ///< links of others closed because nobody used them
        uint64_t unheard{0};        ///< connections reset while offline
        uint64_t full{0};           ///< frames answered with FULL
        uint64_t receivedFrames{0}; ///< whole frames, without hellos
    };

    static constexpr uint32_t TCP_IP_BYTES = 52; ///< TCP header with timestamps, and IPv4 header

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTcpTransport();
    ~FanoutTcpTransport() override;

    void SetIdentity(const fanout::SignatureScheme& scheme, uint64_t seed, uint64_t index) override;
    fanout::Endpoint::Protocol GetProtocol() const override;

    /// @return prefix of two bytes, TCP header with timestamps and IPv4 header: of a frame that
    /// fills no more than a segment. Acknowledgements, which go the other way, are not in it
    uint32_t GetOverheadBytes() const override;
    uint32_t GetPacketBytes() const override;
    uint32_t GetMaxFrameBytes() const override;
    fanout::Endpoint GetRemoteEndpoint(fanout::LinkId link) const override;

    /// @return connections and what became of them
    const Counters& GetCounters() const;

    /// @return number of links, open or being dialled
    uint32_t GetNLinks() const;

    /// @return number of connections that this transport still looks after
    uint32_t GetNConnections() const;

    /// @param link any @return peer id by the hello, zero when not known
    fanout::PeerId GetRemotePeer(fanout::LinkId link) const;

  private:
    using Connection = fanout::TcpConnection;             ///< one connection
    using Link = fanout::TcpLink;                         ///< what is known of a remote end
    using Deadline = std::pair<fanout::Micros, uint64_t>; ///< when to look at which connection

    /// @param tid gets the attributes that are those of ns-3's sockets @return the same
    static TypeId AddSocketAttributes(TypeId tid);

    void DoDispose() override;
    void DoStart() override;
    void DoStop() override;
    fanout::DialResult DoDial(const fanout::Endpoint& endpoint) override;
    void DoHangUp(fanout::LinkId link) override;
    fanout::SendResult DoSend(fanout::LinkId link, const fanout::FrameRef& frame) override;
    void DoCloseAll() override;
    void DoSetSilent(bool silent) override;

    // ---- sockets (fanout-tcp-transport-sockets.cc) ----

    /// @return a socket with the attributes set
    Ptr<FanoutTcpSocket> MakeSocket() const;

    /// @param socket begins a connection @param dialled whether this end opened it @return it
    Ptr<Connection> Begin(const Ptr<FanoutTcpSocket>& socket, bool dialled);

    /// @param socket has a connection, if it is still wanted @return it, or null
    static Ptr<Connection> ConnectionOf(const Ptr<Socket>& socket);

    /// @param socket listens @param from who asks @return true: HandleAccept decides
    bool HandleRequest(Ptr<Socket> socket, const Address& from);

    /// @param socket of a new connection @param from who opened it
    void HandleAccept(Ptr<Socket> socket, const Address& from);

    /// @param socket whose connection was established
    void HandleConnected(Ptr<Socket> socket);

    /// @param socket whose connection was not established
    void HandleFailed(Ptr<Socket> socket);

    /// @param socket has something to read
    void HandleRead(Ptr<Socket> socket);

    /// @param socket has room for @param room so many bytes
    void HandleRoom(Ptr<Socket> socket, uint32_t room);

    /// @param socket was closed by the other end
    void HandleClosed(Ptr<Socket> socket);

    /// @param socket was reset or given up
    void HandleError(Ptr<Socket> socket);

    // ---- connections (fanout-tcp-transport-connections.cc) ----

    /// @param c got a whole frame @param bytes the frame
    void HandleFrame(const Ptr<Connection>& c, fanout::ByteView bytes);

    /// @param c got its first frame @param bytes the frame
    void HandleHello(const Ptr<Connection>& c, fanout::ByteView bytes);

    /// @param c whose hello it is @param hello well-formed
    /// @return whether it may say so: from its own address, signed, and no other key known there
    bool IsWelcome(const Connection& c, const fanout::TcpHello& hello);

    /// @param c is ready @param link its link, which may have others @param peer who
    void Join(const Ptr<Connection>& c, Link* link, const fanout::PeerId& peer);

    /// Choose between two connections that are ready. @param link has the first @param c the second
    void Settle(Link& link, const Ptr<Connection>& c);

    /// @param link may be closed by it @param c joins it @return where it belongs now
    Link* Replace(Link* link, const Connection& c);

    /// @param c whose link may take frames again
    void TellWritable(const Ptr<Connection>& c);

    /// Forget a connection without a word and take it from its link. @param c any
    void Lose(const Ptr<Connection>& c);

    /// Take a connection from its link, which is closed when it has no other. @param c any
    void LeaveLink(const Ptr<Connection>& c);

    /// @param c is reset, @param counter counts it
    void Refuse(const Ptr<Connection>& c, uint64_t& counter);

    /// Close it once what waits is sent. @param c any
    void Close(const Ptr<Connection>& c);

    /// Close it for sending once what waits is sent, and read on. @param c ready
    void LetGo(const Ptr<Connection>& c);

    /// Close a connection that shall be closed if nothing waits. @param c it
    static void CloseIfSent(Connection& c);

    /// @param c any; this transport does not look after it any more
    void Forget(const Ptr<Connection>& c);

    // ---- deadlines ----

    /// @param c any @return when to look at it
    fanout::Micros DeadlineOf(const Connection& c) const;

    /// Make sure that the connection is looked at. @param c which
    void Arm(Connection& c);

    /// Make sure that HandleTimer runs at the earliest deadline.
    void Schedule();

    /// Look at the connections whose deadline has come.
    void HandleTimer();

    /// @param c its time is over
    void Expire(const Ptr<Connection>& c);

    fanout::TcpLinkTable m_links;                                ///< by number and by place
    std::unordered_map<uint64_t, Ptr<Connection>> m_connections; ///< by serial
    std::priority_queue<Deadline, std::vector<Deadline>, std::greater<Deadline>>
        m_deadlines;                                  ///< lazily kept
    Ptr<FanoutTcpGate> m_gate;                        ///< of the host
    Ptr<FanoutTcpSocket> m_listener;                  ///< listens
    const fanout::SignatureScheme* m_scheme{nullptr}; ///< how hellos are signed
    fanout::PeerId m_self;                            ///< who this is
    fanout::Bytes m_hello;                            ///< what each connection begins with
    std::vector<uint8_t> m_read;                      ///< what a socket gave
    EventId m_timer;                                  ///< HandleTimer
    fanout::Micros m_timerAt{fanout::NEVER};          ///< when m_timer runs
    uint64_t m_seed{0};                               ///< of the identity
    uint64_t m_index{0};                              ///< of the identity
    uint64_t m_serial{0};                             ///< of the next connection
    uint32_t m_strangers{0};                          ///< accepted ones without a hello
    bool m_shut{false};                               ///< this transport has shut the gate
    Counters m_counters;                              ///< what happened

    uint32_t m_maxFrameBytes{0}; ///< attribute
    uint32_t m_maxLinks{0};      ///< attribute
    uint32_t m_maxStrangers{0};  ///< attribute
    Time m_helloTimeout;         ///< attribute
    Time m_stallTimeout;         ///< attribute
    Time m_idleTimeout;          ///< attribute
    Time m_closeTimeout;         ///< attribute
    uint32_t m_segmentSize{0};   ///< attribute
    uint32_t m_sndBufSize{0};    ///< attribute
    uint32_t m_rcvBufSize{0};    ///< attribute
    uint32_t m_delAckCount{0};   ///< attribute
    uint32_t m_connCount{0};     ///< attribute
    uint32_t m_dataRetries{0};   ///< attribute
    Time m_delAckTimeout;        ///< attribute
    Time m_connTimeout;          ///< attribute
    Time m_minRto;               ///< attribute
    Time m_maxSegLifetime;       ///< attribute
    bool m_noDelay{true};        ///< attribute
    uint32_t m_segment{0};       ///< SegmentSize, or what the device has room for
};

} // namespace ns3

#endif // FANOUT_TCP_TRANSPORT_H
