/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_HELPER_H
#define FANOUT_TREE_HELPER_H

#include "ns3/application-container.h"
#include "ns3/fanout-tree-application.h"
#include "ns3/ipv4-address.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Who does what among the nodes given to FanoutTreeHelper::Install. Numbers are positions in that
 * NodeContainer. Values are checked by Install.
 */
class FanoutRoles
{
  public:
    /// @param index who publishes; default 0 @return this
    FanoutRoles& Root(uint32_t index);

    /// @param first the first tracker @param count how many; default 1 and 0 @return this
    FanoutRoles& Trackers(uint32_t first, uint32_t count);

    /// @param fraction share of the subscribers that are relays, 0 to 1; default 0.25 @return this
    FanoutRoles& RelayFraction(double fraction);

    /// @param count how many subscribe; default all but root and trackers, which is also the most
    /// there can be: a larger count is cut @return this
    FanoutRoles& Subscribers(uint32_t count);

  private:
    friend class FanoutTreeHelper;

    uint32_t m_root{0};                 ///< who publishes
    uint32_t m_firstTracker{1};         ///< the first tracker
    uint32_t m_trackers{0};             ///< how many
    uint32_t m_subscribers{0xffffffff}; ///< how many at most
    double m_relayFraction{0.25};       ///< of the subscribers
};

/**
 * @ingroup fanout-tree
 * Installs a FanoutTree channel on nodes: one root, trackers, relays and leaves. Which nodes
 * subscribe and which relay is drawn from an ns-3 stream. Nodes of other MPI ranks get a role, but
 * no application here.
 *
 * Default options are those of FanoutTreeOptions::ForRole; SetRoot, SetRelay, SetLeaf and SetOption
 * change them with pairs of attribute name and AttributeValue.
 */
class FanoutTreeHelper
{
  public:
    /// @param topic name of the channel, any text
    explicit FanoutTreeHelper(std::string topic);

    /**
     * @param typeId TypeId name of a FanoutTransport; default ns3::FanoutUdpTransport
     * @param args pairs of attribute name and value, for every peer's transport
     */
    template <typename... Args>
    void SetTransport(const std::string& typeId, Args&&... args);

    /// @param args pairs of attribute name and value of FanoutTreeOptions, for all roles
    template <typename... Args>
    void SetOption(Args&&... args);

    /// @param args pairs of attribute name and value of FanoutTreeOptions, for the root
    template <typename... Args>
    void SetRoot(Args&&... args);

    /// @param args pairs of attribute name and value of FanoutTreeOptions, for relays
    template <typename... Args>
    void SetRelay(Args&&... args);

    /// @param args pairs of attribute name and value of FanoutTreeOptions, for leaves
    template <typename... Args>
    void SetLeaf(Args&&... args);

    /// @param roles who does what
    void SetRoles(const FanoutRoles& roles);

    /// @param stream the ns-3 stream that roles are drawn from; default FanoutRun::DEFAULT_STREAM
    void SetRoleStream(int64_t stream);

    /// @param signing "ed25519" (default) or "mock", see FanoutRun::SetSigning
    void SetSigning(const std::string& signing);

    /// @param seed what identities start from, see FanoutRun::SetSeed
    void SetSeed(uint64_t seed);

    /// @param port where every peer listens, 1 to 65535; default 4001
    void SetPort(uint16_t port);

    /**
     * Say where the nodes are, so that they need no IPv4 stack: trackers and root are told of these
     * addresses, and each application's Local is set to its own. Default: the first IPv4 address of
     * each node besides loopback.
     * @param addresses gives the address at each position in the container that Install gets;
     * called within Install only
     */
    void SetAddresses(std::function<Ipv4Address(uint32_t position)> addresses);

    /// @param index of the first node given to Install; default 0. A second helper over the same
    /// nodes needs another range, and another port
    void SetFirstIndex(uint32_t index);

    /// @param told whether subscribers know where the root is; default: only without trackers
    void SetRootKnown(bool told);

    /**
     * Give every position its role already, so that a network can be made for them. Install draws
     * the same ones.
     * @param n number of nodes that Install will get
     * @throws std::invalid_argument when the roles do not fit
     */
    void DrawRoles(uint32_t n);

    /**
     * Once for each helper.
     * @param nodes with IPv4 addresses, unless SetAddresses was called
     * @return one application a node of this rank that has a role, in the order of the nodes
     * @throws std::invalid_argument when the roles do not fit the nodes, or a node has no address
     */
    ApplicationContainer Install(const NodeContainer& nodes);

    /// @param node the only node @return its application
    ApplicationContainer Install(Ptr<Node> node);

    /// @param nodeName the only node, by name @return its application
    ApplicationContainer Install(const std::string& nodeName);

    /**
     * @param applications whose draws start from this stream
     * @param stream first stream number to use
     * @return number of streams used: 1
     */
    int64_t AssignStreams(const ApplicationContainer& applications, int64_t stream);

    /// @param position in the container given to Install @return its role
    FanoutRole GetRole(uint32_t position) const;

    /// @param role a role @return positions that have it, ascending
    std::vector<uint32_t> GetPositions(FanoutRole role) const;

    /// @param role root, relay or leaf @return the options that its peers share
    Ptr<FanoutTreeOptions> GetOptions(FanoutRole role) const;

    /// @return the channel that the peers share
    Ptr<FanoutTreeChannel> GetChannel() const;

  private:
    /// End of a list of pairs. @param object has them all
    static void Set(Ptr<Object> object);

    /// @param object gets the pairs @param name of the first @param value of it @param args more
    template <typename... Args>
    static void Set(Ptr<Object> object,
                    const std::string& name,
                    const AttributeValue& value,
                    Args&&... args);

    /// End of a list of pairs.
    void SetTransportAttributes();

    /// @param name of the first @param value of it @param args more
    template <typename... Args>
    void SetTransportAttributes(const std::string& name,
                                const AttributeValue& value,
                                Args&&... args);

    /// @param typeId of a transport
    void SetTransportType(const std::string& typeId);

    /// @param n number of nodes @throws std::invalid_argument when the roles do not fit
    void CheckRoles(uint32_t n) const;

    /// @param nodes all of them @param position of one
    /// @return where it is @throws std::invalid_argument when it has no address
    Ipv4Address AddressOf(const NodeContainer& nodes, uint32_t position) const;

    /// Tell the channel and the trackers' list where they are. @param nodes all of them
    void FillAddresses(const NodeContainer& nodes);

    /// Make what the applications and transports are copied from.
    void MakePrototypes();

    /// @param node gets an application @param position of it @param local where it listens
    /// @return the application
    Ptr<FanoutTreeApplication> InstallOne(Ptr<Node> node, uint32_t position, Ipv4Address local);

    ObjectFactory m_transport;                        ///< makes transports
    Ptr<FanoutTreeOptions> m_root;                    ///< options of the root
    Ptr<FanoutTreeOptions> m_relay;                   ///< options of relays
    Ptr<FanoutTreeOptions> m_leaf;                    ///< options of leaves
    Ptr<FanoutTreeChannel> m_channel;                 ///< the channel
    FanoutTreeApplication::Trackers m_trackers;       ///< where trackers are
    Ptr<FanoutTreeApplication> m_prototypes[5];       ///< by role, see MakePrototypes
    Ptr<FanoutTransport> m_transportPrototype;        ///< what transports are copied from
    std::function<Ipv4Address(uint32_t)> m_addresses; ///< by position; none: the nodes' own
    FanoutRoles m_roles;                              ///< wanted
    std::vector<FanoutRole> m_drawn;                  ///< by position
    int64_t m_roleStream{FanoutRun::DEFAULT_STREAM};  ///< of the draw
    uint32_t m_firstIndex{0};                         ///< index of position 0
    uint16_t m_port{FanoutApplication::DEFAULT_PORT}; ///< where to listen
    bool m_rootKnown{false};                          ///< subscribers know the root
    bool m_rootKnownSet{false};                       ///< SetRootKnown was called
    bool m_installed{false};                          ///< Install was called
};

template <typename... Args>
void
FanoutTreeHelper::SetTransport(const std::string& typeId, Args&&... args)
{
    SetTransportType(typeId);
    SetTransportAttributes(std::forward<Args>(args)...);
}

template <typename... Args>
void
FanoutTreeHelper::SetOption(Args&&... args)
{
    Set(m_root, args...);
    Set(m_relay, args...);
    Set(m_leaf, args...);
}

template <typename... Args>
void
FanoutTreeHelper::SetRoot(Args&&... args)
{
    Set(m_root, std::forward<Args>(args)...);
}

template <typename... Args>
void
FanoutTreeHelper::SetRelay(Args&&... args)
{
    Set(m_relay, std::forward<Args>(args)...);
}

template <typename... Args>
void
FanoutTreeHelper::SetLeaf(Args&&... args)
{
    Set(m_leaf, std::forward<Args>(args)...);
}

template <typename... Args>
void
FanoutTreeHelper::Set(Ptr<Object> object,
                      const std::string& name,
                      const AttributeValue& value,
                      Args&&... args)
{
    object->SetAttribute(name, value);
    Set(object, std::forward<Args>(args)...);
}

template <typename... Args>
void
FanoutTreeHelper::SetTransportAttributes(const std::string& name,
                                         const AttributeValue& value,
                                         Args&&... args)
{
    m_transport.Set(name, value);
    SetTransportAttributes(std::forward<Args>(args)...);
}

} // namespace ns3

#endif // FANOUT_TREE_HELPER_H
