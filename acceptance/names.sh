#!/usr/bin/env bash
# Shows that backends are found by a name in the DNS, under the load of wrk, with dnsmasq as the name server: answers that flap,
# among them that it has no address; a name server that is gone, also over a restart of Turnout; SRV records with ports, weights and
# priorities. No request may be lost, and what Turnout counts must be what the servers counted.
#
# Needs: nginx, wrk, dnsmasq. Settings: FLAPS=100, CONNECTIONS=16.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk dnsmasq

flaps=${FLAPS:-100}
connections=${CONNECTIONS:-16}
hosts=(127.0.0.1 127.0.0.2 127.0.0.3)

read -r port other spare dns <<<"$(free_ports 4)"
for i in 0 1 2; do start_nginx "server$i" "$port" blue "${hosts[$i]}"; done
start_nginx other "$other" blue
start_nginx spare "$spare" blue

start_dns() {
    start "$WORK/dns.log" dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file="$WORK/dns.pid" --user=root \
        --port="$dns" --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts --local=/test/ \
        --addn-hosts="$WORK/hosts" --local-ttl=0 \
        --srv-host="_http._tcp.app.test,one.test,$port,10,30" --srv-host="_http._tcp.app.test,one.test,$other,10,10" \
        --srv-host="_http._tcp.app.test,one.test,$spare,20,0"
    DNS_PID=$STARTED
}

# leads HOST...: from now on the name leads there; nowhere: there is no such name.
leads() {
    { echo "127.0.0.1 one.test"; for each in "$@"; do echo "$each app.test"; done; } >"$WORK/hosts.new"
    mv "$WORK/hosts.new" "$WORK/hosts"
    kill -HUP "$DNS_PID"
}

named() { status '[.pools.blue.backends[] | select(.listed and .state == "serving") | .address] | join(" ")'; }
problem() { status '.pools.blue.names[0].problem // ""'; }
usable() { status .pools.blue.usable; }

# await WHAT COMMAND EXPECTED: EXPECTED is a pattern.
await() {
    local i seen
    for ((i = 0; i < 600; i++)); do
        seen=$($2)
        # shellcheck disable=SC2053 # it is a pattern
        [[ $seen == $3 ]] && return
        sleep 0.02
    done
    fail "$1: $seen (expected: $3)"
}

# load NAME: until stop_load.
load() {
    wrk -t1 -c"$connections" -d600s "$PROXY/" >"$WORK/$1.out" 2>&1 &
    LOAD_PID=$!
}

stop_load() {
    kill -INT "$LOAD_PID"
    wait "$LOAD_PID" || true
    expect "failed requests, $1" "$(wrk_failures "$WORK/$1.out")" 0
}

printf '127.0.0.1 one.test\n127.0.0.1 app.test\n' >"$WORK/hosts"
start_dns
configure "\"app.test:$port\"" ""
cat >>"$WORK/turnout.conf" <<EOF
turnout {
  dns { servers = [ "127.0.0.1:$dns" ], min-ttl = 50ms, max-ttl = 500ms, timeout = 300ms }
  health { interval = 200ms, fast-interval = 100ms }
}
EOF
build
start_turnout
expect "backends at the start" "$(named)" "127.0.0.1:$port"

# ---- Answers that flap.
before=0
for i in 0 1 2; do before=$((before + $(nginx_requests "$port" "${hosts[$i]}"))); done
load flap
begun=$(now_ms)
for ((i = 1; i <= flaps; i++)); do
    one=${hosts[$((i % 3))]}
    two=${hosts[$(((i + 1) % 3))]}
    case $((i % 10)) in
        0) leads && await "flap $i" problem "*what it led to stays" ;;
        5) leads "$one" "$two" && await "flap $i" named "*:$port *:$port" ;;
        *) leads "$one" && await "flap $i" named "$one:$port" ;;
    esac
done
took=$(($(now_ms) - begun))
stop_load flap
say "$flaps answers that differ in $took ms: $(wrk_requests "$WORK/flap.out") requests, 0 failed, revision $(status .revision)"

# ---- The name server is gone.
leads 127.0.0.2 127.0.0.3
await "both" named "127.0.0.2:$port 127.0.0.3:$port"
load gone
end "$DNS_PID"
await "it is told" problem "*what it led to stays"
sleep 1
expect "backends without a name server" "$(named)" "127.0.0.2:$port 127.0.0.3:$port"
stop_load gone
say "without a name server: $(wrk_requests "$WORK/gone.out") requests, 0 failed; status: $(problem)"
sleep 0.5
scrape
here=$(metric turnout_requests_total 'source="backend"')
there=0
for i in 0 1 2; do there=$((there + $(nginx_requests "$port" "${hosts[$i]}") - 1)); done
there=$((there - before))
say "the servers counted $there requests, Turnout $here"
# The start has asked once, and what wrk gave up at its two ends may have been counted by one of them alone.
expect_close "requests" "$here" "$there" $((2 * connections + 1))

end "$TURNOUT_PID"
start_turnout
expect "backends after a start without a name server" "$(named)" "127.0.0.2:$port 127.0.0.3:$port"
say "a start without a name server goes on with the last answer: $(named)"
start_dns
await "it is well again" problem ""

# ---- SRV records.
post /admin/pools/blue/backends '{"address":"_http._tcp.app.test"}' >/dev/null
await "the ones of the first priority are usable" usable 4
curl -sS --fail-with-body -o /dev/null -X DELETE "$ADMIN/admin/pools/blue/backends/app.test:$port?wait=10s"
weights=$(status '[.pools.blue.backends[] | "\(.weight)@\(.priority)"] | sort | join(" ")')
expect "weights and priorities" "$weights" "100@10 1@20 33@10"
spare_before=$(nginx_requests "$spare")
wrk -t1 -c"$connections" -d2s "$PROXY/" >"$WORK/srv.out" 2>&1
expect "failed requests by SRV records" "$(wrk_failures "$WORK/srv.out")" 0
scrape
spare_seen=$(($(nginx_requests "$spare") - spare_before - 1))
say "by SRV records: $(wrk_requests "$WORK/srv.out") requests," \
    "$(metric turnout_backend_requests_total "backend=\"127.0.0.1:$port\"") of weight 30," \
    "$(metric turnout_backend_requests_total "backend=\"127.0.0.1:$other\"") of weight 10, $spare_seen of the next priority"
expect "requests of the next priority" "$spare_seen" 0
say "passed"
