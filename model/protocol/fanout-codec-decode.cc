/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-codec-extension.h"
#include "fanout-codec-layout.h"
#include "fanout-codec-lists.h"
#include "fanout-codec.h"
#include "fanout-cursor.h"

namespace ns3::fanout
{

namespace
{

constexpr std::uint8_t ACK_FLAG = 1;
constexpr std::uint8_t RESERVE_FLAG = 1;

SeqRange
ReadRange(Cursor& in)
{
    SeqRange range;
    range.from = in.U32();
    range.to = in.U32();
    return range;
}

Bytes
ReadPayload(Cursor& in)
{
    const ByteView payload = in.TakeRest();
    return {payload.begin(), payload.end()};
}

bool
ReadBody(Cursor& in, JoinReq& message)
{
    message.reqId = in.U32();
    message.bidPerByte = in.U32();
    message.reservationToken = in.Has(4) ? in.U32() : 0;
    return true;
}

bool
ReadBody(Cursor& in, JoinAccept& message)
{
    message.reqId = in.U32();
    message.parentLevel = in.U16();
    message.route = ReadRoute(in);
    if (in.Has(8))
    {
        message.have = ReadRange(in);
    }
    return true;
}

bool
ReadBody(Cursor& in, JoinReject& message)
{
    message.reqId = in.U32();
    message.reason = in.U8();
    const std::size_t count = in.Has(1) ? in.U8() : 0;
    for (std::size_t i = 0; i < count; i++)
    {
        PeerAddresses redirect;
        if (!ReadText(in, redirect.hash, 1) || !in.Has(1))
        {
            in.Break();
            break;
        }
        redirect.addresses = ReadAddresses(in, MAX_REDIRECT_ADDRESSES);
        if (message.redirects.size() < MAX_REDIRECTS)
        {
            message.redirects.push_back(std::move(redirect));
        }
    }
    return true;
}

bool
ReadBody(Cursor&, Kick&)
{
    return true;
}

bool
ReadBody(Cursor& in, Data& message)
{
    message.payload = ReadPayload(in);
    return true;
}

bool
ReadBody(Cursor& in, End& message)
{
    message.lastSeqExclusive = in.U32();
    return true;
}

bool
ReadBody(Cursor& in, Unicast& message)
{
    message.ackWanted = (in.U8() & ACK_FLAG) != 0;
    if (message.ackWanted)
    {
        if (!in.Has(8 + 1))
        {
            return false;
        }
        message.ackToken = in.U64();
    }
    message.route = ReadRoute(in);
    if (message.ackWanted)
    {
        if (!in.Has(1))
        {
            return false;
        }
        message.replyRoute = ReadRoute(in);
    }
    message.payload = ReadPayload(in);
    return true;
}

/// A target that is cut off is none: the reference answers such a query with an empty route.
bool
ReadBody(Cursor& in, RouteQuery& message)
{
    message.reqId = in.U32();
    ReadText(in, message.target, 0);
    return true;
}

bool
ReadBody(Cursor& in, RouteReply& message)
{
    message.reqId = in.U32();
    message.route = ReadRoute(in);
    return true;
}

bool
ReadBody(Cursor& in, PublishProxy& message)
{
    message.payload = ReadPayload(in);
    return true;
}

bool
ReadBody(Cursor&, Leave&)
{
    return true;
}

bool
ReadBody(Cursor& in, UnicastAck& message)
{
    message.ackToken = in.U64();
    message.route = ReadRoute(in);
    return true;
}

bool
ReadBody(Cursor& in, RepairReq& message)
{
    message.reqId = in.U32();
    message.seqs = ReadSeqs(in);
    return true;
}

bool
ReadBody(Cursor& in, FetchReq& message)
{
    message.reqId = in.U32();
    message.seqs = ReadSeqs(in);
    return true;
}

bool
ReadBody(Cursor& in, IHave& message)
{
    message.have = ReadRange(in);
    return true;
}

bool
ReadBody(Cursor& in, TrackerAnnounce& message)
{
    message.ttlMs = in.U32();
    message.level = in.U16();
    message.maxChildren = in.U16();
    message.freeSlots = in.U16();
    message.bidPerByte = in.U32();
    message.addresses = ReadAddresses(in, MAX_ADDRESSES);
    return true;
}

bool
ReadBody(Cursor& in, TrackerQuery& message)
{
    message.reqId = in.U32();
    message.want = in.U16();
    return true;
}

bool
ReadBody(Cursor& in, TrackerReply& message)
{
    constexpr std::size_t NUMBERS_BYTES = 2 + 2 + 4 + 1;
    message.reqId = in.U32();
    const std::size_t count = in.U8();
    for (std::size_t i = 0; i < count; i++)
    {
        TrackerEntry entry;
        if (!ReadText(in, entry.hash, 0) || !in.Has(NUMBERS_BYTES))
        {
            in.Break();
            break;
        }
        entry.level = in.U16();
        entry.freeSlots = in.U16();
        entry.bidPerByte = in.U32();
        entry.addresses = ReadAddresses(in, MAX_ADDRESSES);
        message.entries.push_back(std::move(entry));
    }
    return true;
}

bool
ReadBody(Cursor& in, TrackerFeedback& message)
{
    if (!ReadText(in, message.hash, 0) || !in.Has(2))
    {
        return false;
    }
    message.event = in.U8();
    message.reason = in.U8();
    return true;
}

bool
ReadBody(Cursor& in, ProviderAnnounce& message)
{
    message.ttlMs = in.U32();
    message.addresses = ReadAddresses(in, MAX_ADDRESSES);
    return true;
}

bool
ReadBody(Cursor& in, ProviderQuery& message)
{
    message.reqId = in.U32();
    message.want = in.U16();
    message.seed = in.U32();
    return true;
}

bool
ReadBody(Cursor& in, ProviderReply& message)
{
    message.reqId = in.U32();
    message.providers = ReadProviders(in);
    return true;
}

bool
ReadBody(Cursor& in, ProviderSubscribe& message)
{
    message.want = in.U16();
    message.ttlMs = in.U32();
    return true;
}

bool
ReadBody(Cursor&, ProviderUnsubscribe&)
{
    return true;
}

bool
ReadBody(Cursor& in, ProviderNotify& message)
{
    message.providers = ReadProviders(in);
    return true;
}

bool
ReadBody(Cursor& in, ParentProbeReq& message)
{
    message.reqId = in.U32();
    if (in.Has(2))
    {
        message.minFreeSlots = in.U16();
        message.reserve = !in.Has(1) || (in.U8() & RESERVE_FLAG) != 0;
    }
    return true;
}

bool
ReadBody(Cursor& in, ParentProbeReply& message)
{
    message.reqId = in.U32();
    message.flags = in.U8();
    message.level = in.U16();
    message.maxChildren = in.U16();
    message.freeSlots = in.U16();
    message.children = in.U16();
    message.haveToExclusive = in.U32();
    message.missingSeqs = in.U16();
    message.dataWriteDrops = in.U32();
    message.droppedForwards = in.U32();
    message.reservationToken = in.Has(4) ? in.U32() : 0;
    return true;
}

bool
ReadBody(Cursor& in, PositionUpdate& message)
{
    message.serial = in.U32();
    message.anchor = in.U32();
    message.level = in.U16();
    const std::uint8_t state = in.U8();
    message.holdMs = in.U16();
    const std::size_t count = in.U8();
    if (state > static_cast<std::uint8_t>(PositionUpdate::State::DISSOLVE) || !in.Has(8 * count))
    {
        return false;
    }
    message.state = static_cast<PositionUpdate::State>(state);
    message.path.resize(count);
    for (std::uint64_t& prefix : message.path)
    {
        prefix = in.U64();
    }
    message.backups = ReadBackups(in);
    return true;
}

bool
ReadBody(Cursor& in, AnchorReq& message)
{
    message.need = in.U32();
    return true;
}

bool
ReadBody(Cursor& in, Move& message)
{
    message.reason = in.U8();
    message.withinMs = in.U16();
    message.targets = ReadBackups(in);
    return true;
}

bool
ReadBody(Cursor& in, Alive& message)
{
    message.serialSeen = in.U32();
    message.nextContiguous = in.U32();
    message.missing = in.U16();
    message.subtreeFree = in.U16();
    message.echo = in.U32();
    message.echoDelayMs = in.U16();
    return true;
}

} // namespace

template <typename Message>
std::optional<Message>
Decode(ByteView frame)
{
    constexpr Kind KIND = Layout<Message>::KIND_BYTE;
    constexpr std::size_t HEADER_BYTES = KIND == Kind::DATA ? 1 : FRAME_HEADER_BYTES;
    if (frame.size() < HEADER_BYTES + Layout<Message>::MIN_BODY_BYTES ||
        frame[0] != static_cast<std::uint8_t>(KIND))
    {
        return std::nullopt;
    }
    Cursor in(frame.From(HEADER_BYTES));
    std::optional<Message> message(std::in_place);
    if (!ReadBody(in, *message))
    {
        return std::nullopt;
    }
    if constexpr (HasExtension<Message>::value)
    {
        message->extension = ReadExtension(in);
    }
    return message;
}

#define FANOUT_CODEC_DECODERS(MESSAGE, KIND, MIN_BODY)                                             \
    template std::optional<MESSAGE> Decode(ByteView frame);

FANOUT_CODEC_MESSAGES(FANOUT_CODEC_DECODERS)

} // namespace ns3::fanout
