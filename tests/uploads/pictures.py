"""Pictures made on the spot, with everything in them that must not come out again."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

SECRET = b"SECRET-OF-A-RESIDENT"
RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (250, 250, 250)


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """Red and green above, blue and white below: any turn or mirroring shows."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def detailed(format: str, width: int = 640, height: int = 480, **options: Any) -> bytes:
    """A picture that does not compress to nothing, so that there is something to cut off."""
    grey = Image.radial_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(45)))
    return encoded(picture.quantize(64) if format == "GIF" else picture, format, **options)


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = orientation
    made[ExifTags.Base.Make] = SECRET.decode()
    made[ExifTags.IFD.GPSInfo] = {1: "N", 2: (22.0, 42.0, 3.0), 3: "E", 4: (111.0, 34.0, 9.0)}
    return made


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapping_profile() -> bytes:
    """An RGB profile whose red is sRGB's blue and the other way about: a conversion shows."""
    profile = srgb_profile()
    return profile.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"


def talkative_jpeg(orientation: int = 1) -> bytes:
    """EXIF with GPS, XMP, IPTC, a comment, a profile and a second file behind the picture."""
    plain = encoded(
        quarters(),
        "JPEG",
        exif=exif(orientation),
        xmp=XMP,
        comment=SECRET,
        icc_profile=srgb_profile(),
        quality=95,
        subsampling=0,
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(SECRET)) + SECRET
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return plain[:2] + segment + plain[2:] + b"PK\x03\x04" + SECRET


def talkative_png(picture: Image.Image) -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET.decode())
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return encoded(picture, "PNG", pnginfo=words, exif=exif(), icc_profile=srgb_profile(), dpi=(72, 72))


def png_claiming(width: int, height: int) -> bytes:
    """A header that promises so many pixels, and hardly any behind it."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(b"\0" * 100)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg_segments(data: bytes) -> set[str]:
    """The markers up to the pixels: e0 JFIF, db, c0, c4 tables and frame, da scan."""
    found, at = set(), 2
    while data[at + 1] != 0xDA:
        found.add(f"{data[at + 1]:02x}")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def png_chunks(data: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(data):
        found.add(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found
