#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""plot-growth.py FIGURES FOLDER: what an event costs, against the number of rules, as SVG.

FIGURES are lines of kind, who (ours, naive, empty), rules and nanoseconds an event, with tabs
between. One picture a kind, FOLDER/growth-KIND.svg. Both axes are logarithmic. Colours come from
the page where it is dark, and are said in the picture itself, so that it looks right by itself.
"""
import math
import pathlib
import sys

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
TITLES = {"syscall": "System calls", "cloudtrail": "CloudTrail", "audit": "Kubernetes audit logs"}
NAMES = {"ours": "one program", "naive": "rule by rule"}
STYLE = """
  text { font: 13px sans-serif; fill: #24292f; } .title { font-size: 15px; font-weight: bold; }
  .grid { stroke: #d0d7de; } .axis { stroke: #57606a; } .empty { stroke: #57606a; stroke-dasharray: 4 4; }
  .ours { stroke: #0969da; fill: none; stroke-width: 2.5; } .dot-ours { fill: #0969da; }
  .naive { stroke: #bc4c00; fill: none; stroke-width: 2.5; } .dot-naive { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #c9d1d9; } .grid { stroke: #30363d; } .axis, .empty { stroke: #8b949e; }
    .ours { stroke: #58a6ff; } .dot-ours { fill: #58a6ff; }
    .naive { stroke: #f0883e; } .dot-naive { fill: #f0883e; }
  }
"""


def read(path):
    """{kind: {who: [(rules, ns)]}}"""
    kinds = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        kind, who, rules, cost = line.split("\t")
        kinds.setdefault(kind, {}).setdefault(who, []).append((int(rules), float(cost)))
    return kinds


def nanoseconds(value):
    if value >= 1e6:
        return f"{value / 1e6:g} ms"
    return f"{value / 1e3:g} \u00b5s" if value >= 1e3 else f"{value:g} ns"


def picture(kind, series):
    lines = {who: points for who, points in series.items() if who != "empty"}
    empty = series["empty"][0][1]
    costs = [cost for points in lines.values() for _, cost in points] + [empty]
    counts = [rules for points in lines.values() for rules, _ in points]
    low, high = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
    first, last = math.log10(min(counts)), math.log10(max(counts))

    def x(rules):
        return LEFT + (math.log10(rules) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(cost):
        return HEIGHT - BOTTOM - (math.log10(cost) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    end = WIDTH - RIGHT
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
           f"<title>{TITLES[kind]}: cost of an event against the number of rules</title>",
           f"<style>{STYLE}</style>",
           f'<text class="title" x="{LEFT}" y="22">{TITLES[kind]}: cost of an event</text>']
    for power in range(low, high + 1):
        at = y(10 ** power)
        out.append(f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{end}" y2="{at:.1f}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{nanoseconds(10 ** power)}</text>')
    for rules in sorted(set(counts)):
        out.append(f'<text x="{x(rules):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{rules:,}</text>')
    out.append(f'<line class="axis" x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{end}" y2="{HEIGHT - BOTTOM}"/>')
    out.append(f'<text x="{(LEFT + end) / 2}" y="{HEIGHT - 10}" text-anchor="middle">rules</text>')
    out.append(f'<line class="empty" x1="{LEFT}" y1="{y(empty):.1f}" x2="{end}" y2="{y(empty):.1f}"/>')
    out.append(f'<text x="{end + 8}" y="{y(empty) + 4:.1f}">no rule</text>')
    for who, points in lines.items():
        path = " ".join(f"{x(rules):.1f},{y(cost):.1f}" for rules, cost in points)
        out.append(f'<polyline class="{who}" points="{path}"/>')
        out += [f'<circle class="dot-{who}" cx="{x(rules):.1f}" cy="{y(cost):.1f}" r="3.5"/>'
                for rules, cost in points]
        out.append(f'<text x="{x(points[-1][0]) + 8:.1f}" y="{y(points[-1][1]) - 6:.1f}">{NAMES[who]}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    for kind, series in read(sys.argv[1]).items():
        path = folder / f"growth-{kind}.svg"
        path.write_text(picture(kind, series), encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
