/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_CHANNEL_H
#define FANOUT_TREE_CHANNEL_H

#include "ns3/fanout-identity.h"
#include "ns3/fanout-multiaddr.h"
#include "ns3/fanout-peer-id.h"
#include "ns3/object.h"

#include <string>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Names a channel: who publishes, and the topic. All peers of a channel share one object; it is
 * what they were told before the simulation begins.
 */
class FanoutTreeChannel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTreeChannel();
    ~FanoutTreeChannel() override;

    /// @return the topic
    const std::string& GetTopic() const;

    /// @return name of the only publisher: RootId, else derived from the run's seed and RootIndex
    const fanout::PeerId& GetRoot() const;

    /// @return where the root is, empty when its subscribers are not told
    const fanout::Endpoint& GetRootEndpoint() const;

    /// @param endpoint where the root is
    void SetRootEndpoint(const fanout::Endpoint& endpoint);

  private:
    /// @param text padded base64 of 32 bytes, or empty
    void SetRootId(std::string text);

    /// @return what SetRootId got
    std::string GetRootId() const;

    /// @param text a multiaddr, or empty
    void SetRootAddress(std::string text);

    /// @return the multiaddr, or empty
    std::string GetRootAddress() const;

    std::string m_topic;                                          ///< the topic
    uint32_t m_rootIndex{0};                                      ///< index of the root
    fanout::PeerId m_rootId;                                      ///< its name when given
    fanout::Endpoint m_endpoint;                                  ///< where it is
    mutable fanout::PeerId m_root;                                ///< its name when derived
    mutable uint64_t m_seed{0};                                   ///< what it was derived from
    mutable const fanout::SignatureScheme* m_signatures{nullptr}; ///< who derived it
};

} // namespace ns3

#endif // FANOUT_TREE_CHANNEL_H
