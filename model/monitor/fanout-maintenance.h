/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MAINTENANCE_H
#define FANOUT_MAINTENANCE_H

#include "ns3/fanout-time.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How well a tree is kept while peers come and go, from samples taken at a steady period, by the
 * reference's formulas. Its sums are in seconds times orphans and in moves a minute; a recovery is
 * as precise as the period.
 */
class FanoutMaintenance
{
  public:
    /// What a sample sees.
    struct Sample
    {
        std::uint32_t orphans{0}; ///< members online and in the channel, without a parent
        double levelP95{0};       ///< as in FanoutTreeShape
        double childrenP95{0};    ///< as in FanoutTreeShape
    };

    /// @param nodes number of hosts @return sample period clamp(nodes / 10, 100, 1000) ms
    static fanout::Micros PeriodFor(std::uint32_t nodes);

    /// Begin. @param now the time @param formation the tree as it was formed
    void Begin(fanout::Micros now, const Sample& formation);

    /// @return whether Begin was called
    bool HasBegun() const;

    /// A peer lost its parent or was let go by it. @param peer which
    void NoteMove(std::uint32_t peer);

    /// @param now the time @param sample what it sees
    void Add(fanout::Micros now, const Sample& sample);

    /// Nothing is counted from now on. @param now the time
    void Finish(fanout::Micros now);

    /**
     * @param bursts of churn, times of their beginning
     * @return for each burst the time to the first later sample that sees no more orphans than
     *         formation had, or to the end, milliseconds, in ascending order
     */
    std::vector<double> GetRecoveriesMs(const std::vector<fanout::Micros>& bursts) const;

    /// @return the most orphans a sample saw
    std::uint32_t GetMaxOrphans() const;

    /// @return orphans times seconds
    double GetOrphanArea() const;

    /// @return moves a minute
    double GetReparentsPerMin() const;

    /// @return most moves of one peer
    std::uint32_t GetFlapMax() const;

    /// @return largest difference of a sample's levelP95 from formation's
    double GetLevelDrift() const;

    /// @return largest difference of a sample's childrenP95 from formation's
    double GetChildrenDrift() const;

    /// @return number of samples
    std::uint64_t GetSamples() const;

    /// @return time from Begin to the last sample or Finish, milliseconds
    double GetDurationMs() const;

  private:
    /// Count the orphans up to now. @param now the time
    void Integrate(fanout::Micros now);

    Sample m_formation;                  ///< the tree as it was formed
    std::vector<fanout::Micros> m_whole; ///< samples that saw no more orphans than formation
    std::vector<std::uint32_t> m_moves;  ///< by peer
    fanout::Micros m_beganAt{0};         ///< first time
    fanout::Micros m_lastAt{0};          ///< of the last sample
    std::uint64_t m_samples{0};          ///< samples
    std::uint64_t m_moveTotal{0};        ///< moves
    double m_area{0};                    ///< orphan-seconds
    double m_levelDrift{0};              ///< largest
    double m_childrenDrift{0};           ///< largest
    std::uint32_t m_lastOrphans{0};      ///< of the last sample
    std::uint32_t m_maxOrphans{0};       ///< most
    bool m_begun{false};                 ///< Begin was called
    bool m_finished{false};              ///< Finish was called
};

} // namespace ns3

#endif // FANOUT_MAINTENANCE_H
