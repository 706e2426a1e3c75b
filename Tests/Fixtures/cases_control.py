"""The cases of conditions, loops and resource variables: subgraphs that are known when the file is read."""

import numpy as np

import models_rearrangement as move
import operator_models as op
from case_table import X, add_cases

SHAPE = (2, 6)
OUT = (0.06, 3)


# Operators.

def scalar(b, value, dtype="int32"):
    return b.constant([value], dtype)


def compare(b, kind, left, right):
    options = "".join(word.capitalize() for word in kind.split("_")) + "Options"
    return b.operator(kind, [left, right], b.tensor("test", left.shape, None, "bool"), options)


def add_numbers(b, left, right):
    return b.operator("ADD", [left, right], b.tensor("sum", left.shape, None, left.dtype), "AddOptions")


def if_(b, condition, inputs, outputs, then, otherwise):
    """then and otherwise build a branch: a function of the inputs that returns the outputs."""
    numbers = []
    for build in (then, otherwise):
        with b.subgraph(*inputs) as (number, *arguments):
            b.output(*op.as_list(build(b, *arguments)))
        numbers.append(number)
    return b.operator("IF", [condition, *inputs], outputs, "IfOptions",
                      thenSubgraphIndex=numbers[0], elseSubgraphIndex=numbers[1])


def while_(b, inputs, test, body):
    """test and body are functions of the loop's variables; what they leave is returned."""
    numbers = []
    for build in (test, body):
        with b.subgraph(*inputs) as (number, *arguments):
            b.output(*op.as_list(build(b, *arguments)))
        numbers.append(number)
    outputs = [b.tensor("after_loop", x.shape, x.quantization, x.dtype) for x in inputs]
    b.operator("WHILE", inputs, outputs, "WhileOptions", condSubgraphIndex=numbers[0], bodySubgraphIndex=numbers[1])
    return outputs


def counted(b, count, values, body, start=0, step=1):
    """A loop with a counter; body is a function of the counter and the values, and returns the new values."""
    counter, *after = while_(
        b, [scalar(b, start), *values], lambda b, i, *rest: compare(b, "LESS", i, scalar(b, count)),
        lambda b, i, *rest: [add_numbers(b, i, scalar(b, step)), *op.as_list(body(b, i, *rest))])
    return after


def handle(b, name, shape=()):
    return b.operator("VAR_HANDLE", [], b.tensor("handle", shape, None, "resource"), "VarHandleOptions",
                      container="", sharedName=name)


def read(b, name, x):
    return b.operator("READ_VARIABLE", handle(b, name), b.tensor("value", x.shape, x.quantization, x.dtype),
                      "ReadVariableOptions")


def assign(b, name, value):
    b.operator("ASSIGN_VARIABLE", [handle(b, name), value], [], "AssignVariableOptions")


def call_once(b, **values):
    """Assigns constants to variables before the first inference."""
    with b.subgraph() as (number, *_):
        for name, (data, quantization, dtype) in values.items():
            assign(b, name, b.constant(data, dtype, quantization))
    b.operator("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=number)


def scaled(b, x, factor=0.7, out=None):
    """x times a constant, of the type of x."""
    y = b.tensor("scaled", x.shape, out or x.quantization, x.dtype)
    return b.operator("MUL", [x, b.constant([100], "int8", (factor / 100, 0))], y, "MulOptions",
                      fusedActivationFunction=0)


def sum_of(b, left, right, out=None):
    y = b.tensor("sum", left.shape, out or left.quantization, left.dtype)
    return b.operator("ADD", [left, right], y, "AddOptions", fusedActivationFunction=0)


def like(b, x, out=None):
    return b.tensor("result", x.shape, out or x.quantization, x.dtype)


# Conditions.

def condition(b, value=True, x=X):
    x = b.input(SHAPE, x)
    b.output(if_(b, scalar(b, value, "bool"), [x], like(b, x), scaled, lambda b, x: sum_of(b, x, x)))


def computed_condition(b, limit=3):
    x = b.input(SHAPE, X)
    test = compare(b, "GREATER_EQUAL", add_numbers(b, scalar(b, 1), scalar(b, 2)), scalar(b, limit))
    b.output(if_(b, test, [x], like(b, x), scaled, lambda b, x: sum_of(b, x, x)))


def two_values(b):
    x, y = b.input(SHAPE, X), b.input(SHAPE, X)
    # The outputs are exchanged, the inputs read twice.
    b.output(*if_(b, scalar(b, True, "bool"), [x, y], [like(b, x), like(b, x)],
                  lambda b, x, y: [sum_of(b, x, y), scaled(b, x)], lambda b, x, y: [x, y]))


def handed_on(b):
    x = b.input(SHAPE, X)
    inner = if_(b, scalar(b, False, "bool"), [x], like(b, x), scaled, lambda b, x: x)
    b.output(scaled(b, inner, 1.3))


def nested_conditions(b, outer=True, inner=False):
    x = b.input(SHAPE, X)

    def then(b, x):
        return if_(b, scalar(b, inner, "bool"), [x], like(b, x), scaled, lambda b, x: scaled(b, x, 1.2))

    b.output(if_(b, scalar(b, outer, "bool"), [x], like(b, x), then, lambda b, x: sum_of(b, x, x)))


add_cases("if", condition, {"true": dict(), "false": dict(value=False)})
add_cases("if", computed_condition, {"computed_true": dict(), "computed_false": dict(limit=4)})
add_cases("if", two_values, {"two_outputs": dict()})
add_cases("if", handed_on, {"hands_input_on": dict()})
add_cases("if", nested_conditions, {
    "nested": dict(), "nested_true": dict(inner=True), "nested_outer_false": dict(outer=False)})


# Loops.

def power(b, count=3, start=0, step=1):
    x = b.input(SHAPE, X)
    b.output(*counted(b, count, [x], lambda b, i, x: scaled(b, x, 1.1), start, step))


def steps_of_data(b, steps=4, features=3):
    """A recurrent layer: the counter chooses the step of the input, the state goes round."""
    x = b.input((steps, 2, features), X)
    state = b.constant(np.zeros((2, features)), "int8", OUT)

    def body(b, i, x, state):
        now = b.tensor("step", [1, 2, features], x.quantization)
        begin = move.concatenation(b, [i, scalar(b, 0), scalar(b, 0)], 0)
        b.operator("SLICE", [x, begin, b.constant([1, 2, features])], now, "SliceOptions")
        return [x, sum_of(b, scaled(b, state, 0.9), move.reshape(b, now, [2, features]), OUT)]

    b.output(counted(b, steps, [x, state], body)[1])


def gathered_rows(b, dense=False):
    """Rows by GATHER, from the last one backwards."""
    x = b.input((5, 1, 4), X)
    state = b.constant(np.full((1, 4), 20), "int8", OUT)

    def body(b, i, x, state):
        last = b.operator("SUB", [scalar(b, 4), i], b.tensor("last", [1], None, "int32"), "SubOptions")
        row = move.reshape(b, b.operator(
            "GATHER", [x, last], b.tensor("row", [1, 1, 4], x.quantization), "GatherOptions", axis=0), [1, 4])
        if dense:
            row = op.fully_connected(b, row, units=4, out=OUT)
        return [x, sum_of(b, scaled(b, state, 0.8), row, OUT)]

    b.output(counted(b, 5, [x, state], body)[1])


def collected(b):
    """A result of which each round writes one row."""
    x = b.input((1, 4), X)
    rows = b.constant(np.full((3, 4), -5), "int8", X)

    def body(b, i, x, rows):
        x = scaled(b, x, 1.1)
        place = move.concatenation(b, [i, scalar(b, 0)], 0)
        return [x, move.update_slice(b, rows, x, place)]

    b.output(*counted(b, 3, [x, rows], body))


def never(b):
    x = b.input(SHAPE, X)
    b.output(*counted(b, 3, [x], lambda b, i, x: scaled(b, x), start=3))


def counter_out(b):
    x = b.input(SHAPE, X)
    counter, y = while_(
        b, [scalar(b, 0), x], lambda b, i, x: compare(b, "LESS", i, scalar(b, 5)),
        lambda b, i, x: [add_numbers(b, i, scalar(b, 2)), scaled(b, x, 1.1)])
    b.output(counter, y)


def exchanged(b):
    x, y = b.input(SHAPE, X), b.input(SHAPE, X)
    b.output(*counted(b, 3, [x, y], lambda b, i, x, y: [scaled(b, y), x]))


def nested_loops(b):
    x = b.input(SHAPE, X)

    def body(b, i, x):
        # As many rounds inside as the outer counter says.
        inner = while_(b, [scalar(b, 0), i, x], lambda b, j, i, x: compare(b, "LESS", j, i),
                       lambda b, j, i, x: [add_numbers(b, j, scalar(b, 1)), i, scaled(b, x, 1.1)])
        return inner[2]

    b.output(*counted(b, 3, [x], body))


def condition_in_loop(b):
    x = b.input(SHAPE, X)

    def body(b, i, x):
        test = compare(b, "EQUAL", i, scalar(b, 1))
        return if_(b, test, [x], like(b, x), lambda b, x: sum_of(b, x, x), lambda b, x: scaled(b, x, 0.6))

    b.output(*counted(b, 4, [x], body))


def loop_in_condition(b):
    x = b.input(SHAPE, X)
    b.output(if_(b, scalar(b, True, "bool"), [x], like(b, x),
                 lambda b, x: counted(b, 2, [x], lambda b, i, x: scaled(b, x, 1.1)), lambda b, x: x))


add_cases("while", power, {"counted": dict(), "counted_by_3": dict(count=9, start=1, step=3), "once": dict(count=1)})
add_cases("while", steps_of_data, {"steps_of_data": dict()})
add_cases("while", gathered_rows, {"gathered_rows": dict(), "gathered_rows_dense": dict(dense=True)})
add_cases("while", collected, {"collected_rows": dict()})
add_cases("while", never, {"never": dict()})
add_cases("while", counter_out, {"counter_is_output": dict()})
add_cases("while", exchanged, {"exchanged_values": dict()})
add_cases("while", nested_loops, {"nested": dict()})
add_cases("while", condition_in_loop, {"with_if": dict()})
add_cases("if", loop_in_condition, {"with_while": dict()})


# Variables.

def accumulated(b, once=True, dtype="int8", quantization=X):
    x = b.input(SHAPE, quantization, dtype)
    if once:
        start = np.arange(12).reshape(SHAPE) * 7 - 40
        call_once(b, total=(start, quantization, dtype))
    total = sum_of(b, read(b, "total", x), x) if dtype != "int32" else add_numbers(b, read(b, "total", x), x)
    assign(b, "total", total)
    b.output(scaled(b, total, 0.5) if dtype == "int8" else total)


def two_variables(b):
    """A delay of two inferences."""
    x = b.input(SHAPE, X)
    call_once(b, first=(np.full(SHAPE, 10), X, "int8"), second=(np.full(SHAPE, -20), X, "int8"))
    first, second = read(b, "first", x), read(b, "second", x)
    assign(b, "second", scaled(b, first, 1.0))
    assign(b, "first", x)
    b.output(sum_of(b, second, x))


def read_after_assigned(b):
    x = b.input(SHAPE, X)
    call_once(b, value=(np.zeros(SHAPE), X, "int8"))
    before = read(b, "value", x)
    assign(b, "value", scaled(b, x))
    b.output(sum_of(b, before, read(b, "value", x)))


def only_read(b):
    x = b.input(SHAPE, X)
    call_once(b, value=(np.arange(12).reshape(SHAPE) * 9 - 50, X, "int8"))
    b.output(sum_of(b, read(b, "value", x), x))


def assigned_in_loop(b):
    x = b.input(SHAPE, X)
    call_once(b, value=(np.full(SHAPE, 3), X, "int8"))

    def body(b, i, x):
        y = sum_of(b, scaled(b, read(b, "value", x), 0.8), x)
        assign(b, "value", y)
        return y

    b.output(*counted(b, 3, [x], body))


def assigned_in_condition(b):
    x = b.input(SHAPE, X)
    call_once(b, value=(np.full(SHAPE, 3), X, "int8"))

    def then(b, x):
        y = sum_of(b, read(b, "value", x), x)
        assign(b, "value", y)
        return y

    b.output(if_(b, scalar(b, True, "bool"), [x], like(b, x), then, lambda b, x: x))


add_cases("variable", accumulated, {
    "accumulated": dict(), "without_beginning": dict(once=False),
    "int32": dict(dtype="int32", quantization=None),
})
add_cases("variable", two_variables, {"two": dict()})
add_cases("variable", read_after_assigned, {"read_after_assigned": dict()})
add_cases("variable", only_read, {"only_read": dict()})
add_cases("variable", assigned_in_loop, {"assigned_in_loop": dict()})
add_cases("variable", assigned_in_condition, {"assigned_in_if": dict()})
