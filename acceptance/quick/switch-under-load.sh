#!/usr/bin/env bash
# The same in short, for the gate: 8 seconds of load.
DURATION=8 exec "$(dirname "$0")/../switch-under-load.sh"
