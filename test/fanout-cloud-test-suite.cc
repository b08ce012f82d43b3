/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-cloud.h"
#include "fanout-test-tools.h"

#include "ns3/fanout-random.h"
#include "ns3/fanout-schedule.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

constexpr int64_t US = 1000;    ///< nanoseconds
constexpr int64_t MS = 1000000; ///< nanoseconds

/// @param when nanoseconds @param grid nanoseconds @return the slot's time
int64_t
RoundUp(int64_t when, int64_t grid)
{
    return (when + grid - 1) / grid * grid;
}

/// Up, through, down, and to the next slot: rounded up once, whatever the grid is.
class ArrivalCase : public CloudCase
{
  public:
    ArrivalCase()
        : CloudCase("arrival times by hand")
    {
    }

  private:
    /// @param grid of the wheel @param down bit/s @param expected arrivals of two frames
    void
    CheckTwo(Time grid, uint64_t down, std::pair<int64_t, int64_t> expected)
    {
        MakeCloud(grid, MicroSeconds(10007));
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, down);
        At(0.0,
           [&]()
           {
               Send(a, b, 1003, 1);
               Send(a, b, 40, 2);
           });
        Simulator::Run();
        const auto& frames = ears[b]->frames;
        NS_TEST_ASSERT_MSG_EQ(frames.size(), 2, "both came");
        NS_TEST_ASSERT_MSG_EQ(frames[0].at, expected.first, "grid " << grid);
        NS_TEST_ASSERT_MSG_EQ(frames[1].at, expected.second, "grid " << grid);
        NS_TEST_ASSERT_MSG_EQ(frames[0].from, a, "who sent it");
        NS_TEST_ASSERT_MSG_EQ(frames[1].number, 2, "in order");
        const auto& counters = cloud->GetCounters();
        NS_TEST_ASSERT_MSG_EQ(counters.sent, 2, "");
        NS_TEST_ASSERT_MSG_EQ(counters.sentBytes, 1043, "");
        NS_TEST_ASSERT_MSG_EQ(counters.arrived, 2, "");
        NS_TEST_ASSERT_MSG_EQ(counters.waited, 1, "the second, for the link");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetPending(), 0, "");
    }

    void
    Check() override
    {
        // 1003 us up, 10007 us through, 2006 us down: 13016 us; the second 80 us behind it.
        CheckTwo(MicroSeconds(10), 4 * MBIT, {13020 * US, 13100 * US});
        CheckTwo(MicroSeconds(100), 4 * MBIT, {13100 * US, 13100 * US});
        CheckTwo(MilliSeconds(1), 4 * MBIT, {14 * MS, 14 * MS});
        // At 80 Mbit/s down 100.3 us: 11110.3 us; the second at 11050 + 4 us, but not before.
        CheckTwo(MicroSeconds(10), 80 * MBIT, {11120 * US, 11120 * US});
        CheckTwo(MicroSeconds(1), 80 * MBIT, {11111 * US, 11115 * US});
    }
};

/// Frames of mixed sizes between two devices keep their order; each comes when it should.
class OrderCase : public CloudCase
{
  public:
    OrderCase()
        : CloudCase("order on a slow downlink")
    {
    }

  private:
    static constexpr uint32_t FRAMES = 3000;

    void
    CheckGrid(int64_t grid)
    {
        MakeCloud(NanoSeconds(grid));
        const uint32_t a = Add(80 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        fanout::Random random(7, 8, 9);
        std::vector<int64_t> expected;
        int64_t up = 0;
        int64_t down = 0;
        int64_t now = 0;
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            const uint32_t bytes = random.Below(3) == 0 ? 1500 : 32 + random.Below(100);
            now += random.Below(4) == 0 ? static_cast<int64_t>(random.Below(4 * MS)) : 0;
            fanout::Schedule(NanoSeconds(now), [this, a, b, bytes, i]() { Send(a, b, bytes, i); });
            up = std::max(up, now) + bytes * 100;
            down = std::max(down, up + 10 * MS) + bytes * 1000;
            expected.push_back(RoundUp(down, grid));
        }
        Simulator::Run();
        const auto& frames = ears[b]->frames;
        NS_TEST_ASSERT_MSG_EQ(frames.size(), FRAMES, "all came");
        for (uint32_t i = 0; i < FRAMES; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(frames[i].number, i, "in order");
            NS_TEST_ASSERT_MSG_EQ(frames[i].at, expected[i], "when frame " << i << " comes");
        }
    }

    void
    Check() override
    {
        CheckGrid(10 * US);
        CheckGrid(100 * US);
        CheckGrid(1 * MS);
    }
};

/// Two senders share a receiver's link; what each sends comes one behind the other's.
class SharingCase : public CloudCase
{
  public:
    SharingCase()
        : CloudCase("two senders share a downlink")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        const uint32_t c = Add(8 * MBIT, 8 * MBIT);
        At(0.0,
           [&]()
           {
               for (uint32_t i = 0; i < 10; i++)
               {
                   Send(a, c, 1000, i);
                   Send(b, c, 1000, i);
               }
           });
        Simulator::Run();
        const auto& frames = ears[c]->frames;
        NS_TEST_ASSERT_MSG_EQ(frames.size(), 20, "");
        for (int64_t i = 0; i < 20; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(frames[i].at, (12 + i) * MS, "the link is busy from 11 ms on");
            NS_TEST_ASSERT_MSG_EQ(frames[i].from, (i % 2 == 0 ? a : b), "in turns");
            NS_TEST_ASSERT_MSG_EQ(frames[i].number, i / 2, "in order");
        }
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().waited, 19, "all but the first");
    }
};

/// The sender's queue: full, half empty again, and told so.
class UplinkCase : public CloudCase
{
  public:
    UplinkCase()
        : CloudCase("uplink queue")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT, 5000);
        const uint32_t b = Add(8 * MBIT, 800 * MBIT);
        uint32_t taken = 0;
        At(1.0,
           [&]()
           {
               while (!cloud->IsFull(a))
               {
                   Send(a, b, 1000, taken++);
               }
               NS_TEST_ASSERT_MSG_EQ(taken, 6, "until more than 5000 bytes wait");
               NS_TEST_ASSERT_MSG_EQ(cloud->GetBacklog(a), 6000, "");
               NS_TEST_ASSERT_MSG_EQ(cloud->IsFull(b), false, "the other one is not");
               cloud->AwaitDrained(a);
           });
        At(1.0009, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->IsFull(a), true, "5100 wait"); });
        At(1.0011, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->IsFull(a), false, "4900 wait"); });
        At(1.0011, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->GetBacklog(a), 4900, ""); });
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[a]->drained.size(), 1, "told once");
        NS_TEST_ASSERT_MSG_EQ(ears[a]->drained[0], 1000 * MS + 3500 * US, "at half");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 6, "nothing is lost");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetBacklog(a), 0, "");
    }
};

/// The receiver's queue drops what is too much.
class DownlinkCase : public CloudCase
{
  public:
    DownlinkCase()
        : CloudCase("downlink queue")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud();
        const uint32_t a = Add(8000 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT, 5000);
        At(0.0,
           [&]()
           {
               for (uint32_t i = 0; i < 20; i++)
               {
                   Send(a, b, 1000, i);
               }
           });
        Simulator::Run();
        // One comes each us and takes 1000 us: the sixth waits 4995 us, the seventh would 5994.
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.size(), 6, "");
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames[5].number, 5, "the first ones");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().queueDrops, 14, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().again, 0, "not asked for");
    }
};

/// Wake-ups: the time named last, the next slot for the past, and none after Unlisten.
class WakeCase : public CloudCase
{
  public:
    WakeCase()
        : CloudCase("wake-ups")
    {
    }

  private:
    /// @param expected slots in which a device of its own wakes @param times asked for one after
    /// the other, at once
    void
    CheckNamed(const std::vector<int64_t>& expected, const std::vector<fanout::Micros>& times)
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        for (const auto when : times)
        {
            cloud->WakeAt(a, when);
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ((ears[a]->wakes == expected), true, "the one named last");
    }

    void
    Check() override
    {
        CheckNamed({1900 * US}, {1900});
        CheckNamed({2000 * US}, {1901});
        CheckNamed({100 * US}, {0});
        CheckNamed({500 * US}, {2000, 1000, 500});
        CheckNamed({2000 * US}, {500, 1000, 2000});
        CheckNamed({1000 * US}, {500, 2000, 1000});
        CheckNamed({}, {500, fanout::NEVER});
        CheckNamed({700 * US}, {500, fanout::NEVER, 700});
        CheckNamed({300 * US}, {500, fanout::NEVER, 300});
        CheckAgain();
        CheckUnlisten();
        CheckFarOff();
    }

    /// From inside a wake-up, again and again; and what was put off costs one entry a time.
    void
    CheckAgain()
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        cloud->WakeAt(a, 1000);
        ears[a]->onWake = [&]()
        {
            if (ears[a]->wakes.size() <= 3)
            {
                cloud->WakeAt(a, 100000);
                cloud->WakeAt(a, ears[a]->wakes.size() < 3 ? 0 : 50000);
            }
        };
        Simulator::Run();
        const std::vector<int64_t> expected{1000 * US, 1100 * US, 1200 * US, 50 * MS};
        NS_TEST_ASSERT_MSG_EQ((ears[a]->wakes == expected), true, "in the next slot");
        NS_TEST_ASSERT_MSG_LT_OR_EQ(cloud->GetCounters().wakes, 8, "and what was put aside");
        MakeCloud();
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        for (int i = 1; i <= 1000; i++)
        {
            cloud->WakeAt(b, 1000 * i);
        }
        NS_TEST_ASSERT_MSG_EQ(cloud->GetPending(), 1, "one entry, however often it is put off");
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ((ears[b]->wakes == std::vector<int64_t>{1000 * MS}), true, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().wakes, 2, "the one put off, and the real one");
        MakeCloud();
        const uint32_t c = Add(8 * MBIT, 8 * MBIT);
        cloud->WakeAt(c, 2000);
        cloud->WakeAt(c, 1000);
        ears[c]->onWake = [&]()
        { cloud->WakeAt(c, ears[c]->wakes.size() == 1 ? 5000 : fanout::NEVER); };
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[c]->wakes.size(), 2, "");
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().wakes, 3, "one put aside arms nothing");
    }

    void
    CheckUnlisten()
    {
        MakeCloud();
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        cloud->WakeAt(a, 1000);
        cloud->WakeAt(b, 3000);
        ears[a]->onWake = [&]()
        {
            cloud->Unlisten(b);
            NS_TEST_ASSERT_MSG_EQ(cloud->Listen(b, PORT, ears[b].get()), b, "another process");
            cloud->WakeAt(b, 5000);
        };
        Simulator::Run();
        const std::vector<int64_t> expected{5 * MS};
        NS_TEST_ASSERT_MSG_EQ((ears[b]->wakes == expected), true, "not that of the one before");
    }

    /// Where slots are numbered by more than 32 bits, and where a time is too far away.
    void
    CheckFarOff()
    {
        MakeCloud(MicroSeconds(1));
        const uint32_t a = Add(8 * MBIT, 8 * MBIT);
        std::vector<int64_t> expected;
        for (int64_t quarter = 1; quarter <= 9; quarter++)
        {
            expected.push_back(((quarter << 30) + (quarter % 4 == 0 ? 1 : 0)) * US);
        }
        const auto next = [&]() { cloud->WakeAt(a, int64_t(ears[a]->wakes.size() + 1) << 30); };
        ears[a]->onWake = [&]()
        {
            if (ears[a]->wakes.size() < expected.size())
            {
                next();
            }
        };
        next();
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ((ears[a]->wakes == expected), true, "a slot later where it is 0");

        MakeCloud(MicroSeconds(1));
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        cloud->WakeAt(b, 1000);
        cloud->WakeAt(b, fanout::NEVER - 1);
        Simulator::Run();
        const std::vector<int64_t> horizon{(int64_t{FanoutCloudChannel::HORIZON} + 1) * US};
        NS_TEST_ASSERT_MSG_EQ((ears[b]->wakes == horizon), true, "no further than the horizon");

        MakeCloud(MicroSeconds(1));
        const uint32_t c = Add(8 * MBIT, 8 * MBIT);
        At(4294.96, [&]() { cloud->WakeAt(c, 4294970000); });
        At(4294.961, [&]() { cloud->WakeAt(c, 4294965000); });
        Simulator::Run();
        const std::vector<int64_t> sooner{4294965000 * US};
        NS_TEST_ASSERT_MSG_EQ((ears[c]->wakes == sooner), true, "below 32 bits, not above");
    }
};

/// What is sent inside a slot leaves at its time, and arrives in the next one at the earliest.
class InsideCase : public CloudCase
{
  public:
    InsideCase()
        : CloudCase("sent inside a slot")
    {
    }

  private:
    void
    Check() override
    {
        MakeCloud(MicroSeconds(100), Time(0));
        const uint32_t a = Add(8000000 * MBIT, 8 * MBIT);
        const uint32_t b = Add(8 * MBIT, 8 * MBIT);
        cloud->WakeAt(a, 1000);
        ears[a]->onWake = [&]()
        {
            for (uint32_t i = 0; i < 3; i++)
            {
                Send(a, b, 50, i);
            }
        };
        At(0.00115, [&]() { NS_TEST_ASSERT_MSG_EQ(cloud->GetPending(), 1, "on the link"); });
        Simulator::Run();
        const auto& frames = ears[b]->frames;
        NS_TEST_ASSERT_MSG_EQ(frames.size(), 3, "");
        NS_TEST_ASSERT_MSG_EQ(frames[0].at, 1100 * US, "50 us down from the slot on");
        NS_TEST_ASSERT_MSG_EQ(frames[1].at, 1100 * US, "100 us");
        NS_TEST_ASSERT_MSG_EQ(frames[2].at, 1200 * US, "150 us");
    }
};

/// What a delay depends on is asked for before the delay is, whatever leaves in a slot, and all of
/// it leaves.
class DelayCase : public CloudCase
{
  public:
    DelayCase()
        : CloudCase("what a delay depends on is asked for before")
    {
    }

  private:
    /// A latency that notes what it is asked for.
    struct Latency : FanoutLatencyModel
    {
        int64_t
        GetDelay(uint32_t, uint32_t to) const override
        {
            asked.push_back(to);
            behind &= fetched.size() >= asked.size();
            return 10 * MS + to;
        }

        void
        Prefetch(uint32_t to) const override
        {
            fetched.push_back(to);
        }

        mutable std::vector<uint32_t> fetched; ///< Prefetch
        mutable std::vector<uint32_t> asked;   ///< GetDelay
        mutable bool behind{true};             ///< GetDelay came after Prefetch
    };

    void
    Check() override
    {
        for (const uint32_t n : {1, 31, 32, 33, 200})
        {
            MakeCloud();
            const auto latency = CreateObject<Latency>();
            cloud->SetLatencyModel(latency);
            const uint32_t from = Add(1000000 * MBIT, MBIT);
            for (uint32_t i = 0; i < n; i++)
            {
                Add(MBIT, 1000000 * MBIT);
            }
            cloud->WakeAt(from, 1000);
            ears[from]->onWake = [&]()
            {
                for (uint32_t i = 1; i <= n; i++)
                {
                    Send(from, i, 100, i);
                }
                NS_TEST_EXPECT_MSG_EQ(cloud->GetPending(), n, "all are pending");
            };
            Simulator::Run();
            NS_TEST_EXPECT_MSG_EQ((latency->asked == latency->fetched), true, "in order");
            NS_TEST_EXPECT_MSG_EQ(latency->behind, true, "before");
            for (uint32_t i = 1; i <= n; i++)
            {
                NS_TEST_EXPECT_MSG_EQ(ears[i]->frames.size(), 1, "it arrives");
            }
        }
    }
};

/// A cloud of which nothing was said.
class DefaultsCase : public CloudCase
{
  public:
    DefaultsCase()
        : CloudCase("defaults")
    {
    }

  private:
    void
    Check() override
    {
        cloud = CreateObject<FanoutCloudChannel>();
        const uint32_t a = Add(8000 * MBIT, 8000 * MBIT);
        const uint32_t b = Add(8000 * MBIT, 8000 * MBIT);
        NS_TEST_ASSERT_MSG_NE(cloud->GetLatencyModel(), nullptr, "a constant one");
        Send(a, b, 100);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ears[b]->frames.at(0).at, 50100 * US, "50 ms, and 200 ns of links");
        const auto error = AbortOf([&]() { Send(a, b, FanoutCloudChannel::MAX_BYTES + 1); });
        NS_TEST_ASSERT_MSG_EQ(Contains(error, "67108864 bytes is too large"), true, error);
        CheckStreams();
    }

    /// The latency model draws from the stream behind the channel's own.
    void
    CheckStreams()
    {
        const auto model = CreateObject<FanoutRegionLatency>();
        const auto behind = CreateObject<FanoutRegionLatency>();
        cloud->SetLatencyModel(model);
        NS_TEST_ASSERT_MSG_EQ(cloud->AssignStreams(5), 2, "one each");
        behind->AssignStreams(6);
        for (uint32_t i = 1; i < 20; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(model->GetDelay(0, i), behind->GetDelay(0, i), "");
        }
    }
};

/// One ns-3 event a slot that is not empty.
class EventsCase : public CloudCase
{
  public:
    EventsCase()
        : CloudCase("ns-3 events")
    {
    }

  private:
    /// @param devices that send to one, in one slot @return events of the run
    uint64_t
    RunOnce(uint32_t devices)
    {
        MakeCloud();
        const uint32_t to = Add(8 * MBIT, 1000000 * MBIT);
        for (uint32_t i = 0; i < devices; i++)
        {
            const uint32_t from = Add(8 * MBIT, 8 * MBIT);
            cloud->WakeAt(from, 5000);
            ears[from]->onWake = [this, from, to]()
            {
                Send(from, to, 500);
                Send(from, to, 500);
            };
        }
        const uint64_t events = CountEvents();
        const auto& slots = cloud->GetCounters().slots;
        m_ok &= events == slots && ears[to]->frames.size() == 2 * devices;
        return events;
    }

    /// @return events of a run, without those of their own by which nodes and devices are
    /// initialized, which differ between releases of ns-3
    static uint64_t
    CountEvents()
    {
        Simulator::Stop(NanoSeconds(1));
        Simulator::Run();
        const uint64_t before = Simulator::GetEventCount();
        Simulator::Run();
        return Simulator::GetEventCount() - before;
    }

    void
    Check() override
    {
        const uint64_t one = RunOnce(1);
        NS_TEST_ASSERT_MSG_EQ(m_ok, true, "as many as slots that were not empty");
        NS_TEST_ASSERT_MSG_LT(one, 6, "a wake-up, two arrivals, two passages");
        NS_TEST_ASSERT_MSG_EQ(RunOnce(1000), one, "however many frames a slot has");
        NS_TEST_ASSERT_MSG_EQ(m_ok, true, "as many as slots that were not empty");
        CheckFarOff();
    }

    void
    CheckFarOff()
    {
        MakeCloud();
        for (uint32_t i = 0; i < 1000; i++)
        {
            cloud->WakeAt(Add(8 * MBIT, 8 * MBIT), 300000000 + i % 10 * 100);
        }
        const uint64_t events = CountEvents();
        NS_TEST_ASSERT_MSG_EQ(cloud->GetCounters().wakes, 1000, "");
        NS_TEST_ASSERT_MSG_LT(events, 13, "10 slots, minutes off");
    }

    bool m_ok{true};
};

/// What arrives or wakes is told of a little before, once at each depth, whatever the slot holds.
class PrefetchCase : public CloudCase
{
  public:
    PrefetchCase()
        : CloudCase("what a slot touches is asked for before")
    {
    }

  private:
    /// @param n frames in one slot, half of them DATA; and a wake-up, put off once
    /// @param deep the receiver has more to ask for @param down rate to it, Mbit/s
    /// @return the receiver
    Ear&
    RunOnce(uint32_t n, bool deep, uint64_t down = 1000)
    {
        MakeCloud();
        m_to = Add(1000 * MBIT, down * MBIT);
        Ear& ear = *ears[m_to];
        fanout::HotMemory hot;
        hot.deep = deep;
        cloud->SetHot(m_to, hot);
        for (uint32_t i = 0; i < n; i++)
        {
            const auto kind = i % 2 ? fanout::Kind::DATA : fanout::Kind::LEAVE;
            const uint32_t from = Add(1000 * MBIT, 1000 * MBIT);
            cloud->SendFrame(from, m_to, MakeFrame(kind, i, 20), 100, false);
        }
        cloud->WakeAt(m_to, 1000);
        cloud->WakeAt(m_to, 1000000);
        m_before = true;
        ear.onFrame = [this, &ear](uint32_t)
        {
            const auto& [first, second] = ear.prefetches;
            m_before &= std::min(first.size(), second.size()) >= ear.frames.size();
        };
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(ear.frames.size(), n, "all arrive");
        NS_TEST_EXPECT_MSG_EQ(ear.wakes.size(), 1, "it wakes");
        return ear;
    }

    /// @param asked for whom @param frames how many there were; each was asked for once or, if it
    /// waited for the link, twice
    void
    CheckAsked(const std::vector<uint32_t>& asked, uint32_t frames)
    {
        const auto count = [&](uint32_t from)
        { return std::count(asked.begin(), asked.end(), from); };
        const auto nobody = static_cast<uint32_t>(count(FanoutCloudChannel::NOWHERE));
        NS_TEST_EXPECT_MSG_GT_OR_EQ(nobody, frames / 2 + 1, "DATA, and the wake-up that is due");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(nobody, frames / 2 * 2 + 1, "and not more");
        for (uint32_t i = 0; i < frames; i += 2)
        {
            NS_TEST_EXPECT_MSG_GT_OR_EQ(count(m_to + 1 + i), 1, "who sent another frame");
            NS_TEST_EXPECT_MSG_LT_OR_EQ(count(m_to + 1 + i), 2, "and not more");
        }
    }

    void
    Check() override
    {
        for (const uint32_t n : {1, 5, 20, 100})
        {
            const Ear& deep = RunOnce(n, true);
            NS_TEST_EXPECT_MSG_EQ(m_before, true, "each was asked for before it came");
            CheckAsked(deep.prefetches[0], n);
            CheckAsked(deep.prefetches[1], n);
            const Ear& flat = RunOnce(n, false);
            NS_TEST_EXPECT_MSG_EQ(flat.prefetches[0].size(), 0, "nothing more");
            NS_TEST_EXPECT_MSG_EQ(flat.prefetches[1].size(), 0, "nothing more");
            const Ear& slow = RunOnce(n, true, 4);
            NS_TEST_EXPECT_MSG_EQ(m_before, true, "also where frames pass the link for some slots");
            NS_TEST_EXPECT_MSG_EQ(slow.prefetches[1].size(), n + 1, "once, when they have passed");
        }
    }

    bool m_before{true};
    uint32_t m_to{0}; ///< place of the receiver
};

/// A frame on its way is held, and given back when the cloud ends.
class HoldCase : public CloudCase
{
  public:
    HoldCase()
        : CloudCase("a frame on its way is held, and given back")
    {
    }

  private:
    void
    Check() override
    {
        auto& store = FanoutTransport::GetFrameStore();
        const auto before = store.GetN();
        for (const uint32_t milliseconds : {0, 5, 15, 100})
        {
            MakeCloud();
            const uint32_t a = Add(MBIT, MBIT);
            const uint32_t b = Add(MBIT / 10, MBIT / 10);
            for (uint32_t i = 0; i < 5; i++)
            {
                const auto frame = MakeFrame(fanout::Kind::DATA, i, 20);
                store.Adopt(frame);
                cloud->SendFrame(a, i < 4 ? b : FanoutCloudChannel::NOWHERE, frame, 100, true);
            }
            NS_TEST_EXPECT_MSG_EQ(store.GetN(), before + 4, "what goes nowhere is not held");
            Simulator::Stop(MilliSeconds(milliseconds));
            Simulator::Run();
            NS_TEST_EXPECT_MSG_EQ(store.GetN(), before + 4 - ears[b]->frames.size(), "held");
            EndCloud();
            NS_TEST_EXPECT_MSG_EQ(store.GetN(), before, "given back");
        }
        CheckBrokenOff(before);
    }

    /// @param before frames that the store has
    void
    CheckBrokenOff(std::size_t before)
    {
        auto& store = FanoutTransport::GetFrameStore();
        MakeCloud();
        const uint32_t a = Add(MBIT, MBIT);
        cloud->WakeAt(a, 1000);
        ears[a]->onWake = [&]()
        {
            const auto frame = MakeFrame(fanout::Kind::DATA, 1, 20);
            store.Adopt(frame);
            cloud->SendFrame(a, a, frame, 100, true);
            throw std::runtime_error("the slot is broken off");
        };
        NS_TEST_EXPECT_MSG_EQ(ErrorOf(Simulator::Run), "the slot is broken off", "it is thrown");
        NS_TEST_EXPECT_MSG_EQ(store.GetN(), before + 1, "held");
        EndCloud();
        NS_TEST_EXPECT_MSG_EQ(store.GetN(), before, "given back");
    }
};

/// The suite.
class FanoutCloudTestSuite : public TestSuite
{
  public:
    FanoutCloudTestSuite()
        : TestSuite("fanout-cloud")
    {
        AddTestCase(new ArrivalCase);
        AddTestCase(new OrderCase);
        AddTestCase(new SharingCase);
        AddTestCase(new UplinkCase);
        AddTestCase(new DownlinkCase);
        AddTestCase(new WakeCase);
        AddTestCase(new InsideCase);
        AddTestCase(new DelayCase);
        AddTestCase(new DefaultsCase);
        AddTestCase(new EventsCase);
        AddTestCase(new PrefetchCase);
        AddTestCase(new HoldCase);
    }
};

FanoutCloudTestSuite g_fanoutCloudTestSuite;

} // namespace
