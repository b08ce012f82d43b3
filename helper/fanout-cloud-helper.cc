/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-cloud-helper.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/fanout-arithmetic-routing.h"
#include "ns3/node.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Everybody is behind the only interface.
class CloudRoutes : public FanoutRoutes
{
  public:
    Hop
    Next(uint32_t, uint32_t) const override
    {
        return {1, 0};
    }
};

} // namespace

FanoutCloudHelper::FanoutCloudHelper()
    : m_cloud(CreateObject<FanoutCloudChannel>()),
      m_regions(CreateObject<FanoutRegionLatency>())
{
    m_cloud->SetLatencyModel(m_regions);
}

void
FanoutCloudHelper::SetLatencyModel(Ptr<FanoutLatencyModel> model)
{
    NS_ABORT_MSG_IF(!model, "a cloud needs a latency model");
    m_cloud->SetLatencyModel(model);
}

void
FanoutCloudHelper::SetChannelAttribute(const std::string& name, const AttributeValue& value)
{
    m_cloud->SetAttribute(name, value);
}

void
FanoutCloudHelper::SetInternet(bool internet)
{
    m_internet = internet;
}

void
FanoutCloudHelper::SetPackets(bool packets)
{
    m_packets = packets;
}

void
FanoutCloudHelper::SetAccessQueueBytesOf(uint32_t bytes, uint32_t first, uint32_t count)
{
    m_queues.push_back({bytes, first, count});
}

Ptr<FanoutCloudChannel>
FanoutCloudHelper::GetCloud() const
{
    return m_cloud;
}

FanoutCloudChannel::Access
FanoutCloudHelper::GetAccess(uint32_t host) const
{
    NS_ABORT_MSG_IF(host >= m_hosts.GetN(),
                    "there is no host " << host << "; there are " << m_hosts.GetN());
    return m_cloud->GetAccess(host);
}

DataRate
FanoutCloudHelper::GetUplink(uint32_t host) const
{
    return DataRate(GetAccess(host).up);
}

DataRate
FanoutCloudHelper::GetDownlink(uint32_t host) const
{
    return DataRate(GetAccess(host).down);
}

fanout::Region
FanoutCloudHelper::GetRegion(uint32_t host) const
{
    return m_regions->GetRegion(host);
}

Time
FanoutCloudHelper::GetRoundTrip(uint32_t a, uint32_t b) const
{
    const auto model = m_cloud->GetLatencyModel();
    return NanoSeconds(a == b ? 0 : model->GetDelay(a, b) + model->GetDelay(b, a));
}

void
FanoutCloudHelper::DoCreate(uint32_t hosts)
{
    NS_ABORT_MSG_IF(m_cloud->GetAddress(0) != GetAddress(0),
                    "the addresses of this network begin at " << GetAddress(0)
                                                              << "; leave FirstAddress alone");
    const auto places = DrawPlaces(hosts);
    std::vector<uint32_t> queues(hosts, GetAccessQueueBytes());
    for (const Queue& some : m_queues)
    {
        NS_ABORT_MSG_IF(some.first > hosts || some.count > hosts - some.first,
                        "access queues of " << some.count << " hosts from " << some.first
                                            << " on, but there are only " << hosts);
        std::fill_n(queues.begin() + some.first, some.count, some.bytes);
    }
    if (GetPathErrorRate() > 0)
    {
        m_cloud->SetAttribute("LossRate", DoubleValue(GetPathErrorRate()));
    }
    m_cloud->AssignStreams(GetStream(1));
    m_cloud->Reserve(hosts);
    m_hosts.Create(hosts);
    const auto prototype = CreateObject<FanoutCloudNetDevice>();
    for (uint32_t i = 0; i < hosts; i++)
    {
        const auto device = CopyObject(prototype);
        device->Attach(m_cloud, {places[i].rates.up, places[i].rates.down, queues[i]});
        m_hosts.Get(i)->AddDevice(device);
        if (!m_packets && !m_internet)
        {
            device->SetReceiveCallback(NetDevice::ReceiveCallback());
        }
        m_regions->SetRegion(i, places[i].region);
    }
    if (m_internet)
    {
        InstallInternet();
    }
}

void
FanoutCloudHelper::EnablePcapInternal(std::string prefix,
                                      Ptr<NetDevice> device,
                                      bool promiscuous,
                                      bool explicitFilename)
{
    const auto cloudDevice = DynamicCast<FanoutCloudNetDevice>(device);
    if (!cloudDevice)
    {
        return;
    }
    PcapHelper pcap;
    const auto name = explicitFilename ? prefix : pcap.GetFilenameFromDevice(prefix, device);
    const auto file = pcap.CreateFile(name, std::ios::out, PcapHelper::DLT_EN10MB);
    pcap.HookDefaultSink(cloudDevice, promiscuous ? "PromiscSniffer" : "Sniffer", file);
}

void
FanoutCloudHelper::InstallInternet()
{
    const auto routes = ns3::Create<CloudRoutes>();
    for (uint32_t i = 0; i < m_hosts.GetN(); i++)
    {
        GetStack().Install(m_hosts.Get(i), routes, i, GetAddress(i), false);
        FanoutStackHelper::AddInterface(m_hosts.Get(i)->GetDevice(0),
                                        GetAddress(i),
                                        Ipv4Mask::GetOnes());
    }
}

} // namespace ns3
