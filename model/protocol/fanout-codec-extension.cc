/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-codec-extension.h"

namespace ns3::fanout
{

namespace
{

constexpr std::uint16_t MAGIC = 0xf750;
constexpr std::uint8_t VERSION = 1;
constexpr std::size_t HEAD_BYTES = 5;
constexpr std::size_t MAX_BACKUPS = 4;
constexpr std::size_t MAX_BITMAP_BYTES = 32;
constexpr std::uint8_t RELAY_FLAG = 1;

/// TLV types.
enum Type : std::uint8_t
{
    ROLE = 1,
    POSITION = 2,
    FEASIBLE = 3,
    HAS_CHILDREN = 4,
    NEED = 5,
    BACKUP = 6,
    TICKET = 7,
    WATERMARK = 8,
    PATH_DELAY = 9
};

template <typename Sink>
void
WriteKey(Sink& out, Type type, const PositionKey& key)
{
    out.U8(type);
    out.U8(6);
    out.U32(key.anchor);
    out.U16(key.level);
}

template <typename Sink>
void
WriteNumber(Sink& out, Type type, std::uint32_t value)
{
    out.U8(type);
    out.U8(4);
    out.U32(value);
}

template <typename Sink>
void
WriteNeed(Sink& out, const Need& need)
{
    const std::size_t bitmapBytes = std::min(need.bitmap.size(), MAX_BITMAP_BYTES);
    out.U8(NEED);
    out.U8(static_cast<std::uint8_t>(4 + bitmapBytes));
    out.U32(need.next);
    out.Raw({need.bitmap.data(), bitmapBytes});
}

template <typename Sink>
void
WriteBackupList(Sink& out, const std::vector<Backup>& backups)
{
    for (std::size_t i = 0; i < std::min(backups.size(), MAX_BACKUPS); i++)
    {
        const Backup& backup = backups[i];
        const Bytes address = backup.endpoint ? backup.endpoint.ToBytes() : Bytes();
        const std::size_t size = backup.peer.digest.size() + 2 + 4 + 1 + address.size();
        out.U8(BACKUP);
        out.U8(static_cast<std::uint8_t>(size));
        out.Raw({backup.peer.digest.data(), backup.peer.digest.size()});
        out.U16(backup.level);
        out.U32(backup.ticket);
        out.U8(static_cast<std::uint8_t>(address.size()));
        out.Raw(address);
    }
}

template <typename Sink>
void
WriteTlvs(Sink& out, const Extension& extension)
{
    if (extension.role)
    {
        out.U8(ROLE);
        out.U8(5);
        out.U8(extension.role->relay ? RELAY_FLAG : 0);
        out.U16(extension.role->capacity);
        out.U16(extension.role->children);
    }
    if (extension.position)
    {
        WriteKey(out, POSITION, *extension.position);
    }
    if (extension.feasible)
    {
        WriteKey(out, FEASIBLE, *extension.feasible);
    }
    if (extension.hasChildren)
    {
        out.U8(HAS_CHILDREN);
        out.U8(0);
    }
    if (extension.need)
    {
        WriteNeed(out, *extension.need);
    }
    WriteBackupList(out, extension.backups);
    if (extension.ticket)
    {
        WriteNumber(out, TICKET, *extension.ticket);
    }
    if (extension.watermark)
    {
        WriteNumber(out, WATERMARK, *extension.watermark);
    }
    if (extension.pathDelay)
    {
        WriteNumber(out, PATH_DELAY, *extension.pathDelay);
    }
}

template <typename Sink>
void
WriteHead(Sink& out, std::size_t bodyBytes)
{
    out.U16(MAGIC);
    out.U8(VERSION);
    out.U16(static_cast<std::uint16_t>(bodyBytes));
}

PositionKey
ReadKey(Cursor& value)
{
    PositionKey key;
    key.anchor = value.U32();
    key.level = value.U16();
    return key;
}

Need
ReadNeed(Cursor& value)
{
    Need need;
    need.next = value.U32();
    const ByteView bitmap = value.Take(std::min(value.Left(), MAX_BITMAP_BYTES));
    need.bitmap.assign(bitmap.begin(), bitmap.end());
    return need;
}

/// A backup whose address this version cannot read is passed over.
void
ReadBackup(Cursor& value, std::vector<Backup>& backups)
{
    Backup backup;
    const ByteView digest = value.Take(backup.peer.digest.size());
    backup.level = value.U16();
    backup.ticket = value.U32();
    const ByteView address = value.Take(value.U8());
    if (value.Broken() || backups.size() >= MAX_BACKUPS)
    {
        return;
    }
    std::copy(digest.begin(), digest.end(), backup.peer.digest.begin());
    if (!address.empty())
    {
        const std::optional<Endpoint> endpoint = Endpoint::FromBytes(address);
        if (!endpoint)
        {
            return;
        }
        backup.endpoint = *endpoint;
    }
    backups.push_back(backup);
}

void
ReadValue(std::uint8_t type, Cursor& value, Extension& extension)
{
    switch (type)
    {
    case ROLE:
        extension.role.emplace();
        extension.role->relay = (value.U8() & RELAY_FLAG) != 0;
        extension.role->capacity = value.U16();
        extension.role->children = value.U16();
        break;
    case POSITION:
        extension.position = ReadKey(value);
        break;
    case FEASIBLE:
        extension.feasible = ReadKey(value);
        break;
    case HAS_CHILDREN:
        extension.hasChildren = true;
        break;
    case NEED:
        extension.need = ReadNeed(value);
        break;
    case BACKUP:
        ReadBackup(value, extension.backups);
        break;
    case TICKET:
        extension.ticket = value.U32();
        break;
    case WATERMARK:
        extension.watermark = value.U32();
        break;
    case PATH_DELAY:
        extension.pathDelay = value.U32();
        break;
    default:
        break;
    }
}

std::optional<Extension>
ReadTlvs(Cursor in)
{
    Extension extension;
    while (in.Left() > 0)
    {
        const std::uint8_t type = in.U8();
        Cursor value(in.Take(in.U8()));
        if (in.Broken())
        {
            return std::nullopt;
        }
        ReadValue(type, value, extension);
        if (value.Broken())
        {
            return std::nullopt;
        }
    }
    return extension;
}

} // namespace

void
WriteExtension(ByteWriter& out, const Extension& extension)
{
    ByteCounter body;
    WriteTlvs(body, extension);
    WriteHead(out, body.Size());
    WriteTlvs(out, extension);
}

void
WriteExtension(ByteCounter& out, const Extension& extension)
{
    WriteHead(out, 0);
    WriteTlvs(out, extension);
}

std::optional<Extension>
ReadExtension(Cursor& in)
{
    while (in.Has(HEAD_BYTES) && in.U16() == MAGIC)
    {
        const std::uint8_t version = in.U8();
        const ByteView body = in.Take(in.U16());
        if (in.Broken())
        {
            break;
        }
        if (version == VERSION)
        {
            return ReadTlvs(Cursor(body));
        }
    }
    return std::nullopt;
}

void
WriteBackups(ByteWriter& out, const std::vector<Backup>& backups)
{
    WriteBackupList(out, backups);
}

void
WriteBackups(ByteCounter& out, const std::vector<Backup>& backups)
{
    WriteBackupList(out, backups);
}

std::vector<Backup>
ReadBackups(Cursor& in)
{
    std::optional<Extension> extension = ReadTlvs(Cursor(in.TakeRest()));
    return extension ? std::move(extension->backups) : std::vector<Backup>();
}

} // namespace ns3::fanout
