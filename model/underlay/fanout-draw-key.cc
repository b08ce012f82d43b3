/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-draw-key.h"

#include "ns3/random-variable-stream.h"

namespace ns3::fanout
{

std::uint64_t
DrawKey(const Ptr<UniformRandomVariable>& draws)
{
    const std::uint64_t high = draws->GetInteger(0, 0xffffffff);
    return high << 32 | draws->GetInteger(0, 0xffffffff);
}

std::uint64_t
DrawKey(std::int64_t stream)
{
    const auto draws = CreateObject<UniformRandomVariable>();
    draws->SetStream(stream);
    return DrawKey(draws);
}

} // namespace ns3::fanout
