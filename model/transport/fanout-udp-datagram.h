/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_UDP_DATAGRAM_H
#define FANOUT_UDP_DATAGRAM_H

#include "ns3/fanout-bytes.h"

#include <cstdint>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * What FanoutUdpTransport writes before an envelope:
 *
 *     offset  bytes
 *     0       1      0xfa
 *     1       1      flags: 1 FRAME, 2 SEQ, 4 ACK, 8 CLOSE; other bits 0
 *     then    4      SEQ: be16 epoch of the link at its sender, be16 sequence number
 *     then    8      ACK: be16 epoch, be16 latest number n received, be32 bitmap; bit i: n - 1 - i
 *     then    2      CLOSE: be16 epoch; links of this epoch and older ones are closed
 *     then    rest   FRAME: the envelope
 *
 * SEQ needs FRAME, CLOSE stands alone, nothing follows without FRAME.
 */
struct UdpDatagram
{
    static constexpr std::uint8_t MAGIC = 0xfa; ///< first byte
    static constexpr std::uint8_t FRAME = 1;    ///< an envelope follows
    static constexpr std::uint8_t SEQ = 2;      ///< the envelope has a number
    static constexpr std::uint8_t ACK = 4;      ///< numbers received
    static constexpr std::uint8_t CLOSE = 8;    ///< links are closed
    static constexpr std::size_t SEQ_BYTES = 4; ///< of SEQ
    static constexpr std::size_t ACK_BYTES = 8; ///< of ACK
    static constexpr std::size_t MIN_BYTES = 2; ///< of the header
    static constexpr std::size_t MAX_BYTES = MIN_BYTES + SEQ_BYTES + ACK_BYTES; ///< of the header

    std::uint8_t flags{0};      ///< what there is
    std::uint16_t epoch{0};     ///< of SEQ or CLOSE
    std::uint16_t seq{0};       ///< of SEQ
    std::uint16_t ackEpoch{0};  ///< of ACK
    std::uint16_t ackLatest{0}; ///< of ACK
    std::uint32_t ackBitmap{0}; ///< of ACK
    ByteView wire;              ///< of FRAME; points into the datagram

    /**
     * @param bytes a datagram @param datagram is filled in
     * @return whether the header is well-formed; nothing is said of the envelope
     */
    static bool Parse(ByteView bytes, UdpDatagram& datagram);

    /// @return bytes that Write writes
    std::size_t Size() const;

    /// @param out room for the header and the envelope @return bytes written
    std::size_t Write(std::uint8_t* out) const;

    /// @param flag one of the constants @return whether it is set
    bool
    Has(std::uint8_t flag) const
    {
        return (flags & flag) != 0;
    }
};

} // namespace ns3::fanout

#endif // FANOUT_UDP_DATAGRAM_H
