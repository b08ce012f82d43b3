/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-progress.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <sys/resource.h>
#include <unistd.h>

namespace fanoutsim
{

namespace
{

constexpr double TERMINAL_PERIOD_S = 0.5;
constexpr double SMOOTHING = 0.7;

volatile std::sig_atomic_t g_stop = 0;

void
HandleSignal(int signal)
{
    if (g_stop != 0)
    {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    g_stop = 1;
}

rusage
Usage()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage;
}

double
Seconds(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

} // namespace

void
CatchSignals()
{
    std::signal(SIGINT, HandleSignal);
    std::signal(SIGTERM, HandleSignal);
}

bool
StopAskedFor()
{
    return g_stop != 0;
}

Meter::Meter()
    : m_start(std::chrono::steady_clock::now())
{
}

double
Meter::WallSeconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
}

double
Meter::CpuSeconds()
{
    const auto usage = Usage();
    return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

std::uint64_t
Meter::PeakRssBytes()
{
    return static_cast<std::uint64_t>(Usage().ru_maxrss) * 1024;
}

Progress::Progress(bool quiet, double periodMs)
    : m_period(periodMs / 1000),
      m_quiet(quiet),
      m_terminal(isatty(STDERR_FILENO) == 1)
{
    if (m_terminal)
    {
        m_period = TERMINAL_PERIOD_S;
    }
}

void
Progress::Say(const std::string& text)
{
    if (!m_quiet)
    {
        Write(text);
    }
}

bool
Progress::IsDue() const
{
    return !m_quiet && m_meter.WallSeconds() - m_lastAt >= m_period;
}

void
Progress::Show(const Standing& standing)
{
    const double wall = m_meter.WallSeconds();
    const double eventRate = static_cast<double>(standing.events - m_events) / (wall - m_lastAt);
    const double now = standing.now.GetSeconds();
    const double end = standing.end.GetSeconds();
    const double pace = (wall - m_lastAt) / std::max(now - m_now, 1e-3);
    m_pace = m_pace > 0 ? SMOOTHING * m_pace + (1 - SMOOTHING) * pace : pace;
    const double left = m_pace * (end - now);
    char line[200];
    std::snprintf(line,
                  sizeof line,
                  "%.1f of %.1f s | joined %llu/%llu | delivered %llu/%llu | %.0f events/s | "
                  "%.0f s left",
                  now,
                  end,
                  static_cast<unsigned long long>(standing.joined),
                  static_cast<unsigned long long>(standing.toJoin),
                  static_cast<unsigned long long>(standing.delivered),
                  static_cast<unsigned long long>(standing.expected),
                  eventRate,
                  left);
    m_lastAt = wall;
    m_events = standing.events;
    m_now = now;
    Write(line);
}

void
Progress::End()
{
    if (m_open)
    {
        std::cerr << "\n";
        m_open = false;
    }
}

void
Progress::Write(const std::string& line)
{
    if (m_terminal)
    {
        std::cerr << "\r" << line << "\033[K" << std::flush;
        m_open = true;
    }
    else
    {
        std::cerr << line << std::endl;
    }
}

} // namespace fanoutsim
