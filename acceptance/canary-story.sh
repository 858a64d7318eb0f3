#!/usr/bin/env bash
# Shows: a canary that breaks goes back by itself, and no user notices. Real nginx servers; green answers 500 from one moment
# on; wrk runs throughout. Says how many requests of users failed (0, as those that failed on green were served by blue), how
# many green was sent after it broke, and the time from the alarm, as the history has it, to the last request green was sent.
#
# Needs: nginx, wrk. Settings: WEIGHT=10 (percent), CONNECTIONS=32, SETTLE=3 (seconds).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

weight=${WEIGHT:-10}
connections=${CONNECTIONS:-32}
settle=${SETTLE:-3}

read -r blue green <<<"$(free_ports 2)"
start_nginx blue "$blue" blue
cat >"$WORK/green.conf" <<CONF
worker_processes 1;
daemon off;
pid $WORK/green.pid;
error_log $WORK/green.log;
events { worker_connections 4096; }
http {
  log_format moment '\$msec \$status';
  access_log $WORK/green.access moment;
  client_body_temp_path $WORK/g.1; proxy_temp_path $WORK/g.2; fastcgi_temp_path $WORK/g.3;
  uwsgi_temp_path $WORK/g.4; scgi_temp_path $WORK/g.5;
  server {
    listen 127.0.0.1:$green;
    location / {
      if (-f $WORK/broken) { return 500 "broken\n"; }
      return 200 "green\n";
    }
  }
}
CONF
# nginx drops root, and its worker must see whether the file is there.
chmod 755 "$WORK"
start "$WORK/green.out" nginx -p "$WORK" -c "$WORK/green.conf" -e "$WORK/green.log"
await_answer "$green" "$STARTED"
configure "\"127.0.0.1:$blue\"" "\"127.0.0.1:$green\""
build
start_turnout

wrk -t1 -c"$connections" -d3600s "$PROXY/" >"$WORK/wrk.out" 2>&1 &
wrk=$!
sleep "$settle"
post /admin/canary "{\"steps\":[{\"weight\":$weight,\"for\":\"1h\"}],\"reason\":\"2.4.1\"}" >"$WORK/start.json"
sleep "$settle"
broke=$(now_ms)
touch "$WORK/broken"
deadline=$((broke + 60000))
until [ "$(curl -fsS "$ADMIN/admin/canary" | jq -r .canary)" = null ]; do
    (($(now_ms) < deadline)) || fail "no rollback within 60 s"
    sleep 0.02
done
sleep "$settle"
kill -INT "$wrk"
wait "$wrk" || true

curl -fsS "$ADMIN/admin/canary" >"$WORK/end.json"
alarm=$(curl -fsS "$ADMIN/admin/history?limit=1" | jq -r '.[0].at')
alarm_ms=$(date -d "$alarm" +%s%3N)
last_ms=$(awk 'END { printf "%.0f\n", $1 * 1000 }' "$WORK/green.access")
failed_on_green=$(awk '$2 == 500' "$WORK/green.access" | wc -l)
requests=$(wrk_requests "$WORK/wrk.out")
failures=$(wrk_failures "$WORK/wrk.out")
say "$(jq -r .last.end "$WORK/end.json")"
say "$requests requests of users, $failures failed; green failed $failed_on_green"
say "from the breakage to the alarm: $((alarm_ms - broke)) ms; from the alarm to the last request on green: $((last_ms - alarm_ms)) ms"
expect "failed requests of users" "$failures" 0
expect "action" "$(curl -fsS "$ADMIN/admin/history?limit=1" | jq -r '.[0].action')" auto-rollback
expect "active colour" "$(status .active)" blue
((failed_on_green > 0)) || fail "green never failed"
say "passed"
