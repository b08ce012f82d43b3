/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-stream.h"

#include <algorithm>

namespace ns3::fanout
{

namespace
{

constexpr unsigned BITS = 7;
constexpr std::uint8_t MORE = 0x80;
constexpr std::size_t KEPT_BYTES = 4096; // of room for the next frame

} // namespace

TcpStream::TcpStream(std::uint32_t maxFrameBytes)
    : m_max(std::clamp<std::uint32_t>(maxFrameBytes, 1, MAX_FRAME_BYTES))
{
}

std::size_t
TcpStream::PrefixBytes(std::uint32_t size)
{
    std::size_t bytes = 1;
    while (size >>= BITS)
    {
        bytes++;
    }
    return bytes;
}

std::size_t
TcpStream::WritePrefix(std::uint32_t size, std::uint8_t* out)
{
    std::size_t bytes = 0;
    while (size >= MORE)
    {
        out[bytes++] = static_cast<std::uint8_t>(size | MORE);
        size >>= BITS;
    }
    out[bytes++] = static_cast<std::uint8_t>(size);
    return bytes;
}

void
TcpStream::Push(ByteView bytes)
{
    m_input = bytes;
}

std::optional<ByteView>
TcpStream::Next()
{
    if (m_returned)
    {
        m_returned = false;
        m_partial.clear();
        if (m_partial.capacity() > KEPT_BYTES)
        {
            Bytes().swap(m_partial);
        }
    }
    if (m_error != Error::NONE || (m_partial.empty() && m_input.empty()))
    {
        return std::nullopt;
    }
    std::size_t prefix = 0;
    std::uint32_t size = 0;
    if (m_partial.empty())
    {
        if (ReadPrefix(m_input, prefix, size) && m_input.size() >= prefix + size)
        {
            const ByteView frame(m_input.data() + prefix, size);
            m_input = m_input.From(prefix + size);
            return frame;
        }
        if (m_error == Error::NONE)
        {
            Take(m_input.size());
        }
        return std::nullopt;
    }
    if (!Complete())
    {
        return std::nullopt;
    }
    ReadPrefix(m_partial, prefix, size);
    m_returned = true;
    return ByteView(m_partial.data() + prefix, size);
}

bool
TcpStream::ReadPrefix(ByteView bytes, std::size_t& prefix, std::uint32_t& size)
{
    size = 0;
    for (std::size_t i = 0; i < bytes.size(); i++)
    {
        size |= static_cast<std::uint32_t>(bytes[i] & (MORE - 1)) << (BITS * i);
        if ((bytes[i] & MORE) == 0)
        {
            prefix = i + 1;
            m_error = bytes[i] == 0 ? Error::PREFIX : size > m_max ? Error::TOO_LARGE : Error::NONE;
            return m_error == Error::NONE;
        }
        if (i + 1 == MAX_PREFIX_BYTES)
        {
            m_error = Error::TOO_LARGE;
            return false;
        }
    }
    return false;
}

bool
TcpStream::Complete()
{
    std::size_t prefix = 0;
    std::uint32_t size = 0;
    while (!ReadPrefix(m_partial, prefix, size))
    {
        if (m_error != Error::NONE || m_input.empty())
        {
            return false;
        }
        Take(1);
    }
    Take(prefix + size - m_partial.size());
    return m_partial.size() == prefix + size;
}

void
TcpStream::Take(std::size_t bytes)
{
    bytes = std::min(bytes, m_input.size());
    m_partial.insert(m_partial.end(), m_input.begin(), m_input.begin() + bytes);
    m_input = m_input.From(bytes);
}

} // namespace ns3::fanout
