/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "ns3/fanout-codec-layout.h"
#include "ns3/fanout-codec.h"
#include "ns3/fanout-frame.h"

#include <cstdlib>

namespace
{

using namespace ns3::fanout;

void
Require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// What was read can be written, in the size foretold, and reads back as the same.
template <typename Message>
void
TryDecode(ByteView frame)
{
    const std::optional<Message> message = Decode<Message>(frame);
    if (!message)
    {
        return;
    }
    const Digest key = KeyOf(frame).value_or(Digest());
    const Bytes bytes = Encode(key, *message);
    Require(bytes.size() == EncodedSize(*message));
    const std::optional<Message> again = Decode<Message>(bytes);
    Require(again.has_value());
}

void
DecodeAll(ByteView frame)
{
#define FANOUT_TRY_DECODE(MESSAGE, KIND, MIN_BODY) TryDecode<MESSAGE>(frame);
    FANOUT_CODEC_MESSAGES(FANOUT_TRY_DECODE)
#undef FANOUT_TRY_DECODE
}

void
ParseEnvelope(ByteView wire)
{
    static FrameStore store;
    const FrameRef frame = store.Intern(wire);
    std::string error;
    Require(static_cast<bool>(Frame::Parse(wire, &error)) == static_cast<bool>(frame));
    Require(static_cast<bool>(frame) == error.empty());
    if (!frame)
    {
        return;
    }
    Require(frame->Wire().size() == wire.size());
    Require(store.Intern(wire)->IsData() == frame->IsData());
    Require(frame->SignableBytes().size() <= wire.size() + 2);
    frame->Signer();
    frame->Verify(SignatureScheme::Mock());
    Require(frame->ChannelSuffix().size() % 24 == 0);
    DecodeAll(frame->Data());
}

} // namespace

/**
 * libFuzzer's entry: the bytes are tried as a frame of every kind and as an envelope.
 * @param data bytes @param size how many @return 0
 */
extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView input(data, size);
    DecodeAll(input);
    ParseEnvelope(input);
    return 0;
}
