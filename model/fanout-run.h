/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_RUN_H
#define FANOUT_RUN_H

#include "ns3/fanout-peer.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class FanoutApplication;

/**
 * @ingroup fanout-tree
 * What the peers of one process share during one simulation run: how frames are signed, where
 * identities and random draws start from, the counts, and the events on their way to observers. It
 * begins with the first Get() and ends with Simulator::Destroy(); whoever holds it may read it
 * longer.
 */
class FanoutRun : public SimpleRefCount<FanoutRun>
{
  public:
    /// First of the ns-3 stream numbers that are used where no AssignStreams was called.
    static constexpr int64_t DEFAULT_STREAM = 0x46414e4f5554;

    /// @return the present run
    static Ptr<FanoutRun> Get();

    FanoutRun();
    ~FanoutRun();
    FanoutRun(const FanoutRun&) = delete;
    FanoutRun& operator=(const FanoutRun&) = delete;

    /// @return what the peers share; ledger and epoch may be read at any time
    fanout::Commons&
    GetCommons()
    {
        return m_commons;
    }

    /// @return what the peers share
    const fanout::Commons&
    GetCommons() const
    {
        return m_commons;
    }

    /**
     * @param seed what the identities of all peers start from, with their index
     * @throws std::logic_error when a peer has been made already
     */
    void SetSeed(uint64_t seed);

    /// @return the seed of the identities; RngSeedManager's run number unless set
    uint64_t GetSeed() const;

    /**
     * @param signing "ed25519" for real signatures, "mock" for keyed hashes of the same size
     * @throws std::invalid_argument for any other text
     * @throws std::logic_error when a peer has been made already
     */
    void SetSigning(const std::string& signing);

    /// @return "ed25519" or "mock"
    std::string GetSigning() const;

    /// @return the key of draws for peers that AssignStreams was not called for
    uint64_t GetRandomKey();

    /// From now on seed and signing are fixed; the first peer calls this.
    void Begin();

    /// @param kinds of events that are told of from now on
    void Want(fanout::EventKinds kinds);

    /**
     * How a peer stands in its channel has changed by a call, so that there may be no Join, Parent
     * or Child event: its process ended, it left, or the root opened the channel.
     * @param index of the peer
     */
    void NoteStanding(uint32_t index);

    /// @return peers that NoteStanding was called for, in order of time, 4 bytes a call. Whoever
    /// keeps counts of standings without walking over all peers reads on from where it stopped.
    const std::vector<uint32_t>& GetStandings() const;

    /**
     * Empty the outbox towards the observers of an application, after what is being told now.
     * @param application whose events these are; they are stamped already
     */
    void Tell(FanoutApplication& application);

    /// @return whether observers are being called
    bool
    IsTelling() const
    {
        return m_telling;
    }

  private:
    struct Queue;

    /// Forget the present run.
    static void Reset();

    fanout::Commons m_commons;      ///< for the peers
    std::unique_ptr<Queue> m_queue; ///< events on their way to observers
    std::vector<uint32_t> m_stood;  ///< peers that stand differently by a call
    uint64_t m_seed{0};             ///< of identities
    uint64_t m_randomKey{0};        ///< of draws
    bool m_hasRandomKey{false};     ///< whether drawn
    bool m_begun{false};            ///< whether a peer was made
    bool m_telling{false};          ///< whether observers are being called

    static Ptr<FanoutRun> g_run; ///< the present run
};

} // namespace ns3

#endif // FANOUT_RUN_H
