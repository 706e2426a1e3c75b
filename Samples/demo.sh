#!/bin/sh
# demo.sh NNCGEN: shows a sample network on its way from model.bin to an emulated Cortex-M0.
set -eu
nncgen=$1
out=build/demo

# show COMMAND...: prints the command and runs it.
show() {
    echo
    echo "\$ $*"
    "$@"
}

show "$nncgen" inspect Samples/digits/model.bin
show "$nncgen" emit --target cortex-m0 Samples/digits/model.bin -o "$out" --name digits
echo
echo "The function at the end of $out/digits.c:"
echo
sed -n '/^void digits_run/,$p' "$out/digits.c"
show "$nncgen" verify Samples/digits/model.bin --input Samples/digits/input.npy --expect Samples/digits/output.npy
show "$nncgen" verify --target cortex-m0 Samples/digits/model.bin \
    --input Samples/digits/input.npy --expect Samples/digits/output.npy
echo
echo "The same C inside of a firmware, on an emulated BBC micro:bit:"
make --no-print-directory -s -C Samples/firmware NNCGEN="$(pwd)/$nncgen" run
