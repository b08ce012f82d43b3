/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-vectors.h"

#include "ns3/fanout-codec.h"
#include "ns3/fanout-frame.h"
#include "ns3/fanout-messages.h"
#include "ns3/fanout-multiaddr.h"

#include <gtest/gtest.h>

#include <map>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;
using nlohmann::json;

/// A time at which only the vector named "expired" is; milliseconds.
constexpr std::uint64_t NOW_MS = 1795404161757;

std::uint8_t
UnicastFlags()
{
    Unicast message;
    message.ackWanted = true;
    return Encode(Digest(), message)[33];
}

std::map<std::string, std::uint64_t>
Constants()
{
    std::map<std::string, std::uint64_t> constants{
        {"JOIN_REJECT_NOT_ATTACHED", static_cast<std::uint64_t>(RejectReason::NOT_ATTACHED)},
        {"JOIN_REJECT_NO_CAPACITY", static_cast<std::uint64_t>(RejectReason::NO_CAPACITY)},
        {"JOIN_REJECT_LOW_BID", static_cast<std::uint64_t>(RejectReason::LOW_BID)},
        {"JOIN_REJECT_REDIRECT_MAX", MAX_REDIRECTS},
        {"JOIN_REJECT_REDIRECT_ADDR_MAX", MAX_REDIRECT_ADDRESSES},
        {"MAX_ROUTE_HOPS", MAX_ROUTE_HOPS},
        {"PARENT_PROBE_FLAG_ROOTED", PROBE_ROOTED},
        {"PARENT_PROBE_FLAG_ACCEPTING", PROBE_ACCEPTING},
        {"PARENT_PROBE_FLAG_REPAIRING", PROBE_REPAIRING},
        {"PARENT_PROBE_FLAG_OVERLOADED", PROBE_OVERLOADED},
        {"TRACKER_FEEDBACK_JOINED", static_cast<std::uint64_t>(FeedbackEvent::JOINED)},
        {"TRACKER_FEEDBACK_DIAL_FAILED", static_cast<std::uint64_t>(FeedbackEvent::DIAL_FAILED)},
        {"TRACKER_FEEDBACK_JOIN_TIMEOUT", static_cast<std::uint64_t>(FeedbackEvent::JOIN_TIMEOUT)},
        {"TRACKER_FEEDBACK_JOIN_REJECT", static_cast<std::uint64_t>(FeedbackEvent::JOIN_REJECT)},
        {"UNICAST_ACK_DEFAULT_TIMEOUT_MS", UNICAST_ACK_MS},
        {"UNICAST_FLAG_ACK", UnicastFlags()}};
    for (std::size_t kind = 0; kind < MAX_KINDS; kind++)
    {
        const std::string name = NameOf(static_cast<std::uint8_t>(kind));
        if (name != "UNKNOWN" && kind < 50)
        {
            constants["MSG_" + name] = kind;
        }
    }
    return constants;
}

TEST(FanoutWireVectors, Constants)
{
    std::map<std::string, std::uint64_t> expected;
    for (const auto& [name, value] : WireVectors("constants").items())
    {
        expected[name] = value.get<std::uint64_t>();
    }
    EXPECT_EQ(expected.size(), 43U);
    EXPECT_EQ(Constants(), expected);
}

TEST(FanoutWireVectors, ChannelKeys)
{
    std::size_t cases = 0;
    for (const json& vector : WireVectors("channelKeys"))
    {
        const std::string root = vector["root"];
        const std::string topic = vector["topic"];
        const Digest key = ChannelKeyOf(root, topic);
        EXPECT_EQ(ToHex({key.data(), key.size()}), vector["key"]);
        EXPECT_EQ(Sha256(ByteView(vector["preimage"].get_ref<const std::string&>())), key);
        EXPECT_EQ(ToHex({key.data(), 24}), vector["suffixBytes"]);
        EXPECT_EQ(ToBase64({key.data(), 24}), vector["suffixKeyBase64"]);
        cases++;
    }
    EXPECT_EQ(cases, 14U);
}

TEST(FanoutWireVectors, ProviderNamespaces)
{
    std::size_t cases = 0;
    for (const json& vector : WireVectors("providerNamespaces"))
    {
        const Digest key = ProviderKeyOf(vector["namespace"].get<std::string>());
        EXPECT_EQ(ToHex({key.data(), key.size()}), vector["key"]);
        EXPECT_EQ(Sha256(ByteView(vector["preimage"].get_ref<const std::string&>())), key);
        EXPECT_EQ(ToBase64({key.data(), 24}), vector["suffixKeyBase64"]);
        cases++;
    }
    EXPECT_EQ(cases, 2U);
}

TEST(FanoutWireVectors, DataIds)
{
    std::size_t cases = 0;
    for (const json& vector : WireVectors("dataIds"))
    {
        const Digest key =
            ChannelKeyOf(vector["root"].get<std::string>(), vector["topic"].get<std::string>());
        EXPECT_EQ(ToHex({key.data(), key.size()}), vector["channelKey"]);
        const Digest id = DataMessageId(vector["seq"], key);
        EXPECT_EQ(ToHex({id.data(), id.size()}), vector["id"]);
        cases++;
    }
    EXPECT_EQ(cases, 12U);
}

TEST(FanoutWireVectors, Identities)
{
    std::size_t cases = 0;
    for (const json& vector : WireVectors("simIdentities"))
    {
        const auto seed = ArrayFromHex<std::array<std::uint8_t, 32>>(vector["seed"]);
        const Identity identity = Identity::FromSeed(seed);
        EXPECT_EQ(ToHex({identity.publicKey.data(), identity.publicKey.size()}),
                  vector["publicKey"]);
        EXPECT_EQ("00" + vector["publicKey"].get<std::string>(), vector["borshPublicKey"]);
        EXPECT_EQ(Sha256(FromHex(vector["borshPublicKey"])), identity.id.digest);
        EXPECT_EQ(identity.id.ToText(), vector["hash"]);
        EXPECT_EQ(PeerId::FromText(vector["hash"].get<std::string>()), identity.id);
        const std::string address = vector["multiaddr"];
        const auto endpoint = Endpoint::FromText(address);
        ASSERT_TRUE(endpoint);
        EXPECT_EQ(endpoint->ToText(), address);
        EXPECT_EQ(endpoint->port, 30000 + vector["index"].get<int>());
        cases++;
    }
    EXPECT_EQ(cases, 7U);
}

std::uint64_t
ParseU64(const json& text)
{
    return std::stoull(text.get<std::string>());
}

EnvelopeFields
FieldsOf(const json& header)
{
    EnvelopeFields fields;
    fields.id = ArrayFromHex<Digest>(header["id"]);
    fields.timestamp = ParseU64(header["timestamp"]);
    fields.session = ParseU64(header["session"]);
    fields.expires = ParseU64(header["expires"]);
    fields.priority = header["priority"];
    return fields;
}

std::size_t
ReadVarint(const Bytes& bytes)
{
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); i++)
    {
        value |= static_cast<std::size_t>(bytes[i] & 0x7f) << (7 * i);
    }
    return value;
}

/// The signatures can be made again from the seeds, whatever kind of envelope it is.
void
CheckSignatures(const json& vector)
{
    const SignatureScheme& scheme = SignatureScheme::Ed25519();
    const Bytes signable = FromHex(vector["signableBytes"]);
    const Digest digest = Sha256(signable);
    EXPECT_EQ(ToHex({digest.data(), digest.size()}), vector["sha256Signable"]);
    json seeds = vector.value("extraSeeds", json::array());
    seeds.insert(seeds.begin(), vector["seed"]);
    ASSERT_EQ(seeds.size(), vector["signatures"].size());
    for (std::size_t i = 0; i < seeds.size(); i++)
    {
        const json& expected = vector["signatures"][i];
        const Identity signer =
            Identity::FromSeed(ArrayFromHex<std::array<std::uint8_t, 32>>(seeds[i]));
        EXPECT_EQ(signer.id.ToText(), expected["signerHash"]);
        EXPECT_EQ(signer.publicKey, ArrayFromHex<PublicKey>(expected["publicKey"]));
        const auto signature = ArrayFromHex<Signature>(expected["signature"]);
        if (expected["prehash"] == 0)
        {
            EXPECT_EQ(scheme.SignMessage(signer, signable), signature);
            EXPECT_TRUE(scheme.VerifyMessage(signer.publicKey, signable, signature));
        }
        else
        {
            EXPECT_EQ(scheme.Sign(signer, digest), signature);
            EXPECT_TRUE(scheme.Verify(signer.publicKey, digest, signature));
        }
    }
}

void
CheckFrame(const json& vector, const Frame& frame)
{
    const EnvelopeFields expected = FieldsOf(vector["header"]);
    EXPECT_EQ(ToHex(frame.Wire()), vector["bytes"]);
    EXPECT_EQ(vector["reserialisedEqual"], true);
    EXPECT_EQ(frame.Fields().id, expected.id);
    EXPECT_EQ(ToHex(frame.Id()), vector["header"]["id"]);
    EXPECT_EQ(frame.Fields().timestamp, expected.timestamp);
    EXPECT_EQ(frame.Fields().session, expected.session);
    EXPECT_EQ(frame.Fields().expires, expected.expires);
    EXPECT_EQ(frame.Fields().priority, expected.priority);
    EXPECT_TRUE(frame.HasPriority());
    EXPECT_EQ(ToHex(frame.Data()), vector["data"].is_null() ? "" : vector["data"]);
    EXPECT_EQ(ToHex(frame.SignableBytes()), vector["signableBytes"]);
    EXPECT_EQ(frame.SignatureCount(), vector["signatures"].size());
    EXPECT_EQ(frame.Signer().ToText(), vector["signatures"][0]["signerHash"]);
    const bool good = frame.Verify(SignatureScheme::Ed25519());
    EXPECT_EQ(good, vector["verifySignatureOnly"].get<bool>());
    EXPECT_EQ(good && frame.Fields().expires >= NOW_MS, vector["verifyNow"].get<bool>());
}

/// @return whether the vector has the one form that Seal writes
bool
IsSealable(const json& vector)
{
    const json& header = vector["header"];
    return vector["variant"] == 0 && header["mode"]["variant"] == 4 && header["origin"].is_null() &&
           header["responsePriority"].is_null() && vector["signatures"].size() == 1 &&
           vector["signatures"][0]["prehash"] == 1 && !vector["data"].is_null();
}

TEST(FanoutWireVectors, Messages)
{
    std::size_t cases = 0;
    std::size_t parsed = 0;
    std::size_t sealed = 0;
    for (const json& vector : WireVectors("messages"))
    {
        SCOPED_TRACE(vector["id"].get<std::string>());
        cases++;
        const Bytes wire = FromHex(vector["bytes"]);
        EXPECT_EQ(wire.size(), vector["length"].get<std::size_t>());
        EXPECT_EQ(wire.size(), ReadVarint(FromHex(vector["lengthPrefix"])));
        EXPECT_EQ(ToBase64({wire.data(), 33}), vector["msgId"]);
        CheckSignatures(vector);
        std::string error;
        const FrameRef frame = Frame::Parse(wire, &error);
        if (vector["variant"] != 0)
        {
            EXPECT_FALSE(frame);
            EXPECT_EQ(error, "the envelope is no DataMessage (variant 0)");
            continue;
        }
        ASSERT_TRUE(frame) << error;
        parsed++;
        CheckFrame(vector, *frame);
        if (IsSealable(vector))
        {
            const Identity signer =
                Identity::FromSeed(ArrayFromHex<std::array<std::uint8_t, 32>>(vector["seed"]));
            const FrameRef again = Frame::Seal(SignatureScheme::Ed25519(),
                                               signer,
                                               FieldsOf(vector["header"]),
                                               FromHex(vector["data"]));
            CheckFrame(vector, *again);
            sealed++;
        }
    }
    EXPECT_EQ(cases, 13U);
    EXPECT_EQ(parsed, 11U);
    EXPECT_EQ(sealed, 5U);
}

TEST(FanoutWireVectors, MessageNegatives)
{
    const std::map<std::string, std::string> errors{
        {"wrong-variant", "the envelope is no DataMessage (variant 0)"},
        {"bad-mode-variant", "the delivery mode is none of 0, 1, 3, 4 and 5"},
        {"data-length-too-big", "the envelope ends too early"},
        {"empty", "the envelope ends too early"}};
    std::size_t cases = 0;
    for (const json& vector : WireVectors("messageNegatives"))
    {
        SCOPED_TRACE(vector["name"].get<std::string>());
        cases++;
        std::string error;
        const FrameRef frame = Frame::Parse(FromHex(vector["bytes"]), &error);
        if (vector["result"]["status"] == "throws")
        {
            EXPECT_FALSE(frame);
            EXPECT_EQ(error, errors.at(vector["name"]));
            continue;
        }
        ASSERT_TRUE(frame) << error;
        EXPECT_EQ(ToHex(frame->Data()), vector["result"]["data"]);
        EXPECT_EQ(frame->Verify(SignatureScheme::Ed25519()), vector["result"]["verify"]);
    }
    EXPECT_EQ(cases, 5U);
}

TEST(FanoutWireVectors, MessageTruncation)
{
    const json& truncation = WireVectors("messageTruncation");
    Bytes whole;
    for (const json& vector : WireVectors("messages"))
    {
        if (vector["id"] == truncation["of"])
        {
            whole = FromHex(vector["bytes"]);
        }
    }
    std::size_t cases = 0;
    for (const json& run : truncation["runs"])
    {
        ASSERT_EQ(run["status"], "throws");
        for (std::size_t size = run["fromLen"]; size <= run["toLen"].get<std::size_t>(); size++)
        {
            EXPECT_FALSE(Frame::Parse({whole.data(), size})) << size;
            cases++;
        }
    }
    EXPECT_EQ(cases, whole.size());
    EXPECT_TRUE(Frame::Parse(whole));
}

} // namespace
