local size, steps = 1000, 10

local function a(i, j)
  local ij = i + j
  return 1.0 / (ij * (ij + 1) / 2 + i + 1)
end

local function times(v, out)
  for i = 0, size - 1 do
    local sum = 0.0
    for j = 0, size - 1 do sum = sum + a(i, j) * v[j] end
    out[i] = sum
  end
end

local function times_transposed(v, out)
  for i = 0, size - 1 do
    local sum = 0.0
    for j = 0, size - 1 do sum = sum + a(j, i) * v[j] end
    out[i] = sum
  end
end

local function dot(v, w)
  local sum = 0.0
  for i = 0, size - 1 do sum = sum + v[i] * w[i] end
  return sum
end

local function vector()
  local v = {}
  for i = 0, size - 1 do v[i] = 1.0 end
  return v
end

for _ = 1, tonumber(arg[1]) or 1 do
  local u, v, t = vector(), vector(), vector()
  for _ = 1, steps do
    times(u, t)
    times_transposed(t, v)
    times(v, t)
    times_transposed(t, u)
  end
  print(string.format("%d", math.floor(math.sqrt(dot(u, v) / dot(v, v)) * 1e12)))
end
