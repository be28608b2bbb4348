"""The reference model: what a careful clerk would note while people call, answer and leave.

Plain dictionaries and ifs, no database, nothing of `hotline`. Each verb is one thing that happens in the
world; what it refuses it raises as `Refuses`, with the status that the web must answer with.
"""

from datetime import datetime, timedelta
from uuid import UUID

from tests.model import things
from tests.model.things import LEVELS, Alarm, Caller, Person, Refuses, Ringing, Talk


def after(moment: datetime, seconds: float) -> datetime:
    """So many seconds later."""
    return moment + timedelta(seconds=seconds)


class Reference:
    """Everybody and everything at one centre, at the moment `now`."""

    def __init__(self, now: datetime) -> None:
        """Begin with nobody."""
        self.now = now
        self.people: dict[UUID, Person] = {}
        self.callers: dict[UUID, Caller] = {}
        self.facts: set[tuple[object, ...]] = set()

    def is_first(self, *fact: object) -> bool:
        """Whether this is heard for the first time."""
        if fact in self.facts:
            return False
        self.facts.add(fact)
        return True

    # --- people

    def sign_in(self, person: Person) -> None:
        """Through the door: not ready until the person says so."""
        person.is_in = True
        if person.choice == "signed_out":
            self._choose(person, "not_ready", "signed_in")

    def choose(self, person: Person, choice: str, reason: str | None) -> None:
        """Ready, or not ready for a reason that the house knows."""
        if choice == "not_ready" and reason not in {"break", "meal", "meeting"}:
            raise Refuses(409)
        kept = reason if choice == "not_ready" else None
        if (person.choice, person.reason) != (choice, kept):
            self._choose(person, choice, kept)

    def sign_out(self, person: Person) -> None:
        """Gone home."""
        person.is_in = False
        if person.choice != "signed_out":
            self._choose(person, "signed_out", None)

    def beat(self, person: Person) -> None:
        """The page gives a sign of life."""
        person.heard_at, person.is_connected = self.now, True

    def _choose(self, person: Person, choice: str, reason: str | None) -> None:
        person.choice, person.reason, person.since = choice, reason, self.now

    def set_aside(self, staff: UUID, reason: str) -> None:
        """Not ready for a reason that the person did not choose."""
        person = self.people[staff]
        if person.choice != "signed_out":
            self._choose(person, "not_ready", reason)

    def holds(self, staff: UUID) -> list[Caller]:
        """Who is with this person, ringing included."""
        return [caller for caller in self.callers.values() if caller.held_by == staff]

    def standing(self, person: Person) -> str:
        """The one word for what a person does."""
        states = {caller.state for caller in self.holds(person.id)}
        for state, word in (("talking", "engaged"), ("connecting", "connecting"), ("wrapping", "wrapping"),
                            ("offered", "reserved")):  # fmt: skip
            if state in states:
                return word
        if person.choice == "signed_out":
            return "signed_out"
        if not person.is_connected:
            return "offline"
        if person.choice == "not_ready":
            return "not_ready"
        return "resting" if person.free_at else "ready"

    # --- waiting

    def rank(self, caller: Caller) -> None:
        """Work out the band, and where waiting has brought the caller."""
        caller.band = self._band(caller)
        if caller.joined_at is None:
            return
        steps = max(0, int((self.now - caller.joined_at).total_seconds() // things.AGEING))
        caller.stands_in = max(0, caller.band - steps)
        due = after(caller.joined_at, (steps + 1) * things.AGEING)
        caller.ages_at = due if caller.stands_in else None

    def _band(self, caller: Caller) -> int:
        if caller.is_crisis or caller.generation:
            return 0
        care = things.CARE_BAND if caller.is_care else things.LAST_BAND
        own = min(things.BAND_OF.get(caller.level, things.LAST_BAND), care)
        return own if caller.is_judged else min(caller.band, own)

    def join(self, caller: Caller, earlier: datetime | None = None) -> None:
        """Into the queue, now or at the place of a call that was cut off."""
        caller.state, caller.since, caller.joined_at = "waiting", self.now, earlier or self.now
        self.rank(caller)

    def queue(self) -> list[Caller]:
        """Those who wait, first first."""
        waiting = [caller for caller in self.callers.values() if caller.state == "waiting"]
        return sorted(waiting, key=lambda one: (one.stands_in, _milliseconds(one.joined_at), one.id))

    def put_back(self, caller: Caller, *, no_from: UUID | None = None, is_let_down: bool = False) -> None:
        """Waiting again at the old place; ahead of everybody if it was we who let the caller down."""
        caller.state, caller.since = "waiting", self.now
        caller.held_by = caller.slot = caller.ringing = None
        caller.generation += is_let_down
        caller.said_no += (no_from,) if no_from else ()
        self.rank(caller)

    def leave(self, caller: Caller) -> None:
        """The caller goes, at whatever stage."""
        if caller.state in {"arriving", "waiting", "offered", "connecting"}:
            if caller.talk:
                caller.talk.state = "failed"
            self.finish(caller, "abandoned")
        elif caller.state == "talking":
            self.hang_up(caller)

    def finish(self, caller: Caller, state: str) -> None:
        """Over, without having been answered."""
        caller.state, caller.since, caller.ended_at = state, self.now, self.now
        caller.held_by = caller.slot = caller.ringing = caller.ages_at = None

    # --- offers

    def dispatch(self) -> dict[UUID, UUID]:
        """Everybody who waits, first first, with the free person who has been idle longest."""
        free = [
            person
            for person in self.people.values()
            if person.role == "counselor" and person.choice == "ready" and person.is_connected
        ]
        made: dict[UUID, UUID] = {}
        for caller in self.queue():
            able = [person for person in free if self._suits(caller, person)]
            if not able:
                continue
            chosen = min(able, key=self._idleness)
            free.remove(chosen)
            made[caller.id] = chosen.id
            caller.slot = self._slot(chosen) if caller.channel == "chat" else None
            caller.state, caller.since, caller.held_by = "offered", self.now, chosen.id
            caller.ringing = Ringing(at=chosen.id, until=after(self.now, things.RING))
        return made

    def _idleness(self, person: Person) -> tuple[int, datetime, UUID]:
        chats = sum(caller.state == "talking" for caller in self.holds(person.id))
        return chats, max(person.idle_since, person.since), person.id

    def _suits(self, caller: Caller, person: Person) -> bool:
        if person.free_at is not None or caller.language not in person.languages:
            return False
        waited = (self.now - caller.since).total_seconds()
        if person.id in caller.said_no and waited < things.NOT_AGAIN:
            return False
        held = self.holds(person.id)
        if caller.channel == "chat" and self._slot(person) is None:
            return False
        if not held:
            return True
        if caller.channel == "voice" or caller.is_grave:
            return False
        return all(one.state == "talking" and one.channel == "chat" and not one.is_grave for one in held)

    def _slot(self, person: Person) -> int | None:
        held = self.holds(person.id)
        room = min(person.capacity, things.CHATS_MAX)
        if sum(one.state == "talking" and one.channel == "chat" for one in held) >= room:
            return None
        taken = {one.slot for one in held}
        return next((each for each in range(1, room + 1) if each not in taken), None)

    def accept(self, caller: Caller, staff: UUID) -> None:
        """Take what rings."""
        ringing = self._rings(caller, staff)
        if self.now > ringing.until:
            raise Refuses(409)
        caller.ringing, caller.state, caller.since = None, "connecting", self.now
        caller.talks.append(Talk(staff=staff, offer=ringing.id))
        if caller.channel == "chat":
            self.meet(caller)

    def meet(self, caller: Caller) -> None:
        """The two can talk."""
        talk = caller.talk
        assert talk is not None
        caller.state, caller.since, caller.said_no = "talking", self.now, ()
        caller.answered_at = caller.answered_at or self.now
        talk.state, talk.opened_at = "open", self.now

    def decline(self, caller: Caller, staff: UUID) -> None:
        """Leave it to somebody else."""
        self._rings(caller, staff)
        self.put_back(caller, no_from=staff)

    def miss(self, caller: Caller) -> None:
        """It rang in an empty room."""
        assert caller.ringing is not None
        self.set_aside(caller.ringing.at, "missed")
        self.put_back(caller)

    def _rings(self, caller: Caller, staff: UUID) -> Ringing:
        if caller.ringing is None or caller.ringing.at != staff:
            raise Refuses(409)
        return caller.ringing

    # --- talks

    def counselor_hangs_up(self, caller: Caller, staff: UUID) -> None:
        """On purpose, from the page."""
        talk = caller.talk
        if talk is None or talk.staff != staff:
            raise Refuses(404)
        if talk.state == "connecting":
            raise Refuses(409)
        if talk.state == "open":
            self.hang_up(caller)

    def hang_up(self, caller: Caller) -> None:
        """The talk is over; the record is still open."""
        talk = caller.talk
        assert talk is not None
        caller.state, caller.since, caller.ended_at = "wrapping", self.now, self.now
        talk.state, talk.ended_at = "wrapping", self.now

    def let_down(self, caller: Caller, *, device_of: UUID | None = None) -> None:
        """The counselor does not come, or is lost: the caller is ahead of everybody."""
        talk = caller.talk
        assert talk is not None
        talk.state = "failed" if talk.state == "connecting" else "interrupted"
        self.put_back(caller, is_let_down=True)
        if device_of:
            self.set_aside(device_of, "console" if caller.channel == "chat" else "device")

    def close(self, caller: Caller, talk: Talk) -> None:
        """The record is complete, or the house says what is missing."""
        if talk.state == "closed":
            return
        is_gap = talk.disposition not in things.UNTALKED and (talk.screening is None or talk.result is None)
        if talk.disposition is None or is_gap or talk.state != "wrapping":
            raise Refuses(409)
        assert talk.ended_at is not None
        talk.state, caller.state, caller.since = "closed", "closed", self.now
        caller.held_by = caller.slot = None
        person = self.people[talk.staff]
        until = after(talk.ended_at, things.WRAP_UP)
        person.free_at = max(until, person.free_at or until)
        person.rested_at, person.idle_since = self.now, max(self.now, person.free_at)

    def require_open(self, talk: Talk) -> None:
        """A record that is closed cannot be written in."""
        if talk.state in {"closed", "failed", "interrupted"}:
            raise Refuses(409)

    # --- danger

    def raise_to(self, caller: Caller, level: str, *, by_hand: bool = False) -> None:
        """Somebody or a rule finds this much danger; a team is called in where it has to be."""
        rises = _grave(level) > _grave(caller.level)
        if rises:
            caller.level = level
            self.rank(caller)
        if level not in things.RUNGS:
            return
        alarm = caller.alarm
        if alarm is not None and alarm.is_open:
            self._aggravate(alarm, level)
            if alarm.state == "resolved" and (by_hand or rises or level == "imminent"):
                self._reopen(alarm)
        elif alarm is None or by_hand or rises or level == "imminent":
            caller.alarms.append(self._call_in(caller.level))

    def judge(self, caller: Caller, level: str, *, has_grounds: bool) -> None:
        """A supervisor's own judgement, up or down."""
        before = caller.level
        if _grave(level) < _grave(before) and not has_grounds:
            raise Refuses(409)
        caller.level, caller.is_judged = level, True
        self.rank(caller)
        if level in things.RUNGS and _grave(level) > _grave(before):
            self.raise_to(caller, level, by_hand=True)

    def _call_in(self, level: str) -> Alarm:
        return Alarm(level=level, state="paged", next_at=after(self.now, things.RUNGS[level][0]))

    def _aggravate(self, alarm: Alarm, level: str) -> None:
        if _grave(level) <= _grave(alarm.level):
            return
        alarm.level, alarm.turn = level, alarm.turn + 1
        if alarm.owner is None:
            alarm.rung = alarm.round = 0
            alarm.next_at = after(self.now, things.RUNGS[level][0])
        elif alarm.next_at is not None:
            alarm.next_at = min(alarm.next_at, self._patience(alarm))

    def _reopen(self, alarm: Alarm) -> None:
        alarm.turn += 1
        alarm.said.clear()
        alarm.state, alarm.chased = "acknowledged", 1
        alarm.next_at = after(self.now, things.RUNGS[alarm.level][0])

    def _patience(self, alarm: Alarm) -> datetime:
        return after(self.now, things.PATIENCE[alarm.level][alarm.state])

    def _moves(self, alarm: Alarm, state: str) -> None:
        alarm.state, alarm.chased = state, 0
        alarm.next_at = self._patience(alarm) if alarm.is_open else None

    def acknowledge(self, alarm: Alarm, staff: UUID) -> None:
        """I have it; what has stalled is taken over where it stands."""
        if alarm.owner == staff and alarm.is_open:
            return
        if not alarm.is_open or (alarm.owner is not None and alarm.chased < things.STALLED):
            raise Refuses(409)
        self._moves(alarm, "acknowledged" if alarm.owner is None else alarm.state)
        alarm.owner = staff

    def go_on(self, alarm: Alarm, step: str, person: Person) -> None:
        """Its owner or a supervisor goes on with it; a page may say the same twice."""
        froms, state = {
            "contact": ({"acknowledged"}, "contact_made"),
            "resolution": ({"contact_made"}, "resolved"),
            "closure": ({"resolved"}, "closed"),
            "standing-down": ({"raised", "paged", "acknowledged", "contact_made"}, "stood_down"),
        }[step]
        if alarm.said.get(step) == person.id:
            return
        if step == "resolution" and alarm.state == "acknowledged":
            froms = froms | {"acknowledged"}
        if alarm.state not in froms:
            raise Refuses(409)
        if alarm.owner not in {None, person.id} and person.role != "supervisor":
            raise Refuses(403)
        if step == "resolution" and alarm.state == "acknowledged":
            raise Refuses(409)
        alarm.said[step] = person.id
        self._moves(alarm, state)

    def climb(self) -> None:
        """Whoever has not been heard in time is passed over: the next rung, round and round."""
        for caller in self.callers.values():
            for alarm in caller.alarms[-1:]:
                if alarm.is_open and alarm.next_at and alarm.next_at <= self.now:
                    self._climbs(alarm)

    def _climbs(self, alarm: Alarm) -> None:
        if alarm.owner is not None:
            again = "resolved" if alarm.state == "resolved" else "again"
            alarm.chased += 1
            alarm.next_at = after(self.now, things.PATIENCE[alarm.level][again])
            return
        rungs = things.RUNGS[alarm.level]
        nth = alarm.round * len(rungs) + alarm.rung + 1
        alarm.round, alarm.rung = divmod(nth, len(rungs))
        alarm.next_at = after(self.now, rungs[alarm.rung])


def _grave(level: str) -> int:
    return LEVELS.index(level)


def _milliseconds(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0
