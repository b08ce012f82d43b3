/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_COMMONS_H
#define FANOUT_COMMONS_H

#include "fanout-ledger.h"
#include "fanout-options.h"

#include "ns3/fanout-events.h"
#include "ns3/fanout-frame-runs.h"
#include "ns3/fanout-multiaddr.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3::fanout
{

/// What a peer is born with.
struct PeerConfig
{
    std::uint32_t index{0};                                ///< number of the peer in the run
    Identity identity;                                     ///< keys and name
    std::uint64_t randomKey{0};                            ///< key of the run's draws
    std::shared_ptr<const std::vector<Endpoint>> trackers; ///< where to ask for parents; null or
                                                           ///< empty: redirects only
    bool tracker{false};                                   ///< serves as a tracker to others
    Micros slotLease{1 * SECOND};                          ///< of a tracker, Options::slotLease
};

/// A channel to open.
struct ChannelConfig
{
    PeerId root;                            ///< the only publisher
    std::string topic;                      ///< any text; with the root it makes the channel key
    Endpoint rootEndpoint;                  ///< where the root is, if known
    std::shared_ptr<const Options> options; ///< checked with Options::Check()
};

/// What a script may ask of a peer in a channel.
struct ChannelStatus
{
    bool open{false};                      ///< the channel is open here
    bool attached{false};                  ///< root, or has a parent
    PeerId parent;                         ///< zero when there is none
    std::uint16_t level{UNATTACHED_LEVEL}; ///< hops from the root
    std::uint16_t children{0};             ///< children
    std::uint16_t capacity{0};             ///< most children
    Micros heldUntil{NEVER};               ///< without a parent: the children stay until then
    std::uint32_t nextSeq{0};              ///< behind the highest seq heard of
    std::uint32_t missing{0};              ///< seqs missing
    std::uint64_t givenUp{0};              ///< seqs let go
    std::uint32_t queuedBytes{0};          ///< bytes waiting in forwarding
    std::uint32_t end{0};                  ///< messages of the channel once ended, else 0
    bool ended{false};                     ///< the root has ended it
};

/**
 * @ingroup fanout-tree
 * What the members of a channel that share a role have in common. Immutable and shared, so that a
 * million of them neither keep nor compute it a million times.
 */
struct ChannelTerms
{
    ChannelConfig config; ///< as the members gave it
    Digest key{};         ///< channel key
};

/**
 * @ingroup fanout-tree
 * What the peers of one process have in common: how frames are signed, where events and counts go.
 * It carries nothing from one peer to another that a decision is taken from.
 */
struct Commons
{
    const SignatureScheme* signatures{&SignatureScheme::Ed25519()}; ///< how frames are signed
    FrameStore* frames{nullptr};            ///< told of published frames, may be null
    FrameRuns runs;                         ///< what repair caches keep
    Outbox outbox;                          ///< emptied by the owner after each input
    Ledger ledger;                          ///< counts
    EventKinds wanted{EventKinds::Usual()}; ///< what is put into the outbox
    std::uint64_t epochMs{1700000000000};   ///< wall-clock milliseconds at time 0

    /**
     * @param config a channel
     * @return its terms, shared with those who gave the same configuration and hold them still
     * @throws std::invalid_argument when the options are missing or unsound
     */
    std::shared_ptr<const ChannelTerms> TermsOf(const ChannelConfig& config);

  private:
    std::vector<std::weak_ptr<const ChannelTerms>> m_terms; ///< the latest ones
};

} // namespace ns3::fanout

#endif // FANOUT_COMMONS_H
