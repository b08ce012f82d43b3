/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-underlay-helper.h"

#include "ns3/abort.h"
#include "ns3/drop-tail-queue.h"
#include "ns3/error-model.h"
#include "ns3/fanout-draw-key.h"
#include "ns3/mac48-address.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-channel.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/random-variable-stream.h"

#include <cmath>

namespace ns3
{

namespace
{

Ptr<PointToPointNetDevice>
AddDevice(const Ptr<Node>& node, DataRate rate, uint32_t queueBytes)
{
    Ptr<PointToPointNetDevice> device = CreateObject<PointToPointNetDevice>();
    device->SetAddress(Mac48Address::Allocate());
    device->SetDataRate(rate);
    node->AddDevice(device);
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();
    queue->SetMaxSize(QueueSize(QueueSizeUnit::BYTES, queueBytes));
    device->SetQueue(queue);
    return device;
}

} // namespace

FanoutUnderlayHelper::FanoutUnderlayHelper() = default;

FanoutUnderlayHelper::~FanoutUnderlayHelper() = default;

NodeContainer
FanoutUnderlayHelper::Create(uint32_t hosts)
{
    NS_ABORT_MSG_IF(m_created, "this network has been created already");
    NS_ABORT_MSG_IF(hosts == 0, "a network of 0 hosts; at least 1 is needed");
    m_created = true;
    Ptr<UniformRandomVariable> random = CreateObject<UniformRandomVariable>();
    if (m_stream >= 0)
    {
        random->SetStream(m_stream);
    }
    m_key = fanout::DrawKey(random);
    if (m_linkErrorRate > 0)
    {
        m_errorModel = CreateObject<RateErrorModel>();
        m_errorModel->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
        m_errorModel->SetRate(m_linkErrorRate);
        if (m_stream >= 0)
        {
            m_errorModel->AssignStreams(m_stream + 1);
        }
    }
    DoCreate(hosts);
    return m_hosts;
}

const NodeContainer&
FanoutUnderlayHelper::GetHosts() const
{
    return m_hosts;
}

const NodeContainer&
FanoutUnderlayHelper::GetRouters() const
{
    return m_routers;
}

DataRate
FanoutUnderlayHelper::GetDownlink(uint32_t host) const
{
    return GetUplink(host);
}

int64_t
FanoutUnderlayHelper::AssignStreams(int64_t stream)
{
    NS_ABORT_MSG_IF(m_created, "AssignStreams comes too late: the network has been created");
    m_stream = stream;
    return 3;
}

void
FanoutUnderlayHelper::SetLinkErrorRate(double rate)
{
    NS_ABORT_MSG_IF(!(rate >= 0 && rate < 1),
                    "a link error rate of " << rate << "; it must lie in [0, 1)");
    m_linkErrorRate = rate;
}

void
FanoutUnderlayHelper::SetStack(FanoutStackHelper::Kind kind)
{
    m_stack.SetKind(kind);
}

uint64_t
FanoutUnderlayHelper::GetKey() const
{
    return m_key;
}

int64_t
FanoutUnderlayHelper::GetStream(int64_t offset) const
{
    return m_stream < 0 ? -1 : m_stream + offset;
}

void
FanoutUnderlayHelper::Join(const Ptr<Node>& a,
                           Ipv4Address addressA,
                           const Ptr<Node>& b,
                           Ipv4Address addressB,
                           const Link& link) const
{
    Ptr<PointToPointChannel> channel = CreateObject<PointToPointChannel>();
    const auto nanoseconds = static_cast<int64_t>(std::llround(link.delaySeconds * 1e9));
    channel->SetAttribute("Delay", TimeValue(NanoSeconds(nanoseconds)));
    Ptr<PointToPointNetDevice> deviceA = AddDevice(a, link.rateAb, link.queueBytes);
    Ptr<PointToPointNetDevice> deviceB = AddDevice(b, link.rateBa, link.queueBytes);
    for (const auto& device : {deviceA, deviceB})
    {
        device->Attach(channel);
        if (link.lossy && m_errorModel)
        {
            device->SetReceiveErrorModel(m_errorModel);
        }
    }
    FanoutStackHelper::AddInterface(deviceA, addressA, Ipv4Mask::GetOnes());
    FanoutStackHelper::AddInterface(deviceB, addressB, Ipv4Mask::GetOnes());
}

double
FanoutUnderlayHelper::GetPathErrorRate() const
{
    return 1 - (1 - m_linkErrorRate) * (1 - m_linkErrorRate);
}

Ptr<ErrorModel>
FanoutUnderlayHelper::GetErrorModel() const
{
    return m_errorModel;
}

const FanoutStackHelper&
FanoutUnderlayHelper::GetStack() const
{
    return m_stack;
}

} // namespace ns3
