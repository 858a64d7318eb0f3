#!/usr/bin/env bash
# Shows: /metrics is well formed for Prometheus, has the names that dashboards rely on, and its counts are those of
# wrk, but for the requests that wrk drops in flight when its time is over.
#
# Needs: nginx, wrk, promtool (Debian's prometheus package). Settings: DURATION=5 (seconds), CONNECTIONS=64.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk promtool

connections=${CONNECTIONS:-64}
read -r blue green <<<"$(free_ports 2)"
start_nginx blue-1 "$blue" blue
start_nginx green-1 "$green" green
configure "\"127.0.0.1:$blue\"" "\"127.0.0.1:$green\""
build
start_turnout

scrape
errors_before=$(metric turnout_proxy_errors_total)
refused_before=$(metric turnout_requests_total 'code_class="4xx"' 'source="proxy"')
exec 8<>"/dev/tcp/127.0.0.1/$PORT"
printf 'no request at all\r\n\r\n' >&8
read -r -t 5 line <&8 || line=
exec 8>&-
expect "answer to what is no request" "${line:0:12}" "HTTP/1.1 400"
scrape
expect "requests answered 4xx by the proxy" "$(metric turnout_requests_total 'code_class="4xx"' 'source="proxy"')" \
    $((refused_before + 1))
expect "turnout_proxy_errors_total" "$(metric turnout_proxy_errors_total)" $((errors_before + 1))

# In green, which has had no request yet; blue had those of the start.
post /admin/switch '{"to":"green"}' >/dev/null
wrk -t1 -c"$connections" -d"${DURATION:-5}s" "$PROXY/" >"$WORK/wrk.out"
requests=$(wrk_requests "$WORK/wrk.out")
expect "failed requests" "$(wrk_failures "$WORK/wrk.out")" 0
scrape
promtool check metrics <"$WORK/metrics.txt" || fail "promtool is not content"
curl -fsS -H 'Accept: application/openmetrics-text; version=1.0.0' "$ADMIN/metrics" | tail -n 1 | grep -qx '# EOF' ||
    fail "OpenMetrics must end with # EOF"

counted=$(metric turnout_requests_total 'colour="green"' 'code_class="2xx"' 'source="backend"')
say "wrk $requests, turnout_requests_total $counted, nginx $(($(nginx_requests "$green") - 2))"
expect_close "turnout_requests_total" "$counted" "$requests" "$connections"
expect_close "turnout_backend_requests_total" "$(metric turnout_backend_requests_total 'colour="green"')" "$requests" \
    "$connections"
expect_close "turnout_request_duration_seconds_count" \
    "$(metric turnout_request_duration_seconds_count 'colour="green"')" "$requests" "$connections"
expect "turnout_active of green" "$(metric turnout_active 'colour="green"')" 1
expect "turnout_active of blue" "$(metric turnout_active 'colour="blue"')" 0
expect "turnout_revision" "$(metric turnout_revision)" "$(status .revision)"
expect "turnout_switches_total" "$(metric turnout_switches_total 'to="green"' 'kind="switch"')" 1
expect "turnout_backend_up" "$(metric turnout_backend_up)" 2
expect "turnout_requests_in_flight" "$(metric turnout_requests_in_flight)" 0
for name in turnout_connections turnout_backend_in_flight turnout_draining turnout_canary_weight jvm_memory_used_bytes; do
    grep -q "^$name" "$WORK/metrics.txt" || fail "$name is missing"
done
say "passed"
