"""Files that people edit: one that cannot be read stops the start with a sentence that names it."""

import shutil
from pathlib import Path

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.policy import policies


@pytest.mark.parametrize("written", [b"[tasks\n", "# 任务\n".encode("gbk")])
def test_a_file_that_is_no_toml_or_of_another_encoding_is_named(tmp_path: Path, written: bytes):
    folder = tmp_path / "config"
    shutil.copytree(config_dir(), folder)
    (folder / "duty.toml").write_bytes(written)
    with pytest.raises(Broken, match=r"duty\.toml cannot be read"):
        policies.load(folder)
