#!/bin/sh
# release-check.sh BINARY: copies the released binary to an empty directory and lets it work there, with an empty
# environment and nothing of this repository beside it but a model.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/nncgen"
cp Samples/digits/model.bin "$work/model.bin"
cd "$work"
env -i ./nncgen targets > targets.txt
grep -q cortex-m0 targets.txt
env -i ./nncgen emit --target cortex-m0 model.bin -o out --name digits
env -i PATH="$PATH" ./nncgen verify model.bin
echo "the released binary works alone"
