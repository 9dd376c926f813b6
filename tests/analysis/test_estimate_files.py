"""Every estimate has one part file."""

import pytest

from collide.analysis.estimate_files import part_of
from collide.analysis.estimates import EstimateName

VARIANTS = {
    "mae-spearman": {"label": "spearman", "gate": "mae"},
    "none-spearman": {"label": "spearman", "gate": "none"},
    "balanced-2": {"label": "balanced-2", "gate": "all"},
}


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("main/SSC/mae/average/best", "main/SSC/mae/agreement"),
        ("main/single/none/fluency/step3_sd", "main/single/none/agreement"),
        ("main/SSC/mae/average/rejected", "main/SSC/mae/agreement"),
        ("main/SSC/mae/average/adherence_sd", "main/SSC/mae/diagnostics"),
        ("main/SSC/all/average/specificity", "main/diagnostics"),
        ("main/per-task/mae/fluency/specificity", "main/diagnostics"),
        ("cherrypick:main/spearman/none/average/spearman", "cherrypick/main/none-spearman"),
        ("cherrypick:main/balanced-2/all/fluency/tokens", "cherrypick/main/balanced-2"),
        ("corpus:summeval/constant/all/fluency/mae", "corpus/summeval"),
    ],
)
def test_an_estimate_is_in_the_part_of_its_inputs(name, stem):
    part = part_of(EstimateName(*name.split("/")), VARIANTS)
    assert part.csv_path("live") == f"results/live/estimates/{stem}.csv"
    assert part.draws_path("live") == f"results/live/estimates/{stem}.parquet"


@pytest.mark.parametrize("name", ["cherrypick:main/mae/mae/average/spearman", "main/SCC-SSC/mae/average/best"])
def test_an_estimate_that_no_part_holds_is_refused(name):
    with pytest.raises(LookupError, match=name):
        part_of(EstimateName(*name.split("/")), VARIANTS)


def test_a_measure_of_the_judge_evaluation_is_in_the_file_of_its_study():
    for mode in ("SSS", "humans"):
        part = part_of(EstimateName("main", mode, "mae", "fluency", "initial/document/kendall"), VARIANTS)
        assert part.csv_path("live") == "results/live/quality/main.csv"
