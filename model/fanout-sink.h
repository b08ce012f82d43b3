/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_SINK_H
#define FANOUT_SINK_H

#include "ns3/fanout-events.h"
#include "ns3/object.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Hears every event of the applications it was added to. All methods do nothing here; override
 * those of interest. An application that is no overlay (IP multicast, a unicast star) can feed the
 * same sink by calling NotePublish and NoteDeliver itself.
 *
 * A sink is called after the input that caused the event has been dealt with, in order of
 * happening; it may call the applications (Leave, Publish, Crash, ...).
 */
class FanoutSink : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutSink();
    ~FanoutSink() override;

    /// @return kinds of events that it hears of; what nobody wants is not told of. Asked when the
    /// sink is added; all but frames unless said otherwise
    virtual fanout::EventKinds GetWanted() const;

    /// @return whether it only takes notes: it changes no application, ends no simulation and
    /// throws nothing, so that events reach it by a shorter way. Asked when the sink is added;
    /// false unless said otherwise
    virtual bool OnlyNotes() const;

    /// @param self index of an application @return memory that NoteDeliver() touches for it: it is
    /// brought into the cache before; empty unless said otherwise
    virtual fanout::ByteView GetHot(uint32_t self) const;

    /// @param event a step of an attach
    virtual void NoteJoin(const fanout::JoinEvent& event);

    /// @param event the parent changed
    virtual void NoteParent(const fanout::ParentEvent& event);

    /// @param event a child came or went
    virtual void NoteChild(const fanout::ChildEvent& event);

    /// @param event the root numbered a message
    virtual void NotePublish(const fanout::PublishEvent& event);

    /// @param event the first copy of a message came
    virtual void NoteDeliver(const fanout::DeliverEvent& event);

    /// @param event a later copy of a message came
    virtual void NoteDuplicate(const fanout::DuplicateEvent& event);

    /// @param event a frame went out or came in
    virtual void NoteFrame(const fanout::FrameEvent& event);

    /// @param event a step of a repair
    virtual void NoteRepair(const fanout::RepairEvent& event);

    /// @param event a child's queue passed its mark
    virtual void NoteBackpressure(const fanout::BackpressureEvent& event);

    /// @param event a frame was not forwarded or not accepted
    virtual void NoteDrop(const fanout::DropEvent& event);

    /// @param event a forwarded message was credited
    virtual void NoteEarnings(const fanout::EarningsEvent& event);

    /// @param event a tracker's directory changed or answered
    virtual void NoteTracker(const fanout::TrackerEvent& event);
};

} // namespace ns3

#endif // FANOUT_SINK_H
