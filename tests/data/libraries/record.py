"""Record what libraries put out in a notebook; run by hand where they are installed, never in the tests.

    pip install nbclient ipykernel plotly==7.1.0 bokeh==3.9.2 altair==6.3.0 vl-convert-python==1.9.0.post1 \
        great-tables==1.1.0 plotnine==0.15.9 tqdm==4.70.1 ipywidgets==8.1.9 rich==15.0.0 pandas==3.1.1 pillow
    python tests/data/libraries/record.py

Scripts longer than 300 letters are cut to that: plotly puts 4.8 MB of its own into every notebook.
"""

import json
import re
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

CELLS = {
    "plotly": "import plotly.graph_objects as go\ngo.Figure(go.Scatter(x=[1, 2], y=[3, 4]))",
    "plotly as JSON": "import plotly.io as pio\npio.renderers.default = 'plotly_mimetype'\n"
    "go.Figure(go.Scatter(x=[1, 2], y=[3, 4])).update_layout(template=None)",
    "bokeh prepares": "from bokeh.plotting import figure, output_notebook, show\noutput_notebook()",
    "bokeh": "drawn = figure(width=300, height=200)\ndrawn.line([1, 2], [3, 4])\nshow(drawn)",
    "bokeh named": "drawn",
    "altair": "import altair as alt, pandas as pd\n"
    "frame = pd.DataFrame({'side': ['left', 'right'], 'rate': [0.4, 0.6]})\n"
    "chart = alt.Chart(frame, title='Rates by side').mark_bar().encode(x='side', y='rate')\nchart",
    "altair as SVG": "alt.renderers.enable('svg')\nchart",
    "great-tables": "from great_tables import GT\nGT(frame).tab_header('Rates', 'by side').fmt_percent('rate')",
    "styler": "frame.assign(note=['a$b$c', '#let *x*']).style.format(precision=1).set_caption('Rates $x$')"
    ".background_gradient(subset=['rate'])",
    "plotnine": "from plotnine import aes, geom_col, ggplot, theme\nggplot(frame, aes('side', 'rate')) + geom_col() + "
    "theme(figure_size=(1, 1), dpi=40)",
    "gif": "import io\nfrom IPython.display import HTML, IFrame, Image, display\nfrom PIL import Image as Bitmap\n\n\n"
    "def picture(kind):\n    file = io.BytesIO()\n    Bitmap.new('RGB', (12, 6), 'teal').save(file, kind)\n"
    "    return file.getvalue()\n\n\nImage(picture('GIF'))",
    "webp": "Image(picture('WEBP'), format='webp')",
    "from elsewhere": "Image(url='https://example.org/a.png')",
    "frame": "IFrame('https://example.org', 300, 200)",
    "pdf": "%matplotlib inline\n%config InlineBackend.figure_formats = ['pdf']\n"
    "from matplotlib import pyplot\npyplot.figure(figsize=(1, 1))\npyplot.plot([1, 2]);",
    "tqdm": "import sys\nfrom tqdm import tqdm\nfor _ in tqdm(range(3), desc='hips', file=sys.stdout):\n    pass",
    "tqdm.notebook": "from tqdm.notebook import tqdm\nfor _ in tqdm(range(3), desc='hips'):\n    pass",
    "rich": "from rich.console import Console\nfrom rich.progress import track\n"
    "for _ in track(range(3), console=Console(force_jupyter=False, force_terminal=True)):\n    pass",
}


def main() -> None:
    """Run the cells and write their outputs."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    NotebookClient(notebook).execute()
    recorded = {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}
    text = json.dumps(recorded, indent=1, ensure_ascii=False, default=dict)
    text = re.sub(r"(<script(?:(?!</script).){300})(?:(?!</script|(?<!\\)\").)*", r"\1", text)
    Path(__file__).with_name("outputs.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
