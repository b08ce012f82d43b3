/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CURSOR_H
#define FANOUT_CURSOR_H

#include "ns3/fanout-bytes.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree-codec
 * Reads big-endian fields out of bytes. A read behind the end yields zero or nothing, does not
 * move, and breaks the cursor: what follows cannot be trusted to be in step.
 */
class Cursor
{
  public:
    /// @param bytes what to read
    explicit Cursor(ByteView bytes)
        : m_bytes(bytes)
    {
    }

    /// @return bytes not read yet
    std::size_t
    Left() const
    {
        return m_bytes.size() - m_at;
    }

    /// @param size bytes @return whether so many are left
    bool
    Has(std::size_t size) const
    {
        return size <= Left();
    }

    /// @return whether something was missing
    bool
    Broken() const
    {
        return m_broken;
    }

    /// Something was missing.
    void
    Break()
    {
        m_broken = true;
    }

    /// @param size bytes @return these, or none when fewer are left
    ByteView
    Take(std::size_t size)
    {
        if (!Has(size))
        {
            Break();
            return ByteView();
        }
        const ByteView taken(m_bytes.data() + m_at, size);
        m_at += size;
        return taken;
    }

    /// @return all that is left
    ByteView
    TakeRest()
    {
        return Take(Left());
    }

    /// @return the next byte
    std::uint8_t
    U8()
    {
        return static_cast<std::uint8_t>(Number(1));
    }

    /// @return the next two bytes
    std::uint16_t
    U16()
    {
        return static_cast<std::uint16_t>(Number(2));
    }

    /// @return the next four bytes
    std::uint32_t
    U32()
    {
        return static_cast<std::uint32_t>(Number(4));
    }

    /// @return the next eight bytes
    std::uint64_t
    U64()
    {
        return Number(8);
    }

  private:
    /// @param size bytes @return their big-endian value
    std::uint64_t
    Number(std::size_t size)
    {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : Take(size))
        {
            value = value << 8 | byte;
        }
        return value;
    }

    ByteView m_bytes;     ///< what to read
    std::size_t m_at{0};  ///< next byte
    bool m_broken{false}; ///< something was missing
};

/**
 * @ingroup fanout-tree-codec
 * Writes big-endian fields into room that is known to suffice.
 */
class ByteWriter
{
  public:
    /// @param at where to write
    explicit ByteWriter(std::uint8_t* at)
        : m_at(at)
    {
    }

    /// @param value one byte
    void
    U8(std::uint8_t value)
    {
        *m_at++ = value;
    }

    /// @param value two bytes
    void
    U16(std::uint16_t value)
    {
        Number(value, 2);
    }

    /// @param value four bytes
    void
    U32(std::uint32_t value)
    {
        Number(value, 4);
    }

    /// @param value eight bytes
    void
    U64(std::uint64_t value)
    {
        Number(value, 8);
    }

    /// @param bytes to copy
    void
    Raw(ByteView bytes)
    {
        m_at = std::copy(bytes.begin(), bytes.end(), m_at);
    }

    /// @return where the next byte goes
    const std::uint8_t*
    At() const
    {
        return m_at;
    }

  private:
    /// @param value what to write @param size bytes it takes
    void
    Number(std::uint64_t value, std::size_t size)
    {
        for (std::size_t i = size; i-- > 0;)
        {
            *m_at++ = static_cast<std::uint8_t>(value >> (8 * i));
        }
    }

    std::uint8_t* m_at; ///< next byte
};

/**
 * @ingroup fanout-tree-codec
 * Takes the calls of a ByteWriter and counts the bytes only.
 */
class ByteCounter
{
  public:
    /// One byte.
    void
    U8(std::uint8_t)
    {
        m_size += 1;
    }

    /// Two bytes.
    void
    U16(std::uint16_t)
    {
        m_size += 2;
    }

    /// Four bytes.
    void
    U32(std::uint32_t)
    {
        m_size += 4;
    }

    /// Eight bytes.
    void
    U64(std::uint64_t)
    {
        m_size += 8;
    }

    /// @param bytes that would be copied
    void
    Raw(ByteView bytes)
    {
        m_size += bytes.size();
    }

    /// @return bytes so far
    std::size_t
    Size() const
    {
        return m_size;
    }

  private:
    std::size_t m_size{0}; ///< bytes so far
};

} // namespace ns3::fanout

#endif // FANOUT_CURSOR_H
