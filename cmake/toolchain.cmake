# Warnings, sanitizers, and the compiler cache and linker when the machine has them.
add_compile_options(-Wall -Wextra -Werror)
# GCC 12 finds overflows in inlined std::string that are not there.
add_compile_options("$<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow;-Wno-array-bounds;-Wno-restrict>")

if(PENSTOCK_SANITIZE)
  add_compile_options(-fsanitize=${PENSTOCK_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${PENSTOCK_SANITIZE})
  if(PENSTOCK_SANITIZE MATCHES undefined)
    # The prebuilt engine was compiled without type information for this check.
    add_compile_options(-fno-sanitize=vptr -fno-sanitize-recover=all)
  endif()
endif()

if(PENSTOCK_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "PENSTOCK_FUZZ needs clang: configure with -DCMAKE_CXX_COMPILER=clang++-19")
  endif()
  # GCC decides about warnings; clang sees others in the standard library's headers.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -O1 -Wno-error)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The base directory and nohashdir let several clones share results; the sloppiness is what precompiled headers need.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
  if(PENSTOCK_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess)
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
