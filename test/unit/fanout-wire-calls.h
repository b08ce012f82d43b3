/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WIRE_CALLS_H
#define FANOUT_WIRE_CALLS_H

#include "fanout-wire-vectors.h"

#include <functional>
#include <map>

namespace ns3::fanout::test
{

/// The arguments of a call of the reference; those left out are null.
struct WireArgs
{
    const nlohmann::json& list; ///< all of them

    /// @param i index @return that argument
    nlohmann::json
    operator[](std::size_t i) const
    {
        return i < list.size() ? list[i] : nlohmann::json();
    }
};

/// Encodes as the reference's function of that name would.
using WireEncoder = std::function<Bytes(const WireArgs&)>;

/// Decodes and gives the result the form of the reference's function of that name.
using WireDecoder = std::function<nlohmann::json(ByteView)>;

/// @return the reference's encoders by name, done with ours
const std::map<std::string, WireEncoder>& WireEncoders();

/// @return the reference's decoders by name, done with ours
const std::map<std::string, WireDecoder>& WireDecoders();

} // namespace ns3::fanout::test

#endif // FANOUT_WIRE_CALLS_H
