/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-workload-plan.h"

#include "ns3/fanout-schedule.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutWorkloadChurn");

void
FanoutWorkload::Plan::Churn(FanoutChurn kind, Time every, Time down, double fraction)
{
    if (batches.empty() || m_fraction > 0)
    {
        throw std::logic_error("FanoutWorkload: Churn is called once, after Publish and without "
                               "Sessions: peers fail while the first batch is published");
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

uint64_t
FanoutWorkload::Plan::CountJoined()
{
    const bool first = !std::exchange(m_counted, true);
    if (first)
    {
        m_unjoined.resize(subscribers.size());
        std::iota(m_unjoined.begin(), m_unjoined.end(), 0U);
    }
    const auto joined = [this](uint32_t i) { return subscribers[i]->HasEverJoined(); };
    m_unjoined.erase(std::remove_if(m_unjoined.begin(), m_unjoined.end(), joined),
                     m_unjoined.end());
    if (first)
    {
        m_unjoined.shrink_to_fit();
    }
    return subscribers.size() - m_unjoined.size();
}

void
FanoutWorkload::Plan::ChurnNext(Self self)
{
    if (Simulator::Now() > self->batches[0].Last())
    {
        return;
    }
    const auto& all = self->subscribers;
    const auto joined = self->CountJoined();
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
FanoutWorkload::Plan::Fail(uint32_t subscriber)
{
    const auto node = subscribers[subscriber]->GetNode()->GetId();
    m_away[subscriber] = true;
    const auto self = shared_from_this();
    fanout::ScheduleWithContext(node, Time(0), [self, subscriber] { self->GoAway(subscriber); });
    fanout::ScheduleWithContext(node, m_down, [self, subscriber] { self->ComeBack(subscriber); });
}

void
FanoutWorkload::Plan::Enter(uint32_t subscriber)
{
    const auto& peer = subscribers[subscriber];
    m_away[subscriber] = false;
    if (!peer->IsStarted() || peer->IsUp())
    {
        peer->Join();
    }
}

void
FanoutWorkload::Plan::GoAway(uint32_t subscriber)
{
    const auto& peer = subscribers[subscriber];
    NS_LOG_INFO("peer " << peer->GetIndex() << " goes away");
    m_away[subscriber] = true;
    if (!peer->IsStarted())
    {
        return;
    }
    switch (m_churn)
    {
    case FanoutChurn::Notified:
        peer->GetTransport()->SetOnline(false);
        break;
    case FanoutChurn::Link:
        peer->GetTransport()->SetSilent(true);
        break;
    case FanoutChurn::Process:
        peer->Crash();
        break;
    case FanoutChurn::Leave:
        peer->Leave();
        break;
    }
}

void
FanoutWorkload::Plan::ComeBack(uint32_t subscriber)
{
    const auto& peer = subscribers[subscriber];
    NS_LOG_INFO("peer " << peer->GetIndex() << " is back");
    m_away[subscriber] = false;
    if (!peer->IsStarted())
    {
        return;
    }
    switch (m_churn)
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
        Enter(subscriber);
        break;
    }
}

} // namespace ns3
