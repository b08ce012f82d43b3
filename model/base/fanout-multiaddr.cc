/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-multiaddr.h"

#include <algorithm>
#include <array>

namespace ns3::fanout
{

namespace
{

// Codes of the multicodec table as varints; each is followed by its value.
constexpr std::array<std::uint8_t, 1> IP4_CODE{4};
constexpr std::array<std::uint8_t, 1> TCP_CODE{6};
constexpr std::array<std::uint8_t, 2> UDP_CODE{0x91, 0x02};
constexpr std::size_t IP4_BYTES = 4;
constexpr std::size_t PORT_BYTES = 2;

bool
TakeText(std::string_view& text, std::string_view expected)
{
    if (text.substr(0, expected.size()) != expected)
    {
        return false;
    }
    text.remove_prefix(expected.size());
    return true;
}

std::optional<std::uint32_t>
TakeNumber(std::string_view& text, std::uint32_t largest)
{
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    {
        value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
        digits++;
        if (value > largest)
        {
            return std::nullopt;
        }
    }
    if (digits == 0 || (digits > 1 && text[0] == '0'))
    {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return value;
}

} // namespace

std::string
Endpoint::ToText() const
{
    std::string text = "/ip4/";
    for (int shift = 24; shift >= 0; shift -= 8)
    {
        text += std::to_string(ip >> shift & 0xff);
        text += shift > 0 ? "." : "";
    }
    text += protocol == Protocol::UDP ? "/udp/" : "/tcp/";
    return text + std::to_string(port);
}

Bytes
Endpoint::ToBytes() const
{
    const bool udp = protocol == Protocol::UDP;
    Bytes bytes(IP4_CODE.size() + IP4_BYTES + (udp ? UDP_CODE.size() : TCP_CODE.size()) +
                PORT_BYTES);
    auto at = std::copy(IP4_CODE.begin(), IP4_CODE.end(), bytes.begin());
    for (int shift = 24; shift >= 0; shift -= 8)
    {
        *at++ = static_cast<std::uint8_t>(ip >> shift);
    }
    at = udp ? std::copy(UDP_CODE.begin(), UDP_CODE.end(), at)
             : std::copy(TCP_CODE.begin(), TCP_CODE.end(), at);
    *at++ = static_cast<std::uint8_t>(port >> 8);
    *at = static_cast<std::uint8_t>(port);
    return bytes;
}

std::optional<Endpoint>
Endpoint::FromBytes(ByteView bytes)
{
    constexpr std::size_t PROTOCOL_AT = IP4_CODE.size() + IP4_BYTES;
    if (bytes.size() <= PROTOCOL_AT || bytes[0] != IP4_CODE[0])
    {
        return std::nullopt;
    }
    Endpoint endpoint;
    for (std::size_t i = IP4_CODE.size(); i < PROTOCOL_AT; i++)
    {
        endpoint.ip = endpoint.ip << 8 | bytes[i];
    }
    ByteView rest = bytes.From(PROTOCOL_AT);
    if (rest.size() == TCP_CODE.size() + PORT_BYTES && rest[0] == TCP_CODE[0])
    {
        endpoint.protocol = Protocol::TCP;
        rest = rest.From(TCP_CODE.size());
    }
    else if (rest.size() == UDP_CODE.size() + PORT_BYTES && rest[0] == UDP_CODE[0] &&
             rest[1] == UDP_CODE[1])
    {
        endpoint.protocol = Protocol::UDP;
        rest = rest.From(UDP_CODE.size());
    }
    else
    {
        return std::nullopt;
    }
    endpoint.port = static_cast<std::uint16_t>(rest[0] << 8 | rest[1]);
    return endpoint.port == 0 ? std::nullopt : std::optional(endpoint);
}

std::optional<Endpoint>
Endpoint::FromText(std::string_view text)
{
    Endpoint endpoint;
    if (!TakeText(text, "/ip4/"))
    {
        return std::nullopt;
    }
    for (int part = 0; part < 4; part++)
    {
        if (part > 0 && !TakeText(text, "."))
        {
            return std::nullopt;
        }
        const auto number = TakeNumber(text, 255);
        if (!number)
        {
            return std::nullopt;
        }
        endpoint.ip = endpoint.ip << 8 | *number;
    }
    if (TakeText(text, "/tcp/"))
    {
        endpoint.protocol = Protocol::TCP;
    }
    else if (!TakeText(text, "/udp/"))
    {
        return std::nullopt;
    }
    const auto port = TakeNumber(text, 65535);
    if (!port || *port == 0 || !text.empty())
    {
        return std::nullopt;
    }
    endpoint.port = static_cast<std::uint16_t>(*port);
    return endpoint;
}

} // namespace ns3::fanout
