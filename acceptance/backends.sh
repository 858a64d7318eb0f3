#!/usr/bin/env bash
# Shows what Turnout does when backends fail, and when they are edited, under the load of wrk: one of three nginx killed with -9; one
# that accepts and never answers; one that answers 500 to everything; edits of the pool without end, by the API and by the file;
# a reload of a broken file; and a pool with many backends: what it costs in memory, in time to answer, and in probes.
# GET requests must not be lost, and what Turnout counts must be what the servers counted.
#
# Needs: nginx, wrk. Settings: SECONDS_EACH=6, EDITS=500, MANY=1000, CONNECTIONS=32,
# BALANCERS="least-requests peak-ewma round-robin hash".
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

seconds=${SECONDS_EACH:-6}
edits=${EDITS:-500}
many=${MANY:-1000}
connections=${CONNECTIONS:-32}
read -ra balancers <<<"${BALANCERS:-least-requests peak-ewma round-robin hash}"

read -r one two three four silent broken <<<"$(free_ports 6)"
start_nginx one "$one" blue
start_nginx two "$two" blue
start_nginx three "$three" blue
three_pid=$STARTED
start_nginx four "$four" blue

start "$WORK/silent.log" python3 "$REPO/acceptance/faulty_backend.py" "$silent" silent
start "$WORK/broken.log" python3 "$REPO/acceptance/faulty_backend.py" "$broken" broken

address() { echo "127.0.0.1:$1"; }
quoted() { printf '"127.0.0.1:%s"' "$1"; }
configure "$(quoted "$one"), $(quoted "$two"), $(quoted "$three")" ""
sed -i 's/^  health .*/  health { kind = tcp, interval = 1s, timeout = 1s, rise = 1, fall = 3 }\n  timeouts { response-head = 1s }\n  outlier-detection { server-errors = 5, ejection-time = 1h, longest-ejection = 1h }/' "$WORK/turnout.conf"
build
start_turnout

load() { wrk -t1 -c"$connections" -d"${2:-$seconds}s" --latency "$PROXY/" >"$WORK/$1.out" 2>&1; }
rate() { wrk_requests "$WORK/$1.out"; }
p99() { awk '$1 == "99%" { print $2 }' "$WORK/$1.out"; }
lost() { expect "failed requests, $1" "$(wrk_failures "$WORK/$1.out")" 0; }
edit() { curl -sS --fail-with-body -o /dev/null -X "$1" -H 'Content-Type: application/json' -d "${3:-}" "$ADMIN/admin/pools/blue$2"; }
backend() { status ".pools.blue.backends[] | select(.address == \"$(address "$1")\") | $2"; }
served_by() { scrape && metric turnout_backend_requests_total "backend=\"$(address "$1")\""; }
# await_blue FIELD VALUE: until status says so of the pool.
await_blue() {
    local i
    for ((i = 0; i < 100; i++)); do
        [ "$(status ".pools.blue.$1")" = "$2" ] && return
        sleep 0.1
    done
    fail "$1 of the pool: $(status ".pools.blue.$1") (expected: $2)"
}

load warm-up

# ---- One of three is killed.
load killed &
load_pid=$!
sleep $((seconds / 2))
# The master first, which would start another worker; and the worker, which would go on serving without it.
workers=$(pgrep -P "$three_pid")
for pid in "$three_pid" $workers; do kill -KILL "$pid"; done
wait "$load_pid"
say "one of three killed with -9: $(rate killed) requests, $(wrk_failures "$WORK/killed.out") failed, p99 $(p99 killed);" \
    "it failed $(backend "$three" '.failures.connect + .failures.broken') times, ejected: $(backend "$three" '.ejected.reason // "no"')"
lost killed
edit DELETE "/backends/$(address "$three")?wait=10s"

# ---- One that accepts and never answers. It is ejected before more requests than wait there at a time are answered 504.
edit POST /backends "{\"address\":\"$(address "$silent")\"}"
await_blue usable 3
load silent
say "one never answers: $(rate silent) requests, $(wrk_failures "$WORK/silent.out") answered 504 or cut, p99 $(p99 silent);" \
    "timeouts $(backend "$silent" .failures.timeout), ejected: $(backend "$silent" '.ejected.reason // "no"')"
(($(wrk_failures "$WORK/silent.out") <= connections)) || fail "more requests failed than could wait there at a time"
[ "$(backend "$silent" .ejected.times)" = 1 ] || fail "it was not ejected"
load silent-out
lost silent-out
edit DELETE "/backends/$(address "$silent")?wait=10s&force=true"

# ---- One that answers 500 to everything. The fifth answer ends it: what comes later was under way by then.
edit POST /backends "{\"address\":\"$(address "$broken")\"}"
await_blue usable 3
load broken
say "one answers 500: $(rate broken) requests, $(wrk_failures "$WORK/broken.out") of them 500, then ejected: $(backend "$broken" .ejected.reason)"
(($(wrk_failures "$WORK/broken.out") <= 5 + connections)) || fail "more answers of 500 than were under way when it was ejected"
expect "answers of 500 it counts" "$(backend "$broken" .failures.serverError)" "$(wrk_failures "$WORK/broken.out")"
edit DELETE "/backends/$(address "$broken")?wait=10s"

# ---- Edits without end, by the API and by the file.
load edited $((seconds * 20)) &
load_pid=$!
begun=$(now_ms)
for ((i = 0; i < edits; i += 5)); do
    edit POST /backends "{\"address\":\"$(address "$four")\",\"weight\":$((1 + i % 9))}"
    edit PATCH "/backends/$(address "$one")" "{\"weight\":$((1 + i % 7))}"
    edit POST "/backends/$(address "$two")/drain"
    edit POST "/backends/$(address "$two")/undrain"
    edit DELETE "/backends/$(address "$four")?wait=10s"
done
took=$(($(now_ms) - begun))
kill -INT "$load_pid" 2>/dev/null || true
wait "$load_pid" || true
say "$edits edits in $took ms: $(rate edited) requests, $(wrk_failures "$WORK/edited.out") failed, revision $(status .revision)"
lost edited

# ---- The file: changed, broken, and the same again.
cp "$WORK/turnout.conf" "$WORK/before.conf"
load reloaded &
load_pid=$!
for weight in 2 3 4 5 6 7 8 9; do
    sed "s/blue { .*/blue { version = \"1.$weight\", backends = [ { address = $(quoted "$one"), weight = $weight }, $(quoted "$two"), $(quoted "$four") ] }/" \
        "$WORK/before.conf" >"$WORK/turnout.conf"
    # By the API and by a signal in turn: after the other one a signal would have nothing to do.
    if ((weight % 2 == 0)); then
        post /admin/config/reload >/dev/null
    else
        kill -HUP "$TURNOUT_PID"
    fi
    await_blue version "1.$weight"
done
wait "$load_pid"
lost reloaded
expect "version after the reloads" "$(status .pools.blue.version)" 1.9
expect "an equal file changes" "$(post /admin/config/reload | jq .changed)" false
before=$(status .revision)
echo 'turnout { pools { blue { backends = [ "nonsense" ] } } }' >>"$WORK/turnout.conf"
refused=$(post /admin/config/reload 2>/dev/null || true)
expect "a broken file" "$(jq -r .status <<<"$refused")" 422
expect "revision after a broken file" "$(status .revision)" "$before"
say "8 reloads under load: $(rate reloaded) requests, 0 failed; a broken file: $(jq -r '.errors[0].message' <<<"$refused" | sed "s#$WORK/##")"

# ---- What was counted, here and there.
sleep 1
for server in "$one" "$two"; do
    here=$(served_by "$server")
    there=$(nginx_requests "$server")
    expect_close "answers of $server, of which the probe of the start and this question are not Turnout's" "$here" "$there" 2
    say "nginx at $server counted $there, Turnout $here"
done

# ---- Many backends: all are the same two servers' loopback neighbours, 127.0.0.2 and on, which nginx listens on as well.
end "$TURNOUT_PID"
cat >"$WORK/many.conf" <<EOF
worker_processes 1;
daemon off;
pid $WORK/many.pid;
error_log $WORK/many.log;
events { worker_connections 8192; }
http {
  access_log off;
  server {
    listen 0.0.0.0:$four;
    location / { return 200 "many\n"; }
    location = /requests { stub_status; }
  }
}
EOF
end "$(cat "$WORK/four.pid")"
start "$WORK/many.out" nginx -p "$WORK" -c "$WORK/many.conf" -e "$WORK/many.log"
await_answer "$four" "$STARTED"
listed=$(python3 -c 'import sys; print(", ".join("\"127.0.%d.%d:%s\"" % (i // 200, i % 200 + 1, sys.argv[2]) for i in range(int(sys.argv[1]))))' "$many" "$four")
for balancer in "${balancers[@]}"; do
    for count in 3 "$many"; do
        configure "$(cut -d, -f1-"$count" <<<"$listed")" ""
        sed -i "s/^  health .*/  health { kind = http, interval = 1s, timeout = 1s, rise = 1, fall = 3 }\n  balancer = $balancer/" "$WORK/turnout.conf"
        start_turnout
        await_blue usable "$count"
        load "many-$count" 2
        load "many-$count"
        lost "many-$count"
        scrape
        say "$count backends, $balancer: $(rate "many-$count") requests, p99 $(p99 "many-$count");" \
            "heap in use $(($(metric jvm_memory_used_bytes 'area="heap"') / 1048576)) MiB," \
            "CPU of probes with no load: $(python3 - "$TURNOUT_PID" <<'PY'
import os, sys, time
def ticks():
    fields = open("/proc/%s/stat" % sys.argv[1]).read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
before = ticks()
time.sleep(5)
print("%.1f %%" % ((ticks() - before) / os.sysconf("SC_CLK_TCK") / 5 * 100))
PY
            )"
        end "$TURNOUT_PID"
    done
done
say "passed"
