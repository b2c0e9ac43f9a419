# How a room under src/ becomes an object library and a test executable.
include_guard()

# Flags of everything that is ours. Consumers of the library see none of them. The prefix maps keep the folders of this
# machine out of __FILE__, once as CMake writes the paths and once as ccache does.
file(RELATIVE_PATH keras_source_from_build "${CMAKE_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
add_library(keras_flags INTERFACE)
target_compile_features(keras_flags INTERFACE cxx_std_20)
target_compile_options(
  keras_flags INTERFACE -Wall -Wextra $<$<BOOL:${KERAS_WERROR}>:-Werror> -ffp-contract=off
                        "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=" "-fmacro-prefix-map=${keras_source_from_build}=")
# g++ 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651).
target_compile_options(keras_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(KERAS_SANITIZE)
  # g++ 12 takes what the sanitizers add for reads of what is not set, in std::regex and std::optional among others.
  target_compile_options(keras_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_options(keras_flags INTERFACE "-fsanitize=${KERAS_SANITIZE}" -fno-sanitize-recover=all
                                               -fno-omit-frame-pointer)
  target_link_options(keras_flags INTERFACE "-fsanitize=${KERAS_SANITIZE}")
endif()
if(KERAS_SANITIZE MATCHES "thread")
  target_compile_definitions(keras_flags INTERFACE KERAS_TSAN)
endif()
if(KERAS_VERIFY_PASSES)
  target_compile_definitions(keras_flags INTERFACE KERAS_VERIFY_PASSES)
endif()

# keras_room_target(target): what an object library of a room needs beside its sources. For extra object libraries
# too (backends/cpu compiles its kernels once an instruction set).
function(keras_room_target target)
  target_link_libraries(${target} PRIVATE keras_flags keras_dep_system)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(${target} PRIVATE "KERAS_VERSION=\"${PROJECT_VERSION}\"")
  set_target_properties(
    ${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden
                         VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# The installed oneTBB is not built with the thread sanitizer, so a source that includes it, by itself or in its header,
# is not either: half of TBB's own synchronisation would be seen, and reported. Such a source tells the sanitizer what
# TBB orders, with __tsan_release and __tsan_acquire around the work it hands out, where KERAS_TSAN is defined.
function(keras_exempt_tbb_from_tsan)
  foreach(source IN LISTS ARGV)
    string(REGEX REPLACE "\\.cc$" ".h" header "${source}") # its own one
    set(uses_tbb "")
    foreach(file IN ITEMS "${source}" "${header}")
      if(EXISTS "${file}" AND NOT uses_tbb)
        file(STRINGS "${file}" uses_tbb REGEX "# *include <(oneapi/)?tbb/" LIMIT_COUNT 1)
      endif()
    endforeach()
    if(uses_tbb)
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)
    endif()
  endforeach()
endfunction()

# keras_room_sources(room out [tests_out]): the .cc files of src/<room>, tests apart. Files in a folder that is a room
# of its own do not exist: rooms are never nested.
function(keras_room_sources room out)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${room}/*.cc")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(${out} ${sources} PARENT_SCOPE)
  if(ARGC GREATER 2)
    set(${ARGV2} ${tests} PARENT_SCOPE)
  endif()
endfunction()

# keras_room(room [DEPS dep…] [DEFINITIONS def…]): the object library keras_<room>, added to KERAS_ROOM_OBJECTS; with
# tests, <room>_test and, from files named *_threads_test.cc, <room>_threads_test. A room without sources is skipped.
# A room with a CMakeLists.txt of its own defines keras_<room> there (with the functions above), and names further
# object libraries in KERAS_EXTRA_OBJECTS (PARENT_SCOPE).
function(keras_room room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS;DEFINITIONS")
  string(REPLACE "/" "_" name "${room}")
  keras_room_sources(${room} sources tests)
  set(KERAS_EXTRA_OBJECTS "")
  if(EXISTS "${PROJECT_SOURCE_DIR}/src/${room}/CMakeLists.txt")
    add_subdirectory("${PROJECT_SOURCE_DIR}/src/${room}")
  elseif(sources)
    add_library(keras_${name} OBJECT ${sources})
  endif()
  if(TARGET keras_${name})
    keras_room_target(keras_${name})
    if(KERAS_SANITIZE MATCHES "thread")
      keras_exempt_tbb_from_tsan(${sources})
    endif()
    list(TRANSFORM arg_DEPS PREPEND keras_dep_)
    target_link_libraries(keras_${name} PRIVATE ${arg_DEPS})
    target_compile_definitions(keras_${name} PRIVATE ${arg_DEFINITIONS})
    set_property(GLOBAL APPEND PROPERTY KERAS_ROOM_OBJECTS keras_${name} ${KERAS_EXTRA_OBJECTS})
  endif()
  if(tests)
    set_property(GLOBAL APPEND PROPERTY KERAS_ROOMS_WITH_TESTS ${name})
    set_property(GLOBAL PROPERTY KERAS_TESTS_OF_${name} ${tests})
  endif()
endfunction()
