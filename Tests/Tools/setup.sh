#!/bin/sh
# Makes sure that the programs which build and test nncgen are there. Missing ones are installed with apt-get where
# that is possible; otherwise the script says what to install and fails.
set -eu

missing=""
# need PROGRAM PACKAGE: remembers the Debian package of a program that is not in PATH.
need() {
    command -v "$1" > /dev/null 2>&1 || missing="$missing $2"
}
need gcc gcc
need g++ g++
need clang clang
need make make
need cmake cmake
need python3 python3
need arm-none-eabi-gcc gcc-arm-none-eabi
need avr-gcc gcc-avr
need riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
need xtensa-lx106-elf-gcc gcc-xtensa-lx106
need powerpc-linux-gnu-gcc gcc-powerpc-linux-gnu
need qemu-system-arm qemu-system-arm
need qemu-system-riscv32 qemu-system-misc
need qemu-system-xtensa qemu-system-misc
need qemu-ppc qemu-user
# <stdint.h> of the cross compilers.
[ -z "${missing##*gcc-arm-none-eabi*}" ] && [ -n "$missing" ] && missing="$missing libnewlib-arm-none-eabi"
if command -v arm-none-eabi-gcc > /dev/null 2>&1; then
    echo '#include <stdint.h>' | arm-none-eabi-gcc -xc -fsyntax-only - 2> /dev/null \
        || missing="$missing libnewlib-arm-none-eabi"
fi
if ! command -v avr-gcc > /dev/null 2>&1 \
    || ! echo '#include <stdint.h>' | avr-gcc -xc -fsyntax-only - 2> /dev/null; then
    missing="$missing avr-libc"
fi

if ! echo '#include <simavr/sim_avr.h>' | gcc -xc -fsyntax-only - 2> /dev/null; then
    missing="$missing libsimavr-dev libelf-dev"
fi
if ! command -v powerpc-linux-gnu-gcc > /dev/null 2>&1 \
    || ! echo '#include <stdio.h>' | powerpc-linux-gnu-gcc -xc -fsyntax-only - 2> /dev/null; then
    missing="$missing libc6-dev-powerpc-cross"
fi

if [ -n "$missing" ]; then
    if command -v apt-get > /dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2> /dev/null; }; then
        run=""
        [ "$(id -u)" = 0 ] || run="sudo"
        echo "installing:$missing"
        $run apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing > /dev/null
    else
        echo "error: these packages are missing:$missing" >&2
        echo "  note: on Debian or Ubuntu: sudo apt-get install$missing" >&2
        exit 4
    fi
fi
if ! command -v swift > /dev/null 2>&1; then
    echo "error: swift is missing" >&2
    echo "  note: install Swift 6.2 or later from https://www.swift.org/install" >&2
    exit 4
fi
