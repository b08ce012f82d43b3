/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What must hold of messages, queues, sizes and timers.

#include "fanout-invariants-memory.h"

#include "ns3/fanout-codec.h"

#include <algorithm>

namespace ns3::fanout::test
{

namespace
{

constexpr std::uint32_t OVERHEAD = 30;             // of the world's links
constexpr Micros SOONEST_AGAIN = 15 * MILLISECOND; // RTO is 20 ms at least, batches 5 ms early
constexpr Micros WAKE_SLACK = MILLISECOND;         // a wake-up so late is in time
constexpr std::size_t CANDIDATES = 64;             // algorithms 10, I17
constexpr std::size_t PEER_BYTES = 16384;          // without window, cache and queues
constexpr std::size_t BYTES_PER_SEQ = 64;          // of a window: cache, bitmaps, repair
constexpr Micros UNKNOWN_CLOCK = SECOND;           // an age across clocks is off by so much
constexpr Micros QUIET = 2 * SECOND;               // a leaf's wake-ups are counted for so long
constexpr std::uint64_t QUIET_WAKES = 11;          // four a second, and ALIVE

double
CostOf(const FrameRef& frame)
{
    return static_cast<double>(frame->Wire().size() + OVERHEAD);
}

} // namespace

UploadLimits
LimitsFor(const Options& options)
{
    UploadLimits limits;
    limits.rate = options.uploadBytesPerSecond;
    limits.burst =
        std::max(0.1 * limits.rate,
                 3.0 * options.MessageCost(OVERHEAD) * options.EffectiveCapacity(OVERHEAD));
    if (options.uploadBurst > 0)
    {
        limits.burst = limits.rate * static_cast<double>(options.uploadBurst) / SECOND;
    }
    if (options.HasMesh() && options.EffectiveCapacity(OVERHEAD) == 0)
    {
        limits.rate = options.LendingRate(OVERHEAD);
        limits.burst = limits.rate;
    }
    limits.ageLimit = options.queueAge;
    if (options.maxDataAge > 0)
    {
        limits.ageLimit = std::min(limits.ageLimit, options.maxDataAge / 4);
    }
    return limits;
}

std::string
Invariants::I8(const Seat& seat, const FrameRef& frame)
{
    const std::uint32_t seq = frame->Seq();
    if (!(frame->Signer() == m_world.IdentityOf(m_world.RootOf(seat.number)).id))
    {
        return "I8: a message at " + NameOf(seat.peer, seat.number) + " is not signed by the root";
    }
    const bool known = seat.number < m_published.size() && seq < m_published[seat.number].size() &&
                       m_published[seat.number][seq];
    const FrameRef& original = known ? m_published[seat.number][seq] : frame;
    const ByteView a = frame->Wire();
    const ByteView b = original->Wire();
    const bool same = frame.Get() == original.Get() ||
                      (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()));
    return known && same ? ""
                         : "I8: message " + std::to_string(seq) + " at " +
                               NameOf(seat.peer, seat.number) + " is not the root's";
}

std::string
Invariants::I9(const Seat& seat)
{
    const Window& window = seat.channel->GetWindow();
    Memory& memory = seat.memory;
    if (window.MissingCount() > 0)
    {
        memory.quietSince = m_world.Now();
        memory.wakesThen = m_world.Wakes(seat.peer);
    }
    if (!window.Started())
    {
        return {};
    }
    // Where a watermark alone said where to begin another may say better.
    if (window.Base() < memory.base && memory.delivered == 0 && window.GivenUpCount() == 0)
    {
        memory.started = false;
    }
    else if (window.Base() < memory.base)
    {
        return "I9: the base of " + NameOf(seat.peer, seat.number) + " fell";
    }
    if (window.MissingCount() > m_world.OptionsOf(seat.peer).repairWindow)
    {
        return "I9: more missing than the window at " + NameOf(seat.peer, seat.number);
    }
    const std::uint64_t joinPoint =
        window.Next() - window.MissingCount() - window.GivenUpCount() - memory.delivered;
    if (!memory.started)
    {
        memory.started = true;
        memory.joinPoint = joinPoint;
    }
    return joinPoint == memory.joinPoint ? ""
                                         : "I9: delivered, missing and given up do not add up at " +
                                               NameOf(seat.peer, seat.number);
}

std::string
Invariants::I10(const Seat& seat, std::uint32_t to, std::uint32_t seq)
{
    if (seq >= MAX_SEQ)
    {
        return {};
    }
    Memory::ToChild& child = seat.memory.sent[to];
    const std::uint8_t sends = ++At(child.sends, seq);
    return sends <= 1 + At(child.asks, seq)
               ? ""
               : "I10: " + NameOf(seat.peer, seat.number) + " sends message " +
                     std::to_string(seq) + " to p" + std::to_string(to) + " unasked again";
}

/// What only a word made expected is forgotten when it was asked for in vain; when it is found
/// missing again it may be there by now, and the tries begin anew.
std::uint8_t
Invariants::CountTry(const Seat& seat, std::uint32_t seq)
{
    Memory& memory = seat.memory;
    std::uint8_t& tries = At(memory.tries, seq);
    memory.askedAt.resize(memory.tries.size(), -SECOND);
    memory.foundAt.resize(memory.tries.size(), NEVER);
    memory.sure.resize(memory.tries.size());
    const Micros foundAt = seat.channel->GetRepair().FoundAt(seq);
    if (memory.foundAt[seq] != foundAt && !memory.sure[seq])
    {
        tries = 0;
    }
    memory.foundAt[seq] = foundAt;
    memory.sure[seq] = seq < seat.channel->GetWindow().Top();
    return ++tries;
}

std::string
Invariants::I11(const Seat& seat, std::uint32_t to, const FrameRef& frame)
{
    const bool repair = frame->Kind() == static_cast<std::uint8_t>(Kind::REPAIR_REQ);
    if (!repair && frame->Kind() != static_cast<std::uint8_t>(Kind::FETCH_REQ))
    {
        return {};
    }
    std::vector<std::uint32_t> seqs;
    if (repair)
    {
        seqs = Decode<RepairReq>(frame->Data()).value_or(RepairReq()).seqs;
    }
    else
    {
        seqs = Decode<FetchReq>(frame->Data()).value_or(FetchReq()).seqs;
    }
    Memory& memory = seat.memory;
    const PeerId& parent = seat.channel->GetPosition().Parent();
    if (!(memory.asked == parent))
    {
        memory.asked = parent;
        memory.tries.clear();
        memory.askedAt.clear();
        memory.foundAt.clear();
        memory.sure.clear();
    }
    for (const std::uint32_t seq : seqs)
    {
        // A neighbour is asked ahead too, for what nobody has told of yet, and a parent for a proof
        // that there is so much.
        const Window& window = seat.channel->GetWindow();
        if (seq >= MAX_SEQ || !repair || window.Test(seq) == Window::Verdict::TOO_FAR)
        {
            continue;
        }
        const std::uint8_t tries = CountTry(seat, seq);
        const bool soon = m_world.Now() - memory.askedAt[seq] < SOONEST_AGAIN;
        memory.askedAt[seq] = m_world.Now();
        if (soon || tries > m_world.OptionsOf(seat.peer).repairTries)
        {
            return "I11: " + NameOf(seat.peer, seat.number) + " asks p" + std::to_string(to) +
                   " for message " + std::to_string(seq) +
                   (soon ? " while it is asked for" : " too often");
        }
        if (!window.IsMissing(seq))
        {
            return "I11: " + NameOf(seat.peer, seat.number) + " asks for message " +
                   std::to_string(seq) + ", which it does not miss";
        }
    }
    return {};
}

std::string
Invariants::I12(const Seat& seat, std::uint32_t to) const
{
    const Admission* admission = seat.channel->GetAdmission();
    const bool may = (admission && admission->Find(to)) || seat.memory.met.count(to) > 0;
    return may ? ""
               : "I12: " + NameOf(seat.peer, seat.number) + " sends a message to p" +
                     std::to_string(to) + ", no child of it";
}

std::string
Invariants::I13(const Seat& seat, const FrameRef& frame)
{
    Memory& memory = seat.memory;
    const UploadLimits limits = LimitsFor(m_world.OptionsOf(seat.peer));
    const auto passed = static_cast<double>(m_world.Now() - memory.tokensAt) / SECOND;
    const double cost = CostOf(frame);
    memory.tokens = std::min(limits.burst, memory.tokens + passed * limits.rate) - cost;
    memory.tokensAt = m_world.Now();
    // Control leaves in any case and may make a debt; no message leaves on credit.
    const double least = std::min(0.0, limits.burst - cost) - 1;
    return !frame->IsData() || memory.tokens >= least
               ? ""
               : "I13: " + NameOf(seat.peer, seat.number) + " sends more than it may";
}

std::string
Invariants::I14(const Seat& seat) const
{
    const Forwarding* forwarding = seat.channel->GetForwarding();
    const UploadLimits limits = LimitsFor(m_world.OptionsOf(seat.peer));
    const Options& options = m_world.OptionsOf(seat.peer);
    const double most =
        limits.rate * static_cast<double>(limits.ageLimit) / SECOND + options.maxMessageBytes;
    const_cast<Invariants*>(this)->m_longestAge = std::max(m_longestAge, limits.ageLimit);
    return !forwarding || forwarding->QueuedBytes() <= most
               ? ""
               : "I14: " + NameOf(seat.peer, seat.number) + " queues too much";
}

Micros
Invariants::AgeOf(const Seat& seat, const FrameRef& frame) const
{
    const auto stamp =
        static_cast<Micros>(frame->Fields().timestamp - m_world.commons.epochMs) * MILLISECOND;
    return m_world.ClockOf(m_world.RootOf(seat.number)) - stamp;
}

std::string
Invariants::I15(const Seat& seat, std::uint32_t to, const FrameRef& frame)
{
    const Options& options = m_world.OptionsOf(seat.peer);
    const std::uint32_t root = m_world.RootOf(seat.number);
    if (options.maxDataAge == 0 || root == seat.peer || frame->Seq() >= MAX_SEQ ||
        seat.memory.youngest.empty() || At(seat.memory.sent[to].asks, frame->Seq()) > 0)
    {
        return {};
    }
    // Clocks differ: the youngest message tells how much, up to its own age. One that waited was
    // pushed by what was known then.
    const Micros then = m_world.Now() - LimitsFor(options).ageLimit;
    Micros youngest = seat.memory.youngest.front().second;
    for (const auto& [at, younger] : seat.memory.youngest)
    {
        youngest = at <= then ? younger : youngest;
    }
    const Micros age = AgeOf(seat, frame);
    const Micros most =
        options.maxDataAge + LimitsFor(options).ageLimit + std::max(youngest, UNKNOWN_CLOCK);
    return age <= most ? ""
                       : "I15: " + NameOf(seat.peer, seat.number) + " pushes a message of " +
                             std::to_string(age) + " us";
}

std::string
Invariants::I17(std::uint32_t peer) const
{
    const Peer& machines = m_world.At(peer);
    std::size_t most = PEER_BYTES + 128 * m_world.GetN();
    for (std::uint32_t number = 0; number < m_world.Channels(); number++)
    {
        const Channel* channel = m_world.ChannelOf(peer, number);
        if (!channel)
        {
            continue;
        }
        const std::uint32_t window = m_world.OptionsOf(peer).repairWindow;
        if (channel->GetAttachment() && channel->GetAttachment()->candidates.GetN() > CANDIDATES)
        {
            return "I17: too many candidates at " + NameOf(peer, number);
        }
        if (channel->GetRepair().GetN() > window)
        {
            return "I17: more asked for than the window at " + NameOf(peer, number);
        }
        const Forwarding* forwarding = channel->GetForwarding();
        const UploadLimits limits = LimitsFor(m_world.OptionsOf(peer));
        const double queues = limits.rate * static_cast<double>(limits.ageLimit) / SECOND;
        most += PEER_BYTES + window * BYTES_PER_SEQ +
                (forwarding ? static_cast<std::size_t>(queues) / 2 : 0);
    }
    if (machines.GetLinks().GetN() > m_world.GetN())
    {
        return "I17: more links than peers at p" + std::to_string(peer);
    }
    return machines.MemoryBytes() <= most ? ""
                                          : "I17: p" + std::to_string(peer) + " holds " +
                                                std::to_string(machines.MemoryBytes()) + " bytes";
}

std::string
Invariants::I18(std::uint32_t peer) const
{
    const Micros now = m_world.ClockOf(peer);
    const Tracker* tracker = m_world.At(peer).GetTracker();
    Micros due = tracker ? tracker->NextAt() : NEVER;
    for (std::uint32_t number = 0; number < m_world.Channels(); number++)
    {
        const Channel* channel = m_world.ChannelOf(peer, number);
        due = channel ? std::min(due, channel->NextAt(now)) : due;
    }
    const Micros wake = m_world.WakeOf(peer);
    if (wake != NEVER && wake < now)
    {
        return "I18: a wake-up of p" + std::to_string(peer) + " lies in the past";
    }
    return due == NEVER || (wake != NEVER && wake <= std::max(due, now + 1) + WAKE_SLACK)
               ? ""
               : "I18: p" + std::to_string(peer) + " sleeps past its deadline";
}

std::string
Invariants::I18(const Seat& seat)
{
    Memory& memory = seat.memory;
    const bool quiet = !seat.channel->GetAdmission() && !seat.channel->GetAttachment() &&
                       !seat.channel->GetLiveness().IsSuspecting() &&
                       seat.channel->GetWindow().MissingCount() == 0 && m_world.Channels() == 1 &&
                       !m_world.At(seat.peer).GetTracker();
    if (quiet && m_calmSince != NEVER && m_world.Now() - memory.quietSince < QUIET)
    {
        return {};
    }
    const std::uint64_t wakes = m_world.Wakes(seat.peer) - memory.wakesThen;
    const bool counted =
        quiet && m_calmSince != NEVER && m_world.Now() - memory.quietSince < QUIET + SECOND / 4;
    memory.quietSince = m_world.Now();
    memory.wakesThen = m_world.Wakes(seat.peer);
    const Options& options = m_world.OptionsOf(seat.peer);
    const auto told = static_cast<std::uint64_t>(
        options.HasMesh() ? 2 * (QUIET + SECOND / 4) / options.meshInterval + 2 : 0);
    return !counted || wakes <= QUIET_WAKES + told
               ? ""
               : "I18: quiet " + NameOf(seat.peer, seat.number) + " wakes " +
                     std::to_string(wakes) + " times in " + std::to_string(QUIET / SECOND) + " s";
}

std::string
Invariants::I24() const
{
    return m_world.commons.outbox.empty() ? "" : "I24: events wait between inputs";
}

std::string
Invariants::I27(const Seat& seat) const
{
    const Channel& channel = *seat.channel;
    if (seat.peer == m_world.RootOf(seat.number))
    {
        return {};
    }
    const bool work = channel.GetAttachment() || !channel.GetPosition().IsAttached() ||
                      channel.GetWindow().MissingCount() > 0 ||
                      (channel.GetForwarding() && !channel.GetForwarding()->Idle());
    const Micros now = m_world.ClockOf(seat.peer);
    const Micros wake = m_world.WakeOf(seat.peer);
    return !work || channel.NextAt(now) != NEVER || (wake != NEVER && wake <= now + WAKE_SLACK)
               ? ""
               : "I27: " + NameOf(seat.peer, seat.number) + " has work to do and no deadline";
}

std::string
Invariants::I28(std::uint32_t peer) const
{
    const Peer& machines = m_world.At(peer);
    bool joined = machines.GetTracker() != nullptr;
    for (std::uint32_t number = 0; number < m_world.Channels(); number++)
    {
        joined = joined || m_world.IsJoined(peer, number);
    }
    return joined || machines.GetLinks().GetN() == 0
               ? ""
               : "I28: p" + std::to_string(peer) + " holds links without a channel";
}

std::string
Invariants::I28(const Seat& seat, const FrameRef& frame) const
{
    const auto kind = static_cast<Kind>(frame->Kind());
    const bool tracker = m_world.At(seat.peer).GetTracker() && kind == Kind::TRACKER_REPLY;
    const bool lastWord = kind == Kind::LEAVE || kind == Kind::KICK ||
                          kind == Kind::TRACKER_ANNOUNCE || kind == Kind::JOIN_REJECT;
    return tracker || lastWord ? ""
                               : "I28: " + NameOf(seat.peer, seat.number) + " sends " +
                                     fanout::NameOf(frame->Kind()) + " after it left";
}

} // namespace ns3::fanout::test
