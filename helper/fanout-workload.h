/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WORKLOAD_H
#define FANOUT_WORKLOAD_H

#include "fanout-session-laws.h"

#include "ns3/application-container.h"
#include "ns3/nstime.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/// How peers fail. @ingroup fanout-tree
enum class FanoutChurn : uint8_t
{
    Notified, ///< links close and both ends are told; state is kept (the reference's)
    Link,     ///< the host is silent and nobody is told; state is kept
    Process,  ///< the process dies and is started anew; sockets and state are lost
    Leave     ///< the peer leaves properly and joins again
};

/**
 * @ingroup fanout-tree
 * What the users of a channel do: join, publish, fail. It works on any FanoutApplication. Nothing
 * has to be kept alive: a workload may go out of scope before the simulation runs. Events are
 * scheduled one after the other, so a long run costs no memory. A period of churn costs time for
 * those that fail and for those that have never joined. Memory is 8 bytes a subscriber, 4 more
 * while joins are spread; with Sessions 12 bytes and one event pending.
 *
 * A crowd that comes later is a workload of its own: make one of its applications alone, and call
 * JoinSpread with a short window and a late start.
 */
class FanoutWorkload
{
  public:
    /// @param applications the channel's, those of this rank
    explicit FanoutWorkload(const ApplicationContainer& applications);

    /**
     * Subscribers join one after the other, evenly over a window, in random order. Without a call
     * they join when their applications start.
     * @param window how long it takes, not negative
     * @param start when the first one joins, simulated time
     */
    void JoinSpread(Time window, Time start = Time(0));

    /**
     * Relays join first; relays and leaves take the window of JoinSpread each.
     * @param settle pause between the last relay and the first leaf
     */
    void JoinRelaysFirst(Time settle);

    /**
     * The root publishes. Several calls give several batches. One interval (at most a second) after
     * the last message of all batches, the end of the channel is published.
     * @param rate messages a second, > 0
     * @param size payload bytes, >= 1
     * @param count number of messages, >= 1
     * @param start when the first one is published, simulated time
     */
    void Publish(double rate, uint32_t size, uint32_t count, Time start);

    /**
     * Subscribers fail while the first batch is published: every period, max(1, floor(joined *
     * fraction)) distinct ones that have joined and are online, at most max(10, 20 * that) draws
     * (simulators 4). The first ones fail one period after the first message. To be called after
     * Publish.
     * @param kind how they fail
     * @param every period, > 0
     * @param down how long they are away, > 0
     * @param fraction of the joined subscribers, in (0, 1]
     */
    void Churn(FanoutChurn kind, Time every, Time down, double fraction);

    /**
     * Subscribers come and go by themselves, each with sessions and times away of random length. A
     * subscriber's first session begins when it joins, later ones as the kind says. The run begins
     * in steady state: at the start a share laws.GetPresentShare() of the subscribers is present
     * and joins at once, and all have the rest of a session or of a time away before them. Nobody
     * comes or goes after the last message of all batches. To be called once, and without
     * JoinSpread and Churn.
     * @param kind what it means to be away: Leave and Process leave the channel, Link and Notified
     * lose the network
     * @param laws of the lengths
     * @param start when sessions begin, simulated time
     * @throws std::invalid_argument for laws that are not allowed
     */
    void Sessions(FanoutChurn kind, const FanoutSessionLaws& laws, Time start = Time(0));

    /**
     * Joins of JoinSpread, or beginnings of sessions, follow a day: their rate rises and falls as a
     * sinusoid, from the trough at the start of joins or sessions. Over whole days there are as
     * many as without. To be called before the simulation runs.
     * @param period length of a day, > 0
     * @param peak highest rate by lowest, in [1, 1e6]
     */
    void Day(Time period, double peak);

    /**
     * @param stream first stream number to use
     * @return number of streams used: 3
     */
    int64_t AssignStreams(int64_t stream);

    /// @return time of the first message, zero when nothing is published
    Time Start() const;

    /// @return time of the last message of all batches, zero when nothing is published
    Time End() const;

    /// @return time of the last message of the first batch, zero when nothing is published
    Time FirstBatchEnd() const;

    /// @return when the joins begin
    Time JoinStart() const;

    /// @return messages of all batches together
    uint32_t GetMessages() const;

    /// @return messages published so far
    uint32_t GetPublished() const;

    /// @return times at which peers failed so far, one an event with at least one peer
    const std::vector<Time>& GetChurnTimes() const;

    /// @return subscribers in a session now, zero without Sessions
    uint32_t GetPresent() const;

    /// @return peers that failed or ended a session so far, one that did so twice counted twice
    uint64_t GetChurned() const;

  private:
    class Plan;
    std::shared_ptr<Plan> m_plan; ///< lives as long as it has something to do
};

} // namespace ns3

#endif // FANOUT_WORKLOAD_H
