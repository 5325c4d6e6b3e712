-- Solves the eight queens puzzle ten times.

local function filled(n, value)
  local t = {}
  for i = 1, n do t[i] = value end
  return t
end

local Board = {}
Board.__index = Board

function Board.new()
  return setmetatable({
    freeRows = filled(8, true),
    freeRising = filled(16, true),
    freeFalling = filled(16, true),
    queenRows = filled(8, -1),
  }, Board)
end

function Board:isFree(row, column)
  return self.freeRows[row] and self.freeRising[column + row - 1] and self.freeFalling[column - row + 8]
end

function Board:setFree(row, column, free)
  self.freeRows[row] = free
  self.freeRising[column + row - 1] = free
  self.freeFalling[column - row + 8] = free
end

function Board:placeQueen(column)
  for row = 1, 8 do
    if self:isFree(row, column) then
      self.queenRows[row] = column
      self:setFree(row, column, false)
      if column == 8 or self:placeQueen(column + 1) then return true end
      self:setFree(row, column, true)
    end
  end
  return false
end

local function queens()
  for _ = 1, 10 do
    if not Board.new():placeQueen(1) then return false end
  end
  return true
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(queens())
end
print("Queens verified")
