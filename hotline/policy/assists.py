"""The ladder of those who come to a counselor: `[help]` of `config/escalation.toml`."""

from collections.abc import Mapping
from typing import Any, Final

from hotline.base.errors import Broken
from hotline.domain.assist import REACHED_SECONDS_MAX, AssistPolicy, Rung
from hotline.domain.ladder import CHANNELS, GROUPS, ON_DUTY

WHO: Final = GROUPS | {ON_DUTY}


def read(raw: Mapping[str, Any]) -> AssistPolicy:
    """Read the ladder.

    Raises:
        Broken: it lacks something, or calls nobody by more than a screen within a minute.
    """
    try:
        rungs = tuple(
            Rung(who=tuple(each["who"]), channels=tuple(each["channels"]), seconds=int(each["seconds"]))
            for each in raw["rungs"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Broken("policy.escalation", f"escalation.toml: [help] lacks or mistypes {error}.") from None
    for rung in rungs:
        known = set(rung.who) <= WHO and set(rung.channels) <= set(CHANNELS)
        if not (known and rung.who and rung.channels and rung.seconds > 0):
            raise Broken(
                "policy.escalation",
                f"escalation.toml: [help] needs who in {sorted(WHO)}, channels in {sorted(CHANNELS)}, "
                "seconds above 0.",
            )
    policy = AssistPolicy(rungs=rungs)
    if policy.seconds_to_telephones > REACHED_SECONDS_MAX:
        raise Broken(
            "policy.escalation",
            f"escalation.toml: [help] calls by more than a screen within {REACHED_SECONDS_MAX} seconds.",
        )
    return policy
