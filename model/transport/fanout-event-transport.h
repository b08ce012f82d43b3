/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_EVENT_TRANSPORT_H
#define FANOUT_EVENT_TRANSPORT_H

#include "fanout-transport.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A transport whose wake-ups are ns-3 events: base of those that have no wheel for them.
 */
class FanoutEventTransport : public FanoutTransport
{
  public:
    void WakeAt(fanout::Micros when) override;

  private:
    /// Make sure that there is an event at m_wakeAt or before.
    void Arm();

    /// An event of Arm() has come. @param armedAt its time
    void Woken(fanout::Micros armedAt);

    fanout::Micros m_wakeAt{fanout::NEVER};  ///< asked for
    fanout::Micros m_armedAt{fanout::NEVER}; ///< of the soonest event
};

} // namespace ns3

#endif // FANOUT_EVENT_TRANSPORT_H
