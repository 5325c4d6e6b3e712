// DeltaBlue, an incremental solver of one-way constraints: it keeps a chain of equalities and a row of
// projections consistent while their variables are edited. The second argument is how many there are.

"use strict";

// The stronger of two strengths is the lesser one.
const required = 1, preferred = 3, strongDefault = 4, byDefault = 5, absoluteWeakest = 7;
const unsatisfied = 0, forward = 1, backward = 2;

class Variable {
  constructor(value) {
    this.value = value;
    this.constraints = [];
    this.determinedBy = null;
    this.mark = 0;
    this.walkStrength = absoluteWeakest;
    this.stay = true;
  }

  removeConstraint(c) {
    const i = this.constraints.indexOf(c);
    if (i >= 0) this.constraints.splice(i, 1);
    if (this.determinedBy === c) this.determinedBy = null;
  }

  isKnown(mark) {
    return this.mark === mark || this.stay || this.determinedBy === null;
  }
}

// Kinds of constraints

class Constraint {
  constructor(strength) {
    this.strength = strength;
    this.flow = unsatisfied;
  }

  isInput() { return false; }
  isSatisfied() { return this.flow !== unsatisfied; }

  // The flow, if the constraint may determine the variable.
  flowInto(v, mark, flow) {
    return v.mark !== mark && this.strength < v.walkStrength ? flow : unsatisfied;
  }
}

class Stay extends Constraint {
  constructor(strength, v) {
    super(strength);
    this.v = v;
  }

  variables() { return [this.v]; }
  output() { return this.v; }
  chooseMethod(mark) { this.flow = this.flowInto(this.v, mark, forward); }
  execute() {}
  inputsKnown(mark) { return true; }
  markInputs(mark) {}

  recalculate() {
    this.v.walkStrength = this.strength;
    this.v.stay = !this.isInput();
  }
}

class Edit extends Stay {
  isInput() { return true; }
}

class Equal extends Constraint {
  constructor(strength, a, b) {
    super(strength);
    this.a = a;
    this.b = b;
  }

  variables() { return [this.a, this.b]; }
  output() { return this.flow === forward ? this.b : this.a; }
  source() { return this.flow === forward ? this.a : this.b; }
  inputsKnown(mark) { return this.source().isKnown(mark); }
  inputsStay() { return this.source().stay; }
  markInputs(mark) { this.source().mark = mark; }
  execute() { this.output().value = this.source().value; }

  chooseMethod(mark) {
    const a = this.a, b = this.b;
    if (a.mark === mark)
      this.flow = this.flowInto(b, mark, forward);
    else if (b.mark === mark || a.walkStrength > b.walkStrength)
      this.flow = this.flowInto(a, mark, backward);
    else
      this.flow = this.flowInto(b, mark, forward);
  }

  recalculate() {
    const out = this.output();
    out.walkStrength = Math.max(this.strength, this.source().walkStrength);
    out.stay = this.inputsStay();
    if (out.stay) this.execute();
  }
}

class Scaled extends Equal {
  constructor(strength, a, b, scale, offset) {
    super(strength, a, b);
    this.scale = scale;
    this.offset = offset;
  }

  variables() { return [this.a, this.b, this.scale, this.offset]; }

  inputsKnown(mark) {
    return this.source().isKnown(mark) && this.scale.isKnown(mark) && this.offset.isKnown(mark);
  }

  inputsStay() {
    return this.source().stay && this.scale.stay && this.offset.stay;
  }

  markInputs(mark) {
    this.source().mark = mark;
    this.scale.mark = mark;
    this.offset.mark = mark;
  }

  execute() {
    if (this.flow === forward)
      this.b.value = this.a.value * this.scale.value + this.offset.value;
    else
      this.a.value = Math.trunc((this.b.value - this.offset.value) / this.scale.value);
  }
}

// The planner

class Planner {
  constructor() { this.mark = 0; }

  newMark() {
    this.mark++;
    return this.mark;
  }

  constrain(c) {
    for (const v of c.variables()) v.constraints.push(c);
    this.incrementalAdd(c);
    return c;
  }

  destroy(c) {
    if (c.isSatisfied()) this.incrementalRemove(c);
    this.removeFromGraph(c);
  }

  removeFromGraph(c) {
    for (const v of c.variables()) v.removeConstraint(c);
    c.flow = unsatisfied;
  }

  // Answers the constraint that was overridden.
  satisfy(c, mark) {
    c.chooseMethod(mark);
    if (!c.isSatisfied()) {
      if (c.strength === required) throw new Error("could not satisfy a required constraint");
      return null;
    }
    c.markInputs(mark);
    const out = c.output();
    const overridden = out.determinedBy;
    if (overridden !== null) overridden.flow = unsatisfied;
    out.determinedBy = c;
    if (!this.addPropagate(c, mark)) throw new Error("cycle of constraints");
    out.mark = mark;
    return overridden;
  }

  incrementalAdd(c) {
    const mark = this.newMark();
    for (let next = c; next !== null;) next = this.satisfy(next, mark);
  }

  incrementalRemove(c) {
    const out = c.output();
    c.flow = unsatisfied;
    this.removeFromGraph(c);
    for (const u of this.removePropagateFrom(out)) this.incrementalAdd(u);
  }

  // A `for` also walks what is pushed meanwhile, so these loops are queues.

  addPropagate(c, mark) {
    const todo = [c];
    for (const d of todo) {
      if (d.output().mark === mark) {
        this.incrementalRemove(c);
        return false;
      }
      d.recalculate();
      pushConsumers(todo, d.output());
    }
    return true;
  }

  removePropagateFrom(out) {
    const loose = [];
    out.determinedBy = null;
    out.walkStrength = absoluteWeakest;
    out.stay = true;
    const todo = [out];
    for (const v of todo) {
      for (const c of v.constraints) {
        if (!c.isSatisfied()) {
          loose.push(c);
        } else if (v.determinedBy !== c) {
          c.recalculate();
          todo.push(c.output());
        }
      }
    }
    return loose.sort((c, d) => c.strength - d.strength);
  }

  // The constraints to execute, in order, when the sources change.
  makePlan(sources) {
    const mark = this.newMark();
    const plan = [], todo = sources.slice();
    for (const c of todo) {
      const out = c.output();
      if (out.mark !== mark && c.inputsKnown(mark)) {
        plan.push(c);
        out.mark = mark;
        pushConsumers(todo, out);
      }
    }
    return plan;
  }

  extractPlan(constraints) {
    return this.makePlan(constraints.filter((c) => c.isInput() && c.isSatisfied()));
  }

  change(v, value) {
    const edit = this.constrain(new Edit(preferred, v));
    const plan = this.extractPlan([edit]);
    for (let i = 0; i < 10; i++) {
      v.value = value;
      execute(plan);
    }
    this.destroy(edit);
  }
}

// Adds the constraints that the variable is an input of.
function pushConsumers(todo, v) {
  for (const c of v.constraints)
    if (c.isSatisfied() && v.determinedBy !== c) todo.push(c);
}

function execute(plan) {
  for (const c of plan) c.execute();
}

// The two tests

function verify(v, value) {
  if (v.value !== value) throw new Error(`${v.value} where ${value} is right`);
}

function chainTest(n) {
  const p = new Planner();
  const vars = [];
  for (let i = 0; i <= n; i++) vars.push(new Variable(0));
  const start = vars[0], end = vars[n];
  for (let i = 0; i < n; i++) p.constrain(new Equal(required, vars[i], vars[i + 1]));
  p.constrain(new Stay(strongDefault, end));
  const edit = p.constrain(new Edit(preferred, start));
  const plan = p.extractPlan([edit]);
  for (let value = 0; value < 100; value++) {
    start.value = value;
    execute(plan);
    verify(end, value);
  }
  p.destroy(edit);
}

function projectionTest(n) {
  const p = new Planner();
  const scale = new Variable(10), offset = new Variable(1000);
  const sources = [], targets = [];
  for (let i = 1; i <= n; i++) {
    const s = new Variable(i), t = new Variable(i);
    sources.push(s);
    targets.push(t);
    p.constrain(new Stay(byDefault, s));
    p.constrain(new Scaled(required, s, t, scale, offset));
  }
  const source = sources[n - 1], target = targets[n - 1];
  p.change(source, 17);
  verify(target, 1170);
  p.change(target, 1050);
  verify(source, 5);
  p.change(scale, 5);
  for (let i = 0; i < n - 1; i++) verify(targets[i], (i + 1) * 5 + 1000);
  p.change(offset, 2000);
  for (let i = 0; i < n - 1; i++) verify(targets[i], (i + 1) * 5 + 2000);
}

const [iterations = 1, size = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations; i++) {
  chainTest(size);
  projectionTest(size);
}
console.log("DeltaBlue verified");
