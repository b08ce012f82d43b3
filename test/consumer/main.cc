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
    for (const TypeId id : {FanoutTreeApplication::GetTypeId(), FanoutUdpTransport::GetTypeId()})
    {
        TypeId found;
        if (!TypeId::LookupByNameFailSafe(id.GetName(), &found) || found != id)
        {
            std::cerr << "the installed library does not know " << id.GetName() << std::endl;
            return 1;
        }
    }
    return 0;
}
