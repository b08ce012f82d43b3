/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fanout-cloud-helper.h"
#include "ns3/fanout-monitor-helper.h"
#include "ns3/fanout-tree-helper.h"
#include "ns3/string.h"
#include "ns3/test.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// One section of doc/fanout-tree.rst, which is underlined by plus signs. @ingroup
/// fanout-tree-tests
class DocSection
{
  public:
    /// @param title of the section
    explicit DocSection(const std::string& title)
    {
        std::ifstream file(FANOUT_TEST_VECTORS "/../../doc/fanout-tree.rst");
        std::string before;
        bool inside = false;
        for (std::string line; std::getline(file, line); before = line)
        {
            if (line.size() > 3 && line.find_first_not_of("+") == std::string::npos)
            {
                inside = before == title;
            }
            else if (line.size() > 3 && line.find_first_not_of("*") == std::string::npos)
            {
                inside = false;
            }
            else if (inside)
            {
                Add(line);
            }
        }
    }

    /// @param name of something @return whether it stands here between double backquotes
    bool
    Mentions(const std::string& name) const
    {
        return m_text.find("``" + name + "``") != std::string::npos;
    }

    using Row = std::map<std::string, std::string>; ///< title of a column, cell without backquotes

    /// @return rows of all tables, by their first column
    const std::multimap<std::string, Row>&
    Rows() const
    {
        return m_rows;
    }

  private:
    /// @param line a row of a table @return its cells
    std::vector<std::string>
    Cells(const std::string& line) const
    {
        std::vector<std::string> cells;
        std::size_t start = 0;
        while (start < line.size())
        {
            const auto end = m_rule.find(' ', start);
            auto cell = line.substr(start, end == std::string::npos ? end : end - start);
            cell.erase(std::remove(cell.begin(), cell.end(), '`'), cell.end());
            cells.push_back(cell.substr(0, cell.find_last_not_of(' ') + 1));
            start = end == std::string::npos ? end : end + 1;
        }
        return cells;
    }

    /// @param line the next one of the section
    void
    Add(const std::string& line)
    {
        m_text += line + '\n';
        if (line.compare(0, 3, "===") == 0)
        {
            m_rules++; // one above the titles, one below, one at the end
            m_rule = line;
        }
        else if (m_rules % 3 == 1)
        {
            m_titles = Cells(line);
        }
        else if (m_rules % 3 == 2 && !line.empty() && line[0] != ' ')
        {
            Row row;
            const auto cells = Cells(line);
            for (std::size_t i = 0; i < cells.size() && i < m_titles.size(); i++)
            {
                row[m_titles[i]] = cells[i];
            }
            m_rows.emplace(cells.front(), row);
        }
    }

    std::string m_text;                     ///< all of it
    std::multimap<std::string, Row> m_rows; ///< by first column
    std::vector<std::string> m_titles;      ///< of the present table's columns
    std::string m_rule;                     ///< of equal signs; gaps part the columns
    unsigned m_rules{0};                    ///< such lines so far
};

/// @return the module's types, those of tests left out
std::vector<TypeId>
FanoutTypes()
{
    std::vector<TypeId> types;
    for (uint32_t i = 0; i < TypeId::GetRegisteredN(); i++)
    {
        const auto tid = TypeId::GetRegistered(i);
        if (tid.GetGroupName() == "FanoutTree")
        {
            types.push_back(tid);
        }
    }
    return types;
}

/// Attributes of all types are documented with their defaults, and documented ones exist.
/// @ingroup fanout-tree-tests
class DocAttributesTest : public TestCase
{
  public:
    DocAttributesTest()
        : TestCase("attributes")
    {
    }

  private:
    /// @param attribute one @param cell what is said to be its default @return whether that is so;
    /// words such as "null" are not looked at
    static bool
    IsDefault(const TypeId::AttributeInformation& attribute, std::string cell)
    {
        cell.erase(std::remove(cell.begin(), cell.end(), ' '), cell.end());
        if (cell == "null" || cell == "empty" || cell == "nodeid" || cell == "any,port4001")
        {
            return true;
        }
        const auto value = attribute.checker->CreateValidValue(StringValue(cell));
        return value && value->SerializeToString(attribute.checker) ==
                            attribute.initialValue->SerializeToString(attribute.checker);
    }

    void
    DoRun() override
    {
        const DocSection section("Attributes");
        std::set<std::string> known;
        NS_TEST_EXPECT_MSG_GT(FanoutTypes().size(), 10, "the module's types are registered");
        for (const auto& tid : FanoutTypes())
        {
            NS_TEST_EXPECT_MSG_EQ((tid.GetAttributeN() == 0 || section.Mentions(tid.GetName())),
                                  true,
                                  tid.GetName() << " has attributes, but is not documented");
            for (uint32_t i = 0; i < tid.GetAttributeN(); i++)
            {
                const auto attribute = tid.GetAttribute(i);
                const auto what = tid.GetName() + "::" + attribute.name;
                known.insert(attribute.name);
                NS_TEST_EXPECT_MSG_EQ(section.Mentions(attribute.name),
                                      true,
                                      "not documented: " << what);
                const auto row = section.Rows().find(attribute.name);
                NS_TEST_EXPECT_MSG_EQ((row == section.Rows().end() ||
                                       IsDefault(attribute, row->second.at("Default"))),
                                      true,
                                      "another default is documented: " << what);
            }
        }
        NS_TEST_EXPECT_MSG_GT(section.Rows().size(), 40, "the tables were read");
        for (const auto& row : section.Rows())
        {
            NS_TEST_EXPECT_MSG_EQ(known.count(row.first), 1, "no attribute: " << row.first);
        }
    }
};

/// Trace sources are documented with their callback types, and documented ones exist.
/// @ingroup fanout-tree-tests
class DocTracesTest : public TestCase
{
  public:
    DocTracesTest()
        : TestCase("trace sources")
    {
    }

  private:
    void
    DoRun() override
    {
        const DocSection section("Traces");
        std::set<std::string> known;
        for (const auto& tid : FanoutTypes())
        {
            NS_TEST_EXPECT_MSG_EQ((tid.GetTraceSourceN() == 0 || section.Mentions(tid.GetName())),
                                  true,
                                  tid.GetName() << " has trace sources, but is not documented");
            for (uint32_t i = 0; i < tid.GetTraceSourceN(); i++)
            {
                const auto source = tid.GetTraceSource(i);
                known.insert(source.name);
                const auto rows = section.Rows().equal_range(source.name);
                const auto callback = source.callback.substr(source.callback.rfind(':') + 1);
                const bool documented =
                    std::any_of(rows.first,
                                rows.second,
                                [&](const auto& row)
                                {
                                    const auto& cell = row.second.at("Callback type");
                                    return cell.substr(cell.rfind(':') + 1) == callback;
                                });
                NS_TEST_EXPECT_MSG_EQ(documented,
                                      true,
                                      "not documented: " << tid.GetName() << "::" << source.name
                                                         << " with " << callback);
            }
        }
        NS_TEST_EXPECT_MSG_GT(section.Rows().size(), 12, "the tables were read");
        for (const auto& row : section.Rows())
        {
            NS_TEST_EXPECT_MSG_EQ(known.count(row.first), 1, "no trace source: " << row.first);
        }
    }
};

/// @ingroup fanout-tree-tests
class DocumentationTestSuite : public TestSuite
{
  public:
    DocumentationTestSuite()
        : TestSuite("fanout-documentation")
    {
        AddTestCase(new DocAttributesTest);
        AddTestCase(new DocTracesTest);
    }
};

DocumentationTestSuite g_documentationTestSuite; ///< the suite

} // namespace
