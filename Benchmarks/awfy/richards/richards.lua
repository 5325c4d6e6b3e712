-- Martin Richards' simulation of an operating system's kernel: six tasks pass packets to each other.

local IDLER, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = 1, 2, 3, 4, 5, 6
local DEVICE, WORK = "device", "work"
local DATA_SIZE = 4

local floor = math.floor

local function packet(link, identity, kind)
  return { link = link, identity = identity, kind = kind, datum = 0, data = { 0, 0, 0, 0 } }
end

-- The queue with the packet at its end.
local function append(p, queue)
  p.link = nil
  if not queue then return p end
  local last = queue
  while last.link do last = last.link end
  last.link = p
  return queue
end

-- Lua 5.4 has operators on bits, LuaJIT a library.
local xor = load("return function(a, b) return a ~ b end")
xor = xor and xor() or require("bit").bxor

local Task = {}
Task.__index = Task

function Task:isHoldingOrWaiting()
  return self.holding or (not self.packetPending and self.waiting)
end

function Task:isWaitingWithPacket()
  return self.packetPending and self.waiting and not self.holding
end

function Task:takePacket()
  local message = self.input
  self.input = message.link
  self.packetPending = self.input ~= nil
  self.waiting = false
  self.holding = false
  return message
end

-- Answers which task is next.
function Task:run()
  return self.act(self:isWaitingWithPacket() and self:takePacket() or nil)
end

-- Answers who goes on: the receiver, if it is more urgent.
function Task:addInput(p, current)
  if not self.input then
    self.input = p
    self.packetPending = true
    if self.priority > current.priority then return self end
  else
    self.input = append(p, self.input)
  end
  return current
end

local Scheduler = {}
Scheduler.__index = Scheduler

function Scheduler.new()
  return setmetatable({ table = {}, currentIdentity = 0, queued = 0, held = 0 }, Scheduler)
end

function Scheduler:hold()
  self.held = self.held + 1
  self.current.holding = true
  return self.current.link
end

function Scheduler:wait()
  self.current.waiting = true
  return self.current
end

function Scheduler:findTask(identity)
  return self.table[identity] or error("no such task")
end

function Scheduler:release(identity)
  local t = self:findTask(identity)
  t.holding = false
  return t.priority > self.current.priority and t or self.current
end

function Scheduler:queuePacket(p)
  local t = self:findTask(p.identity)
  self.queued = self.queued + 1
  p.link = nil
  p.identity = self.currentIdentity
  return t:addInput(p, self.current)
end

function Scheduler:schedule()
  self.current = self.tasks
  while self.current do
    local t = self.current
    if t:isHoldingOrWaiting() then
      self.current = t.link
    else
      self.currentIdentity = t.identity
      self.current = t:run()
    end
  end
end

function Scheduler:addTask(identity, priority, input, running, act)
  local t = setmetatable({
    link = self.tasks, identity = identity, priority = priority, input = input,
    packetPending = input ~= nil, waiting = not running, holding = false, act = act,
  }, Task)
  self.tasks = t
  self.table[identity] = t
end

-- What the tasks do. Each has its data in its closure.

function Scheduler:addIdler()
  local control, count = 1, 10000
  self:addTask(IDLER, 0, nil, true, function()
    count = count - 1
    if count == 0 then return self:hold() end
    if control % 2 == 0 then
      control = floor(control / 2)
      return self:release(DEVICE_A)
    end
    control = xor(floor(control / 2), 53256)
    return self:release(DEVICE_B)
  end)
end

function Scheduler:addWorker(input)
  local destination, count = HANDLER_A, 0
  self:addTask(WORKER, 1000, input, false, function(p)
    if not p then return self:wait() end
    destination = destination == HANDLER_A and HANDLER_B or HANDLER_A
    p.identity = destination
    p.datum = 0
    for i = 1, DATA_SIZE do
      count = count + 1
      if count > 26 then count = 1 end
      p.data[i] = 64 + count
    end
    return self:queuePacket(p)
  end)
end

function Scheduler:addHandler(identity, priority, input)
  local workIn, deviceIn
  self:addTask(identity, priority, input, false, function(work)
    if work then
      if work.kind == WORK then workIn = append(work, workIn) else deviceIn = append(work, deviceIn) end
    end
    local p = workIn
    if not p then return self:wait() end
    local count = p.datum
    if count >= DATA_SIZE then
      workIn = p.link
      return self:queuePacket(p)
    end
    local device = deviceIn
    if not device then return self:wait() end
    deviceIn = device.link
    device.datum = p.data[count + 1]
    p.datum = count + 1
    return self:queuePacket(device)
  end)
end

function Scheduler:addDevice(identity, priority)
  local pending
  self:addTask(identity, priority, nil, false, function(work)
    if work then
      pending = work
      return self:hold()
    end
    local p = pending
    if not p then return self:wait() end
    pending = nil
    return self:queuePacket(p)
  end)
end

local function devicePackets(identity)
  local queue
  for _ = 1, 3 do queue = packet(queue, identity, DEVICE) end
  return queue
end

-- How many packets were queued, and how often a task was held.
local function richards()
  local s = Scheduler.new()
  s:addIdler()
  s:addWorker(packet(packet(nil, WORKER, WORK), WORKER, WORK))
  s:addHandler(HANDLER_A, 2000, devicePackets(DEVICE_A))
  s:addHandler(HANDLER_B, 3000, devicePackets(DEVICE_B))
  s:addDevice(DEVICE_A, 4000)
  s:addDevice(DEVICE_B, 5000)
  s:schedule()
  return s.queued, s.held
end

for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  local queued, held = richards()
  assert(queued == 23246 and held == 9297)
end
print("Richards verified")
