/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-csv.h"

namespace ns3
{

std::string
FanoutCsvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
    {
        return text;
    }
    std::string field = "\"";
    for (const char c : text)
    {
        field += c == '"' ? "\"\"" : std::string(1, c);
    }
    return field + "\"";
}

} // namespace ns3
