#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that a machine may have or not: git, openssl, node, java, perl, bash, ssh. They bring
# runtimes of their own, with their own ways to use sockets.
. "$(dirname "$0")/common"

# try PROGRAM SENTENCE COMMAND...: skipped, and said so, where the program is not there
try() {
    program=$1 sentence=$2
    shift 2
    if command -v "$program" >/dev/null; then
        "$@" >said 2>&1
        say $? "$sentence"
    else
        number=$((number + 1))
        echo "ok $number - $sentence # skip there is no $program"
    fi
}
# served COMMAND...: on b, in the background
served() {
    on b "$@" >served.log 2>&1 &
    sleep 1
}
with_git() {
    git init -q there && cp big.bin there && git -C there add big.bin &&
        git -C there -c user.name=a -c user.email=a@b commit -q -m one || return 1
    served git daemon --reuseaddr --export-all "--base-path=$directory" "$directory"
    on a git clone -q git://b/there here && cmp there/big.bin here/big.bin
}
with_openssl() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=b || return 1
    served openssl s_server -quiet -key key -cert cert -accept 4433 -WWW
    on a curl -sS --insecure -o got https://b:4433/big.bin && cmp got big.bin
}
with_node() {
    served node -e 'require("http").createServer((q, r) =>
        require("fs").createReadStream("big.bin").pipe(r)).listen(8800, "0.0.0.0")'
    on a node -e 'fetch("http://b:8800/").then(r => r.arrayBuffer()).then(
        b => process.exit(b.byteLength == 3000000 ? 0 : 1))'
}
with_java() {
    cat >Fetch.java <<EOF
import java.net.*;

public class Fetch {
    public static void main(String[] arguments) throws Exception {
        try (var in = new URL("http://b:8000/big.bin").openStream()) {
            if (in.readAllBytes().length != 3000000)
                System.exit(1);
        }
        try {
            new Socket("b", 1);
            System.exit(2);
        } catch (ConnectException refused) {
        }
    }
}
EOF
    on a java Fetch.java
}

echo 1..8
head -c 3000000 /dev/urandom >big.bin
two_hosts guests.yaml "delay: 1ms, loss: 0.5%" "" \
    "    programs: [{run: python3 -m http.server 8000, background: true}]"
stay guests.yaml
until_true on a curl -s -o /dev/null http://b:8000/guests.yaml
try git "git clones from git daemon" with_git
try openssl "curl fetches over TLS from openssl s_server" with_openssl
try node "node fetches from node" with_node
try java "java fetches, and is refused" with_java
try perl "perl's IO::Socket fetches" on a perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new("b:8000") or die $!;
    print $s "GET /big.bin HTTP/1.0\r\n\r\n";
    local $/; $_ = <$s>; exit(length($_) < 3000000)'
# shellcheck disable=SC2016
try bash "bash's /dev/tcp fetches" on a bash -c 'exec 3<>/dev/tcp/b/8000 &&
    printf "GET /big.bin HTTP/1.0\r\n\r\n" >&3 && [ "$(wc -c <&3)" -gt 3000000 ]'
refused() {
    on a ssh -o BatchMode=yes -o StrictHostKeyChecking=no b true 2>&1 | grep 'Connection refused'
}
try ssh "ssh is refused where no server is" refused
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
