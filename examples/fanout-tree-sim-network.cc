/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-network.h"

#include "ns3/fanout-isp-helper.h"
#include "ns3/fanout-measured-latency.h"
#include "ns3/fanout-topology-helper.h"

#include <cmath>
#include <stdexcept>

namespace fanoutsim
{

using namespace ns3;

namespace
{

/// @param options of a run @param flag of a file @param underlay that it needs
/// @param more flags that mean nothing without it
void
CheckFile(const Options& options,
          const std::string& flag,
          const std::string& underlay,
          const std::vector<const char*>& more)
{
    if (options.Text(flag).empty())
    {
        for (const auto* name : more)
        {
            if (options.IsSet(name))
            {
                throw UsageError("--" + std::string(name) + " needs --" + flag);
            }
        }
    }
    else if (options.Text("underlay") != underlay)
    {
        throw UsageError("--" + flag + " is not allowed with --underlay=" +
                         options.Text("underlay") + "; allowed: " + underlay);
    }
}

} // namespace

void
CheckNetwork(const Options& options)
{
    CheckFile(options, "latencyFile", "cloud", {"latencyFormat", "latencyUnit", "latencyShuffle"});
    CheckFile(options, "topologyFile", "isp", {"topologyFormat", "topologyUnitUs"});
    if (options.Text("regions").empty())
    {
        return;
    }
    const auto& underlay = options.Text("underlay");
    const bool file = !options.Text("topologyFile").empty() || !options.Text("latencyFile").empty();
    if (file || (underlay != "isp" && underlay != "cloud"))
    {
        throw UsageError("--regions is not allowed with " +
                         (file ? "a file of a network" : "--underlay=" + underlay) +
                         "; allowed: --underlay=isp or cloud without such a file");
    }
    try
    {
        fanout::RegionSharesFromText(options.Text("regions"));
    }
    catch (const std::invalid_argument& error)
    {
        throw UsageError("--regions: " + std::string(error.what()));
    }
}

void
SetRegions(const Options& options, FanoutAccessHelper& network)
{
    if (!options.Text("regions").empty())
    {
        network.SetRegions(options.Text("regions"));
    }
}

void
SetLatencies(const Options& options, FanoutCloudHelper& cloud)
{
    const auto& file = options.Text("latencyFile");
    if (file.empty())
    {
        return;
    }
    const auto& unit = options.Text("latencyUnit");
    cloud.SetLatencyModel(FanoutMeasuredLatency::FromFile(file,
                                                          options.Text("latencyFormat"),
                                                          unit == "us"   ? MicroSeconds(1)
                                                          : unit == "ms" ? MilliSeconds(1)
                                                                         : Seconds(1),
                                                          options.On("latencyShuffle")));
}

std::unique_ptr<FanoutAccessHelper>
MakeIsp(const Options& options)
{
    const auto& file = options.Text("topologyFile");
    if (file.empty())
    {
        return std::make_unique<FanoutIspHelper>();
    }
    auto network = std::make_unique<FanoutTopologyHelper>(file, options.Text("topologyFormat"));
    const auto unit = options.Number("topologyUnitUs");
    if (unit > 0)
    {
        network->SetUnit(NanoSeconds(std::max(1LL, std::llround(unit * 1000))));
    }
    return network;
}

} // namespace fanoutsim
