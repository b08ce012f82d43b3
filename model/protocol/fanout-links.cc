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
    return std::lower_bound(m_others.begin(),
                            m_others.end(),
                            link,
                            [](const Neighbour& n, LinkId id) { return n.link < id; });
}

Neighbour*
Links::FindOther(LinkId link)
{
    const auto place = Place(link);
    return place != m_others.end() && place->link == link ? &*place : nullptr;
}

Neighbour*
Links::FindPeer(const PeerId& peer)
{
    if (m_first.link != NO_LINK && m_first.peer == peer)
    {
        return &m_first;
    }
    for (auto& neighbour : m_others)
    {
        if (neighbour.peer == peer)
        {
            return &neighbour;
        }
    }
    return nullptr;
}

Neighbour&
Links::Insert(const Neighbour& neighbour)
{
    // A relay has a few links more than children: a vector that doubles would be half empty.
    if (m_others.size() == m_others.capacity())
    {
        m_others.reserve(m_others.size() + 1 + m_others.size() / 8);
    }
    return *m_others.insert(Place(neighbour.link), neighbour);
}

Neighbour
Links::Take(std::vector<Neighbour>::iterator place)
{
    const Neighbour taken = *place;
    m_others.erase(place);
    if (m_others.size() < 8)
    {
        m_others.shrink_to_fit();
    }
    return taken;
}

Neighbour&
Links::Hold(LinkId link, const PeerId& peer, bool open)
{
    Neighbour* held = Find(link);
    if (!held)
    {
        Neighbour neighbour;
        neighbour.link = link;
        neighbour.budget = INPUT_BURST;
        const bool first = m_first.link == NO_LINK;
        m_first = first ? neighbour : m_first;
        held = first ? &m_first : &Insert(neighbour);
    }
    if (!held->peer)
    {
        held->peer = peer;
    }
    held->open = held->open || open;
    held->holds++;
    return *held;
}

bool
Links::Release(LinkId link)
{
    Neighbour* held = Find(link);
    if (!held || --held->holds > 0)
    {
        return false;
    }
    Drop(link);
    return true;
}

void
Links::Drop(LinkId link)
{
    if (link == NO_LINK)
    {
        return;
    }
    if (link == m_first.link)
    {
        m_first = m_others.empty() ? Neighbour() : Take(m_others.end() - 1);
        return;
    }
    const auto place = Place(link);
    if (place != m_others.end() && place->link == link)
    {
        Take(place);
    }
}

void
Links::Prefer(LinkId link)
{
    if (FindOther(link))
    {
        const Neighbour former = m_first;
        m_first = Take(Place(link));
        Insert(former);
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
