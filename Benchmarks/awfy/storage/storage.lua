-- Builds a tree of tables, seven deep, whose leaves have random sizes.

local function newRandom()
  local seed = 74755
  return function()
    seed = (seed * 1309 + 13849) % 65536
    return seed
  end
end

local function storage()
  local random = newRandom()
  local count = 0

  local function buildTree(depth)
    count = count + 1
    local node = {}
    if depth == 1 then
      for i = 1, random() % 10 + 1 do node[i] = false end
    else
      for i = 1, 4 do node[i] = buildTree(depth - 1) end
    end
    return node
  end

  buildTree(7)
  return count
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(storage() == 5461)
end
print("Storage verified")
