/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MESH_H
#define FANOUT_MESH_H

#include "fanout-messages.h"

#include "ns3/fanout-link.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * The few peers besides parent and children that tell each other what they have (protocol 5.9):
 * who they are, what they said last, whom else to take, and when to tell them. What they say is a
 * hint whom to ask and nothing more. It decides; the channel sends, and holds the links.
 */
class Mesh
{
  public:
    static constexpr std::uint8_t MOST = 16;       ///< members at most
    static constexpr std::size_t CANDIDATES = 16;  ///< who may become one, kept
    static constexpr Micros FRESH = 8 * SECOND;    ///< what one said counts so long
    static constexpr Micros REST = 10 * SECOND;    ///< one that was let go is not taken again for
    static constexpr std::uint32_t BELIEVED = 256; ///< messages below a watermark that one has
    static constexpr std::uint32_t MANY_ASKS = 8;  ///< one that gave few of so many is let go

    /// One that is told, and may be asked.
    struct Member
    {
        PeerId peer;                ///< who
        LinkId link{NO_LINK};       ///< where
        SeqRange have;              ///< it said it has these
        std::uint32_t watermark{0}; ///< and those below
        Micros saidAt{NEVER};       ///< when; NEVER: it said nothing yet
        Micros since{0};            ///< member since, or since it said something
        std::uint32_t asks{0};      ///< messages asked
        std::uint32_t hits{0};      ///< of these, given
    };

    /// @param members at most, 1 to MOST (clamped) @param interval between two announces
    Mesh(std::uint8_t members, Micros interval);

    /// @param peer may become a member @param endpoint where
    void Suggest(const PeerId& peer, const Endpoint& endpoint);

    /// @return whether there is room for a member
    bool
    HasRoom() const
    {
        return m_members.size() < m_room;
    }

    /**
     * Take one that is to become a member, at random; each is tried seldom.
     * @param now time @param random draws @param unfit tells of a PeerId that it must be none
     * @return who and where; none when there is no room or nobody
     */
    template <typename F>
    std::optional<Backup>
    NextCandidate(Micros now, Random& random, F unfit)
    {
        m_fillAt = now + m_interval;
        std::vector<Candidate*> fit;
        for (auto& candidate : m_candidates)
        {
            const bool rests = candidate.notBefore > now;
            if (!rests && (Find(candidate.peer) || unfit(candidate.peer)))
            {
                candidate.notBefore = now + REST;
            }
            else if (!rests)
            {
                fit.push_back(&candidate);
            }
        }
        if (fit.empty() || !HasRoom())
        {
            return std::nullopt;
        }
        Candidate& chosen = *fit[random.Below(fit.size())];
        chosen.notBefore = now + REST;
        Backup backup;
        backup.peer = chosen.peer;
        backup.endpoint = chosen.endpoint;
        return backup;
    }

    /// @param peer is a member now; not without room, when it is one, or gave little lately
    /// @param link of it, to be held when it became one @param now time @return whether it did
    bool Add(const PeerId& peer, LinkId link, Micros now);

    /// @param link any @return the member there or null
    Member* Find(LinkId link);

    /// @param peer any @return the member or null
    Member* Find(const PeerId& peer);

    /// @param member said it @param have its range @param watermark it has all below @param now
    /// time
    static void Said(Member& member, const SeqRange& have, std::uint32_t watermark, Micros now);

    /// @param member who @param now time @return whether what it said still counts
    static bool IsFresh(const Member& member, Micros now);

    /// @param member who @param seq any @param now time @return whether it said that it has it
    static bool Covers(const Member& member, std::uint32_t seq, Micros now);

    /// @param seq any @param now time @return whether one said that it has it
    bool AnyCovers(std::uint32_t seq, Micros now) const;

    /// @param member was asked @param seqs how many
    static void Asked(Member& member, std::size_t seqs);

    /**
     * Let go who says nothing, who gave little of what it was asked for, and who is unfit.
     * @param now time @param unfit tells of a Member that it must be none
     * @return their links, to be released
     */
    template <typename F>
    std::vector<LinkId>
    Prune(Micros now, F unfit)
    {
        std::vector<LinkId> links;
        const auto kept = std::stable_partition(
            m_members.begin(),
            m_members.end(),
            [&](const Member& member) { return !unfit(member) && IsUseful(member, now); });
        for (auto gone = kept; gone != m_members.end(); ++gone)
        {
            links.push_back(gone->link);
            Shun(*gone, now);
        }
        m_members.erase(kept, m_members.end());
        return links;
    }

    /// @param link is closed: who was there is a member no more
    void Closed(LinkId link);

    /// @param seq is there to be told of
    void
    Has(std::uint32_t seq)
    {
        m_next = std::max(m_next, seq + 1);
    }

    /// @param now time @return whether the members are to be told now: of something new, not more
    /// often than each interval, or because they were not told for long
    bool
    IsDue(Micros now) const
    {
        return NextAnnounceAt() <= now;
    }

    /// They were told. @param now time
    void Announced(Micros now);

    /// @return when the members are to be told; NEVER when there are none, or nothing
    Micros NextAnnounceAt() const;

    /// @return when NextCandidate() may yield one; NEVER when there is no room or nobody
    Micros NextFillAt() const;

    /// @return the members
    const std::vector<Member>&
    Members() const
    {
        return m_members;
    }

    /// @return heap bytes held
    std::size_t
    HeapBytes() const
    {
        return m_members.capacity() * sizeof(Member) + m_candidates.capacity() * sizeof(Candidate) +
               m_shunned.capacity() * sizeof(Shunned);
    }

  private:
    /// One that may become a member.
    struct Candidate
    {
        PeerId peer;         ///< who
        Endpoint endpoint;   ///< where
        Micros notBefore{0}; ///< it rests until then
    };

    /// One that gave little of what it said it has.
    struct Shunned
    {
        PeerId peer;     ///< who
        Micros until{0}; ///< it is no member until then
    };

    /// Remember it, if it is such a one. @param member let go @param now time
    void Shun(const Member& member, Micros now);

    /// @return time after which the members are told though nothing is new
    Micros Heartbeat() const;

    /// @param member any @param now time @return whether to keep it
    bool IsUseful(const Member& member, Micros now) const;

    std::vector<Member> m_members;       ///< in the order they came
    std::vector<Candidate> m_candidates; ///< the last ones named, in their order
    std::vector<Shunned> m_shunned;      ///< the last ones, MOST at most
    Micros m_interval;                   ///< between two announces
    Micros m_announcedAt{-DAY};          ///< last announce
    Micros m_fillAt{0};                  ///< no candidate before
    std::uint32_t m_next{0};             ///< behind the highest message that is there
    std::uint32_t m_told{0};             ///< the same at the last announce
    std::uint8_t m_room;                 ///< members at most

    static constexpr Micros DAY = 86400 * SECOND; ///< longer ago than any interval
};

} // namespace ns3::fanout

#endif // FANOUT_MESH_H
