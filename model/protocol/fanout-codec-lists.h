/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CODEC_LISTS_H
#define FANOUT_CODEC_LISTS_H

#include "fanout-cursor.h"
#include "fanout-messages.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ns3::fanout
{

/*
 * Texts and lists as several kinds of frames carry them (protocol 3.1). Writers are templates over
 * ByteWriter and ByteCounter. Readers break the cursor where a list is cut off.
 */

constexpr std::size_t MAX_TEXT_BYTES = 255;       ///< longest hash text, bytes
constexpr std::size_t MAX_LIST = 255;             ///< most entries of a list
constexpr std::size_t MAX_ADDRESS_BYTES = 0xffff; ///< longest multiaddr, bytes

/// @param hop a hop of a route @return whether it is written
inline bool
IsHop(const std::string& hop)
{
    return !hop.empty() && hop.size() <= MAX_TEXT_BYTES;
}

/// @param route a route @return how many of its hops are written
inline std::size_t
CountHops(const Route& route)
{
    const auto hops = static_cast<std::size_t>(std::count_if(route.begin(), route.end(), IsHop));
    return std::min(hops, MAX_ROUTE_HOPS);
}

/// @param out where to @param text what, its first 255 bytes
template <typename Sink>
void
WriteText(Sink& out, std::string_view text)
{
    text = text.substr(0, MAX_TEXT_BYTES);
    out.U8(static_cast<std::uint8_t>(text.size()));
    out.Raw(ByteView(text));
}

/// @param out where to @param route what
template <typename Sink>
void
WriteRoute(Sink& out, const Route& route)
{
    std::size_t left = CountHops(route);
    out.U8(static_cast<std::uint8_t>(left));
    for (const std::string& hop : route)
    {
        if (left > 0 && IsHop(hop))
        {
            WriteText(out, hop);
            left--;
        }
    }
}

/// Addresses of these sizes, bytes, are written, up to so many.
struct AddressRule
{
    std::size_t smallest; ///< least size
    std::size_t most;     ///< addresses of a list

    /// @param address an address @return whether it is written
    bool
    Allows(const Bytes& address) const
    {
        return address.size() >= smallest && address.size() <= MAX_ADDRESS_BYTES;
    }

    /// @param addresses a list @return how many of it are written
    std::size_t
    Count(const AddressList& addresses) const
    {
        const auto allowed = std::count_if(addresses.begin(),
                                           addresses.end(),
                                           [this](const Bytes& a) { return Allows(a); });
        return std::min(static_cast<std::size_t>(allowed), most);
    }
};

constexpr AddressRule ANY_ADDRESS{0, MAX_LIST};                    ///< Outside of redirects.
constexpr AddressRule REDIRECT_ADDRESS{1, MAX_REDIRECT_ADDRESSES}; ///< In a redirect.

/// @param out where to @param addresses what @param rule which of these
template <typename Sink>
void
WriteAddresses(Sink& out, const AddressList& addresses, const AddressRule& rule)
{
    std::size_t left = rule.Count(addresses);
    out.U8(static_cast<std::uint8_t>(left));
    for (const Bytes& address : addresses)
    {
        if (left > 0 && rule.Allows(address))
        {
            out.U16(static_cast<std::uint16_t>(address.size()));
            out.Raw(address);
            left--;
        }
    }
}

/// @param redirect a redirect @return whether it is written: it has a hash and an address
inline bool
IsRedirect(const PeerAddresses& redirect)
{
    return IsHop(redirect.hash) && REDIRECT_ADDRESS.Count(redirect.addresses) > 0;
}

/// Of the first 255 entries those whose hash fits are written.
/// @param out where to @param entries what @param writeRest writes an entry behind its hash
template <typename Sink, typename Entry, typename WriteRest>
void
WriteEntries(Sink& out, const std::vector<Entry>& entries, WriteRest writeRest)
{
    const auto end =
        entries.begin() + static_cast<std::ptrdiff_t>(std::min(entries.size(), MAX_LIST));
    const auto fits = [](const Entry& entry) { return entry.hash.size() <= MAX_TEXT_BYTES; };
    out.U8(static_cast<std::uint8_t>(std::count_if(entries.begin(), end, fits)));
    for (auto entry = entries.begin(); entry != end; ++entry)
    {
        if (fits(*entry))
        {
            WriteText(out, entry->hash);
            writeRest(*entry);
        }
    }
}

/// @param out where to @param providers what
template <typename Sink>
void
WriteProviders(Sink& out, const std::vector<PeerAddresses>& providers)
{
    WriteEntries(out,
                 providers,
                 [&out](const PeerAddresses& provider)
                 { WriteAddresses(out, provider.addresses, ANY_ADDRESS); });
}

template <typename Sink>
void
WriteSeqs(Sink& out, std::uint32_t reqId, const std::vector<std::uint32_t>& seqs)
{
    const std::size_t count = std::min(seqs.size(), MAX_LIST);
    out.U32(reqId);
    out.U8(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; i++)
    {
        out.U32(seqs[i]);
    }
}

/// @param in at a count @return the first 32 hops; the rest is skipped
Route ReadRoute(Cursor& in);

/// @param in at a count @param keep how many addresses to keep; the rest is skipped
/// @return the addresses
AddressList ReadAddresses(Cursor& in, std::size_t keep);

/// @param in at a length @param text where to put it @param smallest least length, bytes
/// @return whether a whole text of that length was there
bool ReadText(Cursor& in, std::string& text, std::size_t smallest);

/// @param in at a count @return providers that have a hash
std::vector<PeerAddresses> ReadProviders(Cursor& in);

/// @param in at a count @return sequence numbers, as many as are there
std::vector<std::uint32_t> ReadSeqs(Cursor& in);

} // namespace ns3::fanout

#endif // FANOUT_CODEC_LISTS_H
