/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

using Lines = std::vector<std::string>;

constexpr std::size_t SHOWN = 12;  ///< differing lines shown
constexpr std::size_t CONTEXT = 3; ///< equal lines shown before them

/// @param text any @return its lines, without comments
Lines
LinesOf(const std::string& text)
{
    Lines lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
    {
        if (line.empty() || line[0] != '#')
        {
            lines.push_back(line);
        }
    }
    return lines;
}

/// @param expected lines @param actual lines @return where they first part and how
std::string
DifferenceOf(const Lines& expected, const Lines& actual)
{
    std::size_t at = 0;
    while (at < expected.size() && at < actual.size() && expected[at] == actual[at])
    {
        at++;
    }
    if (at == expected.size() && at == actual.size())
    {
        return {};
    }
    std::string text = "@@ line " + std::to_string(at + 1) + " of " +
                       std::to_string(expected.size()) + ", now of " +
                       std::to_string(actual.size()) + " @@\n";
    for (std::size_t i = at - std::min(at, CONTEXT); i < at; i++)
    {
        text += "  " + expected[i] + "\n";
    }
    for (std::size_t i = at; i < std::min(at + SHOWN, expected.size()); i++)
    {
        text += "- " + expected[i] + "\n";
    }
    for (std::size_t i = at; i < std::min(at + SHOWN, actual.size()); i++)
    {
        text += "+ " + actual[i] + "\n";
    }
    return text;
}

/// Compare with test/transcripts, or write there when FANOUT_REWRITE is 1.
/// @param name of the file @param about what happens in it @param world after the scenario
void
CheckTranscript(const std::string& name, const std::string& about, const World& world)
{
    EXPECT_EQ(world.Breach(), "");
    const std::string path = FANOUT_TEST_TRANSCRIPTS "/" + name + ".txt";
    const char* rewrite = std::getenv("FANOUT_REWRITE");
    if (rewrite && std::string(rewrite) == "1")
    {
        std::ofstream file(path);
        file << "# SPDX-License-Identifier: GPL-2.0-only\n# " << about << "\n"
             << world.Transcript();
        EXPECT_TRUE(file.flush()) << "cannot write " << path;
        return;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << "cannot read " << path << "; FANOUT_REWRITE=1 writes it";
    std::ostringstream expected;
    expected << file.rdbuf();
    const std::string difference =
        DifferenceOf(LinesOf(expected.str()), LinesOf(world.Transcript()));
    EXPECT_TRUE(difference.empty())
        << path << "\n"
        << difference << "FANOUT_REWRITE=1 takes the new transcript over";
}

/// A world that writes down what happens: trackers first, then the root.
struct Scene
{
    /// @param trackers how many @param rootChildren the root's slots
    /// @param kick whether a higher bid displaces a lower one at the root
    Scene(std::uint32_t trackers, std::uint16_t rootChildren, bool kick = false)
        : world(Config())
    {
        world.keepTranscript = true;
        world.SetTrackers(trackers);
        for (std::uint32_t i = 0; i < trackers; i++)
        {
            world.Add(MakeOptions(0));
        }
        auto options = MakeOptions(rootChildren);
        options->allowKick = kick;
        root = world.Add(options);
        world.SetRoot(root);
        world.Join(root);
        Run(300);
    }

    static WorldConfig
    Config()
    {
        WorldConfig config;
        config.latencyMin = 20 * MILLISECOND;
        config.latencyMax = 60 * MILLISECOND;
        return config;
    }

    /// @param children slots @param bid per byte @return a peer that joins now
    std::uint32_t
    Join(std::uint16_t children, std::uint32_t bid = 0)
    {
        auto options = MakeOptions(children);
        options->bidPerByte = bid;
        const std::uint32_t peer = world.Add(options);
        world.Join(peer);
        return peer;
    }

    /// @param ms milliseconds
    void
    Run(Micros ms)
    {
        world.RunUntil(world.Now() + ms * MILLISECOND);
    }

    /// @param messages how many @param ms milliseconds between them
    void
    Publish(int messages, Micros ms = 50)
    {
        for (int i = 0; i < messages; i++)
        {
            world.Publish();
            Run(ms);
        }
    }

    World world;
    std::uint32_t root{0};
};

TEST(Transcript, Join)
{
    Scene scene(1, 1);
    scene.world.commons.wanted.Add<FrameEvent>();
    const auto relay = scene.Join(4);
    scene.Run(600);
    const auto leaf = scene.Join(0);
    scene.Run(1000);
    EXPECT_EQ(scene.world.Status(relay).level, 1);
    EXPECT_EQ(scene.world.Status(leaf).level, 2);
    CheckTranscript("join",
                    "A relay, then a leaf find parents through the tracker p0.",
                    scene.world);
}

TEST(Transcript, Repair)
{
    Scene scene(1, 2);
    const auto leaf = scene.Join(0);
    scene.Run(600);
    scene.Publish(3);
    scene.world.commons.wanted.Add<FrameEvent>();
    scene.world.SetOneWayDead(scene.root, leaf, true);
    scene.world.Publish();
    scene.Run(49);
    scene.world.Log("-- that one is lost");
    scene.Run(12);
    scene.world.SetOneWayDead(scene.root, leaf, false);
    scene.Publish(3);
    scene.Run(200);
    EXPECT_EQ(scene.world.Delivered(leaf).size(), 7u);
    CheckTranscript("repair",
                    "One message is lost, noticed by the next and asked for.",
                    scene.world);
}

TEST(Transcript, SilentRelay)
{
    Scene scene(1, 3);
    scene.Join(2);
    scene.Join(2);
    scene.Run(600);
    const auto leaf = scene.Join(0);
    scene.Run(1000);
    scene.Publish(6, 100);
    const auto relay =
        static_cast<std::uint32_t>(scene.world.IndexOf(scene.world.Status(leaf).parent));
    ASSERT_GT(relay, scene.root);
    scene.world.SetOffline(relay, true, false);
    scene.Publish(12, 100);
    scene.Run(500);
    EXPECT_TRUE(scene.world.Status(leaf).attached);
    EXPECT_NE(scene.world.IndexOf(scene.world.Status(leaf).parent), int(relay));
    EXPECT_EQ(scene.world.Delivered(leaf).size(), 18u);
    CheckTranscript("silent-relay",
                    "A relay dies without a word; its child notices, moves and catches up.",
                    scene.world);
}

TEST(Transcript, Kick)
{
    Scene scene(0, 1, true);
    const auto poor = scene.Join(2);
    scene.Run(600);
    const auto rich = scene.Join(2, 5);
    scene.Run(3000);
    EXPECT_EQ(scene.world.Status(rich).level, 1);
    EXPECT_EQ(scene.world.Status(poor).level, 2);
    CheckTranscript("kick", "A higher bid displaces a lower one, which moves below.", scene.world);
}

TEST(Transcript, LateAccept)
{
    Scene scene(0, 2);
    scene.Join(2);
    scene.Join(2);
    scene.Run(1000);
    scene.world.commons.wanted.Add<FrameEvent>();
    std::optional<std::uint32_t> late;
    scene.world.onEvent = [&](std::uint32_t self, const Event& event)
    {
        const auto* join = std::get_if<JoinEvent>(&event);
        const int asked = join ? scene.world.IndexOf(join->peer) : -1;
        if (!late && asked > int(scene.root) && join->step == JoinEvent::Step::ASKED)
        {
            late = static_cast<std::uint32_t>(asked);
            scene.world.SetOneWayDead(*late, self, true);
        }
    };
    const auto leaf = scene.Join(0);
    scene.Run(600);
    ASSERT_TRUE(late);
    scene.world.SetOneWayDead(*late, leaf, false);
    scene.Run(1000);
    EXPECT_TRUE(scene.world.Status(leaf).attached);
    EXPECT_EQ(scene.world.commons.ledger.lateAccepts, 1u);
    EXPECT_EQ(scene.world.Status(*late).children, 0);
    scene.world.Leave(leaf);
    scene.Run(200);
    CheckTranscript(
        "late-accept",
        "An accept that comes after another one is answered LEAVE; then the leaf leaves.",
        scene.world);
}

} // namespace
