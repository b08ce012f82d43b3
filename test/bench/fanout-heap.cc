/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a peer on the cloud takes of the heap, everything counted: a host, its device, application
// and transport, the protocol's state, and what tracker, channel and ns-3 keep for it. Two networks
// of different sizes are made, each in a process of its own; the difference of their heaps by the
// difference of their peers is the cost of one. Sizes are those at which no table has spare room.

#include "ns3/core-module.h"
#include "ns3/fanout-tree-module.h"
#include "ns3/network-module.h"

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#define FANOUT_HEAP_IS_KNOWN
#endif

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

using namespace ns3;

namespace
{

constexpr double LEAF_LIMIT = 2500;   ///< bytes asked of an attached leaf
constexpr double RELAY_LIMIT = 12000; ///< bytes asked of a relay with its children
constexpr uint32_t CHILDREN = 32;     ///< of that relay
constexpr uint32_t MESSAGES = 60;     ///< of 1 KiB

/// Bytes of the heap that are in use, headers of blocks included.
struct Heap
{
    double hosts{0};     ///< nodes and devices are there
    double installed{0}; ///< and applications and transports
    double attached{0};  ///< all have their parent, nothing has been published
    double streamed{0};  ///< the stream is over
    double root{0};      ///< of attached: the protocol's state at the root
    double leaf{0};      ///< of attached: the protocol's state at a leaf, on average
    bool whole{false};   ///< all were attached and got all messages
};

double
InUse()
{
#ifdef FANOUT_HEAP_IS_KNOWN
    const auto info = mallinfo2();
    // Both networks have one block of the pool; what is used of it is what they differ by.
    const std::size_t bytes = info.uordblks + info.hblkhd + FanoutPooled::GetPool().GetUsedBytes();
    return static_cast<double>(bytes);
#else
    return 0;
#endif
}

/// @param relays children of the root, 0 for leaves below the root @param leaves how many
/// @return what they take
Heap
Measure(uint32_t relays, uint32_t leaves)
{
    Time::SetResolution(Time::NS);
    Heap heap;
    FanoutCloudHelper cloud;
    cloud.SetPackets(false);
    cloud.SetAccess("relay");
    cloud.SetAccessQueueBytes(1 << 28);
    cloud.AssignStreams(1);
    const auto hosts = cloud.Create(2 + relays + leaves);
    heap.hosts = InUse();

    FanoutTreeHelper tree("heap");
    tree.SetSigning("mock");
    tree.SetTransport("ns3::FanoutCloudTransport");
    tree.SetAddresses([&cloud](uint32_t i) { return cloud.GetAddress(i); });
    tree.SetRoles(FanoutRoles().Root(0).Trackers(1, 1).RelayFraction(
        relays / static_cast<double>(relays + leaves)));
    tree.SetRoot("MaxChildren",
                 UintegerValue(relays > 0 ? relays : leaves),
                 "UploadRate",
                 DataRateValue(DataRate("10Gbps")));
    tree.SetRelay("MaxChildren", UintegerValue(CHILDREN));
    const auto apps = tree.Install(hosts);
    tree.AssignStreams(apps, 10);
    heap.installed = InUse();

    FanoutWorkload load(apps);
    load.JoinSpread(Seconds(10));
    load.JoinRelaysFirst(Seconds(1));
    load.Publish(30, 1024, MESSAGES, Seconds(60));
    Simulator::Stop(Seconds(59));
    Simulator::Run();
    heap.attached = InUse();
    for (auto i = apps.Begin(); i != apps.End(); ++i)
    {
        const auto app = DynamicCast<FanoutTreeApplication>(*i);
        const auto bytes = static_cast<double>(app->GetPeerBytes());
        heap.root += app->GetRole() == FanoutRole::ROOT ? bytes : 0;
        heap.leaf += app->GetRole() == FanoutRole::LEAF ? bytes / leaves : 0;
    }
    Simulator::Stop(Seconds(70));
    Simulator::Run();
    heap.streamed = InUse();
    heap.whole = true;
    for (auto i = apps.Begin(); i != apps.End(); ++i)
    {
        const auto app = DynamicCast<FanoutTreeApplication>(*i);
        const bool relay = app->GetRole() == FanoutRole::RELAY;
        const bool leaf = app->GetRole() == FanoutRole::LEAF;
        heap.whole &= !(relay || leaf) || app->IsJoined();
        heap.whole &= !relay || app->GetChildren().size() == CHILDREN;
    }
    // Nothing is taken down: the process ends.
    return heap;
}

/// @param relays as Measure @param leaves as Measure @return that, of a fresh process
Heap
MeasureAlone(uint32_t relays, uint32_t leaves)
{
    int ends[2];
    Heap heap;
    if (pipe(ends) != 0)
    {
        return heap;
    }
    const pid_t child = fork();
    if (child == 0)
    {
        heap = Measure(relays, leaves);
        const bool written = write(ends[1], &heap, sizeof heap) == sizeof heap;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &heap, sizeof heap) != sizeof heap)
    {
        heap = Heap();
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return heap;
}

} // namespace

int
main()
{
#ifndef FANOUT_HEAP_IS_KNOWN
    std::puts("this C library does not say how much of the heap is in use");
    return 0;
#endif
    const double peers = 2048;
    const Heap few = MeasureAlone(0, 2048);
    const Heap many = MeasureAlone(0, 4096);
    const double groups = 32;
    const Heap small = MeasureAlone(32, 32 * CHILDREN);
    const Heap large = MeasureAlone(64, 64 * CHILDREN);
    if (!few.whole || !many.whole || !small.whole || !large.whole)
    {
        std::puts("not everybody was attached where it should be");
        return 1;
    }
    // What a parent keeps of a child belongs to the parent. What a leaf knows of other parents,
    // once there are relays, belongs to the leaf.
    const double entry = (many.root - few.root) / peers;
    const double known = large.leaf - many.leaf;
    const double leaf = (many.attached - few.attached) / peers - entry + known;
    const double relay = (large.attached - small.attached) / groups - CHILDREN * leaf;
    const double stream =
        (large.streamed - large.attached - small.streamed + small.attached) / groups;
    const auto print = [](const char* what, double bytes, double limit)
    {
        std::printf("%-48s %6.0f B", what, bytes);
        limit > 0 ? std::printf("  asked: at most %.0f\n", limit) : std::printf("\n");
    };
    print("node and device", (many.hosts - few.hosts) / peers, 0);
    print("with application and transport", (many.installed - few.installed) / peers, 0);
    print("attached leaf, whole", leaf, LEAF_LIMIT);
    print("of it, other parents that it knows", known, 0);
    print("what its parent keeps of it", entry, 0);
    print("relay with 32 children, what it keeps of them too", relay, RELAY_LIMIT);
    print("more for relay and children after 60 messages", stream, 0);
    return leaf <= LEAF_LIMIT && relay <= RELAY_LIMIT ? 0 : 2;
}
