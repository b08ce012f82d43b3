/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_OPTIONS_H
#define FANOUT_OPTIONS_H

#include "ns3/fanout-time.h"

#include <cstdint>
#include <string>

namespace ns3::fanout
{

/// How a joiner orders the candidates it was not given a leased slot at (protocol 5.2).
enum class ScoringMode : std::uint8_t
{
    RANKED_SHUFFLE, ///< rank, then shuffle the first candidateShuffleTopK
    RANKED_STRICT,  ///< rank
    WEIGHTED        ///< draw by weight among the first candidateShuffleTopK
};

/**
 * @ingroup fanout-tree
 * All options of a peer in one channel. One object serves all peers of a role; it does not change
 * once a peer uses it. Names follow the reference's (protocol 4.1, 4.2), rates are bytes a second.
 */
struct Options
{
    // ---- the stream ----
    double messageRate{30};          ///< messages a second the channel is planned for, > 0
    std::uint32_t messageSize{1024}; ///< payload bytes a message, >= 1
    double uploadBytesPerSecond{0};  ///< shaped upload; 0: admits nobody
    Micros uploadBurst{0};           ///< burst in time at that rate; 0: 100 ms or 3 messages to all
    std::uint16_t maxChildren{0};    ///< children at most, see AdmissionLimits; 0: a leaf
    std::uint32_t bidPerByte{0};     ///< bid
    bool allowKick{false};           ///< a higher bid displaces a lower one when full

    // ---- joining ----
    Micros joinTimeout{60 * SECOND};                ///< of the first attach; 0: never
    Micros retryDelay{100 * MILLISECOND};           ///< first pause after a failed round, doubles
    Micros retryDelayMax{2 * SECOND};               ///< longest pause
    Micros joinRequestTimeout{2 * SECOND};          ///< an accept later than this is answered LEAVE
    std::uint16_t trackerCandidates{4};             ///< entries asked from a tracker; 0: no queries
    Micros trackerQueryTimeout{1500 * MILLISECOND}; ///< a query without answer is given up
    Micros trackerNextAfter{1 * SECOND};            ///< then the next tracker is asked too
    std::uint16_t bootstrapMaxPeers{0};             ///< trackers used while joining; 0: all
    std::uint8_t trackerShards{1};         ///< trackers a channel's members are split over, >= 1
    std::uint16_t joinAttemptsPerRound{8}; ///< candidates asked in a round
    Micros candidateCooldown{2 * SECOND};  ///< base of a candidate's cooldown
    ScoringMode scoring{ScoringMode::RANKED_SHUFFLE}; ///< order of candidates
    std::uint16_t candidateShuffleTopK{8};            ///< head that is shuffled or drawn from
    double weightLevel{1};                            ///< weighted mode: level
    double weightFreeSlots{0.25};                     ///< weighted mode: free slots
    double weightConnected{0.5};                      ///< weighted mode: a link is open
    double weightBid{0};                              ///< weighted mode: bid
    double weightSource{0.25};                        ///< weighted mode: where it was heard of
    Micros announceTtl{60 * SECOND};           ///< of an announce; a third of it keeps it alive
    Micros announceSpacing{100 * MILLISECOND}; ///< between two announces
    Micros slotLease{1 * SECOND};              ///< of a tracker: what it gave out is kept so long
                                               ///< for who asked; 0: it is not

    // ---- children ----
    Micros childLease{3 * SECOND};      ///< unheard child is let go while data flows to it
    Micros idleLease{45 * SECOND};      ///< the same while nothing flows
    Micros confirmLease{2 * SECOND};    ///< the same until a new child is heard again
    double admissionHeadroom{0.9};      ///< share of the upload that children may need
    double repairShare{0.1};            ///< repair's own bucket, share of the upload
    Micros queueAge{500 * MILLISECOND}; ///< a frame that waited longer is dropped
    bool dropNewest{false};             ///< a full queue drops the newest instead of the oldest
    bool roundRobin{true}; ///< children take turns; else the first one always goes first

    bool moveOnOverload{true}; ///< a child is sent elsewhere when the upload is too small
    bool relaysFirst{true};    ///< a leaf makes room for a relay when full

    // ---- after the loss of a parent ----
    Micros holdTime{1500 * MILLISECOND}; ///< children are kept so long, at most half of maxDataAge;
                                         ///< 0: they are let go at once
    std::uint8_t backups{3};             ///< parents known beforehand, <= 4

    // ---- delivery and repair ----
    bool repair{true};                       ///< ask for what is missing, keep what can be served
    std::uint32_t repairWindow{1024};        ///< messages kept and tracked
    std::uint32_t repairMaxBackfill{1024};   ///< oldest gap asked for, <= repairWindow
    std::uint16_t repairMaxPerRequest{64};   ///< seqs a request, <= 255
    std::uint8_t repairTries{12};            ///< requests a seq
    Micros repairRetry{0};                   ///< between two requests of a seq at the parent; 0: by
                                             ///< the measured round trip
    bool neighbours{true};                   ///< ask neighbours where the parent does not help
    std::uint8_t meshPeers{0};               ///< neighbours told regularly what there is, <= 16;
                                             ///< 0: none. Needs repair, neighbours, extension
    Micros meshInterval{800 * MILLISECOND};  ///< between two such words, >= 50 ms
    Micros maxDataAge{0};                    ///< older data is not pushed on; 0: no limit
    std::uint32_t maxMessageBytes{1u << 20}; ///< largest payload accepted

    // ---- liveness ----
    Micros suspectMin{100 * MILLISECOND};     ///< silence is never suspected earlier
    Micros checkSpacing{250 * MILLISECOND};   ///< between two looks at silence
    Micros aliveInterval{1500 * MILLISECOND}; ///< child to parent while data flows
    Micros aliveIdleInterval{15 * SECOND};    ///< child to parent while nothing flows

    // ---- wire ----
    bool extension{true};     ///< speak the compatible extension (algorithms 2)
    bool shareVerdicts{true}; ///< one check of a signature serves all holders of the same frame

    /// @return payload, kind and envelope of one message on the wire, with @p overhead, bytes
    /// @param overhead bytes the transport adds
    double
    MessageCost(std::uint32_t overhead) const
    {
        return 179.0 + messageSize + overhead;
    }

    /// @return whether there is a mesh of neighbours
    bool
    HasMesh() const
    {
        return meshPeers > 0 && repair && neighbours && extension;
    }

    /// @param overhead bytes the transport adds a frame
    /// @return bytes a second that a leaf in the mesh may send its neighbours; a second's at once
    double LendingRate(std::uint32_t overhead) const;

    /// @param overhead bytes the transport adds a frame
    /// @return children that the upload carries, at most maxChildren (algorithms 7)
    std::uint16_t EffectiveCapacity(std::uint32_t overhead) const;

    /// @param overhead bytes the transport adds a frame
    /// @return whether the whole upload carries one child more than EffectiveCapacity()
    bool CarriesOneMore(std::uint32_t overhead) const;

    /**
     * @return what is wrong with these values and what is allowed, empty when they are sound
     */
    std::string Check() const;
};

} // namespace ns3::fanout

#endif // FANOUT_OPTIONS_H
