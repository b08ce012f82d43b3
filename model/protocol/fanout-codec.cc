/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-codec.h"

#include "fanout-codec-extension.h"
#include "fanout-codec-layout.h"
#include "fanout-codec-lists.h"
#include "fanout-cursor.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace ns3::fanout
{

namespace
{

constexpr std::uint8_t ACK_FLAG = 1;
constexpr std::uint8_t RESERVE_FLAG = 1;

/// A parser that stops reading at 32 hops takes what follows for the range.
bool
CarriesExtension(const JoinAccept& message)
{
    return message.extension && CountHops(message.route) < MAX_ROUTE_HOPS;
}

template <typename Message>
bool
CarriesExtension(const Message& message)
{
    if constexpr (HasExtension<Message>::value)
    {
        return message.extension.has_value();
    }
    return false;
}

template <typename Sink>
void
WriteBody(Sink& out, const JoinReq& message)
{
    out.U32(message.reqId);
    out.U32(message.bidPerByte);
    if (message.reservationToken > 0 || message.extension)
    {
        out.U32(message.reservationToken);
    }
}

template <typename Sink>
void
WriteBody(Sink& out, const JoinAccept& message)
{
    out.U32(message.reqId);
    out.U16(message.parentLevel);
    WriteRoute(out, message.route);
    if (message.have || CarriesExtension(message))
    {
        const SeqRange have = message.have.value_or(SeqRange());
        out.U32(have.from);
        out.U32(have.to);
    }
}

template <typename Sink>
void
WriteBody(Sink& out, const JoinReject& message)
{
    const std::vector<PeerAddresses>& redirects = message.redirects;
    std::size_t left = std::min(
        static_cast<std::size_t>(std::count_if(redirects.begin(), redirects.end(), IsRedirect)),
        MAX_REDIRECTS);
    out.U32(message.reqId);
    out.U8(message.reason);
    if (left > 0 || message.extension)
    {
        out.U8(static_cast<std::uint8_t>(left));
    }
    for (const PeerAddresses& redirect : redirects)
    {
        if (left > 0 && IsRedirect(redirect))
        {
            WriteText(out, redirect.hash);
            WriteAddresses(out, redirect.addresses, REDIRECT_ADDRESS);
            left--;
        }
    }
}

template <typename Sink>
void
WriteBody(Sink&, const Kick&)
{
}

template <typename Sink>
void
WriteBody(Sink& out, const Data& message)
{
    out.Raw(message.payload);
}

template <typename Sink>
void
WriteBody(Sink& out, const End& message)
{
    out.U32(message.lastSeqExclusive);
}

template <typename Sink>
void
WriteBody(Sink& out, const Unicast& message)
{
    out.U8(message.ackWanted ? ACK_FLAG : 0);
    if (message.ackWanted)
    {
        out.U64(message.ackToken);
    }
    WriteRoute(out, message.route);
    if (message.ackWanted)
    {
        WriteRoute(out, message.replyRoute);
    }
    out.Raw(message.payload);
}

template <typename Sink>
void
WriteBody(Sink& out, const RouteQuery& message)
{
    out.U32(message.reqId);
    WriteText(out, message.target);
}

template <typename Sink>
void
WriteBody(Sink& out, const RouteReply& message)
{
    out.U32(message.reqId);
    WriteRoute(out, message.route);
}

template <typename Sink>
void
WriteBody(Sink& out, const PublishProxy& message)
{
    out.Raw(message.payload);
}

template <typename Sink>
void
WriteBody(Sink&, const Leave&)
{
}

template <typename Sink>
void
WriteBody(Sink& out, const UnicastAck& message)
{
    out.U64(message.ackToken);
    WriteRoute(out, message.route);
}

template <typename Sink>
void
WriteBody(Sink& out, const RepairReq& message)
{
    WriteSeqs(out, message.reqId, message.seqs);
}

template <typename Sink>
void
WriteBody(Sink& out, const FetchReq& message)
{
    WriteSeqs(out, message.reqId, message.seqs);
}

template <typename Sink>
void
WriteBody(Sink& out, const IHave& message)
{
    out.U32(message.have.from);
    out.U32(message.have.to);
}

template <typename Sink>
void
WriteBody(Sink& out, const TrackerAnnounce& message)
{
    out.U32(message.ttlMs);
    out.U16(message.level);
    out.U16(message.maxChildren);
    out.U16(message.freeSlots);
    out.U32(message.bidPerByte);
    WriteAddresses(out, message.addresses, ANY_ADDRESS);
}

template <typename Sink>
void
WriteBody(Sink& out, const TrackerQuery& message)
{
    out.U32(message.reqId);
    out.U16(message.want);
}

template <typename Sink>
void
WriteBody(Sink& out, const TrackerReply& message)
{
    out.U32(message.reqId);
    WriteEntries(out,
                 message.entries,
                 [&out](const TrackerEntry& entry)
                 {
                     out.U16(entry.level);
                     out.U16(entry.freeSlots);
                     out.U32(entry.bidPerByte);
                     WriteAddresses(out, entry.addresses, ANY_ADDRESS);
                 });
}

template <typename Sink>
void
WriteBody(Sink& out, const TrackerFeedback& message)
{
    WriteText(out, message.hash);
    out.U8(message.event);
    out.U8(message.reason);
}

template <typename Sink>
void
WriteBody(Sink& out, const ProviderAnnounce& message)
{
    out.U32(message.ttlMs);
    WriteAddresses(out, message.addresses, ANY_ADDRESS);
}

template <typename Sink>
void
WriteBody(Sink& out, const ProviderQuery& message)
{
    out.U32(message.reqId);
    out.U16(message.want);
    out.U32(message.seed);
}

template <typename Sink>
void
WriteBody(Sink& out, const ProviderReply& message)
{
    out.U32(message.reqId);
    WriteProviders(out, message.providers);
}

template <typename Sink>
void
WriteBody(Sink& out, const ProviderSubscribe& message)
{
    out.U16(message.want);
    out.U32(message.ttlMs);
}

template <typename Sink>
void
WriteBody(Sink&, const ProviderUnsubscribe&)
{
}

template <typename Sink>
void
WriteBody(Sink& out, const ProviderNotify& message)
{
    WriteProviders(out, message.providers);
}

template <typename Sink>
void
WriteBody(Sink& out, const ParentProbeReq& message)
{
    out.U32(message.reqId);
    if (message.minFreeSlots > 0 || !message.reserve || message.extension)
    {
        out.U16(message.minFreeSlots);
        out.U8(message.reserve ? RESERVE_FLAG : 0);
    }
}

template <typename Sink>
void
WriteBody(Sink& out, const ParentProbeReply& message)
{
    out.U32(message.reqId);
    out.U8(message.flags);
    out.U16(message.level);
    out.U16(message.maxChildren);
    out.U16(message.freeSlots);
    out.U16(message.children);
    out.U32(message.haveToExclusive);
    out.U16(message.missingSeqs);
    out.U32(message.dataWriteDrops);
    out.U32(message.droppedForwards);
    out.U32(message.reservationToken);
}

template <typename Sink>
void
WriteBody(Sink& out, const PositionUpdate& message)
{
    if (message.path.size() > MAX_LIST)
    {
        throw std::invalid_argument("a POSITION cannot carry a path of " +
                                    std::to_string(message.path.size()) +
                                    " hops; allowed are at most 255");
    }
    out.U32(message.serial);
    out.U32(message.anchor);
    out.U16(message.level);
    out.U8(static_cast<std::uint8_t>(message.state));
    out.U16(message.holdMs);
    out.U8(static_cast<std::uint8_t>(message.path.size()));
    for (const std::uint64_t prefix : message.path)
    {
        out.U64(prefix);
    }
    WriteBackups(out, message.backups);
}

template <typename Sink>
void
WriteBody(Sink& out, const AnchorReq& message)
{
    out.U32(message.need);
}

template <typename Sink>
void
WriteBody(Sink& out, const Move& message)
{
    out.U8(message.reason);
    out.U16(message.withinMs);
    WriteBackups(out, message.targets);
}

template <typename Sink>
void
WriteBody(Sink& out, const Alive& message)
{
    out.U32(message.serialSeen);
    out.U32(message.nextContiguous);
    out.U16(message.missing);
    out.U16(message.subtreeFree);
    out.U32(message.echo);
    out.U16(message.echoDelayMs);
}

template <typename Sink, typename Message>
void
WriteFrame(Sink& out, const Digest& key, const Message& message)
{
    constexpr Kind KIND = Layout<Message>::KIND_BYTE;
    out.U8(static_cast<std::uint8_t>(KIND));
    if (KIND != Kind::DATA)
    {
        out.Raw({key.data(), key.size()});
    }
    WriteBody(out, message);
    if constexpr (HasExtension<Message>::value)
    {
        if (CarriesExtension(message))
        {
            WriteExtension(out, *message.extension);
        }
    }
}

} // namespace

template <typename Message>
std::size_t
EncodedSize(const Message& message)
{
    ByteCounter counter;
    WriteFrame(counter, Digest(), message);
    return counter.Size();
}

template <typename Message>
Bytes
Encode(const Digest& key, const Message& message)
{
    Bytes bytes(EncodedSize(message));
    ByteWriter writer(bytes.data());
    WriteFrame(writer, key, message);
    return bytes;
}

#define FANOUT_CODEC_ENCODERS(MESSAGE, KIND, MIN_BODY)                                             \
    template std::size_t EncodedSize(const MESSAGE& message);                                      \
    template Bytes Encode(const Digest& key, const MESSAGE& message);

FANOUT_CODEC_MESSAGES(FANOUT_CODEC_ENCODERS)

} // namespace ns3::fanout
