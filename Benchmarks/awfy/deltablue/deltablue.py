# DeltaBlue, an incremental solver of one-way constraints: it keeps a chain of equalities and a row of
# projections consistent while their variables are edited. The second argument is how many there are.

import sys

# The stronger of two strengths is the lesser one.
(ABSOLUTE_STRONGEST, REQUIRED, STRONG_PREFERRED, PREFERRED, STRONG_DEFAULT, DEFAULT, WEAK_DEFAULT,
 ABSOLUTE_WEAKEST) = range(8)
UNSATISFIED, FORWARD, BACKWARD = range(3)


class Variable:
    def __init__(self, value=0):
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.mark = 0
        self.walk_strength = ABSOLUTE_WEAKEST
        self.stay = True

    def remove_constraint(self, c):
        self.constraints.remove(c)
        if self.determined_by is c:
            self.determined_by = None


class Constraint:
    is_input = False

    def __init__(self, strength, *variables):
        self.strength = strength
        self.variables = variables
        self.flow = UNSATISFIED

    def is_satisfied(self):
        return self.flow != UNSATISFIED

    def flow_into(self, v, mark, flow):
        """The flow, if the constraint may determine the variable."""
        return flow if v.mark != mark and self.strength < v.walk_strength else UNSATISFIED

    def inputs_known(self, mark):
        return all(v.mark == mark or v.stay or v.determined_by is None for v in self.inputs())


class Stay(Constraint):
    def output(self):
        return self.variables[0]

    def inputs(self):
        return ()

    def choose_method(self, mark):
        self.flow = self.flow_into(self.variables[0], mark, FORWARD)

    def execute(self):
        pass

    def recalculate(self):
        v = self.variables[0]
        v.walk_strength = self.strength
        v.stay = not self.is_input


class Edit(Stay):
    is_input = True


class Equal(Constraint):
    def output(self):
        return self.variables[1 if self.flow == FORWARD else 0]

    def source(self):
        return self.variables[0 if self.flow == FORWARD else 1]

    def inputs(self):
        return (self.source(),)

    def choose_method(self, mark):
        a, b = self.variables[:2]
        if a.mark == mark:
            self.flow = self.flow_into(b, mark, FORWARD)
        elif b.mark == mark or a.walk_strength > b.walk_strength:
            self.flow = self.flow_into(a, mark, BACKWARD)
        else:
            self.flow = self.flow_into(b, mark, FORWARD)

    def execute(self):
        self.output().value = self.source().value

    def recalculate(self):
        out = self.output()
        out.walk_strength = max(self.strength, self.source().walk_strength)
        out.stay = all(v.stay for v in self.inputs())
        if out.stay:
            self.execute()


class Scaled(Equal):
    def inputs(self):
        return (self.source(), self.variables[2], self.variables[3])

    def execute(self):
        a, b, scale, offset = self.variables
        if self.flow == FORWARD:
            b.value = a.value * scale.value + offset.value
        else:
            a.value = (b.value - offset.value) // scale.value


class Planner:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def constrain(self, c):
        for v in c.variables:
            v.constraints.append(c)
        self.incremental_add(c)
        return c

    def destroy(self, c):
        if c.is_satisfied():
            self.incremental_remove(c)
        else:
            self.remove_from_graph(c)

    def remove_from_graph(self, c):
        for v in c.variables:
            v.remove_constraint(c)
        c.flow = UNSATISFIED

    def satisfy(self, c, mark):
        """Answers the constraint that was overridden."""
        c.choose_method(mark)
        if not c.is_satisfied():
            assert c.strength != REQUIRED, "could not satisfy a required constraint"
            return None
        for v in c.inputs():
            v.mark = mark
        out = c.output()
        overridden = out.determined_by
        if overridden:
            overridden.flow = UNSATISFIED
        out.determined_by = c
        assert self.add_propagate(c, mark), "cycle of constraints"
        out.mark = mark
        return overridden

    def incremental_add(self, c):
        mark = self.new_mark()
        while c:
            c = self.satisfy(c, mark)

    def incremental_remove(self, c):
        out = c.output()
        c.flow = UNSATISFIED
        self.remove_from_graph(c)
        for u in self.remove_propagate_from(out):
            self.incremental_add(u)

    def push_consumers(self, todo, v):
        """Adds the constraints that the variable is an input of."""
        for c in v.constraints:
            if c.is_satisfied() and v.determined_by is not c:
                todo.append(c)

    # A `for` also walks what is appended meanwhile, so these loops are queues.

    def add_propagate(self, c, mark):
        todo = [c]
        for d in todo:
            if d.output().mark == mark:
                self.incremental_remove(c)
                return False
            d.recalculate()
            self.push_consumers(todo, d.output())
        return True

    def remove_propagate_from(self, out):
        unsatisfied = []
        out.determined_by = None
        out.walk_strength = ABSOLUTE_WEAKEST
        out.stay = True
        todo = [out]
        for v in todo:
            for c in v.constraints:
                if not c.is_satisfied():
                    unsatisfied.append(c)
                elif v.determined_by is not c:
                    c.recalculate()
                    todo.append(c.output())
        unsatisfied.sort(key=lambda c: c.strength)
        return unsatisfied

    def make_plan(self, sources):
        """The constraints to execute, in order, when the sources change."""
        mark = self.new_mark()
        plan = []
        todo = list(sources)
        for c in todo:
            out = c.output()
            if out.mark != mark and c.inputs_known(mark):
                plan.append(c)
                out.mark = mark
                self.push_consumers(todo, out)
        return plan

    def extract_plan(self, constraints):
        return self.make_plan([c for c in constraints if c.is_input and c.is_satisfied()])

    def change(self, v, value):
        edit = self.constrain(Edit(PREFERRED, v))
        plan = self.extract_plan([edit])
        for _ in range(10):
            v.value = value
            for c in plan:
                c.execute()
        self.destroy(edit)


def chain_test(n):
    p = Planner()
    variables = [Variable() for _ in range(n + 1)]
    start, end = variables[0], variables[n]
    for i in range(n):
        p.constrain(Equal(REQUIRED, variables[i], variables[i + 1]))
    p.constrain(Stay(STRONG_DEFAULT, end))
    edit = p.constrain(Edit(PREFERRED, start))
    plan = p.extract_plan([edit])
    for value in range(100):
        start.value = value
        for c in plan:
            c.execute()
        assert end.value == value
    p.destroy(edit)


def projection_test(n):
    p = Planner()
    scale = Variable(10)
    offset = Variable(1000)
    sources = [Variable(i) for i in range(1, n + 1)]
    targets = [Variable(i) for i in range(1, n + 1)]
    for s, t in zip(sources, targets):
        p.constrain(Stay(DEFAULT, s))
        p.constrain(Scaled(REQUIRED, s, t, scale, offset))
    p.change(sources[-1], 17)
    assert targets[-1].value == 1170
    p.change(targets[-1], 1050)
    assert sources[-1].value == 5
    p.change(scale, 5)
    for i in range(n - 1):
        assert targets[i].value == (i + 1) * 5 + 1000
    p.change(offset, 2000)
    for i in range(n - 1):
        assert targets[i].value == (i + 1) * 5 + 2000


def main(iterations=1, n=1):
    for _ in range(iterations):
        chain_test(n)
        projection_test(n)
    print("DeltaBlue verified")


main(*map(int, sys.argv[1:]))
