/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-session-laws.h"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace ns3
{

namespace
{

constexpr double PI = 3.141592653589793;
constexpr double LONGEST = 3e9; // seconds, so that nanoseconds fit 64 bits

Time
FromSeconds(double seconds)
{
    return NanoSeconds(std::llround(std::clamp(seconds, 0.0, LONGEST) * 1e9));
}

void
CheckLaw(const FanoutWeibull& law, const char* what)
{
    if (!law.mean.IsStrictlyPositive() || !(law.shape >= FanoutWeibull::MIN_SHAPE) ||
        !(law.shape <= FanoutWeibull::MAX_SHAPE))
    {
        throw std::invalid_argument("FanoutSessionLaws: " + std::string(what) + " have a mean of " +
                                    std::to_string(law.mean.GetSeconds()) + " s and a shape of " +
                                    std::to_string(law.shape) +
                                    "; allowed are a mean above 0 and a shape from 0.2 to 10");
    }
}

} // namespace

double
FanoutWeibull::GetScale() const
{
    return mean.GetSeconds() / std::tgamma(1 + 1 / shape);
}

Time
FanoutWeibull::Quantile(double u) const
{
    return FromSeconds(GetScale() * std::pow(-std::log1p(-u), 1 / shape));
}

Time
FanoutWeibull::ResidualQuantile(double u) const
{
    // The share with at most x left is the integral of the survival function up to x, by the mean:
    // the lower incomplete gamma function of 1 / shape, regularised, at (x / scale) ^ shape.
    const double power = boost::math::gamma_p_inv(1 / shape, u);
    return FromSeconds(GetScale() * std::pow(power, 1 / shape));
}

FanoutSessionLaws
FanoutSessionLaws::Kad(Time meanOn)
{
    const double on = KAD_ON_SCALE_MIN * std::tgamma(1 + 1 / KAD_ON_SHAPE);
    const double off = KAD_OFF_SCALE_MIN * std::tgamma(1 + 1 / KAD_OFF_SHAPE);
    FanoutSessionLaws laws;
    laws.on.mean = meanOn;
    laws.off.mean = FromSeconds(meanOn.GetSeconds() * off / on);
    return laws;
}

double
FanoutSessionLaws::GetPresentShare() const
{
    return on.mean.GetSeconds() / (on.mean.GetSeconds() + off.mean.GetSeconds());
}

void
FanoutSessionLaws::Check() const
{
    CheckLaw(on, "sessions");
    CheckLaw(off, "times between sessions");
}

FanoutDay::FanoutDay(Time period, double peak)
    : m_period(period.GetSeconds()),
      m_swing((peak - 1) / (peak + 1))
{
    if (!period.IsStrictlyPositive() || !(peak >= 1 && peak <= 1e6))
    {
        throw std::invalid_argument("FanoutDay: a period of " + std::to_string(m_period) +
                                    " s and a peak of " + std::to_string(peak) +
                                    " troughs; allowed are a period above 0 and a peak from 1 to "
                                    "1000000");
    }
}

double
FanoutDay::GetRate(Time at) const
{
    return m_period > 0 ? 1 - m_swing * std::cos(2 * PI * at.GetSeconds() / m_period) : 1;
}

double
FanoutDay::Sum(double seconds) const
{
    return seconds - m_swing * m_period / (2 * PI) * std::sin(2 * PI * seconds / m_period);
}

Time
FanoutDay::Measure(Time at, Time length) const
{
    if (m_period <= 0)
    {
        return length;
    }
    return FromSeconds(Sum((at + length).GetSeconds()) - Sum(at.GetSeconds()));
}

Time
FanoutDay::Stretch(Time at, Time amount) const
{
    if (m_period <= 0)
    {
        return amount;
    }
    const double from = at.GetSeconds();
    const double target = Sum(from) + amount.GetSeconds();
    const double reach = m_swing * m_period / PI; // the sums differ by no more from straight lines
    double low = std::max(from, from + amount.GetSeconds() - reach);
    double high = from + amount.GetSeconds() + reach;
    for (int i = 0; i < 60; i++)
    {
        const double middle = (low + high) / 2;
        (Sum(middle) < target ? low : high) = middle;
    }
    return FromSeconds(high - from);
}

} // namespace ns3
