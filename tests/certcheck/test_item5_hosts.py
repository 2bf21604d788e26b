"""What would break: an honest laboratory blamed for its site, a look-alike taken for its own."""

from __future__ import annotations

import random

import pytest
from sqlmodel import Session

from certcheck import messages
from certcheck.finding import Status
from certcheck.lookalike import Kind, Sites, _taken_apart, known, likeness
from certcheck.rules.framework import FAILED
from registry import store
from registry.domains import host
from registry.lookup import Registry
from registry.models import Domain, Lab
from tests.benchmarks import hosts
from tests.certcheck import paper
from tests.certcheck.scene import NAME, case, found, item, one, record

HOST = "item5.qr_host_foreign"
OWN = "shili-yuan.example"
OWN_QR = f"https://cx.{OWN}/q?no=PZ23032100202&code=77839765"
SITES = {OWN: NAME, "pkugac.com": "示例北大", "gtc-china.cn": "示例广东", "zs.cn": "示例短"}


@pytest.mark.parametrize("text", [OWN_QR, f"http://{OWN}:8081/PIC/1.jpg", f"CX.{OWN.upper()}/q"])
def test_the_laboratorys_own_host_agrees_by_whatever_scheme_and_port(text: str) -> None:
    assert one(found(HOST, case(codes=[text], sites=SITES))) == (Status.CONSISTENT, HOST + ".own")


@pytest.mark.parametrize(
    ("host_name", "kind"),
    [
        ("cx.shili-yaun.example", Kind.TRANSPOSED),
        ("shili-yaun.example", Kind.TRANSPOSED),
        ("shili-yuen.example", Kind.MISSPELT),
        ("shiliyuan.example", Kind.MISSPELT),
        ("shili-yuann.example", Kind.MISSPELT),
        ("shi1i-yuan.example", Kind.CONFUSABLE),
        ("shili-yuarn.example", Kind.MISSPELT),
        ("ѕhili-yuan.example", Kind.CONFUSABLE),
        ("shili-yuán.example", Kind.CONFUSABLE),
        ("xn--hili-yuan-k9h.example", Kind.CONFUSABLE),
        ("www.shili-yuan-cx.example", Kind.ADDED),
        ("zsshili-yuan.top", Kind.ADDED),
        ("shili-yuan.com.cn", Kind.SUFFIX),
        ("shili-yuan.example.query-cert.top", Kind.INSIDE),
        ("shili-yuan-example.top", Kind.INSIDE),
        ("shili-yuan.query-cert.top", Kind.INSIDE),
    ],
)
def test_a_look_alike_is_a_sign_and_is_told_how(host_name: str, kind: Kind) -> None:
    given = case(codes=[f"https://{host_name}/q?no=PZ23032100202"], sites=SITES)
    assert one(found(HOST, given)) == (Status.SUSPECTED, f"{HOST}.lookalike.{kind}")
    assert item(5, given).status is Status.SUSPECTED


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://jade-check.top/q?no=PZ23032100202", ""),
        (f"http://{OWN}@jade-check.top/", ""),
        ("http://www.gtc-china.cn/q", ".other_lab"),
        ("http://pukgac.com/q", ".like_other"),
        ("http://10.2.3.4:8080/q", ".address"),
        ("http://[2400:3200::1]/q", ".address"),
        ("http://0x7f.1/q", ".address"),
        ("https://t.cn/A6abc", ".shortener"),
        ("https://w.url.cn/A6abc", ".shortener"),
    ],
)
def test_another_host_than_the_registered_is_a_sign(url: str, message: str) -> None:
    assert one(found(HOST, case(codes=[url], sites=SITES))) == (Status.SUSPECTED, HOST + message)


@pytest.mark.parametrize("url", ["http://weixin.qq.com/r/abc", "https://cx.cnca.gov.cn/q"])
def test_hosts_that_honest_laboratories_use_are_only_told(url: str) -> None:
    given = case(codes=[url], sites=SITES)
    assert one(found(HOST, given)) == (Status.ADVICE, HOST + ".elsewhere")


def test_whoever_is_told_is_given_the_registered_address_and_no_link() -> None:
    for url in ("https://shili-yaun.example/q", "https://t.cn/A6abc", "http://jade-check.top/"):
        (finding,) = found(HOST, case(codes=[url], sites=SITES))
        step = messages.next_step(finding.message, **finding.params)
        assert step is not None and OWN in step.zh and OWN in step.en
        said = messages.text(finding.message, **finding.params)
        assert not any("://" in text or host(url) in step for text in (*said, *step))


@pytest.mark.parametrize("known", [True, False], ids=["no site on file", "not identified"])
def test_without_a_site_on_file_only_what_nobody_has_by_chance_is_a_sign(
    known: bool,  # noqa: FBT001
) -> None:
    quiet = [(Status.ADVICE, HOST + ".none_on_file")] if known else []
    imitates = [(Status.SUSPECTED, HOST + ".imitates")]
    for name, expected in {
        "pkugac.com.cx.top": imitates, "рkugac.com": imitates, "pkugacx.com": quiet,
        "pukgac.com": quiet, "a.top": quiet, "www.pkugac.com": quiet,
    }.items():  # fmt: skip
        given = case(
            codes=[f"http://{name}/"], sites=SITES, lab=record(domains=()), known=known
        )  # fmt: skip
        assert [(each.status, each.message) for each in found(HOST, given)] == expected, name


def test_a_laboratory_told_by_its_seal_alone_is_not_held_to_its_host() -> None:
    given = case(codes=["http://jade-check.top/q"], matched_by=("seal",))
    assert one(found(HOST, given)) == (Status.ADVICE, HOST + ".lab_unsure")


@pytest.mark.parametrize("swap", [1, -1])
def test_a_dealers_sticker_beside_the_laboratorys_own_code_is_only_told(swap: int) -> None:
    given = case(codes=[OWN_QR, "http://jade-check.top/q"][::swap])
    told = [(one.status, one.message) for one in found(HOST, given)][::swap]
    assert told == [(Status.CONSISTENT, HOST + ".own"), (Status.ADVICE, HOST + ".beside_own")]
    assert item(5, given).status is Status.CONSISTENT


@pytest.mark.parametrize("codes", [[], [None], ["PZ23032100202"]])
def test_no_address_no_finding(codes: list[str | None]) -> None:
    assert found(HOST, case(codes=codes)) == []


def test_short_names_resemble_nothing_by_a_letter() -> None:
    assert likeness("zb.cn", (), SITES) is None
    assert likeness("zs.cn.cx.top", (), SITES) is not None
    # What is registered is nobody's look-alike, however near another.
    assert likeness("pkugac.com.cn", ["pkugac.com"], ["pkugac.com.cn"]) is None


def test_the_registry_tells_whose_every_site_is() -> None:
    """Asked by the rule, of the real registry."""
    registry = paper.registry()
    (finding,) = found(HOST, paper.case_of("qr_host_foreign", 3, registry))
    assert finding.status is Status.SUSPECTED and finding.message != FAILED
    assert registry.sites()["shili-yuan.example"] == NAME


def test_made_look_alikes_are_caught_and_no_registered_host_is_taken_for_one() -> None:
    result = hosts.measure(hosts.registered(150), 500)
    assert result.made.total() == 500 and len(result.made) == len(hosts.KINDS)
    assert result.caught >= 0.98, result.missed
    assert result.false == []
    alike = sum(count for kind, count in result.made.items() if kind not in hosts.UNLIKE)
    assert result.named >= 0.98 * alike


def _domain(rng: random.Random) -> str:
    letters = "".join(rng.choices("abmnrloi0-", k=rng.randint(1, 9))).strip("-") or "a"
    return f"{letters}.{rng.choice(('com', 'cn', 'com.cn', 'top', 'example'))}"


def _made_alike(domains: list[str], rng: random.Random) -> str:
    """A host made from one of some, as forgers make them, or from nothing."""
    name, _, end = rng.choice([*domains, _domain(rng)]).partition(".")
    at, letter = rng.randrange(len(name)), rng.choice("abmnrloi01")
    name = rng.choice(
        (name, name[:at] + letter + name[at + 1 :], name[:at] + name[at + 1 :] or "a",
         name[:at] + letter + name[at:], name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
         name.replace("m", "rn"), name.replace("o", "0"), f"{name}cx", f"zs-{name}")
    )  # fmt: skip
    tail = rng.choice(("", "", "", ".query.top", "-zs.cn", f".{_domain(rng)}"))
    return rng.choice(("", "cx.", "www.")) + f"{name}.{rng.choice((end, end, 'net'))}{tail}"


def test_a_countrys_sites_are_looked_through_without_each_being_compared() -> None:
    """A look-alike would pass because what it is like was not among those compared."""
    rng, kinds = random.Random(8), set()
    for _ in range(1500):
        domains = list({_domain(rng): None for _ in range(rng.randint(1, 12))})
        name, sites = _made_alike(domains, rng), Sites(dict.fromkeys(domains, NAME))
        like = likeness(name, (), domains)
        assert likeness(name, (), sites) == like
        assert likeness(name, domains[:1], sites) == likeness(name, domains[:1], domains)
        kinds.add(like.kind if like else None)
    assert kinds == {None, *Kind}


def test_few_of_many_sites_are_compared() -> None:
    """A third of a second would go into each paper with an unknown host."""
    many = {f"{'abcdefghij'[n % 10] * 6}{n}.com": NAME for n in range(3000)} | SITES
    seen = _taken_apart("cx.pukgac.com")
    assert seen is not None
    assert Sites(many).near(seen) == ["pkugac.com"]


def test_sites_are_prepared_once_for_as_long_as_they_are_the_same() -> None:
    """A hundred thousand would be read and prepared for each paper; or a new one never seen."""
    engine = store.open_registry("sqlite://")
    with Session(engine) as session:
        session.add(Lab(lab_id="a", name=NAME))
        session.flush()
        session.add(Domain(lab_id="a", domain="early.example"))
        session.flush()
        registry = Registry(session)
        first = registry.sites()
        assert registry.sites() is first and known(first) is known(first)
        session.add(Domain(lab_id="a", domain="later.example"))
        session.flush()
        assert known(registry.sites())["later.example"] == NAME
        assert dict(first) == {"early.example": NAME}
    engine.dispose()
