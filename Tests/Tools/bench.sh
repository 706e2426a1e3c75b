#!/bin/sh
# bench.sh NNCGEN DIR: the time that emit takes for each model below DIR (best of five), and the bytes that it writes.
set -eu
nncgen=$1
models=$2
if [ -z "$models" ] || [ ! -d "$models" ]; then
    echo "usage: make bench MODELS=DIR" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%-28s %10s %14s %12s\n' model 'emit, ms' 'C, bytes' 'arena, bytes'
for model in $(find "$models" -name 'model.*' -type f | sort); do
    best=""
    for _ in 1 2 3 4 5; do
        start=$(date +%s%N)
        "$nncgen" emit --target cortex-m0 "$model" -o "$work" --name net > /dev/null
        time=$((($(date +%s%N) - start) / 1000000))
        [ -n "$best" ] && [ "$best" -le "$time" ] || best=$time
    done
    arena=$(sed -n 's/#define NET_ARENA_BYTES //p' "$work/net.h")
    printf '%-28s %10s %14s %12s\n' "$(basename "$(dirname "$model")")" "$best" "$(wc -c < "$work/net.c")" "$arena"
done
