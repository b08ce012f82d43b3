/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PEER_ID_H
#define FANOUT_PEER_ID_H

#include "fanout-bytes.h"

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ns3::fanout
{

/// A SHA-256 digest.
using Digest = std::array<std::uint8_t, 32>;

/**
 * @ingroup fanout-tree
 * A peer's name: SHA-256 of its borsh-encoded Ed25519 public key. On the wire it is the padded
 * base64 text of the digest (44 characters); inside it is the digest. The zero id names nobody.
 */
struct PeerId
{
    Digest digest{}; ///< the 32 bytes

    /// @return whether this names somebody
    explicit operator bool() const
    {
        return *this != PeerId();
    }

    /// @return the first eight bytes, big-endian: good enough to hash and to log
    std::uint64_t
    Prefix() const
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; i++)
        {
            value = value << 8 | digest[i];
        }
        return value;
    }

    /// @return the padded base64 text, 44 characters
    std::string ToText() const;

    /**
     * @param text what a frame carried
     * @return the id, or nothing when the text is not the canonical base64 of 32 bytes
     */
    static std::optional<PeerId> FromText(std::string_view text);

    /// @param a one @param b other @return whether equal
    friend bool
    operator==(const PeerId& a, const PeerId& b)
    {
        return std::memcmp(a.digest.data(), b.digest.data(), a.digest.size()) == 0;
    }

    /// @param a one @param b other @return whether different
    friend bool
    operator!=(const PeerId& a, const PeerId& b)
    {
        return !(a == b);
    }

    /// @param a one @param b other @return order of the bytes
    friend bool
    operator<(const PeerId& a, const PeerId& b)
    {
        return std::memcmp(a.digest.data(), b.digest.data(), a.digest.size()) < 0;
    }
};

/// Hash of a PeerId for unordered containers whose order never shows.
struct PeerIdHash
{
    /// @param id the id @return its hash
    std::size_t
    operator()(const PeerId& id) const
    {
        return static_cast<std::size_t>(id.Prefix());
    }
};

/// @param bytes any bytes @return standard padded base64
std::string ToBase64(ByteView bytes);

/// @param text padded base64 @return the bytes, or nothing when the text is not canonical
std::optional<Bytes> FromBase64(std::string_view text);

/// @param bytes any bytes @return their SHA-256
Digest Sha256(ByteView bytes);

} // namespace ns3::fanout

#endif // FANOUT_PEER_ID_H
