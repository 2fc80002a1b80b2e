"""Which published reports are what their inputs demand, and which are of a group that the data no longer has."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.factory.plan import NOTHING, Job
from analysis.factory.publishing.manifest import SUFFIX, Manifest, read_manifest
from analysis.factory.publishing.place import write_manifest
from analysis.machine.files import sha256_of


def why_build(
    job: Job, out: Path, journaled: Mapping[str, Mapping[str, str]] = NOTHING, *, force: bool = False
) -> str | None:
    """Say why a job must run, or None when the published report is what its inputs demand.

    Parameters
    ----------
    job : Job
        The job.
    out : Path
        The output folder.
    journaled : mapping
        The last line about each report in the journal; empty when there is no journal.
    force : bool
        Build it in any case.

    Returns
    -------
    str or None
        ``new``; ``changed: `` and the parts of the input that did; ``failed last time``; ``back in the data``;
        ``files missing or altered``; ``forced``.
    """
    if force:
        return "forced"
    manifest = read_manifest(job.file(out, SUFFIX))
    if manifest is None:
        return "new"
    names = {*job.inputs, *manifest.inputs}
    changed = sorted(name for name in names if job.inputs.get(name) != manifest.inputs.get(name))
    if changed:
        return f"changed: {', '.join(changed)}"
    if manifest.status != "fresh":
        return "back in the data" if manifest.status == "gone" else "failed last time"
    path = job.file(out, SUFFIX)
    as_journaled = not journaled or journaled.get(str(job.stem), {}).get("manifest") == sha256_of(path)
    return None if as_journaled and _files_are_whole(manifest, path.parent) else "files missing or altered"


def _files_are_whole(manifest: Manifest, folder: Path) -> bool:
    return all(_is_whole(folder / file.name, file.sha256) for file in manifest.files.values())


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and not path.is_symlink() and sha256_of(path) == sha256


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
