/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_VERSION_H
#define FANOUT_VERSION_H

namespace ns3
{

/// Version of fanout-tree, the same as project(... VERSION ...) in CMakeLists.txt.
/// @ingroup fanout-tree
constexpr const char* FANOUT_TREE_VERSION = "0.1.0";

} // namespace ns3

#endif // FANOUT_VERSION_H
