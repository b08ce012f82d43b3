/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-scenario.h"

#include "fanout-tree-sim-network.h"
#include "fanout-tree-sim-sessions.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fanout-cloud-report.h"
#include "ns3/fanout-csma-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-p2p-helper.h"
#include "ns3/global-value.h"
#include "ns3/object-factory.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/type-id.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace fanoutsim
{

using namespace ns3;

namespace
{

constexpr std::int64_t NETWORK_STREAM = 1000;
constexpr std::int64_t TREE_STREAM = 2000;
constexpr std::int64_t LOAD_STREAM = 3000;
constexpr std::int64_t TROUBLE_STREAM = 4000;

constexpr std::uint32_t TRACKER_QUEUE_BYTES = 1 << 28; // a server's buffers, at 1 Gbit/s 2 s

const Time POLL = MilliSeconds(10);

DataRate
BytesPerSecond(double rate)
{
    return DataRate(static_cast<std::uint64_t>(rate * 8));
}

/// @param name of --transport @return its TypeId's name
std::string
TransportOf(const std::string& name)
{
    return name == "cloud" ? "ns3::FanoutCloudTransport"
           : name == "tcp" ? "ns3::FanoutTcpTransport"
                           : "ns3::FanoutUdpTransport";
}

/// The queue has grown to an event for each node, device and application that was made; a new one
/// of the same kind is as large as what is left.
void
RenewScheduler()
{
    TypeIdValue type;
    GlobalValue::GetValueByName("SchedulerType", type);
    ObjectFactory factory;
    factory.SetTypeId(type.Get());
    Simulator::SetScheduler(factory);
}

} // namespace

Scenario::Scenario(const Options& options, Progress& progress)
    : m_options(options),
      m_progress(progress)
{
    RngSeedManager::SetRun(static_cast<std::uint64_t>(options.Number("seed")));
    FanoutTreeHelper tree(options.Text("topic"));
    tree.SetSeed(static_cast<std::uint64_t>(options.Number("seed")));
    tree.SetSigning(options.Text("signing"));
    tree.SetTransport(TransportOf(options.Text("transport")),
                      "DataFrameLoss",
                      DoubleValue(options.Number("dropDataFrameRate")));
    tree.SetRoles(FanoutRoles()
                      .Root(0)
                      .Trackers(1, options.Count("bootstraps"))
                      .Subscribers(options.Count("subscribers"))
                      .RelayFraction(options.Number("relayFraction")));
    SetOptions(tree);
    MakeUnderlay(tree);
    m_apps = tree.Install(m_network->GetHosts());
    tree.AssignStreams(m_apps, TREE_STREAM);
    m_monitor = FanoutMonitorHelper()
                    .Set("Deadline", TimeValue(options.Milliseconds("deadlineMs")))
                    .Install(m_apps);
    m_monitor->SetHosts(options.Count("nodes"));
    if (const auto* net = dynamic_cast<const FanoutAccessHelper*>(m_network.get()))
    {
        m_monitor->SetDelays([net](std::uint32_t a, std::uint32_t b)
                             { return net->GetRoundTrip(a, b).GetNanoSeconds() / 2e3; });
    }
    if (!options.Text("out").empty())
    {
        m_monitor->BeginTimeline(false);
    }
    m_subscribers = m_monitor->GetSubscribers();
    m_presence = MakePresence(options, m_apps);
    if (Trouble::IsAsked(options))
    {
        m_trouble = std::make_unique<Trouble>(options, m_apps, GetSpareHosts(tree), TROUBLE_STREAM);
        m_subscribers -= m_trouble->GetCrowd();
    }
    m_setupCpuSeconds = Meter::CpuSeconds();
}

Scenario::~Scenario()
{
    m_trouble.reset();
    if (m_presence)
    {
        m_presence->Dispose();
    }
    m_monitor->Dispose();
    m_monitor = nullptr;
    m_apps = ApplicationContainer();
    m_queue.clear();
    Simulator::Destroy();
}

void
Scenario::SetOptions(FanoutTreeHelper& tree) const
{
    const auto& o = m_options;
    const auto count = [&](const char* name) { return UintegerValue(o.Count(name)); };
    const auto time = [&](const char* name) { return TimeValue(o.Milliseconds(name)); };
    const auto flag = [&](const char* name) { return BooleanValue(o.On(name)); };
    tree.SetOption("MessageRate",
                   DoubleValue(1000 / o.Number("intervalMs")),
                   "MessageSize",
                   count("msgSize"),
                   "AllowKick",
                   flag("allowKick"),
                   "MaxDataAge",
                   time("maxDataAgeMs"),
                   "Scoring",
                   StringValue(o.Text("candidateScoringMode")),
                   "BootstrapMaxPeers",
                   count("bootstrapMaxPeers"));
    tree.SetOption("TrackerShards",
                   count("trackerShards"),
                   "MoveOnOverload",
                   flag("moveOnOverload"),
                   "DropNewest",
                   flag("dropNewest"),
                   "RoundRobin",
                   flag("roundRobin"),
                   "SlotLease",
                   time("slotLeaseMs"),
                   "RelaysFirst",
                   flag("relaysFirst"),
                   "HoldTime",
                   time("holdMs"),
                   "Backups",
                   count("backups"));
    tree.SetOption("Repair",
                   flag("repair"),
                   "Neighbours",
                   flag("neighbours"),
                   "MeshPeers",
                   count("meshPeers"),
                   "MeshInterval",
                   time("meshIntervalMs"),
                   "RepairWindow",
                   count("repairWindowMessages"),
                   "RepairMaxBackfill",
                   count("repairMaxBackfillMessages"),
                   "RepairMaxPerRequest",
                   count("repairMaxPerReq"),
                   "RepairRetry",
                   time("repairRetryMs"));
    tree.SetRoot("UploadRate",
                 DataRateValue(BytesPerSecond(o.Number("rootUploadLimitBps"))),
                 "MaxChildren",
                 count("rootMaxChildren"));
    tree.SetRelay("UploadRate",
                  DataRateValue(BytesPerSecond(o.Number("relayUploadLimitBps"))),
                  "MaxChildren",
                  count("relayMaxChildren"),
                  "BidPerByte",
                  count("bidPerByteRelay"));
    tree.SetLeaf("BidPerByte", count("bidPerByteLeaf"));
    for (const auto& [name, attribute] : {std::pair("joinReqTimeoutMs", "JoinRequestTimeout"),
                                          std::pair("candidateCooldownMs", "CandidateCooldown"),
                                          std::pair("trackerQueryTimeoutMs", "TrackerQueryTimeout"),
                                          std::pair("announceTtlMs", "AnnounceTtl")})
    {
        if (o.Number(name) >= 0)
        {
            tree.SetOption(attribute, time(name));
        }
    }
    for (const auto& [name, attribute] : {std::pair("joinAttemptsPerRound", "JoinAttemptsPerRound"),
                                          std::pair("candidateShuffleTopK", "CandidateShuffleTopK"),
                                          std::pair("trackerCandidates", "TrackerCandidates")})
    {
        if (o.Number(name) >= 0)
        {
            tree.SetOption(attribute, count(name));
        }
    }
}

std::vector<SpareHost>
Scenario::GetSpareHosts(const FanoutTreeHelper& tree) const
{
    std::vector<SpareHost> hosts;
    for (const auto position : tree.GetPositions(FanoutRole::IDLE))
    {
        hosts.emplace_back(m_network->GetHosts().Get(position), m_network->GetAddress(position));
    }
    return hosts;
}

void
Scenario::SetAccess(FanoutAccessHelper& network, const FanoutTreeHelper& tree) const
{
    network.SetUniformRate(BytesPerSecond(m_options.Number("uniformBps")));
    network.SetAccess(m_options.Text("access"));
    SetRegions(m_options, network);
    network.SetAccess("relay", 0, 1 + m_options.Count("bootstraps"));
    network.SetAccess("relay", tree.GetPositions(FanoutRole::RELAY));
    if (m_options.Count("attackers") > 0)
    {
        network.SetAccess("relay", tree.GetPositions(FanoutRole::IDLE));
    }
}

void
Scenario::MakeUnderlay(FanoutTreeHelper& tree)
{
    const auto hosts = m_options.Count("nodes");
    const auto& kind = m_options.Text("underlay");
    tree.DrawRoles(hosts);
    if (kind == "cloud")
    {
        auto cloud = std::make_unique<FanoutCloudHelper>();
        const auto* addresses = cloud.get();
        tree.SetAddresses([addresses](std::uint32_t i) { return addresses->GetAddress(i); });
        cloud->SetPackets(false);
        cloud->SetChannelAttribute("Grid", TimeValue(MicroSeconds(m_options.Count("gridUs"))));
        cloud->SetAccessQueueBytesOf(TRACKER_QUEUE_BYTES, 1, m_options.Count("bootstraps"));
        SetAccess(*cloud, tree);
        SetLatencies(m_options, *cloud);
        m_network = std::move(cloud);
    }
    else if (kind == "isp")
    {
        auto isp = MakeIsp(m_options);
        SetAccess(*isp, tree);
        m_network = std::move(isp);
    }
    else if (kind == "p2p")
    {
        auto p2p = std::make_unique<FanoutP2pHelper>();
        p2p->SetDegree(std::min(m_options.Count("degree"), hosts - 1));
        m_network = std::move(p2p);
    }
    else
    {
        m_network = std::make_unique<FanoutCsmaHelper>();
    }
    if (m_options.Text("transport") == "tcp")
    {
        m_network->SetStack(FanoutStackHelper::LEAN_TCP);
    }
    m_network->AssignStreams(NETWORK_STREAM);
    m_network->SetLinkErrorRate(m_options.Number("linkErrorRate"));
    m_network->Create(hosts);
}

Outcome
Scenario::Run()
{
    const Time stream = m_options.Milliseconds("intervalMs") * m_options.Count("messages");
    m_end = stream + m_options.Milliseconds("settleMs");
    BeginJoining();
    Simulator::Schedule(Time(0), &Scenario::Poll, this);
    Simulator::Schedule(NanoSeconds(1), &RenewScheduler);
    Simulator::Schedule(m_options.Milliseconds("timeoutMs"),
                        &Scenario::End,
                        this,
                        Outcome::TIMED_OUT);
    Simulator::Run();
    m_progress.End();
    return m_outcome;
}

void
Scenario::BeginJoining()
{
    m_arrivals = BeginSessions(m_options, m_apps, LOAD_STREAM);
    const bool phases = m_options.On("joinPhases");
    if (m_arrivals)
    {
        return;
    }
    if (m_options.Count("joinConcurrency") == 0 && !phases)
    {
        if (m_options.Count("joinSpreadMs") > 0)
        {
            FanoutWorkload joins(m_apps);
            joins.AssignStreams(LOAD_STREAM);
            SetDay(m_options, joins);
            joins.JoinSpread(m_options.Milliseconds("joinSpreadMs"));
        }
        return;
    }
    for (const auto role : {FanoutRole::RELAY, FanoutRole::LEAF})
    {
        for (std::uint32_t i = 0; i < m_apps.GetN(); i++)
        {
            const auto peer = DynamicCast<FanoutApplication>(m_apps.Get(i));
            if (peer->GetRole() == role)
            {
                peer->SetJoinAtStart(false);
                m_queue.push_back(peer);
            }
        }
        m_firstPhase = role == FanoutRole::RELAY && phases ? m_queue.size() : m_firstPhase;
    }
    // Without phases nobody comes first by its role.
    if (!phases)
    {
        std::sort(m_queue.begin(),
                  m_queue.end(),
                  [](const auto& a, const auto& b) { return a->GetIndex() < b->GetIndex(); });
    }
}

void
Scenario::JoinMore()
{
    const auto most = m_options.Count("joinConcurrency");
    while (m_begun < m_queue.size() && (most == 0 || m_begun - m_monitor->GetJoined() < most))
    {
        if (m_begun == m_firstPhase && m_firstPhase > 0)
        {
            if (m_monitor->GetJoined() < m_firstPhase)
            {
                return;
            }
            m_phaseOver = m_phaseOver.IsNegative() ? Simulator::Now() : m_phaseOver;
            if (Simulator::Now() < m_phaseOver + m_options.Milliseconds("joinPhaseSettleMs"))
            {
                return;
            }
        }
        const auto& peer = m_queue[m_begun++];
        Simulator::ScheduleWithContext(peer->GetNode()->GetId(),
                                       Time(0),
                                       &FanoutApplication::Join,
                                       peer);
    }
}

void
Scenario::BeginPublishing()
{
    m_monitor->NoteFormation();
    m_formed = GetHandled();
    if (m_arrivals)
    {
        m_load = std::move(m_arrivals);
    }
    else
    {
        m_load = std::make_unique<FanoutWorkload>(m_apps);
        m_load->AssignStreams(LOAD_STREAM + 2);
    }
    const auto settle = m_options.Milliseconds("settleMs");
    m_end = Simulator::Now() + settle;
    if (m_options.Count("messages") > 0)
    {
        const auto interval = m_options.Milliseconds("intervalMs");
        m_load->Publish(1000 / m_options.Number("intervalMs"),
                        m_options.Count("msgSize"),
                        m_options.Count("messages"),
                        Simulator::Now());
        m_end = m_load->End() + interval + settle;
        if (m_options.Count("churnEveryMs") > 0)
        {
            m_load->Churn(GetChurnKind(m_options),
                          m_options.Milliseconds("churnEveryMs"),
                          m_options.Milliseconds("churnDownMs"),
                          m_options.Number("churnFraction"));
        }
    }
    if (m_trouble)
    {
        m_trouble->Begin();
    }
    Simulator::Schedule(m_end - Simulator::Now(), &Scenario::End, this, Outcome::DONE);
}

void
Scenario::Poll()
{
    const auto wallLimit = m_options.Number("wallTimeoutMs") / 1000;
    if (StopAskedFor())
    {
        return End(Outcome::INTERRUPTED);
    }
    if (wallLimit > 0 && m_meter.WallSeconds() > wallLimit)
    {
        return End(Outcome::TIMED_OUT);
    }
    if (!m_load)
    {
        JoinMore();
        const Time bound =
            std::clamp(MilliSeconds(m_options.Count("timeoutMs") / 2), Seconds(10), Seconds(120));
        if (m_monitor->GetJoined() >= CountToJoin() || Simulator::Now() >= bound)
        {
            BeginPublishing();
        }
    }
    m_monitor->NoteTime();
    if (m_progress.IsDue())
    {
        m_progress.Show(GetStanding());
    }
    Simulator::Schedule(POLL, &Scenario::Poll, this);
}

void
Scenario::End(Outcome outcome)
{
    m_outcome = outcome;
    Simulator::Stop();
}

std::uint32_t
Scenario::CountToJoin() const
{
    return m_arrivals ? m_arrivals->GetPresent() : m_subscribers;
}

Standing
Scenario::GetStanding() const
{
    Standing standing;
    standing.now = Simulator::Now();
    standing.end = m_load ? m_end : m_end + Simulator::Now();
    standing.joined = m_monitor->GetJoined();
    standing.toJoin = CountToJoin();
    standing.delivered = m_monitor->GetDelivered();
    standing.expected = std::uint64_t{m_options.Count("messages")} * m_subscribers;
    standing.events = Simulator::GetEventCount();
    return standing;
}

FanoutReport
Scenario::GetReport()
{
    if (m_load)
    {
        m_monitor->SetChurn(m_load->GetChurnTimes(), m_load->GetChurned());
    }
    auto report = m_monitor->GetReport();
    if (m_presence)
    {
        m_presence->Report(report);
    }
    if (m_trouble)
    {
        m_trouble->Report(report);
    }
    ReportRun(report);
    ReportParameters(report);
    return report;
}

std::vector<std::string>
Scenario::WriteFigures(const FanoutRunFolder& folder) const
{
    FanoutRunFolder::Figures figures;
    figures.peersMost = m_options.Count("peersMost");
    figures.treeMost = m_options.Count("treeMost");
    if (const auto* net = dynamic_cast<const FanoutAccessHelper*>(m_network.get()))
    {
        figures.placeOf = [net](std::uint32_t i) { return fanout::NameOf(net->GetRegion(i)); };
    }
    return folder.WriteFigures(*m_monitor, figures);
}

Ptr<FanoutCloudChannel>
Scenario::GetCloud() const
{
    const auto* cloud = dynamic_cast<const FanoutCloudHelper*>(m_network.get());
    return cloud ? cloud->GetCloud() : nullptr;
}

Scenario::Handled
Scenario::GetHandled() const
{
    Handled handled;
    handled.events = Simulator::GetEventCount();
    handled.delivered = m_monitor->GetDelivered();
    handled.inputs = FanoutRun::Get()->GetCommons().ledger.inputs;
    if (const auto cloud = GetCloud())
    {
        handled.inputs = cloud->GetCounters().arrived + cloud->GetCounters().wakes;
    }
    return handled;
}

void
Scenario::ReportEffort(FanoutReport& report) const
{
    const auto now = GetHandled();
    const auto delivered = static_cast<double>(now.delivered - m_formed.delivered);
    if (delivered > 0)
    {
        report.SetNumber("inputsPerDelivery",
                         static_cast<double>(now.inputs - m_formed.inputs) / delivered);
        report.SetNumber("eventsPerDelivery",
                         static_cast<double>(now.events - m_formed.events) / delivered);
    }
}

void
Scenario::ReportRun(FanoutReport& report) const
{
    std::vector<double> bytes;
    double sum = 0;
    for (std::uint32_t i = 0; i < m_apps.GetN(); i++)
    {
        const auto peer = DynamicCast<FanoutTreeApplication>(m_apps.Get(i));
        bytes.push_back(static_cast<double>(peer->GetPeerBytes()));
        sum += bytes.back();
    }
    std::sort(bytes.begin(), bytes.end());
    report.Begin("run");
    report.SetFlag("interrupted", m_outcome == Outcome::INTERRUPTED);
    report.SetFlag("timedOut", m_outcome == Outcome::TIMED_OUT);
    report.SetNumber("simulatedSeconds", Simulator::Now().GetSeconds(), "s");
    report.SetCount("events", Simulator::GetEventCount());
    report.SetNumber("peerBytesP50", FanoutQuantile(bytes, 0.5), "B");
    report.SetNumber("peerBytesMax", FanoutQuantile(bytes, 1), "B");
    ReportEffort(report);
    if (const auto cloud = GetCloud())
    {
        FanoutReportCloud(report, *cloud);
    }
    report.Begin(FanoutReport::COST);
    const double cpu = Meter::CpuSeconds();
    const auto rss = static_cast<double>(Meter::PeakRssBytes());
    report.SetNumber("cpuSeconds", cpu, "s");
    report.SetNumber("cpuSecondsSetup", m_setupCpuSeconds, "s");
    report.SetNumber("wallSeconds", m_meter.WallSeconds(), "s");
    report.SetNumber("peakRssMb", rss / 1e6, "MB");
    report.SetNumber("deliveriesPerCpuSecond",
                     static_cast<double>(m_monitor->GetDelivered()) / cpu);
    report.SetNumber("eventsPerCpuSecond", static_cast<double>(Simulator::GetEventCount()) / cpu);
    report.SetNumber("rssBytesPerHost", rss / m_options.Number("nodes"), "B");
}

void
Scenario::ReportParameters(FanoutReport& report) const
{
    report.Begin(FanoutReport::PARAMETERS, FanoutReport::DETAIL);
    report.SetText("preset", m_options.GetPreset());
    for (const auto& flag : Flags())
    {
        const auto& text = m_options.Text(flag.name);
        if (std::string(flag.group) == OutputGroup() || text.empty())
        {
            continue;
        }
        switch (flag.kind)
        {
        case Kind::COUNT:
            report.SetCount(flag.name, static_cast<std::uint64_t>(m_options.Number(flag.name)));
            break;
        case Kind::OPTIONAL:
        case Kind::REAL:
            report.SetNumber(flag.name, m_options.Number(flag.name));
            break;
        case Kind::SWITCH:
            report.SetFlag(flag.name, m_options.On(flag.name));
            break;
        case Kind::CHOICE:
        case Kind::TEXT:
            report.SetText(flag.name, text);
            break;
        }
    }
    report.SetText("verification", "one check serves all holders of the same frame");
    const bool tcp = m_options.Text("transport") == "tcp";
    report.SetText("dataReliability",
                   tcp ? "once while a link is open, repaired by the protocol"
                       : "at most once, repaired by the protocol");
    report.SetText("controlReliability", tcp ? "once while a link is open" : "at least once");
}

} // namespace fanoutsim
