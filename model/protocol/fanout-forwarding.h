/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FORWARDING_H
#define FANOUT_FORWARDING_H

#include "ns3/fanout-frame.h"
#include "ns3/fanout-link.h"
#include "ns3/fanout-token-bucket.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3::fanout
{

/// Which queue of a link a frame waits in.
enum class Lane : std::uint8_t
{
    LIVE,  ///< pushed as it came
    REPAIR ///< asked for
};

/// How fast frames may leave and how long they may wait.
struct ForwardingLimits
{
    double rate{0};          ///< bytes/s of everything; <= 0 lets nothing out but control
    double burst{0};         ///< bytes; 100 ms of the rate or more, see feasibility 4
    double repairShare{0.1}; ///< of the rate, most that REPAIR may use
    Micros ageLimit{500 * MILLISECOND}; ///< a frame that waited longer is dropped
    std::uint32_t overhead{0};          ///< bytes a frame costs besides its envelope
    bool dropNewest{false}; ///< when full: the last of the longest queue, not the oldest
    bool roundRobin{true};  ///< links take turns; else the first one always goes first
};

/// A frame that may leave now.
struct Departure
{
    LinkId link{NO_LINK};  ///< where to
    FrameRef frame;        ///< what
    Lane lane{Lane::LIVE}; ///< which queue it comes from
    Micros waited{0};      ///< how long it was queued
    Micros useBy{NEVER};   ///< as given to Push()
};

/// A frame that waited too long, or for which there was no room.
struct QueueDrop
{
    LinkId link{NO_LINK};  ///< where it was to go
    FrameRef frame;        ///< what
    Lane lane{Lane::LIVE}; ///< which queue
};

/// A link's LIVE queue passed a mark.
struct QueueMark
{
    LinkId link{NO_LINK};   ///< whose
    std::uint32_t bytes{0}; ///< bytes queued for it, both lanes
    Micros oldest{0};       ///< how long its oldest LIVE frame waited
    bool on{false};         ///< waited a quarter of the age limit, or is down to a sixteenth
};

/**
 * @ingroup fanout-tree
 * The only queues there are: shaping, fairness and ages of what a peer passes on (algorithms 7).
 *
 * One bucket carries everything. Control always leaves and is charged; a tenth of the burst is kept
 * for it, so that control within a tenth of the rate never makes a debt. REPAIR draws from the same
 * bucket and from one of its own (repairShare of the rate; its burst is five times that share of
 * the burst, at most all), or from the first alone while that is more than half full: what LIVE
 * leaves over serves those that have just come with much to catch up. LIVE goes first: a repair
 * that takes a live frame's place makes the next repair, and without headroom that is how trees
 * collapse. Only a REPAIR that must be used before the waiting LIVE frame would be dropped goes
 * before it, within its share.
 *
 * Links take turns by deficit round robin; the turn persists across messages, so no child is always
 * last. All queues together hold at most rate x ageLimit bytes (or one frame); what is above that
 * is taken from the head that waited longest, or from the end of the longest queue. REPAIR queues
 * hold what their share, or half the rate while there is some left, sends within ageLimit: what is
 * above that would only wait to be dropped. A frame that is asked for while it waits for that link
 * already is not queued again: under load the second copies would starve the first.
 *
 * Nothing is allocated until the first frame must wait. Marks and drops are kept until taken.
 */
class Forwarding
{
  public:
    /// @param limits how fast and how long; a rate of infinity shapes nothing
    explicit Forwarding(const ForwardingLimits& limits);
    ~Forwarding();
    /// Move.
    Forwarding(Forwarding&&) noexcept;
    /// Move. @return this
    Forwarding& operator=(Forwarding&&) noexcept;

    /**
     * The fast path: one LIVE frame to many links. When a link then answers FULL or BUSY, hand the
     * frame to PutBack() with waited 0; when it answers GONE, Refund() it.
     * @param now time
     * @param envelopeBytes bytes of the frame's envelope
     * @param count how many links
     * @return whether nothing is queued, no link is blocked and there are tokens for all: these are
     *         charged and the caller sends at once. Otherwise nothing happened: Push() each
     */
    bool
    PassAll(Micros now, std::uint32_t envelopeBytes, std::uint32_t count)
    {
        const double bytes = static_cast<double>(envelopeBytes + m_overhead) * count;
        return m_idle && bytes <= m_passable && m_bucket.TakeLeaving(now, bytes, m_reserve);
    }

    /**
     * Queue one frame; a REPAIR that waits for that link already is left out.
     * @param now time @param link where to @param frame what @param lane which queue
     * @param useBy REPAIR only: later it is of no use to the receiver; NEVER when not known
     * @return false for a REPAIR that would be too old before its turn came: it is not queued, and
     *         may be asked for again
     */
    bool Push(Micros now, LinkId link, const FrameRef& frame, Lane lane, Micros useBy = NEVER);

    /**
     * @param now time
     * @param out the next frame that may leave; its tokens are charged
     * @return whether there is one; expired frames met on the way are dropped
     */
    bool Pop(Micros now, Departure& out);

    /**
     * The link did not take the frame: it goes back to the front, its tokens are returned, and the
     * link, or all links, wait for Writable(). Whose turn it was keeps it.
     * @param now time @param departure from Pop(), or made up after PassAll()
     * @param why FULL, that link waits, or BUSY, all do
     */
    void PutBack(Micros now, Departure&& departure, SendResult why = SendResult::FULL);

    /// @param link takes frames again after FULL; NO_LINK: all links after BUSY
    void Writable(LinkId link);

    /// @param link is gone; what was queued for it is forgotten and not reported as dropped
    void Forget(LinkId link);

    /// Control leaves in any case. @param now time @param envelopeBytes bytes of its envelope
    void
    ChargeControl(Micros now, std::uint32_t envelopeBytes)
    {
        m_bucket.Charge(now, envelopeBytes + m_overhead);
    }

    /// A send failed and its tokens come back. @param envelopeBytes bytes @param lane which queue
    void Refund(std::uint32_t envelopeBytes, Lane lane);

    /// @param now time @return when Pop() may yield something next, not before now; NEVER when
    /// nothing is queued for a link that is not blocked
    Micros NextAt(Micros now) const;

    /// @return whether nothing is queued
    bool
    Idle() const
    {
        return QueuedBytes() == 0;
    }

    /// @return bytes queued, with overhead
    std::uint32_t QueuedBytes() const;

    /// @param link whose @return bytes queued for it, with overhead
    std::uint32_t QueuedBytes(LinkId link) const;

    /// @param now time @param link whose @return how long its oldest frame waits, 0 without one
    Micros OldestAge(Micros now, LinkId link) const;

    /// @return frames dropped since the last call
    std::vector<QueueDrop> TakeDrops();

    /// @return marks passed since the last call
    std::vector<QueueMark> TakeMarks();

    /// Ask the processor for the queues, where there are any.
    void Prefetch() const;

    /// @return whether a link's queue is above its high mark, and has not fallen to the low one
    bool IsMarked() const;

    /// @return whether there are drops or marks to take
    bool HasNews() const;

    /// @return heap bytes held, without the frames
    std::size_t HeapBytes() const;

  private:
    struct Queues;    ///< all links' queues
    struct LinkQueue; ///< one link's queues

    /// @return the queues, made when needed
    Queues& Need();

    /// @param now time @param cost of a REPAIR @return when there are tokens for it
    Micros RepairAt(Micros now, std::uint32_t cost) const;

    /// @param now time @return bytes that all REPAIR queues together may hold
    double MaxRepair(Micros now) const;

    /// @param now time @param index the link that is next @param lane and its queue
    /// @return whether there is one
    bool Choose(Micros now, std::size_t& index, std::size_t& lane) const;

    /// Drop what is above the bound of all queues.
    void Trim();

    TokenBucket m_bucket;             ///< for everything
    TokenBucket m_repair;             ///< what REPAIR may use
    double m_reserve;                 ///< bytes of the burst kept for control
    double m_passable;                ///< most that PassAll() may let out at once
    Micros m_ageLimit;                ///< of a queued frame
    std::uint32_t m_maxQueued;        ///< bytes of all queues
    std::uint32_t m_maxRepair;        ///< bytes of all REPAIR queues
    std::uint32_t m_overhead;         ///< bytes a frame
    std::unique_ptr<Queues> m_queues; ///< none until needed
    bool m_idle{true};                ///< nothing queued and no link blocked
    bool m_closed;                    ///< rate 0
    bool m_dropNewest;                ///< which one to drop
    bool m_roundRobin;                ///< whether links take turns
};

static_assert(sizeof(Forwarding) <= 160);

} // namespace ns3::fanout

#endif // FANOUT_FORWARDING_H
