local outer, inner = 3000, 5000

local function main()
  local x, acc = 42, 0
  for i = 0, outer - 1 do
    for j = 0, inner - 1 do
      x = (x * 1366 + 150889) % 714025
      if x < i + j then
        acc = acc + x
      else
        acc = acc - j
      end
    end
  end
  print(acc + x)
end

for _ = 1, tonumber(arg[1]) or 1 do main() end
