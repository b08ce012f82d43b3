/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-vectors.h"

#include "ns3/fanout-multiaddr.h"
#include "ns3/fanout-random.h"

#include <gtest/gtest.h>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;

TEST(FanoutMultiaddr, BinaryForm)
{
    const Endpoint tcp{0x7f000001, 30001, Endpoint::Protocol::TCP};
    EXPECT_EQ(ToHex(tcp.ToBytes()), "047f000001067531");
    EXPECT_EQ(Endpoint::FromBytes(FromHex("047f000001067531")), tcp);
    const Endpoint udp{0x0a010203, 4001, Endpoint::Protocol::UDP};
    EXPECT_EQ(ToHex(udp.ToBytes()), "040a01020391020fa1");
    EXPECT_EQ(Endpoint::FromBytes(FromHex("040a01020391020fa1")), udp);
}

TEST(FanoutMultiaddr, TextForm)
{
    const Endpoint tcp{0x7f000001, 30001, Endpoint::Protocol::TCP};
    EXPECT_EQ(tcp.ToText(), "/ip4/127.0.0.1/tcp/30001");
    EXPECT_EQ(Endpoint::FromText("/ip4/127.0.0.1/tcp/30001"), tcp);
    const Endpoint udp{0xffffffff, 65535, Endpoint::Protocol::UDP};
    EXPECT_EQ(udp.ToText(), "/ip4/255.255.255.255/udp/65535");
    EXPECT_EQ(Endpoint::FromText("/ip4/255.255.255.255/udp/65535"), udp);
    EXPECT_EQ(Endpoint::FromText("/ip4/0.0.0.0/udp/1")->ip, 0U);
}

TEST(FanoutMultiaddr, NamesAPlaceOnlyWithAddressAndPort)
{
    EXPECT_FALSE(Endpoint());
    EXPECT_FALSE((Endpoint{1, 0, Endpoint::Protocol::UDP}));
    EXPECT_FALSE((Endpoint{0, 1, Endpoint::Protocol::UDP}));
    EXPECT_TRUE((Endpoint{1, 1, Endpoint::Protocol::UDP}));
    EXPECT_NE((Endpoint{1, 1, Endpoint::Protocol::UDP}), (Endpoint{1, 1, Endpoint::Protocol::TCP}));
}

TEST(FanoutMultiaddr, BinaryFormIsReadStrictly)
{
    for (const char* bad : {"",
                            "04",
                            "047f000001",
                            "047f00000106",
                            "047f0000010675",
                            "047f00000106753100",
                            "047f000001060000",
                            "047f00000191020000",
                            "047f00000191020f",
                            "047f00000191030fa1",
                            "047f00000111020fa1",
                            "040a000007060fa2dd03",
                            "360b6578616d706c652e6f72670601bb",
                            "297f000001067531"})
    {
        EXPECT_FALSE(Endpoint::FromBytes(FromHex(bad))) << bad;
    }
}

TEST(FanoutMultiaddr, TextFormIsReadStrictly)
{
    for (const char* bad : {"",
                            "/",
                            "/ip4/10.1.2.3",
                            "/ip4/10.1.2.3/udp/",
                            "/ip4/10.1.2.3/udp/0",
                            "/ip4/10.1.2.3/udp/65536",
                            "/ip4/10.1.2.3/udp/99999999999999999999",
                            "/ip4/10.1.2.3/udp/04001",
                            "/ip4/10.1.2.3/udp/4001/",
                            "/ip4/10.1.2.3/udp/4001 ",
                            "/ip4/10.1.2.3/tcp/4001/ws",
                            " /ip4/10.1.2.3/udp/4001",
                            "/ip4/10.1.2/udp/4001",
                            "/ip4/10.1.2.3.4/udp/4001",
                            "/ip4/10.01.2.3/udp/4001",
                            "/ip4/10.1.2.256/udp/4001",
                            "/ip4/-1.1.2.3/udp/4001",
                            "/ip4/10..2.3/udp/4001",
                            "/ip4/10.1.2.3/sctp/4001",
                            "/ip6/::1/udp/4001",
                            "ip4/10.1.2.3/udp/4001"})
    {
        EXPECT_FALSE(Endpoint::FromText(bad)) << bad;
    }
}

TEST(FanoutMultiaddr, RoundTrip)
{
    Random random(1, 0, 0);
    for (int i = 0; i < 20000; i++)
    {
        const Endpoint endpoint{static_cast<std::uint32_t>(random.Next()),
                                static_cast<std::uint16_t>(1 + random.Below(65535)),
                                random.Below(2) == 0 ? Endpoint::Protocol::UDP
                                                     : Endpoint::Protocol::TCP};
        ASSERT_EQ(Endpoint::FromText(endpoint.ToText()), endpoint);
        ASSERT_EQ(Endpoint::FromBytes(endpoint.ToBytes()), endpoint);
    }
}

} // namespace
