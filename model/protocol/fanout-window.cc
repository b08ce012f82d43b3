/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-window.h"

#include <algorithm>

namespace ns3::fanout
{

Window::Window(std::uint32_t maxSpan)
    : m_maxSpan(std::clamp<std::uint32_t>(maxSpan, 1, 1U << 20))
{
}

void
Window::StartAt(std::uint32_t joinPoint)
{
    if (!m_started)
    {
        m_base = m_next = m_sure = joinPoint;
        m_started = true;
    }
}

bool
Window::Restart(std::uint32_t joinPoint)
{
    const bool untouched = m_started && m_givenUp == 0 && m_sure == m_base && Top() == m_base;
    if (!untouched || joinPoint >= m_base)
    {
        return false;
    }
    *this = Window(m_maxSpan);
    StartAt(joinPoint);
    return true;
}

void
Window::Set(std::uint32_t seq, std::uint32_t plane, bool on)
{
    std::uint64_t& word = Bits()[plane + (seq / 64 & (m_words - 1))];
    const std::uint64_t bit = std::uint64_t{1} << (seq & 63);
    word = on ? word | bit : word & ~bit;
}

std::uint64_t
Window::MarkSlowly(std::uint32_t seq)
{
    if (!m_started || seq < m_base || seq == NO_SEQ)
    {
        return 0;
    }
    std::uint64_t lost = 0;
    if (seq - m_base >= m_maxSpan)
    {
        lost = MoveTo(seq - m_maxSpan + 1);
    }
    if (seq >= m_next)
    {
        Extend(seq + 1);
    }
    if (!IsSet(seq, 0))
    {
        Set(seq, 0, true);
        m_missing--;
    }
    else if (IsSet(seq, m_words))
    {
        Set(seq, m_words, false);
        m_givenUp--;
    }
    Advance();
    return lost;
}

std::uint32_t
Window::Expect(std::uint32_t toExclusive)
{
    if (!m_started || toExclusive <= m_next)
    {
        return 0;
    }
    const std::uint32_t before = m_missing;
    Extend(m_base + std::min(toExclusive - m_base, m_maxSpan));
    return m_missing - before;
}

std::uint32_t
Window::GiveUp(std::uint32_t seq)
{
    if (!IsMissing(seq))
    {
        return 0;
    }
    Set(seq, 0, true);
    Set(seq, m_words, true);
    m_missing--;
    m_givenUp++;
    Advance();
    return 1;
}

std::uint32_t
Window::GiveUpBelow(std::uint32_t seq)
{
    return m_started ? static_cast<std::uint32_t>(MoveTo(std::min(seq, m_next))) : 0;
}

std::uint32_t
Window::Top() const
{
    std::uint32_t top = m_next;
    while (top > m_base && !IsSet(top - 1, 0))
    {
        top--;
    }
    return top;
}

void
Window::Retract(std::uint32_t floor)
{
    const std::uint32_t next = std::max(Top(), std::min(floor, m_next));
    m_missing -= m_next - next;
    m_next = next;
    Advance();
}

bool
Window::Has(std::uint32_t seq) const
{
    if (seq < m_base || seq >= m_next)
    {
        return seq < m_base && m_started && seq >= m_sure;
    }
    return IsSet(seq, 0) && !IsSet(seq, m_words);
}

bool
Window::IsMissing(std::uint32_t seq) const
{
    return seq >= m_base && seq < m_next && !IsSet(seq, 0);
}

std::vector<std::uint32_t>
Window::Missing(std::size_t limit) const
{
    std::vector<std::uint32_t> seqs;
    seqs.reserve(std::min<std::size_t>(limit, m_missing));
    for (std::uint32_t seq = m_base; seqs.size() < std::min<std::size_t>(limit, m_missing); seq++)
    {
        if (!IsSet(seq, 0))
        {
            seqs.push_back(seq);
        }
    }
    return seqs;
}

std::uint64_t
Window::MoveTo(std::uint32_t base)
{
    const std::uint64_t before = m_givenUp;
    for (; m_base < base && m_base < m_next; m_base++)
    {
        if (!IsSet(m_base, 0))
        {
            m_missing--;
            m_givenUp++;
            m_sure = m_base + 1;
        }
        else if (IsSet(m_base, m_words))
        {
            m_sure = m_base + 1;
        }
        Set(m_base, 0, false);
        Set(m_base, m_words, false);
    }
    if (m_base < base)
    {
        m_givenUp += base - m_base;
        m_base = m_next = m_sure = base;
    }
    Advance();
    return m_givenUp - before;
}

void
Window::Advance()
{
    while (m_base < m_next && IsSet(m_base, 0))
    {
        if (IsSet(m_base, m_words))
        {
            m_sure = m_base + 1;
        }
        Set(m_base, 0, false);
        Set(m_base, m_words, false);
        m_base++;
    }
    if (m_heap && m_next - m_base <= 32)
    {
        Resize(1);
    }
}

void
Window::Extend(std::uint32_t toExclusive)
{
    std::uint32_t words = m_words;
    while (toExclusive - m_base > words * 64)
    {
        words *= 2;
    }
    if (words != m_words)
    {
        Resize(words);
    }
    m_missing += toExclusive - m_next;
    m_next = toExclusive;
}

void
Window::Resize(std::uint32_t words)
{
    Window other(m_maxSpan);
    other.m_words = static_cast<std::uint16_t>(words);
    if (words > 1)
    {
        other.m_heap = std::make_unique<std::uint64_t[]>(2 * words);
    }
    for (std::uint32_t seq = m_base; seq < m_next; seq++)
    {
        other.Set(seq, 0, IsSet(seq, 0));
        other.Set(seq, words, IsSet(seq, m_words));
    }
    std::copy(other.m_inline, other.m_inline + 2, m_inline);
    m_heap = std::move(other.m_heap);
    m_words = other.m_words;
}

} // namespace ns3::fanout
