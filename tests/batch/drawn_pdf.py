"""PDFs written byte by byte."""

from __future__ import annotations


def vector_pdf(more: bytes = b"", box: tuple[int, int] = (60, 90)) -> bytes:
    """A page that is drawn and no picture: lines and a black box. `more` goes into its trailer."""
    return pdf_of(b"2 w 5 5 m 50 80 l S 10 10 15 15 re f", box, more=more)


def picture_pdf(
    jpeg: bytes, place: bytes = b"60 0 0 90 0 0", page: bytes = b"", image: bytes = b""
) -> bytes:
    """A page of 60x90 points that is a picture; `page` and `image` are more facts of each."""
    facts = b"/Type/XObject/Subtype/Image/Width 60/Height 90/ColorSpace/DeviceGray" + image
    facts += b"/BitsPerComponent 8/Filter/DCTDecode"
    body = b"<<" + facts + b"/Length %d>>stream\n" % len(jpeg) + jpeg + b"\nendstream"
    page += b"/Resources<</XObject<</P 5 0 R>>>>"
    return pdf_of(b"q " + place + b" cm /P Do Q", (60, 90), page, body)


def pdf_of(
    drawing: bytes, box: tuple[int, int], facts: bytes = b"", *things: bytes, more: bytes = b""
) -> bytes:
    size = b"[0 0 %d %d]" % box
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox" + size + facts + b"/Contents 4 0 R>>",
        b"<</Length %d>>stream\n" % len(drawing) + drawing + b"\nendstream",
        *things,
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n" % count + table
    trailer = b"trailer<</Size %d/Root 1 0 R" % count
    trailer += more + b">>\nstartxref\n%d\n%%%%EOF" % len(content)
    return content + end + trailer


# Keys that no password fits.
KEYS = b"/O<%s>/U<%s>" % (b"5a" * 32, b"a5" * 32)
LOCKED = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4" + KEYS + b">>"
