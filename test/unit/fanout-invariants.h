/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_INVARIANTS_H
#define FANOUT_INVARIANTS_H

#include "fanout-world.h"

#include <map>
#include <string>
#include <vector>

namespace ns3::fanout::test
{

/**
 * What must hold in a world at any time: the invariants of algorithms 10, a small function each,
 * named by its number. They look at one peer after each of its inputs, at each frame handed to the
 * network, and at everybody now and then. The first breach goes to World::Fail().
 *
 * Elsewhere: I8's "at most once" is World's; I16 and the fairness of shares are the forwarding
 * test's; I23, I25 and I26 are asked at the end of a run (Books(), the storm). I24 is how events
 * travel, by the outbox; it is asked here that the outbox is empty between inputs.
 */
class Invariants
{
  public:
    /// @param world to look at
    explicit Invariants(World& world);
    ~Invariants();

    // ---- what the world tells ----

    /// @param peer joins @param channel number
    void Joins(std::uint32_t peer, std::uint32_t channel);

    /// @param peer has left @param channel number
    void Left(std::uint32_t peer, std::uint32_t channel);

    /// @param peer is a new one in no channel
    void Restarted(std::uint32_t peer);

    /// @param from sender @param to receiver @param frame handed to the network
    void Sent(std::uint32_t from, std::uint32_t to, const FrameRef& frame);

    /// @param to receiver @param from sender @param frame about to be received
    void Receives(std::uint32_t to, std::uint32_t from, const FrameRef& frame);

    /// @param peer got it @param channel number @param frame the message
    void Delivered(std::uint32_t peer, std::uint32_t channel, const FrameRef& frame);

    /// @param peer whose input is over
    void AfterInput(std::uint32_t peer);

    /// Look at everybody.
    void Sweep();

    // ---- what the test tells and asks ----

    /// No fault and no lie from now on: bounds of time count. @param kicksVanish whether KICK may
    /// be lost for good: then only the leases of an idle channel tell
    void Calm(bool kicksVanish = false);

    /// A lie may have reached it: what it believes of the stream is not checked any more.
    /// @param peer who
    void Taint(std::uint32_t peer);

    /// @param peer who @return whether a lie may have reached it
    bool IsTainted(std::uint32_t peer) const;

    /// @param peer any @return all that a frame without a right must not change, as text
    std::string StateOf(std::uint32_t peer) const;

    /// I14, I23: counts of the whole run add up. @return what does not, or nothing
    std::string Books() const;

    /// I4: edges that only one end believes in. @return the first of them, or nothing
    std::string OneSided() const;

  private:
    struct Memory;
    struct Seat;

    /// @param peer who @param channel number @return what is remembered of it
    Memory& MemoryOf(std::uint32_t peer, std::uint32_t channel);

    /// @param text a breach or nothing
    void Report(const std::string& text);

    /// @param peer who @param channel number @return "p3" or "p3 in channel 1"
    std::string NameOf(std::uint32_t peer, std::uint32_t channel) const;

    /// @param peer who @param channel number @return index of its parent when that one lists it,
    /// -1 otherwise
    int MutualParent(std::uint32_t peer, std::uint32_t channel) const;

    /// @param seat whose channel @param frame a message @return its age by the root's clock
    Micros AgeOf(const Seat& seat, const FrameRef& frame) const;

    // ---- one a number; each returns what is broken, or nothing ----

    std::string I1(const Seat& seat) const; ///< no cycle of mutual edges
    std::string I2(const Seat& seat) const; ///< the feasible key grows towards the root
    std::string I3(const Seat& seat) const; ///< and never falls while there are children
    std::string I4(const Seat& seat);       ///< one-sided edges end
    std::string I5(const Seat& seat) const; ///< children within capacity
    std::string I6(const Seat& seat) const; ///< children below a path only
    std::string I6(const Seat& seat, const FrameRef& frame) const; ///< accepts, rejects
    std::string I7(const Seat& seat);                              ///< a hold ends
    std::string I8(const Seat& seat, const FrameRef& frame);       ///< the root's bytes
    std::string I9(const Seat& seat);                              ///< the window's account
    std::string I10(const Seat& seat, std::uint32_t to, std::uint32_t seq);     ///< pushed once
    std::uint8_t CountTry(const Seat& seat, std::uint32_t seq);                 ///< asks of I11
    std::string I11(const Seat& seat, std::uint32_t to, const FrameRef& frame); ///< asks
    std::string I12(const Seat& seat, std::uint32_t to) const; ///< data to children only
    std::string I13(const Seat& seat, const FrameRef& frame);  ///< rate and burst
    std::string I14(const Seat& seat) const;                   ///< queues within bounds
    std::string I15(const Seat& seat, std::uint32_t to, const FrameRef& frame); ///< age
    std::string I17(std::uint32_t peer) const;                                  ///< sizes
    std::string I18(std::uint32_t peer) const; ///< the wake-up is in time
    std::string I18(const Seat& seat);         ///< a quiet leaf wakes seldom
    std::string I21(const Seat& seat) const;   ///< anchor, end and seqs within the root's
    std::string I22(const Seat& seat);         ///< voluntary moves
    std::string I24() const;                   ///< observers outside of inputs
    std::string I27(const Seat& seat) const;   ///< work to do has a deadline
    std::string I28(std::uint32_t peer) const; ///< nothing after the close
    std::string I28(const Seat& seat, const FrameRef& frame) const; ///< last words

    World& m_world;
    std::vector<std::vector<Memory>> m_memory;      ///< by peer, by channel
    std::vector<bool> m_tainted;                    ///< by peer
    std::vector<std::vector<FrameRef>> m_published; ///< by channel, by seq
    /// Edges that one end believes in, since when, and whether they still are.
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<Micros, bool>> m_oneSided;
    Micros m_calmSince{NEVER};
    bool m_kicksVanish{false};
    Micros m_longestAge{0};
};

} // namespace ns3::fanout::test

#endif // FANOUT_INVARIANTS_H
