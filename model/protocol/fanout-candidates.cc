/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-candidates.h"

#include <algorithm>
#include <tuple>

namespace ns3::fanout
{

void
Candidates::Merge(const Candidate& candidate)
{
    for (auto& known : m_list)
    {
        if (known.peer != candidate.peer)
        {
            continue;
        }
        if (candidate.source <= known.source)
        {
            known.source = candidate.source;
            known.tracker = candidate.tracker;
            known.tried = false;
        }
        if (candidate.source == Candidate::Source::LEASED && !known.silent)
        {
            known.coolUntil = 0;
        }
        known.level = candidate.level;
        known.freeSlots = candidate.freeSlots;
        known.bid = candidate.bid;
        known.endpoint = candidate.endpoint ? candidate.endpoint : known.endpoint;
        return;
    }
    if (m_list.size() == LIMIT)
    {
        m_list.erase(m_list.begin());
    }
    m_list.push_back(candidate);
}

void
Candidates::Merge(const Backup& backup, Candidate::Source source)
{
    Candidate candidate;
    candidate.peer = backup.peer;
    candidate.endpoint = backup.endpoint;
    candidate.level = backup.level;
    candidate.source = source;
    Merge(candidate);
}

std::vector<std::size_t>
Candidates::Ranked(Micros now, bool backups) const
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < m_list.size(); i++)
    {
        const bool wanted = backups || m_list[i].source != Candidate::Source::BACKUP;
        if (wanted && !m_list[i].tried && m_list[i].coolUntil <= now)
        {
            order.push_back(i);
        }
    }
    const auto key = [this](std::size_t i)
    {
        const Candidate& c = m_list[i];
        return std::make_tuple(c.source,
                               c.source < Candidate::Source::TRACKER ? i : 0,
                               c.level,
                               -static_cast<int>(c.freeSlots),
                               -static_cast<std::int64_t>(c.bid),
                               c.peer);
    };
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
    return order;
}

std::size_t
Candidates::DrawByWeight(const std::vector<std::size_t>& ranked,
                         std::size_t head,
                         const Options& options,
                         Random& random) const
{
    std::vector<double> weights;
    double sum = 0;
    for (std::size_t i = 0; i < head; i++)
    {
        const Candidate& c = m_list[ranked[i]];
        const double w =
            1.0 / (1 + options.weightLevel * c.level) *
            (1 + options.weightFreeSlots * c.freeSlots) * (1 + options.weightBid * c.bid) *
            (c.connected ? 1 + options.weightConnected : 1) /
            (1 + options.weightSource * (c.source == Candidate::Source::KNOWN ? 1.0 : 0.0));
        weights.push_back(w);
        sum += w;
    }
    double draw = random.Uniform() * sum;
    for (std::size_t i = 0; i < weights.size(); i++)
    {
        draw -= weights[i];
        if (draw < 0)
        {
            return i;
        }
    }
    return 0;
}

std::optional<Candidate>
Candidates::Next(Micros now, const Options& options, Random& random, bool backups)
{
    const auto ranked = Ranked(now, backups);
    if (ranked.empty())
    {
        return std::nullopt;
    }
    std::size_t pick = 0;
    const bool named = m_list[ranked[0]].source < Candidate::Source::TRACKER;
    const auto tried = static_cast<std::size_t>(std::count_if(
        m_list.begin(),
        m_list.end(),
        [](const Candidate& c) { return c.tried && c.source >= Candidate::Source::TRACKER; }));
    const std::size_t left =
        options.candidateShuffleTopK > tried ? options.candidateShuffleTopK - tried : 0;
    const std::size_t head = std::min(left, ranked.size());
    if (!named && options.scoring == ScoringMode::RANKED_SHUFFLE)
    {
        pick = head > 1 ? random.Below(head) : 0;
    }
    else if (!named && options.scoring == ScoringMode::WEIGHTED)
    {
        pick = DrawByWeight(ranked, head, options, random);
    }
    Candidate& chosen = m_list[ranked[pick]];
    chosen.tried = true;
    return chosen;
}

bool
Candidates::HasNext(Micros now) const
{
    return std::any_of(m_list.begin(),
                       m_list.end(),
                       [now](const Candidate& c) { return !c.tried && c.coolUntil <= now; });
}

void
Candidates::Cool(const PeerId& peer, Micros until, bool silent)
{
    for (auto& known : m_list)
    {
        if (known.peer == peer)
        {
            known.coolUntil = until;
            known.silent = silent;
            known.source = std::max(known.source, Candidate::Source::TRACKER);
        }
    }
}

void
Candidates::NewRound()
{
    for (auto& known : m_list)
    {
        known.tried = false;
    }
}

void
Candidates::Clear()
{
    std::vector<Candidate>().swap(m_list);
}

} // namespace ns3::fanout
