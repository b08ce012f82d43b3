/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-position.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

/// @param prefix first eight bytes @return an id that has these and zeros behind
PeerId
IdOfPrefix(std::uint64_t prefix)
{
    PeerId id;
    for (std::size_t i = 0; i < 8; i++)
    {
        id.digest[i] = static_cast<std::uint8_t>(prefix >> (56 - 8 * i));
    }
    return id;
}

} // namespace

Position::Position(const PeerId* self)
    : m_self(self)
{
}

void
Position::BecomeRoot()
{
    m_state = State::ROOT;
    m_parent = PeerId();
    m_path.clear();
    m_key = {0, 0};
    m_anchored = true;
    m_routeKnown = true;
    m_serial.reset();
}

std::vector<PeerId>
Position::PathWithSelf() const
{
    std::vector<PeerId> route;
    if (IsAttached())
    {
        route.reserve(m_path.size() + 1);
        route = m_path;
        route.push_back(*m_self);
    }
    return route;
}

std::vector<std::uint64_t>
Position::PrefixesWithSelf() const
{
    std::vector<std::uint64_t> prefixes;
    if (IsAttached())
    {
        prefixes.reserve(m_path.size() + 1);
        for (const PeerId& hop : m_path)
        {
            prefixes.push_back(hop.Prefix());
        }
        prefixes.push_back(m_self->Prefix());
    }
    return prefixes;
}

std::optional<PositionKey>
Position::Key() const
{
    return IsAttached() && m_anchored ? std::optional(m_key) : std::nullopt;
}

Position::Refusal
Position::MayAdopt(const ParentOffer& offer,
                   const PeerId& root,
                   bool hasChildren,
                   bool offererIsMyChild) const
{
    const auto& path = offer.path;
    if (offererIsMyChild)
    {
        return Refusal::OWN_CHILD;
    }
    if (offer.peer == *m_self || std::find(path.begin(), path.end(), *m_self) != path.end())
    {
        return Refusal::SELF_IN_PATH;
    }
    if (offer.level >= MAX_LEVEL || path.size() > MAX_LEVEL)
    {
        return Refusal::TOO_DEEP;
    }
    const bool leadsThere = !path.empty() && path.front() == root && path.back() == offer.peer;
    if (offer.peer == root ? offer.level != 0 : !leadsThere || offer.level == 0)
    {
        return Refusal::BAD_ROUTE;
    }
    if (offer.key && offer.key->level != offer.level)
    {
        return Refusal::BAD_ROUTE;
    }
    const bool feasible = !hasChildren || (offer.key && m_feasible < *offer.key);
    return m_state == State::ROOT || !feasible ? Refusal::NOT_FEASIBLE : Refusal::NONE;
}

bool
Position::MayAdmit(bool hasChildren, const std::optional<PositionKey>& feasible) const
{
    if (!IsAttached() || m_key.level >= MAX_LEVEL)
    {
        return false;
    }
    return !hasChildren || (m_anchored && feasible && *feasible < m_key);
}

std::optional<std::uint32_t>
Position::AnchorFor(const PositionKey& feasible) const
{
    const bool canRise = m_state == State::ATTACHED && m_anchored && m_key.level < MAX_LEVEL;
    if (!canRise || feasible < m_key || feasible.anchor < m_key.anchor)
    {
        return std::nullopt;
    }
    return feasible.anchor + 1;
}

void
Position::Adopt(const ParentOffer& offer, bool hasChildren, bool keepPath)
{
    m_state = State::ATTACHED;
    m_parent = offer.peer;
    m_path = std::vector<PeerId>();
    if (keepPath)
    {
        m_path = offer.level == 0 ? std::vector<PeerId>{offer.peer} : offer.path;
        m_path.shrink_to_fit();
    }
    m_routeKnown = true;
    m_serial = offer.serial;
    m_anchored = offer.key.has_value();
    m_key = {m_anchored ? offer.key->anchor : 0, static_cast<std::uint16_t>(offer.level + 1)};
    if (!hasChildren)
    {
        m_feasible = m_anchored ? m_key : PositionKey();
    }
}

void
Position::Lose(bool hold)
{
    if (m_state == State::ROOT)
    {
        return;
    }
    m_state = hold ? State::HELD : State::SEEKING;
    m_parent = PeerId();
    m_path = std::vector<PeerId>();
    m_routeKnown = true;
    m_key.level = UNATTACHED_LEVEL;
    m_anchored = false;
    m_serial.reset();
}

PositionKey
Position::Tell()
{
    if (!IsAttached() || !m_anchored)
    {
        return PositionKey();
    }
    if (m_feasible < m_key)
    {
        m_feasible = m_key;
    }
    return m_key;
}

bool
Position::RaiseAnchor(std::uint32_t need)
{
    if (m_state != State::ROOT || need == 0 || need - 1 != m_key.anchor)
    {
        return false;
    }
    m_key.anchor = need;
    return true;
}

Position::Applied
Position::Apply(const PeerId& from, const PositionUpdate& update, const PeerId& root, bool keepPath)
{
    if (m_state != State::ATTACHED || from != m_parent || (m_serial && update.serial <= *m_serial))
    {
        return Applied::IGNORED;
    }
    if (update.state != PositionUpdate::State::ATTACHED)
    {
        m_serial = update.serial;
        return Applied::UNCHANGED;
    }
    if (m_anchored && update.anchor < m_key.anchor)
    {
        return Applied::IGNORED;
    }
    m_serial = update.serial;
    const PositionKey above{update.anchor, update.level};
    const auto& path = update.path;
    if (update.level >= MAX_LEVEL || path.empty() || path.size() > MAX_LEVEL ||
        path.front() != root.Prefix() || path.back() != m_parent.Prefix() ||
        !(m_feasible < above) ||
        std::find(path.begin(), path.end(), m_self->Prefix()) != path.end())
    {
        return Applied::DETACH;
    }
    const PositionKey key{update.anchor, static_cast<std::uint16_t>(update.level + 1)};
    const bool moved = !m_anchored || !(key == m_key);
    m_key = key;
    m_anchored = true;
    const bool rerouted = keepPath && SetPath(path);
    return rerouted || moved ? Applied::CHANGED : Applied::UNCHANGED;
}

bool
Position::SetPath(const std::vector<std::uint64_t>& prefixes)
{
    const auto isHop = [](const PeerId& hop, std::uint64_t prefix)
    { return hop.Prefix() == prefix; };
    if (std::equal(m_path.begin(), m_path.end(), prefixes.begin(), prefixes.end(), isHop))
    {
        return false;
    }
    std::vector<PeerId> path;
    path.reserve(prefixes.size());
    m_routeKnown = true;
    for (const std::uint64_t prefix : prefixes)
    {
        const auto known = std::find_if(m_path.begin(),
                                        m_path.end(),
                                        [&](const PeerId& hop) { return isHop(hop, prefix); });
        path.push_back(known != m_path.end() ? *known : IdOfPrefix(prefix));
        m_routeKnown = m_routeKnown && !(path.back() == IdOfPrefix(prefix));
    }
    m_path = std::move(path);
    return true;
}

} // namespace ns3::fanout
