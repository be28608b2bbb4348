"""A rolling upgrade: the release before runs on the new schema, beside the new one, and nobody is lost.

The order of an upgrade is expand, code, contract: the schema grows first, while the old code runs; then one
node after the other gets the new code; what nobody uses any more goes with a later release. So the old code
must survive the schema of today, and any column, table and index that comes while it runs. Its text is taken
from the history of this repository: the commit in `previous.txt`.
"""

import asyncio
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from hotline.base.places import migrations_dir
from hotline.store import migrate
from tests import database
from tests.drills import judged, newcomer
from tests.drills.floor import Floor, Size, floor
from tests.drills.ground import SEED, Ground
from tests.drills.verdict import Verdict
from tests.journeys.drills import hurried_config, until
from tests.journeys.server import own_server

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]

HERE = Path(__file__).parents[2]
CROWD = Size(callers=2, writers=2, counselors=3, serves=2, works=2)
NODES = ("serve-1", "work-1", "serve-2", "work-2")
PARTS = ("hotline", "config", "migrations")
TRIES = 5
GROWN_SECONDS_MAX = 60.0
"""Every connection has to read the new columns; a page that gets no answer comes again after seconds."""
BEHIND = "-P"
"""Python does not look into its working folder first, so PYTHONPATH says whose code runs."""

EXPAND = '''"""Made up by a test: a release that adds to everything."""

from alembic import op

revision = "tomorrow"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that may be empty and one with a value in every table, an index in each, and a table."""
    for table in {tables}:
        op.execute(f"alter table {{table}} add column of_tomorrow text")
        op.execute(f"alter table {{table}} add column count_of_tomorrow int not null default 0")
        op.execute(f"create index ix_tomorrow_{{table}} on {{table}} (of_tomorrow)")
    op.execute("create table tomorrow (id uuid primary key, words text)")
'''


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before, in a folder of its own."""
    lines = (Path(__file__).parent / "previous.txt").read_text().splitlines()
    commit = next(line for line in lines if line and not line.startswith("#"))
    taken = subprocess.run(
        ["git", "-C", str(HERE), "archive", "--format=tar", commit, *PARTS],
        capture_output=True, check=False,
    )  # fmt: skip
    assert taken.returncode == 0, (
        f"The release before this one is commit {commit} (tests/migrations/previous.txt), and it is not in "
        f"this clone: fetch the whole history (git fetch --unshallow). {taken.stderr.decode()}"
    )
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(taken.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


async def test_the_release_before_lives_with_the_new_schema_and_beside_the_new_code(
    previous: Path, tmp_path: Path
):
    ground = Ground(seed=SEED, home=tmp_path)
    old = {
        "PYTHONPATH": str(previous),
        "HOTLINE_CONFIG": str(hurried_config(tmp_path / "old", previous / "config")),
    }
    async with own_server() as server, floor(
        ground, CROWD, standing_on=server.url,
        entry={name: [BEHIND, "-m", "hotline"] for name in NODES},
        own=dict.fromkeys(NODES, old),
    ) as busy:  # fmt: skip
        await busy.open()
        await until(lambda: newcomer.is_served(busy), "the release before takes messages")
        await _expands(busy, tmp_path / "migrations")
        await until(lambda: newcomer.is_served(busy), "it does on the schema of tomorrow", GROWN_SECONDS_MAX)
        for name in ("serve-2", "work-2"):
            await busy.house.kill(name)
            del busy.house.entry[name], busy.house.own[name]
            await busy.house.start(name)
        await until(busy.balancer.is_complete, "old and new stand beside each other")
        assert await _code_of(busy, "serve-1") == previous / "hotline"
        assert await _code_of(busy, "serve-2") == HERE / "hotline"
        await judged.the_living(busy)
        await judged.everybody(busy)
    Verdict(name="rolling upgrade", seed=SEED, seconds=0, rows=ground.rows).holds()


async def _expands(busy: Floor, folder: Path) -> None:
    """Grow the schema while everybody works; a revision that does not get its locks is tried again."""
    url = busy.house.url
    shutil.copytree(migrations_dir(), folder)
    line = await database.connected(url)
    try:
        rows = await line.fetch("select tablename from pg_tables where schemaname = 'public'")
        head = await line.fetchval("select version_num from alembic_version")
    finally:
        await line.close()
    tables = sorted(row["tablename"] for row in rows if row["tablename"] != "alembic_version")
    (folder / "versions" / "tomorrow.py").write_text(EXPAND.format(head=head, tables=tables))
    for nth in range(TRIES):
        try:
            await migrate.upgrade(url, folder)
            return
        except DBAPIError:
            if nth == TRIES - 1:
                raise


async def _code_of(busy: Floor, name: str) -> Path:
    """Where a node has its code from."""
    process = busy.house.running[name]
    environment = await asyncio.to_thread(Path(f"/proc/{process.pid}/environ").read_bytes)
    told = dict(each.split(b"=", 1) for each in environment.split(b"\0") if b"=" in each)
    return Path(told.get(b"PYTHONPATH", str(HERE).encode()).decode()) / "hotline"
