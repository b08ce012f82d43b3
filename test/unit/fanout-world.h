/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_WORLD_H
#define FANOUT_WORLD_H

#include "ns3/fanout-codec.h"
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
    double duplicates{0};                 ///< share of frames that come twice
    double kickLoss{0};                   ///< share of KICK lost for good
    Micros skew{0};                       ///< clocks differ from the world's by at most so much
    bool check{true};                     ///< look at the invariants after every input
};

class Invariants;

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

    /// @param root index of the root of channel 0; its id makes the channel
    void SetRoot(std::uint32_t root);

    /// @param root index of the root of one channel more @return number of the channel
    std::uint32_t AddChannel(std::uint32_t root);

    /// What it got in a channel it left before counts no more. @param peer joins now
    /// @param channel number
    void Join(std::uint32_t peer, std::uint32_t channel = 0);

    /// @param peer leaves now @param channel number
    void Leave(std::uint32_t peer, std::uint32_t channel = 0);

    /// Publish one message. @param size payload bytes @param channel number
    void Publish(std::size_t size = 64, std::uint32_t channel = 0);

    /// End the channel. @param channel number
    void End(std::uint32_t channel = 0);

    /// All that a peer knew is gone, and nobody is told. @param peer starts anew, in no channel
    void Restart(std::uint32_t peer);

    /// Run until that time. @param until time
    void RunUntil(Micros until);

    /// Take a peer's links away. @param peer who @param offline or back
    /// @param told both ends hear of it (notified), or nobody does (link)
    void SetOffline(std::uint32_t peer, bool offline, bool told);

    /// @param from sender @param to receiver @param dead frames one way vanish
    void SetOneWayDead(std::uint32_t from, std::uint32_t to, bool dead);

    /// Frames pass between peers of one side only. @param peer who @param side 0 at first
    void SetSide(std::uint32_t peer, std::uint32_t side);

    /// @param peer hands on no message from now on, or does again @param rides whether not
    void SetFreeRider(std::uint32_t peer, bool rides);

    /// Put a frame into a peer's hands as if it came from another. @param from whose link
    /// @param to receiver @param frame what
    void Inject(std::uint32_t from, std::uint32_t to, const FrameRef& frame);

    /// The same with a frame that nobody has a right to: all that the receiver knows must stay as
    /// it is (I19, I20). @param from whose link @param to receiver @param frame what
    void Attack(std::uint32_t from, std::uint32_t to, const FrameRef& frame);

    /// @param peer who @param channel number @return how it stands
    ChannelStatus Status(std::uint32_t peer, std::uint32_t channel = 0) const;

    /// @param peer who @param channel number @return seqs delivered to it, in order of arrival
    const std::vector<std::uint32_t>& Delivered(std::uint32_t peer,
                                                std::uint32_t channel = 0) const;

    /// @param peer who @param channel number @return its machines, null when it is not in it
    const Channel* ChannelOf(std::uint32_t peer, std::uint32_t channel) const;

    /// @param peer who @param channel number @return whether it has joined and not left
    bool IsJoined(std::uint32_t peer, std::uint32_t channel) const;

    /// @param peer who @return its options
    const Options& OptionsOf(std::uint32_t peer) const;

    /// @param peer who @return its own time
    Micros ClockOf(std::uint32_t peer) const;

    /// @param peer who @return its next wake-up by its own clock, NEVER without one
    Micros WakeOf(std::uint32_t peer) const;

    /// @param channel number @return index of its root
    std::uint32_t
    RootOf(std::uint32_t channel) const
    {
        return m_channels[channel].root;
    }

    /// @return channels
    std::uint32_t
    Channels() const
    {
        return static_cast<std::uint32_t>(m_channels.size());
    }

    /// @param suffix as in Frame::ChannelSuffix() @return the channel, Channels() when unknown
    std::uint32_t ChannelAt(ByteView suffix) const;

    /// @return what is checked, null when nothing is
    Invariants*
    GetInvariants()
    {
        return m_invariants.get();
    }

    /// @return of all that was handed to the network and told: equal runs have equal ones
    std::uint64_t
    Hash() const
    {
        return m_hash;
    }

    /// @param peer who @return the peer itself
    Peer& At(std::uint32_t peer);

    /// @param peer who @return the peer itself
    const Peer& At(std::uint32_t peer) const;

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

    /// @param channel number @return channel key
    Digest Key(std::uint32_t channel = 0) const;

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

    /// What became of DATA frames, all peers together (I23).
    struct DataCount
    {
        std::uint64_t sent{0};     ///< handed to the network
        std::uint64_t doubled{0};  ///< made by it
        std::uint64_t lost{0};     ///< lost by it, or the receiver was not there
        std::uint64_t injected{0}; ///< made up
        std::uint64_t received{0}; ///< handed to a peer
        std::uint64_t refused{0};  ///< turned away by it
        std::uint64_t inFlight{0}; ///< on the way
    };

    /// @return counts
    const DataCount&
    Data() const
    {
        return m_data;
    }

    /// Stop with a text, unless there is one already. @param what is broken
    void Fail(const std::string& what);

  private:
    struct Node;

    /// One channel.
    struct Topic
    {
        std::uint32_t root{0}; ///< index of its root
        std::string name;      ///< topic
        Digest key{};          ///< its key
    };

    /// One peer in one channel.
    struct Seat
    {
        std::uint32_t handle{0};              ///< at the peer
        bool joined{false};                   ///< is in it
        std::vector<std::uint32_t> delivered; ///< seqs, in order of arrival
        std::set<std::uint32_t> seen;         ///< the same
    };

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
    /// @param from sender @param to receiver @param frame what @param at when
    void Post(std::uint32_t from, std::uint32_t to, const FrameRef& frame, Micros at);
    /// @param peer who @param channel number @return its seat
    Seat& SeatOf(std::uint32_t peer, std::uint32_t channel) const;
    /// Into the hash. @param value any
    void Mix(std::uint64_t value);
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

    WorldConfig m_config;
    Random m_random;
    std::vector<Topic> m_channels;
    std::unique_ptr<Invariants> m_invariants;
    Micros m_sweptAt{0};
    DataCount m_data;
    std::uint64_t m_hash{0};
    Micros m_now{0};
    std::uint64_t m_order{0};
    std::uint64_t m_frames{0};
    std::uint32_t m_trackers{0};
    std::vector<std::unique_ptr<Node>> m_nodes;
    std::map<PeerId, std::uint32_t> m_index;
    std::priority_queue<Pending> m_queue;
    std::set<std::pair<std::uint32_t, std::uint32_t>> m_dead;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_closures;
    std::string m_transcript;
    std::string m_breach;
};

/// @param world its @param signer who signs @param message what @return a control frame, each with
/// an id of its own
template <typename Message>
FrameRef
Signed(const World& world, std::uint32_t signer, const Message& message)
{
    static std::uint8_t number = 0;
    EnvelopeFields fields;
    fields.id[0] = 77;
    fields.id[1] = number++;
    fields.timestamp = world.commons.epochMs;
    fields.expires = fields.timestamp + Frame::LIFETIME_MS;
    return Frame::Seal(*world.commons.signatures,
                       world.IdentityOf(signer),
                       fields,
                       Encode(world.Key(), message));
}

/// @param children most children @param upload bytes a second @return options for tests
std::shared_ptr<Options> MakeOptions(std::uint16_t children, double upload = 1e7);

} // namespace ns3::fanout::test

#endif // FANOUT_WORLD_H
