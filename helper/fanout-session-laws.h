/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_SESSION_LAWS_H
#define FANOUT_SESSION_LAWS_H

#include "ns3/nstime.h"

namespace ns3
{

/**
 * @ingroup fanout-tree
 * A Weibull law of times. A shape below 1 makes most of them short and a few very long.
 */
struct FanoutWeibull
{
    static constexpr double MIN_SHAPE = 0.2; ///< least shape
    static constexpr double MAX_SHAPE = 10;  ///< largest shape

    Time mean;       ///< above 0
    double shape{1}; ///< in [MIN_SHAPE, MAX_SHAPE]; 1 is the exponential law

    /// @return the law's scale, seconds
    double GetScale() const;

    /// @param u a number in [0, 1) @return the time that a share u of all times is below
    Time Quantile(double u) const;

    /**
     * Of those under way at a moment in steady state, what is left: long ones are met more often.
     * @param u a number in [0, 1) @return the time that a share u of them has left at most
     */
    Time ResidualQuantile(double u) const;
};

/**
 * @ingroup fanout-tree
 * How long subscribers stay, and how long they are away. The shapes are those of KAD, 2006 and 2007
 * (Steiner et al., Eurecom RR-07-205), whose means are 247 and 911 minutes.
 */
struct FanoutSessionLaws
{
    static constexpr double KAD_ON_SHAPE = 0.61511;     ///< of sessions
    static constexpr double KAD_OFF_SHAPE = 0.47648;    ///< of the times between
    static constexpr double KAD_ON_SCALE_MIN = 169.54;  ///< of sessions, minutes
    static constexpr double KAD_OFF_SCALE_MIN = 413.68; ///< of the times between, minutes

    FanoutWeibull on{Minutes(247), KAD_ON_SHAPE};   ///< of sessions
    FanoutWeibull off{Minutes(911), KAD_OFF_SHAPE}; ///< of the times between

    /**
     * KAD with another clock: both means by the same factor, so that a short run sees churn and as
     * many are present as in KAD (21 %).
     * @param meanOn mean session, above 0 @return the laws
     */
    static FanoutSessionLaws Kad(Time meanOn);

    /// @return share of the subscribers present in steady state
    double GetPresentShare() const;

    /// @throws std::invalid_argument when a mean or a shape is not allowed
    void Check() const;
};

/**
 * @ingroup fanout-tree
 * A day in which the rate of arrivals rises and falls as a sinusoid, from the trough at time 0. The
 * mean rate over a day is 1.
 */
class FanoutDay
{
  public:
    /// No day: the rate is 1 at all times.
    FanoutDay() = default;

    /// @param period length of a day, above 0 @param peak highest rate by lowest, at least 1
    /// @throws std::invalid_argument when one is not allowed
    FanoutDay(Time period, double peak);

    /// @param at a time @return rate of arrivals then, by the mean one
    double GetRate(Time at) const;

    /// @param at a time @param length how long @return the rate, summed from there so long
    Time Measure(Time at, Time length) const;

    /// @param at a time @param amount of rate @return how long it takes from there to sum up
    Time Stretch(Time at, Time amount) const;

  private:
    /// @param seconds a time @return the rate, summed from 0 up to there
    double Sum(double seconds) const;

    double m_period{0}; ///< seconds, 0 for no day
    double m_swing{0};  ///< amplitude of the rate
};

} // namespace ns3

#endif // FANOUT_SESSION_LAWS_H
