-- The towers of Hanoi with thirteen disks, kept as linked lists.

local Towers = {}
Towers.__index = Towers

function Towers.new()
  return setmetatable({ piles = {}, moves = 0 }, Towers)
end

function Towers:push(disk, pile)
  local top = self.piles[pile]
  if top and disk.size >= top.size then error("cannot put a big disk on a smaller one") end
  disk.next = top
  self.piles[pile] = disk
end

function Towers:pop(pile)
  local top = self.piles[pile]
  if not top then error("no disk to take") end
  self.piles[pile] = top.next
  top.next = nil
  return top
end

function Towers:moveTop(from, to)
  self:push(self:pop(from), to)
  self.moves = self.moves + 1
end

function Towers:build(pile, disks)
  for size = disks, 0, -1 do self:push({ size = size, next = nil }, pile) end
end

function Towers:move(disks, from, to)
  if disks == 1 then
    self:moveTop(from, to)
  else
    local other = 6 - from - to
    self:move(disks - 1, from, other)
    self:moveTop(from, to)
    self:move(disks - 1, other, to)
  end
end

local function moves()
  local towers = Towers.new()
  towers:build(1, 13)
  towers:move(13, 1, 2)
  return towers.moves
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(moves() == 8191)
end
print("Towers verified")
