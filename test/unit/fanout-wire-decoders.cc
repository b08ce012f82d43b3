/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-calls.h"

#include "ns3/fanout-codec.h"

namespace ns3::fanout::test
{

namespace
{

using nlohmann::json;

// What the reference's decoders return, from our structs.

json
ToJson(const AddressList& addresses)
{
    json list = json::array();
    for (const Bytes& address : addresses)
    {
        list.push_back({{"hex", ToHex(address)}});
    }
    return list;
}

json
ToJson(const std::vector<PeerAddresses>& peers)
{
    json list = json::array();
    for (const PeerAddresses& peer : peers)
    {
        list.push_back({{"hash", peer.hash}, {"addrs", ToJson(peer.addresses)}});
    }
    return list;
}

json
ToJson(const SeqRange& range)
{
    return {{"haveFrom", range.from}, {"haveToExclusive", range.to}};
}

json
ToJson(const JoinReq& m)
{
    return {{"reqId", m.reqId},
            {"bidPerByte", m.bidPerByte},
            {"parentUpgradeReservationToken", m.reservationToken}};
}

json
ToJson(const JoinAccept& m)
{
    return {{"parentLevel", m.parentLevel},
            {"parentRouteFromRoot", m.route},
            {"haveRange", m.have ? ToJson(*m.have) : json()}};
}

json
ToJson(const JoinReject& m)
{
    return {{"reason", m.reason}, {"redirects", ToJson(m.redirects)}};
}

json
ToJson(const RouteQuery& m)
{
    return {{"reqId", m.reqId}, {"targetHash", m.target.empty() ? json() : json(m.target)}};
}

json
ToJson(const TrackerAnnounce& m)
{
    return {{"ttlMs", m.ttlMs},
            {"level", m.level},
            {"freeSlots", m.freeSlots},
            {"bidPerByte", m.bidPerByte},
            {"addrs", ToJson(m.addresses)}};
}

json
ToJson(const TrackerReply& m)
{
    json entries = json::array();
    for (const TrackerEntry& entry : m.entries)
    {
        entries.push_back({{"hash", entry.hash},
                           {"level", entry.level},
                           {"freeSlots", entry.freeSlots},
                           {"bidPerByte", entry.bidPerByte},
                           {"addrs", ToJson(entry.addresses)}});
    }
    return {{"reqId", m.reqId}, {"entries", entries}};
}

json
ToJson(const ParentProbeReply& m)
{
    return {{"reqId", m.reqId},
            {"hash", "peerX"},
            {"rooted", (m.flags & PROBE_ROOTED) != 0},
            {"accepting", (m.flags & PROBE_ACCEPTING) != 0},
            {"repairing", (m.flags & PROBE_REPAIRING) != 0},
            {"overloaded", (m.flags & PROBE_OVERLOADED) != 0},
            {"reservationToken", m.reservationToken},
            {"level", m.level},
            {"maxChildren", m.maxChildren},
            {"freeSlots", m.freeSlots},
            {"children", m.children},
            {"haveToExclusive", m.haveToExclusive},
            {"missingSeqs", m.missingSeqs},
            {"dataWriteDrops", m.dataWriteDrops},
            {"droppedForwards", m.droppedForwards}};
}

json
ToJson(const Unicast& m, std::size_t frameSize)
{
    return {{"ackToken", m.ackWanted ? json(std::to_string(m.ackToken)) : json()},
            {"route", m.route},
            {"replyRoute", m.ackWanted ? json(m.replyRoute) : json()},
            {"payloadOffset", frameSize - m.payload.size()}};
}

template <typename Message, typename Convert>
json
Result(ByteView frame, Convert convert)
{
    const std::optional<Message> message = Decode<Message>(frame);
    if (!message)
    {
        return {{"status", "undefined"}};
    }
    return {{"status", "ok"}, {"value", convert(*message)}};
}

template <typename Message>
json
Result(ByteView frame)
{
    return Result<Message>(frame, [](const Message& m) { return ToJson(m); });
}

json
RepairResult(ByteView frame)
{
    const auto seqs = [](const auto& m) { return json(m.seqs); };
    const bool repair = !frame.empty() && frame[0] == static_cast<std::uint8_t>(Kind::REPAIR_REQ);
    return repair ? Result<RepairReq>(frame, seqs) : Result<FetchReq>(frame, seqs);
}

template <typename Message>
json (*const PLAIN)(ByteView) = &Result<Message>;

template <typename Message, typename Convert>
WireDecoder
With(Convert convert)
{
    return [convert](ByteView frame) { return Result<Message>(frame, convert); };
}

const std::map<std::string, WireDecoder> DECODERS{
    {"decodeJoinReq", PLAIN<JoinReq>},
    {"decodeJoinAccept", PLAIN<JoinAccept>},
    {"decodeJoinReject", PLAIN<JoinReject>},
    {"decodeEnd", With<End>([](const End& m) { return json(m.lastSeqExclusive); })},
    {"decodeUnicast",
     [](ByteView frame) {
         return Result<Unicast>(frame,
                                [frame](const Unicast& m) { return ToJson(m, frame.size()); });
     }},
    {"decodeRouteQuery", PLAIN<RouteQuery>},
    {"decodeRouteReply",
     With<RouteReply>(
         [](const RouteReply& m) {
             return json{{"reqId", m.reqId}, {"route", m.route}};
         })},
    {"decodeUnicastAck",
     With<UnicastAck>(
         [](const UnicastAck& m) {
             return json{{"ackToken", std::to_string(m.ackToken)}, {"route", m.route}};
         })},
    {"decodeRepairSeqs", RepairResult},
    {"decodeIHave", With<IHave>([](const IHave& m) { return ToJson(m.have); })},
    {"decodeTrackerAnnounce", PLAIN<TrackerAnnounce>},
    {"decodeTrackerQuery",
     With<TrackerQuery>(
         [](const TrackerQuery& m) {
             return json{{"reqId", m.reqId}, {"want", m.want}};
         })},
    {"decodeTrackerReply", PLAIN<TrackerReply>},
    {"decodeTrackerFeedback",
     With<TrackerFeedback>(
         [](const TrackerFeedback& m) {
             return json{{"candidateHash", m.hash}, {"event", m.event}, {"reason", m.reason}};
         })},
    {"decodeProviderAnnounce",
     With<ProviderAnnounce>(
         [](const ProviderAnnounce& m) {
             return json{{"ttlMs", m.ttlMs}, {"addrs", ToJson(m.addresses)}};
         })},
    {"decodeProviderQuery",
     With<ProviderQuery>(
         [](const ProviderQuery& m) {
             return json{{"reqId", m.reqId}, {"want", m.want}, {"seed", m.seed}};
         })},
    {"decodeProviderReply",
     With<ProviderReply>(
         [](const ProviderReply& m) {
             return json{{"reqId", m.reqId}, {"entries", ToJson(m.providers)}};
         })},
    {"decodeProviderSubscribe",
     With<ProviderSubscribe>(
         [](const ProviderSubscribe& m) {
             return json{{"want", m.want}, {"ttlMs", m.ttlMs}};
         })},
    {"decodeProviderNotify",
     With<ProviderNotify>(
         [](const ProviderNotify& m) {
             return json{{"entries", ToJson(m.providers)}};
         })},
    {"decodeParentProbeReq",
     With<ParentProbeReq>(
         [](const ParentProbeReq& m)
         {
             return json{{"reqId", m.reqId},
                         {"minFreeSlots", m.minFreeSlots},
                         {"reserveRootCapacity", m.reserve}};
         })},
    {"decodeParentProbeReply", PLAIN<ParentProbeReply>}};

} // namespace

const std::map<std::string, WireDecoder>&
WireDecoders()
{
    return DECODERS;
}

} // namespace ns3::fanout::test
