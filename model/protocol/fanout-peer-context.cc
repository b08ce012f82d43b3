/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-peer-context.h"

#include <algorithm>
#include <cstring>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t SEEN_PER_NEIGHBOUR = 4; ///< ids remembered a neighbour
constexpr std::size_t SEEN_LEAST = 8;         ///< ids remembered at least
constexpr std::size_t SEEN_MOST = 512;        ///< ids remembered at most
constexpr std::uint8_t STRIKES = 3;           ///< bad signatures before a link is dropped
constexpr std::uint64_t PURPOSE_PEER = 1;     ///< of the peer's draws

} // namespace

PeerContext::PeerContext(const PeerConfig& config, Environment& environment_, Commons& commons_)
    : m_session(commons_.epochMs + static_cast<std::uint64_t>(environment_.Now() / MILLISECOND)),
      identity(config.identity),
      random(config.randomKey, config.index, PURPOSE_PEER),
      m_trackers(config.trackers),
      commons(commons_),
      environment(environment_),
      m_now(environment_.Now())
{
}

const std::vector<Endpoint>&
PeerContext::Trackers() const
{
    static const std::vector<Endpoint> none;
    return m_trackers ? *m_trackers : none;
}

FrameRef
PeerContext::SealControl(const Bytes& data)
{
    EnvelopeFields fields;
    for (std::size_t i = 0; i < fields.id.size(); i += 8)
    {
        const std::uint64_t draw = random.Next();
        std::memcpy(fields.id.data() + i, &draw, 8);
    }
    fields.timestamp = commons.epochMs + static_cast<std::uint64_t>(Now() / MILLISECOND);
    fields.session = m_session;
    fields.expires = fields.timestamp + Frame::LIFETIME_MS;
    return Frame::Seal(*commons.signatures, identity, fields, data);
}

FrameRef
PeerContext::SealData(const Digest& key, std::uint32_t seq, ByteView payload)
{
    Bytes data;
    data.reserve(1 + payload.size());
    data.push_back(static_cast<std::uint8_t>(Kind::DATA));
    data.insert(data.end(), payload.begin(), payload.end());
    EnvelopeFields fields;
    fields.id = DataMessageId(seq, key);
    fields.timestamp = commons.epochMs + static_cast<std::uint64_t>(Now() / MILLISECOND);
    fields.session = m_session;
    fields.expires = fields.timestamp + Frame::LIFETIME_MS;
    fields.priority = 1;
    FrameRef frame = Frame::Seal(*commons.signatures, identity, fields, data);
    if (commons.frames)
    {
        commons.frames->Adopt(frame);
    }
    return frame;
}

SendResult
PeerContext::Send(LinkId link, const FrameRef& frame)
{
    const SendResult result = environment.Send(link, frame);
    if (result != SendResult::ACCEPTED)
    {
        return result;
    }
    CountSent(frame, 1);
    Neighbour* neighbour = links.Find(link);
    if (neighbour && !frame->IsData())
    {
        neighbour->lastSaid = m_now;
    }
    TellFrame(frame, true, neighbour);
    return result;
}

void
PeerContext::CountSent(const FrameRef& frame, std::uint32_t n)
{
    const auto wireBytes =
        static_cast<std::uint32_t>(frame->Wire().size()) + environment.OverheadBytes();
    KindCounters& kind = commons.ledger.kinds[frame->Kind() % MAX_KINDS];
    kind.sends += n;
    kind.frameBytes += n * frame->Data().size();
    kind.wireBytes += std::uint64_t{n} * wireBytes;
    counters.NoteUpload(m_now, std::uint64_t{n} * wireBytes);
}

void
PeerContext::BuildFrameEvent(const FrameRef& frame, bool sent, const Neighbour* neighbour)
{
    FrameEvent event;
    event.sent = sent;
    event.kind = frame->Kind();
    event.frameClass = ClassOf(event.kind);
    event.peer = neighbour ? neighbour->peer : PeerId();
    event.wireBytes =
        static_cast<std::uint32_t>(frame->Wire().size()) + environment.OverheadBytes();
    event.frameBytes = static_cast<std::uint32_t>(frame->Data().size());
    Tell(event);
}

bool
PeerContext::VerifySigner(const FrameRef& frame, const PeerId& signer, bool share)
{
    return frame->SignatureCount() == 1 && frame->Signer() == signer &&
           frame->Verify(*commons.signatures, share);
}

bool
PeerContext::Authenticate(LinkId link, const FrameRef& frame)
{
    Neighbour* neighbour = links.Find(link);
    const bool bound = neighbour && neighbour->peer;
    if (frame->Signer() != identity.id && (!bound || neighbour->peer == frame->Signer()) &&
        VerifySigner(frame, frame->Signer(), true))
    {
        if (neighbour)
        {
            neighbour->peer = frame->Signer();
            neighbour->strikes = 0;
        }
        m_authentic = true;
        return true;
    }
    commons.ledger.badSignatures++;
    Refuse(link, frame, DropEvent::Reason::BAD_SIGNATURE);
    if (neighbour)
    {
        neighbour->strikes = std::min<std::uint8_t>(neighbour->strikes + 1, STRIKES);
    }
    return false;
}

bool
PeerContext::IsReplay(const FrameRef& frame)
{
    std::uint64_t id = 0;
    std::memcpy(&id, frame->Id().data(), sizeof(id));
    if (std::find(m_seen.begin(), m_seen.end(), id) != m_seen.end())
    {
        return true;
    }
    const std::size_t room = std::clamp(links.GetN() * SEEN_PER_NEIGHBOUR, SEEN_LEAST, SEEN_MOST);
    if (m_seen.size() < room)
    {
        if (m_seen.size() == m_seen.capacity())
        {
            m_seen.reserve(std::clamp(2 * m_seen.size(), SEEN_LEAST / 2, room));
        }
        m_seen.push_back(id);
        return false;
    }
    m_nextSeen = m_nextSeen >= m_seen.size() ? 0 : m_nextSeen;
    m_seen[m_nextSeen++] = id;
    return false;
}

void
PeerContext::Refuse(LinkId link, const FrameRef& frame, DropEvent::Reason reason)
{
    if (!Wants<DropEvent>())
    {
        return;
    }
    const Neighbour* neighbour = links.Find(link);
    DropEvent event;
    event.reason = reason;
    event.peer = neighbour ? neighbour->peer : PeerId();
    event.kind = frame->Kind();
    event.bytes = static_cast<std::uint32_t>(frame->Wire().size());
    Tell(event);
}

DialResult
PeerContext::DialAndHold(const Endpoint& endpoint, const PeerId& peer)
{
    const DialResult result = environment.Dial(endpoint);
    if (result.state != DialState::REFUSED)
    {
        links.Hold(result.link, peer, result.state == DialState::OPEN);
    }
    return result;
}

void
PeerContext::Release(LinkId link)
{
    if (link != NO_LINK && links.Release(link))
    {
        environment.HangUp(link);
    }
}

} // namespace ns3::fanout
