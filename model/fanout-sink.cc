/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-sink.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FanoutSink);

TypeId
FanoutSink::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutSink")
                            .SetParent<Object>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutSink>();
    return tid;
}

FanoutSink::FanoutSink() = default;

FanoutSink::~FanoutSink() = default;

fanout::EventKinds
FanoutSink::GetWanted() const
{
    return fanout::EventKinds::Usual();
}

bool
FanoutSink::OnlyNotes() const
{
    return false;
}

fanout::ByteView
FanoutSink::GetHot(uint32_t) const
{
    return {};
}

void
FanoutSink::NoteJoin(const fanout::JoinEvent&)
{
}

void
FanoutSink::NoteParent(const fanout::ParentEvent&)
{
}

void
FanoutSink::NoteChild(const fanout::ChildEvent&)
{
}

void
FanoutSink::NotePublish(const fanout::PublishEvent&)
{
}

void
FanoutSink::NoteDeliver(const fanout::DeliverEvent&)
{
}

void
FanoutSink::NoteDuplicate(const fanout::DuplicateEvent&)
{
}

void
FanoutSink::NoteFrame(const fanout::FrameEvent&)
{
}

void
FanoutSink::NoteRepair(const fanout::RepairEvent&)
{
}

void
FanoutSink::NoteBackpressure(const fanout::BackpressureEvent&)
{
}

void
FanoutSink::NoteDrop(const fanout::DropEvent&)
{
}

void
FanoutSink::NoteEarnings(const fanout::EarningsEvent&)
{
}

void
FanoutSink::NoteTracker(const fanout::TrackerEvent&)
{
}

} // namespace ns3
