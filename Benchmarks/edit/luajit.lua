-- New text of a ten-line function to callable, in one LuaJIT process. Prints one JSON line.
-- usage: luajit luajit.lua [EDITS]

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long sec, nsec; } timespec;
  int clock_gettime(int clock, timespec *out);
]]

local now = ffi.new("timespec")
local function microseconds()
  ffi.C.clock_gettime(1, now) -- CLOCK_MONOTONIC
  return tonumber(now.sec) * 1e6 + tonumber(now.nsec) / 1e3
end

local function text(i)
  return string.format([[
function steer(x, y, speed, limit)
  local dx = 320.0 - x
  local dy = 240.0 - y
  local d2 = dx * dx + dy * dy + %d.5
  local pull = speed / d2
  if pull > limit then
    pull = limit
  end
  return x + dx * pull + y + dy * pull
end
]], i)
end

local warmup, edits = 500, tonumber(arg[1]) or 5000
local times = {}
for i = 1, warmup + edits do
  local source = text(i)
  local start = microseconds()
  load(source)()
  local time = microseconds() - start
  assert(steer(320, 240, i + 0.5, 2) == 560)
  if i > warmup then times[#times + 1] = time end
end
table.sort(times)
local function percentile(p) return times[math.ceil(#times * p)] end
print(string.format('{"name":"luajit load","edits":%d,"p50":%.2f,"p99":%.2f,"note":"untyped, bytecode"}',
  edits, percentile(0.50), percentile(0.99)))
