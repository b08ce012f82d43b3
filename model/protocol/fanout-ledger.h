/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LEDGER_H
#define FANOUT_LEDGER_H

#include "fanout-messages.h"

#include "ns3/fanout-time.h"

#include <array>
#include <cstdint>

namespace ns3::fanout
{

/// Counters of one message kind, all peers together.
struct KindCounters
{
    std::uint64_t sends{0};         ///< frames handed to a link
    std::uint64_t frameBytes{0};    ///< kind, key and body of these (the reference's count)
    std::uint64_t wireBytes{0};     ///< envelope and transport of these
    std::uint64_t receives{0};      ///< frames that came
    std::uint64_t receivedBytes{0}; ///< kind, key and body of these
    std::uint64_t ignored{0};       ///< known kinds this version does not act on
};

/**
 * @ingroup fanout-tree
 * Quantiles of waiting times in fixed memory: 8 sub-buckets an octave of microseconds, so that a
 * quantile is at most 12.5 % too high.
 */
class WaitHistogram
{
  public:
    /// @param wait a waiting time, microseconds @param n how often
    void Add(Micros wait, std::uint64_t n = 1);

    /// @param q in [0, 1] @return upper end of the bucket of that quantile, 0 when empty
    Micros Quantile(double q) const;

    /// @return number of samples
    std::uint64_t
    GetN() const
    {
        return m_n;
    }

  private:
    std::array<std::uint64_t, 512> m_buckets{}; ///< counts
    std::uint64_t m_n{0};                       ///< samples
};

/**
 * @ingroup fanout-tree
 * What all peers of one process count together. Written by the protocol, read by the monitor;
 * nothing a peer decides depends on it.
 */
struct Ledger
{
    std::array<KindCounters, MAX_KINDS> kinds{}; ///< by message kind

    std::uint64_t dataPayloadBytesSent{0}; ///< payload bytes of DATA sent, repairs included
    std::uint64_t published{0};            ///< messages numbered
    std::uint64_t delivered{0};            ///< first copies
    std::uint64_t duplicates{0};           ///< later copies
    std::uint64_t strayData{0};            ///< DATA from somebody who may not send it
    std::uint64_t droppedForwards{0};      ///< queued longer than the age limit, or queue full
    std::uint64_t staleForwardsDropped{0}; ///< older than maxDataAge
    std::uint64_t dataWriteDrops{0};       ///< the link was gone
    std::uint64_t gaps{0};                 ///< seqs found missing
    std::uint64_t repairFilled{0};         ///< missing seqs that came
    std::uint64_t fetchFilled{0};          ///< of these, from a neighbour
    std::uint64_t fetchesServed{0};        ///< seqs served to a neighbour that asked
    std::uint64_t givenUp{0};              ///< missing seqs let go
    std::uint64_t cacheHitsServed{0};      ///< seqs served to an ask
    std::uint64_t cacheMissesServed{0};    ///< seqs asked that were not there
    std::uint64_t recentSkipped{0};        ///< seqs asked that were on their way already
    std::uint64_t repairRefused{0};        ///< seqs asked beyond the repair bucket
    std::uint64_t reparentDisconnect{0};   ///< parent's link closed
    std::uint64_t reparentStale{0};        ///< parent silent
    std::uint64_t reparentKicked{0};       ///< parent sent KICK
    std::uint64_t reparentUpgrade{0};      ///< moved to a better parent
    std::uint64_t childrenExpired{0};      ///< leases that ended unheard
    std::uint64_t overloadMoves{0};        ///< children sent elsewhere, the upload being too small
    std::uint64_t lateAccepts{0};          ///< accepts answered LEAVE
    std::uint64_t badSignatures{0};        ///< frames whose signature or signer is wrong
    std::uint64_t malformed{0};            ///< frames that do not parse
    std::uint64_t notAllowed{0};           ///< frames whose sender had no right to them
    std::uint64_t rateDropped{0};          ///< frames over a link's budget
    std::uint64_t earnings{0};             ///< payload bytes times bid
    std::uint64_t wakeups{0};              ///< ticks
    std::uint64_t inputs{0};               ///< frames and ticks handled
    WaitHistogram queueWait;               ///< waiting time of data sent, 0 on the fast path

    /// @param kind a kind @return its counters
    KindCounters&
    Of(Kind kind)
    {
        return kinds[static_cast<std::size_t>(kind)];
    }

    /// @param kind a kind @return its counters
    const KindCounters&
    Of(Kind kind) const
    {
        return kinds[static_cast<std::size_t>(kind)];
    }

    /// @param frameClass a class @return frame bytes sent of all its kinds
    std::uint64_t FrameBytesSent(FrameClass frameClass) const;

    /// @param frameClass a class @return wire bytes sent of all its kinds
    std::uint64_t WireBytesSent(FrameClass frameClass) const;

    /// @return frame bytes sent of all kinds but DATA (the reference's controlBytesSent)
    std::uint64_t ControlBytesSent() const;

    /// @return wire bytes sent of all kinds but DATA
    std::uint64_t ControlWireBytesSent() const;
};

/// The few counters every peer has.
struct PeerCounters
{
    std::uint32_t delivered{0};         ///< first copies
    std::uint32_t duplicates{0};        ///< later copies
    std::uint32_t moves{0};             ///< parents lost or left after the first attach
    std::uint32_t uploadSecond{0};      ///< the second being counted
    std::uint32_t uploadInSecond{0};    ///< wire bytes sent in it
    std::uint32_t uploadMaxInSecond{0}; ///< most wire bytes sent in any second
    std::uint64_t uploadBytes{0};       ///< wire bytes sent
    std::uint64_t earnings{0};          ///< payload bytes times bid

    /// @param now time of the sending @param bytes wire bytes
    void
    NoteUpload(Micros now, std::uint64_t bytes)
    {
        const auto second = static_cast<std::uint32_t>(now / SECOND);
        uploadInSecond =
            static_cast<std::uint32_t>(second == uploadSecond ? uploadInSecond + bytes : bytes);
        uploadSecond = second;
        uploadMaxInSecond = uploadInSecond > uploadMaxInSecond ? uploadInSecond : uploadMaxInSecond;
        uploadBytes += bytes;
    }
};

} // namespace ns3::fanout

#endif // FANOUT_LEDGER_H
