/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FAULTS_H
#define FANOUT_FAULTS_H

#include "ns3/fanout-frame.h"
#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simple-ref-count.h"

#include <bitset>
#include <cstdint>
#include <functional>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * What becomes of frames between some peers: they vanish, come twice, or come late. One object
 * serves all transports of a run (FanoutTransport::SetFaults), of whatever kind.
 *
 * It is asked on arrival, above a transport's own acknowledgements: what it loses counts as arrived
 * there and is not sent again, as if the receiver had read it and forgotten it. Words between
 * transports (acknowledgements, closed links) are no frames and pass.
 */
class FanoutFaults : public SimpleRefCount<FanoutFaults>
{
  public:
    static constexpr std::size_t KINDS = 64; ///< message kinds are smaller than this

    /// Faults of some frames; all that is left out applies to all of them.
    struct Rule
    {
        std::function<bool(uint32_t from, uint32_t to)> between; ///< IPv4 addresses of the hosts
        std::bitset<KINDS> kinds;                                ///< message kinds; none: all
        Time begin{0};                                           ///< from then on
        Time end{Time::Max()};                                   ///< up to then
        double lose{0};                                          ///< probability, 0 to 1
        double twice{0};                                         ///< probability, 0 to 1
        Time late{0}; ///< each copy comes up to so much later, evenly drawn, not negative
    };

    /// What became of frames.
    struct Counters
    {
        uint64_t lost{0};  ///< vanished
        uint64_t twice{0}; ///< came twice
        uint64_t late{0};  ///< copies that came late
    };

    /// What becomes of one frame.
    struct Fate
    {
        uint32_t copies{1};             ///< 0 to 2
        Time late[2]{Time(0), Time(0)}; ///< of each copy
    };

    FanoutFaults();

    /// @param rule holds beside the others. @throws std::invalid_argument for a probability or a
    /// time out of range
    void Add(Rule rule);

    /**
     * @param stream first stream number to use
     * @return number of streams used: 1
     */
    int64_t AssignStreams(int64_t stream);

    /// @param from address of the sender @param to of the receiver @param frame that arrived
    /// @return what becomes of it; counted
    Fate Judge(uint32_t from, uint32_t to, const fanout::FrameRef& frame);

    /// @return what became of frames so far
    const Counters& GetCounters() const;

  private:
    /// @param rule one @param from sender @param to receiver @param kind of the frame
    /// @return whether the rule is about it
    static bool Applies(const Rule& rule, uint32_t from, uint32_t to, uint8_t kind);

    /// @param probability of something @return whether it happens
    bool Happens(double probability);

    std::vector<Rule> m_rules;          ///< all of them
    Ptr<UniformRandomVariable> m_draws; ///< of all rules
    Counters m_counters;                ///< so far
};

} // namespace ns3

#endif // FANOUT_FAULTS_H
