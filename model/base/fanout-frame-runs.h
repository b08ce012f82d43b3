/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FRAME_RUNS_H
#define FANOUT_FRAME_RUNS_H

#include "fanout-frame.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Short runs of consecutive messages, by what is in them, so that a thousand relays that keep the
 * same messages share one list of them. It holds no run alive. Not atomic: like its frames it
 * belongs to one thread.
 */
class FrameRuns
{
  public:
    static constexpr std::uint32_t LENGTH = 16; ///< seqs of a run

    using Frames = std::array<FrameRef, LENGTH>; ///< by seq modulo LENGTH, empty where one lacks

    /// What is shared.
    struct Run
    {
        std::uint32_t number{0};           ///< its seqs are from number * LENGTH on
        Frames frames;                     ///< these
        mutable std::uint32_t holders{0};  ///< who keep it
        mutable FrameRuns* owner{nullptr}; ///< where it is known
    };

    /// Lets go of a run.
    struct LetGo
    {
        /// @param run has one holder less
        void operator()(const Run* run) const noexcept;
    };

    using Ref = std::unique_ptr<const Run, LetGo>; ///< One holder's.

    FrameRuns() = default;
    ~FrameRuns();
    FrameRuns(const FrameRuns&) = delete;
    FrameRuns& operator=(const FrameRuns&) = delete;

    /// @param number of the run @param frames its messages, one at least
    /// @return the run of exactly these frames
    Ref Intern(std::uint32_t number, const Frames& frames);

    /// @return number of runs that somebody holds
    std::size_t
    GetN() const
    {
        return m_runs.size();
    }

  private:
    std::unordered_multimap<std::uint64_t, const Run*> m_runs; ///< by a hash of what is in them
};

} // namespace ns3::fanout

#endif // FANOUT_FRAME_RUNS_H
