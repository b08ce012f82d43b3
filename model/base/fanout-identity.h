/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_IDENTITY_H
#define FANOUT_IDENTITY_H

#include "fanout-peer-id.h"

namespace ns3::fanout
{

/// An Ed25519 public key, 32 raw bytes.
using PublicKey = std::array<std::uint8_t, 32>;

/// A signature, 64 bytes in either scheme.
using Signature = std::array<std::uint8_t, 64>;

/**
 * @ingroup fanout-tree
 * A peer's keys and name. SignatureScheme::Derive makes them.
 */
struct Identity
{
    std::array<std::uint8_t, 32> seed{}; ///< secret seed
    PublicKey publicKey{};               ///< public key
    PeerId id;                           ///< SHA-256(00 || publicKey)

    /// @param seed 32 secret bytes @return the Ed25519 identity of these
    static Identity FromSeed(const std::array<std::uint8_t, 32>& seed);

    /**
     * The half of SignatureScheme::Derive that every scheme shares.
     * @param runSeed what the run's identities start from
     * @param index the peer's index
     * @return SHA-256 of a label and both numbers
     */
    static std::array<std::uint8_t, 32> DeriveSeed(std::uint64_t runSeed, std::uint64_t index);
};

/// @param publicKey an Ed25519 key @return the peer id it stands for
PeerId PeerIdOf(const PublicKey& publicKey);

/**
 * @ingroup fanout-tree
 * How envelopes are signed: Ed25519 over the SHA-256 of the signable bytes, as the reference does,
 * or a mock of the same size for large runs. Both reject a wrong signer and changed bytes; only the
 * first one withstands an adversary outside the simulation.
 *
 * A scheme also makes the keys: an Ed25519 pair costs 20 times what the mock's hashes cost. So ids
 * differ between the schemes, and with them what depends on ids, such as the order of trackers and
 * ties between candidates: the tree of a mock run is as good as, but not the same as, the tree of
 * the same seed with real signatures.
 */
class SignatureScheme
{
  public:
    virtual ~SignatureScheme() = default;

    /// @param seed 32 secret bytes @return keys and name made of these
    virtual Identity FromSeed(const std::array<std::uint8_t, 32>& seed) const = 0;

    /**
     * @param runSeed what the run's identities start from
     * @param index the peer's index
     * @return the identity of that peer; distinct pairs give distinct identities
     */
    Identity
    Derive(std::uint64_t runSeed, std::uint64_t index) const
    {
        return FromSeed(Identity::DeriveSeed(runSeed, index));
    }

    /**
     * What is hashed before it is signed, in three parts. The mock scheme has a faster hash of its
     * own; on the wire it passes for SHA-256.
     * @param head first bytes @param middle next bytes @param tail last bytes
     * @return SHA-256 of all, or what this scheme takes in its place
     */
    virtual Digest Prehash(ByteView head, ByteView middle, ByteView tail) const;

    /// @param signer who signs @param digest what is signed @return the signature
    virtual Signature Sign(const Identity& signer, const Digest& digest) const = 0;

    /// @param key who is said to have signed @param digest what @param signature the signature
    /// @return whether it is that key's signature of that digest
    virtual bool Verify(const PublicKey& key,
                        const Digest& digest,
                        const Signature& signature) const = 0;

    /// @param signer who signs @param message what is signed, not hashed first (prehash 0)
    /// @return the signature
    virtual Signature SignMessage(const Identity& signer, ByteView message) const = 0;

    /// @param key who is said to have signed @param message what, not hashed first (prehash 0)
    /// @param signature the signature @return whether it is that key's signature of that message
    virtual bool VerifyMessage(const PublicKey& key,
                               ByteView message,
                               const Signature& signature) const = 0;

    /// @return RFC 8032 signatures by libsodium
    static const SignatureScheme& Ed25519();

    /// @return a keyed hash of 8 bytes (SipHash-2-4) of the digest, repeated to 64
    static const SignatureScheme& Mock();
};

/// @param root text of the root's id @param topic any text @return SHA-256 of
/// "fanout-tree|root|topic" (protocol 2.2)
Digest ChannelKeyOf(std::string_view root, std::string_view topic);

/// @param name a provider namespace @return SHA-256 of "provider|name" (protocol 2.2)
Digest ProviderKeyOf(std::string_view name);

} // namespace ns3::fanout

#endif // FANOUT_IDENTITY_H
