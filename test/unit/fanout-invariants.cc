/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-invariants.h"

#include "fanout-invariants-memory.h"

#include "ns3/fanout-codec.h"

#include <algorithm>
#include <utility>

namespace ns3::fanout::test
{

Invariants::Invariants(World& world)
    : m_world(world)
{
}

Invariants::~Invariants() = default;

Invariants::Memory&
Invariants::MemoryOf(std::uint32_t peer, std::uint32_t channel)
{
    if (m_memory.size() <= peer)
    {
        m_memory.resize(peer + 1);
    }
    if (m_memory[peer].size() <= channel)
    {
        m_memory[peer].resize(channel + 1);
    }
    return m_memory[peer][channel];
}

void
Invariants::Report(const std::string& text)
{
    if (!text.empty())
    {
        m_world.Fail(text);
    }
}

std::string
Invariants::NameOf(std::uint32_t peer, std::uint32_t channel) const
{
    return "p" + std::to_string(peer) +
           (channel > 0 ? " in channel " + std::to_string(channel) : "");
}

void
Invariants::Joins(std::uint32_t peer, std::uint32_t channel)
{
    Memory& memory = MemoryOf(peer, channel);
    memory = Memory();
    memory.bornAt = m_world.Now();
    memory.tokensAt = m_world.Now();
    memory.tokens = LimitsFor(m_world.OptionsOf(peer)).burst;
}

void
Invariants::Left(std::uint32_t peer, std::uint32_t channel)
{
    MemoryOf(peer, channel) = Memory();
}

void
Invariants::Restarted(std::uint32_t peer)
{
    if (peer < m_memory.size())
    {
        m_memory[peer].clear();
    }
    if (peer < m_tainted.size())
    {
        m_tainted[peer] = false;
    }
}

void
Invariants::Calm(bool kicksVanish)
{
    m_kicksVanish = kicksVanish;
    m_calmSince = m_world.Now();
    m_oneSided.clear();
}

void
Invariants::Taint(std::uint32_t peer)
{
    m_tainted.resize(std::max<std::size_t>(m_tainted.size(), peer + 1));
    m_tainted[peer] = true;
}

bool
Invariants::IsTainted(std::uint32_t peer) const
{
    return peer < m_tainted.size() && m_tainted[peer];
}

void
Invariants::Sent(std::uint32_t from, std::uint32_t to, const FrameRef& frame)
{
    const std::uint32_t number = m_world.ChannelAt(frame->ChannelSuffix());
    if (number >= m_world.Channels())
    {
        return;
    }
    const Channel* channel = m_world.ChannelOf(from, number);
    const Seat seat{from, number, channel, MemoryOf(from, number)};
    if (!channel) // left, or about to get its handle
    {
        Report(m_world.IsJoined(from, number) ? I13(seat, frame) : I28(seat, frame));
        return;
    }
    if (frame->IsData())
    {
        if (from == m_world.RootOf(number))
        {
            auto& published = m_published;
            published.resize(std::max<std::size_t>(published.size(), number + 1));
            published[number].resize(
                std::max<std::size_t>(published[number].size(), frame->Seq() + 1));
            FrameRef& original = published[number][frame->Seq()];
            original = original ? original : frame;
        }
        Report(I8(seat, frame));
        Report(I12(seat, to));
        Report(I15(seat, to, frame));
        Report(I10(seat, to, frame->Seq()));
    }
    else
    {
        Report(I6(seat, frame));
        Report(I11(seat, to, frame));
    }
    Report(I13(seat, frame));
}

void
Invariants::Receives(std::uint32_t to, std::uint32_t from, const FrameRef& frame)
{
    const auto kind = static_cast<Kind>(frame->Kind());
    if (kind != Kind::REPAIR_REQ && kind != Kind::FETCH_REQ)
    {
        return;
    }
    const std::uint32_t number = m_world.ChannelAt(frame->ChannelSuffix());
    if (number >= m_world.Channels())
    {
        return;
    }
    Memory& memory = MemoryOf(to, number);
    const auto note = [&](const std::vector<std::uint32_t>& seqs)
    {
        for (const std::uint32_t seq : seqs)
        {
            if (seq < MAX_SEQ)
            {
                At(memory.sent[from].asks, seq)++;
            }
        }
    };
    if (const auto repair = Decode<RepairReq>(frame->Data()))
    {
        note(repair->seqs);
    }
    else if (const auto fetch = Decode<FetchReq>(frame->Data()))
    {
        note(fetch->seqs);
        memory.met.insert(from);
    }
}

void
Invariants::Delivered(std::uint32_t peer, std::uint32_t channel, const FrameRef& frame)
{
    const Seat seat{peer, channel, m_world.ChannelOf(peer, channel), MemoryOf(peer, channel)};
    seat.memory.delivered++;
    auto& youngest = seat.memory.youngest;
    if (youngest.empty() || AgeOf(seat, frame) < youngest.back().second)
    {
        youngest.emplace_back(m_world.Now(), AgeOf(seat, frame));
    }
    Report(I8(seat, frame));
}

void
Invariants::AfterInput(std::uint32_t peer)
{
    Report(I18(peer));
    Report(I24());
    for (std::uint32_t number = 0; number < m_world.Channels(); number++)
    {
        const Channel* channel = m_world.ChannelOf(peer, number);
        if (!channel)
        {
            continue;
        }
        Memory& memory = MemoryOf(peer, number);
        const Seat seat{peer, number, channel, memory};
        const PeerId& parent = channel->GetPosition().Parent();
        if (!(parent == memory.parent))
        {
            memory.parentSince = m_world.Now();
            memory.asked = parent ? memory.asked : PeerId();
            const int above = parent ? m_world.IndexOf(parent) : -1;
            if (above >= 0 && IsTainted(static_cast<std::uint32_t>(above)))
            {
                Taint(peer);
            }
        }
        Report(I5(seat));
        Report(I6(seat));
        Report(I7(seat));
        Report(I9(seat));
        Report(I21(seat));
        Report(I22(seat));
        Report(I27(seat));
        if (memory.Notice(*channel))
        {
            Report(I3(seat));
            Report(I1(seat));
            Report(I2(seat));
        }
        memory.Keep(*channel);
    }
}

void
Invariants::Sweep()
{
    for (auto edge = m_oneSided.begin(); edge != m_oneSided.end();)
    {
        const bool gone = !std::exchange(edge->second.second, false);
        edge = gone ? m_oneSided.erase(edge) : std::next(edge);
    }
    for (std::uint32_t peer = 0; peer < m_world.GetN(); peer++)
    {
        Report(I17(peer));
        Report(I28(peer));
        for (std::uint32_t number = 0; number < m_world.Channels(); number++)
        {
            if (const Channel* channel = m_world.ChannelOf(peer, number))
            {
                const Seat seat{peer, number, channel, MemoryOf(peer, number)};
                Report(I4(seat));
                Report(I14(seat));
                Report(I18(seat));
            }
        }
    }
}

std::string
Invariants::StateOf(std::uint32_t peer) const
{
    std::string state;
    const auto add = [&state](const char* name, std::uint64_t value)
    { state += std::string(" ") + name + "=" + std::to_string(value); };
    for (std::uint32_t number = 0; number < m_world.Channels(); number++)
    {
        const Channel* channel = m_world.ChannelOf(peer, number);
        if (!channel)
        {
            continue;
        }
        const Position& position = channel->GetPosition();
        const Window& window = channel->GetWindow();
        const ChannelStatus status = channel->Status();
        add("parent", position.Parent().Prefix());
        add("level", position.Level());
        add("anchor", position.Key() ? position.Key()->anchor : 0);
        add("F", std::uint64_t{position.Feasible().anchor} << 16 | position.Feasible().level);
        add("base", window.Base());
        add("next", window.Next());
        add("missing", window.MissingCount());
        add("givenUp", window.GivenUpCount());
        add("asked", channel->GetRepair().GetN());
        add("end", status.end);
        add("ended", status.ended);
        add("candidates", status.attached ? 0 : channel->GetAttachment()->candidates.GetN());
        add("queued", status.queuedBytes);
        for (const PeerId& child : channel->Children())
        {
            add("child", child.Prefix());
        }
    }
    if (const Tracker* tracker = m_world.At(peer).GetTracker())
    {
        for (std::uint32_t number = 0; number < m_world.Channels(); number++)
        {
            add("entries", tracker->Entries(m_world.Key(number)));
            add("free", tracker->FreeSlots(m_world.Key(number)));
        }
        add("leases", tracker->Leases());
        add("parked", tracker->Parked());
    }
    return state;
}

std::string
Invariants::Books() const
{
    const World::DataCount& data = m_world.Data();
    const Ledger& ledger = m_world.commons.ledger;
    if (data.sent + data.doubled + data.injected != data.received + data.lost + data.inFlight)
    {
        return "I23: messages sent are not those received, lost and on the way";
    }
    const std::uint64_t known = ledger.delivered + ledger.duplicates + data.refused;
    if (data.received != known || data.sent != ledger.Of(Kind::DATA).sends)
    {
        return "I23: " + std::to_string(data.received) + " messages received, " +
               std::to_string(known) + " accounted for; sent " + std::to_string(data.sent) +
               ", counted " + std::to_string(ledger.Of(Kind::DATA).sends);
    }
    const Micros wait = ledger.queueWait.Quantile(1);
    if (wait > m_longestAge + m_longestAge / 8 + MILLISECOND)
    {
        return "I14: a message waited " + std::to_string(wait) + " us";
    }
    return {};
}

} // namespace ns3::fanout::test
