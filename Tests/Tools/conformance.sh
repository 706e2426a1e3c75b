#!/bin/sh
# conformance.sh NNCGEN DIR|MODEL: verifies every model below DIR, or one, against its recorded vectors, on this computer and
# on the emulated Cortex-M0; the networks named in HOST_ONLY on this computer alone.
#
# A folder counts when it holds a file model.* and vectors input*.npy and output*.npy. Checked for each: the reference
# semantics and the C give the recorded bytes; the C is clean under gcc and clang at -O0, -O2 and -Os; it runs without
# undefined behaviour and bad accesses; model.bin gives the same C; two runs of emit write the same bytes.
set -eu
nncgen=$1
models=$2
if [ -z "$models" ] || [ ! -e "$models" ]; then
    echo "usage: make conformance MODELS=DIR" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -d "$models" ]; then
    # As many models at a time as there are processors; what is said of each is shown in their order.
    find "$models" -name 'model.*' -type f | sort > "$work/models"
    is_clean=yes
    # shellcheck disable=SC2016
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' sh -c \
        '"$0" "$1" "$3" > "$2/$(echo "$3" | tr / _)" 2>&1' "$0" "$nncgen" "$work" '{}' < "$work/models" || is_clean=no
    passed=0
    failed=0
    while read -r model; do
        said=$work/$(echo "$model" | tr / _)
        sed '$d' "$said"
        counts=$(tail -n 1 "$said")
        case $counts in
            *" passed, "*" failed") ;;
            *) counts="0 passed, 1 failed"; cat "$said" ;;
        esac
        passed=$((passed + ${counts%% *}))
        counts=${counts#*, }
        failed=$((failed + ${counts%% *}))
    done < "$work/models"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ] && [ "$is_clean" = yes ]
    exit
fi

model=$models
passed=0
failed=0

# check NAME COMMAND...: runs a command; counts and shows a failure.
check() {
    name=$1
    shift
    if "$@" > "$work/log" 2>&1; then
        passed=$((passed + 1))
        [ -z "${VERBOSE:-}" ] || echo "  $name: $(tail -n 1 "$work/log")"
    else
        failed=$((failed + 1))
        echo "  FAILED $name: $*"
        sed 's/^/    /' "$work/log"
    fi
}

# list FOLDER ROLE: the vector files of a role, separated by commas.
list() {
    find "$1" -maxdepth 1 -name "$2*.npy" | sort | paste -sd, -
}

# emit MODEL FOLDER: the C of a model in a new folder. (`set -e` does not count inside of a checked function.)
emit() {
    rm -rf "$2"
    "$nncgen" emit --target cortex-m0 "$1" -o "$2" --name net > /dev/null
}

emit_twice() {
    emit "$1" "$work/a" && emit "$1" "$work/b" && diff -r "$work/a" "$work/b"
}

# Without the two lines that name the command and the model file's hash.
emit_converted() {
    "$nncgen" convert "$1" -o "$work/converted.bin" > /dev/null || return 1
    emit "$1" "$work/a" && emit "$work/converted.bin" "$work/b" || return 1
    sed -i '/^ \* nncgen /d; /^ \* SHA-256 /d' "$work"/a/net.* "$work"/b/net.* && diff -r "$work/a" "$work/b"
}

folder=$(dirname "$model")
input=$(list "$folder" input)
output=$(list "$folder" output)
if [ -n "$input" ] && [ -n "$output" ]; then
    name=$(basename "$folder")
    echo "$name"
    check "host" "$nncgen" verify --target host "$model" --input "$input" --expect "$output"
    case " ${HOST_ONLY:-} " in
        *" $name "*) ;;
        *) check "cortex-m0" "$nncgen" verify --target cortex-m0 "$model" --input "$input" --expect "$output" ;;
    esac
    check "sanitizers" "$nncgen" verify --target host "$model" --input "$input" --expect "$output" \
        --cflag -fsanitize=undefined --cflag -fsanitize=address --cflag -fno-sanitize-recover=all
    for compiler in gcc clang; do
        for level in -O0 -O2 -Os; do
            check "$compiler $level" "$nncgen" verify --target host "$model" --cc "$compiler" --cflag "$level"
        done
    done
    check "emit twice" emit_twice "$model"
    check "convert" emit_converted "$model"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
