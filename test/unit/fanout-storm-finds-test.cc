/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What storms have found, each as a small world of its own.

#include "fanout-world.h"

#include "ns3/fanout-messages.h"

#include <gtest/gtest.h>

using namespace ns3::fanout;
using namespace ns3::fanout::test;

namespace
{

TEST(FanoutStormFinds, WhoComesBackLearnsOfTheEndAgain)
{
    World world{WorldConfig{}};
    world.Add(MakeOptions(4));
    world.SetRoot(0);
    world.Join(0);
    world.Add(MakeOptions(0));
    world.Join(1);
    world.RunUntil(SECOND);
    world.Publish();
    world.End();
    world.RunUntil(2 * SECOND);
    ASSERT_TRUE(world.Status(1).ended);
    world.Leave(1);
    world.RunUntil(3 * SECOND);
    world.Join(1);
    world.RunUntil(6 * SECOND);
    EXPECT_TRUE(world.Status(1).ended) << "the same frame says it both times";
    EXPECT_EQ(world.Breach(), "");
}

} // namespace
