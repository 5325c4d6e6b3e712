-- Takeuchi's function on linked lists, whose lengths stand for the numbers.

local function makeList(length)
  if length == 0 then return nil end
  return { value = length, next = makeList(length - 1) }
end

local function length(list)
  if list == nil then return 0 end
  return 1 + length(list.next)
end

local function isShorter(x, y)
  while y do
    if not x then return true end
    x, y = x.next, y.next
  end
  return false
end

local function tail(x, y, z)
  if isShorter(y, x) then
    return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))
  end
  return z
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(length(tail(makeList(15), makeList(10), makeList(6))) == 10)
end
print("List verified")
