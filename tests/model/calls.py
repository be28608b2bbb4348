"""The reference model of calls: their ends, the documents that they are answered with, what the network says.

A document tells an end where to be (`ivr`, `park`, `room` or nowhere), and that follows from how everybody
stands, whoever asks and however often. What the network reports counts once.
"""

from typing import Final
from uuid import UUID

from tests.model import things
from tests.model.reference import Reference, after
from tests.model.things import Caller, End

BEFORE_ANSWER: Final = frozenset({"arriving", "waiting", "offered", "connecting"})
LANGUAGES: Final = {"1": "zh", "2": "en"}
ALONE_SECONDS: Final = 3


class Calls(Reference):
    """The reference with telephones."""

    def end_of(self, sid: str) -> tuple[Caller, End]:
        """Whose end has this id at the network."""
        found = ((caller, end) for caller in self.callers.values() for end in caller.ends)
        return next((caller, end) for caller, end in found if end.sid == sid)

    # --- documents

    def place(self, caller: Caller, end: End) -> str:
        """Where an end should be now."""
        if end.role == "caller":
            if caller.state == "arriving":
                return "ivr"
            if caller.state in {"waiting", "offered"}:
                return "park"
            if caller.state == "connecting":
                return "room" if self._has_come(caller) else "park"
            return "room" if caller.state == "talking" else "none"
        if caller.ringing and caller.ringing.id == end.offer and caller.state == "offered":
            return "ivr"
        is_mine = self.is_holders(caller, end)
        return "room" if is_mine and caller.state in {"connecting", "talking"} else "none"

    def is_holders(self, caller: Caller, end: End) -> bool:
        """Whether this is an end of whoever has the caller now."""
        return end.staff == caller.held_by and end.generation == caller.generation

    def _counselors_end(self, caller: Caller) -> End | None:
        mine = [end for end in caller.ends if end.role == "counselor" and not end.is_over]
        return next((end for end in mine if self.is_holders(caller, end)), None)

    def _has_come(self, caller: Caller) -> bool:
        end = self._counselors_end(caller)
        return end is not None and end.state == "live" and end.place == "room"

    def is_done_with(self, caller: Caller, end: End) -> bool:
        """Whether an end has no part left to play."""
        if end.role == "caller":
            return caller.state == "abandoned" or (caller.state == "closed" and end.place == "none")
        return self.place(caller, end) == "none"

    def asks(self, caller: Caller, end: End) -> str:
        """The end hears where it belongs, and goes there."""
        place = self.place(caller, end)
        _move(end, place)
        return place

    def arrives(self, caller: Caller, end: End) -> None:
        """A call rings: it is on record before it hears anything."""
        caller.ends.append(end)
        self.callers[caller.id] = caller
        self.asks(caller, end)

    def presses(self, caller: Caller, end: End, step: str, keys: str) -> str:
        """Keys, or silence; the same keys at the same question count once."""
        if self.is_first("keys", end.id, step, keys):
            if step == "take":
                self._takes(caller, end, keys)
            elif caller.state == "arriving":
                self._enters(caller, keys)
            elif keys == "9" and caller.state in BEFORE_ANSWER and not caller.is_crisis:
                caller.is_crisis = True
                self.rank(caller)
                self.raise_to(caller, "high")
        return self.asks(caller, end)

    def _enters(self, caller: Caller, keys: str) -> None:
        caller.language = LANGUAGES.get(keys, caller.language)
        if not caller.is_line_open and keys != "9":
            self.finish(caller, "diverted")
            return
        caller.is_crisis = keys == "9"
        before = [one for one in self.callers.values() if one.number == caller.number and caller.number]
        past = [one for one in before if one.state not in {"arriving", "talking"}]
        waits = [one.joined_at for one in past if one.joined_at and self._is_unanswered(one, before)]
        self.join(caller, max(waits, default=None))
        if caller.is_crisis or any(one.is_grave for one in past):
            self.raise_to(caller, "high")
        elif caller.number is None:
            self.raise_to(caller, "unknown")  # nobody knows what was before

    def _is_unanswered(self, one: Caller, before: list[Caller]) -> bool:
        """A call of the same number that stands, perhaps cut off already, or was left a short while ago."""
        if one.state in {"waiting", "offered", "connecting"}:
            return True
        if (
            one.state != "abandoned"
            or one.ended_at is None
            or one.ended_at <= after(self.now, -things.RETURN)
        ):
            return False
        return not any(other.answered_at and other.answered_at > one.ended_at for other in before)

    def _takes(self, caller: Caller, end: End, keys: str) -> None:
        ringing = caller.ringing
        if ringing is None or ringing.id != end.offer or ringing.until <= self.now:
            return
        if keys == "1":
            self.accept(caller, ringing.at)
        else:
            self.put_back(caller, no_from=ringing.at)

    def picks_up(self, caller: Caller, end: End) -> str:
        """A call asks for its document; that it asks says that it is up."""
        if end.state in {"expected", "ringing"}:
            end.state = "live"
        return self.asks(caller, end)

    def calls_in(self, caller: Caller, end: End) -> bool:
        """A counselor's page calls in; whoever calls in again takes the place of the older end."""
        if caller.held_by != end.staff or caller.state not in {"connecting", "talking"}:
            return False
        known = next((each for each in caller.ends if each.sid == end.sid), None)
        if known is None:
            if not self.is_first("page", end.sid):
                return False
            for each in caller.ends:
                if each.staff == end.staff and not each.is_over:
                    self._down(each, "superseded")
            end.generation = caller.generation
            caller.ends.append(end)
        self.asks(caller, known or end)
        return True

    # --- reports

    def joins(self, caller: Caller, end: End, room: str, nth: int) -> None:
        """The network says that somebody is in a room; when both are, the talk has begun."""
        if not self.is_first("room", room, nth) or room != caller.room or end.is_over:
            return
        end.state = "live"
        _move(end, "room")
        end.is_joined = True
        mine = self._counselors_end(caller)
        theirs = next((each for each in caller.ends if each.role == "caller" and not each.is_over), None)
        if caller.state == "connecting" and mine and mine.is_joined and theirs and theirs.is_joined:
            self.meet(caller)

    def leaves(self, caller: Caller, end: End, room: str, nth: int, *, by_own: bool) -> None:
        """The network says that somebody has left a room."""
        if not self.is_first("room", room, nth) or room != caller.room or end.place != "room":
            return
        end.place, end.is_joined = "none", False
        if by_own and end.role == "counselor" and caller.state == "talking":
            self._counselor_gone(caller, end, "completed")

    def ends(self, caller: Caller, end: End, why: str, nth: int) -> None:
        """The network says that a call is over."""
        if self.is_first("over", end.sid, nth):
            self.falls(caller, end, why)

    def falls(self, caller: Caller, end: End, why: str) -> None:
        """An end is down; what follows depends on whose it was."""
        if end.is_over:
            return
        was_ringing = caller.ringing
        self._down(end, why)
        if end.role == "caller":
            self.leave(caller)
        elif caller.state == "offered" and was_ringing and was_ringing.id == end.offer:
            self._unanswered(caller, was_ringing.at, why)
        elif caller.state == "connecting" and self.is_holders(caller, end):
            self.let_down(caller)

    def _unanswered(self, caller: Caller, staff: UUID, why: str) -> None:
        if why == "no-answer":
            self.miss(caller)
        elif why == "completed":
            self.put_back(caller, no_from=staff)
        else:
            self.put_back(caller)
            self.set_aside(staff, "device")

    def _counselor_gone(self, caller: Caller, end: End, why: str) -> None:
        """In mid-talk: a telephone that was hung up has ended the talk, anything else has lost it."""
        if not self.is_holders(caller, end) or caller.talk is None or end.staff is None:
            return
        if self.people[end.staff].has_phone and why == "completed":
            self.hang_up(caller)
        else:
            self.let_down(caller, device_of=end.staff)

    def _down(self, end: End, why: str) -> None:
        end.state, end.place, end.is_joined = "ended", "none", False
        end.ended_at, end.why = self.now, why

    # --- our own orders, as the network carries them out

    def dials(self, caller: Caller, end: End, sid: str) -> bool:
        """A counselor's telephone is rung, unless that is not wanted any more; whether it was."""
        if end.state != "expected" or end.place == "dialled":
            return False
        if self.is_done_with(caller, end):
            self._down(end, "not_wanted")
            return False
        end.state, end.sid = "ringing", sid
        _move(end, "dialled")
        return True

    def is_steered(self, caller: Caller, end: End) -> bool:
        """Whether an order to ask for the document is still wanted."""
        is_lost = end.state == "live" and self.place(caller, end) != end.place
        return is_lost and not self.is_done_with(caller, end)

    def drops(self, caller: Caller, end: End) -> None:
        """An end with no part to play is ended."""
        if end.is_over or not self.is_done_with(caller, end):
            return
        if end.sid is not None:
            self.falls(caller, end, "dropped")
        elif end.place != "dialled":
            self._down(end, "not_wanted")

    # --- sweeps

    def keep(self) -> None:
        """One look of the keeper: everything whose time has come."""
        callers = list(self.callers.values())
        for caller in callers:
            if caller.ringing and caller.ringing.until <= self.now:
                self.miss(caller)
        slow = [
            one
            for one in callers
            if one.state == "connecting" and one.since < after(self.now, -things.CONNECT)
        ]
        lost = [one for one in callers if one.state == "talking" and self._is_deserted(one)]
        for caller in slow:
            self.let_down(caller)
        for caller in lost:
            assert caller.held_by is not None
            self.let_down(caller, device_of=caller.held_by)
        for person in self.people.values():
            if (
                person.is_connected
                and person.heard_at
                and person.heard_at <= after(self.now, -things.HEARTBEAT)
            ):
                person.is_connected = False
            if person.free_at and person.free_at <= self.now:
                person.free_at = person.rested_at = None
        for caller in callers:
            is_quiet = caller.seen_at is not None and caller.seen_at < after(self.now, -things.CHAT_SILENT)
            if caller.channel == "chat" and is_quiet and caller.state in {"waiting", "offered"}:
                self.leave(caller)
            if caller.state == "waiting" and caller.ages_at and caller.ages_at <= self.now:
                self.rank(caller)

    def _is_deserted(self, caller: Caller) -> bool:
        assert caller.held_by is not None
        person = self.people[caller.held_by]
        if caller.channel == "voice" and person.has_phone:
            return False
        patience = things.CHAT_LOST if caller.channel == "chat" else things.CALL_LOST
        is_silent = person.heard_at is not None and person.heard_at < after(self.now, -patience)
        return person.choice == "signed_out" or is_silent

    def settle(self) -> None:
        """The sweep over calls: a caller who was left alone in the room waits again, ahead."""
        for caller in self.callers.values():
            if caller.state != "talking" or caller.channel != "voice":
                continue
            mine = [end for end in caller.ends if end.role == "counselor" and self.is_holders(caller, end)]
            theirs = next((end for end in caller.ends if end.role == "caller" and not end.is_over), None)
            if not mine or not theirs or theirs.state != "live" or theirs.place != "room":
                continue
            last = max(mine, key=lambda end: end.ended_at or self.now)
            if last.ended_at and last.ended_at <= after(self.now, -ALONE_SECONDS):
                self._counselor_gone(caller, last, last.why or "")


def _move(end: End, place: str) -> None:
    if end.place != place and not end.is_over:
        end.place, end.is_joined = place, False
