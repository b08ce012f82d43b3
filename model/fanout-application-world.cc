/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-application.h"

#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutApplicationWorld");

// ---- inputs ----

void
FanoutApplication::Input(const std::function<void()>& input)
{
    m_now = Simulator::Now().GetMicroSeconds();
    try
    {
        input();
        FinishInput();
    }
    catch (...)
    {
        // What is left would be taken for another peer's.
        m_run->GetCommons().outbox.clear();
        throw;
    }
}

template <typename F>
void
FanoutApplication::TransportInput(F input)
{
    if (!m_up)
    {
        return;
    }
    // An observer may drop the last reference.
    const Ptr<FanoutApplication> self(IsOnlyNoted() ? nullptr : this);
    m_now = m_transport->GetNow();
    const bool outer = std::exchange(m_inTransport, true);
    input();
    FinishInput();
    m_inTransport = outer;
}

void
FanoutApplication::FinishInput()
{
    auto& outbox = m_run->GetCommons().outbox;
    if (outbox.empty())
    {
        return;
    }
    auto* delivered = std::get_if<fanout::DeliverEvent>(&outbox.front());
    if (delivered && outbox.size() == 1 && IsOnlyNoted())
    {
        Stamp(*delivered);
        m_sink->NoteDeliver(*delivered);
        outbox.clear();
        return;
    }
    for (auto& event : outbox)
    {
        if (const auto join = std::get_if<fanout::JoinEvent>(&event))
        {
            m_everJoined |= join->step == fanout::JoinEvent::Step::ATTACHED;
        }
        std::visit([this](auto& e) { Stamp(e); }, event);
    }
    if (IsOnlyNoted())
    {
        for (const auto& event : outbox)
        {
            TellEvent(event);
        }
    }
    else if (m_sink || m_traces)
    {
        m_run->Tell(*this);
    }
    outbox.clear();
}

bool
FanoutApplication::IsOnlyNoted() const
{
    return m_onlyNoted && !m_traces && !m_run->IsTelling();
}

void
FanoutApplication::Stamp(fanout::EventBase& event) const
{
    event.self = m_index;
    event.node = m_nodeId;
    event.time = m_now;
}

// ---- what the network says ----

void
FanoutApplication::Receive(fanout::LinkId link, const fanout::FrameRef& frame)
{
    TransportInput([&] { DoReceive(link, frame); });
}

void
FanoutApplication::Opened(fanout::LinkId link)
{
    TransportInput([&] { DoOpened(link); });
}

void
FanoutApplication::Closed(fanout::LinkId link)
{
    TransportInput([&] { DoClosed(link); });
}

void
FanoutApplication::Writable(fanout::LinkId link)
{
    TransportInput([&] { DoWritable(link); });
}

// ---- the world ----

fanout::Micros
FanoutApplication::Now() const
{
    return m_now;
}

fanout::SendResult
FanoutApplication::Send(fanout::LinkId link, const fanout::FrameRef& frame)
{
    return m_transport->Send(link, frame);
}

fanout::DialResult
FanoutApplication::Dial(const fanout::Endpoint& endpoint)
{
    return m_transport->Dial(endpoint);
}

void
FanoutApplication::HangUp(fanout::LinkId link)
{
    m_transport->HangUp(link);
}

std::uint32_t
FanoutApplication::OverheadBytes() const
{
    return m_transport->GetOverheadBytes();
}

fanout::Endpoint
FanoutApplication::LocalEndpoint() const
{
    return m_transport->GetLocalEndpoint();
}

fanout::Endpoint
FanoutApplication::RemoteEndpoint(fanout::LinkId link) const
{
    return m_transport->GetRemoteEndpoint(link);
}

void
FanoutApplication::WakeAt(fanout::Micros when)
{
    m_transport->WakeAt(when);
}

void
FanoutApplication::Wake()
{
    if (!m_up)
    {
        return;
    }
    m_now = m_transport->GetNow();
    DoTick();
    FinishInput();
}

} // namespace ns3
