/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_ADVERSARY_H
#define FANOUT_ADVERSARY_H

#include "fanout-world.h"

#include <vector>

namespace ns3::fanout::test
{

/**
 * Frames that nobody should believe, made with the codec and handed to peers of a world. A stranger
 * is in no channel; it knows ids, addresses and frames of others, and can write a false sender
 * address, but no other's signature. A liar is a member with children of its own.
 */
class Adversary
{
  public:
    /// @param world to attack @param seed of its draws
    Adversary(World& world, std::uint64_t seed);

    /// Remember a frame, to play it again. @param from sender @param to receiver @param frame what
    void Overhear(std::uint32_t from, std::uint32_t to, const FrameRef& frame);

    /// One frame that must change nothing. @param stranger who @param victim a member or tracker
    void Attack(std::uint32_t stranger, std::uint32_t victim);

    /// Use what anybody may: ask for a slot, query, announce; at most a few frames.
    /// @param stranger who @param victim a member @param tracker a tracker, or the victim again
    void Burden(std::uint32_t stranger, std::uint32_t victim, std::uint32_t tracker);

    /// One lie of a member to one of its neighbours. @param liar who @param tracker a tracker, or
    /// the liar itself when there is none
    void Lie(std::uint32_t liar, std::uint32_t tracker);

  private:
    /// A frame that was sent.
    struct Heard
    {
        std::uint32_t from{0}; ///< sender
        std::uint32_t to{0};   ///< receiver
        FrameRef frame;        ///< what
    };

    /// @param signer who signs @param data kind, key and body @return a control frame
    FrameRef Control(std::uint32_t signer, const Bytes& data);

    /// @param signer who signs @param message what @return a control frame of a random channel
    template <typename Message>
    FrameRef Say(std::uint32_t signer, const Message& message);

    /// @param signer who signs @param seq number @param size of the payload @return a DATA frame
    FrameRef DataFrame(std::uint32_t signer, std::uint32_t seq, std::size_t size);

    /// @param frame any @return it with one bit changed, or none when it does not parse then
    FrameRef Spoil(const FrameRef& frame);

    /// @param victim any @return the link of its parent, of a child, or a stranger's own
    std::uint32_t LinkOfNeighbour(std::uint32_t stranger, std::uint32_t victim);

    /// @param victim any @return a seq that it may want
    std::uint32_t NearSeq(std::uint32_t victim);

    /// @param stranger who @param victim any @param kind of forgery @return the frame, or none
    FrameRef Forge(std::uint32_t stranger, std::uint32_t victim, std::uint64_t kind);

    /// @param liar who @return what it tells a child
    FrameRef TellChild(std::uint32_t liar);

    World& m_world;
    Random m_random;
    std::vector<Heard> m_heard; ///< a ring
    std::size_t m_nextHeard{0}; ///< place of the next one
};

} // namespace ns3::fanout::test

#endif // FANOUT_ADVERSARY_H
