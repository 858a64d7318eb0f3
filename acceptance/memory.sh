#!/usr/bin/env bash
# Shows: a 1 GiB download to a client that reads 1 MB/s, and a 1 GiB upload to a backend that reads 1 MB/s, keep the
# proxy's resident memory within 64 MiB of idle, and every byte arrives. Idle is measured after some traffic, as a JVM
# that has served nothing yet is smaller than it will ever be again. The kernel keeps the maximum (VmHWM), so that
# nothing hides between two samples.
#
# The slow peer goes on at full speed after 30 s, so that this ends in two minutes; FULL=1 stays slow to the end (18
# minutes each). Needs: wrk. Settings: SIZE_MIB=1024, SLOW_SECONDS=30, RATE=1000000 (bytes/s), LIMIT_MIB=64, FULL.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need wrk

size=$((${SIZE_MIB:-1024} * 1024 * 1024))
rate=${RATE:-1000000}
slow=${SLOW_SECONDS:-30}
[ -z "${FULL:-}" ] || slow=$((size / rate + 60))
limit=$((${LIMIT_MIB:-64} * 1024))
peers="python3 $(dirname "$0")/peers.py"

read -r backend <<<"$(free_ports 1)"
# shellcheck disable=SC2086 # a command and its argument
start "$WORK/backend.log" $peers backend "$backend" "$rate" "$slow"
await_answer "$backend" "$STARTED"
configure "\"127.0.0.1:$backend\"" ""
build
start_turnout

resident() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$TURNOUT_PID/status"; }

# measured NAME COMMAND...: runs it, and holds the proxy's greatest resident memory meanwhile against the limit.
measured() {
    local name=$1 verdict peak
    shift
    echo 5 >"/proc/$TURNOUT_PID/clear_refs" # VmHWM starts again from here
    verdict=$("$@") || fail "$name: $verdict"
    expect "$name" "$verdict" ok
    peak=$(resident VmHWM)
    say "$name of $((size >> 20)) MiB: whole and right; resident at most $((peak >> 10)) MiB, $(((peak - idle) >> 10)) above idle"
    ((peak - idle <= limit)) || fail "$name: more than $((limit >> 10)) MiB above idle"
}

wrk -t1 -c64 -d"${WARMUP:-5}s" "$PROXY/bytes/10000" >"$WORK/wrk.out"
expect "failed requests of the warm-up" "$(wrk_failures "$WORK/wrk.out")" 0
idle=$(resident VmRSS)
say "idle: $((idle >> 10)) MiB"
# shellcheck disable=SC2086
measured "download to a slow client" $peers download "$PORT" "$size" "$rate" "$slow"
# shellcheck disable=SC2086
measured "upload to a slow backend" $peers upload "$PORT" "$size"
say "passed"
