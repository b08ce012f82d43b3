/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What must hold of the tree: edges, keys, children, moves.

#include "fanout-invariants-memory.h"

#include "ns3/fanout-codec.h"

#include <algorithm>

namespace ns3::fanout::test
{

namespace
{

constexpr Micros LONGEST_HOLD = 1500 * MILLISECOND; // algorithms 3, "Held relay"
constexpr Micros ONE_WAKE = 2 * MILLISECOND;        // a wake-up may be so late
constexpr Micros ONE_SIDED = 6 * SECOND;            // lease + 2 RTT + 5 RTO while data flows
constexpr Micros FIRST = 10 * SECOND;               // more before the first message
constexpr Micros ONE_SIDED_IDLE = 46 * SECOND;      // the same while nothing flows
constexpr double MOVES = 6;                         // voluntary ones at once
constexpr Micros MOVE_EVERY = 10 * SECOND;          // and one more each

std::string
TextOf(const PositionKey& key)
{
    return "(" + std::to_string(key.anchor) + ", " + std::to_string(key.level) + ")";
}

} // namespace

int
Invariants::MutualParent(std::uint32_t peer, std::uint32_t channel) const
{
    const Channel* machines = m_world.ChannelOf(peer, channel);
    const PeerId parent = machines ? machines->GetPosition().Parent() : PeerId();
    const int index = parent ? m_world.IndexOf(parent) : -1;
    if (index < 0)
    {
        return -1;
    }
    const Channel* above = m_world.ChannelOf(static_cast<std::uint32_t>(index), channel);
    const Admission* children = above ? above->GetAdmission() : nullptr;
    return children && children->Has(m_world.IdentityOf(peer).id) ? index : -1;
}

std::string
Invariants::I1(const Seat& seat) const
{
    // Those without the extension have no keys, as in the reference: a lost KICK may close a ring.
    // So may a lie to those who believe it.
    bool extended = m_world.OptionsOf(seat.peer).extension && !IsTainted(seat.peer);
    std::size_t steps = 0;
    int at = MutualParent(seat.peer, seat.number);
    while (at >= 0 && at != static_cast<int>(seat.peer) && steps++ < m_world.GetN())
    {
        const auto above = static_cast<std::uint32_t>(at);
        extended = extended && m_world.OptionsOf(above).extension && !IsTainted(above);
        at = MutualParent(static_cast<std::uint32_t>(at), seat.number);
    }
    return at == static_cast<int>(seat.peer) && extended
               ? "I1: a cycle through " + NameOf(seat.peer, seat.number)
               : "";
}

std::string
Invariants::I2(const Seat& seat) const
{
    const auto check = [&](std::uint32_t above, std::uint32_t below) -> std::string
    {
        const Channel* parent = m_world.ChannelOf(above, seat.number);
        const Channel* child = m_world.ChannelOf(below, seat.number);
        if (IsTainted(above) || IsTainted(below) || !parent || !child ||
            !parent->GetPosition().Key() || !child->GetPosition().Key() ||
            MutualParent(below, seat.number) != static_cast<int>(above))
        {
            return {};
        }
        // Who crashed has forgotten its F: what was a child before is no edge to go by.
        if (m_memory[above][seat.number].bornAt > m_memory[below][seat.number].parentSince)
        {
            return {};
        }
        const PositionKey upper = parent->GetPosition().Feasible();
        const PositionKey lower = child->GetPosition().Feasible();
        return lower < upper ? ""
                             : "I2: F of " + NameOf(above, seat.number) + " is " + TextOf(upper) +
                                   ", of its child p" + std::to_string(below) + " " + TextOf(lower);
    };
    std::string wrong;
    const int parent = MutualParent(seat.peer, seat.number);
    if (parent >= 0)
    {
        wrong = check(static_cast<std::uint32_t>(parent), seat.peer);
    }
    const Admission* admission = seat.channel->GetAdmission();
    for (std::size_t i = 0; admission && wrong.empty() && i < admission->Targets().size(); i++)
    {
        wrong = check(seat.peer, admission->Targets()[i].link);
    }
    return wrong;
}

std::string
Invariants::I3(const Seat& seat) const
{
    const Admission* admission = seat.channel->GetAdmission();
    const bool had = !seat.memory.children.empty();
    const PositionKey now = seat.channel->GetPosition().Feasible();
    const bool fell =
        had && admission && !admission->Targets().empty() && now < seat.memory.feasible;
    return fell ? "I3: F of " + NameOf(seat.peer, seat.number) + " fell from " +
                      TextOf(seat.memory.feasible) + " to " + TextOf(now)
                : "";
}

std::string
Invariants::I4(const Seat& seat)
{
    if (m_calmSince == NEVER || seat.channel->Status().ended)
    {
        return {};
    }
    const auto judge = [&](std::uint32_t above, std::uint32_t below, bool fine) -> std::string
    {
        const auto edge = std::make_pair(std::uint64_t{above} << 32 | below,
                                         2 * seat.number + (seat.peer == above ? 1 : 0));
        if (fine)
        {
            m_oneSided.erase(edge);
            return {};
        }
        auto& [since, there] =
            m_oneSided.emplace(edge, std::make_pair(m_world.Now(), true)).first->second;
        there = true;
        const bool first = seat.peer == below && !seat.channel->GetWindow().Started();
        const Micros most = m_kicksVanish ? ONE_SIDED_IDLE : ONE_SIDED + (first ? FIRST : 0);
        return m_world.Now() - since <= most
                   ? ""
                   : "I4: only " + NameOf(seat.peer, seat.number) + " believes in the edge p" +
                         std::to_string(below) + " -> p" + std::to_string(above);
    };
    std::string wrong;
    const PeerId& parent = seat.channel->GetPosition().Parent();
    const int above = parent ? m_world.IndexOf(parent) : -1;
    if (above >= 0)
    {
        wrong = judge(static_cast<std::uint32_t>(above),
                      seat.peer,
                      MutualParent(seat.peer, seat.number) == above);
    }
    const Admission* admission = seat.channel->GetAdmission();
    for (std::size_t i = 0; admission && wrong.empty() && i < admission->Children().size(); i++)
    {
        // A child without the extension is let go with its link only, as by the reference.
        const Child& child = admission->Children()[i];
        const bool fine =
            !child.extended || MutualParent(child.link, seat.number) == static_cast<int>(seat.peer);
        wrong = judge(seat.peer, child.link, fine);
    }
    return wrong;
}

std::string
Invariants::OneSided() const
{
    if (m_oneSided.empty())
    {
        return {};
    }
    const auto edge = m_oneSided.begin()->first.first;
    return "only one end believes in the edge p" +
           std::to_string(static_cast<std::uint32_t>(edge)) + " -> p" + std::to_string(edge >> 32);
}

std::string
Invariants::I5(const Seat& seat) const
{
    const Admission* admission = seat.channel->GetAdmission();
    const std::size_t capacity = m_world.OptionsOf(seat.peer).EffectiveCapacity(30);
    if (!admission || admission->Children().size() <= capacity)
    {
        return {};
    }
    // One more while a leaf moves away for a relay, or for one that brought children: a relay.
    const auto& children = admission->Children();
    const bool relay =
        std::any_of(children.begin(),
                    children.end(),
                    [](const Child& child) { return child.extended && child.relay; });
    return children.size() == capacity + (relay ? 1u : 0u)
               ? ""
               : "I5: " + NameOf(seat.peer, seat.number) + " has " +
                     std::to_string(children.size()) + " children, capacity " +
                     std::to_string(capacity);
}

std::string
Invariants::I6(const Seat& seat) const
{
    const Position& position = seat.channel->GetPosition();
    const Admission* admission = seat.channel->GetAdmission();
    const bool may = position.IsAttached() || position.GetState() == Position::State::HELD;
    return may || !admission || admission->Children().empty()
               ? ""
               : "I6: children below " + NameOf(seat.peer, seat.number) + ", which has no path";
}

std::string
Invariants::I6(const Seat& seat, const FrameRef& frame) const
{
    const bool attached = seat.channel->GetPosition().IsAttached();
    if (frame->Kind() == static_cast<std::uint8_t>(Kind::JOIN_ACCEPT) && !attached)
    {
        return "I6: " + NameOf(seat.peer, seat.number) + " accepts without a path";
    }
    if (frame->Kind() == static_cast<std::uint8_t>(Kind::JOIN_REJECT) && !attached)
    {
        const auto reject = Decode<JoinReject>(frame->Data());
        const bool right =
            reject && reject->reason == static_cast<std::uint8_t>(RejectReason::NOT_ATTACHED);
        return right ? ""
                     : "I6: " + NameOf(seat.peer, seat.number) + " rejects with a wrong reason";
    }
    return {};
}

std::string
Invariants::I7(const Seat& seat)
{
    const ChannelStatus status = seat.channel->Status();
    const bool held = seat.channel->GetPosition().GetState() == Position::State::HELD;
    const bool over = status.heldUntil != NEVER &&
                      (status.attached || m_world.ClockOf(seat.peer) > status.heldUntil + ONE_WAKE);
    if (!held)
    {
        seat.memory.heldSince = NEVER;
    }
    else if (seat.memory.heldSince == NEVER)
    {
        seat.memory.heldSince = m_world.Now();
    }
    const bool late = held && m_world.Now() - seat.memory.heldSince > LONGEST_HOLD + ONE_WAKE;
    return over || late ? "I7: a hold of " + NameOf(seat.peer, seat.number) + " does not end" : "";
}

std::string
Invariants::I21(const Seat& seat) const
{
    const Channel* root = m_world.ChannelOf(m_world.RootOf(seat.number), seat.number);
    if (!root || root == seat.channel)
    {
        return {};
    }
    const auto key = seat.channel->GetPosition().Key();
    const auto top = root->GetPosition().Key();
    if (key && top && top->anchor < key->anchor && m_tainted.empty())
    {
        return "I21: anchor of " + NameOf(seat.peer, seat.number) + " is beyond the root's";
    }
    const ChannelStatus own = seat.channel->Status();
    const ChannelStatus roots = root->Status();
    if (own.ended && (!roots.ended || own.end > roots.end))
    {
        return "I21: end of " + NameOf(seat.peer, seat.number) + " is beyond the root's";
    }
    return own.nextSeq <= roots.nextSeq || IsTainted(seat.peer)
               ? ""
               : "I21: " + NameOf(seat.peer, seat.number) + " expects message " +
                     std::to_string(own.nextSeq - 1) + " of " + std::to_string(roots.nextSeq);
}

std::string
Invariants::I22(const Seat& seat)
{
    Memory& memory = seat.memory;
    const PeerId& parent = seat.channel->GetPosition().Parent();
    if (parent == memory.parent || !parent || !memory.parent)
    {
        return {};
    }
    const auto gained = static_cast<double>(m_world.Now() - memory.movesAt) / MOVE_EVERY;
    memory.moves = std::min(MOVES, memory.moves + gained) - 1;
    memory.movesAt = m_world.Now();
    return memory.moves >= -1e-6 ? ""
                                 : "I22: " + NameOf(seat.peer, seat.number) + " moves too often";
}

} // namespace ns3::fanout::test
