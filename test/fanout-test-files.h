/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TEST_FILES_H
#define FANOUT_TEST_FILES_H

#include "fanout-test-tools.h"

#include "ns3/test.h"

#include <fstream>
#include <string>

namespace ns3::fanout::test
{

/**
 * @ingroup fanout-tree-tests
 * Writes small files and reads them, in a folder of its own.
 */
class FileTestCase : public TestCase
{
  public:
    using TestCase::TestCase;

  protected:
    /// @param text of a file @return its name, which ends with "file"
    std::string
    Write(const std::string& text)
    {
        const auto path = CreateTempDirFilename("file");
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    /// @param call reads a file @param line of the error, 0 for none
    /// @param what the error says @param allowed what it says is allowed
    template <typename F>
    void
    ExpectRefused(F call, int line, const std::string& what, const std::string& allowed)
    {
        const auto error = ErrorOf(call);
        const auto place = "file:" + (line > 0 ? std::to_string(line) + ": " : " ");
        NS_TEST_EXPECT_MSG_EQ(Contains(error, place + what), true, error);
        NS_TEST_EXPECT_MSG_EQ(Contains(error, "allowed: " + allowed), true, error);
    }
};

} // namespace ns3::fanout::test

#endif // FANOUT_TEST_FILES_H
