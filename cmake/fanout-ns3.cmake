# SPDX-License-Identifier: GPL-2.0-only
#
# Finds an installed ns-3 (alone only). Sets
#   FANOUT_NS3_TARGETS  the imported targets of FANOUT_NS3_MODULES
# gives the function fanout_ns3_target, and stops with the name of the Debian package when ns-3, or a file its targets name, is missing.

# An ns-3 built with MPI exports MPI::MPI_CXX without looking for it.
find_package(MPI QUIET COMPONENTS CXX)
# Debian's config names programs of another package and stops with a riddle where they are missing.
if(NOT ns3_DIR AND EXISTS "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/ns3/ns3Config.cmake"
   AND NOT EXISTS "/usr/libexec/ns3"
)
  message(FATAL_ERROR "Debian's ns-3 needs one more package; install: ns3")
endif()
find_package(ns3 QUIET CONFIG)
if(NOT ns3_FOUND)
  message(
    FATAL_ERROR
      "ns-3 is missing; install: libns3-dev ns3 libgsl-dev libsqlite3-dev libxml2-dev\n"
      "or set ns3_DIR to the folder that holds the ns3Config.cmake of your own ns-3"
  )
endif()

# fanout_ns3_target(out module): the target of a module, empty when this ns-3 lacks it.
function(fanout_ns3_target out module)
  # 3.36 to 3.42 export ns3::libcore, later ones ns3::core.
  set(${out} "" PARENT_SCOPE)
  foreach(target ns3::${module} ns3::lib${module})
    if(TARGET ${target})
      set(${out} ${target} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

set(FANOUT_NS3_TARGETS)
foreach(module IN LISTS FANOUT_NS3_MODULES)
  fanout_ns3_target(target ${module})
  if(target)
    list(APPEND FANOUT_NS3_TARGETS ${target})
  else()
    message(FATAL_ERROR "the ns-3 in ${ns3_DIR} was built without its module ${module}")
  endif()
endforeach()

# Debian's targets name libgsl.so and others by path, and libns3-dev does not depend on them.
function(fanout_check_ns3_files)
  set(packages)
  set(todo ${FANOUT_NS3_TARGETS})
  set(done)
  while(todo)
    list(GET todo 0 item)
    list(REMOVE_AT todo 0)
    if(item IN_LIST done)
      continue()
    endif()
    list(APPEND done ${item})
    if(TARGET ${item})
      get_target_property(next ${item} INTERFACE_LINK_LIBRARIES)
      if(next)
        string(REGEX REPLACE "\\$<LINK_ONLY:([^>]*)>" "\\1" next "${next}")
        list(APPEND todo ${next})
      endif()
    elseif(IS_ABSOLUTE "${item}" AND NOT EXISTS "${item}")
      get_filename_component(name ${item} NAME_WE)
      string(REGEX REPLACE "cblas$" "" name ${name})
      list(APPEND packages ${name}-dev)
    endif()
  endwhile()
  if(packages)
    list(REMOVE_DUPLICATES packages)
    string(REPLACE ";" " " packages "${packages}")
    message(FATAL_ERROR "the installed ns-3 needs more packages; install: ${packages}")
  endif()
endfunction()
fanout_check_ns3_files()
