"""Checks of the interpreter and the image that run the jobs, before the first job."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod


def quote_interpreter() -> None:
    """Let Snakemake find an interpreter whose path needs quotes in the search path instead.

    Snakemake (checked with 9.27) does not quote the path of the interpreter in the command of a job.
    """
    if shlex.quote(sys.executable) != sys.executable:
        folder, sys.executable = os.path.split(sys.executable)
        os.environ.update(PATH=os.pathsep.join([folder, *os.get_exec_path()]))


def check_image(workflow: Any) -> None:
    """Raise WorkflowError if jobs are to run in an image that is not there, which Apptainer would report in each job."""
    image = workflow.modifier.global_container_img
    if DeploymentMethod.APPTAINER not in workflow.deployment_settings.deployment_method:
        return
    if "://" not in image and not Path(image).is_file():
        raise WorkflowError(
            f"--sdm apptainer needs the image {image} in the working directory; docs/containers.md says how to build it, and"
            " how to name a published one"
        )
