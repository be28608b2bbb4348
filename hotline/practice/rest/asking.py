"""One request to the REST API, and what its handler is given."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hotline.practice.book import Call, Conference, Participant, Queue, Recording, Source
from hotline.practice.parameters import Form
from hotline.practice.rest.answers import Json
from hotline.practice.switchboard import Switchboard
from hotline.practice.wrong import INVALID_PARAMETER, RestError, not_found

TWIML_CHARACTERS_MAX = 4000

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that has been let in and whose parameters are known ones."""

    board: Switchboard
    account: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    form: Form

    def call(self, part: str = "Sid") -> Call:
        """The call that the path names. Raises: RestError."""
        return self._found(self.board.desk.book.calls.get(self.parts[part]))

    def queue(self, part: str = "QueueSid") -> Queue:
        """The queue that the path names. Raises: RestError."""
        return self._found(self.board.desk.book.queues.get(self.parts[part]))

    def room(self, part: str = "ConferenceSid") -> Conference:
        """The room that the path names, by its CF identifier only. Raises: RestError."""
        return self._found(self.board.desk.book.conferences.get(self.parts[part]))

    def participant(self) -> tuple[Conference, Participant]:
        """The participant that the path names, by call or by label. Raises: RestError."""
        room = self.room()
        return room, self._found(room.find(self.parts["CallSid"]))

    def recording(self) -> Recording:
        """The recording that the path names. Raises: RestError."""
        found = self.board.desk.book.recordings.get(self.parts["Sid"])
        return self._found(None if found is not None and found.is_deleted else found)

    def source(self) -> Source | None:
        """The document that `Url` or `Twiml` names. Raises: RestError when both do."""
        if "Url" in self.form and "Twiml" in self.form:
            raise RestError(400, INVALID_PARAMETER, "Url and Twiml exclude each other")
        if "Twiml" in self.form:
            if len(self.form.get("Twiml")) > TWIML_CHARACTERS_MAX:
                raise RestError(400, INVALID_PARAMETER, "Twiml holds 4000 characters at most")
            return Source(inline=self.form.get("Twiml"))
        if "Url" in self.form:
            return Source(url=self.form.get("Url"), method=self.form.get("Method", "POST"))
        return None

    def _found(self, thing: Thing | None) -> Thing:
        if thing is None:
            raise not_found(self.path)
        return thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer; no `body` means an empty one."""

    status: int = 200
    body: Json | None = None


Handler = Callable[[Ask], Awaitable[Reply]]
