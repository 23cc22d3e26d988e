# What the rooms link: Debian's libraries for all of them, and the pinned engine for the room `duck` alone.
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(pugixml REQUIRED)

add_library(penstock_external INTERFACE)
target_include_directories(penstock_external INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(penstock_external INTERFACE
  Threads::Threads nlohmann_json::nlohmann_json simdjson::simdjson fmt::fmt yaml-cpp ZLIB::ZLIB PkgConfig::zstd
  PkgConfig::xxhash CURL::libcurl OpenSSL::Crypto pugixml::pugixml)
target_compile_definitions(penstock_external INTERFACE PENSTOCK_VERSION="${PROJECT_VERSION}")

set(DUCKDB_LIBRARY "${PENSTOCK_DEPS}/duckdb/lib/libduckdb.so")
if(NOT EXISTS "${DUCKDB_LIBRARY}")
  message(FATAL_ERROR "The pinned engine is not at ${DUCKDB_LIBRARY}: run tools/setup, or point PENSTOCK_DEPS at a folder it filled")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${DUCKDB_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${PENSTOCK_DEPS}/duckdb/include")
# Absolute paths to .deps are added by CMake; the relative one keeps a moved checkout working.
set(CMAKE_BUILD_RPATH "$ORIGIN/../.deps/duckdb/lib")
