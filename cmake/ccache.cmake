# ccache where it is installed, with paths relative to the sources, so that one checkout's objects serve another.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(KERAS_CCACHE ccache)
  mark_as_advanced(KERAS_CCACHE)
  if(KERAS_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${KERAS_CCACHE}")
  endif()
endif()
