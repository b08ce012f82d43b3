/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_REPORT_H
#define FANOUT_REPORT_H

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * What a run came to: flat keys with values, in groups, in the order they were set. Keys keep the
 * names of the reference's simulator where it has them. As JSON the figures are keys of one object,
 * the parameters (whose names may repeat a figure's) the nested object "params"; a number that is
 * not defined is null. Setting a key again changes its value and keeps its place.
 */
class FanoutReport
{
  public:
    static constexpr unsigned SCHEMA_VERSION = 1; ///< value of the key "schemaVersion"

    /// Group of what the machine spent: the only figures that differ between two equal runs.
    static constexpr const char* COST = "cost";

    /// Group of the parameters.
    static constexpr const char* PARAMETERS = "parameters";

    /// Whether a row is part of the printed table.
    enum Detail
    {
        HEADLINE, ///< printed
        DETAIL    ///< only in the JSON text and when all rows are printed
    };

    using Value = std::variant<double, std::uint64_t, bool, std::string>; ///< of a key

    /// One key.
    struct Row
    {
        std::string group; ///< such as "delivery"
        std::string key;   ///< such as "deliveredPct"
        std::string unit;  ///< such as "%", empty for plain numbers
        Value value;       ///< its value
        Detail detail;     ///< whether it is printed
    };

    /**
     * @param group of all rows set from now on; a group may be entered again
     * @param detail of these rows
     */
    void Begin(const std::string& group, Detail detail = HEADLINE);

    /// @param key the key @param value its value, NaN when not defined @param unit of the value
    void SetNumber(const std::string& key, double value, const std::string& unit = "");

    /// @param key the key @param value its value @param unit of the value
    void SetCount(const std::string& key, std::uint64_t value, const std::string& unit = "");

    /// @param key the key @param value its value
    void SetFlag(const std::string& key, bool value);

    /// @param key the key @param value its value
    void SetText(const std::string& key, const std::string& value);

    /// @param key of a figure, not of a parameter @return whether it is set
    bool Has(const std::string& key) const;

    /// @param key of a figure @return its value; NaN when it is not set or no number
    double Get(const std::string& key) const;

    /// @param key of a figure @return its unit, empty when it has none
    std::string GetUnit(const std::string& key) const;

    /// @return all rows, in order
    const std::vector<Row>& GetRows() const;

    /**
     * Print readable tables, one a group.
     * @param os where to @param all also the rows of detail and the parameters
     */
    void Print(std::ostream& os, bool all = false) const;

    /**
     * Write one JSON object and a line end.
     * @param os where to
     * @param stable leave out the group COST: two equal runs then write equal bytes
     */
    void WriteJson(std::ostream& os, bool stable = false) const;

    /**
     * @param path file to write, replaced when it exists @param stable as above
     * @throws std::runtime_error naming the file when it cannot be written
     */
    void WriteJson(const std::string& path, bool stable = false) const;

  private:
    /// @param key the key @param value its value @param unit of the value
    void Set(const std::string& key, Value value, const std::string& unit);

    /// @param key of a figure @return its row, or null
    const Row* Find(const std::string& key) const;

    std::vector<Row> m_rows;   ///< all rows
    std::string m_group;       ///< group of the next rows
    Detail m_detail{HEADLINE}; ///< of the next rows
};

} // namespace ns3

#endif // FANOUT_REPORT_H
