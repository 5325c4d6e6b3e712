local size = 10

-- How many prefix reversals bring 1 to the front of a copy of source.
local function flips(source, perm)
  for i = 1, size do perm[i] = source[i] end
  local count = 0
  while perm[1] ~= 1 do
    local low, high = 1, perm[1]
    while low < high do
      perm[low], perm[high] = perm[high], perm[low]
      low = low + 1
      high = high - 1
    end
    count = count + 1
  end
  return count
end

-- Steps to the next permutation; false after the last one.
local function next_permutation(perm, count)
  for r = 2, size do
    local first = perm[1]
    for i = 1, r - 1 do perm[i] = perm[i + 1] end
    perm[r] = first
    count[r] = count[r] + 1
    if count[r] < r then return true end
    count[r] = 0
  end
  return false
end

for _ = 1, tonumber(arg[1]) or 1 do
  local perm, work, count = {}, {}, {}
  for i = 1, size do
    perm[i], work[i], count[i] = i, 0, 0
  end
  local checksum, longest, sign = 0, 0, 1
  repeat
    local n = flips(perm, work)
    checksum = checksum + sign * n
    if n > longest then longest = n end
    sign = 0 - sign
  until not next_permutation(perm, count)
  print(checksum * 100 + longest)
end
