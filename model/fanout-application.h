/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_APPLICATION_H
#define FANOUT_APPLICATION_H

#include "fanout-run.h"
#include "fanout-sink.h"

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/fanout-environment.h"
#include "ns3/fanout-transport.h"
#include "ns3/ipv4-address.h"
#include "ns3/packet.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/// What a peer is for. @ingroup fanout-tree
enum class FanoutRole : uint8_t
{
    IDLE,    ///< nothing
    ROOT,    ///< publishes
    TRACKER, ///< tells others of parents
    RELAY,   ///< subscribes and forwards
    LEAF     ///< subscribes
};

/// @param role a role @return "idle", "root", "tracker", "relay" or "leaf"
std::string FanoutRoleName(FanoutRole role);

/// @param name one of these names @return the role
/// @throws std::invalid_argument for any other text
FanoutRole FanoutRoleFromName(const std::string& name);

/**
 * @ingroup fanout-tree
 * What a subclass of FanoutApplication says: the peer of some protocol. Calls are inputs, one at a
 * time. They stand apart so that a frame reaches them through memory that it touches anyway.
 */
class FanoutOverlayPeer : public FanoutTransport::Handler
{
  protected:
    /// Make the peer; the transport listens already.
    virtual void DoStart() = 0;

    /// Forget the peer, telling nobody.
    virtual void DoStop() = 0;

    /// Open the channel.
    virtual void DoJoin() = 0;

    /// Leave the channel.
    virtual void DoLeave() = 0;

    /// @param payload user data @return its sequence number
    virtual uint32_t DoPublish(fanout::ByteView payload) = 0;

    /// No more messages follow.
    virtual void DoPublishEnd() = 0;

    /// @param link whence @param frame what
    virtual void DoReceive(fanout::LinkId link, const fanout::FrameRef& frame) = 0;

    /// @param link is open
    virtual void DoOpened(fanout::LinkId link) = 0;

    /// @param link is closed
    virtual void DoClosed(fanout::LinkId link) = 0;

    /// @param link takes frames again
    virtual void DoWritable(fanout::LinkId link) = 0;

    /// The time named by Environment::WakeAt has come.
    virtual void DoTick() = 0;

    /// Say what of the peer a frame that arrives is going to touch; nothing by default.
    /// @param hot gets the second piece and the last one, and whether there is more
    virtual void
    DoGetHot(fanout::HotMemory& hot) const
    {
        (void)hot;
    }
};

/**
 * @ingroup fanout-tree
 * Any overlay multicast peer as an ns-3 Application: it owns the peer's transport, gives the
 * protocol its world (time, wake-ups, links), and tells sinks and trace sources of its events.
 * What the protocol is, subclasses say (FanoutOverlayPeer).
 *
 * At the application's start the transport begins to listen and, with JoinAtStart, the peer opens
 * its channel. At its stop the peer leaves and the transport stops.
 *
 * Calls that make no sense at their time throw std::logic_error, calls with a bad value
 * std::invalid_argument; the text says what was wrong and what is allowed. All calls may be made
 * from sinks and trace sinks.
 */
class FanoutApplication : public Application, private FanoutOverlayPeer, private fanout::Environment
{
  public:
    static constexpr uint16_t DEFAULT_PORT = 4001;        ///< where a peer listens
    static constexpr uint32_t INDEX_OF_NODE = 0xffffffff; ///< the index is the node's id

    /// Trace sink of Join. @param event a step of an attach
    typedef void (*JoinCallback)(const fanout::JoinEvent& event);
    /// Trace sink of Parent. @param event the parent changed
    typedef void (*ParentCallback)(const fanout::ParentEvent& event);
    /// Trace sink of Child. @param event a child came or went
    typedef void (*ChildCallback)(const fanout::ChildEvent& event);
    /// Trace sink of Publish. @param event a message was numbered
    typedef void (*PublishCallback)(const fanout::PublishEvent& event);
    /// Trace sink of Deliver. @param event the first copy of a message came
    typedef void (*DeliverCallback)(const fanout::DeliverEvent& event);
    /// Trace sink of Duplicate. @param event a later copy of a message came
    typedef void (*DuplicateCallback)(const fanout::DuplicateEvent& event);
    /// Trace sink of FrameTx and FrameRx. @param event a frame went out or came in
    typedef void (*FrameCallback)(const fanout::FrameEvent& event);
    /// Trace sink of Repair. @param event a step of a repair
    typedef void (*RepairCallback)(const fanout::RepairEvent& event);
    /// Trace sink of Backpressure. @param event a child's queue passed its mark
    typedef void (*BackpressureCallback)(const fanout::BackpressureEvent& event);
    /// Trace sink of Drop. @param event a frame was not forwarded or not accepted
    typedef void (*DropCallback)(const fanout::DropEvent& event);
    /// Trace sink of Earnings. @param event a forwarded message was credited
    typedef void (*EarningsCallback)(const fanout::EarningsEvent& event);
    /// Trace sink of Tracker. @param event a tracker's directory changed or answered
    typedef void (*TrackerCallback)(const fanout::TrackerEvent& event);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutApplication();

    /// For CopyObject, which is quicker than setting attributes again.
    /// @param other gives what was set before its start, but transport and sinks
    FanoutApplication(const FanoutApplication& other);
    ~FanoutApplication() override;

    // ---- before the start ----

    /// @param transport what carries this peer's frames, used by no other application
    void SetTransport(Ptr<FanoutTransport> transport);

    /// @return the transport; churn calls its SetOnline and SetSilent
    Ptr<FanoutTransport> GetTransport() const;

    /// @param local an InetSocketAddress; its address may be any: the node's first one besides
    /// loopback
    void SetLocal(const Address& local);

    /// @return what SetLocal got
    Address GetLocal() const;

    /// @param role what the peer is for
    void SetRole(FanoutRole role);

    /// @return what the peer is for
    FanoutRole GetRole() const;

    /// @param index number of the peer in the run, distinct in one run
    void SetIndex(uint32_t index);

    /// @return number of the peer in the run
    uint32_t GetIndex() const;

    /// @param join whether the peer opens its channel when it starts
    void SetJoinAtStart(bool join);

    /// @param key where the peer's random draws start from, with its index
    void SetRandomKey(uint64_t key);

    /**
     * @param stream first stream number to use
     * @return number of streams used: 1
     */
    virtual int64_t AssignStreams(int64_t stream);

    /// @param sink hears of all events of this application from now on
    void AddSink(Ptr<FanoutSink> sink);

    // ---- what the user does ----

    /// Open the channel. Before the application's start: open it then. When open already: nothing.
    void Join();

    /// Leave the channel properly: parent and children are told. When not open: nothing.
    void Leave();

    /// The process dies: sockets and state are gone, nobody is told. When down already: nothing.
    void Crash();

    /// After Crash: a new process with the same identity, which joins when the old one had.
    void Restart();

    /**
     * Publish user data. Root only.
     * @param payload the data; its content is copied
     * @return the message's sequence number
     */
    uint32_t Publish(Ptr<const Packet> payload);

    /**
     * Publish user data. Root only.
     * @param data first byte @param size number of bytes
     * @return the message's sequence number
     */
    uint32_t Publish(const uint8_t* data, uint32_t size);

    /**
     * Publish zeros. Root only.
     * @param size number of bytes
     * @return the message's sequence number
     */
    uint32_t Publish(uint32_t size);

    /// Say that no more messages follow. Root only.
    void PublishEnd();

    /// @param event what a Deliver trace or NoteDeliver got @return the user data
    static Ptr<Packet> MakePacket(const fanout::DeliverEvent& event);

    // ---- what anybody may ask ----

    /// @return whether the application has started and not stopped, crashed or not
    bool IsStarted() const;

    /// @return whether the process runs: started, not stopped, not crashed
    bool IsUp() const;

    /// @return whether it runs and its host is neither offline nor silent
    bool IsOnline() const;

    /// @return whether the peer is root or has a parent now
    bool IsJoined() const;

    /// @return whether the peer had a parent at any time
    bool HasEverJoined() const;

    /// @return whether it publishes
    bool IsPublisher() const;

    /// @return whether it subscribes: relay or leaf
    bool IsSubscriber() const;

    /// @return how the peer stands in its channel; a default value when it is down
    virtual fanout::ChannelStatus GetStatus() const = 0;

    /// @return the peer's own counters; all zero when it is down
    virtual fanout::PeerCounters GetCounters() const = 0;

    /// @return the peer's name; zero before the start
    virtual fanout::PeerId GetId() const = 0;

    /// @return the children in the order of admission
    virtual std::vector<fanout::PeerId> GetChildren() const = 0;

    /// @return the parent, zero when there is none
    fanout::PeerId GetParent() const;

    /// @return hops from the root, 0xffff when not joined
    uint16_t GetLevel() const;

    /// @return where others reach this peer
    fanout::Endpoint GetEndpoint() const;

    /// @return the run this application is part of
    Ptr<FanoutRun> GetRun() const;

    /**
     * @param node a node
     * @return its first IPv4 address besides loopback
     * @throws std::invalid_argument when it has none
     */
    static Ipv4Address GetNodeAddress(Ptr<Node> node);

  protected:
    void DoDispose() override;

    /// @return the world as the protocol sees it
    fanout::Environment& GetEnvironment();

    /// @return where the present process's random draws start from; another one after each Crash
    uint64_t GetProcessKey() const;

  private:
    friend class FanoutRun;

    struct Traces;
    struct Teller;

    /// @param tid gets the trace sources @return the same
    static TypeId AddTraceSources(TypeId tid);

    void StartApplication() override;
    void StopApplication() override;

    // ---- FanoutTransport::Handler ----
    void Receive(fanout::LinkId link, const fanout::FrameRef& frame) override;
    void Opened(fanout::LinkId link) override;
    void Closed(fanout::LinkId link) override;
    void Writable(fanout::LinkId link) override;
    void Wake() override;

    // ---- fanout::Environment ----
    fanout::Micros Now() const override;
    fanout::SendResult Send(fanout::LinkId link, const fanout::FrameRef& frame) override;
    fanout::DialResult Dial(const fanout::Endpoint& endpoint) override;
    void HangUp(fanout::LinkId link) override;
    void WakeAt(fanout::Micros when) override;
    std::uint32_t OverheadBytes() const override;
    fanout::Endpoint LocalEndpoint() const override;
    fanout::Endpoint RemoteEndpoint(fanout::LinkId link) const override;

    /// @param name of a role
    void SetRoleName(std::string name);

    /// @return name of the role
    std::string GetRoleName() const;

    /// @param make whether to make them when missing @return the trace sources, or null
    Traces* FindTraces(bool make);

    /// The same, for the trace sources of frames. @param make as above @return as above
    Traces* FindFrameTraces(bool make);

    /// Nobody hears of events any more.
    void DropObservers();

    /// Make transport and peer.
    void Up();

    /// Tell the transport what to bring into the cache.
    void TellHot();

    /// Forget transport and peer, telling nobody.
    void Down();

    /// What Down could not do while the transport was calling.
    void DownLater();

    /// @param call what was asked @throws std::logic_error when the process does not run
    void RequireUp(const char* call) const;

    /// Do something with the peer, then tell the observers. @param input what
    void Input(const std::function<void()>& input);

    /// Do something on behalf of the transport. @param input what
    template <typename F>
    void TransportInput(F input);

    /// Stamp the events of an input and have the observers told.
    void FinishInput();

    /// @return whether nobody hears of events but sinks that only take notes, and at once
    bool IsOnlyNoted() const;

    /// @param event of the present input: says whose it is
    void Stamp(fanout::EventBase& event) const;

    /// @param event is told to sinks and traces
    void TellEvent(const fanout::Event& event);

    // From the handler's place in the object to its end, and one pointer further, is what a frame
    // touches: a subclass begins with the pointer to its peer, or with four bytes before it.
    Ptr<FanoutTransport> m_transport;    ///< carries frames
    Ptr<FanoutRun> m_run;                ///< what the process shares
    Ptr<FanoutSink> m_sink;              ///< hears of events, null for nobody
    std::unique_ptr<Traces> m_traces;    ///< once somebody has connected
    fanout::Micros m_now{0};             ///< time of the present input
    uint32_t m_index{INDEX_OF_NODE};     ///< number of the peer
    uint32_t m_nodeId{0};                ///< id of the node, once started
    FanoutRole m_role{FanoutRole::LEAF}; ///< what the peer is for
    bool m_hasRandomKey{false};          ///< SetRandomKey was called
    bool m_joinAtStart{true};            ///< open the channel then
    bool m_started{false};               ///< between start and stop of the application
    bool m_up{false};                    ///< the process runs
    bool m_joining{false};               ///< the channel is or shall be open
    bool m_everJoined{false};            ///< had a parent once
    bool m_inTransport{false};           ///< the transport is calling
    bool m_downLater{false};             ///< DownLater is under way
    bool m_restartLater{false};          ///< and Restart shall follow
    bool m_onlyNoted{false};             ///< see FanoutSink::OnlyNotes
    uint16_t m_localPort{DEFAULT_PORT};  ///< where to listen
    uint32_t m_localAddress{0};          ///< where to listen, 0 for any
    uint64_t m_randomKey{0};             ///< start of draws
    uint32_t m_crashes{0};               ///< processes that died
};

} // namespace ns3

#endif // FANOUT_APPLICATION_H
