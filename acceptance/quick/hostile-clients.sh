#!/usr/bin/env bash
# The same in short, for the gate.
CONNECTIONS=100 SECONDS_EACH=2 IDLE=500 STALLED=300 RESETS=300 exec "$(dirname "$0")/../hostile-clients.sh"
