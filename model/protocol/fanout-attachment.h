/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ATTACHMENT_H
#define FANOUT_ATTACHMENT_H

#include "fanout-candidates.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"

#include <optional>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Finding a parent: which tracker to query, which candidate to ask, when to try again
 * (algorithms 5; protocol 5.1). It decides; the channel sends. Event driven: nothing here waits for
 * a poll.
 *
 * After a loss the backups that the parent had named are asked while the tracker is queried.
 *
 * A round queries a tracker and asks the candidates it has, one at a time on the first join and two
 * at a time after a parent was lost; a candidate that keeps silent for longer than three round
 * trips is overtaken by the next one while its answer is still awaited. A round without success is
 * followed by a pause that doubles, with jitter. The next tracker is asked only when one gives no
 * answer: what has room is announced to the first one.
 */
class Attachment
{
  public:
    /// A JOIN_REQ that awaits its answer.
    struct Ask
    {
        std::uint32_t reqId{0};                             ///< of the JOIN_REQ
        LinkId link{NO_LINK};                               ///< where it went
        PeerId peer;                                        ///< who was asked
        Candidate::Source source{Candidate::Source::KNOWN}; ///< why
        std::uint8_t tracker{Candidate::NO_TRACKER};        ///< who named it
        bool sent{false};                                   ///< false while dialling
        bool overtaken{false};                              ///< the next may be asked
        Micros sentAt{0};                                   ///< when, or when dialled
        Micros overtakeAt{0};                               ///< the next may be asked from then on
        Micros deadline{0};                                 ///< an answer counts until then
    };

    /// A TRACKER_QUERY that awaits its answer.
    struct Query
    {
        std::uint32_t reqId{0};  ///< of the query
        std::uint8_t tracker{0}; ///< index of the tracker
        Micros sentAt{0};        ///< when
        Micros deadline{0};      ///< given up then
    };

    /// The parent that was lost.
    struct Former
    {
        PeerId peer;         ///< who, zero for nobody
        Endpoint endpoint;   ///< where
        Micros lastUntil{0}; ///< until then it is asked after all others
        bool gone{false};    ///< it was silent or closed the link, and no tracker was told yet
    };

    /// What to do next.
    struct Step
    {
        /// Kind of step.
        enum class What : std::uint8_t
        {
            NOTHING,   ///< wait until NextAt() or an answer
            QUERY,     ///< query that tracker, then call Queried()
            ASK,       ///< ask that candidate, then call Asked(), or cool it down
            OVERTAKEN, ///< that ask has no answer yet; an answer still counts
            TIMED_OUT, ///< that ask got no answer: release its link
            GIVE_UP    ///< the first join took longer than Options::joinTimeout
        };

        What what{What::NOTHING}; ///< kind of step
        std::uint8_t tracker{0};  ///< QUERY
        Candidate candidate;      ///< ASK
        Ask ask;                  ///< OVERTAKEN, TIMED_OUT
    };

    /// @param trackers how many trackers there are
    explicit Attachment(std::uint8_t trackers)
        : m_trackers(trackers)
    {
    }

    /**
     * Begin to look for a parent.
     * @param now time @param delay first pause @param lost whether a parent was lost just now
     * @param options of the channel
     */
    void Seek(Micros now, Micros delay, bool lost, const Options& options);

    /// Stop looking: attached or left. @return the asks still open, to be answered by no one
    std::vector<Ask> Stop();

    /// @return whether a parent is being looked for
    bool
    IsSeeking() const
    {
        return m_seeking;
    }

    /// @return whether a tracker still has a query of this search
    bool
    HasQueries() const
    {
        return !m_queries.empty();
    }

    /// @param link any link @return whether an ask is open on it
    bool HasAsk(LinkId link) const;

    /// @return when the present search began
    Micros
    StartedAt() const
    {
        return m_startedAt;
    }

    /**
     * @param now time @param options of the channel @param random draws
     * @return the next thing to do; call again until NOTHING
     */
    Step Next(Micros now, const Options& options, Random& random);

    /// @param query was sent
    void Queried(const Query& query);

    /// @param ask was sent, or waits for its link
    void Asked(const Ask& ask);

    /// The host itself is offline: try everything again in a moment. @param now time
    void Offline(Micros now);

    /// The tracker's link was refused or gone. @param now time
    void QueryFailed(Micros now);

    /// The link to a tracker is closed: its query will not be answered. @param tracker by index
    /// @param reached whether the link was open; else the next tracker's turn has come
    void TrackerClosed(std::uint8_t tracker, bool reached);

    /// The link to a tracker is open: a query that waited for it has left only now.
    /// @param tracker by index @param deadline of such a query
    void TrackerOpened(std::uint8_t tracker, Micros deadline);

    /// @param reqId of a TRACKER_REPLY @param now time
    /// @return the query it answers, which is closed; none when it was not awaited
    std::optional<Query> Replied(std::uint32_t reqId, Micros now);

    /// @param reqId of an answer @param link whence @return the ask, which is closed; none when
    /// nobody awaits it from there
    std::optional<Ask> Answered(std::uint32_t reqId, LinkId link);

    /// @param link is closed @return the asks it carried, which are closed
    std::vector<Ask> LinkClosed(LinkId link);

    /// @param link is open now @return the ask that waited for it; say Asked again when sent
    std::optional<Ask> LinkOpened(LinkId link);

    /// @return when Next may yield something again
    Micros NextAt(Micros now, const Options& options) const;

    Micros until{NEVER};   ///< given up then: a search of one that has a parent
    Candidates candidates; ///< whom to ask
    Former former;         ///< whose loss began this search

    /// @return heap bytes held
    std::size_t HeapBytes() const;

  private:
    static constexpr Micros OFFLINE_POLL = 50 * MILLISECOND; ///< a host that is offline looks again

    /// @param now time @param options of the channel @return whether a tracker may be queried
    bool QueryDue(Micros now, const Options& options) const;

    /// @param peer any @return whether an ask at it is open
    bool IsAsked(const PeerId& peer) const;

    /// @param now time @return whether to ask a backup: while a tracker is queried one at a time,
    /// so that the slot it leases is asked for at once
    bool BackupsWanted(Micros now) const;

    /// @param now time @return asks that have not been overtaken
    std::size_t ActiveAsks(Micros now) const;

    /// The tracker may be queried, and as many be asked, as ever in a round.
    void BeginRound();

    /// End the round. @param now time @param options of the channel @param random draws
    void EndRound(Micros now, const Options& options, Random& random);

    std::vector<Ask> m_asks;        ///< open asks
    std::vector<Query> m_queries;   ///< open queries
    Micros m_startedAt{0};          ///< of the search
    Micros m_notBefore{0};          ///< pause
    Micros m_lastQueryAt{0};        ///< of this round
    std::uint8_t m_trackers{0};     ///< how many
    std::uint8_t m_firstTracker{0}; ///< of this round
    std::uint8_t m_queriesSent{0};  ///< in this round
    std::uint8_t m_asksSent{0};     ///< in this round
    std::uint8_t m_round{0};        ///< rounds without success
    std::uint8_t m_parallel{1};     ///< asks at a time
    bool m_replied{false};          ///< a tracker answered in this round
    bool m_seeking{false};          ///< looking
    bool m_first{true};             ///< never attached before
    bool m_silent{false};           ///< one kept silent since a tracker was queried
};

} // namespace ns3::fanout

#endif // FANOUT_ATTACHMENT_H
