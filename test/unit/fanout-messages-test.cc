/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-vectors.h"

#include "ns3/fanout-codec.h"
#include "ns3/fanout-messages.h"

#include <gtest/gtest.h>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;

std::string
Mended(const std::string& hex)
{
    return ToHex(ByteView(std::string_view(DecodeUtf8(FromHex(hex)))));
}

TEST(FanoutCodec, TextIsMendedAsTheReferenceDoes)
{
    const std::string bad = "efbfbd";
    EXPECT_EQ(Mended("616263"), "616263");
    EXPECT_EQ(Mended("c3a9e38388f09f9880"), "c3a9e38388f09f9880");
    EXPECT_EQ(Mended("efbbbf61"), "61");
    EXPECT_EQ(Mended("efbbbfefbbbf61"), "efbbbf61");
    EXPECT_EQ(Mended("61efbbbf"), "61efbbbf");
    EXPECT_EQ(Mended("efbb"), bad);
    EXPECT_EQ(Mended("80"), bad);
    EXPECT_EQ(Mended("c080"), bad + bad);
    EXPECT_EQ(Mended("c328"), bad + "28");
    EXPECT_EQ(Mended("e08080"), bad + bad + bad);
    EXPECT_EQ(Mended("eda080"), bad + bad + bad);
    EXPECT_EQ(Mended("f0808080"), bad + bad + bad + bad);
    EXPECT_EQ(Mended("f4908080"), bad + bad + bad + bad);
    EXPECT_EQ(Mended("f09f98"), bad);
    EXPECT_EQ(Mended("f09f9841"), bad + "41");
    EXPECT_EQ(Mended("f09fe28882"), bad + "e28882");
    EXPECT_EQ(Mended("f5ff41"), bad + bad + "41");
    EXPECT_EQ(Mended("e28282e282"), "e28282" + bad);
}

TEST(FanoutMessages, KindsAreDescribed)
{
    EXPECT_STREQ(NameOf(0), "UNKNOWN");
    EXPECT_STREQ(NameOf(9), "UNKNOWN");
    EXPECT_STREQ(NameOf(53), "ALIVE");
    EXPECT_STREQ(NameOf(255), "UNKNOWN");
    EXPECT_EQ(ClassOf(10), FrameClass::DATA);
    EXPECT_EQ(ClassOf(40), FrameClass::JOIN);
    EXPECT_EQ(ClassOf(11), FrameClass::REPAIR);
    EXPECT_EQ(ClassOf(39), FrameClass::TRACKER);
    EXPECT_EQ(ClassOf(16), FrameClass::ROUTE);
    EXPECT_EQ(ClassOf(50), FrameClass::ROUTE);
    std::string acknowledged;
    for (int kind = 0; kind < 256; kind++)
    {
        acknowledged +=
            NeedsAcknowledge(static_cast<std::uint8_t>(kind)) ? std::to_string(kind) + " " : "";
    }
    EXPECT_EQ(acknowledged, "1 2 3 4 11 12 13 14 15 16 17 30 31 32 33 34 35 36 37 38 39 50 51 52 ");
}

} // namespace
