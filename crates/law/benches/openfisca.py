"""The law files in OpenFisca, beside this engine: the same facts, as far as OpenFisca can express them.

Reads laws/mx (argument 1) and a situation as `resguardo law export --openfisca` writes it (standard input). Each fact is a
boolean variable of a person, each offence and fraction in force one with a formula for each wording. What is unknown is
false there; there is no reason, no missing fact, no range. Prints answers and speed as JSON.
"""

import json
import sys
import time
import tomllib
from pathlib import Path

from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.variables import Variable
from openfisca_country_template import CountryTaxBenefitSystem
from openfisca_country_template.entities import Person

LAW = "lgpsedmtp-2012"
MANY = 10_000
SECONDS = 2


def files(root):
    return [tomllib.loads(path.read_text()) for path in sorted(root.rglob("*.toml"))]


def expression(tree, trees):
    """A tree as a function of a person and a day."""
    if isinstance(tree, str):
        if tree in trees:
            return expression(trees[tree], trees)
        return lambda person, day: person(tree, day)
    ((how, inner),) = tree.items()
    if how == "offence":
        return lambda person, day: person(inner, day)
    if how == "open":
        return lambda person, day: person.filled_array(False)
    if how == "not":
        part = expression(inner, trees)
        return lambda person, day: ~part(person, day)
    parts = [expression(part, trees) for part in inner]

    def joined(person, day):
        result = parts[0](person, day)
        for part in parts[1:]:
            result = result & part(person, day) if how == "all" else result | part(person, day)
        return result

    return joined


def variable(name, formulas, end=None):
    body = {"value_type": bool, "entity": Person, "definition_period": DateUnit.DAY, "label": name}
    for since, formula in formulas:
        body[f"formula_{since:%Y_%m_%d}"] = formula
    if end:
        body["end"] = f"{end:%Y-%m-%d}"
    return type(name, (Variable,), body)


def worded(part, field, trees):
    """A formula for each wording: what an earlier one does not say is that of the present one."""
    for one in [part, *part.get("earlier", [])]:
        tree = expression(one.get(field, part[field]), trees)
        excluded = [expression(each, trees) for each in one.get("excluded_by", part.get("excluded_by", []))]

        def formula(person, day, parameters, tree=tree, excluded=excluded):
            met = tree(person, day)
            for exclusion in excluded:
                met = met & ~exclusion(person, day)
            return met

        yield one["since"], formula


def system(root):
    read = files(root)
    trees = {tree["id"]: tree["tree"] for file in read for tree in file.get("tree", [])}
    law = CountryTaxBenefitSystem()
    for file in read:
        for fact in file.get("fact", []):
            for name in [fact["id"], *fact.get("aliases", [])]:
                law.add_variable(variable(name, []))
    for file in read:
        for field, kind in [("elements", "offence"), ("tree", "fraction")]:
            for part in file.get(kind, []):
                law.add_variable(variable(part["id"], worded(part, field, trees), part.get("until")))
    return law


def asked(situation):
    variables = next(iter(situation["persons"].values()))
    (day,) = {day for values in variables.values() for day in values}
    facts = {name: values[day] for name, values in variables.items() if values[day] is not None}
    return day, facts, [name for name, values in variables.items() if values[day] is None]


def speed(once, answers):
    begun, rounds = time.process_time(), 0
    while time.process_time() - begun < SECONDS:
        once()
        rounds += 1
    return answers * rounds / (time.process_time() - begun)


def main():
    law = system(Path(sys.argv[1]))
    situation = json.load(sys.stdin)
    day, facts, offences = asked(situation)

    def one():
        simulation = SimulationBuilder().build_from_entities(law, situation)
        return {name: bool(simulation.calculate(name, day)[0]) for name in offences}

    def many():
        simulation = SimulationBuilder().build_default_simulation(law, MANY)
        for name, value in facts.items():
            simulation.set_input(name, day, [value] * MANY)
        for name in offences:
            simulation.calculate(name, day)

    met = sorted(name for name, value in one().items() if value)
    print(json.dumps({"met": met, "asked": len(offences), "one": speed(one, 1), "many": speed(many, MANY)}))


main()
