/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/double.h"
#include "ns3/fanout-draw-key.h"
#include "ns3/fanout-latency-model.h"
#include "ns3/fanout-place-set.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-wheel.h"
#include "ns3/random-variable-stream.h"
#include "ns3/test.h"

#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <vector>

using namespace ns3;
using fanout::PlaceSet;
using fanout::Random;
using IntWheel = fanout::Wheel<uint32_t>;

namespace
{

/// A wheel and what it should hold: a multimap keeps equal ticks in the order they were put in.
class WheelCase : public TestCase
{
  public:
    WheelCase()
        : TestCase("the wheel against a multimap")
    {
    }

  private:
    /// @return a tick: soon, of the next epochs, beyond all that have lists, or in the past
    uint64_t
    DrawTick(Random& random) const
    {
        switch (random.Below(8))
        {
        case 0:
            return m_now + random.Below(3 * IntWheel::SLOTS);
        case 1:
            return (m_now / IntWheel::SLOTS + random.Below(5)) * IntWheel::SLOTS;
        case 2:
            return m_now + random.Below(5 * IntWheel::EPOCHS * IntWheel::SLOTS);
        case 3:
            return m_now - std::min<uint64_t>(m_now, random.Below(100));
        default:
            return m_now + random.Below(40);
        }
    }

    void
    Push(Random& random, uint32_t most)
    {
        for (uint32_t n = random.Below(most); n > 0; n--)
        {
            const uint64_t tick = DrawTick(random);
            m_wheel.Push(tick, m_pushed);
            m_oracle.emplace(std::max(tick, m_now), m_pushed);
            m_pushed++;
        }
    }

    void
    Take(uint64_t tick)
    {
        std::vector<uint32_t> due{77};
        std::vector<uint32_t> expected{77};
        m_wheel.Take(tick, due);
        const auto [first, last] = m_oracle.equal_range(tick);
        for (auto i = first; i != last; ++i)
        {
            expected.push_back(i->second);
        }
        m_oracle.erase(first, last);
        m_now = tick + 1;
        NS_TEST_ASSERT_MSG_EQ((due == expected), true, "in order, appended, at tick " << tick);
        NS_TEST_ASSERT_MSG_EQ(m_wheel.Size(), m_oracle.size(), "Size");
    }

    void
    DoRun() override
    {
        NS_TEST_ASSERT_MSG_EQ(m_wheel.NextTick(), IntWheel::NO_TICK, "nothing is pending");
        Random random(1, 2, 3);
        for (uint32_t round = 0; round < 30000; round++)
        {
            Push(random, round % 1000 == 0 ? 3000 : 8);
            if (m_oracle.empty())
            {
                NS_TEST_ASSERT_MSG_EQ(m_wheel.NextTick(), IntWheel::NO_TICK, "empty");
                continue;
            }
            const uint64_t first = m_oracle.begin()->first;
            NS_TEST_ASSERT_MSG_EQ(m_wheel.NextTick(), first, "the first one");
            Take(random.Below(4) == 0 ? m_now + random.Below(first - m_now + 1) : first);
        }
        while (m_wheel.Size() > 0)
        {
            Take(m_wheel.NextTick());
        }
        NS_TEST_ASSERT_MSG_EQ(m_oracle.size(), 0, "all taken");
    }

    IntWheel m_wheel;
    std::multimap<uint64_t, uint32_t> m_oracle;
    uint64_t m_now{0};
    uint32_t m_pushed{0};
};

/// The memory of entries that were taken is used again.
class WheelMemoryCase : public TestCase
{
  public:
    WheelMemoryCase()
        : TestCase("the wheel uses its memory again")
    {
    }

  private:
    /// Counts those that the wheel makes ready for later use.
    struct Slot
    {
        Slot()
        {
            made++;
        }

        inline static uint64_t made{0};
        uint64_t number{0};
    };

    /// @param wheel gets and gives as many entries as it did before @param now first tick of them
    static void
    Turn(fanout::Wheel<Slot>& wheel, uint64_t now)
    {
        std::vector<Slot> due;
        for (uint64_t i = 0; i < PUSHED; i++)
        {
            wheel.Push(now + i * 3, Slot());
        }
        while (wheel.Size() > 0)
        {
            wheel.Take(wheel.NextTick(), due);
        }
    }

    static constexpr uint64_t PUSHED = 20000; ///< entries of a turn

    void
    DoRun() override
    {
        // Turns begin at the same place of the ring.
        const uint64_t distance = 8 * IntWheel::SLOTS;
        fanout::Wheel<Slot> wheel;
        Turn(wheel, 4 * distance);
        Turn(wheel, 5 * distance);
        const uint64_t first = Slot::made;
        for (uint64_t turn = 6; turn < 9; turn++)
        {
            Turn(wheel, turn * distance);
        }
        NS_TEST_ASSERT_MSG_EQ(Slot::made - first, 3 * PUSHED, "no more memory than before");
    }
};

/// The set of places against std::set, from three inline places to a table and back.
class PlaceSetCase : public TestCase
{
  public:
    PlaceSetCase()
        : TestCase("the set of places against std::set")
    {
    }

  private:
    void
    Check(const PlaceSet& set, const std::set<uint32_t>& oracle)
    {
        const std::vector<uint32_t> all(oracle.begin(), oracle.end());
        NS_TEST_ASSERT_MSG_EQ((set.GetAll() == all), true, "all, ascending");
        NS_TEST_ASSERT_MSG_EQ(set.GetN(), oracle.size(), "how many");
    }

    void
    DoRun() override
    {
        NS_TEST_ASSERT_MSG_EQ(sizeof(PlaceSet), 32, "small while small");
        Random random(4, 5, 6);
        for (const uint32_t range : {5, 12, 300, 100000})
        {
            PlaceSet set;
            std::set<uint32_t> oracle;
            for (uint32_t i = 0; i < 30000; i++)
            {
                // Neighbours, as in a cloud, and second listeners from 2^31 on.
                const uint32_t place = random.Below(range) | random.Below(2) << 31;
                const bool grow = random.Below(10000) < (i / 10000 % 2 == 0 ? 6000u : 4000u);
                const bool changed = grow ? set.Insert(place) : set.Erase(place);
                const bool expected = grow ? oracle.insert(place).second : oracle.erase(place) > 0;
                NS_TEST_ASSERT_MSG_EQ(changed, expected, "whether it was there");
                const uint32_t other = random.Below(range);
                NS_TEST_ASSERT_MSG_EQ(set.Has(other), (oracle.count(other) > 0), "Has");
                if (i % 1000 == 0)
                {
                    Check(set, oracle);
                }
                if (i == 25000)
                {
                    set.Clear();
                    oracle.clear();
                }
            }
            Check(set, oracle);
        }
    }
};

/// Keys: 64 bits of a stream, the same for the same stream.
class KeyCase : public TestCase
{
  public:
    KeyCase()
        : TestCase("keys")
    {
    }

  private:
    void
    DoRun() override
    {
        uint64_t bits = 0;
        std::set<uint64_t> keys;
        for (int64_t stream = 0; stream < 100; stream++)
        {
            const uint64_t key = fanout::DrawKey(stream);
            const auto draws = CreateObject<UniformRandomVariable>();
            draws->SetStream(stream);
            NS_TEST_ASSERT_MSG_EQ(fanout::DrawKey(draws), key, "from its begin");
            NS_TEST_ASSERT_MSG_NE(fanout::DrawKey(draws), key, "and on");
            bits |= key;
            keys.insert(key);
        }
        NS_TEST_ASSERT_MSG_EQ(bits, ~uint64_t{0}, "each bit is drawn");
        NS_TEST_ASSERT_MSG_EQ(keys.size(), 100, "all differ");
    }
};

/// One delay for all.
class ConstantLatencyCase : public TestCase
{
  public:
    ConstantLatencyCase()
        : TestCase("constant latency")
    {
    }

  private:
    void
    DoRun() override
    {
        const auto model = CreateObject<FanoutConstantLatency>();
        NS_TEST_ASSERT_MSG_EQ(model->GetDelay(0, 1), 50000000, "the default");
        model->SetAttribute("Delay", TimeValue(NanoSeconds(1234567)));
        NS_TEST_ASSERT_MSG_EQ(model->GetDelay(7, 3), 1234567, "what was set");
        NS_TEST_ASSERT_MSG_EQ(model->GetDelay(3, 3), 1234567, "any two hosts");
        NS_TEST_ASSERT_MSG_EQ(model->AssignStreams(5), 0, "draws nothing");
    }
};

/// Between regions: symmetric, fixed for a pair, of the matrix's means and the wanted spread.
class RegionLatencyCase : public TestCase
{
  public:
    RegionLatencyCase()
        : TestCase("latency by region")
    {
    }

  private:
    static constexpr uint32_t HOSTS = 150; ///< of each region

    static Ptr<FanoutRegionLatency>
    Make(int64_t stream)
    {
        const auto model = CreateObject<FanoutRegionLatency>();
        NS_ABORT_UNLESS(model->AssignStreams(stream) == 1);
        for (uint32_t i = 0; i < fanout::REGIONS * HOSTS; i++)
        {
            model->SetRegion(i, static_cast<fanout::Region>(i % fanout::REGIONS));
        }
        return model;
    }

    void
    CheckPair(const FanoutRegionLatency& model, uint32_t a, uint32_t b)
    {
        const double mean =
            fanout::RoundTripMs(static_cast<fanout::Region>(a), static_cast<fanout::Region>(b)) /
            2 * 1e6;
        double sum = 0;
        double logs = 0;
        double squares = 0;
        double n = 0;
        for (uint32_t i = a; i < fanout::REGIONS * HOSTS; i += fanout::REGIONS)
        {
            for (uint32_t j = b; j < fanout::REGIONS * HOSTS; j += fanout::REGIONS)
            {
                if (i == j)
                {
                    continue;
                }
                const int64_t delay = model.GetDelay(i, j);
                NS_TEST_ASSERT_MSG_EQ(model.GetDelay(j, i), delay, "the same both ways");
                const double log = std::log(static_cast<double>(delay) / mean);
                sum += static_cast<double>(delay);
                logs += log;
                squares += log * log;
                n++;
            }
        }
        NS_TEST_ASSERT_MSG_EQ_TOL(sum / n, mean, 0.01 * mean, "mean of " << a << "-" << b);
        const double sigma = std::sqrt(squares / n - logs / n * logs / n);
        NS_TEST_ASSERT_MSG_EQ_TOL(sigma, fanout::PAIR_SIGMA, 0.05 * fanout::PAIR_SIGMA, "sigma");
    }

    void
    DoRun() override
    {
        const auto model = Make(3);
        for (uint32_t a = 0; a < fanout::REGIONS; a++)
        {
            for (uint32_t b = a; b < fanout::REGIONS; b++)
            {
                CheckPair(*model, a, b);
            }
        }
        NS_TEST_ASSERT_MSG_EQ((model->GetRegion(1 << 30) == fanout::Region::NA), true, "not told");
        const auto same = Make(3);
        const auto other = Make(4);
        uint32_t equal = 0;
        for (uint32_t i = 1; i < 1000; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(same->GetDelay(0, i), model->GetDelay(0, i), "same stream");
            equal += other->GetDelay(0, i) == model->GetDelay(0, i) ? 1 : 0;
        }
        NS_TEST_ASSERT_MSG_LT(equal, 10, "another stream, other pairs");
        model->SetAttribute("Sigma", DoubleValue(0));
        NS_TEST_ASSERT_MSG_EQ_TOL(model->GetDelay(0, fanout::REGIONS),
                                  22e6,
                                  1,
                                  "half of 44 ms within NA");
    }
};

/// The suite.
class FanoutCloudPartsTestSuite : public TestSuite
{
  public:
    FanoutCloudPartsTestSuite()
        : TestSuite("fanout-cloud-parts")
    {
        AddTestCase(new WheelCase);
        AddTestCase(new WheelMemoryCase);
        AddTestCase(new PlaceSetCase);
        AddTestCase(new KeyCase);
        AddTestCase(new ConstantLatencyCase);
        AddTestCase(new RegionLatencyCase);
    }
};

FanoutCloudPartsTestSuite g_fanoutCloudPartsTestSuite;

} // namespace
