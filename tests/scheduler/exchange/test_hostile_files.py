"""Files made to hurt: each is refused with a sentence, in its own limited process."""

import contextlib
import io
import random
import stat
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.errors import ImportRefused
from scheduler.exchange import importing, read_child
from scheduler.exchange.reading import FileRefused, read_sheets
from tests.scheduler.exchange.files import CONFIG, NOW, a_copy, a_workbook


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return a_workbook(tmp_path_factory.mktemp("good") / "good.xlsx", a_copy()).read_bytes()


def repacked(good, change=None, extra=(), compression=zipfile.ZIP_DEFLATED):
    """The good workbook with parts changed (name → bytes) and further parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(entry.filename, content) if change else content)
        for name, content in extra:
            new.writestr(name, content)
    return out.getvalue()


def in_sheet(good, xml):
    return repacked(good, lambda name, content: xml(content) if name == "xl/worksheets/sheet1.xml" else content)


def ratio(good):
    return repacked(good, extra=[("xl/sharedStrings.xml", b"<sst>" + b" " * 60_000_000)])


def nested(good):
    return repacked(good, extra=[("xl/embeddings/inner.xlsx", good)])


def quadratic(good):
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 100_000 + b'">]>'
    return in_sheet(good, lambda content: entity + content + b"&b;" * 1000)


def billion_laughs(good):
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    head = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">' + levels + b"]>"
    return repacked(good, lambda name, content: head + content if name == "xl/workbook.xml" else content)


def a_million_sheets(good):
    many = b"".join(b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1_000_000))
    return repacked(
        good,
        lambda name, c: c.replace(b"</sheets>", many + b"</sheets>") if name == "xl/workbook.xml" else c,
        compression=zipfile.ZIP_DEFLATED,
    )


def lying_sizes(good):
    """The directory says that a part inflates to 1,000 bytes; the stream holds 60 MB."""
    packed = bytearray(repacked(good, extra=[("xl/big.xml", b"<a>" + b"x" * 60_000_000)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        name_at = packed.rindex(b"xl/big.xml") if offset == 24 else packed.index(b"xl/big.xml")
        header = packed.rindex(signature, 0, name_at)
        packed[header + offset : header + offset + 4] = (1000).to_bytes(4, "little")
    return bytes(packed)


def symlink(good):
    entry = zipfile.ZipInfo("xl/link.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return repacked(good, extra=[(entry, b"/etc/passwd")])


def parent_path(good):
    return repacked(good, extra=[("../../evil.xml", b"<a/>")])


def external_entity(good):
    head = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return in_sheet(good, lambda content: head + content)


def hidden_entity(good):
    head = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'.encode("utf-16")
    return repacked(good, extra=[("xl/wide.xml", head)])


def macro(good):
    return repacked(good, extra=[("xl/vbaProject.bin", b"\x00" * 100)])


def polyglot(good):
    return b"GIF89a" + good


def prefixed(good):
    return b"PK\x03\x04 is not where it starts" + good


def truncated(good):
    return good[: len(good) * 2 // 3]


def a_far_cell(good):
    cell = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    return in_sheet(good, lambda content: content.replace(b"</sheetData>", cell))


def too_many_parts(good):
    return repacked(good, extra=[(f"xl/p{n}.xml", b"<a/>") for n in range(200)])


def old_excel(_):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000


def not_a_workbook(_):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    return out.getvalue()


def endless_quote(_):
    return '姓名,"'.encode() + b"x" * 4_000_000


def a_million_columns(_):
    return b"," * 1_000_000


def many_rows(_):
    return b"a,b\n" * 20_001


def nul_characters(_):
    return b"a,b\n\0,1\n"


def no_known_encoding(_):
    return b"\xff\xff\x80\x81" * 10


BOMBS = [
    ratio,
    nested,
    quadratic,
    billion_laughs,
    a_million_sheets,
    lying_sizes,
    symlink,
    parent_path,
    external_entity,
    hidden_entity,
    macro,
    polyglot,
    prefixed,
    truncated,
    a_far_cell,
    too_many_parts,
    old_excel,
    not_a_workbook,
    endless_quote,
    a_million_columns,
    many_rows,
    nul_characters,
    no_known_encoding,
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_and_costs_the_caller_nothing(bomb, good, tmp_path):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb(good))
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused) as caught:
            read_sheets(path)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.said.zh
    assert caught.value.said.en


def test_the_good_workbook_is_not_refused(good, tmp_path):
    path = tmp_path / "good.xlsx"
    path.write_bytes(repacked(good))
    assert [sheet.name for sheet in read_sheets(path)] == ["志愿者", "空闲时间", "服务对象", "需求", "结对"]


def test_a_file_of_more_than_five_megabytes_is_refused_unread(tmp_path):
    path = tmp_path / "large.csv"
    path.write_bytes(b"a" * (5 * 1024 * 1024 + 1))
    with pytest.raises(FileRefused, match="5 MB"):
        read_sheets(path)


def test_an_empty_or_missing_file_is_refused(tmp_path):
    (tmp_path / "empty.csv").touch()
    for name, word in (("empty.csv", "empty"), ("none.csv", "opened")):
        with pytest.raises(FileRefused, match=word):
            read_sheets(tmp_path / name)


def test_exactly_the_allowed_rows_and_columns_are_read():
    assert len(read_child.read_csv(b"a,b\n" * 20_000)) == 20_000
    assert len(read_child.read_csv(b"," * 59)[0]) == 60
    with pytest.raises(read_child.Refused):
        read_child.read_csv(b"," * 60)


def damaged(good, seed):
    """The good workbook with a few bytes changed, cut out or doubled."""
    rng = random.Random(seed)
    data = bytearray(good)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data))
        choice = rng.random()
        if choice < 0.5:
            data[at] = rng.randrange(256)
        elif choice < 0.8:
            del data[at : at + rng.randint(1, 200)]
        else:
            data[at:at] = data[at : at + 50]
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_damaged_workbook_is_read_or_refused_never_more(good, seed):
    with contextlib.suppress(read_child.Refused):
        sheets = read_child.read(damaged(good, seed))
        assert all(isinstance(cell, str) for sheet in sheets for row in sheet["rows"] for cell in row)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 10**9), part=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
)
def test_damage_inside_a_whole_archive_is_read_or_refused(good, seed, part):
    with contextlib.suppress(read_child.Refused):
        sheets = read_child.read(repacked(good, lambda name, c: damaged(c, seed) if name == part else c))
        assert all(isinstance(cell, str) for sheet in sheets for row in sheet["rows"] for cell in row)


@pytest.mark.long
def test_ten_thousand_damaged_workbooks_are_read_or_refused(good):
    for seed in range(10_000):
        with contextlib.suppress(read_child.Refused):
            assert isinstance(read_child.read(damaged(good, seed)), list)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_as_a_table_or_refused(data):
    with contextlib.suppress(read_child.Refused):
        sheets = read_child.read(data)
        assert all(isinstance(cell, str) for sheet in sheets for row in sheet["rows"] for cell in row)


CELLS = st.sampled_from(
    ["", "V1", "骑手", "是", "2026-02-30", "=1+1", "１４：００", "长征镇", "E01", "周一", "-1", "\x0b", "1e9"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_table_is_previewed_without_a_crash_and_without_a_write(store, tmp_path, data):
    sheets = a_copy()
    name = data.draw(st.sampled_from(sorted(sheets)))
    width = len(sheets[name][0])
    sheets[name][1:] = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=4))
    text = "\n".join(",".join(row) for row in sheets[name])
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    before = store.revision()
    try:
        found = importing.preview(path, store, CONFIG, now=NOW)
    except ImportRefused:
        return
    assert store.revision() == before
    for error in found.errors:
        assert error.column or error.row == 0
        assert error.expected.zh
    if not found.errors:
        importing.confirm(store, found, by="staff", now=NOW)


def test_a_part_whose_checksum_is_wrong_is_refused(good):
    data = bytearray(repacked(good, compression=zipfile.ZIP_STORED))
    at = data.index("王志强".encode())
    data[at] ^= 1
    with pytest.raises(read_child.Refused):
        read_child.read(bytes(data))
    assert zlib.crc32(bytes(data)) != zlib.crc32(good)
