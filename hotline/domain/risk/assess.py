"""Assessing one message or one entrance form: facts in, a level with its reasons out.

Everything that hit is kept as a finding with the places of the words in the caller's own text, so a
human can disagree. Levels combine by maximum. What could not be decided (a text beyond the bound, a
history that could not be read) is a finding of its own and lifts the level to `unknown` at least; it
never lowers anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hotline.domain.background import Memory, Past
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.lexicon import Hit, Lexicon, Reading
from hotline.domain.risk.normal import Plain
from hotline.domain.risk.opinion import Opinion, language_of, likelihood, places
from hotline.domain.risk.rules import Form, History, Judge, Reason, Rule, Speaker, View

SECOND_OPINION = "second_opinion"
"""The name under which the learned second opinion marks a message; a hash of its weights stands behind it."""
_SECOND_REASON = Reason(
    zh="学习模型的第二意见：与有风险的表达相似，请人工查看",
    en="a learned second opinion: like words of danger; somebody should look",
)

NOTED = "note_"
"""Categories that begin so are ways of writing about a caller; no caller's words are judged by them."""

QUESTION = "asks_"
"""Categories that begin so are what a counselor may ask about; callers are not judged by them."""

SPANS_MAX = 8
"""Places shown for one finding; more would bury the words that matter."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a message or a form arrives. `Facts(text=...)` is a caller's chat message.

    `level` is the level that already stands, `keys` what was pressed ("crisis": the crisis key), `past` what
    was heard earlier in the contact, `hour` the hour of the day where the line is (None: not known).
    """

    text: str = ""
    channel: str = "chat"
    lang: str = ""
    keys: frozenset[str] = frozenset()
    form: Form = field(default_factory=Form)
    history: History = field(default_factory=History)
    speaker: Speaker = Speaker.CALLER
    level: Level = Level.NONE_FOUND
    past: Past = field(default_factory=Past)
    hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that hit or could not be decided; spans are offsets in the original text."""

    rule: str
    verdict: Verdict
    level: Level
    spans: tuple[Span, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """`level` is what these facts raise to; `rulebook` is the hash of the rulebook that judged them.

    `said` are the categories noticed in the words, to be remembered for the rest of the contact; `opinion` is
    the learned likelihood in percent, 0 where it was not asked.
    """

    level: Level
    findings: tuple[Finding, ...]
    flags: frozenset[str]
    unsure: bool
    rulebook: str
    said: frozenset[str] = frozenset()
    opinion: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a text is read; past either bound the verdicts that need the rest are unsure.

    The night lasts from the hour `night_from` to the hour `night_to` of the next day, where the line is.
    """

    text_characters_max: int
    places_max: int
    memory: Memory
    night_from: int
    night_to: int
    second_opinion: bool = False
    opinion_characters_min: int = 8

    def is_night(self, hour: int) -> bool:
        """Whether this hour of the day belongs to the night."""
        return hour >= self.night_from or hour < self.night_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An assessment with everything that led to it, for the clinician who edits the rulebook."""

    plain: str
    hits: tuple[tuple[str, Span], ...]
    hidden: tuple[tuple[str, str, Span], ...]
    assessment: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """A loaded, self-checked rulebook: immutable, shared by all who assess."""

    spell: Callable[[str], Plain]
    lexicon: Lexicon
    rules: tuple[Rule, ...]
    judge: Judge
    limits: Limits
    digest: str
    opinion: Opinion | None = None

    def assess(self, facts: Facts) -> Assessment:
        """Judge one message or form; takes time linear in the text and never waits for anything."""
        return self._assess(facts, self._read(facts))

    def topics(self, question: str) -> frozenset[str]:
        """What a counselor's message asks about, whatever masks say: "yes" means something else after it."""
        reading = self.lexicon.read(
            self.spell(question[-self.limits.text_characters_max :]), self.limits.places_max
        )
        noticed = {hit.category for hit in (*reading.kept, *(gone.hit for gone in reading.hidden))}
        return frozenset(name.removeprefix(QUESTION) for name in noticed if name.startswith(QUESTION))

    def explain(self, facts: Facts) -> Explanation:
        """Assess, and say which signals were noticed and which masks took others away."""
        heard = self._read(facts)
        return Explanation(
            plain=heard.plain.text,
            hits=tuple((hit.signal, heard.span(hit)) for hit in heard.reading.kept),
            hidden=tuple((gone.hit.signal, gone.mask, heard.span(gone.hit)) for gone in heard.reading.hidden),
            assessment=self._assess(facts, heard),
        )

    def _read(self, facts: Facts) -> "_Heard":
        text = facts.text if facts.speaker in {Speaker.CALLER, Speaker.NOTE} else ""
        if len(text) <= self.limits.text_characters_max:
            plain = self.spell(text)
            return _Heard(plain, self.lexicon.read(plain, self.limits.places_max))
        head, tail = self._ends(text)
        plain = _joined(self.spell(head), self.spell(tail), len(text) - len(tail))
        reading = self.lexicon.read(plain, self.limits.places_max)
        return _Heard(plain, Reading(reading.kept, reading.hidden, complete=False))

    def _ends(self, text: str) -> tuple[str, str]:
        """The first and the last words of an overlong text: both ends carry the most."""
        half = self.limits.text_characters_max // 2
        return text[:half], text[-half:]

    def _assess(self, facts: Facts, heard: "_Heard") -> Assessment:
        view = _view(facts, heard.reading, self.limits)
        verdicts = self.judge(view)
        spoke = [pair for pair in zip(self.rules, verdicts, strict=True) if pair[1] is not Verdict.MISS]
        findings = tuple(_finding(rule, verdict, heard) for rule, verdict in spoke)
        hits = [rule for rule, verdict in spoke if verdict is Verdict.HIT]
        unsure = not heard.reading.complete or Verdict.UNSURE in verdicts
        floor = Level.UNKNOWN if unsure else Level.NONE_FOUND
        found = Assessment(
            level=Level.highest(floor, *(rule.level for rule in hits)),
            findings=findings,
            flags=frozenset[str]().union(*(rule.flags for rule in hits)),
            unsure=unsure,
            rulebook=self.digest,
            said=view.said,
        )
        return self._seconded(found, heard) if facts.speaker is Speaker.CALLER else found

    def _seconded(self, found: Assessment, heard: "_Heard") -> Assessment:
        """The assessment with the learned opinion, asked where rules and masks found nothing or a hint."""
        text = heard.plain.text
        is_asked = self.limits.second_opinion and len(text) >= self.limits.opinion_characters_min
        if self.opinion is None or not is_asked or found.level > Level.LOW or heard.reading.hidden:
            return found
        language = language_of(text)
        weights = self.opinion.languages.get(language)
        if weights is None:
            return found
        chance = likelihood(weights, text, language)
        told = replace(found, opinion=round(100 * chance))
        if chance < weights.watch:
            return told
        mark = Finding(
            rule=f"{SECOND_OPINION}:{self.opinion.digest[:12]}",
            verdict=Verdict.HIT,
            level=Level.LOW,
            spans=tuple(sorted(heard.plain.span(start, end) for start, end in places(weights, text))),
            reason=_SECOND_REASON,
        )
        return replace(told, level=Level.LOW, findings=(*found.findings, mark))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text in plain spelling and what was noticed in it."""

    plain: Plain
    reading: Reading

    def span(self, hit: Hit) -> Span:
        return self.plain.span(hit.start, hit.end)


def _joined(head: Plain, tail: Plain, tail_at: int) -> Plain:
    """Head and tail of an overlong text as one, with an end mark between so that no phrase spans the gap."""
    seam = tail_at
    return Plain(
        f"{head.text}.{tail.text}",
        (*head.starts, seam, *(start + tail_at for start in tail.starts)),
        (*head.ends, seam, *(end + tail_at for end in tail.ends)),
    )


def _view(facts: Facts, reading: Reading, limits: Limits) -> View:
    past, memory = facts.past, limits.memory
    noticed = frozenset(hit.category for hit in reading.kept)
    is_note = facts.speaker is Speaker.NOTE
    own = frozenset(name for name in noticed if not name.startswith(NOTED))
    return View(
        channel=facts.channel,
        said=frozenset() if is_note else own,
        noted=noticed if is_note else frozenset(),
        signals=frozenset() if is_note else frozenset(hit.signal for hit in reading.kept),
        partial=not reading.complete,
        keys=facts.keys,
        form=facts.form,
        history=facts.history,
        heard=past.ever(),
        lately=past.lately(memory),
        just=past.just(memory),
        often=past.often(memory),
        asked=past.questions(memory),
        night=None if facts.hour is None else limits.is_night(facts.hour),
        level=facts.level,
    )


def _finding(rule: Rule, verdict: Verdict, heard: _Heard) -> Finding:
    spans = {
        heard.span(hit)
        for hit in heard.reading.kept
        if hit.category in rule.evidence or hit.signal in rule.evidence
    }
    return Finding(
        rule=rule.id,
        verdict=verdict,
        level=rule.level,
        spans=tuple(sorted(spans)[:SPANS_MAX]),
        reason=rule.reason,
    )
