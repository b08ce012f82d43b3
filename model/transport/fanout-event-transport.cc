/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-event-transport.h"

#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

void
FanoutEventTransport::WakeAt(fanout::Micros when)
{
    m_wakeAt = when;
    Arm();
}

void
FanoutEventTransport::Arm()
{
    // An earlier event stays and arms the next one: cancelled events would pile up.
    if (m_wakeAt >= m_armedAt)
    {
        return;
    }
    m_armedAt = m_wakeAt;
    Simulator::ScheduleWithContext(GetNode()->GetId(),
                                   std::max(Time(0), MicroSeconds(m_wakeAt) - Simulator::Now()),
                                   &FanoutEventTransport::Woken,
                                   Ptr<FanoutEventTransport>(this),
                                   m_armedAt);
}

void
FanoutEventTransport::Woken(fanout::Micros armedAt)
{
    if (armedAt != m_armedAt)
    {
        return;
    }
    m_armedAt = fanout::NEVER;
    if (GetNow() < m_wakeAt)
    {
        Arm();
        return;
    }
    m_wakeAt = fanout::NEVER;
    if (GetHandler())
    {
        GetHandler()->Wake();
    }
}

} // namespace ns3
