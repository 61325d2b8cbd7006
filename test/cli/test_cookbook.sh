#!/bin/sh
# SPDX-License-Identifier: MIT
# doc/cookbook.md and its translation say what the labs of examples/cookbook do: the labs shown are
# the files, what is shown of a run in virtual time is what it prints, and each lab passes. Of runs
# of real programs the numbers are left out, and what depends on chance.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cp -r "$root/examples/cookbook" "$directory/cookbook"
cd "$directory" || exit 1
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 run examples
mv cookbook examples/

# books: labs shown that are no file's, labs without a lab shown, in either book
books() {
    python3 - "$root" <<'END'
import glob, os, re, sys
root = sys.argv[1]
labs = {path: open(path, encoding="utf-8").read().partition("\n")[2]
        for path in glob.glob(root + "/examples/cookbook/*.yaml")}
for book in "cookbook.md", "cookbook.zh-CN.md":
    text = open(f"{root}/doc/{book}", encoding="utf-8").read()
    shown = [s for s in re.findall(r"```yaml\n(.*?)```", text, re.S) if "\nhosts:" in s]
    for one in shown:
        if one not in labs.values():
            print(f"{book} shows a lab that no file is:\n{one}")
    for path, lab in labs.items():
        if lab not in shown:
            print(f"{book} does not show {os.path.basename(path)}")
END
}

# shown BOOK: the commands that a book shows with their output, each as COMMAND, then the output
shown() {
    awk '/^```/ { inside = !inside; if (inside) start = 1; next }
         inside && /^\$ sockeye lab examples/ { command = substr($0, 11); lines = 0; next }
         inside && command != "" { print command "\t" $0 }
         !inside { command = "" }' "$root/doc/$1"
}

plain() {
    sed -E 's/, [0-9,]+ (lost|damaged|sent again)//g; s/[;,] (TIME|time) (SLIPPED|slipped).*//; s/[0-9][0-9.,]*/N/g
            s/ \(N (bytes|kB|MB)\)//; s/N (ms|s)\b/N/g'
}

echo 1..9
books >said 2>&1
[ ! -s said ]
say $? "the labs that both books show are those of examples/cookbook"

for lab in slow-link slow-reader; do
    report=
    [ $lab = slow-link ] || report=" --report"
    "$sockeye" lab examples/cookbook/$lab.yaml$report >got 2>said
    shown cookbook.md | grep "^lab examples/cookbook/$lab.yaml$report	" | cut -f 2 >want
    [ -s want ] && diff want got >said
    say $? "$lab prints what the book shows"
done

for lab in far partition one-way ci; do
    (
        "$sockeye" lab examples/cookbook/$lab.yaml >$lab.got 2>$lab.said
        echo $? >$lab.code
    ) &
    pids="$pids $!"
done
wait $pids
for lab in far partition one-way ci; do
    cat $lab.got $lab.said >said
    shown cookbook.md | grep "^lab examples/cookbook/$lab.yaml	" | cut -f 2 | plain >want
    plain <$lab.got >got
    [ "$(cat $lab.code)" = 0 ] && { [ ! -s want ] || diff want got >>said; }
    say $? "$lab passes, and prints what the book shows but for its numbers"
done

"$sockeye" lab examples/cookbook/far.yaml --quiet --record far.record >said 2>&1 &&
    "$sockeye" replay far.record --ladder >ladder 2>>said && grep -q SYN-SENT ladder &&
    "$sockeye" replay far.record --pcap far.pcapng >>said 2>&1 && [ -s far.pcapng ]
say $? "a record is replayed as a ladder and as a capture"

for book in cookbook.md cookbook.zh-CN.md; do
    shown $book | sort >$book.shown
done
diff cookbook.md.shown cookbook.zh-CN.md.shown >said
say $? "both books show the same runs"
exit $failed
