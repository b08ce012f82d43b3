/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_SIM_PROGRESS_H
#define FANOUT_TREE_SIM_PROGRESS_H

#include "ns3/nstime.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace fanoutsim
{

/// From now on SIGINT and SIGTERM only set a flag; a second one ends the program at once.
void CatchSignals();

/// @return whether a signal asked to stop
bool StopAskedFor();

/// What the process has used since it began or since this was made.
class Meter
{
  public:
    Meter();

    /// @return real seconds since this was made
    double WallSeconds() const;

    /// @return CPU seconds of the process, user and system
    static double CpuSeconds();

    /// @return largest resident set of the process, bytes
    static std::uint64_t PeakRssBytes();

  private:
    std::chrono::steady_clock::time_point m_start; ///< when this was made
};

/// How far a run is.
struct Standing
{
    ns3::Time now;              ///< simulated time
    ns3::Time end;              ///< when the run ends, as far as known
    std::uint64_t joined{0};    ///< subscribers that had a parent
    std::uint64_t toJoin{0};    ///< subscribers
    std::uint64_t delivered{0}; ///< deliveries
    std::uint64_t expected{0};  ///< deliveries when all is done
    std::uint64_t events{0};    ///< events run
};

/**
 * A line on stderr that says how far a run is: rewritten twice a second on a terminal, else a new
 * line every period.
 */
class Progress
{
  public:
    /// @param quiet whether to say nothing @param periodMs between two lines without a terminal
    Progress(bool quiet, double periodMs);

    /// @param text what is being done now
    void Say(const std::string& text);

    /// @return whether it is time to show
    bool IsDue() const;

    /// @param standing how far the run is
    void Show(const Standing& standing);

    /// Leave the line.
    void End();

  private:
    /// @param line to write
    void Write(const std::string& line);

    Meter m_meter;             ///< real time
    double m_period;           ///< between two lines, seconds
    double m_lastAt{0};        ///< of the last line
    double m_now{0};           ///< simulated seconds at the last line
    double m_pace{0};          ///< real seconds a simulated one, lately
    std::uint64_t m_events{0}; ///< at the last line
    bool m_quiet;              ///< say nothing
    bool m_terminal;           ///< stderr is one
    bool m_open{false};        ///< the line is not ended
};

} // namespace fanoutsim

#endif // FANOUT_TREE_SIM_PROGRESS_H
