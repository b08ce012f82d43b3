/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-workload-plan.h"

#include "ns3/fanout-draw-key.h"
#include "ns3/fanout-random.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <stdexcept>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutWorkloadSessions");

void
FanoutWorkload::Plan::Sessions(FanoutChurn kind, const FanoutSessionLaws& laws, Time start)
{
    laws.Check();
    if (m_spread || m_fraction > 0)
    {
        throw std::logic_error("FanoutWorkload: Sessions is called once, and without JoinSpread "
                               "and Churn: it says when subscribers come and go");
    }
    if (start < Simulator::Now())
    {
        throw std::invalid_argument("FanoutWorkload: Sessions would have to start in the past");
    }
    for (const auto& peer : subscribers)
    {
        peer->SetJoinAtStart(false);
    }
    m_spread = true;
    m_fraction = 1;
    m_churn = kind;
    m_laws = laws;
    joinStart = start;
    m_away.assign(subscribers.size(), true);
    m_turns.assign(subscribers.size(), 0);
    Simulator::Schedule(start - Simulator::Now(), &Plan::BeginSessions, shared_from_this());
}

void
FanoutWorkload::Plan::BeginSessions(Self self)
{
    self->m_sessionKey = fanout::DrawKey(self->sessionDraws);
    const double share = self->m_laws.GetPresentShare();
    for (uint32_t i = 0; i < self->subscribers.size(); i++)
    {
        const auto& peer = self->subscribers[i];
        fanout::Random random(self->m_sessionKey, peer->GetIndex(), 0);
        const bool here = random.Uniform() < share;
        const auto& law = here ? self->m_laws.on : self->m_laws.off;
        const auto left = law.ResidualQuantile(random.Uniform());
        if (here)
        {
            self->m_away[i] = false;
            self->present++;
            Let(peer, Time(0), &FanoutApplication::Join);
        }
        self->TurnAfter(i, here ? left : self->day.Stretch(Time(0), left));
    }
}

void
FanoutWorkload::Plan::TurnAfter(uint32_t subscriber, Time delay)
{
    Simulator::ScheduleWithContext(subscribers[subscriber]->GetNode()->GetId(),
                                   delay,
                                   &Plan::Turn,
                                   shared_from_this(),
                                   subscriber);
}

void
FanoutWorkload::Plan::Turn(Self self, uint32_t subscriber)
{
    const auto now = Simulator::Now();
    if (!self->batches.empty() && now > self->LastMessage())
    {
        return;
    }
    const auto& peer = self->subscribers[subscriber];
    fanout::Random random(self->m_sessionKey, peer->GetIndex(), ++self->m_turns[subscriber]);
    if (self->m_away[subscriber])
    {
        // Who was away from the beginning has never joined.
        const bool first = self->m_turns[subscriber] == 1;
        self->present++;
        first ? self->Enter(subscriber) : self->ComeBack(subscriber);
        self->TurnAfter(subscriber, self->m_laws.on.Quantile(random.Uniform()));
    }
    else
    {
        self->present--;
        self->churned++;
        self->GoAway(subscriber);
        const auto length = self->m_laws.off.Quantile(random.Uniform());
        self->TurnAfter(subscriber, self->day.Stretch(now - self->joinStart, length));
    }
}

} // namespace ns3
