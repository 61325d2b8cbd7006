#!/bin/sh
# SPDX-License-Identifier: MIT
# Wrong use of the command: each says what and where, exits with 2, and leaves nothing behind.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 "$XDG_RUNTIME_DIR"
number=0

# expect CODE PATTERN SENTENCE COMMAND...: its exit code, and a line that the pattern must match
expect() {
    code=$1 pattern=$2 sentence=$3
    shift 3
    number=$((number + 1))
    "$@" >"$directory/said" 2>&1 </dev/null
    got=$?
    if [ $got -eq "$code" ] && grep -q -e "$pattern" "$directory/said"; then
        echo "ok $number - $sentence"
    else
        sed 's/^/# /' "$directory/said"
        echo "# exit code $got, not $code; or no line like: $pattern"
        echo "not ok $number - $sentence"
    fi
}

# lab NAME: a lab file from standard input
lab() {
    cat >"$directory/$1.yaml"
}

lab unknown <<END
hosts:
  - name: a
    colour: red
END
lab address <<END
hosts:
  - name: server
    interfaces:
      - name: eth0
        address: 10.0.0.300/24
END
lab setting <<END
hosts:
  - name: a
    settings: [net.ipv4.tcp_sack=0, net.ipv4.no_such=1]
END
lab network <<END
wires:
  - {name: w, between: [a.e, b.e]}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.0/24}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
END
sed 's/=1\]/]/; s/no_such/ip_default_ttl=900/' "$directory/setting.yaml" | lab value
lab program <<END
hosts:
  - name: a
    programs:
      - run: no-such-program --at all
END
lab directory <<END
hosts:
  - name: a
    directory: /no/such/directory
    programs:
      - run: true
END

echo 1..28
expect 2 '^Usage: sockeye' 'no command: the usage' "$sockeye"
expect 0 '^Usage: sockeye' '--help of the command' "$sockeye" --help
expect 0 '^sockeye [0-9]' '--version' "$sockeye" --version
expect 2 'no command "frobnicate"' 'an unknown command is named' "$sockeye" frobnicate
for command in lab exec replay drill doctor settings; do
    expect 0 "^Usage: sockeye $command" "--help of $command" "$sockeye" $command --help
done
expect 2 'frob' 'an unknown option is named' "$sockeye" lab --frob x.yaml
expect 2 'needs a FILE' 'a lab needs a file' "$sockeye" lab
expect 2 'nope.yaml: No such file' 'a missing lab file is named' "$sockeye" lab nope.yaml
expect 2 'color needs --ladder' 'colours of no ladder' "$sockeye" lab --color always x.yaml
expect 2 'mode is of files, and none' 'a mode of no file' "$sockeye" replay --mode 640 --pcap - x
expect 2 'record-limit needs --record' 'a limit of no record' "$sockeye" lab --record-limit 1MB x.yaml
expect 2 'two outputs would go to one file' 'two outputs in one file' \
    "$sockeye" lab --pcap one --trace-file one x.yaml
expect 2 'nope.yaml: No such file' 'two outputs may go to a device' \
    "$sockeye" lab --pcap /dev/null --trace-file /dev/null nope.yaml
expect 2 '"many" is not' 'a wrong seed is named' "$sockeye" lab --seed many x.yaml
expect 2 'unknown.yaml:3: hosts.a: unknown key "colour"' 'an unknown key has its line' \
    "$sockeye" lab "$directory/unknown.yaml"
expect 2 'address.yaml:5: hosts.server.interfaces.eth0.address: "10.0.0.300/24" is not an address' \
    'a wrong address has its line' "$sockeye" lab "$directory/address.yaml"
expect 2 'setting.yaml:3: hosts.a.settings\[1\]: there is no setting "net.ipv4.no_such"' \
    'an unknown setting has its line' "$sockeye" lab --pcap "$directory/x.pcapng" \
    "$directory/setting.yaml"
expect 2 'network.yaml:5: .*"10.0.0.0/24" is not a host.s address' \
    'the address of a network has its line' "$sockeye" lab "$directory/network.yaml"
expect 2 'value.yaml:3: hosts.a.settings\[1\]: out of the range of this setting: "900"' \
    'a value that a setting cannot have has its line' "$sockeye" lab "$directory/value.yaml"
expect 2 'program.yaml:4: .*there is no executable program "no-such-program"' \
    'a missing program has its line' "$sockeye" lab "$directory/program.yaml"
expect 2 'directory.yaml:3: .*"/no/such/directory" is not a directory' \
    'a missing directory has its line' "$sockeye" lab "$directory/directory.yaml"
expect 125 'no lab of yours is running' 'exec without a lab' "$sockeye" exec a -- true

number=$((number + 1))
left=$(find "$directory" -mindepth 1 ! -name '*.yaml' ! -name said ! -name run)
if [ -z "$left" ]; then
    echo "ok $number - nothing was left behind"
else
    echo "# left: $left"
    echo "not ok $number - nothing was left behind"
fi
