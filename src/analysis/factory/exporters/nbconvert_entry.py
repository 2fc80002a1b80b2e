"""The entry points of nbconvert; reports are written without it, for loading it takes as long as writing some."""

from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Enum, default

from analysis.factory.exporters.document import read_document
from analysis.factory.exporters.html import write_page
from analysis.factory.exporters.pdf import write_pdf


class CapsuleHTMLExporter(Exporter):
    """Exporter behind ``jupyter nbconvert --to capsule-html``.

    The page loads nothing: styles and figures are inside it, and its Content-Security-Policy forbids
    everything else.
    """

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters return text here too
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the page.

        Parameters
        ----------
        nb : NotebookNode
            An executed notebook.
        resources : dict, optional
            Passed through nbconvert's preprocessors.
        **kw
            Passed to nbconvert's base exporter.

        Returns
        -------
        tuple of str and dict
            The page and the resources.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return write_page(read_document(nb)), resources


class CapsulePDFExporter(Exporter):
    """Exporter behind ``jupyter nbconvert --to capsule-pdf``.

    The PDF is tagged (PDF/UA-1), tables are tables and figures are vector graphics. It needs neither LaTeX
    nor a browser, and the same notebook gives the same bytes on every machine.

    Notes
    -----
    See :func:`analysis.factory.exporters.pdf.write_pdf` about forks.
    """

    output_mimetype = "application/pdf"

    paper = Enum(["a4", "us-letter"], default_value="a4", help="Size of the sheet.").tag(config=True)

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters return text here too
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Set the report.

        Parameters
        ----------
        nb : NotebookNode
            An executed notebook.
        resources : dict, optional
            Passed through nbconvert's preprocessors.
        **kw
            Passed to nbconvert's base exporter.

        Returns
        -------
        tuple of bytes and dict
            The PDF and the resources.

        Raises
        ------
        PDFExportError
            If typst refuses the report.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return write_pdf(read_document(nb), self.paper), resources
