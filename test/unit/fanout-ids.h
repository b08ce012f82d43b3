/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_IDS_H
#define FANOUT_IDS_H

#include "ns3/fanout-peer-id.h"

#include <cstdint>

namespace ns3::fanout::test
{

/// @param number any @return an id that begins with it
inline PeerId
IdOf(std::uint8_t number)
{
    PeerId id;
    id.digest[0] = number;
    return id;
}

} // namespace ns3::fanout::test

#endif // FANOUT_IDS_H
