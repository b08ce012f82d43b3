/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CODEC_LAYOUT_H
#define FANOUT_CODEC_LAYOUT_H

#include "fanout-messages.h"

#include <type_traits>

/**
 * Every message: struct, kind, least bytes behind the header (protocol 3.3).
 * @param X a macro of these three
 */
#define FANOUT_CODEC_MESSAGES(X)                                                                   \
    X(JoinReq, JOIN_REQ, 8)                                                                        \
    X(JoinAccept, JOIN_ACCEPT, 7)                                                                  \
    X(JoinReject, JOIN_REJECT, 5)                                                                  \
    X(Kick, KICK, 0)                                                                               \
    X(Data, DATA, 0)                                                                               \
    X(End, END, 4)                                                                                 \
    X(Unicast, UNICAST, 2)                                                                         \
    X(RouteQuery, ROUTE_QUERY, 5)                                                                  \
    X(RouteReply, ROUTE_REPLY, 5)                                                                  \
    X(PublishProxy, PUBLISH_PROXY, 0)                                                              \
    X(Leave, LEAVE, 0)                                                                             \
    X(UnicastAck, UNICAST_ACK, 9)                                                                  \
    X(RepairReq, REPAIR_REQ, 5)                                                                    \
    X(FetchReq, FETCH_REQ, 5)                                                                      \
    X(IHave, IHAVE, 8)                                                                             \
    X(TrackerAnnounce, TRACKER_ANNOUNCE, 15)                                                       \
    X(TrackerQuery, TRACKER_QUERY, 6)                                                              \
    X(TrackerReply, TRACKER_REPLY, 5)                                                              \
    X(TrackerFeedback, TRACKER_FEEDBACK, 3)                                                        \
    X(ProviderAnnounce, PROVIDER_ANNOUNCE, 5)                                                      \
    X(ProviderQuery, PROVIDER_QUERY, 10)                                                           \
    X(ProviderReply, PROVIDER_REPLY, 5)                                                            \
    X(ProviderSubscribe, PROVIDER_SUBSCRIBE, 6)                                                    \
    X(ProviderUnsubscribe, PROVIDER_UNSUBSCRIBE, 0)                                                \
    X(ProviderNotify, PROVIDER_NOTIFY, 1)                                                          \
    X(ParentProbeReq, PARENT_PROBE_REQ, 4)                                                         \
    X(ParentProbeReply, PARENT_PROBE_REPLY, 27)                                                    \
    X(PositionUpdate, POSITION, 14)                                                                \
    X(AnchorReq, ANCHOR_REQ, 4)                                                                    \
    X(Move, MOVE, 3)                                                                               \
    X(Alive, ALIVE, 18)

namespace ns3::fanout
{

/// What the codec must know of a message. @ingroup fanout-tree-codec
template <typename Message>
struct Layout;

/// @cond
#define FANOUT_CODEC_LAYOUT(MESSAGE, KIND, MIN_BODY)                                               \
    template <>                                                                                    \
    struct Layout<MESSAGE>                                                                         \
    {                                                                                              \
        static constexpr Kind KIND_BYTE = Kind::KIND;                                              \
        static constexpr std::size_t MIN_BODY_BYTES = MIN_BODY;                                    \
    };

FANOUT_CODEC_MESSAGES(FANOUT_CODEC_LAYOUT)
#undef FANOUT_CODEC_LAYOUT

template <typename Message, typename = void>
struct HasExtension : std::false_type
{
};

template <typename Message>
struct HasExtension<Message, std::void_t<decltype(Message::extension)>> : std::true_type
{
};

/// @endcond

} // namespace ns3::fanout

#endif // FANOUT_CODEC_LAYOUT_H
