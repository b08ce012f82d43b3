/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TCP_STREAM_H
#define FANOUT_TCP_STREAM_H

#include "ns3/fanout-bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Cuts a stream of bytes into frames: each is preceded by its length as an unsigned varint (seven
 * bits a byte, least significant first, the high bit says that more follow, shortest form only).
 * See https://github.com/multiformats/unsigned-varint.
 *
 * Memory is what has arrived of the frame that is not whole yet, never what its length promises.
 */
class TcpStream
{
  public:
    /// Largest length that can be allowed, bytes; what the reference takes.
    static constexpr std::uint32_t MAX_FRAME_BYTES = 15001000;
    static constexpr std::size_t MAX_PREFIX_BYTES = 4; ///< of that length

    /// What is wrong with a stream; nothing more comes out of it then.
    enum class Error : std::uint8_t
    {
        NONE,     ///< nothing
        PREFIX,   ///< a length of 0, or not in its shortest form
        TOO_LARGE ///< a length beyond the limit
    };

    /// @param maxFrameBytes largest length allowed, 1 to MAX_FRAME_BYTES
    explicit TcpStream(std::uint32_t maxFrameBytes);

    /// @param size of a frame, 1 to MAX_FRAME_BYTES @return bytes of its prefix
    static std::size_t PrefixBytes(std::uint32_t size);

    /// @param size of a frame, 1 to MAX_FRAME_BYTES @param out room for MAX_PREFIX_BYTES
    /// @return bytes written
    static std::size_t WritePrefix(std::uint32_t size, std::uint8_t* out);

    /// More has arrived. @param bytes what; must stay until Next has returned nothing
    void Push(ByteView bytes);

    /// @return the next whole frame, nothing when there is none; valid until the next call
    std::optional<ByteView> Next();

    /// @return what is wrong
    Error
    GetError() const
    {
        return m_error;
    }

    /// @return whether a frame has begun and is not whole
    bool
    IsPartial() const
    {
        return !m_partial.empty();
    }

    /// @return bytes kept of the frame that is not whole
    std::size_t
    GetHeldBytes() const
    {
        return m_partial.size();
    }

  private:
    /**
     * @param bytes begin with a prefix @param prefix gets its size @param size gets the frame's
     * @return whether the prefix is whole; if not, or wrong, m_error says which
     */
    bool ReadPrefix(ByteView bytes, std::size_t& prefix, std::uint32_t& size);

    /// Move from the input to m_partial what makes it whole. @return whether it is whole now
    bool Complete();

    /// @param bytes how many to move from the input to m_partial, or as many as there are
    void Take(std::size_t bytes);

    ByteView m_input;           ///< arrived, not looked at
    Bytes m_partial;            ///< of a frame that is not whole, with its prefix
    std::uint32_t m_max;        ///< largest length allowed
    Error m_error{Error::NONE}; ///< what is wrong
    bool m_returned{false};     ///< m_partial was returned as a whole frame
};

} // namespace ns3::fanout

#endif // FANOUT_TCP_STREAM_H
