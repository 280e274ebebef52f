-- Adds to a counter; its time to live starts with the first addition.
-- The sum is read back as text: as a number it would pass through a double.
redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return redis.call('GET', KEYS[1])
