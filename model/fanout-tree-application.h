/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_APPLICATION_H
#define FANOUT_TREE_APPLICATION_H

#include "fanout-application.h"
#include "fanout-tree-channel.h"
#include "fanout-tree-options.h"

#include "ns3/fanout-peer.h"
#include "ns3/fanout-pooled.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A FanoutTree peer: root, tracker, relay or leaf of one channel.
 *
 * With no Options the ones of FanoutTreeOptions::ForRole are used, with no Transport a
 * FanoutUdpTransport. Channel is required, for a tracker too (trackers serve any channel, but a
 * run without one is a mistake most of the time).
 */
class FanoutTreeApplication : public FanoutApplication, public FanoutPooled
{
  public:
    /// Addresses of trackers, shared by all who were told the same.
    using Trackers = std::shared_ptr<const std::vector<fanout::Endpoint>>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTreeApplication();

    /// For CopyObject. @param other gives what was set before its start, but transport and sinks
    FanoutTreeApplication(const FanoutTreeApplication& other);
    ~FanoutTreeApplication() override;

    /// @param options of the channel, shared by all peers of the role
    void SetOptions(Ptr<FanoutTreeOptions> options);

    /// @return the options; null when not set and not started
    Ptr<FanoutTreeOptions> GetOptions() const;

    /// @param channel the channel, shared by its peers
    void SetChannel(Ptr<FanoutTreeChannel> channel);

    /// @return the channel
    Ptr<FanoutTreeChannel> GetChannel() const;

    /// @param trackers where to ask for parents
    void SetTrackers(Trackers trackers);

    /// @return where to ask for parents, null for none
    Trackers GetTrackers() const;

    fanout::ChannelStatus GetStatus() const override;
    fanout::PeerCounters GetCounters() const override;
    fanout::PeerId GetId() const override;
    std::vector<fanout::PeerId> GetChildren() const override;

    /// @return bytes the peer holds in model/protocol, without the frames it shares
    std::size_t GetPeerBytes() const;

  protected:
    void DoDispose() override;

  private:
    void DoStart() override;
    void DoStop() override;
    void DoJoin() override;
    void DoLeave() override;
    uint32_t DoPublish(fanout::ByteView payload) override;
    void DoPublishEnd() override;
    void DoReceive(fanout::LinkId link, const fanout::FrameRef& frame) override;
    void DoOpened(fanout::LinkId link) override;
    void DoClosed(fanout::LinkId link) override;
    void DoWritable(fanout::LinkId link) override;
    void DoTick() override;
    void DoGetHot(fanout::HotMemory& hot) const override;
    void Prefetch(uint32_t depth, fanout::LinkId link) const override;

    /// @param text multiaddrs, separated by commas
    void SetTrackerText(std::string text);

    /// @return multiaddrs, separated by commas
    std::string GetTrackerText() const;

    static constexpr uint32_t NO_CHANNEL = 0xffffffff; ///< not open

    uint32_t m_handle{NO_CHANNEL};          ///< the peer's handle of the channel
    fanout::Peer* m_peer{nullptr};          ///< while the process runs; see FanoutApplication's end
    Ptr<FanoutTreeOptions> m_options;       ///< of the role
    Ptr<FanoutTreeChannel> m_channel;       ///< of the run
    Trackers m_trackers;                    ///< where to ask
    std::optional<fanout::Peer> m_peerRoom; ///< place of the peer: near what else a frame touches
};

} // namespace ns3

#endif // FANOUT_TREE_APPLICATION_H
