/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-attack.h"

#include "ns3/fanout-run.h"
#include "ns3/object-factory.h"

#include <initializer_list>
#include <map>

namespace fanoutsim
{

using namespace ns3;
using Message = fanout::Kind;

namespace
{

const std::map<std::string, FanoutAttack::Kind> KINDS{
    {"lies", FanoutAttack::Kind::LIES},
    {"forgeries", FanoutAttack::Kind::FORGERIES},
    {"flood", FanoutAttack::Kind::FLOOD},
    {"sybils", FanoutAttack::Kind::SYBILS},
    {"reflection", FanoutAttack::Kind::REFLECTION},
    {"plain-reflection", FanoutAttack::Kind::PLAIN_REFLECTION},
    {"malformed", FanoutAttack::Kind::MALFORMED},
};

/// @return bytes of these kinds
std::uint64_t
Sum(const std::array<std::uint64_t, fanout::MAX_KINDS>& bytes, std::initializer_list<Message> kinds)
{
    std::uint64_t sum = 0;
    for (const auto kind : kinds)
    {
        sum += bytes[static_cast<std::size_t>(kind)];
    }
    return sum;
}

} // namespace

bool
Attack::IsAsked(const Options& options)
{
    return KINDS.count(options.Text("fault")) > 0;
}

bool
Attack::NeedsMembers(const Options& options)
{
    return options.Text("fault") == "lies" || options.Text("fault") == "malformed";
}

void
Attack::Check(const Options& options)
{
    const auto attackers = options.Count("attackers");
    if (!IsAsked(options))
    {
        if (attackers > 0)
        {
            throw UsageError("--attackers is not allowed with --fault=" + options.Text("fault") +
                             "; allowed: forgeries, flood, sybils, reflection, "
                             "plain-reflection, malformed");
        }
        return;
    }
    const auto& fault = options.Text("fault");
    const bool reflects = fault == "reflection" || fault == "plain-reflection";
    const std::uint32_t least = fault == "lies" ? 0 : reflects ? 2 : 1;
    if (attackers < least || (fault == "lies" && attackers > 0))
    {
        throw UsageError(
            "--attackers=" + options.Text("attackers") + " is not allowed with --fault=" + fault +
            "; allowed: " +
            (fault == "lies" ? "0, members lie" : "at least " + std::to_string(least)));
    }
    if (reflects && options.Text("underlay") != "cloud")
    {
        throw UsageError("--fault=" + fault + " is not allowed with --underlay=" +
                         options.Text("underlay") + "; allowed: cloud, where addresses can lie");
    }
    const auto spare =
        options.Count("nodes") - 1 - options.Count("bootstraps") - options.Count("subscribers");
    if (attackers > spare)
    {
        throw UsageError("--attackers=" + options.Text("attackers") + " is not allowed; allowed: " +
                         std::to_string(spare) + ", the hosts that --subscribers leaves");
    }
}

Attack::Attack(const Options& options,
               const ApplicationContainer& apps,
               const std::vector<SpareHost>& hosts,
               std::int64_t stream)
    : m_options(options),
      m_attack(apps)
{
    m_attack.AssignStreams(stream);
    ObjectFactory transports;
    transports.SetTypeId(
        DynamicCast<FanoutApplication>(apps.Get(0))->GetTransport()->GetInstanceTypeId());
    for (std::size_t i = 0; i < options.Count("attackers"); i++)
    {
        m_attack.AddStranger(hosts[i].first, hosts[i].second, transports.Create<FanoutTransport>());
    }
}

std::uint32_t
Attack::Begin(FanoutRecovery& recovery, Time length)
{
    if (NeedsMembers(m_options))
    {
        m_attack.Corrupt(FanoutRole::RELAY, m_options.Number("faultFraction"));
    }
    for (const auto& member : m_attack.GetCorrupted())
    {
        recovery.Exclude(member);
    }
    m_before = FanoutRun::Get()->GetCommons().ledger;
    m_attackers =
        m_attack.Begin(KINDS.at(m_options.Text("fault")), m_options.Number("attackRate"), length);
    return m_attackers;
}

void
Attack::Report(FanoutReport& report) const
{
    const auto& counters = m_attack.GetCounters();
    const auto& ledger = FanoutRun::Get()->GetCommons().ledger;
    const auto factor =
        [&](std::initializer_list<Message> asked, std::initializer_list<Message> got)
    {
        const auto sent = static_cast<double>(Sum(counters.sentBytes, asked));
        return sent > 0 ? static_cast<double>(Sum(counters.answeredBytes, got)) / sent : 0;
    };
    report.Begin("attack");
    report.SetCount("attackers", m_attackers);
    report.SetCount("attackFrames", counters.frames);
    report.SetCount("attackBytes", counters.bytes, "B");
    report.SetCount("attackAnswers", counters.answers);
    report.SetCount("attackAnswerBytes", counters.answerBytes, "B");
    report.SetNumber("attackAnswerFactor",
                     counters.bytes > 0 ? static_cast<double>(counters.answerBytes) /
                                              static_cast<double>(counters.bytes)
                                        : 0);
    report.SetNumber("answerFactorTracker",
                     factor({Message::TRACKER_QUERY}, {Message::TRACKER_REPLY}));
    report.SetNumber("answerFactorFetch", factor({Message::FETCH_REQ}, {Message::ALIVE}));
    report.SetNumber("answerFactorJoin",
                     factor({Message::JOIN_REQ},
                            {Message::JOIN_ACCEPT,
                             Message::JOIN_REJECT,
                             Message::KICK,
                             Message::DATA,
                             Message::END,
                             Message::IHAVE,
                             Message::POSITION,
                             Message::MOVE}));
    report.SetCount("refusedSignatures", ledger.badSignatures - m_before.badSignatures);
    report.SetCount("refusedMalformed", ledger.malformed - m_before.malformed);
    report.SetCount("refusedData", ledger.strayData - m_before.strayData);
    report.SetCount("refusedRate", ledger.rateDropped - m_before.rateDropped);
}

} // namespace fanoutsim
