/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MONITOR_H
#define FANOUT_MONITOR_H

#include "fanout-latency-bound.h"
#include "fanout-maintenance.h"
#include "fanout-quantiles.h"
#include "fanout-report.h"
#include "fanout-tree-shape.h"

#include "ns3/event-id.h"
#include "ns3/fanout-application.h"
#include "ns3/fanout-sink.h"
#include "ns3/fanout-udp-transport.h"
#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Turns the events of a channel's applications into the figures of the reference's simulator, by
 * the same names and formulas, and some more. Memory grows with the peers, and by 8 bytes a
 * message; not with deliveries.
 *
 * A run has a join stage, which ends when the first message is published or NoteFormation() is
 * called, and what follows. Members are the subscribers that had a parent by then; only they count
 * for delivery, each from the first message on. From then on the tree is sampled (Maintenance).
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

    /**
     * Watch a peer. It is not added as a sink; FanoutMonitorHelper does both.
     * @param application the peer; indices must differ
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

    void NoteJoin(const fanout::JoinEvent& event) override;
    void NoteParent(const fanout::ParentEvent& event) override;
    void NotePublish(const fanout::PublishEvent& event) override;
    void NoteDeliver(const fanout::DeliverEvent& event) override;
    void NoteDuplicate(const fanout::DuplicateEvent& event) override;

  protected:
    void DoDispose() override;

  private:
    /// What is known of a peer.
    struct Peer
    {
        Ptr<FanoutApplication> application; ///< the peer
        double upload{0};                   ///< cap, bytes a second
        fanout::Micros startedAt{-1};       ///< first began to look for a parent
        fanout::Micros attachedAt{-1};      ///< first had a parent
        fanout::Micros lostAt{-1};          ///< has been without parent since
        fanout::Micros latency{0};          ///< sum of first copies
        std::uint32_t delivered{0};         ///< first copies
        std::uint32_t duplicates{0};        ///< later copies
        bool member{false};                 ///< joined subscriber
        std::vector<bool> got;              ///< by seq, with CheckTwice
    };

    /// @param self index of a peer @return its record, null when not watched
    Peer* Find(std::uint32_t self);

    /// @param edges whether to find out who is whose parent @return all peers as they stand
    std::vector<FanoutTreeShape::Node> Snapshot(bool edges) const;

    /// @param shape of the tree @return what a sample sees
    FanoutMaintenance::Sample TakeSample(const FanoutTreeShape& shape) const;

    /// Take a sample and schedule the next one.
    void SampleTree();

    /// @return time now
    static fanout::Micros Now();

    /// @return counts of the run
    static const fanout::Ledger& GetLedger();

    /// @return datagrams of all peers; zero over other transports
    FanoutUdpTransport::Counters TransportCounters() const;

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
    /// @param report gets the group bytes
    void ReportBytes(FanoutReport& report) const;
    /// @param report gets the upload figures
    void ReportUpload(FanoutReport& report) const;
    /// @param report gets the group repair
    void ReportRepair(FanoutReport& report) const;
    /// @param report gets the group churn
    void ReportChurn(FanoutReport& report) const;
    /// @param report gets the group drops
    void ReportDrops(FanoutReport& report) const;
    /// @param report gets frames of all kinds
    void ReportFrames(FanoutReport& report) const;

    std::vector<Peer> m_peers;                 ///< in order of AddPeer
    std::vector<std::uint32_t> m_slots;        ///< index of a peer -> place in m_peers
    std::vector<fanout::Micros> m_publishedAt; ///< by seq
    FanoutLatencyBound::Delay m_delay;         ///< between hosts
    FanoutMaintenance m_maintenance;           ///< samples
    FanoutTreeShape m_formation;               ///< the tree when first published to
    FanoutTimeHistogram m_latency;             ///< of first copies
    FanoutTimeHistogram m_reattach;            ///< from a parent lost to the next one
    std::vector<Time> m_bursts;                ///< of churn
    EventId m_sampling;                        ///< next sample
    Time m_deadline;                           ///< in time up to here
    std::uint64_t m_churned{0};                ///< peers that failed
    std::uint64_t m_publishedBytes{0};         ///< payload bytes
    std::uint64_t m_published{0};              ///< messages
    std::uint64_t m_delivered{0};              ///< first copies at members
    std::uint64_t m_deliveredBytes{0};         ///< payload bytes of these
    std::uint64_t m_repaired{0};               ///< of these, by repair
    std::uint64_t m_inTime{0};                 ///< of these, within the deadline
    std::uint64_t m_duplicates{0};             ///< later copies at members
    std::uint64_t m_strayDeliveries{0};        ///< at others, or of what was not published
    std::uint64_t m_deliveredTwice{0};         ///< caught by CheckTwice
    fanout::Micros m_firstPublish{0};          ///< time of it
    fanout::Micros m_lastPublish{0};           ///< time of it
    std::uint32_t m_hosts{0};                  ///< of the run, 0: the peers
    std::uint32_t m_joined{0};                 ///< subscribers that had a parent
    std::uint32_t m_members{0};                ///< joined when formed
    bool m_formed{false};                      ///< NoteFormation was called
    bool m_sample{true};                       ///< attribute Maintenance
    bool m_checkTwice{false};                  ///< attribute CheckTwice
};

} // namespace ns3

#endif // FANOUT_MONITOR_H
