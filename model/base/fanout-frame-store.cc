/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-frame.h"
#include "fanout-random.h"

#include <cstring>
#include <vector>

namespace ns3::fanout
{

namespace
{

// Offsets of an envelope of the usual form (protocol 2.4).
constexpr std::size_t ID_AT = 2;
constexpr std::size_t ID_BYTES = 32;
constexpr std::size_t SEQ_AT = 6;
constexpr std::size_t SIGNATURE_AT = 75;

bool
HasDataId(ByteView wire)
{
    return wire.size() >= ID_AT + ID_BYTES && std::memcmp(wire.data() + ID_AT, "FOUT", 4) == 0;
}

} // namespace

/// Open addressing with linear probing: a slot is free when it has no frame.
struct FrameStore::Table
{
    /// One place of the table.
    struct Slot
    {
        std::uint64_t hash{0};
        const Frame* frame{nullptr};
    };

    std::vector<Slot> slots = std::vector<Slot>(64);
    std::size_t used{0};

    std::size_t
    Mask() const
    {
        return slots.size() - 1;
    }

    /// Repairs of one message differ from it in the signature, so the hash takes some of that in.
    static std::uint64_t
    Hash(ByteView wire)
    {
        std::uint64_t head = 0;
        std::uint64_t signature = 0;
        std::memcpy(&head, wire.data() + SEQ_AT, sizeof(head));
        if (wire.size() >= SIGNATURE_AT + sizeof(signature))
        {
            std::memcpy(&signature, wire.data() + SIGNATURE_AT, sizeof(signature));
        }
        return Mix64(head ^ Mix64(signature));
    }

    /// The slot of exactly these bytes, or the free one where they belong.
    std::size_t
    Find(ByteView wire, std::uint64_t hash) const
    {
        std::size_t i = hash & Mask();
        while (slots[i].frame)
        {
            const Slot& slot = slots[i];
            if (slot.hash == hash && slot.frame->Wire().size() == wire.size() &&
                std::memcmp(slot.frame->Wire().data(), wire.data(), wire.size()) == 0)
            {
                break;
            }
            i = (i + 1) & Mask();
        }
        return i;
    }

    void
    Grow()
    {
        std::vector<Slot> old(slots.size() * 2);
        old.swap(slots);
        for (const Slot& slot : old)
        {
            if (slot.frame)
            {
                std::size_t i = slot.hash & Mask();
                while (slots[i].frame)
                {
                    i = (i + 1) & Mask();
                }
                slots[i] = slot;
            }
        }
    }

    /// Frees a slot and moves back what probing would no longer reach.
    void
    Erase(std::size_t hole)
    {
        used--;
        slots[hole] = Slot();
        for (std::size_t i = (hole + 1) & Mask(); slots[i].frame; i = (i + 1) & Mask())
        {
            const std::size_t home = slots[i].hash & Mask();
            if (((i - home) & Mask()) >= ((i - hole) & Mask()))
            {
                slots[hole] = slots[i];
                slots[i] = Slot();
                hole = i;
            }
        }
    }
};

FrameStore::FrameStore()
    : m_table(std::make_unique<Table>())
{
}

FrameStore::~FrameStore()
{
    for (const Table::Slot& slot : m_table->slots)
    {
        if (slot.frame)
        {
            slot.frame->m_store = nullptr;
        }
    }
}

FrameRef
FrameStore::Intern(ByteView wire)
{
    if (!HasDataId(wire))
    {
        return Frame::Parse(wire);
    }
    const Table& table = *m_table;
    const std::size_t slot = table.Find(wire, Table::Hash(wire));
    if (table.slots[slot].frame)
    {
        return FrameRef(table.slots[slot].frame);
    }
    const FrameRef frame = Frame::Parse(wire);
    Adopt(frame);
    return frame;
}

void
FrameStore::Adopt(const FrameRef& frame)
{
    if (!frame || !frame->IsData() || frame->m_store)
    {
        return;
    }
    const std::uint64_t hash = Table::Hash(frame->Wire());
    std::size_t slot = m_table->Find(frame->Wire(), hash);
    if (m_table->slots[slot].frame)
    {
        return;
    }
    if (2 * (m_table->used + 1) > m_table->slots.size())
    {
        m_table->Grow();
        slot = m_table->Find(frame->Wire(), hash);
    }
    m_table->slots[slot] = {hash, frame.Get()};
    m_table->used++;
    frame->m_store = this;
}

std::size_t
FrameStore::GetN() const
{
    return m_table->used;
}

void
FrameStore::Forget(const Frame& frame)
{
    m_table->Erase(m_table->Find(frame.Wire(), Table::Hash(frame.Wire())));
}

} // namespace ns3::fanout
