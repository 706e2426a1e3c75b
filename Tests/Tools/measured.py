"""What `nncgen profile --json` measures, and tables of it. Used by benchmark.py and front.py."""
import collections
import json
import subprocess
import sys


class Profile:
    """One run of `nncgen profile`."""

    def __init__(self, nncgen, model, target, *options):
        run = subprocess.run([nncgen, "profile", "--json", "--target", target, *options, model],
                             capture_output=True, text=True)
        # With status 1 a budget is broken: the figures are there all the same.
        if run.returncode > 1 or not run.stdout:
            sys.exit(run.stderr)
        values = json.loads(run.stdout)
        if not values["identical"]:
            sys.exit(f"{model}: the answer differs from the reference")
        self.is_within_budget = run.returncode == 0
        self.cycles = values["cycles"]
        self.macs = values["macs"]
        self.code = values["flash"]["code"]
        self.flash = self.code + values["flash"]["weights"]
        self.ram = sum(values["ram"][part] for part in ("arena", "static", "stack"))
        self.buffers = values["ram"]["buffers"]
        self.kernels = collections.Counter(layer["kernel"] for layer in values["layers"])

    @property
    def cycles_per_mac(self):
        return f"{self.cycles / self.macs:.2f}" if self.macs else ""


def print_table(header, rows, left):
    """Prints aligned columns, those of the indices `left` on the left."""
    cells = [header] + [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        line = "  ".join(cell.ljust(width) if column in left else cell.rjust(width)
                         for column, (cell, width) in enumerate(zip(row, widths)))
        print(line.rstrip())
