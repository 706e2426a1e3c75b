"""benchmark.py NNCGEN DIR OBJECTIVE BASELINES.json: what every model below DIR takes on a Cortex-M0 with a 1-cycle and with a
32-cycle multiplier, and how that compares with recorded figures of another tool."""
import json
import math
import pathlib
import sys

from measured import Profile, print_table


def ratio(theirs, ours):
    return f"{theirs / ours:.2f}"


def compare(baselines, measured):
    """How many times less each model takes. The other tool's RAM holds the inputs and outputs: so does ours here."""
    rows, ratios = [], []
    for name, fast, slow in measured:
        theirs = baselines["models"].get(name)
        if theirs is None:
            continue
        pairs = [(theirs["cycles"], fast.cycles), (theirs["cycles_mul32"], slow.cycles), (theirs["flash"], fast.flash),
                 (theirs["ram"], fast.ram + fast.buffers)]
        ratios.append([a / b for a, b in pairs])
        rows.append([name] + [cell for a, b in pairs for cell in (a, ratio(a, b))])
    if not rows:
        return
    means = [math.exp(sum(map(math.log, column)) / len(column)) for column in zip(*ratios)]
    rows.append(["geometric mean"] + [cell for mean in means for cell in ("", f"{mean:.2f}")])
    print(f"\n{baselines['name']}, and how many times less nncgen takes (RAM here with the buffers)\n"
          f"{baselines['source']}\n")
    print_table(["model", "cycles", "x", "32-cycle MULS", "x", "flash", "x", "RAM", "x"], rows, left=[0])


def main(nncgen, folder, objective, baselines):
    models = sorted(path for path in pathlib.Path(folder).rglob("model.*") if path.suffix in (".tflite", ".bin"))
    if not folder or not models:
        sys.exit("usage: make benchmark MODELS=DIR [OPTIMIZE=speed|size|ram|balanced]")
    measured = []
    for model in models:
        targets = [Profile(nncgen, model, target, "--optimize", objective)
                   for target in ("cortex-m0", "cortex-m0-mul32")]
        measured.append((model.parent.name, *targets))
    print(f"nncgen --optimize {objective} on a simulated Cortex-M0 without wait states; every answer equals the reference\n")
    print_table(
        ["model", "MACs", "cycles", "cycles/MAC", "flash", "of it code", "RAM", "buffers", "32-cycle MULS", "cycles/MAC"],
        [[name, fast.macs, fast.cycles, fast.cycles_per_mac, fast.flash, fast.code, fast.ram, fast.buffers, slow.cycles,
          slow.cycles_per_mac] for name, fast, slow in measured], left=[0])
    print("\nflash: code and constants; RAM: arena, variables and measured stack; buffers: the caller's inputs and outputs")
    compare(json.loads(pathlib.Path(baselines).read_text()), measured)


main(*sys.argv[1:5])
