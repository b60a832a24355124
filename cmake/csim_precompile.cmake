# csim_precompile(NAME): the standard headers that most files include are compiled once for many targets, not in each file.
#
# Every file still includes what it uses: builds without precompiled headers (-DCSIM_PRECOMPILE=OFF, as the preset
# `sanitize` has it) and clang-tidy see the files as they are.
option(CSIM_PRECOMPILE "Compile the standard headers once per set of flags" ON)

set(csim_precompiled_headers
    <algorithm> <atomic> <cstdint> <cstring> <map> <memory> <memory_resource> <optional> <set> <span> <string>
    <string_view> <unordered_map> <unordered_set> <utility> <vector>)

# csim_precompile_from(NAME DONOR LIBRARY HEADERS...): shares what DONOR has compiled; the targets have the same flags,
# those of LIBRARY among them.
function(csim_precompile_from name donor library)
  if(NOT TARGET ${donor})
    file(WRITE ${CMAKE_BINARY_DIR}/${donor}.cc "")
    add_library(${donor} OBJECT ${CMAKE_BINARY_DIR}/${donor}.cc)
    target_link_libraries(${donor} PRIVATE ${library})
    target_precompile_headers(${donor} PRIVATE ${ARGN})
  endif()
  target_precompile_headers(${name} REUSE_FROM ${donor})
endfunction()

function(csim_precompile name)
  if(CSIM_PRECOMPILE)
    csim_precompile_from(${name} csim_precompiled csim_flags ${csim_precompiled_headers})
  endif()
endfunction()

# The same for a test, with GoogleTest. It is compiled as libraries are, since the flags have to be the same.
function(csim_precompile_test name)
  if(CSIM_PRECOMPILE)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
    csim_precompile_from(${name} csim_precompiled_tests "csim_flags;GTest::gtest" ${csim_precompiled_headers}
                         <gtest/gtest.h>)
  endif()
endfunction()
