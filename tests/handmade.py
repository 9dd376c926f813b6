"""A tree of runs made by hand, and its estimates computed independently of the pipeline.

The tree has all active studies of config.yaml with all modes, gates, criteria and steps. A prompt has a quality, drawn by a
hash of the prompt's place: the index of a vector of ratings whose agreement with the human scores scipy computes. The answers
never call the pipeline's estimates.
"""

import hashlib
import itertools
import statistics
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from scipy import stats

from analysis.estimate_agreement import write_agreement
from analysis.estimate_constant_judge import write_constant_judge
from analysis.estimate_diagnostics import write_diagnostics
from analysis.estimate_variant import write_variant_estimates
from analysis.score_study import score_study
from cherrypick.pick_instructions import pick_instructions
from collide.analysis.estimate_files import agreement_part, corpus_part, diagnostics_part, variant_part
from collide.analysis.estimate_tables import merge_parts
from collide.common.csv_json import write_csv, write_json_lines
from collide.experiment.runs import RunId
from collide.experiment.scales import build_scale
from collide.experiment.variants import list_narrower_variants, list_variants
from collide.optimize.predictions import SCHEMA

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8"))
CRITERIA = list(CONFIG["datasets"]["summeval"]["criteria"])
STUDIES = {name: CONFIG["studies"][name] | {"seeds": [0, 1]} for name in CONFIG["active_studies"]}
SEEDS, STEPS = [0, 1], 12
MODES = ("single", "SSS", "SSC", "SCC", "CCC")
PER_TASK, CROSS_TASK = ("single", "SSS", "SSC"), ("SCC", "CCC")
DOCUMENTS = [f"d{i:02}" for i in range(12)]
HUMAN = [1.0 + i % 4 for i in range(12)]
# From a judge that opposes the humans on all documents to one that agrees on all.
RATINGS = [[int(h) if i < agree else int(5 - h) for i, h in enumerate(HUMAN)] for agree in range(13)]
# Each metric by quality.
METRICS = {
    "spearman": [float(stats.spearmanr(ratings, HUMAN).statistic) for ratings in RATINGS],
    "mae": [statistics.fmean(abs(r - h) for r, h in zip(ratings, HUMAN, strict=True)) for ratings in RATINGS],
    "off_by_one": [statistics.fmean(abs(r - h) <= 1 for r, h in zip(ratings, HUMAN, strict=True)) for ratings in RATINGS],
}
# Different prompts of a run; step s has the prompt s modulo this, so that prompts come back as after a rejected candidate.
PROMPTS = 4
VARIANTS = list_variants(CONFIG | {"studies": STUDIES}, "main")
PICKED = "cherrypick:main"
SCALES = dict.fromkeys(CRITERIA, build_scale([1, 5]))
SETTINGS = {"resamples": 40, "level": 0.95, "seed": 1}


def list_rated(mode):
    """Diagnostics of a mode: by two rubrics the gradients and, but for Single-Task, a control; and adherence."""
    controls = {"SSS": "_joined", "SSC": "_joined", "SCC": "_part", "CCC": "_part"}
    texts = ["", *([controls[mode]] if mode in controls else [])]
    return [f"specificity{text}{rubric}" for text in texts for rubric in ("", "_topics")] + ["adherence"]


def draw(below, *what):
    """Return a number from 0 to below - 1 that depends on the other arguments alone."""
    return int.from_bytes(hashlib.blake2b("/".join(map(str, what)).encode(), digest_size=4).digest(), "big") % below


class Answers:
    """The contents of the tree, and every quantity computed from them.

    `renamed` swaps modes of the main study; `shifted` adds to the ratings of the diagnostics on one criterion of one of its
    modes: (mode, criterion, by how much).
    """

    def __init__(self, renamed=None, shifted=None):
        self.renamed, self.shifted = renamed or {}, shifted

    def quality(self, study, mode, gate, seed, step, criterion, split="test"):
        mode = self.renamed.get(mode, mode) if study == "main" else mode
        return draw(13, study, mode, gate, seed, step % PROMPTS, criterion, split)

    def tokens(self, gate, seed, step, criterion):
        """Length of an instruction, in any study and mode."""
        return 4 + draw(40, "tokens", gate, seed, step % PROMPTS, criterion)

    def error(self, study, mode, gate, seed, step, criterion):
        """Mean absolute error on the validation pairs of the prompt in force after a step, as recorded in its steps."""
        return draw(9, "error", study, mode, gate, seed, step, criterion) / 8

    def is_rejected(self, study, mode, gate, seed, step, criteria):
        return draw(2, "refused", study, mode, gate, seed, step, *criteria) == 1

    def gate(self, study, mode, gate, seed, step, criteria):
        """The gate and validation in the record of a step. The error of the prompt in force is `error`, rejected or not."""
        if gate == "none":
            return {"validation": {"current": None, "candidate": None}, "gate": {"accepted": True}}
        errors = {"mae": {c: self.error(study, mode, gate, seed, step, c) for c in criteria}}
        other = {"mae": dict.fromkeys(criteria, 4.0)}
        if step == 0:
            return {"validation": {"current": errors, "candidate": None}}
        rejected = self.is_rejected(study, mode, gate, seed, step, criteria)
        shown = {"current": errors, "candidate": other} if rejected else {"current": other, "candidate": errors}
        return {"validation": shown, "gate": {"accepted": not rejected}}

    def run_dynamics(self, study, mode, gate, quantity):
        """A quantity of the dynamics of a cell's runs, Single-Task runs one by one."""
        parts = [[c] for c in CRITERIA] if mode == "single" else [CRITERIA]
        runs = [(seed, part) for seed in SEEDS for part in parts]
        if quantity == "rejected":
            return statistics.fmean(
                self.is_rejected(study, mode, gate, seed, step, part) for seed, part in runs for step in range(1, STEPS + 1)
            )
        if quantity == "validation_mae_rise":
            rises = [0.0]
            for seed, part in runs:
                errors = [
                    statistics.fmean(self.error(study, mode, gate, seed, step, c) for c in part) for step in range(STEPS + 1)
                ]
                rises += [new - old for old, new in itertools.pairwise(errors)]
            return max(rises)
        if quantity == "three_paragraphs":
            return statistics.fmean(
                self.paragraphs(study, mode, gate, seed, step, part) == 3 for seed, part in runs for step in range(1, STEPS + 1)
            )
        step = 0 if quantity == "tokens_initial" else STEPS
        return statistics.fmean(self.tokens(gate, seed, step, c) for seed in SEEDS for c in CRITERIA)

    def paragraphs(self, study, mode, gate, seed, step, criteria):
        """Paragraphs of the one textual gradient of a step."""
        return 2 + draw(2, "paragraphs", study, mode, gate, seed, step, *criteria)

    def variant_quality(self, variant, seed, criterion):
        return draw(13, "cherrypick", variant, seed, criterion)

    def rating(self, study, mode, gate, seed, step, criterion, diagnostic):
        low, high = (6, 10) if diagnostic == "adherence" or mode in PER_TASK else (1, 5)
        rating = low + draw(high - low + 1, diagnostic, study, mode, gate, seed, step, criterion)
        if self.shifted and (study, mode, criterion) == ("main", *self.shifted[:2]):
            rating = min(10, rating + self.shifted[2])
        return rating

    def by_seed(self, study, mode, gate, criterion, step, split="test"):
        """Spearman of each seed, on one criterion or their average."""

        def one(seed, name):
            return METRICS["spearman"][self.quality(study, mode, gate, seed, step, name, split)]

        names = CRITERIA if criterion == "average" else [criterion]
        return [statistics.fmean(one(seed, name) for name in names) for seed in SEEDS]

    def best_step(self, study, mode, gate, split="test"):
        """The first step of the highest mean over seeds and criteria."""
        means = [statistics.fmean(self.by_seed(study, mode, gate, "average", s, split)) for s in range(STEPS + 1)]
        return next(step for step, mean in enumerate(means) if mean >= max(means) - 1e-12)

    def step_of(self, study, mode, gate, quantity):
        """The step that a quantity is of; None where it is of none."""
        if quantity in ("initial", "final"):
            return 0 if quantity == "initial" else STEPS
        if quantity == "best":
            return self.best_step(study, mode, gate)
        if quantity == "by_validation":
            return self.best_step(study, mode, gate, "validation")
        return int(quantity[4:]) if quantity.startswith("step") else None

    def trajectory(self, study, mode, gate, criterion, quantity):
        """A quantity of a cell of runs."""
        if quantity in ("gain", "validation_gain"):
            chosen = self.trajectory(study, mode, gate, criterion, "best" if quantity == "gain" else "by_validation")
            return chosen - self.trajectory(study, mode, gate, criterion, "initial")
        if quantity in ("best_step", "by_validation_step"):
            return self.step_of(study, mode, gate, quantity.removesuffix("_step"))
        if quantity.startswith("hvi"):
            last = STEPS if quantity == "hvi" else int(quantity.removeprefix("hvi_step"))
            points = {tuple(self.trajectory(study, mode, gate, c, f"step{step}") for c in CRITERIA) for step in range(last + 1)}
            return volume(points)
        fold = statistics.stdev if quantity.endswith("_sd") else statistics.fmean
        step = self.step_of(study, mode, gate, quantity.removesuffix("_sd"))
        return fold(self.by_seed(study, mode, gate, criterion, step))

    def ratings(self, study, mode, gate, criterion, diagnostic):
        """All ratings of a cell, or of the cells of a group or of all gates."""
        modes = {"per-task": PER_TASK, "cross-task": CROSS_TASK}.get(mode, (mode,))
        facts = STUDIES[study]
        return [
            self.rating(study, m, g, seed, step, c, diagnostic)
            for m in modes
            if m in facts["modes"] and diagnostic in list_rated(m)
            for g in (facts["gates"] if gate == "all" else [gate])
            for seed in SEEDS
            for step in range(1, STEPS + 1)
            for c in (CRITERIA if criterion == "average" else [criterion])
        ]

    @cache  # noqa: B019, a handful of these live as long as the tests
    def picked(self, variant):
        """The gate, seed and step picked for each criterion, by brute force over the different instructions."""
        facts = VARIANTS[variant]
        sign = -1 if facts["metric"] == "mae" else 1

        def value(name, place):
            gate, seed, step = place
            return sign * METRICS[facts["metric"]][self.quality("main", "single", gate, seed, step, name)]

        places = [(gate, seed, step) for gate in facts["gates"] for seed in SEEDS for step in range(PROMPTS)]
        if facts["ratio"] is None:
            return {name: min(places, key=lambda p: (round(-value(name, p), 12), p[2], p[1])) for name in CRITERIA}

        def lengths(choice):
            return [self.tokens(*place, name) for name, place in zip(CRITERIA, choice, strict=True)]

        fitting = [
            c for c in itertools.product(places, repeat=len(CRITERIA)) if max(lengths(c)) <= facts["ratio"] * min(lengths(c))
        ]
        chosen = max(fitting, key=lambda c: sum(value(name, place) for name, place in zip(CRITERIA, c, strict=True)))
        return dict(zip(CRITERIA, chosen, strict=True))

    @cache  # noqa: B019, a handful of these live as long as the tests
    def value(self, study, mode, gate, criterion, quantity):
        """The quantity of this name (see collide.analysis.estimates.EstimateName); None where it is not defined."""
        if mode.endswith("-balanced-inf"):
            limited = mode.removesuffix("-balanced-inf")
            return self.value(study, limited, gate, criterion, quantity) - self.value(
                study, "balanced-inf", gate, criterion, quantity
            )
        if mode == "SCC-SSC" and quantity in ("specificity_joined", "specificity_part"):
            quantities = {"specificity_joined": ("specificity", quantity), "specificity_part": (quantity, "specificity")}[
                quantity
            ]
            joint, separate = (
                self.value(study, m, gate, criterion, q) for m, q in zip(("SCC", "SSC"), quantities, strict=True)
            )
            return joint - separate
        first, _, second = mode.rpartition("-")
        if first and second in ("single", "SSC"):
            less = ("main", second, gate, criterion, "best") if study == PICKED else (study, second, gate, criterion, quantity)
            return self.value(study, first, gate, criterion, quantity) - self.value(*less)
        if study == "corpus:summeval":
            return min(statistics.fmean(abs(rating - h) for h in HUMAN) for rating in range(1, 6))
        if study == PICKED:
            variant = next(n for n, facts in VARIANTS.items() if (facts["label"], facts["gate"]) == (mode, gate))
            if quantity == "tokens":
                return self.tokens(*self.picked(variant)[criterion], criterion)
            if quantity == "length_ratio":
                lengths = [self.tokens(*place, name) for name, place in self.picked(variant).items()]
                return max(lengths) / min(lengths)
            names = CRITERIA if criterion == "average" else [criterion]
            return statistics.fmean(
                METRICS[quantity][self.variant_quality(variant, seed, name)] for seed in SEEDS for name in names
            )
        if quantity.startswith(("specificity", "adherence")):
            folds = {"_sd": statistics.stdev, "_min": min, "_max": max}
            part = next((part for part in folds if quantity.endswith(part)), "")
            ratings = self.ratings(study, mode, gate, criterion, quantity.removesuffix(part))
            return folds.get(part, statistics.fmean)(ratings)
        if quantity in ("rejected", "validation_mae_rise", "tokens_initial", "tokens_final", "three_paragraphs"):
            return self.run_dynamics(study, mode, gate, quantity)
        return self.trajectory(study, mode, gate, criterion, quantity)


def solvers_own(name):
    """Lengths of a balanced choice: choices of equal quality may differ in them."""
    return name.quantity in ("tokens", "length_ratio") and name.mode.startswith("balanced")


def volume(points):
    """Hypervolume above -1 of points, by inclusion and exclusion of their boxes."""
    total = 0.0
    for size in range(1, len(points) + 1):
        for chosen in itertools.combinations(points, size):
            sides = [min(values) + 1 for values in zip(*chosen, strict=True)]
            box = 1.0
            for side in sides:
                box *= side
            total -= (-1) ** size * box
    return total


def write_predictions(path, prompts):
    """Predictions of prompts, given as (prompt, split, criterion) -> quality."""
    rows = [
        (prompt, split, f"{d}/M0", d, "M0", criterion, RATINGS[quality][i], HUMAN[i], 1, "")
        for (prompt, split, criterion), quality in prompts.items()
        for i, d in enumerate(DOCUMENTS)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    arrays = [pa.array(c, type=f.type) for c, f in zip(columns, SCHEMA, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), path)


def write_run(root, answers, study, run_mode, gate, seed):
    """Steps, predictions and ratings of a run; returns their paths."""
    mode = run_mode.partition("-")[0]
    criteria = [run_mode.partition("-")[2]] if mode == "single" else CRITERIA
    folder = root / "runs" / study / run_mode / gate / f"seed{seed}"
    qualities = {
        (f"p{step}", split, c): answers.quality(study, mode, gate, seed, step, c, split)
        for step in range(PROMPTS)
        for split in ("test", "validation")
        for c in criteria
    }
    write_predictions(folder / "predictions.parquet", qualities)
    texts = [{c: f"{gate}{seed}{step} " * answers.tokens(gate, seed, step, c) for c in criteria} for step in range(PROMPTS)]
    steps = [
        {"step": step, "prompt": f"p{step % PROMPTS}", "instructions": texts[step % PROMPTS]}
        | (
            {"gradients": [{"text": "x", "paragraphs": answers.paragraphs(study, mode, gate, seed, step, criteria)}]}
            if step
            else {}
        )
        | answers.gate(study, mode, gate, seed, step, criteria)
        for step in range(STEPS + 1)
    ]
    write_json_lines(folder / "steps.jsonl", steps)
    names = {"study": study, "mode": run_mode, "gate": gate, "seed": seed}
    rows = [
        names | {"step": step, "criterion": c, "diagnostic": d, "score": answers.rating(study, mode, gate, seed, step, c, d)}
        for step in range(1, STEPS + 1)
        for c in criteria
        for d in list_rated(mode)
    ]
    ratings = root / "diagnostics" / study / run_mode / gate / f"seed{seed}.csv"
    ratings.parent.mkdir(parents=True, exist_ok=True)
    write_csv(ratings, [*names, "step", "criterion", "diagnostic", "score"], rows, simulated=False)
    return folder / "steps.jsonl", folder / "predictions.parquet", ratings


def build(root, answers, leave_out=(), empty=()):
    """Write the tree, pick from it, estimate its parts and merge them, by the pipeline's scripts; returns `root`.

    `leave_out` are runs (study, mode, gate, seed) that are not there, `empty` those that have no predictions.
    """
    runs = [
        RunId(study, run_mode, gate, seed)
        for study, facts in STUDIES.items()
        for mode in facts["modes"]
        for run_mode in ([f"single-{c}" for c in CRITERIA] if mode == "single" else [mode])
        for gate in facts["gates"]
        for seed in SEEDS
        if (study, mode, gate, seed) not in leave_out
    ]
    files = {run: write_run(root, answers, *run) for run in runs}
    for run in empty:
        write_predictions(root / "runs" / RunId(*run).path / "predictions.parquet", {})
    test = root / "test.parquet"
    pq.write_table(pa.table({"document": DOCUMENTS} | {f"human_{c}": HUMAN for c in CRITERIA}), test)
    for study in STUDIES:
        score_study([paths[:2] for run, paths in files.items() if run.study == study], study, SCALES, root / f"{study}.csv")
    parts = [*estimate_runs(root, files), *estimate_variants(root, answers, files)]
    write_constant_judge(test, "summeval", SCALES, SETTINGS, False, *part_files(root, corpus_part("summeval")))
    parts.append(part_files(root, corpus_part("summeval")))
    merge_parts(parts, SETTINGS["level"], root / "estimates.csv", root / "draws.parquet")
    return root


def part_files(root, part):
    """Both files of a part, below the tree instead of results/{source}."""
    paths = [root / path(".").removeprefix("results/./") for path in (part.csv_path, part.draws_path)]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    return paths


def estimate_runs(root, files):
    """Estimate each cell and each study; returns the files of the parts."""
    parts, cells = [], {}
    for run in files:
        cells.setdefault((run.study, run.shown_mode, run.gate), []).append(run)
    for cell, runs in cells.items():
        parts += [part_files(root, agreement_part(*cell)), part_files(root, diagnostics_part(*cell))]
        write_agreement(root / "test.parquet", [files[run][:2] for run in runs], cell, SCALES, SETTINGS, *parts[-2])
        write_diagnostics([files[run][2] for run in runs], False, SETTINGS, *parts[-1])
    for study in STUDIES:
        parts.append(part_files(root, diagnostics_part(study, "per-task", "all")))
        ratings = [paths[2] for run, paths in files.items() if run.study == study]
        write_diagnostics(ratings, True, SETTINGS, *parts[-1])
    return parts


def estimate_variants(root, answers, files):
    """Pick, evaluate and estimate each cherry-picked variant; returns the files of the parts."""
    parts = []
    for name, facts in VARIANTS.items():
        singles = [
            paths[:2]
            for run, paths in files.items()
            if (run.study, run.shown_mode) == ("main", "single") and run.gate in facts["gates"]
        ]
        place = root / "cherrypick" / "main" / name
        place.mkdir(parents=True, exist_ok=True)
        pick_instructions(singles, facts, SCALES, place / "picked.csv", place / "prompts.jsonl")
        paths = [place / f"seed{seed}" / "predictions.parquet" for seed in SEEDS]
        for seed, path in zip(SEEDS, paths, strict=True):
            write_predictions(path, {("v", "test", c): answers.variant_quality(name, seed, c) for c in CRITERIA})
        parts.append(part_files(root, variant_part("main", name)))
        picked = place / "picked.csv"
        narrower = [place.parent / other / "picked.csv" for other in list_narrower_variants(VARIANTS, name)]
        write_variant_estimates(root / "test.parquet", paths, picked, narrower, facts, SCALES, SETTINGS, *parts[-1])
    return parts


ANSWERS = Answers()
