/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-sim-sweep-runs.h"

#include "fanout-tree-sim-progress.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace fanoutsim
{

namespace
{

constexpr std::chrono::milliseconds LOOK_AGAIN{10};
constexpr const char* SELF = "/proc/self/exe";

/// @param path of a text file @return its last line, which says why a run failed
std::string
LastLine(const std::string& path)
{
    std::ifstream file(path);
    std::string last;
    for (std::string line; std::getline(file, line);)
    {
        last = line.empty() ? last : line;
    }
    return last;
}

std::string
LogOf(const SweepRun& run)
{
    return run.folder + "/run.log";
}

} // namespace

SweepRunner::SweepRunner(const std::vector<SweepRun>& runs, unsigned jobs)
    : m_runs(runs),
      m_results(runs.size()),
      m_jobs(jobs)
{
}

bool
SweepRunner::Run(std::size_t count)
{
    while (m_next < count || !m_running.empty())
    {
        while (m_next < count && m_running.size() < m_jobs && !StopAskedFor())
        {
            Next();
        }
        if (m_running.empty())
        {
            break;
        }
        Wait();
    }
    return m_done >= count && !StopAskedFor();
}

const std::vector<SweepResult>&
SweepRunner::GetResults() const
{
    return m_results;
}

std::size_t
SweepRunner::GetFound() const
{
    return m_found;
}

void
SweepRunner::Next()
{
    const auto i = m_next++;
    auto& result = m_results[i];
    result.figures = ReadFigures(m_runs[i].folder, m_runs[i].parameters);
    if (result.figures.whole)
    {
        m_found++;
        m_done++;
        return;
    }
    Begin(i);
}

void
SweepRunner::Begin(std::size_t i)
{
    const auto& run = m_runs[i];
    std::error_code error;
    std::filesystem::create_directories(run.folder, error);
    if (error)
    {
        throw UsageError("--out: " + run.folder + " cannot be made a folder: " + error.message());
    }
    std::vector<std::string> words{"fanout-tree-sim"};
    words.insert(words.end(), run.words.begin(), run.words.end());
    std::vector<char*> argv;
    for (auto& word : words)
    {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions,
                                     STDERR_FILENO,
                                     LogOf(run).c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC,
                                     0666);
    pid_t child = -1;
    const int failure = posix_spawn(&child, SELF, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
    {
        m_results[i].failed = std::string("cannot be started: ") + std::strerror(failure);
        m_done++;
        return;
    }
    m_running[child] = i;
}

void
SweepRunner::Wait()
{
    // Looks again and again in the place of one wait, so that a signal is heard soon.
    std::this_thread::sleep_for(LOOK_AGAIN);
    if (StopAskedFor() && !m_stopped)
    {
        m_stopped = true;
        for (const auto& [pid, i] : m_running)
        {
            kill(pid, SIGTERM);
        }
    }
    for (auto place = m_running.begin(); place != m_running.end();)
    {
        int status = 0;
        const auto [pid, i] = *place;
        const bool ended = waitpid(pid, &status, WNOHANG) == pid;
        place = ended ? m_running.erase(place) : std::next(place);
        if (ended)
        {
            Finish(i, status);
        }
    }
}

void
SweepRunner::Finish(std::size_t i, int status)
{
    const auto& run = m_runs[i];
    auto& result = m_results[i];
    m_done++;
    result.figures = ReadFigures(run.folder, run.parameters);
    const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (done && result.figures.whole)
    {
        return;
    }
    result.figures.whole = false;
    result.failed = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                      : "signal " + std::to_string(WTERMSIG(status));
    const auto why = LastLine(LogOf(run));
    result.failed += why.empty() ? "" : ": " + why;
}

} // namespace fanoutsim
