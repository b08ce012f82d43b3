/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_FAKE_PEER_H
#define FANOUT_TEST_FAKE_PEER_H

#include "ns3/fanout-application.h"

#include <vector>

namespace ns3::fanout::test
{

/// A peer that stands as it is told and does nothing. @ingroup fanout-tree-monitor-test
class FakePeer : public FanoutApplication
{
  public:
    /// @return the object TypeId
    static TypeId
    GetTypeId()
    {
        static TypeId tid = TypeId("ns3::FanoutMonitorTestPeer")
                                .SetParent<FanoutApplication>()
                                .AddConstructor<FakePeer>();
        return tid;
    }

    fanout::ChannelStatus status;  ///< how it stands
    fanout::PeerCounters counters; ///< what it counted
    fanout::PeerId id;             ///< its name

    fanout::ChannelStatus
    GetStatus() const override
    {
        return status;
    }

    fanout::PeerCounters
    GetCounters() const override
    {
        return counters;
    }

    fanout::PeerId
    GetId() const override
    {
        return id;
    }

    std::vector<fanout::PeerId>
    GetChildren() const override
    {
        return {};
    }

  private:
    void
    DoStart() override
    {
    }

    void
    DoStop() override
    {
    }

    void
    DoJoin() override
    {
    }

    void
    DoLeave() override
    {
    }

    uint32_t
    DoPublish(fanout::ByteView) override
    {
        return 0;
    }

    void
    DoPublishEnd() override
    {
    }

    void
    DoReceive(fanout::LinkId, const fanout::FrameRef&) override
    {
    }

    void
    DoOpened(fanout::LinkId) override
    {
    }

    void
    DoClosed(fanout::LinkId) override
    {
    }

    void
    DoWritable(fanout::LinkId) override
    {
    }

    void
    DoTick() override
    {
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_FAKE_PEER_H
