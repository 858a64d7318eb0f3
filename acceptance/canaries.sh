#!/usr/bin/env bash
# Shows: canaries that are started, stepped, given another weight, aborted and promoted under full load fail no request.
# Two real nginx servers are blue, two are green; wrk runs at full speed; each canary goes through all commands by curl and
# ends in turn by abort, rollback or promotion. At the end the servers' own counts must agree with /metrics.
#
# Needs: nginx, wrk. Settings: CANARIES=100, CONNECTIONS=64.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

canaries=${CANARIES:-100}
connections=${CONNECTIONS:-64}

read -r blue1 blue2 green1 green2 <<<"$(free_ports 4)"
start_nginx blue-1 "$blue1" blue
start_nginx blue-2 "$blue2" blue
start_nginx green-1 "$green1" green
start_nginx green-2 "$green2" green
configure "\"127.0.0.1:$blue1\", \"127.0.0.1:$blue2\"" "\"127.0.0.1:$green1\", \"127.0.0.1:$green2\""
build
start_turnout

served() { echo $(($(nginx_requests "$1") + $(nginx_requests "$2") - 2)); }

wrk -t1 -c"$connections" -d3600s --latency "$PROXY/" >"$WORK/wrk.out" 2>&1 &
wrk=$!
refused=0
command() {
    post "$@" >>"$WORK/commands.log" || {
        refused=$((refused + 1))
        echo "refused: $*" >>"$WORK/commands.log"
    }
}
for ((i = 1; i <= canaries; i++)); do
    command /admin/canary '{"steps":[{"weight":1,"for":"1h"},{"weight":25.5,"for":"1h"},{"weight":60,"for":"1h"}],"reason":"canary '"$i"'"}'
    command /admin/canary/step
    command /admin/canary/pause
    command /admin/canary/resume
    command /admin/canary/step
    case $((i % 4)) in
    0) command /admin/canary/abort ;;
    1) command /admin/canary/promote '{"full":true}' ;;
    2) command /admin/canary/promote ;;
    3) command /admin/rollback ;;
    esac
done
kill -INT "$wrk"
wait "$wrk" || true

commands=$(wc -l <"$WORK/commands.log")
requests=$(wrk_requests "$WORK/wrk.out")
failures=$(wrk_failures "$WORK/wrk.out")
scrape
blue=$(served "$blue1" "$blue2")
green=$(served "$green1" "$green2")
blue_told=$(metric turnout_requests_total 'colour="blue"')
green_told=$(metric turnout_requests_total 'colour="green"')
say "$canaries canaries, $commands commands, $refused refused; $requests requests, $failures failed"
say "blue: nginx $blue, /metrics $blue_told; green: nginx $green, /metrics $green_told"
expect "failed requests" "$failures" 0
expect "refused commands" "$refused" 0
expect "canaries under way" "$(curl -fsS "$ADMIN/admin/canary" | jq -r .canary)" null
((green > 0)) || fail "green had no traffic"
# wrk drops what is in flight when it is ended; our own look for an answer is in it too.
expect_close "all in /metrics" $((blue_told + green_told)) $((blue + green)) $((connections + 10))
say "passed"
