/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-frame.h"

#include <limits>
#include <stdexcept>
#include <string>

namespace ns3::fanout
{

namespace
{

constexpr std::uint8_t DATA_VARIANT = 0;
constexpr std::uint8_t ANY_WHERE_VARIANT = 4;
constexpr std::uint8_t SHA256_PREHASH = 1;
constexpr std::uint8_t NO_PREHASH = 0;
constexpr std::uint8_t ED25519_VARIANT = 0;
constexpr std::uint8_t SECP256K1_VARIANT = 1;
constexpr std::uint8_t DATA_KIND = 10;
constexpr std::size_t ID_BYTES = 32;
constexpr std::size_t SIGNATURE_BYTES = 64;
constexpr std::array<std::uint8_t, 4> FOUT{'F', 'O', 'U', 'T'};

// Offsets of an envelope as Seal writes it (protocol 2.4).
constexpr std::size_t ID_AT = 2;
constexpr std::size_t MODE_AT = 65;
constexpr std::size_t SIGNATURES_AT = 67;
constexpr std::size_t SIGNATURE_AT = 75;
constexpr std::size_t DATA_FLAG_AT = 173;

bool
HasDataId(const std::uint8_t* id)
{
    return std::memcmp(id, FOUT.data(), FOUT.size()) == 0;
}

template <typename Integer>
void
PutLittleEndian(std::uint8_t* at, Integer value)
{
    for (std::size_t i = 0; i < sizeof(Integer); i++)
    {
        at[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

std::uint32_t
GetBigEndian32(const std::uint8_t* at)
{
    return static_cast<std::uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/// Reads borsh; after the first failure every read yields zero and Error() says what failed.
class BorshReader
{
  public:
    explicit BorshReader(ByteView bytes)
        : m_bytes(bytes)
    {
    }

    std::size_t
    At() const
    {
        return m_at;
    }

    const char*
    Error() const
    {
        return m_error;
    }

    void
    Fail(const char* error)
    {
        m_error = m_error ? m_error : error;
        m_at = m_bytes.size();
    }

    const std::uint8_t*
    Take(std::size_t size)
    {
        if (size > m_bytes.size() - m_at)
        {
            Fail("the envelope ends too early");
            return nullptr;
        }
        const std::uint8_t* taken = m_bytes.data() + m_at;
        m_at += size;
        return taken;
    }

    template <typename Integer>
    Integer
    Number()
    {
        Integer value = 0;
        if (const std::uint8_t* bytes = Take(sizeof(Integer)))
        {
            for (std::size_t i = sizeof(Integer); i-- > 0;)
            {
                value = static_cast<Integer>(value << 8 | bytes[i]);
            }
        }
        return value;
    }

    void
    Expect(std::uint8_t expected, const char* error)
    {
        if (Number<std::uint8_t>() != expected)
        {
            Fail(error);
        }
    }

    bool
    Option()
    {
        const auto flag = Number<std::uint8_t>();
        if (flag > 1)
        {
            Fail("an option flag of the envelope is neither 0 nor 1");
        }
        return flag == 1 && !m_error;
    }

    void
    SkipStrings()
    {
        const auto count = Number<std::uint32_t>();
        for (std::uint32_t i = 0; i < count && !m_error; i++)
        {
            Take(Number<std::uint32_t>());
        }
    }

    void
    SkipDeliveryMode()
    {
        switch (Number<std::uint8_t>())
        {
        case 0: // Silent
            SkipStrings();
            Take(1);
            break;
        case 1: // Acknowledge
            SkipStrings();
            Take(1);
            SkipStrings();
            break;
        case 3: // Traced
            SkipStrings();
            break;
        case ANY_WHERE_VARIANT:
            break;
        case 5: // AcknowledgeAnyWhere
            Take(1);
            SkipStrings();
            break;
        default:
            Fail("the delivery mode is none of 0, 1, 3, 4 and 5");
        }
    }

  private:
    ByteView m_bytes;
    std::size_t m_at{0};
    const char* m_error{nullptr};
};

/// One signature of an envelope; the key keeps its variant byte because its id covers that.
struct SignatureView
{
    ByteView signature;
    ByteView key;
    std::uint8_t prehash{0};
};

SignatureView
TakeSignature(BorshReader& reader)
{
    SignatureView view;
    reader.Expect(0, "the variant of a signature is not 0");
    const auto size = reader.Number<std::uint32_t>();
    view.signature = {reader.Take(size), size};
    std::size_t keyBytes = 0;
    const std::uint8_t* variant = reader.Take(1);
    if (variant && *variant == ED25519_VARIANT)
    {
        keyBytes = 32;
    }
    else if (variant && *variant == SECP256K1_VARIANT)
    {
        keyBytes = 33;
    }
    else
    {
        reader.Fail("the signer's key is neither Ed25519 (0) nor secp256k1 (1)");
    }
    reader.Take(keyBytes);
    view.key = {variant, 1 + keyBytes};
    view.prehash = reader.Number<std::uint8_t>();
    return view;
}

Digest
SignableDigest(const SignatureScheme& scheme, ByteView beforeMode, ByteView behindSignatures)
{
    constexpr std::array<std::uint8_t, 2> ABSENT{0, 0};
    return scheme.Prehash(beforeMode, {ABSENT.data(), ABSENT.size()}, behindSignatures);
}

} // namespace

Frame::~Frame()
{
    if (m_store)
    {
        m_store->Forget(*this);
    }
}

FrameRef
Frame::Parse(ByteView wire, std::string* error)
{
    if (wire.size() > std::numeric_limits<std::uint32_t>::max())
    {
        if (error)
        {
            *error = "the envelope is 4 GiB or larger";
        }
        return FrameRef();
    }
    const WireBytes size{static_cast<std::uint32_t>(wire.size())};
    auto parsed = new (size) Frame(size);
    const FrameRef frame(parsed);
    BorshReader reader(wire);
    reader.Expect(DATA_VARIANT, "the envelope is no DataMessage (variant 0)");
    reader.Expect(0, "the variant of the envelope's header is not 0");
    const std::uint8_t* id = reader.Take(ID_BYTES);
    parsed->m_fields.timestamp = reader.Number<std::uint64_t>();
    parsed->m_fields.session = reader.Number<std::uint64_t>();
    parsed->m_fields.expires = reader.Number<std::uint64_t>();
    parsed->m_hasPriority = reader.Option();
    parsed->m_fields.priority = parsed->m_hasPriority ? reader.Number<std::uint32_t>() : 0;
    if (reader.Option())
    {
        reader.Take(4); // response priority
    }
    if (reader.Option())
    {
        reader.Expect(0, "the variant of the envelope's origin is not 0");
        reader.SkipStrings();
    }
    parsed->m_modeOffset = static_cast<std::uint32_t>(reader.At());
    if (reader.Option())
    {
        reader.SkipDeliveryMode();
    }
    parsed->m_signaturesOffset = static_cast<std::uint32_t>(reader.At());
    if (reader.Option())
    {
        reader.Expect(0, "the variant of the signatures is not 0");
        parsed->m_signatureCount = reader.Number<std::uint8_t>();
        for (std::size_t i = 0; i < parsed->m_signatureCount && !reader.Error(); i++)
        {
            TakeSignature(reader);
        }
    }
    parsed->m_signaturesEnd = static_cast<std::uint32_t>(reader.At());
    parsed->m_dataSize = reader.Option() ? reader.Number<std::uint32_t>() : 0;
    parsed->m_dataOffset = static_cast<std::uint32_t>(reader.At());
    reader.Take(parsed->m_dataSize);
    if (reader.At() != wire.size())
    {
        reader.Fail("bytes are left behind the envelope");
    }
    if (reader.Error())
    {
        if (error)
        {
            *error = reader.Error();
        }
        return FrameRef();
    }
    std::memcpy(parsed->m_fields.id.data(), id, ID_BYTES);
    std::memcpy(parsed->Begin(), wire.data(), wire.size());
    parsed->Finish();
    return frame;
}

void
Frame::Finish()
{
    m_isData = Kind() == DATA_KIND && HasDataId(Begin() + ID_AT);
    m_seq = m_isData ? GetBigEndian32(Begin() + ID_AT + FOUT.size()) : 0;
}

FrameRef
Frame::Seal(const SignatureScheme& scheme,
            const Identity& signer,
            const EnvelopeFields& fields,
            ByteView data)
{
    if (data.size() > std::numeric_limits<std::uint32_t>::max() - ENVELOPE_BYTES)
    {
        throw std::invalid_argument("an envelope cannot carry " + std::to_string(data.size()) +
                                    " bytes; allowed are less than 4 GiB");
    }
    const WireBytes size{static_cast<std::uint32_t>(ENVELOPE_BYTES + data.size())};
    auto sealed = new (size) Frame(size);
    FrameRef frame(sealed);
    std::uint8_t* wire = sealed->Begin();
    std::memset(wire, 0, ENVELOPE_BYTES);
    std::memcpy(&wire[ID_AT], fields.id.data(), ID_BYTES);
    PutLittleEndian(&wire[34], fields.timestamp);
    PutLittleEndian(&wire[42], fields.session);
    PutLittleEndian(&wire[50], fields.expires);
    wire[58] = 1;
    PutLittleEndian(&wire[59], fields.priority);
    wire[MODE_AT] = 1;
    wire[MODE_AT + 1] = ANY_WHERE_VARIANT;
    wire[SIGNATURES_AT] = 1;
    wire[SIGNATURES_AT + 2] = 1; // one signature
    PutLittleEndian(&wire[SIGNATURE_AT - 4], static_cast<std::uint32_t>(SIGNATURE_BYTES));
    wire[SIGNATURE_AT + SIGNATURE_BYTES] = ED25519_VARIANT;
    std::memcpy(&wire[SIGNATURE_AT + SIGNATURE_BYTES + 1],
                signer.publicKey.data(),
                signer.publicKey.size());
    wire[DATA_FLAG_AT - 1] = SHA256_PREHASH;
    wire[DATA_FLAG_AT] = 1;
    PutLittleEndian(&wire[DATA_FLAG_AT + 1], static_cast<std::uint32_t>(data.size()));
    if (!data.empty())
    {
        std::memcpy(&wire[ENVELOPE_BYTES], data.data(), data.size());
    }
    const Digest digest =
        SignableDigest(scheme, {wire, MODE_AT}, sealed->Wire().From(DATA_FLAG_AT));
    const Signature signature = scheme.Sign(signer, digest);
    std::memcpy(&wire[SIGNATURE_AT], signature.data(), signature.size());
    sealed->m_fields = fields;
    sealed->m_hasPriority = true;
    sealed->m_modeOffset = MODE_AT;
    sealed->m_signaturesOffset = SIGNATURES_AT;
    sealed->m_signaturesEnd = DATA_FLAG_AT;
    sealed->m_signatureCount = 1;
    sealed->m_dataOffset = ENVELOPE_BYTES;
    sealed->m_dataSize = static_cast<std::uint32_t>(data.size());
    sealed->m_signer = signer.id;
    sealed->m_verdict = Verdict::GOOD;
    sealed->Finish();
    return frame;
}

const PeerId&
Frame::Signer() const
{
    if (m_signatureCount > 0 && !m_signer)
    {
        BorshReader reader(Wire().From(m_signaturesOffset + 3));
        m_signer = {Sha256(TakeSignature(reader).key)};
    }
    return m_signer;
}

Bytes
Frame::SignableBytes() const
{
    Bytes bytes;
    bytes.reserve(m_modeOffset + 2 + m_size - m_signaturesEnd);
    bytes.insert(bytes.end(), Begin(), Begin() + m_modeOffset);
    bytes.insert(bytes.end(), 2, 0);
    bytes.insert(bytes.end(), Begin() + m_signaturesEnd, Begin() + m_size);
    return bytes;
}

bool
Frame::Verify(const SignatureScheme& scheme, bool remember) const
{
    if (remember && m_verdict != Verdict::UNKNOWN)
    {
        return m_verdict == Verdict::GOOD;
    }
    const bool good = CheckSignatures(scheme);
    if (remember)
    {
        m_verdict = good ? Verdict::GOOD : Verdict::BAD;
    }
    return good;
}

bool
Frame::CheckSignatures(const SignatureScheme& scheme) const
{
    if (m_signatureCount == 0)
    {
        return false;
    }
    const ByteView wire = Wire();
    BorshReader reader(wire.From(m_signaturesOffset + 3));
    const Digest digest =
        SignableDigest(scheme, {wire.data(), m_modeOffset}, wire.From(m_signaturesEnd));
    for (std::size_t i = 0; i < m_signatureCount; i++)
    {
        const SignatureView view = TakeSignature(reader);
        if (view.key[0] != ED25519_VARIANT || view.signature.size() != SIGNATURE_BYTES)
        {
            return false;
        }
        PublicKey key;
        Signature signature;
        std::memcpy(key.data(), view.key.data() + 1, key.size());
        std::memcpy(signature.data(), view.signature.data(), signature.size());
        const bool good = view.prehash == SHA256_PREHASH ? scheme.Verify(key, digest, signature)
                          : view.prehash == NO_PREHASH
                              ? scheme.VerifyMessage(key, SignableBytes(), signature)
                              : false;
        if (!good)
        {
            return false;
        }
    }
    return true;
}

Digest
DataMessageId(std::uint32_t seq, const Digest& key)
{
    Digest id;
    std::memcpy(id.data(), FOUT.data(), FOUT.size());
    for (std::size_t i = 0; i < 4; i++)
    {
        id[FOUT.size() + i] = static_cast<std::uint8_t>(seq >> (24 - 8 * i));
    }
    std::memcpy(id.data() + 8, key.data(), 24);
    return id;
}

} // namespace ns3::fanout
