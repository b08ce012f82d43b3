/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LATENCY_MODEL_H
#define FANOUT_LATENCY_MODEL_H

#include "fanout-latency.h"

#include "ns3/fanout-prefetch.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How long a packet takes through a cloud, from one host's access link to another's, without
 * queues and serialisation. It is asked once a packet: an implementation computes in O(1), keeps
 * little or nothing about pairs, and always gives one pair the same answer.
 */
class FanoutLatencyModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~FanoutLatencyModel() override;

    /// @param from a host's place in the cloud @param to another host's
    /// @return one-way delay, nanoseconds, at least 0
    virtual int64_t GetDelay(uint32_t from, uint32_t to) const = 0;

    /// GetDelay() is asked soon: bring closer to the cache what it touches (fanout::Prefetch());
    /// change nothing. By default nothing is done. @param to the receiving host's place
    virtual void
    Prefetch(uint32_t to) const
    {
        (void)to;
    }

    /**
     * Fix the random numbers; to be called before the first GetDelay().
     * @param stream first stream number @return number of streams used
     */
    virtual int64_t AssignStreams(int64_t stream);
};

/// The same delay between any two hosts. @ingroup fanout-tree
class FanoutConstantLatency : public FanoutLatencyModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    int64_t GetDelay(uint32_t from, uint32_t to) const override;

  private:
    Time m_delay; ///< attribute
};

/**
 * @ingroup fanout-tree
 * Half the round trip between the regions of two hosts (fanout-latency.h), times a log-normal
 * factor of mean 1 that is fixed for the pair and the same both ways. The factor is computed from a
 * hash of the pair, to one of 4,096 quantiles, so that nothing is stored but a byte a host.
 */
class FanoutRegionLatency : public FanoutLatencyModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutRegionLatency();

    /// @param host a place in the cloud @param region where that host is; NA unless told
    void SetRegion(uint32_t host, fanout::Region region);

    /// @param host a place in the cloud @return where that host is
    fanout::Region GetRegion(uint32_t host) const;

    int64_t GetDelay(uint32_t from, uint32_t to) const override;

    void
    Prefetch(uint32_t to) const override
    {
        fanout::Prefetch(m_regions.data() + to / 2);
    }

    int64_t AssignStreams(int64_t stream) override;

  private:
    /// @param sigma of the logarithm of the factor
    void SetSigma(double sigma);

    /// @return sigma of the logarithm of the factor
    double GetSigma() const;

    std::vector<uint8_t> m_regions; ///< two hosts a byte: every departure looks a random one up
    std::vector<float> m_factors;   ///< quantiles of the pair's factor
    double m_oneWay[fanout::REGIONS][fanout::REGIONS]; ///< mean delay, nanoseconds
    double m_sigma{0};                                 ///< attribute
    uint64_t m_key{0};                                 ///< of the pairs' hash
};

} // namespace ns3

#endif // FANOUT_LATENCY_MODEL_H
