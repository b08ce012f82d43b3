/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Random histories of moving peers: the graph of edges that both ends believe in never has a cycle.
// 40,000 histories in a build with NDEBUG, 4,000 otherwise (Debug, sanitizers); the environment
// variable FANOUT_CYCLE_HISTORIES=40000 asks for a number, FANOUT_CYCLE_SEED for the first seed.

#include "ns3/fanout-position.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-time.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <queue>
#include <string>

namespace ns3::fanout
{
namespace
{

constexpr Micros LEASE = 1200 * MILLISECOND; // short, so that one-sided edges are common
constexpr Micros LENGTH = 6 * SECOND;        // of a history
constexpr std::size_t NOBODY = ~std::size_t{0};

const PeerId&
IdOf(std::size_t index)
{
    static std::map<std::size_t, PeerId> ids;
    PeerId& id = ids[index];
    id.digest[7] = static_cast<std::uint8_t>(index + 1);
    id.digest[31] = static_cast<std::uint8_t>(0xa0 + index);
    return id;
}

std::size_t
IndexOf(const PeerId& id)
{
    return id ? id.digest[7] - 1u : NOBODY;
}

enum class Say
{
    JOIN,
    ACCEPT,
    REJECT,
    LEAVE,
    KICK,
    POSITION,
    ALIVE,
    ANCHOR
};

struct Message
{
    Say say{Say::ALIVE};
    std::size_t from{0};
    std::size_t to{0};
    std::uint32_t request{0};
    bool hasChildren{false};
    bool notFeasible{false};
    std::uint32_t need{0};
    std::optional<PositionKey> key;
    std::uint16_t level{0};
    std::vector<PeerId> path;
    PositionUpdate update;
};

struct Node
{
    explicit Node(std::size_t index)
        : position(&IdOf(index))
    {
    }

    Position position;
    std::map<std::size_t, Micros> children; // when heard last
    std::size_t capacity{0};
    bool old{false}; // knows no keys and moves without children only
    std::size_t asked{NOBODY};
    std::uint32_t request{0};
    Micros askedUntil{0};
    Micros heardParent{0};
    Micros heldUntil{0};
    std::uint32_t serial{0};
};

enum class Rule
{
    FEASIBLE,
    PATH_ONLY
};

struct Outcome
{
    std::uint64_t moves{0};
    std::uint64_t movesWithChildren{0};
    std::uint64_t cycles{0};
    std::uint64_t orderBroken{0};
    std::uint64_t feasibleShrank{0};
    std::uint64_t keyFell{0};
    std::uint64_t anchorsRaised{0};
    std::uint64_t dissolved{0};
    std::uint64_t attachedAtEnd{0};
    std::uint64_t peers{0};
    std::string first; // what went wrong first

    void
    Add(const Outcome& other)
    {
        moves += other.moves;
        movesWithChildren += other.movesWithChildren;
        cycles += other.cycles;
        orderBroken += other.orderBroken;
        feasibleShrank += other.feasibleShrank;
        keyFell += other.keyFell;
        anchorsRaised += other.anchorsRaised;
        dissolved += other.dissolved;
        attachedAtEnd += other.attachedAtEnd;
        peers += other.peers;
        if (first.empty())
        {
            first = other.first;
        }
    }
};

/// One random life of a small tree.
class History
{
  public:
    History(std::uint64_t seed, Rule rule)
        : m_seed(seed),
          m_rule(rule),
          m_random(seed, 1, 1)
    {
        const std::size_t peers = 6 + m_random.Below(20);
        m_loss = m_random.Uniform() * 0.2;
        m_slowest = 20 + static_cast<Micros>(m_random.Below(381));
        m_inOrder = m_random.Below(2) == 0;
        const bool mixed = m_rule == Rule::FEASIBLE && m_random.Below(8) == 0;
        for (std::size_t i = 0; i < peers; i++)
        {
            m_nodes.emplace_back(i);
            m_nodes[i].capacity = i == 0 ? 2 : m_random.Below(5);
            m_nodes[i].old = mixed && i > 0 && m_random.Below(4) == 0;
        }
        m_nodes[0].position.BecomeRoot();
        m_lastArrival.assign(peers * peers, 0);
        for (std::size_t i = 0; i < peers; i++)
        {
            m_timers.push({static_cast<Micros>(m_random.Below(300 * MILLISECOND)), m_order++, i});
        }
    }

    Outcome
    Run()
    {
        while (m_now < LENGTH)
        {
            const bool timer = m_mail.empty() || m_timers.top() < m_mail.top();
            const Due due = timer ? m_timers.top() : m_mail.top();
            (timer ? m_timers : m_mail).pop();
            m_now = due.at;
            Message message;
            if (!timer)
            {
                message = std::move(m_messages[due.index]);
                m_freeMessages.push_back(due.index);
            }
            const std::size_t who = timer ? due.index : message.to;
            const bool hadChildren = HasChildren(m_nodes[who]);
            const bool wasInCycle = m_rule == Rule::PATH_ONLY && IsInCycle(who);
            const PositionKey before = m_nodes[who].position.Feasible();
            timer ? Act(who) : Hear(m_nodes[who], who, message);
            Check(who, wasInCycle, hadChildren && HasChildren(m_nodes[who]), before);
            if (timer)
            {
                m_timers.push(
                    {m_now + static_cast<Micros>((60 + m_random.Below(240)) * MILLISECOND),
                     m_order++,
                     who});
            }
        }
        for (const auto& node : m_nodes)
        {
            m_outcome.peers++;
            m_outcome.attachedAtEnd += node.position.IsAttached();
        }
        return m_outcome;
    }

  private:
    struct Due
    {
        Micros at;
        std::uint64_t order;
        std::size_t index;

        bool
        operator<(const Due& other) const
        {
            return at != other.at ? at < other.at : order < other.order;
        }

        bool
        operator>(const Due& other) const
        {
            return other < *this;
        }
    };

    using Agenda = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

    static bool
    HasChildren(const Node& node)
    {
        return !node.children.empty();
    }

    // What the rule is told of children: without it, a path check is all that is left.
    bool
    Counts(const Node& node) const
    {
        return m_rule == Rule::FEASIBLE && HasChildren(node);
    }

    void
    Send(Message message)
    {
        if (m_random.Uniform() < m_loss)
        {
            return;
        }
        Micros& last = m_lastArrival[message.from * m_nodes.size() + message.to];
        const auto delay =
            static_cast<Micros>(5 * MILLISECOND + m_random.Below(m_slowest * MILLISECOND));
        last = m_inOrder ? std::max(last + 1, m_now + delay) : m_now + delay;
        std::size_t slot = m_messages.size();
        if (m_freeMessages.empty())
        {
            m_messages.push_back(std::move(message));
        }
        else
        {
            slot = m_freeMessages.back();
            m_freeMessages.pop_back();
            m_messages[slot] = std::move(message);
        }
        m_mail.push({last, m_order++, slot});
    }

    void
    Tell(std::size_t who, std::size_t to, Say say)
    {
        Message message;
        message.say = say;
        message.from = who;
        message.to = to;
        Send(std::move(message));
    }

    void
    TellPosition(Node& node, std::size_t who)
    {
        if (node.old || !node.position.IsAttached() || !node.position.Key())
        {
            return;
        }
        node.serial++;
        for (const auto& [child, heard] : node.children)
        {
            Message message;
            message.say = Say::POSITION;
            message.from = who;
            message.to = child;
            const PositionKey key = node.position.Tell();
            message.update.serial = node.serial;
            message.update.anchor = key.anchor;
            message.update.level = key.level;
            message.update.path = node.position.PrefixesWithSelf();
            Send(std::move(message));
        }
    }

    void
    Dissolve(Node& node, std::size_t who)
    {
        for (const auto& [child, heard] : node.children)
        {
            Tell(who, child, Say::KICK);
        }
        m_outcome.dissolved += HasChildren(node);
        node.children.clear();
    }

    void
    LoseParent(Node& node, std::size_t who)
    {
        const bool hold = HasChildren(node) && !node.old && m_random.Below(4) != 0;
        if (!hold && HasChildren(node))
        {
            Dissolve(node, who);
        }
        node.position.Lose(hold);
        node.heldUntil = m_now + static_cast<Micros>(m_random.Below(1500) * MILLISECOND);
    }

    void
    Ask(Node& node, std::size_t who)
    {
        std::size_t to = m_random.Below(m_nodes.size());
        for (int i = 0; i < 2 && !m_nodes[to].position.IsAttached(); i++)
        {
            to = m_random.Below(m_nodes.size());
        }
        if (to == who || to == IndexOf(node.position.Parent()) || (node.old && HasChildren(node)))
        {
            return;
        }
        Message message;
        message.say = Say::JOIN;
        message.from = who;
        message.to = to;
        message.request = ++m_request;
        message.hasChildren = HasChildren(node);
        message.key = node.position.Feasible();
        node.asked = to;
        node.request = message.request;
        node.askedUntil = m_now + static_cast<Micros>((100 + m_random.Below(700)) * MILLISECOND);
        Send(std::move(message));
    }

    void
    Restart(Node& node, std::size_t who)
    {
        node.position = Position(&IdOf(who));
        node.children.clear();
        node.asked = NOBODY;
    }

    void
    Act(std::size_t who)
    {
        Node& node = m_nodes[who];
        for (auto child = node.children.begin(); child != node.children.end();)
        {
            child = m_now - child->second > LEASE ? node.children.erase(child) : std::next(child);
        }
        if (m_random.Below(2) == 0)
        {
            TellPosition(node, who);
        }
        if (HasChildren(node) && m_random.Below(40) == 0)
        {
            auto child = node.children.begin();
            std::advance(child, m_random.Below(node.children.size()));
            Tell(who, child->first, Say::KICK);
            node.children.erase(child);
        }
        if (who == 0)
        {
            return;
        }
        const Position& position = node.position;
        if (position.IsAttached())
        {
            Tell(who, IndexOf(position.Parent()), Say::ALIVE);
            const auto dice = m_random.Below(80);
            if (m_now - node.heardParent > LEASE || dice == 0)
            {
                Tell(who, IndexOf(position.Parent()), Say::LEAVE);
                LoseParent(node, who);
            }
            else if (dice == 1)
            {
                Restart(node, who);
            }
        }
        if (position.GetState() == Position::State::HELD && m_now > node.heldUntil)
        {
            Dissolve(node, who);
            node.position.Lose(false);
        }
        if (node.asked != NOBODY && m_now > node.askedUntil)
        {
            node.asked = NOBODY;
        }
        if (node.asked == NOBODY && (!position.IsAttached() || m_random.Below(3) == 0))
        {
            Ask(node, who);
        }
    }

    void
    Hear(Node& node, std::size_t who, const Message& message)
    {
        const bool fromParent = IndexOf(node.position.Parent()) == message.from;
        switch (message.say)
        {
        case Say::JOIN:
            HearJoin(node, who, message);
            break;
        case Say::ACCEPT:
            HearAccept(node, who, message);
            break;
        case Say::REJECT:
            if (node.asked == message.from && node.request == message.request)
            {
                node.asked = NOBODY;
                AskForAnchor(node, who, message.from, message.notFeasible);
            }
            break;
        case Say::LEAVE:
            node.children.erase(message.from);
            break;
        case Say::KICK:
            if (fromParent)
            {
                LoseParent(node, who);
            }
            break;
        case Say::POSITION:
            HearPosition(node, who, message, fromParent);
            break;
        case Say::ALIVE:
            if (auto child = node.children.find(message.from); child != node.children.end())
            {
                child->second = m_now;
                if (node.old || !node.position.Key())
                {
                    Tell(who, message.from, Say::ALIVE);
                }
            }
            else if (fromParent)
            {
                node.heardParent = m_now;
            }
            else
            {
                Tell(who, message.from, Say::KICK);
            }
            break;
        case Say::ANCHOR:
            HearAnchor(node, who, message);
            break;
        }
    }

    void
    HearJoin(Node& node, std::size_t who, const Message& message)
    {
        Message answer;
        answer.from = who;
        answer.to = message.from;
        answer.request = message.request;
        answer.say = Say::REJECT;
        const bool room =
            node.children.count(message.from) > 0 || node.children.size() < node.capacity;
        const bool fits =
            node.old ||
            node.position.MayAdmit(m_rule == Rule::FEASIBLE && message.hasChildren, message.key);
        answer.notFeasible = room && node.position.IsAttached() && !fits;
        if (room && fits && node.position.IsAttached())
        {
            node.children[message.from] = m_now;
            answer.say = Say::ACCEPT;
            answer.level = node.position.Level();
            answer.path = node.position.PathWithSelf();
            if (!node.old && node.position.Key())
            {
                answer.key = node.position.Tell();
            }
        }
        Send(std::move(answer));
    }

    void
    HearAccept(Node& node, std::size_t who, const Message& message)
    {
        if (node.asked != message.from || node.request != message.request)
        {
            Tell(who, message.from, Say::LEAVE);
            return;
        }
        node.asked = NOBODY;
        ParentOffer offer;
        offer.peer = IdOf(message.from);
        offer.level = message.level;
        offer.path = message.path;
        if (!node.old)
        {
            offer.key = message.key;
        }
        const auto refusal = node.old && HasChildren(node)
                                 ? Position::Refusal::NOT_FEASIBLE
                                 : node.position.MayAdopt(offer,
                                                          IdOf(0),
                                                          Counts(node),
                                                          node.children.count(message.from) > 0);
        if (refusal != Position::Refusal::NONE)
        {
            Tell(who, message.from, Say::LEAVE);
            AskForAnchor(node, who, message.from, refusal == Position::Refusal::NOT_FEASIBLE);
            return;
        }
        const std::size_t oldParent = IndexOf(node.position.Parent());
        if (oldParent != NOBODY && oldParent != message.from)
        {
            Tell(who, oldParent, Say::LEAVE);
        }
        node.position.Adopt(offer, Counts(node));
        node.heardParent = m_now;
        m_outcome.moves++;
        m_outcome.movesWithChildren += HasChildren(node);
        TellPosition(node, who);
    }

    void
    HearPosition(Node& node, std::size_t who, const Message& message, bool fromParent)
    {
        if (!fromParent)
        {
            Tell(who, message.from, Say::LEAVE);
            return;
        }
        node.heardParent = m_now;
        if (node.old)
        {
            return;
        }
        switch (node.position.Apply(IdOf(message.from), message.update, IdOf(0)))
        {
        case Position::Applied::CHANGED:
            TellPosition(node, who);
            break;
        case Position::Applied::DETACH:
            Tell(who, message.from, Say::LEAVE);
            LoseParent(node, who);
            break;
        default:
            break;
        }
    }

    void
    AskForAnchor(Node& node, std::size_t who, std::size_t candidate, bool notFeasible)
    {
        if (notFeasible && m_random.Below(3) != 0)
        {
            Message message;
            message.say = Say::ANCHOR;
            message.from = who;
            message.to = candidate;
            message.need = node.position.Feasible().anchor + 1;
            Send(std::move(message));
        }
    }

    void
    HearAnchor(Node& node, std::size_t who, const Message& message)
    {
        if (who == 0)
        {
            if (node.position.RaiseAnchor(message.need))
            {
                m_outcome.anchorsRaised++;
                TellPosition(node, who);
            }
            return;
        }
        const auto key = node.position.Key();
        if (key && message.need > key->anchor)
        {
            Message onward = message;
            onward.from = who;
            onward.to = IndexOf(node.position.Parent());
            Send(std::move(onward));
        }
    }

    std::size_t
    MutualParent(std::size_t who) const
    {
        const std::size_t parent = IndexOf(m_nodes[who].position.Parent());
        return parent != NOBODY && m_nodes[parent].children.count(who) > 0 ? parent : NOBODY;
    }

    void
    Complain(std::uint64_t& counter, const char* what, std::size_t who)
    {
        counter++;
        if (m_outcome.first.empty())
        {
            m_outcome.first = std::string(what) + " at peer " + std::to_string(who) + ", seed " +
                              std::to_string(m_seed) + ", " + std::to_string(m_now) + " us";
        }
    }

    bool
    IsInCycle(std::size_t who) const
    {
        std::size_t at = MutualParent(who);
        for (std::size_t hops = 0; hops < m_nodes.size() && at != NOBODY && at != who; hops++)
        {
            at = MutualParent(at);
        }
        return at == who;
    }

    // Only `who` has changed, so what is new and wrong goes through it.
    void
    Check(std::size_t who, bool wasInCycle, bool keptChildren, PositionKey before)
    {
        if (!wasInCycle && IsInCycle(who))
        {
            Complain(m_outcome.cycles, "cycle", who);
        }
        if (m_rule == Rule::PATH_ONLY)
        {
            return;
        }
        const Node& node = m_nodes[who];
        if (keptChildren && node.position.Feasible() < before)
        {
            Complain(m_outcome.feasibleShrank, "feasible key shrank", who);
        }
        CheckEdge(who);
        for (const auto& [child, heard] : node.children)
        {
            CheckEdge(child);
        }
    }

    void
    CheckEdge(std::size_t child)
    {
        const std::size_t parent = MutualParent(child);
        if (parent == NOBODY || m_nodes[parent].old || m_nodes[child].old)
        {
            return;
        }
        const Position& above = m_nodes[parent].position;
        const Position& below = m_nodes[child].position;
        const bool inOrder = below.Key() ? below.Feasible() < above.Feasible()
                                         : !(above.Feasible() < below.Feasible());
        if (!inOrder)
        {
            Complain(m_outcome.orderBroken, "F(parent) <= F(child)", child);
        }
        if (above.Key() && HasChildren(m_nodes[parent]) && *above.Key() < above.Feasible())
        {
            Complain(m_outcome.keyFell, "key below what was told", parent);
        }
    }

    std::uint64_t m_seed;
    Rule m_rule;
    Random m_random;
    double m_loss{0};
    Micros m_slowest{0};
    Micros m_now{0};
    std::uint64_t m_order{0};
    std::uint32_t m_request{0};
    std::vector<Node> m_nodes;
    std::vector<Micros> m_lastArrival;
    bool m_inOrder{true}; // whether links keep the order
    std::vector<Message> m_messages;
    std::vector<std::size_t> m_freeMessages;
    Agenda m_timers;
    Agenda m_mail;
    Outcome m_outcome;
};

std::uint64_t
Setting(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::uint64_t
Histories()
{
#ifdef NDEBUG
    return Setting("FANOUT_CYCLE_HISTORIES", 40000);
#else
    return Setting("FANOUT_CYCLE_HISTORIES", 4000);
#endif
}

Outcome
RunMany(Rule rule, std::uint64_t histories)
{
    const std::uint64_t first = Setting("FANOUT_CYCLE_SEED", 1);
    Outcome sum;
    for (std::uint64_t seed = first; seed < first + histories; seed++)
    {
        sum.Add(History(seed, rule).Run());
    }
    return sum;
}

void
Print(const char* name, std::uint64_t histories, const Outcome& sum)
{
    std::cout << name << ": " << histories << " histories, " << sum.moves << " moves ("
              << sum.movesWithChildren << " with children), " << sum.cycles << " cycles, "
              << sum.anchorsRaised << " anchors raised, " << sum.dissolved
              << " subtrees let go, attached at the end " << 100 * sum.attachedAtEnd / sum.peers
              << " %\n";
}

TEST(FanoutPositionCycle, FeasibleParentsNeverMakeOne)
{
    const std::uint64_t histories = Histories();
    const Outcome sum = RunMany(Rule::FEASIBLE, histories);
    Print("feasible parents", histories, sum);
    EXPECT_EQ(sum.cycles, 0u) << sum.first;
    EXPECT_EQ(sum.orderBroken, 0u) << sum.first;
    EXPECT_EQ(sum.feasibleShrank, 0u) << sum.first;
    EXPECT_EQ(sum.keyFell, 0u) << sum.first;
    EXPECT_GT(sum.moves, 20 * histories);
    EXPECT_GT(sum.movesWithChildren, histories);
    EXPECT_GT(sum.anchorsRaised, histories / 20);
    EXPECT_GT(sum.attachedAtEnd, sum.peers / 2);
}

TEST(FanoutPositionCycle, APathCheckAloneDoes)
{
    const std::uint64_t histories = std::max<std::uint64_t>(Histories() / 10, 1000);
    const Outcome sum = RunMany(Rule::PATH_ONLY, histories);
    Print("path check alone", histories, sum);
    EXPECT_GT(sum.moves, 20 * histories);
    EXPECT_GT(sum.cycles, 0u);
}

} // namespace
} // namespace ns3::fanout
