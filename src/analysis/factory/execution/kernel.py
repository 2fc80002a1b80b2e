"""The kernel that runs a report: this interpreter, with nothing of a person's own set-up."""

import subprocess
import sys
from contextlib import ExitStack
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from analysis.machine.processes import environment
from analysis.outputs.private import private_folder

# A helper beside the notebook is found, and a file named as a library is not run in its place.
_OWN_FOLDER_LAST = ["--IPKernelApp.ignore_cwd=True", "--IPKernelApp.exec_lines=import sys; sys.path.append('')"]


class ReportKernelManager(AsyncKernelManager):
    """Starts ``sys.executable`` as kernel, whatever kernels the machine has registered.

    A registered ``python3`` may be another Python, without this package. History, profiles, start-up files
    and the connection file live in a folder of their own that goes when the kernel goes: a report can be
    built by an account without a home folder.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._kept = ExitStack()
        self._home = self._kept.enter_context(private_folder())
        self.connection_file = str(self._home / "connection.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        """The one kernel there is."""
        home = {"IPYTHONDIR": str(self._home), "JUPYTER_CONFIG_DIR": str(self._home)}
        return KernelSpec(
            argv=[sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}", *_OWN_FOLDER_LAST],
            display_name="Report",
            language="python",
            env={**environment(self._home), **home},
        )

    async def start_kernel(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Start the kernel without a terminal: what it prints belongs in the notebook, not in a log."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        await super().start_kernel(**quiet, **kwargs)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Remove the kernel's folder with the rest of its traces."""
        await super().cleanup_resources(restart=restart)
        if not restart:
            self._kept.close()
