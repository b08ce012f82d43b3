# SPDX-License-Identifier: GPL-2.0-only
#
# What base, protocol and monitor need beside ns-3. Sets
#   FANOUT_INCLUDE_DIRS    folders of the headers found
#   FANOUT_SODIUM_LIBRARY  the full path of libsodium
#   FANOUT_MISSING         the Debian packages to install, empty when all is there

find_path(FANOUT_SODIUM_INCLUDE_DIR sodium.h)
find_library(FANOUT_SODIUM_LIBRARY sodium)
find_path(FANOUT_BOOST_INCLUDE_DIR boost/histogram.hpp)
find_path(FANOUT_JSON_INCLUDE_DIR nlohmann/json.hpp)
mark_as_advanced(
  FANOUT_SODIUM_INCLUDE_DIR FANOUT_SODIUM_LIBRARY FANOUT_BOOST_INCLUDE_DIR FANOUT_JSON_INCLUDE_DIR
)

set(FANOUT_MISSING)
if(NOT FANOUT_SODIUM_INCLUDE_DIR OR NOT FANOUT_SODIUM_LIBRARY)
  list(APPEND FANOUT_MISSING libsodium-dev)
endif()
if(NOT FANOUT_BOOST_INCLUDE_DIR)
  list(APPEND FANOUT_MISSING libboost-dev)
endif()
if(NOT FANOUT_JSON_INCLUDE_DIR)
  list(APPEND FANOUT_MISSING nlohmann-json3-dev)
endif()

set(FANOUT_INCLUDE_DIRS
    ${FANOUT_SODIUM_INCLUDE_DIR} ${FANOUT_BOOST_INCLUDE_DIR} ${FANOUT_JSON_INCLUDE_DIR}
)
list(REMOVE_DUPLICATES FANOUT_INCLUDE_DIRS)
