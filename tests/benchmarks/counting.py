"""Tables of what was read and judged, counted from truth and report."""

from __future__ import annotations

import collections
import statistics
from collections.abc import Iterable, Sequence

from tests.benchmarks.photographs import ACCUSING, Row

NUMBERS = ("certificate_no", "cma_no")
Count = collections.Counter[str]


def fields(rows: Iterable[Row]) -> dict[str, Count]:
    """Fields read right, wrong and not at all, by key."""
    count: dict[str, Count] = collections.defaultdict(collections.Counter)
    for row in rows:
        read = row["report"]["fields"]
        for key, wanted in row["truth"]["fields"].items():
            got = read.get(key, {}).get("value")
            outcome = "absent" if got is None else "right" if got == wanted else "wrong"
            count[key][outcome] += 1
    return count


def total(counts: Iterable[Count]) -> Count:
    """All of them together."""
    whole: Count = collections.Counter()
    for count in counts:
        whole += count
    return whole


def fields_table(rows: Sequence[Row]) -> list[str]:
    """Fields by key, all of them, and the two numbers that name laboratory and paper."""
    count = fields(rows)
    lines = [f"{'field':18} {'right':>7} {'wrong':>7} {'absent':>7} {'of':>6}"]
    lines += [_counts(key, one) for key, one in count.items()]
    lines.append(_counts("all fields", total(count.values())))
    lines.append(_counts("both numbers", total(count[key] for key in NUMBERS)))
    return lines


def _counts(name: str, one: Count) -> str:
    of = max(1, one.total())
    shares = " ".join(f"{one[k] / of:7.4f}" for k in ("right", "wrong", "absent"))
    return f"{name:18} {shares} {one.total():6}"


def share(hit: int, of: int) -> str:
    """`hit/of = share`."""
    return f"{hit}/{of} = {hit / max(1, of):.4f}"


def marks_table(rows: Sequence[Row]) -> list[str]:
    """Seals by name, seals judged, codes."""
    names, judged, codes = [0, 0], collections.Counter[str](), [0, 0, 0]
    for row in rows:
        truth, report = row["truth"], row["report"]
        read = [seal["name"] for seal in report["seals"]]
        for seal in truth["seals"]:
            names[0] += seal["name"] in read
            names[1] += 1
        outcome = seal_judged(row)
        if outcome:
            judged[outcome] += 1
        texts = [code["text"] for code in report["codes"] if code["text"]]
        wanted = [code["text"] for code in truth["codes"]]
        codes[0] += sum(text in texts for text in wanted)
        codes[1] += len(wanted)
        # One that a hand was to hide and did not quite is read rightly all the same.
        hidden = [mark.get("text") for mark in truth.get("hidden_marks", ())]
        codes[2] += sum(text not in (*wanted, *hidden) for text in texts)
    return [
        f"seal names exact   {share(*names)}",
        f"seals judged right {share(judged['right'], judged.total())}, "
        f"not told {judged['not told']}, wrong {judged['wrong']}",
        f"codes read         {share(codes[0], codes[1])}, wrong payloads {codes[2]}",
    ]


def seal_judged(row: Row) -> str:
    """Whether the seal's name was told rightly to agree or to differ.

    Returns:
        `right`, `wrong`, `not told`; empty where there is no seal, or a laboratory that the
        registry does not know: it has no name to hold a seal against.
    """
    from samples.generator import demo

    truth = row["truth"]
    if not truth["seals"] or truth["lab_id"] == demo.UNREGISTERED:
        return ""
    registered = {text for text, _ in demo.labs()[truth["lab_id"]].seals}
    if not registered:
        return ""
    findings = row["report"]["items"][2]["findings"]
    said = [f["status"] for f in findings if f["rule"] == "item3.seal_name"]
    if not said or "unverifiable" in said:
        return "not told"
    differs = any(status in ACCUSING for status in said)
    printed = {seal["name"] for seal in truth["seals"]}
    return "right" if differs == bool(printed - registered) else "wrong"


def caught(rows: Iterable[Row]) -> dict[str, list[int]]:
    """By plan: faults found, faults planted. Found where its item is accused.

    Papers of which a hand or a reflection hides something are not counted: it may be the fault.
    """
    found: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for row in rows:
        truth = row["truth"]
        covered = truth.get("hidden") or truth.get("hidden_marks")
        if truth["expected"]["verdict"] in ACCUSING and not covered:
            status = row["report"]["items"][truth["item"] - 1]["status"]
            found[row["plan"]][0] += status in ACCUSING
            found[row["plan"]][1] += 1
    return found


def verdict_table(rows: Sequence[Row]) -> list[str]:
    """Faults caught, with the plans that were missed; honest ones cleared and accused."""
    by_plan = caught(rows)
    hit, of = (sum(pair[i] for pair in by_plan.values()) for i in (0, 1))
    lines = [
        f"  missed: {plan:26} {of - hit} of {of}" for plan, (hit, of) in by_plan.items() if hit < of
    ]
    lines.append(f"faults caught      {share(hit, of)}")
    honest: dict[str, Count] = collections.defaultdict(collections.Counter)
    for row in rows:
        if row["truth"]["expected"]["verdict"] == "consistent":
            honest["tricky" if row["plan"] else "honest"][row["report"]["verdict"]] += 1
    for name, one in honest.items():
        accused = sum(one[status] for status in ACCUSING)
        lines.append(
            f"{name:18} cleared {share(one['consistent'], one.total())}, accused {accused} "
            f"(inconsistent {one['inconsistent']}), could not check {one['unverifiable']}"
        )
    lines += [
        f"  accused: {row['key']}"
        for row in rows
        if row["truth"]["honest"] and row["report"]["verdict"] in ACCUSING
    ]
    return lines


# Photographs of one worker whose memory is compared with that of its last ones.
EARLY, LAST = (90, 110), 20
MEMORY_GOAL_MB, MEMORY_GOAL_RATIO = 900, 1.1


def treatments_table(rows: Sequence[Row]) -> list[str]:
    """Lines of a table by what befell the photograph: fields, and what it was advised."""
    by: dict[str, list[Row]] = collections.defaultdict(list)
    for row in rows:
        for name in row["truth"].get("treatments") or ("none",):
            by[name].append(row)
    lines = [f"{'photographed':12} {'right':>7} {'wrong':>7} {'of':>5}  advised"]
    for name, members in sorted(by.items()):
        count = total(fields(members).values())
        of = max(1, count.total())
        told = collections.Counter(code for row in members for code in set(_advised(row)))
        said = ", ".join(f"{code} {times}" for code, times in told.most_common())
        right, wrong = count["right"] / of, count["wrong"] / of
        lines.append(f"{name:12} {right:7.4f} {wrong:7.4f} {len(members):5}  {said}")
    return lines


def _advised(row: Row) -> list[str]:
    """What a certificate's photograph was advised, without the codes' common beginning."""
    found = row["report"].get("photo", {}).get("advice", ())
    return [one["code"].removeprefix("photo.") for one in found]


def advice_table(rows: Sequence[Row]) -> list[str]:
    """Lines that set the advice given beside the fields read."""
    groups: dict[str, list[bool]] = {name: [] for name in ("all", "70 % and more", "fewer")}
    for row in rows:
        count = total(fields([row]).values())
        read = count["right"] / max(1, count.total())
        name = "all" if read == 1 else "70 % and more" if read >= 0.7 else "fewer"
        groups[name].append(bool(_advised(row)))
    return [
        f"fields right: {name:14} advised {share(sum(told), len(told))}"
        for name, told in groups.items()
    ]


def memory_table(rows: Sequence[Row]) -> list[str]:
    """Of each process: how much it held at most, early and at its end; the largest of all."""
    workers: dict[tuple[int, float], dict[int, Row]] = collections.defaultdict(dict)
    for row in rows:
        if "process" in row:
            used = row["process"]
            # A number may be given to another process later.
            workers[used["pid"], used["started"]][used["photographs"]] = used
    lines = [
        f"{'worker':>8} {'photos':>6} {'peak MB':>7} {'90-110':>7} {'last 20':>7} {'ratio':>6}"
    ]
    for (pid, _), after in sorted(workers.items()):
        peak = max(one["peak_mb"] for one in after.values())
        early = [one["rss_mb"] for n, one in after.items() if EARLY[0] <= n <= EARLY[1]]
        late = [after[n]["rss_mb"] for n in sorted(after)[-LAST:]]
        end = statistics.median(late)
        lines.append(
            f"{pid:8} {max(after):6} {peak:7.0f} "
            + (f"{statistics.median(early):7.0f} " if early else f"{'':7} ")
            + f"{end:7.0f} "
            + (f"{end / statistics.median(early):6.3f}" if early else "")
        )
    peaks = [one["peak_mb"] for after in workers.values() for one in after.values()]
    lines.append(f"peak of one worker {max(peaks, default=0):.0f} MB (goal {MEMORY_GOAL_MB})")
    lines.append(f"last to early at most {MEMORY_GOAL_RATIO} is the goal")
    return lines
