/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CLOUD_NET_DEVICE_H
#define FANOUT_CLOUD_NET_DEVICE_H

#include "fanout-cloud-channel.h"

#include "ns3/data-rate.h"
#include "ns3/mac48-address.h"
#include "ns3/net-device.h"

#include <cstdint>
#include <memory>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A host's access link into a FanoutCloudChannel. Any ns-3 application can use it: through a packet
 * socket, or through IPv4 (no ARP is needed: the receiver is taken from the IPv4 header, for the
 * cloud knows the address of each device, GetCloudAddress()). FanoutTree's frames do without
 * packets, see FanoutCloudChannel::SendFrame; both share the link and its queue.
 *
 * The cloud carries no broadcast and no multicast: such packets are dropped. The MAC address
 * follows from the place in the cloud.
 *
 * Trace sources and pcap files (FanoutCloudHelper::EnablePcap) show packets. Native frames are no
 * packets and do not appear there; FanoutApplication has FrameTx and FrameRx for them.
 */
class FanoutCloudNetDevice : public NetDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutCloudNetDevice();

    /// For CopyObject, which is quicker than setting attributes again. @param other gives its
    /// attributes; the copy is not attached
    FanoutCloudNetDevice(const FanoutCloudNetDevice& other);
    ~FanoutCloudNetDevice() override;

    /// @param channel to be attached to, once @param access the link
    void Attach(Ptr<FanoutCloudChannel> channel, const FanoutCloudChannel::Access& access);

    /// @return its place in the cloud, FanoutCloudChannel::NOWHERE before Attach
    uint32_t GetPlace() const;

    /// @return the IPv4 address that the cloud delivers here
    Ipv4Address GetCloudAddress() const;

    /// @return the cloud, null before Attach
    Ptr<FanoutCloudChannel> GetCloud() const;

    /// @return rate from the host; 0 before Attach
    DataRate GetUpRate() const;

    /// @return rate to the host; 0 before Attach
    DataRate GetDownRate() const;

    /// A packet came. @param packet what @param from place of the sender @param protocol EtherType
    void Receive(Ptr<Packet> packet, uint32_t from, uint16_t protocol);

    /// @return whether anybody would get a packet
    bool IsHeard() const;

    /// The cloud dropped a packet on its way here. @param packet what
    void NoteDrop(const Ptr<Packet>& packet);

    void SetIfIndex(const uint32_t index) override;
    uint32_t GetIfIndex() const override;
    Ptr<Channel> GetChannel() const override;
    void SetAddress(Address address) override;
    Address GetAddress() const override;
    bool SetMtu(const uint16_t mtu) override;
    uint16_t GetMtu() const override;
    bool IsLinkUp() const override;
    void AddLinkChangeCallback(Callback<void> callback) override;
    bool IsBroadcast() const override;
    Address GetBroadcast() const override;
    bool IsMulticast() const override;
    Address GetMulticast(Ipv4Address group) const override;
    Address GetMulticast(Ipv6Address group) const override;
    bool IsPointToPoint() const override;
    bool IsBridge() const override;
    bool Send(Ptr<Packet> packet, const Address& to, uint16_t protocol) override;
    bool SendFrom(Ptr<Packet> packet,
                  const Address& from,
                  const Address& to,
                  uint16_t protocol) override;
    Ptr<Node> GetNode() const override;
    void SetNode(Ptr<Node> node) override;
    bool NeedsArp() const override;
    void SetReceiveCallback(NetDevice::ReceiveCallback callback) override;
    void SetPromiscReceiveCallback(NetDevice::PromiscReceiveCallback callback) override;
    bool SupportsSendFrom() const override;

  protected:
    void DoDispose() override;

  private:
    struct Traces;

    /// @param make whether to make them when missing @return the trace sources, or null
    Traces* FindTraces(bool make);

    /// Pass a packet to the sniffers, behind an Ethernet header. @param packet what
    /// @param from place of the sender @param to of the receiver @param protocol EtherType
    void Sniff(const Ptr<Packet>& packet, uint32_t from, uint32_t to, uint16_t protocol) const;

    /// @param packet is not sent @return false
    bool Refuse(const Ptr<Packet>& packet) const;

    /// @param place in the cloud @return its MAC address
    static Mac48Address MacOf(uint32_t place);

    /// @param packet what @param to link-layer address @param protocol EtherType
    /// @return the place it goes to, NOWHERE when there is none
    uint32_t PlaceOf(const Ptr<Packet>& packet, const Address& to, uint16_t protocol) const;

    Ptr<FanoutCloudChannel> m_channel;               ///< the cloud
    std::unique_ptr<Traces> m_traces;                ///< once somebody has connected
    Node* m_node{nullptr};                           ///< the host, which owns the device
    NetDevice::ReceiveCallback m_receive;            ///< of the host
    NetDevice::PromiscReceiveCallback m_promiscuous; ///< of the host
    uint32_t m_place{FanoutCloudChannel::NOWHERE};   ///< in the cloud
    uint32_t m_ifIndex{0};                           ///< at the host
    uint16_t m_mtu{1500};                            ///< attribute
};

} // namespace ns3

#endif // FANOUT_CLOUD_NET_DEVICE_H
