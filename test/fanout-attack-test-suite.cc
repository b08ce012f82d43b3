/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

#include "ns3/data-rate.h"
#include "ns3/fanout-attack.h"
#include "ns3/fanout-cloud-transport.h"
#include "ns3/fanout-recovery.h"
#include "ns3/fanout-run.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/fanout-workload.h"
#include "ns3/uinteger.h"

#include <functional>
#include <stdexcept>
#include <string>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

using Kind = FanoutAttack::Kind;

/// What an attack came to.
struct Outcome
{
    FanoutAttack::Counters counters; ///< of the attack
    FanoutReport report;             ///< of the survivors
    fanout::Ledger ledger;           ///< of all peers
    uint32_t attackers{0};           ///< how many
};

/// @param kind what is done to a channel of 40 on a cloud, 3 s into the stream, for 4 s, by 6
/// strangers and a fifth of the relays @return what it came to
Outcome
Attack(Kind kind)
{
    FanoutCloudHelper cloud;
    cloud.AssignStreams(10);
    FanoutTreeHelper tree("attack");
    tree.SetTransport("ns3::FanoutCloudTransport");
    tree.SetSigning("mock");
    tree.SetRoot("MaxChildren", UintegerValue(6));
    tree.SetRelay("MaxChildren", UintegerValue(6), "UploadRate", DataRateValue(DataRate("20Mbps")));
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).Subscribers(40).RelayFraction(0.5));
    tree.SetAddresses([&](uint32_t i) { return cloud.GetAddress(i); });
    const auto nodes = cloud.Create(48);
    const auto apps = tree.Install(nodes);
    tree.AssignStreams(apps, 20);
    FanoutWorkload load(apps);
    load.Publish(20, 1000, 240, Seconds(2));
    const auto recovery = CreateObject<FanoutRecovery>();
    for (uint32_t i = 0; i < apps.GetN(); i++)
    {
        recovery->AddPeer(DynamicCast<FanoutApplication>(apps.Get(i)));
    }
    Outcome outcome;
    {
        FanoutAttack attack(apps);
        attack.AssignStreams(30);
        for (const auto position : tree.GetPositions(FanoutRole::IDLE))
        {
            attack.AddStranger(nodes.Get(position),
                               cloud.GetAddress(position),
                               CreateObject<FanoutCloudTransport>());
        }
        At(5,
           [&]
           {
               recovery->Begin();
               if (kind == Kind::LIES || kind == Kind::MALFORMED)
               {
                   attack.Corrupt(FanoutRole::RELAY, 0.2);
               }
               for (const auto& member : attack.GetCorrupted())
               {
                   recovery->Exclude(member);
               }
               outcome.attackers = attack.Begin(kind, 25, Seconds(4));
           });
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        outcome.counters = attack.GetCounters();
        outcome.ledger = FanoutRun::Get()->GetCommons().ledger;
        recovery->Report(outcome.report);
    }
    recovery->Dispose();
    Simulator::Destroy();
    return outcome;
}

/// The channel comes through, and is not used to multiply bytes.
class AttackCase : public TestCase
{
  public:
    AttackCase(const std::string& name, Kind kind, uint32_t attackers, double factor)
        : TestCase(name),
          m_kind(kind),
          m_attackers(attackers),
          m_factor(factor)
    {
    }

  private:
    void
    DoRun() override
    {
        const auto first = Attack(m_kind);
        NS_TEST_ASSERT_MSG_EQ(first.attackers, m_attackers, "who takes part");
        NS_TEST_ASSERT_MSG_GT_OR_EQ(first.counters.frames,
                                    70 * m_attackers,
                                    "25 a second for 4 s, but to nobody");
        NS_TEST_ASSERT_MSG_LT_OR_EQ(first.counters.frames, 101 * m_attackers, "");
        NS_TEST_ASSERT_MSG_EQ(first.report.Get("survivorsDeliveredPct"), 100, "");
        NS_TEST_ASSERT_MSG_EQ(first.report.Get("survivorsLoose"), 0, "");
        NS_TEST_ASSERT_MSG_EQ(first.report.Get("survivors"),
                              (m_kind == Kind::LIES || m_kind == Kind::MALFORMED ? 36 : 40),
                              "who means harm is none");
        const auto factor = static_cast<double>(first.counters.answerBytes) /
                            static_cast<double>(first.counters.bytes);
        NS_TEST_ASSERT_MSG_LT_OR_EQ(factor, m_factor, "bytes to strangers for one of theirs");
        CheckRefused(first.ledger);
        const auto second = Attack(m_kind);
        NS_TEST_ASSERT_MSG_EQ(second.counters.bytes, first.counters.bytes, "the same again");
        NS_TEST_ASSERT_MSG_EQ(second.counters.answerBytes, first.counters.answerBytes, "");
        NS_TEST_ASSERT_MSG_EQ(second.ledger.inputs, first.ledger.inputs, "");
    }

    void
    CheckRefused(const fanout::Ledger& ledger)
    {
        if (m_kind == Kind::FORGERIES)
        {
            NS_TEST_ASSERT_MSG_GT(ledger.badSignatures, 200, "most are seen through by their key");
            NS_TEST_ASSERT_MSG_GT(ledger.strayData, 0, "");
        }
        if (m_kind == Kind::MALFORMED)
        {
            NS_TEST_ASSERT_MSG_GT(ledger.malformed, 100, "");
        }
    }

    Kind m_kind;
    uint32_t m_attackers;
    double m_factor;
};

/// A frame under a false address: who is shown, whose link carries it, where the answer goes.
class FalseAddressCase : public TransportCase
{
  public:
    FalseAddressCase()
        : TransportCase("a false address", Carrier::CLOUD)
    {
    }

  private:
    void
    Check() override
    {
        auto* liar = &Cloud(a);
        const auto toB = b.transport->GetLocalEndpoint();
        const auto asC = c.transport->GetLocalEndpoint();
        fanout::Endpoint nobody = asC;
        nobody.ip += 1000;
        const bool sent = liar->SendAs(asC, toB, MakeFrame(CONTROL, 1, 100));
        const bool refused = !liar->SendAs(nobody, toB, MakeFrame(CONTROL, 2, 100)) &&
                             !liar->SendAs(asC, nobody, MakeFrame(CONTROL, 3, 100));
        At(1, [this] { b.Send(b.received.at(0).first, CONTROL, 4); });
        Simulator::Stop(Seconds(2));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(sent, true, "");
        NS_TEST_ASSERT_MSG_EQ(refused, true, "places that do not exist");
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(b.transport->GetRemoteEndpoint(b.received.at(0).first).ip,
                              asC.ip,
                              "the one that is claimed");
        NS_TEST_ASSERT_MSG_EQ(c.received.size(), 1, "the answer goes there");
        NS_TEST_ASSERT_MSG_EQ(a.received.size(), 0, "and not to the liar");
    }
};

/// What makes no sense is refused.
class RefusedCase : public TestCase
{
  public:
    RefusedCase()
        : TestCase("bad rates, fractions and nobody to do it")
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
        FanoutAttack attack{ApplicationContainer()};
        const auto begin = [&](Kind kind, double rate)
        { return Throws([&] { attack.Begin(kind, rate, Seconds(1)); }); };
        NS_TEST_ASSERT_MSG_EQ(begin(Kind::FLOOD, 1), true, "no strangers");
        NS_TEST_ASSERT_MSG_EQ(begin(Kind::LIES, 1), true, "nobody was corrupted");
        NS_TEST_ASSERT_MSG_EQ(begin(Kind::FLOOD, -1), true, "a rate below 0");
        NS_TEST_ASSERT_MSG_EQ(Throws([&] { attack.Corrupt(FanoutRole::RELAY, 1.1); }), true, "");
        Simulator::Destroy();
    }
};

/// The suite.
class FanoutAttackTestSuite : public TestSuite
{
  public:
    FanoutAttackTestSuite()
        : TestSuite("fanout-attack")
    {
        AddTestCase(new AttackCase("lies", Kind::LIES, 4, 0));
        AddTestCase(new AttackCase("forgeries", Kind::FORGERIES, 6, 0.1));
        AddTestCase(new AttackCase("a flood", Kind::FLOOD, 6, 10));
        AddTestCase(new AttackCase("names without peers", Kind::SYBILS, 6, 1));
        AddTestCase(new AttackCase("reflection", Kind::REFLECTION, 3, 15));
        AddTestCase(new AttackCase("malformed frames", Kind::MALFORMED, 10, 0.1));
        AddTestCase(new FalseAddressCase);
        AddTestCase(new RefusedCase);
    }
};

FanoutAttackTestSuite g_fanoutAttackTestSuite;

} // namespace
