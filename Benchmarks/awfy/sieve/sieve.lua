-- Counts the primes up to 5000.

local SIZE = 5000

local function primes()
  local flags = {}
  for i = 1, SIZE do flags[i] = true end
  local count = 0
  for i = 2, SIZE do
    if flags[i - 1] then
      count = count + 1
      for k = i + i, SIZE, i do flags[k - 1] = false end
    end
  end
  return count
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(primes() == 669)
end
print("Sieve verified")
