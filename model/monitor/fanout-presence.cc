/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-presence.h"

#include <algorithm>
#include <limits>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FanoutPresence);

TypeId
FanoutPresence::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutPresence")
                            .SetParent<FanoutSink>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutPresence>();
    return tid;
}

FanoutPresence::FanoutPresence() = default;

FanoutPresence::~FanoutPresence() = default;

void
FanoutPresence::DoDispose()
{
    m_peers.clear();
    FanoutSink::DoDispose();
}

void
FanoutPresence::AddPeer(Ptr<FanoutApplication> application)
{
    application->AddSink(this);
    if (!application->IsSubscriber())
    {
        return;
    }
    const std::size_t index = application->GetIndex();
    m_slots.resize(std::max(m_slots.size(), index + 1), NONE);
    m_slots[index] = static_cast<std::uint32_t>(m_peers.size());
    m_peers.push_back(application);
}

void
FanoutPresence::NotePublish(const fanout::PublishEvent& event)
{
    m_due.resize(std::max<std::size_t>(m_due.size(), std::size_t{event.seq} + 1));
    auto& due = m_due[event.seq];
    if (!due.empty())
    {
        return;
    }
    due.resize((m_peers.size() + 63) / 64 + 1);
    std::uint32_t present = 0;
    for (std::size_t slot = 0; slot < m_peers.size(); slot++)
    {
        if (m_peers[slot]->IsOnline() && m_peers[slot]->GetStatus().open)
        {
            due[slot / 64] |= std::uint64_t{1} << slot % 64;
            present++;
        }
    }
    m_published++;
    m_expected += present;
    m_most = std::max(m_most, present);
    m_least = std::min(m_least, present);
}

void
FanoutPresence::NoteDeliver(const fanout::DeliverEvent& event)
{
    const auto slot = event.self < m_slots.size() ? m_slots[event.self] : NONE;
    if (slot == NONE || event.seq >= m_due.size() || m_due[event.seq].empty())
    {
        return;
    }
    auto& word = m_due[event.seq][slot / 64];
    const auto bit = std::uint64_t{1} << slot % 64;
    m_delivered += (word & bit) != 0 ? 1 : 0;
    word &= ~bit;
}

void
FanoutPresence::Report(FanoutReport& report) const
{
    constexpr double NOT_DEFINED = std::numeric_limits<double>::quiet_NaN();
    const auto ratio = [](double part, double whole)
    { return whole > 0 ? part / whole : NOT_DEFINED; };
    const auto expected = static_cast<double>(m_expected);
    const bool any = m_published > 0;
    report.Begin("presence");
    report.SetNumber("onlineMean", ratio(expected, static_cast<double>(m_published)));
    report.SetNumber("onlineLeast", any ? m_least : NOT_DEFINED);
    report.SetNumber("onlineMost", any ? m_most : NOT_DEFINED);
    report.SetNumber("onlineSwing", any ? ratio(m_most, m_least) : NOT_DEFINED);
    report.SetCount("expectedOnline", m_expected);
    report.SetCount("deliveredOnline", m_delivered);
    report.SetNumber("deliveredOnlinePct",
                     100 * ratio(static_cast<double>(m_delivered), expected),
                     "%");
}

} // namespace ns3
