/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FORGER_H
#define FANOUT_FORGER_H

#include "ns3/application-container.h"
#include "ns3/fanout-application.h"
#include "ns3/fanout-codec.h"
#include "ns3/fanout-frame.h"
#include "ns3/fanout-messages.h"
#include "ns3/fanout-random.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Writes frames that nobody should believe, with the protocol's codec, for FanoutAttack. It knows
 * all of a channel (who hangs on whom, how far the stream is), so that what it writes is as near to
 * the truth as can be; it signs with the author's own key, as it has no other.
 */
class FanoutForger
{
  public:
    using Handle = Ptr<FanoutApplication>; ///< one peer

    /// Who writes.
    struct Author
    {
        fanout::Identity identity; ///< signs
        fanout::Endpoint endpoint; ///< where it is
        Handle member;             ///< the peer whose identity this is, null for a stranger
        uint32_t identities{0};    ///< names it has used besides its own
    };

    /// A frame, and how it is sent.
    struct Shot
    {
        fanout::Endpoint to;      ///< receiver
        fanout::Endpoint claimed; ///< sender it is said to come from; empty: the author
        fanout::FrameRef frame;   ///< what; none: nothing to say
    };

    /// @param applications the channel's
    explicit FanoutForger(const ApplicationContainer& applications);

    /// @param stream number of the ns-3 stream that the draws start from
    void SetStream(int64_t stream);

    /// @param index number of an identity that is nobody's in the channel @param transport is told
    /// of it, not started @return it
    fanout::Identity MakeIdentity(uint64_t index, FanoutTransport& transport) const;

    /// Look at the channel: names and places of those that have started.
    void Survey();

    /// @param role a role @return those of it that are online
    std::vector<Handle> Online(FanoutRole role) const;

    /// @param n number of cases, above 0 @return one of them, from 0 on
    uint32_t Below(uint64_t n);

    /// @return evenly drawn from [0, 1)
    double Uniform();

    /// @param author a member @return a lie to a neighbour or tracker: levels, room, ranges,
    /// feedback, positions, anchors
    Shot Lie(Author& author);

    /// @param author a stranger @return a frame that only somebody else may send: DATA, KICK, END,
    /// accepts, LEAVE, positions; it claims to come from a neighbour of the receiver
    Shot Forge(Author& author);

    /// @param author a stranger @return what anybody may say: queries, announces of channels that
    /// nobody knows, asks for slots and messages
    Shot Flood(Author& author);

    /// @param author a stranger @return an announce of plenty of room, under a name of its own
    Shot Invent(Author& author);

    /// @param author a stranger @param victim where the answer goes @param extended whether to
    /// speak the extension @return a request that has an answer
    Shot Reflect(Author& author, const fanout::Endpoint& victim, bool extended);

    /// @param author anybody @return a frame that is no message: noise, cut, changed or oversize
    Shot Malform(Author& author);

  private:
    static constexpr uint32_t FORGERIES = 11; ///< kinds of forged frames
    static constexpr uint32_t BELIEVED = 900; ///< messages ahead that a window lets pass
    static constexpr uint32_t ASKED = 30;     ///< messages of a request

    /// @param signer who signs @param data kind, key and body @return a control frame
    fanout::FrameRef Seal(const fanout::Identity& signer, const fanout::Bytes& data);

    /// @param signer who signs @param message what @return a frame of the channel
    template <typename Message>
    fanout::FrameRef
    Say(const fanout::Identity& signer, const Message& message)
    {
        return Seal(signer, fanout::Encode(m_key, message));
    }

    /// @param signer who signs @param seq number @return a DATA frame of 100 bytes
    fanout::FrameRef Data(const fanout::Identity& signer, uint32_t seq);

    /// @param next first message that is not out yet @return the ASKED before it
    static std::vector<uint32_t> LatestSeqs(uint32_t next);

    /// @param author in whose name @return an announce of much room there
    static fanout::TrackerAnnounce Room(const Author& author);

    /// @param author whose @return a name that it has not used
    fanout::Identity NextIdentity(Author& author);

    /// @param author a stranger @return path, level and anchor that it does not have
    fanout::PositionUpdate Position(const Author& author);

    /// @param author a stranger @param kind which @param next first message that is not out yet
    /// @return a forged frame
    fanout::FrameRef ForgeKind(const Author& author, uint32_t kind, uint32_t next);

    /// @param from the roles to draw from @return an online peer, null for none
    Handle Draw(std::initializer_list<FanoutRole> from);

    /// @param peer any @return a neighbour of it: parent or child; null for none
    Handle Neighbour(const Handle& peer);

    /// @param id a name @return the peer, null for none
    Handle Find(const fanout::PeerId& id) const;

    /// @param peer any @return the first message that it has not heard of
    static uint32_t NextOf(const Handle& peer);

    std::vector<Handle> m_peers;                                            ///< all
    std::vector<uint32_t> m_byRole[5];                                      ///< places in m_peers
    std::unordered_map<fanout::PeerId, uint32_t, fanout::PeerIdHash> m_ids; ///< places in m_peers
    Ptr<FanoutRun> m_run;                                                   ///< of the channel
    fanout::Digest m_key{};                                                 ///< of the channel
    fanout::PeerId m_root;                                                  ///< of the channel
    fanout::Random m_random;                                                ///< draws
};

} // namespace ns3

#endif // FANOUT_FORGER_H
