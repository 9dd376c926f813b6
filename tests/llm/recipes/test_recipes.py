"""The blocks of docs/endpoints.md against local servers that behave like the vendors."""

import asyncio
import copy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from snakemake.utils import update_config
from tools.http_server import HttpServer

from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.models import collect_client_settings, resolve_model
from collide.llm.request import Call, build_request
from collide.llm.session import make_model
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import FatalError

from .vendors import ANSWER, AZURE_DATED, KEY, VENDORS, read_recipes

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
TEXT = (ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")
RECIPES = {heading: block for heading, block in read_recipes(TEXT).items() if block}
MESSAGES = ({"role": "system", "content": "Rate."}, {"role": "user", "content": "A summary."})
MODELS = [(heading, name) for heading, block in RECIPES.items() for name in yaml.safe_load(block)["models"]]


def lay_over(block):
    """Return the default configuration with a recipe, and the source of its models."""
    recipe = yaml.safe_load(block) if isinstance(block, str) else block
    config = copy.deepcopy(CONFIG)
    source = next(iter(next(iter(recipe["models"].values()))))
    update_config(config, recipe | {"source": source, "corpus": "embedded"})
    return config, source


def find_vendor(heading, name):
    return AZURE_DATED if name == "my-dated-gpt" else VENDORS[heading]


def call(config, source, vendor, name, role, monkeypatch):
    """Return the reply of a vendor's server to one request to a model in a role."""

    async def session():
        async with HttpServer(vendor.respond) as server:
            model = resolve_model(config, name, role, source)
            settings = collect_client_settings(config, source)["endpoints"][model["endpoint"]]
            if "api_key_env" in settings:
                monkeypatch.setenv(settings["api_key_env"], KEY)
            address = urlsplit(model["base_url"])
            moved = address._replace(scheme="http", netloc=urlsplit(server.url).netloc).geturl()
            endpoint = Endpoint(model["endpoint"], moved, settings)
            try:
                return await endpoint.complete(build_request(Call(role, MESSAGES, 7), make_model(model), endpoint, 1))
            finally:
                await endpoint.close()

    return asyncio.run(session())


def test_there_is_a_recipe_for_each_named_endpoint():
    assert list(RECIPES) == list(VENDORS)


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_is_a_valid_configuration(heading):
    config, _ = lay_over(RECIPES[heading])
    check_config(config)
    for model in yaml.safe_load(RECIPES[heading])["models"]:
        for role in config["studies"]["main"]["models"]:
            config["studies"]["main"]["models"][role] = model
    config |= {"active_studies": ["main"], "studies": {"main": config["studies"]["main"]}}
    config["diagnostics"]["evaluator"] = model
    check_config(config)


@pytest.mark.parametrize(("heading", "name"), MODELS)
@pytest.mark.parametrize("role", ["task", "optimizer", "evaluator"])
def test_the_vendor_answers_a_request_made_by_its_recipe(heading, name, role, monkeypatch):
    config, source = lay_over(RECIPES[heading])
    reply = call(config, source, find_vendor(heading, name), name, role, monkeypatch)
    assert (reply.text, reply.finish_reason, reply.tokens_in, reply.tokens_out) == (ANSWER, "stop", 300, 8)
    assert reply.provider == ("Fireworks" if heading == "OpenRouter" else "")


@pytest.mark.parametrize(
    ("heading", "name", "dropped", "says"),
    [
        ("OpenAI", "gpt-5.1", "fields", "`fields: {max_tokens: max_completion_tokens}` beside `name: gpt-5.1`"),
        ("OpenAI", "gpt-5.1", "thinking_off", "`fields: {temperature: null}` beside `name: gpt-5.1`"),
        ("Anthropic", "claude-opus", "fields", "`fields: {temperature: null}` beside `name: claude-opus-4-7`"),
        ("LiteLLM proxy", "claude-sonnet", "fields", "`fields: {seed: null}` beside `name: claude-sonnet`"),
        ("DashScope", "qwen3-8b", "thinking_off", "`thinking_off: enable_thinking` beside `name: qwen3-8b`"),
        ("DashScope", "qwen3-8b", "roles", "at most 8192 tokens: lower `max_tokens` in config.yaml (roles)"),
        *((vendor, None, "name", "check the model's name 'other'") for vendor in VENDORS),
        ("OpenAI", "gpt-4.1-mini", "base_url", "check the model's name 'gpt-4.1-mini' and base_url"),
        ("Azure OpenAI", "my-gpt", "api_key_header", "the key is not accepted"),
    ],
)
def test_without_a_line_of_its_recipe_a_message_names_it(heading, name, dropped, says, monkeypatch):
    recipe = yaml.safe_load(RECIPES[heading])
    name = name or next(iter(recipe["models"]))
    source, model = next(iter(recipe["models"][name].items()))
    endpoint = recipe.get("endpoints", {}).get(model["endpoint"], {})
    if dropped == "name":
        model["name"] = "other"
    elif dropped == "base_url":
        endpoint["base_url"] += "/beta"
    else:
        for settings in (recipe, endpoint, model):
            settings.pop(dropped, None)
    config, source = lay_over(recipe)
    with pytest.raises(FatalError) as caught:
        call(config, source, find_vendor(heading, name), name, "optimizer", monkeypatch)
    assert says in str(caught.value)


def test_the_default_switch_of_openrouter_at_another_vendor_is_refused_with_the_line_to_write(monkeypatch):
    recipe = yaml.safe_load(RECIPES["OpenAI"])
    recipe["endpoints"]["openai"]["thinking_off"] = "reasoning_enabled"
    config, source = lay_over(recipe)
    with pytest.raises(FatalError, match="`thinking_off: none` beside `name: gpt-4.1-mini`".replace(".", "[.]")):
        call(config, source, VENDORS["OpenAI"], "gpt-4.1-mini", "task", monkeypatch)


def test_a_model_that_reasons_leaves_no_answer_where_its_switch_is_left_out(monkeypatch):
    for heading, name in (
        ("DeepSeek", "deepseek-pro"),
        ("vLLM", "qwen3-8b"),
        ("Ollama", "qwen3-8b"),
        ("llama.cpp", "qwen3-8b"),
    ):
        recipe = yaml.safe_load(RECIPES[heading])
        for endpoint in recipe["endpoints"].values():
            endpoint["thinking_off"] = "none"
        config, source = lay_over(recipe)
        reply = call(config, source, VENDORS[heading], name, "task", monkeypatch)
        assert (reply.text, reply.finish_reason) == ("", "length")


def test_a_missing_key_is_named_for_a_hosted_endpoint_and_none_is_needed_for_a_server_of_ones_own(monkeypatch):
    config, _ = lay_over(RECIPES["DeepSeek"])
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    with pytest.raises(InputError, match="DEEPSEEK_API_KEY is not set"):
        Endpoint("deepseek", "https://api.deepseek.com", config["endpoints"]["deepseek"])
    for heading in ("vLLM", "SGLang", "llama.cpp", "Ollama"):
        assert all("api_key_env" not in endpoint for endpoint in yaml.safe_load(RECIPES[heading])["endpoints"].values())
