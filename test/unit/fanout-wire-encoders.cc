/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-calls.h"

#include "ns3/fanout-codec.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ns3::fanout::test
{

namespace
{

using nlohmann::json;

// The reference is written in JavaScript; these are the coercions it applies to numbers.

double
JsNumber(const json& value)
{
    return value == "Infinity" ? HUGE_VAL : value.get<double>();
}

std::uint32_t
ToUint32(double value)
{
    if (!std::isfinite(value))
    {
        return 0;
    }
    const double wrapped = std::fmod(std::trunc(value), 4294967296.0);
    return static_cast<std::uint32_t>(
        static_cast<std::int64_t>(wrapped < 0 ? wrapped + 4294967296.0 : wrapped));
}

std::uint32_t
U32(const json& value)
{
    return ToUint32(JsNumber(value));
}

std::uint32_t
FlooredU32(const json& value)
{
    return ToUint32(std::max(0.0, std::floor(JsNumber(value))));
}

std::uint16_t
ClampedU16(const json& value)
{
    const auto narrowed = static_cast<std::int32_t>(ToUint32(JsNumber(value)));
    return static_cast<std::uint16_t>(std::max(0, std::min(0xffff, narrowed)));
}

std::uint16_t
MaskedU16(const json& value)
{
    return static_cast<std::uint16_t>(U32(value) & 0xffff);
}

std::uint64_t
U64(const json& value)
{
    return std::stoull(value.get<std::string>());
}

Bytes
BytesOf(const json& value)
{
    return FromHex(value.at("hex"));
}

AddressList
Addresses(const json& list)
{
    AddressList addresses;
    for (const json& address : list)
    {
        addresses.push_back(BytesOf(address));
    }
    return addresses;
}

std::vector<PeerAddresses>
Peers(const json& list)
{
    std::vector<PeerAddresses> peers;
    for (const json& peer : list)
    {
        peers.push_back({peer["hash"], Addresses(peer["addrs"])});
    }
    return peers;
}

std::vector<std::uint32_t>
Seqs(const json& list)
{
    std::vector<std::uint32_t> seqs;
    for (const json& seq : list)
    {
        seqs.push_back(U32(seq));
    }
    return seqs;
}

template <typename Message>
Bytes
EncodeChecked(const WireArgs& args, const Message& message)
{
    const Bytes bytes = Encode(ArrayFromHex<Digest>(args[0]["hex"]), message);
    EXPECT_EQ(EncodedSize(message), bytes.size());
    return bytes;
}

Bytes
EncodeJoin(const std::string& encoder, const WireArgs& a)
{
    if (encoder == "encodeJoinReq")
    {
        return EncodeChecked(a, JoinReq{U32(a[1]), U32(a[2]), a[3].is_null() ? 0 : U32(a[3]), {}});
    }
    if (encoder == "encodeJoinAccept")
    {
        JoinAccept message{U32(a[1]), MaskedU16(a[2]), {}, {}, {}};
        message.route = a[3].is_null() ? Route() : a[3].get<Route>();
        if (!a[4].is_null())
        {
            message.have = SeqRange{U32(a[4]["haveFrom"]), U32(a[4]["haveToExclusive"])};
        }
        return EncodeChecked(a, message);
    }
    const std::uint8_t reason = a[2].get<std::uint8_t>();
    return EncodeChecked(a, JoinReject{U32(a[1]), reason, Peers(a[3]), {}});
}

Bytes
EncodeUnicast(const WireArgs& a)
{
    Unicast message;
    message.route = a[1].get<Route>();
    message.payload = BytesOf(a[2]);
    if (!a[3].is_null())
    {
        message.ackWanted = true;
        message.ackToken = U64(a[3]["ackToken"]);
        message.replyRoute = a[3].value("replyRoute", Route());
    }
    return EncodeChecked(a, message);
}

Bytes
EncodeTrackerReply(const WireArgs& a)
{
    TrackerReply message{U32(a[1]), {}, {}};
    for (const json& e : a[2])
    {
        message.entries.push_back({e["hash"],
                                   ClampedU16(e["level"]),
                                   ClampedU16(e["freeSlots"]),
                                   FlooredU32(e["bidPerByte"]),
                                   Addresses(e["addrs"])});
    }
    return EncodeChecked(a, message);
}

Bytes
EncodeProbeReply(const WireArgs& a)
{
    const json o = a[2];
    ParentProbeReply message;
    message.reqId = U32(a[1]);
    message.flags = o["flags"];
    message.level = ClampedU16(o["level"]);
    message.maxChildren = ClampedU16(o["maxChildren"]);
    message.freeSlots = ClampedU16(o["freeSlots"]);
    message.children = ClampedU16(o["children"]);
    message.haveToExclusive = FlooredU32(o["haveToExclusive"]);
    message.missingSeqs = ClampedU16(o["missingSeqs"]);
    message.dataWriteDrops = FlooredU32(o["dataWriteDrops"]);
    message.droppedForwards = FlooredU32(o["droppedForwards"]);
    message.reservationToken = FlooredU32(o.value("reservationToken", json(0)));
    return EncodeChecked(a, message);
}

Bytes
EncodeAnnounce(const WireArgs& a)
{
    TrackerAnnounce message;
    message.ttlMs = FlooredU32(a[1]);
    message.level = ClampedU16(a[2]);
    message.maxChildren = ClampedU16(a[3]);
    message.freeSlots = ClampedU16(a[4]);
    message.bidPerByte = FlooredU32(a[5]);
    message.addresses = Addresses(a[6]);
    return EncodeChecked(a, message);
}

const std::map<std::string, WireEncoder> ENCODERS{
    {"encodeJoinReq", [](const WireArgs& a) { return EncodeJoin("encodeJoinReq", a); }},
    {"encodeJoinAccept", [](const WireArgs& a) { return EncodeJoin("encodeJoinAccept", a); }},
    {"encodeJoinReject", [](const WireArgs& a) { return EncodeJoin("encodeJoinReject", a); }},
    {"encodeKick", [](const WireArgs& a) { return EncodeChecked(a, Kick()); }},
    {"encodeData", [](const WireArgs& a) { return Encode(Digest(), Data{BytesOf(a[0])}); }},
    {"encodeEnd",
     [](const WireArgs& a) {
         return EncodeChecked(a, End{U32(a[1]), {}});
     }},
    {"encodeUnicast", EncodeUnicast},
    {"encodeRouteQuery",
     [](const WireArgs& a) {
         return EncodeChecked(a, RouteQuery{U32(a[1]), a[2]});
     }},
    {"encodeRouteReply",
     [](const WireArgs& a) {
         return EncodeChecked(a,
                              RouteReply{U32(a[1]), a[2].is_null() ? Route() : a[2].get<Route>()});
     }},
    {"encodePublishProxy",
     [](const WireArgs& a) { return EncodeChecked(a, PublishProxy{BytesOf(a[1])}); }},
    {"encodeLeave", [](const WireArgs& a) { return EncodeChecked(a, Leave()); }},
    {"encodeUnicastAck",
     [](const WireArgs& a) {
         return EncodeChecked(a, UnicastAck{U64(a[1]), a[2].get<Route>()});
     }},
    {"encodeRepairReq",
     [](const WireArgs& a) {
         return EncodeChecked(a, RepairReq{U32(a[1]), Seqs(a[2]), {}});
     }},
    {"encodeFetchReq",
     [](const WireArgs& a) {
         return EncodeChecked(a, FetchReq{U32(a[1]), Seqs(a[2]), {}});
     }},
    {"encodeIHave",
     [](const WireArgs& a) {
         return EncodeChecked(a, IHave{{U32(a[1]), U32(a[2])}, {}});
     }},
    {"encodeTrackerAnnounce", EncodeAnnounce},
    {"encodeTrackerQuery",
     [](const WireArgs& a) {
         return EncodeChecked(a, TrackerQuery{U32(a[1]), ClampedU16(a[2]), {}});
     }},
    {"encodeTrackerReply", EncodeTrackerReply},
    {"encodeTrackerFeedback",
     [](const WireArgs& a) {
         return EncodeChecked(a, TrackerFeedback{a[1], a[2], a[3]});
     }},
    {"encodeProviderAnnounce",
     [](const WireArgs& a) {
         return EncodeChecked(a, ProviderAnnounce{FlooredU32(a[1]), Addresses(a[2])});
     }},
    {"encodeProviderQuery",
     [](const WireArgs& a) {
         return EncodeChecked(a, ProviderQuery{U32(a[1]), ClampedU16(a[2]), U32(a[3])});
     }},
    {"encodeProviderReply",
     [](const WireArgs& a) {
         return EncodeChecked(a, ProviderReply{U32(a[1]), Peers(a[2])});
     }},
    {"encodeProviderSubscribe",
     [](const WireArgs& a) {
         return EncodeChecked(a, ProviderSubscribe{ClampedU16(a[1]), FlooredU32(a[2])});
     }},
    {"encodeProviderUnsubscribe",
     [](const WireArgs& a) { return EncodeChecked(a, ProviderUnsubscribe()); }},
    {"encodeProviderNotify",
     [](const WireArgs& a) { return EncodeChecked(a, ProviderNotify{Peers(a[1])}); }},
    {"encodeParentProbeReq",
     [](const WireArgs& a)
     {
         ParentProbeReq message;
         message.reqId = U32(a[1]);
         message.minFreeSlots = a[2].is_null() ? 0 : ClampedU16(a[2]);
         message.reserve = a[3].is_null() || a[3].get<bool>();
         return EncodeChecked(a, message);
     }},
    {"encodeParentProbeReply", EncodeProbeReply}};

} // namespace

const std::map<std::string, WireEncoder>&
WireEncoders()
{
    return ENCODERS;
}

} // namespace ns3::fanout::test
