"""The archive of a backup: what is packed comes back; one that is not what it seems writes nothing outside."""

import gzip
import io
import os
import tarfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from switchback.backup import archive
from switchback.backup.archive import BrokenArchive, DiskTooSmall, UnsafeArchive

Member = tuple[tarfile.TarInfo, bytes]


def packed(*members: Member) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for info, content in members:
            info.size = len(content) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def file(name: str, content: bytes = b"x") -> Member:
    return tarfile.TarInfo(name), content


def link(name: str, kind: bytes) -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info, b""


def unpacked(content: bytes, folder: Path) -> tuple[archive.Unpacked, ...]:
    inside = folder / "inside"
    inside.mkdir()
    return archive.unpack("it", [content], len(content), inside)


def test_what_is_packed_comes_back_byte_by_byte(tmp_path: Path) -> None:
    """Of any length, in any pieces."""
    contents = {f"{n}.backup": os.urandom(n) for n in (0, 1, 511, 512, 3_000_001)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    whole = b"".join(archive.pack([tmp_path / name for name in contents]))
    (tmp_path / "inside").mkdir()
    pieces = [whole[at : at + 70_001] for at in range(0, len(whole), 70_001)]
    found = archive.unpack("it", pieces, len(whole), tmp_path / "inside")
    assert {one.path.name: one.path.read_bytes() for one in found} == contents
    assert gzip.decompress(whole)[257:262] == b"ustar"


@pytest.mark.parametrize(
    ("member", "says"),
    [
        (file("../evil.backup"), "not a plain file name"),
        (file("a/../../evil.backup"), "not a plain file name"),
        (file("/etc/evil.backup"), "not a plain file name"),
        (file("folder/evil.backup"), "not a plain file name"),
        (file("evil.sh"), "not a plain file name"),
        (link("evil.backup", tarfile.SYMTYPE), "is a link"),
        (link("evil.backup", tarfile.LNKTYPE), "is a link"),
        (link("evil.backup", tarfile.FIFOTYPE), "is a link"),
        (link("evil.backup", tarfile.DIRTYPE), "is a link"),
    ],
)
def test_a_member_that_leaves_the_folder_is_refused_before_it_is_written(
    member: Member, says: str, tmp_path: Path
) -> None:
    """By its name; what was there before stays the only thing."""
    with pytest.raises(UnsafeArchive, match=says):
        unpacked(packed(member), tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["inside"]


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """The second would stand for the first."""
    with pytest.raises(UnsafeArchive, match="twice"):
        unpacked(packed(file("a.backup"), file("a.backup", b"y")), tmp_path)


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member larger than the disk, or than any archive of that length could hold; a name of megabytes."""
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    with monkeypatch.context() as small:
        small.setattr(archive.shutil, "disk_usage", lambda _folder: usage(0, 0, archive.RESERVE + 1000))
        with pytest.raises(DiskTooSmall):
            unpacked(packed(file("a.backup", bytes(2000))), tmp_path)
    info = tarfile.TarInfo("a.backup")
    info.size = 1 << 40
    lying = gzip.compress(info.tobuf())
    (tmp_path / "more").mkdir()
    with pytest.raises(UnsafeArchive, match="says it holds"):
        unpacked(lying, tmp_path / "more")
    (tmp_path / "long").mkdir()
    with pytest.raises(BrokenArchive):
        unpacked(packed(file("a" * 200_000 + ".backup")), tmp_path / "long")


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "spoil", [lambda b: b[: len(b) // 4], lambda b: b[: len(b) * 3 // 4], lambda b: b"PK" + b[2:], lambda _b: b""]
)
def test_an_archive_that_cannot_be_read_to_its_end_is_refused(spoil: Spoil, tmp_path: Path) -> None:
    """Cut in either file, or something else altogether: by one error of ours."""
    content = packed(file("a.backup", os.urandom(200_000)), file("b.backup", os.urandom(200_000)))
    with pytest.raises(BrokenArchive):
        unpacked(spoil(content), tmp_path)


def test_an_archive_cut_behind_its_last_file_gives_all_of_them(tmp_path: Path) -> None:
    """That it was cut, its SHA-256 tells."""
    contents = {f"{name}.backup": os.urandom(200_000) for name in "ab"}
    found = unpacked(packed(*(file(*each) for each in contents.items()))[:-9], tmp_path)
    assert {one.path.name: one.path.read_bytes() for one in found} == contents


def test_a_disk_without_room_is_refused_with_the_numbers(tmp_path: Path) -> None:
    """Before anything is downloaded."""
    with pytest.raises(DiskTooSmall, match="MB are needed"):
        archive.refuse_if_full(tmp_path, 1 << 60)
