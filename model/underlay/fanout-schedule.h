/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_SCHEDULE_H
#define FANOUT_SCHEDULE_H

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

#include <cstdint>
#include <functional>
#include <utility>

namespace ns3::fanout
{

/// @param call is called
inline void
Call(std::function<void()> call)
{
    call();
}

/**
 * @ingroup fanout-tree
 * Simulator::Schedule for a lambda, which ns-3 takes from 3.36 on only.
 * @param delay from now, not negative @param call what to do then @return the event
 */
inline EventId
Schedule(const Time& delay, std::function<void()> call)
{
    return Simulator::Schedule(delay, &Call, std::move(call));
}

/**
 * @ingroup fanout-tree
 * Simulator::ScheduleWithContext for a lambda, which ns-3 takes from 3.36 on only.
 * @param context of the event, mostly the id of a node @param delay from now, not negative
 * @param call what to do then
 */
inline void
ScheduleWithContext(uint32_t context, const Time& delay, std::function<void()> call)
{
    Simulator::ScheduleWithContext(context, delay, &Call, std::move(call));
}

} // namespace ns3::fanout

#endif // FANOUT_SCHEDULE_H
