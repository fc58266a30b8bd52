"""How layered files are called."""

from __future__ import annotations

from pathlib import Path

from mangacolor.chapter.layered import Layered


def test_no_two_pages_have_one_file_and_none_leads_out(tmp_path: Path) -> None:
    names = ["1.png", "1.jpg", "a/B.png", "a/b.PNG", "../x.png", "/etc/y.png", 'z?".png', ".", "no"]
    for some in (names, names[:1], names[1:2], names[2:4], names[4:], ["1.png", "1.ORA"]):
        files = [Layered(tmp_path, "ora", some, False, False).file_of(name) for name in some]
        assert len({file.casefold() for file in files}) == len(some)
        assert {file.casefold() for file in files}.isdisjoint(name.casefold() for name in some)
        for file in files:
            assert (tmp_path / file).resolve().is_relative_to(tmp_path.resolve())
            assert file.endswith(".ora") and not set(file) & set('?"\\:')
    assert Layered(tmp_path, "ora", ["1.png"], False, False).file_of("1.png") == "1.ora"
