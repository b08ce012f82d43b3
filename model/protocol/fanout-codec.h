/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CODEC_H
#define FANOUT_CODEC_H

#include "fanout-messages.h"

#include "ns3/fanout-bytes.h"
#include "ns3/fanout-peer-id.h"

#include <optional>

namespace ns3::fanout
{

/**
 * @defgroup fanout-tree-codec Frames as bytes
 * @ingroup fanout-tree
 *
 * A frame is what an envelope carries: kind, 32 bytes of channel key and a body (DATA: kind and
 * payload only). Without an extension every frame is byte for byte what the reference writes
 * (protocol 3), and everything the reference reads is read, with its leniency: trailing bytes are
 * ignored, a list that is cut off ends at its last whole element, text that is not UTF-8 is mended
 * with U+FFFD, lists longer than allowed are cut. Unlike the reference, which loses step there, the
 * surplus of an overlong list is skipped by its declared length.
 *
 * Encoders cut what does not fit, as the reference does: 32 hops of a route, 255 list entries, 4
 * redirects of 8 addresses, 255 bytes of a target hash. Hops, redirects and entries whose text is
 * longer than 255 bytes are left out, so are addresses above 65,535 bytes.
 *
 * The extension (algorithms 2) is a block behind the last field that the reference reads:
 *
 *     f7 50 | u8 version = 1 | be16 length | TLV ...     TLV = u8 type | u8 length | value
 *
 * | type | value | meaning |
 * | --- | --- | --- |
 * | 1 | u8 flags (bit 0 relay), be16 capacity, be16 children | role |
 * | 2 | be32 anchor, be16 level | position |
 * | 3 | be32 anchor, be16 level | feasible position |
 * | 4 | nothing | has children |
 * | 5 | be32 next, 0 to 32 bytes of bitmap (bit i of byte i / 8, low bit first) | need |
 * | 6 | 32-byte id digest, be16 level, be32 ticket, u8 length, multiaddr | one backup; up to 4 |
 * | 7 | be32 | ticket |
 * | 8 | be32 | watermark |
 * | 9 | be32 microseconds | path delay |
 *
 * Unknown types and bytes behind a value are skipped, so are blocks of other versions. A block that
 * is cut off or has a value too short counts as no extension; the frame stands. POSITION and MOVE
 * end in TLVs of type 6 without the block's head. With an extension, JOIN_REQ always writes its
 * token, JOIN_ACCEPT its range, JOIN_REJECT its redirect count, PARENT_PROBE_REQ its options; a
 * JOIN_ACCEPT of 32 hops carries none.
 */

/// Bytes of a control frame in front of its body. @ingroup fanout-tree-codec
constexpr std::size_t FRAME_HEADER_BYTES = 33;

/**
 * Write a frame.
 * @ingroup fanout-tree-codec
 * @tparam Message one of the structs of fanout-messages.h
 * @param key channel key, or namespace key of a provider message; DATA carries none
 * @param message what to write
 * @return kind, key and body
 * @throws std::invalid_argument when a POSITION has a path of more than 255 hops
 */
template <typename Message>
Bytes Encode(const Digest& key, const Message& message);

/**
 * @ingroup fanout-tree-codec
 * @tparam Message one of the structs of fanout-messages.h
 * @param message what would be written
 * @return the size of Encode()'s result, bytes, without encoding
 * @throws std::invalid_argument as Encode() does
 */
template <typename Message>
std::size_t EncodedSize(const Message& message);

/**
 * Read a frame.
 * @ingroup fanout-tree-codec
 * @tparam Message one of the structs of fanout-messages.h
 * @param frame kind, key and body
 * @return the message, or nothing when the kind is another one or the frame is shorter than the
 *         kind's minimum (protocol 3.3)
 */
template <typename Message>
std::optional<Message> Decode(ByteView frame);

/**
 * @ingroup fanout-tree-codec
 * @param frame a control frame
 * @return its channel or namespace key, or nothing when it is too short to have one
 */
std::optional<Digest> KeyOf(ByteView frame);

/**
 * @ingroup fanout-tree-codec
 * @param bytes any bytes
 * @return the text that the reference reads there: a leading byte order mark dropped, every maximal
 *         part of an ill-formed sequence replaced by U+FFFD (https://encoding.spec.whatwg.org)
 */
std::string DecodeUtf8(ByteView bytes);

} // namespace ns3::fanout

#endif // FANOUT_CODEC_H
