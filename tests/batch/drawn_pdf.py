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


def bookmarked(content: bytes, title: bytes = b"Mine") -> bytes:
    """A PDF with a bookmark more, as another program would put it in."""
    at = content.index(b"/Catalog") + len(b"/Catalog")
    things = b"9001 0 obj<</Type/Outlines/First 9002 0 R/Last 9002 0 R/Count 1>>endobj\n"
    things += b"9002 0 obj<</Title(" + title + b")/Parent 9001 0 R>>endobj\n"
    head, tail = content[:at] + b"/Outlines 9001 0 R", content[at:]
    # Places of objects are wrong from here on, and readers look for them.
    end = tail.rindex(b"trailer")
    return head + tail[:end] + things + tail[end:]


def rich_pdf(jpegs: list[bytes]) -> bytes:
    """Pages of a picture each, turned on the first, with all that a PDF has beside its pages."""
    count = len(jpegs)
    kids = b" ".join(b"%d 0 R" % (10 + i) for i in range(count))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/Outlines 3 0 R/ViewerPreferences<</Direction/R2L>>"
        b"/PageLabels<</Nums[0<</S/r>>]>>>>",
        2: b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count,
        3: b"<</Type/Outlines/First 4 0 R/Last 4 0 R/Count 1>>",
        4: b"<</Title(Chapter 1)/Parent 3 0 R/Dest[11 0 R/Fit]>>",
        5: b"<</Title(A comic)/Author(Somebody)>>",
        6: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    for i, jpeg in enumerate(jpegs):
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[10 20 70 110]/Contents %d 0 R" % (40 + i)
        page += b"/Rotate 180" if i == 0 else b""
        page += b"/Annots[<</Type/Annot/Subtype/Link/Rect[20 30 40 50]/Border[0 0 0]"
        page += b"/A<</S/URI/URI(https://example.org/)>>>>]"
        page += b"/Resources<</Font<</F 6 0 R>>/XObject<</P %d 0 R>>>>>>" % (70 + i)
        drawing = b"q 60 0 0 90 10 20 cm /P Do Q BT /F 9 Tf 3 Tr 15 60 Td (hidden words) Tj ET"
        facts = b"<</Type/XObject/Subtype/Image/Width 60/Height 90/ColorSpace/DeviceGray"
        facts += b"/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n" % len(jpeg)
        objects[10 + i] = page
        objects[40 + i] = b"<</Length %d>>stream\n" % len(drawing) + drawing + b"\nendstream"
        objects[70 + i] = facts + jpeg + b"\nendstream"
    content, table = b"%PDF-1.5\n", b"xref\n0 1\n0000000000 65535 f \n"
    for number, body in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(content))
        content += b"%d 0 obj" % number + body + b"endobj\n"
    end = b"trailer<</Size 200/Root 1 0 R/Info 5 0 R>>\nstartxref\n%d\n%%%%EOF" % len(content)
    return content + table + end
