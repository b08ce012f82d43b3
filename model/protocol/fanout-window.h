/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WINDOW_H
#define FANOUT_WINDOW_H

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Which messages of one channel a peer has (algorithms 6).
 *
 * Every sequence number in [joinPoint, Next()) is exactly one of delivered, missing and given up.
 * Base() is the first that is neither delivered nor given up; it never decreases, and it is missing
 * unless it equals Next(). From Base() on a bitmap tells them apart, at most maxSpan wide, 64 bits
 * inline and on the heap only while more is needed.
 *
 * A seq that was given up and arrives after all is NEW while the bitmap still covers it (the user
 * can still want it; the given-up count goes down by one); below Base() it is TOO_OLD.
 *
 * Only a verified message (Mark) can move the window further than one span: what a watermark says
 * is not signed by the root, and a lie in it must not make the peer deaf (algorithms 8).
 */
class Window
{
  public:
    /// What a sequence number is.
    enum class Verdict : std::uint8_t
    {
        NEW,       ///< inside the window and not had
        DUPLICATE, ///< delivered before
        TOO_OLD,   ///< before the join point, or below the base and given up or not known; also
                   ///< everything before StartAt()
        TOO_FAR    ///< beyond the window: verify first, then Mark() jumps
    };

    /// No sequence number: the last one cannot be written as an exclusive end, so it is never used.
    static constexpr std::uint32_t NO_SEQ = 0xffffffff;

    /// @param maxSpan widest window, 1 to 2^20 (clamped)
    explicit Window(std::uint32_t maxSpan);

    /// @param joinPoint first seq wanted; a second call changes nothing
    void StartAt(std::uint32_t joinPoint);

    /**
     * Begin again, where only a watermark said where to begin.
     * @param joinPoint first seq wanted, below Base()
     * @return whether it did: nothing was delivered or given up so far
     */
    bool Restart(std::uint32_t joinPoint);

    /// @return whether StartAt() was called
    bool
    Started() const
    {
        return m_started;
    }

    /// @param seq any @return what it is; changes nothing. NO_SEQ is TOO_FAR and cannot be marked
    Verdict
    Test(std::uint32_t seq) const
    {
        if (seq < m_base || !m_started)
        {
            return m_started && seq >= m_sure ? Verdict::DUPLICATE : Verdict::TOO_OLD;
        }
        if (seq >= m_next)
        {
            return seq - m_base < m_maxSpan && seq != NO_SEQ ? Verdict::NEW : Verdict::TOO_FAR;
        }
        return IsSet(seq, 0) && !IsSet(seq, m_words) ? Verdict::DUPLICATE : Verdict::NEW;
    }

    /**
     * A message was verified and is delivered now. Call it for NEW and TOO_FAR only; anything else
     * is ignored. Seqs skipped become missing; what a jump leaves behind is given up.
     * @param seq the message
     * @return how many were given up by a jump, mostly 0
     */
    std::uint64_t
    Mark(std::uint32_t seq)
    {
        if (seq == m_base && seq == m_next && m_started && seq != NO_SEQ)
        {
            m_base++;
            m_next++;
            return 0;
        }
        return MarkSlowly(seq);
    }

    /**
     * Somebody says that these exist (watermark, END, have-range). Never jumps: at most one span
     * from the base is believed; call it again when the base has moved.
     * @param toExclusive seqs below are expected
     * @return how many became missing
     */
    std::uint32_t Expect(std::uint32_t toExclusive);

    /// @param seq is not asked for any more @return 1 when it was missing, else 0
    std::uint32_t GiveUp(std::uint32_t seq);

    /// @param seq missing ones below it, and below Next(), are given up @return how many
    std::uint32_t GiveUpBelow(std::uint32_t seq);

    /**
     * Believe no longer what only a watermark said: missing seqs behind the last one that is done.
     * @param floor seqs below stay expected
     */
    void Retract(std::uint32_t floor);

    /// @return behind the last seq that was delivered or given up; Base() when there is none
    std::uint32_t Top() const;

    /// @return first seq neither delivered nor given up: the watermark
    std::uint32_t
    Base() const
    {
        return m_base;
    }

    /// @return behind the highest seq expected, delivered or given up
    std::uint32_t
    Next() const
    {
        return m_next;
    }

    /// @param seq any @return whether it was surely delivered; false below the base where some were
    /// given up, since which is not kept
    bool Has(std::uint32_t seq) const;

    /// @param seq any @return whether it is expected and neither delivered nor given up
    bool IsMissing(std::uint32_t seq) const;

    /// @return number of missing seqs
    std::uint32_t
    MissingCount() const
    {
        return m_missing;
    }

    /// @param f called with every missing seq, ascending; must not change the window
    template <typename F>
    void
    ForEachMissing(F f) const
    {
        std::uint32_t left = m_missing;
        for (std::uint32_t seq = m_base; left > 0; seq++)
        {
            if (!IsSet(seq, 0))
            {
                f(seq);
                left--;
            }
        }
    }

    /// @param limit at most so many @return the first missing seqs, ascending
    std::vector<std::uint32_t> Missing(std::size_t limit) const;

    /// @return how many seqs were given up and did not arrive later
    std::uint64_t
    GivenUpCount() const
    {
        return m_givenUp;
    }

    /// @return widest window
    std::uint32_t
    MaxSpan() const
    {
        return m_maxSpan;
    }

    /// @return bytes on the heap
    std::size_t
    HeapBytes() const
    {
        return m_heap ? 2 * m_words * sizeof(std::uint64_t) : 0;
    }

  private:
    /// @return the bitmap of what is done, then (from m_words on) that of what was given up
    const std::uint64_t*
    Bits() const
    {
        return m_heap ? m_heap.get() : m_inline;
    }

    /// @return the same, to write
    std::uint64_t*
    Bits()
    {
        return m_heap ? m_heap.get() : m_inline;
    }

    /// @param seq in [base, next) @param plane 0 or m_words @return its bit
    bool
    IsSet(std::uint32_t seq, std::uint32_t plane) const
    {
        return Bits()[plane + (seq / 64 & (m_words - 1))] >> (seq & 63) & 1;
    }

    /// @param seq in [base, next) @param plane 0 or m_words @param on its bit
    void Set(std::uint32_t seq, std::uint32_t plane, bool on);

    /// Mark() where something is missing. @param seq the message @return how many were given up
    std::uint64_t MarkSlowly(std::uint32_t seq);

    /// @param base everything below is done with; what was neither delivered nor given up is given
    /// up @return how many
    std::uint64_t MoveTo(std::uint32_t base);

    /// Pass what is done at the front.
    void Advance();

    /// @param toExclusive seqs below become expected; within the span
    void Extend(std::uint32_t toExclusive);

    /// @param words 64-bit words of each bitmap, a power of two
    void Resize(std::uint32_t words);

    std::uint32_t m_base{0};                 ///< first not done
    std::uint32_t m_next{0};                 ///< behind the last known
    std::uint32_t m_sure{0};                 ///< all of [m_sure, m_base) were delivered
    std::uint32_t m_missing{0};              ///< missing in [m_base, m_next)
    std::uint32_t m_maxSpan;                 ///< widest window
    std::uint16_t m_words{1};                ///< words of each bitmap
    bool m_started{false};                   ///< whether there is a join point
    std::uint64_t m_inline[2]{0, 0};         ///< both bitmaps while 64 bits are enough
    std::unique_ptr<std::uint64_t[]> m_heap; ///< both bitmaps otherwise
    std::uint64_t m_givenUp{0};              ///< given up so far
};

static_assert(sizeof(Window) <= 64);

} // namespace ns3::fanout

#endif // FANOUT_WINDOW_H
