-- DeltaBlue, an incremental solver of one-way constraints: it keeps a chain of equalities and a row of
-- projections consistent while their variables are edited. The second argument is how many there are.

-- The stronger of two strengths is the lesser one.
local REQUIRED, PREFERRED, STRONG_DEFAULT, DEFAULT, ABSOLUTE_WEAKEST = 2, 4, 5, 6, 8
local UNSATISFIED, FORWARD, BACKWARD = 0, 1, 2

local floor, max = math.floor, math.max

local Variable = {}
Variable.__index = Variable

function Variable.new(value)
  return setmetatable({
    value = value, constraints = {}, determinedBy = false, mark = 0,
    walkStrength = ABSOLUTE_WEAKEST, stay = true,
  }, Variable)
end

function Variable:removeConstraint(c)
  for i, other in ipairs(self.constraints) do
    if other == c then
      table.remove(self.constraints, i)
      break
    end
  end
  if self.determinedBy == c then self.determinedBy = false end
end

-- Kinds of constraints

local function class(parent)
  local c = setmetatable({}, parent)
  c.__index = c
  function c.new(strength, ...)
    return setmetatable({ strength = strength, variables = { ... }, flow = UNSATISFIED }, c)
  end
  return c
end

local Constraint = class()

function Constraint:isSatisfied()
  return self.flow ~= UNSATISFIED
end

-- The flow, if the constraint may determine the variable.
function Constraint:flowInto(v, mark, flow)
  return v.mark ~= mark and self.strength < v.walkStrength and flow or UNSATISFIED
end

local function isKnown(v, mark)
  return v.mark == mark or v.stay or not v.determinedBy
end

local Stay = class(Constraint)

function Stay:output() return self.variables[1] end
function Stay:chooseMethod(mark) self.flow = self:flowInto(self.variables[1], mark, FORWARD) end
function Stay:execute() end
function Stay:inputsKnown() return true end
function Stay:markInputs() end

function Stay:recalculate()
  local v = self.variables[1]
  v.walkStrength = self.strength
  v.stay = not self.isInput
end

local Edit = class(Stay)
Edit.isInput = true

local Equal = class(Constraint)

function Equal:output() return self.variables[self.flow == FORWARD and 2 or 1] end
function Equal:source() return self.variables[self.flow == FORWARD and 1 or 2] end
function Equal:inputsKnown(mark) return isKnown(self:source(), mark) end
function Equal:inputsStay() return self:source().stay end
function Equal:markInputs(mark) self:source().mark = mark end
function Equal:execute() self:output().value = self:source().value end

function Equal:chooseMethod(mark)
  local a, b = self.variables[1], self.variables[2]
  if a.mark == mark then
    self.flow = self:flowInto(b, mark, FORWARD)
  elseif b.mark == mark or a.walkStrength > b.walkStrength then
    self.flow = self:flowInto(a, mark, BACKWARD)
  else
    self.flow = self:flowInto(b, mark, FORWARD)
  end
end

function Equal:recalculate()
  local out = self:output()
  out.walkStrength = max(self.strength, self:source().walkStrength)
  out.stay = self:inputsStay()
  if out.stay then self:execute() end
end

local Scaled = class(Equal)

function Scaled:inputsKnown(mark)
  return isKnown(self:source(), mark) and isKnown(self.variables[3], mark) and isKnown(self.variables[4], mark)
end

function Scaled:inputsStay()
  return self:source().stay and self.variables[3].stay and self.variables[4].stay
end

function Scaled:markInputs(mark)
  self:source().mark = mark
  self.variables[3].mark = mark
  self.variables[4].mark = mark
end

function Scaled:execute()
  local v = self.variables
  if self.flow == FORWARD then
    v[2].value = v[1].value * v[3].value + v[4].value
  else
    v[1].value = floor((v[2].value - v[4].value) / v[3].value)
  end
end

-- The planner

local Planner = {}
Planner.__index = Planner

function Planner.new() return setmetatable({ mark = 0 }, Planner) end

function Planner:newMark()
  self.mark = self.mark + 1
  return self.mark
end

function Planner:constrain(c)
  for _, v in ipairs(c.variables) do v.constraints[#v.constraints + 1] = c end
  self:incrementalAdd(c)
  return c
end

function Planner:destroy(c)
  if c:isSatisfied() then self:incrementalRemove(c) end
  self:removeFromGraph(c)
end

function Planner:removeFromGraph(c)
  for _, v in ipairs(c.variables) do v:removeConstraint(c) end
  c.flow = UNSATISFIED
end

-- Answers the constraint that was overridden.
function Planner:satisfy(c, mark)
  c:chooseMethod(mark)
  if not c:isSatisfied() then
    assert(c.strength ~= REQUIRED, "could not satisfy a required constraint")
    return false
  end
  c:markInputs(mark)
  local out = c:output()
  local overridden = out.determinedBy
  if overridden then overridden.flow = UNSATISFIED end
  out.determinedBy = c
  assert(self:addPropagate(c, mark), "cycle of constraints")
  out.mark = mark
  return overridden
end

function Planner:incrementalAdd(c)
  local mark = self:newMark()
  while c do c = self:satisfy(c, mark) end
end

function Planner:incrementalRemove(c)
  local out = c:output()
  c.flow = UNSATISFIED
  self:removeFromGraph(c)
  for _, u in ipairs(self:removePropagateFrom(out)) do self:incrementalAdd(u) end
end

-- Adds the constraints that the variable is an input of.
local function pushConsumers(todo, v)
  for _, c in ipairs(v.constraints) do
    if c:isSatisfied() and v.determinedBy ~= c then todo[#todo + 1] = c end
  end
end

-- `ipairs` also walks what is added meanwhile, so these loops are queues.

function Planner:addPropagate(c, mark)
  local todo = { c }
  for _, d in ipairs(todo) do
    if d:output().mark == mark then
      self:incrementalRemove(c)
      return false
    end
    d:recalculate()
    pushConsumers(todo, d:output())
  end
  return true
end

function Planner:removePropagateFrom(out)
  local unsatisfied = {}
  out.determinedBy = false
  out.walkStrength = ABSOLUTE_WEAKEST
  out.stay = true
  local todo = { out }
  for _, v in ipairs(todo) do
    for _, c in ipairs(v.constraints) do
      if not c:isSatisfied() then
        unsatisfied[#unsatisfied + 1] = c
      elseif v.determinedBy ~= c then
        c:recalculate()
        todo[#todo + 1] = c:output()
      end
    end
  end
  table.sort(unsatisfied, function(c, d) return c.strength < d.strength end)
  return unsatisfied
end

-- The constraints to execute, in order, when the sources change.
function Planner:makePlan(sources)
  local mark = self:newMark()
  local plan, todo = {}, {}
  for i, c in ipairs(sources) do todo[i] = c end
  for _, c in ipairs(todo) do
    local out = c:output()
    if out.mark ~= mark and c:inputsKnown(mark) then
      plan[#plan + 1] = c
      out.mark = mark
      pushConsumers(todo, out)
    end
  end
  return plan
end

function Planner:extractPlan(constraints)
  local sources = {}
  for _, c in ipairs(constraints) do
    if c.isInput and c:isSatisfied() then sources[#sources + 1] = c end
  end
  return self:makePlan(sources)
end

local function execute(plan)
  for _, c in ipairs(plan) do c:execute() end
end

function Planner:change(v, value)
  local edit = self:constrain(Edit.new(PREFERRED, v))
  local plan = self:extractPlan({ edit })
  for _ = 1, 10 do
    v.value = value
    execute(plan)
  end
  self:destroy(edit)
end

-- The two tests

local function chainTest(n)
  local p = Planner.new()
  local vars = {}
  for i = 1, n + 1 do vars[i] = Variable.new(0) end
  local first, last = vars[1], vars[n + 1]
  for i = 1, n do p:constrain(Equal.new(REQUIRED, vars[i], vars[i + 1])) end
  p:constrain(Stay.new(STRONG_DEFAULT, last))
  local edit = p:constrain(Edit.new(PREFERRED, first))
  local plan = p:extractPlan({ edit })
  for value = 0, 99 do
    first.value = value
    execute(plan)
    assert(last.value == value)
  end
  p:destroy(edit)
end

local function projectionTest(n)
  local p = Planner.new()
  local scale, offset = Variable.new(10), Variable.new(1000)
  local sources, targets = {}, {}
  for i = 1, n do
    sources[i], targets[i] = Variable.new(i), Variable.new(i)
    p:constrain(Stay.new(DEFAULT, sources[i]))
    p:constrain(Scaled.new(REQUIRED, sources[i], targets[i], scale, offset))
  end
  p:change(sources[n], 17)
  assert(targets[n].value == 1170)
  p:change(targets[n], 1050)
  assert(sources[n].value == 5)
  p:change(scale, 5)
  for i = 1, n - 1 do assert(targets[i].value == i * 5 + 1000) end
  p:change(offset, 2000)
  for i = 1, n - 1 do assert(targets[i].value == i * 5 + 2000) end
end

for _ = 1, tonumber(arg[1]) or 1 do
  chainTest(tonumber(arg[2]) or 1)
  projectionTest(tonumber(arg[2]) or 1)
end
print("DeltaBlue verified")
