"""The door by which papermill finds the engine.

papermill imports every registered engine whenever it is imported itself, and the engine is built on papermill:
a door that opens on use breaks the circle and costs nobody else a thing.
"""

from typing import Any


class CapsuleEngine:
    """What ``papermill --engine capsule`` calls; see `analysis.factory.execution.engine`."""

    @classmethod
    def execute_notebook(cls, *args: Any, **kwargs: Any) -> Any:
        """Execute a notebook; see ``papermill.engines.Engine``."""
        return cls._engine().execute_notebook(*args, **kwargs)

    @classmethod
    def nb_kernel_name(cls, *args: Any, **kwargs: Any) -> Any:
        """Name a notebook's kernel."""
        return cls._engine().nb_kernel_name(*args, **kwargs)

    @classmethod
    def nb_language(cls, *args: Any, **kwargs: Any) -> Any:
        """Name a notebook's language."""
        return cls._engine().nb_language(*args, **kwargs)

    @staticmethod
    def _engine() -> Any:
        from analysis.factory.execution.engine import CapsuleEngine as Engine

        return Engine
