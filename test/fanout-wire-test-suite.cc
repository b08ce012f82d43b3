/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-codec.h"
#include "ns3/fanout-frame.h"
#include "ns3/fanout-identity.h"
#include "ns3/fanout-multiaddr.h"
#include "ns3/test.h"

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

using namespace ns3;
using fanout::Bytes;
using fanout::ByteView;
using fanout::Digest;
using nlohmann::json;

/**
 * @defgroup fanout-tree-wire-test Tests of the bytes on the wire
 * @ingroup fanout-tree
 * What the reference wrote and read, in test/vectors/wire.json, against this module.
 */

namespace
{

/// A time at which only the envelope named "expired" is; milliseconds.
constexpr uint64_t NOW_MS = 1795404161757;

/// @param text lower-case hexadecimal @return its bytes
Bytes
FromHex(const std::string& text)
{
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    {
        bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

/// @param text hexadecimal of as many bytes as the array has @return the array
template <typename Array>
Array
ArrayFromHex(const std::string& text)
{
    const Bytes bytes = FromHex(text);
    Array array{};
    if (bytes.size() != array.size())
    {
        throw std::runtime_error("expected " + std::to_string(array.size()) + " bytes: " + text);
    }
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

/// @param bytes any @return a copy
Bytes
Copy(ByteView bytes)
{
    return Bytes(bytes.begin(), bytes.end());
}

/// Decodes a frame and encodes the result, nothing when the decoder rejects it.
using Codec = std::function<std::optional<Bytes>(ByteView)>;

/// @return the codec of one kind of message
template <typename Message>
Codec
Both()
{
    return [](ByteView frame) -> std::optional<Bytes>
    {
        const std::optional<Message> message = fanout::Decode<Message>(frame);
        if (!message)
        {
            return {};
        }
        const Digest key = fanout::KeyOf(frame).value_or(Digest());
        const Bytes again = fanout::Encode(key, *message);
        if (again.size() != fanout::EncodedSize(*message))
        {
            throw std::logic_error("the size named without encoding is not the size");
        }
        return again;
    };
}

/// @return codecs by the kind's name
const std::map<std::string, Codec>&
Codecs()
{
    using namespace fanout;
    static const std::map<std::string, Codec> codecs{
        {"JOIN_REQ", Both<JoinReq>()},
        {"JOIN_ACCEPT", Both<JoinAccept>()},
        {"JOIN_REJECT", Both<JoinReject>()},
        {"KICK", Both<Kick>()},
        {"DATA", Both<Data>()},
        {"END", Both<End>()},
        {"UNICAST", Both<Unicast>()},
        {"ROUTE_QUERY", Both<RouteQuery>()},
        {"ROUTE_REPLY", Both<RouteReply>()},
        {"PUBLISH_PROXY", Both<PublishProxy>()},
        {"LEAVE", Both<Leave>()},
        {"UNICAST_ACK", Both<UnicastAck>()},
        {"REPAIR_REQ", Both<RepairReq>()},
        {"FETCH_REQ", Both<FetchReq>()},
        {"IHAVE", Both<IHave>()},
        {"TRACKER_ANNOUNCE", Both<TrackerAnnounce>()},
        {"TRACKER_QUERY", Both<TrackerQuery>()},
        {"TRACKER_REPLY", Both<TrackerReply>()},
        {"TRACKER_FEEDBACK", Both<TrackerFeedback>()},
        {"PROVIDER_ANNOUNCE", Both<ProviderAnnounce>()},
        {"PROVIDER_QUERY", Both<ProviderQuery>()},
        {"PROVIDER_REPLY", Both<ProviderReply>()},
        {"PROVIDER_SUBSCRIBE", Both<ProviderSubscribe>()},
        {"PROVIDER_UNSUBSCRIBE", Both<ProviderUnsubscribe>()},
        {"PROVIDER_NOTIFY", Both<ProviderNotify>()},
        {"PARENT_PROBE_REQ", Both<ParentProbeReq>()},
        {"PARENT_PROBE_REPLY", Both<ParentProbeReply>()}};
    return codecs;
}

/// One or more sections of wire.json, each case counted. @ingroup fanout-tree-wire-test
class WireCase : public TestCase
{
  public:
    /// @param name of the case @param cases how many the sections hold
    WireCase(const std::string& name, uint32_t cases)
        : TestCase(name),
          m_expected(cases)
    {
    }

  protected:
    /// @param section of wire.json @return what the reference wrote and read there
    static const json&
    Vectors(const std::string& section)
    {
        static const json vectors = []
        {
            const std::string path = FANOUT_TEST_VECTORS "/wire.json";
            std::ifstream file(path);
            if (!file)
            {
                throw std::runtime_error("cannot open " + path);
            }
            return json::parse(file);
        }();
        return vectors.at(section);
    }

    /// @return hexadecimal of all frames by the id of their case
    static std::map<std::string, json>
    Frames()
    {
        std::map<std::string, json> frames;
        for (const json& vector : Vectors("codec"))
        {
            frames[vector["id"]] = vector;
        }
        return frames;
    }

    /// Look at every case; calls Count once for each.
    virtual void Replay() = 0;

    /// One more case was looked at.
    void
    Count()
    {
        m_cases++;
    }

  private:
    void
    DoRun() override
    {
        Replay();
        NS_TEST_ASSERT_MSG_EQ(m_cases, m_expected, "cases looked at");
        NS_TEST_ASSERT_MSG_GT(m_cases, 0, "a test of nothing");
    }

    uint32_t m_expected;
    uint32_t m_cases{0};
};

/// Channel keys, provider keys, message ids, identities and addresses.
class NamesCase : public WireCase
{
  public:
    NamesCase()
        : WireCase("keys, ids, identities and addresses", 14 + 2 + 12 + 7)
    {
    }

  private:
    void
    Replay() override
    {
        for (const json& vector : Vectors("channelKeys"))
        {
            Count();
            const std::string root = vector["root"];
            const std::string topic = vector["topic"];
            const Digest key = fanout::ChannelKeyOf(root, topic);
            CheckKey(vector, key);
        }
        for (const json& vector : Vectors("providerNamespaces"))
        {
            Count();
            CheckKey(vector, fanout::ProviderKeyOf(vector["namespace"].get<std::string>()));
        }
        for (const json& vector : Vectors("dataIds"))
        {
            Count();
            const auto key = ArrayFromHex<Digest>(vector["channelKey"]);
            const bool same =
                fanout::DataMessageId(vector["seq"], key) == ArrayFromHex<Digest>(vector["id"]);
            NS_TEST_EXPECT_MSG_EQ(same, true, "id of seq " << vector["seq"]);
        }
        for (const json& vector : Vectors("simIdentities"))
        {
            Count();
            CheckIdentity(vector);
        }
    }

    void
    CheckKey(const json& vector, const Digest& key)
    {
        const std::string preimage = vector["preimage"];
        const std::string suffix = fanout::ToBase64({key.data(), 24});
        const bool same = key == ArrayFromHex<Digest>(vector["key"]);
        NS_TEST_EXPECT_MSG_EQ(same, true, preimage);
        NS_TEST_EXPECT_MSG_EQ((fanout::Sha256(ByteView(preimage)) == key), true, preimage);
        NS_TEST_EXPECT_MSG_EQ(suffix, vector["suffixKeyBase64"].get<std::string>(), preimage);
    }

    void
    CheckIdentity(const json& vector)
    {
        const std::string name = vector["peerId"];
        const auto identity = fanout::Identity::FromSeed(
            ArrayFromHex<std::array<uint8_t, 32>>(vector["seed"].get<std::string>()));
        const bool same =
            identity.publicKey == ArrayFromHex<fanout::PublicKey>(vector["publicKey"]);
        NS_TEST_EXPECT_MSG_EQ(same, true, name);
        NS_TEST_EXPECT_MSG_EQ(identity.id.ToText(), vector["hash"].get<std::string>(), name);
        const std::string address = vector["multiaddr"];
        const auto endpoint = fanout::Endpoint::FromText(address);
        NS_TEST_EXPECT_MSG_EQ((endpoint && endpoint->ToText() == address), true, name);
    }
};

/// The one frame with more addresses than decoders keep.
constexpr char SURPLUS[] = "TRACKER_ANNOUNCE/3";

/// Every frame decodes, and encodes again to the same bytes.
class CodecCase : public WireCase
{
  public:
    CodecCase()
        : WireCase("every kind decodes and encodes again", 68)
    {
    }

  private:
    void
    Replay() override
    {
        std::set<std::string> kinds;
        for (const json& vector : Vectors("codec"))
        {
            Count();
            const std::string kind = vector["message"];
            kinds.insert(kind);
            const Bytes frame = FromHex(vector["hex"]);
            NS_TEST_EXPECT_MSG_EQ(frame.empty(), false, vector["id"]);
            NS_TEST_EXPECT_MSG_EQ(fanout::NameOf(frame.empty() ? 0 : frame[0]), kind, vector["id"]);
            const Codec& codec = Codecs().at(kind);
            const auto again = codec(frame);
            const bool cut = vector["id"] == SURPLUS && again && again->size() < frame.size();
            const bool same = again && (*again == frame || (cut && codec(*again) == again));
            NS_TEST_EXPECT_MSG_EQ(same, true, vector["id"]);
        }
        NS_TEST_EXPECT_MSG_EQ(kinds.size(), Codecs().size(), "kinds seen");
    }
};

/// Cut off anywhere, a frame is rejected or read as far as the reference reads it.
class PrefixCase : public WireCase
{
  public:
    PrefixCase()
        : WireCase("frames cut off at every length", 54)
    {
    }

  private:
    void
    Replay() override
    {
        const auto frames = Frames();
        for (const json& vector : Vectors("prefixSweeps"))
        {
            Count();
            const json& whole = frames.at(vector["id"]);
            const Codec& codec = Codecs().at(whole["message"]);
            const Bytes bytes = FromHex(whole["hex"]);
            std::size_t next = 0;
            for (const json& run : vector["runs"])
            {
                NS_TEST_ASSERT_MSG_EQ(run["fromLen"].get<std::size_t>(), next, vector["id"]);
                CheckRun(whole, run, codec, bytes);
                next = run["toLen"].get<std::size_t>() + 1;
            }
            NS_TEST_EXPECT_MSG_EQ(next, bytes.size() + 1, vector["id"]);
        }
    }

    /// The reference reads the same out of all lengths of a run, so these encode alike; but for the
    /// payload of a UNICAST, which is whatever follows.
    void
    CheckRun(const json& whole, const json& run, const Codec& codec, const Bytes& bytes)
    {
        const std::size_t from = run["fromLen"];
        const std::size_t to = run["toLen"];
        const auto first = codec({bytes.data(), from});
        for (std::size_t size = from; size <= to; size++)
        {
            const auto again = codec({bytes.data(), size});
            const bool same = again == first || whole["message"] == "UNICAST";
            NS_TEST_EXPECT_MSG_EQ(again.has_value(),
                                  (run["status"] == "ok"),
                                  whole["id"] << ", " << size << " bytes");
            NS_TEST_EXPECT_MSG_EQ(same, true, whole["id"] << ", " << size << " bytes");
        }
    }
};

/// Frames that are wrong in themselves.
class NegativesCase : public WireCase
{
  public:
    NegativesCase()
        : WireCase("malformed frames", 16)
    {
    }

  private:
    void
    Replay() override
    {
        std::map<std::string, std::string> kinds;
        for (const auto& [id, vector] : Frames())
        {
            if (!vector["decoder"].is_null())
            {
                kinds[vector["decoder"]] = vector["message"];
            }
        }
        for (const json& vector : Vectors("codecNegatives"))
        {
            Count();
            const Codec& codec = Codecs().at(kinds.at(vector["decoder"]));
            const bool decoded = codec(FromHex(vector["hex"])).has_value();
            NS_TEST_EXPECT_MSG_EQ(decoded, (vector["result"]["status"] == "ok"), vector["name"]);
        }
    }
};

/// Envelopes: read, verified, sealed anew where their form is the one this module writes.
class EnvelopeCase : public WireCase
{
  public:
    EnvelopeCase()
        : WireCase("envelopes", 13)
    {
    }

  private:
    void
    Replay() override
    {
        uint32_t sealed = 0;
        for (const json& vector : Vectors("messages"))
        {
            Count();
            const Bytes wire = FromHex(vector["bytes"]);
            const auto frame = fanout::Frame::Parse(wire);
            const bool isData = vector["variant"] == 0;
            NS_TEST_EXPECT_MSG_EQ(static_cast<bool>(frame), isData, vector["id"]);
            if (frame)
            {
                CheckFrame(vector, *frame);
            }
            if (isData && IsSealable(vector))
            {
                CheckFrame(vector, *Seal(vector));
                sealed++;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(sealed, 5, "envelopes sealed anew");
    }

    static fanout::EnvelopeFields
    FieldsOf(const json& header)
    {
        const auto number = [&header](const char* name)
        { return std::stoull(header[name].get<std::string>()); };
        fanout::EnvelopeFields fields;
        fields.id = ArrayFromHex<Digest>(header["id"]);
        fields.timestamp = number("timestamp");
        fields.session = number("session");
        fields.expires = number("expires");
        fields.priority = header["priority"];
        return fields;
    }

    static fanout::FrameRef
    Seal(const json& vector)
    {
        const auto seed = ArrayFromHex<std::array<uint8_t, 32>>(vector["seed"].get<std::string>());
        return fanout::Frame::Seal(fanout::SignatureScheme::Ed25519(),
                                   fanout::Identity::FromSeed(seed),
                                   FieldsOf(vector["header"]),
                                   FromHex(vector["data"]));
    }

    static bool
    IsSealable(const json& vector)
    {
        const json& header = vector["header"];
        return header["mode"]["variant"] == 4 && header["origin"].is_null() &&
               header["responsePriority"].is_null() && vector["signatures"].size() == 1 &&
               vector["signatures"][0]["prehash"] == 1 && !vector["data"].is_null();
    }

    void
    CheckFrame(const json& vector, const fanout::Frame& frame)
    {
        const std::string id = vector["id"];
        const auto expected = FieldsOf(vector["header"]);
        const auto& fields = frame.Fields();
        const Bytes data = vector["data"].is_null() ? Bytes() : FromHex(vector["data"]);
        NS_TEST_EXPECT_MSG_EQ((Copy(frame.Wire()) == FromHex(vector["bytes"])), true, id);
        NS_TEST_EXPECT_MSG_EQ((Copy(frame.Data()) == data), true, id);
        NS_TEST_EXPECT_MSG_EQ((frame.SignableBytes() == FromHex(vector["signableBytes"])),
                              true,
                              id);
        NS_TEST_EXPECT_MSG_EQ((fields.id == expected.id), true, id);
        NS_TEST_EXPECT_MSG_EQ(fields.timestamp, expected.timestamp, id);
        NS_TEST_EXPECT_MSG_EQ(fields.session, expected.session, id);
        NS_TEST_EXPECT_MSG_EQ(fields.expires, expected.expires, id);
        NS_TEST_EXPECT_MSG_EQ(fields.priority, expected.priority, id);
        NS_TEST_EXPECT_MSG_EQ(frame.SignatureCount(), vector["signatures"].size(), id);
        NS_TEST_EXPECT_MSG_EQ(frame.Signer().ToText(),
                              vector["signatures"][0]["signerHash"].get<std::string>(),
                              id);
        const bool good = frame.Verify(fanout::SignatureScheme::Ed25519());
        const bool now = good && fields.expires >= NOW_MS;
        NS_TEST_EXPECT_MSG_EQ(good, vector["verifySignatureOnly"].get<bool>(), id);
        NS_TEST_EXPECT_MSG_EQ(now, vector["verifyNow"].get<bool>(), id);
    }
};

/// Envelopes that are forged, malformed or cut off.
class EnvelopeNegativesCase : public WireCase
{
  public:
    EnvelopeNegativesCase()
        : WireCase("forged, malformed and truncated envelopes", 5 + 243)
    {
    }

  private:
    void
    Replay() override
    {
        for (const json& vector : Vectors("messageNegatives"))
        {
            Count();
            const json& result = vector["result"];
            const auto frame = fanout::Frame::Parse(FromHex(vector["bytes"]));
            const bool parses = result["status"] != "throws";
            NS_TEST_EXPECT_MSG_EQ(static_cast<bool>(frame), parses, vector["name"]);
            if (frame && parses)
            {
                const bool good = frame->Verify(fanout::SignatureScheme::Ed25519());
                const bool same = Copy(frame->Data()) == FromHex(result["data"]);
                NS_TEST_EXPECT_MSG_EQ(good, result["verify"].get<bool>(), vector["name"]);
                NS_TEST_EXPECT_MSG_EQ(same, true, vector["name"]);
            }
        }
        const json& truncation = Vectors("messageTruncation");
        for (const json& vector : Vectors("messages"))
        {
            if (vector["id"] == truncation["of"])
            {
                CheckTruncation(truncation, FromHex(vector["bytes"]));
            }
        }
    }

    void
    CheckTruncation(const json& truncation, const Bytes& whole)
    {
        for (const json& run : truncation["runs"])
        {
            NS_TEST_ASSERT_MSG_EQ((run["status"] == "throws"), true, "run");
            const std::size_t to = run["toLen"];
            for (std::size_t size = run["fromLen"]; size <= to; size++)
            {
                Count();
                const auto frame = fanout::Frame::Parse(ByteView(whole.data(), size));
                NS_TEST_EXPECT_MSG_EQ(static_cast<bool>(frame), false, "first bytes: " << size);
            }
        }
    }
};

/// The suite.
class FanoutWireTestSuite : public TestSuite
{
  public:
    FanoutWireTestSuite()
        : TestSuite("fanout-wire")
    {
        AddTestCase(new NamesCase);
        AddTestCase(new CodecCase);
        AddTestCase(new PrefixCase);
        AddTestCase(new NegativesCase);
        AddTestCase(new EnvelopeCase);
        AddTestCase(new EnvelopeNegativesCase);
    }
};

FanoutWireTestSuite g_fanoutWireTestSuite;

} // namespace
