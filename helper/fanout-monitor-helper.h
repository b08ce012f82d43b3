/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MONITOR_HELPER_H
#define FANOUT_MONITOR_HELPER_H

#include "ns3/application-container.h"
#include "ns3/attribute.h"
#include "ns3/fanout-monitor.h"
#include "ns3/object-factory.h"

#include <string>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Makes a FanoutMonitor that watches the applications of a channel, whatever FanoutApplication they
 * are.
 */
class FanoutMonitorHelper
{
  public:
    FanoutMonitorHelper();

    /// @param name of an attribute of FanoutMonitor @param value its value
    /// @return this
    FanoutMonitorHelper& Set(const std::string& name, const AttributeValue& value);

    /**
     * To be called before the simulation runs, once all applications are installed.
     * @param applications the channel's
     * @return a monitor that hears of all of them
     * @throws std::invalid_argument when one of them is no FanoutApplication
     */
    Ptr<FanoutMonitor> Install(const ApplicationContainer& applications) const;

  private:
    ObjectFactory m_factory; ///< makes monitors
};

} // namespace ns3

#endif // FANOUT_MONITOR_HELPER_H
