/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-monitor-helper.h"

#include "ns3/fanout-tree-application.h"

#include <stdexcept>

namespace ns3
{

FanoutMonitorHelper::FanoutMonitorHelper()
{
    m_factory.SetTypeId(FanoutMonitor::GetTypeId());
}

FanoutMonitorHelper&
FanoutMonitorHelper::Set(const std::string& name, const AttributeValue& value)
{
    m_factory.Set(name, value);
    return *this;
}

Ptr<FanoutMonitor>
FanoutMonitorHelper::Install(const ApplicationContainer& applications) const
{
    Ptr<FanoutMonitor> monitor = m_factory.Create<FanoutMonitor>();
    monitor->Reserve(applications.GetN());
    for (std::uint32_t i = 0; i < applications.GetN(); i++)
    {
        const auto application = DynamicCast<FanoutApplication>(applications.Get(i));
        if (!application)
        {
            throw std::invalid_argument("FanoutMonitorHelper: application " + std::to_string(i) +
                                        " is a " +
                                        applications.Get(i)->GetInstanceTypeId().GetName() +
                                        "; allowed: a FanoutApplication");
        }
        double upload = 0;
        if (const auto tree = DynamicCast<FanoutTreeApplication>(application))
        {
            upload = tree->GetOptions() ? tree->GetOptions()->Peek().uploadBytesPerSecond : 0;
        }
        monitor->AddPeer(application, upload);
        application->AddSink(monitor);
    }
    return monitor;
}

} // namespace ns3
