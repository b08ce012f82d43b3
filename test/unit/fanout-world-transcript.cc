/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What happens in a world, in words.

#include "fanout-world.h"

#include "ns3/fanout-messages.h"

#include <cstdio>

namespace ns3::fanout::test
{

namespace
{

const char*
NameOf(JoinEvent::Step step)
{
    constexpr const char* NAMES[] =
        {"seeks a parent", "asks", "redirected by", "rejected by", "no answer from", "attached to"};
    return NAMES[static_cast<int>(step)];
}

const char*
NameOf(ParentEvent::Cause cause)
{
    constexpr const char* NAMES[] =
        {"attached", "link closed", "silent", "kicked", "left", "moved", "level"};
    return NAMES[static_cast<int>(cause)];
}

const char*
NameOf(ChildEvent::Cause cause)
{
    constexpr const char* NAMES[] = {"admitted", "left", "link closed", "lease expired", "kicked"};
    return NAMES[static_cast<int>(cause)];
}

const char*
NameOf(DeliveryPath path)
{
    constexpr const char* NAMES[] = {"tree", "repair", "fetch"};
    return NAMES[static_cast<int>(path)];
}

const char*
NameOf(RepairEvent::Step step)
{
    constexpr const char* NAMES[] = {"gap", "asks for", "serves", "filled", "gives up"};
    return NAMES[static_cast<int>(step)];
}

const char*
NameOf(DropEvent::Reason reason)
{
    constexpr const char* NAMES[] = {"malformed",
                                     "oversize",
                                     "unknown kind",
                                     "unknown key",
                                     "not allowed",
                                     "bad signature",
                                     "out of range",
                                     "rate",
                                     "stale",
                                     "queue",
                                     "link",
                                     "not supported"};
    return NAMES[static_cast<int>(reason)];
}

const char*
NameOf(TrackerEvent::Step step)
{
    constexpr const char* NAMES[] = {"takes an announce",
                                     "answers a query",
                                     "parks a query",
                                     "answers a parked query with what there is"};
    return NAMES[static_cast<int>(step)];
}

std::string
NameOf(RejectReason reason)
{
    switch (reason)
    {
    case RejectReason::NOT_ATTACHED:
        return "not attached";
    case RejectReason::NO_CAPACITY:
        return "no capacity";
    case RejectReason::LOW_BID:
        return "low bid";
    }
    return "no reason given";
}

std::string
Seqs(std::uint32_t from, std::uint32_t to)
{
    return to == from + 1 ? std::to_string(from)
                          : "[" + std::to_string(from) + "," + std::to_string(to) + ")";
}

} // namespace

std::string
World::NameOf(std::uint32_t peer) const
{
    return "p" + std::to_string(peer);
}

std::string
World::NameOf(const PeerId& id) const
{
    const int index = id ? IndexOf(id) : -1;
    return index < 0 ? "nobody" : NameOf(static_cast<std::uint32_t>(index));
}

std::string
World::Describe(const JoinEvent& e) const
{
    std::string text = std::string("join: ") + test::NameOf(e.step);
    text += e.peer ? " " + NameOf(e.peer) : "";
    if (e.step == JoinEvent::Step::ATTACHED)
    {
        text += " at level " + std::to_string(e.level);
    }
    const bool rejected =
        e.step == JoinEvent::Step::REJECTED || e.step == JoinEvent::Step::REDIRECTED;
    return rejected ? text + ": " + test::NameOf(static_cast<RejectReason>(e.reason)) : text;
}

std::string
World::Describe(const ParentEvent& e) const
{
    return "parent: " + NameOf(e.oldParent) + " -> " + NameOf(e.newParent) + ", " +
           test::NameOf(e.cause);
}

std::string
World::Describe(const ChildEvent& e) const
{
    return "child: " + NameOf(e.peer) + " " + test::NameOf(e.cause) + ", now " +
           std::to_string(e.children) + " of " + std::to_string(e.capacity);
}

std::string
World::Describe(const PublishEvent& e) const
{
    return "publish " + std::to_string(e.seq);
}

std::string
World::Describe(const DeliverEvent& e) const
{
    return "deliver " + std::to_string(e.seq) + " by " + test::NameOf(e.path);
}

std::string
World::Describe(const DuplicateEvent& e) const
{
    return "duplicate " + std::to_string(e.seq);
}

std::string
World::Describe(const FrameEvent& e) const
{
    return std::string(e.sent ? "sends " : "gets ") + fanout::NameOf(e.kind) +
           (e.sent ? " to " : " from ") + (e.peer ? NameOf(e.peer) : "a stranger");
}

std::string
World::Describe(const RepairEvent& e) const
{
    return std::string("repair: ") + test::NameOf(e.step) + " " + Seqs(e.from, e.to) +
           (e.peer ? ", " + NameOf(e.peer) : "");
}

std::string
World::Describe(const BackpressureEvent& e) const
{
    return std::string("backpressure ") + (e.on ? "on" : "off") + " to " + NameOf(e.peer);
}

std::string
World::Describe(const DropEvent& e) const
{
    return std::string("drop: ") + fanout::NameOf(e.kind) + " from " +
           (e.peer ? NameOf(e.peer) : "a stranger") + ", " + test::NameOf(e.reason);
}

std::string
World::Describe(const EarningsEvent& e) const
{
    return "earns from " + NameOf(e.peer) + ", " + std::to_string(e.total) + " in all";
}

std::string
World::Describe(const TrackerEvent& e) const
{
    return std::string("tracker: ") + test::NameOf(e.step) + ", entries " +
           std::to_string(e.entries);
}

void
World::Log(const std::string& text)
{
    if (keepTranscript)
    {
        char time[32];
        std::snprintf(time,
                      sizeof(time),
                      "%8lld.%03d ms  ",
                      static_cast<long long>(m_now / MILLISECOND),
                      static_cast<int>(m_now % MILLISECOND));
        m_transcript += time + text + "\n";
    }
}

} // namespace ns3::fanout::test
