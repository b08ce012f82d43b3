/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-timeline.h"

#include <cstdio>

namespace ns3
{

using fanout::Micros;

void
FanoutTimeline::Begin(Micros now, Micros period)
{
    m_period = period;
    m_due = now;
}

bool
FanoutTimeline::HasBegun() const
{
    return m_period > 0;
}

bool
FanoutTimeline::IsDue(Micros now) const
{
    return HasBegun() && now >= m_due;
}

Micros
FanoutTimeline::GetPeriod() const
{
    return m_period;
}

void
FanoutTimeline::Add(const Row& row)
{
    if (!m_rows.empty() && m_rows.back().time == row.time)
    {
        m_rows.back() = row;
        return;
    }
    if (m_rows.size() == MOST_ROWS)
    {
        for (std::size_t i = 0; i < MOST_ROWS / 2; i++)
        {
            m_rows[i] = m_rows[2 * i];
        }
        m_rows.resize(MOST_ROWS / 2);
        m_period *= 2;
    }
    m_rows.push_back(row);
    m_due = row.time + m_period;
}

const std::vector<FanoutTimeline::Row>&
FanoutTimeline::GetRows() const
{
    return m_rows;
}

void
FanoutTimeline::WriteCsv(std::ostream& os) const
{
    os << "time_s,joined,attached,orphans,published,delivered,duplicates,gaps,repair_asked,"
          "repair_filled,given_up,data_bytes,join_bytes,repair_bytes,tracker_bytes,route_bytes\n";
    for (const auto& row : m_rows)
    {
        char time[32];
        std::snprintf(time, sizeof time, "%.6f", static_cast<double>(row.time) / fanout::SECOND);
        os << time << ',' << row.joined << ',' << row.attached << ',' << row.orphans << ','
           << row.published << ',' << row.delivered << ',' << row.duplicates << ',' << row.gaps
           << ',' << row.repairAsked << ',' << row.repairFilled << ',' << row.givenUp;
        for (const auto bytes : row.bytes)
        {
            os << ',' << bytes;
        }
        os << '\n';
    }
}

} // namespace ns3
