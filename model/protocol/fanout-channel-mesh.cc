/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr double COVERED = 100;    ///< one that said that it has it, to one that said nothing
constexpr double UNCOVERED = 0.01; ///< one that said what it has, and that is something else

} // namespace

void
Channel::StartMesh()
{
    if (!GetOptions().HasMesh() || IsRoot())
    {
        return;
    }
    m_meshing = std::make_unique<Meshing>(
        Meshing{Mesh(GetOptions().meshPeers, GetOptions().meshInterval), nullptr});
    if (!m_serving)
    {
        const double rate = GetOptions().LendingRate(m_context.environment.OverheadBytes());
        m_meshing->lending = std::make_unique<Lending>(
            Lending{RepairCache(m_context.commons.runs, GetOptions().repairWindow),
                    TokenBucket(rate, rate),
                    {}});
    }
}

void
Channel::StopMesh()
{
    if (m_meshing)
    {
        for (const auto& member : m_meshing->mesh.Members())
        {
            m_context.Release(member.link);
        }
        m_meshing.reset();
    }
}

bool
Channel::IsInTree(const PeerId& peer) const
{
    return peer == m_context.identity.id || peer == Root() ||
           (m_parentLink != NO_LINK && peer == m_position.Parent()) ||
           (m_serving && m_serving->admission.Has(peer));
}

void
Channel::SettleMesh(Micros now)
{
    if (!m_meshing)
    {
        return;
    }
    Mesh& mesh = m_meshing->mesh;
    const auto unfit = [this](const Mesh::Member& member)
    { return member.link == m_parentLink || IsInTree(member.peer); };
    for (const LinkId link : mesh.Prune(now, unfit))
    {
        m_context.Release(link);
    }
    if (m_parentLink != NO_LINK && mesh.NextFillAt() <= now)
    {
        FillMesh(now);
    }
    if (!mesh.IsDue(now))
    {
        return;
    }
    mesh.Announced(now);
    if (const FrameRef have = SealIHave())
    {
        for (const auto& member : mesh.Members())
        {
            SayFrame(member.link, have);
        }
    }
}

void
Channel::FillMesh(Micros now)
{
    Mesh& mesh = m_meshing->mesh;
    const auto candidate =
        mesh.NextCandidate(now,
                           m_context.random,
                           [this](const PeerId& peer) { return IsInTree(peer); });
    if (!candidate)
    {
        return;
    }
    const DialResult dialled = m_context.DialAndHold(candidate->endpoint, candidate->peer);
    if (dialled.state == DialState::REFUSED)
    {
        return;
    }
    const Neighbour* neighbour = m_context.links.Find(dialled.link);
    if (!neighbour || neighbour->peer != candidate->peer ||
        !mesh.Add(candidate->peer, dialled.link, now))
    {
        m_context.Release(dialled.link);
    }
}

Micros
Channel::NextMeshAt() const
{
    if (!m_meshing)
    {
        return NEVER;
    }
    const Micros fill = m_parentLink != NO_LINK ? m_meshing->mesh.NextFillAt() : NEVER;
    return std::min(fill, m_meshing->mesh.NextAnnounceAt());
}

void
Channel::SuggestToMesh()
{
    if (!m_meshing)
    {
        return;
    }
    for (const auto& backup : m_backups)
    {
        m_meshing->mesh.Suggest(backup.peer, backup.endpoint);
    }
    if (!m_attachment)
    {
        return;
    }
    for (const auto& candidate : m_attachment->candidates.List())
    {
        if (candidate.endpoint && candidate.peer != m_context.identity.id)
        {
            m_meshing->mesh.Suggest(candidate.peer, candidate.endpoint);
        }
    }
}

Mesh::Member*
Channel::MeshMember(LinkId link)
{
    return m_meshing ? m_meshing->mesh.Find(link) : nullptr;
}

void
Channel::OnMeshHas(LinkId link, const PeerId& peer, const IHave& message)
{
    Mesh& mesh = m_meshing->mesh;
    const Micros now = m_context.Now();
    // It is taken in when it has shown that it is where it says: it will be told things for long.
    if (!mesh.Find(link) && mesh.HasRoom() && MeetStranger(link) && mesh.Add(peer, link, now))
    {
        m_context.links.Hold(link, peer, true);
    }
    Mesh::Member* member = mesh.Find(link);
    if (!member || member->peer != peer)
    {
        return;
    }
    Mesh::Said(*member,
               message.have,
               message.extension ? message.extension->watermark.value_or(0) : 0,
               now);
    HurryToMesh(now);
}

void
Channel::HurryToMesh(Micros now)
{
    if (m_meshing && (!m_fetching || m_fetching->IsUsable(now)))
    {
        m_repair.Hurry(now, [&](std::uint32_t seq) { return m_meshing->mesh.AnyCovers(seq, now); });
    }
}

double
Channel::WorthOf(const Fetching::Source& source, const std::vector<std::uint32_t>& seqs, Micros now)
{
    const Mesh::Member* member = m_meshing ? m_meshing->mesh.Find(source.peer) : nullptr;
    if (!member || !Mesh::IsFresh(*member, now))
    {
        return 1;
    }
    const bool any =
        std::any_of(seqs.begin(),
                    seqs.end(),
                    [&](std::uint32_t seq) { return Mesh::Covers(*member, seq, now); });
    return any ? COVERED : UNCOVERED;
}

bool
Channel::SaidToHave(const Fetching::Source& source, std::uint32_t seq, Micros now)
{
    const Mesh::Member* member = m_meshing ? m_meshing->mesh.Find(source.peer) : nullptr;
    return member && Mesh::Covers(*member, seq, now);
}

Lending*
Channel::Lends()
{
    return m_serving ? &m_serving->lending : m_meshing ? m_meshing->lending.get() : nullptr;
}

bool
Channel::Lend(Micros now, LinkId link, const FrameRef& original)
{
    const auto bytes = static_cast<double>(original->Wire().size());
    TokenBucket& bucket = Lends()->fetches;
    if (m_serving)
    {
        return bucket.Take(now, bytes) &&
               m_serving->forwarding.Push(now, link, original, Lane::REPAIR);
    }
    const double cost = bytes + m_context.environment.OverheadBytes();
    if (!bucket.Take(now, cost))
    {
        return false;
    }
    if (m_context.Send(link, original) != SendResult::ACCEPTED)
    {
        bucket.Return(cost);
        return false;
    }
    m_context.commons.ledger.dataPayloadBytesSent += original->Payload().size();
    m_context.commons.ledger.queueWait.Add(0);
    return true;
}

} // namespace ns3::fanout
