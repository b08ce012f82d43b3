/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-links.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

std::size_t
Links::Place(LinkId link) const
{
    const LinkId* begin = m_ids.get();
    return static_cast<std::size_t>(std::lower_bound(begin, begin + m_others.size(), link) - begin);
}

Neighbour*
Links::FindOther(LinkId link)
{
    const std::size_t place = Place(link);
    return place < m_others.size() && m_ids[place] == link ? &m_others[place] : nullptr;
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

void
Links::ResizeIds()
{
    std::unique_ptr<LinkId[]> ids(m_others.capacity() > 0 ? new LinkId[m_others.capacity()]
                                                          : nullptr);
    std::copy_n(m_ids.get(), m_others.size(), ids.get());
    m_ids = std::move(ids);
}

Neighbour&
Links::Insert(const Neighbour& neighbour)
{
    const std::size_t n = m_others.size();
    // A relay has a few links more than children: a vector that doubles would be half empty.
    if (n == m_others.capacity())
    {
        m_others.reserve(n + 1 + n / 8);
        ResizeIds();
    }
    const std::size_t place = Place(neighbour.link);
    std::copy_backward(&m_ids[place], &m_ids[n], &m_ids[n] + 1);
    m_ids[place] = neighbour.link;
    return *m_others.insert(m_others.begin() + static_cast<std::ptrdiff_t>(place), neighbour);
}

Neighbour
Links::Take(std::size_t place)
{
    const Neighbour taken = m_others[place];
    std::copy(&m_ids[place] + 1, &m_ids[0] + m_others.size(), &m_ids[place]);
    m_others.erase(m_others.begin() + static_cast<std::ptrdiff_t>(place));
    if (m_others.size() < 8)
    {
        m_others.shrink_to_fit();
        ResizeIds();
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
        m_first = m_others.empty() ? Neighbour() : Take(m_others.size() - 1);
        return;
    }
    if (FindOther(link))
    {
        Take(Place(link));
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
