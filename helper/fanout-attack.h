/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ATTACK_H
#define FANOUT_ATTACK_H

#include "fanout-forger.h"

#include "ns3/application-container.h"
#include "ns3/event-id.h"
#include "ns3/fanout-transport.h"
#include "ns3/ipv4-address.h"
#include "ns3/nstime.h"

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Somebody who means harm to a running channel: strangers on hosts of their own, and members that
 * were corrupted. Each sends frames at a rate, signed with a key of its own; a corrupted member
 * goes on as a peer beside that. Strangers answer nothing; what comes to them is counted.
 *
 * Forged and reflected frames carry a false sender address, which needs FanoutCloudTransport; over
 * other transports forgers send under their own address. Keep it alive for the run:
 *
 * @code
 * FanoutAttack attack(apps);
 * attack.AssignStreams(100);
 * attack.AddStranger(node, address, CreateObject<FanoutCloudTransport>());
 * Simulator::Schedule(Seconds(20), [&] {
 *     attack.Begin(FanoutAttack::Kind::FLOOD, 100, Seconds(5));
 * });
 * @endcode
 */
class FanoutAttack
{
  public:
    /// What is done.
    enum class Kind : uint8_t
    {
        LIES,       ///< members: false levels, room, ranges, feedback, positions, anchors
        FORGERIES,  ///< strangers: DATA, KICK, END, accepts, LEAVE in the name of others
        FLOOD,      ///< strangers: requests that anybody may make, under many names
        SYBILS,     ///< strangers: announces of plenty of room, under many names
        REFLECTION, ///< strangers: requests whose answers go to others; every second is a victim
        PLAIN_REFLECTION, ///< the same in the words of a peer that knows nothing of the extension
        MALFORMED ///< both: noise, cut and changed messages, oversize, kinds that do not exist
    };

    /// Frames and bytes on the wire, IPv4 and what is above it.
    struct Counters
    {
        uint64_t frames{0};                                  ///< that attackers sent
        uint64_t bytes{0};                                   ///< of these
        uint64_t refused{0};                                 ///< that their transport did not take
        uint64_t answers{0};                                 ///< that came to strangers
        uint64_t answerBytes{0};                             ///< of these
        std::array<uint64_t, fanout::MAX_KINDS> sentBytes{}; ///< bytes by message kind
        std::array<uint64_t, fanout::MAX_KINDS> answeredBytes{}; ///< answerBytes by message kind
    };

    /// @param applications the channel's, those of this rank
    explicit FanoutAttack(const ApplicationContainer& applications);
    ~FanoutAttack();
    FanoutAttack(const FanoutAttack&) = delete;
    FanoutAttack& operator=(const FanoutAttack&) = delete;

    /**
     * @param stream first stream number to use
     * @return number of streams used: 1
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * A stranger; it listens from Begin on.
     * @param node its host @param address of that host @param transport like the peers', not
     * started, used by nobody else
     */
    void AddStranger(Ptr<Node> node, Ipv4Address address, Ptr<FanoutTransport> transport);

    /// Corrupt some of those that are online now. @param role whose @param fraction 0 to 1
    /// @return how many
    uint32_t Corrupt(FanoutRole role, double fraction);

    /// @return members that were corrupted
    std::vector<Ptr<FanoutApplication>> GetCorrupted() const;

    /**
     * The attack begins now.
     * @param kind what is done @param rate frames of each attacker, 1/s, at least 0; 0: none
     * @param length how long
     * @return number of attackers
     * @throws std::invalid_argument for a negative rate, or where nobody is there to do it
     */
    uint32_t Begin(Kind kind, double rate, Time length);

    /// @return what was sent and what came back, so far
    const Counters& GetCounters() const;

  private:
    class Stranger;

    /// One attacker.
    struct Attacker
    {
        FanoutForger::Author author;    ///< who
        Ptr<FanoutTransport> transport; ///< carries its frames
        EventId next;                   ///< next frame
    };

    /// @param kind what is done @return whether members do it, whether strangers do
    static std::pair<bool, bool> WhoDoes(Kind kind);

    /// @param kind what is done @return whether answers are to go to others
    static bool Reflects(Kind kind);

    /// @param attacker sends a frame and goes on
    void Strike(std::size_t attacker);

    /// @param attacker who @return what it sends next
    FanoutForger::Shot Aim(std::size_t attacker);

    /// @param attacker sends @param shot what
    void Send(const Attacker& attacker, const FanoutForger::Shot& shot);

    FanoutForger m_forger;                              ///< writes frames
    std::vector<std::unique_ptr<Stranger>> m_strangers; ///< hear what comes
    std::vector<Attacker> m_attackers;                  ///< strangers, then members
    Counters m_counters;                                ///< so far
    Kind m_kind{Kind::LIES};                            ///< what is done
    Time m_pause;                                       ///< between two frames of an attacker
    Time m_end;                                         ///< of the attack
};

} // namespace ns3

#endif // FANOUT_ATTACK_H
