/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-hello.h"

#include <algorithm>
#include <string_view>

namespace ns3::fanout
{

namespace
{

constexpr std::string_view LABEL = "fanout-tree tcp hello";
constexpr std::size_t KEY_AT = 2;
constexpr std::size_t LISTEN_AT = 34;

/// What is signed: the label, then the hello up to its signature.
Bytes
Signable(const PublicKey& key, const Endpoint& listen)
{
    Bytes bytes(LABEL.begin(), LABEL.end());
    bytes.push_back(TcpHello::MAGIC);
    bytes.push_back(TcpHello::VERSION);
    bytes.insert(bytes.end(), key.begin(), key.end());
    const Bytes address = listen.ToBytes();
    bytes.insert(bytes.end(), address.begin(), address.end());
    return bytes;
}

} // namespace

Bytes
TcpHello::Write(const SignatureScheme& scheme, const Identity& identity, const Endpoint& listen)
{
    Bytes bytes = Signable(identity.publicKey, listen);
    const Signature signature = scheme.SignMessage(identity, bytes);
    bytes.erase(bytes.begin(), bytes.begin() + LABEL.size());
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return bytes;
}

std::optional<TcpHello>
TcpHello::Read(ByteView bytes)
{
    if (bytes.size() != BYTES || bytes[0] != MAGIC || bytes[1] != VERSION)
    {
        return std::nullopt;
    }
    const auto listen = Endpoint::FromBytes({bytes.data() + LISTEN_AT, SIGNED_BYTES - LISTEN_AT});
    if (!listen || !*listen || listen->protocol != Endpoint::Protocol::TCP)
    {
        return std::nullopt;
    }
    TcpHello hello;
    hello.listen = *listen;
    std::copy_n(bytes.begin() + KEY_AT, hello.key.size(), hello.key.begin());
    std::copy_n(bytes.begin() + SIGNED_BYTES, hello.signature.size(), hello.signature.begin());
    return hello;
}

bool
TcpHello::Verify(const SignatureScheme& scheme) const
{
    return scheme.VerifyMessage(key, Signable(key, listen), signature);
}

} // namespace ns3::fanout
