/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-udp-datagram.h"

#include <cstring>

namespace ns3::fanout
{

namespace
{

std::uint16_t
ReadBe16(const std::uint8_t* p)
{
    return static_cast<std::uint16_t>(p[0] << 8 | p[1]);
}

std::uint8_t*
WriteBe16(std::uint8_t* p, std::uint16_t value)
{
    p[0] = static_cast<std::uint8_t>(value >> 8);
    p[1] = static_cast<std::uint8_t>(value);
    return p + 2;
}

bool
FlagsAllowed(std::uint8_t flags)
{
    switch (flags)
    {
    case UdpDatagram::FRAME:
    case UdpDatagram::ACK:
    case UdpDatagram::CLOSE:
    case UdpDatagram::FRAME | UdpDatagram::SEQ:
    case UdpDatagram::FRAME | UdpDatagram::ACK:
    case UdpDatagram::FRAME | UdpDatagram::SEQ | UdpDatagram::ACK:
        return true;
    default:
        return false;
    }
}

std::size_t
HeaderBytes(std::uint8_t flags)
{
    return UdpDatagram::MIN_BYTES + ((flags & UdpDatagram::SEQ) ? UdpDatagram::SEQ_BYTES : 0) +
           ((flags & UdpDatagram::ACK) ? UdpDatagram::ACK_BYTES : 0) +
           ((flags & UdpDatagram::CLOSE) ? 2 : 0);
}

} // namespace

bool
UdpDatagram::Parse(ByteView bytes, UdpDatagram& datagram)
{
    if (bytes.size() < MIN_BYTES || bytes[0] != MAGIC || !FlagsAllowed(bytes[1]))
    {
        return false;
    }
    datagram.flags = bytes[1];
    const std::size_t header = HeaderBytes(datagram.flags);
    if (datagram.Has(FRAME) ? bytes.size() <= header : bytes.size() != header)
    {
        return false;
    }
    const std::uint8_t* p = bytes.data() + MIN_BYTES;
    if (datagram.Has(SEQ))
    {
        datagram.epoch = ReadBe16(p);
        datagram.seq = ReadBe16(p + 2);
        p += SEQ_BYTES;
    }
    if (datagram.Has(ACK))
    {
        datagram.ackEpoch = ReadBe16(p);
        datagram.ackLatest = ReadBe16(p + 2);
        datagram.ackBitmap = static_cast<std::uint32_t>(ReadBe16(p + 4)) << 16 | ReadBe16(p + 6);
    }
    if (datagram.Has(CLOSE))
    {
        datagram.epoch = ReadBe16(p);
    }
    datagram.wire = bytes.From(header);
    return true;
}

std::size_t
UdpDatagram::Size() const
{
    return HeaderBytes(flags) + wire.size();
}

std::size_t
UdpDatagram::Write(std::uint8_t* out) const
{
    std::uint8_t* p = out;
    *p++ = MAGIC;
    *p++ = flags;
    if (Has(SEQ))
    {
        p = WriteBe16(p, epoch);
        p = WriteBe16(p, seq);
    }
    if (Has(ACK))
    {
        p = WriteBe16(p, ackEpoch);
        p = WriteBe16(p, ackLatest);
        p = WriteBe16(p, static_cast<std::uint16_t>(ackBitmap >> 16));
        p = WriteBe16(p, static_cast<std::uint16_t>(ackBitmap));
    }
    if (Has(CLOSE))
    {
        p = WriteBe16(p, epoch);
    }
    if (Has(FRAME))
    {
        std::memcpy(p, wire.data(), wire.size());
        p += wire.size();
    }
    return p - out;
}

} // namespace ns3::fanout
