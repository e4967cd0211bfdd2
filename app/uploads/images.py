"""Strangers' pictures, decoded in a process of their own and written anew.

What is kept are pixels: no GPS of an anonymous resident, no camera, no comment, no second file
hidden behind the first (OWASP ASVS 5.2.2, 5.2.6, 14.2.8). Decoders are C code fed by strangers:
the server itself never runs them, so that one which dies or spins takes no request with it.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TypeVar

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from app.kernel.errors import Invalid, TooLarge, Unavailable

MAX_BYTES = 10 * 1024 * 1024
CAMERA_PIXELS = 52_000_000  # phones that say "50 megapixels" make 8192 x 6144
OTHER_PIXELS = 25_000_000  # no camera writes PNG, WebP, GIF; decoding takes up to 16 bytes a pixel
MAX_SIDE = 2560  # pixels: handwriting on an A4 page stays legible
THUMBNAIL_SIDE = 480
JPEG_QUALITY = 85

# A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that leaves this factor over what is
# wanted: a quarter of the memory or less, no visible loss.
DECODE_MARGIN = 1.5

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

CPU_SECONDS = 30  # for one picture; the largest allowed takes about five
MOST_WAITING = 32  # pictures in memory, each up to 10 MB

NOT_A_PICTURE = "这个文件不是可识别的照片，请上传 JPEG、PNG、WebP、HEIC 或 GIF 格式的照片"
TOO_MANY_PIXELS = "照片像素太高：每张不超过 5200 万（PNG、WebP、GIF 2500 万），请压缩后再上传"
DAMAGED = "照片不完整或已损坏，请重新拍摄或重新选择后再上传"

pillow_heif.register_heif_opener(thumbnails=False)

Result = TypeVar("Result")


class NotAnImage(Invalid):
    code = "upload-not-image"


class UploadTooLarge(TooLarge):
    code = "upload-too-large"


class TooManyPixels(TooLarge):
    code = "upload-too-many-pixels"


class ImagesUnavailable(Unavailable):
    code = "images-unavailable"


@dataclass(frozen=True)
class CleanImage:
    """`sha256`: hex, of `content`, not of what was sent."""

    content: bytes
    media_type: str
    width: int
    height: int
    sha256: str


def clean_image(data: bytes) -> CleanImage:
    """The picture upright, in sRGB, at most 2560 pixels a side, without a word beside the pixels.

    JPEG, or PNG where it is really transparent; of a moving picture the first frame. The same
    bytes give the same answer. Raises UploadTooLarge, TooManyPixels, NotAnImage.
    """
    return _cleaned(data, MAX_SIDE)


def thumbnail(data: bytes) -> CleanImage:
    """As `clean_image`, at most 480 pixels a side."""
    return _cleaned(data, THUMBNAIL_SIDE)


def _cleaned(data: bytes, side: int) -> CleanImage:
    if len(data) > MAX_BYTES:
        raise UploadTooLarge("照片太大：每张不超过 10 MB，请压缩后再上传", limit_bytes=MAX_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files concern nobody here
        picture = _opened(data)
        try:
            pixels = _pixels(picture, side)
        except Exception as error:  # decoders raise anything
            raise NotAnImage(DAMAGED) from error
    return _encoded(pixels)


def _opened(data: bytes) -> Image.Image:
    """The picture with its header read and not one pixel decoded."""
    format = _format(data)
    limit = CAMERA_PIXELS if format in {"JPEG", "HEIF"} else OTHER_PIXELS
    try:
        picture = Image.open(BytesIO(data), formats=[format])
    except Image.DecompressionBombError as error:
        raise TooManyPixels(TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders raise anything
        raise NotAnImage(DAMAGED) from error
    if picture.width * picture.height > limit:
        raise TooManyPixels(TOO_MANY_PIXELS)
    return picture


def _format(data: bytes) -> str:
    """By its first bytes; no other decoder than that format's own will see the file."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return "HEIF"
    raise NotAnImage(NOT_A_PICTURE)


def _pixels(picture: Image.Image, side: int) -> Image.Image:
    """Upright RGB or RGBA, shrunk first: everything after it is cheap."""
    share = DECODE_MARGIN * side / max(picture.size)
    if share < 1:
        picture.draft(None, (round(picture.width * share) or 1, round(picture.height * share) or 1))
    picture = _resizable(picture)
    picture.thumbnail((side, side))
    picture = _opaque_if_it_is(_srgb(_upright(picture)))
    picture.info = {}  # encoders copy comments and profiles from here
    return picture


def _resizable(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode in {"L", "RGB", "CMYK"}:  # every JPEG: not to be loaded before it is shrunk
        return picture
    if picture.mode.startswith("I;16"):  # Pillow would cut 16 bits off at 255
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("RGB")


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # unreadable EXIF says nothing about the pixels
        return picture


def _srgb(picture: Image.Image) -> Image.Image:
    """By the embedded profile; a profile that does not fit is dropped."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    embedded = picture.info.get("icc_profile")
    if embedded:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            profile = ImageCms.ImageCmsProfile(BytesIO(embedded))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, profile, srgb, outputMode=mode)
            if converted is not None:
                return converted
    return picture.convert(mode)


def _opaque_if_it_is(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        return picture.convert("RGB")
    return picture


def _encoded(picture: Image.Image) -> CleanImage:
    out = BytesIO()
    if picture.mode == "RGBA":
        media_type = "image/png"
        picture.save(out, "PNG")
    else:
        media_type = "image/jpeg"
        picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    content = out.getvalue()
    return CleanImage(content, media_type, picture.width, picture.height, sha256(content).hexdigest())


class ImagePool:
    """A few processes that decode; so many pictures at once, the others wait their turn.

    When a process dies (of memory, of CPU time, of a decoder's crash) the pictures in hand are
    refused as unavailable; those that wait get fresh processes.
    """

    def __init__(
        self, *, workers: int = 1, waiting: int = MOST_WAITING, cpu_seconds: int = CPU_SECONDS
    ) -> None:
        self._workers, self._most, self._cpu_seconds = workers, workers + waiting, cpu_seconds
        self._turn = asyncio.Semaphore(workers)
        self._inside = 0
        self._executor: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Returns at once; the first process warms up meanwhile."""
        self._executor = self._fresh()
        self._executor.submit(os.getpid)

    async def stop(self) -> None:
        """Let the pictures in hand be finished; those still waiting are refused."""
        executor, self._executor = self._executor, None
        if executor is not None:
            await asyncio.to_thread(executor.shutdown)

    async def clean(self, data: bytes) -> CleanImage:
        """`clean_image` elsewhere; raises what it raises, and ImagesUnavailable."""
        return await self.run(clean_image, data)

    async def thumbnail(self, data: bytes) -> CleanImage:
        return await self.run(thumbnail, data)

    async def run(self, job: Callable[[bytes], Result], data: bytes) -> Result:
        """One job, a function at the top of a module, in its turn. Raises ImagesUnavailable."""
        if self._inside >= self._most:
            raise ImagesUnavailable("正在处理的照片较多，请过几秒再上传", retry_after=5)
        self._inside += 1
        try:
            async with self._turn:
                return await self._result(job, data)
        finally:
            self._inside -= 1

    async def _result(self, job: Callable[[bytes], Result], data: bytes) -> Result:
        try:
            return await asyncio.wrap_future(self._submitted(job, data))
        except BrokenProcessPool as error:
            raise ImagesUnavailable("照片处理中断，请重新上传这张照片") from error

    def _submitted(self, job: Callable[[bytes], Result], data: bytes) -> Future[Result]:
        executor = self._running()
        try:
            return executor.submit(_bounded, self._cpu_seconds, job, data)
        except BrokenProcessPool:  # it died before, with another's picture or idle
            self._executor = self._fresh()
            executor.shutdown(wait=False)
        return self._running().submit(_bounded, self._cpu_seconds, job, data)

    def _running(self) -> ProcessPoolExecutor:
        if self._executor is None:
            raise ImagesUnavailable("服务正在重启，请稍后再上传照片")
        return self._executor

    def _fresh(self) -> ProcessPoolExecutor:
        """Spawned, not forked: a fork would inherit the server's sockets, locks and secrets."""
        return ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"), initializer=_prepare)


def _prepare() -> None:
    """In a new process: Ctrl-C is the server's matter, no core file may hold a picture."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    """A server killed outright tells nobody; its workers would wait for work for ever."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def _bounded(cpu_seconds: int, job: Callable[[bytes], Result], data: bytes) -> Result:
    """The kernel ends a process that computes longer; Python could not interrupt C code."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    return job(data)
