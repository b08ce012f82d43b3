/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-identity.h"

#include <boost/container/small_vector.hpp>
#include <sodium.h>

#include <cstring>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

void
StartSodium()
{
    static const bool ready = sodium_init() >= 0;
    if (!ready)
    {
        throw std::runtime_error("libsodium could not be started: sodium_init() failed");
    }
}

template <typename... Parts>
Digest
Sha256Of(const Parts&... parts)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    (crypto_hash_sha256_update(&state,
                               reinterpret_cast<const unsigned char*>(parts.data()),
                               parts.size()),
     ...);
    Digest digest;
    crypto_hash_sha256_final(&state, digest.data());
    return digest;
}

class Ed25519Scheme : public SignatureScheme
{
  public:
    Identity
    FromSeed(const std::array<std::uint8_t, 32>& seed) const override
    {
        return Identity::FromSeed(seed);
    }

    Signature
    Sign(const Identity& signer, const Digest& digest) const override
    {
        return SignMessage(signer, {digest.data(), digest.size()});
    }

    bool
    Verify(const PublicKey& key, const Digest& digest, const Signature& signature) const override
    {
        return VerifyMessage(key, {digest.data(), digest.size()}, signature);
    }

    Signature
    SignMessage(const Identity& signer, ByteView message) const override
    {
        // libsodium's secret key is the seed and the public key side by side.
        std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;
        std::memcpy(secret.data(), signer.seed.data(), signer.seed.size());
        std::memcpy(secret.data() + signer.seed.size(),
                    signer.publicKey.data(),
                    signer.publicKey.size());
        Signature signature;
        crypto_sign_detached(signature.data(),
                             nullptr,
                             message.data(),
                             message.size(),
                             secret.data());
        return signature;
    }

    bool
    VerifyMessage(const PublicKey& key, ByteView message, const Signature& signature) const override
    {
        return crypto_sign_verify_detached(signature.data(),
                                           message.data(),
                                           message.size(),
                                           key.data()) == 0;
    }
};

class MockScheme : public SignatureScheme
{
  public:
    Identity
    FromSeed(const std::array<std::uint8_t, 32>& seed) const override
    {
        Identity identity;
        identity.seed = seed;
        identity.publicKey = Sha256Of(std::string_view("fanout-tree mock key"), seed);
        identity.id = PeerIdOf(identity.publicKey);
        return identity;
    }

    Digest
    Prehash(ByteView head, ByteView middle, ByteView tail) const override
    {
        boost::container::small_vector<std::uint8_t, 2048> text;
        for (const ByteView part : {head, middle, tail})
        {
            text.insert(text.end(), part.begin(), part.end());
        }
        const std::uint64_t hash = ShortHash(HashKey{}, {text.data(), text.size()});
        Digest digest{};
        std::memcpy(digest.data(), &hash, sizeof(hash));
        return digest;
    }

    Signature
    Sign(const Identity& signer, const Digest& digest) const override
    {
        return Mark(signer.publicKey, {digest.data(), digest.size()});
    }

    bool
    Verify(const PublicKey& key, const Digest& digest, const Signature& signature) const override
    {
        return Mark(key, {digest.data(), digest.size()}) == signature;
    }

    Signature
    SignMessage(const Identity& signer, ByteView message) const override
    {
        return Mark(signer.publicKey, message);
    }

    bool
    VerifyMessage(const PublicKey& key, ByteView message, const Signature& signature) const override
    {
        return Mark(key, message) == signature;
    }

  private:
    using HashKey = std::array<std::uint8_t, crypto_shorthash_KEYBYTES>;

    /// SipHash: made for messages as short as control frames, of which a large run signs millions.
    static std::uint64_t
    ShortHash(const HashKey& key, ByteView message)
    {
        std::uint64_t hash = 0;
        static_assert(sizeof(hash) == crypto_shorthash_BYTES);
        crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                         message.data(),
                         message.size(),
                         key.data());
        return hash;
    }

    static Signature
    Mark(const PublicKey& publicKey, ByteView message)
    {
        HashKey key;
        for (std::size_t i = 0; i < key.size(); i++)
        {
            key[i] = publicKey[i] ^ publicKey[i + key.size()];
        }
        const std::uint64_t hash = ShortHash(key, message);
        Signature signature;
        for (std::size_t i = 0; i < signature.size(); i += sizeof(hash))
        {
            std::memcpy(signature.data() + i, &hash, sizeof(hash));
        }
        return signature;
    }
};

} // namespace

Identity
Identity::FromSeed(const std::array<std::uint8_t, 32>& seed)
{
    StartSodium();
    Identity identity;
    identity.seed = seed;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;
    crypto_sign_seed_keypair(identity.publicKey.data(), secret.data(), seed.data());
    identity.id = PeerIdOf(identity.publicKey);
    return identity;
}

std::array<std::uint8_t, 32>
Identity::DeriveSeed(std::uint64_t runSeed, std::uint64_t index)
{
    std::array<std::uint8_t, 16> numbers;
    for (std::size_t i = 0; i < 8; i++)
    {
        numbers[i] = static_cast<std::uint8_t>(runSeed >> (56 - 8 * i));
        numbers[8 + i] = static_cast<std::uint8_t>(index >> (56 - 8 * i));
    }
    return Sha256Of(std::string_view("fanout-tree identity"), numbers);
}

PeerId
PeerIdOf(const PublicKey& publicKey)
{
    constexpr std::array<std::uint8_t, 1> ED25519_VARIANT{0};
    return {Sha256Of(ED25519_VARIANT, publicKey)};
}

Digest
SignatureScheme::Prehash(ByteView head, ByteView middle, ByteView tail) const
{
    return Sha256Of(head, middle, tail);
}

const SignatureScheme&
SignatureScheme::Ed25519()
{
    StartSodium();
    static const Ed25519Scheme scheme;
    return scheme;
}

const SignatureScheme&
SignatureScheme::Mock()
{
    StartSodium();
    static const MockScheme scheme;
    return scheme;
}

Digest
ChannelKeyOf(std::string_view root, std::string_view topic)
{
    return Sha256Of(std::string_view("fanout-tree|"), root, std::string_view("|"), topic);
}

Digest
ProviderKeyOf(std::string_view name)
{
    return Sha256Of(std::string_view("provider|"), name);
}

} // namespace ns3::fanout
