"""A notebook of everything researchers put into notebooks, for the exporters to stand."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.factory.execution.execute import execute
from analysis.show.display import SENTINEL_MIME

GREAT_TABLE = Path(__file__).parent / "data" / "great_table.html"

PROSE = r"""# Torture

## Words

A paragraph with *emphasis*, **weight**, ~~no more~~, `code`, a [link](https://example.org/a?b=c&d=e), a bare
address https://example.org/bare, a price of $5 and another of $6, and a footnote.[^a] A second one.[^b]

[^a]: The first note, with *emphasis*.
[^b]: The second note.

- one
    - inner, with `code`
        - deeper
- two

1. first
2. second
   1. inner

> A quotation
> of two lines.

```python
def a_function(of_some: int) -> str:  # with a long line that goes on and on and on beyond the edge of a page of A4
    return "text"
```

## Formulas

The Wilson interval has its middle at $\frac{\hat{p} + z^2/2n}{1 + z^2/n}$, and $n \geq 5$ patients; a gain of $x_i$.

$$\mathrm{SEM} = \mathrm{SD}\,\sqrt{1 - \mathrm{ICC}}$$

$$
C(z) = \frac{\phi(z)}{1-\Phi(z)}
$$

A formula that cannot be set: $\undefinedcommand{x}$.

## Scripts

Greek: Ορθοστατική γωνία. Cyrillic: Внутренняя ротация. Polish: zażółć gęślą jaźń. Vietnamese: Tiếng Việt.
Chinese: 髋关节内旋. Japanese: 股関節. Korean: 고관절. Hebrew: ירך. Arabic: مفصل الورك. Hindi: कूल्हा. Emoji: 😀 🦴 👍🏽.
Symbols: ≥ ≤ ± × ° − → α β χ² √ ∑.

| left | centre | right |
|:-----|:------:|------:|
| a $x^2$ | **b** | 1.0 |
| [x](https://example.org) | `c` | 22.5 |
"""

CODE = [
    "import pandas as pd, numpy as np\n"
    "pd.DataFrame({'side': ['left', 'right'], 'n': [120, 98], 'rate': [.583333, .44], 'none': [None, np.nan]})",
    "columns = pd.MultiIndex.from_product([['IR', 'SLR'], ['before', 'after']], names=['measure', 'time'])\n"
    "rows = pd.MultiIndex.from_product([['T1', 'T2'], ['left', 'right']], names=['type', 'side'])\n"
    "pd.DataFrame(np.arange(16).reshape(4, 4), index=rows, columns=columns)",
    "pd.DataFrame(np.arange(90).reshape(3, 30), columns=[f'measure {n}' for n in range(30)])",
    "pd.set_option('display.max_rows', 1000)\n"
    "pd.DataFrame({'patient': [f'P{n:03}' for n in range(120)], 'note': ['some words here'] * 120, 'n': range(120)})",
    "pd.set_option('display.max_rows', 10)\npd.DataFrame({'n': range(100)})",
    "frame = pd.DataFrame({'side': ['left', 'right'], 'rate': [.58, .44]})\n"
    "frame.style.background_gradient().format({'rate': '{:.0%}'}).set_caption('Styled').hide(axis='index')",
    f"from IPython.display import HTML, Image, Latex, Markdown\nHTML(open({str(GREAT_TABLE)!r}).read())",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('A plain figure')\nplt.show()",
    "figure, axes = plt.subplots(figsize=(14, 3))\naxes.bar(list('abc'), [1, 2, 3]);",
    "import statsmodels.api as sm\nx = np.arange(20.0)\nsm.OLS(x + np.sin(x), sm.add_constant(x)).fit().summary()",
    "HTML('<p>Words of <b>HTML</b> around</p><ul><li>one</li><li>two</li></ul><table><tr><td>no</td><td>head</td></tr>"
    "</table><p>and below</p>')",
    "display(Markdown('Computed: $x^2$ and **bold**'), Latex(r'$$\\frac{a}{b}$$'))",
    "pd.Series([1.5, 2.5], index=['left', 'right'], name='rate')",
    "print('printed words, ' * 20)\nprint('\\x1b[31mred\\x1b[0m')\n{'a': 1, 'long': 'x' * 200}",
]


@cache
def executed() -> NotebookNode:
    """Return the notebook with what its cells put out; do not change it."""
    with TemporaryDirectory() as folder:
        run = execute(notebook(), {}, Path(folder))
    assert run.failure is None
    return run.notebook


def notebook() -> NotebookNode:
    """Return the notebook, not yet executed."""
    cover = {
        "title": "Torture",
        "subtitle": "Everything at once",
        "study": "Nobody's study",
        "marks": ["SYNTHETIC", "INTERNAL", "DRAFT"],
        "provenance": [["Data", "sha256 " + "ab12" * 16], ["Rules", "capsule 1.0"]],
    }
    closing = new_code_cell(f"display({{{SENTINEL_MIME!r}: {cover}, 'text/plain': 'end'}}, raw=True)")
    return new_notebook(cells=[new_markdown_cell(PROSE), *map(new_code_cell, CODE), closing])
