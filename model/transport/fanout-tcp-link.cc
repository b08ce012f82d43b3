/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-link.h"

#include "ns3/packet.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ns3::fanout
{

namespace
{

constexpr std::uint32_t PIECE_BYTES = 1024; ///< of a frame, least that is worth a write

std::uint64_t
PlaceKey(std::uint32_t ip, std::uint16_t port)
{
    return static_cast<std::uint64_t>(ip) << 16 | port;
}

/// @param wire an envelope @param from first byte to copy, of prefix and envelope
/// @param bytes how many @return them
Ptr<Packet>
Piece(ByteView wire, std::uint32_t from, std::uint32_t bytes)
{
    // Every use ends before anything that might use it again begins.
    static Bytes room;
    std::array<std::uint8_t, TcpStream::MAX_PREFIX_BYTES> prefix;
    const auto prefixBytes = static_cast<std::uint32_t>(
        TcpStream::WritePrefix(static_cast<std::uint32_t>(wire.size()), prefix.data()));
    if (from >= prefixBytes)
    {
        return Create<Packet>(wire.data() + from - prefixBytes, bytes);
    }
    const std::uint32_t head = std::min(prefixBytes - from, bytes);
    room.resize(bytes);
    std::memcpy(room.data(), prefix.data() + from, head);
    std::memcpy(room.data() + head, wire.data(), bytes - head);
    return Create<Packet>(room.data(), bytes);
}

} // namespace

TcpConnection::TcpConnection(std::uint64_t serial,
                             const Ptr<FanoutTcpSocket>& socket,
                             bool dialled,
                             std::uint32_t maxFrameBytes,
                             Micros now)
    : serial(serial),
      socket(socket),
      stream(maxFrameBytes),
      since(now),
      usedAt(now),
      dialled(dialled)
{
}

void
TcpConnection::Send(const FrameRef& frame)
{
    m_frames[m_waiting++] = frame;
    if (state == State::READY)
    {
        Flush();
    }
}

void
TcpConnection::Flush()
{
    while (m_waiting > 0)
    {
        const ByteView wire = m_frames[0]->Wire();
        const auto size = static_cast<std::uint32_t>(wire.size());
        const auto left = static_cast<std::uint32_t>(TcpStream::PrefixBytes(size)) + size - m_begun;
        const std::uint32_t room = std::min(left, socket->GetTxAvailable());
        if ((room < left && room < PIECE_BYTES) || socket->Send(Piece(wire, m_begun, room), 0) < 0)
        {
            return;
        }
        m_begun += room;
        m_sentBytes += room;
        if (room == left)
        {
            m_begun = 0;
            m_waiting--;
            std::move(m_frames.begin() + 1, m_frames.end(), m_frames.begin());
            m_frames[m_waiting] = FrameRef();
        }
    }
}

void
TcpConnection::MoveWaiting(TcpConnection& other)
{
    for (std::uint32_t i = 0; i < m_waiting && !other.IsFull(false); i++)
    {
        other.Send(m_frames[i]);
    }
    DropWaiting();
}

void
TcpConnection::DropWaiting()
{
    m_frames.fill(FrameRef());
    m_waiting = 0;
    m_begun = 0;
}

Ptr<TcpConnection>
TcpLink::Beside(const Ptr<TcpConnection>& connection) const
{
    return connection == main ? other : main;
}

TcpLink*
TcpLinkTable::Find(LinkId id)
{
    const auto found = m_links.find(id);
    return found == m_links.end() ? nullptr : found->second.get();
}

const TcpLink*
TcpLinkTable::Find(LinkId id) const
{
    return const_cast<TcpLinkTable*>(this)->Find(id);
}

TcpLink*
TcpLinkTable::FindPlace(std::uint32_t ip, std::uint16_t port)
{
    const auto found = m_places.find(PlaceKey(ip, port));
    return found == m_places.end() ? nullptr : found->second;
}

TcpLink*
TcpLinkTable::Add(std::uint32_t ip, std::uint16_t port)
{
    if (m_next == NO_LINK)
    {
        return nullptr;
    }
    auto link = std::make_unique<TcpLink>();
    link->id = m_next++;
    link->ip = ip;
    link->port = port;
    TcpLink* added = link.get();
    m_links.emplace(added->id, std::move(link));
    m_places.emplace(PlaceKey(ip, port), added);
    return added;
}

void
TcpLinkTable::Remove(LinkId id)
{
    if (const TcpLink* link = Find(id))
    {
        m_places.erase(PlaceKey(link->ip, link->port));
        m_links.erase(id);
    }
}

void
TcpLinkTable::Clear()
{
    m_places.clear();
    m_links.clear();
}

std::size_t
TcpLinkTable::GetN() const
{
    return m_links.size();
}

std::vector<LinkId>
TcpLinkTable::GetIds() const
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
