"""What a report cannot show, in words: what it is, and how to make it show."""

import re
from collections.abc import Iterable

NETWORK = "It lies elsewhere, and a report loads nothing: save the file and show it with Image(filename=…)."
BROKEN = "A picture cannot be shown here. It is broken or cut off: draw it again, or save it as PNG."
NOT_ON_PAPER = "A figure cannot be shown on paper. Save it as PNG; the page in HTML may show it as it is."
# Each with what its HTML holds, if it has any, and the mime types it is known by.
_LIBRARIES = (
    (
        r"application/vnd\.plotly\.v1\+json|plotly-graph-div",
        "A figure of plotly",
        'It draws in a browser only. Show a still picture, Image(figure.to_image("png")) from IPython.display, '
        "which needs the package kaleido and Chrome; or draw it with matplotlib.",
    ),
    (
        r"application/vnd\.bokehjs_exec\.v0\+json|bk-root|data-root-id|title=\"bokeh\.",
        "A figure of bokeh",
        "It draws in a browser only. Show a still picture, get_screenshot_as_png(figure) from bokeh.io.export, "
        "which needs selenium and a browser's driver; or draw it with matplotlib.",
    ),
    (
        r"application/vnd\.vega(lite)?\.|altair-viz-|vega-embed",
        "A chart of Altair",
        'It draws in a browser here. Put alt.renderers.enable("svg") before the chart, which needs the package '
        "vl-convert-python.",
    ),
    (
        r"application/vnd\.holoviews_exec",
        "A figure of HoloViews",
        'It draws in a browser here. Put hv.extension("matplotlib") before the figure.',
    ),
    (
        r"application/vnd\.jupyter\.widget-view\+json",
        "An interactive widget",
        "A report is read, not operated. Show the value or the figure that it leads to.",
    ),
    (
        r"application/pdf",
        "A figure in PDF",
        "Ask for SVG, which page and paper show: %config InlineBackend.figure_formats = ['svg'].",
    ),
    (
        r"Loading ITables|itables",
        "An interactive table",
        "A script fills it in a browser. Show the frame itself.",
    ),
    (
        r"<iframe|<object|<embed",
        "A page within the page, such as a map or a video",
        "It is loaded by a browser, and a report loads nothing. Show a still picture of it.",
    ),
    (r"<video|<audio|video/|audio/", "A recording", "A report shows pictures and words. Show a still picture."),
    (r"<canvas|<script|javascript", "What a script draws", "No script runs in a report. Show a still picture."),
    (r"image/", "A picture of a kind that cannot be read here", "Save it as PNG or SVG."),
)
# What only prepares the page for a figure, whose own output follows.
_SETS_UP = re.compile(
    r"application/vnd\.(bokehjs|holoviews)_load|window\.PlotlyConfig|bk-notebook-logo|data-root-id=(?!.*<script)",
    re.DOTALL,
)


def note(what: str, remedy: str) -> str:
    """Say what a report cannot show, and how to make it show."""
    return f"{what} cannot be shown here. {remedy}"


def elsewhere(url: str) -> str:
    """Say that a picture in prose is not shown."""
    remedy = "paste it into the cell again" if url.startswith("attachment:") else "paste it into the cell"
    return f"(A picture that is not in the notebook; to show it, {remedy}.)"


def what_is_unshown(mimes: Iterable[str], html: str = "") -> str:
    """Say what an output is of which no form can be shown.

    Parameters
    ----------
    mimes : iterable of str
        The types of its forms.
    html : str
        Its form in HTML, if there is one.

    Returns
    -------
    str
        A sentence or two for the reader, with a way out for the author; empty when the output only prepares a
        page for others, or holds nothing but styles.

    Examples
    --------
    >>> what_is_unshown(["application/pdf", "text/plain"]).partition(".")[0]
    'A figure in PDF cannot be shown here'
    """
    known = " ".join(mimes)
    if _SETS_UP.search(f"{known} {html}") and "plotly-graph-div" not in html:
        return ""
    for pattern, what, remedy in _LIBRARIES:
        if re.search(pattern, f"{known} {html}", re.IGNORECASE):
            return note(what, remedy)
    others = [mime for mime in known.split() if mime not in ("text/plain", "text/html")]
    return note(f"An output of the kind {others[0]}", "Show it as a picture, a table or words.") if others else ""
