/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CLOUD_TRANSPORT_H
#define FANOUT_CLOUD_TRANSPORT_H

#include "fanout-place-set.h"
#include "fanout-pooled.h"
#include "fanout-transport.h"

#include "ns3/fanout-cloud-channel.h"
#include "ns3/fanout-cloud-net-device.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Links through a FanoutCloudChannel: no IP stack, no socket, no packet. A frame is handed over as
 * the shared object it is, so it is parsed once, by whoever made it; bytes count as over UDP and
 * IPv4. The node needs a FanoutCloudNetDevice that has the address.
 *
 * A link is the place of the other end, so that nothing is kept for it but a number in a set. Dial
 * answers OPEN at once, as over UDP, and REFUSED where the cloud has no such address. The other end
 * knows of the link with the first frame. Frames of kinds for which fanout::NeedsAcknowledge holds
 * are offered again by the cloud when they are lost; all others travel once.
 *
 * DATA is refused with BUSY while the access link has its queue full; other frames are not.
 * Going offline tells the other ends with a message each; a frame that comes while offline is
 * answered with another one.
 */
class FanoutCloudTransport : public FanoutTransport,
                             public FanoutPooled,
                             private FanoutCloudListener
{
  public:
    static constexpr uint32_t HEADER_BYTES = 30;       ///< UDP transport, UDP and IPv4 headers
    static constexpr uint32_t MAX_FRAME_BYTES = 65470; ///< what IPv4 and UDP allow
    static constexpr uint32_t CLOSE_BYTES = 32;        ///< of the message that closes links

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutCloudTransport();

    /// For CopyObject. @param other gives its attributes
    FanoutCloudTransport(const FanoutCloudTransport& other);
    ~FanoutCloudTransport() override;

    Ptr<FanoutTransport> Copy() const override;

    uint32_t GetOverheadBytes() const override;
    uint32_t GetPacketBytes() const override;
    uint32_t GetMaxFrameBytes() const override;
    fanout::Endpoint GetRemoteEndpoint(fanout::LinkId link) const override;
    DataRate GetAccessRate() const override;
    fanout::Micros GetNow() const override;
    void WakeAt(fanout::Micros when) override;
    void SetHot(const fanout::HotMemory& hot) override;

    /// @return the cloud, null before Start
    Ptr<FanoutCloudChannel> GetCloud() const;

    /// @return number of links
    uint32_t GetNLinks() const;

    /**
     * Send a frame under a false address, as UDP allows: the receiver takes it for the other one's,
     * and answers there.
     * @param claimed whose it is said to be @param to receiver @param frame what
     * @return whether it is on its way: started, both places exist, not larger than allowed
     */
    bool SendAs(const fanout::Endpoint& claimed,
                const fanout::Endpoint& to,
                const fanout::FrameRef& frame);

  protected:
    void DoDispose() override;

  private:
    void DoStart() override;
    void DoStop() override;
    fanout::DialResult DoDial(const fanout::Endpoint& endpoint) override;
    void DoHangUp(fanout::LinkId link) override;
    fanout::SendResult DoSend(fanout::LinkId link, const fanout::FrameRef& frame) override;
    void DoCloseAll() override;
    void DoSetSilent(bool silent) override;

    void HandleFrame(uint32_t from, const fanout::FrameRef& frame) override;
    void HandleClose(uint32_t from) override;
    void HandleWake() override;
    void HandleDrained() override;
    bool MayRepeat() const override;
    void Prefetch(uint32_t depth, uint32_t from) const override;

    fanout::PlaceSet m_links;                      ///< open ones
    Ptr<FanoutCloudChannel> m_cloud;               ///< where it leads
    uint32_t m_place{FanoutCloudChannel::NOWHERE}; ///< in the cloud
    bool m_busy{false};                            ///< refused a frame with BUSY
    Ptr<FanoutCloudNetDevice> m_device;            ///< the access link
};

} // namespace ns3

#endif // FANOUT_CLOUD_TRANSPORT_H
