"use strict";

const count = 10000, ticks = 400;
const size = 1000.0, dt = 0.1, maxSpeed = 40.0;
const wanderer = 0, hunter = 1, turret = 2;

// A number in 0 ..< 1.
function chance(w) {
  w.seed = (w.seed * 1366 + 150889) % 714025;
  return w.seed / 714025.0;
}

function chanceBelow(w, n) {
  return Math.floor(chance(w) * n);
}

function kindOf(n) {
  return n < 5 ? wanderer : n < 8 ? hunter : turret;
}

function steer(w, e) {
  switch (e.kind) {
    case wanderer: {
      const ax = (chance(w) - 0.5) * 8.0;
      const ay = (chance(w) - 0.5) * 8.0;
      e.vx += ax;
      e.vy += ay;
      break;
    }
    case hunter: {
      const prey = w.entities[e.target];
      const dx = prey.x - e.x;
      const dy = prey.y - e.y;
      const pull = 6.0 / (Math.sqrt(dx * dx + dy * dy) + 1.0);
      e.vx += dx * pull;
      e.vy += dy * pull;
      break;
    }
    case turret:
      e.vx *= 0.9;
      e.vy *= 0.9;
      break;
  }
}

function move(e) {
  let vx = e.vx, vy = e.vy;
  const speed2 = vx * vx + vy * vy;
  if (speed2 > maxSpeed * maxSpeed) {
    const f = maxSpeed / Math.sqrt(speed2);
    vx *= f;
    vy *= f;
  }
  let x = e.x + vx * dt;
  let y = e.y + vy * dt;
  if (x < 0.0) {
    x = 0.0 - x;
    vx = 0.0 - vx;
  } else if (x > size) {
    x = size + size - x;
    vx = 0.0 - vx;
  }
  if (y < 0.0) {
    y = 0.0 - y;
    vy = 0.0 - vy;
  } else if (y > size) {
    y = size + size - y;
    vy = 0.0 - vy;
  }
  e.x = x;
  e.y = y;
  e.vx = vx;
  e.vy = vy;
}

function reach(kind) {
  switch (kind) {
    case wanderer: return 60.0;
    case hunter: return 120.0;
    default: return 300.0;
  }
}

function damage(kind) {
  switch (kind) {
    case wanderer: return 15;
    case hunter: return 35;
    default: return 50;
  }
}

function attack(w, e) {
  if (e.cooldown > 0) {
    e.cooldown -= 1;
    return;
  }
  const prey = w.entities[e.target];
  const dx = prey.x - e.x;
  const dy = prey.y - e.y;
  const r = reach(e.kind);
  if (dx * dx + dy * dy < r * r) {
    prey.health -= damage(e.kind);
    e.cooldown = 8;
  } else {
    e.cooldown = 3;
    if (e.kind !== hunter || chance(w) < 0.1) e.target = chanceBelow(w, count);
  }
}

function respawn(w, e) {
  e.x = chance(w) * size;
  e.y = chance(w) * size;
  e.vx = 0.0;
  e.vy = 0.0;
  e.kind = kindOf(chanceBelow(w, 10));
  e.health = 100;
  e.cooldown = chanceBelow(w, 10);
  e.target = chanceBelow(w, count);
}

function tick(w) {
  for (const e of w.entities) {
    steer(w, e);
    move(e);
    attack(w, e);
    if (e.health <= 0) {
      w.kills += 1;
      respawn(w, e);
    }
  }
}

function newEntity() {
  return { x: 0.5, y: 0.5, vx: 0.5, vy: 0.5, kind: wanderer, health: 100, cooldown: 0, target: 0 };
}

function checksum(w) {
  let sum = w.kills * 1000000;
  for (const e of w.entities)
    sum += Math.floor(e.x) * 7 + Math.floor(e.y) * 13 + e.health + e.cooldown + e.target;
  return sum;
}

function play() {
  const w = { seed: 42, kills: 0, entities: [] };
  for (let i = 0; i < count; i++) {
    const e = newEntity();
    respawn(w, e);
    w.entities.push(e);
  }
  for (let i = 0; i < ticks; i++) tick(w);
  return checksum(w);
}

const rounds = Number(process.argv[2] ?? 1);
for (let i = 0; i < rounds; i++) console.log(String(play()));
