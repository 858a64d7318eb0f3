#!/usr/bin/env bash
# The PROXY protocol with real neighbours: haproxy in front (send-proxy, send-proxy-v2), nginx behind (listen ... proxy_protocol).
#
# Needs nginx and haproxy. For both versions on both sides: the client's address, which is 127.0.0.2 here, is what nginx is
# told by X-Forwarded-For and by the PROXY protocol, and what the access log shows; health probes of nginx succeed.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need nginx haproxy

build
for version in v1 v2; do
    read -r BACKEND FRONT <<<"$(free_ports 2)"
    cat >"$WORK/backend-$version.conf" <<CONF
worker_processes 1;
daemon off;
pid $WORK/backend.pid;
error_log $WORK/backend-$version.log;
events { }
http {
  access_log off;
  client_body_temp_path $WORK/b.1; proxy_temp_path $WORK/b.2; fastcgi_temp_path $WORK/b.3; uwsgi_temp_path $WORK/b.4; scgi_temp_path $WORK/b.5;
  server {
    listen 127.0.0.1:$BACKEND proxy_protocol;
    location / { return 200 "proxy_protocol=\$proxy_protocol_addr forwarded=\$http_x_forwarded_for\n"; }
  }
}
CONF
    start "$WORK/backend-$version.out" nginx -p "$WORK" -c "$WORK/backend-$version.conf" -e "$WORK/backend-$version.log"
    nginx_pid=$STARTED
    configure "\"127.0.0.1:$BACKEND\"" ''
    cat >>"$WORK/turnout.conf" <<CONF
turnout {
  listeners = [ { bind = "127.0.0.1:$PORT", proxy-protocol-from = [ "127.0.0.1" ] } ]
  pools.blue.proxy-protocol = $version
  health { kind = http, path = "/health" }
  access-log { enabled = on, file = "$WORK/access-$version.log" }
}
CONF
    NEWEST_LOG=$WORK/turnout-$version.log
    start "$NEWEST_LOG" "$TURNOUT_CMD" run --config "$WORK/turnout.conf"
    TURNOUT_PID=$STARTED
    for ((i = 0; i < 600; i++)); do
        [ "$(curl -s -o "$WORK/ready" -w '%{http_code}' "$ADMIN/health/ready")" = 200 ] && break
        sleep 0.1
    done
    expect "backends that are up by their http probes" "$(status .pools.blue.healthy)" 1

    cat >"$WORK/haproxy-$version.cfg" <<CONF
defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend clients
  bind 127.0.0.1:$FRONT
  default_backend turnout
backend turnout
  server one 127.0.0.1:$PORT $([ $version = v1 ] && echo send-proxy || echo send-proxy-v2)
CONF
    start "$WORK/haproxy-$version.out" haproxy -db -f "$WORK/haproxy-$version.cfg"
    haproxy_pid=$STARTED
    for ((i = 0; i < 100; i++)); do
        seen=$(curl -sS -m 5 --interface 127.0.0.2 "http://127.0.0.1:$FRONT/" 2>"$WORK/curl") && break
        sleep 0.05
    done
    expect "$version: what nginx is told" "$seen" "proxy_protocol=127.0.0.2 forwarded=127.0.0.2"
    refused=$(curl -s "$PROXY/" || true)
    expect "$version: peer named in proxy-protocol-from without a header" "$refused" "400 Bad Request: bad-proxy-header"
    for ((i = 0; i < 100; i++)); do
        grep -q '"client":"127.0.0.2"' "$WORK/access-$version.log" && break
        sleep 0.05
    done
    grep -q '"client":"127.0.0.2"' "$WORK/access-$version.log" || fail "$version: the access log does not show the client"
    say "$version: haproxy -> Turnout -> nginx, the client is 127.0.0.2 at each of them"
    end "$haproxy_pid"
    end "$TURNOUT_PID"
    end "$nginx_pid"
done
