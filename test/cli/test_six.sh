#!/bin/sh
# SPDX-License-Identifier: MIT
# Every lab of examples/ and test/traces over IPv6: test/programs/six.py rewrites its addresses, and
# it ends as it does over IPv4. A lab that is about one family (it has dhcp:, nat: or ip6:) stays what
# it is.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
root=$(realpath "$(dirname "$0")/../..")
. "$root/test/tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 "$directory/run"
cp -r "$root/examples" "$root/test/traces" "$directory"
cd "$directory" || exit 1
for folder in examples examples/cookbook; do
    head -c 1M /dev/urandom >$folder/big.bin
done
sed -i 's/listen 80;/listen [::]:80 ipv6only=off;/' examples/nginx.conf
sed -i 's/AF_INET,/AF_INET6,/; s/"0.0.0.0"/"::"/' examples/dns.py
sed -i 's/^\( *\)allow_reuse_address = True/&\n\1address_family = 10  # AF_INET6/' examples/cookbook/server.py

# needs FILE: the programs of a lab that this machine has not
needs() {
    for program in curl dig nginx python3 wget; do
        grep -q "run:.*\b$program\b" "$1" && ! command -v $program >/dev/null && echo $program
    done
}

labs=$(ls examples/*.yaml examples/cookbook/*.yaml traces/*.yaml)
# shellcheck disable=SC2086
echo 1..$(echo $labs | wc -w)
for lab in $labs; do
    missing=$(needs "$lab" | head -1)
    if [ -n "$missing" ]; then
        number=$((number + 1))
        echo "ok $number - $lab over IPv6 # skip there is no $missing"
        continue
    fi
    if grep -Eq '(dhcp|nat|ip6):' "$lab"; then
        number=$((number + 1))
        echo "ok $number - $lab over IPv6 # skip it is about one family, by its dhcp:, nat: or ip6:"
        continue
    fi
    python3 "$root/test/programs/six.py" "$lab" >"${lab%.yaml}-six.yaml"
    (cd "$(dirname "$lab")" && timeout 120 "$sockeye" lab --quiet "$(basename "$lab")" >/dev/null 2>&1)
    four=$?
    (cd "$(dirname "$lab")" && timeout 120 "$sockeye" lab --quiet "$(basename "${lab%.yaml}-six.yaml")") >said 2>&1
    six=$?
    [ $four -eq $six ] || echo "# exit code $four over IPv4, $six over IPv6"
    [ $four -eq $six ]
    say $? "$lab over IPv6"
done
