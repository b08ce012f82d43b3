/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-text-reader.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

constexpr const char* BLANKS = " \t\r\n";
constexpr std::size_t SHOWN = 40; // of a word in an error

bool
IsText(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

std::string
Quoted(std::string_view word)
{
    const bool whole = word.size() <= SHOWN;
    return "\"" + std::string(word.substr(0, SHOWN)) + (whole ? "\"" : "...\"");
}

std::string
Plain(double value)
{
    std::ostringstream text;
    text.precision(12);
    text << value;
    return text.str();
}

std::string
Trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(BLANKS);
    const auto last = text.find_last_not_of(BLANKS);
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

} // namespace

TextReader::TextReader(const std::string& path)
    : m_path(path)
{
    namespace fs = std::filesystem;
    std::error_code error;
    const auto status = fs::status(path, error);
    const auto refuse = [&](const std::string& what)
    {
        throw std::invalid_argument(path + ": " + what +
                                    "; allowed: a text file of 1 to 268435456 bytes");
    };
    if (status.type() == fs::file_type::not_found)
    {
        refuse("there is no such file");
    }
    if (!fs::is_regular_file(status))
    {
        refuse("this is not a regular file");
    }
    const auto bytes = fs::file_size(path, error);
    if (error || bytes > MAX_FILE || bytes == 0)
    {
        refuse(bytes == 0 ? "the file is empty" : "the file is too large");
    }
    m_file.open(path, std::ios::binary);
    if (!m_file)
    {
        refuse(std::strerror(errno));
    }
}

bool
TextReader::ReadLine()
{
    m_line.clear();
    m_number++;
    char c = 0;
    bool any = false;
    while (m_file.get(c))
    {
        any = true;
        if (c == '\n')
        {
            break;
        }
        if (!IsText(c))
        {
            Fail("byte " + std::to_string(static_cast<unsigned char>(c)) + " is no text",
                 "a text file");
        }
        if (m_line.size() >= MAX_LINE)
        {
            Fail("the line is too long", "at most 1048576 bytes");
        }
        m_line.push_back(c);
    }
    return any;
}

bool
TextReader::Next()
{
    while (ReadLine())
    {
        m_words.clear();
        const std::string_view line = m_line;
        for (auto at = line.find_first_not_of(BLANKS); at != std::string_view::npos;)
        {
            const auto end = std::min(line.find_first_of(BLANKS, at), line.size());
            m_words.push_back(line.substr(at, end - at));
            at = line.find_first_not_of(BLANKS, end);
        }
        if (!m_words.empty() && m_words[0][0] != '#')
        {
            return true;
        }
    }
    return false;
}

void
TextReader::ExpectWords(std::size_t words, const char* allowed) const
{
    if (m_words.size() != words)
    {
        Fail("the line has " + std::to_string(m_words.size()) + " words", allowed);
    }
}

double
TextReader::Number(std::string_view word, double least, double most, const char* what) const
{
    const std::string text(word);
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || end != text.c_str() + text.size() || std::isnan(value))
    {
        Fail(std::string(what) + " " + Quoted(word) + " is not a number",
             "a number from " + Plain(least) + " to " + Plain(most));
    }
    if (value < least || value > most)
    {
        Fail(std::string(what) + " " + Quoted(word) + " is out of range",
             "a number from " + Plain(least) + " to " + Plain(most));
    }
    return value;
}

std::uint32_t
TextReader::Whole(std::string_view word,
                  std::uint32_t least,
                  std::uint32_t most,
                  const char* what) const
{
    const double value = Number(word, least, most, what);
    if (value != std::floor(value))
    {
        Fail(std::string(what) + " " + Quoted(word) + " is not a whole number",
             "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return static_cast<std::uint32_t>(value);
}

void
TextReader::Fail(const std::string& what, const std::string& allowed) const
{
    throw std::invalid_argument(m_path + ":" + std::to_string(m_number) + ": " + what +
                                "; allowed: " + allowed);
}

std::string
TextReader::Tag::Get(const std::string& attribute) const
{
    const auto at = (" " + attributes).find(" " + attribute + "=\"");
    if (at == std::string::npos)
    {
        return {};
    }
    const auto from = at + attribute.size() + 2;
    return attributes.substr(from, attributes.find('"', from) - from);
}

bool
TextReader::ReadUpTo(char delimiter, std::string& text)
{
    m_number = m_number == 0 ? 1 : m_number;
    text.clear();
    char c = 0;
    while (m_file.get(c) && c != delimiter)
    {
        if (!IsText(c))
        {
            Fail("byte " + std::to_string(static_cast<unsigned char>(c)) + " is no text",
                 "a text file");
        }
        if (text.size() >= MAX_LINE)
        {
            Fail("a tag or text is too long", "at most 1048576 bytes");
        }
        m_number += c == '\n' ? 1 : 0;
        text.push_back(c);
    }
    return static_cast<bool>(m_file);
}

bool
TextReader::NextTag(Tag& tag)
{
    std::string between;
    // A tag's text has been read up to the '<' of the next one.
    if (m_line.empty() && !ReadUpTo('<', between))
    {
        return false;
    }
    m_line = "<";
    std::string inside;
    do
    {
        if (!ReadUpTo('>', inside))
        {
            return false;
        }
        const auto end = std::min(inside.find_first_of(BLANKS), inside.size());
        tag.name = inside.substr(0, end);
        tag.attributes = Trimmed(inside.substr(end));
        ReadUpTo('<', between);
        tag.text = Trimmed(between);
    } while (!inside.empty() && (inside[0] == '?' || inside[0] == '!'));
    return true;
}

} // namespace ns3::fanout
