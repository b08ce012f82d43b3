/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-attack.h"

#include "ns3/fanout-cloud-transport.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutAttack");

/// A host that is not in the channel: it counts what comes.
class FanoutAttack::Stranger : public FanoutTransport::Handler
{
  public:
    Stranger(Ptr<Node> node, Ipv4Address address, Ptr<FanoutTransport> transport, Counters& counts)
        : m_node(node),
          m_address(address),
          m_transport(transport),
          m_counters(counts)
    {
    }

    ~Stranger() override
    {
        m_transport->SetHandler(nullptr);
        m_transport->Dispose();
    }

    void
    Listen()
    {
        if (!m_transport->IsStarted())
        {
            m_transport->SetHandler(this);
            m_transport->Start(m_node, m_address, FanoutApplication::DEFAULT_PORT);
        }
    }

    void
    Receive(fanout::LinkId, const fanout::FrameRef& frame) override
    {
        const auto bytes = frame->Wire().size() + m_transport->GetOverheadBytes();
        m_counters.answers++;
        m_counters.answerBytes += bytes;
        m_counters.answeredBytes[frame->Kind() % fanout::MAX_KINDS] += bytes;
    }

    void
    Opened(fanout::LinkId) override
    {
    }

    void
    Closed(fanout::LinkId) override
    {
    }

    void
    Writable(fanout::LinkId) override
    {
    }

    void
    Wake() override
    {
    }

  private:
    Ptr<Node> m_node;
    Ipv4Address m_address;
    Ptr<FanoutTransport> m_transport;
    Counters& m_counters;
};

FanoutAttack::FanoutAttack(const ApplicationContainer& applications)
    : m_forger(applications)
{
}

FanoutAttack::~FanoutAttack()
{
    for (auto& attacker : m_attackers)
    {
        attacker.next.Cancel();
    }
}

int64_t
FanoutAttack::AssignStreams(int64_t stream)
{
    m_forger.SetStream(stream);
    return 1;
}

void
FanoutAttack::AddStranger(Ptr<Node> node, Ipv4Address address, Ptr<FanoutTransport> transport)
{
    Attacker attacker;
    attacker.transport = transport;
    m_strangers.push_back(std::make_unique<Stranger>(node, address, transport, m_counters));
    m_attackers.push_back(std::move(attacker));
}

uint32_t
FanoutAttack::Corrupt(FanoutRole role, double fraction)
{
    if (!(fraction >= 0 && fraction <= 1))
    {
        throw std::invalid_argument("FanoutAttack: a fraction of " + std::to_string(fraction) +
                                    "; allowed are 0 to 1");
    }
    auto online = m_forger.Online(role);
    const auto count =
        static_cast<std::size_t>(std::llround(fraction * static_cast<double>(online.size())));
    for (std::size_t i = 0; i < count; i++)
    {
        std::swap(online[i], online[i + m_forger.Below(online.size() - i)]);
        const auto& run = *online[i]->GetRun();
        Attacker attacker;
        attacker.author.member = online[i];
        attacker.author.identity =
            run.GetCommons().signatures->Derive(run.GetSeed(), online[i]->GetIndex());
        attacker.author.endpoint = online[i]->GetEndpoint();
        attacker.transport = online[i]->GetTransport();
        m_attackers.push_back(std::move(attacker));
    }
    return static_cast<uint32_t>(count);
}

std::vector<Ptr<FanoutApplication>>
FanoutAttack::GetCorrupted() const
{
    std::vector<Ptr<FanoutApplication>> members;
    for (const auto& attacker : m_attackers)
    {
        if (attacker.author.member)
        {
            members.push_back(attacker.author.member);
        }
    }
    return members;
}

std::pair<bool, bool>
FanoutAttack::WhoDoes(Kind kind)
{
    return {kind == Kind::LIES || kind == Kind::MALFORMED, kind != Kind::LIES};
}

bool
FanoutAttack::Reflects(Kind kind)
{
    return kind == Kind::REFLECTION || kind == Kind::PLAIN_REFLECTION;
}

uint32_t
FanoutAttack::Begin(Kind kind, double rate, Time length)
{
    if (!(rate >= 0))
    {
        throw std::invalid_argument("FanoutAttack: a rate of " + std::to_string(rate) +
                                    " frames a second; allowed is 0 or more");
    }
    m_kind = kind;
    m_end = Simulator::Now() + length;
    m_pause = rate > 0 ? Seconds(1 / rate) : Time::Max();
    m_forger.Survey();
    for (std::size_t i = 0; i < m_strangers.size(); i++)
    {
        m_attackers[i].author.identity = m_forger.MakeIdentity(i, *m_attackers[i].transport);
        m_strangers[i]->Listen();
        m_attackers[i].author.endpoint = m_attackers[i].transport->GetLocalEndpoint();
    }
    const auto [members, strangers] = WhoDoes(kind);
    uint32_t count = 0;
    for (std::size_t i = 0; i < m_attackers.size(); i++)
    {
        const bool member = m_attackers[i].author.member != nullptr;
        const bool victim = Reflects(kind) && !member && i % 2 == 1;
        if (victim || !(member ? members : strangers))
        {
            continue;
        }
        count++;
        if (rate > 0)
        {
            m_attackers[i].next = Simulator::Schedule(Seconds(m_forger.Uniform() / rate),
                                                      &FanoutAttack::Strike,
                                                      this,
                                                      i);
        }
    }
    if (count == 0 || (Reflects(kind) && m_strangers.size() < 2))
    {
        throw std::invalid_argument(
            kind == Kind::LIES ? "FanoutAttack: nobody was corrupted; Corrupt comes first"
                               : "FanoutAttack: too few strangers; AddStranger comes first, twice "
                                 "for reflection");
    }
    return count;
}

FanoutForger::Shot
FanoutAttack::Aim(std::size_t attacker)
{
    auto& author = m_attackers[attacker].author;
    switch (m_kind)
    {
    case Kind::LIES:
        return m_forger.Lie(author);
    case Kind::FORGERIES:
        return m_forger.Forge(author);
    case Kind::FLOOD:
        return m_forger.Flood(author);
    case Kind::SYBILS:
        return m_forger.Invent(author);
    case Kind::REFLECTION:
    case Kind::PLAIN_REFLECTION:
    {
        const auto victim = attacker + 1 < m_strangers.size() ? attacker + 1 : 1;
        return m_forger.Reflect(author,
                                m_attackers[victim].author.endpoint,
                                m_kind == Kind::REFLECTION);
    }
    case Kind::MALFORMED:
        break;
    }
    return m_forger.Malform(author);
}

void
FanoutAttack::Strike(std::size_t attacker)
{
    if (Simulator::Now() >= m_end)
    {
        return;
    }
    const auto& member = m_attackers[attacker].author.member;
    if (!member || member->IsOnline())
    {
        const auto shot = Aim(attacker);
        if (shot.frame && shot.to)
        {
            Send(m_attackers[attacker], shot);
        }
    }
    m_attackers[attacker].next =
        Simulator::Schedule(m_pause, &FanoutAttack::Strike, this, attacker);
}

void
FanoutAttack::Send(const Attacker& attacker, const FanoutForger::Shot& shot)
{
    const auto& transport = attacker.transport;
    const auto bytes = shot.frame->Wire().size() + transport->GetOverheadBytes();
    bool taken = false;
    if (auto* cloud =
            shot.claimed ? dynamic_cast<FanoutCloudTransport*>(PeekPointer(transport)) : nullptr)
    {
        taken = cloud->SendAs(shot.claimed, shot.to, shot.frame);
    }
    else if (!shot.claimed || !Reflects(m_kind))
    {
        const auto dialled = transport->Dial(shot.to);
        taken = dialled.state != fanout::DialState::REFUSED &&
                transport->Send(dialled.link, shot.frame) == fanout::SendResult::ACCEPTED;
    }
    if (!taken)
    {
        m_counters.refused++;
        return;
    }
    NS_LOG_LOGIC(shot.claimed.ToText()
                 << " -> " << shot.to.ToText() << " " << fanout::NameOf(shot.frame->Kind()));
    m_counters.frames++;
    m_counters.bytes += bytes;
    m_counters.sentBytes[shot.frame->Kind() % fanout::MAX_KINDS] += bytes;
}

const FanoutAttack::Counters&
FanoutAttack::GetCounters() const
{
    return m_counters;
}

} // namespace ns3
