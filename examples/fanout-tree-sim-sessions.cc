/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-sessions.h"

#include "ns3/fanout-application.h"

namespace fanoutsim
{

using namespace ns3;

void
CheckSessions(const Options& options)
{
    const bool sessions = options.Text("sessions") != "none";
    for (const auto* name :
         {"joinConcurrency", "joinSpreadMs", "joinPhases", "churnEveryMs", "crowd"})
    {
        if (sessions && options.Number(name) > 0)
        {
            throw UsageError("--sessions is not allowed with --" + std::string(name) +
                             ": sessions say when subscribers come and go");
        }
    }
    if (options.Count("dayMs") > 0 && !sessions && options.Count("joinSpreadMs") == 0)
    {
        throw UsageError("--dayMs needs --sessions or --joinSpreadMs");
    }
}

FanoutChurn
GetChurnKind(const Options& options)
{
    const auto& kind = options.Text("churnKind");
    return kind == "link"      ? FanoutChurn::Link
           : kind == "process" ? FanoutChurn::Process
           : kind == "leave"   ? FanoutChurn::Leave
                               : FanoutChurn::Notified;
}

void
SetDay(const Options& options, FanoutWorkload& load)
{
    if (options.Count("dayMs") > 0)
    {
        load.Day(options.Milliseconds("dayMs"), options.Number("dayPeak"));
    }
}

std::unique_ptr<FanoutWorkload>
BeginSessions(const Options& options, const ApplicationContainer& apps, std::int64_t stream)
{
    if (options.Text("sessions") == "none")
    {
        return nullptr;
    }
    auto laws = FanoutSessionLaws::Kad(options.Milliseconds("sessionMeanMs"));
    laws.on.shape = options.Number("sessionShape");
    laws.off.shape = options.Number("sessionOffShape");
    if (options.Number("sessionOffMeanMs") > 0)
    {
        laws.off.mean = options.Milliseconds("sessionOffMeanMs");
    }
    auto load = std::make_unique<FanoutWorkload>(apps);
    load->AssignStreams(stream);
    SetDay(options, *load);
    load->Sessions(GetChurnKind(options), laws);
    return load;
}

Ptr<FanoutPresence>
MakePresence(const Options& options, const ApplicationContainer& apps)
{
    const auto kind = GetChurnKind(options);
    const bool leaves = kind == FanoutChurn::Process || kind == FanoutChurn::Leave;
    if (options.Text("sessions") == "none" && !(leaves && options.Count("churnEveryMs") > 0))
    {
        return nullptr;
    }
    const auto presence = CreateObject<FanoutPresence>();
    for (std::uint32_t i = 0; i < apps.GetN(); i++)
    {
        presence->AddPeer(DynamicCast<FanoutApplication>(apps.Get(i)));
    }
    return presence;
}

} // namespace fanoutsim
