/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-ids.h"
#include "fanout-invariants.h"
#include "fanout-world.h"

#include "ns3/fanout-mesh.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

constexpr Micros INTERVAL = 800 * MILLISECOND; ///< between two announces

/// @return a mesh of members 1 to n, on the links of these numbers
Mesh
MeshOf(std::uint8_t n, std::uint8_t room)
{
    Mesh mesh(room, INTERVAL);
    for (std::uint8_t i = 1; i <= n; i++)
    {
        EXPECT_TRUE(mesh.Add(IdOf(i), i, 0));
    }
    return mesh;
}

TEST(Mesh, TellsOfNewsAtTheIntervalAndOfNothingAtTheHeartbeat)
{
    Mesh mesh = MeshOf(1, 4);
    EXPECT_EQ(mesh.NextAnnounceAt(), NEVER) << "there is nothing to tell";
    mesh.Has(0);
    ASSERT_TRUE(mesh.IsDue(SECOND));
    mesh.Announced(SECOND);
    EXPECT_EQ(mesh.NextAnnounceAt(), SECOND + 4 * INTERVAL);
    mesh.Has(1);
    EXPECT_EQ(mesh.NextAnnounceAt(), SECOND + INTERVAL);
    mesh.Closed(1);
    EXPECT_EQ(mesh.NextAnnounceAt(), NEVER) << "there is nobody to tell";
}

TEST(Mesh, KeepsFewMembersAndCandidates)
{
    Mesh mesh = MeshOf(4, 4);
    EXPECT_FALSE(mesh.Add(IdOf(5), 5, 0));
    EXPECT_EQ(mesh.Members().size(), 4u);
    for (std::uint32_t i = 0; i < 1000; i++)
    {
        mesh.Suggest(IdOf(static_cast<std::uint8_t>(i)), Endpoint());
    }
    EXPECT_LE(mesh.HeapBytes(), 4096u);
}

TEST(Mesh, LetsGoWhoIsSilentWhoGivesLittleAndWhoIsUnfit)
{
    Mesh mesh = MeshOf(4, 4);
    const Micros now = 9 * SECOND;
    for (const LinkId link : {1, 2, 3})
    {
        Mesh::Said(*mesh.Find(link), {0, 10}, 0, now);
    }
    Mesh::Asked(*mesh.Find(2), 8);
    Mesh::Asked(*mesh.Find(3), 8);
    mesh.Find(3)->hits = 2;
    const auto unfit = [](const Mesh::Member& member) { return member.link == 1; };
    EXPECT_EQ(mesh.Prune(now, unfit), (std::vector<LinkId>{1, 2})) << "4 has some time left";
    EXPECT_EQ(mesh.Prune(10 * SECOND, unfit), (std::vector<LinkId>{4}));
    EXPECT_FALSE(mesh.Add(IdOf(2), 2, now + SECOND)) << "it said much and gave little";
    EXPECT_TRUE(mesh.Add(IdOf(4), 4, now + SECOND));
    EXPECT_TRUE(mesh.Add(IdOf(2), 2, now + Mesh::REST));
}

TEST(Mesh, WhatOneSaidCountsForAWhile)
{
    Mesh mesh = MeshOf(1, 1);
    Mesh::Member& member = *mesh.Find(1);
    EXPECT_FALSE(Mesh::Covers(member, 5, 0));
    Mesh::Said(member, {1000, 1010}, 900, SECOND);
    for (const std::uint32_t seq : {899u, 1000u, 1009u})
    {
        EXPECT_TRUE(Mesh::Covers(member, seq, SECOND + Mesh::FRESH)) << seq;
        EXPECT_FALSE(Mesh::Covers(member, seq, SECOND + Mesh::FRESH + 1)) << seq;
    }
    for (const std::uint32_t seq : {643u, 900u, 999u, 1010u})
    {
        EXPECT_FALSE(Mesh::Covers(member, seq, SECOND)) << seq;
    }
}

TEST(Mesh, TakesEachCandidateSeldom)
{
    Mesh mesh = MeshOf(1, 4);
    Random random(1, 2, 3);
    const auto unfit = [](const PeerId& peer) { return peer == IdOf(2); };
    for (std::uint8_t i = 1; i <= 4; i++)
    {
        mesh.Suggest(IdOf(i), Endpoint());
    }
    std::set<PeerId> taken;
    while (const auto candidate = mesh.NextCandidate(SECOND, random, unfit))
    {
        taken.insert(candidate->peer);
    }
    EXPECT_EQ(taken, (std::set<PeerId>{IdOf(3), IdOf(4)}));
    EXPECT_EQ(mesh.NextFillAt(), SECOND + Mesh::REST);
}

/// A tracker, a root, relays, and leaves, in a world.
struct Net
{
    /// @param meshPeers of all @param leaves how many of 10 @param slots of a relay
    explicit Net(std::uint8_t meshPeers, int leaves = 7, const WorldConfig& config = {})
        : world(config)
    {
        const auto make = [&](std::uint16_t children)
        {
            auto options = MakeOptions(children);
            options->meshPeers = meshPeers;
            return options;
        };
        world.SetTrackers(1);
        world.Add(make(0));
        world.SetRoot(world.Add(make(2)));
        world.Join(1);
        for (int i = 0; i < 10; i++)
        {
            world.Join(world.Add(make(i < 10 - leaves ? 3 : 0)));
            world.RunUntil(world.Now() + 300 * MILLISECOND);
        }
        world.onFrame = [this](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
        { Note(from, to, frame); };
    }

    void
    Note(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    {
        if (!IsMesh(from, to, frame))
        {
            return;
        }
        const Micros now = world.Now();
        const auto last = told.find({from, to});
        shortest = last == told.end() ? shortest : std::min(shortest, now - last->second);
        longest = last == told.end() ? longest : std::max(longest, now - last->second);
        told[{from, to}] = now;
        toTree += world.IndexOf(world.Status(from).parent) == static_cast<int>(to) ||
                  world.IndexOf(world.Status(to).parent) == static_cast<int>(from);
        words++;
    }

    /// @return whether it is an IHAVE, and not a parent's
    bool
    IsMesh(std::uint32_t from, std::uint32_t to, const FrameRef& frame) const
    {
        if (frame->Kind() != static_cast<std::uint8_t>(Kind::IHAVE))
        {
            return false;
        }
        const Channel* channel = world.ChannelOf(from, 0);
        return !channel->GetAdmission() || !channel->GetAdmission()->Find(to);
    }

    void
    PublishFor(Micros time)
    {
        const Micros until = world.Now() + time;
        while (world.Now() < until)
        {
            world.Publish();
            world.RunUntil(world.Now() + 20 * MILLISECOND);
        }
    }

    World world;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Micros> told;
    Micros shortest{NEVER};
    Micros longest{0};
    std::uint32_t toTree{0};
    std::uint32_t words{0};
};

TEST(FanoutMesh, PeersTellOthersThanParentAndChildrenAtTheInterval)
{
    Net net(3);
    net.PublishFor(6 * SECOND);
    EXPECT_GT(net.told.size(), 10u);
    EXPECT_EQ(net.toTree, 0u);
    EXPECT_GE(net.shortest, INTERVAL);
    EXPECT_LT(net.longest, 2 * INTERVAL);
    std::map<std::uint32_t, std::uint32_t> members;
    for (const auto& [link, at] : net.told)
    {
        members[link.first] += at + INTERVAL + 50 * MILLISECOND > net.world.Now();
    }
    for (const auto& [peer, n] : members)
    {
        EXPECT_LE(n, 3u) << "peer " << peer;
    }
    net.world.End(); // nobody asks how far the channel is
    net.world.RunUntil(net.world.Now() + 2 * INTERVAL);
    net.words = 0;
    net.told.clear();
    net.shortest = NEVER;
    net.world.RunUntil(net.world.Now() + 10 * SECOND);
    EXPECT_GT(net.words, 0u);
    EXPECT_GE(net.shortest, 4 * INTERVAL) << "nothing is new";
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(FanoutMesh, AMemberThatBecomesParentOrChildIsToldNoMore)
{
    Net net(4, 6);
    net.PublishFor(3 * SECOND);
    const auto before = net.told;
    std::uint32_t joined = 0;
    for (std::uint32_t relay = 2; relay <= 5; relay++)
    {
        net.world.SetOffline(relay, true, true);
        net.PublishFor(3 * SECOND);
        for (const auto& [link, at] : before)
        {
            joined += net.world.IndexOf(net.world.Status(link.second).parent) ==
                      static_cast<int>(link.first);
        }
        net.world.SetOffline(relay, false, true);
        net.PublishFor(2 * SECOND);
    }
    EXPECT_GT(joined, 0u) << "no member of a mesh became a child";
    EXPECT_EQ(net.toTree, 0u);
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(FanoutMesh, WhoIsToldTellsToo)
{
    Net net(4);
    net.PublishFor(5 * SECOND);
    std::uint32_t both = 0;
    for (const auto& [link, at] : net.told)
    {
        both += net.told.count({link.second, link.first}) > 0;
    }
    EXPECT_GT(both, net.told.size() / 2);
}

TEST(FanoutMesh, NobodyIsTakenInBeforeItAnswers)
{
    Net net(4);
    net.PublishFor(SECOND);
    const std::uint32_t leaf = 11;
    const std::uint32_t stranger = net.world.Add(MakeOptions(0));
    std::uint32_t sent = 0;
    std::uint32_t nonce = 0;
    net.world.onFrame = [&](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    {
        const auto alive = Decode<Alive>(frame->Data());
        nonce = from == leaf && to == stranger && alive ? alive->echo : nonce;
        sent += from == leaf && to == stranger && !alive;
    };
    IHave have;
    have.have = {0, 10};
    for (int i = 0; i < 10; i++)
    {
        net.world.Inject(stranger, leaf, Signed(net.world, stranger, have));
        net.PublishFor(SECOND);
    }
    EXPECT_EQ(sent, 0u) << "it may have written somebody else's address";
    ASSERT_NE(nonce, 0u);
    Alive answer;
    answer.echo = nonce;
    net.world.Inject(stranger, leaf, Signed(net.world, stranger, answer));
    net.world.Inject(stranger, leaf, Signed(net.world, stranger, have));
    net.PublishFor(2 * SECOND);
    EXPECT_GT(sent, 0u);
    EXPECT_LE(sent, 3u);
}

/// A relay below the root misses a message, and the root does not hear its asks for a second.
/// @param meshPeers of all @return asks of the relay by a child of it before that asks a neighbour,
/// the least of all children; many when nobody does
std::uint32_t
AsksBeforeFetch(std::uint8_t meshPeers)
{
    Net net(meshPeers);
    net.PublishFor(5 * SECOND);
    const auto parentOf = [&](std::uint32_t peer)
    { return net.world.IndexOf(net.world.Status(peer).parent); };
    std::uint32_t relay = 2;
    while (parentOf(relay) != 1 || net.world.Status(relay).children == 0)
    {
        relay++;
    }
    const std::uint32_t seq = net.world.Status(1).nextSeq;
    const auto has = [seq](const std::vector<std::uint32_t>& seqs)
    { return std::count(seqs.begin(), seqs.end(), seq) > 0; };
    std::map<std::uint32_t, std::uint32_t> asks;
    std::uint32_t least = 100;
    net.world.onFrame = [&](std::uint32_t from, std::uint32_t, const FrameRef& frame)
    {
        const bool child = parentOf(from) == static_cast<int>(relay);
        const auto repair = Decode<RepairReq>(frame->Data());
        const auto fetch = Decode<FetchReq>(frame->Data());
        asks[from] += child && repair && has(repair->seqs);
        least = child && fetch && has(fetch->seqs) ? std::min(least, asks[from]) : least;
    };
    net.world.SetOneWayDead(1, relay, true);
    net.world.Publish();
    net.world.RunUntil(net.world.Now() + 160 * MILLISECOND);
    net.world.SetOneWayDead(1, relay, false);
    net.world.SetOneWayDead(relay, 1, true);
    net.PublishFor(SECOND);
    net.world.SetOneWayDead(relay, 1, false);
    net.PublishFor(2 * SECOND);
    EXPECT_EQ(net.world.Breach(), "");
    return least;
}

TEST(FanoutMesh, WhatTheParentLacksIsAskedOfWhoSaidThatItHasIt)
{
    EXPECT_EQ(AsksBeforeFetch(4), 1u);
    EXPECT_GE(AsksBeforeFetch(0), 3u);
}

TEST(FanoutMesh, LiesMoveNoWindowAndTakeNoRoom)
{
    Net net(4);
    net.PublishFor(4 * SECOND);
    const std::uint32_t leaf = 11;
    std::set<std::uint32_t> members;
    for (const auto& [link, at] : net.told)
    {
        if (link.second == leaf)
        {
            members.insert(link.first);
        }
    }
    ASSERT_FALSE(members.empty());
    net.world.RunUntil(net.world.Now() + SECOND);
    const ChannelStatus before = net.world.Status(leaf);
    const std::size_t bytes = net.world.At(leaf).MemoryBytes();
    for (std::uint32_t i = 0; i < 300; i++)
    {
        IHave lie;
        lie.have = {i * 1000, 0xffffffff - i};
        lie.extension.emplace().watermark = 0xffffffff;
        const std::uint32_t liar = i % 2 ? *members.begin() : 0;
        net.world.Inject(liar, leaf, Signed(net.world, liar, lie));
    }
    EXPECT_EQ(net.world.Status(leaf).nextSeq, before.nextSeq);
    EXPECT_EQ(net.world.Status(leaf).missing, 0u);
    EXPECT_LE(net.world.At(leaf).MemoryBytes(), bytes + 2048);
    net.PublishFor(SECOND);
    net.world.RunUntil(net.world.Now() + SECOND);
    EXPECT_EQ(net.world.Status(leaf).nextSeq, net.world.Status(1).nextSeq);
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(FanoutMesh, ALeafGivesWhatItKeepsWithinABudget)
{
    Net net(4);
    net.PublishFor(2 * SECOND);
    const std::uint32_t leaf = 11;
    const std::uint32_t other = 10;
    std::uint32_t served = 0;
    std::uint32_t nonce = 0;
    net.world.onFrame = [&](std::uint32_t from, std::uint32_t to, const FrameRef& frame)
    {
        const auto alive = Decode<Alive>(frame->Data());
        nonce = from == leaf && to == other && alive ? alive->echo : nonce;
        served += from == leaf && to == other && frame->IsData();
    };
    FetchReq fetch;
    fetch.seqs = {80, 81, 82};
    net.world.Inject(other, leaf, Signed(net.world, other, fetch));
    Alive answer;
    answer.echo = nonce;
    net.world.Inject(other, leaf, Signed(net.world, other, answer));
    for (std::uint32_t i = 0; i < 100; i++)
    {
        net.world.Inject(other, leaf, Signed(net.world, other, fetch));
    }
    EXPECT_GE(served, 3u);
    EXPECT_LE(served, 60u) << "one second of the stream";
    EXPECT_EQ(net.world.Breach(), "");
}

TEST(FanoutMesh, WithoutAMeshNobodyIsTold)
{
    WorldConfig config;
    config.dataLoss = 0.1;
    Net net(0, 7, config);
    const std::uint32_t leaf = 11;
    const std::size_t bytes = net.world.At(leaf).MemoryBytes();
    net.PublishFor(3 * SECOND);
    std::uint32_t fetches = 0;
    net.world.onFrame = [&](std::uint32_t, std::uint32_t, const FrameRef& frame)
    { fetches += frame->Kind() == static_cast<std::uint8_t>(Kind::FETCH_REQ); };
    IHave have;
    have.have = {0, 10};
    const std::uint64_t frames = net.world.Frames();
    net.world.Inject(10, leaf, Signed(net.world, 10, have));
    EXPECT_EQ(net.world.Frames(), frames);
    net.world.RunUntil(net.world.Now() + 5 * SECOND);
    EXPECT_LE(net.world.At(leaf).MemoryBytes(), bytes + 512);
    EXPECT_LE(net.words, fetches) << "an IHAVE to a neighbour answers its ask";
}

} // namespace
