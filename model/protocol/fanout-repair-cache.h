/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_REPAIR_CACHE_H
#define FANOUT_REPAIR_CACHE_H

#include "fanout-messages.h"

#include "ns3/fanout-frame-runs.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-time.h"

#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * The original frames a relay can serve, and whom it served lately (algorithms 6, "Server"). The
 * frames of the newest run are its own, those of older ones are shared with all who keep the same.
 */
class RepairCache
{
  public:
    /// @param runs of the process, outlives the cache @param window messages kept at most
    RepairCache(FrameRuns& runs, std::uint32_t window)
        : m_runs(&runs),
          m_window(window)
    {
    }

    /// @param seq number @param frame its original, whose Seq() it is @param now time
    /// @param repaired whether it came as an answer to an ask: it was passed on to the children
    /// later than its neighbours in the stream
    void Put(std::uint32_t seq, const FrameRef& frame, Micros now, bool repaired);

    /// @param seq number @return the frame, empty when not kept
    FrameRef
    Get(std::uint32_t seq) const
    {
        return FrameRef(Find(seq));
    }

    /// @return the longest contiguous run kept that ends at the highest seq; empty: from == to == 0
    SeqRange Have() const;

    /**
     * Is an ask superfluous: passed on since less than one round trip ago, or served to that link
     * less than half a round trip ago.
     * @param seq asked @param link whence @param childSince when the asker was admitted
     * @param now time @param rtt of the link @return whether to skip it
     */
    bool IsRecent(std::uint32_t seq, LinkId link, Micros childSince, Micros now, Micros rtt) const;

    /// @param seq was served @param link to whom @param now time
    void NoteServed(std::uint32_t seq, LinkId link, Micros now);

    /// @return heap bytes held, without the frames and the runs that are shared
    std::size_t HeapBytes() const;

  private:
    /// A seq passed on or served.
    struct Mark
    {
        std::uint32_t seq{0}; ///< number
        LinkId link{NO_LINK}; ///< to whom, NO_LINK: to all children
        Micros at{0};         ///< when
    };

    static constexpr std::size_t MARKS = 64; ///< marks kept

    /// @param seq number @return the frame, null when not kept
    const Frame* Find(std::uint32_t seq) const;

    /// @param number of a run @return whether some of it is in the window
    bool IsInWindow(std::uint32_t number) const;

    /// @param number of a run below the newest @return what is kept of it, or null
    const FrameRuns::Run* FindRun(std::uint32_t number) const;

    /// @param number of a run below the newest @param frames what is kept of it from now on
    void Keep(std::uint32_t number, const FrameRuns::Frames& frames);

    /// Make room for twice as many runs, or for all that the window may need.
    void Grow();

    /// @param mark to keep, in place of the oldest
    void KeepMark(const Mark& mark);

    FrameRuns::Frames m_newest;        ///< of the run of the highest seq
    FrameRuns* m_runs;                 ///< where older ones are shared
    std::vector<FrameRuns::Ref> m_old; ///< older ones, by number modulo its size
    std::vector<Mark> m_marks;         ///< ring of marks
    std::uint32_t m_window;            ///< messages kept at most
    std::uint32_t m_highest{0};        ///< highest seq put
    std::uint32_t m_nextMark{0};       ///< place of the next mark
    bool m_any{false};                 ///< something was put
};

} // namespace ns3::fanout

#endif // FANOUT_REPAIR_CACHE_H
