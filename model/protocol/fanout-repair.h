/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_REPAIR_H
#define FANOUT_REPAIR_H

#include "fanout-messages.h"
#include "fanout-options.h"

#include "ns3/fanout-frame.h"
#include "ns3/fanout-inline-vector.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Asking for what is missing (algorithms 6): one outstanding request a seq, repeated by the
 * measured round trip, parked while the parent lacks it too. As many seqs are asked at a time as
 * come: one more for each that came, half as many when most of a request had been asked in vain.
 */
class Repair
{
  public:
    static constexpr std::uint16_t FIRST_ROOM = 128; ///< seqs asked at a time, at first
    static constexpr std::uint16_t LEAST_ROOM = 8;   ///< and at least
    static constexpr std::uint16_t MOST_ROOM = 1024; ///< and at most
    /// Between two tries of one seq at neighbours.
    static constexpr Micros SOONEST_ELSEWHERE = 100 * MILLISECOND;
    /// Between any two tries of one seq.
    static constexpr Micros SOONEST_AGAIN = 20 * MILLISECOND;

    /// A missing seq.
    struct Missing
    {
        std::uint32_t seq{0};                  ///< which
        std::uint8_t turn{0};                  ///< asks so far, of the parent and of neighbours
        std::uint8_t tries{0};                 ///< requests so far
        bool parked{false};                    ///< the parent said it lacks it too
        LinkId elsewhere[2]{NO_LINK, NO_LINK}; ///< neighbours asked, the last one first
        Micros seenAt{0};                      ///< found missing
        Micros askedAt{0};                     ///< last request
        Micros due{0};                         ///< next request
    };

    /// What became of a seq that came.
    struct Filled
    {
        bool asked{false};     ///< it had been asked for
        bool elsewhere{false}; ///< from a neighbour too
        Micros elapsed{0};     ///< since it was found missing
        Micros roundTrip{0};   ///< from its only request, 0 when there was none or several
    };

    /**
     * Seqs were found missing.
     * @param from first @param to behind the last @param now time @param wait before the first ask
     */
    void Note(std::uint32_t from, std::uint32_t to, Micros now, Micros wait);

    /// @param seq came @param now time @return what is known of it; none when it was not missing
    std::optional<Filled> Fill(std::uint32_t seq, Micros now);

    /**
     * Take what is due; it counts as asked now.
     * Of a parent that was not heard since a second ask, the third one waits up to a second.
     * @param now time @param rto of the link asked @param options of the channel
     * @param heard when the parent was heard last
     * @return seqs to ask, ascending, at most Options::repairMaxPerRequest
     */
    std::vector<std::uint32_t> Due(Micros now,
                                   Micros rto,
                                   const Options& options,
                                   Micros heard = NEVER);

    /// @param now time @param stranded whether there is no parent to ask
    /// @return whether DueElsewhere() has something
    bool IsDue(Micros now, bool stranded) const;

    /**
     * Take what is due and is to be asked from a neighbour: after three tries at the parent two in
     * three. It counts as asked now.
     * @param now time @param rto of the answer @param stranded whether there is no parent to ask
     * @param options of the channel @return seqs to ask, ascending
     */
    std::vector<std::uint32_t> DueElsewhere(Micros now,
                                            Micros rto,
                                            bool stranded,
                                            const Options& options);

    /// Nobody can be asked now: what is due elsewhere is due later; the parent is asked for the
    /// rest. @param now time @param wait how long @param stranded whether there is no parent
    void Postpone(Micros now, Micros wait, bool stranded);

    /// @param seqs were asked @param link there
    void NoteElsewhere(const std::vector<std::uint32_t>& seqs, LinkId link);

    /// @param seq missing @return the neighbour asked last, NO_LINK for none
    LinkId AskedElsewhere(std::uint32_t seq) const;

    /// @param seq came @param link from there @return whether it is missing and was asked there
    bool WasAskedFrom(std::uint32_t seq, LinkId link) const;

    /// @param link a neighbour @return seqs last asked there and missing still
    std::vector<std::uint32_t> AwaitedFrom(LinkId link) const;

    /// A neighbour says what it has: what it lacks is due at once. @param link of it
    /// @param have its range @param now time @param contiguous it may have everything below
    void LackedBy(LinkId link, const SeqRange& have, Micros now, std::uint32_t contiguous = 0);

    /// Neighbours say that they have some of what the parent lacks: it is due there at once, if it
    /// was not asked for just now. A turn that is the parent's again stays the parent's.
    /// @param now time @param said tells of a seq whether they do
    template <typename F>
    void
    Hurry(Micros now, F said)
    {
        m_nextKnown = false;
        for (auto& missing : m_missing)
        {
            const Micros spacing =
                missing.elsewhere[0] != NO_LINK ? SOONEST_ELSEWHERE : SOONEST_AGAIN;
            const bool just = now - missing.askedAt < spacing;
            if (missing.parked && !just && said(missing.seq) && GiveTurn(missing))
            {
                missing.due = std::min(missing.due, now);
            }
        }
    }

    /**
     * The parent says what it has.
     * @param have its range @param contiguous it has, or had, everything below; not what it was
     * asked for twice and does not name
     * @param now time @param rto of its link @param rtt of its link
     */
    void ParentHas(
        const SeqRange& have, std::uint32_t contiguous, Micros now, Micros rto, Micros rtt);

    /// Another parent: all is due at once, tries start again. @param now time
    void ParentChanged(Micros now);

    /// @param tries requests a seq @param now time @return seqs asked so often whose last request
    /// was not answered in time, forgotten here
    std::vector<std::uint32_t> Exhausted(std::uint8_t tries, Micros now);

    /// @param seq forget all below
    void
    ForgetBelow(std::uint32_t seq)
    {
        if (!m_missing.empty() && m_missing.front().seq < seq)
        {
            ForgetOld(seq);
        }
    }

    /// @param seq forget it and all above
    void ForgetFrom(std::uint32_t seq);

    /// A message arrived out of order, so many microseconds after its gap was seen without having
    /// been asked for. @param lateness how late
    void NoteLate(Micros lateness);

    /// @return how long to wait before a first ask: 0 until a late arrival was seen
    Micros
    ReorderWait() const
    {
        return static_cast<Micros>(1.25f * m_lateness);
    }

    /// @return when something is due, NEVER when nothing is missing
    Micros
    NextAt() const
    {
        return m_nextKnown ? m_nextAt : FindNext();
    }

    /// @return seqs missing
    std::size_t
    GetN() const
    {
        return m_missing.size();
    }

    /// @param seq any @return when it was found missing, NEVER when it is not asked for
    Micros FoundAt(std::uint32_t seq) const;

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_missing.HeapBytes();
    }

  private:
    /// @param missing is looked at, and put off where the parent is silent @param now time
    /// @param rto of the parent @param options of the channel @param heard when the parent was
    /// @return whether the parent may be asked for it now
    static bool IsAskable(
        Missing& missing, Micros now, Micros rto, const Options& options, Micros heard);

    /// @param missing is asked for at the parent @param now time @param rto of the parent
    static void Take(Missing& missing, Micros now, Micros rto);

    /// @param missing any @return whether the next try is a neighbour's
    static bool IsTheirTurn(const Missing& missing);

    /// @param missing of which the parent's first turns may be left out
    /// @return whether the next one is the neighbours' now
    static bool GiveTurn(Missing& missing);

    /// @param missing is asked for @param turns that this takes
    static void TakeTurn(Missing& missing, int turns);

    /// @param now time @param rto of the link @return asks whose answer may still come in time
    std::size_t Outstanding(Micros now, Micros rto) const;

    /// Most of what was asked did not come: ask for less at a time. @param now time
    /// @param rto of the link
    void AskForLess(Micros now, Micros rto);

    /// @param seq forget all below
    void ForgetOld(std::uint32_t seq);

    /// @return NextAt(), computed
    Micros FindNext() const;

    mutable Micros m_nextAt{NEVER};     ///< NextAt() as computed last
    float m_lateness{0};                ///< how late reordered messages came, microseconds
    std::uint16_t m_room{FIRST_ROOM};   ///< asks of the parent at a time
    mutable bool m_nextKnown{true};     ///< nothing has changed since
    Micros m_lessAt{0};                 ///< asked for less since
    InlineVector<Missing, 1> m_missing; ///< ordered by seq
};

} // namespace ns3::fanout

#endif // FANOUT_REPAIR_H
