/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TIMELINE_H
#define FANOUT_TIMELINE_H

#include "ns3/fanout-time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * How a run went: one row of counts a period. All counts but attached and orphans are sums since
 * the start, so that a row tells the same whatever lies between it and the one before. Memory is
 * bounded: when there are MOST_ROWS rows, every second one goes and the period doubles.
 */
class FanoutTimeline
{
  public:
    static constexpr std::size_t MOST_ROWS = 4096; ///< rows kept
    static constexpr std::size_t CLASSES = 5;      ///< of frames, as in fanout::FrameClass

    /// Counts at one time.
    struct Row
    {
        fanout::Micros time{0};                     ///< when
        std::uint32_t joined{0};                    ///< subscribers that have had a parent
        std::uint32_t attached{0};                  ///< subscribers that have one now
        std::uint32_t orphans{0};                   ///< online members without one
        std::uint64_t published{0};                 ///< messages
        std::uint64_t delivered{0};                 ///< first copies at members
        std::uint64_t duplicates{0};                ///< later copies at members
        std::uint64_t gaps{0};                      ///< messages found missing
        std::uint64_t repairAsked{0};               ///< REPAIR_REQ and FETCH_REQ frames sent
        std::uint64_t repairFilled{0};              ///< missing messages that came
        std::uint64_t givenUp{0};                   ///< missing messages let go
        std::array<std::uint64_t, CLASSES> bytes{}; ///< wire bytes of frames sent, by class
    };

    /// Rows are due from now on. @param now the time @param period between two rows, above 0
    void Begin(fanout::Micros now, fanout::Micros period);

    /// @return whether Begin was called
    bool HasBegun() const;

    /// @param now the time @return whether a row is due
    bool IsDue(fanout::Micros now) const;

    /// @return time between two rows
    fanout::Micros GetPeriod() const;

    /// @param row the newest one; it takes the place of a row of the same time
    void Add(const Row& row);

    /// @return rows by time
    const std::vector<Row>& GetRows() const;

    /// Write a line of names, with units, and a line a row. @param os where to
    void WriteCsv(std::ostream& os) const;

  private:
    std::vector<Row> m_rows;    ///< by time
    fanout::Micros m_period{0}; ///< between two rows, 0 before Begin
    fanout::Micros m_due{0};    ///< of the next row
};

} // namespace ns3

#endif // FANOUT_TIMELINE_H
