/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CSV_H
#define FANOUT_CSV_H

#include <string>

namespace ns3
{

/// @param text any @return it as one field of a line of CSV, quoted where it must be (RFC 4180)
/// @ingroup fanout-tree
std::string FanoutCsvField(const std::string& text);

} // namespace ns3

#endif // FANOUT_CSV_H
