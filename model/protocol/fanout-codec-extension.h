/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CODEC_EXTENSION_H
#define FANOUT_CODEC_EXTENSION_H

#include "fanout-cursor.h"
#include "fanout-messages.h"

#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree-codec
 * Write the extension block; its form is described in fanout-codec.h.
 * @param out where to @param extension what
 */
void WriteExtension(ByteWriter& out, const Extension& extension);

/// @copydoc WriteExtension(ByteWriter&, const Extension&)
void WriteExtension(ByteCounter& out, const Extension& extension);

/**
 * @ingroup fanout-tree-codec
 * @param in behind the last field that the reference reads
 * @return the extension; nothing when there is none that is whole and of a known version
 */
std::optional<Extension> ReadExtension(Cursor& in);

/// @ingroup fanout-tree-codec
/// @param out where to @param backups what: one TLV each, up to 4
void WriteBackups(ByteWriter& out, const std::vector<Backup>& backups);

/// @copydoc WriteBackups(ByteWriter&, const std::vector<Backup>&)
void WriteBackups(ByteCounter& out, const std::vector<Backup>& backups);

/// @ingroup fanout-tree-codec
/// @param in TLVs up to its end @return the backups among them; none when a TLV is malformed
std::vector<Backup> ReadBackups(Cursor& in);

} // namespace ns3::fanout

#endif // FANOUT_CODEC_EXTENSION_H
