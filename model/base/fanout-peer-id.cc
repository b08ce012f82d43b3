/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-peer-id.h"

#include <sodium.h>

namespace ns3::fanout
{

namespace
{

constexpr char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t NO_VALUE = 0xff;

constexpr std::array<std::uint8_t, 256>
MakeValues()
{
    std::array<std::uint8_t, 256> values{};
    for (std::size_t i = 0; i < 256; i++)
    {
        values[i] = NO_VALUE;
    }
    for (std::uint8_t i = 0; i < 64; i++)
    {
        values[static_cast<std::uint8_t>(ALPHABET[i])] = i;
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> VALUES = MakeValues();

std::size_t
CountPadding(std::string_view text)
{
    if (text.empty() || text.back() != '=')
    {
        return 0;
    }
    return text[text.size() - 2] == '=' ? 2 : 1;
}

/// Decodes into room for 3 bytes a quartet; the caller cuts the padding off.
bool
DecodeBase64(std::string_view text, std::size_t padding, std::uint8_t* out)
{
    const std::size_t digits = text.size() - padding;
    for (std::size_t i = 0; i < text.size(); i += 4)
    {
        std::uint32_t quartet = 0;
        for (std::size_t j = i; j < i + 4; j++)
        {
            const std::uint8_t value = j < digits ? VALUES[static_cast<std::uint8_t>(text[j])] : 0;
            if (value == NO_VALUE)
            {
                return false;
            }
            quartet = quartet << 6 | value;
        }
        // Bits that no byte takes must be zero, or two texts would name one value.
        if (i + 4 == text.size() && (quartet & ((1U << (8 * padding)) - 1)) != 0)
        {
            return false;
        }
        *out++ = static_cast<std::uint8_t>(quartet >> 16);
        *out++ = static_cast<std::uint8_t>(quartet >> 8);
        *out++ = static_cast<std::uint8_t>(quartet);
    }
    return true;
}

} // namespace

std::string
ToBase64(ByteView bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3)
    {
        const std::size_t rest = bytes.size() - i;
        const std::uint32_t triple = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                     (rest > 1 ? bytes[i + 1] << 8 : 0) |
                                     (rest > 2 ? bytes[i + 2] : 0);
        text[at] = ALPHABET[triple >> 18];
        text[at + 1] = ALPHABET[triple >> 12 & 63];
        text[at + 2] = rest > 1 ? ALPHABET[triple >> 6 & 63] : '=';
        text[at + 3] = rest > 2 ? ALPHABET[triple & 63] : '=';
        at += 4;
    }
    return text;
}

std::optional<Bytes>
FromBase64(std::string_view text)
{
    if (text.size() % 4 != 0)
    {
        return std::nullopt;
    }
    const std::size_t padding = CountPadding(text);
    Bytes bytes(text.size() / 4 * 3);
    if (!DecodeBase64(text, padding, bytes.data()))
    {
        return std::nullopt;
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string
PeerId::ToText() const
{
    return ToBase64({digest.data(), digest.size()});
}

std::optional<PeerId>
PeerId::FromText(std::string_view text)
{
    std::array<std::uint8_t, 33> bytes;
    if (text.size() != 44 || CountPadding(text) != 1 || !DecodeBase64(text, 1, bytes.data()))
    {
        return std::nullopt;
    }
    PeerId id;
    std::memcpy(id.digest.data(), bytes.data(), id.digest.size());
    return id;
}

Digest
Sha256(ByteView bytes)
{
    Digest digest;
    crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
    return digest;
}

} // namespace ns3::fanout
