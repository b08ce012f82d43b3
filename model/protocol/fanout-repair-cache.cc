/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-repair-cache.h"

#include <algorithm>
#include <utility>

namespace ns3::fanout
{

namespace
{

constexpr std::uint32_t LENGTH = FrameRuns::LENGTH;

} // namespace

void
RepairCache::Put(std::uint32_t seq, const FrameRef& frame, Micros now, bool repaired)
{
    if (m_any && seq + m_window <= m_highest)
    {
        return;
    }
    const std::uint32_t newest = m_highest / LENGTH;
    m_highest = m_any ? std::max(seq, m_highest) : seq;
    if (m_any && newest < m_highest / LENGTH)
    {
        Keep(newest, std::exchange(m_newest, FrameRuns::Frames()));
    }
    m_any = true;
    const std::uint32_t number = seq / LENGTH;
    if (number == m_highest / LENGTH)
    {
        m_newest[seq % LENGTH] = frame;
    }
    else
    {
        const FrameRuns::Run* run = FindRun(number);
        FrameRuns::Frames frames = run ? run->frames : FrameRuns::Frames();
        frames[seq % LENGTH] = frame;
        Keep(number, frames);
    }
    if (repaired)
    {
        KeepMark(Mark{seq, NO_LINK, now});
    }
}

bool
RepairCache::IsInWindow(std::uint32_t number) const
{
    const std::uint64_t end = std::uint64_t{number} * LENGTH + LENGTH;
    return end + m_window > std::uint64_t{m_highest} + 1;
}

const FrameRuns::Run*
RepairCache::FindRun(std::uint32_t number) const
{
    const FrameRuns::Run* run = m_old.empty() ? nullptr : m_old[number % m_old.size()].get();
    return run && run->number == number ? run : nullptr;
}

void
RepairCache::Keep(std::uint32_t number, const FrameRuns::Frames& frames)
{
    const auto isTaken = [&]
    {
        const FrameRuns::Run* there = m_old[number % m_old.size()].get();
        return there && there->number != number && IsInWindow(there->number);
    };
    while (m_old.empty() || isTaken())
    {
        Grow();
    }
    m_old[number % m_old.size()] = m_runs->Intern(number, frames);
}

void
RepairCache::Grow()
{
    const std::size_t most = (m_window - 1) / LENGTH + 1;
    std::vector<FrameRuns::Ref> grown(std::min(most, std::max<std::size_t>(1, 2 * m_old.size())));
    for (auto& run : m_old)
    {
        if (run && IsInWindow(run->number))
        {
            grown[run->number % grown.size()] = std::move(run);
        }
    }
    m_old = std::move(grown);
}

const Frame*
RepairCache::Find(std::uint32_t seq) const
{
    if (!m_any || seq > m_highest || m_highest - seq >= m_window)
    {
        return nullptr;
    }
    if (seq / LENGTH == m_highest / LENGTH)
    {
        return m_newest[seq % LENGTH].Get();
    }
    const FrameRuns::Run* run = FindRun(seq / LENGTH);
    return run ? run->frames[seq % LENGTH].Get() : nullptr;
}

SeqRange
RepairCache::Have() const
{
    if (!m_any)
    {
        return {};
    }
    SeqRange have{m_highest, m_highest + 1};
    while (have.from > 0 && Find(have.from - 1))
    {
        have.from--;
    }
    return have;
}

bool
RepairCache::IsRecent(
    std::uint32_t seq, LinkId link, Micros childSince, Micros now, Micros rtt) const
{
    return std::any_of(m_marks.begin(),
                       m_marks.end(),
                       [&](const Mark& mark)
                       {
                           if (mark.seq != seq)
                           {
                               return false;
                           }
                           return mark.link == NO_LINK
                                      ? now - mark.at < rtt && mark.at >= childSince
                                      : mark.link == link && now - mark.at < rtt / 2;
                       });
}

void
RepairCache::NoteServed(std::uint32_t seq, LinkId link, Micros now)
{
    KeepMark(Mark{seq, link, now});
}

void
RepairCache::KeepMark(const Mark& mark)
{
    if (m_marks.size() < MARKS)
    {
        m_marks.push_back(mark);
        return;
    }
    m_marks[m_nextMark] = mark;
    m_nextMark = (m_nextMark + 1) % MARKS;
}

std::size_t
RepairCache::HeapBytes() const
{
    return m_old.capacity() * sizeof(FrameRuns::Ref) + m_marks.capacity() * sizeof(Mark);
}

} // namespace ns3::fanout
