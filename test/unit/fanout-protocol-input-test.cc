/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include "ns3/fanout-codec.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

/// A tracker (0), a root (1), a relay (2) below it, a leaf (3) below the relay, a stranger (4).
class Input : public ::testing::Test
{
  protected:
    void
    SetUp() override
    {
        world.SetTrackers(1);
        world.Add(MakeOptions(0));
        world.Add(MakeOptions(1));
        world.SetRoot(1);
        world.Join(1);
        world.Add(MakeOptions(8));
        world.Join(2);
        world.RunUntil(SECOND);
        world.Add(MakeOptions(0));
        world.Join(3);
        world.Add(MakeOptions(0));
        world.RunUntil(3 * SECOND);
        ASSERT_EQ(world.IndexOf(world.Status(3).parent), 2);
        for (int i = 0; i < 5; i++)
        {
            world.Publish();
            world.RunUntil(world.Now() + 20 * MILLISECOND);
        }
        world.RunUntil(4 * SECOND);
        ASSERT_EQ(world.Delivered(3).size(), 5u);
    }

    /// @param peer who @return all that a stranger must not change
    std::string
    StateOf(std::uint32_t peer)
    {
        const ChannelStatus status = world.Status(peer);
        std::ostringstream state;
        state << status.attached << status.parent.ToText() << status.level << ' ' << status.nextSeq
              << ' ' << status.missing << ' ' << status.givenUp << ' ' << status.ended << status.end
              << ' ' << world.Delivered(peer).size();
        for (const auto& child : world.At(peer).Children(0))
        {
            state << child.ToText();
        }
        return state.str();
    }

    /// @param signer who signs @param data kind, key and body @return a control frame
    FrameRef
    Control(std::uint32_t signer, const Bytes& data)
    {
        EnvelopeFields fields;
        for (auto& byte : fields.id)
        {
            byte = static_cast<std::uint8_t>(m_random.Next());
        }
        return Frame::Seal(SignatureScheme::Mock(), world.IdentityOf(signer), fields, data);
    }

    /// @param signer who signs @param message what @return a control frame of the channel
    template <typename Message>
    FrameRef
    Say(std::uint32_t signer, const Message& message)
    {
        return Control(signer, Encode(world.Key(), message));
    }

    /// @param signer who signs @param seq number @return a DATA frame
    FrameRef
    DataFrame(std::uint32_t signer, std::uint32_t seq)
    {
        EnvelopeFields fields;
        fields.id = DataMessageId(seq, world.Key());
        fields.priority = 1;
        fields.timestamp = world.commons.epochMs;
        Data data;
        data.payload = Bytes(10, 0x33);
        return Frame::Seal(SignatureScheme::Mock(),
                           world.IdentityOf(signer),
                           fields,
                           Encode(world.Key(), data));
    }

    /// @param from whose link @param to receiver @param frame what @return whether nothing changed
    bool
    Harmless(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    {
        const std::string before = StateOf(to);
        world.Inject(from, to, frame);
        return StateOf(to) == before;
    }

    World world{WorldConfig{}};

  private:
    Random m_random{9, 9, 9};
};

TEST_F(Input, OnlyTheParentCanKick)
{
    EXPECT_TRUE(Harmless(4, 3, Say(4, Kick())));
    EXPECT_TRUE(Harmless(1, 3, Say(1, Kick())));
    EXPECT_TRUE(Harmless(2, 3, Say(4, Kick())))
        << "a stranger who speaks with the parent's address";
    EXPECT_FALSE(Harmless(2, 3, Say(2, Kick())));
}

TEST_F(Input, AReplayedKickIsIgnored)
{
    const FrameRef kick = Say(2, Kick());
    EXPECT_FALSE(Harmless(2, 3, kick));
    world.RunUntil(world.Now() + 3 * SECOND);
    ASSERT_TRUE(world.Status(3).attached);
    EXPECT_TRUE(Harmless(2, 3, kick));
}

TEST_F(Input, DataCountsFromTheParentAndSignedByTheRootOnly)
{
    EXPECT_TRUE(Harmless(4, 3, DataFrame(4, 5)));
    EXPECT_TRUE(Harmless(4, 3, DataFrame(1, 5))) << "the root's, but not by the parent";
    EXPECT_TRUE(Harmless(2, 3, DataFrame(2, 5))) << "by the parent, but not the root's";
    EXPECT_FALSE(Harmless(2, 3, DataFrame(1, 5))) << "a forged frame must not censor the real one";
    EXPECT_EQ(world.Delivered(3).back(), 5u);
}

TEST_F(Input, DataFarAheadMovesTheWindowOnlyWhenItIsTheRoots)
{
    EXPECT_TRUE(Harmless(2, 3, DataFrame(2, 4000000000u)));
    EXPECT_FALSE(Harmless(2, 3, DataFrame(1, 5000)));
    EXPECT_LE(world.Status(3).missing, 1024u);
}

TEST_F(Input, AnEndCountsOnlyWhenTheRootSignedIt)
{
    End end;
    end.lastSeqExclusive = 5;
    EXPECT_TRUE(Harmless(4, 3, Say(4, end)));
    EXPECT_TRUE(Harmless(2, 3, Say(4, end)));
    EXPECT_TRUE(Harmless(2, 3, Say(2, end)));
    EXPECT_FALSE(Harmless(2, 3, Say(1, end)));
    EXPECT_TRUE(world.Status(3).ended);
    end.lastSeqExclusive = 3;
    EXPECT_TRUE(Harmless(2, 3, Say(1, end))) << "an end never shrinks";
}

TEST_F(Input, WatermarksOfStrangersAndWildOnesAreIgnored)
{
    IHave have;
    have.have = {0, 9};
    EXPECT_TRUE(Harmless(4, 3, Say(4, have)));
    have.have = {0, 4000000000u};
    EXPECT_TRUE(Harmless(2, 3, Say(2, have)));
    have.have = {9, 2};
    EXPECT_TRUE(Harmless(2, 3, Say(2, have)));
    have.have = {0, 9};
    EXPECT_FALSE(Harmless(2, 3, Say(2, have)));
}

TEST_F(Input, AnswersNobodyAskedForChangeNothing)
{
    JoinAccept accept;
    accept.reqId = 1;
    accept.route = {world.IdentityOf(1).id.ToText(), world.IdentityOf(4).id.ToText()};
    accept.parentLevel = 1;
    EXPECT_TRUE(Harmless(4, 3, Say(4, accept)));
    EXPECT_EQ(world.commons.ledger.lateAccepts, 1u) << "it is answered with LEAVE";
    JoinReject reject;
    reject.reqId = 1;
    EXPECT_TRUE(Harmless(4, 3, Say(4, reject)));
    TrackerReply reply;
    reply.reqId = 1;
    EXPECT_TRUE(Harmless(4, 3, Say(4, reply)));
}

TEST_F(Input, OnlyChildrenCanLeaveAndAskForRepair)
{
    EXPECT_TRUE(Harmless(4, 2, Say(4, Leave())));
    EXPECT_TRUE(Harmless(3, 2, Say(4, Leave()))) << "with the child's address";
    RepairReq request;
    request.seqs = {0, 1, 2};
    const auto served = world.commons.ledger.cacheHitsServed;
    world.Inject(4, 2, Say(4, request));
    EXPECT_EQ(world.commons.ledger.cacheHitsServed, served);
    world.Inject(3, 2, Say(3, request));
    EXPECT_EQ(world.commons.ledger.cacheHitsServed, served + 3);
    world.Inject(3, 2, Say(3, request));
    EXPECT_EQ(world.commons.ledger.cacheHitsServed, served + 3) << "asked again too soon";
    EXPECT_FALSE(Harmless(3, 2, Say(3, Leave())));
}

TEST_F(Input, OneWhoIsNoChildAnyMoreIsToldSo)
{
    int kicks = 0;
    world.onFrame = [&](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    { kicks += from == 2 && to == 4 && frame->Kind() == 4; };
    RepairReq request;
    request.seqs = {1};
    world.Inject(4, 2, Say(4, request));
    EXPECT_EQ(kicks, 1);
    world.Inject(4, 2, Say(4, Alive()));
    EXPECT_EQ(kicks, 1) << "seldom";
    world.RunUntil(world.Now() + SECOND);
    world.Inject(4, 2, Say(4, Alive()));
    EXPECT_EQ(kicks, 2);
    world.Inject(4, 2, Say(3, Alive()));
    EXPECT_EQ(kicks, 2) << "to those who are who they say";
}

TEST_F(Input, AFrameOnItsWayIsNoReasonToLeaveWhomWeAskAgain)
{
    int leaves = 0;
    world.onFrame = [&](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    { leaves += from == 3 && to == 2 && frame->Kind() == 16; };
    world.SetOffline(3, true, true);
    world.RunUntil(world.Now() + 120 * MILLISECOND);
    world.SetOffline(3, false, true);
    bool asked = false;
    world.onEvent = [&](std::uint32_t self, const Event& event)
    {
        const auto* join = std::get_if<JoinEvent>(&event);
        asked = asked || (self == 3 && join && join->step == JoinEvent::Step::ASKED);
    };
    while (!asked)
    {
        world.RunUntil(world.Now() + MILLISECOND);
    }
    world.Inject(2, 3, DataFrame(1, 5));
    EXPECT_EQ(leaves, 0);
    world.RunUntil(world.Now() + 2 * SECOND);
    EXPECT_TRUE(world.Status(3).attached);
    EXPECT_EQ(world.Status(2).children, 1);
}

TEST_F(Input, AnAncestorIsNotAdmitted)
{
    JoinReq request;
    request.reqId = 3;
    request.extension.emplace().hasChildren = true;
    std::uint8_t reason = 0;
    world.onFrame = [&](std::uint32_t from, std::uint32_t, const FrameRef& frame)
    {
        if (from == 2 && frame->Kind() == 3)
        {
            reason = Decode<JoinReject>(frame->Data())->reason;
        }
    };
    EXPECT_TRUE(Harmless(1, 2, Say(1, request)));
    EXPECT_EQ(reason, 1);
}

TEST_F(Input, EveryTruncationOfEveryKindIsHarmless)
{
    Random random(1, 2, 3);
    for (int kind = 0; kind < 64; kind++)
    {
        for (std::size_t size = 1; size <= 70; size++)
        {
            Bytes data(size, 0);
            const Digest key = world.Key();
            data[0] = static_cast<std::uint8_t>(kind);
            std::copy_n(key.begin(), std::min<std::size_t>(32, size - 1), data.begin() + 1);
            for (std::size_t i = 33; i < size; i++)
            {
                data[i] = static_cast<std::uint8_t>(random.Next());
            }
            const std::string before = StateOf(3);
            world.Inject(4, 3, Control(4, data));
            ASSERT_EQ(StateOf(3), before) << "kind " << kind << " size " << size;
        }
    }
    EXPECT_EQ(world.Breach(), "");
}

TEST_F(Input, AFloodFromOneNeighbourIsCutOff)
{
    const Alive alive;
    for (int i = 0; i < 6000; i++)
    {
        world.Inject(3, 2, Say(3, alive));
    }
    EXPECT_GT(world.commons.ledger.rateDropped, 1000u);
    EXPECT_LT(world.commons.ledger.rateDropped, 3000u);
}

/// The reference's own dispatcher, case by case ("dispatch" in wire.json).
TEST(Dispatch, AnswersAsTheReferenceDoes)
{
    std::ifstream file(FANOUT_TEST_VECTORS "/wire.json");
    const auto vectors = nlohmann::json::parse(file);
    World world(WorldConfig{});
    world.Add(MakeOptions(4));
    world.SetRoot(0);
    world.Join(0);
    world.Add(MakeOptions(0));
    Random random(3, 3, 3);
    std::size_t cases = 0;
    for (const auto& entry : vectors["dispatch"])
    {
        const std::string hex = entry["hex"];
        Bytes data;
        for (std::size_t i = 0; i < hex.size(); i += 2)
        {
            data.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
        }
        std::vector<std::string> sent;
        world.onFrame = [&](std::uint32_t from, std::uint32_t, const FrameRef& frame)
        {
            std::ostringstream text;
            for (const auto byte : frame->Data())
            {
                text << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
            }
            if (from == 0)
            {
                sent.push_back(text.str());
            }
        };
        const Digest key = world.Key();
        if (data.size() >= 33 && data[1] == 0xd0)
        {
            std::copy(key.begin(), key.end(), data.begin() + 1);
        }
        EnvelopeFields fields;
        for (auto& byte : fields.id)
        {
            byte = static_cast<std::uint8_t>(random.Next());
        }
        const FrameRef frame =
            Frame::Seal(SignatureScheme::Mock(), world.IdentityOf(1), fields, data);
        if (entry["seenBefore"].get<int>() > 0)
        {
            world.Inject(1, 0, frame);
            sent.clear();
        }
        world.Inject(1, 0, frame);
        EXPECT_EQ(sent, entry["controlSent"].get<std::vector<std::string>>()) << entry["name"];
        cases++;
    }
    EXPECT_EQ(cases, 9u);
}

} // namespace
