/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-repair.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr Micros BATCH = 5 * MILLISECOND;    ///< what is due within it is asked together
constexpr std::uint8_t STEADY_TRIES = 4;     ///< loss is random: no backoff before
constexpr Micros LATEST = 100 * MILLISECOND; ///< of reordering; later ones were repaired above
constexpr Micros LEAST_BACKOFF = 100 * MILLISECOND; ///< twelve tries shall outlast an outage
constexpr Micros LONGEST_WAIT = SECOND;             ///< between two requests

Micros
WaitAfter(std::uint8_t tries, Micros rto)
{
    const Micros least = tries > STEADY_TRIES ? LEAST_BACKOFF : 0;
    double wait = static_cast<double>(std::max(rto, least));
    for (std::uint8_t i = STEADY_TRIES; i < tries; i++)
    {
        wait *= 1.5;
    }
    return std::max(rto, std::min(static_cast<Micros>(wait), LONGEST_WAIT));
}

} // namespace

void
Repair::Note(std::uint32_t from, std::uint32_t to, Micros now, Micros wait)
{
    for (std::uint32_t seq = from; seq < to; seq++)
    {
        Missing missing;
        missing.seq = seq;
        missing.seenAt = now;
        missing.due = now + wait;
        if (m_missing.empty() || m_missing.back().seq < seq)
        {
            m_missing.push_back(missing);
            continue;
        }
        const auto place =
            std::lower_bound(m_missing.begin(),
                             m_missing.end(),
                             seq,
                             [](const Missing& m, std::uint32_t s) { return m.seq < s; });
        if (place == m_missing.end() || place->seq != seq)
        {
            m_missing.insert(place, missing);
        }
    }
}

std::optional<Repair::Filled>
Repair::Fill(std::uint32_t seq, Micros now)
{
    const auto place = std::find_if(m_missing.begin(),
                                    m_missing.end(),
                                    [seq](const Missing& m) { return m.seq == seq; });
    if (place == m_missing.end())
    {
        return std::nullopt;
    }
    Filled filled;
    filled.asked = place->tries > 0;
    filled.elapsed = now - place->seenAt;
    filled.roundTrip = place->tries == 1 && !place->parked ? now - place->askedAt : 0;
    m_missing.erase(place);
    if (m_missing.empty())
    {
        std::vector<Missing>().swap(m_missing);
    }
    return filled;
}

std::vector<std::uint32_t>
Repair::Due(Micros now, Micros rto, const Options& options)
{
    std::vector<std::uint32_t> seqs;
    const bool any = std::any_of(m_missing.begin(),
                                 m_missing.end(),
                                 [now](const Missing& m) { return m.due <= now; });
    if (!any)
    {
        return seqs;
    }
    for (auto& missing : m_missing)
    {
        if (missing.due > now + BATCH || missing.tries >= options.repairTries ||
            seqs.size() >= options.repairMaxPerRequest)
        {
            continue;
        }
        missing.tries++;
        missing.parked = false;
        missing.askedAt = now;
        missing.due = now + WaitAfter(missing.tries, rto);
        seqs.push_back(missing.seq);
    }
    return seqs;
}

void
Repair::ParentHas(
    const SeqRange& have, std::uint32_t contiguous, Micros now, Micros rto, Micros rtt)
{
    for (auto& missing : m_missing)
    {
        const bool lacks =
            missing.seq >= contiguous && (missing.seq < have.from || missing.seq >= have.to);
        if (lacks && missing.tries > 0 && !missing.parked)
        {
            missing.parked = true;
            missing.due = now + std::min((2 * rto + rtt) << std::min<int>(missing.tries - 1, 6),
                                         LONGEST_WAIT);
        }
    }
}

void
Repair::ParentChanged(Micros now)
{
    for (auto& missing : m_missing)
    {
        missing.tries = 0;
        missing.parked = false;
        missing.due = now;
    }
}

std::vector<std::uint32_t>
Repair::Exhausted(std::uint8_t tries, Micros now)
{
    std::vector<std::uint32_t> seqs;
    const auto kept =
        std::stable_partition(m_missing.begin(),
                              m_missing.end(),
                              [&](const Missing& m) { return m.tries < tries || m.due > now; });
    for (auto gone = kept; gone != m_missing.end(); ++gone)
    {
        seqs.push_back(gone->seq);
    }
    m_missing.erase(kept, m_missing.end());
    return seqs;
}

void
Repair::ForgetBelow(std::uint32_t seq)
{
    const auto kept = std::lower_bound(m_missing.begin(),
                                       m_missing.end(),
                                       seq,
                                       [](const Missing& m, std::uint32_t s) { return m.seq < s; });
    m_missing.erase(m_missing.begin(), kept);
}

void
Repair::NoteLate(Micros lateness)
{
    const auto late = static_cast<float>(std::min(lateness, LATEST));
    m_lateness = late > m_lateness ? late : m_lateness + (late - m_lateness) / 16;
}

Micros
Repair::NextAt() const
{
    Micros next = NEVER;
    for (const auto& missing : m_missing)
    {
        next = std::min(next, missing.due);
    }
    return next;
}

void
RepairCache::Put(std::uint32_t seq, const FrameRef& frame, Micros now, bool repaired)
{
    if (m_any && seq + m_window <= m_highest)
    {
        return;
    }
    const std::uint32_t highest = m_any ? std::max(seq, m_highest) : seq;
    const auto inWindow = [&](const FrameRef& kept)
    { return kept && highest - kept->Seq() < m_window; };
    const FrameRef* there = m_ring.empty() ? nullptr : &m_ring[seq % m_ring.size()];
    if (!there || (inWindow(*there) && (*there)->Seq() != seq))
    {
        std::uint32_t lowest = seq;
        for (const auto& kept : m_ring)
        {
            lowest = inWindow(kept) ? std::min(lowest, kept->Seq()) : lowest;
        }
        std::size_t size = std::max<std::size_t>(16, m_ring.size());
        while (size < m_window && highest - lowest >= size)
        {
            size *= 2;
        }
        std::vector<FrameRef> grown(std::min<std::size_t>(size, m_window));
        for (auto& kept : m_ring)
        {
            if (inWindow(kept))
            {
                FrameRef& place = grown[kept->Seq() % grown.size()];
                place = std::move(kept);
            }
        }
        m_ring = std::move(grown);
    }
    m_ring[seq % m_ring.size()] = frame;
    m_highest = highest;
    m_any = true;
    if (repaired)
    {
        Keep(Mark{seq, NO_LINK, now});
    }
}

FrameRef
RepairCache::Get(std::uint32_t seq) const
{
    if (m_ring.empty())
    {
        return FrameRef();
    }
    const FrameRef& kept = m_ring[seq % m_ring.size()];
    return kept && kept->Seq() == seq ? kept : FrameRef();
}

SeqRange
RepairCache::Have() const
{
    if (!m_any)
    {
        return {};
    }
    SeqRange have{m_highest, m_highest + 1};
    while (have.from > 0 && have.to - have.from < m_ring.size() && Get(have.from - 1))
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
    Keep(Mark{seq, link, now});
}

void
RepairCache::Keep(const Mark& mark)
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
    return m_ring.capacity() * sizeof(FrameRef) + m_marks.capacity() * sizeof(Mark);
}

} // namespace ns3::fanout
