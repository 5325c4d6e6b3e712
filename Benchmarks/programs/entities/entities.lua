local sqrt, floor = math.sqrt, math.floor

local count, ticks = 10000, 400
local size, dt, max_speed = 1000.0, 0.1, 40.0
local wanderer, hunter, turret = 0, 1, 2

-- A number in 0 ..< 1.
local function chance(w)
  local seed = (w.seed * 1366 + 150889) % 714025
  w.seed = seed
  return seed / 714025.0
end

local function chance_below(w, n)
  return floor(chance(w) * n)
end

local function kind_of(n)
  if n < 5 then return wanderer elseif n < 8 then return hunter else return turret end
end

local function steer(w, e)
  local kind = e.kind
  if kind == wanderer then
    local ax = (chance(w) - 0.5) * 8.0
    local ay = (chance(w) - 0.5) * 8.0
    e.vx = e.vx + ax
    e.vy = e.vy + ay
  elseif kind == hunter then
    local prey = w.entities[e.target + 1]
    local dx = prey.x - e.x
    local dy = prey.y - e.y
    local pull = 6.0 / (sqrt(dx * dx + dy * dy) + 1.0)
    e.vx = e.vx + dx * pull
    e.vy = e.vy + dy * pull
  else
    e.vx = e.vx * 0.9
    e.vy = e.vy * 0.9
  end
end

local function move(e)
  local vx, vy = e.vx, e.vy
  local speed2 = vx * vx + vy * vy
  if speed2 > max_speed * max_speed then
    local f = max_speed / sqrt(speed2)
    vx = vx * f
    vy = vy * f
  end
  local x = e.x + vx * dt
  local y = e.y + vy * dt
  if x < 0.0 then
    x = 0.0 - x
    vx = 0.0 - vx
  elseif x > size then
    x = size + size - x
    vx = 0.0 - vx
  end
  if y < 0.0 then
    y = 0.0 - y
    vy = 0.0 - vy
  elseif y > size then
    y = size + size - y
    vy = 0.0 - vy
  end
  e.x, e.y = x, y
  e.vx, e.vy = vx, vy
end

local function reach(kind)
  if kind == wanderer then return 60.0 elseif kind == hunter then return 120.0 else return 300.0 end
end

local function damage(kind)
  if kind == wanderer then return 15 elseif kind == hunter then return 35 else return 50 end
end

local function attack(w, e)
  if e.cooldown > 0 then
    e.cooldown = e.cooldown - 1
    return
  end
  local prey = w.entities[e.target + 1]
  local dx = prey.x - e.x
  local dy = prey.y - e.y
  local r = reach(e.kind)
  if dx * dx + dy * dy < r * r then
    prey.health = prey.health - damage(e.kind)
    e.cooldown = 8
  else
    e.cooldown = 3
    if e.kind ~= hunter or chance(w) < 0.1 then e.target = chance_below(w, count) end
  end
end

local function respawn(w, e)
  e.x = chance(w) * size
  e.y = chance(w) * size
  e.vx, e.vy = 0.0, 0.0
  e.kind = kind_of(chance_below(w, 10))
  e.health = 100
  e.cooldown = chance_below(w, 10)
  e.target = chance_below(w, count)
end

local function tick(w)
  local entities = w.entities
  for i = 1, count do
    local e = entities[i]
    steer(w, e)
    move(e)
    attack(w, e)
    if e.health <= 0 then
      w.kills = w.kills + 1
      respawn(w, e)
    end
  end
end

local function new_entity()
  return { x = 0.0, y = 0.0, vx = 0.0, vy = 0.0, kind = wanderer, health = 100, cooldown = 0, target = 0 }
end

local function checksum(w)
  local sum = w.kills * 1000000
  for i = 1, count do
    local e = w.entities[i]
    sum = sum + floor(e.x) * 7 + floor(e.y) * 13 + e.health + e.cooldown + e.target
  end
  return sum
end

for _ = 1, tonumber(arg[1]) or 1 do
  local w = { seed = 42, kills = 0, entities = {} }
  for i = 1, count do
    local e = new_entity()
    respawn(w, e)
    w.entities[i] = e
  end
  for _ = 1, ticks do tick(w) end
  print(string.format("%d", checksum(w)))
end
