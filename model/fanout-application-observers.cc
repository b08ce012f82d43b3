/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-application.h"

#include "ns3/boolean.h"
#include "ns3/fanout-lazy-trace.h"
#include "ns3/inet-socket-address.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/traced-callback.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FanoutApplication);

namespace
{

/// Several sinks in the place of one.
class FanoutSinkGroup : public FanoutSink
{
  public:
    /// @param sink one more
    void
    Add(Ptr<FanoutSink> sink)
    {
        m_sinks.push_back(sink);
    }

    bool
    OnlyNotes() const override
    {
        return std::all_of(m_sinks.begin(),
                           m_sinks.end(),
                           [](const auto& sink) { return sink->OnlyNotes(); });
    }

    void
    NoteJoin(const fanout::JoinEvent& event) override
    {
        Each(&FanoutSink::NoteJoin, event);
    }

    void
    NoteParent(const fanout::ParentEvent& event) override
    {
        Each(&FanoutSink::NoteParent, event);
    }

    void
    NoteChild(const fanout::ChildEvent& event) override
    {
        Each(&FanoutSink::NoteChild, event);
    }

    void
    NotePublish(const fanout::PublishEvent& event) override
    {
        Each(&FanoutSink::NotePublish, event);
    }

    void
    NoteDeliver(const fanout::DeliverEvent& event) override
    {
        Each(&FanoutSink::NoteDeliver, event);
    }

    void
    NoteDuplicate(const fanout::DuplicateEvent& event) override
    {
        Each(&FanoutSink::NoteDuplicate, event);
    }

    void
    NoteFrame(const fanout::FrameEvent& event) override
    {
        Each(&FanoutSink::NoteFrame, event);
    }

    void
    NoteRepair(const fanout::RepairEvent& event) override
    {
        Each(&FanoutSink::NoteRepair, event);
    }

    void
    NoteBackpressure(const fanout::BackpressureEvent& event) override
    {
        Each(&FanoutSink::NoteBackpressure, event);
    }

    void
    NoteDrop(const fanout::DropEvent& event) override
    {
        Each(&FanoutSink::NoteDrop, event);
    }

    void
    NoteEarnings(const fanout::EarningsEvent& event) override
    {
        Each(&FanoutSink::NoteEarnings, event);
    }

    void
    NoteTracker(const fanout::TrackerEvent& event) override
    {
        Each(&FanoutSink::NoteTracker, event);
    }

  private:
    /// @param note method for this kind of event @param event the event
    template <typename E>
    void
    Each(void (FanoutSink::*note)(const E&), const E& event)
    {
        // By number: a sink may add another one.
        for (std::size_t i = 0; i < m_sinks.size(); i++)
        {
            Ptr<FanoutSink> sink = m_sinks[i];
            (PeekPointer(sink)->*note)(event);
        }
    }

    std::vector<Ptr<FanoutSink>> m_sinks; ///< in the order they were added
};

} // namespace

/// The trace sources, 24 bytes each, which most applications never need.
struct FanoutApplication::Traces
{
    TracedCallback<const fanout::JoinEvent&> join;                 ///< Join
    TracedCallback<const fanout::ParentEvent&> parent;             ///< Parent
    TracedCallback<const fanout::ChildEvent&> child;               ///< Child
    TracedCallback<const fanout::PublishEvent&> publish;           ///< Publish
    TracedCallback<const fanout::DeliverEvent&> deliver;           ///< Deliver
    TracedCallback<const fanout::DuplicateEvent&> duplicate;       ///< Duplicate
    TracedCallback<const fanout::FrameEvent&> frameTx;             ///< FrameTx
    TracedCallback<const fanout::FrameEvent&> frameRx;             ///< FrameRx
    TracedCallback<const fanout::RepairEvent&> repair;             ///< Repair
    TracedCallback<const fanout::BackpressureEvent&> backpressure; ///< Backpressure
    TracedCallback<const fanout::DropEvent&> drop;                 ///< Drop
    TracedCallback<const fanout::EarningsEvent&> earnings;         ///< Earnings
    TracedCallback<const fanout::TrackerEvent&> tracker;           ///< Tracker
};

TypeId
FanoutApplication::AddTraceSources(TypeId tid)
{
    using fanout::MakeLazyTraceAccessor;
    constexpr auto BLOCK = &FanoutApplication::FindTraces;
    constexpr auto FRAMES = &FanoutApplication::FindFrameTraces;
    return tid
        .AddTraceSource("Join",
                        "A step of an attach.",
                        MakeLazyTraceAccessor(&Traces::join, BLOCK),
                        "ns3::FanoutApplication::JoinCallback")
        .AddTraceSource("Parent",
                        "The parent changed.",
                        MakeLazyTraceAccessor(&Traces::parent, BLOCK),
                        "ns3::FanoutApplication::ParentCallback")
        .AddTraceSource("Child",
                        "A child was admitted, left, was kicked or lost.",
                        MakeLazyTraceAccessor(&Traces::child, BLOCK),
                        "ns3::FanoutApplication::ChildCallback")
        .AddTraceSource("Publish",
                        "The root numbered a message.",
                        MakeLazyTraceAccessor(&Traces::publish, BLOCK),
                        "ns3::FanoutApplication::PublishCallback")
        .AddTraceSource("Deliver",
                        "The first copy of a message came.",
                        MakeLazyTraceAccessor(&Traces::deliver, BLOCK),
                        "ns3::FanoutApplication::DeliverCallback")
        .AddTraceSource("Duplicate",
                        "A later copy of a message came.",
                        MakeLazyTraceAccessor(&Traces::duplicate, BLOCK),
                        "ns3::FanoutApplication::DuplicateCallback")
        .AddTraceSource("FrameTx",
                        "A frame was handed to a link.",
                        MakeLazyTraceAccessor(&Traces::frameTx, FRAMES),
                        "ns3::FanoutApplication::FrameCallback")
        .AddTraceSource("FrameRx",
                        "A frame came.",
                        MakeLazyTraceAccessor(&Traces::frameRx, FRAMES),
                        "ns3::FanoutApplication::FrameCallback")
        .AddTraceSource("Repair",
                        "A gap was found, asked for, served, filled or given up.",
                        MakeLazyTraceAccessor(&Traces::repair, BLOCK),
                        "ns3::FanoutApplication::RepairCallback")
        .AddTraceSource("Backpressure",
                        "A child's queue passed its high or low mark.",
                        MakeLazyTraceAccessor(&Traces::backpressure, BLOCK),
                        "ns3::FanoutApplication::BackpressureCallback")
        .AddTraceSource("Drop",
                        "A frame was not forwarded or not accepted.",
                        MakeLazyTraceAccessor(&Traces::drop, BLOCK),
                        "ns3::FanoutApplication::DropCallback")
        .AddTraceSource("Earnings",
                        "A forwarded message was credited.",
                        MakeLazyTraceAccessor(&Traces::earnings, BLOCK),
                        "ns3::FanoutApplication::EarningsCallback")
        .AddTraceSource("Tracker",
                        "A tracker's directory changed or answered.",
                        MakeLazyTraceAccessor(&Traces::tracker, BLOCK),
                        "ns3::FanoutApplication::TrackerCallback");
}

TypeId
FanoutApplication::GetTypeId()
{
    static TypeId tid =
        AddTraceSources(
            TypeId("ns3::FanoutApplication").SetParent<Application>().SetGroupName("FanoutTree"))
            .AddAttribute("Role",
                          "What the peer is for: idle, root, tracker, relay or leaf.",
                          StringValue("leaf"),
                          MakeStringAccessor(&FanoutApplication::SetRoleName,
                                             &FanoutApplication::GetRoleName),
                          MakeStringChecker())
            .AddAttribute("Transport",
                          "A FanoutTransport of its own; null: a FanoutUdpTransport is made.",
                          PointerValue(),
                          MakePointerAccessor(&FanoutApplication::SetTransport,
                                              &FanoutApplication::GetTransport),
                          MakePointerChecker<FanoutTransport>())
            .AddAttribute(
                "Local",
                "Where to listen: an InetSocketAddress. Any address stands for the "
                "node's first IPv4 address besides loopback.",
                AddressValue(InetSocketAddress(Ipv4Address::GetAny(), DEFAULT_PORT)),
                MakeAddressAccessor(&FanoutApplication::SetLocal, &FanoutApplication::GetLocal),
                MakeAddressChecker())
            .AddAttribute(
                "Index",
                "Number of the peer, distinct in a run; its keys derive from it. "
                "4294967295: the node's id.",
                UintegerValue(INDEX_OF_NODE),
                MakeUintegerAccessor(&FanoutApplication::SetIndex, &FanoutApplication::GetIndex),
                MakeUintegerChecker<uint32_t>())
            .AddAttribute("JoinAtStart",
                          "Whether the peer opens its channel when the application starts.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FanoutApplication::m_joinAtStart),
                          MakeBooleanChecker());
    return tid;
}

FanoutApplication::FanoutApplication() = default;

FanoutApplication::FanoutApplication(const FanoutApplication& other)
    : Application(other),
      m_index(other.m_index),
      m_role(other.m_role),
      m_hasRandomKey(other.m_hasRandomKey),
      m_joinAtStart(other.m_joinAtStart),
      m_localPort(other.m_localPort),
      m_localAddress(other.m_localAddress),
      m_randomKey(other.m_randomKey)
{
}

FanoutApplication::~FanoutApplication() = default;

FanoutApplication::Traces*
FanoutApplication::FindTraces(bool make)
{
    if (!m_traces && make)
    {
        FanoutRun::Get()->Want(fanout::EventKinds::Usual());
        m_traces = std::make_unique<Traces>();
    }
    return m_traces.get();
}

FanoutApplication::Traces*
FanoutApplication::FindFrameTraces(bool make)
{
    if (make)
    {
        FanoutRun::Get()->Want(fanout::EventKinds::None().Add<fanout::FrameEvent>());
    }
    return FindTraces(make);
}

void
FanoutApplication::AddSink(Ptr<FanoutSink> sink)
{
    if (!sink)
    {
        throw std::invalid_argument("FanoutApplication: AddSink got null");
    }
    FanoutRun::Get()->Want(sink->GetWanted());
    if (!m_sink)
    {
        m_sink = sink;
    }
    else
    {
        auto group = DynamicCast<FanoutSinkGroup>(m_sink);
        if (!group)
        {
            group = CreateObject<FanoutSinkGroup>();
            group->Add(m_sink);
            m_sink = group;
        }
        group->Add(sink);
    }
    m_onlyNoted = m_sink->OnlyNotes();
    TellHot();
}

void
FanoutApplication::DropObservers()
{
    m_sink = nullptr;
    m_onlyNoted = false;
    m_traces.reset();
}

/// Passes an event of any kind to a sink and to trace sources.
struct FanoutApplication::Teller
{
    FanoutSink* sink; ///< may be null
    Traces* traces;   ///< may be null

    /// @param event the event @param note method of the sink @param source trace source
    template <typename E>
    void
    Tell(const E& event,
         void (FanoutSink::*note)(const E&),
         TracedCallback<const E&> Traces::*source) const
    {
        if (sink)
        {
            (sink->*note)(event);
        }
        if (traces)
        {
            (traces->*source)(event);
        }
    }

    /// @param event the event
    void
    operator()(const fanout::JoinEvent& event) const
    {
        Tell(event, &FanoutSink::NoteJoin, &Traces::join);
    }

    /// @param event the event
    void
    operator()(const fanout::ParentEvent& event) const
    {
        Tell(event, &FanoutSink::NoteParent, &Traces::parent);
    }

    /// @param event the event
    void
    operator()(const fanout::ChildEvent& event) const
    {
        Tell(event, &FanoutSink::NoteChild, &Traces::child);
    }

    /// @param event the event
    void
    operator()(const fanout::PublishEvent& event) const
    {
        Tell(event, &FanoutSink::NotePublish, &Traces::publish);
    }

    /// @param event the event
    void
    operator()(const fanout::DeliverEvent& event) const
    {
        Tell(event, &FanoutSink::NoteDeliver, &Traces::deliver);
    }

    /// @param event the event
    void
    operator()(const fanout::DuplicateEvent& event) const
    {
        Tell(event, &FanoutSink::NoteDuplicate, &Traces::duplicate);
    }

    /// @param event the event
    void
    operator()(const fanout::FrameEvent& event) const
    {
        Tell(event, &FanoutSink::NoteFrame, event.sent ? &Traces::frameTx : &Traces::frameRx);
    }

    /// @param event the event
    void
    operator()(const fanout::RepairEvent& event) const
    {
        Tell(event, &FanoutSink::NoteRepair, &Traces::repair);
    }

    /// @param event the event
    void
    operator()(const fanout::BackpressureEvent& event) const
    {
        Tell(event, &FanoutSink::NoteBackpressure, &Traces::backpressure);
    }

    /// @param event the event
    void
    operator()(const fanout::DropEvent& event) const
    {
        Tell(event, &FanoutSink::NoteDrop, &Traces::drop);
    }

    /// @param event the event
    void
    operator()(const fanout::EarningsEvent& event) const
    {
        Tell(event, &FanoutSink::NoteEarnings, &Traces::earnings);
    }

    /// @param event the event
    void
    operator()(const fanout::TrackerEvent& event) const
    {
        Tell(event, &FanoutSink::NoteTracker, &Traces::tracker);
    }
};

void
FanoutApplication::TellEvent(const fanout::Event& event)
{
    std::visit(Teller{PeekPointer(m_sink), m_traces.get()}, event);
}

} // namespace ns3
