"""`hotline risk`: the second opinion, trained on a line's own labelled notes; nothing leaves the machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.policy.training import Trained

app = typer.Typer(no_args_is_help=True, help="The learned second opinion: trained, and shown how good it is.")


@app.callback()
def risk() -> None:
    """The learned second opinion."""


@app.command()
def train(
    labelled: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="JSON lines with `text` and `level` 0 to 3.")
    ],
    *,
    save: Annotated[bool, typer.Option(help="Keep it under HOTLINE_HOME, if it is better.")] = False,
) -> None:
    """Train weights on labelled words; print how good they are on words unseen, beside those in use.

    Levels are 0 none, 1 watch, 2 ideation or self-harm, 3 acute. Servers ask the new weights after a restart;
    they mark messages for a human, and never raise an alarm. Exit code 1 where nothing is better.
    """
    from hotline.policy import opinion, rulebook, training

    in_use = opinion.in_use()
    spell = rulebook.load(rulebook.DEFAULT_FOLDER).spell
    trained = training.train(training.read(labelled, spell), in_use)
    for each in trained:
        typer.echo(_told(each))
    weights = training.kept(trained, in_use)
    if save:
        text = opinion.written(weights)
        opinion.require_small(text)
        opinion.own_file().write_text(text, encoding="utf-8")
        typer.echo(f"Kept in {opinion.own_file()}; restart the service to use it.")


def _told(trained: "Trained") -> str:
    now, before = trained.quality, trained.before
    unseen = (
        f"recall {now.recall:.0%}, precision {now.precision:.0%}, {now.quiet:.1f} of 1000 harmless marked"
    )
    lines = [
        f"{trained.language}: {trained.messages} messages, {trained.risky} of level 2 or more",
        f"  on words unseen: {unseen}",
    ]
    if before is not None:
        lines.append(f"  in use until now: recall {before.recall:.0%}, precision {before.precision:.0%}")
    return "\n".join(lines)
