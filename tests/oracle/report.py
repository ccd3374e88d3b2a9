# SPDX-License-Identifier: Apache-2.0
"""What was compared: counts a kind and a capture, mismatches grouped, all of them in a file."""
import collections

JSON_KINDS = ("stock-json", "stock-text", "fields", "rules", "format-json", "format-text", "load")
CAPTURE_KINDS = ("scap-alerts", "scap-alerts-all", "scap-fields", "scap-events", "scap-rules",
                 "scap-format")
KINDS = JSON_KINDS + CAPTURE_KINDS
GROUPS_SHOWN = {"scap-fields": 1000, "scap-events": 1000}
GROUPS_SHOWN_ELSE = 15
EXAMPLES = {"scap-fields": 5, "scap-events": 5} # of a group and capture: there can be millions


class Tally:
    """The outcome of one comparison, to be added to a report."""

    def __init__(self, kind, capture=None):
        self.kind = kind
        self.capture = capture
        self.passed = self.failed = self.skipped = 0
        self.groups = collections.Counter()
        self.problems = []

    def equal(self, count=1):
        self.passed += count

    def skip(self, count=1):
        self.skipped += count

    def differs(self, group, text):
        self.failed += 1
        self.groups[group] += 1
        if self.groups[group] <= EXAMPLES.get(self.kind, self.failed):
            self.problems.append((group, text))


def counted(row):
    passed, failed, skipped = row
    return f"{passed} passed, {failed} failed, {skipped} skipped"


class Report:
    def __init__(self, kinds=JSON_KINDS):
        """@kinds: those to be printed even if there was nothing to compare."""
        self.counts = {kind: [0, 0, 0] for kind in KINDS if kind in kinds}
        self.captures = collections.defaultdict(dict)
        self.groups = collections.defaultdict(collections.Counter)
        self.problems = collections.defaultdict(list)

    def add(self, tally):
        rows = [self.counts.setdefault(tally.kind, [0, 0, 0])]
        if tally.capture:
            rows.append(self.captures[tally.capture].setdefault(tally.kind, [0, 0, 0]))
        for row in rows:
            row[0] += tally.passed
            row[1] += tally.failed
            row[2] += tally.skipped
        self.groups[tally.kind] += tally.groups
        self.problems[tally.kind] += tally.problems

    def print_captures(self):
        for name in sorted(self.captures):
            rows = self.captures[name]
            print(f"{name}: " + "; ".join(f"{kind} {counted(rows[kind])}" for kind in KINDS if kind in rows))

    def print_kind(self, kind):
        print(f"{kind}: {counted(self.counts[kind])}")
        shown = GROUPS_SHOWN.get(kind, GROUPS_SHOWN_ELSE)
        groups = self.groups[kind]
        for group, count in groups.most_common(shown):
            print(f"  {count:6} {group}")
        if len(groups) > shown:
            print(f"         ... and {len(groups) - shown} more")

    def write(self, path):
        """Every mismatch, or examples of each group where there are too many."""
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as out:
            for kind in self.counts:
                for group, text in sorted(self.problems[kind], key=lambda problem: problem[0]) \
                        if kind in EXAMPLES else self.problems[kind]:
                    out.write(f"{kind}: {group}: {text}\n")

    def print(self, path):
        """Print what there is to say; exit status."""
        self.print_captures()
        for kind in self.counts:
            self.print_kind(kind)
        total = [sum(row[i] for row in self.counts.values()) for i in range(3)]
        path.unlink(missing_ok=True)
        if total[1]:
            self.write(path)
            print(f"mismatches: {path}")
        print(f"total: {counted(total)}")
        return 1 if total[1] or not total[0] else 0
