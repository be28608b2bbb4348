"""What callers and the telephone network do: ring, press, wait, write, come into rooms, go, and go astray."""

from functools import partial
from uuid import UUID

from hypothesis import strategies as st

from hotline.base import ids
from hotline.web.chat.page import NOTICE
from tests.flow.calls import new_sid
from tests.model.things import LEVELS, Caller, End
from tests.model.walk import ANY, Walk, happening

NUMBERS = st.sampled_from([None, "+8613800000001", "+8613800000002"])
LINES = st.sampled_from(["voice", "voice", "voice", "shut voice"])
CHATS = st.sampled_from(["chat", "chat", "chat", "shut chat"])
KEYS = st.sampled_from(["1", "1", "2", "5", "9", ""])
WORDS = st.sampled_from(
    [("none_found", "想跟人聊聊最近的压力"), ("moderate", "我真的很想自杀"), ("high", "我已经计划好怎么死了"),
     ("imminent", "我现在就站在楼顶，准备跳下去")]
)  # fmt: skip
SAFE = st.sampled_from(["yes", "yes", "yes", "unsure", "no"])
AGES = st.sampled_from(["unknown", "14-17", "30-44"])
TRIED = st.sampled_from([None, False, True])
WHYS = st.sampled_from(["completed", "completed", "busy", "no-answer", "failed"])
LATE = st.sampled_from([False, False, False, True])
FORM_LEVELS = {"no": "high", "unsure": "moderate"}


class CallerRules(Walk):
    """Calls and chats."""

    # --- calls

    @happening(number=NUMBERS, line=LINES)
    def ring(self, number: str | None, line: str) -> None:
        """Somebody dials."""
        self.begins("ring")
        sid = new_sid()
        self.tells(partial(self._rings, sid, number, line))

    def _rings(self, sid: str, number: str | None, line: str) -> None:
        origin = number or "anonymous"
        self.posts("/t/arrive", CallSid=sid, From=origin, To=self.lines[line], CallStatus="ringing")
        known = [(caller, end) for caller, end in self.ends("caller") if end.sid == sid]
        if known:
            self.model.asks(*known[0])
            return
        leg_id = self.house.run(self.house.value("select id from leg where sid = $1", sid))
        contact_id = self.house.run(self.house.value("select contact_id from leg where sid = $1", sid))
        caller = Caller(
            id=contact_id,
            channel="voice",
            arrived_at=self.model.now,
            since=self.model.now,
            seen_at=self.model.now,
            number=number,
            is_line_open=line == "voice",
        )
        self.model.arrives(caller, End(id=leg_id, role="caller", state="live", sid=sid))

    @happening(weight=3, number=NUMBERS)
    def call(self, number: str | None) -> None:
        """Somebody dials, and presses what most press."""
        self.begins("call")
        self.tells(partial(self._rings, new_sid(), number, "voice"))
        caller, end = self.ends("caller")[0]
        self.tells(partial(self.presses_keys, caller, end, "menu", "1"))

    @happening(lambda self: self.ends("caller"), which=ANY, keys=KEYS, is_late=LATE)
    def press(self, which: int, keys: str, is_late: bool) -> None:
        """Keys at the menu or while waiting; the first to be asked press first."""
        self.begins("press")
        arriving = [each for each in self.ends("caller") if each[0].state == "arriving"]
        caller, end = self.pick(arriving or self.ends("caller"), which)
        step = "menu" if caller.state == "arriving" else "wait"
        self.tells(partial(self.presses_keys, caller, end, step, keys), is_late=is_late)

    def presses_keys(self, caller: Caller, end: End, step: str, keys: str) -> None:
        silent = "" if keys else "&silent=1"
        self.model.presses(caller, end, step, keys)
        self.posts(f"/t/digits?leg={end.id}&step={step}{silent}", CallSid=end.sid or "", Digits=keys)

    @happening(lambda self: self.ends(), which=ANY, is_late=LATE)
    def ask(self, which: int, is_late: bool) -> None:
        """An end asks what it should experience; a telephone that asks has been picked up."""
        self.begins("ask for the plan")
        caller, end = self.pick(self.ends(), which)
        self.tells(partial(self.asks_plan, caller, end), is_late=is_late)

    def asks_plan(self, caller: Caller, end: End) -> None:
        """The request for a document."""
        place = self.model.picks_up(caller, end)
        text = self.posts(f"/t/plan?leg={end.id}", CallSid=end.sid or "")
        verbs = {"ivr": "<Gather", "park": "<Enqueue", "room": "<Conference", "none": "<Hangup"}
        is_sent_on = caller.state == "diverted" and end.role == "caller"
        assert verbs[place] in text or is_sent_on, (place, text)

    @happening(lambda self: self.among("waiting", "offered", channel="voice"), which=ANY)
    def wait(self, which: int) -> None:
        """A parked caller asks what to hear next, and hears the place."""
        self.begins("wait")
        caller = self.pick(self.among("waiting", "offered", channel="voice"), which)
        end = next(each for each in caller.ends if each.role == "caller")
        self.model.asks(caller, end)
        text = self.posts(f"/t/wait?leg={end.id}", CallSid=end.sid or "", QueueTime=str(self.next_number()))
        assert "<Gather" in text

    @happening(lambda self: self._called(), which=ANY, is_late=LATE)
    def call_in(self, which: int, is_late: bool) -> None:
        """A counselor's page calls in for what it has accepted, now or long ago."""
        self.begins("page calls in")
        caller = self.pick(self._called(), which)
        self.tells(partial(self._calls_in, caller, new_sid(), len(caller.talks) - 1), is_late=is_late)

    def _calls_in(self, caller: Caller, sid: str, nth: int) -> None:
        self.calls_in(caller, sid, nth)

    def _called(self) -> list[Caller]:
        known = self.among(channel="voice")
        lately = [each for each in known if each.state == "connecting"]
        return lately or [each for each in known if each.talks]

    def calls_in(self, caller: Caller, sid: str, nth: int) -> End:
        """The request of the page's call; its end."""
        talk = caller.talks[nth]
        identity = f"client:u_{talk.staff.hex}"
        self.posts("/t/client", CallSid=sid, From=identity, offer=str(talk.offer))
        leg_id = self.house.run(self.house.value("select id from leg where sid = $1", sid))
        end = End(id=leg_id or ids.new_id(), role="counselor", state="live", sid=sid, staff=talk.staff)
        end.offer = talk.offer
        self.model.calls_in(caller, end)
        return end

    @happening(lambda self: self.ends(), which=ANY, older=st.sampled_from([0, 0, 0, 0, 1]), is_late=LATE)
    def join(self, which: int, older: int, is_late: bool) -> None:
        """The network says that somebody came into a room, or into an old one."""
        self.begins("join")
        caller, end = self.pick(self.ends(), which)
        room = f"c_{caller.id.hex}_{max(0, caller.generation - older)}"
        self.tells(partial(self.joins, caller, end, room, self.next_number()), is_late=is_late)

    def joins(self, caller: Caller, end: End, room: str, nth: int) -> None:
        """The report."""
        self.model.joins(caller, end, room, nth)
        self._room("participant-join", end, room, nth)

    def _room(self, event: str, end: End, room: str, nth: int, **more: str) -> None:
        self.posts(
            f"/t/room?room={room}",
            ConferenceSid="CF" + room[2:],
            FriendlyName=room,
            StatusCallbackEvent=event,
            CallSid=end.sid or "",
            SequenceNumber=str(nth),
            **more,
        )

    @happening(
        lambda self: any(end.place == "room" for _, end in self.ends()),
        which=ANY,
        by_own=st.booleans(),
        is_late=LATE,
    )
    def leave(self, which: int, by_own: bool, is_late: bool) -> None:
        """The network says that somebody has left a room, by the own end's hanging up or otherwise."""
        self.begins("leave")
        caller, end = self.pick([each for each in self.ends() if each[1].place == "room"], which)
        nth = self.next_number()
        self.tells(partial(self._leaves, caller, end, caller.room, nth, by_own=by_own), is_late=is_late)

    def _leaves(self, caller: Caller, end: End, room: str, nth: int, *, by_own: bool) -> None:
        self.model.leaves(caller, end, room, nth, by_own=by_own)
        why = "participant_hung_up" if by_own else "conference_ended_via_api"
        self._room("participant-leave", end, room, nth, ReasonParticipantLeft=why)

    @happening(lambda self: any(not end.is_over for _, end in self.ends()), which=ANY, why=WHYS, is_late=LATE)
    def go(self, which: int, why: str, is_late: bool) -> None:
        """The network says that a call is over."""
        self.begins("end")
        caller, end = self.pick([each for each in self.ends() if not each[1].is_over], which)
        self.tells(partial(self.is_told_over, caller, end, why, self.next_number()), is_late=is_late)

    def is_told_over(self, caller: Caller, end: End, why: str, nth: int) -> None:
        self.model.ends(caller, end, why, nth)
        query = f"?leg={end.id}" if end.role == "counselor" else ""
        told = {"CallSid": end.sid or "", "CallStatus": why, "SequenceNumber": str(nth)}
        self.posts(f"/t/ended{query}", **told)

    @happening(lambda self: self.among("offered", "connecting"), weight=2, which=ANY)
    def give_up(self, which: int) -> None:
        """Somebody goes just when a counselor was found."""
        self.begins("give up")
        caller = self.pick(self.among("offered", "connecting"), which)
        if caller.channel == "chat":
            self.goes_from_chat(caller)
        for end in caller.ends:
            if end.role == "caller":
                self.tells(partial(self.is_told_over, caller, end, "completed", self.next_number()))

    @happening(
        lambda self: self._ringing(), which=ANY, keys=st.sampled_from(["1", "1", "5", ""]), is_late=LATE
    )
    def take(self, which: int, keys: str, is_late: bool) -> None:
        """A counselor's telephone is picked up, and a key is pressed on it."""
        self.begins("take by telephone")
        caller, end = self.pick(self._ringing(), which)
        self.tells(partial(self.asks_plan, caller, end))
        self.tells(partial(self.presses_keys, caller, end, "take", keys), is_late=is_late)

    def _ringing(self) -> list[tuple[Caller, End]]:
        return [each for each in self.ends("counselor") if each[1].state in {"ringing", "live"}
                and self.model.people[each[1].staff or each[0].id].has_phone]  # fmt: skip

    @happening(lambda self: any(end.sid not in self.vanished for _, end in self.ends()), which=ANY)
    def vanish(self, which: int) -> None:
        """A call is over and the network tells nobody; an order about it will find out."""
        self.begins("vanish")
        _, end = self.pick(self.ends(), which)
        if end.sid:
            self.vanished.add(end.sid)

    # --- chats

    @happening(weight=2, line=CHATS, safe=SAFE, age=AGES, tried=TRIED)
    def open_chat(self, line: str, safe: str, age: str, tried: bool | None) -> None:
        """The form is filled in."""
        self.begins("open chat")
        told = {"language": "zh", "safe_now": safe, "age_band": age, "attempted_before": tried}
        path = f"/api/chat/{self.lines[line]}/contacts"
        body = told | {"notice_version": NOTICE["version"]}
        answer = self.house.run(self.house.web.post(path, json=body))
        assert answer.status_code == 201, answer.text
        made = answer.json()
        caller = Caller(
            id=UUID(made["contact_id"]),
            channel="chat",
            arrived_at=self.model.now,
            since=self.model.now,
            seen_at=self.model.now,
            token=made["token"],
            is_care=age == "14-17" or tried is True,
        )
        self.model.callers[caller.id] = caller
        level = FORM_LEVELS.get(safe, "moderate" if tried else "none_found")
        caller.form_level = level
        if line == "shut chat" and level != "high":
            self.model.finish(caller, "diverted")
            return
        self.model.join(caller)
        self.model.raise_to(caller, level)

    @happening(lambda self: self.among(channel="chat"), which=ANY, words=WORDS)
    def say(self, which: int, words: tuple[str, str]) -> None:
        """The help-seeker writes; the page may send it again."""
        self.begins("say")
        open_ones = [each for each in self.among(channel="chat") if not each.is_over]
        caller = self.pick(open_ones or self.among(channel="chat"), which)
        client_id = ids.new_id()
        self.tells(partial(self._says, caller, client_id, *words))

    def _says(self, caller: Caller, client_id: UUID, level: str, words: str) -> None:
        told = self.house.run(self.house.say(caller.token, client_id, words))
        if not caller.is_over:
            caller.seen_at = self.model.now
        if client_id in caller.sent:
            assert told["seq"] == caller.sent[client_id]
        elif caller.is_over or caller.state == "wrapping":
            assert told["kind"] == "error"
        else:
            caller.messages += 1
            caller.sent[client_id] = caller.messages
            assert (told["kind"], told["seq"]) == ("stored", caller.messages)
            if level != "none_found":
                self.model.raise_to(caller, max(level, caller.form_level, key=LEVELS.index))

    @happening(lambda self: self.among(channel="chat"), which=ANY)
    def leave_chat(self, which: int) -> None:
        """The help-seeker leaves in a hurry."""
        self.begins("leave chat")
        self.goes_from_chat(self.pick(self.among(channel="chat"), which))

    def goes_from_chat(self, caller: Caller) -> None:
        """The page says good-bye."""
        self.model.leave(caller)
        told = {"token": caller.token}
        assert self.house.run(self.house.web.post("/api/chat/departures", json=told)).status_code == 204
