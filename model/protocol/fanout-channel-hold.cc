/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>
#include <utility>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t MOST_WAITING = 4;              ///< JOIN_REQs that wait for a higher anchor
constexpr Micros ANCHOR_PATIENCE = SECOND;           ///< so long
constexpr Micros ANCHOR_SPACING = 100 * MILLISECOND; ///< between two ANCHOR_REQs for one anchor
constexpr Micros HOLD_SLACK = 250 * MILLISECOND; ///< a child waits so much longer than it was told

} // namespace

Micros
Channel::HoldTime() const
{
    const Options& options = GetOptions();
    const Micros most = options.maxDataAge > 0 ? options.maxDataAge / 2 : NEVER;
    return options.extension ? std::min(options.holdTime, most) : 0;
}

// ---- the relay that lost its parent ----

void
Channel::Hold(Micros now)
{
    m_serving->holdUntil = now + HoldTime();
    TellPosition(PositionUpdate::State::HELD);
}

void
Channel::Dissolve()
{
    m_serving->holdUntil = NEVER;
    m_position.Lose(false);
    KickChildren();
}

void
Channel::SettleHold(Micros now)
{
    if (now >= m_parentHeldUntil)
    {
        Detach(now, ParentEvent::Cause::SILENT);
    }
    if (m_serving && now >= m_serving->holdUntil)
    {
        Dissolve();
    }
    SettleWaiting(now);
}

Micros
Channel::NextHoldAt() const
{
    Micros next = m_serving->holdUntil;
    if (m_serving->anchoring)
    {
        for (const auto& applicant : m_serving->anchoring->waiting)
        {
            next = std::min(next, applicant.child.since + ANCHOR_PATIENCE);
        }
    }
    return next;
}

// ---- where I am: POSITION ----

FrameRef
Channel::SealPosition(PositionUpdate::State state)
{
    PositionUpdate update;
    update.serial = ++m_serving->serial;
    update.state = state;
    if (state == PositionUpdate::State::HELD)
    {
        update.holdMs =
            static_cast<std::uint16_t>(std::min<Micros>(HoldTime() / MILLISECOND, 0xffff));
    }
    else
    {
        const PositionKey key = m_position.Tell();
        update.anchor = key.anchor;
        update.level = key.level;
        update.path = m_position.PrefixesWithSelf();
        update.backups = BackupsForChildren(GetOptions().backups);
    }
    return m_context.Seal(Key(), update);
}

void
Channel::TellPosition(PositionUpdate::State state)
{
    Serving& serving = *m_serving;
    const bool attached = state == PositionUpdate::State::ATTACHED;
    if (serving.anchoring)
    {
        serving.anchoring->children.clear();
    }
    if (ChildCount() == 0 || !GetOptions().extension || (attached && !m_position.Key()))
    {
        return;
    }
    const FrameRef frame = SealPosition(state);
    serving.toldSerial = serving.serial;
    serving.toldAt = m_context.Now();
    for (const auto& child : serving.admission.Children())
    {
        if (child.extended)
        {
            SayFrame(child.link, frame);
        }
    }
}

void
Channel::RepeatPosition(const Child& child, std::uint32_t seen)
{
    Serving& serving = *m_serving;
    if (seen >= serving.toldSerial || child.since > serving.toldAt ||
        m_context.Now() - serving.toldAt < m_context.links.RttOf(m_context.links.Find(child.link)))
    {
        return;
    }
    if (m_position.Key())
    {
        SayFrame(child.link, SealPosition(PositionUpdate::State::ATTACHED));
    }
}

void
Channel::OnPosition(LinkId link, const FrameRef& frame)
{
    const auto update = Decode<PositionUpdate>(frame->Data());
    if (!update || link != m_parentLink)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    const auto level = m_position.Level();
    const auto path = m_position.Path();
    switch (m_position.Apply(m_position.Parent(), *update, Root(), m_serving != nullptr))
    {
    case Position::Applied::IGNORED:
        return;
    case Position::Applied::DETACH:
        Say(link, fanout::Leave());
        Detach(now, ParentEvent::Cause::KICKED);
        return;
    case Position::Applied::UNCHANGED:
    case Position::Applied::CHANGED:
        break;
    }
    if (update->state == PositionUpdate::State::DISSOLVE)
    {
        Detach(now, ParentEvent::Cause::KICKED);
        return;
    }
    const bool held = update->state == PositionUpdate::State::HELD;
    m_parentHeldUntil = held ? now + update->holdMs * MILLISECOND + HOLD_SLACK : NEVER;
    if (!held)
    {
        KeepBackups(update->backups);
        Moved(level != m_position.Level(), path != m_position.Path());
    }
}

void
Channel::Moved(bool level, bool path)
{
    if (level)
    {
        ParentEvent event;
        event.oldParent = m_position.Parent();
        event.newParent = m_position.Parent();
        event.level = m_position.Level();
        event.cause = ParentEvent::Cause::LEVEL;
        m_context.Tell(event);
    }
    if (!m_serving)
    {
        return;
    }
    m_serving->announceDue = m_serving->announceDue || level;
    if (level || path)
    {
        TellPosition(PositionUpdate::State::ATTACHED);
    }
    else
    {
        AnswerAnchor();
    }
    SettleWaiting(m_context.Now());
}

// ---- a higher anchor, so that one with children can come: ANCHOR_REQ ----

bool
Channel::AwaitsAnchor(const Applicant& applicant)
{
    if (!applicant.hasChildren || !applicant.feasible || applicant.ancestor)
    {
        return false;
    }
    const auto need = m_position.AnchorFor(*applicant.feasible);
    const Neighbour* parent = m_context.links.Find(m_parentLink);
    if (!need || !parent || !parent->extended ||
        !m_serving->admission.HasRoomFor(applicant.child, true) ||
        MakeAnchoring().waiting.size() >= MOST_WAITING)
    {
        return false;
    }
    auto& waiting = m_serving->anchoring->waiting;
    const auto again =
        std::find_if(waiting.begin(),
                     waiting.end(),
                     [&](const Applicant& a) { return a.child.link == applicant.child.link; });
    if (again != waiting.end())
    {
        *again = applicant;
    }
    else
    {
        m_context.links.Hold(applicant.child.link, applicant.child.peer, true);
        waiting.push_back(applicant);
    }
    AskAnchor(*need);
    return true;
}

Anchoring&
Channel::MakeAnchoring()
{
    if (!m_serving->anchoring)
    {
        m_serving->anchoring = std::make_unique<Anchoring>();
    }
    return *m_serving->anchoring;
}

std::size_t
Channel::AnchoringBytes() const
{
    const Anchoring& anchoring = *m_serving->anchoring;
    return sizeof(Anchoring) + anchoring.children.capacity() * sizeof(LinkId) +
           anchoring.waiting.capacity() * sizeof(Applicant);
}

void
Channel::AskAnchor(std::uint32_t need)
{
    Anchoring& anchoring = MakeAnchoring();
    const Micros now = m_context.Now();
    if (need <= anchoring.asked && now - anchoring.askedAt < ANCHOR_SPACING)
    {
        return;
    }
    anchoring.asked = need;
    anchoring.askedAt = now;
    AnchorReq request;
    request.need = need;
    Say(m_parentLink, request);
}

void
Channel::OnAnchorReq(LinkId link, const FrameRef& frame)
{
    const auto request = Decode<AnchorReq>(frame->Data());
    if (!request || !m_serving || !m_serving->admission.Find(link))
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    m_serving->admission.Heard(link, now);
    const auto key = m_position.Key();
    if (!key)
    {
        return;
    }
    Anchoring& anchoring = MakeAnchoring();
    const bool enough = key->anchor >= request->need;
    if (IsRoot() && !enough)
    {
        if (now - anchoring.askedAt < ANCHOR_SPACING || !m_position.RaiseAnchor(request->need))
        {
            return;
        }
        anchoring.askedAt = now;
    }
    auto& children = anchoring.children;
    if (std::find(children.begin(), children.end(), link) == children.end())
    {
        children.push_back(link);
    }
    if (IsRoot() || enough)
    {
        AnswerAnchor();
    }
    else
    {
        AskAnchor(request->need);
    }
}

void
Channel::AnswerAnchor()
{
    if (!m_serving->anchoring || m_serving->anchoring->children.empty())
    {
        return;
    }
    const FrameRef frame = SealPosition(PositionUpdate::State::ATTACHED);
    for (const LinkId link : std::exchange(m_serving->anchoring->children, {}))
    {
        if (m_serving->admission.Find(link))
        {
            SayFrame(link, frame);
        }
    }
}

void
Channel::SettleWaiting(Micros now)
{
    if (!m_serving || !m_serving->anchoring)
    {
        return;
    }
    auto& waiting = m_serving->anchoring->waiting;
    for (std::size_t i = 0; i < waiting.size();)
    {
        const Applicant& applicant = waiting[i];
        if (m_position.IsAttached() && !m_position.MayAdmit(true, applicant.feasible) &&
            now < applicant.child.since + ANCHOR_PATIENCE)
        {
            i++;
            continue;
        }
        Applicant next = applicant;
        next.child.since = now;
        next.child.heard = now;
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
        Consider(next);
        m_context.Release(next.child.link);
    }
}

void
Channel::ForgetApplicant(LinkId link)
{
    if (!m_serving->anchoring)
    {
        return;
    }
    auto& waiting = m_serving->anchoring->waiting;
    waiting.erase(std::remove_if(waiting.begin(),
                                 waiting.end(),
                                 [link](const Applicant& a) { return a.child.link == link; }),
                  waiting.end());
    auto& children = m_serving->anchoring->children;
    children.erase(std::remove(children.begin(), children.end(), link), children.end());
}

// ---- parents known beforehand ----

std::vector<Backup>
Channel::BackupsForChildren(std::size_t most)
{
    std::vector<Backup> backups;
    if (most == 0)
    {
        return backups;
    }
    const std::uint16_t level = m_position.Level();
    if (m_position.Parent() && m_parentEndpoint)
    {
        backups.push_back(
            {m_position.Parent(), static_cast<std::uint16_t>(level - 1), 0, m_parentEndpoint});
    }
    // Half of what is left are the children's uncles, the others their siblings, who are uncles to
    // their children.
    for (const auto& backup : m_backups)
    {
        if (backup.level == level && backups.size() + 1 < most)
        {
            backups.push_back(backup);
        }
    }
    const auto& children = m_serving->admission.Children();
    const std::size_t start = children.empty() ? 0 : m_context.random.Below(children.size());
    for (std::size_t i = 0; i < children.size() && backups.size() < most; i++)
    {
        const Child& child = children[(start + i) % children.size()];
        if (child.relay && child.extended && child.endpoint)
        {
            backups.push_back(
                {child.peer, static_cast<std::uint16_t>(level + 1), 0, child.endpoint});
        }
    }
    return backups;
}

void
Channel::KeepBackups(const std::vector<Backup>& backups)
{
    const std::size_t limit =
        m_serving ? GetOptions().backups : std::min(GetOptions().backups, LEAF_BACKUPS);
    const std::size_t most = std::min(backups.size(), limit);
    std::vector<Backup> kept;
    kept.reserve(most);
    for (const auto& backup : backups)
    {
        const bool own = backup.peer == m_context.identity.id ||
                         backup.peer == m_position.Parent() || !backup.endpoint;
        if (!own && kept.size() < most)
        {
            kept.push_back(backup);
        }
    }
    m_backups = std::move(kept);
    SuggestToMesh();
}

void
Channel::OfferBackups()
{
    const std::size_t n = m_backups.size();
    const std::size_t start = n == 0 ? 0 : m_context.identity.id.Prefix() % n;
    // One with children can go only to a smaller level than its own: these first.
    for (const bool nearer : {true, false})
    {
        for (std::size_t i = 0; i < n; i++)
        {
            const Backup& backup = m_backups[(start + i) % n];
            if ((backup.level < m_position.Feasible().level) == nearer)
            {
                m_attachment->candidates.Merge(backup, Candidate::Source::BACKUP);
            }
        }
    }
}

} // namespace ns3::fanout
