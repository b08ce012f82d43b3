/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-text-reader.h"
#include "fanout-topology.h"

#include <algorithm>
#include <map>

namespace ns3::fanout
{

/// Reads one file into a topology.
class TopologyReader
{
  public:
    /// @param path of the file
    explicit TopologyReader(const std::string& path)
        : m_reader(path)
    {
    }

    /// @param format of the file @return what it holds
    Topology
    Read(Topology::Format format)
    {
        switch (format)
        {
        case Topology::Format::ROCKETFUEL:
            ReadRocketfuel();
            break;
        case Topology::Format::INET:
            ReadInet();
            break;
        case Topology::Format::ORBIS:
            ReadOrbis();
            break;
        }
        if (m_topology.m_links.empty())
        {
            m_reader.Fail("the file has no links", "at least 1");
        }
        Connect();
        CheckConnected();
        return std::move(m_topology);
    }

  private:
    static constexpr double LONGEST = 1e6;   ///< length of a link
    static constexpr std::size_t NAME = 200; ///< longest name of a router

    void
    ReadRocketfuel()
    {
        const auto& words = m_reader.GetWords();
        while (m_reader.Next())
        {
            m_reader.ExpectWords(3, "FROM TO WEIGHT, names without blanks");
            const auto weight = m_reader.Number(words[2], 0, LONGEST, "weight");
            const auto from = RouterOf(words[0]);
            AddLink(from, RouterOf(words[1]), weight);
        }
    }

    void
    ReadInet()
    {
        const auto& words = m_reader.GetWords();
        constexpr const char* HEADER = "ROUTERS LINKS in the first line";
        if (!m_reader.Next())
        {
            m_reader.Fail("the file has no lines", HEADER);
        }
        m_reader.ExpectWords(2, HEADER);
        const auto routers =
            m_reader.Whole(words[0], 2, Topology::MAX_ROUTERS, "number of routers");
        const auto links = m_reader.Whole(words[1], 1, Topology::MAX_LINKS, "number of links");
        const auto next = [&](const char* what, std::uint32_t i, std::uint32_t of)
        {
            if (!m_reader.Next())
            {
                m_reader.Fail("the file ends behind " + std::to_string(i) + " " + what,
                              std::to_string(of) + " of them, as the first line says");
            }
            m_reader.ExpectWords(3, "ID X Y of each router, then ID ID LENGTH of each link");
        };
        std::vector<bool> known(routers);
        for (std::uint32_t i = 0; i < routers; i++)
        {
            next("routers", i, routers);
            const auto router = m_reader.Whole(words[0], 0, routers - 1, "router");
            m_reader.Number(words[1], -1e9, 1e9, "coordinate");
            m_reader.Number(words[2], -1e9, 1e9, "coordinate");
            if (known[router])
            {
                m_reader.Fail("router " + std::to_string(router) + " is there twice", "each once");
            }
            known[router] = true;
        }
        m_topology.m_ends.resize(routers);
        for (std::uint32_t i = 0; i < links; i++)
        {
            next("links", i, links);
            const auto from = m_reader.Whole(words[0], 0, routers - 1, "router");
            const auto to = m_reader.Whole(words[1], 0, routers - 1, "router");
            AddLink(from, to, m_reader.Number(words[2], 0, LONGEST, "length"));
        }
        if (m_reader.Next())
        {
            m_reader.Fail("the file goes on behind its last link",
                          std::to_string(links) + " links, as the first line says");
        }
    }

    void
    ReadOrbis()
    {
        const auto& words = m_reader.GetWords();
        while (m_reader.Next())
        {
            m_reader.ExpectWords(2, "ID ID of each link");
            m_reader.Whole(words[0], 0, 0xffffffff, "router");
            m_reader.Whole(words[1], 0, 0xffffffff, "router");
            const auto from = RouterOf(words[0]);
            AddLink(from, RouterOf(words[1]), 1);
        }
    }

    /// @param name of a router @return its number, a new one for a new name
    std::uint32_t
    RouterOf(std::string_view name)
    {
        const auto number = m_topology.GetN();
        if (name.size() > NAME)
        {
            m_reader.Fail("a name of " + std::to_string(name.size()) + " bytes",
                          "at most " + std::to_string(NAME));
        }
        const auto [known, isNew] = m_routers.emplace(name, number);
        if (isNew)
        {
            if (number == Topology::MAX_ROUTERS)
            {
                m_reader.Fail("too many routers",
                              "at most " + std::to_string(Topology::MAX_ROUTERS));
            }
            m_topology.m_ends.emplace_back();
        }
        return known->second;
    }

    /// @param a a router @param b another one @param length of the link
    void
    AddLink(std::uint32_t a, std::uint32_t b, double length)
    {
        if (a == b)
        {
            m_reader.Fail("a link from a router to itself", "links between two routers");
        }
        auto& links = m_topology.m_links;
        const auto [known, isNew] = m_links.emplace(std::minmax(a, b), links.size());
        if (!isNew)
        {
            auto& link = links[known->second];
            link.length = (link.length + length) / 2;
            return;
        }
        if (links.size() == Topology::MAX_LINKS)
        {
            m_reader.Fail("too many links", "at most " + std::to_string(Topology::MAX_LINKS));
        }
        links.push_back({a, b, length});
    }

    /// Give links their ports.
    void
    Connect()
    {
        auto& ends = m_topology.m_ends;
        for (const auto& link : m_topology.m_links)
        {
            const auto portA = static_cast<std::uint32_t>(ends[link.a].size());
            const auto portB = static_cast<std::uint32_t>(ends[link.b].size());
            if (std::max(portA, portB) >= Topology::MAX_DEGREE)
            {
                m_reader.Fail("a router with too many links",
                              "at most " + std::to_string(Topology::MAX_DEGREE));
            }
            ends[link.a].push_back({link.b, portB, link.length});
            ends[link.b].push_back({link.a, portA, link.length});
        }
    }

    void
    CheckConnected() const
    {
        const auto& ends = m_topology.m_ends;
        std::vector<bool> seen(ends.size());
        std::vector<std::uint32_t> reached{0};
        seen[0] = true;
        for (std::size_t i = 0; i < reached.size(); i++)
        {
            for (const auto& end : ends[reached[i]])
            {
                if (!seen[end.router])
                {
                    seen[end.router] = true;
                    reached.push_back(end.router);
                }
            }
        }
        if (reached.size() != ends.size())
        {
            m_reader.Fail("the first router has a way to " + std::to_string(reached.size() - 1) +
                              " of the " + std::to_string(ends.size() - 1) + " others only",
                          "one connected network");
        }
    }

    TextReader m_reader;                                                    ///< the file
    Topology m_topology;                                                    ///< what it holds
    std::map<std::string, std::uint32_t, std::less<>> m_routers;            ///< by name
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> m_links; ///< by both ends
};

Topology
Topology::Read(const std::string& path, Format format)
{
    return TopologyReader(path).Read(format);
}

} // namespace ns3::fanout
