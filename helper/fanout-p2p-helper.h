/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_P2P_HELPER_H
#define FANOUT_P2P_HELPER_H

#include "fanout-underlay-helper.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Hosts that are routers too, joined by point-to-point links into a random simple connected graph
 * (a ring, then random pairs up to the target degree, as the reference's simulators draw it).
 * Shortest paths by hops, in one matrix of a byte for each pair of hosts.
 *
 * Host i has the address 10.0.0.1 + i, the same on all its links.
 */
class FanoutP2pHelper : public FanoutUnderlayHelper
{
  public:
    static constexpr uint32_t MAX_HOSTS = 5000; ///< the matrix has the square of this

    /// @param degree links a host has, 2 to 200; 6 by default
    void SetDegree(uint32_t degree);

    /// @param rate of every link, each direction; 100 Mbit/s by default
    void SetDataRate(DataRate rate);

    /// @param mean one-way delay of a link, 10 ms by default
    /// @param sigma of a log-normal spread around it, drawn once a link; 0 by default
    void SetDelay(Time mean, double sigma = 0);

    /// @param bytes size of the queue at each end of a link, 256 KiB by default
    void SetQueueBytes(uint32_t bytes);

    Ipv4Address GetAddress(uint32_t host) const override;

    /// @param host index of a host @return rate of one of its links
    DataRate GetUplink(uint32_t host) const override;

  protected:
    void DoCreate(uint32_t hosts) override;

  private:
    class Routes;

    uint32_t m_degree{6};              ///< links a host has
    DataRate m_rate{100000000};        ///< of a link
    double m_delaySeconds{0.010};      ///< mean
    double m_sigma{0};                 ///< of the delay
    uint32_t m_queueBytes{256 * 1024}; ///< at each end of a link
};

} // namespace ns3

#endif // FANOUT_P2P_HELPER_H
