/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-messages.h"

#include <array>

namespace ns3::fanout
{

namespace
{

/// What is known of a kind.
struct KindInfo
{
    const char* name{"UNKNOWN"};
    FrameClass frameClass{FrameClass::ROUTE};
    bool acknowledged{false};
};

/// A kind and what is known of it.
struct Entry
{
    Kind kind;
    KindInfo info;
};

constexpr std::array ENTRIES{
    Entry{Kind::JOIN_REQ, {"JOIN_REQ", FrameClass::JOIN, true}},
    Entry{Kind::JOIN_ACCEPT, {"JOIN_ACCEPT", FrameClass::JOIN, true}},
    Entry{Kind::JOIN_REJECT, {"JOIN_REJECT", FrameClass::JOIN, true}},
    Entry{Kind::KICK, {"KICK", FrameClass::JOIN, true}},
    Entry{Kind::DATA, {"DATA", FrameClass::DATA, false}},
    Entry{Kind::END, {"END", FrameClass::REPAIR, true}},
    Entry{Kind::UNICAST, {"UNICAST", FrameClass::ROUTE, true}},
    Entry{Kind::ROUTE_QUERY, {"ROUTE_QUERY", FrameClass::ROUTE, true}},
    Entry{Kind::ROUTE_REPLY, {"ROUTE_REPLY", FrameClass::ROUTE, true}},
    Entry{Kind::PUBLISH_PROXY, {"PUBLISH_PROXY", FrameClass::ROUTE, true}},
    Entry{Kind::LEAVE, {"LEAVE", FrameClass::ROUTE, true}},
    Entry{Kind::UNICAST_ACK, {"UNICAST_ACK", FrameClass::ROUTE, true}},
    Entry{Kind::REPAIR_REQ, {"REPAIR_REQ", FrameClass::REPAIR, false}},
    Entry{Kind::FETCH_REQ, {"FETCH_REQ", FrameClass::REPAIR, false}},
    Entry{Kind::IHAVE, {"IHAVE", FrameClass::REPAIR, false}},
    Entry{Kind::TRACKER_ANNOUNCE, {"TRACKER_ANNOUNCE", FrameClass::TRACKER, true}},
    Entry{Kind::TRACKER_QUERY, {"TRACKER_QUERY", FrameClass::TRACKER, true}},
    Entry{Kind::TRACKER_REPLY, {"TRACKER_REPLY", FrameClass::TRACKER, true}},
    Entry{Kind::TRACKER_FEEDBACK, {"TRACKER_FEEDBACK", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_ANNOUNCE, {"PROVIDER_ANNOUNCE", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_QUERY, {"PROVIDER_QUERY", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_REPLY, {"PROVIDER_REPLY", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_SUBSCRIBE, {"PROVIDER_SUBSCRIBE", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_UNSUBSCRIBE, {"PROVIDER_UNSUBSCRIBE", FrameClass::TRACKER, true}},
    Entry{Kind::PROVIDER_NOTIFY, {"PROVIDER_NOTIFY", FrameClass::TRACKER, true}},
    Entry{Kind::PARENT_PROBE_REQ, {"PARENT_PROBE_REQ", FrameClass::JOIN, false}},
    Entry{Kind::PARENT_PROBE_REPLY, {"PARENT_PROBE_REPLY", FrameClass::JOIN, false}},
    Entry{Kind::POSITION, {"POSITION", FrameClass::ROUTE, true}},
    Entry{Kind::ANCHOR_REQ, {"ANCHOR_REQ", FrameClass::ROUTE, true}},
    Entry{Kind::MOVE, {"MOVE", FrameClass::ROUTE, true}},
    Entry{Kind::ALIVE, {"ALIVE", FrameClass::ROUTE, false}}};

constexpr std::array<KindInfo, MAX_KINDS>
MakeInfos()
{
    std::array<KindInfo, MAX_KINDS> infos{};
    for (const Entry& entry : ENTRIES)
    {
        infos[static_cast<std::size_t>(entry.kind)] = entry.info;
    }
    return infos;
}

constexpr std::array<KindInfo, MAX_KINDS> INFOS = MakeInfos();
constexpr KindInfo UNKNOWN_KIND{};

const KindInfo&
InfoOf(std::uint8_t kind)
{
    return kind < MAX_KINDS ? INFOS[kind] : UNKNOWN_KIND;
}

} // namespace

FrameClass
ClassOf(std::uint8_t kind)
{
    return InfoOf(kind).frameClass;
}

const char*
NameOf(std::uint8_t kind)
{
    return InfoOf(kind).name;
}

bool
NeedsAcknowledge(std::uint8_t kind)
{
    return InfoOf(kind).acknowledged;
}

} // namespace ns3::fanout
