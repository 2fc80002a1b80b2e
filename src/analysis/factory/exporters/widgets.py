"""What a reader can see of a widget: what was displayed in it, and its words; never what is for operating."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

_WORDS: Mapping[str, Callable[[str], str]] = {"HTMLModel": str, "HTMLMathModel": str, "LabelModel": escape}


def outputs_in(name: str, widgets: Mapping[str, Any]) -> list[NotebookNode]:
    """List the outputs that a widget and the widgets within it hold, in order.

    Parameters
    ----------
    name : str
        The widget's own number, as its view states it.
    widgets : mapping of str to object
        The states of all widgets of a notebook, by number.
    """
    state = widgets.get(name, {}).get("state", {})
    found = list(state.get("outputs", ()))
    kind, words = state.get("_model_name"), state.get("value")
    if kind in _WORDS and words:
        found.append(new_output("display_data", {"text/html": f"<p>{_WORDS[kind](str(words))}</p>"}))
    for child in state.get("children", ()):
        found += outputs_in(str(child).removeprefix("IPY_MODEL_"), widgets)
    return found
