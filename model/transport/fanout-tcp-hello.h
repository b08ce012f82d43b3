/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TCP_HELLO_H
#define FANOUT_TCP_HELLO_H

#include "ns3/fanout-bytes.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-multiaddr.h"

#include <optional>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * The first frame of each side of a connection of FanoutTcpTransport:
 *
 *     offset  bytes
 *     0       1      0xfa
 *     1       1      version, 1
 *     2       32     the sender's public key; its peer id follows from that
 *     34      8      where it listens: /ip4/A.B.C.D/tcp/PORT as a binary multiaddr
 *     42      64     signature of "fanout-tree tcp hello" and of all before it
 *
 * It stands for what the reference's connections settle before their first frame (an encrypted
 * channel between two known keys, and the choice of a protocol), which is not simulated. The
 * signature binds key and address: a receiver takes only addresses that the connection itself comes
 * from, so nobody can pass for a peer of another host. It does not prove that the sender holds the
 * key now; envelopes do, each one for itself.
 */
struct TcpHello
{
    static constexpr std::uint8_t MAGIC = 0xfa;     ///< first byte
    static constexpr std::uint8_t VERSION = 1;      ///< second byte
    static constexpr std::size_t SIGNED_BYTES = 42; ///< before the signature
    static constexpr std::size_t BYTES = 106;       ///< of all

    PublicKey key{};       ///< of the sender
    Endpoint listen;       ///< where it listens
    Signature signature{}; ///< of both

    /// @param scheme how to sign @param identity who @param listen where, protocol TCP
    /// @return the frame
    static Bytes Write(const SignatureScheme& scheme,
                       const Identity& identity,
                       const Endpoint& listen);

    /// @param bytes a frame @return its fields, nothing when it is no hello; the signature is not
    /// checked
    static std::optional<TcpHello> Read(ByteView bytes);

    /// @param scheme how it was signed @return whether the signature is good
    bool Verify(const SignatureScheme& scheme) const;
};

} // namespace ns3::fanout

#endif // FANOUT_TCP_HELLO_H
