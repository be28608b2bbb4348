"""A network in memory, and the workers' settings in a hurry."""

import pytest

from hotline.base.places import config_dir
from hotline.policy import phrases, settings
from hotline.policy.phrases import Phrases
from hotline.policy.settings import Settings, Telephony, Work
from tests.workers.network import Network

QUICK = Work(sweep_seconds=2.0, survey_seconds=60.0, relay_tries_max=3, relay_recover_seconds=0.2)


@pytest.fixture
def network() -> Network:
    """Nothing is up, nothing goes wrong."""
    return Network()


@pytest.fixture
def chosen() -> Settings:
    """The house's settings with a telephone network."""
    telephony = Telephony(kind="twilio", from_number="+861012356001", ring_seconds=20)
    return settings.load(config_dir()).model_copy(update={"work": QUICK, "telephony": telephony})


@pytest.fixture(scope="session")
def words() -> Phrases:
    """What is written to people."""
    return phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")
