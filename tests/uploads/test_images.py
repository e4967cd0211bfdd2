import pickle
import struct
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.kernel.errors import DomainError
from app.uploads.images import (
    MAX_BYTES,
    OTHER_PIXELS,
    CleanImage,
    ImagesUnavailable,
    NotAnImage,
    TooManyPixels,
    UploadTooLarge,
    clean_image,
    thumbnail,
)
from tests.uploads.pictures import (
    BLUE,
    GREEN,
    RED,
    SECRET,
    WHITE,
    detailed,
    encoded,
    exif,
    jpeg_segments,
    png_chunks,
    png_claiming,
    quarters,
    swapping_profile,
    talkative_jpeg,
    talkative_png,
)

FORMATS = ["JPEG", "PNG", "WEBP", "HEIF", "GIF"]
PLAIN_JPEG = {"e0", "db", "c0", "c4"}
PLAIN_PNG = {b"IHDR", b"IDAT", b"IEND"}

Colour = tuple[int, ...]


def opened(clean: CleanImage) -> Image.Image:
    return Image.open(BytesIO(clean.content))


def corners(clean: CleanImage) -> list[Colour]:
    """Above left, above right, below left, below right: the middles of the quarters."""
    picture = opened(clean).convert("RGB")
    places = [(x, y) for y in (1, 3) for x in (1, 3)]
    found = []
    for x, y in places:
        pixel = picture.getpixel((picture.width * x // 4, picture.height * y // 4))
        assert isinstance(pixel, tuple)
        found.append(pixel)
    return found


def like(colours: list[Colour]) -> list[object]:
    return [pytest.approx(colour, abs=25) for colour in colours]


@pytest.mark.parametrize("format", FORMATS)
def test_every_accepted_format_becomes_a_jpeg_of_the_same_picture(format: str) -> None:
    clean = clean_image(encoded(quarters(), format))

    assert (clean.media_type, clean.width, clean.height) == ("image/jpeg", 64, 48)
    assert opened(clean).format == "JPEG"
    assert opened(clean).size == (64, 48)
    assert corners(clean) == like([RED, GREEN, BLUE, WHITE])


def test_the_sum_is_that_of_the_cleaned_bytes_and_the_same_each_time() -> None:
    once, again = clean_image(talkative_jpeg()), clean_image(talkative_jpeg())

    assert once == again
    assert once.sha256 == sha256(once.content).hexdigest()


def test_nothing_but_pixels_leaves_a_talkative_jpeg() -> None:
    sent = talkative_jpeg()
    clean = clean_image(sent)

    assert sent.count(SECRET) == 5  # EXIF, XMP, IPTC, comment, behind the end
    assert SECRET not in clean.content
    assert jpeg_segments(clean.content) == PLAIN_JPEG
    assert dict(opened(clean).getexif()) == {}


def test_nothing_but_pixels_leaves_a_talkative_png() -> None:
    clean = clean_image(talkative_png(quarters().convert("RGBA")))
    assert jpeg_segments(clean.content) == PLAIN_JPEG

    see_through = quarters().convert("RGBA")
    see_through.putalpha(128)
    clean = clean_image(talkative_png(see_through))
    assert png_chunks(clean.content) == PLAIN_PNG


@pytest.mark.parametrize("format", ["WEBP", "HEIF"])
def test_nothing_but_pixels_leaves_other_formats(format: str) -> None:
    sent = encoded(quarters(), format, exif=exif().tobytes())
    clean = clean_image(sent)

    assert SECRET in sent
    assert SECRET not in clean.content
    assert jpeg_segments(clean.content) == PLAIN_JPEG


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_stays_so_as_png(mode: str) -> None:
    picture = quarters().convert("RGBA")
    picture.putpixel((0, 0), (0, 0, 0, 0))
    sent = encoded(picture.convert(mode) if mode != "PA" else picture.quantize(8), "PNG")

    clean = clean_image(sent)

    assert clean.media_type == "image/png"
    assert opened(clean).getpixel((0, 0))[3] == 0  # type: ignore[index]
    assert opened(clean).getpixel((63, 47))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_a_picture_is_set_upright(orientation: int, expected: list[Colour]) -> None:
    clean = clean_image(talkative_jpeg(orientation))

    assert corners(clean) == like(expected)
    assert (clean.width, clean.height) == ((64, 48) if orientation < 5 else (48, 64))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "HEIF"])
def test_other_formats_are_set_upright_too(format: str) -> None:
    clean = clean_image(encoded(quarters(), format, exif=exif(6).tobytes()))

    assert corners(clean) == like([BLUE, RED, WHITE, GREEN])


def test_a_large_jpeg_is_shrunk_set_upright_and_keeps_its_shape() -> None:
    clean = clean_image(encoded(quarters(6000, 4500), "JPEG", exif=exif(6)))

    assert (clean.width, clean.height) == (1920, 2560)
    assert corners(clean) == like([BLUE, RED, WHITE, GREEN])


def test_a_small_picture_is_not_enlarged_and_a_thin_one_survives() -> None:
    assert clean_image(encoded(Image.new("RGB", (1, 1)), "PNG")).width == 1

    thin = clean_image(encoded(Image.new("RGB", (20_000, 2)), "PNG"))
    assert (thin.width, thin.height) == (2560, 1)


def test_a_thumbnail_is_as_clean_and_at_most_480_a_side() -> None:
    small = thumbnail(detailed("JPEG", 1600, 1200, exif=exif()))

    assert (small.width, small.height) == (480, 360)
    assert jpeg_segments(small.content) == PLAIN_JPEG


def test_colours_of_an_embedded_profile_are_turned_into_srgb() -> None:
    sent = encoded(quarters(), "PNG", icc_profile=swapping_profile())

    assert corners(clean_image(sent)) == like([BLUE, GREEN, RED, WHITE])


@pytest.mark.parametrize("profile", [b"no profile", swapping_profile()[:300]])
def test_a_broken_profile_is_dropped_not_the_photo(profile: bytes) -> None:
    sent = encoded(quarters(), "JPEG", icc_profile=profile, quality=95)

    assert corners(clean_image(sent)) == like([RED, GREEN, BLUE, WHITE])


def test_a_profile_of_another_kind_of_picture_is_dropped() -> None:
    sent = encoded(Image.new("L", (8, 8), 90), "PNG", icc_profile=swapping_profile())

    assert opened(clean_image(sent)).getpixel((4, 4)) == pytest.approx((90, 90, 90), abs=3)


def test_unreadable_exif_does_not_cost_the_photo() -> None:
    sent = encoded(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", quality=95)

    assert corners(clean_image(sent)) == like([RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize(
    ("picture", "grey"),
    [
        (Image.new("L", (8, 8), 90), 90),
        (Image.new("1", (8, 8), 1), 255),
        (Image.new("I;16", (8, 8), 40_000), 156),
        (Image.new("RGB", (8, 8), (90, 90, 90)).quantize(4), 90),
    ],
)
def test_odd_kinds_of_png_keep_their_brightness(picture: Image.Image, grey: int) -> None:
    clean = clean_image(encoded(picture, "PNG"))

    assert opened(clean).getpixel((4, 4)) == pytest.approx((grey, grey, grey), abs=3)


def test_a_printers_jpeg_becomes_rgb() -> None:
    clean = clean_image(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))

    assert opened(clean).getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=10)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(format: str) -> None:
    frames = [quarters(), Image.new("RGB", (64, 48), (9, 9, 9))]
    sent = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    clean = clean_image(sent)

    assert opened(clean).format == "JPEG"
    assert corners(clean) == like([RED, GREEN, BLUE, WHITE])


def test_a_phones_two_pictures_in_one_jpeg_are_accepted() -> None:
    sent = encoded(quarters(), "MPO", save_all=True, append_images=[quarters()], quality=95)

    assert corners(clean_image(sent)) == like([RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + detailed("JPEG"),
        encoded(quarters(), "BMP"),
        encoded(quarters(), "TIFF"),
    ],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage) as refusal:
        clean_image(data)

    assert refusal.value.code == "upload-not-image"


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]
)
def test_the_right_first_bytes_alone_make_no_photo(start: bytes) -> None:
    with pytest.raises(NotAnImage):
        clean_image(start + b"alert('hello')" * 100)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("format", [*FORMATS, "progressive"])
def test_a_truncated_photo_is_refused(format: str, share: float) -> None:
    whole = detailed("JPEG", progressive=True) if format == "progressive" else detailed(format)
    assert clean_image(whole).width == 640

    with pytest.raises(NotAnImage):
        clean_image(whole[: int(len(whole) * share)])


def test_a_truncated_large_jpeg_is_refused_though_it_is_decoded_smaller() -> None:
    whole = detailed("JPEG", 6000, 4500)

    with pytest.raises(NotAnImage):
        clean_image(whole[: len(whole) * 9 // 10])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.data())
def test_a_tampered_photo_is_either_refused_or_cleaned(format: str, data: st.DataObject) -> None:
    sent = bytearray(encoded(quarters(), format))
    for _ in range(data.draw(st.integers(1, 8))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    with suppress(NotAnImage, TooManyPixels):
        assert clean_image(bytes(sent)).media_type in {"image/jpeg", "image/png"}


def test_more_than_ten_megabytes_are_refused_with_the_limit_named() -> None:
    with pytest.raises(UploadTooLarge) as refusal:
        clean_image(detailed("JPEG") + b"\0" * MAX_BYTES)

    assert refusal.value.facts == {"limit_bytes": 10 * 1024 * 1024}
    assert "10 MB" in refusal.value.detail


def test_ten_megabytes_to_the_byte_are_accepted() -> None:
    photo = detailed("JPEG")

    assert clean_image(photo + b"\0" * (MAX_BYTES - len(photo))).width == 640


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (50_000, 50_000), (OTHER_PIXELS + 1, 1)])
def test_a_flood_of_pixels_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(TooManyPixels):
        clean_image(png_claiming(width, height))


def test_just_under_the_pixel_limit_the_pixels_themselves_are_looked_for() -> None:
    with pytest.raises(NotAnImage):
        clean_image(png_claiming(5000, 5000))


def test_a_camera_may_have_fifty_megapixels_and_no_more() -> None:
    photo = bytearray(encoded(Image.new("L", (64, 64)), "JPEG"))
    frame = photo.index(b"\xff\xc0") + 5

    photo[frame : frame + 4] = struct.pack(">HH", 6144, 8192)
    assert clean_image(bytes(photo)).width == 2560

    photo[frame : frame + 4] = struct.pack(">HH", 6400, 8192)
    with pytest.raises(TooManyPixels):
        clean_image(bytes(photo))


@pytest.mark.parametrize(
    "error",
    [
        NotAnImage("说明", field="file"),
        UploadTooLarge("说明", limit_bytes=1),
        TooManyPixels("说明"),
        ImagesUnavailable("说明", retry_after=5),
    ],
)
def test_refusals_survive_the_way_between_processes(error: DomainError) -> None:
    there = pickle.loads(pickle.dumps(error))

    assert type(there) is type(error)
    assert vars(there) == vars(error)
    assert str(there) == "说明"
