/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t MOST_TARGETS = 4;       ///< a MOVE carries (algorithms 2)
constexpr Micros MOVE_SPACING = 10 * SECOND;  ///< a peer is moved that often at most
constexpr Micros OVERLOAD = SECOND / 2;       ///< a child over its mark so long is too much
constexpr Micros RELIEF_SPACING = 2 * SECOND; ///< it takes a while to show
constexpr Micros CALM = 10 * SECOND;          ///< after so long one more child is taken
constexpr std::uint8_t FOR_A_RELAY = 1;       ///< MOVE reason: a relay needs the slot
constexpr std::uint8_t FOR_OVERLOAD = 2;      ///< MOVE reason: too much for the upload

} // namespace

// ---- the parent's side ----

void
Channel::SendMove(const Child& child, const Child* relay)
{
    Move move;
    move.reason = relay ? FOR_A_RELAY : FOR_OVERLOAD;
    move.withinMs = static_cast<std::uint16_t>(MOVE_TIME / MILLISECOND);
    const auto level = static_cast<std::uint16_t>(m_position.Level() + 1);
    if (relay)
    {
        move.targets.push_back({relay->peer, level, 0, relay->endpoint});
    }
    const auto& children = m_serving->admission.Children();
    const std::size_t start = m_context.random.Below(children.size());
    for (std::size_t i = 0; i < children.size() && move.targets.size() < MOST_TARGETS; i++)
    {
        const Child& other = children[(start + i) % children.size()];
        const bool named = relay && other.peer == relay->peer;
        if (other.relay && other.endpoint && !named && other.peer != child.peer)
        {
            move.targets.push_back({other.peer, level, 0, other.endpoint});
        }
    }
    for (const auto& backup : m_backups)
    {
        if (move.targets.size() < MOST_TARGETS && backup.level == m_position.Level())
        {
            move.targets.push_back(backup);
        }
    }
    Say(child.link, move);
}

void
Channel::NoteMarks(Micros now)
{
    Serving& serving = *m_serving;
    if (serving.forwarding.IsMarked() != (serving.overloadedSince != NEVER))
    {
        serving.overloadedSince = serving.overloadedSince == NEVER ? now : NEVER;
        serving.offered = 0;
        serving.carried = 0;
        serving.announceDue = true;
    }
}

void
Channel::MeasureUpload(std::uint64_t offered, std::uint64_t carried)
{
    Serving& serving = *m_serving;
    // What a child that was just told to move takes still would be counted for the others.
    const bool still = m_context.Now() >= serving.relievedAt + MOVE_TIME;
    if (serving.overloadedSince != NEVER && still)
    {
        serving.offered += offered;
        serving.carried += carried;
    }
}

Micros
Channel::NextReliefAt() const
{
    const Serving& serving = *m_serving;
    if (!GetOptions().moveOnOverload)
    {
        return NEVER;
    }
    Micros next = NEVER;
    if (serving.overloadedSince != NEVER)
    {
        next = std::max(serving.overloadedSince + OVERLOAD, serving.relievedAt + RELIEF_SPACING);
    }
    else if (serving.admission.Limit() < serving.admission.Capacity())
    {
        next = serving.relievedAt + CALM;
    }
    return next;
}

void
Channel::SettleOverload(Micros now)
{
    if (now < NextReliefAt())
    {
        return;
    }
    Serving& serving = *m_serving;
    serving.relievedAt = now;
    if (serving.overloadedSince == NEVER)
    {
        serving.admission.SetLimit(static_cast<std::uint16_t>(serving.admission.Limit() + 1));
        serving.announceDue = true;
        return;
    }
    std::size_t children = serving.admission.Children().size();
    if (children < 2)
    {
        return;
    }
    serving.admission.SetLimit(CarriedChildren());
    while (children > serving.admission.Limit() && SendAway(now))
    {
        children--;
    }
}

std::uint16_t
Channel::CarriedChildren()
{
    Serving& serving = *m_serving;
    const std::size_t children = serving.admission.Children().size();
    const double share = static_cast<double>(std::exchange(serving.carried, 0)) /
                         static_cast<double>(std::max<std::uint64_t>(serving.offered, 1));
    serving.offered = 0;
    const auto carried = static_cast<std::size_t>(share * GetOptions().admissionHeadroom *
                                                  static_cast<double>(children));
    return static_cast<std::uint16_t>(std::clamp<std::size_t>(carried, 1, children - 1));
}

bool
Channel::SendAway(Micros now)
{
    Serving& serving = *m_serving;
    const auto& children = serving.admission.Children();
    // A leaf can go without a gap; one with children has to be let go.
    const auto cost = [&](const Child& child)
    {
        const auto queued = static_cast<std::int64_t>(serving.forwarding.QueuedBytes(child.link));
        return std::make_tuple(child.leaving, child.relay || !child.extended, child.bid, -queued);
    };
    const Child child =
        *std::min_element(children.begin(),
                          children.end(),
                          [&](const Child& a, const Child& b) { return cost(a) < cost(b); });
    if (child.leaving)
    {
        return false;
    }
    m_context.commons.ledger.overloadMoves++;
    if (child.extended && !child.relay)
    {
        serving.admission.StartLeaving(child.link, now + MOVE_TIME);
        SendMove(child, nullptr);
        return true;
    }
    serving.admission.Remove(child.link);
    Say(child.link, Kick());
    ChildGone(child, ChildEvent::Cause::KICKED);
    return true;
}

// ---- the child's side ----

void
Channel::OnMove(LinkId link, const FrameRef& frame)
{
    const auto move = Decode<Move>(frame->Data());
    if (!move || link != m_parentLink)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    const Micros now = m_context.Now();
    if (!m_context.Authenticate(link, frame) || m_attachment || ChildCount() > 0 ||
        (m_moved && now - m_attachedAt < MOVE_SPACING))
    {
        return;
    }
    // Only the tracker knows who has room beyond the parent's own children.
    const std::size_t trackers = move->reason == FOR_A_RELAY ? 0 : m_context.Trackers().size();
    m_attachment = std::make_unique<Attachment>(static_cast<std::uint8_t>(trackers));
    m_attachment->Seek(now, 0, true, GetOptions());
    m_attachment->until = now + move->withinMs * MILLISECOND;
    for (const auto& target : move->targets)
    {
        if (target.endpoint && target.peer != m_context.identity.id)
        {
            m_attachment->candidates.Merge(target, Candidate::Source::REDIRECT);
        }
    }
}

} // namespace ns3::fanout
