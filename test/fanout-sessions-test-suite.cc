/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-application.h"
#include "fanout-test-tools.h"

#include "ns3/application-container.h"
#include "ns3/fanout-presence.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-schedule.h"
#include "ns3/fanout-workload.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// A share of times, by seconds.
using Law = std::function<double(double)>;

/// @param draw a time by a number in [0, 1) @return many times, in seconds, ascending
std::vector<double>
DrawMany(const std::function<Time(double)>& draw)
{
    fanout::Random random(5, 6, 7);
    std::vector<double> times;
    for (int i = 0; i < 20000; i++)
    {
        times.push_back(draw(random.Uniform()).GetSeconds());
    }
    std::sort(times.begin(), times.end());
    return times;
}

/// @param times ascending @param law what they should follow
/// @return the distance of Kolmogorov and Smirnov
double
Distance(const std::vector<double>& times, const Law& law)
{
    double most = 0;
    const auto n = static_cast<double>(times.size());
    for (std::size_t i = 0; i < times.size(); i++)
    {
        const double share = law(times[i]);
        most = std::max({most,
                         std::abs(share - static_cast<double>(i) / n),
                         std::abs(share - static_cast<double>(i + 1) / n)});
    }
    return most;
}

/// @param times any @return their mean
double
Mean(const std::vector<double>& times)
{
    double sum = 0;
    for (const double time : times)
    {
        sum += time;
    }
    return sum / static_cast<double>(times.size());
}

/// Lengths and what is left of them follow their laws.
class LawsTestCase : public TestCase
{
  public:
    LawsTestCase()
        : TestCase("sessions: laws of lengths")
    {
    }

  private:
    static constexpr double ALLOWED = 0.0115; ///< of 20000 draws, at the level of 1 %

    /// @param law of lengths @param scale of it, seconds @param shape of it
    void
    Check(const FanoutWeibull& law, double scale, double shape)
    {
        NS_TEST_EXPECT_MSG_EQ_TOL(law.GetScale(), scale, scale * 1e-3, "scale");
        const auto survives = [&](double x) { return std::exp(-std::pow(x / scale, shape)); };
        const auto lengths = DrawMany([&](double u) { return law.Quantile(u); });
        NS_TEST_EXPECT_MSG_LT(Distance(lengths, [&](double x) { return 1 - survives(x); }),
                              ALLOWED,
                              "lengths");
        const double mean = law.mean.GetSeconds();
        NS_TEST_EXPECT_MSG_EQ_TOL(Mean(lengths), mean, mean * 0.06, "mean length");
        const double median = scale * std::pow(std::log(2), 1 / shape);
        NS_TEST_EXPECT_MSG_EQ_TOL(lengths[10000], median, median * 0.05, "median length");

        // What is left has the density survives(x) / mean; its integral, in steps of a draw.
        const auto rests = DrawMany([&](double u) { return law.ResidualQuantile(u); });
        double at = 0;
        double sum = 0;
        const Law integral = [&](double x)
        {
            if (x < at)
            {
                at = sum = 0;
            }
            const double step = (x - at) / 32;
            for (int i = 0; i < 32; i++)
            {
                sum += step * survives(at + step * (i + 0.5)) / mean;
            }
            at = x;
            return sum;
        };
        NS_TEST_EXPECT_MSG_LT(Distance(rests, integral), ALLOWED, "what is left");
        NS_TEST_EXPECT_MSG_GT(Mean(rests), mean * (shape < 1 ? 1.3 : 0.0), "long ones are met");
    }

    void
    DoRun() override
    {
        const auto kad = FanoutSessionLaws::Kad(Minutes(247.0));
        Check(kad.on, 169.54 * 60, 0.61511);
        Check(kad.off, 413.68 * 60, 0.47648);
        NS_TEST_EXPECT_MSG_EQ_TOL(kad.GetPresentShare(), 0.213, 0.002, "present in KAD");
        NS_TEST_EXPECT_MSG_EQ_TOL(kad.on.Quantile(0.16).GetSeconds(), 600, 60, "16 % below 10 min");
        const auto quick = FanoutSessionLaws::Kad(Seconds(60));
        NS_TEST_EXPECT_MSG_EQ_TOL(quick.GetPresentShare(), 0.213, 0.002, "whatever the clock");
        Check({Seconds(10), 1}, 10, 1);
        Check({Seconds(10), 3}, 10 / std::tgamma(4.0 / 3), 3);
    }
};

/// A day has its period, its peak and its mean.
class DayTestCase : public TestCase
{
  public:
    DayTestCase()
        : TestCase("sessions: days")
    {
    }

  private:
    void
    DoRun() override
    {
        const FanoutDay none;
        NS_TEST_EXPECT_MSG_EQ(none.Measure(Seconds(3), Seconds(4)), Seconds(4), "no day");
        NS_TEST_EXPECT_MSG_EQ(none.Stretch(Seconds(3), Seconds(4)), Seconds(4), "no day");
        const FanoutDay day(Seconds(100), 5);
        NS_TEST_EXPECT_MSG_EQ_TOL(day.GetRate(Seconds(50)) / day.GetRate(Seconds(100)),
                                  5,
                                  1e-9,
                                  "peak by trough");
        NS_TEST_EXPECT_MSG_EQ_TOL(day.Measure(Seconds(13), Seconds(300)).GetSeconds(),
                                  300,
                                  1e-6,
                                  "whole days");
        double sum = 0;
        for (double at = 20.005; at < 70; at += 0.01)
        {
            sum += 0.01 * day.GetRate(Seconds(at));
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(day.Measure(Seconds(20), Seconds(50)).GetSeconds(),
                                  sum,
                                  0.01,
                                  "the rate's sum");
        for (const double at : {0.0, 10.0, 49.0, 99.0, 1234.5})
        {
            for (const double amount : {0.0, 0.001, 7.0, 50.0, 1000.0})
            {
                const auto time = day.Stretch(Seconds(at), Seconds(amount));
                NS_TEST_EXPECT_MSG_EQ_TOL(day.Measure(Seconds(at), time).GetSeconds(),
                                          amount,
                                          1e-6,
                                          "one is the other's inverse, " << at << " " << amount);
            }
        }
        const auto says = [&](const std::string& error)
        { NS_TEST_EXPECT_MSG_EQ(Contains(error, "allowed are a period above 0"), true, error); };
        says(ErrorOf([] { FanoutDay(Time(0), 2); }));
        says(ErrorOf([] { FanoutDay(Seconds(1), 0.5); }));
    }
};

/// A root and subscribers without a protocol.
struct Audience
{
    NodeContainer nodes;                     ///< one each
    ApplicationContainer applications;       ///< all
    std::vector<Ptr<TestApplication>> peers; ///< all, the root first

    /// @param n how many
    explicit Audience(uint32_t n)
        : nodes(n)
    {
        for (uint32_t i = 0; i < n; i++)
        {
            auto peer = CreateObject<TestApplication>();
            peer->SetTransport(CreateObject<TestTransport>());
            peer->SetLocal(InetSocketAddress(Ipv4Address(0x0a000001 + i), 4001));
            peer->SetRole(i == 0 ? FanoutRole::ROOT : FanoutRole::LEAF);
            nodes.Get(i)->AddApplication(peer);
            applications.Add(peer);
            peers.push_back(peer);
        }
    }

    /// @return how many subscribers are there
    uint32_t
    CountPresent() const
    {
        return std::count_if(peers.begin() + 1,
                             peers.end(),
                             [](const auto& peer) { return peer->IsOnline() && peer->joined; });
    }

    /// @param call one of the peers' calls @return its times, of all subscribers, ascending
    std::vector<double>
    TimesOf(const std::string& call) const
    {
        std::vector<double> times;
        for (std::size_t i = 1; i < peers.size(); i++)
        {
            for (std::size_t j = 0; j < peers[i]->calls.size(); j++)
            {
                if (peers[i]->calls[j] == call)
                {
                    times.push_back(static_cast<double>(peers[i]->callTimes[j]) / 1e6);
                }
            }
        }
        std::sort(times.begin(), times.end());
        return times;
    }
};

/// Subscribers come and go in steady state from the start, by every kind.
class SteadyTestCase : public TestCase
{
  public:
    SteadyTestCase()
        : TestCase("sessions: steady state, by every kind")
    {
    }

  private:
    static constexpr uint32_t PEERS = 901; ///< with the root

    /// @param kind how they go @param stream of the draws @return share present, each second
    std::vector<double>
    Play(FanoutChurn kind, int64_t stream)
    {
        Audience audience(PEERS);
        FanoutWorkload load(audience.applications);
        NS_TEST_EXPECT_MSG_EQ(load.AssignStreams(stream), 3, "streams");
        FanoutSessionLaws laws;
        laws.on.mean = Seconds(10);
        laws.off.mean = Seconds(20);
        load.Sessions(kind, laws);
        std::vector<double> shares;
        for (int second = 0; second < 100; second++)
        {
            fanout::Schedule(Seconds(second + 0.5),
                             [&]
                             {
                                 const auto present = audience.CountPresent();
                                 NS_TEST_EXPECT_MSG_EQ(present, load.GetPresent(), "counted");
                                 shares.push_back(present / (PEERS - 1.0));
                             });
        }
        Simulator::Stop(Seconds(100));
        Simulator::Run();
        // A subscriber ends a session every 30 s in the mean.
        NS_TEST_EXPECT_MSG_EQ_TOL(load.GetChurned() / (PEERS - 1.0), 100.0 / 30, 0.35, "sessions");
        const auto left = audience.TimesOf(kind == FanoutChurn::Leave ? "leave" : "stop").size();
        const bool leaves = kind == FanoutChurn::Leave || kind == FanoutChurn::Process;
        NS_TEST_EXPECT_MSG_EQ(left, (leaves ? load.GetChurned() : 0), "how they go");
        NS_TEST_EXPECT_MSG_EQ(load.GetChurnTimes().empty(), true, "no bursts");
        NS_TEST_EXPECT_MSG_EQ(audience.peers[0]->joined, true, "never the root");
        Simulator::Destroy();
        return shares;
    }

    void
    DoRun() override
    {
        const auto leave = Play(FanoutChurn::Leave, 10);
        const auto mean = [](auto first, auto last)
        { return Mean(std::vector<double>(first, last)); };
        // Without what is left of a session in steady state, the first seconds would differ most.
        NS_TEST_EXPECT_MSG_EQ_TOL(leave[0], 1.0 / 3, 0.05, "at the start");
        NS_TEST_EXPECT_MSG_EQ_TOL(mean(leave.begin(), leave.begin() + 10), 1.0 / 3, 0.04, "early");
        NS_TEST_EXPECT_MSG_EQ_TOL(mean(leave.begin() + 20, leave.end()), 1.0 / 3, 0.04, "later");
        NS_TEST_EXPECT_MSG_EQ((Play(FanoutChurn::Leave, 10) == leave), true, "same stream");
        NS_TEST_EXPECT_MSG_EQ((Play(FanoutChurn::Leave, 20) == leave), false, "another stream");
        for (const auto kind : {FanoutChurn::Process, FanoutChurn::Link, FanoutChurn::Notified})
        {
            NS_TEST_EXPECT_MSG_EQ((Play(kind, 10) == leave), true, "the same whatever the kind");
        }
    }
};

/// Joins and sessions follow a day; nobody moves after the last message; a crowd comes later.
class ArrivalsTestCase : public TestCase
{
  public:
    ArrivalsTestCase()
        : TestCase("sessions: arrivals")
    {
    }

  private:
    /// @param times ascending @param from @param to seconds @return how many lie there
    static double
    CountIn(const std::vector<double>& times, double from, double to)
    {
        return static_cast<double>(std::lower_bound(times.begin(), times.end(), to) -
                                   std::lower_bound(times.begin(), times.end(), from));
    }

    /// @param days of 100 s that joins are spread over
    void
    CheckJoins(int days)
    {
        Audience audience(1001);
        FanoutWorkload load(audience.applications);
        load.AssignStreams(4);
        load.Day(Seconds(100), 9);
        load.JoinSpread(Seconds(100 * days), Seconds(7));
        Simulator::Stop(Seconds(1000));
        Simulator::Run();
        const auto joins = audience.TimesOf("join");
        NS_TEST_EXPECT_MSG_EQ(joins.size(), 1000, "all join");
        NS_TEST_EXPECT_MSG_EQ_TOL(joins.front(), 7, 1e-6, "from the start");
        NS_TEST_EXPECT_MSG_LT(joins.back(), 7 + 100 * days, "within the window");
        const FanoutDay day(Seconds(100), 9);
        for (int i = 0; i < 10 * days; i++)
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(CountIn(joins, 7 + 10 * i, 17 + 10 * i),
                                      10.0 / days *
                                          day.Measure(Seconds(10 * i), Seconds(10)).GetSeconds(),
                                      2,
                                      "tenth " << i << " of a day");
        }
        Simulator::Destroy();
    }

    void
    CheckSessions()
    {
        Audience audience(1001);
        FanoutWorkload load(audience.applications);
        load.AssignStreams(4);
        load.Day(Seconds(100), 9);
        load.Publish(1, 10, 300, Seconds(1)); // the last one at 300 s
        FanoutSessionLaws laws{{Seconds(5), 1}, {Seconds(10), 1}};
        load.Sessions(FanoutChurn::Leave, laws);
        Simulator::Stop(Seconds(1000));
        Simulator::Run();
        const auto joins = audience.TimesOf("join");
        const auto leaves = audience.TimesOf("leave");
        NS_TEST_EXPECT_MSG_LT(leaves.back(), 300.0001, "nobody goes after the last message");
        NS_TEST_EXPECT_MSG_LT(joins.back(), 300.0001, "nobody comes after the last message");
        NS_TEST_EXPECT_MSG_GT(leaves.back(), 299, "until then they do");
        const double trough = CountIn(joins, 90, 110) + CountIn(joins, 190, 210);
        const double peak = CountIn(joins, 140, 160) + CountIn(joins, 240, 260);
        NS_TEST_EXPECT_MSG_GT(peak / trough, 3, "more begin at the peak");
        Simulator::Destroy();
    }

    void
    CheckCrowd()
    {
        Audience audience(101);
        ApplicationContainer first;
        ApplicationContainer crowd;
        for (uint32_t i = 0; i < 101; i++)
        {
            (i <= 20 ? first : crowd).Add(audience.applications.Get(i));
        }
        FanoutWorkload load(first);
        load.JoinSpread(Seconds(1));
        FanoutWorkload flash(crowd);
        flash.JoinSpread(MilliSeconds(800), Seconds(10));
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        const auto joins = audience.TimesOf("join");
        NS_TEST_EXPECT_MSG_EQ(CountIn(joins, 0, 1), 20, "the first");
        NS_TEST_EXPECT_MSG_EQ(CountIn(joins, 10, 10.8), 80, "the crowd");
        Simulator::Destroy();
    }

    void
    CheckErrors()
    {
        Audience audience(3);
        FanoutWorkload load(audience.applications);
        const auto says = [&](const std::string& error, const std::string& part)
        { NS_TEST_EXPECT_MSG_EQ(Contains(error, part), true, "'" << error << "' lacks " << part); };
        FanoutSessionLaws laws;
        laws.on.mean = Time(0);
        says(ErrorOf([&] { load.Sessions(FanoutChurn::Leave, laws); }), "a mean above 0");
        laws = {};
        laws.off.shape = 0.1;
        says(ErrorOf([&] { load.Sessions(FanoutChurn::Leave, laws); }), "a shape from 0.2 to 10");
        laws = {};
        load.Sessions(FanoutChurn::Leave, laws);
        says(ErrorOf([&] { load.Sessions(FanoutChurn::Leave, laws); }), "once");
        says(ErrorOf([&] { load.JoinSpread(Seconds(1)); }), "called before");
        load.Publish(1, 1, 1, Seconds(1));
        says(ErrorOf([&] { load.Churn(FanoutChurn::Leave, Seconds(1), Seconds(1), 0.1); }),
             "without Sessions");
        Simulator::Destroy();
    }

    void
    DoRun() override
    {
        CheckJoins(1);
        CheckJoins(2);
        CheckSessions();
        CheckCrowd();
        CheckErrors();
    }
};

/// A message is due at those present when it is published, once.
class PresenceTestCase : public TestCase
{
  public:
    PresenceTestCase()
        : TestCase("sessions: what those present get")
    {
    }

  private:
    /// @param presence hears of it @param seq of a message
    static void
    Publish(const Ptr<FanoutPresence>& presence, uint32_t seq)
    {
        fanout::PublishEvent event;
        event.seq = seq;
        presence->NotePublish(event);
    }

    /// @param presence hears of it @param self who gets it @param seq of a message
    static void
    Deliver(const Ptr<FanoutPresence>& presence, uint32_t self, uint32_t seq)
    {
        fanout::DeliverEvent event;
        event.self = self;
        event.seq = seq;
        presence->NoteDeliver(event);
    }

    void
    DoRun() override
    {
        Audience audience(5);
        const auto& peers = audience.peers;
        const auto presence = CreateObject<FanoutPresence>();
        for (const auto& peer : peers)
        {
            presence->AddPeer(peer);
        }
        fanout::Schedule(Seconds(1),
                         [&]
                         {
                             const auto self = [&](uint32_t i) { return peers[i]->GetIndex(); };
                             Publish(presence, 0); // due at 4
                             peers[1]->GetTransport()->SetOnline(false);
                             peers[2]->Leave();
                             Publish(presence, 1); // due at 3 and 4
                             Publish(presence, 1); // told twice
                             for (const uint32_t i : {1, 2, 3, 3})
                             {
                                 Deliver(presence, self(i), 0); // 3 of 4
                             }
                             Deliver(presence, self(2), 1); // not due there
                             Deliver(presence, self(4), 1); // 1 of 2
                             Deliver(presence, self(4), 7); // never published
                             Deliver(presence, self(0), 0); // the root
                             Deliver(presence, 1000000, 0); // a stranger
                         });
        Simulator::Stop(Seconds(2));
        Simulator::Run();
        FanoutReport report;
        presence->Report(report);
        NS_TEST_EXPECT_MSG_EQ(report.Get("expectedOnline"), 6, "due");
        NS_TEST_EXPECT_MSG_EQ(report.Get("deliveredOnline"), 4, "delivered");
        NS_TEST_EXPECT_MSG_EQ_TOL(report.Get("deliveredOnlinePct"), 400.0 / 6, 1e-9, "percent");
        NS_TEST_EXPECT_MSG_EQ(report.Get("onlineLeast"), 2, "present");
        NS_TEST_EXPECT_MSG_EQ(report.Get("onlineMost"), 4, "present");
        NS_TEST_EXPECT_MSG_EQ(report.Get("onlineSwing"), 2, "present");
        FanoutReport nothing;
        CreateObject<FanoutPresence>()->Report(nothing);
        NS_TEST_EXPECT_MSG_EQ(std::isnan(nothing.Get("deliveredOnlinePct")), true, "no message");
        presence->Dispose();
        Simulator::Destroy();
    }
};

/// Sessions, days and presence.
class SessionsTestSuite : public TestSuite
{
  public:
    SessionsTestSuite()
        : TestSuite("fanout-sessions")
    {
        AddTestCase(new LawsTestCase);
        AddTestCase(new DayTestCase);
        AddTestCase(new SteadyTestCase);
        AddTestCase(new ArrivalsTestCase);
        AddTestCase(new PresenceTestCase);
    }
};

SessionsTestSuite g_sessionsTestSuite; ///< registers itself

} // namespace
