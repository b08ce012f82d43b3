/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CLOUD_HELPER_H
#define FANOUT_CLOUD_HELPER_H

#include "fanout-access-helper.h"

#include "ns3/fanout-cloud-channel.h"
#include "ns3/fanout-cloud-net-device.h"
#include "ns3/trace-helper.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Hosts on access links into a FanoutCloudChannel: the network that goes to a million. Regions and
 * rates are those of FanoutAccessHelper, latencies those of FanoutRegionLatency unless another
 * model is set. Hosts have no protocol stack unless asked for; FanoutTree needs none:
 *
 * @code
 * FanoutCloudHelper cloud;
 * NodeContainer peers = cloud.Create(100000);
 * FanoutTreeHelper tree("concert");
 * tree.SetTransport("ns3::FanoutCloudTransport");
 * tree.SetAddresses([&](uint32_t i) { return cloud.GetAddress(i); });
 * @endcode
 *
 * EnablePcap and EnablePcapAll write the packets of devices, behind made-up Ethernet headers
 * (link type EN10MB). FanoutTree's frames are no packets and are not in there.
 */
class FanoutCloudHelper : public FanoutAccessHelper, public PcapHelperForDevice
{
  public:
    FanoutCloudHelper();

    /// @param model of latencies, instead of FanoutRegionLatency
    void SetLatencyModel(Ptr<FanoutLatencyModel> model);

    /// @param name of an attribute of FanoutCloudChannel @param value its value
    void SetChannelAttribute(const std::string& name, const AttributeValue& value);

    /// @param internet whether hosts get an IPv4 stack (SetStack says which), for applications that
    /// use sockets; about 5 kB a host
    void SetInternet(bool internet);

    /// @param packets whether hosts take packets, as sockets of any kind need and FanoutTree does
    /// not; true by default; without, a host takes 330 bytes less. SetInternet implies it.
    void SetPackets(bool packets);

    /// @param bytes size of the queues of some hosts' access links, such as those of trackers
    /// @param first first host @param count number of hosts
    void SetAccessQueueBytesOf(uint32_t bytes, uint32_t first, uint32_t count);

    /// @return the cloud; there from the beginning
    Ptr<FanoutCloudChannel> GetCloud() const;

    DataRate GetUplink(uint32_t host) const override;
    DataRate GetDownlink(uint32_t host) const override;
    fanout::Region GetRegion(uint32_t host) const override;
    Time GetRoundTrip(uint32_t a, uint32_t b) const override;

  protected:
    void DoCreate(uint32_t hosts) override;

  private:
    /// Queues of some hosts.
    struct Queue
    {
        uint32_t bytes{0}; ///< size
        uint32_t first{0}; ///< first host
        uint32_t count{0}; ///< number of hosts
    };

    void EnablePcapInternal(std::string prefix,
                            Ptr<NetDevice> device,
                            bool promiscuous,
                            bool explicitFilename) override;

    /// @param host index of a host @return its access link
    FanoutCloudChannel::Access GetAccess(uint32_t host) const;

    /// Give hosts stacks, interfaces and addresses.
    void InstallInternet();

    Ptr<FanoutCloudChannel> m_cloud;    ///< the cloud
    Ptr<FanoutRegionLatency> m_regions; ///< where hosts are
    std::vector<Queue> m_queues;        ///< in order of calls
    bool m_internet{false};             ///< whether hosts get a stack
    bool m_packets{true};               ///< whether hosts take packets
};

} // namespace ns3

#endif // FANOUT_CLOUD_HELPER_H
