/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-codec-lists.h"

#include "fanout-codec.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr const char* REPLACEMENT = "\xef\xbf\xbd";
constexpr std::size_t BOM_BYTES = 3;

/// What may follow a lead byte: so many bytes, the first of them in this range.
struct Tail
{
    std::size_t size{0};
    std::uint8_t lowest{0x80};
    std::uint8_t highest{0xbf};
};

/// @return the tail of a lead byte, of size 0 when the byte leads nothing
Tail
TailOf(std::uint8_t lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
    {
        return {1, 0x80, 0xbf};
    }
    if (lead >= 0xe0 && lead <= 0xef)
    {
        const std::uint8_t lowest = lead == 0xe0 ? 0xa0 : 0x80;
        const std::uint8_t highest = lead == 0xed ? 0x9f : 0xbf;
        return {2, lowest, highest};
    }
    if (lead >= 0xf0 && lead <= 0xf4)
    {
        const std::uint8_t lowest = lead == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t highest = lead == 0xf4 ? 0x8f : 0xbf;
        return {3, lowest, highest};
    }
    return {};
}

/// @return bytes of the sequence at `from` that are well-formed so far, at least the lead byte
std::size_t
MatchTail(ByteView bytes, std::size_t from, Tail tail)
{
    std::size_t matched = 1;
    while (matched <= tail.size && from + matched < bytes.size() &&
           bytes[from + matched] >= tail.lowest && bytes[from + matched] <= tail.highest)
    {
        tail.lowest = 0x80;
        tail.highest = 0xbf;
        matched++;
    }
    return matched;
}

} // namespace

std::string
DecodeUtf8(ByteView bytes)
{
    if (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte < 0x80; }))
    {
        return {bytes.begin(), bytes.end()};
    }
    const bool hasBom =
        bytes.size() >= BOM_BYTES && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf;
    std::string text;
    std::size_t at = hasBom ? BOM_BYTES : 0;
    while (at < bytes.size())
    {
        const bool ascii = bytes[at] < 0x80;
        const Tail tail = TailOf(bytes[at]);
        const std::size_t matched = MatchTail(bytes, at, tail);
        if (ascii || (tail.size > 0 && matched == 1 + tail.size))
        {
            text.append(bytes.begin() + at, bytes.begin() + at + matched);
        }
        else
        {
            text += REPLACEMENT;
        }
        at += matched;
    }
    return text;
}

Route
ReadRoute(Cursor& in)
{
    Route route;
    const std::size_t count = in.U8();
    for (std::size_t i = 0; i < count; i++)
    {
        const std::size_t size = in.U8();
        if (size == 0 || !in.Has(size))
        {
            in.Break();
            break;
        }
        const ByteView hop = in.Take(size);
        if (route.size() < MAX_ROUTE_HOPS)
        {
            route.push_back(DecodeUtf8(hop));
        }
    }
    return route;
}

AddressList
ReadAddresses(Cursor& in, std::size_t keep)
{
    AddressList addresses;
    const std::size_t count = in.U8();
    for (std::size_t i = 0; i < count; i++)
    {
        if (!in.Has(2))
        {
            in.Break();
            break;
        }
        const std::size_t size = in.U16();
        if (!in.Has(size))
        {
            in.Break();
            break;
        }
        const ByteView address = in.Take(size);
        if (addresses.size() < keep)
        {
            addresses.emplace_back(address.begin(), address.end());
        }
    }
    return addresses;
}

bool
ReadText(Cursor& in, std::string& text, std::size_t smallest)
{
    const bool hasSize = in.Has(1);
    const std::size_t size = in.U8();
    if (!hasSize || size < smallest || !in.Has(size))
    {
        in.Break();
        return false;
    }
    text = DecodeUtf8(in.Take(size));
    return true;
}

std::vector<PeerAddresses>
ReadProviders(Cursor& in)
{
    std::vector<PeerAddresses> providers;
    const std::size_t count = in.U8();
    for (std::size_t i = 0; i < count; i++)
    {
        PeerAddresses provider;
        if (!ReadText(in, provider.hash, 0) || !in.Has(1))
        {
            in.Break();
            break;
        }
        provider.addresses = ReadAddresses(in, MAX_ADDRESSES);
        if (!provider.hash.empty())
        {
            providers.push_back(std::move(provider));
        }
    }
    return providers;
}

std::vector<std::uint32_t>
ReadSeqs(Cursor& in)
{
    const std::size_t count = in.U8();
    const std::size_t whole = std::min(count, in.Left() / 4);
    std::vector<std::uint32_t> seqs(whole);
    for (std::uint32_t& seq : seqs)
    {
        seq = in.U32();
    }
    if (whole < count)
    {
        in.Break();
    }
    return seqs;
}

std::optional<Digest>
KeyOf(ByteView frame)
{
    if (frame.size() < FRAME_HEADER_BYTES)
    {
        return std::nullopt;
    }
    Digest key;
    std::copy_n(frame.begin() + 1, key.size(), key.begin());
    return key;
}

} // namespace ns3::fanout
