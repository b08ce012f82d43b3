/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-attachment.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr int FIRST_ASKS = 2;               // at a time, after a parent was lost
constexpr int MOST_ASKS = 4;                // the same when several keep silent
constexpr Micros LONG_AGO = 86400 * SECOND; ///< so that the next tracker is due at once

} // namespace

void
Attachment::Seek(Micros now, Micros delay, bool lost, const Options& options)
{
    m_seeking = true;
    m_first = m_first && !lost;
    m_parallel = lost ? FIRST_ASKS : 1;
    m_startedAt = now;
    m_notBefore = now + delay;
    m_round = 0;
    BeginRound();
    candidates.NewRound();
    (void)options;
}

std::vector<Attachment::Ask>
Attachment::Stop()
{
    m_seeking = false;
    m_first = false;
    std::vector<Query>().swap(m_queries);
    candidates.Clear();
    return std::exchange(m_asks, {});
}

std::size_t
Attachment::ActiveAsks(Micros now) const
{
    return std::count_if(m_asks.begin(),
                         m_asks.end(),
                         [now](const Ask& ask) { return now < ask.overtakeAt; });
}

bool
Attachment::IsAsked(const PeerId& peer) const
{
    return std::any_of(m_asks.begin(),
                       m_asks.end(),
                       [&](const Ask& ask) { return ask.peer == peer; });
}

bool
Attachment::BackupsWanted(Micros now) const
{
    return m_queries.empty() ||
           std::none_of(m_asks.begin(),
                        m_asks.end(),
                        [now](const Ask& ask) {
                            return ask.source == Candidate::Source::BACKUP && now < ask.overtakeAt;
                        });
}

bool
Attachment::QueryDue(Micros now, const Options& options) const
{
    const std::uint8_t limit =
        options.bootstrapMaxPeers == 0
            ? m_trackers
            : static_cast<std::uint8_t>(
                  std::min<std::uint16_t>(options.bootstrapMaxPeers, m_trackers));
    if (options.trackerCandidates == 0 || m_queriesSent >= limit)
    {
        return false;
    }
    return m_queriesSent == 0 || (!m_replied && now >= m_lastQueryAt + options.trackerNextAfter);
}

Attachment::Step
Attachment::Next(Micros now, const Options& options, Random& random)
{
    Step step;
    if (!m_seeking)
    {
        return step;
    }
    for (auto ask = m_asks.begin(); ask != m_asks.end(); ++ask)
    {
        if (now >= ask->deadline)
        {
            step.what = Step::What::TIMED_OUT;
            step.ask = *ask;
            m_asks.erase(ask);
            return step;
        }
    }
    for (auto& ask : m_asks)
    {
        if (now >= ask.overtakeAt && ask.sent && !ask.overtaken)
        {
            ask.overtaken = true;
            m_silent = m_parallel > 1;
            m_parallel = static_cast<std::uint8_t>(
                m_parallel > 1 ? std::min<int>(m_parallel + 1, MOST_ASKS) : 1);
            step.what = Step::What::OVERTAKEN;
            step.ask = ask;
            return step;
        }
    }
    if (m_first && options.joinTimeout > 0 && now >= m_startedAt + options.joinTimeout)
    {
        step.what = Step::What::GIVE_UP;
        return step;
    }
    m_queries.erase(std::remove_if(m_queries.begin(),
                                   m_queries.end(),
                                   [now](const Query& q) { return now >= q.deadline; }),
                    m_queries.end());
    if (now < m_notBefore)
    {
        return step;
    }
    if (QueryDue(now, options))
    {
        step.what = Step::What::QUERY;
        step.tracker = static_cast<std::uint8_t>((m_firstTracker + m_queriesSent) % m_trackers);
        return step;
    }
    if (m_silent && m_queries.empty() && m_trackers > 0)
    {
        // Meanwhile others have told the tracker who is gone too.
        BeginRound();
        return Next(now, options, random);
    }
    const int most = m_queries.empty() ? m_parallel : std::min<int>(m_parallel, FIRST_ASKS);
    const bool more = ActiveAsks(now) < static_cast<std::size_t>(most);
    if (m_asksSent < options.joinAttemptsPerRound && more)
    {
        auto candidate = candidates.Next(now, options, random, BackupsWanted(now));
        while (candidate && IsAsked(candidate->peer))
        {
            candidate = candidates.Next(now, options, random, BackupsWanted(now));
        }
        if (candidate)
        {
            step.what = Step::What::ASK;
            step.candidate = *candidate;
            return step;
        }
    }
    if (ActiveAsks(now) == 0 && m_queries.empty())
    {
        EndRound(now, options, random);
    }
    return step;
}

void
Attachment::EndRound(Micros now, const Options& options, Random& random)
{
    const Micros pause =
        std::min<Micros>(options.retryDelayMax, options.retryDelay << std::min<int>(m_round, 10));
    m_notBefore = now + static_cast<Micros>(static_cast<double>(pause) * random.Jitter(0.5));
    m_round = static_cast<std::uint8_t>(std::min(m_round + 1, 200));
    if (m_trackers > 0 && m_queriesSent > 0)
    {
        // A spare one that answers knows nobody: it must not be asked for ever.
        m_firstTracker =
            m_replied ? 0
                      : static_cast<std::uint8_t>((m_firstTracker + m_queriesSent) % m_trackers);
    }
    BeginRound();
    candidates.NewRound();
}

void
Attachment::BeginRound()
{
    m_queriesSent = 0;
    m_asksSent = 0;
    m_replied = false;
    m_silent = false;
}

void
Attachment::Queried(const Query& query)
{
    m_queries.push_back(query);
    m_queriesSent++;
    m_lastQueryAt = query.sentAt;
}

void
Attachment::QueryFailed(Micros now)
{
    m_queriesSent++;
    m_lastQueryAt = now - LONG_AGO;
}

void
Attachment::TrackerClosed(std::uint8_t tracker, bool reached)
{
    const auto pending = std::find_if(m_queries.begin(),
                                      m_queries.end(),
                                      [tracker](const Query& q) { return q.tracker == tracker; });
    if (pending != m_queries.end())
    {
        m_queries.erase(pending);
        m_queriesSent -= reached ? 1 : 0;
        m_lastQueryAt = reached ? m_lastQueryAt : -LONG_AGO;
    }
}

void
Attachment::TrackerOpened(std::uint8_t tracker, Micros deadline)
{
    for (auto& query : m_queries)
    {
        query.deadline = query.tracker == tracker ? deadline : query.deadline;
    }
}

bool
Attachment::HasAsk(LinkId link) const
{
    return std::any_of(m_asks.begin(),
                       m_asks.end(),
                       [link](const Ask& ask) { return ask.link == link; });
}

void
Attachment::Asked(const Ask& ask)
{
    m_asks.push_back(ask);
    m_asksSent++;
}

void
Attachment::Offline(Micros now)
{
    m_notBefore = now + OFFLINE_POLL;
    m_queriesSent = 0;
    m_asksSent = 0;
    m_round = 0;
    candidates.NewRound();
}

std::optional<Attachment::Query>
Attachment::Replied(std::uint32_t reqId, Micros now)
{
    const auto found = std::find_if(m_queries.begin(),
                                    m_queries.end(),
                                    [reqId](const Query& q) { return q.reqId == reqId; });
    if (found == m_queries.end())
    {
        return std::nullopt;
    }
    const Query query = *found;
    m_queries.erase(found);
    m_replied = true;
    if (m_asks.empty())
    {
        m_notBefore = std::min(m_notBefore, now);
    }
    return query;
}

std::optional<Attachment::Ask>
Attachment::Answered(std::uint32_t reqId, LinkId link)
{
    const auto found = std::find_if(m_asks.begin(),
                                    m_asks.end(),
                                    [&](const Ask& ask)
                                    { return ask.reqId == reqId && ask.link == link && ask.sent; });
    if (found == m_asks.end())
    {
        return std::nullopt;
    }
    const Ask ask = *found;
    m_asks.erase(found);
    return ask;
}

std::vector<Attachment::Ask>
Attachment::LinkClosed(LinkId link)
{
    std::vector<Ask> closed;
    for (auto ask = m_asks.begin(); ask != m_asks.end();)
    {
        if (ask->link == link)
        {
            closed.push_back(*ask);
            ask = m_asks.erase(ask);
        }
        else
        {
            ++ask;
        }
    }
    return closed;
}

std::optional<Attachment::Ask>
Attachment::LinkOpened(LinkId link)
{
    const auto found =
        std::find_if(m_asks.begin(),
                     m_asks.end(),
                     [link](const Ask& ask) { return ask.link == link && !ask.sent; });
    if (found == m_asks.end())
    {
        return std::nullopt;
    }
    const Ask ask = *found;
    m_asks.erase(found);
    m_asksSent--;
    return ask;
}

Micros
Attachment::NextAt(Micros now, const Options& options) const
{
    if (!m_seeking)
    {
        return NEVER;
    }
    Micros next = NEVER;
    if (m_first && options.joinTimeout > 0)
    {
        next = m_startedAt + options.joinTimeout;
    }
    for (const auto& ask : m_asks)
    {
        next = std::min(next, ask.deadline);
        next = ask.overtakeAt > now ? std::min(next, ask.overtakeAt) : next;
    }
    for (const auto& query : m_queries)
    {
        next = std::min(next, query.deadline);
    }
    if (now < m_notBefore)
    {
        next = std::min(next, m_notBefore);
    }
    else if (m_queriesSent > 0 && !QueryDue(now, options) &&
             now < m_lastQueryAt + options.trackerNextAfter)
    {
        next = std::min(next, m_lastQueryAt + options.trackerNextAfter);
    }
    return next;
}

std::size_t
Attachment::HeapBytes() const
{
    return candidates.HeapBytes() + m_asks.capacity() * sizeof(Ask) +
           m_queries.capacity() * sizeof(Query);
}

} // namespace ns3::fanout
