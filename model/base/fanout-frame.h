/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_FRAME_H
#define FANOUT_FRAME_H

#include "fanout-bytes.h"
#include "fanout-identity.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace ns3::fanout
{

class Frame;
class FrameStore;

/**
 * @ingroup fanout-tree
 * A counted reference to an immutable frame. Not atomic: a frame belongs to one thread.
 */
class FrameRef
{
  public:
    FrameRef() = default;

    /// @param frame the frame, may be null
    explicit FrameRef(const Frame* frame);

    /// @param other shares its frame
    FrameRef(const FrameRef& other);

    /// @param other is left empty
    FrameRef(FrameRef&& other) noexcept
        : m_frame(std::exchange(other.m_frame, nullptr))
    {
    }

    ~FrameRef();

    /// @param other takes its frame @return this
    FrameRef&
    operator=(FrameRef other) noexcept
    {
        std::swap(m_frame, other.m_frame);
        return *this;
    }

    /// @return the frame
    const Frame*
    operator->() const
    {
        return m_frame;
    }

    /// @return the frame
    const Frame&
    operator*() const
    {
        return *m_frame;
    }

    /// @return whether there is a frame
    explicit operator bool() const
    {
        return m_frame != nullptr;
    }

    /// @return the frame or null
    const Frame*
    Get() const
    {
        return m_frame;
    }

    /// Let go without counting. @return the frame or null; to be given to Adopt() once
    const Frame*
    Release()
    {
        return std::exchange(m_frame, nullptr);
    }

    /// @param frame what Release() returned @return the reference that it was
    static FrameRef
    Adopt(const Frame* frame)
    {
        FrameRef adopted;
        adopted.m_frame = frame;
        return adopted;
    }

  private:
    const Frame* m_frame{nullptr}; ///< the frame
};

/// What the sender of an envelope chooses (protocol 2.4).
struct EnvelopeFields
{
    Digest id{}; ///< message id; random, or "FOUT" || be32 seq || key[0..24) for DATA
    std::uint64_t timestamp{0}; ///< creation, milliseconds
    std::uint64_t session{0};   ///< the sender's start, milliseconds
    std::uint64_t expires{0};   ///< milliseconds; the reference uses timestamp + 605,800
    std::uint32_t priority{10}; ///< 10 for control, 1 for data
};

/**
 * @ingroup fanout-tree
 * One signed envelope ("DataMessage", protocol 2.4) and what it carries: immutable, shared, parsed
 * once. It keeps the sender's original bytes, so that whoever forwards or repairs it passes on the
 * same bytes. The verdict on its signature is remembered in it.
 */
class Frame
{
  public:
    /// Bytes of an envelope around its data (AnyWhere mode, priority, one signature).
    static constexpr std::size_t ENVELOPE_BYTES = 178;

    /// Lifetime the reference gives an envelope, milliseconds (protocol 2.4).
    static constexpr std::uint64_t LIFETIME_MS = 605800;

    /**
     * Read an envelope. Any delivery mode, origin and number of signatures the reference can write
     * is read.
     * @param wire the envelope's bytes, copied
     * @param error where to put what is wrong, or null
     * @return the frame, or none when the bytes are not exactly one well-formed DataMessage
     */
    static FrameRef Parse(ByteView wire, std::string* error = nullptr);

    /**
     * Write and sign an envelope with mode AnyWhere.
     * @param scheme how to sign
     * @param signer who signs
     * @param fields header fields
     * @param data what it carries: kind, key, body
     * @return the frame, its signature known to be good
     */
    static FrameRef Seal(const SignatureScheme& scheme,
                         const Identity& signer,
                         const EnvelopeFields& fields,
                         ByteView data);

    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    /// @return the envelope's bytes
    ByteView
    Wire() const
    {
        return {Begin(), m_size};
    }

    /// @return what it carries: kind, key and body; may be empty
    ByteView
    Data() const
    {
        return {Begin() + m_dataOffset, m_dataSize};
    }

    /// @return the first byte of Data(), 0 when there is none
    std::uint8_t
    Kind() const
    {
        return m_dataSize == 0 ? 0 : Begin()[m_dataOffset];
    }

    /// @return the 32 bytes of the message id
    ByteView
    Id() const
    {
        return {Begin() + 2, 32};
    }

    /// @return whether this is a DATA frame with a FOUT id (protocol 2.3)
    bool
    IsData() const
    {
        return m_isData;
    }

    /// @return the sequence number of a DATA frame, 0 otherwise
    std::uint32_t
    Seq() const
    {
        return m_seq;
    }

    /// @return the first 24 bytes of the channel key: from the id for DATA, else from the frame;
    /// empty when Data() is too short to have one
    ByteView
    ChannelSuffix() const
    {
        return m_isData ? ByteView(Begin() + 10, 24)
                        : (m_dataSize < 33 ? ByteView() : ByteView(Data().data() + 1, 24));
    }

    /// @return user bytes of a DATA frame: Data() behind the kind
    ByteView
    Payload() const
    {
        return Data().From(1);
    }

    /// @return header fields as they stand in the bytes
    const EnvelopeFields&
    Fields() const
    {
        return m_fields;
    }

    /// @return whether the header names a priority (the reference's loss model asks)
    bool
    HasPriority() const
    {
        return m_hasPriority;
    }

    /// @return number of signatures
    std::size_t
    SignatureCount() const
    {
        return m_signatureCount;
    }

    /// @return the peer whose key made the first signature; zero when unsigned
    const PeerId& Signer() const;

    /// @return the bytes that are signed (protocol 2.5)
    Bytes SignableBytes() const;

    /**
     * Check every signature; an unsigned envelope fails.
     * @param scheme how it was signed
     * @param remember use and keep the verdict in the frame, so that all holders of this very
     *        object check it once
     * @return whether all are good
     */
    bool Verify(const SignatureScheme& scheme, bool remember = true) const;

  private:
    friend class FrameRef;
    friend class FrameStore;

    /// What is known of the signatures.
    enum class Verdict : std::uint8_t
    {
        UNKNOWN,
        GOOD,
        BAD
    };

    /// Bytes of an envelope, as an argument of operator new.
    struct WireBytes
    {
        std::uint32_t n; ///< how many
    };

    /// @param size bytes of the envelope, which follow the object in the same block
    explicit Frame(WireBytes size)
        : m_size(size.n)
    {
    }

    ~Frame();

    /// @param size of a Frame @param wire bytes behind it @return room for both
    static void*
    operator new(std::size_t size, WireBytes wire)
    {
        return ::operator new(size + wire.n);
    }

    /// @param room of a Frame and its bytes
    static void
    operator delete(void* room)
    {
        ::operator delete(room);
    }

    /// @param room of a Frame whose constructor threw
    static void
    operator delete(void* room, WireBytes)
    {
        ::operator delete(room);
    }

    /// @return the envelope's first byte, right behind the object
    const std::uint8_t*
    Begin() const
    {
        return reinterpret_cast<const std::uint8_t*>(this + 1);
    }

    /// @return the same, to write while nobody else has the frame
    std::uint8_t*
    Begin()
    {
        return reinterpret_cast<std::uint8_t*>(this + 1);
    }

    /// The envelope is written and its offsets are set: note what is asked for often.
    void Finish();

    /// @param scheme how it was signed @return whether every signature is good
    bool CheckSignatures(const SignatureScheme& scheme) const;

    EnvelopeFields m_fields;                     ///< header fields
    mutable PeerId m_signer;                     ///< digest of the first key, computed when asked
    mutable FrameStore* m_store{nullptr};        ///< who must be told of the end
    mutable std::uint32_t m_references{0};       ///< holders
    std::uint32_t m_size{0};                     ///< bytes of the envelope
    std::uint32_t m_dataOffset{0};               ///< where Data() begins
    std::uint32_t m_dataSize{0};                 ///< bytes of Data()
    std::uint32_t m_modeOffset{0};               ///< where the delivery mode's option begins
    std::uint32_t m_signaturesOffset{0};         ///< where the signatures' option begins
    std::uint32_t m_signaturesEnd{0};            ///< behind the signatures
    std::uint32_t m_seq{0};                      ///< sequence number of DATA
    std::uint8_t m_signatureCount{0};            ///< number of signatures
    bool m_isData{false};                        ///< DATA with a FOUT id
    bool m_hasPriority{false};                   ///< whether priority is present
    mutable Verdict m_verdict{Verdict::UNKNOWN}; ///< of the signatures
};

/**
 * @ingroup fanout-tree
 * The frames of this process by message id and bytes, so that a thousand receivers of the same
 * packet share one frame instead of parsing a thousand. It holds no frame alive.
 */
class FrameStore
{
  public:
    FrameStore();
    ~FrameStore();
    FrameStore(const FrameStore&) = delete;
    FrameStore& operator=(const FrameStore&) = delete;

    /**
     * @param wire bytes of an envelope
     * @return the frame of exactly these bytes, shared when it is a DATA frame that somebody still
     *         holds; none when malformed
     */
    FrameRef Intern(ByteView wire);

    /// @param frame a DATA frame made here (by its publisher): later copies of it are shared
    void Adopt(const FrameRef& frame);

    /// @return number of frames known
    std::size_t GetN() const;

  private:
    friend class Frame;

    /// @param frame is going away
    void Forget(const Frame& frame);

    struct Table;                   ///< the hash table
    std::unique_ptr<Table> m_table; ///< by id
};

/// @param seq sequence number @param key channel key, 32 bytes @return the id of that DATA message
Digest DataMessageId(std::uint32_t seq, const Digest& key);

inline FrameRef::FrameRef(const Frame* frame)
    : m_frame(frame)
{
    if (m_frame)
    {
        m_frame->m_references++;
    }
}

inline FrameRef::FrameRef(const FrameRef& other)
    : FrameRef(other.m_frame)
{
}

inline FrameRef::~FrameRef()
{
    if (m_frame && --m_frame->m_references == 0)
    {
        delete m_frame;
    }
}

} // namespace ns3::fanout

#endif // FANOUT_FRAME_H
