-- Charges a cost to every sliding window, or to none if one has no room.
-- KEYS: one hash a window, slice number -> uses. ARGV: cost, slices a window,
-- then limit and slice length in milliseconds for each window.
-- Answers {allowed, used, wait, reset, used, wait, reset, ...}.
-- The server's clock judges, so that processes need not agree on theirs.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost, slices = tonumber(ARGV[1]), tonumber(ARGV[2])

local windows, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local w = { limit = tonumber(ARGV[1 + 2 * i]), length = tonumber(ARGV[2 + 2 * i]) }
  w.current, w.used, w.live = math.floor(now / w.length), 0, {}
  local fields, old = redis.call('HGETALL', key), {}
  for f = 1, #fields, 2 do
    local slice, count = tonumber(fields[f]), tonumber(fields[f + 1])
    -- A slice counts until its very end has left the window.
    if slice + slices < w.current then
      old[#old + 1] = fields[f]
    else
      w.used = w.used + count
      w.live[#w.live + 1] = { slice, count }
    end
  end
  if #old > 0 then
    redis.call('HDEL', key, unpack(old))
  end
  table.sort(w.live, function(a, b) return a[1] < b[1] end)
  if w.used + cost > w.limit then
    allowed = 0
  end
  windows[i] = w
end

local answer = { allowed }
for i, key in ipairs(KEYS) do
  local w = windows[i]
  local function leaves_in(slice)
    return math.max(0, (slice + slices + 1) * w.length - now)
  end
  local wait, reset = 0, 0
  if allowed == 1 and cost > 0 then
    redis.call('HINCRBY', key, string.format('%d', w.current), cost)
    redis.call('PEXPIRE', key, (slices + 1) * w.length)
    w.used = w.used + cost
    reset = leaves_in(w.current)
  else
    local over = w.used + cost - w.limit
    for _, entry in ipairs(w.live) do
      if allowed == 0 and over > 0 then
        wait = leaves_in(entry[1])
        over = over - entry[2]
      end
      reset = leaves_in(entry[1])
    end
  end
  answer[#answer + 1] = w.used
  answer[#answer + 1] = wait
  answer[#answer + 1] = reset
end
return answer
