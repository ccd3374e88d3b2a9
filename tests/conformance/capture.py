# SPDX-License-Identifier: Apache-2.0
"""Captures in memory: processes and events as cases describe them -> the bytes of a .scap file."""
import pathlib
import re
import struct

EVENTS = pathlib.Path(__file__).resolve().parents[2] / "src/lang/events.def"
ROW = re.compile(r'^EVENT\((\d+), +(\w+), +"[^"]*", +\w+, +\w+, +\w+, +([\w|]+), +"([^"]*)"', re.M)
# How numbers of a parameter's type are written; anything else is bytes.
NUMBERS = {
    "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H", "uint32": "I",
    "uint64": "Q", "errno": "q", "fd": "q", "pid": "q", "fd32": "i", "pid32": "i", "reltime": "Q",
    "abstime": "Q", "flags8": "B", "flags16": "H", "flags32": "I", "enumflags8": "B", "enumflags16": "H",
    "enumflags32": "I", "uid": "I", "gid": "I", "mode": "I", "port": "H", "l4proto": "B", "sockfamily": "B",
    "sigtype": "B", "syscallid": "H", "bool": "I", "sigset": "I",
}
FD_TYPES = {"file": 1, "directory": 2, "file_v2": 16}
SECTION_HEADER, MACHINE, PROCESSES, FDS, EVENT, LARGE_EVENT = 0x0A0D0D0A, 0x201, 0x215, 0x218, 0x216, 0x221


class Event:
    """One row of events.def: its code, and the types of its parameters."""

    def __init__(self, row):
        code, self.id, flags, params = row
        self.code = int(code)
        self.large = "LARGE_PAYLOAD" in flags
        self.types = [param.split(":")[1] for param in params.split()]


TABLE = {event.code: event for event in map(Event, ROW.findall(EVENTS.read_text(encoding="utf-8")))}
BY_ID = {event.id: event for event in TABLE.values()}


def text(value):
    raw = value.encode("utf-8", "surrogateescape")
    return struct.pack("<H", len(raw)) + raw


def joined(values):
    return text("".join(value + "\0" for value in values))


def block(kind, body):
    padding = b"\0" * (-len(body) % 4)
    length = struct.pack("<I", 12 + len(body) + len(padding))
    return struct.pack("<I", kind) + length + body + padding + length


# ---- lists ----

def process(thread):
    """An entry of a process list, version 9."""
    t = thread
    entry = struct.pack("<qqqqq", t["tid"], t["pid"], t["ptid"], t["sid"], t["vpgid"])
    entry += text(t["comm"]) + text(t["exe"]) + text(t["exepath"]) + joined(t["args"]) + text(t["cwd"])
    entry += struct.pack("<qIIIIIIQQ", t["fdlimit"], t["flags"], t["uid"], t["gid"], t["vmsize_kb"],
                         t["vmrss_kb"], t["vmswap_kb"], t["pfmajor"], t["pfminor"])
    entry += joined(t["env"]) + struct.pack("<qq", t["vtid"], t["vpid"]) + joined(t["cgroups"])
    entry += text(t["root"])
    entry += struct.pack("<QIIBQQQBQQQBBq", 0, t["tty"], t["loginuid"], t["exe_writable"],
                         t["cap_inheritable"], t["cap_permitted"], t["cap_effective"], t["exe_upper_layer"],
                         0, 0, 0, t["exe_from_memfd"], t["exe_lower_layer"], -1)
    return struct.pack("<I", len(entry) + 4) + entry


def descriptor(fd):
    """An entry of a descriptor list, version 2."""
    entry = struct.pack("<qQB", fd["fd"], fd["ino"], FD_TYPES[fd["type"]])
    if fd["type"] == "file_v2":
        entry += struct.pack("<I", fd["open_flags"]) + text(fd["name"]) + struct.pack("<I", fd["dev"])
    else:
        entry += text(fd["name"])
    return struct.pack("<I", len(entry) + 4) + entry


def head(threads):
    """Everything in front of the events."""
    out = block(SECTION_HEADER, struct.pack("<IHHQ", 0x1A2B3C4D, 1, 2, 2 ** 64 - 1))
    out += block(MACHINE, struct.pack("<IQQ128sQQQQ", 4, 1 << 33, 1 << 22, b"host", 0, 0, 0, 0))
    out += block(PROCESSES, b"".join(map(process, threads)))
    for thread in threads:
        if thread["fds"]:
            out += block(FDS, struct.pack("<q", thread["tid"]) + b"".join(map(descriptor, thread["fds"])))
    return out


# ---- events ----

def value(kind, given):
    """A parameter as its type is written."""
    if given is None:
        return b""
    if isinstance(given, dict) and "hex" in given:
        return bytes.fromhex(given["hex"]) + (b"\0" if given.get("str") else b"")
    if isinstance(given, str):
        return given.encode() + b"\0"
    number = int(given["int"]) if isinstance(given, dict) else int(given)
    code = NUMBERS[kind]
    size = struct.calcsize(code)
    return (number % (1 << 8 * size)).to_bytes(size, "little")


def event_block(event, time_ns, tid, given):
    values = [value(kind, one) for kind, one in zip(event.types, given)]
    lengths = b"".join(struct.pack("<I" if event.large else "<H", len(one)) for one in values)
    body = lengths + b"".join(values)
    header = struct.pack("<HQqIHI", 0, time_ns, tid, 26 + len(body), event.code, len(values))
    return block(LARGE_EVENT if event.large else EVENT, header + body)


def event(case):
    """An event as a case describes it."""
    return event_block(TABLE[case["code"]], int(case["ts"]), case["tid"], case["params"])


def user_event(step, time_ns):
    """What the reference's table of users is told, as the event that says it in captures."""
    if step["op"] == "add_user":
        container, _, uid, gid, name, home, shell = step["args"]
        return event_block(BY_ID["USER_ADDED_E"], time_ns, 0, [uid, gid, name, home, shell, container])
    container, uid = step["args"]
    return event_block(BY_ID["USER_DELETED_E"], time_ns, 0, [uid, 0, "", "", "", container])


def of_steps(case):
    """The capture that the steps of a case describe, and for each check the time of its event. A case
    may look at an event again after it changed the table of users: the event then comes once more."""
    out = head(case["threads"])
    time_ns = int(case["threads"][0]["clone_ts"])
    events, times, of_checks = {}, {}, []
    for step in case["steps"]:
        if "event" in step:
            given = step["event"]
            time_ns = int(given["ts"])
            events[given.get("n")], times[given.get("n")] = given, time_ns
            out += event(given)
        elif "users" in step:
            time_ns += 1
            out += user_event(step["users"], time_ns)
            times = {}
        elif "check" in step:
            of = step["check"].get("event")
            if of in events and of not in times:
                time_ns += 1
                times[of] = time_ns
                out += event(dict(events[of], ts=time_ns))
            of_checks.append(times.get(of))
    return out, of_checks
