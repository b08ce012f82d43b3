/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_UNDERLAY_HELPER_H
#define FANOUT_UNDERLAY_HELPER_H

#include "fanout-stack-helper.h"

#include "ns3/data-rate.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device.h"
#include "ns3/node-container.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

class ErrorModel;
class RateErrorModel;

/**
 * @ingroup fanout-tree
 * Makes hosts and the network between them: nodes, links, stacks, addresses, routes. Time and
 * memory of addressing and routing are linear in the number of hosts. All addresses lie in
 * 10.0.0.0/8, the hosts' in its lower half; host i's follows from i alone.
 *
 * Configure, then AssignStreams if at all, then Create once.
 */
class FanoutUnderlayHelper
{
  public:
    FanoutUnderlayHelper();
    virtual ~FanoutUnderlayHelper();
    FanoutUnderlayHelper(const FanoutUnderlayHelper&) = delete;
    FanoutUnderlayHelper& operator=(const FanoutUnderlayHelper&) = delete;

    /**
     * Make the network. Aborts with a clear error when called twice or with more hosts than this
     * kind of network serves.
     * @param hosts number of hosts, at least 1
     * @return the hosts, without the routers
     */
    NodeContainer Create(uint32_t hosts);

    /// @return the hosts
    const NodeContainer& GetHosts() const;

    /// @return the routers that are no hosts
    const NodeContainer& GetRouters() const;

    /// @param host index of a host @return its address
    virtual Ipv4Address GetAddress(uint32_t host) const = 0;

    /// @param host index of a host @return rate at which it sends
    virtual DataRate GetUplink(uint32_t host) const = 0;

    /// @param host index of a host @return rate at which it receives
    virtual DataRate GetDownlink(uint32_t host) const;

    /**
     * Fix the random numbers; to be called before Create.
     * @param stream first stream number @return number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * Let the hosts' links lose packets, each one alone, in both directions; hops compound.
     * @param rate probability in [0, 1), 0 by default
     */
    void SetLinkErrorRate(double rate);

    /// @param kind LEAN by default
    void SetStack(FanoutStackHelper::Kind kind);

  protected:
    /// Make nodes, links, stacks, addresses, routes. @param hosts number of hosts
    virtual void DoCreate(uint32_t hosts) = 0;

    /// @return key of this network's random draws
    uint64_t GetKey() const;

    /// @param offset 1 or 2 @return that one of the streams assigned, -1 for automatic
    int64_t GetStream(int64_t offset) const;

    /// A point-to-point link.
    struct Link
    {
        DataRate rateAb;                 ///< from a to b
        DataRate rateBa;                 ///< from b to a
        double delaySeconds{0};          ///< one way
        uint32_t queueBytes{256 * 1024}; ///< size of each end's queue
        bool lossy{false};               ///< whether SetLinkErrorRate applies
    };

    /**
     * Join two nodes that have stacks; the new interface is the next free one at each. A node has
     * one address on all its point-to-point interfaces.
     * @param a one @param addressA its address
     * @param b other @param addressB its address
     * @param link what to join them by
     */
    void Join(const Ptr<Node>& a,
              Ipv4Address addressA,
              const Ptr<Node>& b,
              Ipv4Address addressB,
              const Link& link) const;

    /// @return probability that a packet is lost on one of two access links, see SetLinkErrorRate
    double GetPathErrorRate() const;

    /// @return the error model of lossy links, null when they lose nothing
    Ptr<ErrorModel> GetErrorModel() const;

    /// @return the stack helper
    const FanoutStackHelper& GetStack() const;

    NodeContainer m_hosts;   ///< hosts
    NodeContainer m_routers; ///< routers that are no hosts

  private:
    FanoutStackHelper m_stack;        ///< protocol stacks
    Ptr<RateErrorModel> m_errorModel; ///< shared by the lossy devices
    double m_linkErrorRate{0};        ///< packets lost
    int64_t m_stream{-1};             ///< first stream, -1 for automatic
    uint64_t m_key{0};                ///< random draws
    bool m_created{false};            ///< Create was called
};

} // namespace ns3

#endif // FANOUT_UNDERLAY_HELPER_H
