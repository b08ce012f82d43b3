/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-workload-plan.h"

#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutWorkload");

FanoutWorkload::Plan::Plan(const ApplicationContainer& applications)
{
    subscribers.reserve(applications.GetN());
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
    sessionDraws = CreateObject<UniformRandomVariable>();
    sessionDraws->SetStream(FanoutRun::DEFAULT_STREAM + 4);
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
        throw std::logic_error("FanoutWorkload: JoinSpread or Sessions was called before");
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
    order.resize(self->subscribers.size());
    std::iota(order.begin(), order.end(), 0U);
    for (auto left = static_cast<uint32_t>(order.size()); left > 1; left--)
    {
        std::swap(order[left - 1], order[self->joinDraws->GetInteger(0, left - 1)]);
    }
    if (self->relaysFirst)
    {
        const auto leaves = std::stable_partition(
            order.begin(),
            order.end(),
            [&self](uint32_t i) { return self->subscribers[i]->GetRole() == FanoutRole::RELAY; });
        self->m_relays = static_cast<std::size_t>(leaves - order.begin());
    }

    const auto begin = [&self](std::size_t from, std::size_t to, Time delay)
    {
        if (from < to)
        {
            const auto spacing =
                self->day.Measure(delay, self->m_window) / static_cast<int64_t>(to - from);
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
    auto& order = self->m_joiners;
    Let(self->subscribers[order[next]], Time(0), &FanoutApplication::Join);
    if (next + 1 < end)
    {
        const auto delay = self->day.Stretch(Simulator::Now() - self->joinStart, spacing);
        Simulator::Schedule(delay, &Plan::JoinNext, self, next + 1, end, spacing);
    }
    else if (end == order.size())
    {
        order = std::vector<uint32_t>();
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

Time
FanoutWorkload::Plan::LastMessage() const
{
    Time last(0);
    for (const auto& batch : batches)
    {
        last = std::max(last, batch.Last());
    }
    return last;
}

// ---- the script's side ----

FanoutWorkload::FanoutWorkload(const ApplicationContainer& applications)
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

void
FanoutWorkload::Sessions(FanoutChurn kind, const FanoutSessionLaws& laws, Time start)
{
    m_plan->Sessions(kind, laws, start);
}

void
FanoutWorkload::Day(Time period, double peak)
{
    m_plan->day = FanoutDay(period, peak);
}

int64_t
FanoutWorkload::AssignStreams(int64_t stream)
{
    m_plan->joinDraws->SetStream(stream);
    m_plan->churnDraws->SetStream(stream + 1);
    m_plan->sessionDraws->SetStream(stream + 2);
    return 3;
}

Time
FanoutWorkload::Start() const
{
    return m_plan->batches.empty() ? Time(0) : m_plan->batches[0].start;
}

Time
FanoutWorkload::End() const
{
    return m_plan->LastMessage();
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

uint32_t
FanoutWorkload::GetPresent() const
{
    return m_plan->present;
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
