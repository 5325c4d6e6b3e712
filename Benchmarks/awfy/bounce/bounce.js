// A hundred balls bounce in a box; counts the bounces of fifty rounds.

"use strict";

class Random {
  constructor() { this.seed = 74755; }

  next() {
    this.seed = (this.seed * 1309 + 13849) & 65535;
    return this.seed;
  }
}

const limit = 500;

class Ball {
  constructor(random) {
    this.x = random.next() % limit;
    this.y = random.next() % limit;
    this.xSpeed = random.next() % 300 - 150;
    this.ySpeed = random.next() % 300 - 150;
  }

  // Moves the ball; answers whether it met a wall.
  bounce() {
    let bounced = false;
    this.x += this.xSpeed;
    this.y += this.ySpeed;
    if (this.x > limit) {
      this.x = limit;
      this.xSpeed = -Math.abs(this.xSpeed);
      bounced = true;
    }
    if (this.x < 0) {
      this.x = 0;
      this.xSpeed = Math.abs(this.xSpeed);
      bounced = true;
    }
    if (this.y > limit) {
      this.y = limit;
      this.ySpeed = -Math.abs(this.ySpeed);
      bounced = true;
    }
    if (this.y < 0) {
      this.y = 0;
      this.ySpeed = Math.abs(this.ySpeed);
      bounced = true;
    }
    return bounced;
  }
}

function bounces() {
  const random = new Random();
  const balls = [];
  for (let i = 0; i < 100; i++) balls.push(new Ball(random));
  let count = 0;
  for (let round = 0; round < 50; round++)
    for (const ball of balls)
      if (ball.bounce()) count++;
  return count;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++)
  if (bounces() !== 1331) throw new Error("wrong number of bounces");
console.log("Bounce verified");
