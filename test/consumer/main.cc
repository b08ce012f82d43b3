/*
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/core-module.h"
#include "ns3/fanout-tree-module.h"

#include <iostream>

using namespace ns3;

int
main()
{
    for (const char* name : {"ns3::FanoutTreeApplication", "ns3::FanoutUdpTransport"})
    {
        TypeId id;
        if (!TypeId::LookupByNameFailSafe(name, &id))
        {
            std::cerr << "the installed library does not know " << name << std::endl;
            return 1;
        }
    }
    return 0;
}
