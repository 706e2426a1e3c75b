#!/bin/sh
# profiles.sh NNCGEN DIR: measures every model below DIR on the simulated Cortex-M0, twice, and shows the tables. Fails when an
# answer differs from the reference, or two runs differ from each other.
set -eu
nncgen=$1
models=$2
if [ -z "$models" ] || [ ! -d "$models" ]; then
    echo "usage: make profiles MODELS=DIR" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for model in $(find "$models" -name 'model.*' -type f | sort); do
    echo "$(basename "$(dirname "$model")")"
    input=$(find "$(dirname "$model")" -maxdepth 1 -name 'input*.npy' | sort | paste -sd, -)
    "$nncgen" profile --target cortex-m0 "$model" ${input:+--input "$input"} | tee "$work/first"
    "$nncgen" profile --target cortex-m0 "$model" ${input:+--input "$input"} > "$work/second"
    cmp "$work/first" "$work/second"
    grep -q '^answer identical' "$work/first"
    echo
done
