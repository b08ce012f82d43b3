/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-bench-tools.h"

#include <benchmark/benchmark.h>

// Envelopes around a message of 1 KiB: writing, reading, signing, and the store that spares both.

namespace ns3::fanout::bench
{
namespace
{

using Scheme = const SignatureScheme& (*)();

FrameRef
SealWith(const SignatureScheme& scheme)
{
    static const Identity signer = Identity::FromSeed(Identity::DeriveSeed(1, 1));
    static const FrameRef message = SealMessage(7, SECOND);
    return Frame::Seal(scheme, signer, message->Fields(), message->Data());
}

template <Scheme SCHEME>
void
Seal(benchmark::State& state)
{
    const SignatureScheme& scheme = SCHEME();
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(SealWith(scheme));
    }
}

template <Scheme SCHEME>
void
Verify(benchmark::State& state)
{
    const SignatureScheme& scheme = SCHEME();
    const FrameRef frame = SealWith(scheme);
    if (!frame->Verify(scheme, false))
    {
        state.SkipWithError("a good signature is refused");
        return;
    }
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(frame->Verify(scheme, false));
    }
}

void
Parse(benchmark::State& state)
{
    const FrameRef frame = SealMessage(7, SECOND);
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(Frame::Parse(frame->Wire()));
    }
}

void
InternHit(benchmark::State& state)
{
    constexpr std::uint32_t HELD = 1024; // frames that somebody holds
    FrameStore store;
    std::vector<FrameRef> frames;
    for (std::uint32_t seq = 0; seq < HELD; seq++)
    {
        frames.push_back(SealMessage(seq, SECOND));
        store.Adopt(frames.back());
    }
    std::uint32_t seq = 0;
    for (auto _ : state)
    {
        const ByteView wire = frames[seq++ % HELD]->Wire();
        benchmark::DoNotOptimize(store.Intern(wire));
    }
    if (store.Intern(frames[0]->Wire()).Get() != frames[0].Get())
    {
        state.SkipWithError("the store does not share what it holds");
    }
}

void
Derive(benchmark::State& state)
{
    std::uint64_t index = 0;
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(Identity::FromSeed(Identity::DeriveSeed(1, index++)));
    }
}

BENCHMARK_TEMPLATE(Seal, SignatureScheme::Mock)->Name("envelope/seal/mock");
BENCHMARK_TEMPLATE(Seal, SignatureScheme::Ed25519)->Name("envelope/seal/ed25519");
BENCHMARK_TEMPLATE(Verify, SignatureScheme::Mock)->Name("envelope/verify/mock");
BENCHMARK_TEMPLATE(Verify, SignatureScheme::Ed25519)->Name("envelope/verify/ed25519");
BENCHMARK(Parse)->Name("envelope/parse");
BENCHMARK(InternHit)->Name("envelope/intern-hit");
BENCHMARK(Derive)->Name("identity/derive");

} // namespace
} // namespace ns3::fanout::bench
