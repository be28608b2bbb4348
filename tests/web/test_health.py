"""Health tries whether pokes are heard: a connection that stands and says nothing is no hearing."""

from hotline.base.tasks import Crew
from hotline.store import engine
from hotline.store.signal import Signal
from hotline.web import health
from tests.journeys.drills import until


async def test_a_node_that_hears_itself_by_way_of_the_database_is_not_deaf(database_url: str):
    signal = Signal(engine.connect_arguments(database_url))
    async with Crew() as crew:
        crew.keep("in", signal.listen)
        await until(lambda: _listens(signal), "it listens")
        assert not await health._hears(signal), "what nobody passes on is not heard, though the line stands"
        crew.keep("out", signal.send)
        assert await health._hears(signal)


async def test_a_node_that_cannot_listen_is_deaf():
    assert not await health._hears(Signal(None))


async def _listens(signal: Signal) -> bool:
    return signal.is_listening
