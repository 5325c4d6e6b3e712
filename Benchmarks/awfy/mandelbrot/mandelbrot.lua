-- The Mandelbrot set as a bitmap of size by size, whose bytes are combined by exclusive or.

-- Lua 5.4 has operators on bits, LuaJIT a library.
local xor = load("return function(a, b) return a ~ b end")
xor = xor and xor() or require("bit").bxor

-- Whether the point leaves the set within fifty steps.
local function escapes(cr, ci)
  local zrzr, zizi, zi = 0.0, 0.0, 0.0
  for _ = 1, 50 do
    local zr = zrzr - zizi + cr
    zi = 2.0 * zr * zi + ci
    zrzr = zr * zr
    zizi = zi * zi
    if zrzr + zizi > 4.0 then return true end
  end
  return false
end

local function mandelbrot(size)
  local sum, byte, bits = 0, 0, 0
  for y = 0, size - 1 do
    local ci = 2.0 * y / size - 1.0
    for x = 0, size - 1 do
      local cr = 2.0 * x / size - 1.5
      byte = byte * 2 + (escapes(cr, ci) and 1 or 0)
      bits = bits + 1
      if bits == 8 or x == size - 1 then
        for _ = bits, 7 do byte = byte * 2 end
        sum = xor(sum, byte)
        byte, bits = 0, 0
      end
    end
  end
  return sum
end

local known = { [1] = 128, [500] = 191, [750] = 50 }

local size = tonumber(arg[2]) or 1
for _ = 1, tonumber(arg[1]) or 1 do
  assert(mandelbrot(size) == known[size])
end
print("Mandelbrot verified")
