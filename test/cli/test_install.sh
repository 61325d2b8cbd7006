#!/bin/sh
# SPDX-License-Identifier: MIT
# A program in C with the library: from the build folder, and as it is installed.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
build=$(dirname "$sockeye")
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
compiler="${CC:-cc} -Werror"
embed=$root/examples/embed.c
# a library with sanitizers wants them in the program too
if nm -D "$build/libsockeye.so" | grep -q __asan_init; then
    compiler="$compiler -fsanitize=address,undefined"
fi

echo 1..5
$compiler -I "$root/include" "$embed" -L "$build" -lsockeye -o dynamic >said 2>&1 &&
    LD_LIBRARY_PATH=$build ./dynamic >said 2>&1 && readelf -d dynamic | grep -q 'libsockeye.so.0'
say $? "a program linked to the library of the build folder finds it there"
make -s -C "$root" BUILD="$build" DESTDIR="$directory/dest" PREFIX=/opt/fish install-files >said 2>&1 &&
    (cd dest/opt/fish && ls bin/sockeye lib/libsockeye.a lib/libsockeye.so.0 share/man/man5/sockeye-lab.5) \
        >>said 2>&1
say $? "all is installed below DESTDIR and PREFIX"
export PKG_CONFIG_PATH="$directory/dest/opt/fish/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$directory/dest"
flags=$(pkg-config --cflags --libs sockeye 2>said) && $compiler "$embed" $flags -o installed >>said 2>&1 &&
    LD_LIBRARY_PATH=$directory/dest/opt/fish/lib ./installed >>said 2>&1
say $? "pkg-config knows how to compile and link with what is installed"
[ "sockeye $(pkg-config --modversion sockeye)" = "$(dest/opt/fish/bin/sockeye --version)" ]
say $? "and its version is the command's"
$compiler -I dest/opt/fish/include "$embed" dest/opt/fish/lib/libsockeye.a -o static >said 2>&1 && ./static >>said 2>&1
say $? "the installed archive makes a program of its own"
