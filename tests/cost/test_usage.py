"""Cost of replies at given prices, beside the cost that endpoints report."""

import pytest

from collide.cost.usage import PaidReplies, Price, RoleUsage, compare_costs, read_price, summarize_usage
from collide.llm.request import Reply

PRICE = Price(1.0, 10.0, 0.1)


def count(*replies, price=PRICE):
    usage = RoleUsage()
    for reply in replies:
        usage.count_reply(reply, price, sent=True)
    usage.set_cost(price)
    return usage


def make_reply(tokens_in=1_000_000, tokens_out=100_000, **facts):
    return Reply("4", "m", "stop", tokens_in, tokens_out, **facts)


def test_cached_tokens_have_a_price_of_their_own():
    usage = count(make_reply(tokens_cached=600_000), make_reply())
    assert (usage.tokens_in, usage.tokens_cached) == (2_000_000, 600_000)
    assert usage.cost == usage.spent == pytest.approx((0.4 + 0.06 + 1.0) + (1.0 + 1.0))


def test_without_a_price_of_their_own_cached_tokens_cost_as_much_as_others():
    assert count(make_reply(tokens_cached=600_000), price=Price(1.0, 10.0)).cost == pytest.approx(2.0)
    assert read_price({"price_in": 1.0, "price_out": 2.0}) == Price(1.0, 2.0, None)
    assert read_price({"price_in": 1.0, "price_out": 2.0, "price_cached": 0.0}, "judge") == Price(1.0, 2.0, 0.0, "judge")


def test_replies_from_a_batch_api_cost_half():
    usage = count(make_reply(batched=True, tokens_cached=600_000), make_reply())
    assert (usage.replies, usage.batched) == (2, 1)
    assert usage.cost == usage.spent == pytest.approx(1.46 / 2 + 2.0)


def test_the_reported_cost_is_compared_with_the_computed_one():
    usage = count(make_reply(cost=2.5), make_reply(cost=2.5))
    assert (usage.with_cost, usage.cost_reported, usage.cost, usage.cost_apart) == (2, 5.0, 4.0, 0.25)
    # One reply without a reported cost: the mean of both counts for the other one.
    assert count(make_reply(cost=1.5), make_reply()).cost_apart == -0.25
    assert count(make_reply()).cost_apart is None
    assert count(make_reply(cost=1.0), price=Price()).cost_apart is None


def test_the_total_compares_the_roles_that_report_a_cost():
    roles = {"task": count(make_reply(cost=3.0)), "loss": count(make_reply())}
    assert compare_costs(roles.values()) == 0.5
    total = summarize_usage(roles)["total"]
    assert (total["cost"], total["cost_reported"], total["cost_apart"]) == (4.0, 3.0, 0.5)


def test_time_and_retries_of_replies_are_summed():
    usage = RoleUsage()
    # The client counts the failed tries before a reply that is sent now, when they fail.
    usage.count_reply(make_reply(seconds=1.5, retries=2), PRICE, sent=True)
    usage.count_reply(make_reply(seconds=0.5, retries=3), PRICE, sent=False)
    usage.count_reply(make_reply(), PRICE, sent=False)
    assert (usage.seconds, usage.timed, usage.retries) == (2.0, 2, 3)


def test_sums_are_independent_of_the_order_of_replies():
    replies = [make_reply(7, 3), make_reply(11, 2, tokens_cached=5), make_reply(1, 1, batched=True)]
    sums = [PaidReplies() for _ in range(2)]
    for paid, order in zip(sums, (replies, replies[::-1]), strict=True):
        for reply in order:
            paid.add_reply(reply)
    assert sums[0] == sums[1]
