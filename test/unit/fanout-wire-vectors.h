/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WIRE_VECTORS_H
#define FANOUT_WIRE_VECTORS_H

#include "ns3/fanout-bytes.h"
#include "ns3/fanout-identity.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace ns3::fanout::test
{

/// @param section a section of wire.json @return what the reference wrote and read there
inline const nlohmann::json&
WireVectors(const std::string& section)
{
    static const nlohmann::json vectors = []
    {
        const std::string path = std::string(FANOUT_TEST_VECTORS) + "/wire.json";
        std::ifstream file(path);
        if (!file)
        {
            throw std::runtime_error("cannot open " + path);
        }
        return nlohmann::json::parse(file);
    }();
    return vectors.at(section);
}

/// @param text lower-case hexadecimal @return its bytes
inline Bytes
FromHex(const std::string& text)
{
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    {
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

/// @param bytes any bytes @return them in lower-case hexadecimal
inline std::string
ToHex(ByteView bytes)
{
    constexpr char DIGITS[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes)
    {
        text += DIGITS[byte >> 4];
        text += DIGITS[byte & 15];
    }
    return text;
}

/// @param text hexadecimal of as many bytes as the array has @return the array
template <typename Array>
Array
ArrayFromHex(const std::string& text)
{
    const Bytes bytes = FromHex(text);
    Array array{};
    if (bytes.size() != array.size())
    {
        throw std::runtime_error("expected " + std::to_string(array.size()) + " bytes: " + text);
    }
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

} // namespace ns3::fanout::test

#endif // FANOUT_WIRE_VECTORS_H
