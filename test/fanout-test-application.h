/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_APPLICATION_H
#define FANOUT_TEST_APPLICATION_H

#include "ns3/fanout-application.h"
#include "ns3/fanout-event-transport.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-messages.h"
#include "ns3/simulator.h"

#include <functional>
#include <string>
#include <vector>

namespace ns3::fanout::test
{

/**
 * @ingroup fanout-tree-tests
 * A transport without a network: whatever is sent vanishes, frames arrive by Inject.
 */
class TestTransport : public FanoutEventTransport
{
  public:
    /// @return the object TypeId
    static TypeId
    GetTypeId()
    {
        static TypeId tid = TypeId("ns3::fanout::test::TestTransport")
                                .SetParent<FanoutTransport>()
                                .AddConstructor<TestTransport>();
        return tid;
    }

    /// @param frame arrives at the handler, by link 1
    void
    Inject(const fanout::FrameRef& frame)
    {
        m_busy = true;
        if (GetHandler())
        {
            GetHandler()->Receive(1, frame);
        }
        m_busy = false;
    }

    uint32_t
    GetOverheadBytes() const override
    {
        return 30;
    }

    uint32_t
    GetPacketBytes() const override
    {
        return 1400;
    }

    uint32_t
    GetMaxFrameBytes() const override
    {
        return 60000;
    }

    fanout::Endpoint
    GetRemoteEndpoint(fanout::LinkId) const override
    {
        return {};
    }

    uint32_t starts{0};        ///< DoStart calls
    uint32_t stops{0};         ///< DoStop calls
    uint32_t sent{0};          ///< DoSend calls
    bool stoppedBusily{false}; ///< stopped while calling the handler

  private:
    void
    DoStart() override
    {
        starts++;
    }

    void
    DoStop() override
    {
        stops++;
        stoppedBusily |= m_busy;
    }

    fanout::DialResult
    DoDial(const fanout::Endpoint&) override
    {
        return {1, fanout::DialState::OPEN};
    }

    void
    DoHangUp(fanout::LinkId) override
    {
    }

    fanout::SendResult
    DoSend(fanout::LinkId, const fanout::FrameRef&) override
    {
        sent++;
        return fanout::SendResult::ACCEPTED;
    }

    void
    DoCloseAll() override
    {
    }

    bool m_busy{false}; ///< within Inject
};

/**
 * @ingroup fanout-tree-tests
 * A peer without a protocol: it notes what it is asked, is joined at once, takes every frame for a
 * message, and ticks as the test wants.
 */
class TestApplication : public FanoutApplication
{
  public:
    /// @return the object TypeId
    static TypeId
    GetTypeId()
    {
        static TypeId tid = TypeId("ns3::fanout::test::TestApplication")
                                .SetParent<FanoutApplication>()
                                .AddConstructor<TestApplication>();
        return tid;
    }

    /// @param number of the message @return a frame that carries it
    static fanout::FrameRef
    MakeFrame(uint32_t number)
    {
        static const fanout::Identity signer = fanout::SignatureScheme::Mock().Derive(1, 0);
        fanout::EnvelopeFields fields;
        fields.id = fanout::DataMessageId(number, fanout::Digest{});
        const fanout::Bytes data{static_cast<uint8_t>(fanout::Kind::DATA), 5, 6, 7};
        return fanout::Frame::Seal(fanout::SignatureScheme::Mock(), signer, fields, data);
    }

    /// @return the world
    fanout::Environment&
    World()
    {
        return GetEnvironment();
    }

    /// @return the key of the present process
    uint64_t
    Key() const
    {
        return GetProcessKey();
    }

    fanout::ChannelStatus
    GetStatus() const override
    {
        fanout::ChannelStatus status;
        status.open = joined;
        status.attached = joined;
        return status;
    }

    fanout::PeerCounters
    GetCounters() const override
    {
        return {};
    }

    fanout::PeerId
    GetId() const override
    {
        return {};
    }

    std::vector<fanout::PeerId>
    GetChildren() const override
    {
        return {};
    }

    std::vector<std::string> calls;              ///< what the peer was asked
    std::vector<fanout::Micros> callTimes;       ///< and when
    std::vector<fanout::Micros> ticks;           ///< times of ticks
    std::function<void()> onTick;                ///< called within a tick
    uint32_t published{0};                       ///< messages
    bool joined{false};                          ///< between Join and Leave
    bool twice{true};                            ///< a frame counts as a duplicate, too
    static constexpr uint32_t BAD_SIZE = 100000; ///< a size that DoPublish refuses, late

  private:
    /// @param call is noted
    void
    Note(const std::string& call)
    {
        calls.push_back(call);
        callTimes.push_back(World().Now());
    }

    /// @param event goes to the outbox
    void
    Put(fanout::Event event)
    {
        GetRun()->GetCommons().outbox.push_back(std::move(event));
    }

    void
    DoStart() override
    {
        Note("start");
    }

    void
    DoStop() override
    {
        Note("stop");
        joined = false;
    }

    void
    DoJoin() override
    {
        Note("join");
        joined = true;
        fanout::JoinEvent event;
        event.step = fanout::JoinEvent::Step::ATTACHED;
        Put(event);
    }

    void
    DoLeave() override
    {
        Note("leave");
        joined = false;
        fanout::ParentEvent event;
        event.cause = fanout::ParentEvent::Cause::LEFT;
        Put(event);
    }

    uint32_t
    DoPublish(fanout::ByteView payload) override
    {
        fanout::PublishEvent event;
        event.seq = published;
        event.size = static_cast<uint32_t>(payload.size());
        Put(event);
        if (event.size == BAD_SIZE)
        {
            throw std::invalid_argument("too large");
        }
        Note("publish");
        return published++;
    }

    void
    DoPublishEnd() override
    {
        Note("end");
    }

    void
    DoReceive(fanout::LinkId, const fanout::FrameRef& frame) override
    {
        Note("receive");
        fanout::DeliverEvent deliver;
        deliver.seq = frame->Seq();
        deliver.size = static_cast<uint32_t>(frame->Payload().size());
        deliver.frame = frame;
        Put(deliver);
        if (twice)
        {
            fanout::DuplicateEvent duplicate;
            duplicate.seq = frame->Seq();
            Put(duplicate);
        }
    }

    void
    DoOpened(fanout::LinkId) override
    {
        Note("opened");
    }

    void
    DoClosed(fanout::LinkId) override
    {
        Note("closed");
    }

    void
    DoWritable(fanout::LinkId) override
    {
        Note("writable");
    }

    void
    DoTick() override
    {
        ticks.push_back(World().Now());
        if (onTick)
        {
            onTick();
        }
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_APPLICATION_H
