/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LIVENESS_H
#define FANOUT_LIVENESS_H

#include "fanout-options.h"

#include "ns3/fanout-time.h"

#include <cstdint>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Is the parent still there (algorithms 4). Silence is measured against the stream's own rhythm;
 * a suspected parent is probed together with a witness, and lost only when the witness answers and
 * the parent does not: when nobody answers, this peer is the one that is offline.
 */
class Liveness
{
  public:
    /// What to do.
    enum class Step : std::uint8_t
    {
        NOTHING, ///< wait until NextAt()
        PROBE,   ///< ask the parent and a witness for a sign of life
        LOST     ///< the parent is gone
    };

    /// A new parent. @param now time
    void Reset(Micros now);

    /// Anything came from the parent. @param now time
    void Heard(Micros now);

    /// A message came from the parent. @param now time
    void Data(Micros now);

    /// Anything came from somebody else. @param now time
    void HeardElsewhere(Micros now);

    /// @param lost one more message was found missing, or not
    void NoteLoss(bool lost);

    /**
     * @param now time @param expecting whether data must be on its way
     * @param rto of the parent's link @param witnessed whether there is anybody else to ask
     * @param options of the channel @return what to do
     */
    Step Next(Micros now, bool expecting, Micros rto, bool witnessed, const Options& options);

    /// @param expecting whether data must be on its way @param options of the channel
    /// @return when Next may yield something. Silence is looked at every Options::checkSpacing, so
    /// that this changes as seldom while messages come
    Micros NextAt(bool expecting, const Options& options) const;

    /// @return mean time between two messages, microseconds; 0 before there were two
    Micros
    MeanInterval() const
    {
        return static_cast<Micros>(m_mean);
    }

    /// @return whether the parent is being probed
    bool
    IsSuspecting() const
    {
        return m_probes > 0;
    }

    /// @return when anything last came from the parent, or it was adopted
    Micros
    LastHeard() const
    {
        return m_lastHeard;
    }

    /// @return when a message last came from the parent, or it was adopted
    Micros
    LastData() const
    {
        return m_lastData;
    }

    /// @param expecting whether data must be on its way @param options of the channel
    /// @return silence after which the parent is suspected
    Micros Patience(bool expecting, const Options& options) const;

  private:
    Micros m_lastHeard{0};        ///< anything from the parent
    Micros m_lastData{0};         ///< a message from the parent
    Micros m_since{0};            ///< the parent was adopted
    mutable Micros m_checkAt{0};  ///< NextAt() as asked last; looks are a spacing apart
    float m_mean{0};              ///< mean time between messages
    float m_deviation{0};         ///< its mean deviation
    float m_loss{0.05f};          ///< share of messages lost on the way
    std::uint8_t m_probes{0};     ///< since suspected
    std::uint8_t m_quietTimes{0}; ///< times the parent answered a probe but had nothing new
    bool m_anyData{false};        ///< a message came from this parent
    Micros m_elsewhere{0};        ///< anything from somebody else
    Micros m_suspectedAt{0};      ///< first probe
    Micros m_nextProbe{0};        ///< next probe
};

} // namespace ns3::fanout

#endif // FANOUT_LIVENESS_H
