/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_CLOUD_H
#define FANOUT_TEST_CLOUD_H

#include "fanout-test-transport.h"

#include "ns3/double.h"
#include "ns3/fanout-cloud-channel.h"
#include "ns3/fanout-cloud-net-device.h"
#include "ns3/node.h"

#include <cmath>
#include <functional>
#include <memory>
#include <vector>

namespace ns3::fanout::test
{

constexpr uint64_t MBIT = 1000000;         ///< bit/s
constexpr uint32_t LARGE_QUEUE = 10000000; ///< bytes

/// A listener that notes what it hears.
struct Ear : FanoutCloudListener
{
    /// Something heard.
    struct Heard
    {
        int64_t at{0};      ///< nanoseconds
        uint32_t from{0};   ///< place of the sender
        uint32_t number{0}; ///< of the frame
    };

    std::vector<Heard> frames;                   ///< HandleFrame
    std::vector<uint32_t> closes;                ///< HandleClose
    std::vector<int64_t> wakes;                  ///< HandleWake, when
    std::vector<int64_t> drained;                ///< HandleDrained
    mutable std::vector<uint32_t> prefetches[2]; ///< Prefetch, by depth: for frames from where
    std::function<void(uint32_t)> onFrame;       ///< gets the number
    std::function<void()> onWake;                ///< HandleWake
    bool repeats{true};                          ///< MayRepeat

    void
    HandleFrame(uint32_t from, const FrameRef& frame) override
    {
        frames.push_back({Simulator::Now().GetNanoSeconds(), from, NumberOf(frame)});
        if (onFrame)
        {
            onFrame(frames.back().number);
        }
    }

    void
    HandleClose(uint32_t from) override
    {
        closes.push_back(from);
    }

    void
    HandleWake() override
    {
        wakes.push_back(Simulator::Now().GetNanoSeconds());
        if (onWake)
        {
            onWake();
        }
    }

    void
    HandleDrained() override
    {
        drained.push_back(Simulator::Now().GetNanoSeconds());
    }

    bool
    MayRepeat() const override
    {
        return repeats;
    }

    void
    Prefetch(uint32_t depth, uint32_t from) const override
    {
        prefetches[depth - 1].push_back(from);
    }
};

/// A cloud made by hand: constant latency, a listener at port PORT of each device.
class CloudCase : public TestCase
{
  public:
    using TestCase::TestCase;

  protected:
    /// The checks; the simulation is to be run by them.
    virtual void Check() = 0;

    /// Begin anew. @param grid of the wheel @param latency of the cloud
    void
    MakeCloud(Time grid = MicroSeconds(100), Time latency = MilliSeconds(10))
    {
        EndCloud();
        cloud = CreateObject<FanoutCloudChannel>();
        cloud->SetAttribute("Grid", TimeValue(grid));
        const auto model = CreateObject<FanoutConstantLatency>();
        model->SetAttribute("Delay", TimeValue(latency));
        cloud->SetLatencyModel(model);
    }

    /// @param up bit/s @param down bit/s @param queue bytes @return a new device's place
    uint32_t
    Add(uint64_t up, uint64_t down, uint32_t queue = LARGE_QUEUE)
    {
        const auto node = CreateObject<Node>();
        const auto device = CreateObject<FanoutCloudNetDevice>();
        device->Attach(cloud, {up, down, queue});
        node->AddDevice(device);
        ears.push_back(std::make_unique<Ear>());
        devices.push_back(device);
        NS_ABORT_UNLESS(cloud->Listen(device->GetPlace(), PORT, ears.back().get()) ==
                        device->GetPlace());
        return device->GetPlace();
    }

    /// Send a frame. @param from a place @param to a place @param bytes on the wire
    /// @param number of the frame @param again offer it again
    void
    Send(uint32_t from, uint32_t to, uint32_t bytes, uint32_t number = 0, bool again = false)
    {
        cloud->SendFrame(from, to, MakeFrame(fanout::Kind::DATA, number, 20), bytes, again);
    }

    /// End the simulation and the cloud.
    void
    EndCloud()
    {
        if (cloud)
        {
            for (uint32_t i = 0; i < ears.size(); i++)
            {
                cloud->Unlisten(i);
            }
        }
        devices.clear();
        ears.clear();
        cloud = nullptr;
        Simulator::Destroy();
    }

    Ptr<FanoutCloudChannel> cloud;                  ///< under test
    std::vector<Ptr<FanoutCloudNetDevice>> devices; ///< by place
    std::vector<std::unique_ptr<Ear>> ears;         ///< by place

  private:
    void
    DoRun() override
    {
        Check();
        EndCloud();
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_CLOUD_H
