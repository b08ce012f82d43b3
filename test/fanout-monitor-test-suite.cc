/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-fake-peer.h"

#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-monitor.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/fanout-random.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <cmath>
#include <map>
#include <set>
#include <string>

using namespace ns3;
using fanout::MILLISECOND;
using fanout::test::FakePeer;

namespace
{

/// Events made by hand, figures computed by hand. @ingroup fanout-tree-monitor-test
class FormulasTest : public TestCase
{
  public:
    FormulasTest()
        : TestCase("monitor: figures of a run made by hand")
    {
    }

  private:
    /// Make root, relay, two leaves and one that never joins.
    void
    MakePeers()
    {
        FanoutP2pHelper network;
        network.SetDegree(2);
        const auto hosts = network.Create(5);
        const FanoutRole roles[] = {FanoutRole::ROOT,
                                    FanoutRole::RELAY,
                                    FanoutRole::LEAF,
                                    FanoutRole::LEAF,
                                    FanoutRole::LEAF};
        m_monitor =
            CreateObjectWithAttributes<FanoutMonitor>("Deadline", TimeValue(MilliSeconds(100)));
        for (uint32_t i = 0; i < 5; i++)
        {
            auto peer = CreateObject<FakePeer>();
            peer->SetRole(roles[i]);
            peer->SetIndex(10 + i);
            peer->id.digest[0] = static_cast<uint8_t>(1 + i);
            hosts.Get(i)->AddApplication(peer);
            m_monitor->AddPeer(peer, i == 0 ? 10000 : i == 1 ? 5000 : 0);
            m_peers.push_back(peer);
        }
        SetStatus(0, 5, 0, 1, 2);
        SetStatus(1, 0, 1, 2, 2);
        SetStatus(2, 1, 2, 0, 0);
        SetStatus(3, 1, 2, 0, 0);
        // From the root 10 ms to the relay, 50 ms to others; 20 ms from the relay.
        m_monitor->SetDelays([](uint32_t a, uint32_t b)
                             { return a == 10 ? (b == 11 ? 10000.0 : 50000.0) : 20000.0; });
    }

    /// @param i a peer @param parent its parent, 5 for none @param level its level
    /// @param children of it @param capacity of it
    void
    SetStatus(uint32_t i, uint32_t parent, uint16_t level, uint16_t children, uint16_t capacity)
    {
        auto& status = m_peers[i]->status;
        status.open = status.attached = true;
        status.parent = parent < 5 ? m_peers[parent]->id : fanout::PeerId();
        status.level = level;
        status.children = children;
        status.capacity = capacity;
    }

    /// @param i a peer @param started when, ms @param attached when, ms, negative for never
    void
    Join(uint32_t i, int64_t started, int64_t attached)
    {
        fanout::JoinEvent event;
        event.self = 10 + i;
        event.time = started * MILLISECOND;
        event.step = fanout::JoinEvent::Step::STARTED;
        m_monitor->NoteJoin(event);
        if (attached >= 0)
        {
            event.time = attached * MILLISECOND;
            event.step = fanout::JoinEvent::Step::ATTACHED;
            m_monitor->NoteJoin(event);
        }
    }

    /// @param seq of a message @param ms when
    void
    Publish(uint32_t seq, int64_t ms)
    {
        fanout::PublishEvent event;
        event.self = 10;
        event.time = ms * MILLISECOND;
        event.seq = seq;
        event.size = 100;
        m_monitor->NotePublish(event);
    }

    /// @param i a peer @param seq of a message @param ms when @param path which way
    void
    Deliver(uint32_t i,
            uint32_t seq,
            int64_t ms,
            fanout::DeliveryPath path = fanout::DeliveryPath::TREE)
    {
        fanout::DeliverEvent event;
        event.self = 10 + i;
        event.time = ms * MILLISECOND;
        event.seq = seq;
        event.size = 100;
        event.latency = 77777777; // what the peer says is not asked
        event.path = path;
        m_monitor->NoteDeliver(event);
    }

    /// The stream, from 2 s on.
    void
    Stream()
    {
        Publish(0, 2000);
        Publish(1, 2010);
        Deliver(1, 0, 2010);
        Deliver(1, 1, 2020);
        Deliver(2, 0, 2040);
        Deliver(2, 1, 2210, fanout::DeliveryPath::REPAIR);
        Deliver(3, 0, 2060);
        Deliver(3, 0, 2070); // twice
        Deliver(3, 9, 2080); // never published
        Deliver(4, 0, 2090); // no member
        fanout::DuplicateEvent again;
        again.self = 12;
        m_monitor->NoteDuplicate(again);
    }

    /// What the peers would have counted.
    void
    Count()
    {
        auto& ledger = FanoutRun::Get()->GetCommons().ledger;
        ledger.dataPayloadBytesSent = 720;
        auto& data = ledger.Of(fanout::Kind::DATA);
        data.sends = 7;
        data.frameBytes = 727;
        data.wireBytes = 2000;
        ledger.Of(fanout::Kind::JOIN_REQ).frameBytes = 50;
        ledger.Of(fanout::Kind::JOIN_REQ).wireBytes = 300;
        ledger.Of(fanout::Kind::REPAIR_REQ).frameBytes = 25;
        ledger.Of(fanout::Kind::TRACKER_QUERY).frameBytes = 75;
        ledger.Of(fanout::Kind::LEAVE).frameBytes = 100;
        ledger.earnings = 12;
        m_peers[0]->counters.uploadMaxInSecond = 2000;
        m_peers[1]->counters.uploadMaxInSecond = 4000;
        m_peers[1]->counters.earnings = 12;
    }

    /// @param key of a figure @param value what it should be
    void
    Expect(const char* key, double value)
    {
        NS_TEST_EXPECT_MSG_EQ(m_report.Has(key), true, key << " is not in the report");
        NS_TEST_EXPECT_MSG_EQ_TOL(m_report.Get(key), value, std::abs(value) * 0.004 + 1e-9, key);
    }

    void
    DoRun() override
    {
        MakePeers();
        Join(1, 100, 300);
        Join(2, 200, 600);
        Join(3, 500, 1100);
        Join(4, 150, -1);
        Simulator::Schedule(Seconds(2), &FormulasTest::Stream, this);
        Simulator::Schedule(MilliSeconds(2050), &FormulasTest::Orphan, this);
        Simulator::Schedule(MilliSeconds(2150), &FormulasTest::Adopt, this);
        Simulator::Stop(Seconds(3));
        Simulator::Run();
        Count();
        m_monitor->SetChurn({MilliSeconds(2040)}, 1);
        m_report = m_monitor->GetReport();
        ExpectJoinAndTree();
        ExpectDelivery();
        ExpectBytes();
        m_monitor->Dispose();
        m_monitor = nullptr;
        m_peers.clear();
        Simulator::Destroy();
    }

    /// Peer 2 loses its parent.
    void
    Orphan()
    {
        m_peers[2]->status.attached = false;
        fanout::ParentEvent event;
        event.self = 12;
        event.time = 2050 * MILLISECOND;
        event.oldParent = m_peers[1]->id;
        event.cause = fanout::ParentEvent::Cause::CLOSED;
        m_monitor->NoteParent(event);
    }

    /// It finds one again.
    void
    Adopt()
    {
        m_peers[2]->status.attached = true;
        fanout::ParentEvent event;
        event.self = 12;
        event.time = 2150 * MILLISECOND;
        event.newParent = m_peers[1]->id;
        event.cause = fanout::ParentEvent::Cause::ATTACHED;
        m_monitor->NoteParent(event);
    }

    /// Join, tree and churn.
    void
    ExpectJoinAndTree()
    {
        Expect("subscriberCount", 4);
        Expect("relayCount", 1);
        Expect("joinedCount", 3);
        Expect("joinedPct", 75);
        Expect("joinMs", 1000);
        Expect("attachP50", 500);
        Expect("attachP95", 500);
        Expect("attachMax", 1000);
        Expect("attachOwnP50", 400);
        Expect("attachOwnMax", 600);
        Expect("formationTreeLevelP95", 2);
        Expect("formationStretchP95", 1);
        Expect("formationScore", 2.5);
        Expect("treeRootChildren", 1);
        Expect("maintSamples", 9);
        Expect("maintMaxOrphans", 1);
        Expect("maintOrphanArea", 0.1);
        Expect("maintRecoveryP95Ms", 160);
        Expect("maintReparentsPerMin", 60);
        Expect("maintMaxReparentsPerPeer", 1);
        Expect("reattachMax", 100);
    }

    /// Delivery and latency.
    void
    ExpectDelivery()
    {
        Expect("expected", 6);
        Expect("delivered", 5);
        Expect("deliveredPct", 500.0 / 6);
        Expect("deliveredWithinDeadline", 4);
        Expect("deliveredWithinDeadlinePct", 400.0 / 6);
        Expect("deliveredByRepair", 1);
        Expect("deliveredStray", 2);
        Expect("deliveredTooMany", 1);
        Expect("duplicates", 1);
        Expect("duplicatePct", 20);
        Expect("incompletePeers", 1);
        Expect("worstPeerPct", 50);
        Expect("latencyP50", 40);
        Expect("latencyMax", 200);
        Expect("latencyMean", 64);
        // Bounds 10, 30, 30; the root has room for two: one of the leaves may cost 30, not 50.
        Expect("latencyBoundMean", 70.0 / 3);
        Expect("latencyBoundRatioMean", 64 / (70.0 / 3));
        Expect("latencyBoundRatioP50", 2);
        Expect("latencyBoundRatioMax", 4);
    }

    /// Bytes, upload, earnings.
    void
    ExpectBytes()
    {
        Expect("overheadFactorData", 720.0 / 600);
        Expect("controlBpp", 250.0 / 500);
        Expect("trackerBpp", 75.0 / 500);
        Expect("repairBpp", 25.0 / 500);
        Expect("joinBpp", 50.0 / 500);
        Expect("wireControlBpp", 300.0 / 500);
        Expect("wireBytesTotal", 2300);
        Expect("maxUploadFracPct", 80);
        Expect("rootUploadFracPct", 20);
        Expect("earningsTotal", 12);
        Expect("earningsRelayCount", 2);
        Expect("earningsRelayMax", 12);
    }

    std::vector<Ptr<FakePeer>> m_peers; ///< by position
    Ptr<FanoutMonitor> m_monitor;       ///< under test
    FanoutReport m_report;              ///< what it says
};

/// Peers with any indices, names that look alike, leaves with children.
/// @ingroup fanout-tree-monitor-test
class NamesTest : public TestCase
{
  public:
    NamesTest()
        : TestCase("monitor: indices in any order, names that begin alike, leaves with children")
    {
    }

  private:
    /// @param index of the peer @param role of it @return a peer that has no parent yet
    Ptr<FakePeer>
    Make(uint32_t index, FanoutRole role)
    {
        auto peer = CreateObject<FakePeer>();
        peer->SetRole(role);
        peer->SetIndex(index);
        peer->id.digest[31] = static_cast<uint8_t>(index + 1);
        peer->status.open = true;
        m_monitor->AddPeer(peer, 0);
        return peer;
    }

    /// @param child gets a parent @param parent the parent @param level of the child
    void
    Attach(const Ptr<FakePeer>& child, const Ptr<FakePeer>& parent, uint16_t level)
    {
        child->status.attached = true;
        child->status.parent = parent->id;
        child->status.level = level;
        fanout::JoinEvent event;
        event.self = child->GetIndex();
        event.step = fanout::JoinEvent::Step::ATTACHED;
        m_monitor->NoteJoin(event);
    }

    /// @param index of who gets message 0
    void
    Deliver(uint32_t index)
    {
        fanout::DeliverEvent event;
        event.self = index;
        event.time = index;
        m_monitor->NoteDeliver(event);
    }

    /// @param indices of root, relay, leaf and the leaf's child, in order of AddPeer
    void
    Play(const std::vector<uint32_t>& indices)
    {
        m_monitor = CreateObject<FanoutMonitor>();
        const auto root = Make(indices[0], FanoutRole::ROOT);
        const auto relay = Make(indices[1], FanoutRole::RELAY);
        const auto leaf = Make(indices[2], FanoutRole::LEAF);
        const auto last = Make(indices[3], FanoutRole::LEAF);
        root->status.level = 0;
        Attach(relay, root, 1);
        Attach(leaf, relay, 2);
        Attach(last, leaf, 3);
        m_monitor->NotePublish({});
        for (const auto index : indices)
        {
            Deliver(index);
        }
        Deliver(200);
        const auto report = m_monitor->GetReport();
        NS_TEST_EXPECT_MSG_EQ(report.Get("formationUnderlayDistMax"), 3, "root relay leaf last");
        NS_TEST_EXPECT_MSG_EQ(report.Get("formationUnderlayEdges"), 3, "three parents");
        NS_TEST_EXPECT_MSG_EQ(m_monitor->GetDelivered(), 3, "one each");
        NS_TEST_EXPECT_MSG_EQ(report.Get("incompletePeers"), 0, "at its own place");
        NS_TEST_EXPECT_MSG_EQ(report.Get("deliveredStray"), 2, "root and stranger");
        const double sum = indices[1] + indices[2] + indices[3];
        NS_TEST_EXPECT_MSG_EQ_TOL(report.Get("latencyMean"), sum / 3000, 1e-9, "times of all");
        NS_TEST_EXPECT_MSG_EQ(m_monitor->GetSubscribers(), 3, "relay and leaves");
        m_monitor->Dispose();
        Simulator::Destroy();
    }

    void
    DoRun() override
    {
        Play({0, 1, 2, 3});
        Play({40, 41, 42, 43});
        Play({7, 8, 30, 9});
        Play({90, 3, 4, 60});
        Play({0, 2, 1, 3});
    }

    Ptr<FanoutMonitor> m_monitor; ///< under test
};

/// Messages that come in any order, and again. @ingroup fanout-tree-monitor-test
class OnceTest : public TestCase
{
  public:
    /// @param seed of the order @param reach by how many places a message may come too late
    OnceTest(uint64_t seed, uint32_t reach)
        : TestCase("monitor: a message counts once, up to " + std::to_string(reach) +
                   " places too late, seed " + std::to_string(seed)),
          m_random(seed, reach, 0),
          m_reach(reach)
    {
    }

  private:
    static constexpr uint32_t MESSAGES = 500; ///< published

    void
    DoRun() override
    {
        FanoutP2pHelper network;
        network.SetDegree(2);
        const auto hosts = network.Create(3);
        m_monitor = CreateObject<FanoutMonitor>();
        for (uint32_t i = 0; i < 2; i++)
        {
            auto peer = CreateObject<FakePeer>();
            peer->SetRole(i == 0 ? FanoutRole::ROOT : FanoutRole::LEAF);
            peer->SetIndex(i);
            peer->id.digest[0] = static_cast<uint8_t>(1 + i);
            peer->status.open = peer->status.attached = true;
            hosts.Get(i)->AddApplication(peer);
            m_monitor->AddPeer(peer, 0);
        }
        fanout::JoinEvent join;
        join.self = 1;
        join.step = fanout::JoinEvent::Step::STARTED;
        m_monitor->NoteJoin(join);
        join.step = fanout::JoinEvent::Step::ATTACHED;
        m_monitor->NoteJoin(join);
        fanout::PublishEvent publish;
        for (publish.seq = 0; publish.seq < MESSAGES; publish.seq++)
        {
            m_monitor->NotePublish(publish);
        }
        Deliver();
        const auto report = m_monitor->GetReport();
        NS_TEST_EXPECT_MSG_EQ(report.Get("delivered"), m_got.size(), "first copies");
        NS_TEST_EXPECT_MSG_EQ(report.Get("deliveredTooMany"), m_again, "what came again");
        m_monitor->Dispose();
        m_monitor = nullptr;
        Simulator::Destroy();
    }

    /// Each message once or twice, a few never, each up to m_reach places too late.
    void
    Deliver()
    {
        std::multimap<uint64_t, uint32_t> order;
        for (uint32_t seq = 0; seq < MESSAGES; seq++)
        {
            for (uint64_t copies = m_random.Below(50) == 0 ? 0 : 1 + m_random.Below(2); copies > 0;
                 copies--)
            {
                order.emplace(seq + m_random.Below(m_reach + 1), seq);
            }
        }
        for (const auto& [place, seq] : order)
        {
            fanout::DeliverEvent event;
            event.self = 1;
            event.time = static_cast<fanout::Micros>(place);
            event.seq = seq;
            m_monitor->NoteDeliver(event);
            m_again += m_got.insert(seq).second ? 0 : 1;
        }
    }

    fanout::Random m_random;      ///< of the order
    uint32_t m_reach;             ///< places
    Ptr<FanoutMonitor> m_monitor; ///< counts
    std::set<uint32_t> m_got;     ///< what has come
    uint32_t m_again{0};          ///< copies that were not the first
};

/// The monitor's suite. @ingroup fanout-tree-monitor-test
class MonitorTestSuite : public TestSuite
{
  public:
    MonitorTestSuite()
        : TestSuite("fanout-monitor")
    {
        AddTestCase(new FormulasTest);
        AddTestCase(new NamesTest);
        for (uint64_t seed = 1; seed <= 3; seed++)
        {
            AddTestCase(new OnceTest(seed, 0));
            AddTestCase(new OnceTest(seed, 20));
            AddTestCase(new OnceTest(seed, 63));
            AddTestCase(new OnceTest(seed, 64));
            AddTestCase(new OnceTest(seed, 400));
        }
    }
};

MonitorTestSuite g_monitorTestSuite; ///< registers the suite

} // namespace
