"""Draws the sweeps of a results.json as SVG files: plots.py RESULTS FOLDER. Runs in an environment that has matplotlib."""
import json
import pathlib
import statistics
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

# File, the ending of what is measured, the axis, and whose times are lines.
SWEEPS = (("views-table-size", " rows", "rows in the source", ("1000 changed", "made")),
          ("views-change-size", " changed", "rows changed", ("refresh", "recomputation")))


def points(sections, ending, who):
    """(size, median seconds) of every measurement "views: SIZE…ending"."""
    pairs = []
    for what, by_name in sections.items():
        if what.startswith("views: ") and what.endswith(ending) and by_name.get(who):
            pairs.append((int(what.split()[1]), statistics.median(sample["wall_s"] for sample in by_name[who])))
    return sorted(pairs)


def main(results, folder):
    sections = json.loads(pathlib.Path(results).read_text()).get("sections", {})
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, ending, label, lines in SWEEPS:
        figure, axes = pyplot.subplots(figsize=(6, 4))
        for who in lines:
            pairs = points(sections, ending, who)
            if pairs:
                axes.plot(*zip(*pairs), marker="o", label=who)
        if axes.has_data():
            axes.set(xscale="log", yscale="log", xlabel=label, ylabel="seconds, the whole run")
            axes.legend()
            axes.grid(True, which="both", alpha=0.3)
            figure.savefig(folder / f"{name}.svg", bbox_inches="tight", metadata={"Date": None})
            print(folder / f"{name}.svg")
        pyplot.close(figure)


if __name__ == "__main__":
    main(*sys.argv[1:])
