/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TOPOLOGY_H
#define FANOUT_TOPOLOGY_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Routers and links of a topology file, and the shortest paths over them. Links go both ways; a
 * link that is there twice has the mean of both lengths.
 */
class Topology
{
  public:
    static constexpr std::uint32_t MAX_ROUTERS = 5000;       ///< of a file
    static constexpr std::size_t MAX_LINKS = 100000;         ///< of a file
    static constexpr std::uint32_t NO_PORT = 0xffff;         ///< no way
    static constexpr std::uint32_t MAX_DEGREE = NO_PORT - 1; ///< links of a router

    /// Whose file it is.
    enum class Format : std::uint8_t
    {
        ROCKETFUEL, ///< weights: "FROM TO WEIGHT", a name of a router ends before a blank
        INET,       ///< "ROUTERS LINKS", then "ID X Y" each, then "ID ID LENGTH" each
        ORBIS       ///< "ID ID", no lengths: all are 1
    };

    /// Two routers.
    struct Link
    {
        std::uint32_t a{0}; ///< one
        std::uint32_t b{0}; ///< other
        double length{0};   ///< weight, distance or 1, as the file says
    };

    /// @param text "rocketfuel", "inet" or "orbis" @return the format, or none
    static std::optional<Format> FormatFromText(std::string_view text);

    /**
     * @param format of a file
     * @return one-way delay of a link of length 1, seconds. ROCKETFUEL 1 ms: the weights were
     * inferred for routes, and grow with distance. INET 5 us: lengths are taken for kilometres of
     * fibre. ORBIS 5 ms
     */
    static double UnitSeconds(Format format);

    /**
     * Read a file. @param path of it @param format whose it is @return its routers and links
     * @throws std::invalid_argument with file, line, what is wrong and what is allowed; also when
     * there are more than MAX_ROUTERS, MAX_LINKS or MAX_DEGREE, no links, or routers without a way
     * between them
     */
    static Topology Read(const std::string& path, Format format);

    /// @return number of routers
    std::uint32_t GetN() const;

    /// @return the links: one takes the next free port at both its ends, from 0
    const std::vector<Link>& GetLinks() const;

    /// @param router a router @return its links
    std::uint32_t GetDegree(std::uint32_t router) const;

    /// @return half of the routers, those with fewest links, at least one
    std::vector<std::uint32_t> GetEdgeRouters() const;

    /// @param map what a link's length becomes, at least 0 @tparam F double to double
    template <typename F>
    void
    SetLengths(F map)
    {
        for (auto& link : m_links)
        {
            link.length = map(link.length);
        }
        for (auto& ends : m_ends)
        {
            for (auto& end : ends)
            {
                end.length = map(end.length);
            }
        }
    }

    /**
     * Find the shortest ways to some routers, 10 bytes a router and target.
     * @param targets routers, each once
     */
    void FindPaths(const std::vector<std::uint32_t>& targets);

    /// @param from a router @param target number of one of the targets, not from itself
    /// @return the port of the next hop
    std::uint32_t NextPort(std::uint32_t from, std::uint32_t target) const;

    /// @param from a router @param target number of one of the targets @return length of the way
    double GetDistance(std::uint32_t from, std::uint32_t target) const;

  private:
    friend class TopologyReader;

    /// End of a link.
    struct End
    {
        std::uint32_t router{0}; ///< at the other end
        std::uint32_t port{0};   ///< there
        double length{0};        ///< of the link
    };

    std::vector<Link> m_links;            ///< in the file's order
    std::vector<std::vector<End>> m_ends; ///< by router and port
    std::vector<std::uint16_t> m_next;    ///< by target and router
    std::vector<double> m_distances;      ///< by target and router
};

} // namespace ns3::fanout

#endif // FANOUT_TOPOLOGY_H
