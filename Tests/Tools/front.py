"""front.py NNCGEN MODEL TARGET: the front between size and speed of a model: five flash budgets from the smallest C to the
fastest, and what is measured for each."""
import sys

from measured import Profile, print_table

COUNT = 5


def main(nncgen, model, target):
    if not model:
        sys.exit("usage: make front MODEL=FILE [TARGET=NAME]")
    smallest = Profile(nncgen, model, target, "--optimize", "size")
    fastest = Profile(nncgen, model, target, "--optimize", "speed")
    span = fastest.flash - smallest.flash
    budgets = sorted({smallest.flash + span * step // (COUNT - 1) for step in range(COUNT)})
    rows = []
    for budget in budgets:
        profile = Profile(nncgen, model, target, "--optimize", "speed", "--max-flash", str(budget))
        kernels = ", ".join(f"{count} {kernel}" for kernel, count in sorted(profile.kernels.items()))
        rows.append([budget, profile.flash, profile.cycles, profile.cycles_per_mac, profile.ram,
                     kernels if profile.is_within_budget else f"NOT MET: {kernels}"])
    print(f"{model} on {target}: fewest cycles within a budget of flash\n")
    print_table(["budget", "flash", "cycles", "cycles/MAC", "RAM", "kernels"], rows, left=[5])


main(*sys.argv[1:4])
