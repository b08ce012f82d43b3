/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MONITOR_H
#define FANOUT_MONITOR_H

#include "fanout-fairness.h"
#include "fanout-latency-bound.h"
#include "fanout-maintenance.h"
#include "fanout-quantiles.h"
#include "fanout-report.h"
#include "fanout-timeline.h"
#include "fanout-tree-shape.h"
#include "fanout-tree-tally.h"

#include "ns3/event-id.h"
#include "ns3/fanout-application.h"
#include "ns3/fanout-sink.h"
#include "ns3/fanout-udp-transport.h"
#include "ns3/nstime.h"

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Turns the events of a channel's applications into the figures of the reference's simulator, by
 * the same names and formulas, and some more. Memory is about 96 bytes a peer and 8 bytes a
 * message, and with CheckTwice a bit a peer for each message that somebody gets while one 64 before
 * it is missing; it does not grow with deliveries. A delivery costs one access to 32 bytes of its
 * peer, a sample of the tree one access to each orphan.
 *
 * A run has a join stage, which ends when the first message is published or NoteFormation() is
 * called, and what follows. Members are the subscribers that had a parent by then; only they count
 * for delivery, each from the first message on, away or not. A message counts once a member: what
 * a peer gets again, because its process began anew or it came back after it had left, is no
 * delivery (deliveredTooMany). From then on the tree is sampled (Maintenance).
 *
 * Samples follow the events: the counts change with each Join, Parent and Child event, and with
 * FanoutRun::NoteStanding. A FanoutApplication that comes to stand differently without one of these
 * calls NoteStanding, as FanoutTreeApplication does.
 *
 * What differs from the reference: latencies are exact to the microsecond and all counted (there:
 * milliseconds, sampled), and quantiles of them at most 0.4 % too high. Distance and stretch are
 * those of FanoutTreeShape. Bytes of "upload" figures are those on the wire.
 */
class FanoutMonitor : public FanoutSink
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutMonitor();
    ~FanoutMonitor() override;

    /// Make room. @param peers how many AddPeer calls will follow
    void Reserve(std::uint32_t peers);

    /**
     * Watch a peer. It is not added as a sink; FanoutMonitorHelper does both.
     * @param application the peer; indices must differ. Its role and index must not change any
     * more. Cheapest are indices that ascend by one from call to call
     * @param uploadBytesPerSecond its upload cap, 0 for none
     */
    void AddPeer(Ptr<FanoutApplication> application, double uploadBytesPerSecond);

    /// @param hosts of the whole run, which the sample period follows; default: the peers watched
    void SetHosts(std::uint32_t hosts);

    /// @param delay one-way delays between peers, by index; without it latencies have no bound
    void SetDelays(FanoutLatencyBound::Delay delay);

    /**
     * Tell of churn; the last call before GetReport counts.
     * @param bursts times at which peers failed @param peers that failed, each time counted
     */
    void SetChurn(const std::vector<Time>& bursts, std::uint64_t peers);

    /// The join stage ends here: take down the tree and who is a member. Later calls do nothing.
    void NoteFormation();

    /**
     * Keep a timeline from now on, with the sample period. The last row is that of GetReport.
     * @param events whether an event of its own adds each row; if not, calls of NoteTime do
     */
    void BeginTimeline(bool events = true);

    /// Time goes by: add a row to the timeline if one is due.
    void NoteTime();

    /// @return the timeline; without rows before BeginTimeline
    const FanoutTimeline& GetTimeline() const;

    /// @return the tree as it stands now, as a sample sees it; only once it is formed. NaN where
    /// there is nothing
    FanoutMaintenance::Sample TakeSample();

    /// @return peers watched
    std::uint32_t GetPeers() const;

    /// @return subscribers watched
    std::uint32_t GetSubscribers() const;

    /// @return subscribers that have had a parent
    std::uint32_t GetJoined() const;

    /// @return messages published so far
    std::uint64_t GetPublished() const;

    /// @return first copies that members got so far
    std::uint64_t GetDelivered() const;

    /// @return what members should have got of what is published so far
    std::uint64_t GetExpected() const;

    /**
     * To be called while the applications are still there, before Simulator::Destroy. Sampling
     * ends.
     * @return the figures, in the groups join, tree, delivery, latency, bytes, repair, churn, drops
     */
    FanoutReport GetReport();

    /// @param index of a peer @return where it is, such as a region
    using PlaceName = std::function<std::string(std::uint32_t index)>;

    /**
     * Write a CSV table of the peers as they stand, a line a peer, about 90 bytes each. To be
     * called while the applications are still there.
     * @param os where to @param placeOf gives the column region; without it that is empty
     */
    void WritePeers(std::ostream& os, const PlaceName& placeOf = nullptr) const;

    /// Write a CSV table of how many deliveries took how long, in the buckets of
    /// FanoutTimeHistogram, of all and by level of the receiver. @param os where to
    void WriteLatency(std::ostream& os) const;

    /**
     * Write the tree as it stands in Graphviz' language: breadth first from the root, a peer's
     * children with children first.
     * @param os where to @param most peers drawn; where more are left it says how many
     */
    void WriteTree(std::ostream& os, std::uint32_t most = 300) const;

    fanout::EventKinds GetWanted() const override;
    bool OnlyNotes() const override;
    fanout::ByteView GetHot(uint32_t self) const override;
    void NoteJoin(const fanout::JoinEvent& event) override;
    void NoteParent(const fanout::ParentEvent& event) override;
    void NoteChild(const fanout::ChildEvent& event) override;
    void NotePublish(const fanout::PublishEvent& event) override;
    void NoteDeliver(const fanout::DeliverEvent& event) override;
    void NoteDuplicate(const fanout::DuplicateEvent& event) override;
    void NoteDrop(const fanout::DropEvent& event) override;

  protected:
    void DoDispose() override;

  private:
    /// What each delivery changes.
    struct alignas(32) Count
    {
        fanout::Micros latency;   ///< sum of first copies
        std::uint64_t ahead;      ///< bit k: got next + k; with CheckTwice, as next
        std::uint32_t delivered;  ///< first copies
        std::uint32_t next : 31;  ///< got every message below, and not this one
        std::uint32_t member : 1; ///< joined subscriber
    };

    static constexpr std::uint32_t AHEAD = 64; ///< bits of Count::ahead

    /// What else is known of a peer.
    struct Peer
    {
        Ptr<FanoutApplication> application; ///< the peer
        double upload{0};                   ///< cap, bytes a second
        fanout::Micros startedAt{-1};       ///< first began to look for a parent
        fanout::Micros attachedAt{-1};      ///< first had a parent
        fanout::Micros lostAt{-1};          ///< has been without parent since
        std::uint32_t duplicates{0};        ///< later copies
        FanoutRole role{FanoutRole::IDLE};  ///< what it is for
        bool listed{false};                 ///< stands in m_orphans
        bool attached{false};               ///< counts in m_attached

        /// @return whether it subscribes
        bool
        IsSubscriber() const
        {
            return role == FanoutRole::RELAY || role == FanoutRole::LEAF;
        }
    };

    /// Sums over all peers, for the report.
    struct Totals
    {
        FanoutUdpTransport::Counters datagrams; ///< of all peers; zero over other transports
        std::uint64_t lost{0};                  ///< DATA frames
        std::uint64_t oversize{0};              ///< frames refused
        std::vector<double> queued;             ///< bytes that wait, by peer
        std::vector<double> earnings;           ///< of members with a cap
        double uploadMost{0};                   ///< bytes in one second
        double uploadMostPct{0};                ///< of a cap
        double uploadRootPct{0};                ///< of its cap, NaN when it has none
    };

    using Bits = std::vector<std::uint64_t>; ///< a bit a peer

    class Names;

    /// Deliveries deeper than this count with those of this level.
    static constexpr std::size_t DEEPEST = 62;

    static constexpr std::uint32_t NOT_WATCHED = 0xffffffff; ///< a place that is none

    /// @param self index of a peer @return its place, or NOT_WATCHED
    std::uint32_t
    SlotOf(std::uint32_t self) const
    {
        if (m_slots.empty())
        {
            const auto slot = self - m_firstIndex;
            return slot < m_peers.size() ? slot : NOT_WATCHED;
        }
        return self < m_slots.size() ? m_slots[self] : NOT_WATCHED;
    }

    /// @param slot place of a peer @param seq of a message
    /// @return whether the peer gets it for the first time
    bool NoteFirst(std::uint32_t slot, std::uint32_t seq);

    /// The same, of a message that lies far ahead of the first one that the peer has not got.
    /// @param slot place of a peer @param seq of the message @return as NoteFirst()
    bool NoteFar(std::uint32_t slot, std::uint32_t seq);

    /// The first message that the peer had not got has come: find the one that it is now.
    /// @param slot place of the peer
    void Advance(std::uint32_t slot);

    /// @param slot place of a peer that may stand differently now
    void NoteStanding(std::uint32_t slot);

    /// @param status of a peer @param role of it @return the same, without parent and membership
    static FanoutTreeShape::Node NodeOf(const fanout::ChannelStatus& status, FanoutRole role);

    /// @param slot place of a peer @param node how it stands: count it so from now on
    void CountStanding(std::uint32_t slot, const FanoutTreeShape::Node& node);

    /// @param edges whether to find out who is whose parent; if not, parents are UNKNOWN
    /// @return all peers as they stand
    std::vector<FanoutTreeShape::Node> Snapshot(bool edges) const;

    /// @param nodes all peers as they stand; begin to count them
    void BeginCounting(const std::vector<FanoutTreeShape::Node>& nodes);

    /// @param slot place of a peer @param node how it stands: count whether it has a parent
    void CountAttached(std::uint32_t slot, const FanoutTreeShape::Node& node);

    /// Ask anew how peers stand that changed by a call.
    void ReadStandings();

    /// @return online members without parent, of those that may be
    std::uint32_t CountOrphans();

    /// Add a row to the timeline.
    void AddRow();

    /// Add a row if one is due, again a period later.
    void RunTimeline();

    /// @return latencies of first copies at all levels
    FanoutTimeHistogram GetLatencies() const;

    /// Call SampleTree a period later.
    void ScheduleSample();

    /// @return time between two samples
    fanout::Micros GetSamplePeriod() const;

    /// Take a sample and schedule the next one.
    void SampleTree();

    /// @return time now
    static fanout::Micros Now();

    /// @return counts of the run
    static const fanout::Ledger& GetLedger();

    /// @return sums over all peers
    Totals Collect() const;

    /// @return payload bytes members got, the reference's denominator of bpp figures
    double DeliveredBytes() const;

    /// @param report gets the group join
    void ReportJoin(FanoutReport& report) const;
    /// @param report gets the group tree
    void ReportTree(FanoutReport& report) const;
    /// @param report gets the group delivery
    void ReportDelivery(FanoutReport& report) const;
    /// @param report gets the group latency
    void ReportLatency(FanoutReport& report) const;
    /// @param report gets the bounds of latency
    void ReportBound(FanoutReport& report) const;
    /// @param report gets the group bytes @param totals of all peers
    void ReportBytes(FanoutReport& report, const Totals& totals) const;
    /// @param report gets the upload figures @param totals of all peers; changes their order
    static void ReportUpload(FanoutReport& report, Totals& totals);
    /// @param report gets the group repair
    void ReportRepair(FanoutReport& report) const;
    /// @param report gets the group churn
    void ReportChurn(FanoutReport& report) const;
    /// @param report gets the group drops @param totals of all peers; changes their order
    static void ReportDrops(FanoutReport& report, Totals& totals);

    /// @param report gets how evenly parents spread losses
    void ReportFairness(FanoutReport& report) const;
    /// @param report gets frames of all kinds
    static void ReportFrames(FanoutReport& report);

    std::vector<Count> m_counts;                  ///< in order of AddPeer
    std::vector<Peer> m_peers;                    ///< in the same order
    std::vector<std::uint32_t> m_slots;           ///< index of a peer -> place; empty while that is
                                                  ///< index - m_firstIndex
    std::vector<Bits> m_far;                      ///< by seq, a bit a place: got so early that
                                                  ///< Count::ahead did not reach there
    std::vector<std::uint32_t> m_orphans;         ///< places of members that may have no parent
    std::vector<fanout::Micros> m_publishedAt;    ///< by seq
    FanoutLatencyBound::Delay m_delay;            ///< between hosts
    FanoutMaintenance m_maintenance;              ///< samples
    FanoutFairness m_fairness;                    ///< of what parents could not send
    FanoutTreeTally m_tally;                      ///< the tree now, once it is formed
    FanoutTreeShape m_formation;                  ///< the tree when first published to
    FanoutTimeline m_timeline;                    ///< rows of counts
    std::vector<FanoutTimeHistogram> m_latencies; ///< of first copies, by level + 1; 0: none
    FanoutTimeHistogram m_reattach;               ///< from a parent lost to the next one
    std::vector<Time> m_bursts;                   ///< of churn
    EventId m_sampling;                           ///< next sample
    EventId m_rowing;                             ///< next row of the timeline
    Time m_deadline;                              ///< in time up to here
    std::uint64_t m_churned{0};                   ///< peers that failed
    std::uint64_t m_publishedBytes{0};            ///< payload bytes
    std::uint64_t m_published{0};                 ///< messages
    std::uint64_t m_delivered{0};                 ///< first copies at members
    std::uint64_t m_deliveredBytes{0};            ///< payload bytes of these
    std::uint64_t m_repaired{0};                  ///< of these, by repair
    std::uint64_t m_inTime{0};                    ///< of these, within the deadline
    std::uint64_t m_duplicates{0};                ///< later copies at members
    std::uint64_t m_strayDeliveries{0};           ///< at others, or of what was not published
    std::uint64_t m_deliveredTwice{0};            ///< caught by CheckTwice, not delivered again
    std::size_t m_standingsRead{0};               ///< how many of FanoutRun::GetStandings
    fanout::Micros m_inTimeUpTo{0};               ///< m_deadline, negative: none
    fanout::Micros m_firstPublish{0};             ///< time of it
    fanout::Micros m_lastPublish{0};              ///< time of it
    std::uint32_t m_hosts{0};                     ///< of the run, 0: the peers
    std::uint32_t m_firstIndex{0};                ///< of the first peer
    std::uint32_t m_subscribers{0};               ///< peers that subscribe
    std::uint32_t m_joined{0};                    ///< subscribers that had a parent
    std::uint32_t m_attached{0};                  ///< that have one, with a timeline
    std::uint32_t m_members{0};                   ///< joined when formed
    bool m_formed{false};                         ///< NoteFormation was called
    bool m_sample{true};                          ///< attribute Maintenance
    bool m_checkTwice{true};                      ///< attribute CheckTwice
};

} // namespace ns3

#endif // FANOUT_MONITOR_H
