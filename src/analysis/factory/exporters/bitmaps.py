"""Bitmaps of other kinds, such as GIF and WebP, as PNG, which page and paper show."""

import base64
import binascii
import io
import warnings


def as_png(content: str) -> str | None:
    """Write a bitmap as PNG.

    Parameters
    ----------
    content : str
        A bitmap of any kind that Pillow reads, in base64.

    Returns
    -------
    str or None
        Its first frame as PNG in base64; None when it cannot be read.
    """
    # matplotlib brings Pillow; only a report with such a picture has to wait for it.
    from PIL import Image

    written = io.BytesIO()
    try:
        # A picture that unpacks to hundreds of megabytes is refused with a warning.
        with warnings.catch_warnings(action="error"), Image.open(io.BytesIO(base64.b64decode(content))) as picture:
            picture.convert("RGBA").save(written, "PNG")
    except (OSError, ValueError, SyntaxError, binascii.Error, Warning, Image.DecompressionBombError):
        return None
    return base64.b64encode(written.getvalue()).decode()
