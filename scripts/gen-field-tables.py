#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Turn tables of fields into what the library holds of them: offsets into one text each.

    scripts/gen-field-tables.py NAME=FIELDS.DEF... > field_tables.c

Run by the build. Constants are left to the compiler.
"""

import re
import sys

TEXT = r'"((?:[^"\\]|\\["\\])*)"'
FIELD = re.compile(rf"FIELD\((\w+),\s*{TEXT},\s*(\w+),\s*([\w|]+),\s*(\w+),\s*{TEXT},\s*{TEXT}"
                   r"(?:,.*)?\)$")


class Texts:
    """Distinct texts as they stand in C, each ended by a NUL, and where they begin."""

    def __init__(self):
        self.at = {}
        self.size = 0

    def offset(self, text):
        if text not in self.at:
            self.at[text] = self.size
            self.size += len(re.sub(r"\\(.)", r"\1", text).encode()) + 1
        return self.at[text]


def table(name, path):
    texts, rows = Texts(), []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith("FIELD("):
                continue
            row = FIELD.match(line.rstrip())
            if not row:
                sys.exit(f"{path}:{number}: not a row of this table")
            _, field, kind, flags, form, group, text = row.groups()
            at = ", ".join(str(texts.offset(t)) for t in (field, group, text))
            rows.append(f"        {{ {at}, {flags}, RT_KIND_{kind}, RT_FORMAT_{form} }},")
    if texts.size > 0xffff:
        sys.exit(f"{path}: texts do not fit 16-bit offsets")
    print(f"static const char {name}_texts[] =")
    print("\n".join(f'        "{text}\\0"' for text in texts.at) + ";\n")
    print(f"static const rti_field_row {name}_rows[] = {{")
    print("\n".join(rows) + "\n};\n")
    print(f"const rti_field_table rti_{name}_fields = {{ {name}_texts, {name}_rows, {len(rows)} }};\n")


def main():
    pairs = [argument.partition("=") for argument in sys.argv[1:]]
    if not pairs or not all(path for _, _, path in pairs):
        sys.exit(__doc__)
    print("/* Made by scripts/gen-field-tables.py. */")
    print('#include "sources/builtin.h"\n')
    for name, _, path in pairs:
        table(name, path)


if __name__ == "__main__":
    main()
