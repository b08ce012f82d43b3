/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CANDIDATES_H
#define FANOUT_CANDIDATES_H

#include "fanout-messages.h"
#include "fanout-options.h"

#include "ns3/fanout-random.h"

#include <functional>
#include <optional>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A peer that may become the parent.
 */
struct Candidate
{
    /// Who named it; a smaller one is tried first.
    enum class Source : std::uint8_t
    {
        LEASED,   ///< a tracker leased one of its slots to us
        FORMER,   ///< it was the parent until our own links were closed
        BACKUP,   ///< the parent named it before it was lost
        REDIRECT, ///< a full parent named it
        TRACKER,  ///< a tracker named it without a lease
        KNOWN     ///< the channel's root, named by the user
    };

    static constexpr std::uint8_t NO_TRACKER = 0xff; ///< no tracker named it

    PeerId peer;                           ///< who
    Endpoint endpoint;                     ///< where
    std::uint32_t bid{0};                  ///< bid per byte
    std::uint16_t level{UNATTACHED_LEVEL}; ///< its level
    std::uint16_t freeSlots{0};            ///< its room
    Source source{Source::KNOWN};          ///< who named it
    std::uint8_t tracker{NO_TRACKER};      ///< which tracker named it
    bool connected{false};                 ///< a link to it is open
    bool tried{false};                     ///< asked in this round
    bool silent{false};                    ///< did not answer: a lease does not end its cooldown
    Micros coolUntil{0};                   ///< not to be asked before
};

/**
 * @ingroup fanout-tree
 * The candidates of one channel at one peer: merged by id, cooled down after failures, ordered as
 * the scoring mode says (protocol 5.1 G to J, 5.2).
 */
class Candidates
{
  public:
    static constexpr std::size_t LIMIT = 64; ///< candidates kept

    /// @param candidate learnt from a frame; merged with what is known of that peer
    void Merge(const Candidate& candidate);

    /// @param backup that a parent named @param source as what
    void Merge(const Backup& backup, Candidate::Source source);

    /**
     * Take the next one to ask: leased, former, redirected ones in the order they came, then the
     * others by the scoring mode. It counts as tried in this round.
     * @param now time @param options scoring mode and weights @param random draws
     * @param backups whether backups are wanted now
     * @return the candidate, or none when all are tried or cooling
     */
    std::optional<Candidate> Next(Micros now,
                                  const Options& options,
                                  Random& random,
                                  bool backups = true);

    /// @param peer who failed @param until not to be asked before @param silent did not answer;
    /// one that answered may be asked earlier when a tracker leases one of its slots
    void Cool(const PeerId& peer, Micros until, bool silent);

    /// All may be asked again.
    void NewRound();

    /// Forget all; memory is given back.
    void Clear();

    /// @return number of candidates
    std::size_t
    GetN() const
    {
        return m_list.size();
    }

    /// @return all of them, in the order they came
    const std::vector<Candidate>&
    List() const
    {
        return m_list;
    }

    /// @param now time @return whether Next would yield one
    bool HasNext(Micros now) const;

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_list.capacity() * sizeof(Candidate);
    }

  private:
    /// @param now time @param backups whether with these
    /// @return indices of those that may be asked, ranked
    std::vector<std::size_t> Ranked(Micros now, bool backups) const;

    /// @param ranked order by rank @param options weights @param random draws @return a position
    std::size_t DrawByWeight(const std::vector<std::size_t>& ranked,
                             std::size_t head,
                             const Options& options,
                             Random& random) const;

    std::vector<Candidate> m_list; ///< in the order they came
};

} // namespace ns3::fanout

#endif // FANOUT_CANDIDATES_H
