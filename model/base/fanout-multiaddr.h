/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MULTIADDR_H
#define FANOUT_MULTIADDR_H

#include "fanout-bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Where a peer listens: the subset of multiaddrs the module speaks, /ip4/A.B.C.D/udp/PORT and
 * /ip4/A.B.C.D/tcp/PORT. See https://github.com/multiformats/multiaddr for the binary form.
 */
struct Endpoint
{
    /// Transport protocol.
    enum class Protocol : std::uint8_t
    {
        UDP, ///< multiaddr code 273
        TCP  ///< multiaddr code 6
    };

    std::uint32_t ip{0};              ///< IPv4 address, host order
    std::uint16_t port{0};            ///< port, 1 to 65535
    Protocol protocol{Protocol::UDP}; ///< transport protocol

    /// @return whether this names a place: address and port are not zero
    explicit operator bool() const
    {
        return ip != 0 && port != 0;
    }

    /// @return the text form, for example /ip4/10.1.2.3/udp/4001
    std::string ToText() const;

    /// @return the binary form
    Bytes ToBytes() const;

    /**
     * Parse the binary form strictly: exactly these two components, nothing behind them.
     * @param bytes what a frame carried @return the endpoint, or nothing
     */
    static std::optional<Endpoint> FromBytes(ByteView bytes);

    /**
     * Parse the text form strictly: no leading zeros, no blanks, port 1 to 65535.
     * @param text the text @return the endpoint, or nothing
     */
    static std::optional<Endpoint> FromText(std::string_view text);

    /// @param a one @param b other @return whether equal
    friend bool
    operator==(const Endpoint& a, const Endpoint& b)
    {
        return a.ip == b.ip && a.port == b.port && a.protocol == b.protocol;
    }

    /// @param a one @param b other @return whether different
    friend bool
    operator!=(const Endpoint& a, const Endpoint& b)
    {
        return !(a == b);
    }
};

} // namespace ns3::fanout

#endif // FANOUT_MULTIADDR_H
