from __future__ import annotations

from mangacolor.chapter.members import member_of, noted
from mangacolor.images.archive_written import Content


def test_a_name_that_is_no_unicode_is_read_as_those_in_archives_are() -> None:
    assert member_of("第1話/1.jpg", "png") == "第1話/1.png"
    raw = "第1話.png".encode("cp932")
    assert member_of(raw.decode("utf-8", "surrogateescape")) == "第1話.png"


def test_members_keep_the_bytes_of_their_names() -> None:
    raw = "第1話.txt".encode("cp932")
    members = noted([Content("第1話.txt", lambda: b"", raw, False)], {}, {}, "keep")
    assert [(x.name, x.raw, x.utf8) for x in members[:1]] == [("第1話.txt", raw, False)]
