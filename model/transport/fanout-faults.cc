/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-faults.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ns3
{

FanoutFaults::FanoutFaults()
    : m_draws(CreateObject<UniformRandomVariable>())
{
}

void
FanoutFaults::Add(Rule rule)
{
    const auto share = [](double p) { return p >= 0 && p <= 1; };
    if (!share(rule.lose) || !share(rule.twice) || rule.late.IsStrictlyNegative())
    {
        throw std::invalid_argument("FanoutFaults: a rule needs probabilities from 0 to 1, and a "
                                    "delay that is not negative");
    }
    m_rules.push_back(std::move(rule));
}

int64_t
FanoutFaults::AssignStreams(int64_t stream)
{
    m_draws->SetStream(stream);
    return 1;
}

bool
FanoutFaults::Applies(const Rule& rule, uint32_t from, uint32_t to, uint8_t kind)
{
    const auto now = Simulator::Now();
    return now >= rule.begin && now < rule.end &&
           (rule.kinds.none() || (kind < KINDS && rule.kinds[kind])) &&
           (!rule.between || rule.between(from, to));
}

bool
FanoutFaults::Happens(double probability)
{
    return probability > 0 && (probability >= 1 || m_draws->GetValue() < probability);
}

FanoutFaults::Fate
FanoutFaults::Judge(uint32_t from, uint32_t to, const fanout::FrameRef& frame)
{
    Fate fate;
    Time late(0);
    for (const auto& rule : m_rules)
    {
        if (!Applies(rule, from, to, frame->Kind()))
        {
            continue;
        }
        if (Happens(rule.lose))
        {
            m_counters.lost++;
            fate.copies = 0;
            return fate;
        }
        fate.copies = Happens(rule.twice) ? 2 : fate.copies;
        late = std::max(late, rule.late);
    }
    m_counters.twice += fate.copies - 1;
    if (late.IsStrictlyPositive())
    {
        for (uint32_t i = 0; i < fate.copies; i++)
        {
            fate.late[i] =
                NanoSeconds(static_cast<int64_t>(m_draws->GetValue() * late.GetNanoSeconds()));
            m_counters.late++;
        }
    }
    return fate;
}

const FanoutFaults::Counters&
FanoutFaults::GetCounters() const
{
    return m_counters;
}

} // namespace ns3
