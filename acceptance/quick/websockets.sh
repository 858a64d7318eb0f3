#!/usr/bin/env bash
# The same in short, for the gate: 100 WebSockets, 5 switches.
SOCKETS=100 SWITCHES=5 exec "$(dirname "$0")/../websockets.sh"
