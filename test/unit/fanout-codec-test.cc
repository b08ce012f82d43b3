/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-wire-vectors.h"

#include "ns3/fanout-codec.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace
{

using namespace ns3::fanout;
using namespace ns3::fanout::test;

/// Kind and an all-zero key.
std::string
HeadHex(Kind kind)
{
    return ToHex(Bytes{static_cast<std::uint8_t>(kind)}) + std::string(64, '0');
}

template <typename Message>
std::string
EncodedHex(const Message& message)
{
    const Bytes bytes = Encode(Digest(), message);
    EXPECT_EQ(bytes.size(), EncodedSize(message));
    return ToHex(bytes);
}

Backup
SomeBackup(std::uint8_t fill)
{
    Backup backup;
    backup.peer.digest.fill(fill);
    backup.level = 3;
    backup.ticket = 0x01020304;
    backup.endpoint = *Endpoint::FromText("/ip4/10.1.2.3/udp/4001");
    return backup;
}

/// The value of SomeBackup(0xaa) in a TLV.
const std::string BACKUP_HEX = "0630" +
                               []
{
    std::string digest;
    for (int i = 0; i < 32; i++)
    {
        digest += "aa";
    }
    return digest;
}() + "00030102030409040a01020391020fa1";

Extension
FullExtension()
{
    Extension extension;
    extension.role = Extension::Role{true, 24, 7};
    extension.position = PositionKey{5, 2};
    extension.feasible = PositionKey{4, 3};
    extension.hasChildren = true;
    extension.need = Need{17, {0x05, 0x80}};
    extension.backups = {SomeBackup(0xaa)};
    extension.ticket = 99;
    extension.watermark = 1000;
    extension.pathDelay = 250000;
    return extension;
}

const std::string FULL_TLVS = "0105010018000702060000000500020306000000040003040005060000001105"
                              "80" +
                              BACKUP_HEX + "0704000000630804000003e809040003d090";

void
ExpectFull(const std::optional<Extension>& extension)
{
    ASSERT_TRUE(extension);
    ASSERT_TRUE(extension->role);
    EXPECT_TRUE(extension->role->relay);
    EXPECT_EQ(extension->role->capacity, 24);
    EXPECT_EQ(extension->role->children, 7);
    EXPECT_EQ(extension->position, (PositionKey{5, 2}));
    EXPECT_EQ(extension->feasible, (PositionKey{4, 3}));
    EXPECT_TRUE(extension->hasChildren);
    ASSERT_TRUE(extension->need);
    EXPECT_EQ(extension->need->next, 17U);
    EXPECT_EQ(extension->need->bitmap, (Bytes{0x05, 0x80}));
    ASSERT_EQ(extension->backups.size(), 1U);
    EXPECT_EQ(extension->backups[0].peer, SomeBackup(0xaa).peer);
    EXPECT_EQ(extension->backups[0].level, 3);
    EXPECT_EQ(extension->backups[0].ticket, 0x01020304U);
    EXPECT_EQ(extension->backups[0].endpoint, SomeBackup(0xaa).endpoint);
    EXPECT_EQ(extension->ticket, 99U);
    EXPECT_EQ(extension->watermark, 1000U);
    EXPECT_EQ(extension->pathDelay, 250000U);
}

/// A block of TLVs given in hexadecimal.
std::string
BlockHex(const std::string& tlvs, const std::string& version = "01")
{
    const std::size_t size = tlvs.size() / 2;
    return "f750" + version +
           ToHex(Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)}) +
           tlvs;
}

TEST(FanoutCodecExtension, EveryTlvHasItsBytes)
{
    JoinReq message{7, 9, 0, FullExtension()};
    EXPECT_EQ(EncodedHex(message),
              HeadHex(Kind::JOIN_REQ) + "000000070000000900000000" + BlockHex(FULL_TLVS));
    const auto read = Decode<JoinReq>(Encode(Digest(), message));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->reservationToken, 0U);
    ExpectFull(read->extension);
}

TEST(FanoutCodecExtension, EmptyExtensionIsStillOne)
{
    Kick message;
    message.extension.emplace();
    EXPECT_EQ(EncodedHex(message), HeadHex(Kind::KICK) + "f750010000");
    const auto read = Decode<Kick>(Encode(Digest(), message));
    ASSERT_TRUE(read && read->extension);
    EXPECT_FALSE(read->extension->role);
    EXPECT_FALSE(read->extension->hasChildren);
    EXPECT_TRUE(read->extension->backups.empty());
    EXPECT_FALSE(Decode<Kick>(Encode(Digest(), Kick()))->extension);
}

TEST(FanoutCodecExtension, OptionalFieldsInFrontAreAlwaysWritten)
{
    const std::string block = "f750010000";
    JoinAccept accept{3, 2, {}, {}, Extension()};
    EXPECT_EQ(EncodedHex(accept),
              HeadHex(Kind::JOIN_ACCEPT) + "00000003000200" + "0000000000000000" + block);
    JoinReject reject{4, 2, {}, Extension()};
    EXPECT_EQ(EncodedHex(reject), HeadHex(Kind::JOIN_REJECT) + "000000040200" + block);
    EXPECT_TRUE(Decode<JoinReject>(Encode(Digest(), reject))->extension);
    ParentProbeReq probe{1, 0, true, Extension()};
    EXPECT_EQ(EncodedHex(probe), HeadHex(Kind::PARENT_PROBE_REQ) + "00000001000001" + block);
    const auto read = Decode<ParentProbeReq>(Encode(Digest(), probe));
    EXPECT_TRUE(read->reserve);
    EXPECT_TRUE(read->extension);
}

/// The reference ignores what is behind its own fields, so these must come first, unchanged.
template <typename Message>
void
ExpectAppended(Message message)
{
    const Bytes plain = Encode(Digest(), message);
    EXPECT_FALSE(Decode<Message>(plain)->extension);
    message.extension = FullExtension();
    EXPECT_EQ(EncodedHex(message), ToHex(plain) + BlockHex(FULL_TLVS)) << NameOf(plain[0]);
    ExpectFull(Decode<Message>(Encode(Digest(), message))->extension);
}

TEST(FanoutCodecExtension, IsAppendedToEveryKindThatTakesIt)
{
    const Bytes address{1, 2};
    ExpectAppended(JoinReq{1, 2, 3, {}});
    ExpectAppended(JoinAccept{1, 2, {"root", "me"}, SeqRange{5, 11}, {}});
    ExpectAppended(JoinReject{1, 2, {{"p1", {address}}}, {}});
    ExpectAppended(Kick());
    ExpectAppended(Leave());
    ExpectAppended(End{20, {}});
    ExpectAppended(IHave{{1, 9}, {}});
    ExpectAppended(RepairReq{9, {0, 5}, {}});
    ExpectAppended(FetchReq{9, {}, {}});
    ExpectAppended(TrackerAnnounce{10000, 1, 24, 3, 2, {address}, {}});
    ExpectAppended(TrackerQuery{6, 16, {}});
    ExpectAppended(TrackerReply{6, {{"p1", 1, 3, 2, {address}}}, {}});
    ExpectAppended(ParentProbeReq{1, 8, true, {}});
    ExpectAppended(ParentProbeReply{1, 3, 1, 24, 10, 14, 23, 2, 7, 11, 4, {}});
}

TEST(FanoutCodecExtension, IsLeftOutOfALongAccept)
{
    JoinAccept message{3, 2, Route(31, "hop"), SeqRange{5, 11}, FullExtension()};
    EXPECT_TRUE(Decode<JoinAccept>(Encode(Digest(), message))->extension);
    message.route.emplace_back("hop");
    const Bytes with = Encode(Digest(), message);
    message.extension.reset();
    EXPECT_EQ(with, Encode(Digest(), message));
    EXPECT_EQ(with.size(), 40 + 32 * 4 + 8U);
    message.extension = FullExtension();
    message.have.reset();
    EXPECT_EQ(EncodedSize(message), 40 + 32 * 4U);
}

std::optional<Extension>
ReadAfterEnd(const std::string& blocks)
{
    const auto message = Decode<End>(FromHex(HeadHex(Kind::END) + "00000014" + blocks));
    EXPECT_TRUE(message && message->lastSeqExclusive == 20) << blocks;
    return message ? message->extension : std::nullopt;
}

TEST(FanoutCodecExtension, UnknownPartsAreSkipped)
{
    ExpectFull(ReadAfterEnd(BlockHex(FULL_TLVS + "c803010203")));
    ExpectFull(ReadAfterEnd(BlockHex("c80163" + FULL_TLVS)));
    ExpectFull(ReadAfterEnd(BlockHex(FULL_TLVS) + "ffff"));
    ExpectFull(ReadAfterEnd(BlockHex("ff", "02") + BlockHex(FULL_TLVS)));
    EXPECT_FALSE(ReadAfterEnd(BlockHex(FULL_TLVS, "02")));
    EXPECT_EQ(ReadAfterEnd(BlockHex("0706" + std::string("000000630000")))->ticket, 99U);
}

TEST(FanoutCodecExtension, MalformedIsNone)
{
    const std::string good = BlockHex(FULL_TLVS);
    for (std::size_t size = 0; size < good.size(); size += 2)
    {
        EXPECT_FALSE(ReadAfterEnd(good.substr(0, size))) << size;
    }
    EXPECT_FALSE(ReadAfterEnd("f751" + good.substr(4)));
    EXPECT_FALSE(ReadAfterEnd(BlockHex("0704000000")));
    EXPECT_FALSE(ReadAfterEnd(BlockHex("0703000000")));
    EXPECT_FALSE(ReadAfterEnd(BlockHex("07")));
    EXPECT_FALSE(ReadAfterEnd(BlockHex("0503000000")));
    EXPECT_FALSE(ReadAfterEnd(BlockHex("062f" + BACKUP_HEX.substr(4, 47 * 2))));
}

TEST(FanoutCodecExtension, IsNotReadBehindAListThatIsCutOff)
{
    // Three addresses are promised, two follow; the block is taken for the third, which is too
    // long.
    const std::string lists = "000027100001001800030000000203000101000101";
    const auto message =
        Decode<TrackerAnnounce>(FromHex(HeadHex(Kind::TRACKER_ANNOUNCE) + lists + "f750010000"));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->addresses.size(), 2U);
    EXPECT_FALSE(message->extension);
}

TEST(FanoutCodecExtension, IsNotReadBehindARouteThatEndsEarly)
{
    const std::string have = "000000050000000b";
    const std::string head = HeadHex(Kind::JOIN_ACCEPT) + "000000030002";
    const auto early = Decode<JoinAccept>(FromHex(head + "02016100" + have + "f750010000"));
    ASSERT_TRUE(early && early->have);
    EXPECT_EQ(early->have->to, 11U);
    EXPECT_FALSE(early->extension);
    const auto whole = Decode<JoinAccept>(FromHex(head + "010161" + have + "f750010000"));
    EXPECT_TRUE(whole->extension);
}

TEST(FanoutCodecExtension, LimitsAreKept)
{
    JoinReq message{1, 2, 0, Extension()};
    message.extension->backups = {6, SomeBackup(1)};
    message.extension->need = Need{1, Bytes(40, 0xff)};
    const auto read = Decode<JoinReq>(Encode(Digest(), message));
    EXPECT_EQ(read->extension->backups.size(), 4U);
    EXPECT_EQ(read->extension->need->bitmap, Bytes(32, 0xff));
    const std::string five = BACKUP_HEX + BACKUP_HEX + BACKUP_HEX + BACKUP_HEX + BACKUP_HEX;
    EXPECT_EQ(ReadAfterEnd(BlockHex(five))->backups.size(), 4U);
    std::string bits;
    for (int i = 0; i < 40; i++)
    {
        bits += "ff";
    }
    EXPECT_EQ(ReadAfterEnd(BlockHex("052c00000001" + bits))->need->bitmap.size(), 32U);
}

TEST(FanoutCodecExtension, BackupAddresses)
{
    Kick message;
    message.extension.emplace();
    message.extension->backups = {SomeBackup(1)};
    message.extension->backups[0].endpoint = Endpoint();
    const auto read = Decode<Kick>(Encode(Digest(), message));
    ASSERT_EQ(read->extension->backups.size(), 1U);
    EXPECT_FALSE(read->extension->backups[0].endpoint);

    const std::string dns = "062c" + BACKUP_HEX.substr(4, 76) + "0536036f7267";
    const auto extension = ReadAfterEnd(BlockHex(dns + BACKUP_HEX));
    ASSERT_TRUE(extension);
    ASSERT_EQ(extension->backups.size(), 1U);
    EXPECT_EQ(extension->backups[0].peer, SomeBackup(0xaa).peer);
}

TEST(FanoutCodecOwnKinds, Position)
{
    PositionUpdate message;
    message.serial = 8;
    message.anchor = 5;
    message.level = 2;
    message.state = PositionUpdate::State::HELD;
    message.holdMs = 1500;
    message.path = {0x0102030405060708, 1};
    message.backups = {SomeBackup(0xaa)};
    const std::string body = "000000080000000500020105dc02"
                             "0102030405060708"
                             "0000000000000001";
    EXPECT_EQ(EncodedHex(message), HeadHex(Kind::POSITION) + body + BACKUP_HEX);
    const auto read = Decode<PositionUpdate>(Encode(Digest(), message));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state, PositionUpdate::State::HELD);
    EXPECT_EQ(read->path, message.path);
    ASSERT_EQ(read->backups.size(), 1U);
    EXPECT_EQ(read->backups[0].endpoint, SomeBackup(0xaa).endpoint);

    const Bytes cutPath = FromHex(HeadHex(Kind::POSITION) + body.substr(0, body.size() - 2));
    EXPECT_FALSE(Decode<PositionUpdate>(cutPath));
    const Bytes badState = FromHex(HeadHex(Kind::POSITION) + "0000000800000005000203"
                                                             "05dc00");
    EXPECT_FALSE(Decode<PositionUpdate>(badState));
    const Bytes cutBackup = FromHex(HeadHex(Kind::POSITION) + body + BACKUP_HEX.substr(2));
    ASSERT_TRUE(Decode<PositionUpdate>(cutBackup));
    EXPECT_TRUE(Decode<PositionUpdate>(cutBackup)->backups.empty());
}

TEST(FanoutCodecOwnKinds, PositionPathIsBounded)
{
    PositionUpdate message;
    message.path.resize(255);
    EXPECT_EQ(Decode<PositionUpdate>(Encode(Digest(), message))->path.size(), 255U);
    message.path.resize(256);
    try
    {
        Encode(Digest(), message);
        FAIL() << "a path of 256 hops was written";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "a POSITION cannot carry a path of 256 hops; allowed are at most 255");
    }
    EXPECT_THROW(EncodedSize(message), std::invalid_argument);
}

TEST(FanoutCodecOwnKinds, AnchorMoveAlive)
{
    EXPECT_EQ(EncodedHex(AnchorReq{6}), HeadHex(Kind::ANCHOR_REQ) + "00000006");
    EXPECT_EQ(Decode<AnchorReq>(Encode(Digest(), AnchorReq{6}))->need, 6U);
    const Move move{2, 700, {SomeBackup(0xaa)}};
    EXPECT_EQ(EncodedHex(move), HeadHex(Kind::MOVE) + "0202bc" + BACKUP_HEX);
    const auto read = Decode<Move>(Encode(Digest(), move));
    EXPECT_EQ(read->reason, 2);
    EXPECT_EQ(read->withinMs, 700);
    ASSERT_EQ(read->targets.size(), 1U);
    EXPECT_EQ(read->targets[0].ticket, 0x01020304U);
    const Alive alive{1, 2, 3, 4, 5, 0xffff};
    EXPECT_EQ(EncodedHex(alive),
              HeadHex(Kind::ALIVE) + "0000000100000002000300040000"
                                     "0005ffff");
    EXPECT_EQ(Decode<Alive>(Encode(Digest(), alive))->echoDelayMs, 0xffff);
}

// ---- where the reference loses step (W30) ----

std::string
AddressesHex(int count)
{
    std::string text = ToHex(Bytes{static_cast<std::uint8_t>(count)});
    for (int i = 0; i < count; i++)
    {
        text += "000101";
    }
    return text;
}

TEST(FanoutCodecInStep, SurplusAddressesAreSkipped)
{
    const std::string key = std::string(64, '0');
    const auto reply = Decode<ProviderReply>(FromHex("24" + key +
                                                     "0000000802"
                                                     "0161" +
                                                     AddressesHex(200) + "0162" + AddressesHex(1)));
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->providers.size(), 2U);
    EXPECT_EQ(reply->providers[0].addresses.size(), MAX_ADDRESSES);
    EXPECT_EQ(reply->providers[1].hash, "b");
    EXPECT_EQ(reply->providers[1].addresses, AddressList{Bytes{1}});

    const auto announce = Decode<TrackerAnnounce>(FromHex("1e" + key +
                                                          "000027100001001800030000"
                                                          "0002" +
                                                          AddressesHex(20) + "f750010000"));
    EXPECT_EQ(announce->addresses.size(), MAX_ADDRESSES);
    EXPECT_TRUE(announce->extension);
}

TEST(FanoutCodecInStep, SurplusRedirectsAreSkipped)
{
    std::string redirects = "06";
    for (int i = 0; i < 6; i++)
    {
        redirects += "0161" + AddressesHex(9);
    }
    const auto reject = Decode<JoinReject>(
        FromHex(HeadHex(Kind::JOIN_REJECT) + "0000000401" + redirects + "f750010000"));
    ASSERT_EQ(reject->redirects.size(), MAX_REDIRECTS);
    EXPECT_EQ(reject->redirects[3].addresses.size(), MAX_REDIRECT_ADDRESSES);
    EXPECT_TRUE(reject->extension);
}

TEST(FanoutCodecInStep, SurplusHopsAreSkipped)
{
    std::string hops = "28";
    for (int i = 0; i < 40; i++)
    {
        hops += "0161";
    }
    const auto accept = Decode<JoinAccept>(
        FromHex(HeadHex(Kind::JOIN_ACCEPT) + "000000030002" + hops + "000000050000000b"));
    EXPECT_EQ(accept->route.size(), MAX_ROUTE_HOPS);
    ASSERT_TRUE(accept->have);
    EXPECT_EQ(accept->have->from, 5U);
    EXPECT_EQ(accept->have->to, 11U);
    const auto unicast = Decode<Unicast>(FromHex(HeadHex(Kind::UNICAST) + "00" + hops + "aabb"));
    EXPECT_EQ(unicast->route.size(), MAX_ROUTE_HOPS);
    EXPECT_EQ(unicast->payload, (Bytes{0xaa, 0xbb}));
}

TEST(FanoutCodecInStep, EmptyRedirectHashEndsTheList)
{
    const auto reject = Decode<JoinReject>(FromHex(HeadHex(Kind::JOIN_REJECT) + "0000000401"
                                                                                "03"
                                                                                "01610100010"
                                                                                "1"
                                                                                "00"
                                                                                "016200"));
    ASSERT_EQ(reject->redirects.size(), 1U);
    EXPECT_EQ(reject->redirects[0].hash, "a");
}

TEST(FanoutCodec, AddressesThatCannotBeWrittenAreLeftOut)
{
    TrackerAnnounce message;
    message.addresses = {Bytes(65536), Bytes(3), Bytes(), Bytes(65535)};
    const auto read = Decode<TrackerAnnounce>(Encode(Digest(), message));
    ASSERT_EQ(read->addresses.size(), 3U);
    EXPECT_EQ(read->addresses[0].size(), 3U);
    EXPECT_EQ(read->addresses[2].size(), 65535U);
}

TEST(FanoutCodec, EntriesThatCannotBeWrittenAreLeftOut)
{
    const std::string longHash(256, 'x');
    const Bytes address{1};
    TrackerReply tracker{1, {{longHash, 1, 1, 1, {}}, {"", 1, 1, 1, {}}, {"a", 1, 1, 1, {}}}, {}};
    EXPECT_EQ(Decode<TrackerReply>(Encode(Digest(), tracker))->entries.size(), 2U);
    ProviderNotify notify{{{longHash, {}}, {"", {}}, {"a", AddressList(300, address)}}};
    EXPECT_EQ(Encode(Digest(), notify)[33], 2);
    EXPECT_EQ(Decode<ProviderNotify>(Encode(Digest(), notify))->providers.size(), 1U);
    JoinReject reject{1, 2, {}, {}};
    reject.redirects = {{longHash, {address}}, {"", {address}}, {"none", {}}, {"a", {address}}};
    const auto read = Decode<JoinReject>(Encode(Digest(), reject));
    ASSERT_EQ(read->redirects.size(), 1U);
    EXPECT_EQ(read->redirects[0].hash, "a");
    const TrackerFeedback feedback{longHash, 1, 2};
    EXPECT_EQ(Decode<TrackerFeedback>(Encode(Digest(), feedback))->hash, std::string(255, 'x'));
}

TEST(FanoutCodec, KindAndKeyAreChecked)
{
    Digest key;
    key.fill(7);
    const Bytes frame = Encode(key, Kick());
    EXPECT_EQ(KeyOf(frame), key);
    EXPECT_FALSE(KeyOf({frame.data(), 32}));
    EXPECT_TRUE(Decode<Kick>(frame));
    EXPECT_FALSE(Decode<Leave>(frame));
    EXPECT_FALSE(Decode<Data>(frame));
    EXPECT_EQ(ToHex(Encode(key, Data{{0xaa}})), "0aaa");
}

} // namespace
