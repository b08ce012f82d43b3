/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-links.h"

#include <algorithm>
#include <cmath>

namespace ns3::fanout
{

Micros
Neighbour::Rto() const
{
    const float base = srtt > 0 ? srtt : static_cast<float>(Links::TYPICAL_RTT);
    const float spread = srtt > 0 ? 4 * rttvar : base;
    const float rto = base + std::max(20.0f * MILLISECOND, spread);
    return std::min(static_cast<Micros>(rto), Links::LONGEST_RTO);
}

std::vector<Neighbour>::iterator
Links::Place(LinkId link)
{
    return std::lower_bound(m_neighbours.begin(),
                            m_neighbours.end(),
                            link,
                            [](const Neighbour& n, LinkId id) { return n.link < id; });
}

Neighbour*
Links::Find(LinkId link)
{
    const auto place = Place(link);
    return place != m_neighbours.end() && place->link == link ? &*place : nullptr;
}

const Neighbour*
Links::Find(LinkId link) const
{
    return const_cast<Links*>(this)->Find(link);
}

Neighbour*
Links::FindPeer(const PeerId& peer)
{
    for (auto& neighbour : m_neighbours)
    {
        if (neighbour.peer == peer)
        {
            return &neighbour;
        }
    }
    return nullptr;
}

Neighbour&
Links::Hold(LinkId link, const PeerId& peer, bool open)
{
    auto place = Place(link);
    if (place == m_neighbours.end() || place->link != link)
    {
        if (m_neighbours.size() == m_neighbours.capacity() && m_neighbours.size() < 8)
        {
            const auto at = place - m_neighbours.begin();
            m_neighbours.reserve(m_neighbours.size() + 1);
            place = m_neighbours.begin() + at;
        }
        Neighbour neighbour;
        neighbour.link = link;
        neighbour.budget = INPUT_BURST;
        place = m_neighbours.insert(place, neighbour);
    }
    if (!place->peer)
    {
        place->peer = peer;
    }
    place->open = place->open || open;
    place->holds++;
    return *place;
}

bool
Links::Release(LinkId link)
{
    const auto place = Place(link);
    if (place == m_neighbours.end() || place->link != link)
    {
        return false;
    }
    if (--place->holds > 0)
    {
        return false;
    }
    m_neighbours.erase(place);
    if (m_neighbours.size() < 8)
    {
        m_neighbours.shrink_to_fit();
    }
    return true;
}

void
Links::Drop(LinkId link)
{
    const auto place = Place(link);
    if (place != m_neighbours.end() && place->link == link)
    {
        m_neighbours.erase(place);
    }
}

void
Links::Sample(Neighbour& neighbour, Micros rtt)
{
    const auto sample = static_cast<float>(std::max<Micros>(rtt, 1));
    if (neighbour.srtt <= 0)
    {
        neighbour.srtt = sample;
        neighbour.rttvar = sample / 4;
    }
    else
    {
        neighbour.rttvar += (std::fabs(sample - neighbour.srtt) - neighbour.rttvar) / 4;
        neighbour.srtt += (sample - neighbour.srtt) / 8;
    }
    m_typicalRtt += (sample - m_typicalRtt) / 4;
}

Micros
Links::RttOf(const Neighbour* neighbour) const
{
    return static_cast<Micros>(neighbour && neighbour->srtt > 0 ? neighbour->srtt : m_typicalRtt);
}

bool
Links::Admit(Neighbour& neighbour, Micros now)
{
    const float earned = static_cast<float>(now - neighbour.budgetAt) * (INPUT_PER_SECOND / SECOND);
    neighbour.budget = std::min(INPUT_BURST, neighbour.budget + earned);
    neighbour.budgetAt = now;
    if (neighbour.budget < 1)
    {
        return false;
    }
    neighbour.budget -= 1;
    return true;
}

} // namespace ns3::fanout
