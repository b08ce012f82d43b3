/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CHANNEL_H
#define FANOUT_CHANNEL_H

#include "fanout-attachment.h"
#include "fanout-channel-parts.h"
#include "fanout-commons.h"
#include "fanout-fetching.h"
#include "fanout-liveness.h"
#include "fanout-peer-context.h"
#include "fanout-position.h"
#include "fanout-repair.h"
#include "fanout-window.h"

#include <memory>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * One (root, topic) at one peer: the only place that calls its machines, in one fixed order
 * (algorithms 1): position, delivery, forwarding, repair, admission, announce, next wake-up.
 */
class Channel
{
  public:
    /// @param context of the peer @param terms of the channel
    Channel(PeerContext& context, std::shared_ptr<const ChannelTerms> terms);
    ~Channel();

    /// Begin: as the root, or to look for a parent.
    void Open();

    /// LEAVE to the parent, KICK to the children, nothing left behind.
    void Close();

    /// @param payload user bytes @return sequence number; see Peer::Publish for errors
    std::uint32_t Publish(ByteView payload);

    /// No more messages follow; root only.
    void PublishEnd();

    /// @param link whence @param frame a DATA frame of this channel
    void ReceiveData(LinkId link, const FrameRef& frame);

    /// @param link whence @param frame a control frame of this channel
    void ReceiveControl(LinkId link, const FrameRef& frame);

    /// @param link a dialled link is open
    void Opened(LinkId link);

    /// @param link is closed
    void Closed(LinkId link);

    /// @param link takes frames again
    void Writable(LinkId link);

    /// Do all that is due. @param now time
    void Settle(Micros now);

    /// Do what a message can make due: less than Settle(). @param now time
    void AfterData(Micros now);

    /// @param now time @return when something will be due
    Micros NextAt(Micros now) const;

    /// The same after AfterData() alone, since NextAt() was asked last. @param now time
    /// @return when something will be due
    Micros NextAfterData(Micros now) const;

    /// @return how the peer stands
    ChannelStatus Status() const;

    /// @return children in the order of admission
    std::vector<PeerId> Children() const;

    /// @return the channel key
    const Digest&
    Key() const
    {
        return m_terms->key;
    }

    /// @return behind the last of the members that a message touches at a leaf; they come first
    const void*
    HotEnd() const
    {
        return m_position.HotEnd();
    }

    /// @return the memory of a relay that a message touches beyond that, empty for others
    ByteView HotServing() const;

    /// Ask the processor for memory that a relay will touch; changes nothing. @param depth 1: what
    /// HotServing() points to; 2: what that points to @param link whence a control frame comes,
    /// NO_LINK for other inputs
    void Prefetch(std::uint32_t depth, LinkId link) const;

    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// @return bytes held on the heap, without shared frames and terms
    std::size_t HeapBytes() const;

    // ---- its machines, for those who check them ----

    /// @return where the peer is
    const Position&
    GetPosition() const
    {
        return m_position;
    }

    /// @return what was delivered
    const Window&
    GetWindow() const
    {
        return m_window;
    }

    /// @return what is known of the parent's life
    const Liveness&
    GetLiveness() const
    {
        return m_liveness;
    }

    /// @return what is asked for
    const Repair&
    GetRepair() const
    {
        return m_repair;
    }

    /// @return the search for a parent, null while there is none
    const Attachment*
    GetAttachment() const
    {
        return m_attachment.get();
    }

    /// @return the children, null at a leaf
    const Admission*
    GetAdmission() const
    {
        return m_serving ? &m_serving->admission : nullptr;
    }

    /// @return the queues, null at a leaf
    const Forwarding*
    GetForwarding() const
    {
        return m_serving ? &m_serving->forwarding : nullptr;
    }

  private:
    /// @param now time @return when something will be due apart from the children
    Micros NextOwnAt(Micros now) const;

    /// @param now time @return when something will be due for children, and for those to come
    Micros NextServingAt(Micros now) const;

    static constexpr std::uint8_t LEAF_BACKUPS = 2; ///< of Options::backups, a leaf keeps

    // ---- joining: fanout-channel-join.cc ----

    /// Take the steps attachment wants. @param now time
    void SettleAttachment(Micros now);
    /// @param now time @param tracker index of the tracker to query
    void QueryTracker(Micros now, std::uint8_t tracker);
    /// @param now time @param candidate whom to ask
    void AskCandidate(Micros now, const Candidate& candidate);
    /// @param now time @param ask to send on an open link
    void SendJoinReq(Micros now, Attachment::Ask ask);
    /// @param now time @param ask without answer
    void AskTimedOut(Micros now, const Attachment::Ask& ask);
    /// @param link whence @param frame JOIN_ACCEPT
    void OnJoinAccept(LinkId link, const FrameRef& frame);
    /// @param link whence @param frame JOIN_REJECT
    void OnJoinReject(LinkId link, const FrameRef& frame);
    /// @param link whence @param frame TRACKER_REPLY
    void OnTrackerReply(LinkId link, const FrameRef& frame);
    /// Tell the tracker that named it what became of a candidate.
    /// @param ask the ask @param event what @param reason reject code
    void SendFeedback(const Attachment::Ask& ask, FeedbackEvent event, std::uint8_t reason);
    /// @param index of a tracker @return an open link to it, NO_LINK when there is none
    LinkId TrackerLink(std::uint8_t index);
    /// @param link of a tracker @param peer of whom @param event what @param reason reject code
    void SayFeedback(LinkId link, const PeerId& peer, FeedbackEvent event, std::uint8_t reason);
    /// Tell a tracker that the former parent is gone, if it is. @param link of the tracker
    void ReportFormer(LinkId link);
    /// Tell the tracker that no slot is needed any more. @param parent the one that was found
    void TellTrackerJoined(const PeerId& parent);
    /// @return how many trackers the channel's members are split over
    std::size_t Shards() const;
    /// @param peer any member @return the shard it belongs to
    std::size_t ShardOf(const PeerId& peer) const;
    /// @param rank 0 for shard 0, and so on; then the spares @return index of that tracker, by
    /// rendezvous hash of the channel
    std::uint8_t TrackerAt(std::size_t rank) const;
    /// Release tracker links that are not needed while attached.
    void DropTrackerLinks();
    /// Begin to look for a parent. @param now time @param delay first pause
    /// @param lost whether a parent was lost just now
    void Seek(Micros now, Micros delay, bool lost);
    /// Look for a parent no more; open asks are forgotten.
    void StopSeeking();
    /// @param step what happened @param peer with whom @param reason reject code
    void TellJoin(JoinEvent::Step step, const PeerId& peer, std::uint8_t reason);

    // ---- the parent: fanout-channel-parent.cc ----

    /// @param now time @param ask accepted @param accept the answer @param offer what it offers
    void Adopt(Micros now,
               const Attachment::Ask& ask,
               const JoinAccept& accept,
               const ParentOffer& offer);
    /// Seqs to expect from the parent's have-range. @param have the range @param now time
    void StartWindow(const SeqRange& have, Micros now);
    /// Lose the parent and look for another. @param now time @param cause why
    void Detach(Micros now, ParentEvent::Cause cause);
    /// @param link whence @param frame KICK
    void OnKick(LinkId link, const FrameRef& frame);
    /// The parent keeps silent: probe it and a witness. @param now time
    void ProbeParent(Micros now);

    // ---- data: fanout-channel-data.cc ----

    /// A new message is verified. @param now time @param seq number @param frame its original
    /// @param fetched from a neighbour
    void Accept(Micros now, std::uint32_t seq, const FrameRef& frame, bool fetched);
    /// DATA from one who is not the parent. @param link whence @param frame what
    void ReceiveStray(LinkId link, const FrameRef& frame);
    /// Tell one who takes us for its child or parent that we are not; seldom, so that nobody can
    /// make us sign at will. @param now time @param link whence @param answer LEAVE or KICK
    void AnswerStray(Micros now, LinkId link, const FrameRef& answer);
    /// Seqs below are expected. @param toExclusive watermark @param now time
    void Expect(std::uint32_t toExclusive, Micros now);
    /// Seqs were found missing. @param from first @param to behind the last @param now time
    void NoteGap(std::uint32_t from, std::uint32_t to, Micros now);
    /// @return behind the last message that the root's word vouches for
    std::uint32_t SureNext() const;
    /// Forget what only a parent said: what lies there may not exist.
    void Doubt();
    /// Bound what is missing and account for what is let go. @param now time
    void TrimMissing(Micros now);
    /// @param now time @param seq number @param frame to pass on to the children
    void Forward(Micros now, std::uint32_t seq, const FrameRef& frame);
    /// Send what forwarding lets go. @param now time
    void Drain(Micros now);
    /// Send what needs no queue. @param now time @param seq number @param frame DATA
    void PassOn(Micros now, std::uint32_t seq, const FrameRef& frame);
    /// Queue for every child that lacks it. @param now time @param seq number @param frame DATA
    void Enqueue(Micros now, std::uint32_t seq, const FrameRef& frame);
    /// @param now time @param frame DATA @return time since the root stamped it, by both clocks
    Micros LagOf(Micros now, const FrameRef& frame) const;
    /// A child's link took a message. @param child who @param frame DATA
    void TellPassed(const Child& child, const FrameRef& frame);
    /// @param amount payload bytes times bid, for messages passed on
    void Earn(std::uint64_t amount);
    /// Tell of a first copy. @param now time @param frame DATA @param path which way it came
    void TellDelivered(Micros now, const FrameRef& frame, DeliveryPath path);
    /// A missing seq came. @param now time @param seq number @param fetched from a neighbour
    /// @return whether it was asked for
    bool NoteFilled(Micros now, std::uint32_t seq, bool fetched);

    // ---- what is missing: fanout-channel-repair.cc ----

    /// Ask the parent for what is due. @param now time
    void SettleRepair(Micros now);
    /// @return how long the parent has for an answer to an ask, before the next one
    Micros AskAgainAfter() const;
    /// @param link whence @param frame REPAIR_REQ
    void OnRepairReq(LinkId link, const FrameRef& frame);
    /// @param link whence @param frame IHAVE
    void OnIHave(LinkId link, const FrameRef& frame);
    /// The parent says that the channel is more than a window ahead, which only a message that the
    /// root signed can show. @param now time @param seq of one that the parent says it has
    void AskForProof(Micros now, std::uint32_t seq);
    /// @param link whence @param frame END
    void OnEnd(LinkId link, const FrameRef& frame);
    /// @return the IHAVE to answer or beat with; none when there is nothing to tell
    FrameRef SealIHave();

    /// @return whether data must be on its way to this peer
    bool
    IsExpecting() const
    {
        return m_window.MissingCount() > 0 || (m_window.Started() && m_window.Next() > 0 &&
                                               !(m_ended && m_window.Next() >= m_end));
    }

    // ---- from neighbours: fanout-channel-fetch.cc ----

    /// @return whom to ask, made when missing; only where MayFetch()
    Fetching& Fetches();
    /// @return whether there may be a neighbour to ask
    bool MayFetch() const;

    /// @return whether there is no parent to ask
    bool
    IsStranded() const
    {
        return m_parentLink == NO_LINK || m_liveness.IsSuspecting();
    }

    /// Ask neighbours for what is due. @param now time
    void SettleFetch(Micros now);
    /// @param now time @param seqs to ask neighbours for
    void Fetch(Micros now, const std::vector<std::uint32_t>& seqs);
    /// @param now time @param except rather not that one @return whom to ask, dialled; or null
    /// @param seqs what it is asked for
    Fetching::Source* FetchSource(Micros now,
                                  LinkId except,
                                  const std::vector<std::uint32_t>& seqs);
    /// @param now time @param source whom to ask @param rest of what is to be asked, shortened
    /// @return what to ask there, within the budget
    std::vector<std::uint32_t> Share(Micros now,
                                     const Fetching::Source& source,
                                     std::vector<std::uint32_t>& rest);
    /// @param now time @param source whom to ask @param seqs for what @return whether it went out
    bool SendFetch(Micros now, Fetching::Source& source, const std::vector<std::uint32_t>& seqs);
    /// @return time-out of an ask elsewhere
    Micros FetchRto() const;
    /// @return when a peer without a parent asks how far the channel is
    Micros NextRangeAt() const;
    /// @return when SettleFetch() has something to do
    Micros NextFetchAt() const;
    /// Ask for the next message, and so how far the channel is. @param now time
    void AskRange(Micros now);
    /// The same. @param now time @param source of whom
    void AskNext(Micros now, Fetching::Source& source);
    /// @param link whence @param seq that came @return whether it was asked for there
    bool WasFetched(LinkId link, std::uint32_t seq);
    /// @param link of a neighbour that was asked @param message its IHAVE
    void OnNeighbourHas(LinkId link, const IHave& message);
    /// Let go of links that are not in use. @param now time
    void ReleaseFetchLinks(Micros now);
    /// Ask nobody any more.
    void StopFetching();
    /// @param link whence @param frame FETCH_REQ
    void OnFetchReq(LinkId link, const FrameRef& frame);
    /// @param now time @param link where to @param original asked for there @return whether it is
    /// on its way, or queued
    bool Lend(Micros now, LinkId link, const FrameRef& original);
    /// @return what neighbours may be given, null where nothing is kept for them
    Lending* Lends();
    /// @param lending any @return heap bytes that it holds
    static std::size_t LendingBytes(const Lending& lending);
    /// @param link of one who fetches and is no child @return whether it has proved to be there
    bool MeetStranger(LinkId link);
    /// @param link any @return who fetches there without being a child, or null
    Stranger* FindStranger(LinkId link);
    /// @param link is closed: nobody fetches there
    void ForgetStranger(LinkId link);
    /// @param link any @return whether one fetches there, or is fetched from
    bool IsFetchLink(LinkId link);
    /// @param link of such a one, neither child nor parent @param alive what it says
    void OnStrangerAlive(LinkId link, const Alive& alive);

    // ---- a mesh of neighbours: fanout-channel-mesh.cc ----

    /// Begin, where there is to be a mesh.
    void StartMesh();
    /// Leave it.
    void StopMesh();
    /// Members that are none any more, one more of them, and a word to all. @param now time
    void SettleMesh(Micros now);
    /// Take one that is known. @param now time
    void FillMesh(Micros now);
    /// @return when SettleMesh() has something to do
    Micros NextMeshAt() const;
    /// The search for a parent has found peers that may be members.
    void SuggestToMesh();
    /// @param peer any @return whether it cannot be in the mesh: this peer, the root, parent or
    /// child
    bool IsInTree(const PeerId& peer) const;
    /// @param link any @return the member of the mesh there, or null
    Mesh::Member* MeshMember(LinkId link);
    /// @param link whence @param peer who @param message what it says it has
    void OnMeshHas(LinkId link, const PeerId& peer, const IHave& message);
    /// Members of the mesh have what the parent lacks: ask there at once. @param now time
    void HurryToMesh(Micros now);
    /// @param source one @param seqs to be asked @param now time
    /// @return how much better than another, by what it said: 1 when it said nothing
    double WorthOf(const Fetching::Source& source,
                   const std::vector<std::uint32_t>& seqs,
                   Micros now);
    /// @param source one @param seq any @param now time @return whether it said that it has it
    bool SaidToHave(const Fetching::Source& source, std::uint32_t seq, Micros now);

    // ---- a subtree that stays together: fanout-channel-hold.cc ----

    /// @return how long the children of a peer without a parent stay; 0: not at all
    Micros HoldTime() const;
    /// The parent is lost and the children stay. @param now time
    void Hold(Micros now);
    /// The children stay no longer.
    void Dissolve();
    /// Ends of holds, the parent's and the own; who waits for an anchor. @param now time
    void SettleHold(Micros now);
    /// @return when one of these is due
    Micros NextHoldAt() const;
    /// @param state to tell @return the next POSITION
    FrameRef SealPosition(PositionUpdate::State state);
    /// Tell all children. @param state to tell
    void TellPosition(PositionUpdate::State state);
    /// Say it again to one that missed it. @param child who @param seen last serial it saw
    void RepeatPosition(const Child& child, std::uint32_t seen);
    /// @param link whence @param frame POSITION
    void OnPosition(LinkId link, const FrameRef& frame);
    /// The parent told a new position. @param level changed @param path changed
    void Moved(bool level, bool path);
    /// @param applicant one with children whose feasible key is too high for this peer
    /// @return whether it waits now until the root has raised the anchor
    bool AwaitsAnchor(const Applicant& applicant);
    /// @param need anchor to ask the parent for
    void AskAnchor(std::uint32_t need);
    /// @param link whence @param frame ANCHOR_REQ
    void OnAnchorReq(LinkId link, const FrameRef& frame);
    /// Tell those that asked for it of the higher anchor.
    void AnswerAnchor();
    /// Answer who waited for an anchor. @param now time
    void SettleWaiting(Micros now);
    /// @return heap bytes that waiting for anchors takes
    std::size_t AnchoringBytes() const;
    /// @return who waits, made when missing
    Anchoring& MakeAnchoring();
    /// @param link is closed: nobody waits there
    void ForgetApplicant(LinkId link);
    /// @param most of them
    /// @return parents that a child may turn to (algorithms 4): grandparent, uncles, siblings
    std::vector<Backup> BackupsForChildren(std::size_t most);
    /// @param child to be admitted @return how many of these it is told
    std::size_t BackupsFor(const Child& child) const;
    /// @param backups that the parent named
    void KeepBackups(const std::vector<Backup>& backups);
    /// Make them candidates.
    void OfferBackups();

    // ---- sent elsewhere: fanout-channel-move.cc ----

    /// @param child is to go elsewhere @param relay that takes its place, null when it is too much
    void SendMove(const Child& child, const Child* relay);
    /// Children's queues may have passed a mark. @param now time
    void NoteMarks(Micros now);
    /// While it is too much for the upload. @param offered live bytes for children
    /// @param carried live bytes that links took
    void MeasureUpload(std::uint64_t offered, std::uint64_t carried);
    /// Send children elsewhere when that lasts; take more when it is over. @param now time
    void SettleOverload(Micros now);
    /// @return children that the upload has carried since it was looked at last, one less at least
    std::uint16_t CarriedChildren();
    /// Send one child elsewhere: a leaf if there is one, at the lowest bid. @param now time
    /// @return whether there was one that had not been told to go before
    bool SendAway(Micros now);
    /// @return when one of these is due
    Micros NextReliefAt() const;
    /// @param link whence @param frame MOVE
    void OnMove(LinkId link, const FrameRef& frame);

    // ---- children: fanout-channel-children.cc ----

    /// @param link whence @param frame JOIN_REQ
    void OnJoinReq(LinkId link, const FrameRef& frame);
    /// @param applicant to take or to turn away
    void Consider(const Applicant& applicant);
    /// @param link whence @param reqId of the ask @param reason why not
    void SendReject(LinkId link, std::uint32_t reqId, const PeerId& asker, RejectReason reason);
    /// @param link of a child, NO_LINK for none: it shall say that it is there
    void ProbeChild(LinkId link);
    /// @param child admitted @param reqId of its ask
    void SendAccept(const Child& child, std::uint32_t reqId);
    /// @param link whence @param frame LEAVE
    void OnLeave(LinkId link, const FrameRef& frame);
    /// @param link whence @param frame ALIVE
    void OnAlive(LinkId link, const FrameRef& frame);
    /// One who is no child speaks like one: it missed that it was let go. @param link whence
    /// @param frame ALIVE or REPAIR_REQ
    void DisownStranger(LinkId link, const FrameRef& frame);
    /// @param child gone from the table @param cause why
    void ChildGone(const Child& child, ChildEvent::Cause cause);
    /// KICK all children. @param now time
    void KickChildren();
    /// Leases, watermarks, announces. @param now time
    void SettleServing(Micros now);
    /// Tell children how far the channel is while nothing else does. @param now time
    void SettleWatermarks(Micros now);
    /// @return when the next watermark is due, NEVER when none is
    Micros NextWatermarkAt() const;
    /// Tell trackers of room. @param now time
    void SettleAnnounce(Micros now);
    /// @return whether a tracker beyond the shards is told too: who gets no answer from the last
    /// shard's asks there
    bool HasSpare() const;
    /// It is to be told something. @param now time
    void NoteSpare(Micros now);
    /// @return when it is due to be told
    Micros NextSpareAt() const;
    /// Tell it. @param now time
    void SettleSpare(Micros now);
    /// @return when an announce is due
    Micros NextAnnounceAt() const;
    /// @param shard which @return free slots to tell its tracker; the root's are shared out
    std::uint16_t FreeSlotsFor(std::size_t shard) const;
    /// @param ttl of the announce @param shard whose tracker @param freeSlots room
    void SendAnnounce(Micros ttl, std::size_t shard, std::uint16_t freeSlots);
    /// ALIVE to the parent when it is time. @param now time
    void SettleAlive(Micros now);
    /// @return when ALIVE is due
    Micros NextAliveAt() const;
    /// The parent gave a message. @param seq of it
    void NoteGiven(std::uint32_t seq);
    /// @param now time @param alive of the parent @return whether it has had messages for long, and
    /// gives none
    bool Withholds(Micros now, const Alive& alive);
    /// @param link where to @param echo value @param echoDelayMs 0xffff asks for an answer
    void SendAlive(LinkId link, std::uint32_t echo, std::uint16_t echoDelayMs);

    /// @param link where to @param message what to say; charged to forwarding @return result
    template <typename Message>
    SendResult
    Say(LinkId link, const Message& message)
    {
        return SayFrame(link, m_context.Seal(Key(), message));
    }

    /// @param link where to @param frame a control frame; charged to forwarding @return result
    SendResult SayFrame(LinkId link, const FrameRef& frame);

    /// @return whether this peer is the channel's root
    bool
    IsRoot() const
    {
        return m_isRoot;
    }

    /// @return the root
    const PeerId&
    Root() const
    {
        return m_terms->config.root;
    }

    /// @return of the role
    const Options&
    GetOptions() const
    {
        return *m_terms->config.options;
    }

    /// @return number of children
    std::size_t
    ChildCount() const
    {
        return m_serving ? m_serving->admission.Children().size() : 0;
    }

    PeerContext& m_context;                      ///< of the peer
    std::shared_ptr<const ChannelTerms> m_terms; ///< shared with the others of the role
    std::unique_ptr<Serving> m_serving;          ///< present with capacity
    std::unique_ptr<Attachment> m_attachment;    ///< present while a parent is looked for
    std::unique_ptr<Fetching> m_fetching;        ///< present while neighbours are asked
    std::unique_ptr<Meshing> m_meshing;          ///< present with a mesh
    LinkId m_parentLink{NO_LINK};                ///< to the parent
    std::uint32_t m_givenNext{0};                ///< behind the last message that the parent gave
    Micros m_withheldSince{NEVER};               ///< the parent has more, gives nothing
    Micros m_parentHeldUntil{NEVER};             ///< a parent without parent is left then
    mutable Micros m_servingNextAt{NEVER};       ///< NextServingAt() as asked last
    std::uint32_t m_end{0};                      ///< messages of the channel, once ended
    bool m_ended{false};                         ///< END is known
    bool m_open{false};                          ///< open
    bool m_isRoot;                               ///< this peer is the root
    bool m_moved{false};                         ///< the parent was adopted by a move
    Liveness m_liveness;                         ///< of the parent
    Repair m_repair;                             ///< what is asked for
    Window m_window;                             ///< what was delivered
    Position m_position;                         ///< where this peer is; a message needs its head
    std::vector<LinkId> m_trackerLinks;          ///< held links to trackers, by index
    std::vector<Backup> m_backups;               ///< whom to turn to without a parent
    FrameRef m_endFrame;                         ///< the root's END
    Endpoint m_parentEndpoint;                   ///< where the parent, or the last one, listens
    Micros m_attachedAt{0};                      ///< the parent was adopted
    Micros m_strayAnsweredAt{-SECOND};           ///< last word to one who takes us for its own
    Micros m_proofAskedAt{-SECOND};              ///< last AskForProof
    std::uint32_t m_nextReqId{1};                ///< of the next request
    std::uint8_t m_flaps{0};                     ///< parents in a row lost soon
    std::uint32_t m_nextSeq{0};                  ///< root: of the next message
    float m_publishInterval{0};                  ///< root: mean time between messages
};

} // namespace ns3::fanout

#endif // FANOUT_CHANNEL_H
