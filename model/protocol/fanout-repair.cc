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
constexpr std::uint8_t TURNS = 3; ///< so many tries are the parent's, then one in so many
constexpr Micros ANSWER_TIME = 200 * MILLISECOND; ///< of a neighbour, as a rule
constexpr int MOST_TURNS = 240;                   ///< then they begin anew; a multiple of TURNS
constexpr Micros LONGEST_WAIT = SECOND;           ///< between two requests

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
    m_nextKnown = false;
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
    filled.asked = place->tries > 0 || place->elsewhere[0] != NO_LINK;
    filled.elapsed = now - place->seenAt;
    filled.elsewhere = place->elsewhere[0] != NO_LINK;
    filled.roundTrip =
        place->tries == 1 && !place->parked && !filled.elsewhere ? now - place->askedAt : 0;
    m_room = static_cast<std::uint16_t>(std::min<int>(MOST_ROOM, m_room + (filled.asked ? 1 : 0)));
    m_nextKnown = false;
    m_missing.erase(place, place + 1);
    return filled;
}

std::size_t
Repair::Outstanding(Micros now, Micros rto) const
{
    return static_cast<std::size_t>(std::count_if(m_missing.begin(),
                                                  m_missing.end(),
                                                  [&](const Missing& m) {
                                                      return m.tries > 0 && !m.parked &&
                                                             now - m.askedAt < rto - BATCH;
                                                  }));
}

void
Repair::AskForLess(Micros now, Micros rto)
{
    if (now - m_lessAt >= rto)
    {
        m_room = std::max<std::uint16_t>(LEAST_ROOM, m_room / 2);
        m_lessAt = now;
    }
}

bool
Repair::IsAskable(Missing& missing, Micros now, Micros rto, const Options& options, Micros heard)
{
    if (missing.due > now + BATCH || missing.tries >= options.repairTries)
    {
        return false;
    }
    const bool silent =
        missing.tries >= 2 && heard < missing.askedAt && now - missing.askedAt < LONGEST_WAIT;
    missing.due = silent ? now + std::max(rto, LEAST_BACKOFF) : missing.due;
    return !silent;
}

void
Repair::Take(Missing& missing, Micros now, Micros rto)
{
    missing.tries++;
    TakeTurn(missing, 1);
    missing.parked = false;
    missing.askedAt = now;
    missing.due = now + WaitAfter(missing.tries, rto);
}

std::vector<std::uint32_t>
Repair::Due(Micros now, Micros rto, const Options& options, Micros heard)
{
    std::vector<std::uint32_t> seqs;
    const bool any = std::any_of(m_missing.begin(),
                                 m_missing.end(),
                                 [now](const Missing& m) { return m.due <= now; });
    if (!any)
    {
        return seqs;
    }
    m_nextKnown = false;
    std::vector<Missing*> askable;
    for (auto& missing : m_missing)
    {
        if (IsAskable(missing, now, rto, options, heard))
        {
            askable.push_back(&missing);
        }
    }
    const std::size_t open = Outstanding(now, rto);
    const std::size_t room = m_room > open ? m_room - open : 0;
    if (askable.size() > room)
    {
        // What was asked for in vain often does not keep the others waiting.
        std::stable_sort(askable.begin(),
                         askable.end(),
                         [](const Missing* a, const Missing* b) { return a->tries < b->tries; });
    }
    std::size_t again = 0;
    for (Missing* missing : askable)
    {
        if (seqs.size() >= room)
        {
            missing->due = now + rto / 2;
        }
        else if (seqs.size() < options.repairMaxPerRequest)
        {
            again += missing->tries > 0 && !missing->parked ? 1 : 0;
            Take(*missing, now, rto);
            seqs.push_back(missing->seq);
        }
    }
    std::sort(seqs.begin(), seqs.end());
    if (seqs.size() >= LEAST_ROOM && again * 2 > seqs.size())
    {
        AskForLess(now, rto);
    }
    return seqs;
}

bool
Repair::IsTheirTurn(const Missing& missing)
{
    return missing.turn % TURNS != 0 && missing.turn >= TURNS;
}

bool
Repair::GiveTurn(Missing& missing)
{
    missing.turn = missing.turn <= TURNS ? TURNS + 1 : missing.turn;
    return IsTheirTurn(missing);
}

void
Repair::TakeTurn(Missing& missing, int turns)
{
    const int turn = missing.turn + turns;
    missing.turn = static_cast<std::uint8_t>(turn < MOST_TURNS ? turn : turn - MOST_TURNS + TURNS);
}

bool
Repair::IsDue(Micros now, bool stranded) const
{
    return std::any_of(m_missing.begin(),
                       m_missing.end(),
                       [&](const Missing& m)
                       { return m.due <= now && (stranded || IsTheirTurn(m)); });
}

std::vector<std::uint32_t>
Repair::DueElsewhere(Micros now, Micros rto, bool stranded, const Options& options)
{
    std::vector<std::uint32_t> seqs;
    m_nextKnown = false;
    for (auto& missing : m_missing)
    {
        const bool theirs = stranded || IsTheirTurn(missing);
        const bool due = missing.due <= now + BATCH;
        if (due && stranded && missing.tries >= options.repairTries)
        {
            missing.due = now + LONGEST_WAIT;
            continue;
        }
        if (!theirs || !due || missing.tries >= options.repairTries ||
            seqs.size() >= options.repairMaxPerRequest)
        {
            continue;
        }
        // Without a parent the turns stay: it is asked first when there is one again.
        TakeTurn(missing, stranded ? 0 : 1);
        missing.askedAt = now;
        missing.due = now + WaitAfter(missing.tries, rto);
        seqs.push_back(missing.seq);
    }
    return seqs;
}

void
Repair::Postpone(Micros now, Micros wait, bool stranded)
{
    m_nextKnown = false;
    for (auto& missing : m_missing)
    {
        if (missing.due <= now + BATCH && stranded)
        {
            missing.due = now + wait;
        }
        else if (missing.due <= now + BATCH && IsTheirTurn(missing))
        {
            TakeTurn(missing, TURNS - missing.turn % TURNS);
        }
    }
}

void
Repair::NoteElsewhere(const std::vector<std::uint32_t>& seqs, LinkId link)
{
    for (auto& missing : m_missing)
    {
        if (std::binary_search(seqs.begin(), seqs.end(), missing.seq))
        {
            missing.elsewhere[1] = missing.elsewhere[0];
            missing.elsewhere[0] = link;
        }
    }
}

LinkId
Repair::AskedElsewhere(std::uint32_t seq) const
{
    const auto place = std::find_if(m_missing.begin(),
                                    m_missing.end(),
                                    [seq](const Missing& m) { return m.seq == seq; });
    return place == m_missing.end() ? NO_LINK : place->elsewhere[0];
}

bool
Repair::WasAskedFrom(std::uint32_t seq, LinkId link) const
{
    return std::any_of(m_missing.begin(),
                       m_missing.end(),
                       [&](const Missing& m) {
                           return m.seq == seq &&
                                  (m.elsewhere[0] == link || m.elsewhere[1] == link);
                       });
}

std::vector<std::uint32_t>
Repair::AwaitedFrom(LinkId link) const
{
    std::vector<std::uint32_t> seqs;
    for (const auto& missing : m_missing)
    {
        if (missing.elsewhere[0] == link)
        {
            seqs.push_back(missing.seq);
        }
    }
    return seqs;
}

void
Repair::LackedBy(LinkId link, const SeqRange& have, Micros now, std::uint32_t contiguous)
{
    m_nextKnown = false;
    for (auto& missing : m_missing)
    {
        const bool lacks =
            missing.seq >= contiguous && (missing.seq < have.from || missing.seq >= have.to);
        if (lacks && missing.elsewhere[0] == link && missing.askedAt < now)
        {
            missing.due = std::min(missing.due, std::max(now, missing.askedAt + SOONEST_ELSEWHERE));
        }
    }
}

void
Repair::ParentHas(
    const SeqRange& have, std::uint32_t contiguous, Micros now, Micros rto, Micros rtt)
{
    m_nextKnown = false;
    for (auto& missing : m_missing)
    {
        const bool outside = missing.seq < have.from || missing.seq >= have.to;
        // What it had and tells nothing of twice when asked, it keeps no longer.
        const bool inVain = missing.tries > 1 && now - missing.askedAt >= rtt - rtt / 4;
        const bool lacks = outside && (missing.seq >= contiguous || inVain);
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
    m_nextKnown = false;
    for (auto& missing : m_missing)
    {
        const bool underWay =
            missing.elsewhere[0] != NO_LINK && now - missing.askedAt < ANSWER_TIME;
        missing.tries = 0;
        missing.turn = 0;
        missing.parked = false;
        missing.due = underWay ? missing.askedAt + ANSWER_TIME : now;
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
    if (kept != m_missing.end())
    {
        m_nextKnown = false;
        m_missing.erase(kept, m_missing.end());
    }
    return seqs;
}

void
Repair::ForgetOld(std::uint32_t seq)
{
    m_nextKnown = false;
    const auto kept = std::lower_bound(m_missing.begin(),
                                       m_missing.end(),
                                       seq,
                                       [](const Missing& m, std::uint32_t s) { return m.seq < s; });
    m_missing.erase(m_missing.begin(), kept);
}

void
Repair::ForgetFrom(std::uint32_t seq)
{
    m_nextKnown = false;
    const auto gone = std::lower_bound(m_missing.begin(),
                                       m_missing.end(),
                                       seq,
                                       [](const Missing& m, std::uint32_t s) { return m.seq < s; });
    m_missing.erase(gone, m_missing.end());
}

void
Repair::NoteLate(Micros lateness)
{
    const auto late = static_cast<float>(std::min(lateness, LATEST));
    m_lateness = late > m_lateness ? late : m_lateness + (late - m_lateness) / 16;
}

Micros
Repair::FindNext() const
{
    m_nextAt = NEVER;
    for (const auto& missing : m_missing)
    {
        m_nextAt = std::min(m_nextAt, missing.due);
    }
    m_nextKnown = true;
    return m_nextAt;
}

Micros
Repair::FoundAt(std::uint32_t seq) const
{
    const auto place = std::find_if(m_missing.begin(),
                                    m_missing.end(),
                                    [seq](const Missing& m) { return m.seq == seq; });
    return place == m_missing.end() ? NEVER : place->seenAt;
}

} // namespace ns3::fanout
