/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEXT_READER_H
#define FANOUT_TEXT_READER_H

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * A text file from a stranger: lines of words, or tags. All errors are std::invalid_argument with
 * the text "FILE:LINE: what is wrong; allowed: what".
 */
class TextReader
{
  public:
    static constexpr std::uint64_t MAX_FILE = std::uint64_t{1} << 28; ///< bytes of a file
    static constexpr std::size_t MAX_LINE = std::size_t{1} << 20;     ///< bytes of a line

    /// @param path of a regular file of at most MAX_FILE bytes that is not empty
    explicit TextReader(const std::string& path);

    /// Go to the next line that is neither empty nor begins with '#'. @return whether there is one
    bool Next();

    /// @return the words of the present line
    const std::vector<std::string_view>&
    GetWords() const
    {
        return m_words;
    }

    /// @param words how many the present line must have @param allowed what it should be
    void ExpectWords(std::size_t words, const char* allowed) const;

    /// @param word of the present line @param least allowed @param most allowed @param what it is
    /// @return its number
    double Number(std::string_view word, double least, double most, const char* what) const;

    /// @param word of the present line @param least allowed @param most allowed @param what it is
    /// @return its whole number
    std::uint32_t Whole(std::string_view word,
                        std::uint32_t least,
                        std::uint32_t most,
                        const char* what) const;

    /// @param what is wrong at the present line @param allowed what it should be
    [[noreturn]] void Fail(const std::string& what, const std::string& allowed) const;

    /// A tag such as `<node ip="1">` and the text behind it.
    struct Tag
    {
        std::string name;       ///< "node", or "/node"
        std::string attributes; ///< what follows the name
        std::string text;       ///< up to the next tag, without blanks at both ends

        /// @param attribute name of one @return its value, empty when it has none
        std::string Get(const std::string& attribute) const;
    };

    /// Go to the next tag; comments and declarations are skipped. @param tag gets it
    /// @return whether there is one
    bool NextTag(Tag& tag);

  private:
    /// Read a line. @return whether there was one
    bool ReadLine();

    /// @param delimiter ends what is read @param text gets it without it
    /// @return whether the delimiter was there
    bool ReadUpTo(char delimiter, std::string& text);

    std::ifstream m_file;                  ///< the file
    std::string m_path;                    ///< its name
    std::string m_line;                    ///< the present line
    std::vector<std::string_view> m_words; ///< of the present line
    std::uint32_t m_number{0};             ///< of the present line, from 1
};

} // namespace ns3::fanout

#endif // FANOUT_TEXT_READER_H
