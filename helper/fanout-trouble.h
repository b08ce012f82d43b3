/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TROUBLE_H
#define FANOUT_TROUBLE_H

#include "ns3/application-container.h"
#include "ns3/fanout-application.h"
#include "ns3/fanout-faults.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Makes things go wrong in a running channel, at the moment of the call. Whom it meets is drawn
 * among those that are online then. Each call says how many it met. Keep it alive for the run:
 *
 * @code
 * FanoutTrouble trouble(apps);
 * Simulator::Schedule(Seconds(20), [&] { trouble.Crash(FanoutRole::RELAY, 0.8); });
 * @endcode
 */
class FanoutTrouble
{
  public:
    /// @param applications the channel's, those of this rank; others are left out
    explicit FanoutTrouble(const ApplicationContainer& applications);

    /**
     * @param stream first stream number to use
     * @return number of streams used: 2
     */
    int64_t AssignStreams(int64_t stream);

    /// Processes die, nobody is told, they do not come back.
    /// @param role whose @param fraction of those online, 0 to 1 @return how many
    uint32_t Crash(FanoutRole role, double fraction);

    /// Peers leave properly, all at once, and do not come back.
    /// @param role whose @param fraction of those online, 0 to 1 @return how many
    uint32_t Leave(FanoutRole role, double fraction);

    /// The trackers that have sent most die. @param fraction of those online, 0 to 1, rounded up
    /// @return how many
    uint32_t CrashTrackers(double fraction);

    /// Some subscribers hear none of the others and nobody hears them; they hear each other.
    /// @param fraction of those online, 0 to 1 @param length how long @return how many
    uint32_t Partition(double fraction, Time length);

    /// Links between some subscribers and the parents they have now carry frames one way only.
    /// @param fraction of the subscribers that have a parent, 0 to 1 @param upwards whether what
    /// children send vanishes, else what parents send @param length how long @return how many links
    uint32_t DeadenLinks(double fraction, bool upwards, Time length);

    /// Access links of relays become slower, both ways, for good. @param fraction of those online,
    /// 0 to 1 @param factor of the rates, above 0 @return how many
    uint32_t SlowRelays(double fraction, double factor);

    /// Some relays take children and pass no message on to anybody; all else they do as they
    /// should.
    /// @param fraction of those online, 0 to 1 @param length how long @return how many
    uint32_t FreeRide(double fraction, Time length);

    /// @return what becomes of frames, asked by all transports of these applications from the first
    /// call on; rules of one's own may be added
    Ptr<FanoutFaults> GetFaults();

  private:
    using Peers = std::vector<Ptr<FanoutApplication>>; ///< some of them

    /// @param all some peers @param fraction of them @return so many of them, drawn
    Peers Draw(Peers all, double fraction);

    /// @param role a role @return those online
    Peers Online(FanoutRole role) const;

    /// @return subscribers online
    Peers OnlineSubscribers() const;

    /// @param peer whose device @param factor of its rates
    static void ScaleAccess(const Ptr<FanoutApplication>& peer, double factor);

    Peers m_peers;                      ///< all
    Ptr<UniformRandomVariable> m_draws; ///< who is met
    Ptr<FanoutFaults> m_faults;         ///< of frames, null before GetFaults
    int64_t m_faultStream{-1};          ///< of m_faults, -1 for automatic
};

} // namespace ns3

#endif // FANOUT_TROUBLE_H
