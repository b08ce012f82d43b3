/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WORLD_H
#define FANOUT_WORLD_H

#include "ns3/fanout-peer.h"
#include "ns3/fanout-random.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

namespace ns3::fanout::test
{

/// How a world's network behaves.
struct WorldConfig
{
    std::uint64_t seed{1};                ///< of everything
    double dataLoss{0};                   ///< share of DATA lost on the way
    double controlLoss{0};                ///< share of control lost; what is acknowledged comes
                                          ///< 400 ms late instead
    Micros latencyMin{5 * MILLISECOND};   ///< one way, fixed a pair
    Micros latencyMax{150 * MILLISECOND}; ///< one way
    Micros jitter{0};                     ///< added to each frame: reorders
    bool check{true};                     ///< look at the invariants after every input
};

/**
 * Peers in memory: latency, loss, reordering, churn, all from one seed, with the invariants of
 * algorithms 10 looked at after every input.
 */
class World
{
  public:
    explicit World(const WorldConfig& config);
    ~World();

    /// @param trackers how many of the first peers serve as trackers to all added later
    void SetTrackers(std::uint32_t trackers);

    /// @param options of its role @return index of the new peer
    std::uint32_t Add(std::shared_ptr<const Options> options);

    /// @param root index of the channel's root; its id makes the channel
    void SetRoot(std::uint32_t root);

    /// What it got in a channel it left before counts no more. @param peer joins now
    void Join(std::uint32_t peer);

    /// @param peer leaves now
    void Leave(std::uint32_t peer);

    /// Publish one message. @param size payload bytes
    void Publish(std::size_t size = 64);

    /// End the channel.
    void End();

    /// All that a peer knew is gone, and nobody is told. @param peer starts anew, in no channel
    void Restart(std::uint32_t peer);

    /// Run until that time. @param until time
    void RunUntil(Micros until);

    /// Take a peer's links away. @param peer who @param offline or back
    /// @param told both ends hear of it (notified), or nobody does (link)
    void SetOffline(std::uint32_t peer, bool offline, bool told);

    /// @param from sender @param to receiver @param dead frames one way vanish
    void SetOneWayDead(std::uint32_t from, std::uint32_t to, bool dead);

    /// Put a frame into a peer's hands as if it came from another. @param from whose link
    /// @param to receiver @param frame what
    void Inject(std::uint32_t from, std::uint32_t to, const FrameRef& frame);

    /// @param peer who @return how it stands
    ChannelStatus Status(std::uint32_t peer) const;

    /// @param peer who @return seqs delivered to it, in order of arrival
    const std::vector<std::uint32_t>& Delivered(std::uint32_t peer) const;

    /// @param peer who @return the peer itself
    Peer& At(std::uint32_t peer);

    /// @param peer who @return its identity
    const Identity& IdentityOf(std::uint32_t peer) const;

    /// @param id who @return index, or none known: -1
    int IndexOf(const PeerId& id) const;

    /// @return time
    Micros
    Now() const
    {
        return m_now;
    }

    /// @return channel key
    Digest Key() const;

    /// @return events of all peers as text, one a line, in milliseconds
    std::string Transcript() const;

    /// Write a line of the caller's own into the transcript. @param text any
    void Log(const std::string& text);

    /// @return what all count
    Commons commons;

    /// Called with every frame handed to the network. @param from sender @param to receiver
    std::function<void(std::uint32_t from, std::uint32_t to, const FrameRef& frame)> onFrame;

    /// Called with every event before it is written down.
    std::function<void(std::uint32_t self, const Event& event)> onEvent;

    bool keepTranscript{false}; ///< write events down

    /// @return breaches of an invariant, empty when there were none
    const std::string&
    Breach() const
    {
        return m_breach;
    }

    /// @param peer who @return wake-ups it was given
    std::uint64_t Wakes(std::uint32_t peer) const;

    /// @return peers
    std::size_t GetN() const;

    /// @return frames handed to the network
    std::uint64_t
    Frames() const
    {
        return m_frames;
    }

  private:
    struct Node;

    /// What will happen.
    struct Pending
    {
        Micros at{0};           ///< when
        std::uint64_t order{0}; ///< among equals
        std::uint32_t to{0};    ///< to whom
        LinkId link{NO_LINK};   ///< whence; NO_LINK: a wake-up
        FrameRef frame;         ///< what

        std::uint32_t closures{0}; ///< how often the link had been closed when it was sent
        std::uint8_t tries{1};     ///< how often it was sent

        /// @param a one @param b other @return whether a comes after b
        friend bool
        operator<(const Pending& a, const Pending& b)
        {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };

    /// @param peer gets a new Peer
    void MakePeer(std::uint32_t peer);
    SendResult Carry(std::uint32_t from, std::uint32_t to, const FrameRef& frame);
    Micros LatencyOf(std::uint32_t a, std::uint32_t b) const;
    void After(std::uint32_t peer);
    void CheckCycles();
    void CheckPeer(std::uint32_t peer);
    /// @param next a frame @return whether it gets there; acknowledged control is said again
    bool Arrives(const Pending& next);
    /// @param a one end @param b other end @return how often the link between them was closed
    std::uint32_t ClosuresOf(std::uint32_t a, std::uint32_t b) const;
    void Note(std::uint32_t peer, const Event& event);
    std::string NameOf(std::uint32_t peer) const;
    std::string NameOf(const PeerId& id) const;
    std::string Describe(const JoinEvent& e) const;
    std::string Describe(const ParentEvent& e) const;
    std::string Describe(const ChildEvent& e) const;
    std::string Describe(const PublishEvent& e) const;
    std::string Describe(const DeliverEvent& e) const;
    std::string Describe(const DuplicateEvent& e) const;
    std::string Describe(const FrameEvent& e) const;
    std::string Describe(const RepairEvent& e) const;
    std::string Describe(const BackpressureEvent& e) const;
    std::string Describe(const DropEvent& e) const;
    std::string Describe(const EarningsEvent& e) const;
    std::string Describe(const TrackerEvent& e) const;
    void Fail(const std::string& what);

    WorldConfig m_config;
    Random m_random;
    Micros m_now{0};
    std::uint64_t m_order{0};
    std::uint64_t m_frames{0};
    std::uint32_t m_root{0};
    std::uint32_t m_trackers{0};
    std::vector<std::unique_ptr<Node>> m_nodes;
    std::map<PeerId, std::uint32_t> m_index;
    std::priority_queue<Pending> m_queue;
    std::set<std::pair<std::uint32_t, std::uint32_t>> m_dead;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_closures;
    std::string m_transcript;
    std::string m_breach;
};

/// @param children most children @param upload bytes a second @return options for tests
std::shared_ptr<Options> MakeOptions(std::uint16_t children, double upload = 1e7);

} // namespace ns3::fanout::test

#endif // FANOUT_WORLD_H
