/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr Micros PROOF_SPACING = 100 * MILLISECOND; ///< between two asks for a message far ahead

} // namespace

void
Channel::SettleRepair(Micros now)
{
    SettleFetch(now);
    if (m_repair.GetN() == 0 || IsStranded())
    {
        return;
    }
    TrimMissing(now);
    const auto seqs = m_repair.Due(now, AskAgainAfter(), GetOptions(), m_liveness.LastHeard());
    if (seqs.empty())
    {
        return;
    }
    RepairReq request;
    request.reqId = m_nextReqId++;
    request.seqs = seqs;
    Say(m_parentLink, request);
    RepairEvent event;
    event.step = RepairEvent::Step::ASKED;
    event.from = seqs.front();
    event.to = seqs.back() + 1;
    event.peer = m_position.Parent();
    m_context.Tell(event);
}

Micros
Channel::AskAgainAfter() const
{
    if (GetOptions().repairRetry > 0)
    {
        return GetOptions().repairRetry;
    }
    const Neighbour* parent = m_context.links.Find(m_parentLink);
    return parent ? parent->Rto() : SECOND;
}

FrameRef
Channel::SealIHave()
{
    const Lending* lending = Lends();
    if (!lending)
    {
        return FrameRef();
    }
    IHave have;
    have.have = lending->cache.Have();
    if (have.have.to == 0)
    {
        return FrameRef();
    }
    if (GetOptions().extension)
    {
        have.extension.emplace().watermark = IsRoot() ? m_nextSeq : m_window.Base();
    }
    return m_context.Seal(Key(), have);
}

void
Channel::OnRepairReq(LinkId link, const FrameRef& frame)
{
    const Child* child = m_serving ? m_serving->admission.Find(link) : nullptr;
    const auto request = Decode<RepairReq>(frame->Data());
    if (!child || !request)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        DisownStranger(link, frame);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    m_serving->admission.Heard(link, now);
    Ledger& ledger = m_context.commons.ledger;
    const Micros rtt = m_context.links.RttOf(m_context.links.Find(link));
    bool lacking = false;
    for (const std::uint32_t seq : request->seqs)
    {
        const FrameRef original = m_serving->lending.cache.Get(seq);
        if (!original)
        {
            ledger.cacheMissesServed++;
            lacking = true;
            continue;
        }
        if (m_serving->lending.cache.IsRecent(seq, link, child->since, now, rtt))
        {
            ledger.recentSkipped++;
            continue;
        }
        if (!m_serving->forwarding.Push(now, link, original, Lane::REPAIR))
        {
            ledger.repairRefused++;
            continue;
        }
        ledger.cacheHitsServed++;
        m_serving->lending.cache.NoteServed(seq, link, now);
    }
    RepairEvent event;
    event.step = RepairEvent::Step::SERVED;
    event.from = request->seqs.empty() ? 0 : request->seqs.front();
    event.to = request->seqs.empty() ? 0 : request->seqs.back() + 1;
    event.peer = child->peer;
    m_context.Tell(event);
    Drain(now);
    if (lacking)
    {
        if (const FrameRef have = SealIHave())
        {
            SayFrame(link, have);
        }
    }
}

void
Channel::OnIHave(LinkId link, const FrameRef& frame)
{
    const auto message = Decode<IHave>(frame->Data());
    const bool asked = m_fetching && m_fetching->Find(link);
    const bool told = m_meshing && !IsInTree(frame->Signer());
    if (message && link != m_parentLink && (asked || told) && m_context.Authenticate(link, frame))
    {
        if (told)
        {
            OnMeshHas(link, frame->Signer(), *message);
        }
        if (asked)
        {
            OnNeighbourHas(link, *message);
        }
        return;
    }
    if (!message || link != m_parentLink)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    const SeqRange have = message->have;
    const std::uint32_t limit = m_window.Started() ? SureNext() : 0;
    const bool far = have.to > limit && have.to - limit > GetOptions().repairWindow;
    if (have.to < have.from)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::OUT_OF_RANGE);
        return;
    }
    if (!m_context.Authenticate(link, frame))
    {
        return;
    }
    const Micros now = m_context.Now();
    if (far && m_window.Started() && limit > 0)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::OUT_OF_RANGE);
        AskForProof(now, have.to - 1);
        return;
    }
    const Neighbour* parent = m_context.links.Find(link);
    const std::uint32_t contiguous =
        message->extension ? message->extension->watermark.value_or(0) : 0;
    m_repair.ParentHas(have, contiguous, now, AskAgainAfter(), m_context.links.RttOf(parent));
    HurryToMesh(now);
    if (have.to > have.from)
    {
        StartWindow(have, now);
    }
}

void
Channel::AskForProof(Micros now, std::uint32_t seq)
{
    if (!GetOptions().repair || now - m_proofAskedAt < PROOF_SPACING)
    {
        return;
    }
    m_proofAskedAt = now;
    RepairReq request;
    request.reqId = m_nextReqId++;
    request.seqs = {seq};
    Say(m_parentLink, request);
}

void
Channel::OnEnd(LinkId link, const FrameRef& frame)
{
    const auto end = Decode<fanout::End>(frame->Data());
    // It may overtake the accept that makes its sender the parent, and nobody says it again.
    const bool joining = m_attachment && m_attachment->HasAsk(link) && frame->Signer() == Root();
    if (!end || (link != m_parentLink && !joining))
    {
        m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
        return;
    }
    const std::uint32_t count = end->lastSeqExclusive;
    if (frame->Signer() != Root())
    {
        // An old parent signs its relayed END itself: a hint that at most a window is missing.
        if (m_context.Authenticate(link, frame) && m_window.Started() && count > m_window.Next() &&
            count - SureNext() <= GetOptions().repairWindow)
        {
            Expect(count, m_context.Now());
        }
        return;
    }
    if (m_ended && count <= m_end)
    {
        return;
    }
    if (!m_context.VerifySigner(frame, Root(), true))
    {
        m_context.commons.ledger.badSignatures++;
        m_context.Refuse(link, frame, DropEvent::Reason::BAD_SIGNATURE);
        return;
    }
    m_ended = true;
    m_end = count;
    m_endFrame = frame;
    if (count > 0)
    {
        StartWindow({0, count}, m_context.Now());
    }
    if (m_serving)
    {
        for (const auto& child : m_serving->admission.Children())
        {
            SayFrame(child.link, m_endFrame);
        }
    }
}

} // namespace ns3::fanout
