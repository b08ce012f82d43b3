/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MESSAGES_H
#define FANOUT_MESSAGES_H

#include "ns3/fanout-bytes.h"
#include "ns3/fanout-events.h"
#include "ns3/fanout-multiaddr.h"
#include "ns3/fanout-peer-id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3::fanout
{

/**
 * @defgroup fanout-tree-messages What peers say to each other
 * @ingroup fanout-tree
 * One struct a message kind: the body behind kind and channel key. Peer hashes are the texts that
 * travel on the wire, addresses the multiaddr bytes; nothing here is trusted.
 */

/// Message kinds: 1 to 41 are the reference's (protocol 3.3), 50 to 53 the extension's.
enum class Kind : std::uint8_t
{
    JOIN_REQ = 1,
    JOIN_ACCEPT = 2,
    JOIN_REJECT = 3,
    KICK = 4,
    DATA = 10,
    END = 11,
    UNICAST = 12,
    ROUTE_QUERY = 13,
    ROUTE_REPLY = 14,
    PUBLISH_PROXY = 15,
    LEAVE = 16,
    UNICAST_ACK = 17,
    REPAIR_REQ = 20,
    FETCH_REQ = 21,
    IHAVE = 22,
    TRACKER_ANNOUNCE = 30,
    TRACKER_QUERY = 31,
    TRACKER_REPLY = 32,
    TRACKER_FEEDBACK = 33,
    PROVIDER_ANNOUNCE = 34,
    PROVIDER_QUERY = 35,
    PROVIDER_REPLY = 36,
    PROVIDER_SUBSCRIBE = 37,
    PROVIDER_UNSUBSCRIBE = 38,
    PROVIDER_NOTIFY = 39,
    PARENT_PROBE_REQ = 40,
    PARENT_PROBE_REPLY = 41,
    POSITION = 50,
    ANCHOR_REQ = 51,
    MOVE = 52,
    ALIVE = 53
};

constexpr std::size_t MAX_KINDS = 64;              ///< kinds are smaller than this
constexpr std::size_t MAX_ROUTE_HOPS = 32;         ///< hops of a route (protocol 3.1)
constexpr std::size_t MAX_ADDRESSES = 16;          ///< addresses of an entry (protocol 3.1)
constexpr std::size_t MAX_REDIRECTS = 4;           ///< redirects of a reject (protocol 4.5)
constexpr std::size_t MAX_REDIRECT_ADDRESSES = 8;  ///< addresses of a redirect (protocol 4.5)
constexpr std::uint16_t UNATTACHED_LEVEL = 0xffff; ///< level of a peer without a parent
constexpr std::uint32_t UNICAST_ACK_MS = 30000; ///< the reference waits so long for a UNICAST_ACK

/// JOIN_REJECT reasons (protocol 3.3).
enum class RejectReason : std::uint8_t
{
    NOT_ATTACHED = 1, ///< not attached, not rooted or not hosting the channel
    NO_CAPACITY = 2,  ///< no free slot
    LOW_BID = 3       ///< full of children that bid at least as much
};

/// TRACKER_FEEDBACK events (protocol 3.3).
enum class FeedbackEvent : std::uint8_t
{
    JOINED = 1,
    DIAL_FAILED = 2,
    JOIN_TIMEOUT = 3,
    JOIN_REJECT = 4
};

/// PARENT_PROBE_REPLY flags (protocol 3.3).
enum ProbeFlags : std::uint8_t
{
    PROBE_ROOTED = 1,
    PROBE_ACCEPTING = 2,
    PROBE_REPAIRING = 4,
    PROBE_OVERLOADED = 8
};

using AddressList = std::vector<Bytes>; ///< multiaddrs as bytes
using Route = std::vector<std::string>; ///< peer hashes, the root's first

/// A range of sequence numbers [from, to).
struct SeqRange
{
    std::uint32_t from{0}; ///< first
    std::uint32_t to{0};   ///< behind the last
};

/// A peer and where to find it.
struct PeerAddresses
{
    std::string hash;      ///< peer hash
    AddressList addresses; ///< its multiaddrs
};

// ---- compatible extension (algorithms 2): a trailing block that the reference ignores ----

/// A parent to turn to: TLV of POSITION, JOIN_ACCEPT and MOVE.
struct Backup
{
    PeerId peer;             ///< who
    std::uint16_t level{0};  ///< its level
    std::uint32_t ticket{0}; ///< right to a slot, 0 for none
    Endpoint endpoint;       ///< where
};

/// Order of a position in the tree (algorithms 3): larger is nearer to the root.
struct PositionKey
{
    std::uint32_t anchor{0};               ///< raised by the root alone
    std::uint16_t level{UNATTACHED_LEVEL}; ///< hops from the root

    /// @param a one @param b other @return whether a is further from the root than b
    friend bool
    operator<(const PositionKey& a, const PositionKey& b)
    {
        return a.anchor != b.anchor ? a.anchor < b.anchor : a.level > b.level;
    }

    /// @param a one @param b other @return whether equal
    friend bool
    operator==(const PositionKey& a, const PositionKey& b)
    {
        return a.anchor == b.anchor && a.level == b.level;
    }
};

/// Seqs a joiner lacks: TLV of JOIN_REQ and FETCH_REQ.
struct Need
{
    std::uint32_t next{0}; ///< first seq not had contiguously
    Bytes bitmap;          ///< bit i: has seq next + i; up to 32 bytes
};

/// Role and room of a sender: TLV 1.
struct SenderRole
{
    bool relay{false};         ///< can have children
    std::uint16_t capacity{0}; ///< how many
    std::uint16_t children{0}; ///< how many it has
};

/// The extension block's TLVs; each is absent unless set.
struct Extension
{
    using Role = SenderRole; ///< role and room of the sender

    std::optional<Role> role;               ///< TLV 1
    std::optional<PositionKey> position;    ///< TLV 2: sender's key as parent
    std::optional<PositionKey> feasible;    ///< TLV 3: joiner's feasible key
    bool hasChildren{false};                ///< TLV 4: joiner has children
    std::optional<Need> need;               ///< TLV 5
    std::vector<Backup> backups;            ///< TLV 6, up to 4
    std::optional<std::uint32_t> ticket;    ///< TLV 7
    std::optional<std::uint32_t> watermark; ///< TLV 8: sender's next contiguous seq
    std::optional<std::uint32_t> pathDelay; ///< TLV 9: delay from the root, microseconds
};

// ---- the reference's messages ----

/// child -> parent: take me. @ingroup fanout-tree-messages
struct JoinReq
{
    std::uint32_t reqId{0};             ///< names the answer
    std::uint32_t bidPerByte{0};        ///< bid
    std::uint32_t reservationToken{0};  ///< of a probe, 0 for none
    std::optional<Extension> extension; ///< ours
};

/// parent -> child: you are mine. @ingroup fanout-tree-messages
struct JoinAccept
{
    std::uint32_t reqId{0};             ///< of the JOIN_REQ
    std::uint16_t parentLevel{0};       ///< level of the parent
    Route route;                        ///< root to parent
    std::optional<SeqRange> have;       ///< what the parent can repair
    std::optional<Extension> extension; ///< ours
};

/// parent -> child: not you, but perhaps these. @ingroup fanout-tree-messages
struct JoinReject
{
    std::uint32_t reqId{0};               ///< of the JOIN_REQ
    std::uint8_t reason{0};               ///< RejectReason
    std::vector<PeerAddresses> redirects; ///< up to 4, each up to 8 addresses
    std::optional<Extension> extension;   ///< ours
};

/// parent -> child: look elsewhere. @ingroup fanout-tree-messages
struct Kick
{
    std::optional<Extension> extension; ///< ours
};

/// A message of the channel; channel and seq are in the envelope id. @ingroup fanout-tree-messages
struct Data
{
    Bytes payload; ///< user bytes
};

/// parent -> child: the channel ends here. @ingroup fanout-tree-messages
struct End
{
    std::uint32_t lastSeqExclusive{0};  ///< messages of the channel
    std::optional<Extension> extension; ///< ours
};

/// Along tree edges, to one peer. @ingroup fanout-tree-messages
struct Unicast
{
    bool ackWanted{false};     ///< flag bit 0
    std::uint64_t ackToken{0}; ///< names the answer
    Route route;               ///< root to target
    Route replyRoute;          ///< root to sender, with ackWanted
    Bytes payload;             ///< user bytes
};

/// Where is that peer. @ingroup fanout-tree-messages
struct RouteQuery
{
    std::uint32_t reqId{0}; ///< names the answer
    std::string target;     ///< peer hash
};

/// There it is. @ingroup fanout-tree-messages
struct RouteReply
{
    std::uint32_t reqId{0}; ///< of the query
    Route route;            ///< root to target, empty when unknown
};

/// child -> ... -> root: publish this for me. @ingroup fanout-tree-messages
struct PublishProxy
{
    Bytes payload; ///< user bytes
};

/// child -> parent: I am gone. @ingroup fanout-tree-messages
struct Leave
{
    std::optional<Extension> extension; ///< ours
};

/// Answer of a Unicast. @ingroup fanout-tree-messages
struct UnicastAck
{
    std::uint64_t ackToken{0}; ///< of the Unicast
    Route route;               ///< root to the original sender
};

/// child -> parent: send me these again. @ingroup fanout-tree-messages
struct RepairReq
{
    std::uint32_t reqId{0};             ///< names the request
    std::vector<std::uint32_t> seqs;    ///< up to 255
    std::optional<Extension> extension; ///< ours
};

/// peer -> peer: the same. @ingroup fanout-tree-messages
struct FetchReq
{
    std::uint32_t reqId{0};             ///< names the request
    std::vector<std::uint32_t> seqs;    ///< up to 255
    std::optional<Extension> extension; ///< ours
};

/// What I can repair; from a parent also a watermark. @ingroup fanout-tree-messages
struct IHave
{
    SeqRange have;                      ///< cached run
    std::optional<Extension> extension; ///< ours
};

/// relay -> tracker: I have room. @ingroup fanout-tree-messages
struct TrackerAnnounce
{
    std::uint32_t ttlMs{0};                ///< valid so long; 0 withdraws
    std::uint16_t level{UNATTACHED_LEVEL}; ///< own level
    std::uint16_t maxChildren{0};          ///< capacity, the reference ignores it
    std::uint16_t freeSlots{0};            ///< room
    std::uint32_t bidPerByte{0};           ///< bid
    AddressList addresses;                 ///< up to 255 encoded, 16 read
    std::optional<Extension> extension;    ///< ours
};

/// joiner -> tracker: who has room. @ingroup fanout-tree-messages
struct TrackerQuery
{
    std::uint32_t reqId{0};             ///< names the answer
    std::uint16_t want{0};              ///< entries wanted
    std::optional<Extension> extension; ///< ours
};

/// One entry of a tracker's reply.
struct TrackerEntry
{
    std::string hash;                      ///< peer hash
    std::uint16_t level{UNATTACHED_LEVEL}; ///< its level
    std::uint16_t freeSlots{0};            ///< its room
    std::uint32_t bidPerByte{0};           ///< its bid
    AddressList addresses;                 ///< its multiaddrs
};

/// tracker -> joiner: these have. @ingroup fanout-tree-messages
struct TrackerReply
{
    std::uint32_t reqId{0};             ///< of the query
    std::vector<TrackerEntry> entries;  ///< up to 255
    std::optional<Extension> extension; ///< ours
};

/// joiner -> tracker: what became of a candidate. @ingroup fanout-tree-messages
struct TrackerFeedback
{
    std::string hash;       ///< the candidate
    std::uint8_t event{0};  ///< FeedbackEvent
    std::uint8_t reason{0}; ///< RejectReason with JOIN_REJECT
};

/// provider -> directory: I have this namespace. @ingroup fanout-tree-messages
struct ProviderAnnounce
{
    std::uint32_t ttlMs{0}; ///< valid so long; 0 withdraws
    AddressList addresses;  ///< own multiaddrs
};

/// client -> directory: who has it. @ingroup fanout-tree-messages
struct ProviderQuery
{
    std::uint32_t reqId{0}; ///< names the answer
    std::uint16_t want{0};  ///< entries wanted
    std::uint32_t seed{0};  ///< of the shuffle, 0 for any
};

/// directory -> client. @ingroup fanout-tree-messages
struct ProviderReply
{
    std::uint32_t reqId{0};               ///< of the query
    std::vector<PeerAddresses> providers; ///< up to 255
};

/// watcher -> directory: tell me of new ones. @ingroup fanout-tree-messages
struct ProviderSubscribe
{
    std::uint16_t want{0};  ///< entries a notify
    std::uint32_t ttlMs{0}; ///< valid so long
};

/// watcher -> directory: no more. @ingroup fanout-tree-messages
struct ProviderUnsubscribe
{
};

/// directory -> watcher. @ingroup fanout-tree-messages
struct ProviderNotify
{
    std::vector<PeerAddresses> providers; ///< up to 255
};

/// child -> candidate: how are you. @ingroup fanout-tree-messages
struct ParentProbeReq
{
    std::uint32_t reqId{0};             ///< names the answer
    std::uint16_t minFreeSlots{0};      ///< wanted margin
    bool reserve{true};                 ///< reserve one of the root's slots
    std::optional<Extension> extension; ///< ours
};

/// candidate -> child. @ingroup fanout-tree-messages
struct ParentProbeReply
{
    std::uint32_t reqId{0};             ///< of the probe
    std::uint8_t flags{0};              ///< ProbeFlags
    std::uint16_t level{0};             ///< own level
    std::uint16_t maxChildren{0};       ///< capacity
    std::uint16_t freeSlots{0};         ///< room
    std::uint16_t children{0};          ///< children
    std::uint32_t haveToExclusive{0};   ///< behind the highest seq had
    std::uint16_t missingSeqs{0};       ///< seqs missing
    std::uint32_t dataWriteDrops{0};    ///< failed writes
    std::uint32_t droppedForwards{0};   ///< forwards not sent
    std::uint32_t reservationToken{0};  ///< reserved slot, 0 for none
    std::optional<Extension> extension; ///< ours
};

// ---- kinds of the extension (algorithms 2), sent to extended peers only ----

/// parent -> child: where I am. @ingroup fanout-tree-messages
struct PositionUpdate
{
    /// How the parent stands.
    enum class State : std::uint8_t
    {
        ATTACHED = 0, ///< has a path to the root
        HELD = 1,     ///< lost its parent, keeps its children
        DISSOLVE = 2  ///< lets its children go
    };

    std::uint32_t serial{0};               ///< later ones are larger
    std::uint32_t anchor{0};               ///< of the key
    std::uint16_t level{UNATTACHED_LEVEL}; ///< of the key
    State state{State::ATTACHED};          ///< how it stands
    std::uint16_t holdMs{0};               ///< HELD at most so long
    std::vector<std::uint64_t> path;       ///< first 8 bytes of each id, root to parent
    std::vector<Backup> backups;           ///< parents to turn to
};

/// child -> ... -> root: raise the anchor. @ingroup fanout-tree-messages
struct AnchorReq
{
    std::uint32_t need{0}; ///< anchor wanted
};

/// parent -> child: go there. @ingroup fanout-tree-messages
struct Move
{
    std::uint8_t reason{0};      ///< why: 1 a relay needs the slot, 2 overload, 3 dissolving
    std::uint16_t withinMs{0};   ///< by then
    std::vector<Backup> targets; ///< up to 4
};

/// Both ways: still here, and so far. @ingroup fanout-tree-messages
struct Alive
{
    std::uint32_t serialSeen{0};     ///< of the last POSITION
    std::uint32_t nextContiguous{0}; ///< first seq not had
    std::uint16_t missing{0};        ///< seqs missing behind it
    std::uint16_t subtreeFree{0};    ///< free slots below
    std::uint32_t echo{0};           ///< any value, sent back by the answer; 0 asks for no answer
    std::uint16_t echoDelayMs{0};    ///< an answer waited so long; 0xffff marks a question
};

/// @param kind a kind @return what frames of it are for (simulators 8)
FrameClass ClassOf(std::uint8_t kind);

/// @param kind a kind @return its name, "UNKNOWN" when there is none
const char* NameOf(std::uint8_t kind);

/**
 * @param kind a kind
 * @return whether a datagram transport must carry it at least once: nothing in the protocol says
 *         it again soon by itself
 */
bool NeedsAcknowledge(std::uint8_t kind);

} // namespace ns3::fanout

#endif // FANOUT_MESSAGES_H
