# SPDX-License-Identifier: Apache-2.0
"""What was compared: counts a kind, mismatches grouped, all of them in a file."""
import collections

KINDS = ("stock-json", "stock-text", "fields", "rules", "format-json", "format-text", "load")
GROUPS_SHOWN = 15


class Tally:
    """The outcome of one comparison, to be added to a report."""

    def __init__(self, kind):
        self.kind = kind
        self.passed = self.failed = self.skipped = 0
        self.problems = []

    def equal(self, count=1):
        self.passed += count

    def skip(self, count=1):
        self.skipped += count

    def differs(self, group, text):
        self.failed += 1
        self.problems.append((group, text))


class Report:
    def __init__(self):
        self.counts = {kind: [0, 0, 0] for kind in KINDS}
        self.problems = collections.defaultdict(list)

    def add(self, tally):
        row = self.counts[tally.kind]
        row[0] += tally.passed
        row[1] += tally.failed
        row[2] += tally.skipped
        self.problems[tally.kind] += tally.problems

    def print(self, path):
        """Print what there is to say; exit status."""
        for kind in KINDS:
            passed, failed, skipped = self.counts[kind]
            print(f"{kind}: {passed} passed, {failed} failed, {skipped} skipped")
            groups = collections.Counter(group for group, _ in self.problems[kind])
            for group, count in groups.most_common(GROUPS_SHOWN):
                print(f"  {count:6} {group}")
            if len(groups) > GROUPS_SHOWN:
                print(f"         ... and {len(groups) - GROUPS_SHOWN} more")
        total = [sum(row[i] for row in self.counts.values()) for i in range(3)]
        path.unlink(missing_ok=True)
        if total[1]:
            with open(path, "w", encoding="utf-8", errors="backslashreplace") as out:
                for kind in KINDS:
                    for group, text in self.problems[kind]:
                        out.write(f"{kind}: {group}: {text}\n")
            print(f"all mismatches: {path}")
        print(f"total: {total[0]} passed, {total[1]} failed, {total[2]} skipped")
        return 1 if total[1] or not total[0] else 0
