/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-frame-runs.h"

#include "fanout-random.h"

#include <algorithm>
#include <numeric>

namespace ns3::fanout
{

namespace
{

std::uint64_t
HashOf(const FrameRuns::Frames& frames)
{
    return std::accumulate(frames.begin(),
                           frames.end(),
                           std::uint64_t{0},
                           [](std::uint64_t hash, const FrameRef& frame)
                           { return Mix64(hash ^ reinterpret_cast<std::uintptr_t>(frame.Get())); });
}

bool
AreSame(const FrameRuns::Frames& a, const FrameRuns::Frames& b)
{
    return std::equal(a.begin(),
                      a.end(),
                      b.begin(),
                      [](const FrameRef& x, const FrameRef& y) { return x.Get() == y.Get(); });
}

} // namespace

FrameRuns::~FrameRuns()
{
    for (const auto& [hash, run] : m_runs)
    {
        run->owner = nullptr;
    }
}

FrameRuns::Ref
FrameRuns::Intern(std::uint32_t number, const Frames& frames)
{
    const std::uint64_t hash = HashOf(frames);
    const auto [begin, end] = m_runs.equal_range(hash);
    const auto found =
        std::find_if(begin,
                     end,
                     [&](const auto& known) { return AreSame(known.second->frames, frames); });
    const Run* run = found == end ? new Run{number, frames, 0, this} : found->second;
    if (found == end)
    {
        m_runs.emplace(hash, run);
    }
    run->holders++;
    return Ref(run);
}

void
FrameRuns::LetGo::operator()(const Run* run) const noexcept
{
    if (--run->holders > 0)
    {
        return;
    }
    if (run->owner)
    {
        auto& runs = run->owner->m_runs;
        const auto [begin, end] = runs.equal_range(HashOf(run->frames));
        runs.erase(
            std::find_if(begin, end, [run](const auto& known) { return known.second == run; }));
    }
    delete run;
}

} // namespace ns3::fanout
