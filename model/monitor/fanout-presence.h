/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_PRESENCE_H
#define FANOUT_PRESENCE_H

#include "fanout-report.h"

#include "ns3/fanout-application.h"
#include "ns3/fanout-sink.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * Delivery where subscribers come and go: a message is due at those that are present when it is
 * published, which means that they are online and have the channel open, with a parent already or
 * not. It counts as delivered when it comes at any time, also after its receiver was away.
 *
 * FanoutMonitor asks for every message at every member, away or not; this asks for what a user
 * would miss. Memory is a bit a peer and message. A message published costs one look at each peer.
 */
class FanoutPresence : public FanoutSink
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutPresence();
    ~FanoutPresence() override;

    /// Watch a peer from now on, as a sink of it. To be called before the first message.
    /// @param application the peer
    void AddPeer(Ptr<FanoutApplication> application);

    /// @param report gets the group presence; figures without a message are not defined
    void Report(FanoutReport& report) const;

    void NotePublish(const fanout::PublishEvent& event) override;
    void NoteDeliver(const fanout::DeliverEvent& event) override;

  protected:
    void DoDispose() override;

  private:
    /// Who lacks a message that was published while it was present, a bit a place.
    using Due = std::vector<std::uint64_t>;

    static constexpr std::uint32_t NONE = 0xffffffff; ///< no place

    std::vector<Ptr<FanoutApplication>> m_peers; ///< subscribers, in order of AddPeer
    std::vector<std::uint32_t> m_slots;          ///< index of a peer -> place
    std::vector<Due> m_due;                      ///< by seq
    std::uint64_t m_published{0};                ///< messages
    std::uint64_t m_expected{0};                 ///< due at somebody
    std::uint64_t m_delivered{0};                ///< of these, delivered
    std::uint32_t m_most{0};                     ///< present at a message
    std::uint32_t m_least{NONE};                 ///< present at a message
};

} // namespace ns3

#endif // FANOUT_PRESENCE_H
