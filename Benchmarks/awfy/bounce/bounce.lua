-- A hundred balls bounce in a box; counts the bounces of fifty rounds.

local function newRandom()
  local seed = 74755
  return function()
    seed = (seed * 1309 + 13849) % 65536
    return seed
  end
end

local LIMIT = 500

local Ball = {}
Ball.__index = Ball

function Ball.new(random)
  local ball = { x = random() % LIMIT, y = random() % LIMIT }
  ball.xSpeed = random() % 300 - 150
  ball.ySpeed = random() % 300 - 150
  return setmetatable(ball, Ball)
end

-- Moves the ball; answers whether it met a wall.
function Ball:bounce()
  local bounced = false
  self.x = self.x + self.xSpeed
  self.y = self.y + self.ySpeed
  if self.x > LIMIT then
    self.x, self.xSpeed, bounced = LIMIT, -math.abs(self.xSpeed), true
  end
  if self.x < 0 then
    self.x, self.xSpeed, bounced = 0, math.abs(self.xSpeed), true
  end
  if self.y > LIMIT then
    self.y, self.ySpeed, bounced = LIMIT, -math.abs(self.ySpeed), true
  end
  if self.y < 0 then
    self.y, self.ySpeed, bounced = 0, math.abs(self.ySpeed), true
  end
  return bounced
end

local function bounces()
  local random = newRandom()
  local balls = {}
  for i = 1, 100 do balls[i] = Ball.new(random) end
  local count = 0
  for _ = 1, 50 do
    for _, ball in ipairs(balls) do
      if ball:bounce() then count = count + 1 end
    end
  end
  return count
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(bounces() == 1331)
end
print("Bounce verified")
