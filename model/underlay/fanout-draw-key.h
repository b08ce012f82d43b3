/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_DRAW_KEY_H
#define FANOUT_DRAW_KEY_H

#include "ns3/ptr.h"

#include <cstdint>

namespace ns3
{

class UniformRandomVariable;

namespace fanout
{

/// @param draws any stream of random numbers, two of which are used @return a key of 64 bits
std::uint64_t DrawKey(const Ptr<UniformRandomVariable>& draws);

/// @param stream number of an ns-3 stream, -1 for an automatic one @return a key of 64 bits
std::uint64_t DrawKey(std::int64_t stream);

} // namespace fanout
} // namespace ns3

#endif // FANOUT_DRAW_KEY_H
