/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-fetching.h"

#include <algorithm>

namespace ns3::fanout
{

Fetching::Fetching(double streamRate)
    : m_budget(BUDGET_SHARE * streamRate, BUDGET_BURST)
{
}

void
Fetching::Offer(const std::vector<Backup>& backups, const PeerId& parent)
{
    for (const auto& backup : backups)
    {
        const auto known =
            std::find_if(m_sources.begin(),
                         m_sources.end(),
                         [&](const Source& source) { return source.peer == backup.peer; });
        if (known != m_sources.end())
        {
            known->endpoint = backup.endpoint;
        }
        else if (m_sources.size() < LIMIT)
        {
            Source source;
            source.peer = backup.peer;
            source.endpoint = backup.endpoint;
            m_sources.push_back(source);
        }
    }
    for (auto& source : m_sources)
    {
        if (source.peer == parent && source.link == NO_LINK)
        {
            source.coolUntil = NEVER;
        }
    }
}

Fetching::Source*
Fetching::Find(LinkId link)
{
    const auto found = std::find_if(m_sources.begin(),
                                    m_sources.end(),
                                    [link](const Source& source) { return source.link == link; });
    return link == NO_LINK || found == m_sources.end() ? nullptr : &*found;
}

bool
Fetching::IsUsable(Micros now) const
{
    return std::any_of(m_sources.begin(),
                       m_sources.end(),
                       [now](const Source& source) { return source.coolUntil <= now; });
}

void
Fetching::Asked(Source& source, std::size_t seqs, Micros now)
{
    source.asks += static_cast<std::uint32_t>(seqs);
    source.usedAt = now;
    source.waitingSince = source.waitingSince == 0 ? now : source.waitingSince;
    if (source.asks > 64)
    {
        source.asks /= 2;
        source.hits /= 2;
    }
}

void
Fetching::Answered(Source& source, std::uint32_t seqs)
{
    source.hits = std::min(source.asks, source.hits + seqs);
    source.waitingSince = 0;
}

std::vector<LinkId>
Fetching::TakeIdle(Micros now)
{
    std::vector<LinkId> links;
    for (auto& source : m_sources)
    {
        const bool silent = source.waitingSince > 0 && now - source.waitingSince > SECOND;
        if (source.link != NO_LINK && (silent || now - source.usedAt > IDLE))
        {
            links.push_back(source.link);
            source.link = NO_LINK;
            source.waitingSince = 0;
            source.coolUntil = silent ? now + COOLDOWN : source.coolUntil;
        }
    }
    return links;
}

void
Fetching::Closed(LinkId link)
{
    if (Source* source = Find(link))
    {
        source->link = NO_LINK;
        source->waitingSince = 0;
    }
}

bool
Fetching::HasLinks() const
{
    return std::any_of(m_sources.begin(),
                       m_sources.end(),
                       [](const Source& source) { return source.link != NO_LINK; });
}

std::vector<LinkId>
Fetching::TakeAll()
{
    std::vector<LinkId> links;
    for (auto& source : m_sources)
    {
        if (source.link != NO_LINK)
        {
            links.push_back(source.link);
            source.link = NO_LINK;
        }
    }
    return links;
}

} // namespace ns3::fanout
