"""Writes finished pictures: sRGB said in a profile, and how the picture came about said in XMP."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import cache
from xml.sax.saxutils import escape

from PIL import Image, ImageCms, PngImagePlugin


class Origin(StrEnum):
    """How a picture came about, in the terms of IPTC's vocabulary "Digital Source Type"."""

    ENHANCED = "algorithmicallyEnhanced"
    """A photo, with its ground replaced or its colours changed by rule; nothing was invented by a model."""
    COMPOSITE = "compositeCapture"
    """Several photos in one picture."""
    CAPTURE = "digitalCapture"
    """A part of a photo as it was taken."""


_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def encoded(picture: Image.Image, origin: Origin, note: str, *, quality: int = 92) -> tuple[bytes, str]:
    """The file and its media type: PNG where the picture has transparency, else JPEG."""
    packet = _xmp(origin, note)
    file = io.BytesIO()
    if picture.mode == "RGBA":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", packet.decode())
        picture.save(file, "PNG", icc_profile=_srgb(), pnginfo=chunks, compress_level=4)
        return file.getvalue(), "image/png"
    picture.save(file, "JPEG", quality=quality, icc_profile=_srgb(), xmp=packet, subsampling=0)
    return file.getvalue(), "image/jpeg"


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _xmp(origin: Origin, note: str) -> bytes:
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/">
   <Iptc4xmpExt:DigitalSourceType>{_VOCABULARY}{origin}</Iptc4xmpExt:DigitalSourceType>
   <xmp:CreatorTool>Placket</xmp:CreatorTool>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(note)}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()
