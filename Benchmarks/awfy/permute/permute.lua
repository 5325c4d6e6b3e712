-- Counts the calls that make all permutations of six elements by swapping.

local Permutation = {}
Permutation.__index = Permutation

function Permutation.new(size)
  local elements = {}
  for i = 1, size do elements[i] = i - 2 end
  return setmetatable({ elements = elements, count = 0 }, Permutation)
end

function Permutation:swap(i, j)
  local v = self.elements
  local x = v[i]
  v[i] = v[j]
  v[j] = x
end

function Permutation:permute(n)
  self.count = self.count + 1
  if n ~= 0 then
    self:permute(n - 1)
    for i = n, 1, -1 do
      self:swap(n, i)
      self:permute(n - 1)
      self:swap(n, i)
    end
  end
end

local function permutations()
  local p = Permutation.new(6)
  p:permute(6)
  return p.count
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(permutations() == 8660)
end
print("Permute verified")
