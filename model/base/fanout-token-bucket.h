/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TOKEN_BUCKET_H
#define FANOUT_TOKEN_BUCKET_H

#include "fanout-time.h"

#include <algorithm>
#include <cstdint>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A rate with a burst. It counts whole billionths of a byte, so a long run adds up exactly; a rate
 * is cut to a thousandth of a byte per second and a burst to 4 GB. 32 bytes.
 *
 * It begins full. A cost above the burst passes when the bucket is full and leaves a debt, so that
 * nothing is too large for ever. Time may stand still; time that runs back is taken as standing.
 * The unit need not be bytes: messages a second work the same.
 */
class TokenBucket
{
  public:
    /**
     * @param bytesPerSecond rate; 0 or less adds nothing
     * @param burstBytes most that can be saved up; rate 0 with burst 0 gives nothing at all
     */
    TokenBucket(double bytesPerSecond, double burstBytes);

    /// @return a bucket that gives everything at any time
    static TokenBucket Unlimited();

    /// @param now time @param bytes cost, at least 0 @return whether all of it was taken
    bool
    Take(Micros now, double bytes)
    {
        return TakeLeaving(now, bytes, 0);
    }

    /**
     * Take from what lies above a reserve.
     * @param now time
     * @param bytes cost, at least 0
     * @param reserve must be left, unless the bucket is full
     * @return whether all of it was taken
     */
    bool TakeLeaving(Micros now, double bytes, double reserve);

    /// @param now time @param bytes cost, taken in any case; may leave a debt
    void Charge(Micros now, double bytes);

    /// @param bytes were taken and not used; never fills above the burst
    void Return(double bytes);

    /// @param now time @return bytes available, negative for a debt; infinite when unlimited
    double Level(Micros now) const;

    /**
     * @param now time
     * @param bytes cost
     * @param reserve must be left, as with TakeLeaving()
     * @return the first time, not before now, at which taking this succeeds if nobody takes or
     *         charges anything before; NEVER when that time does not come
     */
    Micros WhenAvailable(Micros now, double bytes, double reserve = 0) const;

    /// @return whether it gives everything at any time
    bool
    IsUnlimited() const
    {
        return m_rate == UNLIMITED;
    }

  private:
    static constexpr std::int64_t UNIT = 1000000000;                       ///< of a byte
    static constexpr std::int64_t UNLIMITED = -1;                          ///< as a rate
    static constexpr std::int64_t LARGEST = std::int64_t{4} * UNIT * UNIT; ///< burst, debt, cost

    /// @param bytes any number @return units, 0 to LARGEST
    static std::int64_t
    ToUnits(double bytes)
    {
        return bytes <= 0     ? 0
               : bytes >= 4e9 ? LARGEST
                              : static_cast<std::int64_t>(bytes * static_cast<double>(UNIT) + 0.5);
    }

    /// @param now time @return level then, units
    std::int64_t LevelAt(Micros now) const;

    /// @param now bring the level to this time
    void Refill(Micros now);

    std::int64_t m_rate;  ///< units a microsecond
    std::int64_t m_burst; ///< units
    std::int64_t m_level; ///< units at m_time
    Micros m_time{0};     ///< when the level was right
};

static_assert(sizeof(TokenBucket) <= 32);

} // namespace ns3::fanout

#endif // FANOUT_TOKEN_BUCKET_H
