"""Lint rules: one file each, found by name; `promql/range_short.py` is `promql/range-short`. A folder is a family.

A rule is a module with

- a docstring: 'Title: what must be so.', an empty line, and what happens in production otherwise: this makes its page;
- `SEVERITY`, a Severity: what it weighs, unless the Config or the problem itself says otherwise;
- `BAD` and `GOOD`, each a whole spec or file of rules, or a dict of such texts by file name. In BAD the rule finds
  something, and nothing else does but the codes in `ALSO` (a set, if there is one); in GOOD nobody finds anything;
- `NEEDS`, if it only runs when something more was given: "prometheus" or "alertmanager", a field of Context;
- one or more of these, each a generator; `context` is a slogen.lint.subject.Context:

  `check_slo(slo, context)`            yields `slo.problem(message, hint, "objective")`: steps lead down the spec
  `check_service(service, context)`    the same for a service: steps begin at the document: "metadata", "owner"
  `check_expression(one, context)`     yields `Mark(node, message, hint)` for the rules of files. It sees the expression
                                       alone, and runs once for all that differ in label values only: the fast way
  `check_rule(rule, context)`          yields `rule.problem(message, hint, at)`: `at` is a node, label, matcher or token
                                       of `rule.expression` (None where it cannot be read), a Text such as
                                       `rule.rule.labels["x"]` (`key=True` for its key), or nothing for the whole rule
  `check_group(file, group, context)`  yields `file.problem(message, hint, group.place)`
  `check_file(file, context)`          the same for a whole file
  `gather(file, context)` and `gather_service(service, context)`
                                       yield facts, small values that can be pickled (Place, str, tuple ...), for
  `check_repository(facts, context)`   which gets those of all files in order, and yields `Problem(place, ...)`

Modules that begin with an underscore are no rules. Files are looked at in several processes: keep no state.
"""
