#!/usr/bin/env bash
# Shows: a switch every 100 ms under full load fails no request, and no request after a switch meets the old colour.
# Two real nginx servers are blue, two are green; wrk runs at full speed; each switch is made by curl and followed by
# one request that must reach the new colour. At the end the servers' own counts must agree with /metrics.
#
# Needs: nginx, wrk. Settings: DURATION=60 (seconds), INTERVAL_MS=100, CONNECTIONS=64.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

duration=${DURATION:-60}
interval=${INTERVAL_MS:-100}
connections=${CONNECTIONS:-64}

read -r blue1 blue2 green1 green2 <<<"$(free_ports 4)"
start_nginx blue-1 "$blue1" blue
start_nginx blue-2 "$blue2" blue
start_nginx green-1 "$green1" green
start_nginx green-2 "$green2" green
configure "\"127.0.0.1:$blue1\", \"127.0.0.1:$blue2\"" "\"127.0.0.1:$green1\", \"127.0.0.1:$green2\""
build
start_turnout
expect "active colour at the start" "$(status .active)" blue

# What colour's servers have had, our questions left out: each asks both servers once more.
served() { echo $(($(nginx_requests "$1") + $(nginx_requests "$2") - 2 * $3)); }

scrape
blue_before=$(served "$blue1" "$blue2" 1)
green_before=$(served "$green1" "$green2" 1)
blue_told_before=$(metric turnout_requests_total 'colour="blue"')
green_told_before=$(metric turnout_requests_total 'colour="green"')

wrk -t1 -c"$connections" -d"${duration}s" --latency "$PROXY/" >"$WORK/wrk.out" 2>&1 &
wrk=$!
to=green
next=$(now_ms)
while kill -0 "$wrk" 2>/dev/null; do
    curl -sS -X POST -H 'Content-Type: application/json' -d "{\"to\":\"$to\"}" -w '\nswitch %{http_code}\n' \
        "$ADMIN/admin/switch" \
        --next -sS -o /dev/null -w "probe $to %{http_code} %header{x-colour}\n" "$PROXY/" >>"$WORK/switches.log" 2>&1 || true
    [ "$to" = green ] && to=blue || to=green
    next=$((next + interval))
    pause=$((next - $(now_ms)))
    if ((pause > 0)); then sleep "0.$(printf %03d "$pause")"; else next=$(now_ms); fi
done
wait "$wrk" || fail "wrk: $(cat "$WORK/wrk.out")"

scrape
blue=$(($(served "$blue1" "$blue2" 2) - blue_before))
green=$(($(served "$green1" "$green2" 2) - green_before))
blue_told=$(($(metric turnout_requests_total 'colour="blue"') - blue_told_before))
green_told=$(($(metric turnout_requests_total 'colour="green"') - green_told_before))
requests=$(wrk_requests "$WORK/wrk.out")
failures=$(wrk_failures "$WORK/wrk.out")
switches=$(grep -c '^switch ' "$WORK/switches.log")
refused=$(grep '^switch ' "$WORK/switches.log" | grep -vc ' 200$' || true)
unchanged=$((switches - $(grep -cE '"changed" *: *true' "$WORK/switches.log" || true)))
wrong=$(awk '/^probe / && !($3 == 200 && $2 == $4)' "$WORK/switches.log" | wc -l)
probes=$(grep -c '^probe ' "$WORK/switches.log")

grep -E 'Latency|99%|Requests/sec' "$WORK/wrk.out" || true
say "$requests requests in $duration s, $failures failed; $switches switches, $refused refused, $unchanged without effect"
say "$probes requests right after a switch, $wrong not answered by the new colour"
say "blue: nginx $blue, /metrics $blue_told; green: nginx $green, /metrics $green_told"

expect "failed requests" "$failures" 0
expect "refused switches" "$refused" 0
expect "switches without effect" "$unchanged" 0
expect "requests answered by the old colour after a switch" "$wrong" 0
expect "switches in /metrics" "$(metric turnout_switches_total 'kind="switch"')" "$switches"
((switches >= duration)) || fail "only $switches switches in $duration s"
((blue > 0 && green > 0)) || fail "a colour had no traffic"
# wrk drops what is in flight when its time is over: that is counted by the servers and not by wrk.
expect_close "blue in /metrics" "$blue_told" "$blue" "$connections"
expect_close "green in /metrics" "$green_told" "$green" "$connections"
expect_close "all in /metrics" $((blue_told + green_told)) $((requests + probes)) "$connections"
say "passed"
