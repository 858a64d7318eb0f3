#!/usr/bin/env bash
# The same in short, for the gate: 2 seconds of load.
DURATION=2 exec "$(dirname "$0")/../metrics.sh"
