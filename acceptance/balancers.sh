#!/usr/bin/env bash
# Shows: what each balancer sends to one of four backends that is 20 times slower than the others (5 ms and 100 ms), and what
# that does to the slowest requests; beside HAProxy's leastconn and roundrobin in the same run. Only shares and failures decide,
# as they do not depend on the machine: times are printed.
#
# Needs: python3, haproxy, wrk. Settings: SECONDS_EACH=6, CONNECTIONS=16.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need python3 haproxy wrk

seconds=${SECONDS_EACH:-6}
connections=${CONNECTIONS:-16}
read -r -a ports <<<"$(free_ports 5)"
for i in 0 1 2 3; do
    start "$WORK/backend-$i.out" python3 "$(dirname "$0")/timed_backend.py" "${ports[$i]}" "$([ "$i" = 3 ] && echo 100 || echo 5)"
    await_answer "${ports[$i]}" "$STARTED"
done
build

count() { curl -fsS "http://127.0.0.1:$1/count"; }

# run NAME URL: sets SHARE, percent of the requests that the slow one got.
run() {
    local before=() after=() sum=0 i
    for i in 0 1 2 3; do before[i]=$(count "${ports[$i]}"); done
    wrk -t1 -c"$connections" -d"${seconds}s" --latency "$2/load" >"$WORK/$1.out" 2>&1
    for i in 0 1 2 3; do
        after[i]=$(($(count "${ports[$i]}") - before[i]))
        sum=$((sum + after[i]))
    done
    SHARE=$(awk -v slow="${after[3]}" -v sum="$sum" 'BEGIN { printf "%.2f", 100 * slow / sum }')
    say "$1: $SHARE % to the slow one; $(wrk_requests "$WORK/$1.out") requests, p50 $(awk '$1 == "50%" { print $2 }' "$WORK/$1.out"), p99 $(awk '$1 == "99%" { print $2 }' "$WORK/$1.out")"
    expect "failed requests, $1" "$(wrk_failures "$WORK/$1.out")" 0
}

below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }' || fail "$3: $1 (expected: below $2)"; }

declare -A shares
for balancer in round-robin random hash least-requests peak-ewma; do
    configure "\"127.0.0.1:${ports[0]}\", \"127.0.0.1:${ports[1]}\", \"127.0.0.1:${ports[2]}\", \"127.0.0.1:${ports[3]}\"" ""
    rm -rf "$WORK/state" && mkdir -p "$WORK/state"
    printf 'turnout.balancer = %s\nturnout.hash { on = header, name = X-Nobody }\nturnout.workers = 1\n' "$balancer" >>"$WORK/turnout.conf"
    start_turnout
    run "$balancer" "$PROXY"
    shares[$balancer]=$SHARE
    end "$TURNOUT_PID"
done

for balancer in roundrobin leastconn; do
    cat >"$WORK/haproxy.cfg" <<EOF
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:${ports[4]}
  default_backend out
backend out
  balance $balancer
  server s0 127.0.0.1:${ports[0]}
  server s1 127.0.0.1:${ports[1]}
  server s2 127.0.0.1:${ports[2]}
  server s3 127.0.0.1:${ports[3]}
EOF
    start "$WORK/haproxy.log" haproxy -db -f "$WORK/haproxy.cfg"
    haproxy_pid=$STARTED
    await_answer "${ports[4]}" "$haproxy_pid"
    run "haproxy-$balancer" "http://127.0.0.1:${ports[4]}"
    shares[haproxy-$balancer]=$SHARE
    end "$haproxy_pid"
done

for balancer in least-requests peak-ewma haproxy-leastconn; do
    below "${shares[$balancer]}" 12.5 "$balancer sends half of an even share at most"
done
say "passed"
