/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-channel.h"

#include <algorithm>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

constexpr Micros STRAY_ANSWER_SPACING = 50 * MILLISECOND; ///< answers to the misled
constexpr std::uint32_t LOSS_SAMPLES = 64; ///< a long gap is one outage, not so much loss
constexpr Micros END_OF_FLOW = SECOND;     ///< without a push the flow has stopped

} // namespace

std::uint32_t
Channel::Publish(ByteView payload)
{
    if (!m_open || !IsRoot())
    {
        throw std::logic_error("only the root of an open channel can publish");
    }
    if (m_ended)
    {
        throw std::logic_error("the channel has ended: nothing can be published after End()");
    }
    if (payload.size() > GetOptions().maxMessageBytes)
    {
        throw std::invalid_argument("payload of " + std::to_string(payload.size()) +
                                    " bytes is too large: at most " +
                                    std::to_string(GetOptions().maxMessageBytes) + " are allowed");
    }
    const Micros now = m_context.Now();
    const std::uint32_t seq = m_nextSeq++;
    const FrameRef frame = m_context.SealData(Key(), seq, payload);
    m_context.commons.ledger.published++;
    PublishEvent event;
    event.seq = seq;
    event.size = static_cast<std::uint32_t>(payload.size());
    m_context.Tell(event);
    if (m_serving)
    {
        if (seq > 0)
        {
            const auto gap = static_cast<float>(now - m_serving->pushedAt);
            m_publishInterval =
                m_publishInterval > 0
                    ? m_publishInterval +
                          (std::min(gap, 8 * m_publishInterval) - m_publishInterval) / 8
                    : gap;
        }
        m_serving->lending.cache.Put(seq, frame, now, false);
        Forward(now, seq, frame);
    }
    return seq;
}

void
Channel::PublishEnd()
{
    if (!m_open || !IsRoot())
    {
        throw std::logic_error("only the root of an open channel can end it");
    }
    if (m_ended)
    {
        return;
    }
    m_ended = true;
    m_end = m_nextSeq;
    fanout::End end;
    end.lastSeqExclusive = m_end;
    m_endFrame = m_context.Seal(Key(), end);
    if (m_serving)
    {
        for (const auto& child : m_serving->admission.Children())
        {
            SayFrame(child.link, m_endFrame);
        }
    }
}

void
Channel::ReceiveData(LinkId link, const FrameRef& frame)
{
    Ledger& ledger = m_context.commons.ledger;
    const Micros now = m_context.Now();
    const std::uint32_t seq = frame->Seq();
    const bool fetched = link != m_parentLink && WasFetched(link, seq);
    if (link != m_parentLink && !fetched)
    {
        ReceiveStray(link, frame);
        return;
    }
    const std::size_t size = frame->Payload().size();
    if (size > GetOptions().maxMessageBytes)
    {
        m_context.Refuse(link, frame, DropEvent::Reason::OVERSIZE);
        return;
    }
    const auto verdict = m_window.Test(seq);
    if (m_window.Started() &&
        (verdict == Window::Verdict::DUPLICATE || verdict == Window::Verdict::TOO_OLD))
    {
        if (!fetched)
        {
            m_liveness.Heard(now);
            NoteGiven(seq);
        }
        m_context.counters.duplicates++;
        ledger.duplicates++;
        DuplicateEvent event;
        event.seq = seq;
        event.size = static_cast<std::uint32_t>(size);
        m_context.Tell(event);
        return;
    }
    if (!m_context.VerifySigner(frame, Root(), GetOptions().shareVerdicts))
    {
        ledger.badSignatures++;
        m_context.Refuse(link, frame, DropEvent::Reason::BAD_SIGNATURE);
        return;
    }
    if (!m_window.Started())
    {
        const std::uint32_t backfill = GetOptions().repair ? GetOptions().repairMaxBackfill : 0;
        m_window.StartAt(seq > backfill ? seq - backfill : 0);
    }
    Accept(now, seq, frame, fetched);
}

void
Channel::ReceiveStray(LinkId link, const FrameRef& frame)
{
    m_context.commons.ledger.strayData++;
    m_context.Refuse(link, frame, DropEvent::Reason::NOT_ALLOWED);
    // A frame that was on its way before we asked its sender again is no reason to leave it, and
    // an answer that somebody else was quicker with none either.
    const bool asked = m_attachment && m_attachment->HasAsk(link);
    const bool source =
        m_fetching && m_fetching->Find(link) && m_window.Test(frame->Seq()) != Window::Verdict::NEW;
    if (!IsRoot() && !asked && !source)
    {
        AnswerStray(m_context.Now(), link, m_context.Seal(Key(), fanout::Leave()));
    }
}

void
Channel::AnswerStray(Micros now, LinkId link, const FrameRef& answer)
{
    if (now - m_strayAnsweredAt >= STRAY_ANSWER_SPACING)
    {
        m_strayAnsweredAt = now;
        SayFrame(link, answer);
    }
}

void
Channel::Accept(Micros now, std::uint32_t seq, const FrameRef& frame, bool fetched)
{
    Ledger& ledger = m_context.commons.ledger;
    bool repaired = false;
    if (!fetched)
    {
        NoteGiven(seq);
    }
    if (seq >= m_window.Next())
    {
        Expect(seq, now);
        if (!fetched)
        {
            m_liveness.Data(now);
            m_liveness.NoteLoss(false);
        }
    }
    else
    {
        repaired = NoteFilled(now, seq, fetched);
    }
    const std::uint32_t known = m_window.Next();
    const std::uint32_t base = m_window.Base();
    ledger.givenUp += m_window.Mark(seq);
    if (m_window.Base() != base)
    {
        m_repair.ForgetBelow(m_window.Base());
    }
    if (known < seq && m_window.Base() < seq)
    {
        NoteGap(std::max(known, m_window.Base()), seq, now);
    }
    if (m_ended && m_window.Next() < m_end)
    {
        Expect(m_end, now);
    }
    m_context.counters.delivered++;
    ledger.delivered++;
    if (m_context.Wants<DeliverEvent>())
    {
        TellDelivered(now,
                      frame,
                      fetched    ? DeliveryPath::FETCH
                      : repaired ? DeliveryPath::REPAIR
                                 : DeliveryPath::TREE);
    }
    if (m_meshing)
    {
        m_meshing->mesh.Has(seq);
    }
    if (m_serving)
    {
        m_serving->leastLag = std::min(m_serving->leastLag, LagOf(now, frame));
        m_serving->lending.cache.Put(seq, frame, now, repaired || fetched);
        Forward(now, seq, frame);
    }
    else if (m_meshing)
    {
        m_meshing->lending->cache.Put(seq, frame, now, repaired || fetched);
    }
}

bool
Channel::NoteFilled(Micros now, std::uint32_t seq, bool fetched)
{
    const auto filled = m_repair.Fill(seq, now);
    if (!filled)
    {
        return false;
    }
    Neighbour* parent = m_context.links.Find(m_parentLink);
    const bool tooSoon =
        filled->roundTrip > 0 && filled->roundTrip < m_context.links.RttOf(parent) / 2;
    const bool repaired = filled->asked && !tooSoon;
    if (!repaired)
    {
        m_repair.NoteLate(filled->elapsed);
    }
    if (filled->roundTrip > 0 && parent)
    {
        m_context.links.Sample(*parent, filled->roundTrip);
    }
    if (!fetched)
    {
        m_liveness.Heard(now);
    }
    m_context.commons.ledger.repairFilled++;
    m_context.commons.ledger.fetchFilled += fetched;
    RepairEvent repair;
    repair.step = RepairEvent::Step::FILLED;
    repair.from = seq;
    repair.to = seq + 1;
    repair.elapsed = filled->elapsed;
    m_context.Tell(repair);
    return repaired;
}

void
Channel::TellDelivered(Micros now, const FrameRef& frame, DeliveryPath path)
{
    DeliverEvent event;
    event.seq = frame->Seq();
    event.size = static_cast<std::uint32_t>(frame->Payload().size());
    event.latency = LagOf(now, frame);
    event.level = m_position.Level();
    event.path = path;
    event.frame = frame;
    m_context.Tell(std::move(event));
}

void
Channel::Expect(std::uint32_t toExclusive, Micros now)
{
    if (m_window.Started() && toExclusive > m_window.Next() &&
        toExclusive - m_window.Base() > GetOptions().repairWindow)
    {
        // A word alone gives up nothing that another word alone made expected.
        m_context.commons.ledger.givenUp +=
            m_window.GiveUpBelow(std::min(toExclusive - GetOptions().repairWindow, SureNext()));
        m_repair.ForgetBelow(m_window.Base());
    }
    const std::uint32_t from = m_window.Next();
    if (m_window.Expect(toExclusive) > 0)
    {
        NoteGap(from, m_window.Next(), now);
    }
}

void
Channel::NoteGap(std::uint32_t from, std::uint32_t to, Micros now)
{
    m_context.commons.ledger.gaps += to - from;
    const std::uint32_t samples = std::min<std::uint32_t>(to - from, LOSS_SAMPLES);
    for (std::uint32_t i = 0; i < samples; i++)
    {
        m_liveness.NoteLoss(true);
    }
    RepairEvent event;
    event.step = RepairEvent::Step::GAP;
    event.from = from;
    event.to = to;
    m_context.Tell(event);
    if (GetOptions().repair)
    {
        m_repair.Note(std::max(from, m_window.Base()), to, now, m_repair.ReorderWait());
    }
    TrimMissing(now);
}

std::uint32_t
Channel::SureNext() const
{
    return m_ended ? std::max(m_window.Top(), m_end) : m_window.Top();
}

void
Channel::Doubt()
{
    m_window.Retract(m_ended ? m_end : 0);
    m_repair.ForgetFrom(m_window.Next());
}

void
Channel::TrimMissing(Micros now)
{
    std::uint32_t gone = 0;
    if (m_window.Next() > GetOptions().repairMaxBackfill)
    {
        gone += m_window.GiveUpBelow(m_window.Next() - GetOptions().repairMaxBackfill);
    }
    if (!GetOptions().repair)
    {
        gone += m_window.GiveUpBelow(m_window.Next());
    }
    const auto exhausted = m_repair.Exhausted(GetOptions().repairTries, now);
    const std::uint32_t sure = exhausted.empty() ? 0 : SureNext();
    for (const std::uint32_t seq : exhausted)
    {
        gone += seq < sure ? m_window.GiveUp(seq) : 0;
    }
    if (!exhausted.empty() && exhausted.back() >= sure)
    {
        Doubt(); // a window moved past what is yet to come would be deaf to it
    }
    m_repair.ForgetBelow(m_window.Base());
    if (gone > 0)
    {
        m_context.commons.ledger.givenUp += gone;
        RepairEvent event;
        event.step = RepairEvent::Step::GIVEN_UP;
        event.from = m_window.Base() - std::min(gone, m_window.Base());
        event.to = m_window.Base();
        m_context.Tell(event);
    }
}

void
Channel::TellPassed(const Child& child, const FrameRef& frame)
{
    if (m_context.Wants<FrameEvent>())
    {
        m_context.TellFrame(frame, true, m_context.links.Find(child.link));
    }
    if (child.bid == 0)
    {
        return;
    }
    const std::size_t size = frame->Payload().size();
    Earn(size * child.bid);
    EarningsEvent event;
    event.peer = child.peer;
    event.bytes = static_cast<std::uint32_t>(size);
    event.bid = child.bid;
    event.total = m_context.counters.earnings;
    m_context.Tell(event);
}

void
Channel::Earn(std::uint64_t amount)
{
    m_context.counters.earnings += amount;
    m_context.commons.ledger.earnings += amount;
}

Micros
Channel::LagOf(Micros now, const FrameRef& frame) const
{
    const auto sent = static_cast<Micros>(frame->Fields().timestamp - m_context.commons.epochMs);
    return now - sent * MILLISECOND;
}

void
Channel::Forward(Micros now, std::uint32_t seq, const FrameRef& frame)
{
    Serving& serving = *m_serving;
    const auto& targets = serving.admission.Targets();
    if (targets.empty())
    {
        return;
    }
    if (GetOptions().maxDataAge > 0 && !IsRoot() &&
        LagOf(now, frame) - serving.leastLag > GetOptions().maxDataAge)
    {
        m_context.commons.ledger.staleForwardsDropped += targets.size();
        return;
    }
    if (serving.flowingSince == NEVER || now - serving.pushedAt > END_OF_FLOW)
    {
        serving.flowingSince = now;
    }
    serving.pushedAt = now;
    serving.beats = 0;
    const auto wants = static_cast<std::uint32_t>(
        std::count_if(targets.begin(),
                      targets.end(),
                      [seq](const Admission::Target& target) { return target.Wants(seq); }));
    if (serving.forwarding.PassAll(now, static_cast<std::uint32_t>(frame->Wire().size()), wants))
    {
        PassOn(now, seq, frame);
    }
    else
    {
        Enqueue(now, seq, frame);
        Drain(now);
    }
}

void
Channel::PassOn(Micros now, std::uint32_t seq, const FrameRef& frame)
{
    Serving& serving = *m_serving;
    Ledger& ledger = m_context.commons.ledger;
    const auto& targets = serving.admission.Targets();
    const bool each = m_context.Wants<EarningsEvent>() || m_context.Wants<FrameEvent>();
    std::uint64_t bids = serving.admission.TotalBid();
    const auto passOver = [&](std::size_t index)
    { bids -= bids > 0 ? serving.admission.Children()[index].bid : 0; };
    std::uint32_t accepted = 0;
    std::size_t at = seq % targets.size();
    for (std::size_t i = 0; i < targets.size(); i++, at = at + 1 < targets.size() ? at + 1 : 0)
    {
        const Admission::Target& target = targets[at];
        if (!target.Wants(seq))
        {
            passOver(at);
            continue;
        }
        const SendResult result = m_context.environment.Send(target.link, frame);
        switch (result)
        {
        case SendResult::ACCEPTED:
            accepted++;
            if (each)
            {
                TellPassed(serving.admission.Children()[at], frame);
            }
            continue;
        case SendResult::FULL:
        case SendResult::BUSY:
            serving.forwarding.PutBack(now, Departure{target.link, frame, Lane::LIVE, 0}, result);
            break;
        case SendResult::GONE:
            ledger.dataWriteDrops++;
            serving.forwarding.Refund(static_cast<std::uint32_t>(frame->Wire().size()), Lane::LIVE);
            break;
        }
        passOver(at);
    }
    if (!each)
    {
        Earn(frame->Payload().size() * bids);
    }
    m_context.CountSent(frame, accepted);
    ledger.dataPayloadBytesSent += accepted * frame->Payload().size();
    ledger.queueWait.Add(0, accepted);
}

void
Channel::Enqueue(Micros now, std::uint32_t seq, const FrameRef& frame)
{
    const auto& targets = m_serving->admission.Targets();
    std::size_t pushed = 0;
    for (std::size_t i = 0; i < targets.size(); i++)
    {
        const Admission::Target& target = targets[(seq + i) % targets.size()];
        if (target.Wants(seq))
        {
            m_serving->forwarding.Push(now, target.link, frame, Lane::LIVE);
            pushed++;
        }
    }
    MeasureUpload(pushed * frame->Wire().size(), 0);
}

void
Channel::Drain(Micros now)
{
    Serving& serving = *m_serving;
    Departure departure;
    while (serving.forwarding.Pop(now, departure))
    {
        const SendResult result = m_context.Send(departure.link, departure.frame);
        const auto envelope = static_cast<std::uint32_t>(departure.frame->Wire().size());
        if (result == SendResult::FULL || result == SendResult::BUSY)
        {
            serving.forwarding.PutBack(now, std::move(departure), result);
        }
        else if (result == SendResult::GONE)
        {
            m_context.commons.ledger.dataWriteDrops++;
            serving.forwarding.Refund(envelope, departure.lane);
        }
        else
        {
            m_context.commons.ledger.dataPayloadBytesSent += departure.frame->Payload().size();
            m_context.commons.ledger.queueWait.Add(departure.waited);
            MeasureUpload(0, departure.lane == Lane::LIVE ? envelope : 0);
        }
    }
    if (!serving.forwarding.HasNews())
    {
        return;
    }
    for (const auto& drop : serving.forwarding.TakeDrops())
    {
        m_context.commons.ledger.droppedForwards++;
        m_context.Refuse(drop.link,
                         drop.frame,
                         drop.lane == Lane::LIVE ? DropEvent::Reason::QUEUE
                                                 : DropEvent::Reason::REPAIR_QUEUE);
    }
    for (const auto& mark : serving.forwarding.TakeMarks())
    {
        const Child* child = serving.admission.Find(mark.link);
        BackpressureEvent event;
        event.peer = child ? child->peer : PeerId();
        event.queuedBytes = mark.bytes;
        event.oldestAge = mark.oldest;
        event.on = mark.on;
        m_context.Tell(event);
    }
    NoteMarks(now);
}

} // namespace ns3::fanout
