"""Older reports of groups that the data no longer has."""

from collections.abc import Sequence
from pathlib import Path

from analysis.factory.plan import Job
from analysis.factory.publishing.manifest import SUFFIX, read_manifest
from analysis.factory.publishing.place import write_manifest


def mark_outdated(plan: Sequence[Job], out: Path) -> int:
    """Mark reports of a group that the plan, which lists all groups of a study, does not have.

    They stay where they are: a reader may still want them, but must not take them for today's.

    Parameters
    ----------
    plan : sequence of Job
        All reports a study asks for.
    out : Path
        The output folder, locked by this run.

    Returns
    -------
    int
        How many reports of these notebooks and this column are there without their group.
    """
    folders = {job.stem.parent.parent for job in plan if job.group_by}
    notebooks = {job.stem.name for job in plan}
    wanted = {job.stem for job in plan}
    count = 0
    for folder in folders:
        for path in sorted((out / folder).glob(f"*/*{SUFFIX}")):
            stem = folder / path.parent.name / path.name.removesuffix(SUFFIX)
            manifest = read_manifest(path)
            if manifest is None or stem.name not in notebooks or stem in wanted:
                continue
            count += 1
            if manifest.status != "gone":
                write_manifest(stem, manifest.model_copy(update={"status": "gone"}), out)
    return count
