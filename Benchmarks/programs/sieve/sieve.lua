local size, passes = 1000000, 30

-- The sum of the primes below limit.
local function sieve(prime, limit)
  for i = 0, limit - 1 do prime[i] = true end
  local sum = 0
  for i = 2, limit - 1 do
    if prime[i] then
      sum = sum + i
      for k = i * i, limit - 1, i do prime[k] = false end
    end
  end
  return sum
end

for _ = 1, tonumber(arg[1]) or 1 do
  local prime = {}
  for i = 0, size - 1 do prime[i] = false end
  local total = 0
  for pass = 0, passes - 1 do
    total = total + sieve(prime, size - pass * 1000)
  end
  print(total)
end
