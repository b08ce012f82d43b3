/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-vectors.h"

#include "ns3/fanout-frame.h"
#include "ns3/fanout-random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;

const SignatureScheme&
Mock()
{
    return SignatureScheme::Mock();
}

Digest
SomeKey()
{
    return ChannelKeyOf("root", "topic");
}

FrameRef
SealData(std::uint32_t seq, std::uint64_t timestamp = 1000, std::size_t payload = 40)
{
    EnvelopeFields fields;
    fields.id = DataMessageId(seq, SomeKey());
    fields.timestamp = timestamp;
    fields.session = 5;
    fields.expires = timestamp + Frame::LIFETIME_MS;
    fields.priority = 1;
    Bytes data(1 + payload, 0x77);
    data[0] = 10;
    return Frame::Seal(Mock(), Mock().Derive(1, 0), fields, data);
}

FrameRef
SealControl(std::uint8_t kind)
{
    EnvelopeFields fields;
    fields.id.fill(0x31);
    Bytes data(41, 0x55);
    data[0] = kind;
    return Frame::Seal(Mock(), Mock().Derive(1, 0), fields, data);
}

Bytes
Copy(ByteView bytes)
{
    return {bytes.begin(), bytes.end()};
}

TEST(FanoutFrame, SealedFrameReadsBack)
{
    const FrameRef sealed = SealData(7);
    EXPECT_EQ(sealed->Wire().size(), Frame::ENVELOPE_BYTES + 41);
    for (const FrameRef& frame : {sealed, Frame::Parse(sealed->Wire())})
    {
        ASSERT_TRUE(frame);
        EXPECT_EQ(ToHex(frame->Wire()), ToHex(sealed->Wire()));
        EXPECT_TRUE(frame->IsData());
        EXPECT_EQ(frame->Seq(), 7U);
        EXPECT_EQ(frame->Kind(), 10);
        EXPECT_EQ(frame->Payload().size(), 40U);
        EXPECT_EQ(frame->Payload()[0], 0x77);
        const Digest key = SomeKey();
        EXPECT_EQ(ToHex(frame->ChannelSuffix()), ToHex({key.data(), 24}));
        EXPECT_EQ(frame->Fields().timestamp, 1000U);
        EXPECT_EQ(frame->Fields().session, 5U);
        EXPECT_EQ(frame->Fields().expires, 606800U);
        EXPECT_EQ(frame->Fields().priority, 1U);
        EXPECT_TRUE(frame->HasPriority());
        EXPECT_EQ(frame->SignatureCount(), 1U);
        EXPECT_EQ(frame->Signer(), Mock().Derive(1, 0).id);
        EXPECT_TRUE(frame->Verify(Mock()));
        EXPECT_TRUE(frame->Verify(Mock(), false));
        EXPECT_FALSE(frame->Verify(SignatureScheme::Ed25519(), false));
    }
}

TEST(FanoutFrame, ControlFrameIsNoData)
{
    const FrameRef frame = SealControl(1);
    EXPECT_FALSE(frame->IsData());
    EXPECT_EQ(frame->Seq(), 0U);
    EXPECT_EQ(ToHex(frame->ChannelSuffix()), ToHex(Bytes(24, 0x55)));
    EXPECT_EQ(frame->Fields().priority, 10U);
    EXPECT_FALSE(SealControl(10)->IsData());
}

TEST(FanoutFrame, ShortDataHasNoChannel)
{
    EnvelopeFields fields;
    const FrameRef empty = Frame::Seal(Mock(), Mock().Derive(1, 0), fields, ByteView());
    EXPECT_EQ(empty->Kind(), 0);
    EXPECT_TRUE(empty->Data().empty());
    EXPECT_TRUE(empty->Payload().empty());
    EXPECT_TRUE(empty->ChannelSuffix().empty());
    EXPECT_TRUE(Frame::Parse(empty->Wire()));
    const FrameRef shortOne = Frame::Seal(Mock(), Mock().Derive(1, 0), fields, Bytes(32, 4));
    EXPECT_TRUE(shortOne->ChannelSuffix().empty());
    const FrameRef longEnough = Frame::Seal(Mock(), Mock().Derive(1, 0), fields, Bytes(33, 4));
    EXPECT_EQ(longEnough->ChannelSuffix().size(), 24U);
}

TEST(FanoutFrame, EveryChangedBitIsNoticed)
{
    const FrameRef frame = SealData(7);
    std::size_t parsed = 0;
    for (std::size_t bit = 0; bit < 8 * frame->Wire().size(); bit++)
    {
        Bytes wire = Copy(frame->Wire());
        wire[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const FrameRef changed = Frame::Parse(wire);
        if (changed)
        {
            EXPECT_FALSE(changed->Verify(Mock())) << "byte " << bit / 8;
            EXPECT_FALSE(changed->Verify(Mock())) << "remembered, byte " << bit / 8;
            parsed++;
        }
    }
    EXPECT_GT(parsed, 1000U);
}

TEST(FanoutFrame, PrefixesAndTrailingBytesAreRejected)
{
    const FrameRef frame = SealData(7);
    std::string error;
    for (std::size_t size = 0; size < frame->Wire().size(); size++)
    {
        const auto copy = std::make_unique<std::uint8_t[]>(size);
        std::copy_n(frame->Wire().begin(), size, copy.get());
        EXPECT_FALSE(Frame::Parse({copy.get(), size}, &error)) << size;
        EXPECT_EQ(error, "the envelope ends too early") << size;
    }
    Bytes longer = Copy(frame->Wire());
    longer.push_back(0);
    EXPECT_FALSE(Frame::Parse(longer, &error));
    EXPECT_EQ(error, "bytes are left behind the envelope");
}

TEST(FanoutFrame, ErrorsSayWhatIsWrong)
{
    const std::vector<std::pair<std::size_t, std::string>> cases{
        {0, "the envelope is no DataMessage (variant 0)"},
        {1, "the variant of the envelope's header is not 0"},
        {58, "an option flag of the envelope is neither 0 nor 1"},
        {65, "an option flag of the envelope is neither 0 nor 1"},
        {66, "the delivery mode is none of 0, 1, 3, 4 and 5"},
        {68, "the variant of the signatures is not 0"},
        {70, "the variant of a signature is not 0"},
        {139, "the signer's key is neither Ed25519 (0) nor secp256k1 (1)"},
        {173, "an option flag of the envelope is neither 0 nor 1"}};
    for (const auto& [at, expected] : cases)
    {
        Bytes wire = Copy(SealData(7)->Wire());
        wire[at] = 9;
        std::string error;
        EXPECT_FALSE(Frame::Parse(wire, &error));
        EXPECT_EQ(error, expected) << at;
    }
}

TEST(FanoutFrame, HugeCountsAreHarmless)
{
    Bytes wire = FromHex("0000" + std::string(64, '0') + std::string(48, '0') +
                         "000001"
                         "00" +
                         "ffffffff"
                         "ffffffff");
    EXPECT_FALSE(Frame::Parse(wire));
    wire.insert(wire.end(), 4000, 0);
    EXPECT_FALSE(Frame::Parse(wire));
}

TEST(FanoutFrame, UnsignedAndUnknownSignaturesFail)
{
    const std::string head = "0000" + std::string(64, '0') + std::string(48, '0') +
                             "000000"
                             "00";
    const FrameRef absent = Frame::Parse(FromHex(head + "00"
                                                        "00"));
    ASSERT_TRUE(absent);
    EXPECT_FALSE(absent->HasPriority());
    EXPECT_EQ(absent->SignatureCount(), 0U);
    EXPECT_FALSE(absent->Signer());
    EXPECT_FALSE(absent->Verify(Mock()));
    const FrameRef none = Frame::Parse(FromHex(head + "01"
                                                      "00"
                                                      "00"
                                                      "00"));
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->Verify(Mock()));

    const std::string sixtyFour = "40000000" + std::string(128, '0');
    const FrameRef secp = Frame::Parse(FromHex(head +
                                               "010001"
                                               "00" +
                                               sixtyFour + "01" + std::string(66, '2') +
                                               "01"
                                               "00"));
    ASSERT_TRUE(secp);
    EXPECT_EQ(secp->Signer().digest, Sha256(FromHex("01" + std::string(66, '2'))));
    EXPECT_FALSE(secp->Verify(Mock()));
    const FrameRef shortSignature = Frame::Parse(FromHex(head +
                                                         "010001"
                                                         "00"
                                                         "0100000077"
                                                         "00" +
                                                         std::string(64, '2') +
                                                         "01"
                                                         "00"));
    ASSERT_TRUE(shortSignature);
    EXPECT_FALSE(shortSignature->Verify(Mock()));
}

/// An envelope of the least size with two good signatures; the second key's variant can be wrong.
Bytes
SignedTwice(std::uint8_t secondKeyVariant)
{
    const Bytes head = FromHex("0000" + std::string(64, '3') + std::string(48, '0') + "000000");
    Bytes signable = head;
    signable.insert(signable.end(), {0, 0, 0});
    const Digest digest = Mock().Prehash(signable, ByteView(), ByteView());
    Bytes wire = head;
    wire.insert(wire.end(), {0, 1, 0, 2});
    for (const std::uint64_t index : {0, 1})
    {
        const Identity signer = Mock().Derive(1, index);
        const Signature signature = Mock().Sign(signer, digest);
        wire.insert(wire.end(), {0, 64, 0, 0, 0});
        wire.insert(wire.end(), signature.begin(), signature.end());
        const std::uint8_t variant = index == 0 ? 0 : secondKeyVariant;
        wire.push_back(variant);
        wire.insert(wire.end(), signer.publicKey.begin(), signer.publicKey.end());
        wire.insert(wire.end(), variant, 0); // a secp256k1 key is one byte longer
        wire.push_back(1);
    }
    wire.push_back(0);
    return wire;
}

TEST(FanoutFrame, EverySignatureCounts)
{
    const Bytes wire = SignedTwice(0);
    const FrameRef frame = Frame::Parse(wire);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->SignatureCount(), 2U);
    EXPECT_TRUE(frame->Verify(Mock()));
    for (const std::size_t at : {70U, 70U + 103U})
    {
        Bytes changed = wire;
        changed[at + 5] ^= 1;
        ASSERT_TRUE(Frame::Parse(changed));
        EXPECT_FALSE(Frame::Parse(changed)->Verify(Mock())) << at;
    }
    const FrameRef secp = Frame::Parse(SignedTwice(1));
    ASSERT_TRUE(secp);
    EXPECT_FALSE(secp->Verify(Mock()));
}

TEST(FanoutFrame, UnknownPrehashFails)
{
    Bytes wire = Copy(SealData(7)->Wire());
    for (const std::uint8_t prehash : {0, 2, 3, 255})
    {
        wire[172] = prehash;
        const FrameRef frame = Frame::Parse(wire);
        ASSERT_TRUE(frame) << +prehash;
        EXPECT_FALSE(frame->Verify(Mock())) << +prehash;
    }
}

/// Counts how often a signature is checked.
class CountingScheme : public SignatureScheme
{
  public:
    Identity
    FromSeed(const std::array<std::uint8_t, 32>& seed) const override
    {
        return Mock().FromSeed(seed);
    }

    Digest
    Prehash(ByteView head, ByteView middle, ByteView tail) const override
    {
        return Mock().Prehash(head, middle, tail);
    }

    Signature
    Sign(const Identity& signer, const Digest& digest) const override
    {
        return Mock().Sign(signer, digest);
    }

    bool
    Verify(const PublicKey& key, const Digest& digest, const Signature& signature) const override
    {
        checks++;
        return Mock().Verify(key, digest, signature);
    }

    Signature
    SignMessage(const Identity& signer, ByteView message) const override
    {
        return Mock().SignMessage(signer, message);
    }

    bool
    VerifyMessage(const PublicKey& key, ByteView message, const Signature& signature) const override
    {
        return Mock().VerifyMessage(key, message, signature);
    }

    mutable int checks{0};
};

TEST(FanoutFrame, VerdictIsRemembered)
{
    const CountingScheme scheme;
    const FrameRef frame = Frame::Parse(SealData(7)->Wire());
    const FrameRef holder = frame;
    EXPECT_TRUE(frame->Verify(scheme));
    EXPECT_TRUE(holder->Verify(scheme));
    EXPECT_EQ(scheme.checks, 1);
    EXPECT_TRUE(holder->Verify(scheme, false));
    EXPECT_EQ(scheme.checks, 2);
    EXPECT_TRUE(SealData(8)->Verify(scheme));
    EXPECT_EQ(scheme.checks, 2);
}

TEST(FanoutFrame, ReferencesAreCounted)
{
    FrameStore store;
    FrameRef first = store.Intern(SealData(7)->Wire());
    EXPECT_EQ(store.GetN(), 1U);
    {
        FrameRef second(first);
        FrameRef third = std::move(second);
        EXPECT_FALSE(second);
        EXPECT_EQ(third.Get(), first.Get());
        first = third;
        third = FrameRef();
        EXPECT_EQ(store.GetN(), 1U);
    }
    first = std::move(first);
    EXPECT_TRUE(first);
    const FrameRef& alias = first;
    first = alias;
    EXPECT_EQ(store.GetN(), 1U);
    first = FrameRef();
    EXPECT_EQ(store.GetN(), 0U);
}

TEST(FanoutFrameStore, SharesEqualDataFrames)
{
    FrameStore store;
    const Bytes wire = Copy(SealData(7)->Wire());
    const FrameRef one = store.Intern(wire);
    const FrameRef two = store.Intern(wire);
    EXPECT_EQ(one.Get(), two.Get());
    EXPECT_EQ(store.GetN(), 1U);
    const Bytes control = Copy(SealControl(1)->Wire());
    const FrameRef three = store.Intern(control);
    const FrameRef four = store.Intern(control);
    ASSERT_TRUE(three && four);
    EXPECT_NE(three.Get(), four.Get());
    EXPECT_EQ(store.GetN(), 1U);
    EXPECT_FALSE(store.Intern(ByteView()));
    EXPECT_FALSE(store.Intern({wire.data(), wire.size() - 1}));
    EXPECT_FALSE(store.Intern({wire.data(), 40}));
    EXPECT_EQ(store.GetN(), 1U);
}

TEST(FanoutFrameStore, AFoutIdWithoutDataIsNotShared)
{
    EnvelopeFields fields;
    fields.id = DataMessageId(1, SomeKey());
    const FrameRef fake = Frame::Seal(Mock(), Mock().Derive(1, 0), fields, Bytes(40, 4));
    FrameStore store;
    const FrameRef held = store.Intern(fake->Wire());
    ASSERT_TRUE(held);
    EXPECT_FALSE(held->IsData());
    EXPECT_EQ(held->Seq(), 0U);
    EXPECT_EQ(store.GetN(), 0U);
}

TEST(FanoutFrameStore, KeepsDifferentBytesOfOneIdApart)
{
    FrameStore store;
    const FrameRef original = store.Intern(SealData(7, 1000)->Wire());
    const FrameRef repaired = store.Intern(SealData(7, 2000)->Wire());
    EXPECT_NE(original.Get(), repaired.Get());
    EXPECT_EQ(store.GetN(), 2U);
    // Same seq, key and signature bytes: only the comparison of all bytes tells them apart.
    Bytes forged = Copy(original->Wire());
    forged.back() ^= 1;
    const FrameRef other = store.Intern(forged);
    EXPECT_NE(other.Get(), original.Get());
    EXPECT_EQ(store.GetN(), 3U);
    EXPECT_FALSE(other->Verify(Mock()));
    EXPECT_TRUE(original->Verify(Mock()));
    EXPECT_EQ(store.Intern(original->Wire()).Get(), original.Get());
}

TEST(FanoutFrameStore, AdoptsWhatItsPublisherMade)
{
    FrameStore store;
    FrameStore second;
    FrameRef sealed = SealData(7);
    const Bytes wire = Copy(sealed->Wire());
    store.Adopt(sealed);
    store.Adopt(sealed);
    second.Adopt(sealed);
    store.Adopt(FrameRef());
    store.Adopt(SealControl(1));
    EXPECT_EQ(store.GetN(), 1U);
    EXPECT_EQ(second.GetN(), 0U);
    EXPECT_EQ(store.Intern(wire).Get(), sealed.Get());
    const FrameRef twin = SealData(7);
    store.Adopt(twin);
    EXPECT_EQ(store.GetN(), 1U);
    EXPECT_EQ(store.Intern(wire).Get(), sealed.Get());
    sealed = FrameRef();
    EXPECT_EQ(store.GetN(), 0U);
    EXPECT_NE(store.Intern(wire).Get(), nullptr);
}

TEST(FanoutFrameStore, FramesOutliveTheStore)
{
    auto store = std::make_unique<FrameStore>();
    const FrameRef frame = store->Intern(SealData(7)->Wire());
    store.reset();
    EXPECT_TRUE(frame->Verify(Mock()));
}

TEST(FanoutFrameStore, StaysRightWhileFramesComeAndGo)
{
    constexpr std::size_t FRAMES = 400;
    std::vector<Bytes> wires;
    for (std::size_t i = 0; i < FRAMES; i++)
    {
        wires.push_back(Copy(SealData(static_cast<std::uint32_t>(i % 50), i, 5)->Wire()));
        if (i % 3 == 0)
        {
            wires.back().back() ^= 1;
        }
    }
    FrameStore store;
    std::vector<FrameRef> held(FRAMES);
    std::size_t count = 0;
    Random random(5, 0, 0);
    for (int step = 0; step < 40000; step++)
    {
        const std::size_t i = random.Below(FRAMES);
        if (held[i])
        {
            ASSERT_EQ(store.Intern(wires[i]).Get(), held[i].Get());
        }
        // Drift between a full and an empty table.
        const bool filling = step / 4000 % 2 == 0;
        if (!held[i] && (filling || random.Below(4) == 0))
        {
            held[i] = store.Intern(wires[i]);
            count++;
        }
        else if (held[i] && (!filling || random.Below(4) == 0))
        {
            held[i] = FrameRef();
            count--;
        }
        ASSERT_EQ(store.GetN(), count);
    }
    held.clear();
    EXPECT_EQ(store.GetN(), 0U);
}

TEST(FanoutFrame, DataMessageIdIsBigEndian)
{
    const Digest id = DataMessageId(0x01020304, SomeKey());
    const Digest key = SomeKey();
    EXPECT_EQ(ToHex({id.data(), id.size()}), "464f555401020304" + ToHex({key.data(), 24}));
}

} // namespace
