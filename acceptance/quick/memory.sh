#!/usr/bin/env bash
# The same in short, for the gate: 256 MiB each way, slow for 4 seconds.
SIZE_MIB=256 SLOW_SECONDS=4 WARMUP=3 exec "$(dirname "$0")/../memory.sh"
