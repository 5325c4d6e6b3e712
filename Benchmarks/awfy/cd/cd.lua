-- A collision detector: aircraft fly on simple paths for two hundred frames; each frame is first reduced
-- to those that share a piece of sky, then their motions are intersected. The second argument is how
-- many aircraft there are.

local sqrt, sin, cos, max = math.sqrt, math.sin, math.cos, math.max

-- Red-black trees: balanced search trees (Cormen et al., Introduction to Algorithms, chapter 13). What
-- goes for one side goes for the other, so most functions take the side.

local LEFT, RIGHT = "left", "right"

local function opposite(side)
  return side == LEFT and RIGHT or LEFT
end

local function isRed(node)
  return node ~= nil and node.red
end

local Tree = {}
Tree.__index = Tree

-- `compare` answers a number below, equal to or above zero.
function Tree.new(compare)
  return setmetatable({ compare = compare }, Tree)
end

local function sideOf(node, parent)
  return parent.left == node and LEFT or RIGHT
end

-- Puts `new` where the node `old` hangs.
function Tree:replace(old, new)
  local parent = old.parent
  if not parent then self.root = new else parent[sideOf(old, parent)] = new end
  if new then new.parent = parent end
end

-- Moves the node down to that side; its other child takes its place.
function Tree:rotate(node, side)
  local other = opposite(side)
  local up = node[other]
  self:replace(node, up)
  local inner = up[side]
  node[other] = inner
  if inner then inner.parent = node end
  up[side] = node
  node.parent = up
end

function Tree:find(key)
  local node, compare = self.root, self.compare
  while node do
    local order = compare(key, node.key)
    if order == 0 then return node end
    node = order < 0 and node.left or order > 0 and node.right
  end
  return nil
end

function Tree:get(key)
  local node = self:find(key)
  return node and node.value
end

-- Answers what the key had before.
function Tree:put(key, value)
  local compare = self.compare
  local parent, node, side = nil, self.root, nil
  while node do
    local order = compare(key, node.key)
    if order == 0 then
      local old = node.value
      node.value = value
      return old
    end
    parent = node
    side = order < 0 and LEFT or RIGHT
    node = node[side]
  end
  node = { key = key, value = value, parent = parent, left = nil, right = nil, red = true }
  if parent then parent[side] = node else self.root = node end
  self:balanceInsertion(node)
  return nil
end

-- Mends a red node that may hang below a red one.
function Tree:balanceInsertion(node)
  while isRed(node.parent) do
    local parent = node.parent
    local grandparent = parent.parent
    local side = sideOf(parent, grandparent)
    local other = opposite(side)
    local uncle = grandparent[other]
    if isRed(uncle) then
      parent.red = false
      uncle.red = false
      grandparent.red = true
      node = grandparent
    else
      if parent[other] == node then
        self:rotate(parent, side)
        node, parent = parent, node
      end
      parent.red = false
      grandparent.red = true
      self:rotate(grandparent, other)
    end
  end
  self.root.red = false
end

-- Answers what the key had.
function Tree:remove(key)
  local node = self:find(key)
  if not node then return nil end
  local value = node.value
  if node.left and node.right then
    local heir = node.right
    while heir.left do heir = heir.left end
    node.key, node.value = heir.key, heir.value
    node = heir
  end
  local child = node.left or node.right
  if not node.red then
    if isRed(child) then child.red = false else self:balanceRemoval(node) end
  end
  self:replace(node, child)
  return value
end

-- Mends the tree around a node whose branch lacks a black one.
function Tree:balanceRemoval(node)
  while node.parent do
    local parent = node.parent
    local side = sideOf(node, parent)
    local other = opposite(side)
    if isRed(parent[other]) then
      parent[other].red = false
      parent.red = true
      self:rotate(parent, side)
    end
    local sibling = parent[other]
    if isRed(sibling[other]) then
      sibling.red = parent.red
      parent.red = false
      sibling[other].red = false
      return self:rotate(parent, side)
    end
    if isRed(sibling[side]) then
      sibling[side].red = parent.red
      parent.red = false
      self:rotate(sibling, other)
      return self:rotate(parent, side)
    end
    sibling.red = true
    if parent.red then
      parent.red = false
      return
    end
    node = parent
  end
end

-- In the order of the keys.
local function each(node, f)
  if node then
    each(node.left, f)
    f(node.key, node.value)
    each(node.right, f)
  end
end

-- Vectors

local function compareNumbers(a, b)
  return a - b
end

local function compareVec2(a, b)
  if a.x ~= b.x then return a.x - b.x end
  return a.y - b.y
end

local function vec2(x, y) return { x = x, y = y } end
local function vec3(x, y, z) return { x = x, y = y, z = z } end
local function plus(v, w) return vec3(v.x + w.x, v.y + w.y, v.z + w.z) end
local function minus(v, w) return vec3(v.x - w.x, v.y - w.y, v.z - w.z) end
local function times(v, a) return vec3(a * v.x, a * v.y, a * v.z) end
local function dot(v, w) return v.x * w.x + v.y * w.y + v.z * w.z end
local function squaredMagnitude(v) return dot(v, v) end

-- The sky

local MIN_XY, MAX_XY = 0.0, 1000.0
local MIN_Z, MAX_Z = 0.0, 10.0
local PROXIMITY_RADIUS = 1.0
local VOXEL_SIZE = 2.0

local function delta(motion)
  return minus(motion.stop, motion.start)
end

local function isInSky(p)
  return MIN_XY <= p.x and p.x <= MAX_XY and MIN_XY <= p.y and p.y <= MAX_XY and MIN_Z <= p.z and p.z <= MAX_Z
end

-- Whether low to high meets 0 to 1.
local function overlapsUnit(low, high)
  return (low <= 1.0 and 1.0 <= high) or (low <= 0.0 and 0.0 <= high) or (0.0 <= low and high <= 1.0)
end

-- Where the two come closer than the radius.
local function intersection(m, n)
  local dm, dn = delta(m), delta(n)
  local a = squaredMagnitude(minus(dn, dm))
  if a == 0.0 then
    -- Side by side: they are close now or never.
    if sqrt(squaredMagnitude(minus(n.start, m.start))) <= PROXIMITY_RADIUS then
      return times(plus(m.start, n.start), 0.5)
    end
    return nil
  end
  local b = 2.0 * dot(minus(m.start, n.start), minus(dm, dn))
  local c = squaredMagnitude(minus(n.start, m.start)) - PROXIMITY_RADIUS * PROXIMITY_RADIUS
  local discriminant = b * b - 4.0 * a * c
  if discriminant < 0.0 then return nil end
  local root = sqrt(discriminant)
  local t1 = (-b - root) / (2.0 * a)
  local t2 = (root - b) / (2.0 * a)
  if not (t1 <= t2 and overlapsUnit(t1, t2)) then return nil end
  local t = max(t1, 0.0)
  local middle = times(plus(plus(m.start, times(dm, t)), plus(n.start, times(dn, t))), 0.5)
  return isInSky(middle) and middle or nil
end

-- Which motions share a voxel

-- When a motion along one axis is within a voxel.
local function span(voxel, start, speed)
  local r = PROXIMITY_RADIUS / 2.0
  local enters = (voxel - r - start) / speed
  local leaves = (voxel + VOXEL_SIZE + r - start) / speed
  if speed < 0.0 then return leaves, enters end
  return enters, leaves
end

local function meetsAxis(voxel, start, speed, low, high)
  local r = PROXIMITY_RADIUS / 2.0
  return (speed == 0.0 and voxel <= start + r and start - r <= voxel + VOXEL_SIZE) or overlapsUnit(low, high)
end

local function isInVoxel(voxel, motion)
  if voxel.x > MAX_XY or voxel.x < MIN_XY or voxel.y > MAX_XY or voxel.y < MIN_XY then return false end
  local start, speed = motion.start, delta(motion)
  local lowX, highX = span(voxel.x, start.x, speed.x)
  local lowY, highY = span(voxel.y, start.y, speed.y)
  return meetsAxis(voxel.x, start.x, speed.x, lowX, highX)
    and meetsAxis(voxel.y, start.y, speed.y, lowY, highY)
    and (speed.x == 0.0
      or speed.y == 0.0
      or (lowY <= highX and highX <= highY)
      or (lowY <= lowX and lowX <= highY)
      or (lowX <= lowY and lowY <= highX))
end

local function putInto(voxels, voxel, motion)
  local motions = voxels:get(voxel)
  if motions then motions[#motions + 1] = motion else voxels:put(voxel, { motion }) end
end

local function draw(voxels, seen, voxel, motion)
  if not isInVoxel(voxel, motion) or seen:put(voxel, true) then return end
  putInto(voxels, voxel, motion)
  local x, y, s = voxel.x, voxel.y, VOXEL_SIZE
  draw(voxels, seen, vec2(x - s, y), motion)
  draw(voxels, seen, vec2(x + s, y), motion)
  draw(voxels, seen, vec2(x, y - s), motion)
  draw(voxels, seen, vec2(x, y + s), motion)
  draw(voxels, seen, vec2(x - s, y - s), motion)
  draw(voxels, seen, vec2(x - s, y + s), motion)
  draw(voxels, seen, vec2(x + s, y - s), motion)
  draw(voxels, seen, vec2(x + s, y + s), motion)
end

-- The line of the grid below.
local function gridLine(a)
  local line = VOXEL_SIZE * (math.modf(a / VOXEL_SIZE))
  return a < 0.0 and line - VOXEL_SIZE or line
end

-- The motions of each voxel that has several.
local function reduced(motions)
  local voxels = Tree.new(compareVec2)
  for _, m in ipairs(motions) do
    draw(voxels, Tree.new(compareVec2), vec2(gridLine(m.start.x), gridLine(m.start.y)), m)
  end
  local groups = {}
  each(voxels.root, function(_, group)
    if #group > 1 then groups[#groups + 1] = group end
  end)
  return groups
end

-- The detector

-- How each aircraft got here since the last frame; forgets those that are gone.
local function findMotions(state, frame)
  local seen = Tree.new(compareNumbers)
  local motions = {}
  for i, aircraft in ipairs(frame) do
    local sign, now = aircraft.sign, aircraft.position
    seen:put(sign, true)
    motions[i] = { sign = sign, start = state:put(sign, now) or now, stop = now }
  end
  local gone = {}
  each(state.root, function(sign)
    if not seen:get(sign) then gone[#gone + 1] = sign end
  end)
  for _, sign in ipairs(gone) do state:remove(sign) end
  return motions
end

local function findCollisions(state, frame)
  local found = {}
  for _, group in ipairs(reduced(findMotions(state, frame))) do
    for i = 1, #group do
      for j = i + 1, #group do
        local position = intersection(group[i], group[j])
        if position then
          found[#found + 1] = { a = group[i].sign, b = group[j].sign, position = position }
        end
      end
    end
  end
  return found
end

-- The aircraft, in pairs, at a time.
local function simulated(count, time)
  local frame = {}
  for i = 0, count - 1, 2 do
    frame[#frame + 1] = { sign = i, position = vec3(time, cos(time) * 2.0 + i * 3.0, 10.0) }
    frame[#frame + 1] = { sign = i + 1, position = vec3(time, sin(time) * 2.0 + i * 3.0, 10.0) }
  end
  return frame
end

local function countCollisions(aircraft)
  local state = Tree.new(compareNumbers)
  local count = 0
  for frame = 0, 199 do count = count + #findCollisions(state, simulated(aircraft, frame / 10.0)) end
  return count
end

local known = { [2] = 42, [10] = 390, [100] = 4305, [200] = 8655, [250] = 10830, [500] = 14484, [1000] = 14484 }

local aircraft = tonumber(arg[2]) or 2
for _ = 1, tonumber(arg[1]) or 1 do
  assert(countCollisions(aircraft) == known[aircraft])
end
print("CD verified")
