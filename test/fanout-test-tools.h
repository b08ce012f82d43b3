/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_TOOLS_H
#define FANOUT_TEST_TOOLS_H

#include "ns3/csma-helper.h"
#include "ns3/data-rate.h"
#include "ns3/fanout-sink.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-generator.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"

#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <ostream>
#include <sstream>
#include <string>

namespace ns3::fanout::test
{

/// @param call something @return the text of what it throws, empty when it throws nothing
template <typename F>
std::string
ErrorOf(F call)
{
    try
    {
        call();
    }
    catch (const std::exception& error)
    {
        return error.what();
    }
    return {};
}

/// @param call something that ends the process @return what it wrote to stderr before, empty when
/// it came back
template <typename F>
std::string
AbortOf(F call)
{
    int ends[2];
    if (pipe(ends) != 0)
    {
        return {};
    }
    const pid_t child = fork();
    if (child == 0)
    {
        dup2(ends[1], STDERR_FILENO);
        call();
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    char buffer[512];
    for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    {
        text.append(buffer, n);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? text : std::string();
}

/// @param text any @param part of it @return whether it is
inline bool
Contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// @param n nodes on one LAN @return them, with addresses 10.1.0.1 and on
inline NodeContainer
MakeLan(uint32_t n)
{
    NodeContainer nodes(n);
    Ipv4AddressGenerator::Reset();
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", DataRateValue(DataRate("1Gbps")));
    csma.SetChannelAttribute("Delay", TimeValue(MicroSeconds(200)));
    InternetStackHelper stack;
    stack.Install(nodes);
    Ipv4AddressHelper addresses("10.1.0.0", "255.255.0.0");
    const auto devices = csma.Install(nodes);
    addresses.Assign(devices);
    csma.AssignStreams(devices, 1000);
    stack.AssignStreams(nodes, 2000);
    return nodes;
}

/// Writes every event down.
class Transcript : public FanoutSink
{
  public:
    std::ostringstream text;                ///< what was written
    std::map<std::string, uint32_t> counts; ///< events by kind

    fanout::EventKinds
    GetWanted() const override
    {
        return fanout::EventKinds::Usual().Add<fanout::FrameEvent>();
    }

    void
    NoteJoin(const fanout::JoinEvent& e) override
    {
        Begin("join", e) << static_cast<int>(e.step) << ' ' << e.peer.Prefix() << ' '
                         << static_cast<int>(e.reason) << ' ' << e.level << ' ' << e.elapsed;
    }

    void
    NoteParent(const fanout::ParentEvent& e) override
    {
        Begin("parent", e) << e.oldParent.Prefix() << ' ' << e.newParent.Prefix() << ' ' << e.level
                           << ' ' << static_cast<int>(e.cause);
    }

    void
    NoteChild(const fanout::ChildEvent& e) override
    {
        Begin("child", e) << e.peer.Prefix() << ' ' << static_cast<int>(e.cause) << ' '
                          << e.children << ' ' << e.capacity;
    }

    void
    NotePublish(const fanout::PublishEvent& e) override
    {
        Begin("publish", e) << e.seq << ' ' << e.size;
    }

    void
    NoteDeliver(const fanout::DeliverEvent& e) override
    {
        Begin("deliver", e) << e.seq << ' ' << e.size << ' ' << e.latency << ' ' << e.level << ' '
                            << static_cast<int>(e.path);
    }

    void
    NoteDuplicate(const fanout::DuplicateEvent& e) override
    {
        Begin("duplicate", e) << e.seq << ' ' << e.size;
    }

    void
    NoteFrame(const fanout::FrameEvent& e) override
    {
        Begin(e.sent ? "tx" : "rx", e) << static_cast<int>(e.kind) << ' ' << e.peer.Prefix() << ' '
                                       << e.wireBytes << ' ' << e.frameBytes;
    }

    void
    NoteRepair(const fanout::RepairEvent& e) override
    {
        Begin("repair", e) << static_cast<int>(e.step) << ' ' << e.from << ' ' << e.to << ' '
                           << e.peer.Prefix() << ' ' << e.elapsed;
    }

    void
    NoteDrop(const fanout::DropEvent& e) override
    {
        Begin("drop", e) << static_cast<int>(e.reason) << ' ' << static_cast<int>(e.kind) << ' '
                         << e.bytes;
    }

    void
    NoteTracker(const fanout::TrackerEvent& e) override
    {
        Begin("tracker", e) << static_cast<int>(e.step) << ' ' << e.channel << ' ' << e.entries
                            << ' ' << e.cost;
    }

  private:
    /// @param kind of event @param event who and when @return where to write the rest
    std::ostream&
    Begin(const std::string& kind, const fanout::EventBase& event)
    {
        counts[kind]++;
        return text << '\n'
                    << event.time << ' ' << event.self << '@' << event.node << ' ' << kind << ' ';
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_TOOLS_H
