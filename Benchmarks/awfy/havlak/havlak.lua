-- Finds the loops of a control flow graph (Havlak, Nesting of Reducible and Irreducible Loops, 1997). The
-- second argument is how often the small graph is analysed before the large one is built.

local MAX_NON_BACK_PREDECESSORS = 32 * 1024
local BODY, REDUCIBLE, SELF, IRREDUCIBLE, DEAD = 1, 2, 3, 4, 5

local function class()
  local c = {}
  c.__index = c
  return c
end

local Graph = class()

function Graph.new()
  return setmetatable({ blocks = {}, byName = {} }, Graph)
end

function Graph:node(name)
  local block = self.byName[name]
  if not block then
    block = { name = name, inEdges = {}, outEdges = {} }
    self.byName[name] = block
    self.blocks[#self.blocks + 1] = block
  end
  return block
end

function Graph:connect(source, target)
  local a, b = self:node(source), self:node(target)
  a.outEdges[#a.outEdges + 1] = b
  b.inEdges[#b.inEdges + 1] = a
end

local Set = class()

function Set.new()
  return setmetatable({ has = {}, items = {} }, Set)
end

function Set:add(x)
  if not self.has[x] then
    self.has[x] = true
    self.items[#self.items + 1] = x
  end
end

local Loop = class()

function Loop.new(header, isReducible)
  local loop = setmetatable({
    header = header, isReducible = isReducible, nesting = 0, blocks = Set.new(), children = {},
  }, Loop)
  if header then loop.blocks:add(header.name) end
  return loop
end

function Loop:setParent(parent)
  self.parent = parent
  parent.children[#parent.children + 1] = self
end

local Structure = class()

function Structure.new()
  local root = Loop.new(nil, true)
  return setmetatable({ root = root, loops = { root } }, Structure)
end

function Structure:createLoop(header, isReducible)
  local loop = Loop.new(header, isReducible)
  self.loops[#self.loops + 1] = loop
  return loop
end

local function nest(loop)
  for _, child in ipairs(loop.children) do
    nest(child)
    loop.nesting = math.max(loop.nesting, 1 + child.nesting)
  end
end

function Structure:calculateNesting()
  for _, loop in ipairs(self.loops) do
    if loop ~= self.root and not loop.parent then loop:setParent(self.root) end
  end
  nest(self.root)
end

local Node = class()

function Node.new(block, number)
  local node = setmetatable({ block = block, number = number }, Node)
  node.parent = node
  return node
end

-- The representative of the set; shortens the way to it.
function Node:findSet()
  local path = {}
  local node = self
  while node.parent ~= node do
    if node.parent ~= node.parent.parent then path[#path + 1] = node end
    node = node.parent
  end
  for _, n in ipairs(path) do n.parent = node end
  return node
end

local Finder = class()

function Finder.new(graph, structure)
  local finder = setmetatable({
    graph = graph, structure = structure, numbers = {}, nodes = {}, last = {}, header = {},
    kind = {}, backPreds = {}, nonBackPreds = {},
  }, Finder)
  for i = 1, #graph.blocks do
    finder.last[i] = 0
    finder.header[i] = 0
    finder.kind[i] = BODY
    finder.backPreds[i] = {}
    finder.nonBackPreds[i] = Set.new()
  end
  return finder
end

function Finder:isAncestor(w, v)
  return w <= v and v <= self.last[w]
end

-- Numbers what can be reached; answers the last number given.
function Finder:searchDepthFirst(block, number)
  self.nodes[number] = Node.new(block, number)
  self.numbers[block.name] = number
  local last = number
  for _, target in ipairs(block.outEdges) do
    if not self.numbers[target.name] then last = self:searchDepthFirst(target, last + 1) end
  end
  self.last[number] = last
  return last
end

function Finder:identifyEdges()
  for w = 1, #self.graph.blocks do
    local node = self.nodes[w]
    if not node then
      self.kind[w] = DEAD
    else
      for _, block in ipairs(node.block.inEdges) do
        local v = self.numbers[block.name]
        if v then
          if self:isAncestor(w, v) then
            local preds = self.backPreds[w]
            preds[#preds + 1] = v
          else
            self.nonBackPreds[w]:add(v)
          end
        end
      end
    end
  end
end

local function contains(list, x)
  for _, y in ipairs(list) do
    if x == y then return true end
  end
  return false
end

function Finder:addPredecessor(w, y, pool, work)
  if not self:isAncestor(w, y.number) then
    self.kind[w] = IRREDUCIBLE
    self.nonBackPreds[w]:add(y.number)
  elseif y.number ~= w and not contains(pool, y) then
    work[#work + 1] = y
    pool[#pool + 1] = y
  end
end

function Finder:makeLoop(w, pool)
  local node = self.nodes[w]
  local loop = self.structure:createLoop(node.block, self.kind[w] ~= IRREDUCIBLE)
  node.loop = loop
  for _, member in ipairs(pool) do
    self.header[member.number] = w
    member.parent = node
    if member.loop then member.loop:setParent(loop) else loop.blocks:add(member.block.name) end
  end
end

-- The body of the loop that w heads, if it heads one; false when the graph is too tangled.
function Finder:collect(w)
  local pool, work = {}, {}
  for _, v in ipairs(self.backPreds[w]) do
    if v == w then
      self.kind[w] = SELF
    else
      local y = self.nodes[v]:findSet()
      pool[#pool + 1] = y
      work[#work + 1] = y
    end
  end
  if #pool > 0 then self.kind[w] = REDUCIBLE end
  local i = 1
  while i <= #work do
    local preds = self.nonBackPreds[work[i].number].items
    if #preds > MAX_NON_BACK_PREDECESSORS then return false end
    for k = 1, #preds do self:addPredecessor(w, self.nodes[preds[k]]:findSet(), pool, work) end
    i = i + 1
  end
  if #pool > 0 or self.kind[w] == SELF then self:makeLoop(w, pool) end
  return true
end

function Finder:findLoops()
  local blocks = self.graph.blocks
  if #blocks == 0 then return end
  self:searchDepthFirst(blocks[1], 1)
  self:identifyEdges()
  for w = #blocks, 1, -1 do
    if self.nodes[w] and not self:collect(w) then return end
  end
end

-- The graph

local function buildStraight(graph, start, n)
  for i = start, start + n - 1 do graph:connect(i, i + 1) end
  return start + n
end

local function buildDiamond(graph, start)
  graph:connect(start, start + 1)
  graph:connect(start, start + 2)
  graph:connect(start + 1, start + 3)
  graph:connect(start + 2, start + 3)
  return start + 3
end

local function buildBaseLoop(graph, start)
  local header = buildStraight(graph, start, 1)
  local diamond1 = buildDiamond(graph, header)
  local d11 = buildStraight(graph, diamond1, 1)
  local diamond2 = buildDiamond(graph, d11)
  local footer = buildStraight(graph, diamond2, 1)
  graph:connect(diamond2, d11)
  graph:connect(diamond1, header)
  graph:connect(footer, start)
  return buildStraight(graph, footer, 1)
end

local function buildLargeGraph(graph, outer, middle, inner)
  local n = 2
  for _ = 1, outer do
    graph:node(n + 1)
    graph:connect(2, n + 1)
    n = n + 1
    for _ = 1, middle do
      local top = n
      n = buildStraight(graph, n, 1)
      for _ = 1, inner do n = buildBaseLoop(graph, n) end
      local bottom = buildStraight(graph, n, 1)
      graph:connect(n, top)
      n = bottom
    end
    graph:connect(n, 1)
  end
end

-- How many loops were found, and how many nodes there are.
local function havlak(dummyLoops)
  local graph = Graph.new()
  local structure = Structure.new()
  graph:node(0)
  buildBaseLoop(graph, 0)
  graph:node(1)
  graph:connect(0, 2)
  for _ = 1, dummyLoops do Finder.new(graph, structure):findLoops() end
  buildLargeGraph(graph, 10, 10, 5)
  Finder.new(graph, structure):findLoops()
  for _ = 1, 50 do Finder.new(graph, Structure.new()):findLoops() end
  structure:calculateNesting()
  return #structure.loops, #graph.blocks
end

local known = { [1] = 1605, [15] = 1647, [150] = 2052, [1500] = 6102, [15000] = 46602 }

local dummyLoops = tonumber(arg[2]) or 1
for _ = 1, tonumber(arg[1]) or 1 do
  local loops, nodes = havlak(dummyLoops)
  assert(loops == known[dummyLoops] and nodes == 5213)
end
print("Havlak verified")
