/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-calls.h"

#include "ns3/fanout-codec.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;
using nlohmann::json;

/// Kinds without a decoder in the reference: the body is all there is.
void
CheckBareFrame(const json& vector, ByteView frame)
{
    const std::string message = vector["message"];
    if (message == "DATA")
    {
        EXPECT_EQ(Decode<Data>(frame)->payload, FromHex(vector["args"][0]["hex"]));
    }
    else if (message == "PUBLISH_PROXY")
    {
        EXPECT_EQ(Decode<PublishProxy>(frame)->payload, FromHex(vector["args"][1]["hex"]));
    }
    else
    {
        EXPECT_TRUE(Decode<Kick>(frame) || Decode<Leave>(frame) ||
                    Decode<ProviderUnsubscribe>(frame));
    }
}

TEST(FanoutWireVectors, Codec)
{
    std::size_t cases = 0;
    std::set<std::string> encoders;
    std::set<std::string> decoders;
    for (const json& vector : WireVectors("codec"))
    {
        SCOPED_TRACE(vector["id"].get<std::string>());
        cases++;
        encoders.insert(vector["encoder"]);
        const Bytes frame = WireEncoders().at(vector["encoder"])(WireArgs{vector["args"]});
        EXPECT_EQ(ToHex(frame), vector["hex"]);
        EXPECT_EQ(frame.size(), vector["length"].get<std::size_t>());
        ASSERT_FALSE(frame.empty());
        EXPECT_EQ(frame[0], vector["kind"].get<int>());
        EXPECT_EQ(NameOf(frame[0]), vector["message"].get<std::string>());
        if (vector["decoder"].is_null())
        {
            CheckBareFrame(vector, frame);
            continue;
        }
        decoders.insert(vector["decoder"]);
        EXPECT_EQ(WireDecoders().at(vector["decoder"])(frame), vector["decoded"]);
        if (vector.contains("reqIdHelper"))
        {
            const auto accept = Decode<JoinAccept>(frame);
            const auto reject = Decode<JoinReject>(frame);
            ASSERT_TRUE(accept || reject);
            EXPECT_EQ(accept ? accept->reqId : reject->reqId, vector["reqIdHelper"]);
        }
    }
    EXPECT_EQ(cases, 68U);
    EXPECT_EQ(encoders.size(), WireEncoders().size());
    EXPECT_EQ(decoders.size(), WireDecoders().size());
}

TEST(FanoutWireVectors, PrefixSweeps)
{
    std::map<std::string, Bytes> frames;
    for (const json& vector : WireVectors("codec"))
    {
        frames[vector["id"]] = FromHex(vector["hex"]);
    }
    std::size_t cases = 0;
    for (const json& vector : WireVectors("prefixSweeps"))
    {
        SCOPED_TRACE(vector["id"].get<std::string>());
        cases++;
        const Bytes& whole = frames.at(vector["id"]);
        std::size_t next = 0;
        for (const json& run : vector["runs"])
        {
            json expected{{"status", run["status"]}};
            if (run.contains("value"))
            {
                expected["value"] = run["value"];
            }
            EXPECT_EQ(run["fromLen"], next);
            for (next = run["fromLen"]; next <= run["toLen"].get<std::size_t>(); next++)
            {
                EXPECT_EQ(WireDecoders().at(vector["decoder"])({whole.data(), next}), expected)
                    << next;
            }
        }
        EXPECT_EQ(next, whole.size() + 1);
    }
    EXPECT_EQ(cases, 54U);
}

/// Where the reference loses step (W30) the surplus is skipped instead.
json
InStep(const std::string& name, json result)
{
    if (name == "join-reject-9-addrs")
    {
        result["value"]["redirects"].push_back({{"hash", "b"}, {"addrs", json::array()}});
    }
    else if (name == "tracker-reply-17-addrs")
    {
        result["value"]["entries"][1] = {{"hash", "b"},
                                         {"level", 1},
                                         {"freeSlots", 1},
                                         {"bidPerByte", 0},
                                         {"addrs", json::array()}};
    }
    return result;
}

TEST(FanoutWireVectors, CodecNegatives)
{
    std::size_t cases = 0;
    std::size_t corrected = 0;
    for (const json& vector : WireVectors("codecNegatives"))
    {
        SCOPED_TRACE(vector["name"].get<std::string>());
        cases++;
        const json expected = InStep(vector["name"], vector["result"]);
        corrected += expected != vector["result"] ? 1 : 0;
        EXPECT_EQ(WireDecoders().at(vector["decoder"])(FromHex(vector["hex"])), expected);
    }
    EXPECT_EQ(cases, 16U);
    EXPECT_EQ(corrected, 2U);
}

/// All four are keys of a length other than 32, which the type of a key rules out.
TEST(FanoutWireVectors, EncoderErrors)
{
    static_assert(std::tuple_size_v<Digest> == 32);
    std::size_t cases = 0;
    for (const json& vector : WireVectors("encoderErrors"))
    {
        EXPECT_NE(vector["name"].get<std::string>().find("-byte key"), std::string::npos);
        cases++;
    }
    EXPECT_EQ(cases, 4U);
}

} // namespace
