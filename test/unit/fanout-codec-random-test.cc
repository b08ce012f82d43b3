/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-codec-layout.h"
#include "ns3/fanout-codec.h"
#include "ns3/fanout-random.h"

#include <gtest/gtest.h>

#include <memory>

namespace
{

using namespace ns3::fanout;

constexpr int ROUNDS = 300;

/// Fills messages with random values that survive a round trip.
class Maker
{
  public:
    explicit Maker(std::uint64_t seed)
        : m_random(seed, 0, 0)
    {
    }

    bool
    Coin()
    {
        return m_random.Below(2) == 1;
    }

    template <typename Integer>
    void
    Fill(Integer& value)
    {
        value = static_cast<Integer>(m_random.Next() >> m_random.Below(64));
    }

    void
    Fill(bool& value)
    {
        value = Coin();
    }

    void
    Fill(std::string& text)
    {
        text.assign(1 + m_random.Below(60), static_cast<char>('a' + m_random.Below(26)));
    }

    void
    Fill(Bytes& bytes)
    {
        bytes.resize(m_random.Below(80));
        for (std::uint8_t& byte : bytes)
        {
            Fill(byte);
        }
    }

    void
    Fill(SeqRange& range)
    {
        FillAll(range.from, range.to);
    }

    void
    Fill(PeerAddresses& peer)
    {
        Fill(peer.hash);
        FillList(peer.addresses, 1, MAX_REDIRECT_ADDRESSES);
    }

    void
    Fill(TrackerEntry& entry)
    {
        FillAll(entry.hash, entry.level, entry.freeSlots, entry.bidPerByte);
        FillList(entry.addresses, 0, MAX_ADDRESSES);
    }

    void
    Fill(PositionKey& key)
    {
        FillAll(key.anchor, key.level);
    }

    void
    Fill(Need& need)
    {
        Fill(need.next);
        need.bitmap.resize(m_random.Below(33), 0x5a);
    }

    void
    Fill(Backup& backup)
    {
        for (std::uint8_t& byte : backup.peer.digest)
        {
            Fill(byte);
        }
        FillAll(backup.level, backup.ticket, backup.endpoint.ip);
        backup.endpoint.port = static_cast<std::uint16_t>(1 + m_random.Below(65535));
        backup.endpoint.protocol = Coin() ? Endpoint::Protocol::UDP : Endpoint::Protocol::TCP;
    }

    void
    Fill(Extension::Role& role)
    {
        FillAll(role.relay, role.capacity, role.children);
    }

    void
    Fill(Extension& e)
    {
        FillAll(e.role, e.position, e.feasible, e.hasChildren, e.need);
        FillList(e.backups, 0, 4);
        FillAll(e.ticket, e.watermark, e.pathDelay);
    }

    template <typename Value>
    void
    Fill(std::optional<Value>& value)
    {
        if (Coin())
        {
            Fill(value.emplace());
        }
    }

    template <typename... Values>
    void
    FillAll(Values&... values)
    {
        (Fill(values), ...);
    }

    template <typename List>
    void
    FillList(List& list, std::size_t least, std::size_t most)
    {
        list.resize(least + m_random.Below(most - least + 1));
        for (auto& element : list)
        {
            Fill(element);
        }
    }

    void
    Make(JoinReq& m)
    {
        FillAll(m.reqId, m.bidPerByte, m.reservationToken, m.extension);
    }

    void
    Make(JoinAccept& m)
    {
        FillAll(m.reqId, m.parentLevel, m.have, m.extension);
        FillList(m.route, 0, MAX_ROUTE_HOPS);
    }

    void
    Make(JoinReject& m)
    {
        FillAll(m.reqId, m.reason, m.extension);
        FillList(m.redirects, 0, MAX_REDIRECTS);
    }

    void
    Make(Kick& m)
    {
        Fill(m.extension);
    }

    void
    Make(Data& m)
    {
        Fill(m.payload);
    }

    void
    Make(End& m)
    {
        FillAll(m.lastSeqExclusive, m.extension);
    }

    void
    Make(Unicast& m)
    {
        FillAll(m.ackWanted, m.payload);
        FillList(m.route, 0, MAX_ROUTE_HOPS);
        if (m.ackWanted)
        {
            Fill(m.ackToken);
            FillList(m.replyRoute, 0, MAX_ROUTE_HOPS);
        }
    }

    void
    Make(RouteQuery& m)
    {
        FillAll(m.reqId, m.target);
    }

    void
    Make(RouteReply& m)
    {
        Fill(m.reqId);
        FillList(m.route, 0, MAX_ROUTE_HOPS);
    }

    void
    Make(PublishProxy& m)
    {
        Fill(m.payload);
    }

    void
    Make(Leave& m)
    {
        Fill(m.extension);
    }

    void
    Make(UnicastAck& m)
    {
        Fill(m.ackToken);
        FillList(m.route, 0, MAX_ROUTE_HOPS);
    }

    void
    Make(RepairReq& m)
    {
        FillAll(m.reqId, m.extension);
        FillList(m.seqs, 0, 255);
    }

    void
    Make(FetchReq& m)
    {
        FillAll(m.reqId, m.extension);
        FillList(m.seqs, 0, 255);
    }

    void
    Make(IHave& m)
    {
        FillAll(m.have, m.extension);
    }

    void
    Make(TrackerAnnounce& m)
    {
        FillAll(m.ttlMs, m.level, m.maxChildren, m.freeSlots, m.bidPerByte, m.extension);
        FillList(m.addresses, 0, MAX_ADDRESSES);
    }

    void
    Make(TrackerQuery& m)
    {
        FillAll(m.reqId, m.want, m.extension);
    }

    void
    Make(TrackerReply& m)
    {
        FillAll(m.reqId, m.extension);
        FillList(m.entries, 0, 20);
    }

    void
    Make(TrackerFeedback& m)
    {
        FillAll(m.hash, m.event, m.reason);
    }

    void
    Make(ProviderAnnounce& m)
    {
        Fill(m.ttlMs);
        FillList(m.addresses, 0, MAX_ADDRESSES);
    }

    void
    Make(ProviderQuery& m)
    {
        FillAll(m.reqId, m.want, m.seed);
    }

    void
    Make(ProviderReply& m)
    {
        Fill(m.reqId);
        FillList(m.providers, 0, 20);
    }

    void
    Make(ProviderSubscribe& m)
    {
        FillAll(m.want, m.ttlMs);
    }

    void
    Make(ProviderUnsubscribe&)
    {
    }

    void
    Make(ProviderNotify& m)
    {
        FillList(m.providers, 0, 20);
    }

    void
    Make(ParentProbeReq& m)
    {
        FillAll(m.reqId, m.minFreeSlots, m.reserve, m.extension);
    }

    void
    Make(ParentProbeReply& m)
    {
        FillAll(m.reqId, m.flags, m.level, m.maxChildren, m.freeSlots, m.children);
        FillAll(m.haveToExclusive, m.missingSeqs, m.dataWriteDrops, m.droppedForwards);
        FillAll(m.reservationToken, m.extension);
    }

    void
    Make(PositionUpdate& m)
    {
        FillAll(m.serial, m.anchor, m.level, m.holdMs);
        m.state = static_cast<PositionUpdate::State>(m_random.Below(3));
        FillList(m.path, 0, 40);
        FillList(m.backups, 0, 4);
    }

    void
    Make(AnchorReq& m)
    {
        Fill(m.need);
    }

    void
    Make(Move& m)
    {
        FillAll(m.reason, m.withinMs);
        FillList(m.targets, 0, 4);
    }

    void
    Make(Alive& m)
    {
        FillAll(m.serialSeen, m.nextContiguous, m.missing, m.subtreeFree, m.echo, m.echoDelayMs);
    }

  private:
    Random m_random;
};

template <typename Message>
class FanoutCodecRandom : public testing::Test
{
};

#define FANOUT_MESSAGE_TYPE(MESSAGE, KIND, MIN_BODY) MESSAGE,
using Messages = testing::Types<FANOUT_CODEC_MESSAGES(FANOUT_MESSAGE_TYPE) Data>;
TYPED_TEST_SUITE(FanoutCodecRandom, Messages);

/// Every encoder is held to the reference's bytes elsewhere, so equal bytes mean equal fields.
TYPED_TEST(FanoutCodecRandom, RoundTripAndSize)
{
    Maker maker(1);
    Digest key;
    key.fill(0x42);
    for (int round = 0; round < ROUNDS; round++)
    {
        TypeParam message;
        maker.Make(message);
        const Bytes frame = Encode(key, message);
        ASSERT_EQ(frame.size(), EncodedSize(message));
        const std::optional<TypeParam> read = Decode<TypeParam>(frame);
        ASSERT_TRUE(read);
        ASSERT_EQ(Encode(key, *read), frame);
    }
}

/// Copies to the heap, exactly as large, so that a sanitizer sees a read behind the end.
template <typename Message>
bool
DecodesAlone(ByteView frame)
{
    const auto copy = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), copy.get());
    return Decode<Message>({copy.get(), frame.size()}).has_value();
}

TYPED_TEST(FanoutCodecRandom, PrefixesAreReadUpToTheMinimum)
{
    constexpr bool IS_DATA = Layout<TypeParam>::KIND_BYTE == Kind::DATA;
    constexpr std::size_t LEAST =
        (IS_DATA ? 1 : FRAME_HEADER_BYTES) + Layout<TypeParam>::MIN_BODY_BYTES;
    Maker maker(2);
    for (int round = 0; round < 20; round++)
    {
        TypeParam message;
        maker.Make(message);
        const Bytes frame = Encode(Digest(), message);
        for (std::size_t size = 0; size <= frame.size(); size++)
        {
            const bool read = DecodesAlone<TypeParam>({frame.data(), size});
            ASSERT_TRUE(size >= LEAST || !read) << size;
        }
    }
}

TYPED_TEST(FanoutCodecRandom, GarbageIsReadOrRejected)
{
    Random random(3, 0, 0);
    std::size_t read = 0;
    for (int round = 0; round < 3000; round++)
    {
        Bytes frame(1 + random.Below(400));
        for (std::uint8_t& byte : frame)
        {
            // Small numbers keep lists and lengths plausible.
            byte = static_cast<std::uint8_t>(random.Next() >> (56 + random.Below(8)));
        }
        frame[0] = static_cast<std::uint8_t>(Layout<TypeParam>::KIND_BYTE);
        if (const auto message = Decode<TypeParam>(frame))
        {
            ASSERT_EQ(Encode(Digest(), *message).size(), EncodedSize(*message));
            read++;
        }
    }
    EXPECT_GT(read, 0U);
}

} // namespace
