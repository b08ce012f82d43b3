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

bool
FanoutSink::WantsFrames() const
{
    return false;
}

void
FanoutSink::Prefetch(uint32_t) const
{
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
