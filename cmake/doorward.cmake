# How Doorward's targets are made. A folder under src/ is one static library; tests/ mirrors src/.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(doorward_options INTERFACE)
target_compile_options(doorward_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Wformat=2 -Werror
  # libstdc++ 12's own std::stable_sort uses what the same library deprecates; g++ keeps the warning for our code.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  -fstack-protector-strong -fno-omit-frame-pointer
  # Paths of the build machine never reach the binary or a log line.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(doorward_options INTERFACE
  DOORWARD_VERSION="${PROJECT_VERSION}"
  $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
target_include_directories(doorward_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_options(doorward_options INTERFACE -Wl,-z,relro,-z,now)
if(DOORWARD_SANITIZE)
  target_compile_options(doorward_options INTERFACE -fsanitize=${DOORWARD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(doorward_options INTERFACE -fsanitize=${DOORWARD_SANITIZE})
endif()
if(DOORWARD_FUZZ)
  target_compile_options(doorward_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DOORWARD_COVERAGE)
  target_compile_options(doorward_options INTERFACE --coverage)
  target_link_options(doorward_options INTERFACE --coverage)
endif()

# Most of a file's compile time goes into its headers and their templates; a batch of neighbours pays for them once. Off
# where a single file is compiled again and again (dev), and where each must stand on its own (tidy).
option(DOORWARD_UNITY "Compile the files of a room in batches" OFF)
function(doorward_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${DOORWARD_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# doorward_room(NAME SOURCES ... [USES room ...] [LIBRARIES library ...])
# NAME is the folder below src/ with '/' written as '_'; LIBRARIES stay private to the room.
function(doorward_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(doorward_${name} STATIC ${ROOM_SOURCES})
  doorward_unite(doorward_${name})
  target_link_libraries(doorward_${name} PUBLIC doorward_options)
  foreach(room IN LISTS ROOM_USES)
    target_link_libraries(doorward_${name} PUBLIC doorward_${room})
  endforeach()
  target_link_libraries(doorward_${name} PRIVATE ${ROOM_LIBRARIES})
endfunction()

# doorward_test(NAME SOURCES ... [USES room ...] [LIBRARIES library ...]) makes one GoogleTest program, NAME_test.
function(doorward_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name}_test ${TEST_SOURCES})
  doorward_unite(${name}_test)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  # Tests take long to compile and hardly any time to run, in release builds too. This takes half as long as -O1 -g1.
  target_compile_options(${name}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-Og -g0>)
  target_link_options(${name}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-Wl,--strip-debug>)
  target_compile_definitions(${name}_test PRIVATE DOORWARD_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
  foreach(room IN LISTS TEST_USES)
    target_link_libraries(${name}_test PRIVATE doorward_${room})
  endforeach()
  target_link_libraries(${name}_test PRIVATE doorward_options ${TEST_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()

# doorward_fuzz(NAME SOURCES ... [USES room ...] [LIBRARIES library ...]) makes one libFuzzer program, NAME_fuzz. Its seeds
# are in fuzz/corpus/NAME/; fuzz/NAME.dict and fuzz/NAME.options (`max_len = 65536`) are optional.
function(doorward_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name}_fuzz ${FUZZ_SOURCES})
  target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR}/fuzz)
  foreach(room IN LISTS FUZZ_USES)
    target_link_libraries(${name}_fuzz PRIVATE doorward_${room})
  endforeach()
  target_link_libraries(${name}_fuzz PRIVATE doorward_options ${FUZZ_LIBRARIES})
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
endfunction()

# doorward_embed(TARGET SYMBOL FILE) links the file's bytes into TARGET as `extern "C" const char SYMBOL[], SYMBOL_end[]`,
# with a NUL behind them that belongs to neither.
function(doorward_embed target symbol file)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  file(CONFIGURE OUTPUT ${assembly} CONTENT [=[
.section .rodata
.global @symbol@
@symbol@:
.incbin "@file@"
.global @symbol@_end
@symbol@_end:
.byte 0
.section .note.GNU-stack,"",%progbits
]=] @ONLY)
  set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${assembly})
endfunction()
