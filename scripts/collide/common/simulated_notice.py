"""The notice for simulated replies, printed on tables, figures and pages; CSV files have a column `source`."""

SIMULATED_NOTICE = "SIMULATED: replies of the built-in simulator, a check of the pipeline and no evidence about the paper"

# Simulated models carry this prefix in their names, so that the notice is also printed where the simulator is served over HTTP
# and configured like a live endpoint.
SIMULATED_MODEL_PREFIX = "simulated/"

# Last line of the text of each reply that is served over HTTP. A gateway may rename the model and replace ids, but it does not
# change the text.
SERVED_MARK = "[SIMULATED: reply of the built-in simulator]"


def add_served_mark(text: str) -> str:
    """Return the text of a served simulated reply with the mark on a line of its own at the end.

    >>> add_served_mark("4")
    '4\\n[SIMULATED: reply of the built-in simulator]'
    """
    return f"{text}\n{SERVED_MARK}"


def remove_served_mark(text: str, model: str) -> tuple[str, str]:
    """Return the text of a reply and the name of its model: without the mark, the name with the prefix, where the mark is.

    >>> remove_served_mark("4\\n[SIMULATED: reply of the built-in simulator]", "renamed")
    ('4', 'simulated/renamed')
    >>> remove_served_mark("4", "model/a")
    ('4', 'model/a')
    """
    # A gateway may remove or add white space at the end.
    marked = text.rstrip()
    if not marked.endswith(SERVED_MARK):
        return text, model
    name = model if model.startswith(SIMULATED_MODEL_PREFIX) else SIMULATED_MODEL_PREFIX + model
    return marked.removesuffix(SERVED_MARK).removesuffix("\n"), name
