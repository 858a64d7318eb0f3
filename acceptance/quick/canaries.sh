#!/usr/bin/env bash
# The same in short, for the gate: 12 canaries.
CANARIES=12 exec "$(dirname "$0")/../canaries.sh"
