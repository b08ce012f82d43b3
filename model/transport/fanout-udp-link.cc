/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-udp-link.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

/// How far a number lies ahead of another one, modulo 2^16.
std::int16_t
Ahead(std::uint16_t of, std::uint16_t other)
{
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(of - other));
}

std::uint64_t
PlaceKey(std::uint32_t ip, std::uint16_t port)
{
    return static_cast<std::uint64_t>(ip) << 16 | port;
}

} // namespace

UdpLink::UdpLink(LinkId id, std::uint32_t ip, std::uint16_t port, std::uint16_t epoch, Micros now)
    : id(id),
      ip(ip),
      port(port),
      m_usedAt(now),
      m_epoch(epoch)
{
}

bool
UdpLink::TakesNumber()
{
    if (m_open.empty() || Ahead(m_nextSeq, m_open.front().seq) < static_cast<int>(WINDOW))
    {
        return true;
    }
    m_blocked = true;
    return false;
}

std::uint16_t
UdpLink::Number(const FrameRef& frame, Micros now)
{
    Open open;
    open.frame = frame;
    open.sentAt = now;
    open.due = now + Rto();
    open.seq = m_nextSeq++;
    open.tries = 1;
    m_open.push_back(std::move(open));
    return m_open.back().seq;
}

bool
UdpLink::Acknowledge(const UdpDatagram& datagram, Micros now)
{
    if (datagram.ackEpoch != m_epoch)
    {
        return false;
    }
    Micros sample = -1;
    auto kept = m_open.begin();
    for (auto& open : m_open)
    {
        const int behind = Ahead(datagram.ackLatest, open.seq);
        const bool received = behind == 0 || (behind > 0 && behind <= static_cast<int>(WINDOW) &&
                                              (datagram.ackBitmap >> (behind - 1) & 1) != 0);
        if (!received)
        {
            if (&*kept != &open)
            {
                *kept = std::move(open);
            }
            ++kept;
        }
        else if (open.tries == 1)
        {
            sample = now - open.sentAt;
        }
    }
    m_open.erase(kept, m_open.end());
    if (sample >= 0)
    {
        Measure(sample);
    }
    return TakeUnblocked();
}

bool
UdpLink::IsDuplicate(const UdpDatagram& datagram) const
{
    if (!m_remoteKnown || datagram.epoch != m_remoteEpoch)
    {
        return false;
    }
    const int behind = Ahead(m_remoteLatest, datagram.seq);
    if (behind <= 0)
    {
        return behind == 0;
    }
    return behind > static_cast<int>(WINDOW) || (m_remoteBitmap >> (behind - 1) & 1) != 0;
}

void
UdpLink::Note(const UdpDatagram& datagram, Micros now)
{
    m_ackDue = std::min(m_ackDue, now + ACK_DELAY);
    if (!m_remoteKnown || datagram.epoch != m_remoteEpoch)
    {
        m_remoteKnown = true;
        m_remoteEpoch = datagram.epoch;
        m_remoteLatest = datagram.seq;
        m_remoteBitmap = 0;
        return;
    }
    const int ahead = Ahead(datagram.seq, m_remoteLatest);
    if (ahead > 0)
    {
        const std::uint64_t bitmap = static_cast<std::uint64_t>(m_remoteBitmap) << 1 | 1;
        m_remoteBitmap = ahead > 32 ? 0 : static_cast<std::uint32_t>(bitmap << (ahead - 1));
        m_remoteLatest = datagram.seq;
    }
    else if (ahead < 0 && -ahead <= static_cast<int>(WINDOW))
    {
        m_remoteBitmap |= 1u << (-ahead - 1);
    }
}

bool
UdpLink::WantsAck() const
{
    return m_ackDue != NEVER;
}

bool
UdpLink::IsAckDue(Micros now) const
{
    return m_ackDue <= now;
}

void
UdpLink::AddAck(UdpDatagram& datagram)
{
    datagram.flags |= UdpDatagram::ACK;
    datagram.ackEpoch = m_remoteEpoch;
    datagram.ackLatest = m_remoteLatest;
    datagram.ackBitmap = m_remoteBitmap;
    m_ackDue = NEVER;
}

const UdpLink::Open*
UdpLink::NextDue(Micros now)
{
    for (auto& open : m_open)
    {
        if (open.due <= now && open.tries < MAX_TRIES)
        {
            open.due = now + std::min(Rto() << open.tries, MAX_RTO);
            open.sentAt = now;
            open.tries++;
            return &open;
        }
    }
    return nullptr;
}

std::uint32_t
UdpLink::GiveUp(Micros now)
{
    const auto gone = std::remove_if(m_open.begin(),
                                     m_open.end(),
                                     [now](const Open& open)
                                     { return open.due <= now && open.tries >= MAX_TRIES; });
    const auto count = static_cast<std::uint32_t>(m_open.end() - gone);
    m_open.erase(gone, m_open.end());
    return count;
}

bool
UdpLink::TakeUnblocked()
{
    if (!m_blocked)
    {
        return false;
    }
    m_blocked = false;
    // TakesNumber sets it again when the window is still full.
    return TakesNumber();
}

Micros
UdpLink::Deadline() const
{
    Micros deadline = m_ackDue;
    for (const auto& open : m_open)
    {
        deadline = std::min(deadline, open.due);
    }
    // Frames that wait keep a link beyond its time; their own deadlines end that.
    if (!m_open.empty())
    {
        return deadline;
    }
    if (IsLingering())
    {
        return std::min(deadline, m_lingerUntil);
    }
    return dialled ? deadline : std::min(deadline, m_usedAt + MAX_IDLE);
}

bool
UdpLink::IsExpired(Micros now) const
{
    if (!m_open.empty())
    {
        return false;
    }
    return IsLingering() ? m_lingerUntil <= now : !dialled && m_usedAt + MAX_IDLE <= now;
}

bool
UdpLink::IsClosedBy(const UdpDatagram& datagram) const
{
    return !m_remoteKnown || Ahead(m_remoteEpoch, datagram.epoch) <= 0;
}

void
UdpLink::Linger(Micros now)
{
    m_lingerUntil = now + LINGER;
    dialled = false;
    m_blocked = false;
}

void
UdpLink::Revive()
{
    m_lingerUntil = NEVER;
}

bool
UdpLink::IsLingering() const
{
    return m_lingerUntil != NEVER;
}

Micros
UdpLink::Rto() const
{
    if (m_srtt == 0)
    {
        return FIRST_RTO;
    }
    return std::clamp<Micros>(m_srtt + std::max<Micros>(MIN_SLACK, 4 * Micros{m_rttvar}),
                              MIN_RTO,
                              MAX_RTO);
}

void
UdpLink::Measure(Micros sample)
{
    const auto rtt = static_cast<std::uint32_t>(std::clamp<Micros>(sample, 1, 60 * SECOND));
    if (m_srtt == 0)
    {
        m_srtt = rtt;
        m_rttvar = rtt / 2;
        return;
    }
    const std::uint32_t error = rtt > m_srtt ? rtt - m_srtt : m_srtt - rtt;
    m_rttvar = (3 * m_rttvar + error) / 4;
    m_srtt = std::max<std::uint32_t>(1, (7 * m_srtt + rtt) / 8);
}

UdpLink*
UdpLinkTable::Find(LinkId id) const
{
    const auto found = m_links.find(id);
    return found == m_links.end() ? nullptr : found->second;
}

UdpLink*
UdpLinkTable::FindPlace(std::uint32_t ip, std::uint16_t port) const
{
    const auto found = m_places.find(PlaceKey(ip, port));
    return found == m_places.end() ? nullptr : found->second.get();
}

UdpLink*
UdpLinkTable::Add(std::uint32_t ip, std::uint16_t port, std::uint16_t epoch, Micros now)
{
    if (m_next == NO_LINK)
    {
        return nullptr;
    }
    auto link = std::make_unique<UdpLink>(m_next++, ip, port, epoch, now);
    UdpLink* added = link.get();
    m_links.emplace(added->id, added);
    m_places.emplace(PlaceKey(ip, port), std::move(link));
    return added;
}

void
UdpLinkTable::Remove(const UdpLink& link)
{
    m_links.erase(link.id);
    m_places.erase(PlaceKey(link.ip, link.port));
}

void
UdpLinkTable::Clear()
{
    m_links.clear();
    m_places.clear();
}

std::size_t
UdpLinkTable::GetN() const
{
    return m_links.size();
}

std::vector<LinkId>
UdpLinkTable::GetIds() const
{
    std::vector<LinkId> ids;
    ids.reserve(m_links.size());
    for (const auto& entry : m_links)
    {
        ids.push_back(entry.first);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

} // namespace ns3::fanout
