/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WORKLOAD_PLAN_H
#define FANOUT_WORKLOAD_PLAN_H

#include "fanout-workload.h"

#include "ns3/fanout-application.h"
#include "ns3/random-variable-stream.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/// What is planned and what has happened; events hold it. @ingroup fanout-tree
class FanoutWorkload::Plan : public std::enable_shared_from_this<Plan>
{
  public:
    /// Messages at one rate.
    struct Batch
    {
        double rate;    ///< messages a second
        uint32_t size;  ///< payload bytes
        uint32_t count; ///< messages
        Time start;     ///< time of the first one

        /// @param i a message @return its time
        Time
        At(uint32_t i) const
        {
            return start + NanoSeconds(std::llround(i * 1e9 / rate));
        }

        /// @return time of the last message
        Time
        Last() const
        {
            return At(count - 1);
        }

        /// @return when a message more would follow, at most a second after the last one
        Time
        End() const
        {
            return Last() + std::min(At(1) - start, Time(Seconds(1)));
        }
    };

    /// @param applications those of this rank
    explicit Plan(const ApplicationContainer& applications);

    /// @param window of a group @param start of the first group
    void JoinSpread(Time window, Time start);

    /// @param batch one more
    void Publish(const Batch& batch);

    /// @return messages of all batches together
    uint32_t GetMessages() const;

    /// @return time of the last message of all batches, zero when there is none
    Time LastMessage() const;

    /// @param kind how they go @param laws of sessions @param start when they begin
    void Sessions(FanoutChurn kind, const FanoutSessionLaws& laws, Time start);

    /// @param kind how @param every period @param down how long @param fraction of the joined
    void Churn(FanoutChurn kind, Time every, Time down, double fraction);

    std::vector<Ptr<FanoutApplication>> subscribers; ///< in the order of the container
    Ptr<FanoutApplication> root;                     ///< null when on another rank
    Ptr<UniformRandomVariable> joinDraws;            ///< order of joins
    Ptr<UniformRandomVariable> churnDraws;           ///< who fails
    Ptr<UniformRandomVariable> sessionDraws;         ///< key of sessions
    FanoutDay day;                                   ///< of arrivals, from joinStart on
    std::vector<Batch> batches;                      ///< in the order of the calls
    std::vector<Time> churnTimes;                    ///< when peers failed
    Time joinStart;                                  ///< when joins begin
    Time settle;                                     ///< between relays and leaves
    uint64_t churned{0};                             ///< peers that failed
    uint32_t published{0};                           ///< messages so far
    uint32_t present{0};                             ///< subscribers in a session
    bool relaysFirst{false};                         ///< JoinRelaysFirst was called

  private:
    using Self = std::shared_ptr<Plan>;           ///< what events hold
    using Handle = Ptr<FanoutApplication>;        ///< one peer
    using Action = void (FanoutApplication::*)(); ///< Join, Leave, Crash or Restart

    /// Have a peer do something in its own context.
    /// @param peer who @param delay when @param action what
    static void Let(Handle peer, Time delay, Action action);

    /// @param self the plan; draws the order of joins
    static void BeginJoins(Self self);

    /// @param self the plan @param next who joins now @param end behind the last of its group
    /// @param spacing between two joins
    static void JoinNext(Self self, std::size_t next, std::size_t end, Time spacing);

    /// @param self the plan @param batch which @param next message
    static void PublishNext(Self self, std::size_t batch, uint32_t next);

    /// @param self the plan
    static void PublishEnd(Self self);

    /// @param self the plan
    static void ChurnNext(Self self);

    /// @return subscribers that have joined so far
    uint64_t CountJoined();

    /// @param subscriber number of who goes away now and comes back
    void Fail(uint32_t subscriber);

    /// @param subscriber number of who joins now, in its own context
    void Enter(uint32_t subscriber);

    /// @param subscriber number of who goes away now, in its own context
    void GoAway(uint32_t subscriber);

    /// @param subscriber number of who comes back now, in its own context
    void ComeBack(uint32_t subscriber);

    /// @param self the plan; sessions begin in steady state
    static void BeginSessions(Self self);

    /// @param subscriber number of whose session begins or ends @param delay when
    void TurnAfter(uint32_t subscriber, Time delay);

    /// @param self the plan @param subscriber number of whose session begins or ends now
    static void Turn(Self self, uint32_t subscriber);

    std::vector<uint32_t> m_joiners;            ///< subscribers in the order of joins
    std::vector<uint32_t> m_unjoined;           ///< those that had never joined at the last count
    std::size_t m_relays{0};                    ///< how many of these are a group of their own
    std::vector<bool> m_away;                   ///< by subscriber: failed and not back
    Time m_window;                              ///< of a group's joins
    Time m_every;                               ///< period of churn
    Time m_down;                                ///< how long they are away
    double m_fraction{0};                       ///< of the joined
    uint32_t m_attempted{0};                    ///< messages, those of a crashed root included
    FanoutChurn m_churn{FanoutChurn::Notified}; ///< how peers fail
    FanoutSessionLaws m_laws;                   ///< of sessions
    std::vector<uint32_t> m_turns;              ///< by subscriber: beginnings and ends so far
    uint64_t m_sessionKey{0};                   ///< of their lengths
    bool m_spread{false};                       ///< JoinSpread or Sessions was called
    bool m_counted{false};                      ///< m_unjoined has been filled
};

} // namespace ns3

#endif // FANOUT_WORKLOAD_PLAN_H
