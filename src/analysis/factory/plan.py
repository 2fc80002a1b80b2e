"""What must be built: one job per notebook and group, keyed by the content of all it is made from."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from analysis.factory import fingerprints
from analysis.factory.names import file_name
from analysis.factory.notebook import fingerprint, read_cells, title_of
from analysis.factory.parameters import Value, check_parameters, read_parameters, stays_in_scope
from analysis.factory.reach import refuse_unread
from analysis.report.declared import as_published, study_name

FORMATS = ("html", "pdf")
PAPERS = ("a4", "us-letter")
# The parameter of a notebook that takes a group of any column, as "arm=control".
GROUP = "group"
# The parameter of a notebook about one person, who is named by a code; of all people together it is not made.
PERSON = "person"
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Job:
    """One report to build.

    `stem` is the place of its files below the output folder, without their suffixes; `paper` is the size of the
    PDF's sheets; `group_by` and `group` are None for the whole study; `inputs` has one hash per part of what the
    report is made from, keyed where people stand behind the rows; `versions` and `git_commit` say with what it is made.
    """

    notebook: Path
    study: Path
    parameters: Mapping[str, Value]
    stem: PurePosixPath
    formats: tuple[str, ...]
    paper: str
    inputs: Mapping[str, str]
    title: str
    study_name: str
    versions: Mapping[str, str]
    git_commit: str | None
    group_by: str | None = None
    group: str | None = None
    group_label: str | None = None

    @cached_property
    def key(self) -> str:
        """SHA-256 over all inputs: two jobs with one key make the same report."""
        return fingerprints.of_value(dict(self.inputs))

    @property
    def seed(self) -> int:
        """Seed of the notebook's random numbers: another for every job, the same for the same job."""
        return int(self.key[:8], 16)

    @property
    def internal(self) -> bool:
        """Whether the report is asked to withhold nothing."""
        return bool(self.parameters.get("internal"))

    def kernel_parameters(self) -> dict[str, Value]:
        """Parameters the notebook is run with: its own, and where the study is on this machine."""
        return {"study": str(self.study), **self.parameters}

    def file(self, out: Path, suffix: str) -> Path:
        """Path of one of the job's files below `out`; `suffix` with its dot."""
        return out.joinpath(*self.stem.parts[:-1], self.stem.name + suffix)


def plan_jobs(
    study: Path,
    notebooks: Sequence[Path],
    *,
    by: str | None = None,
    groups: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    group_name: str = "",
    formats: Sequence[str] = FORMATS,
    paper: str = PAPERS[0],
    parameters: Mapping[str, Value] = NOTHING,
    settings: Mapping[str, str] = NOTHING,
) -> list[Job]:
    """List every report a study asks for: of the whole study, then of each group, in the order given.

    Parameters
    ----------
    study : Path
        The study's folder.
    notebooks : sequence of Path
        Notebooks with a text parameter `study`. One that cannot be told of a group is about all of them together,
        and is made of the whole study only.
    by : str, optional
        Grouping column; a notebook gets the group through its parameter of this name, or as ``column=group`` through
        one named ``group``, and its default for the whole study.
    groups : sequence of str, or mapping of str to mapping
        Values of that column. A mapping also names, for each, the hashes of what its reports take from the study
        (`analysis.report.scope.fingerprints`); else they hang on the whole of it.
    group_name : str
        The column in words, for the index.
    formats : sequence of str
        Kinds of file to publish, ``html`` and ``pdf``.
    paper : str
        Size of the sheets of a PDF, ``a4`` or ``us-letter``.
    parameters : mapping
        Given to every notebook.
    settings : mapping of str to str
        Further parameters as a person types them; each goes to the notebooks that have it, read as the type that
        they declare.

    Returns
    -------
    list of Job

    Raises
    ------
    ValueError
        A notebook cannot be read, a parameter is lacking, a value has the wrong type, or two notebooks would
        write the same file.
    """
    _check_files(formats, paper)
    study = study.resolve()
    if not study.is_dir():
        raise ValueError(f"{study}: there is no such study folder")
    published = as_published(study)
    shared = {
        "study data": published(fingerprints.of_folder(study)),
        "package": fingerprints.of_package(),
        "library versions": fingerprints.of_value(fingerprints.versions()),
        "formats": fingerprints.of_value([*sorted(formats), paper]),
    }
    notebooks = [path.resolve() for path in notebooks]
    _check_known(notebooks, settings, by)
    jobs = []
    for notebook in notebooks:
        asked = _asked(notebook, parameters, settings)
        whole = _of_whole_study(study, notebook, tuple(formats), paper, asked, shared)
        lacks_its_person = PERSON in read_parameters(notebook) and not asked.get(PERSON)
        if not lacks_its_person:
            jobs.append(whole)
        if by and (by == PERSON or not lacks_its_person):
            jobs += _of_groups(whole, by, groups, group_name or by, published)
    for job in jobs:
        check_parameters(job.notebook, job.kernel_parameters())
        refuse_unread(job.notebook, [name for name, value in job.parameters.items() if value not in ("", False)])
    _check_stems(jobs)
    return jobs


def _of_whole_study(
    study: Path,
    notebook: Path,
    formats: tuple[str, ...],
    paper: str,
    parameters: dict[str, Value],
    shared: Mapping[str, str],
) -> Job:
    source = read_cells(notebook)
    own = {"notebook": fingerprint(source), "parameters": _of_parameters(study, parameters)}
    return Job(
        notebook=notebook,
        study=study,
        parameters=parameters,
        stem=PurePosixPath(file_name(study.name), file_name(notebook.stem)),
        formats=formats,
        paper=paper,
        inputs={**shared, **own},
        title=title_of(source, otherwise=notebook.stem),
        study_name=study_name(study),
        versions=fingerprints.versions(),
        git_commit=fingerprints.git_commit(notebook.parent),
    )


def _asked(notebook: Path, parameters: Mapping[str, Value], settings: Mapping[str, str]) -> dict[str, Value]:
    """Leave out what is empty or off and unknown to a notebook, which asks nothing of it; read the settings it has."""
    known = read_parameters(notebook)
    asked = {name: value for name, value in parameters.items() if name in known or not (value == "" or value is False)}
    return asked | {name: known[name].read(text) for name, text in settings.items() if name in known}


def _through(by: str, known: Collection[str]) -> str | None:
    """Return the parameter by which a notebook is told of a group: one of the column's name, or `group`."""
    return next((name for name in (by, *[GROUP] * (by != "clinic_id")) if name in known), None)


def _of_groups(
    whole: Job,
    by: str,
    groups: Sequence[str] | Mapping[str, Mapping[str, str]],
    name: str,
    published: Callable[[str], str],
) -> Iterator[Job]:
    """Yield a report of each group, of a notebook that can be told of one."""
    through = _through(by, read_parameters(whole.notebook))
    if through is None:
        return
    own = groups if isinstance(groups, Mapping) and stays_in_scope(whole.notebook, through) else {}
    for group in dict.fromkeys(groups):
        parts = {"study file": fingerprints.of_settings(whole.study), **own[group]} if group in own else {}
        sealed = {part: published(fingerprint) for part, fingerprint in parts.items()}
        given = {through: group if through == by else f"{by}={group}"}
        yield _of_group(whole, by, group, name, given, sealed)


def _of_group(whole: Job, by: str, group: str, name: str, given: Mapping[str, Value], own: Mapping[str, str]) -> Job:
    parameters = {**whole.parameters, **given}
    inputs = dict(whole.inputs)
    if own:
        del inputs["study data"]
        inputs |= own
    return replace(
        whole,
        parameters=parameters,
        stem=whole.stem.parent / file_name(by) / file_name(group) / whole.stem.name,
        inputs={**inputs, "parameters": _of_parameters(whole.study, parameters)},
        group_by=by,
        group=group,
        group_label=f"{name} {group}",
    )


def _check_files(formats: Sequence[str], paper: str) -> None:
    unknown = set(formats) - set(FORMATS)
    if unknown or not formats:
        raise ValueError(f"formats: {', '.join(sorted(unknown)) or 'none'}; choose from {', '.join(FORMATS)}")
    if paper not in PAPERS:
        raise ValueError(f"paper: {paper}; choose from {', '.join(PAPERS)}")


def _of_parameters(study: Path, parameters: Mapping[str, Value]) -> str:
    # The study's name is printed in reports; where its folder is, is not.
    return fingerprints.of_value([study.name, dict(parameters)])


def _check_known(notebooks: Sequence[Path], settings: Collection[str], by: str | None) -> None:
    """Refuse a parameter that no notebook has: nobody would see that it was passed over."""
    known = {name for notebook in notebooks for name in read_parameters(notebook)}
    unknown = [name for name in settings if name not in known]
    hint = ""
    if by and not _through(by, known):
        unknown.append(by if by == "clinic_id" else GROUP)
        hint = f", and {unknown[-1]}={unknown[-1]} in open_report(…)"
    if unknown:
        which = str(notebooks[0]) if len(notebooks) == 1 else "the notebooks asked for"
        raise ValueError(
            f"{which}: no parameter named {', '.join(unknown)}; a notebook that shall have it needs a line such as "
            f"'{unknown[0]}: str = \"\"' in the cell tagged 'parameters'{hint}"
        )


def _check_stems(jobs: Sequence[Job]) -> None:
    taken: dict[PurePosixPath, Job] = {}
    for job in jobs:
        other = taken.setdefault(job.stem, job)
        if other is not job:
            raise ValueError(f"{job.notebook} and {other.notebook} would both write {job.stem}; rename one")
