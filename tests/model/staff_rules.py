"""What people at consoles do: come and go, take and refuse, talk, write, call for help and answer it."""

from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from hotline.base import ids
from tests.model.things import Alarm, Caller, Person, Refuses, Talk
from tests.model.walk import ANY, Walk, happening

CHOICES = st.sampled_from(["ready", "ready", "ready", "break", "meal", "nonsense"])
READY = st.sampled_from(
    [frozenset({"lin", "mei", "yang"}), frozenset({"lin"}), frozenset({"yang", "mei"}), frozenset({"yang"})]
)
LEVELS = st.sampled_from(["none_found", "low", "moderate", "high", "imminent"])
SCREENINGS = st.sampled_from(["asked_denied", "asked_positive", "not_possible"])
RECORDS = st.sampled_from(
    [("counselling", "calmer"), ("counselling", None), ("wrong_number", None), (None, None)]
)


class StaffRules(Walk):
    """Sign in, be ready, answer, talk, write, escalate."""

    # --- duty

    def comes(self, person: Person) -> None:
        """Through the door."""
        self.model.sign_in(person)
        assert self.house.run(self.house.sign_in(person)).status_code == 200

    def opens_page(self, person: Person) -> None:
        """The console is loaded."""
        self.model.beat(person)
        person.is_watching = True
        self.house.run(self.house.open(person.id))

    def loses_page(self, person: Person) -> None:
        """The console is gone, without a word."""
        person.is_watching = False
        self.house.run(self.house.crash(person.id))

    def chooses(self, person: Person, choice: str) -> None:
        """Ready, or not and why."""
        body: dict[str, Any] = (
            {"choice": "ready"} if choice == "ready" else {"choice": "not_ready", "reason": choice}
        )
        note = partial(self.model.choose, person, body["choice"], body.get("reason"))
        self.presses(person, ("PUT", "/presence"), note, **body)

    @initialize(target_ready=READY)
    def shift_begins(self, target_ready: frozenset[str]) -> None:
        """Everybody comes in and opens the console; most are ready."""
        for person in self.staff():
            self.comes(person)
            self.opens_page(person)
            if person.login.partition("-")[0] in target_ready:
                self.chooses(person, "ready")

    @happening(which=ANY, what=st.sampled_from(["choose", "choose", "page", "page", "door"]), choice=CHOICES)
    def duty(self, which: int, what: str, choice: str) -> None:
        """Somebody changes their presence, loses or reloads the page, goes home or comes back."""
        self.begins(what)
        person = self.pick(self.staff(), which)
        if what == "choose":
            self.chooses(person, choice)
        elif what == "page" and person.is_watching:
            self.loses_page(person)
        elif not person.is_in:
            self.comes(person)
            self.opens_page(person)
        elif not person.is_watching:
            self.opens_page(person)
        elif what == "door":
            self.loses_page(person)
            self.presses(person, ("DELETE", "/session"), partial(self.model.sign_out, person))

    # --- offers

    def accepts(self, caller: Caller, person: Person) -> None:
        """The page's button, or somebody else's who knows the id."""
        assert caller.ringing is not None
        button = ("POST", f"/offers/{caller.ringing.id}/acceptance")
        self.presses(person, button, partial(self._accept, caller, person), 200)

    def _accept(self, caller: Caller, person: Person) -> None:
        if person.role != "counselor":
            raise Refuses(403)
        self.model.accept(caller, person.id)

    def accept(self, which: int, by: int) -> None:
        """Mostly whom it rings at takes it; sometimes another tries to."""
        self.begins("accept")
        caller = self.pick(self.among("offered"), which)
        others = [each for each in self.staff() if each.role in {"counselor", "responder"}]
        assert caller.ringing is not None
        person = self.pick(others, by) if by > 9 else self.model.people[caller.ringing.at]
        self.accepts(caller, person)

    def decline(self, which: int) -> None:
        """Not this one."""
        self.begins("decline")
        caller = self.pick(self.among("offered"), which)
        assert caller.ringing is not None
        person = self.model.people[caller.ringing.at]
        button = ("POST", f"/offers/{caller.ringing.id}/refusal")
        self.presses(person, button, partial(self.model.decline, caller, person.id), reason="tired")

    @happening(
        lambda self: self.among("offered"),
        weight=3,
        which=ANY,
        by=ANY,
        is_wanted=st.sampled_from([True, True, False]),
    )
    def offered(self, which: int, by: int, is_wanted: bool) -> None:
        """An offer is taken, or not."""
        self.accept(which, by) if is_wanted else self.decline(which)

    # --- talks

    @happening(lambda self: self.among("offered", "connecting", "talking", "wrapping"), which=ANY)
    def hang_up(self, which: int) -> None:
        """Whoever holds the caller ends the talk."""
        self.begins("counselor hangs up")
        caller = self.pick(self.among("talking", "connecting", "offered", "wrapping"), which)
        assert caller.held_by is not None
        person = self.model.people[caller.held_by]
        note = partial(self.model.counselor_hangs_up, caller, person.id)
        self.presses(person, ("POST", f"/contacts/{caller.id}/hang-up"), note)

    @happening(lambda self: self.among(), which=ANY)
    def reply(self, which: int) -> None:
        """Lin, Mei or Yang writes in a chat, theirs or not; the page may send it twice."""
        self.begins("reply")
        caller = self.pick(self.among("talking", "wrapping", "offered") or self.among(), which)
        person = self.model.people[caller.held_by] if caller.held_by else self.person("lin")
        client_id = ids.new_id()
        for _ in range(2):
            self.presses(
                person,
                ("POST", f"/contacts/{caller.id}/messages"),
                partial(self._reply, caller, person, client_id),
                201,
                client_id=str(client_id),
                words="我在听",
            )

    def _reply(self, caller: Caller, person: Person, client_id: UUID) -> None:
        if caller.held_by != person.id:
            raise Refuses(404)
        if client_id in caller.sent:
            return
        if caller.channel == "voice" or caller.state in {"offered", "wrapping"}:
            raise Refuses(409)
        caller.messages += 1
        caller.sent[client_id] = caller.messages

    def talks(self) -> list[tuple[Caller, Talk]]:
        """Every engagement there was, those that are live first."""
        known = [(caller, talk) for caller in self.model.callers.values() for talk in caller.talks]
        return sorted(known, key=lambda each: not each[1].is_live)

    def writes(
        self, caller: Caller, talk: Talk, button: tuple[str, str], note: partial[None], **body: Any
    ) -> None:
        """A button of the record, pressed by whoever had the talk."""
        person = self.model.people[talk.staff]
        if (caller.held_by or caller.talks[-1].staff) != talk.staff:
            note = partial(_refuse, 404)
        path = f"/sessions/{talk.id}/{button[1]}"
        self.presses(person, (button[0], path), note, **body)

    def screen(self, which: int, result: str) -> None:
        """What the caller answered when asked about suicide."""
        self.begins("screen")
        caller, talk = self.pick(self.talks(), which)
        self.writes(
            caller, talk, ("PUT", "screening"), partial(self._screen, caller, talk, result), result=result
        )

    def _screen(self, caller: Caller, talk: Talk, result: str) -> None:
        if result == "not_possible":
            raise Refuses(409)
        self.model.require_open(talk)
        talk.screening = result
        if result == "asked_positive":
            self.model.raise_to(caller, "moderate")

    def write(self, which: int, record: tuple[str | None, str | None]) -> None:
        """The record, as it stands on the page."""
        self.begins("record")
        caller, talk = self.pick(self.talks(), which)
        body = {"disposition": record[0], "outcome": record[1]}
        self.writes(caller, talk, ("PUT", "record"), partial(self._write, talk, record), **body)

    def _write(self, talk: Talk, record: tuple[str | None, str | None]) -> None:
        self.model.require_open(talk)
        talk.disposition, talk.result = record

    def close(self, which: int) -> None:
        """The record is to be closed, complete or not."""
        self.begins("close")
        caller, talk = self.pick(self.talks(), which)
        self.writes(caller, talk, ("POST", "closure"), partial(self.model.close, caller, talk))

    def finish(self, which: int) -> None:
        """The record is completed and closed."""
        self.begins("finish")
        caller = self.pick(self.among("wrapping"), which)
        talk = caller.talk
        assert talk is not None
        self.writes(
            caller,
            talk,
            ("PUT", "screening"),
            partial(self._screen, caller, talk, "asked_denied"),
            result="asked_denied",
        )
        record = ("counselling", "calmer")
        note = partial(self._write, talk, record)
        self.writes(caller, talk, ("PUT", "record"), note, disposition=record[0], outcome=record[1])
        self.writes(caller, talk, ("POST", "closure"), partial(self.model.close, caller, talk))

    @happening(
        lambda self: self.talks(),
        weight=2,
        which=ANY,
        what=st.sampled_from(["finish", "finish", "screen", "write", "close"]),
        result=SCREENINGS,
        record=RECORDS,
    )
    def record(self, which: int, what: str, result: str, record: tuple[str | None, str | None]) -> None:
        """Something about the record."""
        if what == "screen":
            self.screen(which, result)
        elif what == "write":
            self.write(which, record)
        elif what == "close" or not self.among("wrapping"):
            self.close(which)
        else:
            self.finish(which)

    # --- danger

    @happening(
        lambda self: self.among(), which=ANY, level=LEVELS, is_call=st.booleans(), is_said=st.booleans()
    )
    def danger(self, which: int, level: str, is_call: bool, is_said: bool) -> None:
        """A person finds a caller in danger, or not so much."""
        if is_call and level in {"high", "imminent"}:
            self.escalate(which, level, is_holder=is_said)
        else:
            self.judge(which, level, "谈过，已稳定" if is_said else "")

    @happening(
        lambda self: self.alarms(),
        weight=2,
        which=ANY,
        who=st.sampled_from(["wu", "zhao"]),
        what=st.sampled_from(["have", "have", "met", "safe", "over", "nothing"]),
    )
    def team(self, which: int, who: str, what: str) -> None:
        """The crisis team answers."""
        steps = {"met": "contact", "safe": "resolution", "over": "closure", "nothing": "standing-down"}
        verb = partial(self.goes_on, step=steps[what]) if what in steps else self.acknowledge
        verb(which, who)

    @happening(lambda self: self.alarms(), which=ANY, is_safe=st.booleans())
    def help(self, which: int, is_safe: bool) -> None:
        """One of the crisis team has it, and ends it."""
        self.acknowledge(which, "wu")
        if is_safe:
            for step in ("contact", "resolution", "closure"):
                self.goes_on(which, "wu", step)
        else:
            self.goes_on(which, "wu", "standing-down")

    def escalate(self, which: int, level: str, *, is_holder: bool) -> None:
        """One button calls the crisis team in."""
        self.begins("raise")
        caller = self.pick(self.among(), which)
        person = self.person("zhao")
        if is_holder and caller.held_by:
            person = self.model.people[caller.held_by]
        button = ("POST", f"/contacts/{caller.id}/escalations")
        note = partial(self.model.raise_to, caller, level, by_hand=True)
        self.presses(person, button, note, 201, level=level, reason="听起来很危险")

    def judge(self, which: int, level: str, basis: str) -> None:
        """The supervisor sets the level."""
        self.begins("judge")
        caller = self.pick(self.among(), which)
        note = partial(self.model.judge, caller, level, has_grounds=bool(basis))
        self.presses(
            self.person("zhao"), ("PUT", f"/contacts/{caller.id}/level"), note, level=level, basis=basis
        )

    def alarms(self) -> list[tuple[Caller, Alarm]]:
        """Every escalation there was, those that are open first."""
        known = [(caller, alarm) for caller in self.model.callers.values() for alarm in caller.alarms]
        return sorted(known, key=lambda each: not each[1].is_open)

    def answers(self, which: int, who: str, verb: str, note: partial[None], **body: Any) -> None:
        """A button of an escalation."""
        caller, alarm = self.pick(self.alarms(), which)
        person = self.person(who)
        latest = caller.alarms[-1]
        is_shown = person.role == "supervisor" or latest.is_open or latest.owner == person.id
        if not is_shown or alarm is not latest:
            note = partial(_refuse, 404)
        self.presses(person, ("POST", f"/escalations/{alarm.id}/{verb}"), note, **body)

    def acknowledge(self, which: int, who: str) -> None:
        """I have it."""
        self.begins("acknowledge")
        _, alarm = self.pick(self.alarms(), which)
        note = partial(self.model.acknowledge, alarm, self.person(who).id)
        self.answers(which, who, "acknowledgement", note)

    def goes_on(self, which: int, who: str, step: str) -> None:
        """The person was reached; is safe; it is put away; or it was nothing after all."""
        self.begins(step)
        caller, alarm = self.pick(self.alarms(), which)
        person = self.person(who)
        note = partial(self.model.go_on, alarm, step, person)
        is_judged = caller.is_judged and caller.level == "imminent" and alarm.owner is None
        if step == "standing-down" and is_judged and person.role != "supervisor" and alarm.is_open:
            note = partial(_refuse, 403)
        body = {
            "contact": {"how": "telephone", "words": ""},
            "resolution": {"outcome": "admitted", "words": ""},
            "closure": {"seen": 1000},
            "standing-down": {"reason": "误报"},
        }[step]
        self.answers(which, who, step, note, **body)


def _refuse(status: int) -> None:
    raise Refuses(status)
