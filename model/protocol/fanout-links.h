/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LINKS_H
#define FANOUT_LINKS_H

#include "ns3/fanout-link.h"
#include "ns3/fanout-peer-id.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-time.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * One neighbour: a link that some machine of this peer holds. All judge it by these figures.
 */
struct Neighbour
{
    PeerId peer;             ///< bound by the first verified frame; zero before
    float srtt{0};           ///< smoothed round trip, microseconds; 0 when unknown
    float rttvar{0};         ///< its mean deviation, microseconds
    std::uint16_t holds{0};  ///< machines that need it
    bool open{false};        ///< frames can be sent
    std::uint8_t strikes{0}; ///< bad signatures in a row
    bool extended{false};    ///< has sent an extension block; what frames touch begins here
    Micros lastSaid{0};      ///< last control frame to it
    Micros budgetAt{0};      ///< when budget was counted
    float budget{0};         ///< input frames it may still send at budgetAt
    LinkId link{NO_LINK};    ///< the link

    /// @return retransmission time-out: srtt + max(20 ms, 4 rttvar) (algorithms 2), microseconds
    Micros Rto() const;
};

/**
 * @ingroup fanout-tree
 * The neighbours of one peer, over all its channels. Strangers have no entry. One neighbour, in a
 * leaf the only one, has its place inside; Prefer() says which.
 */
class Links
{
  public:
    static constexpr Micros LONGEST_RTO = SECOND; ///< the first sample may hold a retransmission
    /// Round trip assumed of a neighbour nobody has measured, until one is.
    static constexpr Micros TYPICAL_RTT = 150 * MILLISECOND;

    /// Frames a neighbour may send at once, and a second: far above any honest need.
    static constexpr float INPUT_BURST = 4096;
    static constexpr float INPUT_PER_SECOND = 4096; ///< see INPUT_BURST

    /// @param link a link @return its neighbour or null; valid until the next Hold, Release, Drop
    /// or Prefer
    Neighbour*
    Find(LinkId link)
    {
        return link == m_first.link && link != NO_LINK ? &m_first
               : m_others.empty()                      ? nullptr
                                                       : FindOther(link);
    }

    /// @param link a link @return its neighbour or null
    const Neighbour*
    Find(LinkId link) const
    {
        return const_cast<Links*>(this)->Find(link);
    }

    /// @param peer a bound peer @return its neighbour or null
    Neighbour* FindPeer(const PeerId& peer);

    /**
     * Need a link; each Hold wants a Release.
     * @param link the link @param peer who is expected there, zero when not known
     * @param open whether frames can be sent @return the neighbour
     */
    Neighbour& Hold(LinkId link, const PeerId& peer, bool open);

    /// @param link not needed by this holder any more @return whether nobody needs it now
    bool Release(LinkId link);

    /// @param link is gone, whoever held it
    void Drop(LinkId link);

    /// This one is found fastest from now on. @param link of a neighbour
    void Prefer(LinkId link);

    /// @param neighbour who @param rtt a round trip nobody repeated a question in
    void Sample(Neighbour& neighbour, Micros rtt);

    /// @param neighbour who, may be null @return its round trip, else the typical one
    Micros RttOf(const Neighbour* neighbour) const;

    /// @param neighbour who sent a frame @param now when @return whether that is within its budget
    static bool Admit(Neighbour& neighbour, Micros now);

    /// @return the first of the members that every message touches; they are the last ones
    const void*
    HotBegin() const
    {
        return &m_first.extended;
    }

    /// @return number of neighbours
    std::size_t
    GetN() const
    {
        return m_others.size() + (m_first.link != NO_LINK ? 1 : 0);
    }

    /// Ask the processor for what Find() will touch. @param depth 1: where it looks for the link;
    /// 2: the neighbour, a little later @param link to be found
    void
    Prefetch(std::uint32_t depth, LinkId link) const
    {
        if (depth == 1)
        {
            PrefetchRange(m_ids.get(), m_ids.get() + m_others.size());
        }
        else if (m_ids)
        {
            PrefetchObject(m_others.data() + Place(link));
        }
    }

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_others.capacity() * (sizeof(Neighbour) + sizeof(LinkId));
    }

  private:
    /// @param link a link @return index where it stands or would stand among the others
    std::size_t Place(LinkId link) const;

    /// @param link a link @return its neighbour among the others or null
    Neighbour* FindOther(LinkId link);

    /// As many ids have room as others have.
    void ResizeIds();

    /// @param neighbour to put among the others @return it
    Neighbour& Insert(const Neighbour& neighbour);

    /// @param place among the others @return what stood there
    Neighbour Take(std::size_t place);

    float m_typicalRtt{TYPICAL_RTT}; ///< mean of what was measured
    Neighbour m_first;               ///< the preferred one; NO_LINK when there is none
    std::unique_ptr<LinkId[]> m_ids; ///< of the others, ascending: found without their pages
    std::vector<Neighbour> m_others; ///< in the order of m_ids; empty unless there is a first one
};

} // namespace ns3::fanout

#endif // FANOUT_LINKS_H
