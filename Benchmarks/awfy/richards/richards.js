// Martin Richards' simulation of an operating system's kernel: six tasks pass packets to each other.

"use strict";

const idler = 0, worker = 1, handlerA = 2, handlerB = 3, deviceA = 4, deviceB = 5;
const device = 0, work = 1;
const dataSize = 4;

class Packet {
  constructor(link, identity, kind) {
    this.link = link;
    this.identity = identity;
    this.kind = kind;
    this.datum = 0;
    this.data = new Array(dataSize).fill(0);
  }
}

// The queue with the packet at its end.
function append(packet, queue) {
  packet.link = null;
  if (queue === null) return packet;
  let last = queue;
  while (last.link !== null) last = last.link;
  last.link = packet;
  return queue;
}

class Task {
  constructor(link, identity, priority, input, running, act) {
    this.link = link;
    this.identity = identity;
    this.priority = priority;
    this.input = input;
    this.packetPending = input !== null;
    this.waiting = !running;
    this.holding = false;
    this.act = act;
  }

  isHoldingOrWaiting() {
    return this.holding || (!this.packetPending && this.waiting);
  }

  isWaitingWithPacket() {
    return this.packetPending && this.waiting && !this.holding;
  }

  takePacket() {
    const message = this.input;
    this.input = message.link;
    this.packetPending = this.input !== null;
    this.waiting = false;
    this.holding = false;
    return message;
  }

  // Answers which task is next.
  run() {
    return this.act(this.isWaitingWithPacket() ? this.takePacket() : null);
  }

  // Answers who goes on: the receiver, if it is more urgent.
  addInput(packet, current) {
    if (this.input === null) {
      this.input = packet;
      this.packetPending = true;
      if (this.priority > current.priority) return this;
    } else {
      this.input = append(packet, this.input);
    }
    return current;
  }
}

class Scheduler {
  constructor() {
    this.tasks = null;
    this.current = null;
    this.currentIdentity = 0;
    this.table = new Array(6).fill(null);
    this.queued = 0;
    this.held = 0;
  }

  findTask(identity) {
    const task = this.table[identity];
    if (task === null) throw new Error("no such task");
    return task;
  }

  hold() {
    this.held++;
    this.current.holding = true;
    return this.current.link;
  }

  wait() {
    this.current.waiting = true;
    return this.current;
  }

  release(identity) {
    const task = this.findTask(identity);
    task.holding = false;
    return task.priority > this.current.priority ? task : this.current;
  }

  queuePacket(packet) {
    const task = this.findTask(packet.identity);
    this.queued++;
    packet.link = null;
    packet.identity = this.currentIdentity;
    return task.addInput(packet, this.current);
  }

  schedule() {
    this.current = this.tasks;
    while (this.current !== null) {
      const task = this.current;
      if (task.isHoldingOrWaiting()) {
        this.current = task.link;
      } else {
        this.currentIdentity = task.identity;
        this.current = task.run();
      }
    }
  }

  addTask(identity, priority, input, running, act) {
    this.tasks = new Task(this.tasks, identity, priority, input, running, act);
    this.table[identity] = this.tasks;
  }

  // What the tasks do. Each has its data in its closure.

  addIdler() {
    let control = 1, count = 10000;
    this.addTask(idler, 0, null, true, () => {
      count--;
      if (count === 0) return this.hold();
      if ((control & 1) === 0) {
        control >>= 1;
        return this.release(deviceA);
      }
      control = (control >> 1) ^ 53256;
      return this.release(deviceB);
    });
  }

  addWorker(input) {
    let destination = handlerA, count = 0;
    this.addTask(worker, 1000, input, false, (packet) => {
      if (packet === null) return this.wait();
      destination = destination === handlerA ? handlerB : handlerA;
      packet.identity = destination;
      packet.datum = 0;
      for (let i = 0; i < dataSize; i++) {
        count++;
        if (count > 26) count = 1;
        packet.data[i] = 64 + count;
      }
      return this.queuePacket(packet);
    });
  }

  addHandler(identity, priority, input) {
    let workIn = null, deviceIn = null;
    this.addTask(identity, priority, input, false, (arrived) => {
      if (arrived !== null) {
        if (arrived.kind === work) workIn = append(arrived, workIn);
        else deviceIn = append(arrived, deviceIn);
      }
      const packet = workIn;
      if (packet === null) return this.wait();
      const count = packet.datum;
      if (count >= dataSize) {
        workIn = packet.link;
        return this.queuePacket(packet);
      }
      const free = deviceIn;
      if (free === null) return this.wait();
      deviceIn = free.link;
      free.datum = packet.data[count];
      packet.datum = count + 1;
      return this.queuePacket(free);
    });
  }

  addDevice(identity, priority) {
    let pending = null;
    this.addTask(identity, priority, null, false, (arrived) => {
      if (arrived !== null) {
        pending = arrived;
        return this.hold();
      }
      const packet = pending;
      if (packet === null) return this.wait();
      pending = null;
      return this.queuePacket(packet);
    });
  }
}

function devicePackets(identity) {
  let queue = null;
  for (let i = 0; i < 3; i++) queue = new Packet(queue, identity, device);
  return queue;
}

// The scheduler when all is done: it knows how many packets were queued, and how often a task was held.
function richards() {
  const s = new Scheduler();
  s.addIdler();
  s.addWorker(new Packet(new Packet(null, worker, work), worker, work));
  s.addHandler(handlerA, 2000, devicePackets(deviceA));
  s.addHandler(handlerB, 3000, devicePackets(deviceB));
  s.addDevice(deviceA, 4000);
  s.addDevice(deviceB, 5000);
  s.schedule();
  return s;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
for (let i = 0; i < iterations * inner; i++) {
  const { queued, held } = richards();
  if (queued !== 23246 || held !== 9297) throw new Error(`wrong counts: ${queued}, ${held}`);
}
console.log("Richards verified");
