/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_RECOVERY_H
#define FANOUT_RECOVERY_H

#include "fanout-report.h"

#include "ns3/event-id.h"
#include "ns3/fanout-application.h"
#include "ns3/fanout-ledger.h"
#include "ns3/fanout-sink.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How a channel comes through a fault: until when some peer was not whole, what that cost, and what
 * grew. Only subscribers that are online and in the channel at the end count ("survivors").
 *
 * A peer is not whole while it has no path of online parents to the root, looked at every 10 ms
 * (every 50 ms a second after the fault while all have one), and when a message comes later than
 * LATE after it was published. A peer that had a parent when the first message was published is to
 * have all messages, one that came later all from the first that it got. Meant for runs without
 * DataFrameLoss and churn: there nothing but the fault makes a message late.
 *
 * Memory is about 60 bytes a peer and 8 a message. A sample costs one look at each peer.
 */
class FanoutRecovery : public FanoutSink
{
  public:
    static constexpr fanout::Micros LATE = fanout::SECOND; ///< a message is late

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutRecovery();
    ~FanoutRecovery() override;

    /// Watch a peer from now on, as a sink of it. @param application the peer
    void AddPeer(Ptr<FanoutApplication> application);

    /// One that means harm is no survivor, whatever becomes of it. @param application one of those
    /// that AddPeer got; others are ignored
    void Exclude(Ptr<FanoutApplication> application);

    /// The fault begins now. Later calls do nothing.
    void Begin();

    /**
     * To be called while the applications are still there. Sampling ends.
     * @param report gets the group recovery; times count from the fault, and are not defined while
     * a survivor is still not whole, or when there was no fault
     */
    void Report(FanoutReport& report);

    void NoteJoin(const fanout::JoinEvent& event) override;
    void NotePublish(const fanout::PublishEvent& event) override;
    void NoteDeliver(const fanout::DeliverEvent& event) override;
    void NoteTracker(const fanout::TrackerEvent& event) override;

  protected:
    void DoDispose() override;

  private:
    static constexpr std::uint32_t NONE = 0xffffffff; ///< no peer, no message

    /// What is known of a peer.
    struct Peer
    {
        Ptr<FanoutApplication> application; ///< the peer
        fanout::Micros startedAt{-1};       ///< first began to look for a parent
        fanout::Micros attachedAt{-1};      ///< first had a parent
        fanout::Micros lateAt{-1};          ///< last message that was late
        fanout::Micros looseAt{-1};         ///< last sample that saw no path to the root
        std::uint32_t first{NONE};          ///< first message it is to have
        std::uint32_t delivered{0};         ///< first copies
        bool excluded{false};               ///< no survivor
    };

    /// What a walk to the root has found.
    enum class Path : std::uint8_t
    {
        UNKNOWN, ///< not looked at
        WALKED,  ///< on the present walk
        ROOTED,  ///< leads to the root
        LOOSE    ///< does not
    };

    /// What the survivors came to.
    struct Outcome
    {
        std::vector<double> wholeMs;  ///< of each survivor, from the fault
        std::vector<double> crowdMs;  ///< from start to parent, of those that began after it
        fanout::Micros attachedAt{0}; ///< of the last one
        std::uint64_t expected{0};    ///< messages that are due
        std::uint64_t lacking{0};     ///< of these, not there
        std::uint32_t disturbed{0};   ///< not whole at some time
        std::uint32_t loose{0};       ///< without path at the end
        std::uint32_t incomplete{0};  ///< lack messages at the end
    };

    /// @param self index of a peer @return its place, or NONE
    std::uint32_t SlotOf(std::uint32_t self) const;

    /// Look at all peers, and again soon.
    void Sample();

    /// Look at what could grow. Costs more than the rest of a sample.
    void SampleSizes();

    /// @param slot of a peer @return whether it has a path to the root now
    bool IsRooted(std::uint32_t slot);

    /// @param peer one @return whether it counts now
    static bool Counts(const Peer& peer);

    /// @return messages that are due now
    std::uint32_t CountDue() const;

    /// @return what the survivors came to
    Outcome Collect();

    /// @param outcome of one more survivor @param peer the survivor @param due messages
    /// @param rooted whether it has a path to the root
    void AddSurvivor(Outcome& outcome, const Peer& peer, std::uint32_t due, bool rooted) const;

    /// @param report gets what it cost and what grew
    void ReportCost(FanoutReport& report) const;

    std::vector<Peer> m_peers;                                ///< in order of AddPeer
    std::vector<std::uint32_t> m_slots;                       ///< index of a peer -> place
    std::unordered_map<std::uint64_t, std::uint32_t> m_names; ///< beginning of a name -> place
    std::vector<Path> m_paths;                                ///< by place, of one sample
    std::vector<std::uint32_t> m_walk;                        ///< of IsRooted, keeps its memory
    std::vector<fanout::Micros> m_publishedAt;                ///< by seq
    EventId m_sampling;                                       ///< next sample
    fanout::Micros m_beganAt{-1};                             ///< of the fault
    std::uint64_t m_controlBytes{0};                          ///< sent before the fault
    std::uint64_t m_repairBytes{0};                           ///< sent before the fault
    std::uint64_t m_samples{0};                               ///< taken
    std::uint64_t m_queuedPeak{0};                            ///< bytes of one peer
    std::uint64_t m_peerPeak{0};                              ///< bytes of one peer
    std::uint32_t m_entriesPeak{0};                           ///< of one tracker and channel
    std::uint32_t m_linksPeak{0};                             ///< of one tracker
    std::uint32_t m_loosePeak{0};                             ///< peers without path in one sample
};

} // namespace ns3

#endif // FANOUT_RECOVERY_H
