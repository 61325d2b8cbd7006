#!/bin/sh
# SPDX-License-Identifier: MIT
# What `sockeye drill` says of a packet that is not as the script wants it: what was expected and
# what came, side by side.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

# says BYTES EXPECTED-LINE TEXT SENTENCE: a server writes so many bytes at 0.1 s
says() {
    cat >wrong.pkt <<END
   0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
  +0 bind(3, ..., ...) = 0
  +0 listen(3, 1) = 0
  +0 < S 0:0(0) win 65535 <mss 1460>
  +0 > S. 0:0(0) ack 1 <...>
 +.1 < . 1:1(0) ack 1 win 65535
  +0 accept(3, ..., ...) = 4
  +0 write(4, ..., $1) = $1
$2
END
    "$sockeye" drill wrong.pkt >said 2>&1
    [ $? -eq 1 ] && grep -qF "$3" said
    say $? "$4"
}

echo 1..11
says 1000 '  +0 > P. 1:1002(1001) ack 1' \
    'expected > P. 1:1002(1001) ack 1; came > P. 1:1001(1000) ack 1 win 65535 at 0.100000, and no' \
    "a segment that is shorter than expected stands beside it"
says 1000 '  +0 > P. 1:1000(999) ack 1' \
    'length: expected > P. 1:1000(999) ack 1; came > P. 1:1001(1000) ack 1 win 65535 at 0.100000' \
    "one that is longer too"
says 4000 '  +0 > P. 1:4002(4001) ack 1' \
    'came > P. 1:4001(4000) ack 1 win 65535, in 3 packets at 0.100000, and no more by' \
    "what came in several segments is told as one, with their number"
says 1000 '+.1~+.2 > P. 1:1001(1000) ack 1' \
    'time (expected at 0.200000 to 0.300000): expected > P. 1:1001(1000) ack 1; came > P. 1:1001' \
    "one that came too early is told with both times"
says 1000 '  +0 > P. 1:1001(1000) ack 1
  +0 > P. 1:1001(1000) ack 1' \
    'expected > P. 1:1001(1000) ack 1; nothing came by 0.104000, but > P. 1:1001(1000) ack 1 win' \
    "one that came too late is told with its time"
says 1000 '  +0 > icmp unreachable port_unreachable [udp (10)]' \
    'nothing came by 0.104000, but for another: > P.' \
    "what came and is none of the kind expected is told"
says 1000 '  +0 > P. 1:1001(1000) ack 1 <nop,nop,sack 1:2>' \
    'options: expected > P. 1:1001(1000) ack 1 <nop,nop,sack 1:2>; came > P. 1:1001(1000) ack 1' \
    "other options stand beside those expected"
says 1000 '  +0 > P. 1:1001(1000) ack 1
  +.1 < . 1:1(0) ack 1001 win 65535
  +0 > . 1:1(0) ack 1' \
    'expected > . 1:1(0) ack 1; nothing came by 0.204000' \
    "where nothing came at all, that is said"
says 1000 '  +0 > P. 1:1001(1000) ack 1
  +0 %{ assert tcpi_snd_mss == 1 }%' \
    'AssertionError: : expected assert tcpi_snd_mss == 1; came tcpi_snd_mss = 1460' \
    "an assertion that fails is told with the values that it asks for"
says 1000 '  +0 > P. 1:1001(1000) ack 1
  +0...0.01 read(4, ..., 100) = 100
 +.1 < P. 1:101(100) ack 1001 win 65535
  +1 read(4, ..., 100) = 0' \
    'read: expected at 0.100000 to 0.110000; came 100 at 0.200000' \
    "a call that ends at another time is told with both times"
says 1000 '  +0 > P. 1:1001(1000) ack 1
  +0...0.5 read(4, ..., 100) = 100
  +2 read(4, ..., 100) = 0' \
    'read: expected at 0.100000 to 0.600000; has not returned by 0.662500' \
    "a call that does not end is told with the time it should have"
