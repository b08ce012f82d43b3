/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FETCHING_H
#define FANOUT_FETCHING_H

#include "fanout-messages.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"
#include "ns3/fanout-token-bucket.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Whom to ask for what the parent does not give (algorithms 6): the peers that the parent named as
 * backups, ranked by how often they had what was asked and how far they are, within a budget. It
 * decides; the channel sends. Exists only while something is asked.
 */
class Fetching
{
  public:
    static constexpr std::size_t LIMIT = 8;           ///< sources kept
    static constexpr Micros IDLE = 5 * SECOND;        ///< a link unused so long is released
    static constexpr Micros COOLDOWN = 2 * SECOND;    ///< after no answer
    static constexpr double BUDGET_SHARE = 0.1;       ///< of the stream's rate
    static constexpr double BUDGET_BURST = 64 * 1024; ///< bytes
    static constexpr Micros RANGE_SPACING = 300 * MILLISECOND; ///< between two asks how far it is

    /// One that may be asked.
    struct Source
    {
        PeerId peer;            ///< who
        Endpoint endpoint;      ///< where
        LinkId link{NO_LINK};   ///< once dialled
        std::uint32_t asks{0};  ///< seqs asked
        std::uint32_t hits{0};  ///< of these, given
        Micros usedAt{0};       ///< last asked
        Micros waitingSince{0}; ///< first ask without any answer; 0: none
        Micros coolUntil{0};    ///< not to be asked before
    };

    /// @param streamRate bytes a second of the channel
    explicit Fetching(double streamRate);

    /// @param backups whom the parent named @param parent who is asked anyway
    void Offer(const std::vector<Backup>& backups, const PeerId& parent);

    /// @param link any @return the source there or null
    Source* Find(LinkId link);

    /**
     * @param now time @param except not that one, unless there is no other
     * @param rttOf gives a link's round trip, microseconds; NO_LINK: a typical one
     * @param worthOf gives how much better a source is than another for what it is to be asked
     * @return the best one to ask, null when none is to be asked now
     */
    template <typename F, typename G>
    Source*
    Best(Micros now, LinkId except, F rttOf, G worthOf)
    {
        Source* best = nullptr;
        double most = 0;
        for (auto& source : m_sources)
        {
            const bool last = except != NO_LINK && source.link == except;
            const double rank = (source.hits + 1.0) / (source.asks + 2.0) /
                                static_cast<double>(rttOf(source.link) + 1) * (last ? 1e-6 : 1) *
                                worthOf(source);
            if (source.coolUntil <= now && rank > most)
            {
                best = &source;
                most = rank;
            }
        }
        return best;
    }

    /// @param now time @return whether there is one to ask
    bool IsUsable(Micros now) const;

    /// @param now time @param bytes that the answer takes @return whether the budget has them
    bool
    Afford(Micros now, double bytes)
    {
        return m_budget.Take(now, bytes);
    }

    /// Asked. @param source who @param seqs how many @param now time
    void Asked(Source& source, std::size_t seqs, Micros now);

    /// It gave something, or said what it has. @param source who @param seqs given
    void Answered(Source& source, std::uint32_t seqs);

    /// @param now time @return links that are needed no more, or whose peer gave no answer; their
    /// sources stay
    std::vector<LinkId> TakeIdle(Micros now);

    /// @param link is closed
    void Closed(LinkId link);

    /// @return whether a link to a source is held
    bool HasLinks() const;

    /// @return links of all sources
    std::vector<LinkId> TakeAll();

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_sources.capacity() * sizeof(Source);
    }

    Micros rangeAskedAt{-SECOND}; ///< a peer without a parent asked how far the channel is
    std::uint32_t rangeSeq{0};    ///< for that seq
    std::uint32_t rangeTo{0};     ///< and those up to here, exclusive
    LinkId rangeLink{NO_LINK};    ///< there

  private:
    std::vector<Source> m_sources; ///< in the order they were named
    TokenBucket m_budget;          ///< bytes asked for
};

} // namespace ns3::fanout

#endif // FANOUT_FETCHING_H
