# csim_layer(NAME FOLDER DEPENDS...): a static library of every .cc file in FOLDER and below.
function(csim_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)  # headers only
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE csim_flags ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC csim_flags ${ARGN})
endfunction()

# csim_test(NAME DEPENDS...): a GoogleTest binary of every *_test.cc file in the current folder.
function(csim_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE csim_flags ${ARGN} GTest::gtest GTest::gtest_main)
  csim_precompile_test(${name})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()
