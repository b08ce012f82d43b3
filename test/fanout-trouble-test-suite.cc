/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

#include "ns3/data-rate.h"
#include "ns3/fanout-recovery.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-trouble.h"
#include "ns3/fanout-workload.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// Frames vanish, come twice or late, by kind and pair, whatever carries them.
class FaultsCase : public TransportCase
{
  public:
    explicit FaultsCase(Carrier carrier)
        : TransportCase("frames between two peers", carrier)
    {
    }

  private:
    /// Frames of a kind that b got.
    uint32_t
    Count(fanout::Kind kind) const
    {
        uint32_t count = 0;
        for (const auto& [link, frame] : b.received)
        {
            count += frame->Kind() == static_cast<uint8_t>(kind) ? 1 : 0;
        }
        return count;
    }

    void
    AddRules(const Ptr<FanoutFaults>& faults) const
    {
        const auto fromA = [this](uint32_t from, uint32_t)
        { return from == a.transport->GetLocalEndpoint().ip; };
        FanoutFaults::Rule kicks;
        kicks.between = fromA;
        kicks.kinds.set(static_cast<std::size_t>(fanout::Kind::KICK));
        kicks.lose = 1;
        kicks.end = Seconds(5);
        faults->Add(kicks);
        FanoutFaults::Rule data;
        data.between = fromA;
        data.kinds.set(static_cast<std::size_t>(fanout::Kind::DATA));
        data.twice = 1;
        data.late = MilliSeconds(500);
        faults->Add(data);
    }

    void
    Check() override
    {
        const auto faults = Create<FanoutFaults>();
        faults->AssignStreams(7);
        AddRules(faults);
        b.transport->SetFaults(faults);
        const auto fromA = a.DialTo(b);
        const auto fromC = c.DialTo(b);
        a.Send(fromA, fanout::Kind::KICK, 1);
        c.Send(fromC, fanout::Kind::KICK, 2);
        a.Send(fromA, CONTROL, 3);
        a.Send(fromA, fanout::Kind::DATA, 4);
        c.Send(fromC, fanout::Kind::DATA, 5);
        At(0.015, [this] { m_early = Count(fanout::Kind::DATA); });
        At(5, [&, this] { a.Send(fromA, fanout::Kind::KICK, 6); });
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(Count(fanout::Kind::KICK), 2, "c's, and a's after the end");
        NS_TEST_ASSERT_MSG_EQ(Count(CONTROL), 1, "no rule is about it");
        NS_TEST_ASSERT_MSG_EQ(m_early, 1, "only c's message is not late");
        NS_TEST_ASSERT_MSG_EQ(Count(fanout::Kind::DATA), 3, "a's came twice");
        NS_TEST_ASSERT_MSG_EQ(faults->GetCounters().lost, 1, "and not sent again");
        NS_TEST_ASSERT_MSG_EQ(faults->GetCounters().twice, 1, "");
        NS_TEST_ASSERT_MSG_EQ(faults->GetCounters().late, 2, "");
    }

    uint32_t m_early{0};
};

/// What rules and fractions are refused.
class RefusedCase : public TestCase
{
  public:
    RefusedCase()
        : TestCase("bad rules and fractions are refused")
    {
    }

  private:
    static bool
    Throws(const std::function<void()>& call)
    {
        try
        {
            call();
        }
        catch (const std::invalid_argument&)
        {
            return true;
        }
        return false;
    }

    void
    DoRun() override
    {
        const auto faults = Create<FanoutFaults>();
        FanoutFaults::Rule rule;
        rule.lose = 1.5;
        NS_TEST_ASSERT_MSG_EQ(Throws([&] { faults->Add(rule); }), true, "a probability of 1.5");
        rule.lose = 0;
        rule.late = Seconds(-1);
        NS_TEST_ASSERT_MSG_EQ(Throws([&] { faults->Add(rule); }), true, "before it was sent");
        FanoutTrouble trouble{ApplicationContainer()};
        NS_TEST_ASSERT_MSG_EQ(Throws([&] { trouble.Crash(FanoutRole::RELAY, 2); }), true, "");
        NS_TEST_ASSERT_MSG_EQ(Throws([&] { trouble.SlowRelays(0.5, 0); }), true, "no rate");
        NS_TEST_ASSERT_MSG_EQ(trouble.Crash(FanoutRole::RELAY, 1), 0, "nobody is there");
        Simulator::Destroy();
    }
};

/// A channel of 40 on a cloud, to which something happens 3 s into the stream.
class TroubleCase : public TestCase
{
  public:
    using What = std::function<uint32_t(FanoutTrouble&)>; ///< what happens, and whom it met

    TroubleCase(
        const std::string& name, What what, uint32_t met, bool disturbs, bool loosens, bool whole)
        : TestCase(name),
          m_what(std::move(what)),
          m_met(met),
          m_disturbs(disturbs),
          m_loosens(loosens),
          m_whole(whole)
    {
    }

  private:
    void
    DoRun() override
    {
        FanoutCloudHelper cloud;
        cloud.AssignStreams(10);
        FanoutTreeHelper tree("trouble");
        tree.SetTransport("ns3::FanoutCloudTransport");
        tree.SetSigning("mock");
        tree.SetRoot("MaxChildren", UintegerValue(4));
        tree.SetRelay("MaxChildren",
                      UintegerValue(6),
                      "UploadRate",
                      DataRateValue(DataRate("20Mbps")));
        tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(0.5));
        tree.SetAddresses([&](uint32_t i) { return cloud.GetAddress(i); });
        const auto apps = tree.Install(cloud.Create(42));
        tree.AssignStreams(apps, 20);
        FanoutWorkload load(apps);
        load.Publish(20, 100, 300, Seconds(2));
        const auto recovery = CreateObject<FanoutRecovery>();
        for (uint32_t i = 0; i < apps.GetN(); i++)
        {
            recovery->AddPeer(DynamicCast<FanoutApplication>(apps.Get(i)));
        }
        FanoutTrouble trouble(apps);
        trouble.AssignStreams(30);
        uint32_t met = 0;
        At(5,
           [&]
           {
               recovery->Begin();
               met = m_what(trouble);
           });
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        FanoutReport report;
        recovery->Report(report);
        recovery->Dispose();
        Simulator::Destroy();
        Judge(met, report);
    }

    void
    Judge(uint32_t met, const FanoutReport& report)
    {
        const auto after = report.Get("wholeAfterMs");
        NS_TEST_ASSERT_MSG_EQ(met, m_met, "whom it met");
        NS_TEST_ASSERT_MSG_EQ(report.Get("faultAtMs"), 5000, "");
        NS_TEST_ASSERT_MSG_EQ((report.Get("survivorsDisturbed") > 0), m_disturbs, "");
        NS_TEST_ASSERT_MSG_EQ(std::isnan(after), !m_whole, "whole in the end");
        NS_TEST_ASSERT_MSG_EQ((after > 0), (m_disturbs && m_whole), "and not at once");
        NS_TEST_ASSERT_MSG_EQ((report.Get("survivorsDeliveredPct") == 100), m_whole, "");
        NS_TEST_ASSERT_MSG_EQ((report.Get("loosePeak") > 0), m_loosens, "who lost its path");
        NS_TEST_ASSERT_MSG_GT(report.Get("trackerEntriesPeak"), 10, "the relays");
        NS_TEST_ASSERT_MSG_GT(report.Get("peerBytesPeak"), 0, "");
    }

    What m_what;
    uint32_t m_met;
    bool m_disturbs;
    bool m_loosens;
    bool m_whole;
};

/// For a second messages come up to a second late. @return 0
uint32_t
LateMessages(FanoutTrouble& trouble)
{
    FanoutFaults::Rule rule;
    rule.kinds.set(static_cast<std::size_t>(fanout::Kind::DATA));
    rule.end = Simulator::Now() + Seconds(1);
    rule.late = Seconds(1);
    trouble.GetFaults()->Add(rule);
    return 0;
}

/// The suite.
class FanoutTroubleTestSuite : public TestSuite
{
  public:
    FanoutTroubleTestSuite()
        : TestSuite("fanout-trouble")
    {
        AddTestCase(new FaultsCase(Carrier::UDP));
        AddTestCase(new FaultsCase(Carrier::CLOUD));
        AddTestCase(new RefusedCase);
        const auto forever = Seconds(1000);
        const auto add = [this](const std::string& name,
                                TroubleCase::What what,
                                uint32_t met,
                                bool disturbs,
                                bool loosens,
                                bool whole = true)
        { AddTestCase(new TroubleCase(name, std::move(what), met, disturbs, loosens, whole)); };
        add(
            "nothing",
            [](FanoutTrouble&) { return 0; },
            0,
            false,
            false);
        add(
            "deaths",
            [](auto& t) { return t.Crash(FanoutRole::RELAY, 0.5); },
            10,
            true,
            true);
        add(
            "leaves",
            [](auto& t) { return t.Leave(FanoutRole::RELAY, 0.5); },
            10,
            true,
            true);
        add(
            "the tracker dies",
            [](auto& t) { return t.CrashTrackers(1); },
            1,
            false,
            false);
        add(
            "cut",
            [](auto& t) { return t.Partition(0.25, Seconds(2)); },
            10,
            true,
            true);
        add(
            "cut off",
            [=](auto& t) { return t.Partition(0.25, forever); },
            10,
            true,
            true,
            false);
        add(
            "deaf",
            [=](auto& t) { return t.DeadenLinks(0.1, false, forever); },
            4,
            true,
            true);
        add(
            "slower",
            [](auto& t) { return t.SlowRelays(0.25, 0.5); },
            5,
            false,
            false);
        add(
            "nothing passed on",
            [=](auto& t) { return t.FreeRide(0.25, forever); },
            5,
            true,
            true);
        add("late", &LateMessages, 0, true, false);
    }
};

FanoutTroubleTestSuite g_fanoutTroubleTestSuite;

} // namespace
