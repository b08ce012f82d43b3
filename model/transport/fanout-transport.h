/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TRANSPORT_H
#define FANOUT_TRANSPORT_H

#include "fanout-faults.h"

#include "ns3/data-rate.h"
#include "ns3/fanout-frame.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-multiaddr.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-time.h"
#include "ns3/ipv4-address.h"
#include "ns3/node.h"
#include "ns3/object.h"
#include "ns3/ptr.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Carries signed envelopes ("frames") between peers over links. A link is this peer's handle of one
 * remote end; its number never stands for another remote end, and is void after Closed. Whether a
 * link opened anew to the same end has the same number depends on the kind of transport.
 *
 * The owner calls Dial, Send and HangUp; the transport calls the Handler, but never from inside one
 * of these calls. It has no queue of its own: what Send accepts is on its way, what it refuses with
 * FULL stays with the owner until Writable.
 *
 * For churn, SetOnline(false) closes every link and tells both ends, SetSilent(true) lets whatever
 * is sent or received vanish and tells nobody, and Stop() forgets everything as a crash would.
 */
class FanoutTransport : public Object
{
  public:
    /// Hears of frames and links.
    class Handler
    {
      public:
        virtual ~Handler() = default;

        /// A frame arrived. @param link where from; a link not seen before was opened by the other
        /// end @param frame well-formed, its signature not checked
        virtual void Receive(fanout::LinkId link, const fanout::FrameRef& frame) = 0;

        /// A link that Dial left DIALING is open now. @param link which
        virtual void Opened(fanout::LinkId link) = 0;

        /// The link is no more and its number is void. @param link which
        virtual void Closed(fanout::LinkId link) = 0;

        /// A link that refused a frame with FULL takes frames again; after BUSY all links do.
        /// @param link which, NO_LINK for all
        virtual void Writable(fanout::LinkId link) = 0;

        /// The time given to WakeAt has come.
        virtual void Wake() = 0;

        /// Receive() or Wake() is called soon: ask the processor for memory that it will touch
        /// beyond what SetHot() named; change nothing. By default nothing is asked for.
        /// @param depth 1: what that memory points to; 2: what this points to, a little later
        /// @param link whence a frame comes that is not DATA, NO_LINK else
        virtual void
        Prefetch(uint32_t depth, fanout::LinkId link) const
        {
            (void)depth;
            (void)link;
        }
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTransport();
    ~FanoutTransport() override;

    /**
     * A transport of the same kind with the same attributes, not started. Where it is possible it
     * is quicker than setting the attributes again.
     * @return the copy, null where it is not possible
     */
    virtual Ptr<FanoutTransport> Copy() const;

    /**
     * The frames of this process. Receivers of the same DATA bytes share one frame of it; whoever
     * publishes calls its Adopt. It holds no frame alive.
     * @return the store
     */
    static fanout::FrameStore& GetFrameStore();

    /// @param handler who hears of frames and links; must outlive the transport or be replaced by
    /// null, which silences it
    void SetHandler(Handler* handler);

    /**
     * Choose the random draws of this transport (DataFrameLoss). Without a call all peers of a run
     * draw from the key 0 and their addresses.
     * @param key the run's key @param peerIndex the peer's index
     */
    void SetRandomKey(uint64_t key, uint64_t peerIndex);

    /**
     * Say who this peer is, before Start. Transports whose frames say that all by themselves ignore
     * it, so nothing is computed here.
     * @param scheme how the peer signs; must outlive the transport @param seed what the run's
     * identities start from @param index the peer's: its identity is scheme.Derive(seed, index)
     */
    virtual void SetIdentity(const fanout::SignatureScheme& scheme, uint64_t seed, uint64_t index);

    /// @return the protocol of the endpoints that Dial takes; UDP unless said otherwise
    virtual fanout::Endpoint::Protocol GetProtocol() const;

    /**
     * Begin to listen. Aborts with a clear error when the address is not the node's or the port is
     * taken.
     * @param node the node @param address one of its addresses @param port 1 to 65535
     */
    void Start(Ptr<Node> node, Ipv4Address address, uint16_t port);

    /// Forget all links and stop listening; nobody is told, not even the handler. Start may follow.
    void Stop();

    /// @return whether between Start and Stop
    bool IsStarted() const;

    /// @param endpoint where to @return the link to that place: the present one or a new one
    fanout::DialResult Dial(const fanout::Endpoint& endpoint);

    /// @param link is not needed any more; unknown ones are ignored
    void HangUp(fanout::LinkId link);

    /**
     * Hand a frame to a link.
     * @param link the link @param frame the frame
     * @return ACCEPTED, FULL or BUSY (Writable follows) or GONE (no such link, offline, or the
     * frame is larger than GetMaxFrameBytes())
     */
    fanout::SendResult Send(fanout::LinkId link, const fanout::FrameRef& frame);

    /**
     * Churn of kind "notified". Going offline closes every link: here at once, through Closed, and
     * at the other end by a message of the transport. While offline Dial is REFUSED, Send is GONE
     * and whatever arrives is dropped. To be called from outside of the Handler.
     * @param online whether to be online
     */
    void SetOnline(bool online);

    /// @return whether online
    bool
    IsOnline() const
    {
        return m_online;
    }

    /// Churn of kind "link": a blackout nobody is told of; state is kept.
    /// @param silent whether whatever is sent or received vanishes
    void SetSilent(bool silent);

    /// @return whether in a blackout
    bool IsSilent() const;

    /// @return simulated time, microseconds
    virtual fanout::Micros GetNow() const;

    /**
     * Have Handler::Wake called, once, in place of what was asked for before; between Start and
     * Stop.
     * @param when microseconds; in the past: soon; NEVER: not at all
     */
    virtual void WakeAt(fanout::Micros when) = 0;

    /// Name what a frame that arrives is going to touch; a transport may bring it into the cache a
    /// little before. @param hot the memory
    virtual void SetHot(const fanout::HotMemory& hot);

    /// @return bytes a DATA frame costs on the wire besides its envelope, without the link layer's
    virtual uint32_t GetOverheadBytes() const = 0;

    /// @return largest envelope that fits one packet of the local link, bytes
    virtual uint32_t GetPacketBytes() const = 0;

    /// @return largest envelope that can be sent at all, bytes
    virtual uint32_t GetMaxFrameBytes() const = 0;

    /// @return where others reach this peer; empty before Start
    fanout::Endpoint GetLocalEndpoint() const;

    /// @param faults what becomes of frames that arrive here, shared with other transports; null:
    /// nothing (the default). Copy() passes it on
    void SetFaults(Ptr<FanoutFaults> faults);

    /// @return what SetFaults got
    Ptr<FanoutFaults> GetFaults() const;

    /// @param link an open link @return where its other end listens, empty when not known
    virtual fanout::Endpoint GetRemoteEndpoint(fanout::LinkId link) const = 0;

    /**
     * @return the rate at which this peer's access link sends, from the device that has the bound
     *         address (its DataRate, or its channel's); 0 when unknown
     */
    virtual DataRate GetAccessRate() const;

    /// @return DATA frames dropped by DataFrameLoss so far
    uint64_t GetLostDataFrames() const;

    /// @return frames refused because they are larger than GetMaxFrameBytes()
    uint64_t GetOversizeFrames() const;

  protected:
    /// @param other gives its attributes
    FanoutTransport(const FanoutTransport& other);

    void DoDispose() override;

    /// @return the node, null before Start
    Ptr<Node> GetNode() const;

    /// @return the handler, null when there is none
    Handler*
    GetHandler() const
    {
        return m_handler;
    }

    /// @return the device that has the bound address, null when there is none
    Ptr<NetDevice> GetAccessDevice() const;

    /// Pass a frame that arrived to the handler, unless a fault or DataFrameLoss takes it.
    /// @param link where from @param frame the frame
    void
    Deliver(fanout::LinkId link, const fanout::FrameRef& frame)
    {
        if (m_faults)
        {
            DeliverFaulty(link, frame);
        }
        else
        {
            Pass(link, frame);
        }
    }

  private:
    /// Do with a frame what the faults say. @param link where from @param frame the frame
    void DeliverFaulty(fanout::LinkId link, const fanout::FrameRef& frame);

    /// A frame that a fault held back comes now. @param link where from @param frame the frame
    void DeliverLate(fanout::LinkId link, fanout::FrameRef frame);

    /// @param link where from @param frame for the handler, unless DataFrameLoss takes it
    void
    Pass(fanout::LinkId link, const fanout::FrameRef& frame)
    {
        if (m_dataFrameLoss > 0 && frame->IsData() && m_random.Uniform() < m_dataFrameLoss)
        {
            m_lostDataFrames++;
        }
        else if (m_handler)
        {
            m_handler->Receive(link, frame);
        }
    }

    /// Begin to listen at GetLocalEndpoint().
    virtual void DoStart() = 0;

    /// Forget everything.
    virtual void DoStop() = 0;

    /// @param endpoint where to @return the answer; online is checked before
    virtual fanout::DialResult DoDial(const fanout::Endpoint& endpoint) = 0;

    /// @param link is not needed any more
    virtual void DoHangUp(fanout::LinkId link) = 0;

    /// @param link the link @param frame not too large @return the answer; online is checked before
    virtual fanout::SendResult DoSend(fanout::LinkId link, const fanout::FrameRef& frame) = 0;

    /// Close every link and tell both ends; the transport counts as offline already.
    virtual void DoCloseAll() = 0;

    /// @param silent the blackout begins or ends
    virtual void DoSetSilent(bool silent);

    Ptr<Node> m_node;             ///< the node
    fanout::Endpoint m_local;     ///< where to listen
    uint32_t m_lostDataFrames{0}; ///< by DataFrameLoss
    uint32_t m_oversizeFrames{0}; ///< refused for their size
    fanout::Random m_random;      ///< draws of DataFrameLoss; what a frame touches begins here
    double m_dataFrameLoss{0};    ///< probability
    Ptr<FanoutFaults> m_faults;   ///< what becomes of frames, or null
    Handler* m_handler{nullptr};  ///< who hears
    bool m_keyed{false};          ///< SetRandomKey was called
    bool m_started{false};        ///< between Start and Stop
    bool m_online{true};          ///< not offline
    bool m_silent{false};         ///< in a blackout
};

} // namespace ns3

#endif // FANOUT_TRANSPORT_H
