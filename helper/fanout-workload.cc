/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-workload.h"

#include "ns3/fanout-application.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutWorkload");

/// What is planned and what has happened; events hold it.
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

    /// @param kind how @param every period @param down how long @param fraction of the joined
    void Churn(FanoutChurn kind, Time every, Time down, double fraction);

    std::vector<Ptr<FanoutApplication>> subscribers; ///< in the order of the container
    Ptr<FanoutApplication> root;                     ///< null when on another rank
    Ptr<UniformRandomVariable> joinDraws;            ///< order of joins
    Ptr<UniformRandomVariable> churnDraws;           ///< who fails
    std::vector<Batch> batches;                      ///< in the order of the calls
    std::vector<Time> churnTimes;                    ///< when peers failed
    Time joinStart;                                  ///< when joins begin
    Time settle;                                     ///< between relays and leaves
    uint64_t churned{0};                             ///< peers that failed
    uint32_t published{0};                           ///< messages so far
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

    /// @param subscriber number of who goes away
    void Fail(std::size_t subscriber);

    /// @param self the plan @param subscriber number of who comes back
    static void Return(Self self, std::size_t subscriber);

    std::vector<Handle> m_joiners;              ///< in the order of joins
    std::size_t m_relays{0};                    ///< how many of these are a group of their own
    std::vector<bool> m_away;                   ///< by subscriber: failed and not back
    Time m_window;                              ///< of a group's joins
    Time m_every;                               ///< period of churn
    Time m_down;                                ///< how long they are away
    double m_fraction{0};                       ///< of the joined
    uint32_t m_attempted{0};                    ///< messages, those of a crashed root included
    FanoutChurn m_churn{FanoutChurn::Notified}; ///< how peers fail
    bool m_spread{false};                       ///< JoinSpread was called
};

FanoutWorkload::Plan::Plan(const ApplicationContainer& applications)
{
    for (auto i = applications.Begin(); i != applications.End(); i++)
    {
        const auto peer = DynamicCast<FanoutApplication>(*i);
        if (!peer)
        {
            throw std::invalid_argument("FanoutWorkload: an application is no FanoutApplication");
        }
        if (peer->IsSubscriber())
        {
            subscribers.push_back(peer);
        }
        else if (peer->IsPublisher())
        {
            if (root)
            {
                throw std::invalid_argument("FanoutWorkload: two of the applications are roots; "
                                            "give each channel a workload of its own");
            }
            root = peer;
        }
    }
    joinDraws = CreateObject<UniformRandomVariable>();
    joinDraws->SetStream(FanoutRun::DEFAULT_STREAM + 2);
    churnDraws = CreateObject<UniformRandomVariable>();
    churnDraws->SetStream(FanoutRun::DEFAULT_STREAM + 3);
}

void
FanoutWorkload::Plan::Let(Handle peer, Time delay, Action action)
{
    Simulator::ScheduleWithContext(peer->GetNode()->GetId(), delay, action, peer);
}

// ---- joining ----

void
FanoutWorkload::Plan::JoinSpread(Time window, Time start)
{
    if (m_spread)
    {
        throw std::logic_error("FanoutWorkload: JoinSpread was called before");
    }
    if (window.IsStrictlyNegative() || start < Simulator::Now())
    {
        throw std::invalid_argument("FanoutWorkload: JoinSpread needs a window that is not "
                                    "negative and a start that is not past");
    }
    m_spread = true;
    for (const auto& peer : subscribers)
    {
        peer->SetJoinAtStart(false);
    }
    joinStart = start;
    m_window = window;
    Simulator::Schedule(start - Simulator::Now(), &Plan::BeginJoins, shared_from_this());
}

void
FanoutWorkload::Plan::BeginJoins(Self self)
{
    auto& order = self->m_joiners;
    order = self->subscribers;
    for (auto left = static_cast<uint32_t>(order.size()); left > 1; left--)
    {
        std::swap(order[left - 1], order[self->joinDraws->GetInteger(0, left - 1)]);
    }
    if (self->relaysFirst)
    {
        const auto leaves = std::stable_partition(order.begin(),
                                                  order.end(),
                                                  [](const Handle& p)
                                                  { return p->GetRole() == FanoutRole::RELAY; });
        self->m_relays = static_cast<std::size_t>(leaves - order.begin());
    }

    const auto begin = [&self](std::size_t from, std::size_t to, Time delay)
    {
        if (from < to)
        {
            const auto spacing = self->m_window / static_cast<int64_t>(to - from);
            Simulator::Schedule(delay, &Plan::JoinNext, self, from, to, spacing);
        }
    };
    begin(0, self->m_relays, Time(0));
    begin(self->m_relays,
          order.size(),
          self->relaysFirst ? self->m_window + self->settle : Time(0));
}

void
FanoutWorkload::Plan::JoinNext(Self self, std::size_t next, std::size_t end, Time spacing)
{
    Let(self->m_joiners[next], Time(0), &FanoutApplication::Join);
    if (next + 1 < end)
    {
        Simulator::Schedule(spacing, &Plan::JoinNext, self, next + 1, end, spacing);
    }
}

// ---- publishing ----

void
FanoutWorkload::Plan::Publish(const Batch& batch)
{
    if (!(batch.rate > 0 && batch.rate <= 1e6) || batch.size < 1 || batch.count < 1)
    {
        throw std::invalid_argument(
            "FanoutWorkload: Publish got " + std::to_string(batch.count) + " messages of " +
            std::to_string(batch.size) + " bytes, " + std::to_string(batch.rate) +
            " a second; allowed are at least 1, at least 1, and more than 0 up to 1e6");
    }
    if (batch.start < Simulator::Now())
    {
        throw std::invalid_argument("FanoutWorkload: Publish would have to start in the past");
    }
    batches.push_back(batch);
    if (root)
    {
        Simulator::ScheduleWithContext(root->GetNode()->GetId(),
                                       batch.start - Simulator::Now(),
                                       &Plan::PublishNext,
                                       shared_from_this(),
                                       batches.size() - 1,
                                       0U);
    }
}

void
FanoutWorkload::Plan::PublishNext(Self self, std::size_t batch, uint32_t next)
{
    const auto& plan = self->batches[batch];
    self->m_attempted++;
    if (self->root->IsUp())
    {
        self->root->Publish(plan.size);
        self->published++;
    }
    else
    {
        NS_LOG_WARN("the root is down, a message is not published");
    }

    const auto now = Simulator::Now();
    if (next + 1 < plan.count)
    {
        Simulator::Schedule(plan.At(next + 1) - now, &Plan::PublishNext, self, batch, next + 1);
    }
    else
    {
        Simulator::Schedule(plan.End() - now, &Plan::PublishEnd, self);
    }
}

void
FanoutWorkload::Plan::PublishEnd(Self self)
{
    if (self->m_attempted == self->GetMessages() && self->root->IsUp())
    {
        self->root->PublishEnd();
    }
}

uint32_t
FanoutWorkload::Plan::GetMessages() const
{
    uint32_t messages = 0;
    for (const auto& batch : batches)
    {
        messages += batch.count;
    }
    return messages;
}

// ---- failing ----

void
FanoutWorkload::Plan::Churn(FanoutChurn kind, Time every, Time down, double fraction)
{
    if (batches.empty() || m_fraction > 0)
    {
        throw std::logic_error("FanoutWorkload: Churn is called once, after Publish: peers fail "
                               "while the first batch is published");
    }
    if (!every.IsStrictlyPositive() || !down.IsStrictlyPositive() ||
        !(fraction > 0 && fraction <= 1))
    {
        throw std::invalid_argument("FanoutWorkload: Churn needs a period and a time away above "
                                    "zero, and a fraction above 0 and up to 1");
    }
    m_churn = kind;
    m_every = every;
    m_down = down;
    m_fraction = fraction;
    m_away.assign(subscribers.size(), false);
    Simulator::Schedule(batches[0].start + every - Simulator::Now(),
                        &Plan::ChurnNext,
                        shared_from_this());
}

void
FanoutWorkload::Plan::ChurnNext(Self self)
{
    if (Simulator::Now() > self->batches[0].Last())
    {
        return;
    }
    const auto& all = self->subscribers;
    const auto joined = std::count_if(all.begin(),
                                      all.end(),
                                      [](const Handle& peer) { return peer->HasEverJoined(); });
    uint64_t failed = 0;
    if (joined > 0)
    {
        const auto target = std::max<uint64_t>(
            1,
            static_cast<uint64_t>(std::floor(static_cast<double>(joined) * self->m_fraction)));
        const auto last = static_cast<uint32_t>(all.size() - 1);
        const auto most = std::max<uint64_t>(10, 20 * target);
        for (uint64_t draw = 0; draw < most && failed < target; draw++)
        {
            const auto i = self->churnDraws->GetInteger(0, last);
            if (!self->m_away[i] && all[i]->HasEverJoined() && all[i]->IsOnline())
            {
                self->Fail(i);
                failed++;
            }
        }
    }
    if (failed > 0)
    {
        self->churnTimes.push_back(Simulator::Now());
        self->churned += failed;
    }
    Simulator::Schedule(self->m_every, &Plan::ChurnNext, self);
}

void
FanoutWorkload::Plan::Fail(std::size_t subscriber)
{
    const auto& peer = subscribers[subscriber];
    const auto node = peer->GetNode()->GetId();
    NS_LOG_INFO("peer " << peer->GetIndex() << " fails");
    m_away[subscriber] = true;
    switch (m_churn)
    {
    case FanoutChurn::Notified:
        Simulator::ScheduleWithContext(node,
                                       Time(0),
                                       &FanoutTransport::SetOnline,
                                       peer->GetTransport(),
                                       false);
        break;
    case FanoutChurn::Link:
        Simulator::ScheduleWithContext(node,
                                       Time(0),
                                       &FanoutTransport::SetSilent,
                                       peer->GetTransport(),
                                       true);
        break;
    case FanoutChurn::Process:
        Let(peer, Time(0), &FanoutApplication::Crash);
        break;
    case FanoutChurn::Leave:
        Let(peer, Time(0), &FanoutApplication::Leave);
        break;
    }
    Simulator::ScheduleWithContext(node, m_down, &Plan::Return, shared_from_this(), subscriber);
}

void
FanoutWorkload::Plan::Return(Self self, std::size_t subscriber)
{
    const auto& peer = self->subscribers[subscriber];
    NS_LOG_INFO("peer " << peer->GetIndex() << " is back");
    self->m_away[subscriber] = false;
    switch (self->m_churn)
    {
    case FanoutChurn::Notified:
        peer->GetTransport()->SetOnline(true);
        break;
    case FanoutChurn::Link:
        peer->GetTransport()->SetSilent(false);
        break;
    case FanoutChurn::Process:
        peer->Restart();
        break;
    case FanoutChurn::Leave:
        peer->Join();
        break;
    }
}

// ---- the script's side ----

FanoutWorkload::FanoutWorkload(ApplicationContainer applications)
    : m_plan(std::make_shared<Plan>(applications))
{
}

void
FanoutWorkload::JoinSpread(Time window, Time start)
{
    m_plan->JoinSpread(window, start);
}

void
FanoutWorkload::JoinRelaysFirst(Time settle)
{
    if (settle.IsStrictlyNegative())
    {
        throw std::invalid_argument("FanoutWorkload: the pause before the leaves join must not be "
                                    "negative");
    }
    m_plan->relaysFirst = true;
    m_plan->settle = settle;
}

void
FanoutWorkload::Publish(double rate, uint32_t size, uint32_t count, Time start)
{
    m_plan->Publish({rate, size, count, start});
}

void
FanoutWorkload::Churn(FanoutChurn kind, Time every, Time down, double fraction)
{
    m_plan->Churn(kind, every, down, fraction);
}

int64_t
FanoutWorkload::AssignStreams(int64_t stream)
{
    m_plan->joinDraws->SetStream(stream);
    m_plan->churnDraws->SetStream(stream + 1);
    return 2;
}

Time
FanoutWorkload::Start() const
{
    return m_plan->batches.empty() ? Time(0) : m_plan->batches[0].start;
}

Time
FanoutWorkload::End() const
{
    Time end(0);
    for (const auto& batch : m_plan->batches)
    {
        end = std::max(end, batch.Last());
    }
    return end;
}

Time
FanoutWorkload::FirstBatchEnd() const
{
    return m_plan->batches.empty() ? Time(0) : m_plan->batches[0].Last();
}

Time
FanoutWorkload::JoinStart() const
{
    return m_plan->joinStart;
}

uint32_t
FanoutWorkload::GetMessages() const
{
    return m_plan->GetMessages();
}

uint32_t
FanoutWorkload::GetPublished() const
{
    return m_plan->published;
}

const std::vector<Time>&
FanoutWorkload::GetChurnTimes() const
{
    return m_plan->churnTimes;
}

uint64_t
FanoutWorkload::GetChurned() const
{
    return m_plan->churned;
}

} // namespace ns3
