"""What the model says and what the house says, in one shape, so that the two can be held side by side."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from hotline.store import live as store_live
from tests.model.calls import Calls
from tests.model.house import Card, House
from tests.model.things import Caller, Person
from tests.stage import Stage

BAND_STEP: Final = 10**14
"""What a rank counts for each band, besides the milliseconds of joining."""

Side = dict[tuple[object, ...], tuple[object, ...]]


def supposed(model: Calls) -> Side:
    """Everything, as the model has it."""
    side: Side = {("queue",): tuple(caller.id for caller in model.queue())}
    for person in model.people.values():
        side["person", person.id] = (
            person.choice,
            person.reason,
            person.since,
            person.heard_at,
            person.is_connected,
            person.free_at,
            person.idle_since,
        )
    for caller in model.callers.values():
        side["caller", caller.id] = _caller(caller)
        side["ringing", caller.id] = (caller.ringing.at, caller.ringing.until) if caller.ringing else ()
        side["talks", caller.id] = tuple(
            (talk.staff, talk.state, talk.opened_at, talk.screening) for talk in caller.talks
        )
        side["alarms", caller.id] = tuple(
            (
                alarm.level,
                alarm.state,
                alarm.rung,
                alarm.round,
                alarm.owner,
                alarm.next_at,
                alarm.turn,
                alarm.chased,
            )
            for alarm in caller.alarms
        )
        side["ends", caller.id] = tuple(
            (end.role, end.state, end.sid, end.staff, end.generation, end.place, end.is_joined, end.why)
            for end in sorted(caller.ends, key=lambda end: end.id)
        )
    return side


def _caller(caller: Caller) -> tuple[object, ...]:
    return (
        caller.state,
        caller.since,
        caller.joined_at,
        caller.answered_at,
        caller.level,
        caller.is_judged,
        caller.band,
        caller.stands_in if caller.joined_at else None,
        caller.held_by,
        caller.slot,
        caller.generation,
        caller.said_no,
        caller.messages,
        caller.language,
        caller.seen_at,
    )


async def seen(house: House, model: Calls) -> Side:
    """Everything, as it stands in the tables; the ids of what the house has made are learnt by the way."""
    async with house.store.connection() as connection:
        people = await connection.fetch("select * from presence")
        contacts = await connection.fetch("select * from contact order by rank, id")
        offers = await connection.fetch("select * from offer where state = 'pending'")
        sessions = await connection.fetch("select * from session order by begun_at")
        escalations = await connection.fetch("select * from escalation order by declared_at")
        legs = await connection.fetch("select * from leg order by id")
    side: Side = {("queue",): tuple(row["id"] for row in contacts if row["state"] == "waiting")}
    for row in people:
        side["person", row["id"]] = tuple(
            row[name]
            for name in ("choice", "reason", "since", "heartbeat_at", "is_connected", "free_at", "idle_since")
        )
    for row in contacts:
        contact_id = row["id"]
        caller = model.callers.get(contact_id)
        mine = [[each for each in rows if each["contact_id"] == contact_id]
                for rows in (offers, sessions, escalations, legs)]  # fmt: skip
        side["caller", contact_id] = _contact(row)
        side["ringing", contact_id] = next(iter(_of(mine[0], "staff_id", "deadline_at")), ())
        side["talks", contact_id] = _of(mine[1], "staff_id", "state", "opened_at", "screening")
        side["alarms", contact_id] = _of(
            mine[2], "level", "state", "rung", "round", "owner_id", "next_rung_at", "turn", "chased"
        )
        side["ends", contact_id] = tuple(
            (*(each[name] for name in ("role", "state", "sid", "staff_id", "generation", "place")),
             each["joined_at"] is not None, each["end_reason"])
            for each in mine[3]
        )  # fmt: skip
        if caller is not None:
            _learn(caller, *mine[:3])
    return side


def _of(rows: list[Any], *names: str) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(row[name] for name in names) for row in rows)


def _contact(row: Any) -> tuple[object, ...]:
    names = ("state", "since", "joined_at", "answered_at", "level", "level_is_human", "band")
    rest = ("counselor_id", "chat_slot", "generation")
    return (
        *(row[name] for name in names),
        row["rank"] // BAND_STEP if row["joined_at"] else None,
        *(row[name] for name in rest),
        tuple(row["declined_by"]),
        row["messages"],
        row["language"],
        row["seen_at"],
    )


def _learn(caller: Caller, offers: list[Any], sessions: list[Any], escalations: list[Any]) -> None:
    if caller.ringing and offers:
        caller.ringing.id = offers[0]["id"]
    for talk, row in zip(caller.talks, sessions, strict=False):
        talk.id = row["id"]
    for alarm, row in zip(caller.alarms, escalations, strict=False):
        alarm.id = row["id"]


# ------------------------------------------------------------------------------------------- screens


SPOKEN_OF = ("counselor", "contact", "offer", "escalation")


def screen(model: Calls) -> dict[str, Card]:
    """The cards that the whole centre must show, each with what matters on it and for whom it is."""
    cards: dict[str, Card] = {}
    for person in model.people.values():
        cards[f"counselor:{person.id}"] = _person_card(model, person)
    for caller in model.callers.values():
        if not caller.is_over:
            cards[f"contact:{caller.id}"] = _contact_card(caller)
        if caller.ringing:
            cards[f"offer:{caller.ringing.id}"] = {
                "contact_id": str(caller.id),
                "level": caller.level,
                "deadline_at": moment(caller.ringing.until),
                "for": {f"desk {caller.ringing.at}"},
            }
        for alarm in caller.alarms:
            if alarm.is_open:
                holder = {f"desk {each}" for each in (caller.held_by, alarm.owner) if each}
                cards[f"escalation:{alarm.id}"] = {
                    "level": alarm.level,
                    "state": alarm.state,
                    "rung": alarm.rung,
                    "next_rung_at": moment(alarm.next_at),
                    "counselor_id": text(caller.held_by),
                    "for": {"board", "crisis"} | holder,
                }
    return cards


def _person_card(model: Calls, person: Person) -> Card:
    held = model.holds(person.id)
    return {
        "state": model.standing(person),
        "choice": person.choice,
        "chats": sum(one.state == "talking" and one.channel == "chat" for one in held),
        "voice": any(one.state == "talking" and one.channel == "voice" for one in held),
        "free_at": moment(person.free_at),
        "for": {"board", f"desk {person.id}"},
    }


def _contact_card(caller: Caller) -> Card:
    alarm = caller.alarm if caller.alarm and caller.alarm.is_open else None
    audience = {"board", f"desk {caller.held_by}"} if caller.held_by else {"board"}
    return {
        "state": caller.state,
        "since": moment(caller.since),
        "level": caller.level,
        "band": caller.band,
        "effective_band": caller.stands_in if caller.joined_at else caller.band,
        "joined_at": moment(caller.joined_at),
        "answered_at": moment(caller.answered_at),
        "opened_at": moment(caller.talk.opened_at if caller.talk else None),
        "counselor_id": text(caller.held_by),
        "offer_to": text(caller.ringing.at if caller.ringing else None),
        "messages": caller.messages,
        "screening": caller.talk.screening if caller.talk else None,
        "escalation_id": text(alarm.id if alarm else None),
        "for": audience | ({"crisis"} if alarm else set[str]()),
    }


async def fresh(house: House, stage: Stage) -> store_live.Snapshot:
    """What pages would show that were opened now."""
    async with house.store.connection() as connection:
        return await store_live.snapshot(connection, house.store.vault, frozenset({stage.centre.id}), 1000)


def shown(shot: store_live.Snapshot, wanted: dict[str, Card]) -> dict[str, Card]:
    """The cards of a fresh screen, cut down to what the model speaks of; tasks it knows nothing of."""
    cards: dict[str, Card] = {}
    for card_id, dealt in shot.cards.items():
        if dealt.card["type"] not in SPOKEN_OF:
            continue
        names = wanted.get(card_id, dealt.card).keys() - {"for"}
        cards[card_id] = {name: dealt.card[name] for name in names} | {
            "for": {_audience(each) for each in dealt.audiences}
        }
    return cards


def page_of(person: Person, shot: store_live.Snapshot) -> dict[str, Card]:
    """What this person's page must show: the own desk, what is owed by the role, the board and the crises."""
    mine = {f"desk {person.id}", f"role {person.role}"}
    mine |= {"supervisor": {"board", "crisis"}, "responder": {"crisis"}}.get(person.role, set())
    return {
        card_id: orjson.loads(orjson.dumps(dealt.card))
        for card_id, dealt in shot.cards.items()
        if {_audience(each) for each in dealt.audiences} & mine
    }


def _audience(name: str) -> str:
    kind, _, whose = name.partition(":")
    return f"{kind} {whose.partition(':')[0]}" if kind in {"desk", "role"} else kind


def moment(at: datetime | None) -> str | None:
    """As cards write it."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def text(value: UUID | None) -> str | None:
    """As cards write it."""
    return str(value) if value else None


def require_equal(wanted: dict[Any, Any], found: dict[Any, Any], what: str) -> None:
    """Say exactly where two sides differ.

    Raises:
        AssertionError: they do.
    """
    wrong = [
        f"{key}:\n    the model says {wanted.get(key)}\n    the house says {found.get(key)}"
        for key in sorted(wanted.keys() | found.keys(), key=str)
        if wanted.get(key) != found.get(key)
    ]
    assert not wrong, f"{what}\n  " + "\n  ".join(wrong)
