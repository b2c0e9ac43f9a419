# What an installed keras holds: a prefix that may be moved anywhere.
include(CMakePackageConfigHelpers)

install(TARGETS keras EXPORT keras-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/keras" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(FILES "${PROJECT_SOURCE_DIR}/data/mnist/mnist.npz" "${PROJECT_SOURCE_DIR}/data/mnist/LICENSE.md"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/keras/datasets")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
foreach(program IN ITEMS keras-bench keras-command)
  if(TARGET ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endforeach()

# Our oneDNN travels with us; libkeras finds it beside itself.
if(KERAS_ONEDNN_BUNDLED)
  file(REAL_PATH "${KERAS_PREFIX}/lib/libdnnl.so.3" dnnl)
  install(PROGRAMS "${dnnl}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" RENAME libdnnl.so.3)
  install(PROGRAMS "${KERAS_PREFIX}/lib/libimf.so" "${KERAS_PREFIX}/lib/libintlc.so.5"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY "${KERAS_PREFIX}/share/licenses" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endif()

set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/keras")
install(EXPORT keras-targets NAMESPACE keras:: DESTINATION "${cmake_dir}")
file(WRITE "${PROJECT_BINARY_DIR}/keras-config.cmake"
     "# The public headers include no third party, so there is nothing else to find.\n"
     "include(\"\${CMAKE_CURRENT_LIST_DIR}/keras-targets.cmake\")\n")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/keras-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/keras-config.cmake" "${PROJECT_BINARY_DIR}/keras-config-version.cmake"
        DESTINATION "${cmake_dir}")
