"""Several names or addresses in one cell."""

from __future__ import annotations

import pytest

from registry import sites, spoken

ONE, OTHER = "河南省南阳市镇平县玉都大道88号", "河南省南阳市镇平县工艺路5号"


@pytest.mark.parametrize(
    "cell",
    [
        f"{ONE}；{OTHER}",
        f"1.{ONE} 2.{OTHER}",
        f"（1）{ONE}；（2）{OTHER}",
        f"{ONE}\n{OTHER}",
        f"{ONE} {OTHER}",
        f"{ONE}、{OTHER}",
        f"①{ONE}②{OTHER}",
        f"主场所：{ONE}；分场所：{OTHER}",
        f"注册地址：{ONE}；检测地址：{OTHER}",
        f"场所1：{ONE} 场所2：{OTHER}",
    ],
)
def test_addresses_of_one_cell(cell: str) -> None:
    """A certificate with either would have another address than the registered one."""
    assert [site.address for site in sites.split(cell)] == [ONE, OTHER]


@pytest.mark.parametrize(
    "cell",
    [ONE, f"{ONE}、90号", f"{ONE}，3号楼2层、3层", f"{ONE} 301室", "玉都大道与工艺路口", ""],
)
def test_one_address_stays_one(cell: str) -> None:
    """Floors and second numbers would become places of their own."""
    assert [site.address for site in sites.split(cell)] == ([cell] if cell else [])
    assert not sites.is_several(cell)


def test_two_roads_that_cannot_be_taken_apart() -> None:
    """The row would be held against a certificate that prints one of them."""
    cell = "镇平县玉都大道88号暨工艺路5号"
    assert len(sites.split(cell)) == 1
    assert sites.is_several(cell)


@pytest.mark.parametrize(
    ("cell", "name", "others"),
    [
        ("甲检测有限公司（原：镇平玉检站）", "甲检测有限公司", ("镇平玉检站",)),
        (
            "甲检测有限公司（曾用名：乙检测站、丙检测所）",
            "甲检测有限公司",
            ("乙检测站", "丙检测所"),
        ),
        ("镇平玉检站（甲检测有限公司）", "镇平玉检站", ("甲检测有限公司",)),
        ("甲检测有限公司\n（镇平玉检站）", "甲检测有限公司", ("镇平玉检站",)),
        ("甲检测有限公司/镇平玉检站", "甲检测有限公司", ("镇平玉检站",)),
        ("甲检测有限公司、镇平玉检站", "甲检测有限公司", ("镇平玉检站",)),
        ("甲检测有限公司 镇平玉检站", "甲检测有限公司", ("镇平玉检站",)),
        ("国家玉石检验中心(河南)", "国家玉石检验中心(河南)", ()),
        ("华示检测(广州)有限公司", "华示检测(广州)有限公司", ()),
        ("河南省 玉石 检验中心", "河南省 玉石 检验中心", ()),
        ("甲检测有限公司*", "甲检测有限公司", ()),
        # Two branches would become one laboratory.
        ("示例国玉检验中心（广州实验室）", "示例国玉检验中心（广州实验室）", ()),
        ("示例大学（珠宝学院）检测中心", "示例大学（珠宝学院）检测中心", ()),
        ("示例玉检有限公司（郑州分公司）", "示例玉检有限公司（郑州分公司）", ()),
    ],
)
def test_names_of_one_cell(cell: str, name: str, others: tuple[str, ...]) -> None:
    """A certificate with one of them would bear another name than the registered one."""
    assert spoken.read(cell) == (name, others, True)


@pytest.mark.parametrize("cell", ["甲检测有限公司/二部门", "甲、乙检测"])
def test_names_that_cannot_be_taken_apart(cell: str) -> None:
    """Half a name would be registered as one."""
    assert not spoken.read(cell).clear
