/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include <benchmark/benchmark.h>

// Frames as bytes: control messages of the sizes that a large run sees. DATA has no body to code.

namespace ns3::fanout::bench
{
namespace
{

constexpr std::size_t HOPS = 8;    // of a route
constexpr std::size_t ENTRIES = 8; // of a tracker's reply
constexpr std::uint32_t SEQS = 16; // of a repair request

template <typename Message>
Message Sample();

template <>
JoinReq
Sample()
{
    return MakeJoinReq(true);
}

template <>
JoinAccept
Sample()
{
    JoinAccept accept = MakeAccept(1);
    accept.route.clear();
    for (std::size_t i = 0; i < HOPS; i++)
    {
        accept.route.push_back(IdentityOf(i).id.ToText());
    }
    accept.parentLevel = HOPS - 1;
    return accept;
}

template <>
TrackerReply
Sample()
{
    TrackerReply reply;
    reply.reqId = 1;
    for (std::uint32_t i = 0; i < ENTRIES; i++)
    {
        TrackerEntry entry;
        entry.hash = IdentityOf(i).id.ToText();
        entry.level = 3;
        entry.freeSlots = 7;
        entry.addresses = {EndpointOf(i).ToBytes()};
        reply.entries.push_back(entry);
    }
    return reply;
}

template <>
RepairReq
Sample()
{
    RepairReq request;
    request.reqId = 1;
    for (std::uint32_t i = 0; i < SEQS; i++)
    {
        request.seqs.push_back(1000 + 3 * i);
    }
    return request;
}

template <>
Alive
Sample()
{
    Alive alive;
    alive.nextContiguous = 1000;
    return alive;
}

template <typename Message>
void
EncodeMessage(benchmark::State& state)
{
    const Message message = Sample<Message>();
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(Encode(Key(), message));
    }
    state.counters["bytes"] = static_cast<double>(Encode(Key(), message).size());
}

template <typename Message>
void
DecodeMessage(benchmark::State& state)
{
    const Bytes bytes = Encode(Key(), Sample<Message>());
    if (!Decode<Message>(bytes))
    {
        state.SkipWithError("does not read what Encode() wrote");
        return;
    }
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(Decode<Message>(bytes));
    }
    state.counters["bytes"] = static_cast<double>(bytes.size());
}

BENCHMARK_TEMPLATE(EncodeMessage, JoinReq)->Name("codec/encode/JOIN_REQ");
BENCHMARK_TEMPLATE(EncodeMessage, JoinAccept)->Name("codec/encode/JOIN_ACCEPT");
BENCHMARK_TEMPLATE(EncodeMessage, TrackerReply)->Name("codec/encode/TRACKER_REPLY");
BENCHMARK_TEMPLATE(EncodeMessage, RepairReq)->Name("codec/encode/REPAIR_REQ");
BENCHMARK_TEMPLATE(EncodeMessage, Alive)->Name("codec/encode/ALIVE");
BENCHMARK_TEMPLATE(DecodeMessage, JoinReq)->Name("codec/decode/JOIN_REQ");
BENCHMARK_TEMPLATE(DecodeMessage, JoinAccept)->Name("codec/decode/JOIN_ACCEPT");
BENCHMARK_TEMPLATE(DecodeMessage, TrackerReply)->Name("codec/decode/TRACKER_REPLY");
BENCHMARK_TEMPLATE(DecodeMessage, RepairReq)->Name("codec/decode/REPAIR_REQ");
BENCHMARK_TEMPLATE(DecodeMessage, Alive)->Name("codec/decode/ALIVE");

} // namespace
} // namespace ns3::fanout::bench
