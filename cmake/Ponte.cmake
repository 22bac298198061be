# Compiler settings, and the three functions that every CMakeLists.txt of the tree uses.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
# Not mold: 1.10 of Debian 12 lets the read-only part of a program begin at its zeroed thread-local variables, which depending on
# their address lie on no page, and then the program does not start.
# Not lld 14 either: exceptions end the programs that it links of GCC's objects.
find_program(GOLD ld.gold)
if(GOLD)
  add_link_options(-fuse-ld=gold)
endif()

option(PONTE_WERROR "Treat warnings as errors" OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(PONTE_WERROR)
  add_compile_options(-Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The optimiser of GCC 12 reports these falsely where its own library is inlined.
    add_compile_options(-Wno-error=maybe-uninitialized -Wno-error=stringop-overflow -Wno-error=restrict)
  endif()
endif()

set(PONTE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
if(PONTE_SANITIZE)
  add_compile_options(-fsanitize=${PONTE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PONTE_SANITIZE})
endif()

# Most of the time of a compilation goes into the headers that all sources share. A file must still include what it uses:
# the presets of the sanitizers build without this.
option(PONTE_PRECOMPILE "Precompile the headers of the standard library, fmt, nlohmann-json and GoogleTest" ON)
set(precompiled_headers
  <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <cstring> <filesystem> <fstream> <functional> <limits> <map> <memory>
  <numeric> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h> <nlohmann/json.hpp>)
function(ponte_precompiled name link)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${link})
  target_precompile_headers(${name} PRIVATE ${precompiled_headers} ${ARGN})
endfunction()
function(ponte_use_precompiled target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # what ccache needs
  endif()
endfunction()
if(PONTE_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_package(fmt REQUIRED GLOBAL)
  find_package(nlohmann_json REQUIRED GLOBAL)
  ponte_precompiled(precompiled "fmt::fmt;nlohmann_json::nlohmann_json")
endif()

# ponte_module(NAME DEPENDS module... LINK library...)
# One folder, one static library: every *.cpp of this folder. DEPENDS names the modules that its code may
# include; tools/check_dependencies holds the sources to the order of ARCHITECTURE.md.
function(ponte_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(ponte_${name} STATIC ${sources})
  add_library(ponte::${name} ALIAS ponte_${name})
  target_include_directories(ponte_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  ponte_use_precompiled(ponte_${name} precompiled)
  list(TRANSFORM ARG_DEPENDS PREPEND ponte::)
  target_link_libraries(ponte_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LINK})
endfunction()

# ponte_worker(NAME DEPENDS module... LINK library...)
# One folder, one executable ponte-worker-NAME, which lies beside ponte.
function(ponte_worker name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(ponte-worker-${name} ${sources})
  target_include_directories(ponte-worker-${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  ponte_use_precompiled(ponte-worker-${name} precompiled)
  list(TRANSFORM ARG_DEPENDS PREPEND ponte::)
  target_link_libraries(ponte-worker-${name} PRIVATE ${ARG_DEPENDS} ${ARG_LINK})
endfunction()

# ponte_test(NAME DEPENDS module... [LABELS label...])
# Every *.cpp of this test folder becomes one GoogleTest program, one ctest case per test suite entry.
function(ponte_test name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(test_${name} ${sources})
  list(TRANSFORM ARG_DEPENDS PREPEND ponte::)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  ponte_use_precompiled(test_${name} precompiled_tests)
  target_link_libraries(test_${name} PRIVATE ponte_test_paths ${ARG_DEPENDS} ${ARG_LINK} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
endfunction()

# ponte_python_test(NAME SCRIPT argument...)
# A script that needs the packages of .venv; it ends with 77 where something that it needs is missing.
function(ponte_python_test name)
  set(python ${CMAKE_SOURCE_DIR}/.venv/bin/python3)
  add_test(NAME ${name} COMMAND sh -c
    "test -x ${python} || { echo 'skipped: no .venv (tools/setup makes it)'; exit 77; }; exec \"$@\"" sh ${python} ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endfunction()
