local size, limit = 700, 100

-- How many steps the point stays within radius 2, at most limit.
local function escape(cr, ci)
  local zr, zi, n = 0.0, 0.0, 0
  while n < limit do
    local r2, i2 = zr * zr, zi * zi
    if r2 + i2 > 4.0 then break end
    zi = 2.0 * zr * zi + ci
    zr = r2 - i2 + cr
    n = n + 1
  end
  return n
end

for _ = 1, tonumber(arg[1]) or 1 do
  local total = 0
  for y = 0, size - 1 do
    local ci = 2.0 * y / size - 1.0
    for x = 0, size - 1 do
      local cr = 2.0 * x / size - 1.5
      total = total + escape(cr, ci)
    end
  end
  print(total)
end
