#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/deps and tools/libraries on machines that lack something; apt-get is a stub.
tools=$(cd "$(dirname "$0")/../../tools" && pwd)
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

mkdir bin
# $1 of bin/busy runs find the lock taken
cat >bin/apt-get <<'END'
#!/bin/sh
echo "$*" >>apt.log
left=$(cat busy)
if [ "$left" -gt 0 ]; then
    echo $((left - 1)) >busy
    echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)" >&2
    exit 100
fi
case $* in *install*) for file; do case $file in made-*) touch "$file" ;; esac; done ;; esac
END
printf '#!/bin/sh\nif [ "$1" = -u ]; then echo 0; else exec /usr/bin/id "$@"; fi\n' >bin/id
printf '#!/bin/sh\necho "$1" >>sleep.log\n' >bin/sleep
chmod 755 bin/*
export PATH="$directory/bin:$PATH"
wanted="made-build $directory/made-build build
made-demo $directory/made-demo demo
made-tests $directory/made-tests tests"

echo 1..5
echo 3 >busy
DEPS_WANTED=$wanted DEPS_PAUSE=7 "$tools/deps" demo >said 2>&1 &&
    grep -q 'another installation runs: waiting for it (21 s of at most 840 s)' said &&
    [ "$(grep -c '^7$' sleep.log)" -eq 3 ] && [ -e made-demo ]
say $? "deps waits while another installation has the lock"
[ -e made-build ] && [ ! -e made-tests ]
say $? "deps demo installs what the build and the demo need, and no more"
rm -f made-* && echo 9 >busy
DEPS_WANTED=$wanted DEPS_TRIES=4 "$tools/deps" build >said 2>&1
[ $? -eq 2 ] && grep -q 'As root: apt-get install -y --no-install-recommends made-build$' said
say $? "and gives up in the end, with what is to be done"
cat >bin/compiler <<'END'
#!/bin/sh
! grep -q 'cyaml\|seccomp'
END
chmod 755 bin/compiler
"$tools/libraries" compiler >said 2>&1
[ $? -eq 1 ] && grep -q ': libseccomp-dev libcyaml-dev$' said && grep -q 'make deps' said
say $? "a build without its libraries names them, and make deps"
"$tools/libraries" no-such-compiler >said 2>&1
[ $? -eq 1 ] && grep -q 'no compiler "no-such-compiler".*make deps' said
say $? "and a missing compiler"
