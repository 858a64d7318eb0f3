#!/usr/bin/env bash
# Shows: copies of requests to the idle colour cost users nothing. Two real nginx servers are blue, one is green; wrk asks blue at
# full speed while a share is copied. The servers' own counts must agree with the report; then green dies amid the copies, and
# users must not notice: no failed request, and as many a second as without a mirror but for what the copies cost.
#
# Needs: nginx, wrk. Settings: SECONDS_EACH=10, SHARE=20, CONNECTIONS=32.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

seconds=${SECONDS_EACH:-10}
share=${SHARE:-20}
connections=${CONNECTIONS:-32}

read -r blue1 blue2 green1 <<<"$(free_ports 3)"
start_nginx blue-1 "$blue1" blue
start_nginx blue-2 "$blue2" blue
start_nginx green-1 "$green1" green
green_pid=$STARTED
configure "\"127.0.0.1:$blue1\", \"127.0.0.1:$blue2\"" "\"127.0.0.1:$green1\""
build
start_turnout

load() { wrk -t1 -c"$connections" -d"${seconds}s" --latency "$PROXY/" >"$WORK/$1.out" 2>&1; }
rate() { wrk_requests "$WORK/$1.out"; }
found() { curl -fsS "$ADMIN/admin/mirror" | jq ".report.$1"; }

load warm-up
load plain
green_before=$(nginx_requests "$green1")
post /admin/mirror '{"share":'"$share"',"compareBody":"hash","maxInFlight":256}' >/dev/null
load mirrored
sleep 1
green_after=$(nginx_requests "$green1")
compared=$(found compared)
skipped=$(found skipped)
say "plain: $(rate plain) requests in $seconds s; with a mirror of $share %: $(rate mirrored)"
say "compared $compared (different $(found different), failed $(found failed)), skipped $skipped; green served $((green_after - green_before - 1))"
say "time to the head, p99: active $(found latency.active.p99Ms) ms, idle $(found latency.idle.p99Ms) ms; worst: $(found 'paths[0].example.differences[0]')"

# Green dies amid the copies, and nobody notices.
load dying &
load_pid=$!
sleep $((seconds / 2))
kill "$green_pid"
wait "$load_pid"
say "green dead: $(rate dying) requests, $(wrk_failures "$WORK/dying.out") failed; failed copies $(found failed)"

for run in plain mirrored dying; do
    expect "failed requests, $run" "$(wrk_failures "$WORK/$run.out")" 0
done
((compared > 0)) || fail "nothing was compared"
expect_close "green's count and the report's" "$((green_after - green_before - 1))" "$compared" $((skipped + connections))
(($(found failed) > 0)) || fail "the death of green was not told"
say "passed"
