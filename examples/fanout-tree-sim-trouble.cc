/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-trouble.h"

#include "ns3/fanout-messages.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace fanoutsim
{

using namespace ns3;

bool
Trouble::IsAsked(const Options& options)
{
    return options.Text("fault") != "none" || options.Count("crowd") > 0 ||
           options.Number("loseKickRate") > 0 || options.Number("duplicateRate") > 0 ||
           options.Number("reorderMs") > 0;
}

void
Trouble::Check(const Options& options)
{
    const auto& fault = options.Text("fault");
    Attack::Check(options);
    const bool ofMembers = !Attack::IsAsked(options) || Attack::NeedsMembers(options);
    if (fault != "none" && ofMembers && options.Number("faultFraction") <= 0)
    {
        throw UsageError("--fault=" + fault + " needs --faultFraction above 0");
    }
    const bool crowd = options.Count("crowd") > 0;
    if ((fault != "none" || crowd) &&
        options.Number("faultAtMs") >= options.Number("intervalMs") * options.Number("messages"))
    {
        throw UsageError("--faultAtMs=" + options.Text("faultAtMs") +
                         " is not allowed; allowed: before the last message, which --messages and "
                         "--msgRate set");
    }
    if (crowd && options.Count("crowd") >= options.Count("subscribers"))
    {
        throw UsageError("--crowd=" + options.Text("crowd") +
                         " is not allowed; allowed: less than the " + options.Text("subscribers") +
                         " subscribers");
    }
    for (const auto* name : {"joinConcurrency", "joinSpreadMs", "joinPhases"})
    {
        if (crowd && options.Number(name) > 0)
        {
            throw UsageError("--crowd is not allowed with --" + std::string(name));
        }
    }
}

Trouble::Trouble(const Options& options,
                 const ApplicationContainer& apps,
                 const std::vector<SpareHost>& spare,
                 std::int64_t stream)
    : m_options(options),
      m_trouble(apps),
      m_recovery(CreateObject<FanoutRecovery>())
{
    stream += m_trouble.AssignStreams(stream);
    if (Attack::IsAsked(options))
    {
        m_attack = std::make_unique<Attack>(options, apps, spare, stream);
    }
    const auto crowd = options.Count("crowd");
    for (std::uint32_t i = apps.GetN(); i-- > 0;)
    {
        const auto peer = DynamicCast<FanoutApplication>(apps.Get(i));
        if (m_crowd.size() < crowd && peer->IsSubscriber())
        {
            peer->SetJoinAtStart(false);
            m_crowd.push_back(peer);
        }
    }
    for (std::uint32_t i = 0; i < apps.GetN(); i++)
    {
        m_recovery->AddPeer(DynamicCast<FanoutApplication>(apps.Get(i)));
    }
}

Trouble::~Trouble()
{
    m_recovery->Dispose();
}

std::uint32_t
Trouble::GetCrowd() const
{
    return static_cast<std::uint32_t>(m_crowd.size());
}

void
Trouble::Begin()
{
    BeginFrameFaults();
    const bool once = m_options.Text("fault") != "none" || !m_crowd.empty();
    Simulator::Schedule(once ? m_options.Milliseconds("faultAtMs") : Time(0),
                        &Trouble::Strike,
                        this);
}

void
Trouble::BeginFrameFaults()
{
    FanoutFaults::Rule kicks;
    kicks.kinds.set(static_cast<std::size_t>(fanout::Kind::KICK));
    kicks.lose = m_options.Number("loseKickRate");
    if (kicks.lose > 0)
    {
        m_trouble.GetFaults()->Add(kicks);
    }
    FanoutFaults::Rule all;
    all.twice = m_options.Number("duplicateRate");
    all.late = m_options.Milliseconds("reorderMs");
    if (all.twice > 0 || all.late.IsStrictlyPositive())
    {
        m_trouble.GetFaults()->Add(all);
    }
}

void
Trouble::Strike()
{
    m_recovery->Begin();
    m_hit = Hit();
    if (!m_crowd.empty())
    {
        JoinNext(0);
    }
}

std::uint32_t
Trouble::Hit()
{
    const auto& fault = m_options.Text("fault");
    const auto fraction = m_options.Number("faultFraction");
    const auto length = m_options.Count("faultForMs") == 0 ? Time::Max() - Simulator::Now()
                                                           : m_options.Milliseconds("faultForMs");
    if (m_attack)
    {
        return m_attack->Begin(*m_recovery, length);
    }
    if (fault == "free-riders")
    {
        return m_trouble.FreeRide(fraction, length);
    }
    if (fault == "crash-relays")
    {
        return m_trouble.Crash(FanoutRole::RELAY, fraction);
    }
    if (fault == "leave-relays")
    {
        return m_trouble.Leave(FanoutRole::RELAY, fraction);
    }
    if (fault == "crash-trackers")
    {
        return m_trouble.CrashTrackers(fraction);
    }
    if (fault == "partition")
    {
        return m_trouble.Partition(fraction, length);
    }
    if (fault == "dead-down" || fault == "dead-up")
    {
        return m_trouble.DeadenLinks(fraction, fault == "dead-up", length);
    }
    if (fault == "slow-relays")
    {
        return m_trouble.SlowRelays(fraction, m_options.Number("slowFactor"));
    }
    return 0;
}

void
Trouble::JoinNext(std::size_t next)
{
    const auto spacing =
        m_options.Milliseconds("crowdSpreadMs") / static_cast<std::int64_t>(m_crowd.size());
    const auto& peer = m_crowd[next];
    Simulator::ScheduleWithContext(peer->GetNode()->GetId(),
                                   Time(0),
                                   &FanoutApplication::Join,
                                   peer);
    if (next + 1 < m_crowd.size())
    {
        Simulator::Schedule(spacing, &Trouble::JoinNext, this, next + 1);
    }
}

void
Trouble::Report(FanoutReport& report)
{
    m_recovery->Report(report);
    const auto& frames = m_trouble.GetFaults()->GetCounters();
    report.Begin("recovery");
    if (m_options.Text("fault") != "none" && m_options.Count("faultForMs") > 0)
    {
        const auto length = m_options.Number("faultForMs");
        const auto whole = report.Get("wholeAfterMs");
        // What is not defined stays so.
        report.SetNumber("wholeAfterHealMs", whole < length ? 0 : whole - length, "ms");
    }
    report.SetCount("faultHit", m_hit);
    report.SetCount("faultFrames", frames.lost + frames.twice + frames.late);
    report.SetCount("faultFramesLost", frames.lost);
    report.SetCount("faultFramesTwice", frames.twice);
    report.SetCount("faultFramesLate", frames.late);
    if (m_attack)
    {
        m_attack->Report(report);
    }
}

} // namespace fanoutsim
