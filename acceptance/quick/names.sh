#!/usr/bin/env bash
# The same in short, for the gate.
FLAPS=20 exec "$(dirname "$0")/../names.sh"
