/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_BYTES_H
#define FANOUT_BYTES_H

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ns3::fanout
{

/// Owned bytes.
using Bytes = std::vector<std::uint8_t>;

/**
 * @ingroup fanout-tree
 * Bytes that somebody else owns; valid as long as the owner leaves them alone.
 */
class ByteView
{
  public:
    constexpr ByteView() = default;

    /// @param data first byte @param size number of bytes
    constexpr ByteView(const std::uint8_t* data, std::size_t size)
        : m_data(data),
          m_size(size)
    {
    }

    /// @param bytes the owner
    ByteView(const Bytes& bytes)
        : ByteView(bytes.data(), bytes.size())
    {
    }

    /// @param text the owner
    explicit ByteView(std::string_view text)
        : ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())
    {
    }

    /// @return the first byte
    constexpr const std::uint8_t*
    data() const
    {
        return m_data;
    }

    /// @return the number of bytes
    constexpr std::size_t
    size() const
    {
        return m_size;
    }

    /// @return whether there is no byte
    constexpr bool
    empty() const
    {
        return m_size == 0;
    }

    /// @return iterator to the first byte
    constexpr const std::uint8_t*
    begin() const
    {
        return m_data;
    }

    /// @return iterator behind the last byte
    constexpr const std::uint8_t*
    end() const
    {
        return m_data + m_size;
    }

    /// @param i index, smaller than size() @return that byte
    constexpr std::uint8_t
    operator[](std::size_t i) const
    {
        return m_data[i];
    }

    /// @param from first byte of the rest; beyond the end the rest is empty @return the rest
    constexpr ByteView
    From(std::size_t from) const
    {
        return from >= m_size ? ByteView() : ByteView(m_data + from, m_size - from);
    }

  private:
    const std::uint8_t* m_data{nullptr}; ///< first byte
    std::size_t m_size{0};               ///< number of bytes
};

} // namespace ns3::fanout

#endif // FANOUT_BYTES_H
