/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tcp-transport.h"

#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

using fanout::LinkId;
using fanout::Micros;
using fanout::TcpHello;

NS_LOG_COMPONENT_DEFINE("FanoutTcpTransportConnections");

namespace
{

Micros
MicrosNow()
{
    return Simulator::Now().GetMicroSeconds();
}

} // namespace

// ---- connections ----

void
FanoutTcpTransport::HandleFrame(const Ptr<Connection>& c, fanout::ByteView bytes)
{
    if (c->state == Connection::State::GREETING)
    {
        HandleHello(c, bytes);
        return;
    }
    const fanout::FrameRef frame = GetFrameStore().Intern(bytes);
    if (!frame)
    {
        Refuse(c, m_counters.malformed);
        return;
    }
    m_counters.receivedFrames++;
    Deliver(c->link, frame);
}

void
FanoutTcpTransport::HandleHello(const Ptr<Connection>& c, fanout::ByteView bytes)
{
    const auto hello = TcpHello::Read(bytes);
    if (!hello || !IsWelcome(*c, *hello))
    {
        Refuse(c, m_counters.badHellos);
        return;
    }
    const fanout::PeerId peer = fanout::PeerIdOf(hello->key);
    Link* link = m_links.FindPlace(hello->listen.ip, hello->listen.port);
    const bool known = link && link->peer;
    if (peer == m_self || (known && link->peer != peer))
    {
        Refuse(c, m_counters.wrongKeys);
        return;
    }
    if (!link && m_links.GetN() >= m_maxLinks)
    {
        Refuse(c, m_counters.tooMany);
        return;
    }
    link = Replace(link, *c);
    if (!link)
    {
        link = m_links.Add(hello->listen.ip, hello->listen.port);
    }
    if (!link)
    {
        Refuse(c, m_counters.tooMany);
        return;
    }
    Join(c, link, peer);
}

bool
FanoutTcpTransport::IsWelcome(const Connection& c, const TcpHello& hello)
{
    Address address;
    c.socket->GetPeerName(address);
    const auto from = InetSocketAddress::ConvertFrom(address);
    return hello.listen.ip == from.GetIpv4().Get() &&
           (!c.dialled || hello.listen.port == from.GetPort()) && hello.Verify(*m_scheme);
}

FanoutTcpTransport::Link*
FanoutTcpTransport::Replace(Link* link, const Connection& c)
{
    if (!link || c.dialled)
    {
        return link;
    }
    if (link->other && !link->other->dialled)
    {
        const Ptr<Connection> old = link->other;
        link->other = nullptr;
        Refuse(old, m_counters.replaced);
    }
    else if (link->main && !link->main->dialled)
    {
        const fanout::Endpoint place = GetRemoteEndpoint(link->id);
        const Ptr<Connection> old = link->main;
        Refuse(old, m_counters.replaced);
        // The handler may have dialled, or stopped all.
        return m_links.FindPlace(place.ip, place.port);
    }
    return link;
}

void
FanoutTcpTransport::Join(const Ptr<Connection>& c, Link* link, const fanout::PeerId& peer)
{
    const LinkId id = link->id;
    const bool opens = !link->open;
    const bool dialled = link->main != nullptr;
    m_strangers -= c->dialled ? 0 : 1;
    m_counters.ready++;
    c->state = Connection::State::READY;
    c->since = MicrosNow();
    c->usedAt = c->since;
    c->link = id;
    link->peer = peer;
    link->open = true;
    if (!link->main || link->main == c)
    {
        link->main = c;
    }
    else
    {
        Settle(*link, c);
    }
    c->Flush();
    Arm(*c);
    if (opens && dialled && GetHandler())
    {
        GetHandler()->Opened(id);
    }
    link = m_links.Find(id);
    if (link)
    {
        TellWritable(link->main);
    }
}

void
FanoutTcpTransport::Settle(Link& link, const Ptr<Connection>& c)
{
    const Ptr<Connection> old = link.Beside(c);
    if (old->state != Connection::State::READY)
    {
        // The own dial is still on its way; this one carries frames until it is there.
        old->MoveWaiting(*c);
        link.main = c;
        link.other = old;
        return;
    }
    m_counters.settled++;
    const bool mine = m_self < link.peer;
    const Ptr<Connection> winner = c->dialled == mine ? c : old;
    const Ptr<Connection> loser = winner == c ? old : c;
    link.main = winner;
    link.other = loser;
    if (loser->dialled)
    {
        LetGo(loser);
    }
}

void
FanoutTcpTransport::TellWritable(const Ptr<Connection>& c)
{
    Link* link = m_links.Find(c->link);
    if (link && link->main == c && link->blocked && !c->IsWaiting())
    {
        link->blocked = false;
        if (GetHandler())
        {
            GetHandler()->Writable(c->link);
        }
    }
}

void
FanoutTcpTransport::Lose(const Ptr<Connection>& c)
{
    Forget(c);
    LeaveLink(c);
}

void
FanoutTcpTransport::LeaveLink(const Ptr<Connection>& c)
{
    const LinkId id = c->link;
    Link* link = id == fanout::NO_LINK ? nullptr : m_links.Find(id);
    if (!link || (link->main != c && link->other != c))
    {
        return;
    }
    const Ptr<Connection> left = link->Beside(c);
    if (left && (link->other == c || !left->leaving))
    {
        link->main = left;
        link->other = nullptr;
        TellWritable(left);
        return;
    }
    m_links.Remove(id);
    if (left)
    {
        Close(left);
    }
    if (GetHandler())
    {
        GetHandler()->Closed(id);
    }
}

void
FanoutTcpTransport::Refuse(const Ptr<Connection>& c, uint64_t& counter)
{
    counter++;
    NS_LOG_INFO("connection " << c->serial << " of " << GetLocalEndpoint().ToText() << " is reset");
    c->socket->Reset();
    Lose(c);
}

void
FanoutTcpTransport::Close(const Ptr<Connection>& c)
{
    if (c->state != Connection::State::READY)
    {
        c->DropWaiting();
    }
    m_strangers -= c->state == Connection::State::GREETING && !c->dialled ? 1 : 0;
    c->state = Connection::State::CLOSING;
    c->since = MicrosNow();
    c->Flush();
    CloseIfSent(*c);
    Arm(*c);
}

void
FanoutTcpTransport::LetGo(const Ptr<Connection>& c)
{
    c->leaving = true;
    c->since = MicrosNow();
    CloseIfSent(*c);
    Arm(*c);
}

void
FanoutTcpTransport::CloseIfSent(Connection& c)
{
    if (!c.IsWaiting())
    {
        c.socket->Close();
    }
}

void
FanoutTcpTransport::Forget(const Ptr<Connection>& c)
{
    if (c->state == Connection::State::GONE)
    {
        return;
    }
    m_strangers -= c->state == Connection::State::GREETING && !c->dialled ? 1 : 0;
    c->state = Connection::State::GONE;
    c->DropWaiting();
    c->socket->Silence();
    m_connections.erase(c->serial);
}

// ---- deadlines ----

Micros
FanoutTcpTransport::DeadlineOf(const Connection& c) const
{
    switch (c.state)
    {
    case Connection::State::GREETING:
        return c.since + m_helloTimeout.GetMicroSeconds();
    case Connection::State::CLOSING:
        return c.since + m_closeTimeout.GetMicroSeconds();
    case Connection::State::READY:
        break;
    case Connection::State::GONE:
        return fanout::NEVER;
    }
    if (c.leaving)
    {
        return c.since + m_closeTimeout.GetMicroSeconds();
    }
    const Micros idle = c.dialled ? fanout::NEVER : c.usedAt + m_idleTimeout.GetMicroSeconds();
    return c.stream.IsPartial() ? std::min(idle, c.usedAt + m_stallTimeout.GetMicroSeconds())
                                : idle;
}

void
FanoutTcpTransport::Arm(Connection& c)
{
    const Micros deadline = DeadlineOf(c);
    if (deadline < c.armed)
    {
        c.armed = deadline;
        m_deadlines.emplace(deadline, c.serial);
        Schedule();
    }
}

void
FanoutTcpTransport::Schedule()
{
    if (!m_deadlines.empty() && m_deadlines.top().first < m_timerAt)
    {
        m_timer.Cancel();
        m_timerAt = m_deadlines.top().first;
        m_timer = Simulator::Schedule(MicroSeconds(std::max<Micros>(0, m_timerAt - MicrosNow())),
                                      &FanoutTcpTransport::HandleTimer,
                                      this);
    }
}

void
FanoutTcpTransport::HandleTimer()
{
    const Micros now = MicrosNow();
    // Nothing is scheduled while connections are looked at: the earliest deadline is not known yet.
    m_timerAt = now;
    while (!m_deadlines.empty() && m_deadlines.top().first <= now)
    {
        const auto [deadline, serial] = m_deadlines.top();
        m_deadlines.pop();
        const auto found = m_connections.find(serial);
        if (found == m_connections.end() || found->second->armed != deadline)
        {
            continue;
        }
        const Ptr<Connection> c = found->second;
        c->armed = fanout::NEVER;
        if (DeadlineOf(*c) <= now)
        {
            Expire(c);
        }
        else
        {
            Arm(*c);
        }
    }
    m_timerAt = fanout::NEVER;
    Schedule();
}

void
FanoutTcpTransport::Expire(const Ptr<Connection>& c)
{
    if (c->state == Connection::State::CLOSING || c->leaving)
    {
        c->socket->Vanish();
        Lose(c);
    }
    else if (c->state == Connection::State::GREETING)
    {
        m_counters.failed += c->dialled ? 1 : 0;
        Refuse(c, m_counters.helloTimeouts);
    }
    else if (c->stream.IsPartial() && c->usedAt + m_stallTimeout.GetMicroSeconds() <= MicrosNow())
    {
        Refuse(c, m_counters.stalled);
    }
    else
    {
        m_counters.idle++;
        Close(c);
        LeaveLink(c);
    }
}

} // namespace ns3
