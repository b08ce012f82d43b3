/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-cloud.h"
#include "fanout-test-tools.h"

#include "ns3/random-variable-stream.h"

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

constexpr uint32_t NOWHERE = FanoutCloudChannel::NOWHERE;
constexpr uint64_t FAST = 8000 * MBIT; ///< a byte a nanosecond

/// Two devices with links so fast that only the latency counts.
class FaultCase : public CloudCase
{
  public:
    using CloudCase::CloudCase;

  protected:
    /// Begin anew. @param queue of both devices, bytes
    void
    MakeTwo(uint32_t queue = LARGE_QUEUE)
    {
        MakeCloud();
        a = Add(FAST, FAST, queue);
        b = Add(FAST, FAST, queue);
    }

    uint32_t a{0}; ///< a place
    uint32_t b{0}; ///< a place
};

/// Frames that are lost are offered again, five times, with growing pauses, whatever the cause is.
class AgainCase : public FaultCase
{
  public:
    AgainCase()
        : FaultCase("frames offered again")
    {
    }

  private:
    /// When the five offers come: pauses of 70 ms, twice as long each time, and 10 ms through.
    static constexpr std::array<double, 5> OFFERS{0.010, 0.090, 0.240, 0.530, 1.100};

    /// @param fault begins or ends @param end when, in seconds @param offers lost, 5 for all
    /// @param expected when the frame comes, in seconds
    void
    CheckOne(const std::function<void(bool)>& fault, double end, uint32_t offers, double expected)
    {
        MakeTwo();
        fault(true);
        At(end, [&]() { fault(false); });
        Send(a, b, 100, 1, true);
        Send(a, b, 100, 2, false);
        Simulator::Run();
        const auto& frames = ears[b]->frames;
        const auto& counters = cloud->GetCounters();
        const bool comes = offers < 5;
        NS_TEST_ASSERT_MSG_EQ(counters.again, (comes ? offers : 4), "repetitions");
        NS_TEST_ASSERT_MSG_EQ(counters.sent, 2 + counters.again, "all offers count");
        NS_TEST_ASSERT_MSG_EQ(counters.sentBytes, 100 * counters.sent, "and their bytes");
        NS_TEST_ASSERT_MSG_EQ(counters.givenUp, (comes ? 0 : 1), "");
        NS_TEST_ASSERT_MSG_EQ(frames.size(), (comes ? 1 : 0), "only the one to be repeated");
        for (const auto& heard : frames)
        {
            NS_TEST_ASSERT_MSG_EQ(heard.number, 1, "");
            NS_TEST_ASSERT_MSG_EQ_TOL(heard.at / 1e9, expected, 0.001, "when");
        }
    }

    /// @param fault begins or ends
    void
    CheckFault(const std::function<void(bool)>& fault)
    {
        for (uint32_t offers = 1; offers < 5; offers++)
        {
            CheckOne(fault, OFFERS[offers] - 0.015, offers, OFFERS[offers]);
        }
        CheckOne(fault, 2, 5, 0);
    }

    /// A loss is drawn when the frame is sent, and it is offered again from then on.
    void
    CheckLoss()
    {
        const auto fault = [&](bool on)
        { cloud->SetAttribute("LossRate", DoubleValue(on ? 1 : 0)); };
        for (uint32_t offers = 2; offers < 5; offers++)
        {
            CheckOne(fault, OFFERS[offers - 1] - 0.025, offers, OFFERS[offers] - 0.010);
        }
        CheckOne(fault, 2, 5, 0);
    }

    void
    Check() override
    {
        CheckFault([&](bool on) { cloud->SetSilent(b, on); });
        CheckLoss();
        CheckFault(
            [&](bool on)
            {
                if (on)
                {
                    cloud->Unlisten(b);
                }
                else
                {
                    cloud->Listen(b, PORT, ears[b].get());
                }
            });
    }
};

/// A full queue loses frames, which come when there is room.
class FullAgainCase : public FaultCase
{
  public:
    FullAgainCase()
        : FaultCase("frames offered again after a full queue")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud();
        a = Add(FAST, FAST);
        b = Add(FAST, 8 * MBIT, 1000);
        for (uint32_t i = 0; i < 10; i++)
        {
            Send(a, b, 1000, i, true);
        }
        Simulator::Run();
        const auto& counters = cloud->GetCounters();
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 10, "all of them in the end");
        NS_TEST_ASSERT_MSG_EQ(counters.queueDrops, counters.again, "each is offered again");
        NS_TEST_ASSERT_MSG_EQ(counters.queueDrops, 8 + 6 + 4 + 2, "two find room each time");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames[9].number, 9, "in order here");
    }
};

/// Nothing is repeated for a sender that went offline, fell silent or is gone.
class SenderGoneCase : public FaultCase
{
  public:
    SenderGoneCase()
        : FaultCase("no repetition for a sender that is gone")
    {
    }

  private:
    void
    Check() override
    {
        MakeTwo();
        cloud->SetSilent(b, true);
        Send(a, b, 100, 1, true);
        At(0.05, [&]() { ears[a]->repeats = false; });
        At(0.06, [&]() { cloud->SetSilent(b, false); });
        Simulator::Run();
        // The second offer is on its way when the sender goes offline.
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 1, "on its way already");

        MakeTwo();
        cloud->SetSilent(b, true);
        Send(a, b, 100, 1, true);
        At(0.05, [&]() { ears[a]->repeats = false; });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().again, 1, "no third offer");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().givenUp, 1, "");

        MakeTwo();
        cloud->SetSilent(b, true);
        Send(a, b, 100, 1, true);
        At(0.05, [&]() { cloud->Unlisten(a); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().again, 1, "nobody repeats");

        MakeTwo();
        cloud->SetSilent(b, true);
        Send(a, b, 100, 1, true);
        At(0.05, [&]() { cloud->SetSilent(b, false); });
        At(0.05, [&]() { cloud->SetSilent(a, true); });
        At(0.2, [&]() { cloud->SetSilent(a, false); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ_TOL(ears[b]->frames[0].at / 1e9, 0.24, 0.001, "the third offer");
    }
};

/// A repetition does not overtake what waits in the sender's queue.
class BacklogCase : public FaultCase
{
  public:
    BacklogCase()
        : FaultCase("a repetition waits in the sender's queue")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud();
        a = Add(8 * MBIT, FAST);
        b = Add(FAST, FAST);
        Send(a, b, 1000000, 1, false);
        cloud->SetSilent(a, true);
        Send(a, b, 1000, 2, true);
        cloud->SetSilent(a, false);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 2, "");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames[0].number, 1, "a second of it comes first");
        NS_TEST_ASSERT_MSG_GT(ears[b]->frames[1].at / 1e9, 1.011, "");
        CheckCharge();
    }

    /// A repetition takes its time on the sender's link, as the first offer did.
    void
    CheckCharge()
    {
        MakeCloud();
        a = Add(8 * MBIT, FAST);
        b = Add(FAST, FAST);
        cloud->SetSilent(b, true);
        Send(a, b, 1000, 1, true);
        At(0.0109, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->GetBacklog(a), 0, "sent"); });
        // It is lost at 11.1 ms.
        At(0.0116, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->GetBacklog(a), 500, "half of it"); });
        At(0.02, [&]() { cloud->SetSilent(b, false); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 1, "");
    }
};

/// A silent device hears nothing and is not heard; the other directions go on.
class SilentDeviceCase : public FaultCase
{
  public:
    SilentDeviceCase()
        : FaultCase("a silent device")
    {
    }

  private:
    void
    Check() override
    {
        MakeTwo();
        const uint32_t c = Add(FAST, FAST);
        cloud->SetSilent(b, true);
        Send(a, b, 100, 1);
        Send(b, a, 100, 2);
        Send(a, c, 100, 3);
        cloud->WakeAt(b, 1000);
        Send(a, NOWHERE, 100, 4, true);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[a]->frames.size(), 0, "it is not heard");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 0, "it hears nothing");
        NS_TEST_ASSERT_MSG_EQ(ears[c]->frames.size(), 1, "others do");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->wakes.size(), 1, "its clock runs on");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().unheard, 3, "with one to nowhere");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().again, 0, "");
        cloud->SetSilent(b, false);
        Send(a, b, 100, 5);
        Send(b, a, 100, 6);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[a]->frames.size(), 1, "as before");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 1, "as before");
    }
};

/// Ports, second listeners, addresses and messages that close.
class PortsCase : public FaultCase
{
  public:
    PortsCase()
        : FaultCase("ports and addresses")
    {
    }

  private:
    fanout::Endpoint
    EndpointOf(const std::string& address, uint16_t port)
    {
        fanout::Endpoint endpoint;
        endpoint.ip = Ipv4Address(address.c_str()).Get();
        endpoint.port = port;
        return endpoint;
    }

    void
    Check() override
    {
        MakeTwo();
        Ear second;
        const uint32_t place = cloud->Listen(b, PORT + 1, &second);
        NS_TEST_ASSERT_MSG_EQ(place, FanoutCloudChannel::FURTHER, "above all devices");
        NS_TEST_ASSERT_MSG_EQ(cloud->Listen(b, PORT, &second), NOWHERE, "taken");
        NS_TEST_ASSERT_MSG_EQ(cloud->Listen(b, PORT + 1, &second), NOWHERE, "taken");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.2", PORT)), b, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.2", PORT + 1)), place, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.2", PORT + 2)), NOWHERE, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.2", 0)), NOWHERE, "no port");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.3", PORT)), NOWHERE, "no device");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("9.255.255.255", PORT)), NOWHERE, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("0.0.0.0", PORT)), NOWHERE, "");
        for (const auto& endpoint :
             {EndpointOf("10.0.0.1", PORT), EndpointOf("10.0.0.2", PORT + 1)})
        {
            const bool back = cloud->GetEndpoint(cloud->Resolve(endpoint)) == endpoint;
            NS_TEST_ASSERT_MSG_EQ(back, true, "there and back");
        }
        NS_TEST_ASSERT_MSG_EQ(bool(cloud->GetEndpoint(NOWHERE)), false, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetPlace(Ipv4Address("10.0.0.2")), b, "the last one");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetPlace(Ipv4Address("10.0.0.3")), NOWHERE, "none");
        const auto mute = CreateObject<FanoutCloudNetDevice>();
        mute->Attach(cloud, {FAST, FAST, 1});
        NS_TEST_ASSERT_MSG_EQ(cloud->Resolve(EndpointOf("10.0.0.3", 0)), NOWHERE, "no port");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetAddress(place), Ipv4Address("10.0.0.2"), "its device's");

        Send(a, place, 100, 1);
        Send(place, a, 100, 2);
        Send(a, b, 100, 3);
        cloud->SendFrame(a, place, fanout::FrameRef(), 32, false);
        cloud->WakeAt(place, 500);
        cloud->WakeAt(place, 1000);
        cloud->WakeAt(b, 2000);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(second.frames.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(second.frames[0].number, 1, "by port");
        NS_TEST_ASSERT_MSG_EQ(ears[a]->frames[0].from, place, "the second listener");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames[0].number, 3, "by port");
        NS_TEST_ASSERT_MSG_EQ((second.closes == std::vector<uint32_t>{a}), true, "a close");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->closes.size(), 0, "by port");
        NS_TEST_ASSERT_MSG_EQ((second.wakes == std::vector<int64_t>{1000000}), true, "a wake-up");
        NS_TEST_ASSERT_MSG_EQ((ears[b]->wakes == std::vector<int64_t>{2000000}), true, "its own");
        cloud->WakeAt(place, 5000000);
        cloud->Unlisten(place);
        Send(a, place, 100, 4);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(second.frames.size(), 1, "hears of nothing more");
        NS_TEST_ASSERT_MSG_EQ(cloud->Listen(b, PORT + 1, &second), place, "free again");
        cloud->Unlisten(place);
    }
};

/// LossRate takes its share; what it takes follows from the streams.
class LossCase : public FaultCase
{
  public:
    LossCase()
        : FaultCase("LossRate")
    {
    }

  private:
    static constexpr uint32_t FRAMES = 20000;

    std::vector<uint32_t>
    RunOnce(int64_t stream, double loss)
    {
        MakeTwo();
        cloud->SetAttribute("LossRate", DoubleValue(loss));
        NS_ABORT_UNLESS(cloud->AssignStreams(stream) == 1);
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            Send(a, b, 100, i);
        }
        Simulator::Run();
        std::vector<uint32_t> numbers;
        for (const auto& heard : ears[b]->frames)
        {
            numbers.push_back(heard.number);
        }
        m_lost = cloud->GetCounters().lost;
        return numbers;
    }

    void
    Check() override
    {
        const double loss = 0.2;
        const auto once = RunOnce(5, loss);
        const double sigma = std::sqrt(FRAMES * loss * (1 - loss));
        NS_TEST_ASSERT_MSG_EQ_TOL(once.size(), FRAMES * (1 - loss), 4 * sigma, "its share");
        NS_TEST_ASSERT_MSG_EQ(once.size() + m_lost, FRAMES, "the others are counted");
        NS_TEST_ASSERT_MSG_EQ((RunOnce(5, loss) == once), true, "same stream, same frames");
        NS_TEST_ASSERT_MSG_EQ((RunOnce(6, loss) == once), false, "another stream, others");
        NS_TEST_ASSERT_MSG_EQ(RunOnce(5, 0).size(), FRAMES, "none");
        CheckAutomaticStreams();
    }

    /// Automatic streams go on to the latency model.
    void
    CheckAutomaticStreams()
    {
        const auto delay = []()
        {
            const auto channel = CreateObject<FanoutCloudChannel>();
            const auto model = CreateObject<FanoutRegionLatency>();
            channel->SetLatencyModel(model);
            channel->AssignStreams(-1);
            return model->GetDelay(0, 1);
        };
        NS_TEST_ASSERT_MSG_NE(delay(), delay(), "each draws for itself");
    }

    uint64_t m_lost{0};
};

/// The suite.
class FanoutCloudFaultsTestSuite : public TestSuite
{
  public:
    FanoutCloudFaultsTestSuite()
        : TestSuite("fanout-cloud-faults")
    {
        AddTestCase(new AgainCase);
        AddTestCase(new FullAgainCase);
        AddTestCase(new SenderGoneCase);
        AddTestCase(new BacklogCase);
        AddTestCase(new SilentDeviceCase);
        AddTestCase(new PortsCase);
        AddTestCase(new LossCase);
    }
};

FanoutCloudFaultsTestSuite g_fanoutCloudFaultsTestSuite;

} // namespace
