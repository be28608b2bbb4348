"""Safety plans: the caller's last one, and a new version."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.base.sensitive import Sensitive
from hotline.domain import safety_plan as plans
from hotline.domain.safety_plan import Draft, Parts, SafetyPlan
from hotline.flow import safety_plan
from hotline.web.console import after_shapes, shapes
from hotline.web.console.reach import ContactReader, Raiser
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/contacts", tags=["safety plans"])


@router.get("/{contact_id}/safety-plan")
async def show(edge: TheEdge, viewer: ContactReader, contact_id: UUID) -> after_shapes.SafetyPlanFound:
    """The caller's last plan, also of an earlier contact; the look is journalled."""
    found = await safety_plan.last(edge.store, contact_id, viewer.staff_id, clock.now())
    if found is None:
        return after_shapes.SafetyPlanFound(plan=None)
    return after_shapes.SafetyPlanFound(plan=shown(found.plan, {found.plan.staff_id: found.name}))


@router.put("/{contact_id}/safety-plan")
async def save(
    edge: TheEdge, viewer: Raiser, contact_id: UUID, asked: after_shapes.SafetyPlanAsked
) -> after_shapes.VersionStored:
    """A new version; 409 `safety_plan.moved` when somebody has saved another since."""
    most = edge.settings.web.record_characters_max

    def listed(items: Iterable[str], name: str) -> Sensitive:
        return shapes.limited(plans.listed(items).reveal(), most, name)

    parts = Parts(**{name: listed(getattr(asked, name), name) for name in plans.PARTS})
    draft = Draft(parts=parts, is_made_with_caller=asked.made_with_caller, based_on=asked.based_on)
    version = await safety_plan.save(
        edge.store, edge.policies, contact_id, viewer.staff_id, draft, clock.now()
    )
    return after_shapes.VersionStored(version=version)


def shown(plan: SafetyPlan, names: Mapping[UUID, str]) -> after_shapes.SafetyPlanShown:
    """A plan as it travels."""
    return after_shapes.SafetyPlanShown(
        contact_id=plan.contact_id,
        version=plan.version,
        made_at=plan.made_at,
        by=shapes.Person(id=plan.staff_id, name=names.get(plan.staff_id, "")),
        made_with_caller=plan.is_made_with_caller,
        **{name: plans.items(getattr(plan.parts, name)) for name in plans.PARTS},
    )
