"""Changes to a drafted certificate, one for each plan that needs more than a wish."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Callable

import numpy as np

from samples.generator import content, demo
from samples.generator.content import Certificate, Value, choose, plain

Edit = Callable[[Certificate, np.random.Generator], Certificate]

# One character for another that is also used in such names.
NEAR_CHARACTERS = {
    "检": "鉴",
    "验": "测",
    "院": "所",
    "站": "点",
    "珠": "金",
    "玉": "王",
    "石": "器",
    "质": "品",
    "鉴": "检",
}
OTHER_STREETS = ("样兰大道", "例云路", "范堤街", "示泉路")
OTHER_COUNTIES = ("方城县", "社旗县", "唐河县", "淅川县")
WRONG_KINDS = ("鉴定专用章", "质检专用章", "业务专用章", "发票专用章")
# Both far outside jadeite and nephrite: what a piece of quartzite would measure.
FOREIGN_INDEX, FOREIGN_DENSITIES = "1.54（点测）", ("2.63", "2.65", "2.66")
TRADE_NAMES = {
    "玉髓": "商贸名称：黄龙玉",
    "石英岩玉": "商贸名称：贵翠",
    "玛瑙": "商贸名称：南红玛瑙",
    "翡翠": "商贸俗称：翡翠(A货)",
    "和田玉": "商贸俗称：羊脂玉",
}


def _text(cert: Certificate, key: str) -> str:
    return str(cert.values[key].truth)


def near_name(name: str, rng: np.random.Generator) -> str:
    """The name with one character changed, never inside the 示例 that marks demo data."""
    places = [at for at, char in enumerate(name) if at > 1 and char in NEAR_CHARACTERS]
    at = places[int(rng.integers(len(places)))]
    return name[:at] + NEAR_CHARACTERS[name[at]] + name[at + 1 :]


def _renumber(cert: Certificate, number: str) -> Certificate:
    """A new certificate number, in print and in the query address alike."""
    query = cert.query.replace(_text(cert, "certificate_no"), number)
    return dc.replace(cert.with_values(certificate_no=number), query=query)


def malformed_number(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """An authority that does not exist, a digit too many, or one too few."""
    number = _text(cert, "cma_no")
    broken = (
        f"{number[:2]}{choose(rng, ('47', '58', '93'))}{number[4:]}",
        number + "3",
        number[:-1],
    )
    return cert.with_values(cma_no=choose(rng, broken))


def unknown_number(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A well-formed serial that the complete list of the authority does not have."""
    known = {right.row["number"] for lab in demo.labs().values() for right in lab.accreditations}
    number = _text(cert, "cma_no")
    free = [f"{number[:8]}{serial}" for serial in range(7100, 7200)]
    return cert.with_values(cma_no=choose(rng, [n for n in free if n not in known]))


def other_labs_number(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The number of another laboratory, valid on that day."""
    rights = [
        lab.accredited("CMA", cert.day)
        for lab in demo.labs().values()
        if lab.lab_id not in (cert.lab.lab_id, demo.UNREGISTERED)
    ]
    return cert.with_values(cma_no=choose(rng, [r.row["number"] for r in rights if r]))


def mutual_recognition(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The mark of mutual recognition beside that of CNAS."""
    return dc.replace(cert, ilac=True)


def invented_cal(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A CAL mark with a number that nobody was given."""
    number = f"({cert.day.year - 1})示质监认字{int(rng.integers(500, 990))}号"
    return dc.replace(cert, cal_no=number)


def foreign_standard(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """One more standard than the scope holds."""
    names = list(cert.values["standards"].truth)
    allowed = {right.row["standard"] for right in cert.lab.scopes}
    extra = ("DB65/T 3442-2013", "GB/T 16554-2017", "GB/T 23885-2009", "GB/T 18781-2008")
    names.append(choose(rng, [name for name in extra if name not in allowed]))
    return cert.with_values(standards=content.standards_value(names, "  "))


def old_edition(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The 2010 editions, long after those of 2017 came into force."""
    old = [f"{name}-2010" for name in content.BASE_STANDARDS]
    rest = [n for n in cert.values["standards"].truth if not n.startswith(content.BASE_STANDARDS)]
    return cert.with_values(standards=content.standards_value([*old, *rest], "  "))


def foreign_parameter(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A test that the parameter list does not hold."""
    return cert.with_values(fluorescence=choose(rng, ("无", "弱白", "长波：无；短波：无")))


def seal_of_other(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Another laboratory's seal."""
    others = [lab.name for lab in demo.labs().values() if lab.lab_id != cert.lab.lab_id]
    return dc.replace(cert, seal_name=choose(rng, others))


def seal_near(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A seal whose name differs in one character."""
    return dc.replace(cert, seal_name=near_name(cert.seal_name, rng))


def seal_kind(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A seal that is not for reports."""
    return dc.replace(cert, seal_kind=choose(rng, WRONG_KINDS))


def no_seal(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """No seal at all."""
    return dc.replace(cert, seal_name="")


def grander_name(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A printed name that the registry does not hold."""
    name = cert.lab.name
    forms = (f"示例国家级{name[2:]}", f"{name}第二分中心", near_name(name, rng))
    return cert.with_values(lab_name=choose(rng, forms))


def twins_name(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The name of the laboratory that differs by 中心 and 站."""
    twin = {"zhong": "zhan", "zhan": "zhong"}[cert.lab.lab_id]
    return cert.with_values(lab_name=demo.labs()[twin].name)


def other_house(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Another house number in the same street."""
    address = _text(cert, "address")
    return cert.with_values(address=re.sub(r"\d+号", f"{int(rng.integers(400, 900))}号", address))


def other_street(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Another street of the same county."""
    head = re.match(r".*?[市县区](?=[^市县区]*$)", _text(cert, "address"))
    house = re.search(r"\d+号$", _text(cert, "address"))
    assert head and house
    return cert.with_values(address=head[0] + choose(rng, OTHER_STREETS) + house[0])


def other_county(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Another county of the same city."""
    address = _text(cert, "address")
    found = re.search(r"市([^市县区]+[县区])", address)
    assert found
    return cert.with_values(address=address.replace(found[1], choose(rng, OTHER_COUNTIES)))


def stranger(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Someone approves who is on no list."""
    taken = {_text(cert, "inspector"), _text(cert, "checker")}
    free = [name for name in content.people() if name not in taken]
    return cert.with_values(approver=choose(rng, free))


def other_labs_signatory(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Another laboratory's signatory approves."""
    own = {right.row["name"] for right in cert.lab.signatories}
    others = [right.row["name"] for lab in demo.labs().values() for right in lab.signatories]
    return cert.with_values(approver=choose(rng, [name for name in others if name not in own]))


def impossible_constants(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Index and density that the species cannot have."""
    density = choose(rng, FOREIGN_DENSITIES)
    return cert.with_values(refractive_index=plain(FOREIGN_INDEX), density=plain(density))


def foreign_host(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A QR code that leads to a look-alike site: letters swapped, a word added."""
    name, suffix = cert.lab.domain.rsplit(".", 1)
    at = int(rng.integers(1, name.index("-") - 1))
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    fakes = (f"{swapped if swapped != name else name + '1'}.{suffix}", f"{name}-cx.{suffix}")
    query = cert.query.replace(cert.lab.domain, choose(rng, fakes))
    return dc.replace(cert, query=query)


def other_number_in_code(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A QR code made for another certificate."""
    number = _text(cert, "certificate_no")
    other = number[:-4] + f"{(int(number[-4:]) + int(rng.integers(17, 9000))) % 10000:04d}"
    return dc.replace(cert, query=cert.query.replace(number, other))


def other_date_in_number(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A number that was given out on another day than the printed one."""
    earlier = cert.day - dt.timedelta(days=int(rng.integers(35, 300)))
    return _renumber(cert, content.fill_number(cert.lab.style["number"], earlier, rng))


def serial_like_a_date(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A plain serial that happens to read as some other day."""
    return _renumber(cert, f"Y-WXZX{choose(rng, ('210815', '220304', '191120'))}")


def not_tested(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """Words instead of figures."""
    words = ("未检", "未测", "不可测", "样品条件所限", "—")
    return cert.with_values(
        refractive_index=choose(rng, words),
        density=choose(rng, words),
        fluorescence=choose(rng, ("未检", "—")),
    )


def alias(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A registered other name in print; the seal keeps the full one."""
    return cert.with_values(lab_name=choose(rng, cert.lab.aliases))


def trade_name(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A trade name where it may stand: in the remarks."""
    return cert.with_values(remarks=TRADE_NAMES[cert.species])


def treated(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A treated stone that is named as one."""
    words = choose(rng, ("翡翠（处理）", "翡翠（漂白、充填）"))
    return cert.with_values(conclusion=words, remarks="经漂白、充填处理")


def short_address(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The address without its province."""
    return cert.with_values(address=re.sub(r"^.{2,3}?省", "", _text(cert, "address")))


def branch_address(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The address of the accreditation's second site."""
    sites = [right.row["address"] for right in cert.lab.accreditations if right.holds(cert.day)]
    branch = [site for site in sites if site != cert.lab.address]
    return cert.with_values(address=choose(rng, branch))


def no_query(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """No QR code."""
    return dc.replace(cert, query="")


def bare_query(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A QR code that only leads to the query page."""
    return dc.replace(cert, query=f"https://www.{cert.lab.domain}/query")


def listed_inspector(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """An inspector who once was a signatory; only the approver is tested."""
    ended = [r.row["name"] for r in cert.lab.signatories if r.valid_until < cert.day]
    return cert.with_values(inspector=choose(rng, ended))


def company_seal(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """The company's own seal, which has no straight line and may stand for the other."""
    return dc.replace(cert, seal_kind="")


def mounted_words(cert: Certificate, rng: np.random.Generator) -> Certificate:
    """A set stone: mass with its metal, density not measured."""
    density = choose(rng, ("因镶嵌未测", "镶嵌未测", "—"))
    values: dict[str, str | Value] = {"density": density}
    mass = _text(cert, "mass")
    values["mass"] = (
        Value(f"{mass}g（含金属）", mass) if rng.random() < 0.3 else cert.values["mass"]
    )
    return cert.with_values(**values)


EDITS: dict[str, Edit] = {
    name: function
    for name, function in globals().items()
    if callable(function)
    and getattr(function, "__module__", "") == __name__
    and name not in ("near_name",)
    and not name.startswith("_")
}
