#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the catalogues of events, system calls and names of flags into the tables that the library holds.

    scripts/gen-event-tables.py EVENTS.DEF SYSCALLS.DEF FLAGS.DEF > event_tables.h

Run by the build. Parameter lists that several events have stand in the table once; names are
offsets into one text. Numbers of C constants are left to the compiler.
"""

import re
import sys

EVENT = re.compile(r'EVENT\((\d+),\s*(\w+),\s*"([^"]*)",\s*(\w+),\s*(\w+),\s*(\w+),\s*([\w|]+),'
                   r'\s*"([^"]*)",\s*"([^"]*)"\)$')
SYSCALL = re.compile(r'SYSCALL\((\d+),\s*"([^"]*)",\s*(-?\d+),\s*(-?\d+),.*\)$')
FLAG_TABLE = re.compile(r"FLAG_TABLE\((\w+)\)$")
FLAG = re.compile(r'FLAG\((\d+),\s*"([^"]*)"\)$')


class Names:
    """Distinct texts, each ended by a NUL, and where they begin."""

    def __init__(self):
        self.at = {}
        self.size = 0

    def offset(self, name):
        if name not in self.at:
            self.at[name] = self.size
            self.size += len(name) + 1
        return self.at[name]

    def emit(self, c_name):
        if self.size > 0xffff:
            sys.exit(f"{c_name} does not fit 16-bit offsets")
        print(f"static const char {c_name}[] =")
        print("\n".join(f'        "{name}\\0"' for name in self.at) + ";\n")


def matches(path, *patterns):
    """The rows of a .def file; any other line that looks like one is an error."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith(("EVENT(", "SYSCALL(", "FLAG")):
                continue
            found = [(p, m) for p in patterns if (m := p.match(line.rstrip()))]
            if not found:
                sys.exit(f"{path}:{number}: not a row of this table")
            yield found[0][0], found[0][1].groups()


def set_of(prefix, text):
    return "|".join(f"{prefix}{part}" for part in text.split("|")) if text != "0" else "0"


def params(text, tables, names):
    """The C rows of one event's parameters."""
    known = dict(pair.split("=") for pair in tables.split())
    order = [param.split(":")[0] for param in text.split()]
    rows = []
    for param in text.split():
        name, kind, form = (param.split(":") + ["none"])[:3]
        what = known.pop(name, None)
        table, dirfd = "RTI_NO_TABLE", "RTI_NO_PARAM"
        if what and what.startswith("@"):
            dirfd = order.index(what[1:])
        elif what:
            table = f"RTI_FLAGS_{what.upper()}"
        rows.append(f"{{ {names.offset(name)}, RTI_PT_{kind.upper()}, RT_FORMAT_{form.upper()}, "
                    f"{table}, {dirfd} }},")
    if known:
        sys.exit(f"no such parameter: {known} in {text}")
    return rows


def events(path, texts):
    names, rows, begin, at, order = Names(), [], {}, [], []
    for _, (code, _, name, half, group, origin, flags, text, tables) in matches(path, EVENT):
        mine = params(text, tables, names)
        if name != "NA":
            order.append((name.encode(), int(code)))
        key = tuple(mine)
        if key not in begin:
            begin[key] = len(rows) if mine else 0
            rows += mine
        at.append(f"        [{code}] = {{ {texts.offset(name)}, {begin[key]}, "
                  f"{set_of('RTI_EF_', flags)}, {int(half == 'EXIT')}, RTI_EC_{group}, "
                  f"RTI_EO_{origin}, {len(mine)} }},")
    names.emit("param_names")
    print("const rti_param_info rti_params[] = {")
    print("\n".join(f"        {row}" for row in rows) + "\n};\n")
    print("const rti_event_info rti_events[RTI_N_EVENT_CODES] = {")
    print("\n".join(at) + "\n};\n")
    print("/* Codes by name; those that no event has are left out. */")
    table("uint16_t", "events_by_name", [code for _, code in sorted(order)])


def syscalls(path, texts):
    print("static const syscall_row syscalls[] = {")
    for _, (number, name, x86_64, arm64) in matches(path, SYSCALL):
        print(f"        [{number}] = {{ {texts.offset(name)}, NATIVE({x86_64}, {arm64}) }},")
    print("};\n")


def table(kind, name, cells):
    print(f"static const {kind} {name}[] = {{")
    for i in range(0, len(cells), 10):
        print("        " + " ".join(f"{cell}," for cell in cells[i:i + 10]))
    print("};\n")


def flags(path):
    names, values, offsets, begin = Names(), [], [], []
    for pattern, groups in matches(path, FLAG_TABLE, FLAG):
        if pattern is FLAG_TABLE:
            begin.append(len(values))
            variants = groups[0].startswith("DYN_")
            continue
        values.append(groups[0])
        offsets.append(f"RTI_PT_{groups[1].split(':')[0].upper()}" if variants
                       else names.offset(groups[1]))
    begin.append(len(values))
    names.emit("flag_names")
    for kind, name, cells in (("uint32_t", "flag_values", values),
                              ("uint16_t", "flag_name_at", offsets),
                              ("uint16_t", "flag_begin", begin)):
        table(kind, name, cells)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    texts = Names()
    texts.offset("")  # of numbers that are none
    print("/* Made by scripts/gen-event-tables.py. */")
    events(sys.argv[1], texts)
    syscalls(sys.argv[2], texts)
    texts.emit("texts")
    flags(sys.argv[3])


if __name__ == "__main__":
    main()
